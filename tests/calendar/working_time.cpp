// Working time against the clock on the wall, minute by minute.
#include <random>

#include "calendar/calendar.hpp"
#include "catch.hpp"

using namespace leat;
using namespace leat::calendar;

namespace {

constexpr int64_t kMinute = 60'000'000, kHour = 60 * kMinute;

int64_t at(const char* instant) {
    auto parsed = value::parse_instant(instant);
    REQUIRE(parsed);
    return *parsed;
}
Date date(const char* text) {
    return *Date::parse(text);
}
int32_t zone(const char* name) {
    auto id = value::zone_id(name);
    REQUIRE(id);
    return *id;
}
template <class T>
std::string shown(const Result<T>& instant) {
    return instant ? value::format_instant(*instant) : instant.error().code;
}

// Monday to Friday, with a lunch break.
Calendar office(const char* zone_name = "Asia/Shanghai") {
    Calendar c("office", zone(zone_name));
    REQUIRE(c.set_week("mon-fri", {"09:00-12:00", "13:30-18:00"}));
    return c;
}
Calendar around_the_clock(const char* zone_name) {
    Calendar c("always", zone(zone_name));
    REQUIRE(c.set_week("mon-sun", {"00:00-24:00"}));
    return c;
}

}  // namespace

TEST_CASE("eight working hours over lunch, night and weekend") {
    Calendar c = office();  // 2026-11-20 is a Friday; Shanghai is UTC+8
    CHECK(shown(c.add_working_time(at("2026-11-20T01:00:00.000000Z"), 3 * kHour)) == "2026-11-20T04:00:00.000000Z");
    CHECK(shown(c.add_working_time(at("2026-11-20T01:00:00.000000Z"), 3 * kHour + 1)) == "2026-11-20T05:30:00.000001Z");
    CHECK(shown(c.add_working_time(at("2026-11-20T02:00:00.000000Z"), 8 * kHour)) == "2026-11-23T02:30:00.000000Z");
    CHECK(shown(c.add_working_time(at("2026-11-21T02:00:00.000000Z"), kHour)) == "2026-11-23T02:00:00.000000Z");
    CHECK(shown(c.add_working_time(at("2026-11-23T02:30:00.000000Z"), -8 * kHour)) == "2026-11-20T02:00:00.000000Z");
    CHECK(shown(c.add_working_time(at("2026-11-21T02:00:00.000000Z"), -kHour)) == "2026-11-20T09:00:00.000000Z");
    CHECK(shown(c.add_working_time(at("2026-11-21T02:00:00.000000Z"), 0)) == "2026-11-21T02:00:00.000000Z");
    CHECK(c.working_time_between(at("2026-11-20T02:00:00.000000Z"), at("2026-11-23T02:30:00.000000Z")) == 8 * kHour);
    CHECK(c.working_time_between(at("2026-11-23T02:30:00.000000Z"), at("2026-11-20T02:00:00.000000Z")) == -8 * kHour);
}

TEST_CASE("forward stays in working time and else goes to its next begin") {
    Calendar c = office();
    CHECK(shown(c.forward(at("2026-11-20T01:00:00.000000Z"))) == "2026-11-20T01:00:00.000000Z");
    CHECK(shown(c.forward(at("2026-11-20T04:00:00.000000Z"))) == "2026-11-20T05:30:00.000000Z");
    CHECK(shown(c.forward(at("2026-11-20T10:00:00.000000Z"))) == "2026-11-23T01:00:00.000000Z");
    CHECK(shown(c.forward(at("2026-11-20T03:59:59.999999Z"))) == "2026-11-20T03:59:59.999999Z");
}

TEST_CASE("holidays, make-up workdays and days with hours of their own") {
    Calendar c = office();
    REQUIRE(c.set_exception(date("2026-11-23"), {}));
    REQUIRE(c.set_workday(date("2026-11-21")));  // Saturday, as Monday
    REQUIRE(c.set_exception(date("2026-11-24"), {"10:00-11:00"}));
    CHECK(c.working_at(at("2026-11-21T01:00:00.000000Z")));
    CHECK_FALSE(c.working_at(at("2026-11-21T04:30:00.000000Z")));
    CHECK_FALSE(c.working_at(at("2026-11-23T01:00:00.000000Z")));
    CHECK(shown(c.add_working_time(at("2026-11-20T09:00:00.000000Z"), 9 * kHour + kMinute)) ==
          "2026-11-24T02:31:00.000000Z");
    CHECK(shown(c.add_working_days(at("2026-11-20T07:00:00.000000Z"), 1)) == "2026-11-21T07:00:00.000000Z");
    CHECK(shown(c.add_working_days(at("2026-11-20T07:00:00.000000Z"), 2)) == "2026-11-24T07:00:00.000000Z");
}

TEST_CASE("working days keep the clock time, months go forward to working time") {
    Calendar c = office();
    CHECK(shown(c.add_working_days(at("2026-11-20T14:00:00.000000Z"), 1)) == "2026-11-23T14:00:00.000000Z");  // 22:00
    CHECK(shown(c.add_working_days(at("2026-11-21T02:00:00.000000Z"), 1)) == "2026-11-23T02:00:00.000000Z");
    CHECK(shown(c.add_working_days(at("2026-11-21T02:00:00.000000Z"), -1)) == "2026-11-20T02:00:00.000000Z");
    CHECK(shown(c.add_working_days(at("2026-11-21T02:00:00.000000Z"), 0)) == "2026-11-21T02:00:00.000000Z");
    CHECK(shown(c.add_months(at("2026-10-21T02:00:00.000000Z"), 1)) == "2026-11-23T01:00:00.000000Z");
    CHECK(shown(c.add_months(at("2026-01-31T02:00:00.000000Z"), 1)) == "2026-03-02T01:00:00.000000Z");  // Sat 28 Feb
    CHECK(shown(c.add_months(at("2026-12-31T02:00:00.000000Z"), -1)) == "2026-11-30T02:00:00.000000Z");
}

TEST_CASE("a day is 23 or 25 hours long when the clocks change") {
    Calendar c = around_the_clock("Europe/Berlin");
    int64_t spring = at("2026-03-28T23:00:00.000000Z"), autumn = at("2026-10-24T22:00:00.000000Z");  // midnights
    CHECK(shown(c.add_working_days(spring, 1)) == "2026-03-29T22:00:00.000000Z");
    CHECK(shown(c.add_working_days(autumn, 1)) == "2026-10-25T23:00:00.000000Z");
    CHECK(c.working_time_between(spring, at("2026-03-29T22:00:00.000000Z")) == 23 * kHour);
    CHECK(c.working_time_between(autumn, at("2026-10-25T23:00:00.000000Z")) == 25 * kHour);
    CHECK(shown(c.add_working_days(at("2026-03-28T01:30:00.000000Z"), 1)) ==
          "2026-03-29T01:30:00.000000Z");  // in the gap
    Calendar night("night", zone("Europe/Berlin"));
    REQUIRE(night.set_week("sun", {"01:30-02:30"}));
    CHECK(night.working_time_between(spring, at("2026-03-29T22:00:00.000000Z")) ==
          30 * kMinute);  // 02:00-02:30 is skipped
    CHECK(night.working_time_between(autumn, at("2026-10-25T23:00:00.000000Z")) == 90 * kMinute);  // shown twice
}

TEST_CASE("random calendars, minute by minute, over changes of the clocks") {
    uint32_t seed = GENERATE(3u, 20261121u);
    CAPTURE(seed);
    std::mt19937 random(seed);
    auto pick = [&](uint32_t below) { return static_cast<int64_t>(random() % below); };
    // The days at which each zone puts its clock forward or back; St. John's did so at one minute past midnight.
    const std::pair<const char*, const char*> places[] = {
        {"Europe/Berlin", "2026-03-27T00:00:00.000000Z"},       {"Europe/Berlin", "2026-10-23T00:00:00.000000Z"},
        {"America/St_Johns", "2010-11-05T00:00:00.000000Z"},    {"America/St_Johns", "2010-03-12T00:00:00.000000Z"},
        {"Australia/Lord_Howe", "2026-04-03T00:00:00.000000Z"}, {"Pacific/Apia", "2011-12-28T00:00:00.000000Z"},
        {"Asia/Shanghai", "2026-11-20T00:00:00.000000Z"},       {"America/Havana", "2026-10-30T00:00:00.000000Z"}};
    constexpr int kMinutes = 6 * 24 * 60;
    for (const auto& [zone_name, begin_text] : places) {
        CAPTURE(zone_name, begin_text);
        int64_t begin = at(begin_text);
        for (int round = 0; round < 4; ++round) {
            Calendar c = round == 0 ? around_the_clock(zone_name) : office(zone_name);
            if (round >= 2) REQUIRE(c.set_week("sat-sun", {"00:00-02:15", "03:30-04:00", "22:00-24:00"}));
            if (round == 3) REQUIRE(c.set_exception(Date{begin / (24 * kHour) + 2}, {"00:30-23:45"}));
            std::vector<int> worked(kMinutes + 1, 0);  // minutes of work before minute i
            for (int i = 0; i < kMinutes; ++i) worked[i + 1] = worked[i] + c.working_at(begin + i * kMinute);
            for (int n = 0; n < 60; ++n) {
                int64_t from = pick(kMinutes), to = pick(kMinutes);
                REQUIRE(c.working_time_between(begin + from * kMinute, begin + to * kMinute) ==
                        (worked[to] - worked[from]) * kMinute);
                int64_t i = from;
                while (i < kMinutes && worked[i + 1] == worked[i]) ++i;
                if (i < kMinutes) REQUIRE(*c.forward(begin + from * kMinute) == begin + i * kMinute);
                int64_t amount = worked[to] - worked[from];
                if (amount == 0) continue;
                int64_t end = from, step = amount > 0 ? 1 : -1;  // the nearest minute with exactly that much between
                while (worked[end] - worked[from] != amount) end += step;
                auto added = c.add_working_time(begin + from * kMinute, amount * kMinute);
                REQUIRE(added);
                REQUIRE(*added == begin + end * kMinute);
            }
        }
    }
}

TEST_CASE("adding and measuring agree, and adding is monotone") {
    Calendar c = office("America/New_York");
    std::mt19937_64 random(42);
    int64_t begin = at("2026-02-20T00:00:00.000000Z"), year = 365 * 24 * kHour;
    for (int i = 0; i < 300; ++i) {
        auto a = begin + static_cast<int64_t>(random() % static_cast<uint64_t>(year));
        auto b = begin + static_cast<int64_t>(random() % static_cast<uint64_t>(year));
        auto span = static_cast<int64_t>(random() % static_cast<uint64_t>(400 * kHour)) - 200 * kHour;
        CAPTURE(a, b, span);
        auto there = c.add_working_time(a, span);
        REQUIRE(there);
        REQUIRE(c.working_time_between(a, *there) == span);
        REQUIRE(c.working_time_between(a, b) == -c.working_time_between(b, a));
        auto other = c.add_working_time(b, span);
        REQUIRE(((a <= b) == (*there <= *other) || *there == *other));
    }
}

TEST_CASE("limits end what has no end") {
    Calendar empty("empty", zone("Asia/Shanghai"));
    int64_t now = at("2026-11-21T00:00:00.000000Z");
    CHECK(shown(empty.forward(now)) == "calendar.no_working_time");
    CHECK(shown(empty.add_working_time(now, 1)) == "calendar.no_working_time");
    CHECK(shown(empty.add_working_time(now, -1)) == "calendar.no_working_time");
    CHECK(shown(empty.add_working_days(now, 1)) == "calendar.no_working_time");
    CHECK(shown(empty.add_working_days(now, -1)) == "calendar.no_working_time");
    CHECK(empty.forward(now).error().status == Status::limit);
    CHECK(empty.working_time_between(now, now + 30 * 24 * kHour) == 0);
    Calendar c = office();
    CHECK(shown(c.add_working_days(now, INT64_MAX)) == "calendar.range");
    CHECK(shown(c.add_working_time(now, INT64_MIN)) == "calendar.range");
    CHECK(shown(c.add_working_time(now, 200 * 366 * 24 * kHour)) == "calendar.range");
    CHECK(shown(c.add_months(now, INT64_MAX)) == "calendar.range");
}

TEST_CASE("durations elapse, count in a calendar, or are civil months in a zone") {
    std::vector<Calendar> calendars{office()};
    int64_t friday = at("2026-11-20T02:00:00.000000Z");
    Zone shanghai{ZoneKind::zone, zone("Asia/Shanghai")}, berlin{ZoneKind::zone, zone("Europe/Berlin")};
    CHECK(shown(add(friday, DaysDuration{8 * 3600, 0}, 0, false, calendars)) == "2026-11-20T10:00:00.000000Z");
    CHECK(shown(add(friday, DaysDuration{-1, 500'000'000}, 0, false, calendars)) == "2026-11-20T01:59:59.500000Z");
    CHECK(shown(add(friday, DaysDuration{8 * 3600, 0}, 1, false, calendars)) == "2026-11-23T02:30:00.000000Z");
    CHECK(shown(add(friday, DaysDuration{86400, 0}, 1, true, calendars)) == "2026-11-23T02:00:00.000000Z");
    CHECK(shown(add(friday, DaysDuration{86400, 0}, 0, true, calendars)) == "2026-11-21T02:00:00.000000Z");
    CHECK(shown(add(friday, MonthsDuration{1}, 0, shanghai, calendars)) == "2026-12-20T02:00:00.000000Z");
    CHECK(shown(add(friday, MonthsDuration{5}, 0, berlin, calendars)) == "2027-04-20T01:00:00.000000Z");  // 03:00 stays
    CHECK(shown(add(friday, MonthsDuration{-1}, 0, Zone{ZoneKind::offset, 3600}, calendars)) ==
          "2026-10-20T02:00:00.000000Z");
    CHECK(shown(add(friday, MonthsDuration{1}, 1, shanghai, calendars)) == "2026-12-21T01:00:00.000000Z");
    CHECK(shown(add(friday, MonthsDuration{1}, 2, shanghai, calendars)) == "calendar.unknown");
    CHECK(shown(add(friday, DaysDuration{INT64_MAX, 0}, 0, false, calendars)) == "calendar.range");
    CHECK(shown(add(friday, MonthsDuration{INT64_MIN}, 0, shanghai, calendars)) == "calendar.range");
}

TEST_CASE("days and hours as they are written") {
    Calendar c("c", zone("Asia/Shanghai"));
    REQUIRE(c.set_week("mon, wed ,sat-sun", {"13:00-14:00", "09:00-10:00", "10:00-11:00", "22:00-24:00"}));
    CHECK(c.working_at(at("2026-11-22T15:59:59.999999Z")));        // Sunday 23:59
    CHECK_FALSE(c.working_at(at("2026-11-24T05:30:00.000000Z")));  // Tuesday
    REQUIRE(c.set_week("sun-mon", {}));
    CHECK_FALSE(c.working_at(at("2026-11-22T15:59:59.999999Z")));
    for (const char* wrong : {"", "mon-", "monday", "Mon", "mon,,tue", "mon;tue", "周一", "mon-fri-sat"}) {
        CAPTURE(wrong);
        auto set = c.set_week(wrong, {"09:00-10:00"});
        REQUIRE_FALSE(set);
        CHECK(set.error().code == "calendar.days");
    }
    for (const char* wrong : {"", "09:00", "9:00-10:00", "09:00-24:01", "09:60-10:00", "10:00-10:00", "22:00-06:00",
                              "09：00-10:00", "aa:bb-cc:dd", "25:00-26:00"}) {
        CAPTURE(wrong);
        auto set = c.set_week("mon", {wrong});
        REQUIRE_FALSE(set);
        CHECK(set.error().code == "calendar.hours");
        CHECK(set.error().status == Status::usage);
    }
    CHECK(
        c.set_week("mon", {"22:00-06:00"}).error().message.find("'22:00-24:00' and, on the next day, '00:00-06:00'") !=
        std::string::npos);
    CHECK(c.set_week("mon", {"09:00-12:00", "11:00-13:00"}).error().message.find("overlap '09:00-12:00'") !=
          std::string::npos);
    CHECK(c.set_workday(date("2026-11-21")).error().code == "calendar.workday");  // Monday has no hours
}
