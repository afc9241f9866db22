#include "value/decimal128.hpp"

// How Debian builds libbidgcc000: arguments by value, rounding mode and flags as arguments.
#define DECIMAL_CALL_BY_REFERENCE 0
#define DECIMAL_GLOBAL_ROUNDING 0
#define DECIMAL_GLOBAL_EXCEPTION_FLAGS 0
#include <bid_conf.h>
#include <bid_functions.h>

namespace leat::value::decimal128 {

namespace {

constexpr int kBias = 6176;
constexpr unsigned kExponentShift = 49;  // within the high word: sign, 14 bits of exponent, 49 bits of coefficient
constexpr uint64_t kHighMask = (uint64_t{1} << kExponentShift) - 1;
constexpr unsigned kNearestEven = 0;  // Intel's numbers of the rounding modes
constexpr unsigned kTowardsZero = 3;

BID_UINT128 pack(Decimal d) {
    bool negative = d.is_negative();
    auto c = static_cast<unsigned __int128>(negative ? -d.coefficient() : d.coefficient());
    BID_UINT128 bits;
    bits.w[0] = static_cast<uint64_t>(c);
    bits.w[1] = static_cast<uint64_t>(c >> 64) | static_cast<uint64_t>(d.exponent() + kBias) << kExponentShift |
                (negative ? uint64_t{1} << 63 : 0);
    return bits;
}

std::optional<Decimal> unpack(const BID_UINT128& bits) {
    uint64_t high = bits.w[1];
    // 11110 and 11111 after the sign: infinity and NaN. The other long form (11…) is never a canonical result.
    if ((high & 0x6000000000000000u) == 0x6000000000000000u) return std::nullopt;
    auto c = static_cast<__int128>(static_cast<unsigned __int128>(high & kHighMask) << 64 | bits.w[0]);
    int exponent = static_cast<int>(high >> kExponentShift & 0x3fff) - kBias;
    return Decimal::make(high >> 63 ? -c : c, exponent);
}

}  // namespace

std::optional<Decimal> add(Decimal a, Decimal b) {
    _IDEC_flags flags = 0;
    return unpack(bid128_add(pack(a), pack(b), kNearestEven, &flags));
}

std::optional<Decimal> multiply(Decimal a, Decimal b) {
    _IDEC_flags flags = 0;
    return unpack(bid128_mul(pack(a), pack(b), kNearestEven, &flags));
}

std::optional<Decimal> divide(Decimal a, Decimal b) {
    _IDEC_flags flags = 0;
    return unpack(bid128_div(pack(a), pack(b), kNearestEven, &flags));
}

std::optional<Decimal> divide_towards_zero(Decimal a, Decimal b) {
    _IDEC_flags flags = 0;
    return unpack(bid128_div(pack(a), pack(b), kTowardsZero, &flags));
}

std::optional<Decimal> remainder(Decimal a, Decimal b) {
    _IDEC_flags flags = 0;
    return unpack(bid128_fmod(pack(a), pack(b), &flags));
}

std::optional<Decimal> fused_multiply_add(Decimal a, Decimal b, Decimal c) {
    _IDEC_flags flags = 0;
    return unpack(bid128_fma(pack(a), pack(b), pack(c), kNearestEven, &flags));
}

std::optional<Decimal> power(Decimal a, Decimal b) {
    _IDEC_flags flags = 0;
    return unpack(bid128_pow(pack(a), pack(b), kNearestEven, &flags));
}

std::optional<Decimal> square_root(Decimal a) {
    _IDEC_flags flags = 0;
    return unpack(bid128_sqrt(pack(a), kNearestEven, &flags));
}

std::optional<Decimal> exponential(Decimal a) {
    _IDEC_flags flags = 0;
    return unpack(bid128_exp(pack(a), kNearestEven, &flags));
}

std::optional<Decimal> logarithm(Decimal a) {
    _IDEC_flags flags = 0;
    return unpack(bid128_log(pack(a), kNearestEven, &flags));
}

}  // namespace leat::value::decimal128
