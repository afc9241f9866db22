#include "decision/answer.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace leat::decision {

Value null_with(Arena& arena, std::string_view code, const std::string& text) {
    NullReason reason{};
    reason.code = code;
    reason.text = arena.copy(text);
    return Value::null(arena.make<NullReason>(reason));
}

std::string Answer::conflict_text(std::span<const uint32_t> rows) const {
    constexpr size_t kShown = 10;
    std::string list;
    for (size_t i = 0; i < rows.size() && i < kShown; ++i) list += fmt::format("{}{}", i > 0 ? ", " : "", rows[i] + 1);
    if (rows.size() > kShown) list += fmt::format(" and {} more", rows.size() - kShown);
    if (source_.hit == Hit::unique) {
        return fmt::format("rows {} of decision '{}' match at once, but its hit policy is unique", list, source_.name);
    }
    return fmt::format("rows {} of decision '{}' match with different outputs, but its hit policy is any", list,
                       source_.name);
}

Value Answer::of(std::span<uint32_t> rows) const {
    if (source_.hit == Hit::priority || source_.hit == Hit::output_order) by_priority(rows);
    switch (source_.hit) {
        case Hit::collect:
        case Hit::rule_order:
        case Hit::output_order:
            return list(rows);
        case Hit::collect_count:
            return Value::number(static_cast<int64_t>(rows.size()));
        case Hit::collect_sum:
            return sum(rows);
        case Hit::collect_min:
            return extreme(rows, false);
        case Hit::collect_max:
            return extreme(rows, true);
        default:
            return row(rows[0]);
    }
}

Value Answer::defaults() const {
    auto one = [&](size_t output) {
        const OutputParts& parts = outputs_[output];
        return parts.default_cell == OutputParts::kNone ? Value::null() : parts.value(parts.default_cell, frame_);
    };
    Value whole = outputs_.size() == 1 ? one(0) : context(one);
    if (source_.none_is_null || !answers_lists(source_.hit)) return whole;
    Value* items = frame_.arena->array<Value>(1);
    return Value::list(new (items) Value(whole), 1);
}

Value Answer::sum(std::span<const uint32_t> rows) const {
    Decimal total = 0;
    for (uint32_t number : rows) {
        Value item = cell(number, 0);
        if (item.kind != Kind::number) return unfit(number, item, "a number to add");
        std::optional<Decimal> next = Decimal::add(total, item.as_number());
        if (!next) return null_with(*frame_.arena, "feel.overflow", "the sum is too large for a number");
        total = *next;
    }
    return Value::number(total);
}

Value Answer::extreme(std::span<const uint32_t> rows, bool greatest) const {
    Value best = cell(rows[0], 0);
    for (uint32_t number : rows) {
        Value item = cell(number, 0);
        auto order = value::compare(item, best);
        if (!order) return unfit(number, item, "comparable with the others");
        if (greatest ? *order > 0 : *order < 0) best = item;
    }
    return best;
}

bool Answer::agree(std::span<const uint32_t> rows) const {
    for (size_t i = 1; i < rows.size(); ++i) {
        for (size_t o = 0; o < outputs_.size(); ++o) {
            bool same_text = results_.row(rows[0])[o] == results_.row(rows[i])[o];
            if (!same_text && !value::identical(cell(rows[0], o), cell(rows[i], o))) return false;
        }
    }
    return true;
}

void Answer::by_priority(std::span<uint32_t> rows) const {
    std::stable_sort(rows.begin(), rows.end(), [&](uint32_t a, uint32_t b) {
        for (size_t o = 0; o < outputs_.size(); ++o) {
            if (!outputs_[o].allowed) continue;
            uint32_t rank_a = rank(a, o), rank_b = rank(b, o);
            if (rank_a != rank_b) return rank_a < rank_b;
        }
        return false;
    });
}

Value Answer::unfit(uint32_t row, const Value& item, const char* what) const {
    if (item.is_null() && item.null_reason) return item;
    return null_with(*frame_.arena, "decision.aggregate",
                     fmt::format("the output of row {} of decision '{}' is not {}", row + 1, source_.name, what));
}

}  // namespace leat::decision
