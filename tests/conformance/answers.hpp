// Whether an answer is the one that a suite wants, and how it is shown where it is not.
#pragma once
#include <string>

#include "value/value.hpp"

namespace leat::conformance {

// Numbers within 1e-8, contexts entry by entry, lists item by item, everything else by value: a time with a zone is not
// the same value as one without, even where both are the same instant.
bool same(const Value& wanted, const Value& got);
std::string shown(const Value& value);  // a null with its reason

}  // namespace leat::conformance
