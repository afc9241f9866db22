#include "flow/chart.hpp"

#include <algorithm>

#include "flow/tree.hpp"

namespace leat::flow {

StateId Chart::find(std::string_view name) const {
    auto it = std::find_if(states.begin(), states.end(), [&](const ChartState& state) { return state.name == name; });
    return it == states.end() ? kNone : static_cast<StateId>(it - states.begin());
}

const std::vector<StateId>* History::find(StateId history) const {
    auto it = std::find_if(remembered.begin(), remembered.end(), [&](const auto& one) { return one.first == history; });
    return it == remembered.end() ? nullptr : &it->second;
}

void History::put(StateId history, std::vector<StateId> states) {
    auto it = std::find_if(remembered.begin(), remembered.end(), [&](const auto& one) { return one.first == history; });
    if (it == remembered.end())
        remembered.emplace_back(history, std::move(states));
    else
        it->second = std::move(states);
}

bool matches(std::string_view descriptor, std::string_view event) {
    if (descriptor == "*") return true;
    if (descriptor.size() >= 2 && descriptor.substr(descriptor.size() - 2) == ".*") descriptor.remove_suffix(2);
    if (!descriptor.empty() && descriptor.back() == '.') descriptor.remove_suffix(1);
    if (descriptor.empty() || event.substr(0, descriptor.size()) != descriptor) return false;
    return event.size() == descriptor.size() || event[descriptor.size()] == '.';
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
        auto regions = std::count_if(shape.children.begin(), shape.children.end(),
                                     [&](StateId child) { return chart.states[child].type != StateType::history; });
        if (shape.type == StateType::parallel && active != regions) return false;
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
