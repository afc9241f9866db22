// What a list of guards decides, followed over every case that their constants tell apart. Internal to this room.
//
// A guard is taken apart into `and`, `or`, `not`, `if` and conditions: a comparison of something with a constant, of
// two things with each other, or a truth. Each thing's values are cut where some condition changes (at 500000, below
// it, above it; each value of an enum; true and false; null where it may be empty), and the guards are asked in each
// combination, with null as FEEL has it. Values that a field cannot have (its scale, its minimum, its enum) are left
// out, so within the bound on combinations the answers are exact, but for what is said at `exact`.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "program/program.hpp"

namespace leat::program {

struct Cases {
    bool followed = false;  // false: there are more combinations than are followed; nothing else is said then
    // Every combination can happen, as far as the definitions tell: all things are fields and members that are no
    // formulas of each other. Then `uncovered` is a case, else it may be none.
    bool exact = false;
    std::optional<std::string> uncovered;  // values for which every guard is false: "amount = 500000 and kind = "a""
    std::vector<bool> never_true;          // parallel to the guards: in no case is it true (certain)
    std::vector<bool> never_asked;         // in every case where it is true a guard before it is true or null (certain)
};

// `guards` in the order in which they are tried, nullptr for one that is always true; over a record of `entity`.
Cases follow_cases(const Program& program, EntityId entity, const std::vector<const feel::Expression*>& guards);

}  // namespace leat::program
