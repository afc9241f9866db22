// rule: which record rules fire after a change, and in which order. Pure.
//
// Rules run by `order` (100 by default), then name; each sees the last one's result; `changed` and `becomes` compare
// with what this rule last saw (SEMANTICS 1.1), so a rule fires once per edge and a fixed point is reached or the bound
// reports the cycle. It may not: evaluate a condition or know a record. Start at firing_order() and edge().
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace leat::rule {

// `message` and `every` are no record's change: such rules are asked by the engine alone.
enum class Trigger : uint8_t { created, changed, deleted, entered, left, becomes, message, every };

struct RuleShape {
    std::string name;
    int32_t order = 100;
    Trigger trigger = Trigger::changed;
};

// Positions of `rules` in the order they run.
std::vector<uint32_t> firing_order(const std::vector<RuleShape>& rules);

// What one rule knows of one record within one command.
struct Seen {
    bool fired_created = false;
    bool last_condition = false;  // becomes: the condition's last value (null counts as false)
};
// becomes: true exactly on the edge from not true to true; updates `seen`.
bool edge(Seen& seen, bool condition_now);

}  // namespace leat::rule
