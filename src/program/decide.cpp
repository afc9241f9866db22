#include "program/decide.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/json.hpp"
#include "feel/value_kinds.hpp"
#include "value/value_json.hpp"

namespace leat::program {

namespace {

Value* locals_of(const Program& program, const feel::Frame& frame) {
    auto* locals = frame.arena->array<Value>(program.locals_max);
    std::fill_n(locals, program.locals_max, Value());
    return locals;
}

decision::Explanation explain(const decision::Table& table, feel::Frame& frame, size_t nearest) {
    auto* inputs = frame.arena->array<Value>(table.input_count());
    table.input_values(frame, inputs);
    return decision::explain(table, frame, {inputs, table.input_count()}, nearest);
}

// Explains the tables in a box while its logic runs; everything else is the environment's own business.
class BoxTracer final : public feel::Environment {
 public:
    BoxTracer(const Program& program, feel::Environment& inner, DecisionStep& step, size_t nearest)
        : program_(program), inner_(inner), step_(step), nearest_(nearest) {}
    Value member(const Value& object, uint32_t index, feel::Frame& frame) override {
        return inner_.member(object, index, frame);
    }
    bool query(const feel::CollectionQuery& query, std::span<const Value> parameters, feel::Frame& frame,
               Value& out) override {
        return inner_.query(query, parameters, frame, out);
    }
    Value call(uint32_t number, std::span<const Value> arguments, feel::Frame& running) override {
        constexpr size_t kTablesTold = 20;
        const Function& function = program_.functions[number];
        if (function.kind != Function::Kind::table || step_.boxed.size() >= kTablesTold)
            return inner_.call(number, arguments, running);
        const decision::Table& table = *program_.embedded_tables[function.number].table;
        Value* locals = locals_of(program_, running);
        std::copy(arguments.begin(), arguments.end(), locals + kFirstLocal);
        feel::Frame frame = running;
        frame.locals = locals;
        step_.boxed.emplace_back(function.number, explain(table, frame, nearest_));
        return step_.boxed.back().second.answer;
    }
    int64_t now_us() override { return inner_.now_us(); }
    value::Zone time_zone() override { return inner_.time_zone(); }

 private:
    const Program& program_;
    feel::Environment& inner_;
    DecisionStep& step_;
    size_t nearest_;
};

// Inputs that are empty and have a default.
void fill_defaults(const Decision& decision, const feel::Frame& place, Value* locals) {
    if (!decision.input_defaults) return;
    feel::Frame frame = place;
    frame.locals = locals;
    for (const Field& input : decision.inputs) {
        Value& value = locals[kFirstLocal + input.id];
        if (value.is_null() && input.default_value) value = input.default_value->evaluate(frame);
    }
}

// One decision, whose locals hold its inputs and what it requires.
Value answer(const Program& program, uint32_t number, const feel::Frame& place, Value* locals, const Tracing* tracing) {
    const Decision& decision = program.decisions[number];
    feel::Frame frame = place;
    frame.locals = locals;
    if (!tracing) {
        if (decision.table) return decision.table->decide(frame);
        if (decision.logic) return decision.logic->evaluate(frame);
        return decision.scorecard ? score(*decision.scorecard, frame) : Value();
    }
    DecisionStep& step = tracing->steps->emplace_back();
    step.decision = number;
    step.inputs = {locals + kFirstLocal, decision.inputs.size()};
    if (decision.table) {
        step.table = explain(*decision.table, frame, tracing->nearest);
        step.answer = step.table->answer;
    } else if (decision.logic) {
        BoxTracer tracer(program, *frame.environment, step, tracing->nearest);
        frame.environment = &tracer;
        step.answer = decision.logic->evaluate(frame);
    } else if (decision.scorecard) {
        step.answer = score(*decision.scorecard, frame, &step.scorecard);
    }
    return step.answer;
}

std::string shown(const Value& value) {
    if (value.is_null()) return value.null_reason ? fmt::format("null ({})", value.null_reason->text) : "null";
    std::string out;
    value::append_json(out, value);
    return out;
}

void describe_scorecard(const Scorecard& scorecard, const DecisionStep& step, std::string& out) {
    for (size_t i = 0; i < step.scorecard.size(); ++i) {
        const ScoredCharacteristic& one = step.scorecard[i];
        const Characteristic& characteristic = scorecard.characteristics[i];
        if (one.attribute == UINT32_MAX) {
            out += fmt::format("{} is {}: no attribute takes it\n", characteristic.name, shown(one.input));
            continue;
        }
        out += fmt::format("{} is {}: attribute {} gives {}", characteristic.name, shown(one.input), one.attribute + 1,
                           shown(one.points));
        if (one.lost > Decimal()) out += fmt::format(", {} below the baseline", one.lost.to_canonical());
        out += "\n";
    }
}

}  // namespace

Value decide(const Program& program, uint32_t number, const feel::Frame& frame, std::span<const Value> inputs,
             const Tracing* tracing) {
    Value* locals = locals_of(program, frame);
    std::copy_n(inputs.begin(), std::min(inputs.size(), program.decisions[number].inputs.size()), locals + kFirstLocal);
    return decide_in(program, number, frame, locals, tracing);
}

Value decide_in(const Program& program, uint32_t number, const feel::Frame& frame, Value* locals,
                const Tracing* tracing) {
    const Decision& decision = program.decisions[number];
    fill_defaults(decision, frame, locals);
    Value* values = locals + kFirstLocal;  // inputs, then answers
    size_t next = decision.inputs.size();
    for (const Requirement& one : decision.requirements) {
        Value* theirs = locals_of(program, frame);
        for (size_t i = 0; i < one.values.size(); ++i) {
            const Requirement::Source& source = one.values[i];
            theirs[kFirstLocal + i] = source.field ? frame.row[source.index] : values[source.index];
        }
        fill_defaults(program.decisions[one.decision], frame, theirs);
        values[next++] = answer(program, one.decision, frame, theirs, tracing);
    }
    return answer(program, number, frame, locals, tracing);
}

Value decide_embedded(const Program& program, uint32_t number, const feel::Frame& running,
                      std::span<const Value> arguments) {
    Value* locals = locals_of(program, running);
    std::copy(arguments.begin(), arguments.end(), locals + kFirstLocal);
    feel::Frame frame = running;
    frame.locals = locals;
    return program.embedded_tables[number].table->decide(frame);
}

namespace {

void write_scorecard(JsonBuffer& json, const Scorecard& scorecard, const DecisionStep& step) {
    json.key("characteristics").begin_array();
    for (size_t i = 0; i < step.scorecard.size(); ++i) {
        const ScoredCharacteristic& one = step.scorecard[i];
        json.begin_object().key("characteristic").string(scorecard.characteristics[i].name).key("input");
        value::write_json(json, one.input);
        if (one.attribute != UINT32_MAX) {
            json.key("attribute").number(static_cast<int64_t>(one.attribute) + 1).key("points");
            value::write_json(json, one.points);
            json.key("lost").raw(one.lost.to_canonical());
        }
        json.end_object();
    }
    json.end_array();
}

// The inside of an explanation: `{` is written and `}` is not.
void write_step(JsonBuffer& json, const Program& program, const DecisionStep& step) {
    const Decision& decision = program.decisions[step.decision];
    if (step.table) {
        decision::write_json(json, *step.table, *decision.table);
        return;
    }
    json.key("decision").string(decision.name);
    if (decision.scorecard) write_scorecard(json, *decision.scorecard, step);
    if (step.boxed.empty()) return;
    json.key("tables").begin_array();
    for (const auto& [number, explanation] : step.boxed)
        json.raw(decision::to_json(explanation, *program.embedded_tables[number].table));
    json.end_array();
}

}  // namespace

namespace {

void write_explanation(JsonBuffer& json, const Program& program, const std::vector<DecisionStep>& trace) {
    json.begin_object();
    if (trace.empty()) {
        json.end_object();
        return;
    }
    write_step(json, program, trace.back());
    if (trace.size() > 1) {
        json.key("requires").begin_array();
        for (size_t i = 0; i + 1 < trace.size(); ++i) {
            const Decision& decision = program.decisions[trace[i].decision];
            json.begin_object().key("decision").string(decision.name).key("answer");
            value::write_json(json, trace[i].answer);
            json.key("inputs").begin_object();
            for (size_t input = 0; input < trace[i].inputs.size(); ++input) {
                json.key(decision.inputs[input].name);
                value::write_json(json, trace[i].inputs[input]);
            }
            json.end_object().key("explanation").begin_object();
            write_step(json, program, trace[i]);
            json.end_object().end_object();
        }
        json.end_array();
    }
    json.end_object();
}

}  // namespace

std::string explanation_json(const Program& program, const std::vector<DecisionStep>& trace) {
    JsonBuffer json;
    write_explanation(json, program, trace);
    return std::string(json.view());
}

void write_answer(JsonBuffer& json, const Program& program, const Value& answer, const std::vector<DecisionStep>* trace,
                  AnswerParts parts) {
    json.begin_object().key("answer");
    value::write_json(json, answer);
    if (parts.kinds) {
        std::string kinds;
        JsonWriter writer(kinds);
        feel::write_kinds(writer, answer);
        json.key("kinds").raw(kinds);
    }
    if (answer.is_null() && answer.null_reason) {
        const NullReason& reason = *answer.null_reason;
        json.key("reason").begin_object().key("code").string(reason.code).key("text");
        json.string(reason.text.empty() ? "the answer is null" : reason.text).end_object();
    }
    if (trace) {
        json.key("explanation");
        write_explanation(json, program, *trace);
        if (parts.text) json.key("text").string(describe(program, *trace));
    }
    json.end_object();
}

std::string describe(const Program& program, const std::vector<DecisionStep>& trace) {
    if (trace.size() == 1 && trace[0].table)
        return decision::describe(*trace[0].table, *program.decisions[trace[0].decision].table);
    std::string out;
    for (const DecisionStep& step : trace) {
        const Decision& decision = program.decisions[step.decision];
        if (decision.service && trace.size() > 1) continue;
        out += fmt::format("{}: {}\n", decision.name, shown(step.answer));
        std::string lines;
        // A table's explanation begins with what its columns read.
        for (size_t i = 0; i < step.inputs.size() && !step.table; ++i)
            lines += fmt::format("{} = {}\n", decision.inputs[i].name, shown(step.inputs[i]));
        for (const auto& [number, explanation] : step.boxed)
            lines += decision::describe(explanation, *program.embedded_tables[number].table);
        if (step.table) lines += decision::describe(*step.table, *decision.table);
        if (decision.scorecard) describe_scorecard(*decision.scorecard, step, lines);
        for (size_t begin = 0; begin < lines.size();) {
            size_t end = std::min(lines.find('\n', begin), lines.size());
            out += "  " + lines.substr(begin, end - begin) + "\n";
            begin = end + 1;
        }
    }
    return out;
}

}  // namespace leat::program
