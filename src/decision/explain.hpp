// Why a decision came out as it did: computed from the table and the input values, when somebody asks.
//
// A table is a pure function, so nothing has to be collected while it decides: explain() answers for any input values,
// also for those of last year's log.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/json_buffer.hpp"
#include "decision/table.hpp"

namespace leat::decision {

struct ExplainedCell {
    uint32_t column = 0;
    std::string_view text;  // as written; lives as long as the table
    bool holds = false;
};

struct ExplainedRow {
    uint32_t row = 0;                      // from 0; describe() counts from 1, as people do
    uint32_t failed = 0;                   // cells that do not hold
    std::span<const ExplainedCell> cells;  // one an input column
    std::span<const Value> outputs;        // one an output column; empty for rows that did not match
};

// All of it lives in the arena of the frame that it was made with.
struct Explanation {
    std::span<const Value> inputs;          // one an input column
    std::span<const ExplainedRow> matched;  // in table order, also those that the hit policy then passes over
    std::span<const uint32_t> used;         // rows that made the answer, in its order; none after a conflict
    std::span<const ExplainedRow> nearest;  // rows that failed in the fewest cells, the nearest first
    std::span<const uint32_t> not_allowed;  // input columns whose value is not among the allowed ones
    bool conflict = false;
    bool default_used = false;
    Value answer;
};

// Everything about the decision with these input values (one per input column). `nearest`: how many nearest misses to
// seek, 0 for none; seeking looks at every row. The frame is what formulas in cells read, as for decide(). Throws
// LimitError only.
Explanation explain(const Table& table, feel::Frame& frame, std::span<const Value> inputs, size_t nearest = 3);

// The explanation in English, with rows numbered from 1, one statement a line.
std::string describe(const Explanation& explanation, const Table& table);

// The same as a JSON object: {"decision","hit","inputs","not_allowed","conflict","default_used","used","matched",
// "nearest"}, rows numbered from 1; without the answer.
std::string to_json(const Explanation& explanation, const Table& table);
// The members of that object into one that has begun.
void write_json(JsonBuffer& json, const Explanation& explanation, const Table& table);

}  // namespace leat::decision
