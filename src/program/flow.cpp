// What hangs on a flow's shape: guards, criteria, steps, timers, approvals.
#include <algorithm>

#include <fmt/format.h>

#include "program/compiler.hpp"

namespace leat::program {

using feel::TypeKind;
using flow::StateId;

void Compiler::compile_flows() {
    for (size_t i = 0; i < flow_drafts_.size(); ++i) {
        FlowDraft& draft = flow_drafts_[i];
        Flow& flow = program_.flows[i];
        compile_events(draft, flow);
        compile_transitions(draft, flow);
        compile_states(draft, flow);
        compile_timers(draft, flow);
    }
}

void Compiler::compile_events(FlowDraft& draft, Flow& flow) {
    for (const model::Event& source : draft.source.events) {
        flow::EventId id = flow.find_event(source.name.text);
        if (id == flow::kNone || source.allow_if.empty()) continue;
        Event& event = flow.events[id];
        event.allow_if = filter(source.allow_if, names_with_actor(flow.entity));
        if (event.allow_if) forbid_computed(*event.allow_if, flow.entity, source.allow_if.span, "access");
    }
}

void Compiler::compile_states(FlowDraft& draft, Flow& flow) {
    for (StateId state = 0; state < draft.states.size(); ++state) {
        const model::State* source = draft.states[state].source;
        if (!source) continue;
        StatePart& part = flow.states[state];
        std::string at = flow.name + "." + part.name;
        Names names = names_with_actor(flow.entity);
        part.entry_criteria = criteria(source->entry_criteria, names, at + ".entry_criteria");
        part.exit_criteria = criteria(source->exit_criteria, names, at + ".exit_criteria");
        part.entry = steps(source->entry, names, {&flow, at + ".entry"});
        part.exit = steps(source->exit, names, {&flow, at + ".exit"});
        access_fields(flow.entity, source->fields, part.fields, &part.required_fields);
        if (source->approve) part.approval = approval(*source->approve, draft, flow, at + ".approve");
    }
}

void Compiler::compile_transitions(FlowDraft& draft, Flow& flow) {
    for (uint32_t number = 0; number < flow.transitions.size(); ++number) {
        if (!draft.transitions[number].source) continue;
        Diagnostics muted;
        Diagnostics* heard = diagnostics_;
        if (draft.transitions[number].copy) diagnostics_ = &muted;
        compile_transition(draft, flow, number);
        diagnostics_ = heard;
    }
}

void Compiler::compile_transition(FlowDraft& draft, Flow& flow, uint32_t number) {
    const model::Transition& source = *draft.transitions[number].source;
    TransitionPart& part = flow.transitions[number];
    Names names = names_with_actor(flow.entity);
    flow::EventId event = flow.chart.transitions[number].event;
    if (event != flow::kNone && !flow.events[event].payload.empty())
        names.add("event", kEvent, flow.events[event].payload_type);
    if (!source.guard.empty()) {
        part.guard = condition(source.guard, names);
        if (part.guard) {
            for (FieldId field : own_reads(*part.guard, flow.entity)) draft.guard_reads.push_back(field);
        }
    }
    part.message = templates(source.message, names);
    part.steps = steps(source.do_, names, {&flow, part.at + ".do"});
}

void Compiler::compile_timers(FlowDraft& draft, Flow& flow) {
    for (size_t i = 0; i < flow.timers.size(); ++i) {
        const Text& name = draft.timer_delays[i];
        auto delay = std::find_if(draft.source.delays.begin(), draft.source.delays.end(),
                                  [&](const model::Delay& one) { return one.name.text == name.text; });
        if (delay != draft.source.delays.end()) {
            compile_timer(*delay, names_of(flow.entity), flow.timers[i]);
        } else if (auto constant = duration_literal(name)) {
            flow.timers[i].for_.present = true;
            flow.timers[i].for_.constant = *constant;
        }
    }
    std::map<std::string, Span, std::less<>> known;
    for (const model::Delay& delay : draft.source.delays) {
        if (!declare(known, delay.name, "delay")) continue;
        bool used = std::any_of(draft.timer_delays.begin(), draft.timer_delays.end(),
                                [&](const Text& one) { return one.text == delay.name.text; });
        if (!used)
            warning("program.delay.unused", delay.name.span,
                    fmt::format("no state waits for delay '{}'", delay.name.text));
    }
}

void Compiler::compile_timer(const model::Delay& delay, const Names& names, Timer& timer) {
    if (delay.for_.empty() == delay.at.empty()) {
        error("program.delay", delay.name.span, fmt::format("delay '{}' needs one of 'for' and 'at'", delay.name.text));
    }
    if (!delay.for_.empty()) timer.for_ = duration_operand(delay.for_, names);
    auto moment = [&](const Text& text) {
        ExpressionPtr out = expression(text, names);
        if (!out) return out;
        TypeKind kind = out->type()->kind;
        if (kind != TypeKind::date && kind != TypeKind::date_time && kind != TypeKind::any && kind != TypeKind::null) {
            error("program.type", text.span,
                  fmt::format("this wants a date or a date and time, not {}", feel::describe(out->type())));
        }
        return out;
    };
    if (!delay.at.empty()) timer.at = moment(delay.at);
    if (!delay.since.empty()) timer.since = moment(delay.since);
    if (!delay.late.empty()) not_built(delay.late.span, "late");
    if (!delay.repeat.empty()) {
        timer.repeat = duration_operand(delay.repeat, names);
        timer.times = INT64_MAX;  // until the state is left
    }
    if (delay.times.empty()) return;
    if (delay.repeat.empty()) {
        error("program.delay", delay.times.text.span, "'times' needs 'repeat'");
    } else if (delay.times.is_expression) {
        not_built(delay.times.text.span, "times as an expression");
    } else if (auto times = integer(delay.times.text, "times", 1, 1'000'000)) {
        timer.times = *times;
    }
}

}  // namespace leat::program
