// Dates, times, instants and durations as FEEL has them (DMN 1.5, 10.3.2.3): proleptic Gregorian civil time with
// years to ±999,999,999, nanoseconds, offsets and IANA zones. Hinnant's date library answers zone questions only;
// civil arithmetic is our own. Storage narrows to years 0001…9999 and microseconds (SEMANTICS 8).
#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace leat::value {

constexpr int64_t kYearMax = 999'999'999;  // and -kYearMax: FEEL's range

struct Date {
    int64_t days = 0;  // since 1970-01-01
    static std::optional<Date> of(int64_t year, int month, int day);
    static std::optional<Date> parse(std::string_view text);  // "2026-11-21", "-0044-03-15", "+12026-01-01" is invalid
    void civil(int64_t& year, int& month, int& day) const;
    int weekday() const;    // ISO: 1 Monday … 7 Sunday
    bool in_range() const;  // its year is within ±kYearMax: arithmetic may leave it, and then FEEL says null
    std::string to_string() const;
    friend auto operator<=>(Date, Date) = default;
};

enum class ZoneKind : uint8_t { local, offset, zone };

// How a time relates to UTC: not at all, by an offset in seconds, or by an IANA zone.
struct Zone {
    ZoneKind kind = ZoneKind::local;
    int32_t offset = 0;  // seconds east; for kind zone: an id of zone_id()
    friend bool operator==(Zone, Zone) = default;
};

// A process-wide id of an IANA zone name (thread-safe, never freed); nullopt when the zone database has none.
std::optional<int32_t> zone_id(std::string_view name);
std::string_view zone_name(int32_t id);
std::string zone_database_version();
// The offset of a zone at an instant, and of a local time (the earlier offset in an overlap; in a gap the one before).
int32_t zone_offset_at(int32_t zone, int64_t utc_seconds);
int32_t zone_offset_of_local(int32_t zone, int64_t local_seconds);

struct Time {
    int64_t nanoseconds = 0;  // of the day, local
    Zone zone;
    static std::optional<Time> parse(std::string_view text);  // "24:00:00" is the midnight that begins a day
    // Of the day in UTC, may lie outside of it; local times count as UTC. A zone without a date: its offset of
    // 1970-01-01, so that times with zones compare the same all year.
    int64_t utc_nanoseconds() const;
    std::string to_string() const;
};

struct DateTime {
    int64_t seconds = 0;  // local, since 1970-01-01T00:00:00
    int32_t nanoseconds = 0;
    Zone zone;
    // A date alone is no DateTime here. "24:00:00" is the next day's midnight.
    static std::optional<DateTime> parse(std::string_view text);
    static DateTime from_utc_us(int64_t microseconds, Zone zone);
    int64_t utc_seconds() const;  // local times count as UTC
    int64_t utc_us() const;       // cut to microseconds; saturates beyond the years ±292,000
    bool in_range() const;        // as Date's
    Date date() const;
    Time time() const;
    std::string to_string() const;
};

// Days and time: seconds and nanoseconds (0 … 999,999,999), so -0.5 s is {-1, 500000000}.
struct DaysDuration {
    int64_t seconds = 0;
    int32_t nanoseconds = 0;
    friend auto operator<=>(DaysDuration, DaysDuration) = default;
    std::string to_string() const;  // normalised: "P1DT2H", "PT0S"
};

struct MonthsDuration {
    int64_t months = 0;
    friend auto operator<=>(MonthsDuration, MonthsDuration) = default;
    std::string to_string() const;  // "P1Y2M", "P0M"
};

// ISO 8601 durations as XML Schema has them; exactly one of the two is set on success.
struct ParsedDuration {
    std::optional<DaysDuration> days;
    std::optional<MonthsDuration> months;
    bool has_time_part = false;  // "PT8H" and "P1DT1H" have one, "P7D" has none: calendars ask
};
std::optional<ParsedDuration> parse_duration(std::string_view text);

// "2026-11-21T08:00:00.000000Z": the fixed-width form of columns and logs.
std::string format_instant(int64_t utc_us);
// That form, or any date and time with "Z", an offset or a zone.
std::optional<int64_t> parse_instant(std::string_view text);

Date add_months(Date date, int64_t months);  // the day is cut to the month's last
int days_in_month(int64_t year, int month);

}  // namespace leat::value

namespace leat {
using value::Date;
using value::DateTime;
using value::DaysDuration;
using value::MonthsDuration;
using value::Time;
using value::Zone;
using value::ZoneKind;
}  // namespace leat
