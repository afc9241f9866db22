// What is wrong with a table as a whole: inputs that no row takes, rows that meet where they must not, rows that never
// decide anything. Each finding has a witness: input values that show it, which decide() confirms.
//
// Exact for plain cells (comparisons with constants): every column is cut where some cell changes, and whole boxes of
// such pieces are followed through the rows, within a bound on work. A cell that is a formula may hold or not hold;
// what then cannot be known is said (Kind::unchecked), not guessed.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decision/table.hpp"

namespace leat::decision {

struct Finding {
    enum class Kind : uint8_t {
        gap,              // no row takes these inputs, and there is no default
        overlap,          // UNIQUE: two rows take the same inputs
        conflict,         // ANY: two rows take the same inputs and answer differently
        dead_row,         // FIRST: rows before it take everything that it takes; any policy: no input can match it
        masked_row,       // PRIORITY: wherever it matches, a row of higher priority does
        outside_allowed,  // a row asks for values that its column does not allow, or answers one that is not listed
        unchecked,        // formulas in cells, or the bound on work, leave a question open; the message says which
    };
    Kind kind = Kind::gap;
    std::vector<uint32_t> rows;        // from 0
    std::vector<uint32_t> columns;     // input columns that the finding is about; outside_allowed of an output: none
    std::vector<std::string> witness;  // one FEEL text an input column; empty: there is none
    std::string message;               // one sentence, rows numbered from 1
    bool bounded = false;              // unchecked: the bound on work was met, formulas have no part in it
};

// The name by which a definition allows findings of a kind: "gaps", "overlaps", "conflicts", "dead_rows",
// "masked_rows", "outside_allowed", "unchecked".
std::string_view finding_name(Finding::Kind kind);
std::optional<Finding::Kind> parse_finding(std::string_view name);

struct CheckLimits {
    uint64_t work_max = 20'000'000;  // comparisons of a row with a box
    size_t findings_max = 20;        // of each kind
};

// All findings, by kind and then by row. Null inputs are not looked at: they have a warning of their own
// (Table::reads_null_unsafe).
std::vector<Finding> check(const Table& table, const CheckLimits& limits = {});

}  // namespace leat::decision
