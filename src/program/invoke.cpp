// Child flows and calls that run while a state is active, and what undoes what was done.
#include <algorithm>

#include <fmt/format.h>

#include "program/compiler.hpp"

namespace leat::program {

using feel::TypeKind;
using flow::StateId;

void Compiler::wire_invokes(FlowDraft& draft, Flow& flow, StateId state, const model::State& source,
                            const std::string& at) {
    for (size_t i = 0; i < source.invoke.size(); ++i) {
        const model::Invoke& one = source.invoke[i];
        Invoke invoke;
        invoke.number = static_cast<uint32_t>(flow.invokes.size());
        invoke.state = state;
        invoke.span = one.span;
        invoke.id = one.id.text;
        invoke.at = fmt::format("{}.invoke[{}]", at, i + 1);
        invoke.done = add_event(flow, "done.invoke." + (invoke.id.empty() ? at : invoke.id), EventOrigin::done, state);
        invoke.error =
            add_event(flow, "error.invoke." + (invoke.id.empty() ? at : invoke.id), EventOrigin::internal, state);
        if (one.on_done) wire_transition(draft, flow, state, *one.on_done, invoke.done, false, invoke.at + ".onDone");
        if (one.on_error)
            wire_transition(draft, flow, state, *one.on_error, invoke.error, false, invoke.at + ".onError");
        for (const Invoke& other : flow.invokes) {
            if (invoke.id.empty() || other.id != invoke.id) continue;
            error("program.duplicate", one.id.span, fmt::format("there are two invokes called '{}'", invoke.id));
        }
        flow.states[state].invokes.push_back(invoke.number);
        draft.invokes.push_back(&one);
        flow.invokes.push_back(std::move(invoke));
    }
}

// A state's `onError` hears the errors of everything that is invoked in it and below, behind their own `onError`.
void Compiler::wire_errors(FlowDraft& draft, Flow& flow) {
    for (StateId state = 0; state < flow.states.size(); ++state) {
        const model::State* source = draft.states[state].source;
        const auto& on_error = state == 0 ? draft.source.on_error : source ? source->on_error : draft.no_transition;
        if (!on_error) continue;
        std::vector<flow::EventId> events;
        for (const Invoke& invoke : flow.invokes) {
            StateId up = invoke.state;
            while (up != flow::kNone && up != state) up = flow.chart.states[up].parent;
            if (up == state) events.push_back(invoke.error);
        }
        if (events.empty()) {
            error("program.event.never", on_error->span,
                  fmt::format("nothing is invoked in '{}' that could fail", flow.states[state].name));
            continue;
        }
        auto number = static_cast<uint32_t>(flow.chart.transitions.size());
        wire_transition(draft, flow, state, *on_error, events.front(), false,
                        fmt::format("{}.{}.onError", flow.name, flow.states[state].name));
        if (number != flow.chart.transitions.size())
            flow.chart.transitions[number].also.assign(events.begin() + 1, events.end());
    }
}

uint32_t Compiler::add_undo(const model::Steps& sources, Flow& flow, StateId state, const Names& names,
                            const std::string& at) {
    if (sources.empty()) return kNone;
    Undo undo;
    undo.at = at;
    undo.state = state;
    undo.steps = steps(sources, names, {&flow, at});
    flow.undos.push_back(std::move(undo));
    return static_cast<uint32_t>(flow.undos.size() - 1);
}

void Compiler::compile_invokes(FlowDraft& draft, Flow& flow) {
    for (size_t i = 0; i < flow.invokes.size(); ++i) compile_invoke(*draft.invokes[i], flow, flow.invokes[i]);
}

void Compiler::compile_invoke(const model::Invoke& source, Flow& flow, Invoke& out) {
    Names names = flow_names(flow);
    if (!source.foreach_.empty()) {
        out.foreach_ = expression(source.foreach_, names);
        feel::TypeRef item = types_.basic(TypeKind::any);
        if (out.foreach_ && out.foreach_->type()->kind == TypeKind::list && out.foreach_->type()->element)
            item = out.foreach_->type()->element;
        out.as = source.as.text;
        if (!source.as.empty()) bind_local(source.as, item, names, out.local);
    }
    for (const Text* key : {&source.as, &source.sequential, &source.complete_if}) {
        if (key->empty() || out.foreach_ || !source.foreach_.empty()) continue;
        error("program.invoke", key->span, "'as', 'sequential' and 'complete_if' need 'foreach'");
    }
    invoke_source(source, flow, out);
    invoke_input(source, flow, names, out);
    out.locals_end = names.next_local();
    out.sequential = boolean(source.sequential, "sequential").value_or(false);
    out.autoforward = boolean(source.autoforward, "autoforward").value_or(false);
    if (!source.type.empty()) {
        if (flow.scxml)
            out.type = scxml_operand(source.type, names);
        else
            error("program.invoke", source.type.text.span, "'type' belongs to 'dialect: scxml'");
    }
    if (!source.id_location.empty()) {
        for (uint32_t i = 0; i < flow.data.size(); ++i)
            if (flow.data[i].name == source.id_location.text) out.id_datum = i;
        if (out.id_datum == kNone)
            error("program.data.unknown", source.id_location.span,
                  fmt::format("flow '{}' has no data '{}'", flow.name, source.id_location.text));
    }
    if (!source.complete_if.empty()) {
        Names counts = names;
        out.counts_local = counts.next_local();
        feel::TypeRef number = types_.decimal(0, false);
        for (const char* name : {"instances", "completed", "active"}) counts.add(name, counts.next_local(), number);
        counts.add("results", counts.next_local(), types_.list(types_.basic(TypeKind::any)));
        out.complete_if = condition(source.complete_if, counts);
    }
    Names heard = names;
    if (!flow.scxml) heard.add("event", kEvent, types_.basic(TypeKind::any));
    out.finalize = steps(source.finalize, heard, {&flow, out.at + ".finalize"});
    out.undo = add_undo(source.compensate, flow, out.state, names, out.at + ".compensate");
}

void Compiler::invoke_source(const model::Invoke& source, const Flow& flow, Invoke& out) {
    const std::string& name = source.src.text;
    std::vector<std::string> known;
    for (const Flow& other : program_.flows) {
        known.push_back(other.name);
        if (other.name == name) out.flow = other.id;
    }
    for (uint32_t i = 0; i < program_.operations.size(); ++i) {
        known.push_back(program_.operations[i].name);
        if (program_.operations[i].name == name) out.operation = i;
    }
    if (out.flow == kNone && out.operation == kNone) {
        error("program.invoke.unknown", source.src.span,
              fmt::format("there is no flow and no connector operation '{}'", name), did_you_mean(name, known));
        return;
    }
    if (out.flow != kNone) {
        const Flow& child = program_.flows[out.flow];
        bool same = child.entity == flow.entity;
        if (child.id == flow.id && !child.pure)
            error("program.invoke", source.src.span, "a flow cannot invoke itself on the same record");
        else if (same && child.id != flow.id && !child.invoked)
            error("program.invoke", source.src.span, fmt::format("flow '{}' of this record starts by itself", name),
                  "write 'start: invoked' in it");
        if (same && !source.foreach_.empty())
            error("program.invoke", source.foreach_.span, "a flow of this same record can run only once at a time",
                  "invoke a flow of another entity, or one without 'of'");
        return;
    }
    if (!source.foreach_.empty())
        error("program.invoke", source.foreach_.span, "'foreach' runs child flows, not calls");
}

void Compiler::invoke_input(const model::Invoke& source, const Flow& flow, const Names& names, Invoke& out) {
    if (out.operation != kNone) {
        Step call;
        call.span = source.span;
        named_values(source.input, program_.operations[out.operation].input, fmt::format("'{}'", source.src.text),
                     names, call);
        out.input = std::move(call.assignments);
        return;
    }
    if (out.flow == kNone) return;
    const Flow& child = program_.flows[out.flow];
    for (const model::Assignment& one : source.input) {
        StepAssignment assignment;
        assignment.name = one.field.text;
        if (flow.scxml) {
            assignment.value = scxml_operand(one.value, names);
            out.input.push_back(std::move(assignment));
            continue;
        }
        auto datum = std::find_if(child.data.begin(), child.data.end(),
                                  [&](const Datum& candidate) { return candidate.name == one.field.text; });
        const Field* field = program_.entities[child.entity].find(one.field.text);
        if (datum == child.data.end() && (!field || field->origin != Origin::declared)) {
            std::vector<std::string> known;
            for (const Datum& candidate : child.data) known.push_back(candidate.name);
            error("program.field.unknown", one.field.span,
                  fmt::format("flow '{}' and its record have no '{}'", child.name, one.field.text),
                  did_you_mean(one.field.text, known));
            continue;
        }
        if (datum != child.data.end()) {
            assignment.datum = static_cast<uint32_t>(datum - child.data.begin());
            assignment.value = datum_operand(one.value, *datum, names);
        } else {
            assignment.field = field->id;
            assignment.value = operand(one.value, *field, names);
        }
        out.input.push_back(std::move(assignment));
    }
}

}  // namespace leat::program
