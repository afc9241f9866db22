// FEEL's operators over values: what the machine's instructions and the built-in functions share.
#pragma once
#include "feel/ast.hpp"
#include "feel/evaluation.hpp"
#include "value/value.hpp"

namespace leat::feel {

// "a number", "a date and time": for reasons and messages.
const char* name_of(Kind kind);

// What an operation answers where an operand is null: that null's own reason, or that there is one.
Value null_operand(Evaluation& evaluation, const Value& a, const Value& b);
Value add(Evaluation& evaluation, const Value& a, const Value& b);
Value subtract(Evaluation& evaluation, const Value& a, const Value& b);
Value multiply(Evaluation& evaluation, const Value& a, const Value& b);
Value divide(Evaluation& evaluation, const Value& a, const Value& b);
Value power(Evaluation& evaluation, const Value& a, const Value& b);
Value negate(Evaluation& evaluation, const Value& a);

// Three-valued; anything that is neither true nor false counts as null.
Value logical_and(const Value& a, const Value& b);
Value logical_or(const Value& a, const Value& b);
Value logical_not(Evaluation& evaluation, const Value& a);

enum class Comparison : uint8_t { equal, not_equal, less, less_equal, greater, greater_equal };
Value compare(Evaluation& evaluation, Comparison comparison, const Value& a, const Value& b);
// Whether a value lies in a range; null where its ends cannot be compared with it.
Value in_range(Evaluation& evaluation, const Value& value, const value::RangeData& range);
// One test of `in`: a range, a list of tests, or a value to equal. `condition`: a boolean test is the answer itself.
Value in_test(Evaluation& evaluation, const Value& value, const Value& test, bool condition);

// list[number]: from 1, from the end when negative.
Value item_at(Evaluation& evaluation, const Value& list, const Value& number);
// A member found by name: of contexts, temporal values, ranges, and of lists item by item.
Value member_by_name(Evaluation& evaluation, const Value& object, std::string_view name);
// A member found by index: of records and objects, and of lists of them item by item.
Value member_by_index(Evaluation& evaluation, const Value& object, uint32_t index, std::string_view name);

// Dates and durations. Results beyond year ±999,999,999 are null.
Value add_temporal(Evaluation& evaluation, const Value& point, const Value& duration, bool minus);
Value subtract_points(Evaluation& evaluation, const Value& a, const Value& b);

// Seconds of a duration as a number, with its fraction.
Decimal to_seconds(const value::DaysDuration& duration);
std::optional<value::DaysDuration> from_seconds(const Decimal& seconds);

}  // namespace leat::feel
