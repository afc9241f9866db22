#include "program/decide.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace leat::program {

namespace {

Value* locals_of(const Program& program, const feel::Frame& frame) {
    auto* locals = frame.arena->array<Value>(program.locals_max);
    std::fill_n(locals, program.locals_max, Value());
    return locals;
}

// One decision, whose locals hold its inputs and what it requires.
Value answer(const Program& program, uint32_t number, const feel::Frame& place, Value* locals,
             std::vector<DecisionStep>* trace) {
    const Decision& decision = program.decisions[number];
    feel::Frame frame = place;
    frame.locals = locals;
    if (!trace) {
        if (decision.table) return decision.table->decide(frame);
        if (decision.logic) return decision.logic->evaluate(frame);
        return decision.scorecard ? score(*decision.scorecard, frame) : Value();
    }
    DecisionStep step;
    step.decision = number;
    step.inputs.assign(locals + kFirstLocal, locals + kFirstLocal + decision.inputs.size());
    if (decision.table) {
        std::vector<Value> inputs(decision.table->input_count());
        decision.table->input_values(frame, inputs.data());
        step.table = decision::explain(*decision.table, frame, inputs);
        step.answer = step.table->answer;
    } else if (decision.logic) {
        step.answer = decision.logic->evaluate(frame);
    } else if (decision.scorecard) {
        step.answer = score(*decision.scorecard, frame, &step.scorecard);
    }
    trace->push_back(std::move(step));
    return trace->back().answer;
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
             std::vector<DecisionStep>* trace) {
    const Decision& decision = program.decisions[number];
    Value* own = locals_of(program, frame);
    Value* values = own + kFirstLocal;  // inputs, then answers
    std::copy_n(inputs.begin(), std::min(inputs.size(), decision.inputs.size()), values);
    size_t next = decision.inputs.size();
    for (const Requirement& one : decision.requirements) {
        Value* locals = locals_of(program, frame);
        for (size_t i = 0; i < one.values.size(); ++i) {
            const Requirement::Source& source = one.values[i];
            locals[kFirstLocal + i] = source.field ? frame.row[source.index] : values[source.index];
        }
        values[next++] = answer(program, one.decision, frame, locals, trace);
    }
    return answer(program, number, frame, own, trace);
}

Value decide_embedded(const Program& program, uint32_t number, const feel::Frame& running,
                      std::span<const Value> arguments) {
    Value* locals = locals_of(program, running);
    std::copy(arguments.begin(), arguments.end(), locals + kFirstLocal);
    feel::Frame frame = running;
    frame.locals = locals;
    return program.embedded_tables[number].table->decide(frame);
}

std::string describe(const Program& program, const std::vector<DecisionStep>& trace) {
    std::string out;
    for (const DecisionStep& step : trace) {
        const Decision& decision = program.decisions[step.decision];
        if (decision.service && trace.size() > 1) continue;
        out += fmt::format("{}: {}\n", decision.name, shown(step.answer));
        std::string lines;
        for (size_t i = 0; i < step.inputs.size(); ++i)
            lines += fmt::format("{} = {}\n", decision.inputs[i].name, shown(step.inputs[i]));
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
