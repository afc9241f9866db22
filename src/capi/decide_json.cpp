// Decisions by themselves, as JSON: names and texts in, the answer and its explanation out.
#include <algorithm>

#include <fmt/format.h>

#include "base/clock.hpp"
#include "capi/capi.hpp"
#include "capi/decide.hpp"
#include "capi/dmn.hpp"
#include "capi/input.hpp"
#include "program/decide.hpp"
#include "value/value_json.hpp"

namespace leat::capi {

DecideFlags decide_flags(uint64_t flags) {
    constexpr uint64_t kKnown = LEAT_DECIDE_EXPLAIN | LEAT_DECIDE_NEAREST | LEAT_DECIDE_KINDS | LEAT_DECIDE_TEXT;
    if ((flags & ~kKnown) != 0) throw ArgumentError("usage.flags", "unknown flags in the options");
    DecideFlags read;
    read.explain = (flags & (LEAT_DECIDE_EXPLAIN | LEAT_DECIDE_NEAREST | LEAT_DECIDE_TEXT)) != 0;
    read.text = (flags & LEAT_DECIDE_TEXT) != 0;
    read.nearest = (flags & LEAT_DECIDE_NEAREST) != 0;
    read.kinds = (flags & LEAT_DECIDE_KINDS) != 0;
    return read;
}

void write_explained(JsonBuffer& json, const leat_decision& decision, Deciding& deciding, uint64_t steps,
                     size_t nearest, program::AnswerParts parts) {
    std::vector<program::DecisionStep> taken;
    program::Tracing tracing{&taken, nearest};
    Value answer =
        program::decide_in(*decision.program, decision.index, deciding.frame(&steps), deciding.locals(), &tracing);
    program::write_answer(json, *decision.program, answer, &taken, parts);
}

void write_answer(JsonBuffer& json, const Value& answer) {
    json.key("answer");
    value::write_json(json, answer);
    if (!answer.is_null() || answer.null_reason == nullptr) return;
    json.key("reason").begin_object().key("code").string(answer.null_reason->code);
    json.key("text").string(reason_text(answer)).end_object();
}

}  // namespace leat::capi

using namespace leat::capi;
using leat::Json;
using leat::JsonBuffer;
using leat::Result;
using leat::Value;

namespace {

struct Options {
    bool explain = false;
    leat::program::AnswerParts parts;
    size_t nearest = 0;
    uint64_t steps = leat::Limits{}.steps_max;
};

Options options_of(const leat_decide_options& given) {
    const DecideFlags flags = decide_flags(given.flags);
    Options options;
    options.explain = flags.explain;
    options.parts = {flags.kinds, flags.text};
    if (flags.nearest) options.nearest = given.nearest_max != 0 ? given.nearest_max : kNearestMost;
    if (given.eval_steps_max != 0) options.steps = given.eval_steps_max;
    return options;
}

// The moment whose today() is `day`, in the program's zone.
int64_t midnight_of(std::string_view day, const leat::program::Program& program) {
    auto date = leat::Date::parse(day);
    if (!date) throw ArgumentError("input.type", fmt::format("'as_of' is a date such as 2026-11-21, not '{}'", day));
    leat::DateTime midnight;
    midnight.seconds = date->days * 86'400;
    midnight.zone = program.time_zone;
    return midnight.utc_us();
}

void set_day(leat_scratch& scratch, const leat_decision& decision, leat_str as_of) {
    std::string_view day = text(as_of, "as_of");
    if (day.empty()) return;
    int64_t moment = midnight_of(day, *decision.program);
    if (!decision.clock) {
        throw ArgumentError("decision.as_of",
                            fmt::format("decision '{}' does not read the date of the day; what it depends on are its "
                                        "inputs",
                                        decision.decision->name));
    }
    scratch.now_us = moment;
}

void put_inputs(const leat_decision& decision, Deciding& deciding, const Json& inputs, leat::Arena& arena) {
    if (inputs.kind != Json::Kind::object)
        throw ArgumentError("input.shape",
                            fmt::format("the inputs of decision '{}' are a JSON object", decision.decision->name));
    for (const auto& [name, value] : inputs.members) {
        bool known = std::any_of(decision.inputs.begin(), decision.inputs.end(),
                                 [&name = name](const DecisionInput& input) { return input.name == name; });
        if (known) continue;
        std::vector<std::string> names;
        for (const DecisionInput& input : decision.inputs) names.emplace_back(input.name);
        std::string near = leat::base::nearest(name, names);
        throw ArgumentError("input.unknown_field",
                            fmt::format("decision '{}' has no input '{}'{}", decision.decision->name, name,
                                        near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
    }
    for (size_t i = 0; i < decision.inputs.size(); ++i) {
        const DecisionInput& input = decision.inputs[i];
        const Json* given = inputs.find(input.name);
        bool missing = given == nullptr || given->is_null();
        deciding.input(i) = missing ? Value::null(input.empty) : value_of_json(*given, input.type, input.name, arena);
    }
}

void decide_one(JsonBuffer& json, const leat_decision& decision, leat_scratch& scratch, const Json& inputs,
                const Options& options) {
    Deciding deciding(decision, scratch);
    put_inputs(decision, deciding, inputs, scratch.arena);
    if (!options.explain) {
        leat::program::write_answer(json, *decision.program, deciding.decide(options.steps), nullptr, options.parts);
        return;
    }
    write_explained(json, decision, deciding, options.steps, options.nearest, options.parts);
}

// One object answers an object, a list of them a list. `one` is called with each.
template <class One>
std::string for_each_input(std::string_view inputs_json, const One& one) {
    leat::Limits limits;
    if (inputs_json.size() > limits.input_bytes_max)
        throw Failure(leat::Status::limit, "limit.input", "the inputs are too long");
    auto inputs = leat::parse_json(inputs_json.empty() ? "{}" : inputs_json, limits.depth_max);
    if (!inputs) throw Failure(inputs.error().status, inputs.error().code, inputs.error().message);
    JsonBuffer json;
    if (inputs->kind != Json::Kind::array) {
        one(json, *inputs);
    } else {
        json.begin_array();
        for (const Json& each : inputs->items) one(json, each);
        json.end_array();
    }
    return std::string(json.view());
}

// A scratch for one call. A thread keeps the one of its last call, unless that grew large: memory for every decision
// anew would cost more than the decision. A call inside a call has its own.
class CallScratch {
 public:
    CallScratch() : scratch_(std::move(spare)) {
        if (!scratch_) scratch_ = std::make_unique<leat_scratch>();
        scratch_->now_us.reset();
    }
    CallScratch(const CallScratch&) = delete;
    CallScratch& operator=(const CallScratch&) = delete;
    ~CallScratch() {
        scratch_->arena.reset();
        if (scratch_->arena.bytes() <= kBytesKept) spare = std::move(scratch_);
    }
    leat_scratch& operator*() { return *scratch_; }

 private:
    static constexpr size_t kBytesKept = 64u << 10;
    static thread_local std::unique_ptr<leat_scratch> spare;
    std::unique_ptr<leat_scratch> scratch_;
};
thread_local std::unique_ptr<leat_scratch> CallScratch::spare;

std::string decide(const leat_decision& decision, std::string_view inputs_json, const leat_decide_options& given) {
    Options options = options_of(given);
    CallScratch call;
    leat_scratch& scratch = *call;
    set_day(scratch, decision, given.as_of);
    return for_each_input(inputs_json, [&](JsonBuffer& json, const Json& inputs) {
        decide_one(json, decision, scratch, inputs, options);
    });
}

std::string decide_of_model(const leat::program::Program& program, uint32_t element, std::string_view inputs_json,
                            const leat_decide_options& given, leat::Clock& clock) {
    Options chosen = options_of(given);
    ModelOptions options{chosen.explain, chosen.parts.text, chosen.nearest, chosen.steps, clock.now_us()};
    if (std::string_view day = text(given.as_of, "as_of"); !day.empty()) options.now_us = midnight_of(day, program);
    return for_each_input(inputs_json, [&](JsonBuffer& json, const Json& inputs) {
        decide_model(json, program, element, inputs, options);
    });
}

}  // namespace

extern "C" {

LEAT_API leat_status leat_decide(leat_text** out, const leat_program* program, leat_str decision, leat_str inputs,
                                 const leat_decide_options* options, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto given = read_struct(options, "options");
        auto& place = cleared(out);
        refuse_unknown(options, sizeof given, "options");
        const auto& definitions = required(program, "program").program;
        std::string_view name = required_text(decision, "decision");
        auto answer = std::make_unique<leat_text>();
        if (auto element = model_decision(*definitions, name))
            answer->text =
                decide_of_model(*definitions, *element, text(inputs, "inputs"), given, leat::base::system_clock());
        else
            answer->text = decide(leat_decision(definitions, name), text(inputs, "inputs"), given);
        place = answer.release();
        return {};
    });
}

LEAT_API leat_status leat_session_decide(leat_text** out, leat_session* session, leat_str decision, leat_str key,
                                         leat_str inputs, const leat_decide_options* options, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto given = read_struct(options, "options");
        auto& place = cleared(out);
        refuse_unknown(options, sizeof given, "options");
        Options read = options_of(given);
        auto& running = enter(session);
        std::string_view name = required_text(decision, "decision");
        auto made = std::make_unique<leat_text>();
        const auto definitions = running.engine().shared_program();
        if (auto element = model_decision(*definitions, name)) {
            if (!text(key, "key").empty())
                throw ArgumentError("decision.record",
                                    fmt::format("decision '{}' is asked with inputs, not of a record", name));
            leat::Clock& clock = session->box->clock ? *session->box->clock : leat::base::system_clock();
            made->text = decide_of_model(*definitions, *element, text(inputs, "inputs"), given, clock);
            place = made.release();
            return {};
        }
        leat::engine::Session::DecideOptions asked;
        asked.as_of = text(given.as_of, "as_of");
        asked.explain = read.explain;
        asked.kinds = read.parts.kinds;
        asked.text = read.parts.text;
        asked.nearest = read.nearest;
        LEAT_TRY(made->text, running.decide(name, text(key, "key"), input(*session->box, inputs, "inputs"), asked));
        place = made.release();
        return {};
    });
}

}  // extern "C"
