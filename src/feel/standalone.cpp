#include "feel/standalone.hpp"

#include <algorithm>
#include <string>
#include <unordered_set>

#include "feel/checker.hpp"
#include "feel/coerce.hpp"
#include "feel/expression.hpp"

namespace leat::feel {

namespace {

class ContextScope final : public Scope {
 public:
    // `lenient`: the values' own types are asked when it runs, so what they hold is not looked through.
    ContextScope(const Value& context, const std::vector<Member>& types, bool lenient)
        : context_(context), named_(types), lenient_(lenient) {
        add_phrases(context, 0);
    }
    // The entries in their order: what the bindings of this scope index.
    std::vector<Value> locals() const {
        std::vector<Value> values;
        for (uint32_t i = 0; i < count(); i++) values.push_back(context_.context->entries[i].value);
        return values;
    }

    std::optional<Binding> find(std::string_view name) const override {
        for (uint32_t i = 0; i < count(); i++) {
            const value::ContextEntry& entry = context_.context->entries[i];
            if (entry.name != name) continue;
            Binding binding;
            binding.kind = Binding::Kind::local;
            binding.index = i;
            binding.type = lenient_ ? type_of(entry.value, types_) : deep_type_of(entry.value, types_);
            return binding;
        }
        return std::nullopt;
    }
    std::optional<Member> member(TypeRef, std::string_view) const override { return std::nullopt; }
    std::vector<std::string> names(TypeRef type) const override {
        std::vector<std::string> all;
        if (type) return all;
        for (uint32_t i = 0; i < count(); i++) all.emplace_back(context_.context->entries[i].name);
        return all;
    }
    std::optional<uint32_t> calendar(std::string_view) const override { return std::nullopt; }
    Types& types() const override { return types_; }
    const std::vector<std::string>& phrases() const override { return phrases_; }
    TypeRef named_type(std::string_view name) const override {
        for (const Member& type : named_) {
            if (type.name == name) return type.type;
        }
        return nullptr;
    }

 private:
    // Keys at any depth: members are named, too.
    void add_phrases(const Value& value, int depth) {
        constexpr int kDepthMax = 64;
        if (depth > kDepthMax) return;
        if (value.kind == Kind::list) {
            for (const Value& item : value.as_list()) add_phrases(item, depth + 1);
        }
        if (value.kind != Kind::context) return;
        for (uint32_t i = 0; i < value.context->count; i++) {
            const value::ContextEntry& entry = value.context->entries[i];
            if (is_phrase(entry.name) && known_.insert(std::string(entry.name)).second)
                phrases_.emplace_back(entry.name);
            add_phrases(entry.value, depth + 1);
        }
    }

    uint32_t count() const { return context_.kind == Kind::context ? context_.context->count : 0; }

    const Value& context_;
    const std::vector<Member>& named_;
    const bool lenient_;
    std::vector<std::string> phrases_;
    std::unordered_set<std::string> known_;
    mutable Types types_;
};

class NoEnvironment final : public Environment {
 public:
    Value member(const Value&, uint32_t, Frame&) override { return Value(); }
    bool query(const CollectionQuery&, std::span<const Value>, Frame&, Value& out) override {
        out = Value::list(nullptr, 0);
        return false;
    }
    Value call(uint32_t, std::span<const Value>, Frame&) override { return Value(); }
    int64_t now_us() override { return 0; }
    value::Zone time_zone() override { return {ZoneKind::offset, 0}; }
};

// The context with its entries as their declared types.
Value with_types(const Value& context, const std::vector<Member>& types, Frame& frame) {
    if (types.empty() || context.kind != Kind::context) return context;
    const value::ContextData& data = *context.context;
    auto* entries = frame.arena->array<value::ContextEntry>(data.count);
    std::copy_n(data.entries, data.count, entries);
    for (uint32_t i = 0; i < data.count; i++) {
        for (const Member& type : types) {
            if (type.name == entries[i].name) entries[i].value = coerce(entries[i].value, type.type, frame);
        }
    }
    return make_context(*frame.arena, entries, data.count);
}

TypeRef list_type(const Value& list, Types& types) {
    TypeRef element = nullptr;
    for (const Value& item : list.as_list()) {
        TypeRef type = deep_type_of(item, types);
        if (!element) {
            element = type;
        } else if (type->kind == TypeKind::null || element->kind == TypeKind::null) {
            element = types.with_nullable(type->kind == TypeKind::null ? element : type, true);
        } else if (type->kind != element->kind) {
            element = types.basic(TypeKind::any);
            break;
        } else if (type->kind == TypeKind::context || (type->kind == TypeKind::list && type != element)) {
            element = types.basic(type->kind == TypeKind::context ? TypeKind::context : TypeKind::any);
        }
    }
    return types.list(element ? element : types.basic(TypeKind::any), false);
}

}  // namespace

TypeRef deep_type_of(const Value& value, Types& types) {
    switch (value.kind) {
        case Kind::list:
            return list_type(value, types);
        case Kind::context: {
            std::vector<Member> members;
            for (uint32_t i = 0; i < value.context->count; i++) {
                members.push_back({std::string(value.context->entries[i].name), i,
                                   deep_type_of(value.context->entries[i].value, types)});
            }
            return types.context(std::move(members), false);
        }
        case Kind::range: {
            TypeRef end = type_of(value.range->low.is_null() ? value.range->high : value.range->low, types);
            return types.range(end->kind == TypeKind::null ? nullptr : end, false);
        }
        default:
            return type_of(value, types);
    }
}

Result<Value> evaluate_text(std::string_view expression, const Value& context, Environment* environment, Arena& arena,
                            const StandaloneOptions& options) {
    Text source;
    source.text = std::string(expression);
    source.span.begin = {1, 1};
    source.line_starts.push_back({1, 1});
    uint32_t line = 1;
    for (char c : source.text) {
        if (c == '\n') source.line_starts.push_back({++line, 1});
    }
    NoEnvironment none;
    uint64_t steps = options.limits.steps_max;
    Frame frame;
    frame.environment = environment ? environment : &none;
    frame.arena = &arena;
    frame.steps_left = &steps;
    CompileOptions compile_options;
    compile_options.limits = options.limits;
    compile_options.lenient = options.lenient;
    Diagnostics diagnostics;
    try {
        Value typed = with_types(context, options.inputs, frame);
        ContextScope scope(typed, options.types, options.lenient);
        std::vector<Value> locals = scope.locals();
        frame.locals = locals.data();
        auto compiled = compile(source, scope, compile_options, diagnostics);
        if (!compiled) {
            Error error = make_error(Status::program, "feel.syntax", "the expression has errors");
            error.diagnostics = diagnostics.take();
            if (!error.diagnostics.empty()) {
                error.code = error.diagnostics[0].code;
                error.message = error.diagnostics[0].message;
                if (!error.diagnostics[0].hint.empty()) error.message += " (" + error.diagnostics[0].hint + ")";
            }
            return error;
        }
        // The program, and the constants that the result may point into, end with this call.
        return value::copy(coerce(compiled->evaluate(frame), options.result, frame), arena);
    } catch (const LimitError& limit) {
        return make_error(Status::limit, limit.code(), limit.what());
    }
}

}  // namespace leat::feel
