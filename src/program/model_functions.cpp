// Decisions and services of DMN models as functions of formulas: called with the values of their inputs.
#include <algorithm>
#include <array>
#include <set>

#include "program/compiler.hpp"
#include "program/decide.hpp"

namespace leat::program {

namespace {

using decision::Graph;
using decision::GraphElement;

// The inputs that a decision needs, directly and in turn, in the order in which they are met; a service has its own.
std::vector<uint32_t> inputs_of(const Graph& graph, uint32_t element) {
    const GraphElement& asked = graph.elements()[element];
    if (asked.kind == GraphElement::Kind::service) return asked.parameters;
    std::vector<uint32_t> inputs;
    std::set<uint32_t> met = {element};
    std::vector<uint32_t> open(asked.requires_.rbegin(), asked.requires_.rend());
    while (!open.empty()) {
        uint32_t next = open.back();
        open.pop_back();
        if (!met.insert(next).second) continue;
        const GraphElement& one = graph.elements()[next];
        if (one.kind == GraphElement::Kind::input) inputs.push_back(next);
        if (one.kind == GraphElement::Kind::decision)
            open.insert(open.end(), one.requires_.rbegin(), one.requires_.rend());
    }
    return inputs;
}

// The models' types are their own; of those only the simple ones mean the same here.
feel::TypeRef simple(feel::Types& types, feel::TypeRef type) {
    using feel::TypeKind;
    static constexpr std::array kSimple = {TypeKind::number,        TypeKind::string,         TypeKind::boolean,
                                           TypeKind::date,          TypeKind::time,           TypeKind::date_time,
                                           TypeKind::days_duration, TypeKind::months_duration};
    bool known = type && std::find(kSimple.begin(), kSimple.end(), type->kind) != kSimple.end();
    return types.basic(known ? type->kind : TypeKind::any);
}

}  // namespace

// A name that several models have, or that a function here has, is not callable: there is no word to tell them apart.
void Compiler::declare_model_functions() {
    if (!program_.models) return;
    const Graph& graph = *program_.models;
    auto phrase = [&](const std::string& name) {
        if (feel::is_phrase(name)) program_.phrases.push_back(name);
    };
    for (uint32_t element = 0; element < graph.elements().size(); ++element) {
        const GraphElement& one = graph.elements()[element];
        if (graph.find(one.name) != element || function_names_.contains(one.name)) continue;
        if (program_.functions.size() >= kFunctionsMax) return;
        Function function;
        function.kind = Function::Kind::model;
        function.name = one.name;
        function.number = element;
        function.inputs = inputs_of(graph, element);
        for (uint32_t input : function.inputs) {
            const GraphElement& given = graph.elements()[input];
            auto index = static_cast<uint32_t>(function.params.size());
            function.params.push_back({given.name, index, simple(types_, given.type)});
            phrase(given.name);
        }
        function.type = types_.function(function.params, simple(types_, one.type));
        phrase(one.name);
        program_.functions.push_back(std::move(function));
        function_sources_.push_back(nullptr);
    }
}

Value decide_model(const Program& program, const Function& function, const feel::Frame& frame,
                   std::span<const Value> arguments) {
    std::vector<decision::Given> given;
    for (size_t i = 0; i < arguments.size() && i < function.inputs.size(); ++i)
        given.push_back({function.inputs[i], arguments[i]});
    decision::GraphRun run;
    run.environment = frame.environment;
    run.arena = frame.arena;
    run.steps_left = frame.steps_left;
    auto answer = program.models->evaluate(function.number, given, run);
    if (!answer) throw LimitError(answer.error().code, answer.error().message);
    return *answer;
}

}  // namespace leat::program
