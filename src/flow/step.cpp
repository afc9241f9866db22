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

bool hears(const Chart& chart, const ChartTransition& transition, EventId event) {
    // An eventless transition of a chart that hears names has no event either: it is told by having no descriptor.
    if (event == kNone) return transition.event == kNone && (!chart.wide || transition.descriptors.empty());
    return transition.event == event || (chart.wide && contains(transition.also, event));
}

bool hears(const Chart&, const ChartTransition& transition, std::string_view event) {
    return std::any_of(transition.descriptors.begin(), transition.descriptors.end(),
                       [&](const std::string& descriptor) { return matches(descriptor, event); });
}

// The first transition that fires on the way from `state` outwards. False: a guard was null, the selection is over.
template <class Event>
bool select_outwards(const Chart& chart, StateId state, Event event, const AskGuard& ask, Selection& out) {
    for (; state != kNone; state = chart.states[state].parent) {
        for (uint32_t number : chart.states[state].transitions) {
            const ChartTransition& transition = chart.transitions[number];
            if (!hears(chart, transition, event)) continue;
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

void remove_conflicts(const Chart& chart, std::vector<uint32_t>& enabled, const History* history) {
    size_t kept = 0;  // [0, kept) is the filtered set, in order
    for (size_t i = 0; i < enabled.size(); ++i) {
        const ChartTransition& candidate = chart.transitions[enabled[i]];
        StateId domain = domain_of(chart, candidate, history);
        auto conflicts = [&](uint32_t other) {
            return exits_meet(chart, domain, domain_of(chart, chart.transitions[other], history));
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
    auto child_final = [&](StateId child) {
        return chart.states[child].type == StateType::history || in_final(chart, configuration, child);
    };
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
        case StateType::history:
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
        out.done_by.push_back(final_state);
        up = chart.states[up].parent;
    }
    for (; up != kNone && chart.states[up].type == StateType::parallel; up = chart.states[up].parent) {
        if (contains(out.done, up) || !in_final(chart, out.configuration, up)) return;
        if (up == 0) {
            out.finished = true;
            return;
        }
        out.done.push_back(up);
        out.done_by.push_back(final_state);
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
    step.defaults.clear();
    step.done.clear();
    step.done_by.clear();
    step.remembered.clear();
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
    if (chart.has_history || (chart.strict && transition.source == 0)) return false;
    if (transition.source == target && !transition.reenter && !chart.strict) return false;
    out.exited.push_back(active);
    out.transitions.push_back(transitions[0]);
    out.entered.push_back(target);
    out.configuration.push_back(0);
    out.configuration.push_back(target);
    out.finished = shape.type == StateType::final;
    return true;
}

void compute_exits(const Chart& chart, const Configuration& configuration, std::span<const StateId> domains,
                   Microstep& out) {
    for (StateId state : configuration) {
        bool leaves = std::any_of(domains.begin(), domains.end(), [&](StateId domain) {
            return domain != kNone && is_proper_descendant(chart, state, domain);
        });
        (leaves ? out.exited : out.configuration).push_back(state);
    }
    std::reverse(out.exited.begin(), out.exited.end());
}

// Appendix D, exitStates: history is taken of the configuration as it was before anything was left.
void remember(const Chart& chart, const Configuration& configuration, Microstep& out) {
    for (StateId state : out.exited) {
        for (StateId child : chart.states[state].children) {
            const ChartState& history = chart.states[child];
            if (history.type != StateType::history) continue;
            std::vector<StateId> active;
            for (StateId one : configuration) {
                bool kept = history.deep ? is_atomic(chart.states[one]) && is_proper_descendant(chart, one, state)
                                         : chart.states[one].parent == state;
                if (kept) active.push_back(one);
            }
            out.remembered.emplace_back(child, std::move(active));
        }
    }
}

void compute_entries(const Chart& chart, std::span<const uint32_t> transitions, std::span<const StateId> domains,
                     const History* history, Microstep& out) {
    EntrySet entries(chart, history, out.entered, out.defaults);
    for (size_t i = 0; i < transitions.size(); ++i) {
        const ChartTransition& transition = chart.transitions[transitions[i]];
        for (StateId target : transition.targets) {
            // A target that is its own domain stays as it is; only what lies below is entered anew.
            if (target == domains[i]) {
                entries.add_descendants(target);
            } else {
                entries.add_with_descendants(target);
            }
        }
        if (!chart.has_history) {
            for (StateId target : transition.targets) entries.add_ancestors(target, domains[i]);
        } else {
            for (StateId target : effective_targets(chart, transition.targets, history))
                entries.add_ancestors(target, domains[i]);
        }
    }
}

}  // namespace

Microstep start(const Chart& chart) {
    Microstep out;
    EntrySet(chart, nullptr, out.entered, out.defaults).add_with_descendants(0);
    enter(chart, out);
    return out;
}

namespace {

template <class Event>
void select_all(const Chart& chart, const Configuration& configuration, Event event, const AskGuard& ask,
                const History* history, Selection& out) {
    clear(out);
    for (StateId state : configuration) {
        if (is_atomic(chart.states[state]) && !select_outwards(chart, state, event, ask, out)) return;
    }
    if (out.transitions.size() > 1) remove_conflicts(chart, out.transitions, history);
}

}  // namespace

void select(const Chart& chart, const Configuration& configuration, EventId event, const AskGuard& ask, Selection& out,
            const History* history) {
    select_all(chart, configuration, event, ask, history, out);
}

Selection select(const Chart& chart, const Configuration& configuration, EventId event, const AskGuard& ask,
                 const History* history) {
    Selection out;
    select_all(chart, configuration, event, ask, history, out);
    return out;
}

Selection select(const Chart& chart, const Configuration& configuration, std::string_view event, const AskGuard& ask,
                 const History* history) {
    Selection out;
    select_all(chart, configuration, event, ask, history, out);
    return out;
}

Selection select_at(const Chart& chart, StateId from, EventId event, const AskGuard& ask) {
    Selection out;
    select_outwards(chart, from, event, ask, out);
    return out;
}

void take(const Chart& chart, const Configuration& configuration, std::span<const uint32_t> transitions, Microstep& out,
          const History* history) {
    clear(out);
    if (take_flat(chart, configuration, transitions, out)) return;
    out.transitions.assign(transitions.begin(), transitions.end());
    std::vector<StateId> domains;
    domains.reserve(transitions.size());
    for (uint32_t number : transitions) domains.push_back(domain_of(chart, chart.transitions[number], history));
    compute_exits(chart, configuration, domains, out);
    // What is remembered now is already what this very step's targets go back to (Appendix D leaves before it enters).
    if (!chart.has_history) {
        compute_entries(chart, transitions, domains, nullptr, out);
    } else {
        remember(chart, configuration, out);
        History now = history ? *history : History{};
        for (const auto& [state, states] : out.remembered) now.put(state, states);
        compute_entries(chart, transitions, domains, &now, out);
    }
    enter(chart, out);
}

Microstep take(const Chart& chart, const Configuration& configuration, std::span<const uint32_t> transitions,
               const History* history) {
    Microstep out;
    take(chart, configuration, transitions, out, history);
    return out;
}

std::vector<StateId> exit_order(const Configuration& configuration) {
    return {configuration.rbegin(), configuration.rend()};
}

}  // namespace leat::flow
