#include "calendar/cron.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "calendar/walk.hpp"

namespace leat::calendar {

namespace {

using value::Date;

constexpr int64_t kHorizonDays = 28 * 366;  // the Gregorian weekdays of 29 February come round in 28 years

std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    while (!text.empty()) {
        size_t begin = text.find_first_not_of(' ');
        if (begin == std::string_view::npos) break;
        text.remove_prefix(begin);
        size_t end = std::min(text.find(' '), text.size());
        words.push_back(text.substr(0, end));
        text.remove_prefix(end);
    }
    return words;
}

std::optional<int> number_of(std::string_view text) {
    int value = 0;
    auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || text.size() > 4 || problem != std::errc() || end != text.data() + text.size() || value < 0)
        return std::nullopt;
    return value;
}

// One of the five: its bounds, and words for its numbers from `low` on.
struct Field {
    const char* what;
    int low, high;
    std::vector<std::string_view> names{};

    std::optional<int> value(std::string_view text) const {
        std::string lower(text);
        for (char& c : lower)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        auto name = std::find(names.begin(), names.end(), lower);
        if (name != names.end()) return low + static_cast<int>(name - names.begin());
        auto number = number_of(text);
        if (!number || *number < low || *number > high) return std::nullopt;
        return number;
    }
};

Error cron_error(std::string_view text, std::string_view why) {
    return make_error(Status::usage, "calendar.cron",
                      fmt::format("the schedule '{}': {}; write minute, hour, day of the month, month and day of the "
                                  "week, such as '0 9 * * mon-fri'",
                                  text, why));
}

// Sets the numbers that one field allows. False: it says something else.
template <class Set>
bool read_field(const Field& field, std::string_view text, const Set& set) {
    for (size_t begin = 0; begin <= text.size();) {
        size_t comma = std::min(text.find(',', begin), text.size());
        std::string_view part = text.substr(begin, comma - begin);
        begin = comma + 1;
        int step = 1;
        if (size_t slash = part.find('/'); slash != std::string_view::npos) {
            auto given = number_of(part.substr(slash + 1));
            if (!given || *given == 0) return false;
            step = *given;
            part = part.substr(0, slash);
        } else if (part != "*" && part.find('-') == std::string_view::npos) {
            auto single = field.value(part);
            if (!single) return false;
            set(*single);
            continue;
        }
        int first = field.low, last = field.high;
        if (part != "*") {
            size_t dash = part.find('-');
            auto from = field.value(part.substr(0, dash));
            // `8/2` counts on from 8.
            auto to =
                dash == std::string_view::npos ? std::optional<int>(field.high) : field.value(part.substr(dash + 1));
            if (!from || !to) return false;
            first = *from;
            last = *to;
            if (first > last && field.high == 7) last += 7;  // fri-mon goes over Sunday
            if (first > last) return false;
        } else if (field.high == 7) {
            last = 6;  // Sunday once
        }
        for (int one = first; one <= last; one += step) set(field.high == 7 ? one % 7 : one);
    }
    return true;
}

}  // namespace

bool looks_like_cron(std::string_view text) {
    return text.starts_with('@') || words_of(text).size() == 5;
}

Result<Cron> Cron::parse(std::string_view text) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kWords = {{{"@hourly", "0 * * * *"},
                                                                                             {"@daily", "0 0 * * *"},
                                                                                             {"@weekly", "0 0 * * 0"},
                                                                                             {"@monthly", "0 0 1 * *"},
                                                                                             {"@yearly", "0 0 1 1 *"}}};
    std::string_view five = text;
    for (const auto& [word, meaning] : kWords)
        if (text == word) five = meaning;
    std::vector<std::string_view> words = words_of(five);
    if (words.size() != 5) return cron_error(text, fmt::format("it has {} words, not five", words.size()));
    static const std::array<Field, 5> kFields = {
        {{"minute", 0, 59},
         {"hour", 0, 23},
         {"day of the month", 1, 31},
         {"month", 1, 12, {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}},
         {"day of the week", 0, 7, {"sun", "mon", "tue", "wed", "thu", "fri", "sat"}}}};
    Cron cron;
    cron.text_ = text;
    std::string days(words[2]);
    if (days == "L") {
        cron.last_day_ = true;
        days.clear();
    } else if (days.starts_with("L,") || days.ends_with(",L")) {
        cron.last_day_ = true;
        days = days.starts_with("L,") ? days.substr(2) : days.substr(0, days.size() - 2);
    }
    auto bad = [&](size_t field) {
        return cron_error(text, fmt::format("'{}' is no {}", words[field], kFields[field].what));
    };
    auto at = [](int number) { return static_cast<size_t>(number); };
    if (!read_field(kFields[0], words[0], [&](int one) { cron.minutes_.set(at(one)); })) return bad(0);
    if (!read_field(kFields[1], words[1], [&](int one) { cron.hours_.set(at(one)); })) return bad(1);
    if (!days.empty() && !read_field(kFields[2], days, [&](int one) { cron.days_.set(at(one)); })) return bad(2);
    if (!read_field(kFields[3], words[3], [&](int one) { cron.months_.set(at(one)); })) return bad(3);
    if (!read_field(kFields[4], words[4], [&](int one) { cron.weekdays_.set(at(one % 7)); })) return bad(4);
    cron.any_day_ = words[2] == "*";
    cron.any_weekday_ = words[4] == "*";
    cron.every_hour_ = words[1].starts_with('*');
    for (Date date; date.days < kHorizonDays; ++date.days)
        if (cron.day_matches(date)) return cron;
    return cron_error(text, "no date meets it");
}

bool Cron::day_matches(Date date) const {
    int64_t year = 0;
    int month = 0, day_of_month = 0, day_after = 0;
    Date{date.days + 1}.civil(year, month, day_after);
    date.civil(year, month, day_of_month);
    if (!months_[static_cast<size_t>(month)]) return false;
    bool day = days_[static_cast<size_t>(day_of_month)] || (last_day_ && day_after == 1);
    bool weekday = weekdays_[static_cast<size_t>(date.weekday() % 7)];
    if (any_day_) return weekday;
    return any_weekday_ ? day : day || weekday;
}

// Named hours: each once, by the wall clock; of a skipped one the moment when the clock goes on.
std::optional<int64_t> Cron::in_day(Date date, int64_t after_s, int32_t zone) const {
    for (size_t hour = 0; hour < hours_.size(); ++hour) {
        if (!hours_[hour]) continue;
        for (size_t minute = 0; minute < minutes_.size(); ++minute) {
            if (!minutes_[minute]) continue;
            int64_t local = date.days * kDaySeconds + static_cast<int64_t>(hour * 3600 + minute * 60);
            int64_t utc = local - value::zone_offset_of_local(zone, local);
            if (utc + value::zone_offset_at(zone, utc) != local) utc = piece_to(zone, utc).begin;  // skipped
            if (utc > after_s) return utc;
        }
    }
    return std::nullopt;
}

// Every hour: real time, minute by minute of what the wall shows inside a piece with one offset.
std::optional<int64_t> Cron::in_piece(int64_t from_s, int64_t to_s, int64_t offset, const Calendar* days) const {
    int64_t local = from_s + offset;
    for (int64_t minute = -floor_div(-local, 60); minute * 60 - offset < to_s; ++minute) {
        int64_t day = floor_div(minute, 1440), of_day = minute - day * 1440;
        if (!day_matches(Date{day}) || (days && !days->works_on(Date{day}))) {
            minute = (day + 1) * 1440 - 1;
            continue;
        }
        if (!hours_[static_cast<size_t>(of_day / 60)]) {
            minute = day * 1440 + (of_day / 60 + 1) * 60 - 1;
            continue;
        }
        if (minutes_[static_cast<size_t>(of_day % 60)]) return minute * 60 - offset;
    }
    return std::nullopt;
}

Result<int64_t> Cron::next(int64_t instant_us, int32_t zone, const Calendar* days) const {
    const int64_t after = floor_div(instant_us, kMicros);
    const int64_t horizon = after + kHorizonDays * kDaySeconds;
    if (every_hour_) {
        for (int64_t at = after + 1; at < horizon;) {
            Piece piece = piece_from(zone, at);
            if (auto found = in_piece(at, piece.end, piece.offset, days)) return *found * kMicros;
            at = piece.end;
        }
    } else {
        // From the day before: where the date line of a zone moved, today's moments may lie there.
        Date date{floor_div(after + value::zone_offset_at(zone, after), kDaySeconds) - 1};
        for (; date.days * kDaySeconds < horizon; ++date.days) {
            if (!day_matches(date) || (days && !days->works_on(date))) continue;
            if (auto found = in_day(date, after, zone)) return *found * kMicros;
        }
    }
    return make_error(
        Status::limit, "calendar.no_occurrence",
        fmt::format("the schedule '{}' has no moment within 28 years of {}", text_, value::format_instant(instant_us)));
}

std::optional<Result<Repeat>> parse_repeat(std::string_view text) {
    if (text.size() < 2 || text[0] != 'R' || (text[1] != '/' && (text[1] < '0' || text[1] > '9'))) return std::nullopt;
    auto error = [&](std::string_view why) {
        return Result<Repeat>(make_error(Status::usage, "calendar.repeat",
                                         fmt::format("the repetition '{}': {}; write it as R3/PT1H, three times an "
                                                     "hour apart, or R/P1D for ever",
                                                     text, why)));
    };
    size_t slash = text.find('/');
    if (slash == std::string_view::npos) return error("it does not say how far apart");
    Repeat repeat;
    std::string_view count = text.substr(1, slash - 1);
    if (!count.empty()) {
        auto [end, problem] = std::from_chars(count.data(), count.data() + count.size(), repeat.times);
        if (problem != std::errc() || end != count.data() + count.size() || repeat.times < 1 ||
            repeat.times > 1'000'000)
            return error("the number of times is 1 to 1000000");
    }
    std::string_view rest = text.substr(slash + 1);
    if (size_t second = rest.find('/'); second != std::string_view::npos) {
        repeat.start = rest.substr(0, second);
        rest = rest.substr(second + 1);
    }
    if (!rest.starts_with('P')) return error("it ends in a duration");
    repeat.interval = rest;
    return Result<Repeat>(std::move(repeat));
}

}  // namespace leat::calendar
