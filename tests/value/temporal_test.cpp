#include "value/temporal.hpp"

#include <limits>
#include <random>
#include <thread>

#include "catch.hpp"

using namespace leat;
using value::parse_duration;

namespace {

std::string date_again(std::string_view text) {
    auto date = Date::parse(text);
    return date ? date->to_string() : "none";
}
std::string time_again(std::string_view text) {
    auto time = Time::parse(text);
    return time ? time->to_string() : "none";
}
std::string instant_again(std::string_view text) {
    auto instant = DateTime::parse(text);
    return instant ? instant->to_string() : "none";
}
std::string duration_again(std::string_view text) {
    auto duration = parse_duration(text);
    if (!duration) return "none";
    return duration->days ? duration->days->to_string() : duration->months->to_string();
}
int64_t seconds_of(std::string_view text) {
    return DateTime::parse(text).value().utc_seconds();
}

}  // namespace

TEST_CASE("Dates are read strictly", "[temporal]") {
    for (const char* good : {"2026-11-21", "-0044-03-15", "2024-02-29", "2000-02-29", "0001-01-01", "0000-02-29",
                             "999999999-12-31", "-999999999-01-01", "12026-01-01"}) {
        CHECK(date_again(good) == good);
    }
    for (const char* wrong :
         {"", "2017-1-1", "2023-02-29", "1900-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "2026-01-00",
          "+2026-01-01", "01211-12-31", "998-12-31", "9999999999-12-25", "2026/01/01", "2026-01-01T", " 2026-01-01",
          "2026-01-01 ", "-0000-01-01", "2026-01-1x", "２０２６-01-01"}) {
        INFO(wrong);
        CHECK_FALSE(Date::parse(wrong));
    }
    CHECK_FALSE(Date::of(2026, 2, 29));
    CHECK_FALSE(Date::of(1'000'000'000, 1, 1));
}

TEST_CASE("Days count on through leap years, centuries and eras", "[temporal]") {
    CHECK(Date::of(1970, 1, 1)->days == 0);
    CHECK(Date::of(2000, 3, 1)->days == 11017);
    CHECK(Date::of(1969, 12, 31)->days == -1);
    CHECK(Date::of(0, 3, 1)->days == -719468);
    int64_t expected = Date::of(-801, 1, 1)->days;
    for (int64_t year = -801; year < 2402; ++year) {
        for (int month = 1; month <= 12; ++month) {
            bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            int length = month == 2                                              ? (leap ? 29 : 28)
                         : month == 4 || month == 6 || month == 9 || month == 11 ? 30
                                                                                 : 31;
            REQUIRE(value::days_in_month(year, month) == length);
            for (int day : {1, length}) {
                REQUIRE(Date::of(year, month, day)->days == expected + day - 1);
                int64_t y = 0;
                int m = 0, d = 0;
                Date{expected + day - 1}.civil(y, m, d);
                REQUIRE((y == year && m == month && d == day));
            }
            expected += length;
        }
    }
    CHECK(Date::parse("2026-11-21")->weekday() == 6);
    CHECK(Date::parse("1970-01-01")->weekday() == 4);
    CHECK(Date::parse("-0001-12-31")->weekday() >= 1);
    CHECK(Date::parse("999999999-12-31")->in_range());
    CHECK_FALSE(Date{Date::parse("999999999-12-31")->days + 1}.in_range());
    CHECK_FALSE(Date{Date::parse("-999999999-01-01")->days - 1}.in_range());
}

TEST_CASE("Adding months cuts the day to the month's last", "[temporal]") {
    auto add = [](const char* date, int64_t months) {
        return value::add_months(*Date::parse(date), months).to_string();
    };
    CHECK(add("2024-01-31", 1) == "2024-02-29");
    CHECK(add("2023-01-31", 1) == "2023-02-28");
    CHECK(add("2024-02-29", 12) == "2025-02-28");
    CHECK(add("2024-03-31", -1) == "2024-02-29");
    CHECK(add("2024-01-15", -13) == "2022-12-15");
    CHECK(add("0000-01-01", -1) == "-0001-12-01");
    CHECK_FALSE(value::add_months(Date{}, std::numeric_limits<int64_t>::max()).in_range());
    CHECK_FALSE(value::add_months(Date{}, std::numeric_limits<int64_t>::min()).in_range());
}

TEST_CASE("Times are read strictly", "[temporal]") {
    for (const char* good : {"00:00:00", "23:59:59.123456789", "11:22:33.4", "23:59:00Z", "13:20:00-05:00",
                             "11:59:45+02:45:55", "00:01:00@Etc/UTC", "00:01:00@Europe/Paris", "10:00:00+18:00"}) {
        CHECK(time_again(good) == good);
    }
    CHECK(time_again("11:22:33+00:00") == "11:22:33Z");
    CHECK(time_again("11:22:33.100") == "11:22:33.1");
    CHECK(time_again("11:22:33.1234567899") == "11:22:33.123456789");
    CHECK(time_again("24:00:00") == "00:00:00");
    for (const char* wrong : {"",
                              "7:00:00",
                              "07:1:00",
                              "07:01:2",
                              "23:59:60",
                              "25:00:00",
                              "00:60:00",
                              "24:00:01",
                              "24:00:00.1",
                              "13:20:00@xyz/abc",
                              "13:20:00+19:00",
                              "13:20:00+18:01",
                              "13:20:00+5:00",
                              "13:20:00+5",
                              "13:20:00+02:00@Europe/Paris",
                              "7:20",
                              "13:20:00.",
                              "13:20:00@",
                              "13:20:00z",
                              "13:20:00+05:60",
                              "13:20:00ZZ",
                              "13:20",
                              "13:20:00 Z"}) {
        INFO(wrong);
        CHECK_FALSE(Time::parse(wrong));
    }
}

TEST_CASE("Dates and times are read strictly", "[temporal]") {
    for (const char* good : {"2017-12-31T11:22:33", "-99999-12-31T11:22:33", "2017-12-31T11:22:33.345Z",
                             "2017-12-31T11:22:33-01:35", "999999999-12-31T23:59:59.999999999@Europe/Paris",
                             "2017-09-05T09:15:30.987654321@Europe/Paris", "-0001-12-31T23:59:59.999999999"}) {
        CHECK(instant_again(good) == good);
    }
    CHECK(instant_again("2021-01-01T24:00:00") == "2021-01-02T00:00:00");
    for (const char* wrong :
         {"2017-12-31", "2017-12-31T", "2017-12-31T24:00:01", "2017-12-31 11:22:33", "2011-12-0310:15:30",
          "2017-12-31T13:20:00+02:00@Europe/Paris", "999999999-12-31T24:00:00", "2017-02-30T00:00:00"}) {
        INFO(wrong);
        CHECK_FALSE(DateTime::parse(wrong));
    }
    DateTime before = *DateTime::parse("1969-12-31T23:59:59.25");
    CHECK(before.seconds == -1);
    CHECK(before.date().to_string() == "1969-12-31");
    CHECK(before.time().to_string() == "23:59:59.25");
}

TEST_CASE("Zones know their gaps and overlaps", "[temporal]") {
    auto paris = value::zone_id("Europe/Paris");
    REQUIRE(paris);
    CHECK(value::zone_id("Europe/Paris") == paris);
    CHECK(value::zone_name(*paris) == "Europe/Paris");
    for (const char* wrong : {"", "xyz/abc", "../../etc/passwd", "/etc/passwd", "Europe/Paris ", "tzdata.zi", "europe"})
        CHECK_FALSE(value::zone_id(wrong));
    CHECK(value::zone_name(-1).empty());
    CHECK(value::zone_name(4000).empty());
    CHECK_FALSE(value::zone_database_version().empty());

    // The clock went from 2:00 to 3:00 on 31 March 2024 and from 3:00 back to 2:00 on 27 October.
    CHECK(seconds_of("2024-03-31T01:59:59@Europe/Paris") == seconds_of("2024-03-31T00:59:59Z"));
    CHECK(seconds_of("2024-03-31T03:00:00@Europe/Paris") == seconds_of("2024-03-31T01:00:00Z"));
    CHECK(seconds_of("2024-03-31T02:30:00@Europe/Paris") ==
          seconds_of("2024-03-31T01:30:00Z"));  // in the gap: as before it
    CHECK(seconds_of("2024-10-27T02:30:00@Europe/Paris") ==
          seconds_of("2024-10-27T00:30:00Z"));  // in the overlap: the first
    CHECK(seconds_of("2024-10-27T03:00:00@Europe/Paris") == seconds_of("2024-10-27T02:00:00Z"));
    CHECK(value::zone_offset_at(*paris, seconds_of("2024-10-27T00:59:59Z")) == 7200);
    CHECK(value::zone_offset_at(*paris, seconds_of("2024-10-27T01:00:00Z")) == 3600);
    CHECK(seconds_of("2024-07-01T12:00:00@Asia/Shanghai") == seconds_of("2024-07-01T04:00:00Z"));
}

TEST_CASE("Zones go on after the last change in their files", "[temporal]") {
    int32_t paris = *value::zone_id("Europe/Paris");
    int32_t sydney = *value::zone_id("Australia/Sydney");
    for (int64_t year : {2037, 2038, 2044, 2051, 2100, 2400, 40'000, 999'999'998}) {
        INFO(year);
        auto at = [&](int month, int day, int hour) { return Date::of(year, month, day)->days * 86'400 + hour * 3600; };
        CHECK(value::zone_offset_at(paris, at(1, 15, 0)) == 3600);
        CHECK(value::zone_offset_at(paris, at(7, 15, 0)) == 7200);
        CHECK(value::zone_offset_of_local(paris, at(7, 15, 0)) == 7200);
        CHECK(value::zone_offset_at(sydney, at(1, 15, 0)) == 39'600);
        CHECK(value::zone_offset_at(sydney, at(7, 15, 0)) == 36'000);
        // Summer time begins on the last Sunday of March at 01:00 UTC.
        int day = 31;
        while (Date::of(year, 3, day)->weekday() != 7) --day;
        CHECK(value::zone_offset_at(paris, at(3, day, 1) - 1) == 3600);
        CHECK(value::zone_offset_at(paris, at(3, day, 1)) == 7200);
    }
    CHECK(value::zone_offset_at(paris, Date::parse("-999999999-01-01")->days * 86'400) == 561);
}

TEST_CASE("Instants convert to microseconds and back", "[temporal]") {
    CHECK(value::format_instant(0) == "1970-01-01T00:00:00.000000Z");
    CHECK(value::format_instant(-1) == "1969-12-31T23:59:59.999999Z");
    CHECK(value::format_instant(1'795'248'000'123'456) == "2026-11-21T08:00:00.123456Z");
    CHECK(value::parse_instant("2026-11-21T08:00:00.123456Z") == 1'795'248'000'123'456);
    CHECK(value::parse_instant("2026-11-21T16:00:00.123456789+08:00") == 1'795'248'000'123'456);
    CHECK(value::parse_instant("1969-12-31T23:59:59.999999Z") == -1);
    for (const char* wrong :
         {"", "2026-11-21", "2026-11-21T08:00:00", "999999999-01-01T00:00:00Z", "-999999999-01-01T00:00:00Z"}) {
        CHECK_FALSE(value::parse_instant(wrong));
    }
    Zone shanghai{ZoneKind::zone, *value::zone_id("Asia/Shanghai")};
    DateTime local = DateTime::from_utc_us(1'795'248'000'123'456, shanghai);
    CHECK(local.to_string() == "2026-11-21T16:00:00.123456@Asia/Shanghai");
    CHECK(local.utc_us() == 1'795'248'000'123'456);
    CHECK(DateTime::from_utc_us(-1, {ZoneKind::offset, -3600}).to_string() == "1969-12-31T22:59:59.999999-01:00");
    CHECK(DateTime::parse("999999999-01-01T00:00:00Z")->utc_us() == std::numeric_limits<int64_t>::max());
    auto seed = static_cast<uint64_t>(Catch::rngSeed()) + 7;
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    for (int i = 0; i < 2000; ++i) {
        int64_t us = static_cast<int64_t>(random() % 500'000'000'000'000'000u) - 60'000'000'000'000'000;
        REQUIRE(value::parse_instant(value::format_instant(us)) == us);
        REQUIRE(DateTime::from_utc_us(us, {ZoneKind::offset, 5 * 3600}).utc_us() == us);
    }
}

TEST_CASE("The fixed form of instants is the general one", "[temporal]") {
    auto general = [](int64_t us) {
        DateTime instant = DateTime::from_utc_us(us, {ZoneKind::offset, 0});
        std::string text = instant.to_string();
        size_t point = text.find('.');
        text.pop_back();
        std::string fraction = point == std::string::npos ? "" : text.substr(point + 1);
        fraction.resize(6, '0');
        return text.substr(0, point) + "." + fraction + "Z";
    };
    for (int64_t us :
         {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max(), int64_t{253'402'300'799'999'999},
          int64_t{253'402'300'800'000'000}, int64_t{-62'167'219'200'000'000}, int64_t{-62'167'219'200'000'001},
          int64_t{-62'198'755'200'000'000}}) {
        CHECK(value::format_instant(us) == general(us));
    }
    for (const char* other :
         {"2026-02-29T08:00:00.000000Z", "2026-00-10T08:00:00.000000Z", "2026-13-10T08:00:00.000000Z",
          "2026-01-00T08:00:00.000000Z", "2026-01-32T08:00:00.000000Z", "2026-01-10T25:00:00.000000Z",
          "2026-01-10T08:60:00.000000Z", "2026-01-10T08:00:61.000000Z", "2026-01-10T08:00:00.00000xZ",
          "2026-01-10 08:00:00.000000Z", "x026-01-10T08:00:00.000000Z", "2026-01-10T08:00:00.0000000"}) {
        INFO(other);
        CHECK_FALSE(value::parse_instant(other));
    }
    CHECK(value::parse_instant("2024-02-29T23:59:59.999999Z") == 1'709'251'199'999'999);
    auto seed = static_cast<uint64_t>(Catch::rngSeed()) + 11;
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    for (int i = 0; i < 2000; ++i) {
        auto us = static_cast<int64_t>(random()) >> (i % 16);
        std::string text = value::format_instant(us);
        REQUIRE(text == general(us));
        auto read = DateTime::parse(text);
        REQUIRE((read && value::parse_instant(text) == us));
    }
}

TEST_CASE("Offsets do not depend on what was asked before", "[zones]") {
    auto seed = static_cast<uint64_t>(Catch::rngSeed()) + 13;
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    std::vector<int32_t> zones;
    for (const char* name : {"Asia/Shanghai", "Europe/Berlin", "America/New_York", "Pacific/Apia", "Africa/Casablanca"})
        zones.push_back(*value::zone_id(name));
    constexpr int64_t kFirst = -3'000'000'000, kLast = 4'000'000'000;  // 1874 to 2096
    auto between = [&](int64_t first, int64_t last) {
        return first + static_cast<int64_t>(random() % static_cast<uint64_t>(last - first));
    };
    for (int i = 0; i < 400; ++i) {
        int32_t zone = zones[random() % zones.size()];
        int64_t near = between(kFirst, kLast);
        // Moments around one that was just asked, across changes of the offset.
        for (int step = 0; step < 8; ++step) {
            int64_t seconds = near + between(-200, 200) * 86'400 / 4;
            int32_t at = value::zone_offset_at(zone, seconds), of_local = value::zone_offset_of_local(zone, seconds);
            int32_t fresh_at = 0, fresh_of_local = 0;  // a thread of its own remembers nothing
            if (step % 4 == 0) {
                std::thread([&] { fresh_at = value::zone_offset_at(zone, seconds); }).join();
                std::thread([&] { fresh_of_local = value::zone_offset_of_local(zone, seconds); }).join();
                CAPTURE(zone, seconds);
                REQUIRE(at == fresh_at);
                REQUIRE(of_local == fresh_of_local);
            }
        }
    }
}

TEST_CASE("Durations are read as XML Schema has them and written normalised", "[temporal]") {
    struct Row {
        const char* text;
        const char* normal;
    };
    for (const Row& row :
         {Row{"PT2H", "PT2H"}, Row{"PT0.999S", "PT0.999S"}, Row{"P1DT2H3M4.123456789S", "P1DT2H3M4.123456789S"},
          Row{"PT0.S", "PT0S"}, Row{"P0D", "PT0S"}, Row{"-P0D", "PT0S"}, Row{"-PT1H2M", "-PT1H2M"},
          Row{"PT1000M", "PT16H40M"}, Row{"PT24H", "P1D"}, Row{"P2DT274M", "P2DT4H34M"}, Row{"-PT0.5S", "-PT0.5S"},
          Row{"-PT1.25S", "-PT1.25S"}, Row{"P1Y2M", "P1Y2M"}, Row{"P0M", "P0M"}, Row{"-P0Y", "P0M"},
          Row{"P1Y27M", "P3Y3M"}, Row{"-P100M", "-P8Y4M"}, Row{"P999999999M", "P83333333Y3M"}}) {
        INFO(row.text);
        CHECK(duration_again(row.text) == row.normal);
        CHECK(duration_again(row.normal) == row.normal);
    }
    for (const char* wrong : {"",
                              "P",
                              "-P",
                              "PT",
                              "P0",
                              "P1H",
                              "PT1D",
                              "P1DT",
                              "P1Y1D",
                              "P1MT1H",
                              "P1M1Y",
                              "PT1S1M",
                              "P1D1D",
                              "+P1D",
                              "P-1D",
                              "P1.5D",
                              "PT.5S",
                              "PT1.5H",
                              "P1W",
                              "p1d",
                              "P1D ",
                              "P9999999999999999999D",
                              "P999999999999999999D",
                              "1D"}) {
        INFO(wrong);
        CHECK_FALSE(parse_duration(wrong));
    }
    CHECK(parse_duration("-PT0.5S")->days->seconds == -1);
    CHECK(parse_duration("-PT0.5S")->days->nanoseconds == 500'000'000);
    CHECK(parse_duration("PT8H")->has_time_part);
    CHECK_FALSE(parse_duration("P7D")->has_time_part);
    CHECK(parse_duration("P1D").value().days < parse_duration("PT25H").value().days);
}
