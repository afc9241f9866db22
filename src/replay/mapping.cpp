#include <fmt/format.h>

#include <charconv>

#include "replay/log.hpp"
#include "yaml/parse.hpp"

namespace leat::replay {

namespace {

using yaml::Node;

class MappingReader {
 public:
    explicit MappingReader(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

    Mapping read(const Node& document) {
        if (document.kind != Node::Kind::map) {
            wrong(document.span, "a mapping is keys and values");
            return out_;
        }
        for (const yaml::Entry& entry : document.entries) key(entry.key, entry.value);
        return std::move(out_);
    }

 private:
    void wrong(const Span& span, std::string message) {
        diagnostics_.error(
            "replay.mapping", span, std::move(message),
            "known: case, activity, time, time_format, lifecycle, events, fields, payload, ignore, silent, end, "
            "complete, repeats, grouped, deviations_max");
    }

    void key(const Node& key, const Node& value) {
        const std::string& name = key.text.text;
        if (std::string* text = text_key(name)) {
            scalar(value, name, *text);
        } else if (bool* flag = flag_key(name)) {
            boolean(value, name, *flag);
        } else if (name == "ignore" || name == "silent") {
            list(value, name, name == "ignore" ? out_.ignore : out_.silent);
        } else if (name == "events" || name == "fields" || name == "payload") {
            pairs(value, name, name == "events" ? out_.events : name == "fields" ? out_.fields : out_.payload);
        } else if (name == "repeats") {
            std::string word;
            scalar(value, name, word);
            if (word != "collapse" && word != "keep") wrong(value.span, "'repeats' is keep or collapse");
            out_.collapse = word == "collapse";
        } else if (name == "deviations_max") {
            std::string word;
            scalar(value, name, word);
            auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), out_.deviations_max);
            if (error != std::errc() || end != word.data() + word.size())
                wrong(value.span, "'deviations_max' is a whole number");
        } else {
            wrong(key.span, fmt::format("a mapping does not know '{}'", name));
        }
    }

    std::string* text_key(const std::string& name) {
        if (name == "case") return &out_.columns.case_id;
        if (name == "activity") return &out_.columns.activity;
        if (name == "time") return &out_.columns.time;
        if (name == "time_format") return &out_.columns.time_format;
        if (name == "lifecycle") return &out_.columns.lifecycle;
        if (name == "end") return &out_.end;
        return nullptr;
    }
    bool* flag_key(const std::string& name) {
        if (name == "complete") return &out_.complete;
        if (name == "grouped") return &out_.grouped;
        return nullptr;
    }

    void scalar(const Node& value, const std::string& name, std::string& out) {
        if (value.kind != Node::Kind::scalar || value.text.text.empty())
            wrong(value.span, fmt::format("'{}' is a text", name));
        out = value.text.text;
    }
    void boolean(const Node& value, const std::string& name, bool& out) {
        bool yes = value.text.text == "true";
        if (value.kind != Node::Kind::scalar || (!yes && value.text.text != "false"))
            wrong(value.span, fmt::format("'{}' is true or false", name));
        out = yes;
    }
    void list(const Node& value, const std::string& name, std::vector<std::string>& out) {
        if (value.kind != Node::Kind::list) wrong(value.span, fmt::format("'{}' is a list of texts", name));
        for (const Node& item : value.items) scalar(item, name, out.emplace_back());
    }
    void pairs(const Node& value, const std::string& name, std::vector<std::pair<std::string, std::string>>& out) {
        if (value.kind != Node::Kind::map)
            wrong(value.span, name == "events" ? "'events' says for each activity which event it is"
                                               : fmt::format("'{}' says for each field which column holds it", name));
        for (const yaml::Entry& entry : value.entries) {
            out.emplace_back(entry.key.text.text, "");
            scalar(entry.value, entry.key.text.text, out.back().second);
        }
    }

    Diagnostics& diagnostics_;
    Mapping out_;
};

}  // namespace

Result<Mapping> read_mapping(std::string_view text) {
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return Mapping();
    base::Sources sources;
    uint32_t source = sources.add("mapping", yaml::normalize(text));
    Diagnostics diagnostics;
    auto documents = yaml::parse(sources, source, Limits(), diagnostics);
    Mapping mapping;
    if (documents.size() == 1)
        mapping = MappingReader(diagnostics).read(documents.front());
    else if (diagnostics.error_count() == 0)
        diagnostics.error("replay.mapping", {source, {1, 1}, {1, 1}}, "a mapping is one YAML document");
    if (diagnostics.error_count() == 0) return mapping;
    std::string what;
    for (const Diagnostic& one : diagnostics.all()) what += "\n" + base::format(one, sources);
    while (!what.empty() && what.back() == '\n') what.pop_back();
    Error error = make_error(Status::usage, "replay.mapping", "the mapping has mistakes:" + what);
    return error;
}

}  // namespace leat::replay
