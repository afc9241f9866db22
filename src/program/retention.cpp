// How long personal data are kept: `retention` of entities, `keep_log` of the app.
#include <algorithm>

#include <fmt/format.h>

#include "program/compiler.hpp"

namespace leat::program {

using feel::TypeKind;

namespace {

bool has_personal(const Entity& entity) {
    return std::any_of(entity.fields.begin(), entity.fields.end(), [](const Field& field) { return field.personal; });
}

}  // namespace

void Compiler::retention_of(EntityId id, const model::Retention& source) {
    if (!source.present) return;
    const Entity& entity = program_.entities[id];
    for (const Retention& other : program_.retentions) {
        if (other.entity != id) continue;
        Diagnostic& told =
            error("program.retention", source.span, fmt::format("'{}' has a retention rule already", entity.name));
        told.notes.push_back({other.span, "here"});
        return;
    }
    Retention out;
    out.entity = id;
    out.at = entity.name + ".retention";
    out.span = source.span;
    const Names names = names_of(id);
    out.wait = duration_operand(source.for_, names);
    if (!source.since.empty()) {
        out.since = expression(source.since, names);
        const TypeKind kind = out.since ? out.since->type()->kind : TypeKind::any;
        if (kind != TypeKind::date && kind != TypeKind::date_time && kind != TypeKind::any && kind != TypeKind::null)
            error("program.type", source.since.span,
                  fmt::format("this wants a date or a date and time, not {}", feel::describe(out.since->type())));
    }
    if (!source.if_.empty()) out.if_ = filter(source.if_, names);
    program_.retentions.push_back(std::move(out));
}

// What is erased are personal fields: a rule without any would do nothing and seem to.
void Compiler::check_retentions() {
    for (const Retention& one : program_.retentions) {
        bool any = has_personal(program_.entities[one.entity]);
        for (const Entity& entity : program_.entities)
            for (const Field& field : entity.fields)
                any = any || (field.kind == FieldKind::ref && field.to == one.entity && has_personal(entity));
        if (!any)
            error(
                "program.retention", one.span,
                fmt::format("no field of '{}', nor of what refers to it, says 'personal: true': there is nothing that "
                            "would be erased",
                            program_.entities[one.entity].name));
    }
    if (model_.app.keep_log.empty()) return;
    program_.keep_log = duration_operand(model_.app.keep_log, names());
}

}  // namespace leat::program
