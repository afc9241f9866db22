#include "decision/explain.hpp"

#include <algorithm>
#include <charconv>

#include "decision/answer.hpp"
#include "decision/search.hpp"

namespace leat::decision {

class Explainer {
 public:
    Explainer(const Table& table, feel::Frame& frame, std::span<const Value> inputs)
        : parts_(*table.parts_), frame_(frame), arena_(*frame.arena), inputs_(kept(inputs)) {
        keys_ = arena_.array<Key>(inputs.size());
        for (size_t c = 0; c < inputs.size(); ++c) keys_[c] = parts_.columns[c].key_of(inputs[c]);
    }

    std::span<const Value> inputs() const { return inputs_; }
    std::span<const uint32_t> not_allowed() const {
        RowList columns(arena_);
        for (uint32_t c = 0; c < parts_.columns.size(); ++c) {
            uint32_t allowed = parts_.columns[c].allowed;
            if (allowed != Column::kAny && !holds(c, allowed)) columns.add(c);
        }
        return kept(std::span<const uint32_t>(columns.rows()));
    }
    // All rows that match, in table order, also those that the policy then passes over.
    std::span<uint32_t> matched() const {
        auto** places = arena_.array<const Value*>(inputs_.size());
        for (size_t c = 0; c < inputs_.size(); ++c) places[c] = &inputs_[c];
        Shape shape{parts_.inputs, parts_.columns, parts_.order, parts_.index, parts_.masks, parts_.probe};
        RowList list(arena_);
        Search search(shape, frame_, places);
        search.all(list);
        charge(frame_, search.tried());
        return kept(std::span<const uint32_t>(list.rows()));
    }
    // Rows that match: every cell of theirs holds.
    std::span<const ExplainedRow> matches(std::span<const uint32_t> numbers) const {
        auto* out = arena_.array<ExplainedRow>(numbers.size());
        for (size_t i = 0; i < numbers.size(); ++i) {
            out[i] = row(numbers[i], [](uint32_t, uint32_t) { return true; });
            out[i].outputs = outputs(numbers[i]);
        }
        return {out, numbers.size()};
    }
    std::span<const ExplainedRow> misses(std::span<const uint32_t> numbers) const {
        auto* out = arena_.array<ExplainedRow>(numbers.size());
        for (size_t i = 0; i < numbers.size(); ++i)
            out[i] = row(numbers[i], [&](uint32_t r, uint32_t c) { return holds(c, parts_.inputs.row(r)[c]); });
        return {out, numbers.size()};
    }
    // The rows that failed in the fewest cells, in table order among equals.
    std::span<const uint32_t> nearest(size_t count) const {
        struct Miss {
            uint32_t failed, row;
        };
        std::vector<Miss> best;
        for (uint32_t r = 0; r < parts_.inputs.rows; ++r) {
            uint32_t enough = best.size() < count ? UINT32_MAX : best.back().failed;
            uint32_t failed = failed_cells(r, enough);
            if (failed == 0 || failed >= enough) continue;
            auto place = std::upper_bound(best.begin(), best.end(), failed,
                                          [](uint32_t value, const Miss& miss) { return value < miss.failed; });
            best.insert(place, {failed, r});
            if (best.size() > count) best.pop_back();
        }
        auto* rows = arena_.array<uint32_t>(best.size());
        for (size_t i = 0; i < best.size(); ++i) rows[i] = best[i].row;
        return {rows, best.size()};
    }
    // The rows that the policy looks at, of those that match; of their own, since the answer puts them into its order.
    std::span<uint32_t> looked_at(std::span<const uint32_t> matched) const {
        bool first = parts_.source.hit == Hit::first && !matched.empty();
        return kept(first ? matched.first(1) : matched);
    }
    // Of those, in the answer's order, the ones that made it.
    std::span<const uint32_t> used(std::span<const uint32_t> ordered) const {
        Hit hit = parts_.source.hit;
        bool single = hit == Hit::first || hit == Hit::unique || hit == Hit::priority || hit == Hit::any;
        return single && !ordered.empty() ? ordered.first(1) : ordered;
    }

 private:
    template <class T>
    std::span<T> kept(std::span<const T> items) const {
        auto* out = arena_.array<T>(items.size());
        std::copy(items.begin(), items.end(), out);
        return {out, items.size()};
    }
    template <class Holds>
    ExplainedRow row(uint32_t number, const Holds& holds) const {
        ExplainedRow out;
        out.row = number;
        const TableRow& source = parts_.source.rows[number];
        auto* cells = arena_.array<ExplainedCell>(parts_.columns.size());
        for (uint32_t c = 0; c < parts_.columns.size(); ++c) {
            cells[c] = {c, source.inputs[c].text, holds(number, c)};
            out.failed += !cells[c].holds;
        }
        out.cells = {cells, parts_.columns.size()};
        return out;
    }
    std::span<const Value> outputs(uint32_t row) const {
        Answer answer(parts_.source, parts_.outputs, parts_.results, frame_);
        auto* values = arena_.array<Value>(parts_.outputs.size());
        for (size_t o = 0; o < parts_.outputs.size(); ++o) values[o] = answer.cell(row, o);
        return {values, parts_.outputs.size()};
    }
    bool holds(uint32_t column, uint32_t cell) const {
        return parts_.columns[column].matches(cell, keys_[column], inputs_[column], frame_);
    }
    uint32_t failed_cells(uint32_t row, uint32_t enough) const {
        const uint32_t* cells = parts_.inputs.row(row);
        uint32_t failed = 0;
        for (uint32_t column : parts_.order) {
            failed += cells[column] != Column::kAny && !holds(column, cells[column]);
            if (failed >= enough) break;
        }
        return failed;
    }

    const Table::Parts& parts_;
    feel::Frame& frame_;
    Arena& arena_;
    std::span<const Value> inputs_;
    Key* keys_;  // one a column
};

Explanation explain(const Table& table, feel::Frame& frame, std::span<const Value> inputs, size_t nearest) {
    Explainer explainer(table, frame, inputs);
    Explanation out;
    Match match;
    out.inputs = explainer.inputs();
    std::span<const uint32_t> matched = explainer.matched();
    std::span<uint32_t> rows = explainer.looked_at(matched);
    out.answer = table.answer_of(frame, rows, &match);
    out.conflict = match.conflict;
    out.default_used = match.default_used;
    out.not_allowed = explainer.not_allowed();
    out.matched = explainer.matches(matched);
    if (!match.conflict) out.used = explainer.used(rows);
    if (nearest > 0) out.nearest = explainer.misses(explainer.nearest(nearest));
    return out;
}

namespace {

// Plain appending: an explanation is asked for far more often than it is long, and formatting costs most of it.
template <class... Part>
void add(std::string& out, const Part&... parts) {
    (out.append(std::string_view(parts)), ...);
}

void add_number(std::string& out, uint64_t number) {
    char digits[20];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

std::string shown(const Value& value) {
    if (value.is_null()) return "null";
    if (value.kind != Kind::string) return value::to_text(value);
    std::string text = "\"";
    add(text, value.as_string(), "\"");
    return text;
}

void add_numbers(std::string& out, std::span<const uint32_t> rows) {
    for (size_t i = 0; i < rows.size(); ++i) {
        if (i > 0) out += ", ";
        add_number(out, uint64_t{rows[i]} + 1);
    }
}

class Describer {
 public:
    Describer(const Explanation& explanation, const Table& table) : explanation_(explanation), source_(table.source()) {
        for (const Value& input : explanation.inputs) inputs_.push_back(shown(input));
    }
    std::string run() {
        out_.reserve(kBytes);
        add_outcome();
        for (size_t c = 0; c < inputs_.size(); ++c) add(out_, "input ", name_of(c), " = ", inputs_[c], "\n");
        for (uint32_t column : explanation_.not_allowed) {
            add(out_, name_of(column), " is ", inputs_[column], ", which its allowed values '",
                source_.inputs[column].allowed.text, "' do not hold\n");
        }
        for (const ExplainedRow& row : explanation_.matched) add_match(row);
        if (!explanation_.nearest.empty()) out_ += "nearest misses:\n";
        for (const ExplainedRow& row : explanation_.nearest) add_miss(row);
        return std::move(out_);
    }

 private:
    static constexpr size_t kBytes = 1024;

    std::string_view name_of(size_t column) const { return source_.inputs[column].expression.text; }

    void add_outcome() {
        if (explanation_.conflict) {
            add(out_, explanation_.answer.null_reason->text, "\n");
            return;
        }
        std::string answer = shown(explanation_.answer);
        if (explanation_.default_used || explanation_.matched.empty()) {
            add(out_, "no row of decision '", source_.name, "' matches; ",
                explanation_.default_used ? "its default is " : "the answer is ", answer, "\n");
            return;
        }
        add(out_, "decision '", source_.name, "' (hit policy ", hit_name(source_.hit), ") answers ", answer, " by row",
            explanation_.used.size() == 1 ? " " : "s ");
        add_numbers(out_, explanation_.used);
        out_ += '\n';
    }
    void add_match(const ExplainedRow& row) {
        out_ += "row ";
        add_number(out_, uint64_t{row.row} + 1);
        out_ += " matches: ";
        for (size_t o = 0; o < row.outputs.size(); ++o)
            add(out_, o > 0 ? ", " : "", source_.outputs[o].name, " = ", shown(row.outputs[o]));
        out_ += '\n';
        add_why(row);
        add_cells(row, true);
    }
    void add_miss(const ExplainedRow& row) {
        out_ += "row ";
        add_number(out_, uint64_t{row.row} + 1);
        out_ += " fails in ";
        add_number(out_, row.failed);
        out_ += row.failed == 1 ? " cell\n" : " cells\n";
        add_why(row);
        add_cells(row, false);
    }
    void add_why(const ExplainedRow& row) {
        const std::string& annotation = source_.rows[row.row].annotation;
        if (!annotation.empty()) add(out_, "  why: ", annotation, "\n");
    }
    void add_cells(const ExplainedRow& row, bool held) {
        for (const ExplainedCell& cell : row.cells) {
            if (cell.holds != held || cell.text == "-") continue;
            add(out_, "  ", name_of(cell.column), " is ", inputs_[cell.column],
                held ? ", which meets '" : ", which does not meet '", cell.text, "'\n");
        }
    }

    const Explanation& explanation_;
    const TableSource& source_;
    std::vector<std::string> inputs_;  // shown
    std::string out_;
};

}  // namespace

std::string describe(const Explanation& explanation, const Table& table) {
    return Describer(explanation, table).run();
}

}  // namespace leat::decision
