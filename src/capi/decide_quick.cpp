#include "capi/decide_quick.hpp"

#include <algorithm>

#include "capi/value.hpp"

namespace leat::capi {

static_assert(static_cast<int>(Kind::string) == LEAT_KIND_STRING && static_cast<int>(Kind::date) == LEAT_KIND_DATE &&
              static_cast<int>(Kind::number) == LEAT_KIND_NUMBER &&
              static_cast<int>(Kind::boolean) == LEAT_KIND_BOOLEAN);

namespace {

constexpr size_t kQuickMax = 16;  // inputs

// Numbers of 64 bits, texts (unlooked at), booleans and dates; false: the other door has to look at it.
inline bool put_quickly(Value& place, const leat_value& given, const DecisionInput& input) {
    auto low = static_cast<int64_t>(given.as.number.low);
    if (given.kind > LEAT_KIND_RECORD || (input.kinds >> given.kind & 1) == 0) return false;
    if (given.kind == LEAT_KIND_STRING) {
        set_header(place, Kind::string, 0, given.size);
        place.text = given.as.text;
        return given.as.text != nullptr;
    }
    if (given.kind == LEAT_KIND_NUMBER) {
        set_header(place, Kind::number, static_cast<int16_t>(-given.scale), 0);
        place.bits = {given.as.number.low, given.as.number.high};
        return given.as.number.high == static_cast<uint64_t>(low >> 63) && given.scale >= -kScaleNear &&
               given.scale <= kScaleNear;
    }
    if (given.kind == LEAT_KIND_BOOLEAN) {
        place = Value::boolean(given.as.integer != 0);
        return true;
    }
    value::Date date{given.as.integer};
    if (given.kind != LEAT_KIND_DATE || !date.in_range()) return false;
    place = Value::of(date);
    return true;
}

// A decision of constants, where nothing can fail; false: decide in the other way. `kept` is the answer for
// leat_scratch_null_reason().
inline bool decide_one(leat_value* out, Value& kept, const leat_decision& decision, const Value* inputs,
                       Arena& arena) noexcept {
    const Value* answer = decision.decision->table->quick(inputs, decision.quick_columns.data());
    if (answer == nullptr) return false;
    if (answer->kind == Kind::number)
        give_number(*answer, out);
    else if (answer->kind <= Kind::string)
        *out = from_value(*answer, arena);
    else
        return false;
    kept = *answer;
    return true;
}

// Values that are written before they are read.
template <size_t Count>
class ValueRoom {
 public:
    Value* data() { return reinterpret_cast<Value*>(here_); }

 private:
    alignas(Value) unsigned char here_[Count * sizeof(Value)];
};

// The values begin … begin + count of a column into every stride-th place. Answers which of them the quick door does
// not take, as bits.
uint64_t put_block(Value* place, size_t stride, const leat_column& column, const DecisionInput& input, size_t begin,
                   size_t count) {
    const uint64_t all = bits_of(count);
    uint64_t other = 0;
    auto each = [&](const auto& put_one) {
        for (size_t i = 0; i < count; ++i, place += stride) {
            if (!put_one(*place, begin + i)) other |= uint64_t{1} << i;
        }
    };
    const bool values = column.kind == LEAT_COLUMN_VALUES;
    if (!values && (input.kinds >> column.kind & 1) == 0) return all;
    if (column.kind == LEAT_KIND_NUMBER) {
        if (column.scale < -kScaleNear || column.scale > kScaleNear) return all;
        const auto* numbers = static_cast<const int64_t*>(column.values);
        each([&, exponent = static_cast<int16_t>(-column.scale)](Value& to, size_t i) {
            set_header(to, Kind::number, exponent, 0);
            to.bits = {static_cast<uint64_t>(numbers[i]), static_cast<uint64_t>(numbers[i] >> 63)};
            return true;
        });
    } else if (column.kind == LEAT_KIND_STRING) {
        const auto* bytes = static_cast<const char*>(column.values);
        each([&](Value& to, size_t i) {
            uint32_t from = column.offsets[i], end = column.offsets[i + 1];
            set_header(to, Kind::string, 0, end - from);
            to.text = bytes + from;
            return from <= end;
        });
    } else if (values) {
        const auto* given = static_cast<const leat_value*>(column.values);
        each([&](Value& to, size_t i) { return put_quickly(to, given[i], input); });
    } else if (column.kind == LEAT_KIND_BOOLEAN) {
        const auto* truths = static_cast<const uint8_t*>(column.values);
        each([&](Value& to, size_t i) {
            to = Value::boolean(truths[i] != 0);
            return true;
        });
    } else {
        return all;
    }
    if (column.valid != nullptr) {
        for (size_t i = 0; i < count; ++i) {
            if ((column.valid[(begin + i) / 8] >> ((begin + i) % 8) & 1) == 0) other |= uint64_t{1} << i;
        }
    }
    return other;
}

}  // namespace

// Every input has to be one that some column looks at: what no column looks at would go unchecked.
std::vector<uint32_t> quick_columns_of(const leat_decision& decision) {
    const program::Decision& of = *decision.decision;
    if (!of.table || !of.requirements.empty() || of.input_defaults || decision.inputs.size() > kQuickMax) return {};
    const bool of_entity = of.entity != program::kNone;
    std::vector<uint32_t> columns;
    std::vector<bool> seen(decision.inputs.size(), false);
    for (const decision::Table::Place& place : of.table->quick_columns()) {
        if (place.field != of_entity) return {};
        size_t at = 0;
        while (at < decision.inputs.size() && decision.inputs[at].place != place.index) ++at;
        if (at == decision.inputs.size()) return {};
        seen[at] = true;
        columns.push_back(static_cast<uint32_t>(at));
    }
    if (std::find(seen.begin(), seen.end(), false) != seen.end()) return {};
    return columns;
}

bool decide_quickly(leat_value* out, const leat_decision& decision, leat_scratch& scratch,
                    const leat_value* inputs) noexcept {
    ValueRoom<kQuickMax> room;
    Value* values = room.data();
    const size_t count = decision.inputs.size();
    const DecisionInput* input = decision.inputs.data();
    for (size_t i = 0; i < count; ++i) {
        if (!put_quickly(values[i], inputs[i], input[i])) return false;
    }
    scratch.answers.resize(1);
    return decide_one(out, scratch.answers[0], decision, values, scratch.arena);
}

uint64_t decide_block(leat_value* out, Value* kept, const leat_decision& decision, Arena& arena,
                      const leat_column* columns, size_t begin, size_t count) noexcept {
    ValueRoom<kBlock * kQuickMax> room;
    const size_t width = decision.inputs.size();
    uint64_t other = 0;
    for (size_t c = 0; c < width; ++c)
        other |= put_block(room.data() + c, width, columns[c], decision.inputs[c], begin, count);
    for (size_t i = 0; i < count; ++i) {
        if ((other >> i & 1) == 0 && !decide_one(out + i, kept[i], decision, room.data() + i * width, arena))
            other |= uint64_t{1} << i;
    }
    return other;
}

}  // namespace leat::capi
