// What the algorithm asks of the state tree. Inside this room only.
#pragma once
#include "flow/chart.hpp"

namespace leat::flow {

// Ids are in pre-order, so an ancestor's id is smaller: climbing can stop as soon as it has passed.
inline bool is_descendant(const Chart& chart, StateId state, StateId ancestor) {
    while (state != kNone && state > ancestor) state = chart.states[state].parent;
    return state == ancestor;
}
inline bool is_proper_descendant(const Chart& chart, StateId state, StateId ancestor) {
    return state != ancestor && is_descendant(chart, state, ancestor);
}
inline bool is_atomic(const ChartState& state) {
    return state.type == StateType::atomic || state.type == StateType::final;
}
inline StateId initial_of(const ChartState& state) {
    return state.initial != kNone ? state.initial : state.children.front();
}

// The innermost state that stays active while `transition` is taken; kNone when it has no targets.
StateId domain_of(const Chart& chart, const ChartTransition& transition);
// Adds a state to a sorted set.
void add_sorted(std::vector<StateId>& set, StateId state);
// What the default entry of `state` brings below it.
void add_descendants(const Chart& chart, StateId state, std::vector<StateId>& entered);
// The same and `state` itself.
void add_with_descendants(const Chart& chart, StateId state, std::vector<StateId>& entered);
// The states between `state` and `ancestor` (both left out), with the other regions of parallel ones; `ancestor`'s
// too when it is parallel.
void add_ancestors(const Chart& chart, StateId state, StateId ancestor, std::vector<StateId>& entered);

}  // namespace leat::flow
