// What an evaluation of a graph came to, step by step, for programs and for people.
#include <fmt/format.h>

#include "base/json.hpp"
#include "decision/graph.hpp"

namespace leat::decision {

namespace {

const char* kind_of(const Evaluated& step, const GraphElement& element) {
    constexpr const char* kKinds[] = {"input", "decision", "knowledge", "service"};
    return step.table ? "table" : kKinds[static_cast<size_t>(element.kind)];
}

std::string json_of(const Value& value) {
    std::string text;
    value::append_json(text, value);
    return text;
}

}  // namespace

std::string to_json(const std::vector<Evaluated>& explanation, const Graph& graph) {
    std::string out;
    JsonWriter json(out);
    json.begin_array();
    for (const Evaluated& step : explanation) {
        const GraphElement& element = graph.elements()[step.element];
        json.begin_object();
        json.key("decision").string(element.name);
        json.key("model").string(graph.models()[element.model].name);
        json.key("kind").string(kind_of(step, element));
        json.key("value").raw(json_of(step.value));
        if (step.value.is_null() && step.value.null_reason) {
            json.key("reason").begin_object().key("code").string(step.value.null_reason->code);
            json.key("text").string(step.value.null_reason->text).end_object();
        }
        if (step.table) json.key("table").raw(to_json(step.why, *step.table));
        json.end_object();
    }
    json.end_array();
    return out;
}

std::string describe(const std::vector<Evaluated>& explanation, const Graph& graph) {
    std::string out;
    for (const Evaluated& step : explanation) {
        const GraphElement& element = graph.elements()[step.element];
        if (step.table) {
            out += describe(step.why, *step.table);
            if (!out.empty() && out.back() != '\n') out += '\n';
            continue;
        }
        out += fmt::format("{} '{}' is {}", kind_of(step, element), element.name, json_of(step.value));
        if (step.value.is_null() && step.value.null_reason) out += fmt::format(": {}", step.value.null_reason->text);
        out += '\n';
    }
    return out;
}

}  // namespace leat::decision
