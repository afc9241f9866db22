// Dates, times and durations.
#include "feel/arguments.hpp"
#include "feel/functions.hpp"
#include "feel/operations.hpp"

namespace leat::feel {

namespace {

using Arguments = std::span<const Value>;

Value to_date(Evaluation& evaluation, Arguments arguments) {
    const Value& from = only(arguments[0]);
    switch (from.kind) {
        case Kind::null:
            return null_argument(evaluation, from);
        case Kind::date:
            return from;
        case Kind::date_time:
            return Value::of(from.as_date_time().date());
        case Kind::string:
            if (auto date = Date::parse(from.as_string())) return Value::of(*date);
            return evaluation.fail("feel.conversion", "the text is not a date");
        default:
            return evaluation.fail("feel.argument", "date() takes a text or a date and time");
    }
}

Value make_date(Evaluation& evaluation, Arguments arguments) {
    int64_t parts[3];
    Value bad;
    for (size_t i = 0; i < 3; i++) {
        if (!want_whole(evaluation, arguments[i], parts[i], bad)) return bad;
    }
    bool small = parts[1] >= 1 && parts[1] <= 12 && parts[2] >= 1 && parts[2] <= 31;
    auto date = small ? Date::of(parts[0], static_cast<int>(parts[1]), static_cast<int>(parts[2])) : std::nullopt;
    return date ? Value::of(*date) : evaluation.fail("feel.conversion", "there is no such date");
}

Value to_time(Evaluation& evaluation, Arguments arguments) {
    const Value& from = only(arguments[0]);
    switch (from.kind) {
        case Kind::null:
            return null_argument(evaluation, from);
        case Kind::time:
            return from;
        case Kind::date_time:
            return Value::of(from.as_date_time().time());
        case Kind::date:
            return Value::of(Time{0, {ZoneKind::offset, 0}});
        case Kind::string:
            if (auto time = Time::parse(from.as_string())) return Value::of(*time);
            return evaluation.fail("feel.conversion", "the text is not a time");
        default:
            return evaluation.fail("feel.argument", "time() takes a text or a date and time");
    }
}

Value make_time(Evaluation& evaluation, Arguments arguments) {
    int64_t hour = 0, minute = 0;
    Value bad, second;
    if (!want_whole(evaluation, arguments[0], hour, bad)) return bad;
    if (!want_whole(evaluation, arguments[1], minute, bad)) return bad;
    if (!want(evaluation, arguments[2], Kind::number, second)) return second;
    auto nanoseconds = Decimal::multiply(second.as_number(), Decimal(1'000'000'000));
    auto whole = nanoseconds ? nanoseconds->rescale(0, Rounding::down) : std::nullopt;
    int64_t of_minute = whole ? whole->to_int64().value_or(-1) : -1;
    bool good = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && of_minute >= 0 && of_minute < 60'000'000'000;
    if (!good) return evaluation.fail("feel.conversion", "there is no such time");
    Time time{(hour * 3600 + minute * 60) * 1'000'000'000 + of_minute, {}};
    if (arguments.size() > 3 && !arguments[3].is_null()) {
        Value offset;
        if (!want(evaluation, arguments[3], Kind::days_duration, offset)) return offset;
        int64_t seconds = offset.as_days_duration().seconds;
        if (seconds > 18 * 3600 || seconds < -18 * 3600)
            return evaluation.fail("feel.conversion", "an offset is at most 18 hours");
        time.zone = {ZoneKind::offset, static_cast<int32_t>(seconds)};
    }
    return Value::of(time);
}

Value to_date_time(Evaluation& evaluation, Arguments arguments) {
    const Value& from = only(arguments[0]);
    switch (from.kind) {
        case Kind::null:
            return null_argument(evaluation, from);
        case Kind::date_time:
            return from;
        case Kind::date:
            return Value::of(DateTime{from.as_date().days * 86'400, 0, {ZoneKind::offset, 0}});
        case Kind::string:
            if (auto moment = DateTime::parse(from.as_string())) return Value::of(*moment);
            if (auto date = Date::parse(from.as_string())) return Value::of(DateTime{date->days * 86'400, 0, {}});
            return evaluation.fail("feel.conversion", "the text is not a date and time");
        default:
            return evaluation.fail("feel.argument", "date and time() takes a text");
    }
}

Value join_date_time(Evaluation& evaluation, Arguments arguments) {
    const Value& day = only(arguments[0]);
    if (day.is_null()) return null_argument(evaluation, day);
    Value time;
    if (only(arguments[1]).kind == Kind::string) {
        auto zone = value::zone_id(only(arguments[1]).as_string());
        if (day.kind != Kind::date_time || !zone) return evaluation.fail("feel.argument", "there is no such time zone");
        return Value::of(DateTime::from_utc_us(day.as_date_time().utc_us(), {ZoneKind::zone, *zone}));
    }
    if (!want(evaluation, arguments[1], Kind::time, time)) return time;
    if (day.kind != Kind::date && day.kind != Kind::date_time)
        return evaluation.fail("feel.argument", "date and time() takes a date and a time");
    Date date = day.kind == Kind::date ? day.as_date() : day.as_date_time().date();
    Time at = time.as_time();
    return Value::of(DateTime{date.days * 86'400 + at.nanoseconds / 1'000'000'000,
                              static_cast<int32_t>(at.nanoseconds % 1'000'000'000), at.zone});
}

Value to_duration(Evaluation& evaluation, Arguments arguments) {
    const Value& from = only(arguments[0]);
    if (from.is_null()) return null_argument(evaluation, from);
    if (from.kind == Kind::days_duration || from.kind == Kind::months_duration) return from;
    if (from.kind != Kind::string) return evaluation.fail("feel.argument", "duration() takes a text");
    auto parsed = value::parse_duration(from.as_string());
    if (!parsed) return evaluation.fail("feel.conversion", "the text is not a duration");
    return parsed->days ? Value::of(*parsed->days) : Value::of(*parsed->months);
}

// Whole months between the two dates; the times of day do not count.
Value months_between(Evaluation& evaluation, Arguments arguments) {
    int64_t year[2];
    int month[2], day[2];
    for (size_t i = 0; i < 2; i++) {
        const Value& from = only(arguments[i]);
        if (from.is_null()) return null_argument(evaluation, from);
        if (from.kind != Kind::date && from.kind != Kind::date_time)
            return evaluation.fail("feel.argument", "years and months duration takes two dates");
        (from.kind == Kind::date ? from.as_date() : from.as_date_time().date()).civil(year[i], month[i], day[i]);
    }
    int64_t months = (year[1] - year[0]) * 12 + month[1] - month[0];
    if (months > 0 && day[1] < day[0]) months--;
    if (months < 0 && day[1] > day[0]) months++;
    return Value::of(value::MonthsDuration{months});
}

Value now(Evaluation& evaluation, Arguments) {
    return Value::of(
        DateTime::from_utc_us(evaluation.frame.environment->now_us(), evaluation.frame.environment->time_zone()));
}

Value today(Evaluation& evaluation, Arguments) {
    return Value::of(
        DateTime::from_utc_us(evaluation.frame.environment->now_us(), evaluation.frame.environment->time_zone())
            .date());
}

bool want_date(Evaluation& evaluation, const Value& argument, Date& date, Value& out) {
    out = only(argument);
    if (out.kind == Kind::date)
        date = out.as_date();
    else if (out.kind == Kind::date_time)
        date = out.as_date_time().date();
    else {
        out = out.is_null() ? null_argument(evaluation, out)
                            : evaluation.fail("feel.argument", "the function takes a date or a date and time");
        return false;
    }
    return true;
}

int64_t day_in_year(Date date) {
    int64_t year = 0;
    int month = 0, day = 0;
    date.civil(year, month, day);
    int64_t before = 0;
    for (int m = 1; m < month; m++) before += value::days_in_month(year, m);
    return before + day;
}

Value day_of_week(Evaluation& evaluation, Arguments arguments) {
    static constexpr std::string_view kNames[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                  "Friday", "Saturday", "Sunday"};
    Date date;
    Value bad;
    if (!want_date(evaluation, arguments[0], date, bad)) return bad;
    return Value::string(kNames[date.weekday() - 1]);
}

Value day_of_year(Evaluation& evaluation, Arguments arguments) {
    Date date;
    Value bad;
    if (!want_date(evaluation, arguments[0], date, bad)) return bad;
    return Value::number(Decimal(day_in_year(date)));
}

Value month_of_year(Evaluation& evaluation, Arguments arguments) {
    static constexpr std::string_view kNames[] = {"January",   "February", "March",    "April",
                                                  "May",       "June",     "July",     "August",
                                                  "September", "October",  "November", "December"};
    Date date;
    Value bad;
    if (!want_date(evaluation, arguments[0], date, bad)) return bad;
    int64_t year = 0;
    int month = 0, day = 0;
    date.civil(year, month, day);
    return Value::string(kNames[month - 1]);
}

// ISO 8601: the week of the year's Thursday.
Value week_of_year(Evaluation& evaluation, Arguments arguments) {
    Date date;
    Value bad;
    if (!want_date(evaluation, arguments[0], date, bad)) return bad;
    Date thursday{date.days + 4 - date.weekday()};
    return Value::number(Decimal((day_in_year(thursday) - 1) / 7 + 1));
}

TypeRef parsed_type(const Call& call) {
    return call.types.basic(call.builtin.result, call.arguments[0]->nullable ||
                                                     call.arguments[0]->kind == TypeKind::string ||
                                                     call.arguments[0]->kind == TypeKind::any);
}

}  // namespace

void add_temporal_functions(std::vector<Builtin>& table) {
    table.push_back(builtin("date(from: string): date", to_date));
    table.push_back(builtin("date(from: datetime): date", to_date, parsed_type));
    table.push_back(builtin("date(from: date): date", to_date, parsed_type));
    table.push_back(builtin("date(year: number, month: number, day: number): date", make_date));
    table.push_back(builtin("time(from: string): time", to_time));
    table.push_back(builtin("time(from: datetime): time", to_time, parsed_type));
    table.push_back(builtin("time(from: time): time", to_time, parsed_type));
    table.push_back(builtin("time(from: date): time", to_time, parsed_type));
    table.push_back(builtin("time(hour: number, minute: number, second: number, offset?: ~days): time", make_time));
    table.push_back(builtin("date and time(from: string): datetime", to_date_time));
    table.push_back(builtin("date and time(from: date): datetime", to_date_time, parsed_type));
    table.push_back(builtin("date and time(from: datetime): datetime", to_date_time, parsed_type));
    table.push_back(builtin("date and time(date: date, time: time): datetime!", join_date_time));
    table.push_back(builtin("date and time(date: datetime, time: time): datetime!", join_date_time));
    table.push_back(builtin("date and time(date: datetime, timezone: string): datetime", join_date_time));
    table.push_back(builtin("duration(from: string): duration", to_duration));
    table.push_back(builtin("duration(from: duration): duration!", to_duration));
    table.push_back(builtin("years and months duration(from: date, to: date): months!", months_between));
    table.push_back(builtin("years and months duration(from: any, to: any): months", months_between));
    table.push_back(builtin("now(): datetime!", now));
    table.back().clock = true;
    table.push_back(builtin("today(): date!", today));
    table.back().clock = true;
    for (std::string type : {"date", "datetime"})
        table.push_back(builtin("day of week(date: " + type + "): string!", day_of_week));
    for (std::string type : {"date", "datetime"})
        table.push_back(builtin("day of year(date: " + type + "): number!", day_of_year));
    for (std::string type : {"date", "datetime"})
        table.push_back(builtin("month of year(date: " + type + "): string!", month_of_year));
    for (std::string type : {"date", "datetime"})
        table.push_back(builtin("week of year(date: " + type + "): number!", week_of_year));
}

}  // namespace leat::feel
