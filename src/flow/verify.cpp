// Findings that hold whatever the guards say.
#include <algorithm>

#include "flow/chart.hpp"
#include "flow/tree.hpp"

namespace leat::flow {

namespace {

// Transitions that a former one of the same state always beats.
std::vector<bool> shadowed(const Chart& chart) {
    std::vector<bool> behind(chart.transitions.size(), false);
    for (const ChartState& state : chart.states) {
        for (size_t i = 0; i < state.transitions.size(); ++i) {
            const ChartTransition& later = chart.transitions[state.transitions[i]];
            for (size_t k = 0; k < i && !behind[state.transitions[i]]; ++k) {
                const ChartTransition& former = chart.transitions[state.transitions[k]];
                if (former.event == later.event && former.guard == kNone) behind[state.transitions[i]] = true;
            }
        }
    }
    return behind;
}

std::vector<bool> reachable_states(const Chart& chart, const std::vector<bool>& behind) {
    std::vector<bool> reached(chart.states.size(), false);
    std::vector<StateId> open = start(chart).entered, entered;
    while (!open.empty()) {
        StateId state = open.back();
        open.pop_back();
        if (reached[state]) continue;
        reached[state] = true;
        for (uint32_t number : chart.states[state].transitions) {
            if (behind[number]) continue;
            const ChartTransition& transition = chart.transitions[number];
            entered.clear();
            for (StateId target : transition.targets) add_with_descendants(chart, target, entered);
            for (StateId target : transition.targets) add_ancestors(chart, target, 0, entered);
            open.insert(open.end(), entered.begin(), entered.end());
        }
    }
    return reached;
}

bool is_end(const Chart& chart, StateId state) {
    return chart.states[state].type == StateType::final && chart.states[state].parent == 0;
}

// Whether being in the state leaves some way to an end: its own and its ancestors' transitions, everything in the
// other regions of a parallel ancestor, and what entering it brings.
std::vector<bool> with_way_out(const Chart& chart, const std::vector<bool>& behind) {
    size_t count = chart.states.size();
    std::vector<bool> out(count, false);
    for (StateId state = 0; state < count; ++state) out[state] = is_end(chart, state);
    auto leads_out = [&](StateId state) {
        for (uint32_t number : chart.states[state].transitions) {
            const auto& targets = chart.transitions[number].targets;
            if (!behind[number] && std::any_of(targets.begin(), targets.end(), [&](StateId t) { return out[t]; })) {
                return true;
            }
        }
        return false;
    };
    auto has_way = [&](StateId state) {
        if (leads_out(state)) return true;
        const ChartState& shape = chart.states[state];
        if (shape.type == StateType::compound && out[initial_of(shape)]) return true;
        if (shape.type == StateType::parallel &&
            std::any_of(shape.children.begin(), shape.children.end(), [&](StateId child) { return out[child]; })) {
            return true;
        }
        for (StateId up = shape.parent; up != kNone && up != 0; up = chart.states[up].parent) {
            if (leads_out(up)) return true;
            if (chart.states[up].type == StateType::parallel && out[up]) return true;
        }
        return leads_out(0);
    };
    for (bool changed = true; changed;) {
        changed = false;
        for (StateId state = static_cast<StateId>(count); state-- > 1;) {
            if (!out[state] && has_way(state)) out[state] = changed = true;
        }
    }
    return out;
}

}  // namespace

std::vector<Finding> verify(const Chart& chart) {
    std::vector<Finding> findings;
    std::vector<bool> behind = shadowed(chart);
    std::vector<bool> reached = reachable_states(chart, behind);
    bool ends = false;
    for (StateId state = 0; state < chart.states.size(); ++state) ends = ends || is_end(chart, state);
    std::vector<bool> ways = ends ? with_way_out(chart, behind) : std::vector<bool>(chart.states.size(), true);
    for (StateId state = 0; state < chart.states.size(); ++state) {
        if (!reached[state]) {
            findings.push_back({Finding::Kind::unreachable, state, kNone});
        } else if (is_atomic(chart.states[state]) && !ways[state]) {
            findings.push_back({Finding::Kind::no_way_out, state, kNone});
        }
    }
    for (uint32_t number = 0; number < chart.transitions.size(); ++number) {
        if (behind[number]) findings.push_back({Finding::Kind::never_fires, chart.transitions[number].source, number});
    }
    return findings;
}

}  // namespace leat::flow
