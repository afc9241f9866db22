// The machine: runs a block of instructions over registers on the stack. No allocation for scalar work.
#pragma once
#include "feel/code.hpp"
#include "feel/evaluation.hpp"

namespace leat::feel {

class Machine {
 public:
    explicit Machine(Evaluation& evaluation) : evaluation_(evaluation), code_(evaluation.code) {}

    // `registers` has block.register_count places; parameters are in the first.
    Value execute(const Block& block, Value* registers, const Value* captures, const Value* locals);

 private:
    bool begin_iteration(Value* state, const Value& domain, bool downwards);
    static bool next_item(Value* state, Value& item);
    Value make_function(const Instruction& instruction, const Value* const* spaces);
    Value new_context(const Instruction& instruction, const Value* values);
    Value call_named(Evaluation& evaluation, const Value& function, const Instruction& instruction,
                     const Value* values);
    bool ask(const Instruction& instruction, const Value* registers, Value& out);

    Evaluation& evaluation_;
    const Code& code_;
};

}  // namespace leat::feel
