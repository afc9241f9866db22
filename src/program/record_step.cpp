// Steps that write records: set, create, append, update, delete, assign.
#include <algorithm>

#include <fmt/format.h>

#include "program/compiler.hpp"

namespace leat::program {

using feel::TypeKind;

namespace {

// Why steps may not set a field; nullptr: they may.
const char* why_not_settable(const Field& field) {
    if (field.formula_kind != FormulaKind::none) return "it has a formula";
    if (!field.series.empty()) return "it is drawn from its series";
    if (field.kind == FieldKind::list && !field.scalar_list) return "it is a list of records";
    switch (field.origin) {
        case Origin::declared:
            return nullptr;
        case Origin::owner:
            return "a line stays with its owner";
        case Origin::built_in:
            return "it is Leat's own";
        default:
            return "a flow keeps its state there";
    }
}

bool same_shape(const Field& a, const Field& b) {
    auto text = [](FieldKind kind) { return kind == FieldKind::string || kind == FieldKind::text; };
    auto number = [](FieldKind kind) {
        return kind == FieldKind::integer || kind == FieldKind::decimal || kind == FieldKind::money;
    };
    if (a.kind == FieldKind::ref || b.kind == FieldKind::ref) return a.kind == b.kind && a.to == b.to;
    if (a.kind == FieldKind::list || b.kind == FieldKind::list) {
        return a.kind == b.kind && a.scalar_list && b.scalar_list && a.item_kind == b.item_kind && a.to == b.to;
    }
    if (a.kind == FieldKind::enumeration && text(b.kind)) return true;
    return a.kind == b.kind || (text(a.kind) && text(b.kind)) || (number(a.kind) && number(b.kind));
}

}  // namespace

void Compiler::assignments(const std::vector<model::Assignment>& sources, EntityId target, const Names& names,
                           Step& out) {
    for (const model::Assignment& source : sources) {
        auto id = field_named(target, source.field);
        if (!id) {
            if (source.value.is_expression) expression(source.value.text, names);
            continue;
        }
        const Field& field = program_.entities[target].fields[*id];
        if (const char* why = why_not_settable(field)) {
            error("program.step.set", source.field.span, fmt::format("'{}' cannot be set: {}", field.name, why),
                  field.owned ? "write 'append:' to add a line" : "");
            continue;
        }
        bool twice = std::any_of(out.assignments.begin(), out.assignments.end(),
                                 [&](const StepAssignment& one) { return one.datum == kNone && one.field == *id; });
        if (twice) {
            error("program.duplicate", source.field.span, fmt::format("'{}' is set twice", field.name));
            continue;
        }
        StepAssignment assignment;
        assignment.field = *id;
        assignment.name = field.name;
        assignment.value = operand(source.value, field, names);
        out.assignments.push_back(std::move(assignment));
    }
}

// A field, or something the flow remembers.
void Compiler::step_set(const model::Step& source, const Names& names, const Place& place, Step& out) {
    out.kind = StepKind::set;
    out.entity = place.flow ? place.flow->entity : names.entity();
    std::vector<model::Assignment> fields;
    for (const model::Assignment& one : source.assignments) {
        uint32_t datum = kNone;
        for (uint32_t i = 0; place.flow && i < place.flow->data.size(); ++i)
            if (place.flow->data[i].name == one.field.text) datum = i;
        if (datum == kNone) {
            fields.push_back(one);
            continue;
        }
        StepAssignment assignment;
        assignment.name = one.field.text;
        assignment.datum = datum;
        assignment.value = datum_operand(one.value, place.flow->data[datum], names);
        out.assignments.push_back(std::move(assignment));
    }
    if (out.entity != kNone) assignments(fields, out.entity, names, out);
}

void Compiler::step_create(const model::Step& source, Names& names, Step& out) {
    out.kind = StepKind::create;
    const Text& name = source.target.text;
    if (source.target.is_expression) {
        error("program.entity.unknown", name.span, "'create' wants the name of an entity");
        return;
    }
    auto entity = entity_named(name, "'create'");
    if (!entity) return;
    out.entity = *entity;
    const Entity& made = program_.entities[*entity];
    if (made.owner != kNone) {
        error("program.step.create", name.span, fmt::format("'{}' are lines and belong to their owner", made.name),
              fmt::format("write 'append: {}'", made.name.substr(made.name.find('.') + 1)));
        return;
    }
    if (made.explicit_key) not_built(name.span, fmt::format("create: {}", made.name));
    if (names.entity() != kNone) step_copy(source, names.entity(), out);
    assignments(source.assignments, *entity, names, out);
    for (const Field& field : made.fields) {
        if (!field.required || field.origin != Origin::declared || field.formula_kind != FormulaKind::none ||
            field.default_value || !field.series.empty())
            continue;
        bool given =
            std::any_of(out.assignments.begin(), out.assignments.end(),
                        [&](const StepAssignment& one) { return one.field == field.id; }) ||
            std::any_of(out.copy.begin(), out.copy.end(), [&](const auto& pair) { return pair.second == field.id; });
        if (!given && source.as.empty()) {
            warning("program.step.create", name.span,
                    fmt::format("'{}' of {} is required and not given here", field.name, made.name));
        }
    }
    if (!source.as.empty()) bind_local(source.as, types_.record(*entity, false), names, out.local);
}

// Fields of the same name; owned lists go over line by line. What has a formula over there is left out.
void Compiler::step_copy(const model::Step& source, EntityId from, Step& out) {
    const Entity& target = program_.entities[out.entity];
    for (const Text& name : source.copy) {
        auto id = field_named(from, name);
        if (!id) continue;
        const Field& here = program_.entities[from].fields[*id];
        const Field* there = target.find(name.text);
        if (!there) {
            std::vector<std::string> known;
            for (const Field& field : target.fields) known.push_back(field.name);
            error("program.field.unknown", name.span,
                  fmt::format("{} has no field '{}' to copy to", target.name, name.text),
                  did_you_mean(name.text, known));
            continue;
        }
        if (there->formula_kind != FormulaKind::none) continue;
        if (here.owned && there->owned) {
            out.copy_lists.emplace_back(here.id, there->id);
        } else if (const char* why = why_not_settable(*there)) {
            error("program.step.set", name.span,
                  fmt::format("'{}' of {} cannot be set: {}", there->name, target.name, why));
        } else if (!same_shape(here, *there)) {
            error("program.step.copy", name.span,
                  fmt::format("'{}' is a {} here and a {} in {}", name.text, kind_name(here.kind),
                              kind_name(there->kind), target.name),
                  "write it under 'set:' with an expression");
        } else {
            out.copy.emplace_back(here.id, there->id);
        }
    }
}

// `append: project.milestones`: a record, then one of its lists.
void Compiler::step_append(const model::Step& source, Names& names, Step& out) {
    out.kind = StepKind::append;
    const Text& text = source.target.text;
    size_t dot = text.text.rfind('.');
    Text list = dot == std::string::npos ? text : slice(text, dot + 1, text.text.size());
    Text owner = dot == std::string::npos ? text : slice(text, 0, dot);
    if (dot == std::string::npos) {
        owner.text = "this";
        owner.line_starts.clear();
    }
    out.target = expression(owner, names);
    if (!out.target) return;
    auto entity = target_entity(out.target.get(), owner, "'append'");
    if (!entity) return;
    auto field = field_named(*entity, list);
    if (!field) return;
    const Field& found = program_.entities[*entity].fields[*field];
    if (!found.owned) {
        error("program.step.append", list.span, fmt::format("'{}' is no list that owns its lines", found.name),
              found.kind == FieldKind::list ? "write 'create:' and set the field that refers back" : "");
        return;
    }
    out.list = *field;
    out.entity = found.to;
    assignments(source.assignments, found.to, names, out);
    if (!source.as.empty()) bind_local(source.as, types_.record(found.to, false), names, out.local);
}

std::optional<EntityId> Compiler::target_entity(const feel::Expression* target, const Text& text,
                                                std::string_view what) {
    if (!target) return std::nullopt;
    feel::TypeRef type = target->type();
    while (type->kind == TypeKind::list && type->element) type = type->element;
    if (type->kind == TypeKind::record) return type->class_id;
    error("program.type", text.span, fmt::format("{} wants a record, not {}", what, feel::describe(target->type())));
    return std::nullopt;
}

// Bare names stay those of this record; the one that is written has the name that `as` gives.
void Compiler::step_update(const model::Step& source, const Names& names, Step& out) {
    out.kind = StepKind::update;
    out.target = expression(source.target.text, names);
    auto entity = target_entity(out.target.get(), source.target.text, "'update'");
    if (!entity) return;
    out.entity = *entity;
    Names inner = names;
    if (!source.as.empty()) bind_local(source.as, types_.record(*entity, false), inner, out.local);
    assignments(source.assignments, *entity, inner, out);
}

void Compiler::step_delete(const model::Step& source, const Names& names, Step& out) {
    out.kind = StepKind::delete_;
    out.target = expression(source.target.text, names);
    if (auto entity = target_entity(out.target.get(), source.target.text, "'delete'")) out.entity = *entity;
}

// A number for a series field of this record, now; one that has a number keeps it.
void Compiler::step_draw(const model::Step& source, const Names& names, Step& out) {
    out.kind = StepKind::draw;
    const Text& name = source.target.text;
    if (names.entity() == kNone) {
        error("program.step.draw", name.span, "there is no record here to draw a number for");
        return;
    }
    auto field = field_named(names.entity(), name);
    if (!field) return;
    out.list = *field;
    if (program_.entities[names.entity()].fields[*field].series.empty())
        error("program.step.draw", name.span, fmt::format("'{}' has no series to draw from", name.text),
              "give it series: \"RMA-{yyyy}-{seq:5}\"");
}

void Compiler::step_assign(const model::Step& source, const Names& names, Step& out) {
    out.kind = StepKind::assign;
    const Text& name = source.target.text;
    out.name = name.text;
    std::vector<std::string> known;
    for (uint32_t i = 0; i < program_.assignments.size(); ++i) {
        const Assignment& assignment = program_.assignments[i];
        known.push_back(assignment.name);
        if (assignment.name == name.text) out.number = i;
    }
    if (out.number == kNone) {
        unknown("program.assignment.unknown", name, "assignment", known);
    } else if (program_.assignments[out.number].entity != names.entity()) {
        error("program.step.assign", name.span,
              fmt::format("assignment '{}' is about {}", name.text,
                          program_.entities[program_.assignments[out.number].entity].name));
    }
}

}  // namespace leat::program
