#include "value/decimal.hpp"

#include <algorithm>
#include <array>

#include "value/decimal128.hpp"

namespace leat::value {

namespace {

using Wide = __int128;
using Unsigned = unsigned __int128;

constexpr std::array<Wide, 39> make_powers() {
    std::array<Wide, 39> powers{};
    powers[0] = 1;
    for (size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
    return powers;
}
constexpr std::array<Wide, 39> kPower = make_powers();  // 10^0 … 10^38

bool fits_64(Wide c) {
    return c == static_cast<int64_t>(c);
}

Unsigned magnitude(Wide c) {
    return c < 0 ? -static_cast<Unsigned>(c) : static_cast<Unsigned>(c);
}

// Digits of |c|; 0 has none.
int digits(Wide c) {
    Unsigned m = magnitude(c);
    // 10^n is near 2^(3.32 n): the binary length gives the count or one too few.
    auto high = static_cast<uint64_t>(m >> 64);
    int bits = high ? 128 - __builtin_clzll(high) : m ? 64 - __builtin_clzll(static_cast<uint64_t>(m)) : 0;
    int guess = bits * 1233 >> 12;
    return guess + (m >= static_cast<Unsigned>(kPower[static_cast<size_t>(guess)]) && m != 0 ? 1 : 0);
}

// quotient * divisor + rest = value, all of one sign; should the quotient move away from zero?
template <class Integer>
bool rounds_up(Integer quotient, Integer rest, Integer divisor, bool negative, Rounding rounding) {
    if (rest == 0) return false;
    switch (rounding) {
        case Rounding::up:
            return true;
        case Rounding::down:
            return false;
        case Rounding::ceiling:
            return !negative;
        case Rounding::floor:
            return negative;
        default:
            break;
    }
    Integer lost = rest < 0 ? -rest : rest;
    Integer left = divisor - lost;
    if (lost != left) return lost > left;
    if (rounding == Rounding::half_up) return true;
    if (rounding == Rounding::half_down) return false;
    return (quotient & 1) != 0;
}

// c / 10^places, rounded.
Wide shift_down(Wide c, int places, Rounding rounding) {
    bool negative = c < 0;
    if (places > 38) {  // |c| < 10^34 is far below half of 10^39
        bool up = c != 0 && (rounding == Rounding::up || (rounding == Rounding::ceiling && !negative) ||
                             (rounding == Rounding::floor && negative));
        return up ? (negative ? -1 : 1) : 0;
    }
    Wide divisor = kPower[static_cast<size_t>(places)];
    if (fits_64(c) && places <= 18) {
        auto small = static_cast<int64_t>(c);
        auto by = static_cast<int64_t>(divisor);
        int64_t whole = small / by;
        if (rounds_up(whole, small - whole * by, by, negative, rounding)) whole += negative ? -1 : 1;
        return whole;
    }
    Wide quotient = c / divisor;
    Wide rest = c - quotient * divisor;
    if (rounds_up(quotient, rest, divisor, negative, rounding)) quotient += negative ? -1 : 1;
    return quotient;
}

}  // namespace

bool Decimal::is_integer() const {
    if (exponent_ >= 0 || coefficient_ == 0) return true;
    if (exponent_ < -kDigitsMax) return false;
    if (fits_64(coefficient_) && exponent_ >= -18) {
        return static_cast<int64_t>(coefficient_) % static_cast<int64_t>(kPower[static_cast<size_t>(-exponent_)]) == 0;
    }
    return coefficient_ % kPower[static_cast<size_t>(-exponent_)] == 0;
}

std::optional<int64_t> Decimal::to_int64() const {
    if (coefficient_ == 0) return 0;
    Wide c = coefficient_;
    if (exponent_ < 0) {
        if (!is_integer()) return std::nullopt;
        c /= kPower[static_cast<size_t>(-exponent_)];
    } else if (exponent_ > 0) {
        if (exponent_ > 18 || !fits_64(c)) return std::nullopt;
        c *= kPower[static_cast<size_t>(exponent_)];
    }
    if (!fits_64(c)) return std::nullopt;
    return static_cast<int64_t>(c);
}

std::optional<Decimal> Decimal::add_general(Decimal a, Decimal b) {
    int apart = a.exponent_ - b.exponent_;
    if (apart < 0) {
        std::swap(a, b);
        apart = -apart;
    }
    // a has the larger exponent: bring it down to b's where 128 bits hold the sum.
    if (apart <= 18 && fits_64(a.coefficient_)) {
        Wide sum = a.coefficient_ * kPower[static_cast<size_t>(apart)] + b.coefficient_;
        if (sum < kCoefficientEnd && sum > -kCoefficientEnd) return make(sum, b.exponent_);
    }
    return decimal128::add(a, b);
}

std::optional<Decimal> Decimal::multiply_general(Decimal a, Decimal b) {
    return decimal128::multiply(a, b);
}

std::optional<Decimal> Decimal::divide(Decimal a, Decimal b) {
    if (b.coefficient_ == 0) return std::nullopt;
    int exponent = a.exponent_ - b.exponent_;
    if (fits_64(a.coefficient_) && fits_64(b.coefficient_) && exponent >= kExponentMin && exponent <= kExponentMax) {
        auto dividend = static_cast<int64_t>(a.coefficient_);
        auto divisor = static_cast<int64_t>(b.coefficient_);
        if (divisor == -1) return make(-a.coefficient_, exponent);  // INT64_MIN / -1 has no 64-bit answer
        if (dividend % divisor == 0) return make(dividend / divisor, exponent);
        // By a hundred and the like: the point moves, and zeros that are not needed go.
        int places = 0;
        while (divisor % 10 == 0) {
            divisor /= 10;
            places++;
        }
        if (divisor == 1 && exponent - places >= kExponentMin) {
            for (; places > 0 && dividend % 10 == 0; places--) dividend /= 10;
            return make(dividend, exponent - places);
        }
    }
    return decimal128::divide(a, b);
}

std::optional<Decimal> Decimal::remainder(Decimal a, Decimal b) {
    if (b.coefficient_ == 0) return std::nullopt;
    if (a.exponent_ == b.exponent_) {
        if (fits_64(a.coefficient_) && fits_64(b.coefficient_) && b.coefficient_ != -1) {
            return make(static_cast<int64_t>(a.coefficient_) % static_cast<int64_t>(b.coefficient_), a.exponent_);
        }
        return make(a.coefficient_ % b.coefficient_, a.exponent_);
    }
    if (!divide_integer(a, b)) return std::nullopt;
    return decimal128::remainder(a, b);
}

std::optional<Decimal> Decimal::divide_integer(Decimal a, Decimal b) {
    if (b.coefficient_ == 0) return std::nullopt;
    if (a.coefficient_ == 0) return Decimal{};
    // Cut to 34 digits and then to a whole number is the same as cut once.
    std::optional<Decimal> quotient = decimal128::divide_towards_zero(a, b);
    if (!quotient || digits(quotient->coefficient_) + quotient->exponent_ > kDigitsMax) return std::nullopt;
    return quotient->rescale(0, Rounding::down);
}

std::optional<Decimal> Decimal::modulo(Decimal a, Decimal b) {
    if (b.coefficient_ == 0) return std::nullopt;
    std::optional<Decimal> rest = a.exponent_ == b.exponent_ ? remainder(a, b) : decimal128::remainder(a, b);
    if (!rest || rest->is_zero() || rest->is_negative() == b.is_negative()) return rest;
    return add(*rest, b);
}

std::optional<Decimal> Decimal::fused_multiply_add(Decimal a, Decimal b, Decimal c) {
    return decimal128::fused_multiply_add(a, b, c);
}

std::strong_ordering Decimal::compare_general(Decimal a, Decimal b) {
    int sign_a = (a.coefficient_ > 0) - (a.coefficient_ < 0);
    int sign_b = (b.coefficient_ > 0) - (b.coefficient_ < 0);
    if (sign_a != sign_b) return sign_a <=> sign_b;
    if (sign_a == 0) return std::strong_ordering::equal;
    int apart = a.exponent_ - b.exponent_;
    if (apart > 0 && apart <= 18 && fits_64(a.coefficient_)) {
        return order(a.coefficient_ * kPower[static_cast<size_t>(apart)], b.coefficient_);
    }
    if (apart < 0 && apart >= -18 && fits_64(b.coefficient_)) {
        return order(a.coefficient_, b.coefficient_ * kPower[static_cast<size_t>(-apart)]);
    }
    int top_a = digits(a.coefficient_) + a.exponent_;
    int top_b = digits(b.coefficient_) + b.exponent_;
    if (top_a != top_b)
        return (top_a <=> top_b) == (sign_a <=> 0) ? std::strong_ordering::greater : std::strong_ordering::less;
    // Of one magnitude: the exponents are at most 33 apart, and the scaled coefficient has at most 34 digits.
    if (apart > 0) return order(a.coefficient_ * kPower[static_cast<size_t>(apart)], b.coefficient_);
    return order(a.coefficient_, b.coefficient_ * kPower[static_cast<size_t>(-apart)]);
}

std::optional<Decimal> Decimal::rescale(int scale, Rounding rounding) const {
    if (scale > -kExponentMin || scale < -kExponentMax) return std::nullopt;
    int places = exponent_ + scale;  // how far the coefficient moves up
    if (places == 0) return *this;
    if (coefficient_ == 0) return make(0, -scale);
    if (places > 0) {
        if (places + digits(coefficient_) > kDigitsMax) return std::nullopt;
        return make(coefficient_ * kPower[static_cast<size_t>(places)], -scale);
    }
    return make(shift_down(coefficient_, -places, rounding), -scale);
}

Decimal Decimal::reduce() const {
    if (coefficient_ == 0) return {};
    Wide c = coefficient_;
    int exponent = exponent_;
    while (!fits_64(c) && c % 10 == 0 && exponent < kExponentMax) {
        c /= 10;
        ++exponent;
    }
    if (fits_64(c)) {
        auto small = static_cast<int64_t>(c);
        while (small % 10 == 0 && exponent < kExponentMax) {
            small /= 10;
            ++exponent;
        }
        c = small;
    }
    return make(c, exponent);
}

}  // namespace leat::value
