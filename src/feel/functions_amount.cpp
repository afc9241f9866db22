// rmb words: amounts of money in the characters that Chinese cheques and invoices want, after the People's Bank of
// China's rules for filling in bills (支付结算办法, appendix 1).
#include <array>
#include <string>

#include "feel/arguments.hpp"
#include "feel/functions.hpp"

namespace leat::feel {

namespace {

constexpr std::array<std::string_view, 10> kDigits = {"零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"};
constexpr int64_t kWan = 10'000, kYi = 100'000'000;
constexpr int64_t kCentsEnd = kYi * kYi / 100 * 100;  // below one 亿 of 亿 cents: every place has one name

// 1 … 9999; a zero inside is written once.
void append_group(std::string& out, int64_t number) {
    static constexpr std::array<std::string_view, 4> kPlaces = {"仟", "佰", "拾", ""};
    bool started = false, gap = false;
    int64_t place = 1000;
    for (std::string_view name : kPlaces) {
        auto digit = static_cast<size_t>(number / place % 10);
        place /= 10;
        if (digit == 0) {
            gap = started;
            continue;
        }
        if (gap) out += kDigits[0];
        gap = false;
        started = true;
        out += kDigits[digit];
        out += name;
    }
}

// A whole number above 0. Between two groups 零 stands where the places next to the lower one are empty.
void append_whole(std::string& out, int64_t number) {
    for (auto [unit, name] : {std::pair<int64_t, std::string_view>{kYi, "亿"}, {kWan, "万"}}) {
        if (number < unit) continue;
        append_whole(out, number / unit);
        out += name;
        int64_t rest = number % unit;
        if (rest == 0) return;
        if (rest < unit / 10) out += kDigits[0];
        append_whole(out, rest);
        return;
    }
    append_group(out, number);
}

Value rmb_words(Evaluation& evaluation, std::span<const Value> arguments) {
    Value amount;
    if (!want(evaluation, arguments[0], Kind::number, amount)) return amount;
    auto rounded = amount.as_number().abs().rescale(2, Rounding::half_up);
    auto hundredfold = rounded ? Decimal::multiply(*rounded, Decimal(100)) : std::nullopt;
    auto cents = hundredfold ? hundredfold->to_int64() : std::nullopt;
    if (!cents || *cents >= kCentsEnd)
        return evaluation.fail("feel.argument", "rmb words takes amounts below 100,000,000,000,000");
    int64_t yuan = *cents / 100, jiao = *cents / 10 % 10, fen = *cents % 10;
    std::string out;
    if (amount.as_number().is_negative() && *cents > 0) out += "负";
    if (yuan > 0) append_whole(out, yuan);
    if (yuan > 0) out += "元";
    if (*cents == 0) out += "零元";
    if (jiao > 0) {
        out += kDigits[static_cast<size_t>(jiao)];
        out += "角";
    }
    if (fen > 0) {
        if (jiao == 0 && yuan > 0) out += kDigits[0];
        out += kDigits[static_cast<size_t>(fen)];
        out += "分";
    } else {
        out += "整";
    }
    return Value::string(evaluation.arena.copy(out));
}

}  // namespace

void add_amount_functions(std::vector<Builtin>& table) {
    table.push_back(builtin("rmb words(amount: number): string", rmb_words));
}

}  // namespace leat::feel
