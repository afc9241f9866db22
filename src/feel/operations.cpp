#include "feel/operations.hpp"

#include <fmt/format.h>

namespace leat::feel {

const char* name_of(Kind kind) {
    switch (kind) {
        case Kind::null:
            return "null";
        case Kind::boolean:
            return "a boolean";
        case Kind::number:
            return "a number";
        case Kind::string:
            return "a string";
        case Kind::date:
            return "a date";
        case Kind::time:
            return "a time";
        case Kind::date_time:
            return "a date and time";
        case Kind::days_duration:
            return "a days and time duration";
        case Kind::months_duration:
            return "a years and months duration";
        case Kind::list:
            return "a list";
        case Kind::context:
            return "a context";
        case Kind::range:
            return "a range";
        case Kind::function:
            return "a function";
        case Kind::record:
            return "a record";
        case Kind::object:
            return "an object";
    }
    return "a value";
}

namespace {

bool is_duration(const Value& value) {
    return value.kind == Kind::days_duration || value.kind == Kind::months_duration;
}
bool is_point(const Value& value) {
    return value.kind == Kind::date || value.kind == Kind::time || value.kind == Kind::date_time;
}

Value mismatch(Evaluation& evaluation, const char* sign, const Value& a, const Value& b) {
    return evaluation.fail_copy("feel.type.mismatch",
                                fmt::format("'{}' cannot take {} and {}", sign, name_of(a.kind), name_of(b.kind)));
}

Value number_or_overflow(Evaluation& evaluation, const std::optional<Decimal>& result) {
    if (result) return Value::number(*result);
    return evaluation.fail("feel.overflow", "the number is out of range");
}

// Two durations of one calendar: "P1D office" and "PT8H office" do not add up, nor do two calendars.
bool same_calendar(const Value& a, const Value& b) {
    return a.calendar() == b.calendar() &&
           (a.calendar() == 0 || a.kind != Kind::days_duration || a.whole_days() == b.whole_days());
}

Value add_durations(Evaluation& evaluation, const Value& a, const Value& b, bool minus) {
    if (a.kind != b.kind) return mismatch(evaluation, minus ? "-" : "+", a, b);
    if (!same_calendar(a, b))
        return evaluation.fail("feel.calendar.mixed", "these durations count by different calendars");
    if (a.kind == Kind::months_duration) {
        int64_t months = 0;
        int64_t right = b.as_months_duration().months;
        bool overflow = minus ? __builtin_sub_overflow(a.as_months_duration().months, right, &months)
                              : __builtin_add_overflow(a.as_months_duration().months, right, &months);
        if (overflow) return evaluation.fail("feel.overflow", "the duration is out of range");
        return Value::of(value::MonthsDuration{months}, a.calendar());
    }
    value::DaysDuration left = a.as_days_duration(), right = b.as_days_duration(), sum;
    bool overflow = minus ? __builtin_sub_overflow(left.seconds, right.seconds, &sum.seconds)
                          : __builtin_add_overflow(left.seconds, right.seconds, &sum.seconds);
    int32_t nanoseconds = minus ? left.nanoseconds - right.nanoseconds : left.nanoseconds + right.nanoseconds;
    if (nanoseconds < 0) {
        nanoseconds += 1'000'000'000;
        overflow |= __builtin_sub_overflow(sum.seconds, 1, &sum.seconds);
    } else if (nanoseconds >= 1'000'000'000) {
        nanoseconds -= 1'000'000'000;
        overflow |= __builtin_add_overflow(sum.seconds, 1, &sum.seconds);
    }
    if (overflow) return evaluation.fail("feel.overflow", "the duration is out of range");
    sum.nanoseconds = nanoseconds;
    return Value::of(sum, a.calendar(), a.whole_days());
}

Value scale_duration(Evaluation& evaluation, const Value& duration, const Value& number, bool by) {
    if (duration.calendar() != 0)
        return evaluation.fail("feel.calendar.arithmetic",
                               "a duration with a calendar cannot be multiplied or divided");
    Decimal factor = number.as_number();
    auto apply = [&](const Decimal& amount) {
        return by ? Decimal::divide(amount, factor) : Decimal::multiply(amount, factor);
    };
    if (by && factor.is_zero()) return evaluation.fail("feel.divide_by_zero", "division by zero");
    if (duration.kind == Kind::months_duration) {
        auto result = apply(Decimal(duration.as_months_duration().months));
        auto whole = result ? result->rescale(0, Rounding::down) : std::nullopt;
        auto months = whole ? whole->to_int64() : std::nullopt;
        if (!months) return evaluation.fail("feel.overflow", "the duration is out of range");
        return Value::of(value::MonthsDuration{*months});
    }
    auto result = apply(to_seconds(duration.as_days_duration()));
    auto seconds = result ? from_seconds(*result) : std::nullopt;
    if (!seconds) return evaluation.fail("feel.overflow", "the duration is out of range");
    return Value::of(*seconds);
}

Value divide_durations(Evaluation& evaluation, const Value& a, const Value& b) {
    if (a.kind != b.kind) return mismatch(evaluation, "/", a, b);
    if (!same_calendar(a, b))
        return evaluation.fail("feel.calendar.mixed", "these durations count by different calendars");
    Decimal left =
        a.kind == Kind::months_duration ? Decimal(a.as_months_duration().months) : to_seconds(a.as_days_duration());
    Decimal right =
        b.kind == Kind::months_duration ? Decimal(b.as_months_duration().months) : to_seconds(b.as_days_duration());
    if (right.is_zero()) return evaluation.fail("feel.divide_by_zero", "division by zero");
    return number_or_overflow(evaluation, Decimal::divide(left, right));
}

}  // namespace

Decimal to_seconds(const value::DaysDuration& duration) {
    if (duration.nanoseconds == 0) return Decimal(duration.seconds);
    __int128 total = static_cast<__int128>(duration.seconds) * 1'000'000'000 + duration.nanoseconds;
    return Decimal::make(total, -9).reduce();
}

std::optional<value::DaysDuration> from_seconds(const Decimal& seconds) {
    auto whole = seconds.rescale(0, Rounding::floor);
    auto count = whole ? whole->to_int64() : std::nullopt;
    if (!count) return std::nullopt;
    auto fraction = Decimal::subtract(seconds, *whole);
    auto nanoseconds = fraction ? fraction->rescale(9, Rounding::down) : std::nullopt;
    if (!nanoseconds) return std::nullopt;
    return value::DaysDuration{*count, static_cast<int32_t>(nanoseconds->coefficient())};
}

Value null_operand(Evaluation& evaluation, const Value& a, const Value& b) {
    Value null = Evaluation::null_of(a, b);
    return null.null_reason ? null : evaluation.fail("feel.null", "an operand is null");
}

Value add(Evaluation& evaluation, const Value& a, const Value& b) {
    if (a.kind == Kind::number && b.kind == Kind::number)
        return number_or_overflow(evaluation, Decimal::add(a.as_number(), b.as_number()));
    if (a.is_null() || b.is_null()) return null_operand(evaluation, a, b);
    if (a.kind == Kind::string && b.kind == Kind::string) {
        size_t size = static_cast<size_t>(a.aux) + b.aux;
        if (size > UINT32_MAX) throw LimitError("limit.memory", "a text is longer than 4 GiB");
        char* text = evaluation.arena.array<char>(size + 1);
        std::memcpy(text, a.text, a.aux);
        std::memcpy(text + a.aux, b.text, b.aux);
        text[size] = '\0';
        return Value::string({text, size});
    }
    if (is_point(a) && is_duration(b)) return add_temporal(evaluation, a, b, false);
    if (is_duration(a) && is_point(b)) return add_temporal(evaluation, b, a, false);
    if (is_duration(a) && is_duration(b)) return add_durations(evaluation, a, b, false);
    return mismatch(evaluation, "+", a, b);
}

Value subtract(Evaluation& evaluation, const Value& a, const Value& b) {
    if (a.kind == Kind::number && b.kind == Kind::number)
        return number_or_overflow(evaluation, Decimal::subtract(a.as_number(), b.as_number()));
    if (a.is_null() || b.is_null()) return null_operand(evaluation, a, b);
    if (is_point(a) && is_duration(b)) return add_temporal(evaluation, a, b, true);
    if (is_point(a) && is_point(b)) return subtract_points(evaluation, a, b);
    if (is_duration(a) && is_duration(b)) return add_durations(evaluation, a, b, true);
    return mismatch(evaluation, "-", a, b);
}

Value multiply(Evaluation& evaluation, const Value& a, const Value& b) {
    if (a.kind == Kind::number && b.kind == Kind::number)
        return number_or_overflow(evaluation, Decimal::multiply(a.as_number(), b.as_number()));
    if (a.is_null() || b.is_null()) return null_operand(evaluation, a, b);
    if (is_duration(a) && b.kind == Kind::number) return scale_duration(evaluation, a, b, false);
    if (a.kind == Kind::number && is_duration(b)) return scale_duration(evaluation, b, a, false);
    return mismatch(evaluation, "*", a, b);
}

Value divide(Evaluation& evaluation, const Value& a, const Value& b) {
    if (a.kind == Kind::number && b.kind == Kind::number) {
        Decimal divisor = b.as_number();
        if (divisor.is_zero()) return evaluation.fail("feel.divide_by_zero", "division by zero");
        return number_or_overflow(evaluation, Decimal::divide(a.as_number(), divisor));
    }
    if (a.is_null() || b.is_null()) return null_operand(evaluation, a, b);
    if (is_duration(a) && b.kind == Kind::number) return scale_duration(evaluation, a, b, true);
    if (is_duration(a) && is_duration(b)) return divide_durations(evaluation, a, b);
    return mismatch(evaluation, "/", a, b);
}

Value power(Evaluation& evaluation, const Value& a, const Value& b) {
    if (a.is_null() || b.is_null()) return null_operand(evaluation, a, b);
    if (a.kind != Kind::number || b.kind != Kind::number) return mismatch(evaluation, "**", a, b);
    return number_or_overflow(evaluation, Decimal::power(a.as_number(), b.as_number()));
}

Value negate(Evaluation& evaluation, const Value& a) {
    switch (a.kind) {
        case Kind::null:
            return a;
        case Kind::number:
            return Value::number(a.as_number().negate());
        case Kind::months_duration:
            if (a.as_months_duration().months == INT64_MIN) break;
            return Value::of(value::MonthsDuration{-a.as_months_duration().months}, a.calendar());
        case Kind::days_duration:
            return add_durations(evaluation, Value::of(value::DaysDuration{}, a.calendar(), a.whole_days()), a, true);
        default:
            break;
    }
    return evaluation.fail_copy("feel.type.mismatch", fmt::format("'-' cannot take {}", name_of(a.kind)));
}

Value logical_and(const Value& a, const Value& b) {
    if (a.is_false() || b.is_false()) return Value::boolean(false);
    if (a.is_true() && b.is_true()) return Value::boolean(true);
    return Evaluation::null_of(a, b);
}

Value logical_or(const Value& a, const Value& b) {
    if (a.is_true() || b.is_true()) return Value::boolean(true);
    if (a.is_false() && b.is_false()) return Value::boolean(false);
    return Evaluation::null_of(a, b);
}

Value logical_not(Evaluation& evaluation, const Value& a) {
    if (a.kind == Kind::boolean) return Value::boolean(!a.is_true());
    if (a.is_null()) return a;
    return evaluation.fail_copy("feel.type.mismatch", fmt::format("not() cannot take {}", name_of(a.kind)));
}

Value compare(Evaluation& evaluation, Comparison comparison, const Value& a, const Value& b) {
    if (comparison == Comparison::equal || comparison == Comparison::not_equal) {
        bool durations = is_duration(a) && a.kind == b.kind;
        if (durations && !same_calendar(a, b)) return Value::boolean(comparison == Comparison::not_equal);
        if (a.kind == Kind::list || a.kind == Kind::context) evaluation.charge(Bulk::of(a));
        auto same = value::equal(a, b);
        if (!same)
            return evaluation.fail_copy("feel.type.mismatch",
                                        fmt::format("{} and {} cannot be compared", name_of(a.kind), name_of(b.kind)));
        return Value::boolean(*same == (comparison == Comparison::equal));
    }
    if (a.is_null() || b.is_null()) return null_operand(evaluation, a, b);
    auto order = value::compare(a, b);
    if (order && is_duration(a) && !same_calendar(a, b))
        return evaluation.fail("feel.calendar.mixed", "these durations count by different calendars");
    if (!order)
        return evaluation.fail_copy("feel.type.mismatch",
                                    fmt::format("{} and {} have no order", name_of(a.kind), name_of(b.kind)));
    switch (comparison) {
        case Comparison::less:
            return Value::boolean(*order < 0);
        case Comparison::less_equal:
            return Value::boolean(*order <= 0);
        case Comparison::greater:
            return Value::boolean(*order > 0);
        default:
            return Value::boolean(*order >= 0);
    }
}

Value in_range(Evaluation& evaluation, const Value& value, const value::RangeData& range) {
    Value above = Value::boolean(true), below = Value::boolean(true);
    if (value.is_null()) return value;
    if (!range.low.is_null())
        above =
            compare(evaluation, range.low_closed ? Comparison::greater_equal : Comparison::greater, value, range.low);
    if (!range.high.is_null())
        below = compare(evaluation, range.high_closed ? Comparison::less_equal : Comparison::less, value, range.high);
    return logical_and(above, below);
}

Value in_test(Evaluation& evaluation, const Value& value, const Value& test, bool condition) {
    if (condition && test.kind == Kind::boolean) return test;
    if (test.kind == Kind::range && value.kind != Kind::range) return in_range(evaluation, value, *test.range);
    if (test.kind == Kind::list) {
        if (value.kind == Kind::list) {
            auto same = value::equal(value, test);
            if (same && *same) return Value::boolean(true);
        }
        Value result = Value::boolean(false);
        evaluation.charge(test.aux);
        for (const Value& item : test.as_list()) {
            // An item of another kind is simply not the value.
            if (item.kind != Kind::range && item.kind != Kind::list && item.kind != value.kind && !item.is_null() &&
                !value.is_null())
                continue;
            result = logical_or(result, item.kind == Kind::list ? compare(evaluation, Comparison::equal, value, item)
                                                                : in_test(evaluation, value, item, false));
            if (result.is_true()) return result;
        }
        return result;
    }
    return compare(evaluation, Comparison::equal, value, test);
}

Value item_at(Evaluation& evaluation, const Value& list, const Value& number) {
    if (list.is_null() || number.is_null()) return Evaluation::null_of(list, number);
    auto position = number.kind == Kind::number ? number.as_number().to_int64() : std::nullopt;
    if (!position) return evaluation.fail("feel.index", "a list's index is a whole number");
    int64_t count = list.kind == Kind::list ? list.aux : 1;
    int64_t at = *position > 0 ? *position - 1 : count + *position;
    if (*position == 0 || at < 0 || at >= count)
        return evaluation.fail("feel.index", "the list has no item at this index");
    return list.kind == Kind::list ? list.items[at] : list;
}

}  // namespace leat::feel
