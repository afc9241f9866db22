#include "feel/type.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace leat::feel {

int EnumType::find(std::string_view value) const {
    for (size_t i = 0; i < items.size(); i++) {
        if (items[i].value == value) return static_cast<int>(i);
    }
    return -1;
}

namespace {

// What tells two types apart, byte by byte; valid until the next call.
const std::string& key_of(TypeKind kind, bool nullable, int16_t scale, const EnumType* enumeration, TypeRef element,
                          uint32_t class_id, std::string_view currency) {
    thread_local std::string key;  // with its room
    char bytes[sizeof kind + sizeof nullable + sizeof scale + sizeof enumeration + sizeof element + sizeof class_id];
    size_t size = 0;
    auto add = [&](const auto& part) {
        std::memcpy(bytes + size, &part, sizeof part);
        size += sizeof part;
    };
    add(kind);
    add(nullable);
    add(scale);
    add(enumeration);
    add(element);
    add(class_id);
    key.assign(bytes, size);
    key += currency;
    return key;
}

}  // namespace

Types::Types() = default;

TypeRef Types::intern(Type type) {
    bool plain = type.scale < 0 && type.currency.empty() && !type.enumeration && !type.element && type.class_id == 0 &&
                 type.kind != TypeKind::context && type.kind != TypeKind::function && type.kind != TypeKind::record &&
                 type.kind != TypeKind::collection && type.kind != TypeKind::object && !type.allowed;
    if (plain) return basic(type.kind, type.nullable);
    if (type.kind == TypeKind::context || type.kind == TypeKind::function || type.allowed) {
        types_.push_back(std::move(type));
        return &types_.back();
    }
    const std::string& key =
        key_of(type.kind, type.nullable, type.scale, type.enumeration, type.element, type.class_id, type.currency);
    auto known = interned_.find(key);
    if (known != interned_.end()) return known->second;
    types_.push_back(std::move(type));
    return interned_[key] = &types_.back();
}

TypeRef Types::basic(TypeKind kind, bool nullable) {
    TypeRef& made = basics_[static_cast<int>(kind)][nullable];
    if (!made) {
        Type type;
        type.kind = kind;
        type.nullable = nullable;
        types_.push_back(std::move(type));
        made = &types_.back();
    }
    return made;
}

TypeRef Types::money(std::string currency, int scale, bool nullable) {
    Type type;
    type.kind = TypeKind::number;
    type.nullable = nullable;
    type.scale = static_cast<int16_t>(scale);
    type.currency = std::move(currency);
    return intern(std::move(type));
}

TypeRef Types::decimal(int scale, bool nullable) {
    return money("", scale, nullable);
}

TypeRef Types::enumeration(const EnumType* enumeration, bool nullable) {
    Type type;
    type.kind = TypeKind::enumeration;
    type.nullable = nullable;
    type.enumeration = enumeration;
    return intern(std::move(type));
}

TypeRef Types::list(TypeRef element, bool nullable) {
    auto known = interned_.find(key_of(TypeKind::list, nullable, -1, nullptr, element, 0, {}));
    if (element && known != interned_.end()) return known->second;
    Type type;
    type.kind = TypeKind::list;
    type.nullable = nullable;
    type.element = element;
    return intern(std::move(type));
}

TypeRef Types::range(TypeRef element, bool nullable) {
    auto known = interned_.find(key_of(TypeKind::range, nullable, -1, nullptr, element, 0, {}));
    if (element && known != interned_.end()) return known->second;
    Type type;
    type.kind = TypeKind::range;
    type.nullable = nullable;
    type.element = element;
    return intern(std::move(type));
}

TypeRef Types::record(uint32_t entity, bool nullable) {
    Type type;
    type.kind = TypeKind::record;
    type.nullable = nullable;
    type.class_id = entity;
    return intern(std::move(type));
}

TypeRef Types::collection(uint32_t entity) {
    Type type;
    type.kind = TypeKind::collection;
    type.nullable = false;
    type.class_id = entity;
    return intern(std::move(type));
}

TypeRef Types::object(uint32_t class_id) {
    Type type;
    type.kind = TypeKind::object;
    type.nullable = false;
    type.class_id = class_id;
    return intern(std::move(type));
}

TypeRef Types::context(std::vector<Member> members, bool nullable) {
    Type type;
    type.kind = TypeKind::context;
    type.nullable = nullable;
    type.members = std::move(members);
    return intern(std::move(type));
}

TypeRef Types::function(std::vector<Member> parameters, TypeRef result) {
    Type type;
    type.kind = TypeKind::function;
    type.nullable = false;
    type.parameters = std::move(parameters);
    type.result = result;
    return intern(std::move(type));
}

void Types::complete(TypeRef context, std::vector<Member> members) {
    auto own = std::find_if(types_.begin(), types_.end(), [&](const Type& type) { return &type == context; });
    if (own != types_.end()) own->members = std::move(members);
}

TypeRef Types::with_nullable(TypeRef type, bool nullable) {
    if (type->nullable == nullable || type->kind == TypeKind::null) return type;
    Type copy = *type;
    copy.nullable = nullable;
    return intern(std::move(copy));
}

TypeRef Types::constrained(TypeRef type, const Expression* allowed) {
    Type copy = *type;
    copy.allowed = allowed;
    return intern(std::move(copy));
}

std::string describe(TypeRef type) {
    switch (type->kind) {
        case TypeKind::any:
            return "any value";
        case TypeKind::null:
            return "null";
        case TypeKind::boolean:
            return "boolean";
        case TypeKind::number:
            if (type->currency.empty()) return "number";
            return type->currency == "*" ? "money" : fmt::format("money ({})", type->currency);
        case TypeKind::string:
            return "string";
        case TypeKind::enumeration:
            return type->enumeration ? fmt::format("enum {}", type->enumeration->name) : std::string("enum");
        case TypeKind::date:
            return "date";
        case TypeKind::time:
            return "time";
        case TypeKind::date_time:
            return "date and time";
        case TypeKind::days_duration:
            return "days and time duration";
        case TypeKind::months_duration:
            return "years and months duration";
        case TypeKind::duration:
            return "duration";
        case TypeKind::list:
            return type->element ? "list of " + describe(type->element) : "list";
        case TypeKind::context:
            return "context";
        case TypeKind::range:
            return type->element ? "range of " + describe(type->element) : "range";
        case TypeKind::function:
            return "function";
        case TypeKind::record:
            return "record";
        case TypeKind::collection:
            return "collection";
        case TypeKind::object:
            return "object";
    }
    return "value";
}

}  // namespace leat::feel
