#include "yaml/reader.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "yaml/parse.hpp"
#include "yaml/syntax.hpp"

namespace leat::yaml {

namespace {

const char* kind_name(const Node& node) {
    switch (node.kind) {
        case Node::Kind::scalar:
            return "a text";
        case Node::Kind::list:
            return "a list";
        case Node::Kind::map:
            return "a mapping";
        case Node::Kind::empty:
            break;
    }
    return "nothing";
}

bool integer_text(std::string_view text) {
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
    return !text.empty() && text.size() <= 18 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Line ends that YAML folds away are white space to FEEL: kept, so that a place in the expression is a place in the
// file.
void unfold(Text& text, const std::vector<Node::Line>& lines) {
    if (lines.empty()) return;
    text.text.clear();
    text.line_starts.clear();
    text.escapes.clear();
    for (const Node::Line& line : lines) {
        if (!text.line_starts.empty()) text.text += '\n';
        text.text += line.text;
        text.line_starts.push_back(line.begin);
    }
}

void trim_end(Text& text) {
    while (!text.text.empty() && (text.text.back() == '\n' || text.text.back() == ' ')) text.text.pop_back();
}

// Cuts the leading "=" and the spaces behind it; false when there is none.
bool cut_equals(Text& text) {
    size_t first = text.text.find_first_not_of(" \n");
    if (first == std::string::npos || text.text[first] != '=') return false;
    size_t begin = text.text.find_first_not_of(' ', first + 1);
    if (begin == std::string::npos) begin = text.text.size();
    Span whole = text.span;
    text = cut(text, begin, text.text.size() - begin);
    text.span.end = whole.end;
    return true;
}

}  // namespace

Text cut(const Text& text, size_t begin, size_t size) {
    Text part;
    part.text = text.text.substr(begin, size);
    part.quoted = text.quoted;
    part.span = text.at(begin, begin + size);
    for (uint32_t escape : text.escapes) {
        if (escape >= begin && escape < begin + size) part.escapes.push_back(escape - static_cast<uint32_t>(begin));
    }
    if (text.line_starts.empty()) return part;
    auto line =
        static_cast<size_t>(std::count(text.text.begin(), text.text.begin() + static_cast<ptrdiff_t>(begin), '\n'));
    part.line_starts.push_back(part.span.begin);
    for (size_t i = line + 1; i < text.line_starts.size(); ++i) part.line_starts.push_back(text.line_starts[i]);
    return part;
}

void Reader::wrong_shape(const Node& node, std::string_view key, std::string_view wanted, std::string hint) {
    error("yaml.type", node.span, fmt::format("'{}' wants {}, not {}", key, wanted, kind_name(node)), std::move(hint));
}

bool Reader::is_map(const Node& node, std::string_view key) {
    if (node.kind == Node::Kind::map) return true;
    wrong_shape(node, key, "a mapping (name: value)");
    return false;
}

bool Reader::is_list(const Node& node, std::string_view key) {
    if (node.kind == Node::Kind::list) return true;
    wrong_shape(node, key, "a list", "begin each item with '- ', or write [ … ]");
    return false;
}

std::vector<const Node*> Reader::one_or_list(const Node& node) {
    std::vector<const Node*> items;
    if (node.kind != Node::Kind::list) return {&node};
    for (const Node& item : node.items) items.push_back(&item);
    return items;
}

Text Reader::text(const Node& node, std::string_view key) {
    if (node.kind == Node::Kind::scalar) return node.text;
    wrong_shape(node, key, "a text", node.flow ? "quote it if it is one" : "");
    return {};
}

Text Reader::boolean(const Node& node, std::string_view key) {
    Text value = text(node, key);
    if (value.empty() || value.text == "true" || value.text == "false") return value;
    static const std::vector<std::pair<std::string_view, std::string_view>> kMeant = {
        {"yes", "true"},    {"Yes", "true"},    {"on", "true"},  {"True", "true"}, {"TRUE", "true"},
        {"1", "true"},      {"是", "true"},     {"no", "false"}, {"No", "false"},  {"off", "false"},
        {"False", "false"}, {"FALSE", "false"}, {"0", "false"},  {"否", "false"}};
    std::string hint = "write 'true' or 'false'";
    for (auto [written, meant] : kMeant) {
        if (value.text == written) hint = fmt::format("write '{}'", meant);
    }
    error("yaml.boolean", value.span, fmt::format("'{}' is true or false, not '{}'", key, value.text), hint);
    return {};
}

Text Reader::integer(const Node& node, std::string_view key) {
    Text value = text(node, key);
    if (value.empty() || integer_text(value.text)) return value;
    error("yaml.integer", value.span, fmt::format("'{}' is a whole number, not '{}'", key, value.text));
    return {};
}

Text Reader::word(const Node& node, std::string_view key, const std::vector<std::string>& words) {
    Text value = text(node, key);
    if (value.empty() || std::find(words.begin(), words.end(), value.text) != words.end()) return value;
    unknown(value, "yaml.word.unknown", fmt::format("'{}'", key), words);
    return {};
}

Text Reader::feel(const Node& node, std::string_view key) {
    if (node.kind != Node::Kind::scalar) {
        wrong_shape(node, key, "a FEEL expression",
                    node.flow ? "quote this value: a FEEL list or context in brackets is YAML's without quotes" : "");
        return {};
    }
    Text value = node.text;
    unfold(value, node.lines);
    trim_end(value);
    cut_equals(value);
    if (value.text.empty())
        error("yaml.empty_value", node.span, fmt::format("'{}' has no expression", key),
              "write one, or remove the key");
    return value;
}

model::Operand Reader::operand(const Node& node, std::string_view key) {
    model::Operand operand;
    if (node.kind != Node::Kind::scalar) {
        wrong_shape(node, key, "a value, or an expression that begins with '='",
                    node.flow ? "quote an expression that has brackets" : "");
        return operand;
    }
    size_t first = node.text.text.find_first_not_of(" \n");
    if (first != std::string::npos && node.text.text[first] == '=') {
        operand.text = feel(node, key);
        operand.is_expression = true;
    } else {
        operand.text = node.text;
    }
    return operand;
}

static bool is_language(std::string_view code) {
    return code.size() >= 2 && code.size() <= 12 && code[0] >= 'a' && code[0] <= 'z' && code[1] >= 'a' &&
           code[1] <= 'z' && std::all_of(code.begin(), code.end(), [](char c) {
               return c == '-' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
           });
}

Text Reader::language(const Node& node) {
    if (node.kind == Node::Kind::scalar && is_language(node.text.text)) return node.text;
    if (node.kind == Node::Kind::scalar)
        error("yaml.language", node.span, fmt::format("'{}' is not a language code", node.text.text),
              "write 'texts: en' and below it a line 'path: text' for each text");
    else
        wrong_shape(node, "texts", "a language", "write 'texts: en' and below it a line 'path: text' for each text");
    return {};
}

model::Localized Reader::localized(const Node& node, std::string_view key) {
    model::Localized out;
    if (node.kind == Node::Kind::scalar) {
        out.texts.emplace_back("", node.text);
        return out;
    }
    if (node.kind != Node::Kind::map) {
        wrong_shape(node, key, "a text, or a mapping of language to text", node.flow ? "quote it if it is a text" : "");
        return out;
    }
    for (const auto& [language, value] : node.entries) {
        const std::string& code = language.text.text;
        if (!is_language(code)) {
            error("yaml.language", language.span, fmt::format("'{}' is not a language code", code),
                  fmt::format("'{}' is a text, or texts by language: {{zh: …, en: …}}", key));
            continue;
        }
        Text value_text = text(value, code);
        if (!value_text.empty()) out.texts.emplace_back(code, std::move(value_text));
    }
    return out;
}

std::vector<Text> Reader::names(const Node& node, std::string_view key) {
    std::vector<Text> out;
    if (node.kind == Node::Kind::map) {
        wrong_shape(node, key, "a name or a list of names");
        return out;
    }
    for (const Node* item : one_or_list(node)) {
        Text name = text(*item, key);
        if (name.empty()) continue;
        auto [found, meant] = find_full_width(name.text);
        if (!found.empty() && !name.quoted) {
            size_t at = name.text.find(found);
            error("yaml.full_width", name.at(at, at + found.size()), fmt::format("'{}' is a full-width sign", found),
                  fmt::format("write '{}'", meant));
            continue;
        }
        out.push_back(std::move(name));
    }
    return out;
}

void Reader::unknown(const Text& name, std::string_view code, std::string_view what,
                     const std::vector<std::string>& known) {
    auto [found, meant] = find_full_width(name.text);
    if (!found.empty()) {
        size_t at = name.text.find(found);
        error("yaml.full_width", name.at(at, at + found.size()), fmt::format("'{}' is a full-width sign", found),
              fmt::format("write '{}'", meant));
        return;
    }
    std::string near = base::nearest(name.text, known);
    std::string hint;
    if (!near.empty()) {
        hint = fmt::format("did you mean '{}'?", near);
    } else if (known.size() <= 40) {
        hint = fmt::format("known: {}", fmt::join(known, ", "));
    }
    error(std::string(code), name.span, fmt::format("{} does not know '{}'", what, name.text), std::move(hint));
}

void Reader::not_built(Span span, std::string_view what) {
    error("yaml.not_built", span, fmt::format("{} not built in this version of Leat", what), "remove it");
}

std::string Reader::join_path(const std::string& from, const std::string& path) {
    if (!path.empty() && path[0] == '/') return path;
    size_t slash = from.rfind('/');
    std::string joined = slash == std::string::npos ? path : from.substr(0, slash + 1) + path;
    std::vector<std::string> parts;
    for (size_t at = 0; at <= joined.size();) {
        size_t end = std::min(joined.find('/', at), joined.size());
        std::string part = joined.substr(at, end - at);
        if (part == ".." && !parts.empty() && parts.back() != ".." && !parts.back().empty()) {
            parts.pop_back();
        } else if (part != "." && !(part.empty() && at > 0)) {
            parts.push_back(std::move(part));
        }
        at = end + 1;
    }
    return fmt::format("{}", fmt::join(parts, "/"));
}

uint32_t Reader::open_file(const Text& path) {
    const std::string from = sources_.name(path.span.source);
    std::optional<std::string> content;
    if (files_) content = files_(from, path.text);
    if (!content) {
        error("yaml.file.missing", path.span, fmt::format("there is no file '{}'", path.text),
              fmt::format("paths are relative to the file that names them ({})", from));
        return 0;
    }
    if (content->size() > limits_.source_bytes_max) {
        error("limit.size", path.span,
              fmt::format("'{}' has {} bytes; a definition file may have {}", path.text, content->size(),
                          limits_.source_bytes_max));
        return 0;
    }
    return sources_.add(join_path(from, path.text), normalize(*content));
}

}  // namespace leat::yaml
