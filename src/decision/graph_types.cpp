#include "decision/graph_types.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace leat::decision {

using feel::TypeKind;
using feel::TypeRef;
using model::DmnItem;

namespace {

constexpr size_t kNameMax = 1000;    // bytes of a type's name, which nests by its points and brackets
constexpr uint32_t kDepthMax = 200;  // definitions inside each other: well inside a thread's stack

constexpr std::pair<std::string_view, TypeKind> kBuiltIn[] = {
    {"Any", TypeKind::any},
    {"any", TypeKind::any},
    {"null", TypeKind::null},
    {"Null", TypeKind::null},
    {"number", TypeKind::number},
    {"string", TypeKind::string},
    {"boolean", TypeKind::boolean},
    {"date", TypeKind::date},
    {"time", TypeKind::time},
    {"date and time", TypeKind::date_time},
    {"dateTime", TypeKind::date_time},
    {"days and time duration", TypeKind::days_duration},
    {"dayTimeDuration", TypeKind::days_duration},
    {"years and months duration", TypeKind::months_duration},
    {"yearMonthDuration", TypeKind::months_duration},
    {"duration", TypeKind::duration},
    {"list", TypeKind::list},
    {"context", TypeKind::context},
    {"range", TypeKind::range},
    {"function", TypeKind::function},
};

// Constraints know no names but types.
class ConstraintScope final : public feel::Scope {
 public:
    ConstraintScope(GraphTypes& graph, uint32_t model, feel::Types& types)
        : graph_(graph), model_(model), types_(types) {}
    std::optional<feel::Binding> find(std::string_view) const override { return std::nullopt; }
    std::optional<feel::Member> member(TypeRef, std::string_view) const override { return std::nullopt; }
    std::vector<std::string> names(TypeRef) const override { return {}; }
    std::optional<uint32_t> calendar(std::string_view) const override { return std::nullopt; }
    feel::Types& types() const override { return types_; }
    const std::vector<std::string>& phrases() const override { return graph_.phrases(); }
    TypeRef named_type(std::string_view name) const override { return graph_.find(model_, name); }

 private:
    GraphTypes& graph_;
    uint32_t model_;
    feel::Types& types_;
};

void add_phrases(const DmnItem& item, std::vector<std::string>& out) {
    for (const DmnItem& component : item.components) {
        const std::string& name = component.name.text;
        if (!is_word(name) && std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
        add_phrases(component, out);
    }
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

}  // namespace

bool is_word(std::string_view name) {
    if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
    return std::all_of(name.begin(), name.end(), [](char c) {
        return static_cast<unsigned char>(c) >= 0x80 || c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
               (c >= 'a' && c <= 'z');
    });
}

TypeRef built_in_type(std::string_view name, feel::Types& types) {
    for (const auto& [known, kind] : kBuiltIn) {
        if (known == name) return types.basic(kind);
    }
    return nullptr;
}

GraphTypes::GraphTypes(const std::vector<const model::DmnModel*>& models,
                       const std::vector<std::vector<uint32_t>>& imports, feel::Types& types,
                       const feel::CompileOptions& options, Diagnostics& diagnostics)
    : models_(models), imports_(imports), types_(types), options_(options), diagnostics_(diagnostics) {
    for (const model::DmnModel* model : models_) {
        auto& items = items_.emplace_back();
        for (const DmnItem& item : model->items) {
            auto [place, fresh] = items.try_emplace(item.name.text);
            if (fresh) {
                place->second.item = &item;
                add_phrases(item, phrases_);
                continue;
            }
            diagnostics_
                .error("dmn.duplicate", item.name.span,
                       fmt::format("the model has two item definitions '{}'", item.name.text), "rename one")
                .notes.push_back({place->second.item->name.span, "the first one"});
        }
    }
}

// An item definition by its name in a model, by "import.name", or of an import without a name.
GraphTypes::Known* GraphTypes::known(uint32_t model, std::string_view name, uint32_t* owner) {
    auto found = items_[model].find(std::string(name));
    if (found != items_[model].end()) {
        *owner = model;
        return &found->second;
    }
    const auto& imports = models_[model]->imports;
    for (size_t i = 0; i < imports.size(); ++i) {
        uint32_t other = imports_[model][i];
        if (other == kNone || other == model) continue;
        const std::string& prefix = imports[i].name.text;
        std::string_view rest = name;
        if (!prefix.empty()) {
            if (name.size() <= prefix.size() + 1 || name.substr(0, prefix.size()) != prefix ||
                name[prefix.size()] != '.')
                continue;
            rest = trimmed(name.substr(prefix.size() + 1));
        }
        auto there = items_[other].find(std::string(rest));
        if (there != items_[other].end()) {
            *owner = other;
            return &there->second;
        }
        // Nested: import.import.name.
        if (!prefix.empty()) {
            if (Known* deeper = known(other, rest, owner)) return deeper;
        }
    }
    return nullptr;
}

// list<T> and range<T>.
TypeRef GraphTypes::generic(uint32_t model, std::string_view name) {
    size_t open = name.find('<');
    if (open == std::string_view::npos || name.back() != '>') return nullptr;
    std::string_view head = trimmed(name.substr(0, open));
    if (head != "list" && head != "range") return nullptr;
    TypeRef element = find(model, trimmed(name.substr(open + 1, name.size() - open - 2)));
    if (!element) return nullptr;
    return head == "list" ? types_.list(element) : types_.range(element);
}

TypeRef GraphTypes::find(uint32_t model, std::string_view name) {
    if (name.size() > kNameMax) return nullptr;
    uint32_t owner = model;
    if (Known* item = known(model, name, &owner)) return make(owner, *item);
    if (TypeRef type = built_in_type(name, types_)) return type;
    return generic(model, name);
}

TypeRef GraphTypes::named(uint32_t model, const Text& name, Diagnostics& diagnostics) {
    if (name.text.empty()) return types_.basic(TypeKind::any);
    if (TypeRef type = find(model, name.text)) return type;
    std::vector<std::string> candidates;
    for (const auto& item : items_[model]) candidates.push_back(item.first);
    for (const auto& built_in : kBuiltIn) candidates.emplace_back(built_in.first);
    std::string near = base::nearest(name.text, candidates);
    diagnostics.error("dmn.type", name.span, fmt::format("there is no type '{}'", name.text),
                      near.empty() ? "" : fmt::format("did you mean '{}'?", near));
    return nullptr;
}

TypeRef GraphTypes::make(uint32_t model, Known& known) {
    if (known.type) return known.type;
    if (known.making) {
        if (!known.inner) known.inner = types_.context({});
        return known.inner;
    }
    if (depth_ >= kDepthMax) {
        diagnostics_.error("dmn.limit", known.item->span,
                           fmt::format("item definitions use each other more than {} deep", kDepthMax));
        return types_.basic(TypeKind::any);
    }
    known.making = true;
    ++depth_;
    TypeRef made = type_of(model, *known.item);
    --depth_;
    known.making = false;
    if (known.inner && made->kind == TypeKind::context && made != known.inner) {
        types_.complete(known.inner, made->members);
    } else if (known.inner) {
        diagnostics_.error("dmn.cycle", known.item->span,
                           fmt::format("item definition '{}' is defined by itself", known.item->name.text),
                           "a type may contain itself only as a component");
        made = types_.basic(TypeKind::any);
    }
    known.type = made;
    return made;
}

TypeRef GraphTypes::type_of(uint32_t model, const DmnItem& item) {
    TypeRef any = types_.basic(TypeKind::any);
    auto members = [&] {
        std::vector<feel::Member> all;
        for (const DmnItem& component : item.components)
            all.push_back({component.name.text, static_cast<uint32_t>(all.size()), type_of(model, component)});
        return all;
    };
    if (item.function) {
        TypeRef result = named(model, item.type, diagnostics_);
        return types_.function(members(), result ? result : any);
    }
    TypeRef type = item.components.empty() ? named(model, item.type, diagnostics_) : types_.context(members());
    if (!type) return any;
    if (!item.allowed.text.empty()) type = constrained(type, model, item.allowed, allowed(model, item.type.text));
    if (item.collection) type = types_.list(type);
    if (!item.constraint.text.empty()) type = constrained(type, model, item.constraint, nullptr);
    return type;
}

// `outer`: tests of the type that this one narrows, which must be met too.
TypeRef GraphTypes::constrained(TypeRef type, uint32_t model, const Text& tests, const Text* outer) {
    ConstraintScope scope(*this, model, types_);
    std::unique_ptr<feel::Expression> expression;
    if (outer && type->allowed) {
        Text both;
        both.text = fmt::format("? in ({}) and ? in ({})", outer->text, tests.text);
        both.span = tests.span;
        expression = feel::compile_unary_tests(both, type, scope, options_, diagnostics_);
    } else {
        expression = feel::compile_unary_tests(tests, type, scope, options_, diagnostics_);
    }
    if (!expression) return type;
    constraints_.push_back(std::move(expression));
    return types_.constrained(type, constraints_.back().get());
}

const Text* GraphTypes::allowed(uint32_t model, std::string_view name) {
    for (size_t steps = 0; steps <= 64; ++steps) {  // definitions that name each other in a circle end here
        uint32_t owner = model;
        Known* item = known(model, name, &owner);
        if (!item) return nullptr;
        if (!item->item->allowed.text.empty()) return &item->item->allowed;
        model = owner;
        name = item->item->type.text;
    }
    return nullptr;
}

void GraphTypes::make_all() {
    for (uint32_t model = 0; model < models_.size(); ++model) {
        for (const DmnItem& item : models_[model]->items) find(model, item.name.text);
    }
}

}  // namespace leat::decision
