// Numbers: rounding, remainder, conversion.
#include <string>

#include "feel/arguments.hpp"
#include "feel/functions.hpp"

namespace leat::feel {

namespace {

using Arguments = std::span<const Value>;

TypeRef same_number(const Call& call) {
    return call.types.with_nullable(call.arguments[0], true);
}

// Rounds the first argument to the second's digits (0 when there is none).
template <Rounding Mode>
Value round(Evaluation& evaluation, Arguments arguments) {
    Value number, scale;
    if (!want(evaluation, arguments[0], Kind::number, number)) return number;
    int64_t digits = 0;
    if (arguments.size() > 1 && !want_whole(evaluation, arguments[1], digits, scale)) return scale;
    if (digits > 6176 || digits < -6111) return evaluation.fail("feel.argument", "the scale is out of range");
    Decimal value = number.as_number();
    auto rounded = value.rescale(static_cast<int>(digits), Mode);
    // Fewer digits than asked for: the number is exact already.
    if (!rounded && value.scale() <= digits) rounded = value;
    if (!rounded) return evaluation.fail("feel.overflow", "the number is out of range");
    return Value::number(*rounded);
}

Value absolute(Evaluation& evaluation, Arguments arguments) {
    const Value& value = only(arguments[0]);
    if (value.kind == Kind::number) return Value::number(value.as_number().abs());
    if (value.kind == Kind::months_duration) {
        int64_t months = value.as_months_duration().months;
        if (months == INT64_MIN) return evaluation.fail("feel.overflow", "the duration is out of range");
        return Value::of(value::MonthsDuration{months < 0 ? -months : months}, value.calendar());
    }
    if (value.kind == Kind::days_duration) {
        value::DaysDuration duration = value.as_days_duration();
        if (duration.seconds == INT64_MIN) return evaluation.fail("feel.overflow", "the duration is out of range");
        if (duration.seconds < 0) {
            bool fraction = duration.nanoseconds > 0;
            duration.seconds = -duration.seconds - fraction;
            duration.nanoseconds = fraction ? 1'000'000'000 - duration.nanoseconds : 0;
        }
        return Value::of(duration, value.calendar(), value.whole_days());
    }
    if (value.is_null()) return null_argument(evaluation, value);
    return evaluation.fail("feel.argument", "abs takes a number or a duration");
}

Value modulo(Evaluation& evaluation, Arguments arguments) {
    Value a, b;
    if (!want(evaluation, arguments[0], Kind::number, a)) return a;
    if (!want(evaluation, arguments[1], Kind::number, b)) return b;
    if (b.as_number().is_zero()) return evaluation.fail("feel.divide_by_zero", "division by zero");
    auto result = Decimal::modulo(a.as_number(), b.as_number());
    return result ? Value::number(*result) : evaluation.fail("feel.overflow", "the number is out of range");
}

template <bool Odd>
Value parity(Evaluation& evaluation, Arguments arguments) {
    Value number;
    if (!want(evaluation, arguments[0], Kind::number, number)) return number;
    if (!number.as_number().is_integer()) return Value::boolean(false);
    auto rest = Decimal::remainder(number.as_number(), Decimal(2));
    return rest ? Value::boolean(rest->is_zero() != Odd)
                : evaluation.fail("feel.overflow", "the number is out of range");
}

template <std::optional<Decimal> (*Function)(Decimal)>
Value mathematical(Evaluation& evaluation, Arguments arguments) {
    Value number;
    if (!want(evaluation, arguments[0], Kind::number, number)) return number;
    auto result = Function(number.as_number());
    return result ? Value::number(*result) : evaluation.fail("feel.overflow", "the function has no value here");
}

// number("1 000,50", " ", ","); the separators may be null.
Value to_number(Evaluation& evaluation, Arguments arguments) {
    const Value& from = only(arguments[0]);
    if (from.kind == Kind::number && arguments.size() == 1) return from;
    Value text;
    if (!want(evaluation, from, Kind::string, text)) return text;
    char grouping = '\0', point = '.';
    for (size_t i = 1; i < arguments.size(); i++) {
        if (arguments[i].is_null()) continue;
        Value separator;
        if (!want(evaluation, arguments[i], Kind::string, separator)) return separator;
        std::string_view allowed = i == 1 ? " ,." : ",.";
        if (separator.aux != 1 || allowed.find(separator.text[0]) == std::string_view::npos) {
            return evaluation.fail("feel.argument", "a separator of number() is ' ', ',' or '.'");
        }
        (i == 1 ? grouping : point) = separator.text[0];
    }
    if (grouping != '\0' && grouping == point)
        return evaluation.fail("feel.argument", "the two separators of number() differ");
    char buffer[128];
    size_t size = 0;
    std::string_view digits = text.as_string();
    if (digits.size() >= sizeof buffer) return evaluation.fail("feel.conversion", "the text is not a number");
    for (char c : digits) {
        if (grouping != '\0' && c == grouping) continue;
        if (c == point)
            c = '.';
        else if (c == '.')
            return evaluation.fail("feel.conversion", "the text is not a number");
        buffer[size++] = c;
    }
    auto number = Decimal::parse({buffer, size});
    return number ? Value::number(*number) : evaluation.fail("feel.conversion", "the text is not a number");
}

}  // namespace

void add_number_functions(std::vector<Builtin>& table) {
    table.push_back(builtin("decimal(n: number, scale: number): number", round<Rounding::half_even>, same_number));
    table.push_back(builtin("floor(n: number, scale?: number): number", round<Rounding::floor>, same_number));
    table.push_back(builtin("ceiling(n: number, scale?: number): number", round<Rounding::ceiling>, same_number));
    table.push_back(builtin("round up(n: number, scale?: number): number", round<Rounding::up>, same_number));
    table.push_back(builtin("round down(n: number, scale?: number): number", round<Rounding::down>, same_number));
    table.push_back(builtin("round half up(n: number, scale?: number): number", round<Rounding::half_up>, same_number));
    table.push_back(
        builtin("round half down(n: number, scale?: number): number", round<Rounding::half_down>, same_number));
    table.push_back(
        builtin("round half even(n: number, scale?: number): number", round<Rounding::half_even>, same_number));
    auto same = [](const Call& call) { return call.arguments[0]; };
    table.push_back(builtin("abs(n: number): number!", absolute, same));
    table.push_back(builtin("abs(n: duration): duration!", absolute, same));
    table.push_back(builtin("modulo(dividend: number, divisor: number): number", modulo));
    table.push_back(builtin("odd(number: number): boolean!", parity<true>));
    table.push_back(builtin("even(number: number): boolean!", parity<false>));
    table.push_back(builtin("number(from: any): number", to_number));
    table.push_back(
        builtin("number(from: string, grouping separator: ~string, decimal separator: ~string): number", to_number));
    table.push_back(builtin("sqrt(number: number): number", mathematical<&Decimal::square_root>));
    table.push_back(builtin("log(number: number): number", mathematical<&Decimal::logarithm>));
    table.push_back(builtin("exp(number: number): number", mathematical<&Decimal::exponential>));
}

}  // namespace leat::feel
