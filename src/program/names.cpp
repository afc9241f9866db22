#include "program/names.hpp"

#include <algorithm>
#include <array>

namespace leat::program {

using feel::Binding;
using feel::Member;
using feel::TypeKind;
using feel::TypeRef;

bool is_root(std::string_view name) {
    static constexpr std::array kRoots = {"this",     "old",    "event", "actor",     "item",   "records",
                                          "settings", "params", "rows",  "candidate", "partial"};
    return std::find(kRoots.begin(), kRoots.end(), name) != kRoots.end();
}

bool is_identifier(std::string_view name) {
    static constexpr std::array kKeywords = {"and", "or",       "not",  "if",    "then",      "else",    "for",
                                             "in",  "return",   "some", "every", "satisfies", "between", "instance",
                                             "of",  "function", "true", "false", "null"};
    auto letter = [](unsigned char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
    };
    auto digit = [](unsigned char c) { return c >= '0' && c <= '9'; };
    if (name.empty() || !letter(static_cast<unsigned char>(name[0]))) return false;
    if (!std::all_of(name.begin(), name.end(), [&](char c) {
            auto u = static_cast<unsigned char>(c);
            return letter(u) || digit(u);
        })) {
        return false;
    }
    return std::find(kKeywords.begin(), kKeywords.end(), name) == kKeywords.end();
}

bool is_nmtoken(std::string_view name) {
    return !name.empty() && name.find_first_of(" \t\r\n:") == std::string_view::npos;
}

Names& Names::of(EntityId entity) {
    entity_ = entity;
    return *this;
}

Names& Names::in_flow() {
    in_flow_ = true;
    return *this;
}

Names& Names::add(std::string name, uint32_t slot, TypeRef type) {
    locals_.push_back({std::move(name), slot, type});
    if (slot >= next_local_) next_local_ = slot + 1;
    return *this;
}

TypeRef Names::self() const {
    return entity_ == kNone ? nullptr : types_.record(entity_, false);
}

TypeRef Names::type_of(EntityId entity, FieldId field) const {
    if (resolver_) return resolver_->field_type(entity, field);
    return program_.entities[entity].fields[field].type;
}

std::optional<Binding> Names::find(std::string_view name) const {
    Binding binding;
    for (auto local = locals_.rbegin(); local != locals_.rend(); ++local) {
        if (local->name != name) continue;
        binding.kind = Binding::Kind::local;
        binding.index = local->slot;
        binding.type = local->type;
        return binding;
    }
    if (name == "records" || name == "settings") {
        uint32_t object = name == "records" ? kRecordsObject : kSettingsObject;
        binding.kind = Binding::Kind::object;
        binding.index = object;
        binding.type = types_.object(object);
        return binding;
    }
    if (entity_ != kNone) {
        if (name == "this") {
            binding.kind = Binding::Kind::self;
            binding.type = self();
            return binding;
        }
        if (const Field* field = program_.entities[entity_].find(name)) {
            binding.kind = Binding::Kind::field;
            binding.index = field->id;
            binding.type = type_of(entity_, field->id);
            return binding;
        }
    }
    return find_function(name);
}

std::optional<Binding> Names::find_function(std::string_view name) const {
    for (uint32_t i = 0; i < program_.functions.size(); ++i) {
        if (program_.functions[i].name != name) continue;
        if (program_.functions[i].kind == Function::Kind::in_state && !in_flow_) continue;
        Binding binding;
        binding.kind = Binding::Kind::function;
        binding.index = i;
        binding.type = resolver_ ? resolver_->function_type(i) : program_.functions[i].type;
        return binding;
    }
    return std::nullopt;
}

std::optional<Member> Names::member(TypeRef type, std::string_view name) const {
    if (!type) return std::nullopt;
    if (type->kind == TypeKind::object) return object_member(type, name);
    if (type->kind != TypeKind::record && type->kind != TypeKind::collection) return std::nullopt;
    const Field* field = program_.entities[type->class_id].find(name);
    if (!field) return std::nullopt;
    return Member{field->name, field->id, type_of(type->class_id, field->id)};
}

std::optional<Member> Names::object_member(TypeRef type, std::string_view name) const {
    if (type->class_id == kRecordsObject) {
        const Entity* entity = program_.find_entity(name);
        if (!entity) return std::nullopt;
        return Member{entity->name, entity->id, types_.collection(entity->id)};
    }
    uint32_t index = 0;
    const Setting* setting = program_.find_setting(name, &index);
    if (!setting) return std::nullopt;
    return Member{setting->name, index, setting->type};
}

std::vector<std::string> Names::names(TypeRef type) const {
    std::vector<std::string> out;
    auto add_fields = [&](EntityId entity) {
        for (const Field& field : program_.entities[entity].fields) out.push_back(field.name);
    };
    if (!type) {
        for (const Local& local : locals_) out.push_back(local.name);
        if (entity_ != kNone) {
            add_fields(entity_);
            out.push_back("this");
        }
        out.insert(out.end(), {"records", "settings"});
        for (const Function& function : program_.functions) {
            if (function.kind == Function::Kind::table) continue;
            if (function.kind != Function::Kind::in_state || in_flow_) out.push_back(function.name);
        }
    } else if (type->kind == TypeKind::record || type->kind == TypeKind::collection) {
        add_fields(type->class_id);
    } else if (type->kind == TypeKind::object && type->class_id == kRecordsObject) {
        for (const Entity& entity : program_.entities) {
            if (entity.owner == kNone) out.push_back(entity.name);
        }
    } else if (type->kind == TypeKind::object) {
        for (const Setting& setting : program_.settings) out.push_back(setting.name);
    }
    return out;
}

std::optional<uint32_t> Names::calendar(std::string_view name) const {
    for (uint32_t i = 0; i < program_.calendars.size(); ++i) {
        if (program_.calendars[i].name() == name) return i;
    }
    return std::nullopt;
}

}  // namespace leat::program
