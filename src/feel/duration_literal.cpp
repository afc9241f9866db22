#include "feel/duration_literal.hpp"

#include <fmt/format.h>

#include "base/diagnostic.hpp"

namespace leat::feel {

namespace {

std::optional<Value> fail(std::string* problem, std::string text) {
    if (problem) *problem = std::move(text);
    return std::nullopt;
}

}  // namespace

std::optional<Value> parse_duration_literal(std::string_view text, const Scope& scope, std::string* problem) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    size_t blank = text.find(' ');
    std::string_view iso = text.substr(0, blank);
    std::string_view calendar_name;
    if (blank != std::string_view::npos) {
        calendar_name = text.substr(blank);
        while (!calendar_name.empty() && calendar_name.front() == ' ') calendar_name.remove_prefix(1);
    }
    auto parsed = value::parse_duration(iso);
    if (!parsed) return fail(problem, fmt::format("'{}' is not a duration: write P7D, PT8H, P1M or P7D office", text));
    uint32_t calendar = 0;
    if (!calendar_name.empty()) {
        auto index = scope.calendar(calendar_name);
        if (!index) return fail(problem, fmt::format("there is no calendar '{}'", calendar_name));
        calendar = *index + 1;
    }
    if (parsed->months) return Value::of(*parsed->months, calendar);
    if (calendar == 0) return Value::of(*parsed->days);
    size_t days_end = iso.find('T');
    if (parsed->has_time_part && iso.substr(0, days_end).find('D') != std::string_view::npos) {
        return fail(
            problem,
            fmt::format(
                "'{}' mixes working days and working hours: a day of '{}' has no fixed hours; write one of the two",
                text, calendar_name));
    }
    return Value::of(*parsed->days, calendar, !parsed->has_time_part);
}

std::optional<Value> parse_temporal_literal(std::string_view text, const Scope& scope, std::string* problem) {
    if (auto date = Date::parse(text)) return Value::of(*date);
    if (auto date_time = DateTime::parse(text)) return Value::of(*date_time);
    if (auto time = Time::parse(text)) return Value::of(*time);
    bool duration = text.starts_with('P') || text.starts_with("-P");
    if (duration) return parse_duration_literal(text, scope, problem);
    return fail(problem, fmt::format("'{}' is not a date, time, date and time or duration", text));
}

}  // namespace leat::feel
