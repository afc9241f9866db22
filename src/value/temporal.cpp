#include "value/temporal.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include <fmt/format.h>

#include "value/instant.hpp"
#include "value/scan.hpp"

namespace leat::value {

namespace {

constexpr int64_t kDay = 86'400;
constexpr int64_t kNano = 1'000'000'000;

int64_t floor_divide(int64_t a, int64_t b) {
    return a / b - (a % b < 0);
}
// What is left above that quotient; the product itself may not fit.
int64_t floor_remainder(int64_t a, int64_t b) {
    return a % b + (a % b < 0 ? b : 0);
}

bool leap(int64_t year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

// Days since 1970-01-01 of a civil date, proleptic Gregorian: years begin in March, so that the leap day is their last.
int64_t days_of(int64_t year, int month, int day) {
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = floor_divide(y, 400);
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146'097 + day_of_era - 719'468;
}

void civil_of(int64_t days, int64_t& year, int& month, int& day) {
    int64_t shifted = days + 719'468;
    int64_t era = floor_divide(shifted, 146'097);
    int64_t day_of_era = shifted - era * 146'097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted_month = (5 * day_of_year + 2) / 153;
    day = static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
    month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
    year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
}

// A number that is not negative with at least so many digits.
void append_padded(std::string& out, int64_t number, int digits_min) {
    char digits[20];
    char* at = digits + sizeof digits;
    for (; number > 0 || digits_min > 0; number /= 10, --digits_min) *--at = static_cast<char>('0' + number % 10);
    out.append(at, digits + sizeof digits);
}

void append_year(std::string& out, int64_t year) {
    if (year < 0) out += '-';
    append_padded(out, year < 0 ? -year : year, 4);
}

// 17:05:09
void append_clock(std::string& out, int64_t seconds_of_day) {
    append_padded(out, seconds_of_day / 3600, 2);
    out += ':';
    append_padded(out, seconds_of_day / 60 % 60, 2);
    out += ':';
    append_padded(out, seconds_of_day % 60, 2);
}

void append_date(std::string& out, int64_t days) {
    int64_t year = 0;
    int month = 0, day = 0;
    civil_of(days, year, month, day);
    append_year(out, year);
    out += '-';
    append_padded(out, month, 2);
    out += '-';
    append_padded(out, day, 2);
}

std::string date_text(int64_t days) {
    std::string out;
    append_date(out, days);
    return out;
}

// ".5" of 500,000,000 nanoseconds; nothing of 0.
void append_fraction(std::string& out, int64_t nanoseconds) {
    if (nanoseconds == 0) return;
    out += '.';
    append_padded(out, nanoseconds, 9);
    out.erase(out.find_last_not_of('0') + 1);
}

void append_zone(std::string& out, Zone zone) {
    if (zone.kind == ZoneKind::local) return;
    if (zone.kind == ZoneKind::zone) {
        out += '@';
        out += zone_name(zone.offset);
        return;
    }
    if (zone.offset == 0) {
        out += 'Z';
        return;
    }
    int32_t size = std::abs(zone.offset);
    out += fmt::format("{}{:02}:{:02}", zone.offset < 0 ? '-' : '+', size / 3600, size / 60 % 60);
    if (size % 60 != 0) out += fmt::format(":{:02}", size % 60);
}

std::string time_text(int64_t seconds_of_day, int64_t nanoseconds, Zone zone) {
    std::string out;
    append_clock(out, seconds_of_day);
    append_fraction(out, nanoseconds);
    append_zone(out, zone);
    return out;
}

bool scan_date(Scan& scan, int64_t& days) {
    bool negative = scan.skip('-');
    size_t begin = scan.at;
    int64_t year = 0;
    if (!scan.digits(4, 9, year)) return false;
    size_t size = scan.at - begin;
    if (size > 4 && scan.text[begin] == '0') return false;
    if (negative && year == 0) return false;
    int64_t month = 0, day = 0;
    if (!scan.skip('-') || !scan.digits(2, 2, month) || !scan.skip('-') || !scan.digits(2, 2, day)) return false;
    auto date = Date::of(negative ? -year : year, static_cast<int>(month), static_cast<int>(day));
    if (!date) return false;
    days = date->days;
    return true;
}

bool scan_zone(Scan& scan, Zone& zone) {
    if (scan.done()) return true;
    if (scan.skip('Z')) {
        zone = {ZoneKind::offset, 0};
        return scan.done();
    }
    if (scan.skip('@')) {
        auto id = zone_id(scan.text.substr(scan.at));
        if (!id) return false;
        zone = {ZoneKind::zone, *id};
        return true;
    }
    bool west = scan.skip('-');
    if (!west && !scan.skip('+')) return false;
    int64_t hours = 0, minutes = 0, seconds = 0;
    if (!scan.digits(2, 2, hours) || !scan.skip(':') || !scan.digits(2, 2, minutes)) return false;
    if (scan.skip(':') && !scan.digits(2, 2, seconds)) return false;
    int64_t offset = hours * 3600 + minutes * 60 + seconds;
    if (!scan.done() || minutes > 59 || seconds > 59 || offset > 18 * 3600) return false;
    zone = {ZoneKind::offset, static_cast<int32_t>(west ? -offset : offset)};
    return true;
}

// Seconds of the day (86,400 for 24:00:00) and nanoseconds.
bool scan_time(Scan& scan, int64_t& seconds_of_day, int64_t& nanoseconds, Zone& zone) {
    int64_t hours = 0, minutes = 0, seconds = 0;
    if (!scan.digits(2, 2, hours) || !scan.skip(':') || !scan.digits(2, 2, minutes) || !scan.skip(':') ||
        !scan.digits(2, 2, seconds)) {
        return false;
    }
    nanoseconds = 0;
    if (scan.skip('.') && !scan.fraction(nanoseconds, 1)) return false;
    if (minutes > 59 || seconds > 59 || hours > 24) return false;
    if (hours == 24 && (minutes != 0 || seconds != 0 || nanoseconds != 0)) return false;
    seconds_of_day = hours * 3600 + minutes * 60 + seconds;
    return scan_zone(scan, zone);
}

}  // namespace

int days_in_month(int64_t year, int month) {
    static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return kDays[month - 1] + (month == 2 && leap(year) ? 1 : 0);
}

std::optional<Date> Date::of(int64_t year, int month, int day) {
    if (year > kYearMax || year < -kYearMax || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) {
        return std::nullopt;
    }
    return Date{days_of(year, month, day)};
}

std::optional<Date> Date::parse(std::string_view text) {
    Scan scan{text};
    Date date;
    if (!scan_date(scan, date.days) || !scan.done()) return std::nullopt;
    return date;
}

void Date::civil(int64_t& year, int& month, int& day) const {
    civil_of(days, year, month, day);
}

int Date::weekday() const {
    int64_t since_monday = (days + 3) % 7;  // 1970-01-01 was a Thursday
    return static_cast<int>(since_monday < 0 ? since_monday + 7 : since_monday) + 1;
}

bool Date::in_range() const {
    static const int64_t first = days_of(-kYearMax, 1, 1);
    static const int64_t last = days_of(kYearMax, 12, 31);
    return days >= first && days <= last;
}

std::string Date::to_string() const {
    return date_text(days);
}

std::optional<Time> Time::parse(std::string_view text) {
    Scan scan{text};
    int64_t seconds = 0, nanoseconds = 0;
    Zone zone;
    if (!scan_time(scan, seconds, nanoseconds, zone)) return std::nullopt;
    return Time{seconds % kDay * kNano + nanoseconds, zone};
}

int64_t Time::utc_nanoseconds() const {
    int64_t offset = 0;
    if (zone.kind == ZoneKind::offset) offset = zone.offset;
    if (zone.kind == ZoneKind::zone) offset = zone_offset_of_local(zone.offset, nanoseconds / kNano);
    return nanoseconds - offset * kNano;
}

std::string Time::to_string() const {
    return time_text(nanoseconds / kNano, nanoseconds % kNano, zone);
}

std::optional<DateTime> DateTime::parse(std::string_view text) {
    Scan scan{text};
    int64_t days = 0, seconds = 0, nanoseconds = 0;
    Zone zone;
    if (!scan_date(scan, days) || !scan.skip('T') || !scan_time(scan, seconds, nanoseconds, zone)) return std::nullopt;
    DateTime result{days * kDay + seconds, static_cast<int32_t>(nanoseconds), zone};
    if (!result.in_range()) return std::nullopt;
    return result;
}

DateTime DateTime::from_utc_us(int64_t microseconds, Zone zone) {
    int64_t seconds = floor_divide(microseconds, 1'000'000);
    auto nanoseconds = static_cast<int32_t>(floor_remainder(microseconds, 1'000'000) * 1000);
    int64_t offset = 0;
    if (zone.kind == ZoneKind::offset) offset = zone.offset;
    if (zone.kind == ZoneKind::zone) offset = zone_offset_at(zone.offset, seconds);
    return {seconds + offset, nanoseconds, zone};
}

int64_t DateTime::utc_seconds() const {
    switch (zone.kind) {
        case ZoneKind::local:
            return seconds;
        case ZoneKind::offset:
            return seconds - zone.offset;
        case ZoneKind::zone:
            return seconds - zone_offset_of_local(zone.offset, seconds);
    }
    return seconds;
}

int64_t DateTime::utc_us() const {
    __int128 us = static_cast<__int128>(utc_seconds()) * 1'000'000 + nanoseconds / 1000;
    constexpr int64_t least = std::numeric_limits<int64_t>::min();
    constexpr int64_t most = std::numeric_limits<int64_t>::max();
    return us < least ? least : us > most ? most : static_cast<int64_t>(us);
}

bool DateTime::in_range() const {
    return date().in_range();
}

Date DateTime::date() const {
    return Date{floor_divide(seconds, kDay)};
}

Time DateTime::time() const {
    return Time{(seconds - floor_divide(seconds, kDay) * kDay) * kNano + nanoseconds, zone};
}

std::string DateTime::to_string() const {
    int64_t days = floor_divide(seconds, kDay);
    return date_text(days) + "T" + time_text(seconds - days * kDay, nanoseconds, zone);
}

namespace {

void put_digits(char* out, int64_t number, int count) {
    for (int i = count - 1; i >= 0; --i, number /= 10) out[i] = static_cast<char>('0' + number % 10);
}

// The number of so many digits; -1 when they are not all digits.
int64_t take_digits(const char* text, int count) {
    int64_t number = 0;
    for (int i = 0; i < count; ++i) {
        if (text[i] < '0' || text[i] > '9') return -1;
        number = number * 10 + (text[i] - '0');
    }
    return number;
}

// The fixed-width form of years up to 9999, which is what columns and logs hold; nullopt for any other text.
std::optional<int64_t> parse_fixed(std::string_view text) {
    if (text.size() != kInstantSize || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' ||
        text[16] != ':' || text[19] != '.' || text[26] != 'Z')
        return std::nullopt;
    const char* at = text.data();
    int64_t year = take_digits(at, 4), month = take_digits(at + 5, 2), day = take_digits(at + 8, 2);
    int64_t hour = take_digits(at + 11, 2), minute = take_digits(at + 14, 2), second = take_digits(at + 17, 2);
    int64_t us = take_digits(at + 20, 6);
    if (year < 0 || month < 1 || month > 12 || day < 1 || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
        second < 0 || second > 59 || us < 0 || day > days_in_month(year, static_cast<int>(month)))
        return std::nullopt;
    int64_t days = days_of(year, static_cast<int>(month), static_cast<int>(day));
    return (days * kDay + hour * 3600 + minute * 60 + second) * 1'000'000 + us;
}

}  // namespace

std::string_view format_instant(int64_t utc_us, InstantText& text) {
    int64_t seconds = floor_divide(utc_us, 1'000'000);
    int64_t days = floor_divide(seconds, kDay);
    int64_t rest = seconds - days * kDay;
    int64_t year = 0;
    int month = 0, day = 0;
    civil_of(days, year, month, day);
    // By hand: instants are written several times a command, and a formatting library takes longer for one than the
    // rest of its row does.
    char* at = text.bytes;
    if (year < 0) *at++ = '-';
    int64_t size = year < 0 ? -year : year;
    int digits = 4;
    for (int64_t left = size / 10'000; left > 0; left /= 10) ++digits;
    put_digits(at, size, digits);
    at += digits;
    std::memcpy(at, "-00-00T00:00:00.000000Z", kInstantSize - 4);
    put_digits(at + 1, month, 2);
    put_digits(at + 4, day, 2);
    put_digits(at + 7, rest / 3600, 2);
    put_digits(at + 10, rest / 60 % 60, 2);
    put_digits(at + 13, rest % 60, 2);
    put_digits(at + 16, floor_remainder(utc_us, 1'000'000), 6);
    return {text.bytes, static_cast<size_t>(at - text.bytes) + kInstantSize - 4};
}

std::string format_instant(int64_t utc_us) {
    InstantText text;
    return std::string(format_instant(utc_us, text));
}

std::optional<int64_t> parse_instant(std::string_view text) {
    if (auto fixed = parse_fixed(text)) return fixed;
    auto instant = DateTime::parse(text);
    if (!instant || instant->zone.kind == ZoneKind::local) return std::nullopt;
    __int128 us = static_cast<__int128>(instant->utc_seconds()) * 1'000'000;
    if (us > std::numeric_limits<int64_t>::max() - 1'000'000 || us < std::numeric_limits<int64_t>::min())
        return std::nullopt;
    return instant->utc_us();
}

Date add_months(Date date, int64_t months) {
    // Beyond this the result is out of range whatever the date, and the arithmetic below must not overflow.
    constexpr int64_t most = 3 * 12 * kYearMax;
    months = std::clamp(months, -most, most);
    int64_t year = 0;
    int month = 0, day = 0;
    date.civil(year, month, day);
    int64_t total = year * 12 + (month - 1) + months;
    year = floor_divide(total, 12);
    month = static_cast<int>(total - year * 12) + 1;
    return Date{days_of(year, month, std::min(day, days_in_month(year, month)))};
}

}  // namespace leat::value
