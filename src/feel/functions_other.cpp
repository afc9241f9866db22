// Null, contexts, ranges.
#include <string>

#include "feel/arguments.hpp"
#include "feel/functions.hpp"
#include "feel/operations.hpp"

namespace leat::feel {

namespace {

using Arguments = std::span<const Value>;

Value negation(Evaluation& evaluation, Arguments arguments) {
    return logical_not(evaluation, arguments[0]);
}
Value get_or_else(Evaluation&, Arguments arguments) {
    return arguments[0].is_null() ? arguments[1] : arguments[0];
}
Value is_defined(Evaluation&, Arguments arguments) {
    return Value::boolean(!arguments[0].is_null());
}

Value get_value(Evaluation& evaluation, Arguments arguments) {
    Value context = only(arguments[0]);
    if (context.is_null()) return null_argument(evaluation, context);
    if (context.kind != Kind::context) return evaluation.fail("feel.argument", "get value takes a context");
    if (arguments[1].kind == Kind::list) {
        for (const Value& key : arguments[1].as_list()) {
            if (key.kind != Kind::string) return evaluation.fail("feel.argument", "a context's key is a text");
            context = member_by_name(evaluation, context, key.as_string());
        }
        return context;
    }
    Value key;
    if (!want(evaluation, arguments[1], Kind::string, key)) return key;
    return member_by_name(evaluation, context, key.as_string());
}

Value new_context(Evaluation& evaluation, std::span<const value::ContextEntry> entries) {
    auto* copy = evaluation.arena.array<value::ContextEntry>(entries.size());
    for (size_t i = 0; i < entries.size(); i++) copy[i] = entries[i];
    return make_context(evaluation.arena, copy, entries.size());
}

Value get_entries(Evaluation& evaluation, Arguments arguments) {
    Value context;
    if (!want(evaluation, arguments[0], Kind::context, context)) return context;
    ListBuilder out(evaluation);
    for (uint32_t i = 0; i < context.context->count; i++) {
        const value::ContextEntry& entry = context.context->entries[i];
        value::ContextEntry pair[2] = {{"key", Value::string(entry.name)}, {"value", entry.value}};
        out.push(new_context(evaluation, pair));
    }
    return out.list();
}

void put(std::vector<value::ContextEntry>& entries, std::string_view name, const Value& value) {
    for (value::ContextEntry& entry : entries) {
        if (entry.name != name) continue;
        entry.value = value;
        return;
    }
    entries.push_back({name, value});
}

// context([{key: "a", value: 1}]): a key twice makes null.
Value from_entries(Evaluation& evaluation, Arguments arguments) {
    Value single;
    std::span<const Value> items;
    if (!want_list(arguments[0], single, items)) return null_argument(evaluation, arguments[0]);
    std::vector<value::ContextEntry> entries;
    for (const Value& item : items) {
        evaluation.charge(entries.size() + 1);
        const Value* key = item.kind == Kind::context ? item.context->find("key") : nullptr;
        const Value* value = item.kind == Kind::context ? item.context->find("value") : nullptr;
        if (!key || !value || key->kind != Kind::string)
            return evaluation.fail("feel.argument", "context() takes entries with key and value");
        for (const value::ContextEntry& entry : entries) {
            if (entry.name == key->as_string()) return evaluation.fail("feel.argument", "a key is there twice");
        }
        entries.push_back({key->as_string(), *value});
    }
    return new_context(evaluation, entries);
}

Value put_path(Evaluation& evaluation, const Value& context, std::span<const Value> keys, const Value& value) {
    std::vector<value::ContextEntry> entries;
    if (context.kind == Kind::context)
        entries.assign(context.context->entries, context.context->entries + context.context->count);
    else if (!context.is_null())
        return evaluation.fail("feel.argument", "context put takes a context");
    if (keys.empty() || keys[0].kind != Kind::string)
        return evaluation.fail("feel.argument", "a context's key is a text");
    std::string_view key = keys[0].as_string();
    Value inner = value;
    if (keys.size() > 1) {
        const Value* present = context.kind == Kind::context ? context.context->find(key) : nullptr;
        inner = put_path(evaluation, present ? *present : Value(), keys.subspan(1), value);
        if (inner.is_null()) return inner;
    }
    put(entries, key, inner);
    return new_context(evaluation, entries);
}

Value context_put(Evaluation& evaluation, Arguments arguments) {
    if (arguments[0].is_null()) return null_argument(evaluation, arguments[0]);
    if (arguments[1].kind == Kind::list)
        return put_path(evaluation, arguments[0], arguments[1].as_list(), arguments[2]);
    return put_path(evaluation, arguments[0], arguments.subspan(1, 1), arguments[2]);
}

Value context_merge(Evaluation& evaluation, Arguments arguments) {
    Value single;
    std::span<const Value> items;
    if (!want_list(arguments[0], single, items)) return null_argument(evaluation, arguments[0]);
    std::vector<value::ContextEntry> entries;
    for (const Value& item : items) {
        if (item.kind != Kind::context)
            return item.is_null() ? null_argument(evaluation, item)
                                  : evaluation.fail("feel.argument", "context merge takes contexts");
        for (uint32_t i = 0; i < item.context->count; i++) {
            evaluation.charge(entries.size() + 1);
            put(entries, item.context->entries[i].name, item.context->entries[i].value);
        }
    }
    return new_context(evaluation, entries);
}

Value is_same(Evaluation&, Arguments arguments) {
    const Value &a = arguments[0], &b = arguments[1];
    if (a.kind != b.kind) return Value::boolean(false);
    if (a.kind == Kind::time || a.kind == Kind::date_time) {
        return Value::boolean(a.bits.low == b.bits.low && a.aux == b.aux && a.flags == b.flags &&
                              (a.flags == 0 || a.bits.high == b.bits.high));
    }
    return Value::boolean(value::identical(a, b));
}

}  // namespace

void add_other_functions(std::vector<Builtin>& table) {
    table.push_back(builtin("not(negand: any): boolean!", negation));
    table.push_back(builtin("get or else(value: ~any, default: ~any): any", get_or_else, [](const Call& call) {
        TypeRef value = call.arguments[0], otherwise = call.arguments[1];
        if (value->kind == TypeKind::null) return otherwise;
        if (otherwise->kind == TypeKind::null) return value;
        bool texts = (value->kind == TypeKind::string || value->kind == TypeKind::enumeration) &&
                     (otherwise->kind == TypeKind::string || otherwise->kind == TypeKind::enumeration);
        if (value->kind != otherwise->kind && !texts) return call.types.basic(TypeKind::any);
        return call.types.with_nullable(value, value->nullable && otherwise->nullable);
    }));
    table.push_back(builtin("is defined(value: ~any): boolean!", is_defined));
    table.push_back(builtin("get value(m: context, key: string): any", get_value));
    table.push_back(builtin("get value(m: context, keys: list): any", get_value));
    table.push_back(builtin("get entries(m: context): list!", get_entries));
    table.push_back(builtin("context(entries: list): context", from_entries));
    table.push_back(builtin("context put(context: context, key: string, value: ~any): context", context_put));
    table.push_back(builtin("context put(context: context, keys: list, value: ~any): context", context_put));
    table.push_back(builtin("context merge(contexts: list): context", context_merge));
    table.push_back(builtin("is(value1: ~any, value2??: ~any): boolean!", is_same));
    table.push_back(builtin("convert(amount: number, from: string, to: string, on: date): number", nullptr));
}

}  // namespace leat::feel
