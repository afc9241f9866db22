// Formulas and the other expressions of fields.
#include <fmt/format.h>

#include "base/text_form.hpp"
#include "program/compiler.hpp"

namespace leat::program {

using feel::TypeKind;

namespace {

std::string feel_string(std::string_view text) {
    std::string out = "\"";
    for (char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        if (c == '\n') {
            out += "\\n";
        } else {
            out += c;
        }
    }
    return out + "\"";
}

// The FEEL text of a literal that was read as `kind`.
std::string feel_literal(const Text& text, FieldKind kind) {
    switch (kind) {
        case FieldKind::integer:
        case FieldKind::decimal:
        case FieldKind::money:
        case FieldKind::boolean:
            return text.text;
        case FieldKind::date:
        case FieldKind::time:
        case FieldKind::datetime:
        case FieldKind::duration:
            return "@\"" + text.text + "\"";
        default:
            return feel_string(text.text);
    }
}

}  // namespace

feel::TypeRef Compiler::field_type(EntityId entity, FieldId field) {
    if (depth_ < kTypeDepth) compile_formula(entity, field);
    return program_.entities[entity].fields[field].type;
}

void Compiler::compile_formulas() {
    for (const Entity& entity : program_.entities) {
        for (FieldId field = 0; field < entity.fields.size(); ++field) compile_formula(entity.id, field);
    }
}

// Compiles a field's formula, and a default that is an expression, once. Asked for again while it is compiled (a
// cycle), the declared type stands; the order of formulas reports the cycle.
void Compiler::compile_formula(EntityId entity_id, FieldId field_id) {
    FormulaDraft& draft = formulas_[entity_id][field_id];
    if (!draft.source || draft.state != FormulaState::untouched) return;
    draft.state = FormulaState::compiling;
    ++depth_;
    Field& field = program_.entities[entity_id].fields[field_id];
    Names names = names_of(entity_id);
    feel::TypeRef wanted = types_.with_nullable(field.type, true);
    if (!draft.source->formula.empty()) field.formula = expression(draft.source->formula, names, wanted);
    if (draft.source->default_value.is_expression) default_of(*draft.source, field, names);
    --depth_;
    draft.state = FormulaState::compiled;
    for (const ExpressionPtr* part : {&field.formula, &field.default_value}) {
        if (*part && !(*part)->type()->nullable) field.type = types_.with_nullable(field.type, false);
    }
}

void Compiler::compile_field_parts(EntityId entity_id) {
    Entity& entity = program_.entities[entity_id];
    const EntityDraft& draft = drafts_[entity_id];
    Names names = names_of(entity_id);
    for (size_t i = 0; i < draft.fields.size(); ++i) {
        const model::Field& source = *draft.fields[i];
        Field& field = entity.fields[draft.first_field + i];
        bool compiled = source.default_value.is_expression;
        if (!source.default_value.empty() && !compiled) default_of(source, field, names);
        if (!source.required_if.empty()) field.required_if = condition(source.required_if, names);
        if (!source.visible_if.empty()) field.visible_if = filter(source.visible_if, names);
        if (!source.readonly_if.empty()) field.readonly_if = filter(source.readonly_if, names);
        if (!source.series.empty() && field.kind == FieldKind::string) series_of(entity_id, source, field);
        if (field.unique) forbid_computed(entity_id, field.id, source.unique.span, "unique");
        if (field.unique && field.kind == FieldKind::list) {
            error("program.key", source.unique.span, fmt::format("the list '{}' cannot be unique", field.name));
        }
        if (field.formula_kind != FormulaKind::none && field.required && field.formula_kind == FormulaKind::computed) {
            error("program.key", source.required.span,
                  fmt::format("'{}' is computed on reading and cannot be required", field.name));
        }
    }
}

void Compiler::default_of(const model::Field& source, Field& field, const Names& names) {
    const model::Operand& given = source.default_value;
    feel::TypeRef type = types_.with_nullable(field.type, true);
    if (given.is_expression) {
        field.default_value = expression(given.text, names, type);
        return;
    }
    if (given.text.text == "null" && !given.text.quoted) {
        error("program.literal", given.text.span, "a default of null says nothing", "leave 'default' out");
        return;
    }
    if (!literal(given.text, field)) return;
    if (field.kind == FieldKind::file && !base::file_digest(given.text.text)) {
        error("program.literal", given.text.span,
              fmt::format("'default' wants the SHA-256 of a file, not '{}'", given.text.text));
        return;
    }
    if (field.kind == FieldKind::string || field.kind == FieldKind::text) warn_spelled_name(given.text, names);
    Text text = given.text;
    text.text = feel_literal(given.text, field.kind);
    text.line_starts.clear();  // what is wrong with it lies in the literal as a whole
    field.default_value = expression(text, names, type);
}

}  // namespace leat::program
