#include "flow/chart.hpp"

#include <algorithm>

#include "flow/tree.hpp"

namespace leat::flow {

StateId Chart::find(std::string_view name) const {
    auto it = std::find_if(states.begin(), states.end(), [&](const ChartState& state) { return state.name == name; });
    return it == states.end() ? kNone : static_cast<StateId>(it - states.begin());
}

bool restore(const Chart& chart, std::span<const StateId> atomic, Configuration& out) {
    out.clear();
    for (StateId state : atomic) {
        if (state >= chart.states.size() || !is_atomic(chart.states[state])) return false;
        for (StateId up = state; up != kNone; up = chart.states[up].parent) add_sorted(out, up);
    }
    if (out.empty()) return false;
    for (StateId state : out) {
        const ChartState& shape = chart.states[state];
        auto active = std::count_if(shape.children.begin(), shape.children.end(),
                                    [&](StateId child) { return std::binary_search(out.begin(), out.end(), child); });
        if (shape.type == StateType::compound && active != 1) return false;
        if (shape.type == StateType::parallel && static_cast<size_t>(active) != shape.children.size()) return false;
    }
    return true;
}

std::vector<StateId> atomic_states(const Chart& chart, const Configuration& configuration) {
    std::vector<StateId> atomic;
    for (StateId state : configuration) {
        if (is_atomic(chart.states[state])) atomic.push_back(state);
    }
    return atomic;
}

}  // namespace leat::flow
