// Reading a built-in's arguments: DMN converts a list of one to its item and back, and a null argument makes a null
// result that keeps its reason.
#pragma once
#include <optional>
#include <span>

#include "feel/evaluation.hpp"
#include "value/value.hpp"

namespace leat::feel {

// The item of a list of one, else the argument itself.
const Value& only(const Value& argument);
// The null to answer for a null argument: the argument with its reason, or with this as the reason.
Value null_argument(Evaluation& evaluation, const Value& argument);
// The argument as `kind`, a list of one taken apart; otherwise `out` is the null to answer and the result is false.
bool want(Evaluation& evaluation, const Value& argument, Kind kind, Value& out);
// A whole number that fits, for positions and scales.
bool want_whole(Evaluation& evaluation, const Value& argument, int64_t& whole, Value& out);
// The argument as a list; a single value is a list of one that lives as long as `single`. False for null.
bool want_list(const Value& argument, Value& single, std::span<const Value>& items);

}  // namespace leat::feel
