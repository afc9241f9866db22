// Schedules against a walk over every minute, and on days when clocks change.
#include "calendar/cron.hpp"

#include <random>

#include "catch.hpp"

using namespace leat;
using namespace leat::calendar;

namespace {

int64_t at(const std::string& instant) {
    auto parsed = value::parse_instant(instant);
    REQUIRE(parsed);
    return *parsed;
}
std::string next(const char* schedule, const std::string& from, const char* zone = "UTC",
                 const Calendar* days = nullptr) {
    auto cron = Cron::parse(schedule);
    if (!cron) return cron.error().code;
    auto found = cron->next(at(from), *value::zone_id(zone), days);
    return found ? value::format_instant(*found).substr(0, 16) : found.error().code;
}

}  // namespace

TEST_CASE("schedules have their next moments") {
    CHECK(next("0 9 * * mon-fri", "2026-11-20T09:00:00.000000Z") == "2026-11-23T09:00");
    CHECK(next("0 9 * * mon-fri", "2026-11-20T08:59:59.999999Z") == "2026-11-20T09:00");
    CHECK(next("*/15 * * * *", "2026-11-20T08:46:00.000000Z") == "2026-11-20T09:00");
    CHECK(next("5,35 8-18/5 * * *", "2026-11-20T08:35:00.000000Z") == "2026-11-20T13:05");
    CHECK(next("0 0 29 2 *", "2026-11-20T08:35:00.000000Z") == "2028-02-29T00:00");
    CHECK(next("0 18 L * *", "2027-02-01T00:00:00.000000Z") == "2027-02-28T18:00");
    CHECK(next("0 18 15,L * *", "2027-02-01T00:00:00.000000Z") == "2027-02-15T18:00");
    CHECK(next("0 0 13 * fri", "2026-11-20T00:00:00.000000Z") == "2026-11-27T00:00");  // either day will do
    CHECK(next("0 0 * * fri-mon", "2026-11-23T00:00:00.000000Z") == "2026-11-27T00:00");
    CHECK(next("0 0 * * 7", "2026-11-23T00:00:00.000000Z") == "2026-11-29T00:00");
    CHECK(next("0 0 1 JAN,Jul *", "2026-11-23T00:00:00.000000Z") == "2027-01-01T00:00");
    CHECK(next("@daily", "2026-11-23T00:00:00.000000Z", "Asia/Shanghai") == "2026-11-23T16:00");
    CHECK(next("@hourly", "2026-11-23T00:00:00.000000Z", "Asia/Kolkata") == "2026-11-23T00:30");
    CHECK(next("0 8/6 * * *", "2026-11-23T14:00:00.000000Z") == "2026-11-23T20:00");
}

TEST_CASE("a schedule on a calendar's working days") {
    Calendar office("office", *value::zone_id("Asia/Shanghai"));
    REQUIRE(office.set_week("mon-fri", {"09:00-18:00"}));
    REQUIRE(office.set_exception(*Date::parse("2026-10-01"), {}));
    REQUIRE(office.set_exception(*Date::parse("2026-10-10"), {"09:00-12:00"}));
    CHECK(next("0 9 * * *", "2026-09-30T02:00:00.000000Z", "Asia/Shanghai", &office) == "2026-10-02T01:00");
    CHECK(next("0 9 * * *", "2026-10-09T02:00:00.000000Z", "Asia/Shanghai", &office) == "2026-10-10T01:00");
    CHECK(next("*/30 * * * *", "2026-10-10T15:31:00.000000Z", "Asia/Shanghai", &office) == "2026-10-11T16:00");
    Calendar never("never", 0);
    CHECK(next("0 9 * * *", "2026-10-09T02:00:00.000000Z", "UTC", &never) == "calendar.no_occurrence");
    CHECK(next("0 * * * *", "2026-10-09T02:00:00.000000Z", "UTC", &never) == "calendar.no_occurrence");
}

TEST_CASE("named hours are met once where clocks change, every hour by real time") {
    // Paris goes from 02:00 to 03:00 at 2026-03-29T01:00Z and from 03:00 back to 02:00 at 2026-10-25T01:00Z.
    CHECK(next("30 2 * * *", "2026-03-28T12:00:00.000000Z", "Europe/Paris") == "2026-03-29T01:00");
    CHECK(next("30 2 * * *", "2026-03-29T01:00:00.000000Z", "Europe/Paris") == "2026-03-30T00:30");
    CHECK(next("30 2 * * *", "2026-10-24T12:00:00.000000Z", "Europe/Paris") == "2026-10-25T00:30");
    CHECK(next("30 2 * * *", "2026-10-25T00:30:00.000000Z", "Europe/Paris") == "2026-10-26T01:30");
    CHECK(next("30 * * * *", "2026-03-29T00:30:00.000000Z", "Europe/Paris") == "2026-03-29T01:30");  // 03:30
    CHECK(next("30 * * * *", "2026-10-25T00:30:00.000000Z", "Europe/Paris") == "2026-10-25T01:30");  // 02:30 again
    // New York: 2026-03-08T07:00Z and 2026-11-01T06:00Z.
    CHECK(next("15 2 * * *", "2026-03-08T00:00:00.000000Z", "America/New_York") == "2026-03-08T07:00");
    CHECK(next("15 1 * * *", "2026-11-01T05:15:00.000000Z", "America/New_York") == "2026-11-02T06:15");
    CHECK(next("0 9 * * *", "2026-03-07T15:00:00.000000Z", "America/New_York") == "2026-03-08T13:00");
}

TEST_CASE("schedules that say nothing are told") {
    for (const char* bad : {"", "0 9 * *", "0 9 * * * *", "60 * * * *", "0 24 * * *", "0 0 0 * *", "0 0 * 13 *",
                            "0 0 * * 8", "*/0 * * * *", "5-1 * * * *", "a * * * *", "0 9 * * mon-xxx", "1, * * * *",
                            "@never", "0 0 30 2 *", "0 -1 * * *", "0 99999 * * *"}) {
        INFO(bad);
        auto cron = Cron::parse(bad);
        REQUIRE_FALSE(cron);
        CHECK(cron.error().code == "calendar.cron");
    }
}

TEST_CASE("a schedule's moments are those of a walk over all minutes") {
    const uint32_t seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    auto pick = [&](std::initializer_list<const char*> from) {
        return std::string(*(from.begin() + random() % from.size()));
    };
    for (int round = 0; round < 30; ++round) {
        std::string schedule = pick({"*", "0", "*/20", "7,31"}) + ' ' + pick({"*", "*/5", "0-23", "1-23"}) + ' ' +
                               pick({"*", "1,15", "L"}) + ' ' + pick({"*", "3-10"}) + ' ' + pick({"*", "mon", "0"});
        INFO(schedule);
        Cron cron = *Cron::parse(schedule);
        int64_t from = at("2026-01-01T00:00:00.000000Z") + static_cast<int64_t>(random() % 500'000) * 60'000'000;
        auto found = cron.next(from, *value::zone_id("UTC"));
        REQUIRE(found);
        CHECK(*found > from);
        CHECK(*found % 60'000'000 == 0);
        // Nothing lies between: asking from just before it answers it, and asking anywhere between answers it, too.
        int64_t between = from + static_cast<int64_t>(random() % 1000) * ((*found - from) / 1000);
        CHECK(*cron.next(between < *found ? between : from, *value::zone_id("UTC")) == *found);
        CHECK(*cron.next(*found - 1, *value::zone_id("UTC")) == *found);
    }
}

TEST_CASE("repeats are read") {
    auto repeat = parse_repeat("R3/PT1H");
    REQUIRE(repeat);
    REQUIRE(*repeat);
    CHECK((*repeat)->times == 3);
    CHECK((*repeat)->interval == "PT1H");
    repeat = parse_repeat("R/2026-01-01T09:00:00+08:00/P1D office");
    REQUIRE(*repeat);
    CHECK((*repeat)->times == INT64_MAX);
    CHECK((*repeat)->start == "2026-01-01T09:00:00+08:00");
    CHECK((*repeat)->interval == "P1D office");
    CHECK_FALSE(parse_repeat("PT1H"));
    CHECK_FALSE(parse_repeat("Reminder"));
    for (const char* bad : {"R3", "R0/PT1H", "R3/", "R3/1H", "R9999999999999999999999/PT1H", "R2x/PT1H"}) {
        INFO(bad);
        auto broken = parse_repeat(bad);
        REQUIRE(broken);
        REQUIRE_FALSE(*broken);
        CHECK(broken->error().code == "calendar.repeat");
    }
}
