// calendar: working time. Pure: weekly hours, holidays and make-up workdays (调休) in a time zone; instants in,
// instants out. `PT8H office` counts working time, `P7D office` working days at the same clock time, `P1M office` a
// calendar month and then forward to working time (LANGUAGE section 2). Instants are microseconds UTC.
//
// An instant is working time when the clock on the wall of the calendar's zone shows a working hour: an hour that is
// skipped in spring is never worked, one that is shown twice in autumn is worked twice. It may not: read a clock or a
// file. Start at Calendar::working_at() and add().
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "value/temporal.hpp"

namespace leat::calendar {

struct Hours {
    int32_t begin_s = 0;  // seconds of the day
    int32_t end_s = 0;    // exclusive; 86400 is midnight at the end
    friend bool operator==(const Hours&, const Hours&) = default;
};
using Day = std::vector<Hours>;  // ascending, not overlapping; empty: no work

class Calendar {
 public:
    Calendar(std::string name, int32_t zone) : name_(std::move(name)), zone_(zone) {}
    // "mon-fri", "sat", "mon,wed"; hours "09:00-12:00" …, to 24:00 at most; none: no work on those days. With `from`,
    // of the week that holds from that day on; a new one begins empty. The earliest week also holds before its day.
    // Errors: usage "calendar.days", "calendar.hours".
    Result<void> set_week(std::string_view days, const std::vector<std::string>& hours, value::Date from = {INT64_MIN});
    Result<void> set_exception(value::Date date, const std::vector<std::string>& hours);  // none: a holiday
    // A workday without hours of its own takes Monday's of its week, as set by then. Error: usage "calendar.workday"
    // when there are none.
    Result<void> set_workday(value::Date date);

    const std::string& name() const { return name_; }
    int32_t zone() const { return zone_; }
    bool works_on(value::Date date) const { return !day(date).empty(); }  // any working time at all
    bool working_at(int64_t instant_us) const;
    // The instant itself when it is working time, else the start of the next working time. Error: limit
    // "calendar.no_working_time" when there is none within ten years.
    Result<int64_t> forward(int64_t instant_us) const;
    // The earliest instant with that much working time since (a day's last minute, not the next day's first); negative
    // counts back to the latest one; 0 is the instant itself. Further errors here and below: limit "calendar.range"
    // beyond 400 years.
    Result<int64_t> add_working_time(int64_t instant_us, int64_t microseconds) const;
    // The n-th working day after (before) the instant's date, at the same clock time, whether worked then or not; 0 is
    // the instant itself.
    Result<int64_t> add_working_days(int64_t instant_us, int64_t days) const;
    Result<int64_t> add_months(int64_t instant_us, int64_t months) const;
    // Negative when to < from. Only what lies within 400 years of `from` is counted.
    int64_t working_time_between(int64_t from_us, int64_t to_us) const;
    friend bool operator==(const Calendar&, const Calendar&) = default;

 private:
    const Day& day(value::Date date) const;
    Error no_working_time(int64_t instant_us) const;
    std::string name_;
    int32_t zone_;
    struct Week {
        int64_t from = INT64_MIN;  // days since 1970
        std::array<Day, 7> days;   // Monday first
        friend bool operator==(const Week&, const Week&) = default;
    };
    const Week& week_of(int64_t days) const;
    std::vector<Week> weeks_{1};          // by `from`; the first one's is before all time
    bool earliest_holds_before_ = false;  // the first one was never set
    std::map<int64_t, Day> exceptions_;
};

// Adds a duration value to an instant: plain days and times elapse, months are civil months in `zone`, durations with
// a calendar count in it. `calendars` by index. Errors: usage "calendar.unknown" for an index out of range, limit
// "calendar.range", "calendar.no_working_time".
Result<int64_t> add(int64_t instant_us, const value::DaysDuration& duration, uint32_t calendar_plus_one,
                    bool whole_days, const std::vector<Calendar>& calendars);
Result<int64_t> add(int64_t instant_us, const value::MonthsDuration& duration, uint32_t calendar_plus_one,
                    value::Zone zone, const std::vector<Calendar>& calendars);

}  // namespace leat::calendar
