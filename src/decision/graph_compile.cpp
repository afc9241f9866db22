// The elements' logic, each against the names of what it requires.
#include <fmt/format.h>

#include <algorithm>

#include "decision/graph_build.hpp"

namespace leat::decision {

using Kind = GraphElement::Kind;
using Place = Graph::Parts::Place;
using feel::TypeKind;
using feel::TypeRef;

namespace {

constexpr uint32_t kTypeDepthMax = 8;  // of members whose names are looked for

class PlaceScope final : public feel::Scope {
 public:
    PlaceScope(const Graph::Parts& parts, const std::vector<std::pair<std::string, uint32_t>>& names,
               std::vector<std::string> phrases, GraphTypes& graph_types, uint32_t model, feel::Types& types)
        : parts_(parts),
          names_(names),
          phrases_(std::move(phrases)),
          graph_types_(graph_types),
          model_(model),
          types_(types) {}

    std::optional<feel::Binding> find(std::string_view name) const override {
        for (const auto& [known, place] : names_) {
            if (known != name) continue;
            feel::Binding binding;
            binding.kind = feel::Binding::Kind::local;
            binding.index = place;
            binding.type = binding_type(parts_.places[place]);
            return binding;
        }
        return std::nullopt;
    }
    std::optional<feel::Member> member(TypeRef, std::string_view) const override { return std::nullopt; }
    std::vector<std::string> names(TypeRef type) const override {
        std::vector<std::string> all;
        for (const auto& known : names_) {
            if (!type) all.push_back(known.first);
        }
        return all;
    }
    std::optional<uint32_t> calendar(std::string_view) const override { return std::nullopt; }
    feel::Types& types() const override { return types_; }
    const std::vector<std::string>& phrases() const override { return phrases_; }
    TypeRef named_type(std::string_view name) const override { return graph_types_.find(model_, name); }

 private:
    // Members are looked up in the values: DMN lets a context have more of them than its type says.
    TypeRef binding_type(const Place& place) const {
        bool plain = place.type && place.type->kind != TypeKind::context && place.type->kind != TypeKind::list &&
                     place.type->kind != TypeKind::function && !place.type->allowed;
        return plain && (place.kind == Place::Kind::input || place.kind == Place::Kind::decision)
                   ? place.type
                   : types_.basic(TypeKind::any);
    }

    const Graph::Parts& parts_;
    const std::vector<std::pair<std::string, uint32_t>>& names_;
    std::vector<std::string> phrases_;
    GraphTypes& graph_types_;
    uint32_t model_;
    feel::Types& types_;
};

void add_new(std::vector<std::string>& all, const std::string& name) {
    if (!is_word(name) && !name.empty() && std::find(all.begin(), all.end(), name) == all.end()) all.push_back(name);
}

// A service's body is a call of the environment with its parameters.
class ServiceBody final : public feel::EmbeddedHost {
 public:
    ServiceBody(uint32_t function, const std::vector<std::string>& parameters, TypeRef type)
        : function_(function), parameters_(parameters), type_(type) {}
    std::optional<feel::Embedded> compile_embedded(uint32_t, const feel::Scope&, Diagnostics&) override {
        return feel::Embedded{function_, parameters_, type_};
    }

 private:
    uint32_t function_;
    const std::vector<std::string>& parameters_;
    TypeRef type_;
};

}  // namespace

TypeRef GraphBuilder::type(const Text& name, Diagnostics& diagnostics) {
    TypeRef found =
        name.text.empty() ? parts_.types.basic(TypeKind::any) : types_->find(sources_[current_].model, name.text);
    if (found) return found;
    Diagnostics unknown;
    types_->named(sources_[current_].model, name, unknown);
    for (Diagnostic& one : unknown.take()) {
        if (options_.tolerant)
            diagnostics.warning(one.code, one.span, one.message, one.hint);
        else
            diagnostics.error(one.code, one.span, one.message, one.hint);
    }
    return parts_.types.basic(TypeKind::any);
}

const Text* GraphBuilder::allowed_values(const Text& type) {
    return type.text.empty() ? nullptr : types_->allowed(sources_[current_].model, type.text);
}

uint32_t GraphBuilder::add_table(std::unique_ptr<Table> table) {
    parts_.functions.push_back({current_, std::move(table)});
    return static_cast<uint32_t>(parts_.functions.size() - 1);
}

void GraphBuilder::say_why_null(uint32_t place, std::string_view code, std::string text) {
    parts_.places[place].missing.code = code;
    parts_.places[place].missing_text = std::move(text);
}

// What was found wrong with a place goes to everybody; where the graph is to run all the same, the place says why it
// is null.
void GraphBuilder::pass_on(uint32_t place, Diagnostics& found) {
    bool failed = found.has_errors();
    for (Diagnostic& one : found.take()) {
        if (options_.tolerant && failed && parts_.places[place].missing_text.empty()) {
            say_why_null(place, "dmn.logic",
                         fmt::format("'{}' cannot be evaluated: {}", sources_[place].element->name.text, one.message));
        }
        bool error = one.severity == Severity::error && !options_.tolerant;
        Diagnostic& passed = error ? diagnostics_.error(one.code, one.span, one.message, one.hint)
                                   : diagnostics_.warning(one.code, one.span, one.message, one.hint);
        passed.notes = std::move(one.notes);
    }
}

// Names of members that are no single words, as far as the type of a compiled expression tells them.
void GraphBuilder::note_phrases(uint32_t place, TypeRef type, uint32_t depth) {
    if (!type || depth > kTypeDepthMax) return;
    for (const feel::Member& member : type->members) {
        add_new(sources_[place].phrases, member.name);
        note_phrases(place, member.type, depth + 1);
    }
    note_phrases(place, type->element, depth + 1);
    if (type->kind == TypeKind::function) note_phrases(place, type->result, depth + 1);
}

void GraphBuilder::compile_place(uint32_t place) {
    if (place >= sources_.size()) return;  // an import's names need no compiling
    current_ = place;
    Source& source = sources_[place];
    const std::string& name = source.element->name.text;
    if (source.kind == Kind::input) {
        say_why_null(place, "empty", fmt::format("the input '{}' was not given", name));
        parts_.places[place].missing.name = parts_.places[place].name;
        return;
    }
    // Phrases of members travel with the values that have them; names in scope are this element's own.
    std::vector<std::string> phrases;
    if (source.logic) add_phrases(*source.logic, source.phrases);
    std::vector<uint32_t> reached = parts_.places[place].required;
    for (size_t i = 0; i < reached.size(); ++i) {
        const Place& one = parts_.places[reached[i]];
        for (const auto& member : one.members) add_new(phrases, member.first);
        if (one.kind == Place::Kind::import) reached.insert(reached.end(), one.required.begin(), one.required.end());
        if (reached[i] >= sources_.size()) continue;
        for (const std::string& phrase : sources_[reached[i]].phrases) add_new(source.phrases, phrase);
    }
    for (const std::string& phrase : types_->phrases()) add_new(phrases, phrase);
    for (const std::string& phrase : source.phrases) add_new(phrases, phrase);
    for (const auto& known : source.scope) add_new(phrases, known.first);
    PlaceScope scope(parts_, source.scope, std::move(phrases), *types_, source.model, parts_.types);
    Diagnostics found;
    if (source.kind == Kind::service)
        compile_service(place, scope, found);
    else
        compile_logic(place, scope, found);
    pass_on(place, found);
    if (parts_.places[place].expression) note_phrases(place, parts_.places[place].expression->type(), 0);
}

void GraphBuilder::compile_logic(uint32_t place, const feel::Scope& scope, Diagnostics& diagnostics) {
    const Source& source = sources_[place];
    const std::string& name = source.element->name.text;
    if (source.logic->kind == model::Boxed::Kind::nothing) {
        say_why_null(place, "dmn.logic", fmt::format("'{}' has no logic", name));
        return;
    }
    if (source.logic->kind == model::Boxed::Kind::table && source.logic->type.text.empty()) {
        parts_.places[place].table =
            compile_table(*source.logic->table, name, scope, compile_options_, *this, diagnostics);
        return;
    }
    if (source.kind == Kind::knowledge) {
        // Its variable's type is the function's, or that of its answers; the value itself stays as it is.
        model::Boxed logic = *source.logic;
        logic.type = source.element->type;
        parts_.places[place].type = nullptr;
        parts_.places[place].expression = compile_boxed(logic, name, scope, compile_options_, *this, diagnostics);
        return;
    }
    parts_.places[place].expression = compile_boxed(*source.logic, name, scope, compile_options_, *this, diagnostics);
}

// Of a service's answer, as far as its decisions tell: what is declared, else what their logic makes.
TypeRef GraphBuilder::answer_type(uint32_t service) {
    TypeRef any = parts_.types.basic(TypeKind::any);
    std::vector<feel::Member> members;
    for (uint32_t output : parts_.places[service].outputs) {
        const Place& place = parts_.places[output];
        TypeRef type = place.type;
        if (!type && place.expression) type = place.expression->type();
        if (!type && place.table) type = place.table->type();
        members.push_back({parts_.elements[output].name, static_cast<uint32_t>(members.size()), type ? type : any});
    }
    return members.size() == 1 ? members[0].type : parts_.types.context(std::move(members));
}

void GraphBuilder::compile_service(uint32_t place, const feel::Scope& scope, Diagnostics& diagnostics) {
    parts_.functions.push_back({place, nullptr});
    auto function = static_cast<uint32_t>(parts_.functions.size() - 1);
    TypeRef type = parts_.places[place].type;
    if (type && type->kind == TypeKind::function) type = type->result;
    if (type && type->kind == TypeKind::any && !type->allowed) type = nullptr;
    parts_.places[place].type = type;
    feel::Part part;
    part.kind = feel::Part::Kind::function;
    part.span = sources_[place].element->span;
    for (uint32_t parameter : parts_.elements[place].parameters) {
        part.names.push_back(sources_[parameter].element->variable.text);
        part.types.push_back(parts_.places[parameter].type);
    }
    feel::Part& body = part.children.emplace_back();
    body.kind = feel::Part::Kind::embedded;
    body.type = type;
    body.span = part.span;
    ServiceBody host(function, part.names, answer_type(place));
    parts_.places[place].expression = feel::compile_parts(part, &host, scope, compile_options_, diagnostics);
}

std::unique_ptr<Graph> compile(const std::vector<const model::DmnModel*>& models, const GraphOptions& options,
                               Diagnostics& diagnostics) {
    auto graph = std::make_unique<Graph>();
    if (!GraphBuilder(*graph, models, options, diagnostics).run()) return nullptr;
    return graph;
}

}  // namespace leat::decision
