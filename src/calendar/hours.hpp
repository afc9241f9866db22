// Reading "mon-fri" and "09:00-12:00". Inside this room only.
#pragma once
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "calendar/calendar.hpp"

namespace leat::calendar {

// Which of the seven days, Monday first. Error: usage "calendar.days".
Result<std::array<bool, 7>> parse_days(std::string_view text);
// In ascending order, checked for overlaps. Error: usage "calendar.hours".
Result<Day> parse_hours(const std::vector<std::string>& texts);

}  // namespace leat::calendar
