#include "feel/coerce.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "feel/code.hpp"
#include "feel/evaluation.hpp"
#include "feel/expression.hpp"
#include "feel/operations.hpp"
#include "feel/type_text.hpp"

namespace leat::feel {

namespace {

// The kind of values that a scalar type has; nullopt for types of other kinds.
bool has_kind(const Value& value, TypeKind type) {
    switch (type) {
        case TypeKind::boolean:
            return value.kind == Kind::boolean;
        case TypeKind::number:
            return value.kind == Kind::number;
        case TypeKind::string:
        case TypeKind::enumeration:
            return value.kind == Kind::string;
        case TypeKind::date:
            return value.kind == Kind::date;
        case TypeKind::time:
            return value.kind == Kind::time;
        case TypeKind::date_time:
            return value.kind == Kind::date_time;
        case TypeKind::days_duration:
            return value.kind == Kind::days_duration;
        case TypeKind::months_duration:
            return value.kind == Kind::months_duration;
        case TypeKind::duration:
            return value.kind == Kind::days_duration || value.kind == Kind::months_duration;
        case TypeKind::list:
        case TypeKind::collection:
            return value.kind == Kind::list;
        case TypeKind::context:
            return value.kind == Kind::context || value.kind == Kind::record || value.kind == Kind::object;
        case TypeKind::range:
            return value.kind == Kind::range;
        case TypeKind::function:
            return value.kind == Kind::function;
        case TypeKind::record:
            return value.kind == Kind::record;
        case TypeKind::object:
            return value.kind == Kind::object;
        case TypeKind::null:
            return value.is_null();
        case TypeKind::any:
            return true;
    }
    return false;
}

// A part of a value: null belongs to every type there.
bool part_conforms(const Value& value, TypeRef type) {
    return value.is_null() || !type || instance_of(value, type);
}

// A function as an argument: what it answers may be known only when it is called.
bool callable_as(TypeRef function, TypeRef type) {
    if (conforms(function, type)) return true;
    if (function->result && function->result->kind != TypeKind::any) return false;
    Type answering = *function;
    answering.result = type->result;
    return conforms(&answering, type);
}

class Coercion {
 public:
    explicit Coercion(Frame& frame) : frame_(frame) {}

    // False: the value is not of the type, and problem() says why.
    bool run(Value& value, TypeRef type) {
        if (!type || value.is_null()) return true;
        if (!convert(value, type)) return false;
        if (!type->allowed || type->allowed->evaluate(frame_, value).is_true()) return true;
        problem_ = fmt::format("{} is none of the values that are allowed: {}", value::to_text(value),
                               type->allowed->source().text);
        return false;
    }
    const std::string& problem() const { return problem_; }

 private:
    bool convert(Value& value, TypeRef type) {
        switch (type->kind) {
            case TypeKind::any:
                return true;
            case TypeKind::list:
                return to_list(value, type);
            case TypeKind::context:
                single(value, type);
                return to_context(value, type);
            default:
                break;
        }
        single(value, type);
        if (type->kind == TypeKind::date_time && value.kind == Kind::date) {
            DateTime midnight;
            midnight.seconds = value.as_date().days * 86'400;
            midnight.zone = {ZoneKind::offset, 0};  // as date and time(date) has it
            value = Value::of(midnight);
            return true;
        }
        if (value.kind == Kind::function && type->kind == TypeKind::function) {
            return callable_as(static_cast<const Function*>(value.function)->block->type, type) ||
                   mismatch(value, type);
        }
        return value.is_null() || instance_of(value, type) || mismatch(value, type);
    }
    static void single(Value& value, TypeRef type) {
        if (value.kind == Kind::list && value.aux == 1 && !has_kind(value, type->kind)) value = value.items[0];
    }
    bool to_list(Value& value, TypeRef type) {
        if (value.kind != Kind::list) {
            Value* item = frame_.arena->make<Value>(value);
            if (!run(*item, type->element)) return false;
            value = make_list(item, 1);
            return true;
        }
        if (!type->element || (type->element->kind == TypeKind::any && !type->element->allowed)) return true;
        Value* items = nullptr;  // a copy, once an item has changed
        for (uint32_t i = 0; i < value.aux; i++) {
            Value item = value.items[i];
            if (!run(item, type->element)) return false;
            if (!items && value::identical(item, value.items[i])) continue;
            if (!items) {
                items = frame_.arena->array<Value>(value.aux);
                std::copy_n(value.items, value.aux, items);
            }
            items[i] = item;
        }
        if (items) value = make_list(items, value.aux);
        return true;
    }
    // Each member must be there; what a context has besides stays.
    bool to_context(Value& value, TypeRef type) {
        if (value.kind == Kind::record || value.kind == Kind::object) return true;
        if (value.kind != Kind::context) return mismatch(value, type);
        const value::ContextData& data = *value.context;
        value::ContextEntry* entries = nullptr;
        for (const Member& member : type->members) {
            const Value* found = data.find(member.name);
            if (!found) {
                problem_ = fmt::format("the context has no '{}'", member.name);
                return false;
            }
            Value part = *found;
            if (!run(part, member.type)) {
                problem_ = fmt::format("'{}': {}", member.name, problem_);
                return false;
            }
            if (value::identical(part, *found)) continue;
            if (!entries) {
                entries = frame_.arena->array<value::ContextEntry>(data.count);
                std::copy_n(data.entries, data.count, entries);
            }
            for (uint32_t i = 0; i < data.count; i++) {
                if (entries[i].name == member.name) entries[i].value = part;
            }
        }
        if (entries) value = make_context(*frame_.arena, entries, data.count);
        return true;
    }
    bool mismatch(const Value& value, TypeRef type) {
        problem_ = fmt::format("{} is wanted, this is {}", describe(type), name_of(value.kind));
        return false;
    }

    Frame& frame_;
    std::string problem_;
};

}  // namespace

bool instance_of(const Value& value, TypeRef type) {
    if (value.is_null()) return type->kind == TypeKind::null;
    if (!has_kind(value, type->kind)) return false;
    switch (type->kind) {
        case TypeKind::list:
            if (!type->element || value.kind != Kind::list) return true;
            return std::all_of(value.items, value.items + value.aux,
                               [&](const Value& item) { return part_conforms(item, type->element); });
        case TypeKind::context:
            if (value.kind != Kind::context) return true;
            return std::all_of(type->members.begin(), type->members.end(), [&](const Member& member) {
                const Value* found = value.context->find(member.name);
                return found && part_conforms(*found, member.type);
            });
        case TypeKind::range:
            return part_conforms(value.range->low, type->element) && part_conforms(value.range->high, type->element);
        case TypeKind::function:
            return conforms(static_cast<const Function*>(value.function)->block->type, type);
        default:
            return true;
    }
}

Value coerce(const Value& value, TypeRef type, Frame& frame) {
    Value result = value;
    Coercion coercion(frame);
    if (coercion.run(result, type)) return result;
    return Value::null(
        frame.arena->make<NullReason>(NullReason{"feel.conversion", {}, frame.arena->copy(coercion.problem()), 0, 0}));
}

}  // namespace leat::feel
