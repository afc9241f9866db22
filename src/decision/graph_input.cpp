#include "decision/graph_input.hpp"

namespace leat::decision {

using feel::TypeKind;

namespace {

template <class Parsed>
Value or_text(const std::optional<Parsed>& parsed, const Value& text) {
    return parsed ? Value::of(*parsed) : text;
}

Value read_text(const Value& text, TypeKind kind) {
    std::string_view characters = text.as_string();
    switch (kind) {
        case TypeKind::number: {
            auto number = Decimal::parse(characters);
            return number ? Value::number(*number) : text;
        }
        case TypeKind::date:
            return or_text(Date::parse(characters), text);
        case TypeKind::time:
            return or_text(Time::parse(characters), text);
        case TypeKind::date_time:
            if (auto date = Date::parse(characters)) return Value::of(*date);
            return or_text(DateTime::parse(characters), text);
        case TypeKind::days_duration:
        case TypeKind::months_duration:
        case TypeKind::duration: {
            auto duration = value::parse_duration(characters);
            if (!duration) return text;
            return duration->months ? Value::of(*duration->months) : or_text(duration->days, text);
        }
        default:
            return text;
    }
}

}  // namespace

Value typed_input(const Value& value, feel::TypeRef type, Arena& arena) {
    if (!type) return value;
    if (type->kind == TypeKind::list && type->element && value.kind != Kind::list)
        return typed_input(value, type->element, arena);
    switch (value.kind) {
        case Kind::string:
            return read_text(value, type->kind);
        case Kind::list: {
            feel::TypeRef element = type->kind == TypeKind::list ? type->element : type;
            Value* items = arena.array<Value>(value.aux);
            for (uint32_t i = 0; i < value.aux; ++i) items[i] = typed_input(value.items[i], element, arena);
            Value made = value;
            made.items = items;
            return made;
        }
        case Kind::context: {
            uint32_t count = value.context->count;
            auto* entries = arena.array<value::ContextEntry>(count);
            for (uint32_t i = 0; i < count; ++i) {
                entries[i] = value.context->entries[i];
                for (const feel::Member& member : type->members) {
                    if (member.name == entries[i].name)
                        entries[i].value = typed_input(entries[i].value, member.type, arena);
                }
            }
            Value made = value;
            made.context = arena.make<value::ContextData>(value::ContextData{entries, count});
            return made;
        }
        default:
            return value;
    }
}

}  // namespace leat::decision
