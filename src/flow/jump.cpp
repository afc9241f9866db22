#include "flow/jump.hpp"

#include <algorithm>

#include "flow/tree.hpp"

namespace leat::flow {

Microstep jump(const Chart& chart, const Configuration& configuration, StateId target, const History* history) {
    // A chart with one more transition; an administrator's command is rare enough for a copy.
    Chart with = chart;
    ChartTransition transition;
    transition.targets = {target};
    transition.reenter = true;
    auto number = static_cast<uint32_t>(with.transitions.size());
    with.transitions.push_back(std::move(transition));
    Microstep step = take(with, configuration, std::vector<uint32_t>{number}, history);
    step.transitions.clear();
    return step;
}

std::optional<Configuration> configuration_of(const Chart& chart, const std::vector<StateId>& targets) {
    Configuration all{0};
    auto has = [&](StateId state) { return std::find(all.begin(), all.end(), state) != all.end(); };
    for (StateId target : targets)
        for (StateId state = target; state != kNone && state != 0; state = chart.states[state].parent)
            if (!has(state)) all.push_back(state);
    // From outside in: what has no active child yet gets its first one, or all of its regions.
    for (size_t i = 0; i < all.size(); ++i) {
        const StateId parent = all[i];
        const ChartState& state = chart.states[parent];
        if (is_atomic(state)) continue;
        size_t active = 0;
        for (StateId child : state.children) active += has(child);
        if (state.type == StateType::parallel) {
            for (StateId child : state.children)
                if (!has(child) && chart.states[child].type != StateType::history) all.push_back(child);
            continue;
        }
        if (active > 1) return std::nullopt;
        if (active == 1) continue;
        StateId initial = state.initial != kNone ? state.initial : first_child(chart, state);
        for (StateId inner : effective_targets(chart, {initial}, nullptr))
            for (StateId one = inner; one != parent; one = chart.states[one].parent)
                if (!has(one)) all.push_back(one);
    }
    std::sort(all.begin(), all.end());
    return all;
}

}  // namespace leat::flow
