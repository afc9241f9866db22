// The kinds of a value's parts as JSON, for hosts whose values have more types than JSON.
#pragma once
#include "base/json.hpp"
#include "value/value.hpp"

namespace leat::feel {

// Appends the shape of the value with each scalar's kind in its place: "number", "string", "boolean", "date", "time",
// "date and time", "days and time duration", "years and months duration", "range", "function", "null"; of records and
// other things of a host "record", "object".
void write_kinds(JsonWriter& json, const Value& value);

}  // namespace leat::feel
