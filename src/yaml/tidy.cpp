#include "yaml/tidy.hpp"

#include <algorithm>

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
    for (size_t i = 0; i + 1 < map.entries.size(); ++i) {
        Node& value = map.entries[i].value;
        if (!plain(value) || open_brackets(value.text.text) <= 0) continue;
        std::string whole = value.text.text;
        size_t next = i + 1;
        while (next < map.entries.size() && open_brackets(whole) > 0 && plain(map.entries[next].key) &&
               map.entries[next].value.kind == Node::Kind::empty) {
            whole += ", " + map.entries[next].key.text.text;
            ++next;
        }
        if (next == i + 1) continue;
        report_comma(value, whole, diagnostics);
        value.text.text = whole;
        value.joined = true;
        value.end = map.entries[next - 1].key.end;
        auto first = map.entries.begin() + static_cast<ptrdiff_t>(i) + 1;
        map.entries.erase(first, map.entries.begin() + static_cast<ptrdiff_t>(next));
    }
}

void join_items(Node& list, Diagnostics& diagnostics) {
    for (size_t i = 0; i + 1 < list.items.size(); ++i) {
        if (!plain(list.items[i]) || open_brackets(list.items[i].text.text) <= 0) continue;
        std::string whole = list.items[i].text.text;
        size_t next = i + 1;
        while (next < list.items.size() && open_brackets(whole) > 0 && plain(list.items[next])) {
            whole += ", " + list.items[next++].text.text;
        }
        if (open_brackets(whole) != 0) continue;
        report_comma(list.items[i], whole, diagnostics);
        list.items[i].text.text = whole;
        list.items[i].joined = true;
        list.items[i].end = list.items[next - 1].end;
        auto first = list.items.begin() + static_cast<ptrdiff_t>(i) + 1;
        list.items.erase(first, list.items.begin() + static_cast<ptrdiff_t>(next));
    }
}

// Reports what is wrong with one entry; false when it must be cut.
bool check_entry(const Node& map, size_t index, Diagnostics& diagnostics) {
    const auto& [key, value] = map.entries[index];
    if (key.kind != Node::Kind::scalar) {
        if (!key.reported)
            diagnostics.error("yaml.key.type", key.span, "a key is a text, not a list, a mapping or nothing",
                              "quote it");
        return false;
    }
    const std::string& name = key.text.text;
    if (name == "<<" && !key.text.quoted) {
        diagnostics.error("yaml.merge_key", key.span, "YAML merge keys ('<<') are not part of the language",
                          "write the keys out");
        return false;
    }
    for (size_t i = 0; i < index; ++i) {
        const Node& other = map.entries[i].key;
        if (other.text.text != name || other.kind != Node::Kind::scalar) continue;
        Diagnostic& diagnostic = diagnostics.error("yaml.duplicate_key", key.span,
                                                   fmt::format("'{}' stands here twice", name), "keep one of them");
        diagnostic.notes.push_back({other.span, "first written here"});
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
        for (size_t i = 0; i < node.entries.size(); ++i) good.push_back(check_entry(node, i, diagnostics));
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
