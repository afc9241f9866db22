// A decision asked in an actor's name: of a record that he may read, or with inputs.
#include "program/decide.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/reading.hpp"
#include "engine/unknown.hpp"

namespace leat::engine {

namespace {

Error no_decision(const program::Program& program, std::string_view name) {
    return make_error(Status::not_found, "decision.unknown",
                      fmt::format("there is no decision '{}'{}", name, did_you_mean(name, program.decisions)));
}

// The moment whose today() is that day.
Result<int64_t> moment_of(std::string_view day, const program::Program& program) {
    auto date = value::Date::parse(day);
    if (!date)
        return make_error(Status::usage, "input.type",
                          fmt::format("'as_of' is a date such as 2026-11-21, not '{}'", day));
    value::DateTime midnight;
    midnight.seconds = date->days * 86'400;
    midnight.zone = program.time_zone;
    return midnight.utc_us();
}

Result<std::vector<Value>> inputs_of(record::Records& records, const program::Decision& decision, const Json& given) {
    if (given.kind != Json::Kind::object)
        return make_error(Status::usage, "input.shape",
                          fmt::format("the inputs of decision '{}' are a JSON object", decision.name));
    for (const auto& member : given.members) {
        bool known = std::any_of(decision.inputs.begin(), decision.inputs.end(),
                                 [&](const program::Field& input) { return input.name == member.first; });
        if (!known)
            return make_error(Status::usage, "input.unknown_field",
                              fmt::format("decision '{}' has no input '{}'{}", decision.name, member.first,
                                          did_you_mean(member.first, decision.inputs)));
    }
    std::vector<Value> values;
    for (const program::Field& input : decision.inputs) {
        const Json* json = given.find(input.name);
        if (!json || json->is_null()) {
            values.push_back(Value::null(&input.empty));
            continue;
        }
        LEAT_TRY(Value value, records.from_json(input, *json));
        values.push_back(value);
    }
    return values;
}

// Inputs lead to no record, so that what is read of others cannot be weighed row by row: the answer is for those who
// may see everything, or reads none.
bool may_ask(const program::Decision& decision, const query::AccessScope& scope) {
    return scope.sees_everything() ||
           (decision.reads.collections.empty() && decision.reads.fields.empty() && decision.reads.functions.empty());
}

}  // namespace

Result<std::string> Session::decide(std::string_view name, std::string_view key, std::string_view inputs_json,
                                    const DecideOptions& options) {
    std::string out;
    LEAT_CHECK(read([&](Reading& view) -> Result<void> {
        const program::Program& program = view.program();
        uint32_t number = program.find_decision(name);
        if (number == program::kNone) return no_decision(program, name);
        const program::Decision& decision = program.decisions[number];
        if (!options.as_of.empty()) {
            const feel::Reads& reads = decision.reads;
            if (!reads.clock && reads.objects.empty() && reads.functions.empty() && reads.collections.empty())
                return make_error(Status::usage, "decision.as_of",
                                  fmt::format("nothing that decision '{}' reads depends on the day", name));
            LEAT_TRY(int64_t moment, moment_of(options.as_of, program));
            view.set_now(moment);
        }
        record::Row* row = nullptr;
        std::vector<Value> values;
        const query::AccessScope& scope = view.actor().scope();
        if (decision.entity != program::kNone) {
            const std::string& entity = program.entities[decision.entity].name;
            if (key.empty())
                return make_error(Status::usage, "decision.record",
                                  fmt::format("decision '{}' is asked of a record: name a {}", name, entity));
            LEAT_TRY(row, view.target(entity, key));
        } else {
            if (!key.empty())
                return make_error(Status::usage, "decision.record",
                                  fmt::format("decision '{}' is asked with inputs, not of a record", name));
            LEAT_TRY(Json inputs, parse_json(inputs_json.empty() ? "{}" : inputs_json));
            LEAT_TRY(values, inputs_of(view.records(), decision, inputs));
        }
        if (row ? !view.records().sees(*row, decision.reads, scope) : !may_ask(decision, scope))
            return make_error(Status::usage, "access.decision",
                              fmt::format("decision '{}' reads what '{}' may not see", name, view.actor().key));
        std::vector<program::DecisionStep> steps;
        program::Tracing tracing{&steps, options.nearest};
        Value answer = program::decide(program, number, view.records().frame(row, nullptr, &decision.reads), values,
                                       options.explain ? &tracing : nullptr);
        LEAT_CHECK(view.failure());
        JsonBuffer json;
        program::write_answer(json, program, answer, options.explain ? &steps : nullptr, {options.kinds, options.text});
        out = json.view();
        return {};
    }));
    return out;
}

}  // namespace leat::engine
