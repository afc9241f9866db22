// Node: one YAML value with its exact place; what the section readers read.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"

namespace leat::yaml {

struct Entry;

struct Node {
    enum class Kind : uint8_t { empty, scalar, list, map };
    // How a scalar was written: its escapes and folds decide where a character of it stands.
    enum class Style : uint8_t { plain, single_quoted, double_quoted, literal, folded };
    struct Line {
        std::string text;
        base::Position begin;
    };

    Kind kind = Kind::empty;
    Style style = Style::plain;
    bool flow = false;      // a list or map in brackets
    bool reported = false;  // stands for something that is an error already
    bool damaged = false;   // a map that lost an entry to an error, a text whose quote never closes
    bool colon = false;     // an empty value that follows "key:", not a bare key
    bool joined = false;    // a text put together again after an unquoted comma broke it
    size_t begin = 0;       // its bytes in the source
    size_t end = 0;
    Span span;
    Text text;                   // of a scalar
    std::vector<Line> lines;     // of a scalar whose line ends YAML folded into spaces, as written
    std::vector<Node> items;     // of a list
    std::vector<Entry> entries;  // of a map, in order

    const Node* find(std::string_view key) const;  // the value under a key of a map, or nullptr
};

struct Entry {
    Node key;
    Node value;
};

inline const Node* Node::find(std::string_view name) const {
    for (const Entry& entry : entries) {
        if (entry.key.text.text == name) return &entry.value;
    }
    return nullptr;
}

}  // namespace leat::yaml
