// Findings that hold whatever the guards say.
#include <algorithm>

#include "flow/chart.hpp"
#include "flow/paths.hpp"
#include "flow/tree.hpp"

namespace leat::flow {

namespace {

// Whether `former` hears everything that `later` hears. Descriptors are compared as names, which finds an earlier
// prefix or wildcard too.
bool always_beats(const ChartTransition& former, const ChartTransition& later) {
    auto in = [](const std::vector<EventId>& list, EventId event) {
        return std::find(list.begin(), list.end(), event) != list.end();
    };
    auto heard = [&](EventId event) { return former.event == event || in(former.also, event); };
    bool nothing = later.event == kNone && later.descriptors.empty();
    if (nothing) return former.event == kNone && former.descriptors.empty();
    if (later.event != kNone && !heard(later.event)) return false;
    return std::all_of(later.also.begin(), later.also.end(), heard) &&
           std::all_of(later.descriptors.begin(), later.descriptors.end(), [&](const std::string& name) {
               return std::any_of(former.descriptors.begin(), former.descriptors.end(),
                                  [&](const std::string& one) { return one == name || matches(one, name); });
           });
}

// Transitions that a former one of the same state always beats.
std::vector<bool> shadowed(const Chart& chart) {
    std::vector<bool> behind(chart.transitions.size(), false);
    for (const ChartState& state : chart.states) {
        for (size_t i = 0; i < state.transitions.size(); ++i) {
            const ChartTransition& later = chart.transitions[state.transitions[i]];
            for (size_t k = 0; k < i && !behind[state.transitions[i]]; ++k) {
                const ChartTransition& former = chart.transitions[state.transitions[k]];
                if (former.guard == kNone && always_beats(former, later)) behind[state.transitions[i]] = true;
            }
        }
    }
    return behind;
}

// By which transition each state is first reached, breadth first.
struct Reached {
    std::vector<bool> states;
    std::vector<uint32_t> by;  // kNone: at the start
};

Reached reachable_states(const Chart& chart, const std::vector<bool>& behind) {
    Reached reached{std::vector<bool>(chart.states.size(), false), std::vector<uint32_t>(chart.states.size(), kNone)};
    for (StateId state = 0; state < chart.states.size(); ++state) {
        // A history state is no place to be: what leads to it is told of its targets.
        if (chart.states[state].type == StateType::history) reached.states[state] = true;
    }
    std::vector<StateId> open, entered;
    auto reach = [&](const std::vector<StateId>& states, uint32_t by) {
        for (StateId state : states) {
            if (reached.states[state]) continue;
            reached.states[state] = true;
            reached.by[state] = by;
            open.push_back(state);
        }
    };
    reach(start(chart).entered, kNone);
    for (size_t next = 0; next < open.size(); ++next) {
        for (uint32_t number : chart.states[open[next]].transitions) {
            if (behind[number]) continue;
            const ChartTransition& transition = chart.transitions[number];
            entered.clear();
            std::vector<std::pair<StateId, uint32_t>> defaults;
            EntrySet entries(chart, nullptr, entered, defaults);
            for (StateId target : transition.targets) entries.add_with_descendants(target);
            for (StateId target : effective_targets(chart, transition.targets, nullptr))
                entries.add_ancestors(target, 0);
            reach(entered, number);
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
        if (shape.initial_transition != kNone) {
            const auto& targets = chart.transitions[shape.initial_transition].targets;
            if (std::any_of(targets.begin(), targets.end(), [&](StateId target) { return out[target]; })) return true;
        } else if (shape.type == StateType::compound) {
            StateId initial = shape.initial != kNone ? shape.initial : first_child(chart, shape);
            if (initial != kNone && out[initial]) return true;
        }
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

std::optional<std::vector<uint32_t>> path_to(const Chart& chart, StateId state) {
    Reached reached = reachable_states(chart, shadowed(chart));
    if (!reached.states[state]) return std::nullopt;
    std::vector<uint32_t> path;
    while (reached.by[state] != kNone && path.size() <= chart.transitions.size()) {
        path.push_back(reached.by[state]);
        state = chart.transitions[reached.by[state]].source;
    }
    std::reverse(path.begin(), path.end());
    return path;
}

std::vector<bool> reachable(const Chart& chart) {
    return reachable_states(chart, shadowed(chart)).states;
}

bool can_be_done(const Chart& chart, StateId state) {
    std::vector<bool> reached = reachable(chart);
    auto done = [&](auto&& self, StateId one) -> bool {
        const ChartState& shape = chart.states[one];
        if (shape.type == StateType::parallel) {
            return std::all_of(shape.children.begin(), shape.children.end(), [&](StateId child) {
                return chart.states[child].type == StateType::history || self(self, child);
            });
        }
        if (shape.type == StateType::final) return reached[one];
        return shape.type == StateType::compound &&
               std::any_of(shape.children.begin(), shape.children.end(), [&](StateId child) {
                   return chart.states[child].type == StateType::final && reached[child];
               });
    };
    return done(done, state);
}

std::vector<Finding> verify(const Chart& chart) {
    std::vector<Finding> findings;
    std::vector<bool> behind = shadowed(chart);
    std::vector<bool> reached = reachable_states(chart, behind).states;
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
