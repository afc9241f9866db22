#include "calendar/calendar.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "calendar/hours.hpp"
#include "calendar/walk.hpp"

namespace leat::calendar {

namespace {

using value::Date;

Error range_error() {
    return make_error(Status::limit, "calendar.range",
                      "the result lies more than 400 years away; use a shorter duration");
}

int64_t local_seconds(int32_t zone, int64_t utc_seconds) {
    return utc_seconds + value::zone_offset_at(zone, utc_seconds);
}

int64_t utc_of_local(int32_t zone, int64_t local) {
    return local - value::zone_offset_of_local(zone, local);
}

struct Interval {
    int64_t begin = 0, end = 0;  // UTC seconds
};

Interval cut(Date date, const Hours& hours, const Piece& piece) {
    int64_t base = date.days * kDaySeconds - piece.offset;
    return {std::max(base + hours.begin_s, piece.begin), std::min(base + hours.end_s, piece.end)};
}

Date date_in(const Piece& piece, int64_t utc_seconds) {
    return Date{floor_div(utc_seconds + piece.offset, kDaySeconds)};
}

// Calls use(interval) for the working intervals from `from_s` on, in order, until it answers true. False: more than
// kIdleDays without any, or `to_s` was reached.
template <class DayOf, class Use>
bool walk_forward(int32_t zone, int64_t from_s, int64_t to_s, const DayOf& day_of, const Use& use) {
    for (int64_t at = from_s, worked = from_s; at < to_s && at - worked <= kIdleDays * kDaySeconds;) {
        Piece piece = piece_from(zone, at);
        Date last = date_in(piece, piece.end - 1);
        for (Date date = date_in(piece, piece.begin); date <= last; ++date.days) {
            for (const Hours& hours : day_of(date)) {
                Interval interval = cut(date, hours, piece);
                if (interval.begin >= interval.end) continue;
                if (use(interval)) return true;
                worked = interval.end;
            }
        }
        at = piece.end;
    }
    return false;
}

template <class DayOf, class Use>
bool walk_back(int32_t zone, int64_t from_s, int64_t to_s, const DayOf& day_of, const Use& use) {
    for (int64_t at = from_s, worked = from_s; at > to_s && worked - at <= kIdleDays * kDaySeconds;) {
        Piece piece = piece_to(zone, at);
        Date first = date_in(piece, piece.begin);
        for (Date date = date_in(piece, piece.end - 1); date >= first; --date.days) {
            const Day& day = day_of(date);
            for (auto hours = day.rbegin(); hours != day.rend(); ++hours) {
                Interval interval = cut(date, *hours, piece);
                if (interval.begin >= interval.end) continue;
                if (use(interval)) return true;
                worked = interval.begin;
            }
        }
        at = piece.begin;
    }
    return false;
}

}  // namespace

Result<void> Calendar::set_week(std::string_view days, const std::vector<std::string>& hours, Date from) {
    LEAT_TRY(auto which, parse_days(days));
    LEAT_TRY(Day day, parse_hours(hours));
    auto week = std::find_if(weeks_.begin(), weeks_.end(), [&](const Week& one) { return one.from >= from.days; });
    if (week == weeks_.end() || week->from != from.days) week = weeks_.insert(week, Week{from.days, {}});
    for (size_t i = 0; i < week->days.size(); ++i) {
        if (which[i]) week->days[i] = day;
    }
    // Nobody set the week before all time: the earliest dated one holds there, too.
    auto set = [](const Week& one) {
        return std::any_of(one.days.begin(), one.days.end(), [](const Day& hours_of) { return !hours_of.empty(); });
    };
    if (weeks_.size() > 1 && weeks_[0].from == INT64_MIN && !set(weeks_[0])) earliest_holds_before_ = true;
    if (from.days == INT64_MIN) earliest_holds_before_ = false;
    return {};
}

const Calendar::Week& Calendar::week_of(int64_t days) const {
    size_t at = earliest_holds_before_ ? 1 : 0;
    while (at + 1 < weeks_.size() && weeks_[at + 1].from <= days) ++at;
    return weeks_[at];
}

Result<void> Calendar::set_exception(Date date, const std::vector<std::string>& hours) {
    LEAT_TRY(Day day, parse_hours(hours));
    exceptions_[date.days] = std::move(day);
    return {};
}

Result<void> Calendar::set_workday(Date date) {
    const Day& monday = week_of(date.days).days[0];
    if (monday.empty()) {
        return make_error(Status::usage, "calendar.workday",
                          fmt::format("calendar '{}': the workday {} has no hours and Monday has none to take; give it "
                                      "hours",
                                      name_, date.to_string()));
    }
    exceptions_[date.days] = monday;
    return {};
}

const Day& Calendar::day(Date date) const {
    auto it = exceptions_.find(date.days);
    return it != exceptions_.end() ? it->second : week_of(date.days).days[static_cast<size_t>(date.weekday() - 1)];
}

Error Calendar::no_working_time(int64_t instant_us) const {
    return make_error(Status::limit, "calendar.no_working_time",
                      fmt::format("calendar '{}' has no working time within ten years of {}; give it weekly hours",
                                  name_, value::format_instant(instant_us)));
}

bool Calendar::working_at(int64_t instant_us) const {
    int64_t local = local_seconds(zone_, floor_div(instant_us, kMicros));
    int64_t days = floor_div(local, kDaySeconds);
    int64_t second = local - days * kDaySeconds;
    const Day& hours = day(Date{days});
    return std::any_of(hours.begin(), hours.end(),
                       [&](const Hours& h) { return h.begin_s <= second && second < h.end_s; });
}

Result<int64_t> Calendar::forward(int64_t instant_us) const {
    int64_t from_s = floor_div(instant_us, kMicros);
    std::optional<int64_t> found;
    walk_forward(
        zone_, from_s, from_s + kFarthestDays * kDaySeconds, [&](Date date) -> const Day& { return day(date); },
        [&](const Interval& interval) {
            found = std::max(interval.begin * kMicros, instant_us);
            return true;
        });
    if (!found) return no_working_time(instant_us);
    return *found;
}

Result<int64_t> Calendar::add_working_time(int64_t instant_us, int64_t microseconds) const {
    if (microseconds == 0) return instant_us;
    constexpr int64_t kFarthest = kFarthestDays * kDayMicros;
    if (microseconds > kFarthest || microseconds < -kFarthest) return range_error();
    auto day_of = [&](Date date) -> const Day& { return day(date); };
    bool any = false;
    std::optional<int64_t> found;
    if (microseconds > 0) {
        int64_t left = microseconds, from_s = floor_div(instant_us, kMicros);
        walk_forward(zone_, from_s, from_s + kFarthestDays * kDaySeconds, day_of, [&](const Interval& interval) {
            any = true;
            int64_t begin = std::max(interval.begin * kMicros, instant_us), length = interval.end * kMicros - begin;
            if (left <= length) found = begin + left;
            left -= length;
            return found.has_value();
        });
    } else {
        int64_t left = microseconds, from_s = -floor_div(-instant_us, kMicros);  // rounded up, the second counts
        walk_back(zone_, from_s, from_s - kFarthestDays * kDaySeconds, day_of, [&](const Interval& interval) {
            any = true;
            int64_t end = std::min(interval.end * kMicros, instant_us), length = end - interval.begin * kMicros;
            if (-left <= length) found = end + left;
            left += length;
            return found.has_value();
        });
    }
    if (found) return *found;
    return any ? range_error() : no_working_time(instant_us);
}

Result<int64_t> Calendar::add_working_days(int64_t instant_us, int64_t days) const {
    if (days == 0) return instant_us;
    if (days > kFarthestDays || days < -kFarthestDays) return range_error();
    int64_t utc = floor_div(instant_us, kMicros);
    int64_t local = local_seconds(zone_, utc);
    int64_t first = floor_div(local, kDaySeconds), clock = local - first * kDaySeconds;
    int64_t step = days > 0 ? 1 : -1, left = days, idle = 0, at = first;
    while (left != 0) {
        at += step;
        if (day(Date{at}).empty()) {
            if (++idle > kIdleDays) return no_working_time(instant_us);
            continue;
        }
        idle = 0;
        left -= step;
        if ((at - first) * step > kFarthestDays) return range_error();
    }
    return utc_of_local(zone_, at * kDaySeconds + clock) * kMicros + (instant_us - utc * kMicros);
}

Result<int64_t> Calendar::add_months(int64_t instant_us, int64_t months) const {
    LEAT_TRY(int64_t moved, add(instant_us, MonthsDuration{months}, 0, Zone{ZoneKind::zone, zone_}, {}));
    return forward(moved);
}

int64_t Calendar::working_time_between(int64_t from_us, int64_t to_us) const {
    if (to_us < from_us) return -working_time_between(to_us, from_us);
    int64_t sum = 0, from_s = floor_div(from_us, kMicros), to_s = floor_div(to_us, kMicros) + 1;
    to_s = std::min(to_s, from_s + kFarthestDays * kDaySeconds);
    walk_forward(
        zone_, from_s, to_s, [&](Date date) -> const Day& { return day(date); },
        [&](const Interval& interval) {
            int64_t begin = std::max(interval.begin * kMicros, from_us), end = std::min(interval.end * kMicros, to_us);
            if (begin < end) sum += end - begin;
            return interval.end * kMicros >= to_us;
        });
    return sum;
}

namespace {

Result<const Calendar*> calendar_at(uint32_t calendar_plus_one, const std::vector<Calendar>& calendars) {
    if (calendar_plus_one > calendars.size()) {
        return make_error(
            Status::usage, "calendar.unknown",
            fmt::format("there is no calendar number {}; {} are defined", calendar_plus_one, calendars.size()));
    }
    return &calendars[calendar_plus_one - 1];
}

int64_t offset_at(Zone zone, int64_t utc_seconds) {
    if (zone.kind == ZoneKind::local) return 0;
    return zone.kind == ZoneKind::offset ? zone.offset : value::zone_offset_at(zone.offset, utc_seconds);
}

int64_t offset_of_local(Zone zone, int64_t local) {
    if (zone.kind == ZoneKind::local) return 0;
    return zone.kind == ZoneKind::offset ? zone.offset : value::zone_offset_of_local(zone.offset, local);
}

}  // namespace

Result<int64_t> add(int64_t instant_us, const DaysDuration& duration, uint32_t calendar_plus_one, bool whole_days,
                    const std::vector<Calendar>& calendars) {
    if (calendar_plus_one != 0 && whole_days) {
        LEAT_TRY(const Calendar* calendar, calendar_at(calendar_plus_one, calendars));
        return calendar->add_working_days(instant_us, duration.seconds / kDaySeconds);
    }
    int64_t microseconds = 0, sum = 0;
    // Truncated to microseconds, towards minus infinity as DaysDuration keeps its nanoseconds.
    if (__builtin_mul_overflow(duration.seconds, kMicros, &microseconds) ||
        __builtin_add_overflow(microseconds, static_cast<int64_t>(duration.nanoseconds / 1000), &microseconds) ||
        __builtin_add_overflow(instant_us, microseconds, &sum)) {
        return range_error();
    }
    if (calendar_plus_one == 0) return sum;
    LEAT_TRY(const Calendar* calendar, calendar_at(calendar_plus_one, calendars));
    return calendar->add_working_time(instant_us, microseconds);
}

Result<int64_t> add(int64_t instant_us, const MonthsDuration& duration, uint32_t calendar_plus_one, Zone zone,
                    const std::vector<Calendar>& calendars) {
    if (calendar_plus_one != 0) {
        LEAT_TRY(const Calendar* calendar, calendar_at(calendar_plus_one, calendars));
        return calendar->add_months(instant_us, duration.months);
    }
    constexpr int64_t kMonthsMax = 400 * 12;
    if (duration.months > kMonthsMax || duration.months < -kMonthsMax) return range_error();
    int64_t utc = floor_div(instant_us, kMicros);
    int64_t local = utc + offset_at(zone, utc);
    Date date{floor_div(local, kDaySeconds)};
    int64_t moved = value::add_months(date, duration.months).days * kDaySeconds + (local - date.days * kDaySeconds);
    return (moved - offset_of_local(zone, moved)) * kMicros + (instant_us - utc * kMicros);
}

}  // namespace leat::calendar
