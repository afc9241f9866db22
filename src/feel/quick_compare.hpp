// Comparisons as they nearly always are, inline: numbers whose coefficients fit 64 bits, and texts.
#pragma once
#include <cstdint>

#include "value/same_text.hpp"
#include "value/value.hpp"

namespace leat::feel {

inline constexpr int64_t kPowersOfTen[] = {
    1,          10,          100,           1'000,          10'000,          100'000,          1'000'000,
    10'000'000, 100'000'000, 1'000'000'000, 10'000'000'000, 100'000'000'000, 1'000'000'000'000};

inline bool fits_64(const Value& number) {
    return number.bits.high == static_cast<uint64_t>(static_cast<int64_t>(number.bits.low) >> 63);
}

// Coefficients of 64 bits are brought to one scale here: `amount >= 1000` compares a scale of 2 with one of 0.
inline int compare_numbers(const Value& a, const Value& b) {
    int apart = a.exponent - b.exponent;
    if (apart == 0 && fits_64(a) && fits_64(b)) {
        auto left = static_cast<int64_t>(a.bits.low), right = static_cast<int64_t>(b.bits.low);
        return left < right ? -1 : left > right;
    }
    if (fits_64(a) && fits_64(b) && apart >= -12 && apart <= 12) {
        __int128 left = static_cast<int64_t>(a.bits.low), right = static_cast<int64_t>(b.bits.low);
        if (apart > 0)
            left *= kPowersOfTen[apart];
        else
            right *= kPowersOfTen[-apart];
        return left < right ? -1 : left > right;
    }
    auto full = Decimal::compare(a.as_number(), b.as_number());
    return full < 0 ? -1 : full > 0;
}

inline bool same_text(const Value& a, const Value& b) {
    return value::same_text(a.as_string(), b.as_string());
}

}  // namespace leat::feel
