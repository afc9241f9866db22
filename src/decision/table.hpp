// decision: DMN decision tables, compiled and indexed. Pure: input values in, outputs and the rows that matched out.
//
// program compiles a definition into a Table (cells are feel unary tests; columns get a hash or interval index where
// their cells allow); decide() is asked by the machine through the host. UNIQUE and ANY conflicts are reported with
// their rows, never answered silently. It may not: know entities, pick rows by date, or read anything but its inputs
// and what its formulas read. Start at compile() and Table::decide(); explain.hpp says why an answer came out,
// check.hpp what a table lacks; cell.hpp, column.hpp and index.hpp are how it is fast.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"
#include "base/result.hpp"
#include "feel/expression.hpp"

namespace leat::decision {

enum class Hit : uint8_t {
    unique,
    any,
    first,
    priority,
    rule_order,
    output_order,
    collect,
    collect_sum,
    collect_min,
    collect_max,
    collect_count,
};
bool parse_hit(std::string_view text, Hit& out);  // "collect sum", "rule order" …; false: out is untouched
std::string_view hit_name(Hit hit);

struct InputColumn {
    Text expression;               // a FEEL expression over the scope (a field's name is one)
    feel::TypeRef type = nullptr;  // filled by compile
    // Unary tests that every input value of the column meets ("east", "west"; [0..100]); empty: any value of the type.
    // For the checks, and to name the input that a decision should not have been asked with.
    Text allowed{};
};
struct OutputColumn {
    std::string name;
    feel::TypeRef type = nullptr;
    Span span;
    Text default_value{};  // FEEL, the answer of this output where no row matches; empty: none
};
struct TableRow {
    std::vector<Text> inputs;
    std::vector<Text> outputs;  // FEEL; a bare enum or role value is a name in scope there
    std::string annotation;
    Span span;
};
struct TableSource {
    std::string name;
    Hit hit = Hit::unique;
    std::vector<InputColumn> inputs;
    std::vector<OutputColumn> outputs;
    std::vector<TableRow> rows;
    std::vector<std::vector<std::string>>
        allowed;  // per output, its values in order of priority (priority, output order)
    Span span;
    // DMN's letter where nothing matches: the policies that answer lists and counts answer the default as it is, or
    // null. Else they answer a list of the default; an empty list, or 0.
    bool none_is_null = false;
};

// The trace of one decision: cheap, and with the input values enough to explain everything afterwards (explain.hpp).
struct Match {
    std::vector<uint32_t> rows;  // that matched, in table order; under FIRST only the one that decides
    bool conflict = false;       // UNIQUE: more than one row; ANY: rows that disagree
    bool default_used = false;   // nothing matched, and the outputs have defaults
};

// Input values of many decisions: one span a column, all of the same size.
using ColumnValues = std::span<const std::span<const Value>>;

struct Explanation;

class Table {
 public:
    // Evaluates the input expressions in `frame`, finds the rows, answers: one output → its value, several → a context;
    // collect and the order policies → a list or the aggregate; nothing matched → the outputs' defaults, else null
    // (lists: an empty one, count: 0; see none_is_null). A conflict gives null with NullReason code "decision.conflict"
    // whose text names the rows (one-based); nothing matched: "decision.none". A cell matches a null input only if it
    // says so (null, or not(…) of something else). `match` asks for the rows that matched. Uses the frame's fuel and
    // arena; throws LimitError only.
    Value decide(feel::Frame& frame, Match* match = nullptr) const;
    // Same, with the input values already at hand (one per input column).
    Value decide(feel::Frame& frame, std::span<const Value> inputs, Match* match = nullptr) const;

    // The answer from input values alone, without frame, memory or fuel; nullptr where that takes more: then decide()
    // says. `inputs` are as a host gives them: texts may be no UTF-8 (then it is nullptr). Input column c takes
    // inputs[of_column[c]]. To be asked only where quick_columns() says so.
    const Value* quick(const Value* inputs, const uint32_t* of_column) const;
    // Where the input columns find their values in the frame, when the table has no formulas, in cells or as inputs,
    // and answers one value of one row: fields of the row, or locals. Empty: it is not of that kind.
    struct Place {
        bool field = false;
        uint32_t index = 0;
    };
    std::vector<Place> quick_columns() const;

    // Many decisions with input values at hand: answers[i] is what decide() says of the i-th values of the columns, or
    // of the i-th group of a row-major list. Each has the fuel that the frame has at the start; one that meets a limit
    // is null with that limit's code, and the others go on. All answers live in the frame's arena.
    void decide_many(feel::Frame& frame, ColumnValues inputs, std::span<Value> answers) const;
    void decide_many(feel::Frame& frame, std::span<const Value> row_major, std::span<Value> answers) const;

    // The values of the input expressions in that frame, one per input column, into `out`.
    void input_values(feel::Frame& frame, Value* out) const;
    size_t input_count() const;
    // Bytes of what finds rows: masks or lists, the words that are compared, the look-up of texts.
    size_t index_bytes() const;
    // Bytes of the cells themselves, as keys; without the texts of the source.
    size_t cell_bytes() const;

    feel::TypeRef type() const;  // of the answer
    const TableSource& source() const;
    const feel::Reads& reads() const;  // of all input expressions and cells
    // Whether an input may be null by its type while no row takes null there: then null is no match (a warning).
    bool reads_null_unsafe() const;
    Table();
    ~Table();
    Table(Table&&) noexcept;
    Table& operator=(Table&&) noexcept;

 private:
    friend std::unique_ptr<Table> compile(TableSource, const feel::Scope&, const feel::CompileOptions&, Diagnostics&);
    friend class Builder;
    friend class Explainer;
    friend class ExplanationWriter;
    friend Explanation explain(const Table&, feel::Frame&, std::span<const Value>, size_t);
    friend class Checker;
    struct Parts;
    Value answer(feel::Frame& frame, const Value* const* inputs, Match* match) const;
    Value answer_of(feel::Frame& frame, std::span<uint32_t> rows, Match* match) const;
    std::unique_ptr<Parts> parts_;
};

// nullptr after at least one error: feel's for cells and formulas, decision.columns (a row's cells do not fit the
// header), decision.outputs (none, or too many for an aggregate), decision.priority (no order of values). Warns of rows
// that can never match (decision.row.unreachable, behind an all-dash row of a FIRST table) and of an empty table.
std::unique_ptr<Table> compile(TableSource source, const feel::Scope& scope, const feel::CompileOptions& options,
                               Diagnostics& diagnostics);

}  // namespace leat::decision
