// The typed tree of an expression: what the parser builds, the checker types and query planning reads.
//
// Flat enough to read in one screen: one Node type, children in order. The machine never runs the tree.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "feel/scope.hpp"
#include "feel/type.hpp"
#include "value/value.hpp"

namespace leat::feel::ast {

enum class NodeKind : uint8_t {
    literal,      // constant
    name,         // binding (after checking); text is the name
    member,       // children[0].text
    negate,       // -x
    add, subtract, multiply, divide, power,
    equal, not_equal, less, less_equal, greater, greater_equal,
    logical_and, logical_or,
    between,      // x between low and high
    in,           // x in tests…; children[1…] are tests (ranges, unary comparisons, values)
    if_else,
    for_each,     // children: domains…, body; names are variables
    some, every,  // children: domains…, condition
    filter,       // children[0][children[1]]; item binds
    index,        // children[0][number]
    call,         // text is a built-in's name; or children[0] is the callee when text is empty
    list,
    context,      // names are the keys
    range,        // children low, high (nullptr-kind literal null: unbounded); closed flags
    unary_compare,  // in tests: op in `op`, child the operand; the input is implicit
    dash,         // "-": any
    input,        // ?
    item,         // the item of the enclosing filter
    local,        // a name that the expression binds: for, some, every, function parameter; index is its slot
    instance_of,
    function_definition,
};

struct Node {
    NodeKind kind = NodeKind::literal;
    NodeKind op = NodeKind::equal;  // of unary_compare: equal … greater_equal
    uint32_t begin = 0, end = 0;    // bytes of the source text
    std::string text;
    Value constant;                 // of a literal: points into the expression's arena
    Binding binding;                // of a name
    uint32_t index = 0;             // of a member: its index in the row or object; of a local: its slot
    bool low_closed = false, high_closed = false;
    TypeRef type = nullptr;
    std::vector<std::string> names;
    std::vector<std::string> argument_names;  // of a call with named parameters
    std::vector<Node*> children;
};

}  // namespace leat::feel::ast
