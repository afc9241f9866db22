// Finding the rows that match, and making the answer that the hit policy asks for.
#include <algorithm>

#include "decision/answer.hpp"
#include "decision/search.hpp"

namespace leat::decision {

namespace {

// A null for a decision that met a limit; when even that finds no memory, the null goes without its text.
Value limited(Arena& arena, const LimitError& error) {
    static const NullReason kMemory{"limit.memory", {}, "the decisions need more memory than they may take", 0, 0};
    static const NullReason kSteps{"limit.steps", {}, "the decision needs more steps than it may take", 0, 0};
    try {
        NullReason reason{};
        reason.code = arena.copy(error.code());
        reason.text = arena.copy(error.what());
        return Value::null(arena.make<NullReason>(reason));
    } catch (const LimitError&) {
        return Value::null(error.code() == "limit.steps" ? &kSteps : &kMemory);
    }
}

}  // namespace

size_t Table::input_count() const {
    return parts_->columns.size();
}

void Table::input_values(feel::Frame& frame, Value* out) const {
    for (const Column& column : parts_->columns) {
        if (column.field >= 0 && frame.row)
            *out++ = frame.row[column.field];
        else if (column.local >= 0 && frame.locals)
            *out++ = frame.locals[column.local];
        else
            *out++ = column.input->evaluate(frame);
    }
}

Value Table::decide(feel::Frame& frame, Match* match) const {
    const std::vector<Column>& columns = parts_->columns;
    Scratch<const Value*> places(columns.size(), *frame.arena);
    Scratch<Value> values(columns.size(), *frame.arena);
    for (size_t i = 0; i < columns.size(); ++i) {
        if (columns[i].field >= 0 && frame.row)
            places[i] = frame.row + columns[i].field;
        else if (columns[i].local >= 0 && frame.locals)
            places[i] = frame.locals + columns[i].local;
        else
            places[i] = new (&values[i]) Value(columns[i].input->evaluate(frame));
    }
    return answer(frame, places.data(), match);
}

Value Table::decide(feel::Frame& frame, std::span<const Value> inputs, Match* match) const {
    Scratch<const Value*> places(inputs.size(), *frame.arena);
    for (size_t i = 0; i < inputs.size(); ++i) places[i] = &inputs[i];
    return answer(frame, places.data(), match);
}

Value Table::answer(feel::Frame& frame, const Value* const* inputs, Match* match) const {
    const Parts& parts = *parts_;
    Shape shape{parts.inputs, parts.columns, parts.order, parts.index, parts.masks, parts.probe};
    Search search(shape, frame, inputs);
    if (parts.source.hit == Hit::first) {
        uint32_t row = search.first();
        charge(frame, search.tried());
        return answer_of(frame, {&row, row == Search::kNobody ? size_t{0} : 1}, match);
    }
    RowList list(*frame.arena);
    search.all(list);
    charge(frame, search.tried());
    return answer_of(frame, list.rows(), match);
}

// What the rows that matched answer, under FIRST only the one that decides. They are put into the policy's order.
Value Table::answer_of(feel::Frame& frame, std::span<uint32_t> rows, Match* match) const {
    const Parts& parts = *parts_;
    Hit hit = parts.source.hit;
    Answer answer(parts.source, parts.outputs, parts.results, frame);
    bool conflict = rows.size() > 1 && (hit == Hit::unique || (hit == Hit::any && !answer.agree(rows)));
    if (match) {
        match->rows.assign(rows.begin(), rows.end());
        match->conflict = conflict;
        match->default_used = rows.empty() && parts.has_default;
    }
    if (conflict) return null_with(*frame.arena, "decision.conflict", answer.conflict_text(rows));
    if (!rows.empty()) return answer.of(rows);
    if (parts.has_default) return answer.defaults();
    bool empty_is_answer = !parts.source.none_is_null && (answers_lists(hit) || hit == Hit::collect_count);
    return empty_is_answer ? answer.of(rows) : Value::null(&parts.none);
}

void Table::decide_many(feel::Frame& frame, ColumnValues inputs, std::span<Value> answers) const {
    Scratch<Value> values(inputs.size(), *frame.arena);
    uint64_t steps = frame.steps_left ? *frame.steps_left : 0;
    for (size_t i = 0; i < answers.size(); ++i) {
        for (size_t c = 0; c < inputs.size(); ++c) values[c] = inputs[c][i];
        if (frame.steps_left) *frame.steps_left = steps;
        try {
            answers[i] = decide(frame, std::span<const Value>(values.data(), inputs.size()));
        } catch (const LimitError& error) {
            answers[i] = limited(*frame.arena, error);
        }
    }
}

void Table::decide_many(feel::Frame& frame, std::span<const Value> row_major, std::span<Value> answers) const {
    uint64_t steps = frame.steps_left ? *frame.steps_left : 0;
    size_t width = parts_->columns.size();
    for (size_t i = 0; i < answers.size(); ++i) {
        if (frame.steps_left) *frame.steps_left = steps;
        try {
            answers[i] = decide(frame, row_major.subspan(i * width, width));
        } catch (const LimitError& error) {
            answers[i] = limited(*frame.arena, error);
        }
    }
}

}  // namespace leat::decision
