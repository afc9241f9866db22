// Shortcut: a condition made of comparisons of fields and constants, as jumps. `amount > 1000 and region in ["a", "b"]`
// runs as three tests, without registers and without a value being made.
//
// It only answers what the machine would: true or false. Where a field is empty, or holds another kind of value than
// its type says, it gives up and the machine decides, with the reason for a null.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "feel/ast.hpp"
#include "feel/expression.hpp"
#include "value/value.hpp"

namespace leat::feel {

class Shortcut {
 public:
    enum class Answer : uint8_t { no, yes, unknown };

    // nullptr where the condition is not of this kind. Texts of constants stay in the tree.
    static std::unique_ptr<Shortcut> of(const ast::Node* root);

    // The machine's answer, or unknown: then the machine is to be asked. `row` and `locals` are a frame's.
    Answer decide(const Value* row, const Value* locals) const;

 private:
    friend class ShortcutBuilder;
    // A test jumps to `target` when its truth is `sense`, else the next one follows.
    struct Test {
        enum Kind : uint8_t { number, date, text, one_text, flag, missing, yes, no } kind;
        bool sense = false;
        uint8_t relation = 0;          // of number and date: bits of less, equal, greater
        uint16_t count = 0;            // of one_text: how many constants, from `right` on
        uint32_t left = 0, right = 0;  // operands: a space in the upper bits, an index
        uint32_t target = 0;
    };

    std::vector<Test> tests_;
    std::vector<Value> constants_;
};

// For conditions that are evaluated by the million: the expression's shortcut, living as long as it, or nullptr.
const Shortcut* shortcut_of(const Expression& expression);

}  // namespace leat::feel
