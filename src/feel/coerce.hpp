// Values at a boundary with a declared type: an input, a decision's result, a function's parameter or answer.
//
// DMN 1.5, 10.3.2.9.4: a list of one becomes its item where an item is wanted, an item a list of one where a list is
// wanted, a date a date and time; whatever then does not conform to the type becomes null, with the reason.
#pragma once
#include "feel/scope.hpp"
#include "feel/type.hpp"
#include "value/value.hpp"

namespace leat::feel {

// The value as `type` (nullptr or any: as it is). Runs the type's constraints in `frame`, whose arena holds what is
// made new. Throws LimitError only.
Value coerce(const Value& value, TypeRef type, Frame& frame);

// Whether the value is one of the type, without conversion: `instance of`, which null never is. Constraints are not
// asked.
bool instance_of(const Value& value, TypeRef type);

}  // namespace leat::feel
