// What can be told of a flow before it runs, each with the way there as evidence.
#include <algorithm>

#include <fmt/format.h>

#include "flow/paths.hpp"
#include "program/cases.hpp"
#include "program/compiler.hpp"

namespace leat::program {

using flow::StateId;
using flow::StateType;

namespace {

// "the way there: draft, submit -> review, approved -> signed".
std::string way_to(const Flow& flow, StateId state) {
    auto path = flow::path_to(flow.chart, state);
    if (!path) return {};
    auto first = flow::atomic_states(flow.chart, flow::start(flow.chart).configuration);
    std::string out = "the way there: " + (first.empty() ? flow.name : flow.states[first.front()].name);
    for (uint32_t number : *path) {
        const flow::ChartTransition& transition = flow.chart.transitions[number];
        std::string cause = transition.event != flow::kNone  ? flow.events[transition.event].name
                            : transition.descriptors.empty() ? "always"
                                                             : transition.descriptors.front();
        std::string targets;
        for (StateId target : transition.targets) targets += (targets.empty() ? "" : " + ") + flow.states[target].name;
        out += fmt::format(", {} -> {}", cause, targets);
    }
    return out;
}

bool hears(const flow::ChartTransition& transition, flow::EventId event) {
    return transition.event == event ||
           std::find(transition.also.begin(), transition.also.end(), event) != transition.also.end();
}

// The states that a guard asks for by name: in_state("NAME"), with where the name stands.
std::vector<Text> asked_states(const Text& guard) {
    constexpr std::string_view kCall = "in_state(";
    std::vector<Text> out;
    for (size_t at = guard.text.find(kCall); at != std::string::npos; at = guard.text.find(kCall, at + 1)) {
        size_t begin = at + kCall.size();
        if (begin >= guard.text.size() || guard.text[begin] != '"') continue;
        size_t end = guard.text.find('"', begin + 1);
        if (end != std::string::npos) out.push_back(slice(guard, begin + 1, end));
    }
    return out;
}

}  // namespace

void Compiler::verify_flow(const FlowDraft& draft, const Flow& flow, bool whole) {
    if (flow.scxml) return;  // its events may be any, and its errors are what it is tried with
    for (const flow::Finding& finding : flow::verify(flow.chart)) {
        if (!draft.states[finding.state].source && finding.state != 0) continue;
        if (!whole && finding.kind != flow::Finding::Kind::never_fires) continue;
        const StatePart& state = flow.states[finding.state];
        switch (finding.kind) {
            case flow::Finding::Kind::unreachable:
                warning("program.state.unreachable", state.span,
                        fmt::format("no transition leads to state '{}'", state.name));
                break;
            case flow::Finding::Kind::no_way_out:
                warning("program.state.no_way_out", state.span,
                        fmt::format("no final state can be reached from '{}'", state.name),
                        way_to(flow, finding.state));
                break;
            case flow::Finding::Kind::never_fires:
                if (draft.transitions[finding.transition].copy) break;
                error("program.transition.never", flow.transitions[finding.transition].span,
                      "this transition never fires: one before it has no guard", "put the one without a guard last");
                break;
        }
    }
    std::vector<std::string> known;
    for (const FlowDraft& other : flow_drafts_)
        if (other.source.of.text == draft.source.of.text)
            for (const auto& [name, id] : other.state_by_name) known.push_back(name);
    for (const TransitionDraft& transition : draft.transitions) {
        if (!transition.source || transition.copy) continue;
        for (const Text& asked : asked_states(transition.source->guard)) {
            if (std::find(known.begin(), known.end(), asked.text) != known.end()) continue;
            error("program.state.unknown", asked.span, fmt::format("there is no state '{}' here", asked.text),
                  did_you_mean(asked.text, known));
        }
    }
    if (!whole) return;
    verify_events(draft, flow);
    verify_done(draft, flow);
    verify_timers(draft, flow);
}

// Events that are declared and that nothing hears.
void Compiler::verify_events(const FlowDraft& draft, const Flow& flow) {
    std::vector<bool> reachable = flow::reachable(flow.chart);
    for (const model::Event& source : draft.source.events) {
        flow::EventId event = flow.find_event(source.name.text);
        if (event == flow::kNone || event == flow.start) continue;
        bool heard = std::any_of(flow.chart.transitions.begin(), flow.chart.transitions.end(),
                                 [&](const auto& transition) { return hears(transition, event); });
        bool reached = std::any_of(
            flow.chart.transitions.begin(), flow.chart.transitions.end(),
            [&](const auto& transition) { return hears(transition, event) && reachable[transition.source]; });
        if (reached) continue;
        warning("program.event.unheard", source.name.span,
                fmt::format("no state of flow '{}' {}handles event '{}'", flow.name,
                            heard ? "that can be reached " : "", source.name.text),
                fmt::format("write 'on: {{{}: STATE}}' where it is expected", source.name.text));
    }
}

// `onDone` of a state whose children never end.
void Compiler::verify_done(const FlowDraft& draft, const Flow& flow) {
    for (uint32_t number = 0; number < flow.transitions.size(); ++number) {
        const model::Transition* source = draft.transitions[number].source;
        flow::EventId event = flow.chart.transitions[number].event;
        if (!source || event == flow::kNone || flow.events[event].origin != EventOrigin::done) continue;
        StateId state = flow.events[event].state;
        const flow::ChartState& shape = flow.chart.states[state];
        bool of_children = draft.states[state].source && draft.states[state].source->on_done &&
                           &*draft.states[state].source->on_done == source && !shape.children.empty();
        if (!of_children || flow::can_be_done(flow.chart, state)) continue;
        warning("program.done.never", source->span,
                fmt::format("'{}' is never done: {}", flow.states[state].name,
                            shape.type == StateType::parallel ? "not all of its regions can reach a final state"
                                                              : "no final state of its own can be reached"),
                way_to(flow, state));
    }
}

namespace {

const feel::Expression* guard_of(const Flow& flow, uint32_t number) {
    return flow.transitions[number].guard.get();
}

std::string and_way(std::string hint, const Flow& flow, StateId state) {
    std::string way = way_to(flow, state);
    return way.empty() ? hint : fmt::format("{}; {}", hint, way);
}

}  // namespace

// After the guards are compiled: what they decide, over the values that their constants tell apart.
void Compiler::verify_choices(const FlowDraft& draft, const Flow& flow) {
    if (flow.scxml) return;
    for (StateId state = 0; state < flow.states.size(); ++state) {
        if (state != 0 && !draft.states[state].source) continue;
        verify_never(draft, flow, state);
        verify_alternatives(draft, flow, state);
        if (state != 0) verify_guards(draft, flow, state);
    }
}

// Transitions that their own guard, or the guards before it, keep from ever firing.
void Compiler::verify_never(const FlowDraft& draft, const Flow& flow, StateId state) {
    const auto& numbers = flow.chart.states[state].transitions;
    for (size_t i = 0; i < numbers.size(); ++i) {
        const flow::ChartTransition& transition = flow.chart.transitions[numbers[i]];
        if (!guard_of(flow, numbers[i]) || !draft.transitions[numbers[i]].source || draft.transitions[numbers[i]].copy)
            continue;
        std::vector<const feel::Expression*> guards;
        bool open = false;
        for (size_t k = 0; k < i && transition.also.empty(); ++k) {
            const flow::ChartTransition& former = flow.chart.transitions[numbers[k]];
            bool same = transition.event == flow::kNone ? former.event == flow::kNone && former.also.empty()
                                                        : hears(former, transition.event);
            if (!same) continue;
            open = open || !guard_of(flow, numbers[k]);
            guards.push_back(guard_of(flow, numbers[k]));
        }
        if (open) continue;  // told already
        guards.push_back(guard_of(flow, numbers[i]));
        Cases cases = follow_cases(program_, flow.entity, guards);
        if (!cases.followed && guards.size() > 1) {
            guards = {guard_of(flow, numbers[i])};
            cases = follow_cases(program_, flow.entity, guards);
        }
        if (!cases.followed || !cases.never_asked.back()) continue;
        bool alone = cases.never_true.back();
        warning("program.guard.never", flow.transitions[numbers[i]].span,
                alone ? "this transition never fires: its guard is never true"
                      : "this transition never fires: where its guard is true, one before it fires",
                and_way(alone ? "no values meet it" : "narrow those before it, or put it first", flow, state));
    }
}

// Several guarded transitions for one event are a choice. Where none of them says what to tell people otherwise, it
// should be whole. A single guard is a condition, and a `message` says that refusing is meant.
void Compiler::verify_alternatives(const FlowDraft& draft, const Flow& flow, StateId state) {
    std::set<flow::EventId> events;
    for (uint32_t number : flow.chart.states[state].transitions) {
        const flow::ChartTransition& transition = flow.chart.transitions[number];
        if (transition.event == flow::kNone) continue;
        events.insert(transition.event);
        events.insert(transition.also.begin(), transition.also.end());
    }
    for (flow::EventId event : events) {
        std::vector<const feel::Expression*> guards;
        const model::Transition* last = nullptr;
        size_t own = 0;
        bool open = false;
        for (StateId up = state; up != flow::kNone && !open; up = flow.chart.states[up].parent) {
            for (uint32_t number : flow.chart.states[up].transitions) {
                if (!hears(flow.chart.transitions[number], event)) continue;
                const model::Transition* source = draft.transitions[number].source;
                open = open || !guard_of(flow, number) || !source || !source->message.empty() ||
                       draft.transitions[number].copy;
                guards.push_back(guard_of(flow, number));
                if (up != state) continue;
                ++own;
                last = source;
            }
        }
        if (open || own < 2) continue;
        Cases cases = follow_cases(program_, flow.entity, guards);
        if (!cases.followed || !cases.exact || !cases.uncovered) continue;
        warning("program.guards.uncovered", last->span,
                fmt::format("no guard for '{}' in '{}' is true where {}", flow.events[event].name,
                            flow.states[state].name, *cases.uncovered),
                and_way("add one without a guard, last, or a 'message' that says why not", flow, state));
    }
}

// A state that only guarded `always` or `onDone` leave: where all are false, nothing else ever will.
void Compiler::verify_guards(const FlowDraft& draft, const Flow& flow, StateId state) {
    const flow::ChartState& shape = flow.chart.states[state];
    const model::State& source = *draft.states[state].source;
    if (shape.type == StateType::final || shape.type == StateType::history || source.approve ||
        !source.invoke.empty() || !source.after.empty())
        return;
    std::vector<const feel::Expression*> guards;
    const model::Transition* last = nullptr;
    for (StateId up = state; up != flow::kNone; up = flow.chart.states[up].parent) {
        for (uint32_t number : flow.chart.states[up].transitions) {
            const flow::ChartTransition& transition = flow.chart.transitions[number];
            bool by_itself =
                transition.event == flow::kNone || flow.events[transition.event].origin == EventOrigin::done;
            if (!by_itself || !guard_of(flow, number)) return;
            guards.push_back(guard_of(flow, number));
            if (up == state && draft.transitions[number].source) last = draft.transitions[number].source;
        }
    }
    if (!last || (shape.type == StateType::compound && !shape.children.empty() && !source.on_done)) return;
    Cases cases = follow_cases(program_, flow.entity, guards);
    if (cases.followed && !cases.uncovered) return;
    std::string where = cases.followed && cases.exact ? *cases.uncovered : "no guard is true";
    warning("program.guards.uncovered", last->span,
            fmt::format("where {}, nothing leaves '{}'", where, flow.states[state].name),
            and_way("add one without a guard, last", flow, state));
}

// Timers whose firing changes nothing, or that never fire because their state is left at once.
void Compiler::verify_timers(const FlowDraft& draft, const Flow& flow) {
    for (const Timer& timer : flow.timers) {
        const StatePart& state = flow.states[timer.state];
        const Span* idle = nullptr;
        bool useful = false;
        for (uint32_t number : flow.chart.states[timer.state].transitions) {
            const flow::ChartTransition& transition = flow.chart.transitions[number];
            const model::Transition* source = draft.transitions[number].source;
            if (!source) continue;
            if (transition.event == flow::kNone && transition.descriptors.empty() && transition.guard == flow::kNone &&
                !transition.targets.empty()) {
                warning("program.timer.no_effect", state.span,
                        fmt::format("'{}' is left at once, so '{}' never falls due", state.name, timer.name),
                        way_to(flow, timer.state));
                useful = true;
                break;
            }
            if (!hears(transition, timer.event)) continue;
            if (!transition.targets.empty() || !source->do_.empty()) useful = true;
            idle = &source->span;
        }
        if (useful || !idle) continue;
        warning("program.timer.no_effect", *idle, fmt::format("when '{}' falls due, nothing happens", timer.name),
                "give it a target, or steps under 'do'; " + way_to(flow, timer.state));
    }
}

}  // namespace leat::program
