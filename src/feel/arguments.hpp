// Reading a built-in's arguments: DMN converts a list of one to its item and back, and a null argument makes a null
// result that keeps its reason.
#pragma once
#include <optional>
#include <span>

#include "feel/evaluation.hpp"
#include "value/value.hpp"

namespace leat::feel {

// The argument as `kind`, a list of one taken apart; otherwise `out` is the null to answer and the result is false.
bool want(Evaluation& evaluation, const Value& argument, Kind kind, Value& out);
// A whole number that fits, for positions and scales.
bool want_whole(Evaluation& evaluation, const Value& argument, int64_t& whole, Value& out);
// The argument as a list; a single value is a list of one that lives as long as `single`. False for null.
bool want_list(const Value& argument, Value& single, std::span<const Value>& items);

}  // namespace leat::feel
