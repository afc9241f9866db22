// What a graph has, and which values are for which of its elements.
#include "decision/graph.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "decision/graph_input.hpp"
#include "decision/graph_run.hpp"

namespace leat::decision {

using Kind = GraphElement::Kind;

Graph::Graph() : parts_(std::make_unique<Parts>()) {}
Graph::~Graph() = default;
Graph::Graph(Graph&&) noexcept = default;
Graph& Graph::operator=(Graph&&) noexcept = default;

const std::vector<GraphModel>& Graph::models() const {
    return parts_->models;
}
const std::vector<GraphElement>& Graph::elements() const {
    return parts_->elements;
}

uint32_t Graph::find(uint32_t model, std::string_view name, GraphElement::Kind preferred) const {
    auto known = parts_->by_name[model].find(std::string(name));
    if (known == parts_->by_name[model].end()) return kNone;
    for (uint32_t element : known->second) {
        if (parts_->elements[element].kind == preferred) return element;
    }
    return known->second[0];
}

uint32_t Graph::find(std::string_view name) const {
    auto decidable = [&](uint32_t model, std::string_view bare) {
        uint32_t found = find(model, bare);
        bool right = found != kNone &&
                     (parts_->elements[found].kind == Kind::decision || parts_->elements[found].kind == Kind::service);
        return right ? found : kNone;
    };
    uint32_t found = kNone;
    for (uint32_t model = 0; model < parts_->models.size(); ++model) {
        uint32_t here = decidable(model, name);
        const std::string& of = parts_->models[model].name;
        bool qualified = name.size() > of.size() && name.substr(0, of.size()) == of && name[of.size()] == '/';
        if (here == kNone && qualified) here = decidable(model, name.substr(of.size() + 1));
        if (here == kNone) continue;
        if (found != kNone) return kSeveral;
        found = here;
    }
    return found;
}

namespace {

bool takes_value(const GraphElement& element) {
    return element.kind == Kind::input || element.kind == Kind::decision;
}

// Finds for each entry of a context what it is given to.
class Resolution {
 public:
    Resolution(const Graph& graph, const Graph::Parts& parts, uint32_t element)
        : graph_(graph), parts_(parts), model_(parts.elements[element].model) {}

    Result<std::vector<Given>> run(const Value& inputs) {
        LEAT_CHECK(resolve(model_, inputs, ""));
        return std::move(given_);
    }

 private:
    Result<void> resolve(uint32_t model, const Value& inputs, const std::string& path) {
        for (uint32_t i = 0; inputs.kind == Kind_::context && i < inputs.context->count; ++i) {
            const value::ContextEntry& entry = inputs.context->entries[i];
            if (give(model, entry)) continue;
            uint32_t imported = import(model, entry.name);
            if (imported != Graph::kNone && entry.value.kind == Kind_::context) {
                LEAT_CHECK(resolve(imported, entry.value, path + std::string(entry.name) + "."));
                continue;
            }
            if (give_anywhere(entry)) continue;
            return unknown(model, path, entry.name);
        }
        return {};
    }

    bool give(uint32_t model, const value::ContextEntry& entry) {
        uint32_t found = graph_.find(model, entry.name, Kind::input);
        if (found != Graph::kNone && takes_value(parts_.elements[found])) {
            given_.push_back({found, entry.value});
            return true;
        }
        // Names of an import without one are names here.
        for (const auto& [name, other] : parts_.imports[model]) {
            if (!name.empty() || other == model) continue;
            found = graph_.find(other, entry.name, Kind::input);
            if (found == Graph::kNone || !takes_value(parts_.elements[found])) continue;
            given_.push_back({found, entry.value});
            return true;
        }
        return false;
    }

    uint32_t import(uint32_t model, std::string_view name) const {
        for (const auto& [known, other] : parts_.imports[model]) {
            if (known == name) return other;
        }
        return Graph::kNone;
    }

    // An input that only one of the other models has.
    bool give_anywhere(const value::ContextEntry& entry) {
        uint32_t only = Graph::kNone;
        for (uint32_t model = 0; model < parts_.models.size(); ++model) {
            uint32_t found = graph_.find(model, entry.name, Kind::input);
            if (found == Graph::kNone || parts_.elements[found].kind != Kind::input) continue;
            if (only != Graph::kNone) return false;
            only = found;
        }
        if (only == Graph::kNone) return false;
        given_.push_back({only, entry.value});
        return true;
    }

    Error unknown(uint32_t model, const std::string& path, std::string_view name) const {
        std::vector<std::string> candidates;
        for (const GraphElement& element : parts_.elements) {
            if (element.model == model && takes_value(element)) candidates.push_back(element.name);
        }
        for (const auto& import : parts_.imports[model]) candidates.push_back(import.first);
        std::string near = base::nearest(std::string(name), candidates);
        std::string hint = near.empty() ? "" : fmt::format(" (did you mean '{}'?)", near);
        return make_error(
            Status::usage, "dmn.input",
            fmt::format("model '{}' has no input or decision '{}{}'{}", parts_.models[model_].name, path, name, hint));
    }

    using Kind_ = value::Kind;
    const Graph& graph_;
    const Graph::Parts& parts_;
    uint32_t model_;
    std::vector<Given> given_;
};

}  // namespace

Result<std::vector<Given>> Graph::given(uint32_t element, const Value& inputs) const {
    return Resolution(*this, *parts_, element).run(inputs);
}

Result<Value> Graph::evaluate(uint32_t element, std::span<const Given> given, const GraphRun& run) const {
    try {
        if (!run.inputs_are_json) return GraphEvaluation(*parts_, run).run(element, given);
        std::vector<Given> read(given.begin(), given.end());
        for (Given& one : read) one.value = typed_input(one.value, parts_->elements[one.element].type, *run.arena);
        return GraphEvaluation(*parts_, run).run(element, read);
    } catch (const LimitError& limit) {
        return make_error(Status::limit, limit.code(), limit.what());
    }
}

Result<Value> Graph::decide(std::string_view name, const Value& inputs, const GraphRun& run) const {
    uint32_t element = find(name);
    if (element == kSeveral) {
        return make_error(Status::usage, "dmn.decision",
                          fmt::format("several models have a decision '{}': write 'Model name/{}'", name, name));
    }
    if (element == kNone) {
        std::vector<std::string> candidates;
        for (const GraphElement& one : parts_->elements) {
            if (one.kind == Kind::decision || one.kind == Kind::service) candidates.push_back(one.name);
        }
        std::string near = base::nearest(std::string(name), candidates);
        std::string hint = near.empty() ? "" : fmt::format(" (did you mean '{}'?)", near);
        return make_error(Status::not_found, "dmn.decision",
                          fmt::format("there is no decision or decision service '{}'{}", name, hint));
    }
    LEAT_TRY(std::vector<Given> values, given(element, inputs));
    return evaluate(element, values, run);
}

}  // namespace leat::decision
