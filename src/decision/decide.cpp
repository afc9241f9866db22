// Finding the rows that match, and making the answer that the hit policy asks for.
#include <algorithm>

#include "decision/answer.hpp"
#include "decision/search.hpp"

namespace leat::decision {

namespace {

void charge(feel::Frame& frame, size_t steps) {
    if (!frame.steps_left) return;
    if (*frame.steps_left < steps) {
        *frame.steps_left = 0;
        throw LimitError("limit.steps", "the decision needs more evaluation steps than a command may take");
    }
    *frame.steps_left -= steps;
}

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
        bool direct = column.field >= 0 && frame.row;
        *out++ = direct ? frame.row[column.field] : column.input->evaluate(frame);
    }
}

Value Table::decide(feel::Frame& frame, Match* match) const {
    Scratch<Value> values(parts_->columns.size(), *frame.arena);
    input_values(frame, values.data());
    return decide(frame, std::span<const Value>(values.data(), parts_->columns.size()), match);
}

Value Table::decide(feel::Frame& frame, std::span<const Value> inputs, Match* match) const {
    const Parts& parts = *parts_;
    Hit hit = parts.source.hit;
    Search search(parts.inputs, parts.columns, parts.order, frame, inputs);
    Answer answer(parts.source, parts.outputs, parts.results, frame);
    size_t tried = 1;
    if (hit == Hit::first && !match) {
        uint32_t best = UINT32_MAX;
        parts.index.candidates(search.keys(), [&](std::span<const uint32_t> rows) {
            tried += rows.size();
            for (uint32_t row : rows) {
                if (row >= best) break;
                if (search.matches(row)) best = row;
            }
        });
        charge(frame, tried);
        if (best != UINT32_MAX) return answer.row(best);
        return parts.has_default ? answer.defaults() : Value::null(&parts.none);
    }
    RowList list(*frame.arena);
    parts.index.candidates(search.keys(), [&](std::span<const uint32_t> rows) {
        tried += rows.size();
        for (uint32_t row : rows) {
            if (search.matches(row)) list.add(row);
        }
    });
    charge(frame, tried);
    list.sort();
    std::span<uint32_t> rows = list.rows();
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
