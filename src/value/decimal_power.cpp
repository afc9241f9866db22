// Decimal::power: whole exponents exactly where 34 digits hold the result, everything else by decimal128's pow.
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
    if (!rounded || rounded->exponent() != a.exponent() + b.exponent() || rounded->coefficient() != product) return std::nullopt;
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

}  // namespace

std::optional<Decimal> Decimal::power(Decimal a, Decimal b) {
    if (b.is_zero()) return Decimal(1);
    if (a.is_zero()) return b.is_negative() ? std::nullopt : std::optional<Decimal>(Decimal());
    if (std::optional<int64_t> whole = b.to_int64()) {
        uint64_t exponent = *whole < 0 ? -static_cast<uint64_t>(*whole) : static_cast<uint64_t>(*whole);
        if (auto exact = power_exact(a, exponent)) return *whole < 0 ? divide(1, *exact) : exact;
    }
    return decimal128::power(a, b);
}

}  // namespace leat::value
