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
// The first child that can be active: a history state is none.
inline StateId first_child(const Chart& chart, const ChartState& state) {
    for (StateId child : state.children)
        if (chart.states[child].type != StateType::history) return child;
    return kNone;
}

// The states that a transition really leads to: history states stand for what they remember or default to.
std::vector<StateId> effective_targets(const Chart& chart, const std::vector<StateId>& targets, const History* history);
// The innermost state that stays active while `transition` is taken; kNone when it has no targets.
StateId domain_of(const Chart& chart, const ChartTransition& transition, const History* history);
// Adds a state to a sorted set.
void add_sorted(std::vector<StateId>& set, StateId state);

// Appendix D, computeEntrySet: what is entered, with the content of initial and history transitions on the way.
class EntrySet {
 public:
    EntrySet(const Chart& chart, const History* history, std::vector<StateId>& entered,
             std::vector<std::pair<StateId, uint32_t>>& defaults)
        : chart_(chart), history_(history), entered_(entered), defaults_(defaults) {}
    // `state` and what its default entry brings below it.
    void add_with_descendants(StateId state);
    // Only what lies below: `state` itself stays active.
    void add_descendants(StateId state);
    // The states between `state` and `ancestor` (both left out), with the other regions of parallel ones; `ancestor`'s
    // too when it is parallel.
    void add_ancestors(StateId state, StateId ancestor);

 private:
    void add_history(StateId state);
    void add_missing_regions(StateId parallel);
    void add_default(StateId state, uint32_t transition);
    const Chart& chart_;
    const History* history_;
    std::vector<StateId>& entered_;
    std::vector<std::pair<StateId, uint32_t>>& defaults_;
};

}  // namespace leat::flow
