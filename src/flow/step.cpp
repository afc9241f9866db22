// Selecting and taking transitions: W3C SCXML, Appendix D (selectTransitions, removeConflictingTransitions,
// computeExitSet, computeEntrySet, isInFinalState) over sorted vectors instead of ordered sets.
#include <algorithm>

#include "flow/chart.hpp"
#include "flow/tree.hpp"

namespace leat::flow {

namespace {

bool contains(const std::vector<uint32_t>& list, uint32_t item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

void clear(Selection& selection) {
    selection.transitions.clear();
    selection.refused.clear();
    selection.null_guard = kNone;
    selection.heard = false;
}

// The first transition that fires on the way from `state` outwards. False: a guard was null, the selection is over.
bool select_outwards(const Chart& chart, StateId state, EventId event, const AskGuard& ask, Selection& out) {
    for (; state != kNone; state = chart.states[state].parent) {
        for (uint32_t number : chart.states[state].transitions) {
            const ChartTransition& transition = chart.transitions[number];
            if (transition.event != event) continue;
            out.heard = true;
            // Ancestors of several active states are passed several times; their answers are known by then.
            if (contains(out.transitions, number)) return true;
            if (contains(out.refused, number)) continue;
            Truth truth = transition.guard == kNone ? Truth::yes : ask(number);
            if (truth == Truth::yes) {
                out.transitions.push_back(number);
                return true;
            }
            if (truth == Truth::null) {
                out.transitions.clear();
                out.null_guard = number;
                return false;
            }
            out.refused.push_back(number);
        }
    }
    return true;
}

// Exit sets are the active states below the domains, and a domain that is not atomic has one: so two exit sets meet
// exactly when one domain lies in the other.
bool exits_meet(const Chart& chart, StateId a, StateId b) {
    if (a == kNone || b == kNone || is_atomic(chart.states[a]) || is_atomic(chart.states[b])) return false;
    return is_descendant(chart, a, b) || is_descendant(chart, b, a);
}

void remove_conflicts(const Chart& chart, std::vector<uint32_t>& enabled) {
    size_t kept = 0;  // [0, kept) is the filtered set, in order
    for (size_t i = 0; i < enabled.size(); ++i) {
        const ChartTransition& candidate = chart.transitions[enabled[i]];
        StateId domain = domain_of(chart, candidate);
        auto conflicts = [&](uint32_t other) {
            return exits_meet(chart, domain, domain_of(chart, chart.transitions[other]));
        };
        auto preempts = [&](uint32_t other) {
            return conflicts(other) && is_proper_descendant(chart, candidate.source, chart.transitions[other].source);
        };
        auto begin = enabled.begin(), end = enabled.begin() + static_cast<std::ptrdiff_t>(kept);
        if (std::any_of(begin, end, [&](uint32_t other) { return conflicts(other) && !preempts(other); })) continue;
        uint32_t number = enabled[i];
        auto last = std::remove_if(begin, end, preempts);
        *last = number;
        kept = static_cast<size_t>(last - begin) + 1;
    }
    enabled.resize(kept);
}

bool is_active(const Configuration& configuration, StateId state) {
    return std::binary_search(configuration.begin(), configuration.end(), state);
}

bool in_final(const Chart& chart, const Configuration& configuration, StateId state) {
    const ChartState& shape = chart.states[state];
    auto child_final = [&](StateId child) { return in_final(chart, configuration, child); };
    switch (shape.type) {
        case StateType::compound:
            return std::any_of(shape.children.begin(), shape.children.end(), [&](StateId child) {
                return chart.states[child].type == StateType::final && is_active(configuration, child);
            });
        case StateType::parallel:
            return std::all_of(shape.children.begin(), shape.children.end(), child_final);
        case StateType::final:
            return is_active(configuration, state);
        case StateType::atomic:
            return false;
    }
    return false;
}

// A final state completes its parent, and every parallel ancestor in a row whose last open region that was. States are
// asked as of the moment the final one is entered, so that a parallel state is done once, with its last region.
void complete(const Chart& chart, StateId final_state, Microstep& out) {
    StateId up = chart.states[final_state].parent;
    if (chart.states[up].type == StateType::compound) {
        if (up == 0) {
            out.finished = true;
            return;
        }
        out.done.push_back(up);
        up = chart.states[up].parent;
    }
    for (; up != kNone && chart.states[up].type == StateType::parallel; up = chart.states[up].parent) {
        if (contains(out.done, up) || !in_final(chart, out.configuration, up)) return;
        if (up == 0) {
            out.finished = true;
            return;
        }
        out.done.push_back(up);
    }
}

// Puts out.entered into the configuration one by one and finds what is done with it.
void enter(const Chart& chart, Microstep& out) {
    for (StateId state : out.entered) {
        add_sorted(out.configuration, state);
        if (chart.states[state].type == StateType::final) complete(chart, state, out);
    }
}

void clear(Microstep& step) {
    step.exited.clear();
    step.transitions.clear();
    step.entered.clear();
    step.done.clear();
    step.finished = false;
    step.configuration.clear();
}

// One transition between two states directly below the root: most flows consist of nothing else.
bool take_flat(const Chart& chart, const Configuration& configuration, std::span<const uint32_t> transitions,
               Microstep& out) {
    if (transitions.size() != 1 || configuration.size() != 2) return false;
    const ChartTransition& transition = chart.transitions[transitions[0]];
    if (transition.targets.size() != 1) return false;
    StateId target = transition.targets[0], active = configuration[1];
    const ChartState& shape = chart.states[target];
    if (shape.parent != 0 || !is_atomic(shape) || chart.states[0].type != StateType::compound) return false;
    if (transition.source == target && !transition.reenter) return false;
    out.exited.push_back(active);
    out.transitions.push_back(transitions[0]);
    out.entered.push_back(target);
    out.configuration.push_back(0);
    out.configuration.push_back(target);
    out.finished = shape.type == StateType::final;
    return true;
}

void compute_exits(const Chart& chart, const Configuration& configuration, std::span<const uint32_t> transitions,
                   Microstep& out) {
    for (StateId state : configuration) {
        bool leaves = std::any_of(transitions.begin(), transitions.end(), [&](uint32_t number) {
            StateId domain = domain_of(chart, chart.transitions[number]);
            return domain != kNone && is_proper_descendant(chart, state, domain);
        });
        (leaves ? out.exited : out.configuration).push_back(state);
    }
    std::reverse(out.exited.begin(), out.exited.end());
}

void compute_entries(const Chart& chart, std::span<const uint32_t> transitions, Microstep& out) {
    for (uint32_t number : transitions) {
        const ChartTransition& transition = chart.transitions[number];
        StateId domain = domain_of(chart, transition);
        for (StateId target : transition.targets) {
            // A target that is its own domain stays as it is; only what lies below is entered anew.
            if (target == domain) {
                add_descendants(chart, target, out.entered);
            } else {
                add_with_descendants(chart, target, out.entered);
            }
        }
        for (StateId target : transition.targets) add_ancestors(chart, target, domain, out.entered);
    }
}

}  // namespace

Microstep start(const Chart& chart) {
    Microstep out;
    add_with_descendants(chart, 0, out.entered);
    enter(chart, out);
    return out;
}

void select(const Chart& chart, const Configuration& configuration, EventId event, const AskGuard& ask,
            Selection& out) {
    clear(out);
    for (StateId state : configuration) {
        if (is_atomic(chart.states[state]) && !select_outwards(chart, state, event, ask, out)) return;
    }
    if (out.transitions.size() > 1) remove_conflicts(chart, out.transitions);
}

Selection select(const Chart& chart, const Configuration& configuration, EventId event, const AskGuard& ask) {
    Selection out;
    select(chart, configuration, event, ask, out);
    return out;
}

Selection select_at(const Chart& chart, StateId from, EventId event, const AskGuard& ask) {
    Selection out;
    select_outwards(chart, from, event, ask, out);
    return out;
}

void take(const Chart& chart, const Configuration& configuration, std::span<const uint32_t> transitions,
          Microstep& out) {
    clear(out);
    if (take_flat(chart, configuration, transitions, out)) return;
    out.transitions.assign(transitions.begin(), transitions.end());
    compute_exits(chart, configuration, transitions, out);
    compute_entries(chart, transitions, out);
    enter(chart, out);
}

Microstep take(const Chart& chart, const Configuration& configuration, std::span<const uint32_t> transitions) {
    Microstep out;
    take(chart, configuration, transitions, out);
    return out;
}

}  // namespace leat::flow
