#include "flow/tree.hpp"

#include <algorithm>

namespace leat::flow {

namespace {

// Appendix D, getTransitionDomain, asks for an internal transition of a compound source; XState lets every transition
// without `reenter` stay, also to the source itself. A history state counts by its own place: one outside the source
// may remember the source, which must then be left like any other.
bool stays_inside(const Chart& chart, const ChartTransition& transition) {
    if (transition.reenter) return false;
    const auto& targets = transition.targets;
    if (chart.strict) {
        return chart.states[transition.source].type == StateType::compound &&
               std::all_of(targets.begin(), targets.end(),
                           [&](StateId target) { return is_proper_descendant(chart, target, transition.source); });
    }
    return std::all_of(targets.begin(), targets.end(),
                       [&](StateId target) { return is_descendant(chart, target, transition.source); });
}

bool any_inside(const Chart& chart, const std::vector<StateId>& set, StateId state) {
    auto it = std::lower_bound(set.begin(), set.end(), state);
    return it != set.end() && is_descendant(chart, *it, state);
}

StateId common_ancestor(const Chart& chart, StateId source, const std::vector<StateId>& targets) {
    for (StateId ancestor = chart.states[source].parent; ancestor != kNone && ancestor != 0;
         ancestor = chart.states[ancestor].parent) {
        if (chart.states[ancestor].type != StateType::compound) continue;
        if (std::all_of(targets.begin(), targets.end(),
                        [&](StateId target) { return is_proper_descendant(chart, target, ancestor); })) {
            return ancestor;
        }
    }
    return 0;
}

void add_effective(const Chart& chart, StateId target, const History* history, std::vector<StateId>& out) {
    const ChartState& shape = chart.states[target];
    if (shape.type != StateType::history) {
        if (std::find(out.begin(), out.end(), target) == out.end()) out.push_back(target);
        return;
    }
    if (const auto* remembered = history ? history->find(target) : nullptr) {
        out.insert(out.end(), remembered->begin(), remembered->end());
    } else if (shape.initial_transition != kNone) {
        for (StateId one : chart.transitions[shape.initial_transition].targets) {
            if (one != target) add_effective(chart, one, history, out);
        }
    }
}

}  // namespace

std::vector<StateId> effective_targets(const Chart& chart, const std::vector<StateId>& targets,
                                       const History* history) {
    std::vector<StateId> out;
    for (StateId target : targets) add_effective(chart, target, history, out);
    return out;
}

StateId domain_of(const Chart& chart, const ChartTransition& transition, const History* history) {
    if (transition.targets.empty()) return kNone;
    auto domain = [&](const std::vector<StateId>& targets) {
        if (stays_inside(chart, transition)) return transition.source;
        return common_ancestor(chart, transition.source, targets);
    };
    if (!chart.has_history) return domain(transition.targets);
    return domain(effective_targets(chart, transition.targets, history));
}

void add_sorted(std::vector<StateId>& set, StateId state) {
    auto it = std::lower_bound(set.begin(), set.end(), state);
    if (it == set.end() || *it != state) set.insert(it, state);
}

void EntrySet::add_default(StateId state, uint32_t transition) {
    std::pair<StateId, uint32_t> content{state, transition};
    if (std::find(defaults_.begin(), defaults_.end(), content) == defaults_.end()) defaults_.push_back(content);
}

void EntrySet::add_missing_regions(StateId parallel) {
    for (StateId child : chart_.states[parallel].children) {
        if (chart_.states[child].type != StateType::history && !any_inside(chart_, entered_, child))
            add_with_descendants(child);
    }
}

void EntrySet::add_with_descendants(StateId state) {
    if (chart_.states[state].type == StateType::history) {
        add_history(state);
        return;
    }
    add_sorted(entered_, state);
    add_descendants(state);
}

void EntrySet::add_descendants(StateId state) {
    const ChartState& shape = chart_.states[state];
    if (shape.type == StateType::parallel) {
        add_missing_regions(state);
        return;
    }
    if (shape.type != StateType::compound) return;
    if (shape.initial_transition != kNone) {
        add_default(state, shape.initial_transition);
        const auto& targets = chart_.transitions[shape.initial_transition].targets;
        for (StateId target : targets) add_with_descendants(target);
        for (StateId target : targets) add_ancestors(target, state);
        return;
    }
    StateId initial = shape.initial != kNone ? shape.initial : first_child(chart_, shape);
    if (initial == kNone) return;
    add_with_descendants(initial);
    add_ancestors(initial, state);
}

void EntrySet::add_history(StateId state) {
    const ChartState& shape = chart_.states[state];
    const auto* targets = history_ ? history_->find(state) : nullptr;
    if (!targets && shape.initial_transition != kNone) {
        add_default(shape.parent, shape.initial_transition);
        targets = &chart_.transitions[shape.initial_transition].targets;
    }
    if (!targets) return;
    for (StateId target : *targets)
        if (target != state) add_with_descendants(target);
    for (StateId target : *targets) add_ancestors(target, shape.parent);
}

void EntrySet::add_ancestors(StateId state, StateId ancestor) {
    if (state == ancestor) return;
    for (StateId up = chart_.states[state].parent; up != kNone; up = chart_.states[up].parent) {
        if (up != ancestor) add_sorted(entered_, up);
        if (chart_.states[up].type == StateType::parallel) add_missing_regions(up);
        if (up == ancestor) return;
    }
}

}  // namespace leat::flow
