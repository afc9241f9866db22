// JSON inputs of decisions, typed: what record does for fields, without records.
#pragma once
#include <string_view>

#include "base/arena.hpp"
#include "base/json.hpp"
#include "feel/type.hpp"
#include "value/value.hpp"

namespace leat::capi {

// The value that `json` means for an input of that type; texts in the arena. Decimals, dates, times and durations may
// be texts. For the type any: numbers, texts, lists and contexts as they stand. Throws ArgumentError "input.type" or
// "input.enum", which name the input.
Value value_of_json(const Json& json, feel::TypeRef type, std::string_view input, Arena& arena);

}  // namespace leat::capi
