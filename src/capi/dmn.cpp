#include "capi/dmn.hpp"

#include <fmt/format.h>

#include "capi/alone.hpp"
#include "capi/capi.hpp"
#include "capi/decide.hpp"
#include "capi/input.hpp"

namespace leat::capi {

std::optional<uint32_t> model_decision(const program::Program& program, std::string_view name) {
    using decision::Graph;
    if (!program.models || program.find_decision(name) != program::kNone) return std::nullopt;
    uint32_t found = program.models->find(name);
    if (found == Graph::kNone) return std::nullopt;
    if (found == Graph::kSeveral)
        throw Failure(Status::usage, "dmn.decision",
                      fmt::format("several models have a decision '{}': write 'Model name/{}'", name, name));
    return found;
}

void decide_model(JsonBuffer& json, const program::Program& program, uint32_t element, const Json& inputs,
                  const ModelOptions& options) {
    const decision::Graph& graph = *program.models;
    if (inputs.kind != Json::Kind::object) {
        throw ArgumentError("input.shape", fmt::format("the inputs of decision '{}' are a JSON object",
                                                       graph.elements()[element].name));
    }
    Arena arena;
    const feel::Type any;
    Value values = value_of_json(inputs, &any, "inputs", arena);
    auto given = graph.given(element, values);
    if (!given) throw Failure(given.error().status, given.error().code, given.error().message);
    Alone environment(program, options.now_us);
    std::vector<decision::Evaluated> steps;
    decision::GraphRun run;
    run.environment = &environment;
    run.arena = &arena;
    run.steps_max = options.steps_max;
    run.inputs_are_json = true;
    run.explanation = options.explain ? &steps : nullptr;
    run.nearest = options.nearest;
    auto answer = graph.evaluate(element, *given, run);
    if (!answer) throw Failure(answer.error().status, answer.error().code, answer.error().message);
    json.begin_object();
    write_answer(json, *answer);
    if (options.explain) {
        json.key("explanation").raw(decision::to_json(steps, graph));
        if (options.text) json.key("text").string(decision::describe(steps, graph));
    }
    json.end_object();
}

}  // namespace leat::capi
