// The compiler: the checked tree into code.hpp's instructions. Registers are given out as a stack; a leaf (field,
// constant, local) needs none, since instructions read it in place.
#pragma once
#include <unordered_map>
#include <vector>

#include "feel/ast.hpp"
#include "feel/code.hpp"

namespace leat::feel {

class Compiler {
 public:
    using Node = ast::Node;
    using NodeKind = ast::NodeKind;

    Compiler(Code& code, const std::unordered_map<const Node*, uint32_t>& query_of, Compiler* outer)
        : code_(code), query_of_(query_of), outer_(outer), block_(code.tree.memory), slots_(code.tree.memory) {}

    // The body of the expression, or of a function with these parameter slots; it is the compiler's.
    const Block& compile(const Node* root, uint32_t parameter_slot, uint32_t parameter_count, bool takes_input);

 private:
    Operand value(const Node* node);               // a leaf in place, anything else in a new register
    void into(const Node* node, uint32_t dst);     // the node's value into a register
    void plainly(const Node* node, uint32_t dst);  // likewise, without asking the host for the whole of it
    bool leaf(const Node* node, Operand& out);
    Operand slot(uint32_t index);
    Operand constant(const Value& value);
    Operand text_constant(std::string_view text);
    uint32_t take(uint32_t count = 1);
    size_t emit(const Node* node, Op op, uint32_t dst, uint32_t a = 0, uint32_t b = 0, uint32_t c = 0,
                uint8_t flag = 0);
    void land(size_t instruction);  // its jump target c is here
    // Jumps to one place that is not known yet: each holds the one before it until they land.
    struct Jumps {
        uint32_t last = kNone;
        static constexpr uint32_t kNone = 0xffffffffu;
    };
    void add_jump(Jumps& jumps, const Node* node, Op op, uint32_t dst, uint32_t a = 0);
    void land(const Jumps& jumps);
    struct Slot {
        uint32_t number;
        Operand operand;
    };
    void bind_slot(uint32_t slot, Operand operand) { slots_.push_back({slot, operand}); }
    const Operand* computed(const Node* node) const;
    uint32_t here() const { return static_cast<uint32_t>(block_.instructions.size()); }

    void binary(const Node* node, uint32_t dst, Op op);
    void logical(const Node* node, uint32_t dst);
    void member(const Node* node, uint32_t dst);
    void in(const Node* node, uint32_t dst);
    void test(const Node* node, Operand input, bool cell, uint32_t dst, bool in_list = false);
    void if_else(const Node* node, uint32_t dst);
    void call(const Node* node, uint32_t dst);
    uint32_t arguments(const Node* node, size_t first);
    void context(const Node* node, uint32_t dst);
    void function(const Node* node, uint32_t dst);
    uint32_t type_number(TypeRef type);
    void for_each(const Node* node, uint32_t dst);
    void quantified(const Node* node, uint32_t dst);
    void filter(const Node* node, uint32_t dst);
    void filter_list(const Node* node, Operand source, uint32_t dst);
    void query(const Node* node, uint32_t dst);
    struct Loop {
        std::vector<size_t> starts;
        std::vector<size_t> heads;
        std::vector<uint32_t> states;
    };
    Loop open_loops(const Node* node);
    void close_loops(const Node* node, const Loop& loop, uint32_t dst, size_t skip_to_end,
                     uint32_t builder = Jumps::kNone);

    Code& code_;
    const std::unordered_map<const Node*, uint32_t>& query_of_;
    Compiler* outer_;
    Block block_;
    uint32_t next_ = 0;
    bool takes_input_ = false;
    uint32_t input_register_ = 0;
    TreeList<Slot> slots_;                                   // the last one of a number counts
    std::vector<std::pair<const Node*, Operand>> computed_;  // parameters of a query, already in registers
};

}  // namespace leat::feel
