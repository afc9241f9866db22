// What can be told of a flow before it runs, each with the way there as evidence.
#include <algorithm>

#include <fmt/format.h>

#include "flow/paths.hpp"
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

// "a" and "not(a)", "a" and "not (a)": one of them holds.
bool opposite(const std::string& a, const std::string& b) {
    auto squeezed = [](const std::string& text) {
        std::string out;
        for (char c : text)
            if (c != ' ' && c != '\n') out += c;
        return out;
    };
    std::string x = squeezed(a), y = squeezed(b);
    return x == "not(" + y + ")" || y == "not(" + x + ")";
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
    for (StateId state = 1; state < flow.states.size(); ++state)
        if (draft.states[state].source) verify_guards(draft, flow, state);
    verify_timers(draft, flow);
}

// Events that are declared and that nothing hears.
void Compiler::verify_events(const FlowDraft& draft, const Flow& flow) {
    for (const model::Event& source : draft.source.events) {
        flow::EventId event = flow.find_event(source.name.text);
        if (event == flow::kNone || event == flow.start) continue;
        bool heard = std::any_of(flow.chart.transitions.begin(), flow.chart.transitions.end(),
                                 [&](const auto& transition) { return hears(transition, event); });
        if (heard) continue;
        warning("program.event.unheard", source.name.span,
                fmt::format("no state of flow '{}' handles event '{}'", flow.name, source.name.text),
                fmt::format("write 'on: {{{}: STATE}}' where it is expected", source.name.text));
    }
}

// A state that only guarded `always` or `onDone` leave: where all are false, nothing else ever will.
void Compiler::verify_guards(const FlowDraft& draft, const Flow& flow, StateId state) {
    const flow::ChartState& shape = flow.chart.states[state];
    const model::State& source = *draft.states[state].source;
    if (shape.type == StateType::final || shape.type == StateType::history || source.approve ||
        !source.invoke.empty() || !source.after.empty())
        return;
    std::vector<const model::Transition*> guarded;
    for (StateId up = state; up != flow::kNone; up = flow.chart.states[up].parent) {
        for (uint32_t number : flow.chart.states[up].transitions) {
            const flow::ChartTransition& transition = flow.chart.transitions[number];
            bool by_itself =
                transition.event == flow::kNone || flow.events[transition.event].origin == EventOrigin::done;
            if (!by_itself || transition.guard == flow::kNone) return;
            if (up == state && draft.transitions[number].source) guarded.push_back(draft.transitions[number].source);
        }
    }
    if (guarded.empty() || (shape.type == StateType::compound && flow.states[state].timers.empty() &&
                            !shape.children.empty() && source.on_done == std::nullopt))
        return;
    for (const model::Transition* one : guarded)
        for (const model::Transition* other : guarded)
            if (opposite(one->guard.text, other->guard.text)) return;
    warning("program.guards.uncovered", guarded.back()->span,
            fmt::format("where no guard is true, nothing leaves '{}'", flow.states[state].name),
            "add one without a guard, last; " + way_to(flow, state));
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
