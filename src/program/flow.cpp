// What hangs on a flow's shape: guards, criteria, steps, timers, approvals.
#include <algorithm>

#include <fmt/format.h>

#include "program/compiler.hpp"

namespace leat::program {

using feel::TypeKind;
using flow::StateId;

void Compiler::compile_flows() {
    // What literals for a flow's data are depends on what they begin with, also in flows that invoke it.
    for (size_t i = 0; i < flow_drafts_.size(); ++i) compile_data(flow_drafts_[i], program_.flows[i]);
    for (size_t i = 0; i < flow_drafts_.size(); ++i) {
        FlowDraft& draft = flow_drafts_[i];
        Flow& flow = program_.flows[i];
        compile_events(draft, flow);
        timer_payloads(flow);
        compile_invokes(draft, flow);
        compile_transitions(draft, flow);
        compile_states(draft, flow);
        compile_timers(draft, flow);
        if (!gave_up()) verify_choices(draft, flow);
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
        Names names = flow_names(flow);
        part.entry_criteria = criteria(source->entry_criteria, names, at + ".entry_criteria");
        part.exit_criteria = criteria(source->exit_criteria, names, at + ".exit_criteria");
        part.entry = steps(source->entry, names, {&flow, at + ".entry"});
        part.exit = steps(source->exit, names, {&flow, at + ".exit"});
        access_fields(flow.entity, source->fields, part.fields, &part.required_fields);
        donedata(*source, names, flow, part);
        part.undo = add_undo(source->compensate, flow, state, names, at + ".compensate");
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
    Names names = flow_names(flow);
    flow::EventId event = flow.chart.transitions[number].event;
    if (event != flow::kNone && !flow.scxml) {
        const Event& heard = flow.events[event];
        bool several = !flow.chart.transitions[number].also.empty();
        bool child = heard.origin == EventOrigin::done || heard.origin == EventOrigin::internal;
        if (child || (several && !heard.payload.empty()))
            names.add("event", kEvent, types_.basic(TypeKind::any));
        else if (!heard.payload.empty())
            names.add("event", kEvent, heard.payload_type);
    }
    if (!source.guard.empty() && flow.scxml) {
        part.guard = scxml_expression(source.guard, names);
        part.guard_fails = !part.guard;
    } else if (!source.guard.empty()) {
        part.guard = condition(source.guard, names);
        if (part.guard) {
            for (FieldId field : own_reads(*part.guard, flow.entity)) draft.guard_reads.push_back(field);
        }
    }
    part.message = templates(source.message, names);
    part.steps = steps(source.do_, names, {&flow, part.at + ".do"});
}

}  // namespace leat::program
