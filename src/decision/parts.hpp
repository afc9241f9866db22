// What a compiled table is made of. Inside this room only.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/arena.hpp"
#include "decision/column.hpp"
#include "decision/index.hpp"
#include "decision/masks.hpp"
#include "decision/probe.hpp"
#include "decision/table.hpp"

namespace leat::decision {

struct OutputCell {
    Value constant;  // when there is no expression
    std::unique_ptr<feel::Expression> expression;
    uint32_t rank = 0;  // of a constant, by its column's allowed values
};

struct OutputParts {
    static constexpr uint32_t kNone = UINT32_MAX;
    std::vector<OutputCell> cells;  // one a distinct text
    std::string_view name;
    uint32_t default_cell = kNone;                      // where no row matches
    const std::vector<std::string>* allowed = nullptr;  // nullptr: has no part in the priority

    Value value(uint32_t cell, feel::Frame& frame) const {
        const OutputCell& c = cells[cell];
        return c.expression ? c.expression->evaluate(frame) : c.constant;
    }
    // The place among the allowed values; one past the last for anything else.
    uint32_t rank_of(const Value& value) const;
};

// How an explanation's JSON begins to speak of a column: {"input":"region","value": and {"input":"region","cell":
struct ColumnJson {
    std::string value, cell;
};

struct Table::Parts {
    TableSource source;
    std::vector<ColumnJson> json;
    Arena arena;  // of all constants
    std::vector<Column> columns;
    std::vector<OutputParts> outputs;
    Grid inputs;
    Grid results;
    std::vector<uint32_t> order;  // in which columns are tried: the telling ones first, formulas last
    RowMasks masks;               // of a small table; a large one has index and probe
    Index index;
    Probe probe;
    feel::TypeRef type = nullptr;
    feel::Reads reads;
    bool null_unsafe = false;
    bool has_default = false;  // of some output
    std::string none_text;
    NullReason none;
    bool quick = false;       // as of Table::quick()
    std::vector<bool> asked;  // per column: some row says more than `-`
    Value without_row;        // the quick answer where no row matches
};

}  // namespace leat::decision
