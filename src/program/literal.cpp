// Literals: what a key that is not a FEEL key says, read as its place's type.
#include <fmt/format.h>

#include "program/compiler.hpp"

namespace leat::program {

using feel::TypeKind;

const char* kind_name(FieldKind kind) {
    static constexpr const char* kNames[] = {"string", "text", "integer",  "decimal",  "money", "boolean",
                                             "date",   "time", "datetime", "duration", "enum",  "ref",
                                             "list",   "role", "file",     "json"};
    return kNames[static_cast<size_t>(kind)];
}

std::optional<Value> Compiler::literal(const Text& text, const Field& shape) {
    if (shape.currency_field != kNone && text.empty()) return std::nullopt;
    switch (shape.kind) {
        case FieldKind::string:
        case FieldKind::text:
        case FieldKind::file:
        case FieldKind::json:
            return constant_string(text.text);
        case FieldKind::integer:
        case FieldKind::decimal:
        case FieldKind::money:
            return number_literal(text, shape);
        case FieldKind::boolean:
            if (text.text == "true" || text.text == "false") return Value::boolean(text.text == "true");
            error("program.literal", text.span,
                  fmt::format("'{}' wants true or false, not '{}'", shape.name, text.text));
            return std::nullopt;
        case FieldKind::date:
        case FieldKind::time:
        case FieldKind::datetime:
            return temporal_literal(text, shape);
        case FieldKind::duration:
            return duration_literal(text);
        case FieldKind::enumeration:
        case FieldKind::role:
            return enum_literal(text, shape);
        case FieldKind::ref:
        case FieldKind::list:
            break;
    }
    error("program.literal", text.span,
          fmt::format("'{}' is a {}: it wants an expression, '{}' is a plain text", shape.name, kind_name(shape.kind),
                      text.text),
          fmt::format("write '= {}'", text.text));
    return std::nullopt;
}

std::optional<Value> Compiler::number_literal(const Text& text, const Field& shape) {
    auto number = Decimal::parse(text.text);
    if (!number) {
        error("program.literal", text.span, fmt::format("'{}' wants a number, not '{}'", shape.name, text.text),
              text.quoted ? "" : "an expression begins with '='");
        return std::nullopt;
    }
    if (shape.kind == FieldKind::integer && !number->is_integer()) {
        error("program.literal", text.span, fmt::format("'{}' is a whole number, not {}", shape.name, text.text));
        return std::nullopt;
    }
    if (shape.kind != FieldKind::integer && number->reduce().scale() > shape.scale) {
        error(
            "program.literal", text.span,
            fmt::format("{} has more digits after the point than '{}' keeps ({})", text.text, shape.name, shape.scale),
            shape.kind == FieldKind::decimal ? "give it a larger 'scale'" : "");
        return std::nullopt;
    }
    return Value::number(*number);
}

std::optional<Value> Compiler::temporal_literal(const Text& text, const Field& shape) {
    const char* example = "2026-11-21";
    if (shape.kind == FieldKind::date) {
        if (auto date = value::Date::parse(text.text)) return Value::of(*date);
    } else if (shape.kind == FieldKind::time) {
        if (auto time = value::Time::parse(text.text)) return Value::of(*time);
        example = "08:30:00";
    } else {
        if (auto instant = value::DateTime::parse(text.text)) return Value::of(*instant);
        example = "2026-11-21T08:30:00";
    }
    error("program.literal", text.span,
          fmt::format("'{}' wants a {}, not '{}'", shape.name, kind_name(shape.kind), text.text),
          fmt::format("write it as {}", example));
    return std::nullopt;
}

std::optional<Value> Compiler::duration_literal(const Text& text) {
    std::string_view duration = text.text;
    uint32_t calendar = 0;
    if (size_t space = duration.find(' '); space != std::string_view::npos) {
        Text name = slice(text, space + 1, text.text.size());
        duration = duration.substr(0, space);
        auto index = names().calendar(name.text);
        if (!index) {
            std::vector<std::string> known;
            for (const calendar::Calendar& one : program_.calendars) known.push_back(one.name());
            unknown("program.calendar.unknown", name, "calendar", known);
            return std::nullopt;
        }
        calendar = *index + 1;
    }
    auto parsed = value::parse_duration(duration);
    if (!parsed) {
        error("program.literal", text.span, fmt::format("'{}' is no duration", text.text),
              "write it as PT8H, P7D, P1M or 'P7D office'");
        return std::nullopt;
    }
    if (parsed->months) return Value::of(*parsed->months, calendar);
    return Value::of(*parsed->days, calendar, calendar != 0 && !parsed->has_time_part);
}

std::optional<Value> Compiler::enum_literal(const Text& text, const Field& shape) {
    const feel::EnumType* type = shape.kind == FieldKind::role ? role_enum_ : shape.enumeration;
    if (!type) return std::nullopt;
    if (type->find(text.text) >= 0) return constant_string(text.text);
    std::vector<std::string> known;
    for (const feel::EnumItem& item : type->items) {
        known.push_back(item.value);
        for (const std::string& title : item.titles) {
            if (title != text.text) continue;
            error("program.enum.unknown", text.span, fmt::format("'{}' is the title of \"{}\"", title, item.value),
                  fmt::format("write {}", item.value));
            return std::nullopt;
        }
    }
    error("program.enum.unknown", text.span, fmt::format("'{}' is no value of {}", text.text, type->name),
          did_you_mean(text.text, known));
    return std::nullopt;
}

// `name: customer.name` without "=" is the text "customer.name": almost always a slip.
void Compiler::warn_spelled_name(const Text& text, const Names& names) {
    if (text.quoted) return;
    std::string_view rest = text.text;
    size_t dot = rest.find('.');
    std::string_view head = rest.substr(0, dot);
    if (!is_identifier(head)) return;
    auto binding = names.find(head);
    if (!binding) return;
    feel::Binding::Kind kind = binding->kind;
    if (kind == feel::Binding::Kind::function || kind == feel::Binding::Kind::object) return;
    feel::TypeRef type = binding->type;
    while (dot != std::string_view::npos) {
        rest.remove_prefix(dot + 1);
        dot = rest.find('.');
        auto member = names.member(type, rest.substr(0, dot));
        if (!member) return;
        type = member->type;
    }
    warning("program.literal.name", text.span, fmt::format("'{}' is a plain text here, and also a name", text.text),
            fmt::format("write '= {}' for its value, or quote the text", text.text));
}

Operand Compiler::operand(const model::Operand& source, const Field& shape, const Names& names) {
    Operand out;
    if (source.empty()) return out;
    out.present = true;
    if (source.is_expression) {
        out.expression = expression(source.text, names, types_.with_nullable(shape.type, true));
        return out;
    }
    if (source.text.text == "null" && !source.text.quoted) return out;
    if (auto constant = literal(source.text, shape)) {
        out.constant = *constant;
        if (shape.kind == FieldKind::string || shape.kind == FieldKind::text) warn_spelled_name(source.text, names);
    }
    return out;
}

Operand Compiler::duration_operand(const model::Operand& source, const Names& names) {
    Operand out;
    if (source.empty()) return out;
    out.present = true;
    if (source.is_expression) {
        out.expression = expression(source.text, names, types_.basic(TypeKind::duration));
    } else if (auto constant = duration_literal(source.text)) {
        out.constant = *constant;
    }
    return out;
}

// A duration from now, or a date or instant.
Operand Compiler::due_operand(const model::Operand& source, const Names& names) {
    if (!source.is_expression) return duration_operand(source, names);
    Operand out;
    out.present = true;
    out.expression = expression(source.text, names);
    if (!out.expression) return out;
    switch (out.expression->type()->kind) {
        case TypeKind::any:
        case TypeKind::null:
        case TypeKind::date:
        case TypeKind::date_time:
        case TypeKind::duration:
        case TypeKind::days_duration:
        case TypeKind::months_duration:
            break;
        default:
            error("program.type", source.text.span,
                  fmt::format("this wants a duration, a date or a date and time, not {}",
                              feel::describe(out.expression->type())));
    }
    return out;
}

// A text with {expressions}; an expression is a text that is nothing else.
Operand Compiler::text_operand(const model::Operand& source, const Names& names) {
    Operand out;
    if (source.empty()) return out;
    out.present = true;
    if (source.is_expression) {
        out.expression = expression(source.text, names);
    } else {
        out.text = text_template(source.text, names);
        warn_spelled_name(source.text, names);
    }
    return out;
}

}  // namespace leat::program
