// Steps: blocks, locals, and the ones that decide what runs.
#include <algorithm>

#include <fmt/format.h>

#include "program/compiler.hpp"

namespace leat::program {

using feel::TypeKind;
using Kind = model::Step::Kind;

// A block: what `let` and `as` name lasts to its end.
Steps Compiler::steps(const model::Steps& sources, Names names, const Place& place) {
    Steps out;
    for (size_t i = 0; i < sources.size(); ++i) {
        Step compiled;
        compiled.at = fmt::format("{}[{}]", place.at, i + 1);
        compiled.span = sources[i].span;
        if (step(sources[i], names, {place.flow, compiled.at}, compiled)) out.push_back(std::move(compiled));
    }
    return out;
}

bool Compiler::step(const model::Step& source, Names& names, const Place& place, Step& out) {
    if (place.flow && place.flow->scxml) return scxml_step(source, names, place, out);
    if (place.flow) out.flow = place.flow->id;
    switch (source.kind) {
        case Kind::set:
            step_set(source, names, place, out);
            return true;
        case Kind::let:
            step_let(source, names, out);
            return true;
        case Kind::create:
            step_create(source, names, out);
            return true;
        case Kind::append:
            step_append(source, names, out);
            return true;
        case Kind::update:
            step_update(source, names, out);
            return true;
        case Kind::delete_:
            step_delete(source, names, out);
            return true;
        case Kind::foreach:
            step_foreach(source, names, place, out);
            return true;
        case Kind::if_:
            step_if(source, names, place, out);
            return true;
        case Kind::raise:
            step_raise(source, place, out);
            return true;
        case Kind::send:
            step_send(source, names, place, out);
            return true;
        case Kind::log:
            step_log(source, names, out);
            return true;
        case Kind::task:
            step_task(source, names, out);
            return true;
        case Kind::notify:
            step_notify(source, names, out);
            return true;
        case Kind::call:
            step_call(source, names, place, out);
            return true;
        case Kind::assign:
            step_assign(source, names, out);
            return true;
        case Kind::assert_:
            step_assert(source, names, out);
            return true;
        case Kind::cancel_send:
            step_cancel_send(source, names, place, out);
            return true;
        case Kind::block:
            out.kind = StepKind::block;
            out.do_ = steps(source.do_, names, {place.flow, place.at + ".block"});
            return true;
        case Kind::compensate:
            step_compensate(source, place, out);
            return true;
        case Kind::invite:
            not_built(source.span, "invite");
            return false;
        case Kind::document:
            not_built(source.span, "document");
            return false;
        case Kind::draw:
            step_draw(source, names, out);
            return true;
        case Kind::run:
            not_built(source.span, "run");
            return false;
    }
    return false;
}

// A new name in this block; it may hide nothing.
bool Compiler::bind_local(const Text& name, feel::TypeRef type, Names& names, uint32_t& slot) {
    if (!is_identifier(name.text) || is_root(name.text)) {
        error("program.local.name", name.span, fmt::format("'{}' cannot be the name of a local", name.text),
              "choose another name");
        return false;
    }
    if (names.entity() != kNone && program_.entities[names.entity()].find(name.text)) {
        error("program.local.shadows", name.span,
              fmt::format("'{}' is a field of {} already", name.text, program_.entities[names.entity()].name),
              "choose another name");
        return false;
    }
    for (const Local& local : names.locals()) {
        if (local.name != name.text) continue;
        error("program.local.shadows", name.span, fmt::format("'{}' is a local already", name.text),
              "choose another name");
        return false;
    }
    slot = names.next_local();
    names.add(name.text, slot, type);
    reserve_locals(names.next_local());
    return true;
}

void Compiler::step_let(const model::Step& source, Names& names, Step& out) {
    out.kind = StepKind::let;
    for (const model::Assignment& assignment : source.assignments) {
        StepAssignment let;
        let.name = assignment.field.text;
        let.value.present = true;
        let.value.expression = expression(assignment.value.text, names);
        feel::TypeRef type = let.value.expression ? let.value.expression->type() : types_.basic(TypeKind::any);
        if (bind_local(assignment.field, type, names, let.local)) out.assignments.push_back(std::move(let));
    }
}

void Compiler::step_foreach(const model::Step& source, const Names& names, const Place& place, Step& out) {
    out.kind = StepKind::foreach;
    out.target = expression(source.target.text, names);
    feel::TypeRef item = types_.basic(TypeKind::any);
    if (out.target) {
        feel::TypeRef list = out.target->type();
        if (list->kind == TypeKind::list) {
            if (list->element) item = list->element;
        } else if (list->kind != TypeKind::any) {
            error("program.type", source.target.text.span,
                  fmt::format("'foreach' runs over a list, not {}", feel::describe(list)));
        }
    }
    Names inner = names;
    if (source.as.empty()) {
        error("program.key", source.span, "'foreach' needs a name for its item", "write 'as: line'");
    } else {
        out.name = source.as.text;
        out.index_name = source.index.text;
        bind_local(source.as, item, inner, out.local);
    }
    if (!source.index.empty()) bind_local(source.index, types_.decimal(0, false), inner, out.index);
    out.do_ = steps(source.do_, inner, {place.flow, place.at + ".do"});
}

void Compiler::step_if(const model::Step& source, const Names& names, const Place& place, Step& out) {
    out.kind = StepKind::if_;
    out.target = condition(source.target.text, names);
    out.then = steps(source.then, names, {place.flow, place.at + ".then"});
    out.else_ = steps(source.else_, names, {place.flow, place.at + ".else"});
}

void Compiler::step_assert(const model::Step& source, const Names& names, Step& out) {
    out.kind = StepKind::assert_;
    out.target = condition(source.target.text, names);
    out.message = templates(source.message, names);
}

void Compiler::step_log(const model::Step& source, const Names& names, Step& out) {
    out.kind = StepKind::log;
    out.text = text_operand(source.target, names);
}

// `compensate: all`, or the name of the state whose undo is wanted.
void Compiler::step_compensate(const model::Step& source, const Place& place, Step& out) {
    out.kind = StepKind::compensate;
    const Text& name = source.target.text;
    if (!place.flow || place.flow->data_field == kNone) {
        error("program.step.compensate", source.span, "'compensate' belongs to a flow that declares what undoes it");
        return;
    }
    if (name.text == "all") return;
    out.state = place.flow->chart.find(name.text);
    if (out.state != flow::kNone && out.state != 0) return;
    std::vector<std::string> known{"all"};
    for (const StatePart& state : place.flow->states) known.push_back(state.name);
    error("program.state.unknown", name.span, fmt::format("flow '{}' has no state '{}'", place.flow->name, name.text),
          did_you_mean(name.text, known));
}

void Compiler::step_raise(const model::Step& source, const Place& place, Step& out) {
    out.kind = StepKind::raise;
    const Text& name = source.target.text;
    if (!place.flow) {
        error("program.step.raise", source.span, "'raise' belongs to a flow's own steps",
              "write 'send: EVENT' with 'to: = this'");
        return;
    }
    if (source.target.is_expression) {
        error("program.event.unknown", name.span, "'raise' wants the name of an event");
        return;
    }
    out.event = place.flow->find_event(name.text);
    out.name = name.text;
    if (out.event != flow::kNone) {
        for (const Field& field : place.flow->events[out.event].payload) {
            if (!field.required) continue;
            error("program.step.raise", name.span,
                  fmt::format("event '{}' needs a payload, which 'raise' cannot give", name.text),
                  fmt::format("write 'send: {}' with 'to: = this' and 'with:'", name.text));
            break;
        }
        return;
    }
    std::vector<std::string> known;
    for (const Event& event : place.flow->events) {
        if (event.origin == EventOrigin::declared) known.push_back(event.name);
    }
    error("program.event.unknown", name.span,
          fmt::format("flow '{}' declares no event '{}'", place.flow->name, name.text), did_you_mean(name.text, known));
}

}  // namespace leat::program
