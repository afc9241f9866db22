#include "feel/evaluation.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "feel/code.hpp"

namespace leat::feel {

Value Evaluation::fail(std::string_view reason_code, std::string_view text) {
    return Value::null(arena.make<NullReason>(NullReason{reason_code, {}, text, begin, end}));
}

Value Evaluation::fail_copy(std::string_view reason_code, const std::string& text) { return fail(reason_code, arena.copy(text)); }

Value Evaluation::null_of(const Value& a, const Value& b) {
    if (a.is_null() && a.null_reason) return a;
    if (b.is_null() && b.null_reason) return b;
    return Value();
}

void Evaluation::charge(uint64_t steps) {
    if (!frame.steps_left) return;
    if (*frame.steps_left < steps) {
        *frame.steps_left = 0;
        throw LimitError("limit.steps", fmt::format("the expression '{}' runs longer than its limit of steps", code.source.text.substr(0, 80)));
    }
    *frame.steps_left -= steps;
}

void Evaluation::check_list_size(uint64_t items) const {
    if (items > code.list_items_max) throw LimitError("limit.list", fmt::format("a list would have more than {} items", code.list_items_max));
}

ListBuilder::ListBuilder(Evaluation& evaluation, size_t capacity) : evaluation_(evaluation), capacity_(capacity) {
    if (capacity == 0) return;
    evaluation.check_list_size(capacity);
    items_ = evaluation.arena.array<Value>(capacity);
}

void ListBuilder::push(const Value& value) {
    if (count_ == capacity_) {
        size_t capacity = capacity_ == 0 ? 8 : capacity_ * 2;
        evaluation_.check_list_size(count_ + 1);
        Value* items = evaluation_.arena.array<Value>(capacity);
        std::copy_n(items_, count_, items);
        items_ = items;
        capacity_ = capacity;
    }
    items_[count_++] = value;
}

}  // namespace leat::feel
