#include "format/format.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "format/edits.hpp"
#include "format/indent.hpp"
#include "yaml/parse.hpp"

namespace leat::format {

using yaml::Node;

namespace {

std::vector<Node> parse(const std::string& text, const std::string& name, Sources& sources, Diagnostics& diagnostics) {
    uint32_t source = sources.add(name, text);
    return yaml::parse(sources, source, Limits{}, diagnostics);
}

// What a table says: its cells without the spaces around them, and no rules under the header.
std::string table_content(const std::string& text) {
    std::string out;
    for (size_t begin = 0; begin < text.size();) {
        size_t end = std::min(text.find('\n', begin), text.size());
        std::string line = text.substr(begin, end - begin);
        begin = end + 1;
        if (line.find_first_not_of(' ') == std::string::npos) continue;
        if (line.find_first_not_of("|-: ") == std::string::npos && line.find("--") != std::string::npos) continue;
        for (size_t i = 0; i < line.size(); ++i) {
            if (line[i] != ' ') {
                out += line[i];
                continue;
            }
            size_t next = line.find_first_not_of(' ', i);
            bool beside = out.empty() || out.back() == '|' || out.back() == '\n' || next == std::string::npos ||
                          line[next] == '|';
            if (!beside) out += ' ';
        }
        out += '\n';
    }
    return out;
}

bool same(const Node& a, const Node& b, bool table) {
    if (a.kind != b.kind || a.items.size() != b.items.size() || a.entries.size() != b.entries.size()) return false;
    if (a.kind == Node::Kind::scalar && a.text.text != b.text.text) {
        // A joined value is compared as it was written, before it was put together.
        bool equal = table ? table_content(a.text.text) == table_content(b.text.text) : a.joined;
        if (!equal) return false;
    }
    for (size_t i = 0; i < a.items.size(); ++i) {
        if (!same(a.items[i], b.items[i], false)) return false;
    }
    for (size_t i = 0; i < a.entries.size(); ++i) {
        const auto& [key, value] = a.entries[i];
        if (!same(key, b.entries[i].key, false) || !same(value, b.entries[i].value, is_table(a, key))) return false;
    }
    return true;
}

bool same(const std::vector<Node>& a, const std::vector<Node>& b) {
    if (a.size() != b.size()) return false;
    for (size_t i = 0; i < a.size(); ++i) {
        if (!same(a[i], b[i], false)) return false;
    }
    return true;
}

Error syntax_error(Diagnostics& diagnostics, const std::string& name) {
    Error error =
        make_error(Status::usage, "format.syntax", fmt::format("'{}' is not formatted, since it cannot be read", name));
    error.diagnostics = diagnostics.take();
    return error;
}

}  // namespace

Result<std::string> format(std::string_view yaml_text, const std::string& source_name) {
    std::string text = yaml::normalize(yaml_text);
    Sources sources;
    Diagnostics diagnostics;
    std::vector<Node> before = parse(text, source_name, sources, diagnostics);
    if (diagnostics.error_count() > Diagnostics::kMax) return syntax_error(diagnostics, source_name);
    for (const Diagnostic& diagnostic : diagnostics.all()) {
        if (diagnostic.severity == Severity::error && diagnostic.code != "yaml.unquoted_comma")
            return syntax_error(diagnostics, source_name);
    }
    std::string edited = edit_lines(text, before);
    Diagnostics again;
    std::vector<Node> between = parse(edited, source_name, sources, again);
    std::string result = indent_lines(edited, between);
    std::vector<Node> after = parse(result, source_name, sources, again);
    if (again.has_errors() || !same(before, after)) {
        return make_error(
            Status::internal, "format.changed",
            fmt::format("formatting '{}' would have changed what it says; it is left as it is", source_name));
    }
    return result;
}

}  // namespace leat::format
