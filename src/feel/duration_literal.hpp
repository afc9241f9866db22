// Durations as settings, delays and @"…" write them: ISO 8601, perhaps with a working calendar: "PT8H", "P7D office".
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "feel/scope.hpp"
#include "value/value.hpp"

namespace leat::feel {

// A days or months duration; with a calendar's name after it, the value's calendar() is 1 + Scope::calendar(name) and
// whole_days() says that there was no time part ("P7D office": seven working days). nullopt: `problem`, when given,
// gets a sentence that says what is wrong.
std::optional<Value> parse_duration_literal(std::string_view text, const Scope& scope, std::string* problem = nullptr);

// The inside of @"…": a date, time, date and time, or duration with or without a calendar.
std::optional<Value> parse_temporal_literal(std::string_view text, const Scope& scope, std::string* problem = nullptr);

}  // namespace leat::feel
