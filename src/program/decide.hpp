// A decision answered: what it requires first, each once, then its own table, logic or scorecard. Pure, as decision is.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "decision/explain.hpp"
#include "program/program.hpp"

namespace leat::program {

// How one decision of a graph was answered. Lives as long as the arena and the locals that it was answered with.
struct DecisionStep {
    uint32_t decision = 0;
    std::span<const Value> inputs;                                  // in their order, where they were asked
    std::vector<std::pair<uint32_t, decision::Explanation>> boxed;  // tables inside logic, as they were asked
    std::optional<decision::Explanation> table;                     // of a table
    std::vector<ScoredCharacteristic> scorecard;                    // of a scorecard
    Value answer;
};

// What a decision is traced into: each decision on the way, in the order of answering, the one that was asked last.
struct Tracing {
    std::vector<DecisionStep>* steps = nullptr;
    size_t nearest = 3;  // rows of a table that missed by the fewest cells
};

// The answer of a decision with these inputs (one per input, in order, coerced already), or of the record that the
// frame's row and self are. The frame's locals are not used; its environment, arena and fuel are. Throws LimitError
// only.
Value decide(const Program& program, uint32_t decision, const feel::Frame& frame, std::span<const Value> inputs,
             const Tracing* tracing = nullptr);
// The same with the inputs in their places among `locals`, which has room for the program's locals_max; the places
// behind them are overwritten. Allocates nothing for a table without requirements.
Value decide_in(const Program& program, uint32_t decision, const feel::Frame& frame, Value* locals,
                const Tracing* tracing = nullptr);

// The answer of a table in a box; `arguments` are the names that it reads.
Value decide_embedded(const Program& program, uint32_t table, const feel::Frame& frame,
                      std::span<const Value> arguments);

// The answer of a decision or service of a DMN model, from the values of its inputs in the order of the function's
// parameters; what is left out is not given. Dates and the like must be values of theirs, not texts. Throws LimitError.
Value decide_model(const Program& program, const Function& function, const feel::Frame& frame,
                   std::span<const Value> arguments);

// {"decision", "hit", "inputs", "matched" …} of a table as decision::to_json() has it; {"decision", "characteristics":
// [{"characteristic", "input", "attribute", "points", "lost"}]} of a scorecard; {"decision", "tables"} of logic, with
// an explanation of each table in it, up to twenty. With "requires":
// [{"decision", "answer", "inputs": {name: value}, "explanation"}] where others were asked first.
std::string explanation_json(const Program& program, const std::vector<DecisionStep>& trace);

// {"answer": …}, with "kinds" (feel/value_kinds.hpp) where wanted, "reason" {code, text} of a null that says why,
// "explanation" of a trace, and "text", the same in English, where wanted.
struct AnswerParts {
    bool kinds = false, text = false;
};
void write_answer(JsonBuffer& json, const Program& program, const Value& answer, const std::vector<DecisionStep>* trace,
                  AnswerParts parts);

// The trace in English, one statement a line.
std::string describe(const Program& program, const std::vector<DecisionStep>& trace);

}  // namespace leat::program
