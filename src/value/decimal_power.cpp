// Decimal::power and its kin. Whole exponents are exact where 34 digits hold the result and else computed with more
// than 70 digits and rounded once: interest of thirty years must be right to the last digit, and decimal128's pow is
// not.
#include <array>

#include "value/decimal.hpp"
#include "value/decimal128.hpp"

namespace leat::value {

namespace {

// a * b where the product needs no rounding, else nullopt.
std::optional<Decimal> multiply_exact(Decimal a, Decimal b) {
    a = a.reduce();
    b = b.reduce();
    __int128 product = 0;
    if (__builtin_mul_overflow(a.coefficient(), b.coefficient(), &product)) return std::nullopt;
    std::optional<Decimal> rounded = Decimal::multiply(a, b);
    if (!rounded || rounded->exponent() != a.exponent() + b.exponent() || rounded->coefficient() != product)
        return std::nullopt;
    return rounded;
}

std::optional<Decimal> power_exact(Decimal base, uint64_t exponent) {
    Decimal result = 1;
    for (;;) {
        if (exponent & 1) {
            auto next = multiply_exact(result, base);
            if (!next) return std::nullopt;
            result = *next;
        }
        exponent >>= 1;
        if (exponent == 0) return result;
        auto square = multiply_exact(base, base);
        if (!square) return std::nullopt;
        base = *square;
    }
}

// A positive number with a coefficient of five limbs of 18 digits, the lowest first.
constexpr size_t kLimbs = 5;
constexpr uint64_t kLimb = 1'000'000'000'000'000'000;
constexpr int64_t kFar = 1'000'000;  // an exponent beyond every Decimal

struct Wide {
    std::array<uint64_t, kLimbs> limbs{};
    int64_t exponent = 0;  // of ten
};

Wide wide_of(unsigned __int128 coefficient, int exponent) {
    Wide wide;
    for (size_t i = 0; coefficient != 0; ++i, coefficient /= kLimb)
        wide.limbs[i] = static_cast<uint64_t>(coefficient % kLimb);
    wide.exponent = exponent;
    return wide;
}

// 1 / (coefficient * 10^exponent), cut to the limbs.
Wide reciprocal(unsigned __int128 coefficient, int exponent) {
    Wide wide;
    unsigned __int128 rest = 1;
    int64_t places = 0;
    for (; rest < coefficient; rest *= 10) ++places;  // leading zeros hold no digits
    for (size_t i = kLimbs; i-- > 0;) {
        // The first digit of the quotient stands in the highest limb, with 17 more behind it.
        for (int digit = 0; digit < 18; ++digit) {
            wide.limbs[i] = wide.limbs[i] * 10 + static_cast<uint64_t>(rest / coefficient);
            rest = rest % coefficient * 10;
        }
    }
    wide.exponent = -exponent - places - static_cast<int64_t>(kLimbs * 18 - 1);
    return wide;
}

// The product, cut to the highest limbs that are in use.
Wide multiply(const Wide& a, const Wide& b) {
    std::array<uint64_t, 2 * kLimbs> product{};
    unsigned __int128 carry = 0;
    for (size_t k = 0; k < 2 * kLimbs; ++k) {
        unsigned __int128 sum = carry;  // at most five products below 10^36 and a carry: far within 128 bits
        for (size_t i = k < kLimbs ? 0 : k - kLimbs + 1; i < kLimbs && i <= k; ++i) {
            sum += static_cast<unsigned __int128>(a.limbs[i]) * b.limbs[k - i];
        }
        product[k] = static_cast<uint64_t>(sum % kLimb);
        carry = sum / kLimb;
    }
    size_t used = 2 * kLimbs;
    while (used > kLimbs && product[used - 1] == 0) --used;
    size_t dropped = used - kLimbs;
    Wide result;
    for (size_t i = 0; i < kLimbs; ++i) result.limbs[i] = product[i + dropped];
    result.exponent = a.exponent + b.exponent + static_cast<int64_t>(dropped * 18);
    return result;
}

std::optional<Decimal> round(const Wide& wide, bool negative) {
    std::string text = negative ? "-" : "";
    for (size_t i = kLimbs; i-- > 0;) {
        std::string limb = std::to_string(wide.limbs[i]);
        text.append(18 - limb.size(), '0');
        text += limb;
    }
    return Decimal::parse(text + "E" + std::to_string(wide.exponent));
}

std::optional<Decimal> power_wide(Decimal a, uint64_t exponent, bool inverse) {
    bool negative = a.is_negative() && (exponent & 1) != 0;
    a = a.abs().reduce();
    auto coefficient = static_cast<unsigned __int128>(a.coefficient());
    Wide base = inverse ? reciprocal(coefficient, a.exponent()) : wide_of(coefficient, a.exponent());
    Wide result = wide_of(1, 0);
    for (;;) {
        if (exponent & 1) result = multiply(result, base);
        exponent >>= 1;
        // Once the base has left the range of exponents, so has the result.
        if (exponent == 0 || base.exponent > kFar || base.exponent < -kFar) break;
        base = multiply(base, base);
    }
    if (exponent != 0) result = multiply(result, base);
    return round(result, negative);
}

}  // namespace

std::optional<Decimal> Decimal::power(Decimal a, Decimal b) {
    if (b.is_zero()) return Decimal(1);
    if (a.is_zero()) return b.is_negative() ? std::nullopt : std::optional<Decimal>(Decimal());
    if (std::optional<int64_t> whole = b.to_int64()) {
        bool inverse = *whole < 0;
        uint64_t exponent = inverse ? -static_cast<uint64_t>(*whole) : static_cast<uint64_t>(*whole);
        std::optional<Decimal> exact = power_exact(a, exponent);
        if (exact && !inverse) return exact;
        if (exact) return divide(1, *exact);
        return power_wide(a, exponent, inverse);
    }
    if (b == make(5, -1)) return square_root(a);
    return decimal128::power(a, b);
}

std::optional<Decimal> Decimal::square_root(Decimal a) {
    return decimal128::square_root(a);
}

std::optional<Decimal> Decimal::exponential(Decimal a) {
    return decimal128::exponential(a);
}

std::optional<Decimal> Decimal::logarithm(Decimal a) {
    if (a.is_zero() || a.is_negative()) return std::nullopt;
    return decimal128::logarithm(a);
}

}  // namespace leat::value
