// The typed tree of an expression: what the parser builds, the checker types and query planning reads.
//
// Flat enough to read in one screen: one Node type, children in order. The machine never runs the tree.
#pragma once
#include <cstdint>
#include <string_view>

#include "feel/scope.hpp"
#include "feel/tree_memory.hpp"
#include "feel/type.hpp"
#include "value/value.hpp"

namespace leat::feel::ast {

enum class NodeKind : uint8_t {
    literal,  // constant
    name,     // binding (after checking); text is the name. A scope's name only: see local and item
    member,   // children[0].text; over a list it maps. A bare name in a filter is a member of an item node, and
              // children[1], if there is one, what it means where the item turns out to have no such member
    negate,   // -x
    add,
    subtract,
    multiply,
    divide,
    power,
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    logical_and,
    logical_or,
    between,  // x between low and high
    in,       // x in tests…; children[1…] are tests (ranges, unary comparisons, values)
    if_else,
    for_each,  // children: domains…, body; names are variables in slots index…, then `partial`
    some,
    every,   // children: domains…, condition; slots as in for_each
    filter,  // children[0][children[1]]; its item is slot `index`; has_query: records.X[…]
    index,   // children[0][number]
    call,    // text is a built-in's name; or children[0] is the callee when text is empty (a scope's function: a name)
    list,
    context,  // names are the keys; a last one "" is the result of a boxed context
    range,  // children low, high (a null literal with text "unbounded": none); closed flags. A for's a..b has text ".."
    unary_compare,        // in tests: op in `op`, child the operand; the input is implicit
    dash,                 // "-": any
    input,                // ?
    item,                 // the item of the filter whose index it has
    local,                // a name that the expression binds: for, some, every, function parameter; index is its slot
    instance_of,          // children[0] instance of the type `declared`, which `text` names
    function_definition,  // names are the parameters in slots index…; children[0] is the body
    coerce,               // children[0] as the type `declared` (feel/coerce.hpp)
    embedded,             // the host's part `index` (feel/parts.hpp); the checker makes it a call
};

// Nodes, their lists and texts stand in the tree's memory.
struct Node {
    explicit Node(TreeMemory& memory)
        : parameter_types(memory), names(memory), argument_names(memory), children(memory) {}
    NodeKind kind = NodeKind::literal;
    NodeKind op = NodeKind::equal;  // of unary_compare: equal … greater_equal
    bool by_index = false;          // of a member: of records or objects, so `index` finds it; else `text` does
    bool has_query = false;         // of a filter, or of a collection used whole: a CollectionQuery runs it
    bool low_closed = false, high_closed = false;
    bool strict = false;  // of a boxed conditional or filter: a condition that is no boolean makes the whole null
    uint16_t height = 1;  // of the tree below: bounded, since later stages recurse
    uint32_t begin = 0, end = 0;  // bytes of the source text
    uint32_t index = 0;  // of a member: its index in the row or object; of a local: its slot; of a call: built-in
    std::string_view text;
    Value constant;   // of a literal: points into the expression's arena
    Binding binding;  // of a name
    TypeRef type = nullptr;
    TypeRef declared = nullptr;
    TreeList<TypeRef> parameter_types;  // declared, of a function_definition; nullptr: any
    TreeList<std::string_view> names;
    TreeList<std::string_view> argument_names;  // of a call with named parameters
    TreeList<Node*> children;
};
static_assert(std::is_trivially_destructible_v<Node>);

}  // namespace leat::feel::ast
