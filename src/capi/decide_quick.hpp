// The quick door of decisions: tables of constants over plain inputs, without frame, arena or anything that may fail.
// What it does not take goes the other way (decide.cpp), which says what is wrong.
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "capi/decide.hpp"

namespace leat::capi {

// As of leat_decision::quick_columns.
std::vector<uint32_t> quick_columns_of(const leat_decision& decision);
inline bool is_quick(const leat_decision& decision) {
    return !decision.quick_columns.empty();
}

// One decision. False: decide in the other way.
bool decide_quickly(leat_value* out, const leat_decision& decision, leat_scratch& scratch,
                    const leat_value* inputs) noexcept;

// Decisions whose inputs are converted together, column by column: a bit each.
inline constexpr size_t kBlock = 64;

constexpr uint64_t bits_of(size_t count) {
    return count < 64 ? (uint64_t{1} << count) - 1 : UINT64_MAX;
}

// As many decisions as a block has, of one output each; `kept` is for leat_scratch_null_reason(). Answers which of them
// have to be made in the other way, as bits.
uint64_t decide_block(leat_value* out, Value* kept, const leat_decision& decision, Arena& arena,
                      const leat_column* columns, size_t begin, size_t count) noexcept;

// --- values, as both ways convert them ---

inline constexpr int16_t kScaleNear = 6000;  // well inside of what a number may have

// In one store: a header put together bytewise is slow to be read whole.
inline void set_header(Value& place, Kind kind, int16_t exponent, uint32_t aux) {
    static_assert(offsetof(Value, exponent) == 2 && offsetof(Value, aux) == 4);
    if constexpr (std::endian::native == std::endian::little) {
        uint64_t header = static_cast<uint64_t>(kind) | static_cast<uint64_t>(static_cast<uint16_t>(exponent)) << 16 |
                          static_cast<uint64_t>(aux) << 32;
        std::memcpy(static_cast<void*>(&place), &header, sizeof header);
    } else {
        place.kind = kind;
        place.flags = 0;
        place.exponent = exponent;
        place.aux = aux;
    }
}

inline void give_number(const Value& value, leat_value* out) {
    out->kind = LEAT_KIND_NUMBER;
    out->reserved = 0;
    out->scale = static_cast<int16_t>(-value.exponent);
    out->size = 0;
    out->as.number.low = value.bits.low;
    out->as.number.high = value.bits.high;
}

}  // namespace leat::capi
