#include "calendar/hours.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace leat::calendar {

namespace {

constexpr std::array<std::string_view, 7> kDays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

std::string_view trim(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

std::optional<size_t> day_of(std::string_view text) {
    auto it = std::find(kDays.begin(), kDays.end(), trim(text));
    if (it == kDays.end()) return std::nullopt;
    return static_cast<size_t>(it - kDays.begin());
}

Error days_error(std::string_view text, std::string_view part) {
    return make_error(
        Status::usage, "calendar.days",
        fmt::format("'{}' in '{}' is no day of the week; write mon, tue, wed, thu, fri, sat, sun, a range "
                    "such as mon-fri, or several with commas",
                    part, text));
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::optional<int32_t> second_of(std::string_view text) {
    if (text.size() != 5 || text[2] != ':') return std::nullopt;
    if (!is_digit(text[0]) || !is_digit(text[1]) || !is_digit(text[3]) || !is_digit(text[4])) return std::nullopt;
    int32_t hour = (text[0] - '0') * 10 + (text[1] - '0'), minute = (text[3] - '0') * 10 + (text[4] - '0');
    if (minute > 59 || hour > 24 || (hour == 24 && minute != 0)) return std::nullopt;
    return hour * 3600 + minute * 60;
}

Error hours_error(std::string_view text, std::string_view why) {
    return make_error(Status::usage, "calendar.hours", fmt::format("working hours '{}': {}", text, why));
}

Result<Hours> parse_interval(std::string_view text) {
    size_t dash = text.find('-');
    if (dash == std::string_view::npos) return hours_error(text, "write two times, such as '09:00-12:00'");
    std::optional<int32_t> begin = second_of(trim(text.substr(0, dash))), end = second_of(trim(text.substr(dash + 1)));
    if (!begin || !end) return hours_error(text, "a time has two digits each, 00:00 to 24:00, such as '09:00-12:00'");
    if (*begin == *end) return hours_error(text, "they begin and end at the same time");
    if (*begin > *end) {
        return hours_error(text,
                           fmt::format("they end before they begin; a shift over midnight is two: '{}-24:00' and, "
                                       "on the next day, '00:00-{}'",
                                       trim(text.substr(0, dash)), trim(text.substr(dash + 1))));
    }
    return Hours{*begin, *end};
}

}  // namespace

Result<std::array<bool, 7>> parse_days(std::string_view text) {
    std::array<bool, 7> days{};
    for (size_t begin = 0; begin <= text.size();) {
        size_t comma = std::min(text.find(',', begin), text.size());
        std::string_view part = trim(text.substr(begin, comma - begin));
        size_t dash = part.find('-');
        std::string_view last_text = dash == std::string_view::npos ? part : part.substr(dash + 1);
        std::optional<size_t> first = day_of(part.substr(0, dash)), last = day_of(last_text);
        if (!first || !last) return days_error(text, part);
        for (size_t day = *first;; day = (day + 1) % 7) {  // sat-mon goes over Sunday
            days[day] = true;
            if (day == *last) break;
        }
        begin = comma + 1;
    }
    return days;
}

Result<Day> parse_hours(const std::vector<std::string>& texts) {
    std::vector<std::pair<Hours, std::string_view>> parsed;
    for (const std::string& text : texts) {
        LEAT_TRY(Hours hours, parse_interval(text));
        parsed.emplace_back(hours, text);
    }
    std::sort(parsed.begin(), parsed.end(),
              [](const auto& a, const auto& b) { return a.first.begin_s < b.first.begin_s; });
    Day day;
    for (size_t i = 0; i < parsed.size(); ++i) {
        if (i > 0 && parsed[i].first.begin_s < parsed[i - 1].first.end_s) {
            return hours_error(parsed[i].second, fmt::format("they overlap '{}'", parsed[i - 1].second));
        }
        day.push_back(parsed[i].first);
    }
    return day;
}

}  // namespace leat::calendar
