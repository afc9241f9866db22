// Calendars whose week changes from a day on; half-days, make-up workdays, several zones, clocks that change.
#include "calendar/calendar.hpp"
#include "catch.hpp"

using namespace leat;
using namespace leat::calendar;

namespace {

constexpr int64_t kHour = 3'600'000'000;

int64_t at(const char* instant) {
    auto parsed = value::parse_instant(instant);
    REQUIRE(parsed);
    return *parsed;
}
Date date(const char* text) {
    return *Date::parse(text);
}
Calendar in(const char* zone) {
    return Calendar("office", *value::zone_id(zone));
}
template <class T>
std::string shown(const Result<T>& instant) {
    return instant ? value::format_instant(*instant) : instant.error().code;
}

}  // namespace

TEST_CASE("a week holds from its day until the next one's") {
    Calendar c = in("UTC");
    REQUIRE(c.set_week("mon-fri", {"09:00-17:00"}));
    REQUIRE(c.set_week("mon-thu", {"08:00-18:00"}, date("2027-01-01")));
    REQUIRE(c.set_week("mon-fri", {"10:00-16:00"}, date("2026-07-01")));
    CHECK(c.working_at(at("2026-06-30T09:30:00.000000Z")));
    CHECK_FALSE(c.working_at(at("2026-07-01T09:30:00.000000Z")));
    CHECK(c.working_at(at("2026-12-31T15:59:00.000000Z")));
    CHECK_FALSE(c.works_on(date("2027-01-01")));  // a Friday
    CHECK(c.works_on(date("2026-12-25")));
    CHECK(c.working_at(at("2027-01-04T08:00:00.000000Z")));
    // Over both changes: 30 June 1 h, 1 July 6 h.
    CHECK(shown(c.add_working_time(at("2026-06-30T16:00:00.000000Z"), 8 * kHour)) == "2026-07-02T11:00:00.000000Z");
    // Thursday 31 December has 6 h, Friday none any more, Monday 10 h.
    CHECK(shown(c.add_working_time(at("2026-12-31T10:00:00.000000Z"), 7 * kHour)) == "2027-01-04T09:00:00.000000Z");
    CHECK(shown(c.add_working_days(at("2026-12-30T12:00:00.000000Z"), 2)) == "2027-01-04T12:00:00.000000Z");
    CHECK(c.working_time_between(at("2026-12-28T00:00:00.000000Z"), at("2027-01-09T00:00:00.000000Z")) ==
          4 * 6 * kHour + 4 * 10 * kHour);
}

TEST_CASE("the earliest week also holds before its day") {
    Calendar c = in("UTC");
    REQUIRE(c.set_week("mon-fri", {"09:00-12:00"}, date("2026-01-01")));
    REQUIRE(c.set_week("mon-fri", {"13:00-15:00"}, date("2026-02-01")));
    CHECK(c.working_at(at("2020-01-06T09:30:00.000000Z")));
    CHECK(c.working_at(at("2026-02-02T13:30:00.000000Z")));
    REQUIRE(c.set_workday(date("2026-01-31")));  // a Saturday: January's Monday
    CHECK(c.working_at(at("2026-01-31T11:00:00.000000Z")));
    // A week for all time, set later, ends that.
    REQUIRE(c.set_week("sat", {"10:00-11:00"}));
    CHECK_FALSE(c.working_at(at("2020-01-06T09:30:00.000000Z")));
    CHECK(c.working_at(at("2020-01-04T10:30:00.000000Z")));
}

// The State Council's holidays: Spring Festival 2026 is 15 to 23 February, with 14 and 28 February worked.
TEST_CASE("make-up workdays count, holidays on weekdays do not") {
    Calendar c = in("Asia/Shanghai");
    REQUIRE(c.set_week("mon-fri", {"09:00-12:00", "13:30-18:00"}));
    for (int64_t day = date("2026-02-15").days; day <= date("2026-02-23").days; ++day)
        REQUIRE(c.set_exception(Date{day}, {}));
    for (const char* day : {"2026-02-14", "2026-02-28"}) REQUIRE(c.set_workday(date(day)));
    // Friday 13th 17:00 +08: 1 h, Saturday 14th 7.5 h, then Tuesday 24th.
    CHECK(shown(c.add_working_time(at("2026-02-13T09:00:00.000000Z"), 9 * kHour)) == "2026-02-24T01:30:00.000000Z");
    CHECK(shown(c.add_working_days(at("2026-02-13T02:00:00.000000Z"), 2)) == "2026-02-24T02:00:00.000000Z");
    CHECK(shown(c.add_working_days(at("2026-02-27T02:00:00.000000Z"), 1)) == "2026-02-28T02:00:00.000000Z");
    CHECK(c.working_time_between(at("2026-02-09T00:00:00.000000Z"), at("2026-03-02T00:00:00.000000Z")) ==
          (5 + 1 + 4 + 1) * (7 * kHour + kHour / 2));
}

TEST_CASE("a half-day ends at noon") {
    Calendar c = in("Asia/Shanghai");
    REQUIRE(c.set_week("mon-fri", {"09:00-12:00", "13:30-18:00"}));
    REQUIRE(c.set_exception(date("2026-02-16"), {"09:00-12:00"}));  // New Year's Eve, a Monday
    CHECK(shown(c.add_working_time(at("2026-02-16T02:00:00.000000Z"), 3 * kHour)) == "2026-02-17T02:00:00.000000Z");
    CHECK(shown(c.forward(at("2026-02-16T05:30:00.000000Z"))) == "2026-02-17T01:00:00.000000Z");
}

// 29 March and 25 October 2026 in Paris, 8 March and 1 November in New York.
TEST_CASE("shifts over a change of clocks have the hours that passed") {
    struct Case {
        const char *zone, *night_before, *morning_after;
        int64_t hours;
    };
    for (const Case& one :
         {Case{"Europe/Paris", "2026-03-28T22:00:00.000000Z", "2026-03-29T05:00:00.000000Z", 7},
          Case{"Europe/Paris", "2026-10-24T21:00:00.000000Z", "2026-10-25T06:00:00.000000Z", 9},
          Case{"America/New_York", "2026-03-08T04:00:00.000000Z", "2026-03-08T11:00:00.000000Z", 7},
          Case{"America/New_York", "2026-11-01T03:00:00.000000Z", "2026-11-01T12:00:00.000000Z", 9}}) {
        INFO(one.zone << ' ' << one.night_before);
        Calendar c = in(one.zone);
        REQUIRE(c.set_week("mon-sun", {"00:00-07:00", "23:00-24:00"}));
        CHECK(c.working_time_between(at(one.night_before), at(one.morning_after)) == one.hours * kHour);
        CHECK(shown(c.add_working_time(at(one.night_before), one.hours * kHour)) == one.morning_after);
        CHECK(shown(c.add_working_time(at(one.morning_after), -one.hours * kHour)) == one.night_before);
    }
}

TEST_CASE("working days keep the clock on the wall over a change") {
    Calendar paris = in("Europe/Paris"), york = in("America/New_York");
    for (Calendar* c : {&paris, &york}) REQUIRE(c->set_week("mon-fri", {"09:00-17:00"}));
    // Friday 27 March 10:00 in Paris is 09:00Z, Monday's 08:00Z; New York changed on the 8th already.
    CHECK(shown(paris.add_working_days(at("2026-03-27T09:00:00.000000Z"), 1)) == "2026-03-30T08:00:00.000000Z");
    CHECK(shown(york.add_working_days(at("2026-03-06T15:00:00.000000Z"), 1)) == "2026-03-09T14:00:00.000000Z");
    CHECK(shown(paris.add_working_days(at("2026-10-23T08:00:00.000000Z"), 1)) == "2026-10-26T09:00:00.000000Z");
    CHECK(shown(york.add_working_days(at("2026-10-30T14:00:00.000000Z"), 1)) == "2026-11-02T15:00:00.000000Z");
}
