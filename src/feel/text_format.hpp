// How values look in texts for people: {amount:money}.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "feel/type.hpp"
#include "value/value.hpp"

namespace leat::feel {

// The formats: money (thousands separators and the type's digits, else 2), number (thousands separators), percent
// (0.3 is "30%"), date, datetime (to the minute), duration ("2d 03:30").
const std::vector<std::string>& text_formats();

// A value in one of the formats; "" is FEEL's string(). A value that the format is not for is shown as string() does,
// null as "". `type` is the static type when known.
std::string format_text(const Value& value, std::string_view format, TypeRef type);

}  // namespace leat::feel
