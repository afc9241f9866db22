// The general path of Decimal: Intel's decimal128 functions on our (coefficient, exponent) pairs. Internal to the room;
// decimal128.cpp is the only file that includes Intel's header.
#pragma once
#include <optional>

#include "value/decimal.hpp"

namespace leat::value::decimal128 {

// Each rounds half-even to 34 digits and answers nullopt where decimal128 gives an infinity or NaN.
std::optional<Decimal> add(Decimal a, Decimal b);
std::optional<Decimal> multiply(Decimal a, Decimal b);
std::optional<Decimal> divide(Decimal a, Decimal b);
std::optional<Decimal> divide_towards_zero(Decimal a, Decimal b);  // the same, cut instead of rounded
std::optional<Decimal> remainder(Decimal a, Decimal b);            // exact, sign of the dividend
std::optional<Decimal> fused_multiply_add(Decimal a, Decimal b, Decimal c);
std::optional<Decimal> power(Decimal a, Decimal b);
std::optional<Decimal> square_root(Decimal a);
std::optional<Decimal> exponential(Decimal a);
std::optional<Decimal> logarithm(Decimal a);

}  // namespace leat::value::decimal128
