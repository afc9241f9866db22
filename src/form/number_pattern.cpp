#include "form/number_pattern.hpp"

#include <fmt/format.h>

namespace leat::form {

namespace {

constexpr std::string_view kAnyFraction = "(\\.[0-9]+)?";

// A number without its sign: digits before the point ("0" at least) and after it (no zeros at the end).
struct Digits {
    std::string whole, fraction;
};

Digits digits_of(Decimal number) {
    std::string text = number.abs().rescale(number.scale()).value_or(number.abs()).to_string();
    Digits out;
    size_t point = text.find('.');
    out.whole = text.substr(0, point);
    if (point != std::string::npos) out.fraction = text.substr(point + 1);
    while (!out.fraction.empty() && out.fraction.back() == '0') out.fraction.pop_back();
    return out;
}

std::string digit(char low, char high) {
    return low == high ? std::string(1, low) : fmt::format("[{}-{}]", low, high);
}

std::string repeat(size_t count) {
    return count == 0 ? "" : count == 1 ? "[0-9]" : fmt::format("[0-9]{{{}}}", count);
}

// Alternatives for unsigned texts that are more than the bound, or, closed, equal to it.
std::string more_than(const Digits& bound, bool open) {
    const auto& [whole, fraction] = bound;
    std::string out = fmt::format("[1-9][0-9]{{{},}}{}", whole.size(), kAnyFraction);  // more digits
    for (size_t i = 0; i < whole.size(); ++i) {
        if (whole[i] == '9') continue;
        out += fmt::format("|{}{}{}{}", whole.substr(0, i), digit(static_cast<char>(whole[i] + 1), '9'),
                           repeat(whole.size() - i - 1), kAnyFraction);
    }
    for (size_t i = 0; i < fraction.size(); ++i) {
        if (fraction[i] == '9') continue;
        out += fmt::format("|{}\\.{}{}[0-9]*", whole, fraction.substr(0, i),
                           digit(static_cast<char>(fraction[i] + 1), '9'));
    }
    if (open)
        out += fmt::format("|{}\\.{}[0-9]*[1-9][0-9]*", whole, fraction);
    else if (fraction.empty())
        out += fmt::format("|{}{}", whole, kAnyFraction);
    else
        out += fmt::format("|{}\\.{}[0-9]*", whole, fraction);
    return out;
}

// Alternatives for unsigned texts that are less than the bound, or, closed, equal to it. Nothing is less than zero.
std::string less_than(const Digits& bound, bool open) {
    const auto& [whole, fraction] = bound;
    std::string out;
    auto add = [&](const std::string& alternative) { out += (out.empty() ? "" : "|") + alternative; };
    if (whole.size() > 1) add(fmt::format("(0|[1-9][0-9]{{0,{}}}){}", whole.size() - 2, kAnyFraction));  // fewer digits
    for (size_t i = 0; i < whole.size(); ++i) {
        char low = i == 0 && whole.size() > 1 ? '1' : '0';
        if (whole[i] <= low) continue;
        add(fmt::format("{}{}{}{}", whole.substr(0, i), digit(low, static_cast<char>(whole[i] - 1)),
                        repeat(whole.size() - i - 1), kAnyFraction));
    }
    for (size_t i = 0; i < fraction.size(); ++i) {
        if (i > 0) add(fmt::format("{}\\.{}", whole, fraction.substr(0, i)));
        if (fraction[i] > '0')
            add(fmt::format("{}\\.{}{}[0-9]*", whole, fraction.substr(0, i),
                            digit('0', static_cast<char>(fraction[i] - 1))));
    }
    if (!fraction.empty()) add(whole);
    if (!open) add(fraction.empty() ? fmt::format("{}(\\.0+)?", whole) : fmt::format("{}\\.{}0*", whole, fraction));
    return out;
}

}  // namespace

std::string decimal_pattern(int digits, int scale, const Bounds& bounds) {
    bool sign = !bounds.low || bounds.low->is_negative();
    std::string out = sign ? "^-?" : "^";
    int more = digits - scale - 1;
    out += more > 0 ? fmt::format("(0|[1-9][0-9]{{0,{}}})", more) : more == 0 ? "[0-9]" : "0";
    if (scale > 0) out += fmt::format("(\\.[0-9]{{1,{}}})?", scale);
    return out + "$";
}

std::string at_least_pattern(Decimal bound, bool open) {
    Digits digits = digits_of(bound);
    if (!bound.is_negative()) return fmt::format("^({})$", more_than(digits, open));
    std::string below = less_than(digits, open);
    return fmt::format("^((0|[1-9][0-9]*){}|-({}))$", kAnyFraction, below);
}

std::string at_most_pattern(Decimal bound, bool open) {
    Digits digits = digits_of(bound);
    if (bound.is_negative()) return fmt::format("^-({})$", more_than(digits, open));
    std::string below = less_than(digits, open);
    return fmt::format("^(-(0|[1-9][0-9]*){}{})$", kAnyFraction, below.empty() ? "" : "|" + below);
}

}  // namespace leat::form
