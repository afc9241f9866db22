// Decision graphs: whole DMN models (inputs, decisions, business knowledge models, decision services), compiled, and
// evaluated from inputs. Pure, as tables are; a graph is immutable and shared freely between threads.
//
// Every element has a place in Frame::locals and is one expression over the places of what it requires; knowledge
// models and services are function values there. An evaluation computes what the decision that was asked for requires,
// each once. It is DMN's untyped one: a type error is null with a reason, and values are converted to the declared
// types at every boundary. Start reading at compile() and Graph::decide(); boxed.hpp compiles the elements' logic.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "decision/explain.hpp"
#include "decision/table.hpp"
#include "model/dmn.hpp"

namespace leat::decision {

struct GraphElement {
    enum class Kind : uint8_t { input, decision, knowledge, service };
    Kind kind = Kind::input;
    std::string name;
    uint32_t model = 0;
    feel::TypeRef type = nullptr;      // declared; any where none is
    std::string type_name;             // as written; "": none
    std::vector<uint32_t> parameters;  // of a service: its inputs, then its input decisions
    std::vector<uint32_t> requires_;   // of a decision: the inputs and decisions it names
};

struct GraphModel {
    std::string name;
    std::string space;  // namespace
};

// A value for an input, or for a decision, which is then not evaluated.
struct Given {
    uint32_t element = 0;
    Value value;
};

// One step of an explanation, in the order in which values were there.
struct Evaluated {
    uint32_t element = 0;          // the decision, input or service, or whose logic the table is in
    const Table* table = nullptr;  // one of its tables answered this; nullptr: the element's own value
    Value value;                   // a null says why
    Explanation why;               // of a table
};

struct GraphRun {
    feel::Environment* environment = nullptr;  // for today(), now() and calendars; nullptr: the epoch in UTC
    Arena* arena = nullptr;                    // where the answer lives
    uint64_t steps_max = Limits().steps_max;
    uint64_t* steps_left = nullptr;                 // the fuel of what asks for it, used instead of steps_max
    std::vector<Evaluated>* explanation = nullptr;  // is given what was evaluated
    size_t nearest = 0;                             // rows of its tables that missed by the fewest cells
    bool inputs_are_json = false;  // texts become dates, times and durations where the declared type is one
};

class Graph {
 public:
    static constexpr uint32_t kNone = UINT32_MAX;
    static constexpr uint32_t kSeveral = UINT32_MAX - 1;

    const std::vector<GraphModel>& models() const;
    const std::vector<GraphElement>& elements() const;
    // A decision or service by "Model name/Decision name", or by its bare name when no other model has it; kNone,
    // kSeveral.
    uint32_t find(std::string_view name) const;
    // Any element of a model by its name, the given kind preferred; kNone.
    uint32_t find(uint32_t model, std::string_view name,
                  GraphElement::Kind preferred = GraphElement::Kind::decision) const;

    // The value of a decision, or what a service answers, from values that are given by name in a context: names of
    // inputs and decisions of its model, or, where it imports another, a context of those under the import's name; the
    // bare name of an imported model's input, when only one has it, serves too. Errors: not_found (dmn.decision, with
    // the nearest name), usage (dmn.input: a name that is none), limit.
    Result<Value> decide(std::string_view name, const Value& inputs, const GraphRun& run) const;
    // The same with everything already found. Errors: limit.
    Result<Value> evaluate(uint32_t element, std::span<const Given> given, const GraphRun& run) const;
    // What the entries of a context are for that element.
    Result<std::vector<Given>> given(uint32_t element, const Value& inputs) const;

    Graph();
    ~Graph();
    Graph(Graph&&) noexcept;
    Graph& operator=(Graph&&) noexcept;
    struct Parts;

 private:
    friend class GraphBuilder;
    std::unique_ptr<Parts> parts_;
};

struct GraphOptions {
    Limits limits;
    // An element whose logic has errors is null when it is asked for, and what is wrong with it is a warning: as the
    // standard's conformance suite wants it. Else it is an error.
    bool tolerant = false;
};

// `models` need not outlive the call. nullptr after at least one error: feel's and the tables', and dmn.duplicate (ids,
// names, namespaces), dmn.import (a model that is not among them), dmn.reference (a href to nothing, or to what cannot
// stand there), dmn.cycle, dmn.type, dmn.limit.
std::unique_ptr<Graph> compile(const std::vector<const model::DmnModel*>& models, const GraphOptions& options,
                               Diagnostics& diagnostics);

// [{"decision": …, "model": …, "kind": "input" | "decision" | "service" | "table", "value": …, "reason": {"code",
// "text"}, "table": as to_json() of a table's explanation has it}], in the order of evaluation.
std::string to_json(const std::vector<Evaluated>& explanation, const Graph& graph);
// The same in English, one statement a line.
std::string describe(const std::vector<Evaluated>& explanation, const Graph& graph);

}  // namespace leat::decision
