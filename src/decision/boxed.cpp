#include "decision/boxed.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "decision/graph_types.hpp"
#include "feel/ast.hpp"
#include "feel/external.hpp"
#include "feel/place_names.hpp"

namespace leat::decision {

using feel::Part;
using feel::TypeKind;
using feel::TypeRef;
using model::Boxed;

namespace {

Text plain(std::string text, Span span) {
    Text made;
    made.text = std::move(text);
    made.span = span;
    return made;
}

// The values that a list of allowed values names, in order; others (ranges, tests) have no place in an order.
std::vector<std::string> values_of(const Text& allowed, const feel::Scope& scope, const feel::CompileOptions& options) {
    std::vector<std::string> values;
    Diagnostics unsaid;  // the tests themselves are compiled, and complained of, elsewhere
    auto expression = feel::compile(plain(fmt::format("[{}]", allowed.text), allowed.span), scope, options, unsaid);
    if (!expression || !expression->is_constant()) return values;
    Arena arena;
    uint64_t steps = options.limits.steps_max;
    feel::Frame frame;
    frame.arena = &arena;
    frame.steps_left = &steps;
    Value list = expression->evaluate(frame);
    if (list.kind != Kind::list) return values;
    for (const Value& value : list.as_list()) values.push_back(value::to_text(value));
    return values;
}

void add_name(const Text& name, std::vector<std::string>& out) {
    if (name.text.empty() || is_word(name.text)) return;
    if (std::find(out.begin(), out.end(), name.text) == out.end()) out.push_back(name.text);
}

// From a box to feel's part, tables on the way becoming embedded ones.
class Conversion final : public feel::EmbeddedHost {
 public:
    Conversion(const std::string& name, const feel::CompileOptions& options, BoxedHost& host, Diagnostics& diagnostics)
        : name_(name), options_(options), host_(host), diagnostics_(diagnostics) {}

    Part part(const Boxed& box) {
        Part made;
        made.kind = part_kind(box.kind);
        made.span = box.span;
        made.text = box.text;
        TypeRef type = type_of(box.type);
        switch (box.kind) {
            case Boxed::Kind::relation:
                relation(box, made);
                break;
            case Boxed::Kind::function:
                function(box, made, type);
                break;
            case Boxed::Kind::table:
                made.embedded = static_cast<uint32_t>(tables_.size());
                tables_.push_back(box.table.get());
                break;
            case Boxed::Kind::expression:
            case Boxed::Kind::nothing:
                break;
            default:
                for (const Text& name : box.names) made.names.push_back(name.text);
                for (const Boxed& child : box.children) made.children.push_back(part(child));
        }
        if (!made.type) made.type = type;
        return made;
    }

    std::optional<feel::Embedded> compile_embedded(uint32_t embedded, const feel::Scope& names,
                                                   Diagnostics& diagnostics) override {
        feel::PlaceNames scope(names, 0);
        auto table = compile_table(*tables_[embedded], name_, scope, options_, host_, diagnostics);
        if (!table) return std::nullopt;
        feel::Embedded made;
        made.type = table->type();
        made.function = host_.add_table(std::move(table));
        made.reads = scope.reads();
        return made;
    }

 private:
    // nullptr: as it comes.
    TypeRef type_of(const Text& name) {
        if (name.text.empty()) return nullptr;
        TypeRef type = host_.type(name, diagnostics_);
        return type && type->kind == TypeKind::any && !type->allowed ? nullptr : type;
    }

    // A list of contexts, a row each.
    void relation(const Boxed& box, Part& made) {
        for (const Boxed& row : box.children) {
            Part& context = made.children.emplace_back();
            context.kind = Part::Kind::context;
            context.span = row.span;
            for (size_t i = 0; i < row.children.size() && i < box.names.size(); ++i) {
                context.names.push_back(box.names[i].text);
                Part cell = part(row.children[i]);
                TypeRef column = i < box.types.size() ? type_of(box.types[i]) : nullptr;
                context.children.push_back(typed(std::move(cell), column));
            }
        }
    }

    // A function's declared type is a function's, or, as many models have it, that of its answers.
    void function(const Boxed& box, Part& made, TypeRef& type) {
        for (size_t i = 0; i < box.names.size(); ++i) {
            made.names.push_back(box.names[i].text);
            made.types.push_back(i < box.types.size() ? type_of(box.types[i]) : nullptr);
        }
        Part body;
        body.kind = Part::Kind::nothing;
        body.span = box.span;
        if (!box.text.text.empty()) {
            if (!external(box, made))
                diagnostics_.warning(
                    "dmn.external", box.text.span,
                    fmt::format("a function of kind {} cannot be called and answers null", box.text.text),
                    "write it in FEEL");
            if (made.kind == Part::Kind::expression) return;
        } else if (!box.children.empty()) {
            body = part(box.children[0]);
        }
        // Its parameters say their types themselves.
        if (type && type->kind == TypeKind::function) type = type->result;
        if (type && type->kind != TypeKind::any) body = typed(std::move(body), type);
        type = nullptr;
        made.children.push_back(std::move(body));
    }

    // A function in another language is FEEL's external function over the same mapping. False: it will answer null.
    bool external(const Boxed& box, Part& made) {
        const Boxed* mapping = box.children.empty() ? nullptr : &box.children[0];
        std::string java_class, signature;
        for (size_t i = 0; mapping && mapping->kind == Boxed::Kind::context && i < mapping->names.size(); ++i) {
            if (mapping->names[i].text == "class") java_class = mapping->children[i].text.text;
            if (mapping->names[i].text == "method signature") signature = mapping->children[i].text.text;
        }
        if (java_class.size() < 2 || signature.empty()) return false;
        std::string parameters;
        for (size_t i = 0; i < box.names.size(); ++i) {
            bool typed = i < box.types.size() && !box.types[i].text.empty();
            parameters += (i > 0 ? ", " : "") + box.names[i].text + (typed ? ": " + box.types[i].text : "");
        }
        made = Part();
        made.kind = Part::Kind::expression;
        made.span = box.span;
        made.text = plain(fmt::format("function({}) external {{java: {{class: {}, method signature: {}}}}}", parameters,
                                      java_class, signature),
                          box.text.span);
        return feel::has_external_class(std::string_view(java_class).substr(1, java_class.size() - 2));
    }

    // The part as `type` too: a context of nothing but a result is that result.
    static Part typed(Part inner, TypeRef type) {
        if (!type || inner.type == type) return inner;
        if (!inner.type) {
            inner.type = type;
            return inner;
        }
        Part outer;
        outer.kind = Part::Kind::context;
        outer.span = inner.span;
        outer.type = type;
        outer.names.emplace_back();
        outer.children.push_back(std::move(inner));
        return outer;
    }

    const std::string& name_;
    const feel::CompileOptions& options_;
    BoxedHost& host_;
    Diagnostics& diagnostics_;
    std::vector<const model::DecisionTable*> tables_;
};

}  // namespace

std::unique_ptr<feel::Expression> compile_boxed(const model::Boxed& box, const std::string& name,
                                                const feel::Scope& scope, const feel::CompileOptions& options,
                                                BoxedHost& host, Diagnostics& diagnostics) {
    size_t errors = diagnostics.error_count();
    Conversion conversion(name, options, host, diagnostics);
    Part part = conversion.part(box);
    auto expression = feel::compile_parts(part, &conversion, scope, options, diagnostics);
    return diagnostics.error_count() == errors ? std::move(expression) : nullptr;
}

std::unique_ptr<Table> compile_table(const model::DecisionTable& table, const std::string& name,
                                     const feel::Scope& scope, const feel::CompileOptions& options, BoxedHost& host,
                                     Diagnostics& diagnostics) {
    TableSource source;
    source.name = name;
    source.span = table.span;
    source.none_is_null = true;
    if (!parse_hit(table.hit.text, source.hit)) {
        diagnostics.error("dmn.table", table.hit.span, fmt::format("there is no hit policy '{}'", table.hit.text),
                          "UNIQUE, ANY, FIRST, PRIORITY, RULE ORDER, OUTPUT ORDER, or COLLECT with SUM, COUNT, MIN or "
                          "MAX");
        return nullptr;
    }
    bool ranked = source.hit == Hit::priority || source.hit == Hit::output_order;
    for (const auto& column : table.inputs) {
        InputColumn& made = source.inputs.emplace_back();
        made.expression = column.header;
        made.type = host.type(column.type, diagnostics);
        made.allowed = column.allowed;
    }
    for (const auto& column : table.outputs) {
        OutputColumn& made = source.outputs.emplace_back();
        made.name = column.header.text;
        made.span = column.header.span;
        made.type = host.type(column.type, diagnostics);
        made.default_value = column.default_value;
        const Text* allowed = column.allowed.text.empty() ? host.allowed_values(column.type) : &column.allowed;
        source.allowed.push_back(ranked && allowed ? values_of(*allowed, scope, options) : std::vector<std::string>());
    }
    for (size_t i = 0; i < table.rows.size(); ++i) {
        const model::TableRow& row = table.rows[i];
        auto split = row.cells.begin() + static_cast<ptrdiff_t>(std::min(table.inputs.size(), row.cells.size()));
        TableRow& made = source.rows.emplace_back();
        made.inputs.assign(row.cells.begin(), split);
        made.outputs.assign(split, row.cells.end());
        made.annotation = i < table.comments.size() ? table.comments[i] : std::string();
        made.span = row.span;
    }
    return compile(std::move(source), scope, options, diagnostics);
}

Part::Kind part_kind(Boxed::Kind box) {
    switch (box) {
        case Boxed::Kind::expression:
            return Part::Kind::expression;
        case Boxed::Kind::context:
            return Part::Kind::context;
        case Boxed::Kind::list:
        case Boxed::Kind::relation:
            return Part::Kind::list;
        case Boxed::Kind::invocation:
            return Part::Kind::invocation;
        case Boxed::Kind::function:
            return Part::Kind::function;
        case Boxed::Kind::conditional:
            return Part::Kind::conditional;
        case Boxed::Kind::filter:
            return Part::Kind::filter;
        case Boxed::Kind::for_each:
            return Part::Kind::for_each;
        case Boxed::Kind::some:
            return Part::Kind::some;
        case Boxed::Kind::every:
            return Part::Kind::every;
        case Boxed::Kind::table:
            return Part::Kind::embedded;
        case Boxed::Kind::nothing:
            break;
    }
    return Part::Kind::nothing;
}

Value call_table(const Table& table, std::span<const Value> arguments, feel::Frame& frame, Match* match) {
    // In the arena: a function that an output makes remembers them.
    Value* locals = frame.arena->array<Value>(arguments.size());
    std::copy(arguments.begin(), arguments.end(), locals);
    feel::Frame inner = frame;
    inner.locals = locals;
    ++inner.depth;
    return table.decide(inner, match);
}

void add_phrases(const Boxed& box, std::vector<std::string>& out) {
    if (box.kind == Boxed::Kind::context || box.kind == Boxed::Kind::relation) {
        for (const Text& name : box.names) add_name(name, out);
    }
    for (const Boxed& child : box.children) add_phrases(child, out);
    if (!box.table) return;
    for (const auto& output : box.table->outputs) add_name(output.header, out);
}

}  // namespace leat::decision
