// How a value stands in its column (SEMANTICS 8): scaled integers, ISO texts, ids, JSON.
#pragma once
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "program/program.hpp"
#include "query/select.hpp"
#include "store/store.hpp"

namespace leat::record {

// The column's value for a field; texts go into the arena. The value must have been coerced to the field.
query::Parameter to_column(const program::Program& program, const program::Field& field, const Value& value,
                           Arena& arena);
// Column `column` of the current row as the field's value. Error: store "store.corrupt" when the content is none of
// ours.
Result<Value> from_column(const program::Program& program, const program::Field& field,
                          const store::Statement& statement, int column, Arena& arena);

// How many digits a number field keeps in all, and whether a number of its scale has no more.
int digits_kept(const program::Field& field);
bool fits_digits(const program::Field& field, Decimal number);
bool stored_year(Date date);  // 1 to 9999

// "P7D office", "PT168H office", "P1M"; and back (nullopt: not a duration, or no such calendar).
std::string duration_text(const program::Program& program, const Value& duration);
std::optional<Value> parse_duration_text(const program::Program& program, std::string_view text);
// An instant as values have it: in the app's time zone, cut to microseconds.
Value instant_value(const program::Program& program, int64_t utc_us);

// A scalar of `kind` from its text (dates, times, instants, durations, numbers, booleans, texts); nullopt when it is
// none.
std::optional<Value> scalar_from_text(const program::Program& program, program::FieldKind kind, std::string_view text,
                                      Arena& arena);
// The text of a scalar as columns and JSON hold it: dates ISO, instants fixed-width UTC, durations with their calendar.
std::string scalar_text(const program::Program& program, const Value& value);

// Any JSON as values: objects are contexts, numbers exact.
Value value_of_json(const Json& json, Arena& arena);

}  // namespace leat::record
