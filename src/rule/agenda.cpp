#include "rule/agenda.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace leat::rule {

std::vector<uint32_t> firing_order(const std::vector<RuleShape>& rules) {
    std::vector<uint32_t> positions(rules.size());
    std::iota(positions.begin(), positions.end(), 0u);
    // Equal order and name: as declared, so that the answer never depends on the sort.
    std::sort(positions.begin(), positions.end(), [&](uint32_t a, uint32_t b) {
        return std::tie(rules[a].order, rules[a].name, a) < std::tie(rules[b].order, rules[b].name, b);
    });
    return positions;
}

bool edge(Seen& seen, bool condition_now) {
    bool rises = condition_now && !seen.last_condition;
    seen.last_condition = condition_now;
    return rises;
}

}  // namespace leat::rule
