// leat_value and Value: the same things in two shapes. Theirs is frozen and knows scales and microseconds, ours knows
// exponents, nanoseconds and why a null is null.
#pragma once
#include <leat/leat.h>

#include "base/arena.hpp"
#include "value/value.hpp"

namespace leat::capi {

// Texts and lists are copied into `arena`. Throws ArgumentError "value.…" for what is no value.
Value to_value(const leat_value& given, Arena& arena, int depth = 0);
// The same with texts lent from where `given` lends them; lists are copied.
Value lend_value(const leat_value& given, Arena& arena);
// Texts are lent from where `value` lends them, lists are made in `arena`. Throws Failure "value.kind" for contexts,
// ranges and functions, which have no C shape.
leat_value from_value(const Value& value, Arena& arena, int depth = 0);

}  // namespace leat::capi
