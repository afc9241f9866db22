// A graph's structure: elements, what requires what, and in which order they are compiled.
#include "decision/graph_build.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace leat::decision {

using Kind = GraphElement::Kind;
using Place = Graph::Parts::Place;

namespace {

const char* word(Kind kind) {
    constexpr const char* kWords[] = {"input", "decision", "business knowledge model", "decision service"};
    return kWords[static_cast<size_t>(kind)];
}

Place::Kind place_kind(Kind kind) {
    return static_cast<Place::Kind>(kind);
}

}  // namespace

GraphBuilder::GraphBuilder(Graph& graph, const std::vector<const model::DmnModel*>& models, const GraphOptions& options,
                           Diagnostics& diagnostics)
    : parts_(*graph.parts_), models_(models), options_(options), diagnostics_(diagnostics) {
    compile_options_.lenient = true;
    compile_options_.warn_unknown_names = !options.tolerant;
    compile_options_.limits = options.limits;
}

bool GraphBuilder::run() {
    size_t errors = diagnostics_.error_count();
    find_imports();
    Diagnostics found;
    types_ = std::make_unique<GraphTypes>(models_, imports_, parts_.types, compile_options_, found);
    types_->make_all();
    for (Diagnostic& one : found.take()) {
        if (one.severity == Severity::error)
            complain(one.code, one.span, one.message, one.hint).notes = std::move(one.notes);
    }
    add_elements();
    check_names();
    type_elements();
    connect();
    std::vector<uint32_t> places;
    if (!order(places)) return false;
    for (uint32_t place : places) compile_place(place);
    for (Place& place : parts_.places) place.missing.text = place.missing_text;
    parts_.constraints = types_->take_constraints();
    return diagnostics_.error_count() == errors;
}

Diagnostic& GraphBuilder::complain(std::string code, Span span, std::string message, std::string hint) {
    return options_.tolerant ? diagnostics_.warning(std::move(code), span, std::move(message), std::move(hint))
                             : diagnostics_.error(std::move(code), span, std::move(message), std::move(hint));
}

void GraphBuilder::find_imports() {
    std::unordered_map<std::string, uint32_t> by_space;
    for (uint32_t m = 0; m < models_.size(); ++m) {
        auto [known, fresh] = by_space.try_emplace(models_[m]->space, m);
        if (fresh) continue;
        diagnostics_
            .error("dmn.duplicate", models_[m]->span,
                   fmt::format("two models have the namespace '{}'", models_[m]->space),
                   "give each a namespace of its own")
            .notes.push_back({models_[known->second]->span, "the first one"});
    }
    for (const model::DmnModel* model : models_) {
        auto& found = imports_.emplace_back();
        auto& named = parts_.imports.emplace_back();
        for (const model::DmnImport& import : model->imports) {
            auto known = by_space.find(import.space);
            bool there = import.is_dmn && known != by_space.end();
            found.push_back(there ? known->second : Graph::kNone);
            if (there) named.emplace_back(import.name.text, known->second);
            if (there || !import.is_dmn) continue;
            complain("dmn.import", import.span,
                     fmt::format("no model with the namespace '{}' is there to import", import.space),
                     "load that model together with this one");
        }
        parts_.models.push_back({model->name.text, model->space});
    }
}

template <class T>
void GraphBuilder::add(Kind kind, uint32_t model, const std::vector<T>& elements) {
    for (const T& element : elements) {
        auto place = static_cast<uint32_t>(sources_.size());
        Source& source = sources_.emplace_back();
        source.kind = kind;
        source.model = model;
        source.element = &element;
        if constexpr (requires { element.logic; }) source.logic = &element.logic;
        parts_.elements.push_back(
            {kind, element.name.text, model, parts_.types.basic(feel::TypeKind::any), element.type.text, {}, {}});
        Place& made = parts_.places.emplace_back();
        made.kind = place_kind(kind);
        made.name = element.name.text;
        parts_.by_name[model][element.name.text].push_back(place);
        if (element.id.empty()) continue;
        auto [known, fresh] = by_id_[model].try_emplace(element.id, place);
        if (fresh) continue;
        complain("dmn.duplicate", element.span, fmt::format("two elements have the id '{}'", element.id))
            .notes.push_back({sources_[known->second].element->span, "the first one"});
    }
}

void GraphBuilder::add_elements() {
    parts_.by_name.resize(models_.size());
    by_id_.resize(models_.size());
    for (uint32_t m = 0; m < models_.size(); ++m) {
        add(Kind::input, m, models_[m]->inputs);
        add(Kind::decision, m, models_[m]->decisions);
        add(Kind::knowledge, m, models_[m]->knowledge);
        add(Kind::service, m, models_[m]->services);
    }
}

void GraphBuilder::check_names() {
    for (const auto& names : parts_.by_name) {
        for (const auto& [name, places] : names) {
            if (places.size() < 2 || name.empty()) continue;
            const Source& first = sources_[places[0]];
            const Source& second = sources_[places[1]];
            complain("dmn.duplicate", second.element->name.span,
                     fmt::format("'{}' is the name of a {} and of a {}", name, word(first.kind), word(second.kind)),
                     "names of a model's elements are distinct: rename one")
                .notes.push_back({first.element->name.span, "the first one"});
        }
    }
}

void GraphBuilder::type_elements() {
    for (uint32_t place = 0; place < sources_.size(); ++place) {
        current_ = place;
        Diagnostics found;
        feel::TypeRef type = this->type(sources_[place].element->type, found);
        pass_on(place, found);
        if (!type) continue;
        parts_.elements[place].type = type;
        bool any = type->kind == feel::TypeKind::any && !type->allowed;
        parts_.places[place].type = any ? nullptr : type;
    }
}

uint32_t GraphBuilder::find(uint32_t model, const model::DmnReference& reference) {
    uint32_t owner = model;
    if (!reference.space.empty() && reference.space != models_[model]->space) {
        auto there = std::find_if(models_.begin(), models_.end(),
                                  [&](const model::DmnModel* other) { return other->space == reference.space; });
        if (there == models_.end()) {
            complain("dmn.reference", reference.span,
                     fmt::format("no model with the namespace '{}' is there", reference.space),
                     "import it, and load it together with this one");
            return Graph::kNone;
        }
        owner = static_cast<uint32_t>(there - models_.begin());
    }
    auto known = by_id_[owner].find(reference.id);
    if (known != by_id_[owner].end()) return known->second;
    complain("dmn.reference", reference.span,
             fmt::format("'{}' is the id of no input, decision, knowledge model or service", reference.id));
    return Graph::kNone;
}

// The names by which a model reaches another through imports, the shortest way.
bool GraphBuilder::import_path(uint32_t from, uint32_t to, std::vector<std::string>& path) const {
    struct Step {
        uint32_t model, before;
        size_t import;
    };
    std::vector<Step> steps = {{from, 0, 0}};
    std::vector<bool> seen(models_.size());
    seen[from] = true;
    for (size_t at = 0; at < steps.size(); ++at) {
        if (steps[at].model == to) {
            for (size_t i = at; i != 0; i = steps[i].before) {
                const std::string& name = models_[steps[steps[i].before].model]->imports[steps[i].import].name.text;
                if (!name.empty()) path.insert(path.begin(), name);
            }
            return true;
        }
        const auto& imports = imports_[steps[at].model];
        for (size_t i = 0; i < imports.size(); ++i) {
            if (imports[i] == Graph::kNone || seen[imports[i]]) continue;
            seen[imports[i]] = true;
            steps.push_back({imports[i], static_cast<uint32_t>(at), i});
        }
    }
    return false;
}

// The place of what `name` brings in scope of an element (or inside another import's place).
uint32_t GraphBuilder::import_place(uint32_t place, const std::string& name, uint32_t inside) {
    if (inside == Graph::kNone) {
        for (const auto& [known, at] : sources_[place].scope) {
            if (known == name && parts_.places[at].kind == Place::Kind::import) return at;
        }
    } else {
        for (const auto& [known, at] : parts_.places[inside].members) {
            if (known == name && parts_.places[at].kind == Place::Kind::import) return at;
        }
    }
    auto made = static_cast<uint32_t>(parts_.places.size());
    parts_.places.emplace_back();
    parts_.places.back().kind = Place::Kind::import;
    parts_.places.back().name = name;
    uint32_t user = inside == Graph::kNone ? place : inside;
    parts_.places[user].required.push_back(made);
    if (inside == Graph::kNone)
        sources_[place].scope.emplace_back(name, made);
    else
        parts_.places[inside].members.emplace_back(name, made);
    return made;
}

void GraphBuilder::require(uint32_t place, uint32_t required) {
    const std::string& name = sources_[required].element->variable.text;
    std::vector<std::string> path;
    import_path(sources_[place].model, sources_[required].model, path);
    uint32_t inside = Graph::kNone;
    for (const std::string& import : path) inside = import_place(place, import, inside);
    if (inside != Graph::kNone) {
        parts_.places[inside].members.emplace_back(name, required);
        parts_.places[inside].required.push_back(required);
        return;
    }
    sources_[place].scope.emplace_back(name, required);
    parts_.places[place].required.push_back(required);
}

void GraphBuilder::connect(uint32_t place, const std::vector<model::DmnReference>& references, bool functions) {
    for (const model::DmnReference& reference : references) {
        uint32_t required = find(sources_[place].model, reference);
        if (required == Graph::kNone) continue;
        Kind kind = sources_[required].kind;
        if (functions != (kind == Kind::knowledge || kind == Kind::service)) {
            complain("dmn.reference", reference.span,
                     fmt::format("'{}' is a {}, which cannot be required here", sources_[required].element->name.text,
                                 word(kind)));
            if (!options_.tolerant) continue;
        }
        require(place, required);
        if (!functions) parts_.elements[place].requires_.push_back(required);
    }
}

void GraphBuilder::connect_service(uint32_t place, const model::DmnService& service) {
    auto collect = [&](const std::vector<model::DmnReference>& references, Kind wanted, std::vector<uint32_t>& out) {
        for (const model::DmnReference& reference : references) {
            uint32_t found = find(sources_[place].model, reference);
            if (found == Graph::kNone) continue;
            if (sources_[found].kind == wanted) {
                out.push_back(found);
                continue;
            }
            complain("dmn.reference", reference.span,
                     fmt::format("'{}' is a {} where the service needs a {}", sources_[found].element->name.text,
                                 word(sources_[found].kind), word(wanted)));
        }
    };
    // Inputs come first among the parameters (DMN 1.5, 10.4).
    collect(service.inputs, Kind::input, parts_.elements[place].parameters);
    collect(service.input_decisions, Kind::decision, parts_.elements[place].parameters);
    collect(service.outputs, Kind::decision, parts_.places[place].outputs);
    std::vector<uint32_t> encapsulated;
    collect(service.encapsulated, Kind::decision, encapsulated);
    if (parts_.places[place].outputs.empty()) {
        complain("dmn.service", service.span,
                 fmt::format("decision service '{}' has no output decision", service.name.text));
    }
}

void GraphBuilder::connect() {
    uint32_t place = 0;
    for (uint32_t m = 0; m < models_.size(); ++m) {
        place += static_cast<uint32_t>(models_[m]->inputs.size());
        for (const model::DmnDecision& decision : models_[m]->decisions) {
            connect(place, decision.information, false);
            connect(place++, decision.knowledge, true);
        }
        for (const model::DmnKnowledge& knowledge : models_[m]->knowledge) {
            sources_[place].scope.emplace_back(knowledge.variable.text, place);  // it may call itself
            connect(place++, knowledge.knowledge, true);
        }
        for (const model::DmnService& service : models_[m]->services) connect_service(place++, service);
    }
}

// What is required comes first. Functions may require each other: they are read when they are called.
bool GraphBuilder::order(std::vector<uint32_t>& out) {
    enum class Mark : uint8_t { none, open, done };
    std::vector<Mark> marks(parts_.places.size(), Mark::none);
    std::vector<uint32_t> path;
    std::vector<size_t> next(parts_.places.size());
    bool ok = true;
    for (uint32_t start = 0; start < parts_.places.size(); ++start) {
        if (marks[start] != Mark::none) continue;
        path.push_back(start);
        marks[start] = Mark::open;
        while (!path.empty()) {
            uint32_t place = path.back();
            // A service's outputs come before it, too: their types are its answer's. But they are no requirement.
            const Place& at = parts_.places[place];
            if (next[place] == at.required.size() + at.outputs.size()) {
                marks[place] = Mark::done;
                out.push_back(place);
                path.pop_back();
                continue;
            }
            size_t number = next[place]++;
            bool output = number >= at.required.size();
            uint32_t required = output ? at.outputs[number - at.required.size()] : at.required[number];
            if (marks[required] == Mark::none) {
                marks[required] = Mark::open;
                path.push_back(required);
            } else if (!output && marks[required] == Mark::open &&
                       parts_.places[required].kind == Place::Kind::decision) {
                report_cycle(path, required);
                ok = false;
            }
        }
    }
    return ok;
}

void GraphBuilder::report_cycle(const std::vector<uint32_t>& path, uint32_t again) {
    std::string way;
    for (auto at = std::find(path.begin(), path.end(), again); at != path.end(); ++at) {
        if (*at < sources_.size()) way += fmt::format("'{}' needs ", sources_[*at].element->name.text);
    }
    diagnostics_.error("dmn.cycle", sources_[again].element->span,
                       fmt::format("decisions require each other: {}'{}'", way, sources_[again].element->name.text),
                       "take one of these requirements out");
}

}  // namespace leat::decision
