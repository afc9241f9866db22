#include "flow/tree.hpp"

#include <algorithm>

namespace leat::flow {

namespace {

bool stays_inside(const Chart& chart, const ChartTransition& transition) {
    if (transition.reenter) return false;
    return std::all_of(transition.targets.begin(), transition.targets.end(),
                       [&](StateId target) { return is_descendant(chart, target, transition.source); });
}

bool any_inside(const Chart& chart, const std::vector<StateId>& set, StateId state) {
    auto it = std::lower_bound(set.begin(), set.end(), state);
    return it != set.end() && is_descendant(chart, *it, state);
}

void add_missing_regions(const Chart& chart, StateId parallel, std::vector<StateId>& entered) {
    for (StateId child : chart.states[parallel].children) {
        if (!any_inside(chart, entered, child)) add_with_descendants(chart, child, entered);
    }
}

}  // namespace

StateId domain_of(const Chart& chart, const ChartTransition& transition) {
    if (transition.targets.empty()) return kNone;
    if (stays_inside(chart, transition)) return transition.source;
    for (StateId ancestor = chart.states[transition.source].parent; ancestor != kNone && ancestor != 0;
         ancestor = chart.states[ancestor].parent) {
        if (chart.states[ancestor].type != StateType::compound) continue;
        if (std::all_of(transition.targets.begin(), transition.targets.end(),
                        [&](StateId target) { return is_proper_descendant(chart, target, ancestor); })) {
            return ancestor;
        }
    }
    return 0;
}

void add_sorted(std::vector<StateId>& set, StateId state) {
    auto it = std::lower_bound(set.begin(), set.end(), state);
    if (it == set.end() || *it != state) set.insert(it, state);
}

void add_with_descendants(const Chart& chart, StateId state, std::vector<StateId>& entered) {
    add_sorted(entered, state);
    add_descendants(chart, state, entered);
}

void add_descendants(const Chart& chart, StateId state, std::vector<StateId>& entered) {
    const ChartState& shape = chart.states[state];
    if (shape.type == StateType::compound) {
        StateId initial = initial_of(shape);
        add_with_descendants(chart, initial, entered);
        add_ancestors(chart, initial, state, entered);
    } else if (shape.type == StateType::parallel) {
        add_missing_regions(chart, state, entered);
    }
}

void add_ancestors(const Chart& chart, StateId state, StateId ancestor, std::vector<StateId>& entered) {
    if (state == ancestor) return;
    for (StateId up = chart.states[state].parent; up != kNone; up = chart.states[up].parent) {
        if (up != ancestor) add_sorted(entered, up);
        if (chart.states[up].type == StateType::parallel) add_missing_regions(chart, up, entered);
        if (up == ancestor) return;
    }
}

}  // namespace leat::flow
