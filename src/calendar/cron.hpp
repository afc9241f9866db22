// Moments that come again by the clock on the wall: cron's five fields, and ISO 8601's repeats as text. Pure.
//
// "0 9 * * mon-fri": minute, hour, day of the month, month, day of the week; each `*`, a number, a range, a step
// (`*/15`, `8-18/2`) or several with commas; months and days also by their English names, Sunday is 0 or 7, `L` is the
// last day of the month. Where both days are given, either will do, as in cron since Vixie. @hourly, @daily, @weekly,
// @monthly and @yearly stand for their usual five.
//
// Clocks that change: hours that are named are met once, a skipped one at the moment when the clock goes on; with every
// hour (`*`, `*/n`) real time counts, so that a repeated hour is met twice and a skipped one not at all.
#pragma once
#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "calendar/calendar.hpp"

namespace leat::calendar {

class Cron {
 public:
    // Error: usage "calendar.cron", also for a schedule that no date meets (30 February).
    static Result<Cron> parse(std::string_view text);
    // The first moment after the instant, in the zone; with a calendar only on days with working time. Error: limit
    // "calendar.no_occurrence" when there is none within 28 years.
    Result<int64_t> next(int64_t instant_us, int32_t zone, const Calendar* days = nullptr) const;

 private:
    bool day_matches(value::Date date) const;
    std::optional<int64_t> in_day(value::Date date, int64_t after_s, int32_t zone) const;
    std::optional<int64_t> in_piece(int64_t from_s, int64_t to_s, int64_t offset, const Calendar* days) const;
    std::bitset<60> minutes_;
    std::bitset<24> hours_;
    std::bitset<32> days_;  // 1 to 31
    std::bitset<13> months_;
    std::bitset<7> weekdays_;  // Sunday first
    bool last_day_ = false, any_day_ = true, any_weekday_ = true, every_hour_ = false;
    std::string text_;
};

// "R3/PT1H", "R/P1D", "R5/2026-01-01T09:00:00Z/P1D": how often, from when, how far apart (the rest, unread).
struct Repeat {
    int64_t times = INT64_MAX;
    std::string start;     // "" : none
    std::string interval;  // a duration
};
// nullopt: it does not begin like one. Error: usage "calendar.repeat".
std::optional<Result<Repeat>> parse_repeat(std::string_view text);

// Whether a text means to be a cron schedule: five words, or @….
bool looks_like_cron(std::string_view text);

}  // namespace leat::calendar
