#include "yaml/keys.hpp"

#include <fmt/format.h>

namespace leat::yaml {

namespace schema {

std::string ref(std::string_view definition) {
    return fmt::format("{{\"$ref\":\"#/$defs/{}\"}}", definition);
}
std::string map_of(std::string_view definition) {
    return fmt::format("{{\"type\":\"object\",\"additionalProperties\":{}}}", ref(definition));
}
std::string list_of(std::string_view definition) {
    return fmt::format("{{\"type\":\"array\",\"items\":{}}}", ref(definition));
}
std::string one_or_list_of(std::string_view definition) {
    return any_of({ref(definition), list_of(definition)});
}
std::string any_of(const std::vector<std::string>& schemas) {
    return fmt::format("{{\"anyOf\":[{}]}}", fmt::join(schemas, ","));
}
std::string words(const std::vector<std::string>& words) {
    return fmt::format("{{\"enum\":[\"{}\"]}}", fmt::join(words, "\",\""));
}

}  // namespace schema

void not_a_map(Reader& reader, const Node& node, std::string_view what) {
    reader.error(
        "yaml.type", node.span,
        fmt::format("{} is a mapping (key: value), not {}", what, node.kind == Node::Kind::list ? "a list" : "a text"),
        node.kind == Node::Kind::scalar ? "" : "remove the '[ ]' or the dashes");
}

std::vector<int> match_keys(Reader& reader, const Node& node, std::string_view what,
                            const std::vector<const KeyInfo*>& keys) {
    std::vector<int> matches;
    std::vector<bool> seen(keys.size(), false);
    for (const auto& [key, value] : node.entries) {
        int match = -1;
        for (size_t i = 0; i < keys.size(); ++i) {
            if (keys[i]->name == key.text.text) match = static_cast<int>(i);
        }
        if (match < 0) {
            std::vector<std::string> known;
            for (const KeyInfo* info : keys) {
                if (info->built) known.push_back(info->name);
            }
            reader.unknown(key.text, "yaml.key.unknown", what, known);
        } else {
            seen[static_cast<size_t>(match)] = true;
            if (!keys[static_cast<size_t>(match)]->built) {
                reader.not_built(key.span, fmt::format("'{}' of {} is", key.text.text, what));
                match = -1;
            }
        }
        matches.push_back(match);
    }
    for (size_t i = 0; i < keys.size(); ++i) {
        if (!keys[i]->required || seen[i] || node.damaged) continue;
        Span span = node.entries.empty() ? node.span : node.entries.front().key.span;
        reader.error("yaml.key.missing", span, fmt::format("{} needs '{}'", what, keys[i]->name));
    }
    return matches;
}

}  // namespace leat::yaml
