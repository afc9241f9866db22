// Steps that reach people and other systems: send, task, notify, call.
#include <algorithm>

#include <fmt/format.h>

#include "program/compiler.hpp"

namespace leat::program {

using feel::TypeKind;

// `with`: values for declared fields (a payload, an operation's input, a notice's parameters).
void Compiler::named_values(const std::vector<model::Assignment>& sources, const std::vector<Field>& fields,
                            std::string_view what, const Names& names, Step& out) {
    for (const model::Assignment& source : sources) {
        auto field =
            std::find_if(fields.begin(), fields.end(), [&](const Field& one) { return one.name == source.field.text; });
        if (field == fields.end()) {
            std::vector<std::string> known;
            for (const Field& one : fields) known.push_back(one.name);
            error("program.field.unknown", source.field.span, fmt::format("{} has no '{}'", what, source.field.text),
                  did_you_mean(source.field.text, known));
            if (source.value.is_expression) expression(source.value.text, names);
            continue;
        }
        StepAssignment assignment;
        assignment.field = field->id;
        assignment.name = field->name;
        assignment.value = operand(source.value, *field, names);
        out.assignments.push_back(std::move(assignment));
    }
    for (const Field& field : fields) {
        bool given = std::any_of(out.assignments.begin(), out.assignments.end(),
                                 [&](const StepAssignment& one) { return one.name == field.name; });
        if (field.required && !given && !field.default_value) {
            error("program.step.with", out.span, fmt::format("{} needs '{}'", what, field.name),
                  fmt::format("write 'with: {{{}: …}}'", field.name));
        }
    }
}

// A role's name, an address, or an expression that gives users, a role or an address.
void Compiler::receiver(const model::Operand& source, const Names& names, std::string_view what, Step& out) {
    if (source.empty()) {
        error("program.step.receiver", out.span, fmt::format("'{}' does not say who", what),
              "write a role, or '= owner'");
        return;
    }
    if (!source.is_expression) {
        if (source.text.text.find('@') == std::string::npos) {
            if (auto role = role_named(source.text)) out.role = *role;
            return;
        }
        Text address = source.text;
        address.text = "\"" + source.text.text + "\"";
        address.line_starts.clear();
        out.target = expression(address, names);
        return;
    }
    out.target = expression(source.text, names);
    if (!out.target) return;
    feel::TypeRef type = out.target->type();
    if (type->kind == TypeKind::list && type->element) type = type->element;
    bool user = type->kind == TypeKind::record && type->class_id == program_.user;
    bool text =
        type->kind == TypeKind::string || (type->kind == TypeKind::enumeration && type->enumeration == role_enum_);
    if (!user && !text && type->kind != TypeKind::any && type->kind != TypeKind::null) {
        error("program.type", source.text.span,
              fmt::format("a receiver is a user, a role or an address, not {}", feel::describe(out.target->type())));
    }
}

void Compiler::step_task(const model::Step& source, const Names& names, Step& out) {
    out.kind = StepKind::task;
    receiver(source.to, names, "task", out);
    model::Localized title;
    title.texts.emplace_back("", source.target.text);
    if (source.target.is_expression) {
        title.texts[0].second.text = "{" + source.target.text.text + "}";
        title.texts[0].second.line_starts.clear();
    }
    if (!source.target.is_expression) warn_spelled_name(source.target.text, names);
    out.title = templates(title, names);
    if (!source.due.empty()) out.due = due_operand(source.due, names);
}

void Compiler::step_notify(const model::Step& source, const Names& names, Step& out) {
    out.kind = StepKind::notify;
    receiver(source.target, names, "notify", out);
    if (source.notice.empty() == source.text.empty()) {
        error("program.step.notify", source.span, "'notify' needs one of 'notice' and 'text'");
        return;
    }
    if (!source.text.empty()) {
        model::Localized text;
        text.texts.emplace_back("", source.text.text);
        if (source.text.is_expression) {
            text.texts[0].second.text = "{" + source.text.text.text + "}";
            text.texts[0].second.line_starts.clear();
        }
        if (!source.text.is_expression) warn_spelled_name(source.text.text, names);
        out.title = templates(text, names);
        if (!source.assignments.empty()) error("program.key", source.span, "'with' goes with 'notice'");
        return;
    }
    const Text& name = source.notice.text;
    out.name = name.text;
    std::vector<std::string> known;
    for (uint32_t i = 0; i < program_.notices.size(); ++i) {
        known.push_back(program_.notices[i].name);
        if (program_.notices[i].name == name.text) out.number = i;
    }
    if (out.number == kNone) {
        unknown("program.notice.unknown", name, "notice", known);
        return;
    }
    named_values(source.assignments, program_.notices[out.number].params, fmt::format("notice '{}'", name.text), names,
                 out);
}

void Compiler::step_call(const model::Step& source, Names& names, const Place& place, Step& out) {
    out.kind = StepKind::call;
    const Text& name = source.target.text;
    out.name = name.text;
    std::vector<std::string> known;
    for (uint32_t i = 0; i < program_.operations.size(); ++i) {
        known.push_back(program_.operations[i].name);
        if (program_.operations[i].name == name.text) out.number = i;
    }
    if (out.number == kNone) {
        unknown("program.operation.unknown", name, "connector operation", known);
        return;
    }
    named_values(source.assignments, program_.operations[out.number].input, fmt::format("'{}'", name.text), names, out);
    if (!source.as.empty()) bind_local(source.as, types_.decimal(0, false), names, out.local);
    if (source.compensate.empty()) return;
    if (place.flow) {  // which may name the call
        out.undo = add_undo(source.compensate, *place.flow, flow::kNone, names, place.at + ".compensate");
        out.locals_end = names.next_local();
    } else {
        error("program.step.compensate", source.span, "'compensate' belongs to a flow's own steps");
    }
}

// An event to another record (or this one), handled when this record's own step is over. `flow.event` addresses one
// flow.
void Compiler::step_send(const model::Step& source, const Names& names, const Place& place, Step& out) {
    out.kind = StepKind::send;
    const Text& name = source.target.text;
    out.name = name.text;
    if (source.target.is_expression) {
        error("program.event.unknown", name.span, "'send' wants the name of an event");
        return;
    }
    if (!source.after.empty()) out.after = duration_operand(source.after, names);
    for (const model::Operand* key : {&source.content, &source.type})
        if (!key->empty()) error("program.key", key->text.span, "this belongs to 'dialect: scxml'");
    if (!source.id_location.empty()) error("program.key", source.id_location.span, "this belongs to 'dialect: scxml'");
    if (!source.id.empty()) {
        if (!place.flow || source.after.empty())
            error("program.step.send", source.id.text.span, "'id' names a delayed 'send' among a flow's own steps");
        out.id = text_operand(source.id, names);
    }
    Text to = source.to.text;
    if (source.to.empty()) {
        to.text = "this";
        to.span = source.span;
    } else if (!source.to.is_expression) {
        send_to_relative(source, names, place, out);
        return;
    }
    out.target = expression(to, names);
    auto entity = target_entity(out.target.get(), to, "'send'");
    if (!entity) return;
    out.entity = *entity;
    size_t dot = name.text.find('.');
    std::string_view event = std::string_view(name.text).substr(dot == std::string::npos ? 0 : dot + 1);
    std::vector<std::string> known;
    const Event* found = nullptr;
    for (uint32_t number : program_.entities[*entity].flows) {
        const Flow& flow = program_.flows[number];
        if (dot != std::string::npos && std::string_view(name.text).substr(0, dot) != flow.name) continue;
        for (const Event& one : flow.events) {
            if (one.origin == EventOrigin::declared) known.push_back(one.name);
        }
        flow::EventId id = flow.find_event(event);
        if (id == flow::kNone || found) continue;
        found = &flow.events[id];
        out.name = event;
        if (dot != std::string::npos) out.to_flow = flow.id;
    }
    if (!found) {
        error("program.event.unknown", name.span,
              fmt::format("no flow of {} declares an event '{}'", program_.entities[*entity].name, name.text),
              did_you_mean(event, known));
        return;
    }
    named_values(source.assignments, found->payload, fmt::format("event '{}'", found->name), names, out);
}

// `to: parent`, or to a child by the `id` of its invoke: flows, not records.
void Compiler::send_to_relative(const model::Step& source, const Names& names, const Place& place, Step& out) {
    const Text& to = source.to.text;
    std::vector<const Flow*> receivers;
    if (to.text == "parent" && place.flow) {
        out.to_parent = true;
        for (size_t i = 0; i < flow_drafts_.size(); ++i)
            for (const model::Invoke* invoke : flow_drafts_[i].invokes)
                if (invoke->src.text == place.flow->name) receivers.push_back(&program_.flows[i]);
    } else if (place.flow) {
        for (uint32_t i = 0; i < place.flow->invokes.size() && receivers.empty(); ++i) {
            if (place.flow->invokes[i].id != to.text) continue;
            out.to_invoke = i;
            const Flow* child = program_.find_flow(flow_drafts_[place.flow->id].invokes[i]->src.text);
            if (child) receivers.push_back(child);
        }
    }
    if (receivers.empty()) {
        error("program.step.send", to.span,
              out.to_parent ? fmt::format("nothing invokes flow '{}': it has no parent", place.flow->name)
                            : fmt::format("'{}' is neither 'parent' nor the id of an invoke of this flow", to.text),
              fmt::format("to a record, write an expression: '= {}'", to.text));
        return;
    }
    if (!source.after.empty()) {
        error("program.step.send", source.after.text.span, "what is sent to a parent or a child is sent at once",
              "wait in a state of your own with 'after', then send");
        return;
    }
    const Event* found = nullptr;
    std::vector<std::string> known;
    for (const Flow* receiver : receivers) {
        flow::EventId id = receiver->find_event(out.name);
        if (id != flow::kNone && !found) found = &receiver->events[id];
        for (const Event& one : receiver->events)
            if (one.origin == EventOrigin::declared) known.push_back(one.name);
    }
    if (!found) {
        error("program.event.unknown", source.target.text.span,
              fmt::format("flow '{}' declares no event '{}'", receivers.front()->name, out.name),
              did_you_mean(out.name, known));
        return;
    }
    named_values(source.assignments, found->payload, fmt::format("event '{}'", found->name), names, out);
}

// Takes back a delayed `send` of this flow by the `id` that it was given.
void Compiler::step_cancel_send(const model::Step& source, const Names& names, const Place& place, Step& out) {
    out.kind = StepKind::cancel_send;
    if (!place.flow || place.flow->data_field == kNone) {
        error("program.step.cancel_send", source.span, "'cancel_send' belongs to a flow that sends with an 'id'");
        return;
    }
    out.id = text_operand(source.target, names);
}

}  // namespace leat::program
