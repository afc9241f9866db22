// Arithmetic as it nearly always is, inline: numbers whose coefficients fit 64 bits, before and after.
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "feel/quick_compare.hpp"
#include "value/value.hpp"

namespace leat::feel {

inline constexpr int kExponentNear = 1000;  // far inside of what a number may have

enum class Arithmetic : uint8_t { add, subtract, multiply };

// A value as two stores, the first of sixteen bytes: put together piece by piece it is slow to be read whole.
inline void set_value(Value& place, Kind kind, uint8_t flags, int16_t exponent, uint64_t low, uint64_t high) {
    static_assert(offsetof(Value, flags) == 1 && offsetof(Value, exponent) == 2 && offsetof(Value, aux) == 4 &&
                  offsetof(Value, bits) == 8);
    if constexpr (std::endian::native == std::endian::little) {
        using Pair [[gnu::vector_size(16)]] = uint64_t;
        uint64_t header = static_cast<uint64_t>(kind) | static_cast<uint64_t>(flags) << 8 |
                          static_cast<uint64_t>(static_cast<uint16_t>(exponent)) << 16;
        Pair pair = {header, low};
        std::memcpy(static_cast<void*>(&place), &pair, sizeof pair);
        place.bits.high = high;
    } else {
        place.kind = kind;
        place.flags = flags;
        place.exponent = exponent;
        place.aux = 0;
        place.bits = {low, high};
    }
}

inline void set_boolean(Value& place, bool truth) {
    set_value(place, Kind::boolean, truth, 0, 0, 0);
}

// Numbers of 64 bits in place; false leaves the rest to FEEL's full rule.
template <Arithmetic Operation>
inline bool compute_into(Value& place, const Value& a, const Value& b) {
    if (a.kind != Kind::number || b.kind != Kind::number || !fits_64(a) || !fits_64(b)) return false;
    auto left = static_cast<int64_t>(a.bits.low), right = static_cast<int64_t>(b.bits.low);
    int exponent = a.exponent;
    int64_t result;
    if constexpr (Operation == Arithmetic::multiply) {
        exponent += b.exponent;
        if (exponent > kExponentNear || exponent < -kExponentNear) return false;
        if (__builtin_mul_overflow(left, right, &result)) return false;
    } else {
        // The larger exponent is brought down to the other: 1 - 0.075 is 1.000 - 0.075.
        int apart = exponent - b.exponent;
        if (apart > 12 || apart < -12) return false;
        if (apart > 0 && __builtin_mul_overflow(left, kPowersOfTen[apart], &left)) return false;
        if (apart < 0 && __builtin_mul_overflow(right, kPowersOfTen[-apart], &right)) return false;
        if (apart > 0) exponent = b.exponent;
        bool over = Operation == Arithmetic::add ? __builtin_add_overflow(left, right, &result)
                                                 : __builtin_sub_overflow(left, right, &result);
        if (over) return false;
    }
    set_value(place, Kind::number, 0, static_cast<int16_t>(exponent), static_cast<uint64_t>(result),
              static_cast<uint64_t>(result >> 63));
    return true;
}

// By a number of few digits with an answer of few digits, as Decimal::divide has it: by 4, by a hundred.
inline bool divide_into(Value& place, const Value& a, const Value& b) {
    if (a.kind != Kind::number || b.kind != Kind::number || !fits_64(a) || !fits_64(b)) return false;
    auto dividend = static_cast<int64_t>(a.bits.low), divisor = static_cast<int64_t>(b.bits.low);
    int exponent = a.exponent - b.exponent;
    if (divisor <= 0 || exponent > kExponentNear || exponent < -kExponentNear) return false;
    int64_t quotient = dividend / divisor;
    if (quotient * divisor != dividend) {
        int places = 0;
        for (; divisor % 10 == 0; places++) divisor /= 10;
        if (divisor != 1) return false;
        quotient = dividend;
        for (; quotient % 10 == 0; places--) quotient /= 10;
        exponent -= places;
    }
    set_value(place, Kind::number, 0, static_cast<int16_t>(exponent), static_cast<uint64_t>(quotient),
              static_cast<uint64_t>(quotient >> 63));
    return true;
}

}  // namespace leat::feel
