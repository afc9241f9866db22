#include "capi/input.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "capi/guard.hpp"

namespace leat::capi {

using feel::TypeKind;
using feel::TypeRef;

namespace {

[[noreturn]] void wrong(const Json& json, TypeRef type, std::string_view input) {
    throw ArgumentError("input.type",
                        fmt::format("input '{}' takes {}, not {}", input, feel::describe(type), base::to_text(json)));
}

std::optional<Value> duration(std::string_view text, TypeKind wanted) {
    auto parsed = value::parse_duration(text);
    if (!parsed) return std::nullopt;
    if (parsed->days && wanted != TypeKind::months_duration) return Value::of(*parsed->days);
    if (parsed->months && wanted != TypeKind::days_duration) return Value::of(*parsed->months);
    return std::nullopt;
}

template <class T>
std::optional<Value> made(const std::optional<T>& parsed) {
    return parsed ? std::optional<Value>(Value::of(*parsed)) : std::nullopt;
}

std::optional<Value> scalar(std::string_view text, TypeRef type, Arena& arena) {
    switch (type->kind) {
        case TypeKind::number: {
            auto number = Decimal::parse(text);
            return number ? std::optional<Value>(Value::number(*number)) : std::nullopt;
        }
        case TypeKind::string:
        case TypeKind::enumeration:
        case TypeKind::any:
            return Value::string(arena.copy(text));
        case TypeKind::date:
            return made(value::Date::parse(text));
        case TypeKind::time:
            return made(value::Time::parse(text));
        case TypeKind::date_time:
            return made(value::DateTime::parse(text));
        case TypeKind::days_duration:
        case TypeKind::months_duration:
        case TypeKind::duration:
            return duration(text, type->kind);
        default:
            return std::nullopt;
    }
}

void check_enumeration(std::string_view text, TypeRef type, std::string_view input) {
    if (type->kind != TypeKind::enumeration || !type->enumeration || type->enumeration->find(text) >= 0) return;
    std::vector<std::string> known;
    for (const auto& item : type->enumeration->items) known.push_back(item.value);
    std::string near = base::nearest(text, known);
    throw ArgumentError("input.enum",
                        fmt::format("input '{}': '{}' is not among {}{}", input, text, fmt::join(known, ", "),
                                    near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
}

TypeRef any_type() {
    static const feel::Type kAny{};
    return &kAny;
}

Value list(const Json& json, TypeRef type, std::string_view input, Arena& arena) {
    TypeRef element = type->kind == TypeKind::list && type->element ? type->element : any_type();
    Value* items = arena.array<Value>(json.items.size());
    for (size_t i = 0; i < json.items.size(); ++i) items[i] = value_of_json(json.items[i], element, input, arena);
    return Value::list(items, json.items.size());
}

Value context(const Json& json, TypeRef type, std::string_view input, Arena& arena) {
    auto* entries = arena.array<value::ContextEntry>(json.members.size());
    for (size_t i = 0; i < json.members.size(); ++i) {
        const auto& [name, value] = json.members[i];
        auto member = std::find_if(type->members.begin(), type->members.end(),
                                   [&name = name](const feel::Member& m) { return m.name == name; });
        TypeRef part = member == type->members.end() ? any_type() : member->type;
        new (entries + i) value::ContextEntry{arena.copy(name), value_of_json(value, part, input, arena)};
    }
    return Value::context_of(
        arena.make<value::ContextData>(value::ContextData{entries, static_cast<uint32_t>(json.members.size())}));
}

}  // namespace

Value value_of_json(const Json& json, TypeRef type, std::string_view input, Arena& arena) {
    bool any = type->kind == TypeKind::any;
    switch (json.kind) {
        case Json::Kind::null:
            return Value::null();
        case Json::Kind::boolean:
            if (!any && type->kind != TypeKind::boolean) wrong(json, type, input);
            return Value::boolean(json.boolean);
        case Json::Kind::number: {
            auto number = any || type->kind == TypeKind::number ? Decimal::parse(json.text) : std::nullopt;
            if (!number) wrong(json, type, input);
            return Value::number(*number);
        }
        case Json::Kind::string: {
            if (!base::valid_utf8(json.text))
                throw ArgumentError("input.utf8", fmt::format("input '{}' is not UTF-8", input));
            auto value = scalar(json.text, type, arena);
            if (!value) wrong(json, type, input);
            check_enumeration(json.text, type, input);
            return *value;
        }
        case Json::Kind::array:
            if (!any && type->kind != TypeKind::list) wrong(json, type, input);
            return list(json, type, input, arena);
        case Json::Kind::object:
            if (!any && type->kind != TypeKind::context) wrong(json, type, input);
            return context(json, type, input, arena);
    }
    return Value::null();
}

}  // namespace leat::capi
