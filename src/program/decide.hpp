// A decision answered: what it requires first, each once, then its own table, logic or scorecard. Pure, as decision is.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "decision/explain.hpp"
#include "program/program.hpp"

namespace leat::program {

// How one decision of a graph was answered.
struct DecisionStep {
    uint32_t decision = 0;
    std::vector<Value> inputs;                    // of `inputs` decisions, in their order
    std::optional<decision::Explanation> table;   // of a table
    std::vector<ScoredCharacteristic> scorecard;  // of a scorecard
    Value answer;
};

// The answer of a decision with these inputs (one per input, in order, coerced already), or of the record that the
// frame's row and self are. The frame's locals are not used; its environment, arena and fuel are. With `trace`, each
// decision on the way is explained, in the order of answering. Throws LimitError only.
Value decide(const Program& program, uint32_t decision, const feel::Frame& frame, std::span<const Value> inputs,
             std::vector<DecisionStep>* trace = nullptr);

// The answer of a table in a box; `arguments` are the names that it reads.
Value decide_embedded(const Program& program, uint32_t table, const feel::Frame& frame,
                      std::span<const Value> arguments);

// The trace in English, one statement a line.
std::string describe(const Program& program, const std::vector<DecisionStep>& trace);

}  // namespace leat::program
