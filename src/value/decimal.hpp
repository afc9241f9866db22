// Decimal: exact decimal numbers as IEEE 754-2008 decimal128 has them for finite values: 34 digits, half-even.
//
// A coefficient of up to 34 digits (113 bits, two's complement in 128) and a power of ten. Sums, products and
// comparisons of coefficients that fit 64 bits stay inline and cost a few nanoseconds; everything else goes through
// Intel's decimal library. There is no NaN, no infinity and no negative zero: what has no finite answer is nullopt,
// and FEEL turns that into null. The scale is kept (1.10 has two places) and does not take part in comparison.
//
// The room value holds what FEEL computes with and knows only base. It may not ask for the time, do I/O (reading
// the zone files is the one exception) or hold state (the table of zone names is the one exception). Start reading
// here, then temporal.hpp, then value.hpp.
#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace leat::value {

enum class Rounding : uint8_t { half_even, half_up, half_down, up, down, ceiling, floor };

class Decimal {
 public:
    static constexpr int kDigitsMax = 34;
    static constexpr int kExponentMin = -6176;
    static constexpr int kExponentMax = 6111;

    constexpr Decimal() = default;
    constexpr Decimal(int64_t integer) : coefficient_(integer) {}  // NOLINT: implicit, as integers are numbers
    // coefficient * 10^exponent; |coefficient| < 10^34, exponent -6176 … 6111.
    static constexpr Decimal make(__int128 coefficient, int exponent) {
        Decimal d;
        d.coefficient_ = coefficient;
        d.exponent_ = static_cast<int16_t>(exponent);
        return d;
    }
    // JSON's and FEEL's number syntax ("-1.50", ".5", "1e3"); nullopt for anything else or out of range. Digits beyond
    // 34 are rounded half-even.
    static std::optional<Decimal> parse(std::string_view text);

    __int128 coefficient() const { return coefficient_; }
    int exponent() const { return exponent_; }
    int scale() const { return exponent_ < 0 ? -exponent_ : 0; }  // digits after the point
    bool is_zero() const { return coefficient_ == 0; }
    bool is_negative() const { return coefficient_ < 0; }
    bool is_integer() const;                  // in value: 1.00 is
    std::optional<int64_t> to_int64() const;  // exact or nullopt
    double to_double() const;                 // the nearest; beyond double's range an infinity
    // Plain text without an exponent up to 40 digits (to keep money readable), the shortest that keeps the scale;
    // beyond that scientific. "1.10", "-0.5", "1E+50".
    std::string to_string() const;
    // The canonical form for logs and JSON: trailing zeros after the point cut, so that equal numbers are equal text.
    std::string to_canonical() const;

    static std::optional<Decimal> add(Decimal a, Decimal b) {
        if (a.exponent_ == b.exponent_) {
            __int128 sum = a.coefficient_ + b.coefficient_;  // 114 bits at most
            if (sum < kCoefficientEnd && sum > -kCoefficientEnd) return make(sum, a.exponent_);
        }
        return add_general(a, b);
    }
    static std::optional<Decimal> subtract(Decimal a, Decimal b) { return add(a, b.negate()); }
    static std::optional<Decimal> multiply(Decimal a, Decimal b) {
        if (fits_64(a.coefficient_) && fits_64(b.coefficient_)) {
            __int128 product = a.coefficient_ * b.coefficient_;
            int exponent = a.exponent_ + b.exponent_;
            if (product < kCoefficientEnd && product > -kCoefficientEnd && exponent >= kExponentMin &&
                exponent <= kExponentMax) {
                return make(product, exponent);
            }
        }
        return multiply_general(a, b);
    }
    static std::optional<Decimal> divide(Decimal a, Decimal b);  // nullopt for a zero divisor
    // decimal128's: sign of the dividend; nullopt for a zero divisor and where the quotient has more than 34 digits.
    static std::optional<Decimal> remainder(Decimal a, Decimal b);
    // decimal128's divide-integer: the quotient cut towards zero; nullopt as for remainder.
    static std::optional<Decimal> divide_integer(Decimal a, Decimal b);
    static std::optional<Decimal> modulo(Decimal a, Decimal b);  // FEEL's: sign of the divisor
    // Whole exponents and 0.5 rounded correctly, others within a few units of the 34th digit. nullopt: a negative base
    // with a broken exponent, zero to a negative power, out of range.
    static std::optional<Decimal> power(Decimal a, Decimal b);
    static std::optional<Decimal> square_root(Decimal a);  // nullopt for a negative number
    static std::optional<Decimal> exponential(Decimal a);  // e to the power of a
    static std::optional<Decimal> logarithm(Decimal a);    // natural; nullopt for zero and negative numbers
    static std::optional<Decimal> fused_multiply_add(Decimal a, Decimal b, Decimal c);
    static std::strong_ordering compare(Decimal a, Decimal b) {
        if (a.exponent_ == b.exponent_) return order(a.coefficient_, b.coefficient_);
        return compare_general(a, b);
    }
    Decimal negate() const { return make(-coefficient_, exponent_); }
    Decimal abs() const { return coefficient_ < 0 ? negate() : *this; }
    // To exactly `scale` digits after the point (negative: tens, hundreds); nullopt when that needs over 34 digits.
    std::optional<Decimal> rescale(int scale, Rounding rounding = Rounding::half_even) const;
    Decimal reduce() const;  // trailing zeros of the coefficient moved to the exponent

    friend bool operator==(Decimal a, Decimal b) { return compare(a, b) == 0; }
    friend std::strong_ordering operator<=>(Decimal a, Decimal b) { return compare(a, b); }

 private:
    static constexpr __int128 kCoefficientEnd =
        static_cast<__int128>(10'000'000'000'000'000) * 1'000'000'000'000'000'000;

    static constexpr bool fits_64(__int128 c) { return c == static_cast<int64_t>(c); }
    static constexpr std::strong_ordering order(__int128 a, __int128 b) {
        return a < b ? std::strong_ordering::less : a > b ? std::strong_ordering::greater : std::strong_ordering::equal;
    }
    static std::optional<Decimal> add_general(Decimal a, Decimal b);
    static std::optional<Decimal> multiply_general(Decimal a, Decimal b);
    static std::strong_ordering compare_general(Decimal a, Decimal b);

    __int128 coefficient_ = 0;
    int16_t exponent_ = 0;
};

}  // namespace leat::value

namespace leat {
using value::Decimal;
using value::Rounding;
}  // namespace leat
