#include "feel/context_expression.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "feel/ast.hpp"
#include "feel/coerce.hpp"
#include "feel/standalone.hpp"
#include "feel/type_text.hpp"

namespace leat::feel {

namespace {

constexpr size_t kNullsMax = 100, kPartsMax = 50;
constexpr int kDepthMax = 64;

void add_phrase(std::vector<std::string>& phrases, const std::string& name) {
    if (is_phrase(name) && std::find(phrases.begin(), phrases.end(), name) == phrases.end()) phrases.push_back(name);
}

void add_phrases(std::vector<std::string>& phrases, TypeRef type, int depth) {
    if (!type || depth > kDepthMax) return;
    for (const Member& member : type->members) {
        add_phrase(phrases, member.name);
        add_phrases(phrases, member.type, depth + 1);
    }
    add_phrases(phrases, type->element, depth + 1);
}

// Whether a value is of the type that an earlier one had.
bool same_shape(const Value& value, TypeRef type, int depth) {
    if (!type || type->kind == TypeKind::any || depth > kDepthMax) return true;
    if (value.is_null()) return type->nullable || type->kind == TypeKind::null;
    switch (type->kind) {
        case TypeKind::list:
            return value.kind == Kind::list &&
                   std::all_of(value.as_list().begin(), value.as_list().end(),
                               [&](const Value& item) { return same_shape(item, type->element, depth + 1); });
        case TypeKind::context:
            if (value.kind != Kind::context) return false;
            if (type->members.empty()) return true;
            if (type->members.size() != value.context->count) return false;
            for (uint32_t i = 0; i < value.context->count; ++i) {
                const value::ContextEntry& entry = value.context->entries[i];
                if (entry.name != type->members[i].name || !same_shape(entry.value, type->members[i].type, depth + 1))
                    return false;
            }
            return true;
        case TypeKind::range:
        case TypeKind::function:
            return false;  // seldom, and not worth a look inside
        default:
            return instance_of(value, type);
    }
}

Value missing(std::string_view name, Arena& arena) {
    auto* reason = arena.make<NullReason>(
        NullReason{"empty", arena.copy(name), arena.copy(fmt::format("'{}' is null in the context", name)), 0, 0});
    return Value::null(reason);
}

bool binds_names(ast::NodeKind kind) {
    using ast::NodeKind;
    return kind == NodeKind::for_each || kind == NodeKind::some || kind == NodeKind::every ||
           kind == NodeKind::filter || kind == NodeKind::function_definition || kind == NodeKind::context;
}

}  // namespace

// The context's entries as locals, then what is outside.
class ContextExpression::Names final : public Scope {
 public:
    explicit Names(const ContextExpression& of) : of_(of) {
        if (of.options_.outer) outer_ = of.options_.outer();
        if (outer_) phrases_ = outer_->phrases();
        for (const Member& member : of.members_) {
            add_phrase(phrases_, member.name);
            add_phrases(phrases_, member.type, 0);
        }
    }
    std::optional<Binding> find(std::string_view name) const override {
        for (const Member& member : of_.members_) {
            if (member.name != name) continue;
            Binding binding;
            binding.kind = Binding::Kind::local;
            binding.index = member.index;
            binding.type = member.type;
            return binding;
        }
        if (!outer_) return std::nullopt;
        auto binding = outer_->find(name);
        return binding && binding->kind != Binding::Kind::local ? binding : std::nullopt;
    }
    std::optional<Member> member(TypeRef type, std::string_view name) const override {
        return outer_ ? outer_->member(type, name) : std::nullopt;
    }
    std::vector<std::string> names(TypeRef type) const override {
        std::vector<std::string> all;
        if (outer_) all = outer_->names(type);
        if (type) return all;
        for (const Member& member : of_.members_) all.push_back(member.name);
        return all;
    }
    std::optional<uint32_t> calendar(std::string_view name) const override {
        return outer_ ? outer_->calendar(name) : std::nullopt;
    }
    Types& types() const override { return outer_ ? outer_->types() : *of_.own_types_; }
    const std::vector<std::string>& phrases() const override { return phrases_; }
    TypeRef named_type(std::string_view name) const override { return outer_ ? outer_->named_type(name) : nullptr; }

 private:
    const ContextExpression& of_;
    std::unique_ptr<Scope> outer_;
    std::vector<std::string> phrases_;
};

ContextExpression::ContextExpression(std::string_view text, Options options)
    : options_(std::move(options)), own_types_(std::make_unique<Types>()) {
    source_.text = std::string(text);
    source_.span.begin = {1, 1};
    source_.line_starts.push_back({1, 1});
    uint32_t line = 1;
    for (char c : source_.text) {
        if (c == '\n') source_.line_starts.push_back({++line, 1});
    }
}

ContextExpression::~ContextExpression() = default;

Result<std::unique_ptr<ContextExpression>> ContextExpression::make(std::string_view text, Options options) {
    std::unique_ptr<ContextExpression> made(new ContextExpression(text, std::move(options)));
    if (!made->options_.declared) return made;
    Names names(*made);
    for (const auto& [name, written] : made->options_.types) {
        TypeRef type = parse_type(written, names);
        if (!type) {
            std::string near = base::nearest(written, type_names());
            return make_error(Status::usage, "feel.type.unknown",
                              fmt::format("the type of '{}', '{}', is unknown{}", name, written,
                                          near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
        }
        made->members_.push_back(
            {name, static_cast<uint32_t>(made->members_.size()), names.types().with_nullable(type, true)});
    }
    LEAT_CHECK(made->compile());
    return made;
}

Result<void> ContextExpression::compile() {
    Names names(*this);
    CompileOptions compile_options;
    compile_options.lenient = options_.lenient;
    compile_options.limits = options_.limits;
    Diagnostics diagnostics;
    expression_ = feel::compile(source_, names, compile_options, diagnostics);
    if (expression_ && options_.check) {
        auto allowed = options_.check(expression_->reads());
        if (!allowed) {
            expression_.reset();
            return std::move(allowed.error());
        }
    }
    if (expression_) return {};
    Error error = make_error(Status::program, "program.invalid", "the expression has errors");
    error.diagnostics = diagnostics.take();
    return error;
}

bool ContextExpression::fits(const Value& context) const {
    if (!expression_) return false;
    uint32_t count = context.kind == Kind::context ? context.context->count : 0;
    if (count != members_.size()) return false;
    for (uint32_t i = 0; i < count; ++i) {
        const value::ContextEntry& entry = context.context->entries[i];
        if (entry.name != members_[i].name || !same_shape(entry.value, members_[i].type, 0)) return false;
    }
    return true;
}

Result<Value> ContextExpression::evaluate(const Value& context, Environment& environment, Arena& arena) {
    uint32_t count = context.kind == Kind::context ? context.context->count : 0;
    if (options_.declared) {
        for (uint32_t i = 0; i < count; ++i) {
            std::string_view name = context.context->entries[i].name;
            bool known =
                std::any_of(members_.begin(), members_.end(), [&](const Member& one) { return one.name == name; });
            if (known) continue;
            std::vector<std::string> all;
            for (const Member& member : members_) all.push_back(member.name);
            std::string near = base::nearest(name, all);
            return make_error(Status::usage, "input.unknown_field",
                              fmt::format("the context has '{}', which is not declared{}", name,
                                          near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
        }
    } else if (!fits(context)) {
        members_.clear();
        expression_.reset();
        own_types_ = std::make_unique<Types>();
        {
            Names names(*this);
            Types& types = names.types();
            for (uint32_t i = 0; i < count; ++i) {
                const value::ContextEntry& entry = context.context->entries[i];
                // The next context may have null there.
                members_.push_back(
                    {std::string(entry.name), i, types.with_nullable(deep_type_of(entry.value, types), true)});
            }
        }
        LEAT_CHECK(compile());
    }
    std::vector<Value> values(members_.size());
    for (size_t i = 0; i < members_.size(); ++i) {
        const Value* given = count == 0 ? nullptr : context.context->find(members_[i].name);
        if (given) values[i] = *given;
    }
    return evaluate(values, environment, arena);
}

Result<Value> ContextExpression::evaluate(std::span<const Value> values, Environment& environment, Arena& arena) {
    if (!expression_) LEAT_CHECK(compile());
    if (values.size() != members_.size())
        return make_error(Status::usage, "usage.input_count",
                          fmt::format("the expression has {} inputs, {} were given", members_.size(), values.size()));
    locals_.assign(values.begin(), values.end());
    uint64_t steps = options_.limits.steps_max;
    Frame frame;
    frame.environment = &environment;
    frame.arena = &arena;
    frame.steps_left = &steps;
    try {
        for (size_t i = 0; i < members_.size(); ++i) {
            if (locals_[i].is_null() && !locals_[i].null_reason)
                locals_[i] = missing(members_[i].name, arena);
            else if (options_.declared)
                locals_[i] = coerce(locals_[i], members_[i].type, frame);
        }
    } catch (const LimitError& limit) {
        return make_error(Status::limit, limit.code(), limit.what());
    }
    return run(*expression_, environment, arena);
}

Result<Value> ContextExpression::run(const Expression& expression, Environment& environment, Arena& arena) {
    uint64_t steps = options_.limits.steps_max;
    Frame frame;
    frame.locals = locals_.data();
    frame.environment = &environment;
    frame.arena = &arena;
    frame.steps_left = &steps;
    try {
        return expression.evaluate(frame);
    } catch (const LimitError& limit) {
        return make_error(Status::limit, limit.code(), limit.what());
    }
}

void ContextExpression::add_nulls(const Value& value, const std::string& path, int depth,
                                  std::vector<NullPlace>& out) const {
    if (out.size() >= kNullsMax || depth > kDepthMax) return;
    if (value.kind == Kind::list) {
        size_t number = 0;
        for (const Value& item : value.as_list())
            add_nulls(item, fmt::format("{}[{}]", path, ++number), depth + 1, out);
    } else if (value.kind == Kind::context) {
        for (uint32_t i = 0; i < value.context->count; ++i) {
            const value::ContextEntry& entry = value.context->entries[i];
            add_nulls(entry.value, path.empty() ? std::string(entry.name) : fmt::format("{}.{}", path, entry.name),
                      depth + 1, out);
        }
    }
    if (!value.is_null()) return;
    const NullReason* reason = value.null_reason;
    if (!reason) {
        out.push_back({path, "null", "the expression says null here", {}});
        return;
    }
    NullPlace place{path, std::string(reason->code), std::string(reason->text), {}};
    // A called decision's reason has its place in the decision's own text.
    bool here = reason->end > reason->begin && reason->end <= source_.text.size();
    if (here && expression_ && expression_->reads().functions.empty())
        place.span = source_.at(reason->begin, reason->end);
    out.push_back(std::move(place));
}

std::vector<NullPlace> ContextExpression::nulls(const Value& value) const {
    std::vector<NullPlace> out;
    add_nulls(value, "", 0, out);
    return out;
}

std::vector<PartValue> ContextExpression::parts(Environment& environment, Arena& arena) {
    std::vector<PartValue> out;
    if (!expression_ || !expression_->tree()) return out;
    Names names(*this);
    CompileOptions compile_options;
    compile_options.lenient = options_.lenient;
    compile_options.limits = options_.limits;
    std::vector<const ast::Node*> open{expression_->tree()};
    while (!open.empty() && out.size() < kPartsMax) {
        const ast::Node* node = open.back();
        open.pop_back();
        if (!binds_names(node->kind))
            open.insert(open.end(), std::reverse_iterator(node->children.end()),
                        std::reverse_iterator(node->children.begin()));
        else if (node->kind != ast::NodeKind::function_definition && node->kind != ast::NodeKind::context)
            open.push_back(node->children[0]);  // where the items come from
        if (node->kind == ast::NodeKind::literal || node->end <= node->begin || node->end > source_.text.size())
            continue;
        Text text;
        text.text = source_.text.substr(node->begin, node->end - node->begin);
        bool told = std::any_of(out.begin(), out.end(), [&](const PartValue& one) { return one.text == text.text; });
        if (told || (node != expression_->tree() && text.text == source_.text)) continue;
        Diagnostics diagnostics;
        auto part = feel::compile(text, names, compile_options, diagnostics);
        if (!part) continue;  // a test without its input, a part of a name
        Result<Value> value = run(*part, environment, arena);
        // The part's constants end with it.
        if (value) out.push_back({text.text, value::copy(*value, arena)});
    }
    return out;
}

}  // namespace leat::feel
