#include "feel/evaluation.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "feel/code.hpp"

namespace leat::feel {

Value Evaluation::fail(std::string_view reason_code, std::string_view text) {
    return Value::null(arena.make<NullReason>(NullReason{reason_code, {}, text, begin, end}));
}

Value Evaluation::fail_copy(std::string_view reason_code, const std::string& text) {
    return fail(reason_code, arena.copy(text));
}

Value Evaluation::null_of(const Value& a, const Value& b) {
    if (a.is_null() && a.null_reason) return a;
    if (b.is_null() && b.null_reason) return b;
    return Value();
}

void Evaluation::charge(uint64_t steps) {
    if (!frame.steps_left) return;
    if (*frame.steps_left < steps) {
        *frame.steps_left = 0;
        throw LimitError("limit.steps", fmt::format("the expression '{}' runs longer than its limit of steps",
                                                    code.source.text.substr(0, 80)));
    }
    *frame.steps_left -= steps;
}

void Evaluation::check_list_size(uint64_t items) const {
    if (items > code.list_items_max)
        throw LimitError("limit.list", fmt::format("a list would have more than {} items", code.list_items_max));
}

namespace {

constexpr uint64_t kBulkMax = 1u << 24;  // 256 MiB written out: as much as a command's arena
constexpr int kNestingMax = 200;         // of lists and contexts: what walks over values recurses

}  // namespace

uint64_t Bulk::of(const Value& value) {
    switch (value.kind) {
        case Kind::string:
            return 1 + value.aux / 16;
        case Kind::list:
            return value.flags == 0 ? 1 + value.aux : static_cast<uint64_t>(std::exp2(value.flags / 8.0));
        case Kind::context:
            return value.flags == 0 ? 1 + value.context->count : static_cast<uint64_t>(std::exp2(value.flags / 8.0));
        case Kind::range:
            return 1 + of(value.range->low) + of(value.range->high);
        default:
            return 1;
    }
}

void Bulk::add(const Value& part) {
    bool nested = part.kind == Kind::list || part.kind == Kind::context;
    units_ += nested || part.kind == Kind::string || part.kind == Kind::range ? of(part) : 1;
    if (nested) depth_ = std::max<int>(depth_, part.exponent + 1);
}

Value Bulk::mark(Value whole) const {
    if (units_ > kBulkMax)
        throw LimitError("limit.memory", "a list or context holds more than 256 MiB when written out");
    if (depth_ > kNestingMax)
        throw LimitError("limit.depth", fmt::format("lists nest deeper than {} levels", kNestingMax));
    // Small ones need no logarithm: a missing mark counts the items.
    if (depth_ > 0 || units_ > 64)
        whole.flags = static_cast<uint8_t>(std::ceil(std::log2(static_cast<double>(units_)) * 8));
    whole.exponent = static_cast<int16_t>(depth_);
    return whole;
}

Value make_list(const Value* items, size_t count) {
    Bulk bulk;
    for (size_t i = 0; i < count; i++) bulk.add(items[i]);
    return bulk.mark(Value::list(items, count));
}

Value make_context(Arena& arena, const value::ContextEntry* entries, size_t count) {
    Bulk bulk;
    for (size_t i = 0; i < count; i++) bulk.add(entries[i].value);
    return bulk.mark(
        Value::context_of(arena.make<value::ContextData>(value::ContextData{entries, static_cast<uint32_t>(count)})));
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
    bulk_.add(value);
}

}  // namespace leat::feel
