// The compiled form of an expression: three-address code over registers.
//
// An operand names one of five spaces (registers, constants, the record's row, the frame's locals, a function's
// captures), so a field or a constant is read in place and `amount >= 1000` is a single instruction.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "feel/expression.hpp"
#include "feel/parser.hpp"
#include "feel/shortcut.hpp"
#include "value/value.hpp"

namespace leat::feel {

struct Operand {
    enum Space : uint32_t { registers = 0, constants = 1, row = 2, locals = 3, captures = 4 };
    uint32_t bits = 0;
    Operand() = default;
    Operand(Space space, uint32_t index) : bits(space << 29 | index) {}
    Space space() const { return static_cast<Space>(bits >> 29); }
    uint32_t index() const { return bits & 0x1fffffffu; }
};

enum class Op : uint8_t {
    give,           // the result is a
    move,           // dst = a
    self,           // dst = the frame's record
    jump,           // to c
    branch_unless,  // to c unless a is true
    branch_if,      // to c if a is true
    need_boolean,   // where a is neither boolean nor null, dst = null and to c
    and_left,       // if dst is false jump to c
    or_left,        // if dst is true jump to c
    logical_and,    // dst = a and b, three-valued
    logical_or,
    logical_not,  // dst = not(a)
    add,
    subtract,
    multiply,
    divide,
    power,
    negate,
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    between,       // dst = a between b and c (an operand); flag bits: 1 low end open, 2 high end open
    equal_item,    // dst = a equals the literal b of a list of tests: of another kind is false
    in_test,       // dst = a meets the test value b; flag: a boolean b is the answer itself
    range,         // dst = the range a, b; flag bits: 1 low closed, 2 high closed, 4 no low end, 8 no high end,
                   // 16 from (= a)
    member_index,  // dst = member c of a (record, object, list of them); b: its name
    member_name,   // dst = member b (a name) of a
    member_or,     // dst = member b of a where a is a context that has it, else c (an operand)
    index,         // dst = a[b]
    list,          // dst = the b values in registers from a
    context,       // dst = the values in registers from a under keys[c]
    builtin,       // dst = built-in c of the b values in registers from a
    call_host,     // dst = the environment's function c of the same
    call_value,    // dst = function value a of the c values in registers from b
    call_named,    // dst = function value a of the values in registers from b, for the parameters keys[c]
    function,      // dst = a function over blocks[c], with its captures
    instance_of,   // dst = a instance of types[b]
    coerce,        // dst = a as types[b]
    iterate,       // registers dst, dst+1, dst+2 run over a; to c when there is nothing to run over (dst: why);
                   // flag: a range may run downwards
    next,          // register a = the next item of the iteration dst; to c at its end
    count,         // dst = how many items the list a has; a number is the host's count already
    build,         // dst = an empty growing list
    push,          // the list dst gets a
    built,         // dst = the list a so far
    filter_push,   // the list dst gets b if a is true; where a is a number, dst+1 = that number and jump to c
    query,         // dst = query c with the b parameters in registers from a; past the next instruction, a jump over
                   // the filter in memory, when the host did not filter
};

struct Instruction {
    Op op = Op::give;
    uint8_t flag = 0;
    uint16_t dst = 0;
    uint32_t a = 0, b = 0, c = 0;
};
static_assert(sizeof(Instruction) == 16);

struct Place {
    uint32_t begin = 0, end = 0;
};

// One straight body: the expression, or a function's.
struct Block {
    explicit Block(TreeMemory& memory) : instructions(memory), places(memory), captures(memory) {}
    TreeList<Instruction> instructions;
    TreeList<Place> places;  // of each instruction
    uint32_t register_count = 0;
    uint32_t parameter_count = 0;
    TreeList<Operand> captures;  // of the enclosing block, copied when the function is made
    TypeRef type = nullptr;      // of a function: its parameters' names and declared types, and its result
    bool coerces = false;        // some parameter has a declared type
};

struct Code {
    Text source;
    Tree tree;
    TypeRef type = nullptr;
    Reads reads;
    TreeList<Block> blocks{tree.memory};  // [0] is the expression
    std::unique_ptr<Shortcut> shortcut;   // nullptr: the machine runs blocks[0]
    TreeList<Value> constants{tree.memory};
    std::vector<std::unique_ptr<CollectionQuery>> queries;
    std::vector<std::vector<std::string_view>> keys;
    std::vector<TypeRef> types;
    bool constant = false;
    uint32_t list_items_max = 0;
};

// What a value of Kind::function points at. Lives in the arena of the evaluation that made it.
struct Function {
    const Code* code;
    const Block* block;
    const Value* captures;
    const Value* locals;  // of the frame that made it: a closure's names stay what they were there
};

class Checker;
// Fills code.blocks, constants and keys from the checked tree.
void generate(Code& code, const Checker& checker);

// Runs the expression; `input` is the value of `?`, or nullptr.
Value run(const Code& code, Frame& frame, const Value* input);

}  // namespace leat::feel
