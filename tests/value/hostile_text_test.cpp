// Texts one edit away from good ones: nothing may crash, and what is read must be written so that it reads the same.
#include <random>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "value/value.hpp"

using namespace leat;

namespace {

std::string edited(std::string text, std::mt19937_64& random) {
    static const std::string_view kLetters = "0123456789-+:.TZPYMDHSeE@/ \xff\xe4\xb8\xad";
    for (uint64_t edits = random() % 4; edits > 0; --edits) {
        size_t at = random() % (text.size() + 1);
        char c = kLetters[random() % kLetters.size()];
        switch (random() % 3) {
            case 0:
                text.insert(at, 1, c);
                break;
            case 1:
                if (at < text.size()) text.erase(at, 1);
                break;
            default:
                if (at < text.size()) text[at] = c;
        }
    }
    return text;
}

// Its text, and the text of that read again.
template <class T>
bool stable(std::string_view text) {
    auto once = T::parse(text);
    if (!once) return true;
    auto twice = T::parse(once->to_string());
    return twice && twice->to_string() == once->to_string();
}

bool stable_duration(std::string_view text) {
    auto once = value::parse_duration(text);
    if (!once) return true;
    if (once->days.has_value() == once->months.has_value()) return false;
    std::string shown = once->days ? once->days->to_string() : once->months->to_string();
    auto twice = value::parse_duration(shown);
    return twice && twice->days == once->days && twice->months == once->months;
}

}  // namespace

TEST_CASE("Texts near good ones are read stably or not at all", "[hostile]") {
    auto seed = static_cast<uint64_t>(Catch::rngSeed()) + 99;
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    const std::vector<std::string> dates{"2026-11-21", "-0044-03-15", "999999999-12-31"};
    const std::vector<std::string> times{"11:22:33.5", "24:00:00", "10:00:00+08:00", "10:00:00@Asia/Shanghai"};
    const std::vector<std::string> durations{"P1Y2M", "-P3DT4H5M6.789S", "PT0.S", "P999999999Y"};
    const std::vector<std::string> numbers{"-1.50", ".5", "1e6100", "123456789012345678901234567890123456",
                                           "9.99e-6170"};
    auto pick = [&](const std::vector<std::string>& from) { return from[random() % from.size()]; };
    for (int i = 0; i < 20'000; ++i) {
        std::string date = edited(pick(dates), random), time = edited(pick(times), random);
        std::string moment = edited(pick(dates) + "T" + pick(times), random);
        std::string duration = edited(pick(durations), random), number = edited(pick(numbers), random);
        CAPTURE(date, time, moment, duration, number);
        REQUIRE(stable<Date>(date));
        REQUIRE(stable<Time>(time));
        REQUIRE(stable<DateTime>(moment));
        REQUIRE(stable_duration(duration));
        REQUIRE(stable<Decimal>(number));
    }
}

TEST_CASE("Zones are asked from many threads at once", "[zones]") {
    const char* names[] = {"Asia/Tokyo",   "America/New_York",  "Africa/Cairo",
                           "Asia/Kolkata", "America/Sao_Paulo", "Etc/GMT+5"};
    std::vector<std::vector<int32_t>> ids(4);
    std::vector<std::thread> threads;
    for (auto& mine : ids) {
        threads.emplace_back([&mine, &names] {
            for (const char* name : names) {
                int32_t id = value::zone_id(name).value_or(-1);
                mine.push_back(value::zone_name(id) == name ? id : -2);
                mine.push_back(value::zone_offset_at(id, 1'795'248'000));
            }
        });
    }
    for (auto& thread : threads) thread.join();
    for (const auto& mine : ids) CHECK(mine == ids[0]);
    CHECK(ids[0][1] == 32'400);
    CHECK(ids[0][11] == -18'000);
}
