#include "yaml/tidy.hpp"

#include <string_view>
#include <unordered_map>

#include <fmt/format.h>

#include "yaml/syntax.hpp"

namespace leat::yaml {

namespace {

bool plain(const Node& node) {
    return node.kind == Node::Kind::scalar && node.style == Node::Style::plain;
}

void report_comma(const Node& broken, const std::string& whole, Diagnostics& diagnostics) {
    diagnostics.error(
        "yaml.unquoted_comma", broken.span,
        fmt::format("inside {{…}} and […] a comma ends a plain value, so this one is only '{}'", broken.text.text),
        fmt::format("quote it: {}", whole.find('"') == std::string::npos ? "\"" + whole + "\"" : "'" + whole + "'"));
}

// In {by: = f(a, b), x: 1} YAML sees the keys by, "b)" and x. Puts "= f(a, b)" together again.
void join_entries(Node& map, Diagnostics& diagnostics) {
    std::vector<Entry> joined;
    for (size_t i = 0; i < map.entries.size(); ++i) {
        Node& value = map.entries[i].value;
        std::string whole = value.text.text;
        size_t next = i + 1;
        if (plain(value) && open_brackets(whole) > 0) {
            for (int open = open_brackets(whole); next < map.entries.size() && open > 0; ++next) {
                const auto& [key, nothing] = map.entries[next];
                if (!plain(key) || nothing.kind != Node::Kind::empty) break;
                whole += ", " + key.text.text;
                open += open_brackets(key.text.text);
            }
        }
        if (next > i + 1) {
            report_comma(value, whole, diagnostics);
            value.text.text = whole;
            value.joined = true;
            value.end = map.entries[next - 1].key.end;
        }
        joined.push_back(std::move(map.entries[i]));
        i = next - 1;
    }
    map.entries = std::move(joined);
}

void join_items(Node& list, Diagnostics& diagnostics) {
    std::vector<Node> joined;
    for (size_t i = 0; i < list.items.size(); ++i) {
        Node& item = list.items[i];
        std::string whole = item.text.text;
        size_t next = i + 1;
        int open = plain(item) ? open_brackets(whole) : 0;
        while (open > 0 && next < list.items.size() && plain(list.items[next])) {
            whole += ", " + list.items[next].text.text;
            open += open_brackets(list.items[next++].text.text);
        }
        if (next > i + 1 && open == 0) {
            report_comma(item, whole, diagnostics);
            item.text.text = whole;
            item.joined = true;
            item.end = list.items[next - 1].end;
        } else {
            next = i + 1;
        }
        joined.push_back(std::move(item));
        i = next - 1;
    }
    list.items = std::move(joined);
}

// Reports what is wrong with one entry; false when it must be cut.
bool check_entry(const Node& map, size_t index, std::unordered_map<std::string_view, size_t>& seen,
                 Diagnostics& diagnostics) {
    const auto& [key, value] = map.entries[index];
    if (key.kind != Node::Kind::scalar) {
        if (!key.reported) {
            diagnostics.error("yaml.key.type", key.span, "a key is a text, not a list, a mapping or nothing",
                              "quote it");
        }
        return false;
    }
    const std::string& name = key.text.text;
    if (name == "<<" && !key.text.quoted) {
        diagnostics.error("yaml.merge_key", key.span, "YAML merge keys ('<<') are not part of the language",
                          "write the keys out");
        return false;
    }
    if (auto [first, added] = seen.emplace(name, index); !added) {
        Diagnostic& diagnostic = diagnostics.error("yaml.duplicate_key", key.span,
                                                   fmt::format("'{}' stands here twice", name), "keep one of them");
        diagnostic.notes.push_back({map.entries[first->second].key.span, "first written here"});
        return false;
    }
    if (value.kind != Node::Kind::empty) return true;
    if (value.reported) return false;
    auto [found, meant] = find_full_width(name);
    if (!found.empty()) {
        size_t at = name.find(found);
        diagnostics.error("yaml.full_width", key.text.at(at, at + found.size()),
                          fmt::format("'{}' is a full-width sign", found), fmt::format("write '{}'", meant));
    } else if (map.flow && !value.colon && index > 0 && plain(map.entries[index - 1].value)) {
        diagnostics.error("yaml.empty_value", key.span, fmt::format("'{}' has no value", name),
                          "a comma ended the value before it; quote that value if this belongs to it");
    } else {
        diagnostics.error("yaml.empty_value", key.span, fmt::format("'{}' has no value", name),
                          "give it one, or remove the key; '{}' is an empty mapping and '[]' an empty list");
    }
    return false;
}

}  // namespace

void clean(Node& node, Diagnostics& diagnostics) {
    if (node.kind == Node::Kind::map) {
        if (node.flow) join_entries(node, diagnostics);
        std::vector<Entry> kept;
        std::vector<bool> good;
        std::unordered_map<std::string_view, size_t> seen;
        for (size_t i = 0; i < node.entries.size(); ++i) good.push_back(check_entry(node, i, seen, diagnostics));
        for (size_t i = 0; i < node.entries.size(); ++i) {
            if (good[i]) kept.push_back(std::move(node.entries[i]));
        }
        node.damaged = kept.size() < node.entries.size();
        node.entries = std::move(kept);
        for (auto& entry : node.entries) clean(entry.value, diagnostics);
    }
    if (node.kind == Node::Kind::list) {
        if (node.flow) join_items(node, diagnostics);
        std::vector<Node> kept;
        for (Node& item : node.items) {
            if (item.kind == Node::Kind::empty) {
                if (!item.reported)
                    diagnostics.error("yaml.empty_value", item.span, "a list item is empty",
                                      "remove it or give it a value");
                continue;
            }
            clean(item, diagnostics);
            kept.push_back(std::move(item));
        }
        node.items = std::move(kept);
    }
}

}  // namespace leat::yaml
