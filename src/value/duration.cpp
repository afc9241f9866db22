// Durations to and from ISO 8601 text.
#include <limits>

#include <fmt/format.h>

#include "value/scan.hpp"
#include "value/temporal.hpp"

namespace leat::value {

namespace {

constexpr int64_t kNano = 1'000'000'000;

struct Parts {
    bool negative = false;
    __int128 months = 0;
    __int128 seconds = 0;
    int64_t nanoseconds = 0;
    bool has_months = false, has_days = false, has_time = false;
};

// One "nX" of the designators in `order`, from `next` on; each may stand once and in this order.
bool scan_part(Scan& scan, std::string_view order, size_t& next, char& designator, int64_t& number,
               int64_t& nanoseconds) {
    if (!scan.digits(1, 18, number)) return false;
    nanoseconds = 0;
    bool point = scan.skip('.');
    if (point) scan.fraction(nanoseconds, 0);  // XML Schema and FEEL's suite accept "PT0.S"
    if (scan.done()) return false;
    designator = scan.text[scan.at++];
    size_t found = order.find(designator, next);
    if (found == std::string_view::npos || (point && designator != 'S')) return false;
    next = found + 1;
    return true;
}

bool scan_duration(Scan& scan, Parts& parts) {
    parts.negative = scan.skip('-');
    if (!scan.skip('P') || scan.done()) return false;
    size_t next = 0;
    char designator = 0;
    int64_t number = 0, nanoseconds = 0;
    while (!scan.done() && !scan.skip('T')) {
        if (!scan_part(scan, "YMD", next, designator, number, nanoseconds)) return false;
        if (designator == 'D') {
            parts.has_days = true;
            parts.seconds += static_cast<__int128>(number) * 86'400;
        } else {
            parts.has_months = true;
            parts.months += static_cast<__int128>(number) * (designator == 'Y' ? 12 : 1);
        }
    }
    if (scan.text[scan.at - 1] != 'T') return true;
    if (scan.done()) return false;
    next = 0;
    parts.has_time = true;
    while (!scan.done()) {
        if (!scan_part(scan, "HMS", next, designator, number, nanoseconds)) return false;
        parts.seconds += static_cast<__int128>(number) * (designator == 'H' ? 3600 : designator == 'M' ? 60 : 1);
        parts.nanoseconds += nanoseconds;
    }
    return true;
}

}  // namespace

std::optional<ParsedDuration> parse_duration(std::string_view text) {
    Scan scan{text};
    Parts parts;
    if (!scan_duration(scan, parts)) return std::nullopt;
    if (parts.has_months && (parts.has_days || parts.has_time)) return std::nullopt;
    constexpr int64_t most = std::numeric_limits<int64_t>::max() - 1;
    if (parts.months > most || parts.seconds > most) return std::nullopt;
    ParsedDuration result;
    result.has_time_part = parts.has_time;
    if (parts.has_months) {
        auto months = static_cast<int64_t>(parts.months);
        result.months = MonthsDuration{parts.negative ? -months : months};
        return result;
    }
    DaysDuration days{static_cast<int64_t>(parts.seconds), static_cast<int32_t>(parts.nanoseconds)};
    if (parts.negative) {
        days.seconds = -days.seconds;
        if (days.nanoseconds != 0) {
            days.seconds -= 1;
            days.nanoseconds = static_cast<int32_t>(kNano - days.nanoseconds);
        }
    }
    result.days = days;
    return result;
}

std::string DaysDuration::to_string() const {
    bool negative = seconds < 0;
    auto whole = negative ? -static_cast<uint64_t>(seconds) : static_cast<uint64_t>(seconds);
    int64_t fraction = nanoseconds;
    if (negative && fraction != 0) {
        whole -= 1;
        fraction = kNano - fraction;
    }
    if (whole == 0 && fraction == 0) return "PT0S";
    std::string out = negative ? "-P" : "P";
    if (uint64_t days = whole / 86'400) out += fmt::format("{}D", days);
    uint64_t hours = whole / 3600 % 24, minutes = whole / 60 % 60, rest = whole % 60;
    if (hours == 0 && minutes == 0 && rest == 0 && fraction == 0) return out;
    out += 'T';
    if (hours != 0) out += fmt::format("{}H", hours);
    if (minutes != 0) out += fmt::format("{}M", minutes);
    if (rest == 0 && fraction == 0) return out;
    out += fmt::format("{}", rest);
    if (fraction != 0) {
        std::string digits = fmt::format("{:09}", fraction);
        digits.erase(digits.find_last_not_of('0') + 1);
        out += '.' + digits;
    }
    return out + 'S';
}

std::string MonthsDuration::to_string() const {
    if (months == 0) return "P0M";
    auto size = months < 0 ? -static_cast<uint64_t>(months) : static_cast<uint64_t>(months);
    std::string out = months < 0 ? "-P" : "P";
    if (size >= 12) out += fmt::format("{}Y", size / 12);
    if (size % 12 != 0) out += fmt::format("{}M", size % 12);
    return out;
}

}  // namespace leat::value
