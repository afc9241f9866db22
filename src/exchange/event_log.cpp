#include "exchange/event_log.hpp"

#include <algorithm>

#include "exchange/event_log_parts.hpp"
#include "value/temporal.hpp"

namespace leat::exchange {

namespace {

bool is_blank(int c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Reads a time by a format; each part at most once would be stricter than strptime, so the last one counts.
class TimeScan {
 public:
    explicit TimeScan(std::string_view text) : text_(text) {}

    bool scan(std::string_view format) {
        for (size_t i = 0; i < format.size(); ++i) {
            if (format[i] != '%' || i + 1 == format.size()) {
                if (text_.empty() || text_.front() != format[i]) return false;
                text_.remove_prefix(1);
            } else if (!part(format[++i])) {
                return false;
            }
        }
        return text_.empty();
    }

    std::optional<int64_t> time_us() const {
        auto date = value::Date::of(year_, month_, day_);
        if (!date || hour_ > 23 || minute_ > 59 || second_ > 60) return std::nullopt;
        return ((date->days * 24 + hour_) * 60 + minute_ - offset_) * 60'000'000 + second_ * 1'000'000LL + fraction_us_;
    }

 private:
    bool part(char kind) {
        switch (kind) {
            case 'Y':
                return number(4, year_);
            case 'm':
                return number(2, month_);
            case 'd':
                return number(2, day_);
            case 'H':
                return number(2, hour_);
            case 'M':
                return number(2, minute_);
            case 'S':
                return number(2, second_);
            case 'f':
                return fraction();
            case 'z':
                return offset();
            case '%':
                if (text_.empty() || text_.front() != '%') return false;
                text_.remove_prefix(1);
                return true;
            default:
                return false;
        }
    }
    bool number(size_t digits, int& out) {
        size_t count = 0;
        out = 0;
        while (count < digits && count < text_.size() && is_digit(text_[count]))
            out = out * 10 + (text_[count++] - '0');
        text_.remove_prefix(count);
        return count > 0;
    }
    bool fraction() {
        int64_t unit = 100'000;
        size_t count = 0;
        fraction_us_ = 0;
        while (count < text_.size() && is_digit(text_[count])) {
            fraction_us_ += (text_[count++] - '0') * unit;
            unit /= 10;
        }
        text_.remove_prefix(count);
        return count > 0;
    }
    bool offset() {
        if (!text_.empty() && text_.front() == 'Z') {
            text_.remove_prefix(1);
            return true;
        }
        if (text_.empty() || (text_.front() != '+' && text_.front() != '-')) return false;
        int sign = text_.front() == '-' ? -1 : 1, hours = 0, minutes = 0;
        text_.remove_prefix(1);
        if (!number(2, hours)) return false;
        if (!text_.empty() && text_.front() == ':') text_.remove_prefix(1);
        if (!text_.empty() && is_digit(text_.front()) && !number(2, minutes)) return false;
        offset_ = sign * (hours * 60 + minutes);
        return true;
    }

    std::string_view text_;
    int year_ = 1970, month_ = 1, day_ = 1, hour_ = 0, minute_ = 0, second_ = 0, offset_ = 0;
    int64_t fraction_us_ = 0;
};

}  // namespace

std::optional<int64_t> parse_log_time(std::string_view text, std::string_view format) {
    std::vector<std::string_view> formats = {format};
    if (format.empty()) {
        formats = {"%Y-%m-%dT%H:%M:%S.%f%z",
                   "%Y-%m-%dT%H:%M:%S%z",
                   "%Y-%m-%dT%H:%M:%S.%f",
                   "%Y-%m-%dT%H:%M:%S",
                   "%Y-%m-%d %H:%M:%S.%f%z",
                   "%Y-%m-%d %H:%M:%S%z",
                   "%Y-%m-%d %H:%M:%S.%f",
                   "%Y-%m-%d %H:%M:%S",
                   "%Y-%m-%dT%H:%M",
                   "%Y-%m-%d %H:%M",
                   "%Y-%m-%d"};
    }
    for (std::string_view one : formats) {
        TimeScan scan(text);
        if (scan.scan(one)) return scan.time_us();
    }
    return std::nullopt;
}

Result<int64_t> log_time(const std::string& text, const LogColumns& columns, const std::string& where) {
    if (auto time = parse_log_time(text, columns.time_format)) return *time;
    return log_error("log.time", fmt::format("{}: '{}' is no time {}", where, text,
                                             columns.time_format.empty()
                                                 ? "such as 2026-11-21T08:00:00+08:00: say how it is written "
                                                   "(time_format: \"%d/%m/%Y %H:%M\")"
                                                 : fmt::format("of the form '{}'", columns.time_format)));
}

bool same_word(std::string_view one, std::string_view other) {
    auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                      [&](char a, char b) { return lower(a) == lower(b); });
}

Result<void> read_event_log(const std::string& path, const LogColumns& columns, LogReader& reader) {
    LEAT_TRY(ByteStream bytes, ByteStream::open(path));
    if (bytes.peek() == 0xEF) {  // a byte order mark
        for (int expected : {0xEF, 0xBB, 0xBF}) {
            if (bytes.get() != expected)
                return log_error("log.encoding", fmt::format("'{}' is not UTF-8: save it as UTF-8", path));
        }
    }
    while (is_blank(bytes.peek())) bytes.get();
    auto read = bytes.peek() == '<' ? read_xes_log(bytes, columns, reader) : read_csv_log(bytes, columns, reader);
    // A file that cannot be unpacked ends early: that is the reason, not what the reader then misses.
    LEAT_CHECK(bytes.finish());
    if (!read && (read.error().code.rfind("log.", 0) == 0))
        read.error().message = fmt::format("{}: {}", path, read.error().message);
    return read;
}

}  // namespace leat::exchange
