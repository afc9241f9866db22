#include "decision/explain.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "decision/answer.hpp"
#include "decision/search.hpp"

namespace leat::decision {

class Explainer {
 public:
    Explainer(const Table& table, feel::Frame& frame, std::span<const Value> inputs)
        : parts_(*table.parts_), frame_(frame), inputs_(inputs) {
        for (size_t c = 0; c < inputs.size(); ++c) keys_.push_back(parts_.columns[c].key_of(inputs[c]));
    }

    void check_allowed(Explanation& out) const {
        for (uint32_t c = 0; c < parts_.columns.size(); ++c) {
            uint32_t allowed = parts_.columns[c].allowed;
            if (allowed != Column::kAny && !holds(c, allowed)) out.not_allowed.push_back(c);
        }
    }
    // All rows that match, also those that the policy then passes over.
    std::vector<uint32_t> matched() const {
        std::vector<const Value*> places;
        for (const Value& input : inputs_) places.push_back(&input);
        Shape shape{parts_.inputs, parts_.columns, parts_.order, parts_.index, parts_.masks, parts_.probe};
        RowList list(*frame_.arena);
        Search(shape, frame_, places.data()).all(list);
        return {list.rows().begin(), list.rows().end()};
    }
    ExplainedRow row(uint32_t number) const {
        ExplainedRow out;
        out.row = number;
        const TableRow& source = parts_.source.rows[number];
        for (uint32_t c = 0; c < parts_.columns.size(); ++c) {
            ExplainedCell cell{c, source.inputs[c].text, holds(c, parts_.inputs.row(number)[c])};
            out.failed += !cell.holds;
            out.cells.push_back(cell);
        }
        return out;
    }
    // The rows that failed in the fewest cells, in table order among equals.
    std::vector<uint32_t> nearest(size_t count) const {
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
        std::vector<uint32_t> rows;
        for (const Miss& miss : best) rows.push_back(miss.row);
        return rows;
    }
    // The rows that made the answer, in its order.
    std::vector<uint32_t> used(std::vector<uint32_t> matched) const {
        Hit hit = parts_.source.hit;
        if (matched.empty()) return matched;
        Answer answer(parts_.source, parts_.outputs, parts_.results, frame_);
        if (hit == Hit::priority || hit == Hit::output_order) answer.by_priority(matched);
        bool single = hit == Hit::first || hit == Hit::unique || hit == Hit::priority || hit == Hit::any;
        if (single) matched.erase(matched.begin() + 1, matched.end());
        return matched;
    }
    void add_outputs(ExplainedRow& row) const {
        Answer answer(parts_.source, parts_.outputs, parts_.results, frame_);
        for (size_t o = 0; o < parts_.outputs.size(); ++o) row.outputs.push_back(answer.cell(row.row, o));
    }

 private:
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
    std::span<const Value> inputs_;
    std::vector<Key> keys_;
};

Explanation explain(const Table& table, feel::Frame& frame, std::span<const Value> inputs, size_t nearest) {
    Explanation out;
    Match match;
    out.inputs.assign(inputs.begin(), inputs.end());
    out.answer = table.decide(frame, inputs, &match);
    out.conflict = match.conflict;
    out.default_used = match.default_used;
    Explainer explainer(table, frame, inputs);
    explainer.check_allowed(out);
    match.rows = explainer.matched();
    for (uint32_t row : match.rows) {
        out.matched.push_back(explainer.row(row));
        explainer.add_outputs(out.matched.back());
    }
    if (!match.conflict) out.used = explainer.used(std::move(match.rows));
    if (nearest == 0) return out;
    for (uint32_t row : explainer.nearest(nearest)) out.nearest.push_back(explainer.row(row));
    return out;
}

namespace {

std::string shown(const Value& value) {
    if (value.is_null()) return "null";
    std::string text = value::to_text(value);
    return value.kind == Kind::string ? fmt::format("\"{}\"", text) : text;
}

std::string numbers(const std::vector<uint32_t>& rows) {
    std::string text;
    for (size_t i = 0; i < rows.size(); ++i) text += fmt::format("{}{}", i > 0 ? ", " : "", rows[i] + 1);
    return text;
}

std::string outputs_of(const ExplainedRow& row, const TableSource& source) {
    std::string text;
    for (size_t o = 0; o < row.outputs.size(); ++o)
        text += fmt::format("{}{} = {}", o > 0 ? ", " : "", source.outputs[o].name, shown(row.outputs[o]));
    return text;
}

void add_row(std::string& out, const ExplainedRow& row, const TableSource& source, bool matched) {
    const TableRow& written = source.rows[row.row];
    if (matched) {
        out += fmt::format("row {} matches: {}\n", row.row + 1, outputs_of(row, source));
    } else {
        out += fmt::format("row {} fails in {} cell{}\n", row.row + 1, row.failed, row.failed == 1 ? "" : "s");
    }
    if (!written.annotation.empty()) out += fmt::format("  why: {}\n", written.annotation);
}

void add_cells(std::string& out, const Explanation& explanation, const ExplainedRow& row, const TableSource& source,
               bool held) {
    for (const ExplainedCell& cell : row.cells) {
        if (cell.holds != held || cell.text == "-") continue;
        out += fmt::format("  {} is {}, which {} '{}'\n", source.inputs[cell.column].expression.text,
                           shown(explanation.inputs[cell.column]), held ? "meets" : "does not meet", cell.text);
    }
}

std::string outcome_of(const Explanation& explanation, const TableSource& source) {
    if (explanation.conflict) return std::string(explanation.answer.null_reason->text);
    std::string answer = shown(explanation.answer);
    if (explanation.default_used)
        return fmt::format("no row of decision '{}' matches; its default is {}", source.name, answer);
    if (explanation.matched.empty())
        return fmt::format("no row of decision '{}' matches; the answer is {}", source.name, answer);
    return fmt::format("decision '{}' (hit policy {}) answers {} by row{} {}", source.name, hit_name(source.hit),
                       answer, explanation.used.size() == 1 ? "" : "s", numbers(explanation.used));
}

}  // namespace

std::string describe(const Explanation& explanation, const Table& table) {
    const TableSource& source = table.source();
    std::string out = outcome_of(explanation, source) + "\n";
    for (size_t c = 0; c < explanation.inputs.size(); ++c)
        out += fmt::format("input {} = {}\n", source.inputs[c].expression.text, shown(explanation.inputs[c]));
    for (uint32_t column : explanation.not_allowed) {
        out +=
            fmt::format("{} is {}, which its allowed values '{}' do not hold\n", source.inputs[column].expression.text,
                        shown(explanation.inputs[column]), source.inputs[column].allowed.text);
    }
    for (const ExplainedRow& row : explanation.matched) {
        add_row(out, row, source, true);
        add_cells(out, explanation, row, source, true);
    }
    if (explanation.nearest.empty()) return out;
    out += "nearest misses:\n";
    for (const ExplainedRow& row : explanation.nearest) {
        add_row(out, row, source, false);
        add_cells(out, explanation, row, source, false);
    }
    return out;
}

}  // namespace leat::decision
