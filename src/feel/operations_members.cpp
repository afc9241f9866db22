// Members at run time, and arithmetic of dates.
#include <fmt/format.h>

#include "feel/operations.hpp"

namespace leat::feel {

namespace {

constexpr int64_t kDay = 86'400;

template <class Member>
Value over_list(Evaluation& evaluation, const Value& list, Member member) {
    evaluation.charge(list.aux);
    Value* items = evaluation.arena.array<Value>(list.aux);
    for (uint32_t i = 0; i < list.aux; i++) items[i] = member(list.items[i]);
    return make_list(items, list.aux);
}

Value whole(int64_t number) {
    return Value::number(Decimal(number));
}

Value zone_property(Evaluation& evaluation, Zone zone, int32_t offset, std::string_view name) {
    if (name == "timezone") {
        if (zone.kind != ZoneKind::zone) return evaluation.fail("feel.zone", "it has no time zone");
        return Value::string(value::zone_name(zone.offset));
    }
    if (zone.kind == ZoneKind::local) return evaluation.fail("feel.zone", "it has no offset");
    return Value::of(value::DaysDuration{offset, 0});
}

Value date_property(Evaluation& evaluation, Date date, std::string_view name, bool& known) {
    int64_t year = 0;
    int month = 0, day = 0;
    date.civil(year, month, day);
    known = true;
    if (name == "year") return whole(year);
    if (name == "month") return whole(month);
    if (name == "day") return whole(day);
    if (name == "weekday") return whole(date.weekday());
    known = false;
    return evaluation.fail_copy("feel.member", fmt::format("a date has no '{}'", name));
}

Value time_property(Evaluation& evaluation, int64_t nanoseconds_of_day, std::string_view name, bool& known) {
    int64_t seconds = nanoseconds_of_day / 1'000'000'000;
    known = true;
    if (name == "hour") return whole(seconds / 3600);
    if (name == "minute") return whole(seconds / 60 % 60);
    if (name == "second") return whole(seconds % 60);
    known = false;
    return evaluation.fail_copy("feel.member", fmt::format("a time has no '{}'", name));
}

Value duration_property(Evaluation& evaluation, const Value& object, std::string_view name) {
    if (object.kind == Kind::months_duration) {
        int64_t months = object.as_months_duration().months;
        if (name == "years") return whole(months / 12);
        if (name == "months") return whole(months % 12);
    } else {
        int64_t seconds = object.as_days_duration().seconds;
        if (seconds < 0 && object.as_days_duration().nanoseconds > 0) seconds++;  // parts of -1.5 s: 1 second, negative
        if (name == "days") return whole(seconds / kDay);
        if (name == "hours") return whole(seconds % kDay / 3600);
        if (name == "minutes") return whole(seconds % 3600 / 60);
        if (name == "seconds") return whole(seconds % 60);
    }
    return evaluation.fail_copy("feel.member", fmt::format("this duration has no '{}'", name));
}

Value scalar_property(Evaluation& evaluation, const Value& object, std::string_view name) {
    bool known = false;
    switch (object.kind) {
        case Kind::date: {
            Value found = date_property(evaluation, object.as_date(), name, known);
            // DMN treats a date as midnight UTC for these.
            if (!known && (name == "hour" || name == "minute" || name == "second")) return whole(0);
            return found;
        }
        case Kind::time: {
            Time time = object.as_time();
            if (name == "time offset" || name == "timezone") {
                int32_t offset = time.zone.kind == ZoneKind::zone
                                     ? static_cast<int32_t>((time.nanoseconds - time.utc_nanoseconds()) / 1'000'000'000)
                                     : time.zone.offset;
                return zone_property(evaluation, time.zone, offset, name);
            }
            return time_property(evaluation, time.nanoseconds, name, known);
        }
        case Kind::date_time: {
            DateTime moment = object.as_date_time();
            if (name == "time offset" || name == "timezone") {
                return zone_property(evaluation, moment.zone,
                                     static_cast<int32_t>(moment.seconds - moment.utc_seconds()), name);
            }
            Value found = date_property(evaluation, moment.date(), name, known);
            return known ? found : time_property(evaluation, moment.time().nanoseconds, name, known);
        }
        case Kind::days_duration:
        case Kind::months_duration:
            return duration_property(evaluation, object, name);
        case Kind::range:
            if (name == "start") return object.range->low;
            if (name == "end") return object.range->high;
            if (name == "start included") return Value::boolean(object.range->low_closed);
            if (name == "end included") return Value::boolean(object.range->high_closed);
            break;
        default:
            break;
    }
    return evaluation.fail_copy("feel.member", fmt::format("there is no '{}' in this value", name));
}

}  // namespace

Value member_by_name(Evaluation& evaluation, const Value& object, std::string_view name) {
    switch (object.kind) {
        case Kind::null:
            return object;
        case Kind::context: {
            const Value* found = object.context->find(name);
            return found ? *found : evaluation.fail_copy("feel.member", fmt::format("the context has no '{}'", name));
        }
        case Kind::list:
            return over_list(evaluation, object,
                             [&](const Value& item) { return member_by_name(evaluation, item, name); });
        default:
            return scalar_property(evaluation, object, name);
    }
}

Value member_by_index(Evaluation& evaluation, const Value& object, uint32_t index, std::string_view name) {
    switch (object.kind) {
        case Kind::null:
            return object;
        case Kind::record:
            if (object.record.row) return object.record.row[index];
            return evaluation.frame.environment->member(object, index, evaluation.frame);
        case Kind::object:
            return evaluation.frame.environment->member(object, index, evaluation.frame);
        case Kind::list:
            return over_list(evaluation, object,
                             [&](const Value& item) { return member_by_index(evaluation, item, index, name); });
        // A host may hand in a context where a record was declared (a payload, a decision's outputs).
        default:
            return member_by_name(evaluation, object, name);
    }
}

Value add_temporal(Evaluation& evaluation, const Value& point, const Value& duration, bool minus) {
    if (duration.calendar() != 0) {
        return evaluation.fail(
            "feel.calendar.arithmetic",
            "a duration with a calendar counts working time: use it as a delay, a due time or a limit");
    }
    auto out_of_range = [&] { return evaluation.fail("feel.overflow", "the date is out of range"); };
    if (duration.kind == Kind::months_duration) {
        int64_t months = duration.as_months_duration().months;
        constexpr int64_t kMonthsMax = 24'000'000'000;
        if (months > kMonthsMax || months < -kMonthsMax) return out_of_range();
        if (minus) months = -months;
        if (point.kind == Kind::time) return evaluation.fail("feel.type.mismatch", "a time has no months");
        if (point.kind == Kind::date) {
            Date date = value::add_months(point.as_date(), months);
            return date.in_range() ? Value::of(date) : out_of_range();
        }
        DateTime moment = point.as_date_time();
        Date date = value::add_months(moment.date(), months);
        if (!date.in_range()) return out_of_range();
        moment.seconds += (date.days - moment.date().days) * kDay;
        return Value::of(moment);
    }
    value::DaysDuration step = duration.as_days_duration();
    constexpr int64_t kSecondsMax = 64'000'000'000'000'000;
    if (step.seconds > kSecondsMax || step.seconds < -kSecondsMax) return out_of_range();
    if (minus) {
        step.seconds = -step.seconds - (step.nanoseconds > 0);
        step.nanoseconds = step.nanoseconds > 0 ? 1'000'000'000 - step.nanoseconds : 0;
    }
    if (point.kind == Kind::time) {
        Time time = point.as_time();
        constexpr int64_t kDayNano = kDay * 1'000'000'000;
        int64_t sum = time.nanoseconds + step.seconds % kDay * 1'000'000'000 + step.nanoseconds;
        time.nanoseconds = (sum % kDayNano + kDayNano) % kDayNano;
        return Value::of(time);
    }
    if (point.kind == Kind::date) {
        int64_t seconds = step.seconds;
        int64_t days = seconds / kDay - (seconds % kDay < 0);
        Date date{point.as_date().days + days};
        return date.in_range() ? Value::of(date) : out_of_range();
    }
    DateTime moment = point.as_date_time();
    int64_t nanoseconds = static_cast<int64_t>(moment.nanoseconds) + step.nanoseconds;
    int64_t carry = nanoseconds >= 1'000'000'000 ? 1 : 0;
    moment.nanoseconds = static_cast<int32_t>(nanoseconds - carry * 1'000'000'000);
    if (moment.zone.kind == ZoneKind::zone) {
        int64_t utc = moment.utc_seconds() + step.seconds + carry;
        moment.seconds = utc + value::zone_offset_at(moment.zone.offset, utc);
    } else {
        moment.seconds += step.seconds + carry;
    }
    return moment.date().in_range() ? Value::of(moment) : out_of_range();
}

Value subtract_points(Evaluation& evaluation, const Value& a, const Value& b) {
    if (a.kind == Kind::time || b.kind == Kind::time) {
        if (a.kind != b.kind) return evaluation.fail("feel.type.mismatch", "a time is only subtracted from a time");
        int64_t difference = a.as_time().utc_nanoseconds() - b.as_time().utc_nanoseconds();
        int64_t seconds = difference / 1'000'000'000 - (difference % 1'000'000'000 < 0);
        return Value::of(value::DaysDuration{seconds, static_cast<int32_t>(difference - seconds * 1'000'000'000)});
    }
    if (a.kind == Kind::date && b.kind == Kind::date) {
        return Value::of(value::DaysDuration{(a.as_date().days - b.as_date().days) * kDay, 0});
    }
    // A date counts as its midnight in UTC.
    auto moment = [](const Value& point) {
        if (point.kind == Kind::date_time) return point.as_date_time();
        DateTime midnight;
        midnight.seconds = point.as_date().days * kDay;
        midnight.zone = {ZoneKind::offset, 0};
        return midnight;
    };
    DateTime left = moment(a), right = moment(b);
    if ((left.zone.kind == ZoneKind::local) != (right.zone.kind == ZoneKind::local)) {
        return evaluation.fail("feel.zone", "one side has a time zone and the other has none");
    }
    int64_t seconds = left.utc_seconds() - right.utc_seconds();
    int32_t nanoseconds = left.nanoseconds - right.nanoseconds;
    if (nanoseconds < 0) {
        nanoseconds += 1'000'000'000;
        seconds--;
    }
    return Value::of(value::DaysDuration{seconds, nanoseconds});
}

}  // namespace leat::feel
