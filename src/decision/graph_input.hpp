// Values that come as JSON, which has no dates and durations. Inside this room only.
#pragma once
#include "feel/type.hpp"
#include "value/value.hpp"

namespace leat::decision {

// The value with its texts read as what the type says they are: numbers, dates, times, durations, also inside lists and
// contexts. A text that is none stays one, and conversion to the type then says so. Made new in the arena.
Value typed_input(const Value& value, feel::TypeRef type, Arena& arena);

}  // namespace leat::decision
