// A table's input cell as plain comparisons with constants. Inside this room only.
//
// Most cells of most tables are `-`, a literal, a comparison with one, a range of them, or a list of such tests. They
// are read here once, either straight from their text (the commonest shapes, without a parser, so that a hundred
// thousand rows load quickly) or from the tree that feel has typed. What is neither stays with feel's machine.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/arena.hpp"
#include "feel/ast.hpp"
#include "feel/type.hpp"
#include "value/value.hpp"

namespace leat::decision {

enum class Comparison : uint8_t { equal, not_equal, less, less_equal, greater, greater_equal, range };

struct Test {
    Comparison comparison = Comparison::equal;
    bool low_closed = false, high_closed = false;  // of a range
    Value a, b;                                    // b: a range's high end
};

struct PlainCell {
    bool any = false;
    bool negated = false;  // not(…)
    std::vector<Test> tests;

    void clear() {
        any = negated = false;
        tests.clear();
    }
};

// From the text: only what is certainly right in a column of that type; everything else is left to feel, which also
// finds the words for what is wrong.
bool read_plain(std::string_view text, feel::TypeRef type, Arena& arena, PlainCell& out);
// From feel's typed tree of a cell. False when some test is not a comparison with a constant.
bool plain_of(const feel::ast::Node& root, Arena& arena, PlainCell& out);
// A number or a simple text as an output.
std::optional<Value> read_literal(std::string_view text, feel::TypeRef type, Arena& arena);

}  // namespace leat::decision
