// Decimals as texts: the regular expressions that JSON Schema's `pattern` bounds them with.
#pragma once
#include <optional>
#include <string>

#include "value/decimal.hpp"

namespace leat::form {

struct Bounds {
    std::optional<Decimal> low, high;
    bool low_open = false, high_open = false;
};

// "-?(0|[1-9][0-9]{0,15})(\.[0-9]{1,2})?", anchored: numbers of at most `digits` digits, `scale` of them after the
// point. Without a sign where nothing below zero is within the bounds.
std::string decimal_pattern(int digits, int scale, const Bounds& bounds);
// Texts of that shape that are at least (at most) a number; `open`: more (less) than it. Anchored; no look-around, so
// that every engine of regular expressions takes it.
std::string at_least_pattern(Decimal bound, bool open);
std::string at_most_pattern(Decimal bound, bool open);

}  // namespace leat::form
