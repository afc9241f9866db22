// The suite `decimal`: .decTest files of General Decimal Arithmetic, for the part of it that Decimal has.
//
// A result must have the expected value, and the expected exponent too, except where the comment at
// `exponent_matters` says otherwise. Infinities and NaN as results must be nullopt.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "report.hpp"
#include "value/decimal.hpp"

namespace leat::conformance {

namespace {

struct Case {
    std::string id;
    std::string operation;  // in lower case
    std::vector<std::string> operands;
    std::string expected;
    bool rounded = false;  // the conditions say so: the result depends on the rounding
};

struct Settings {
    std::string rounding = "half_even";
    int precision = 34;
};

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    }
    return out;
}

// Tokens of a line up to a comment; quotes are taken off.
std::vector<std::string> tokens(std::string_view line) {
    std::vector<std::string> out;
    for (size_t i = 0; i < line.size();) {
        char c = line[i];
        if (c == ' ' || c == '\t' || c == '\r') {
            ++i;
        } else if (line.substr(i, 2) == "--") {
            break;
        } else if (c == '\'' || c == '"') {
            std::string token;
            for (++i; i < line.size(); ++i) {
                if (line[i] == c) {
                    if (i + 1 >= line.size() || line[i + 1] != c) break;
                    ++i;
                }
                token += line[i];
            }
            ++i;
            out.push_back(std::move(token));
        } else {
            size_t end = line.find_first_of(" \t\r", i);
            if (end == std::string_view::npos) end = line.size();
            out.emplace_back(line.substr(i, end - i));
            i = end;
        }
    }
    return out;
}

bool directive(const std::vector<std::string>& words, Settings& settings) {
    if (words[0].back() != ':') return false;
    if (words.size() < 2) return true;
    std::string name = lower(words[0]);
    if (name == "rounding:") settings.rounding = lower(words[1]);
    if (name == "precision:") settings.precision = std::stoi(words[1]);
    return true;
}

std::optional<Case> read_case(const std::vector<std::string>& words) {
    auto arrow = std::find(words.begin(), words.end(), "->");
    if (words.size() < 4 || arrow == words.end() || arrow + 1 == words.end()) return std::nullopt;
    Case test;
    test.id = words[0];
    test.operation = lower(words[1]);
    test.operands.assign(words.begin() + 2, arrow);
    test.expected = *(arrow + 1);
    for (auto word = arrow + 2; word != words.end(); ++word) {
        std::string condition = lower(*word);
        test.rounded = test.rounded || condition == "rounded" || condition == "inexact" || condition == "overflow";
    }
    return test;
}

// The suite writes "+1" and "1." for numbers, which FEEL and JSON do not have.
std::string without_spelling(std::string text) {
    if (text.size() > 1 && text[0] == '+' && text[1] != '-' && text[1] != '+') text.erase(0, 1);
    size_t point = text.find('.');
    if (point > text.find_first_of("eE")) return text;
    bool ends =
        point != std::string::npos && (point + 1 == text.size() || text[point + 1] == 'e' || text[point + 1] == 'E');
    if (ends && point > 0 && text[point - 1] >= '0' && text[point - 1] <= '9') text.erase(point, 1);
    return text;
}

std::optional<Decimal> number(const std::string& text) {
    return Decimal::parse(without_spelling(text));
}

bool not_finite(const std::string& text) {
    std::string word = lower(text);
    if (!word.empty() && (word[0] == '+' || word[0] == '-')) word.erase(0, 1);
    return word == "inf" || word == "infinity" || word.compare(0, 3, "nan") == 0 || word.compare(0, 4, "snan") == 0;
}

std::optional<Rounding> rounding_named(const std::string& name) {
    if (name == "half_even") return Rounding::half_even;
    if (name == "half_up") return Rounding::half_up;
    if (name == "half_down") return Rounding::half_down;
    if (name == "up") return Rounding::up;
    if (name == "down") return Rounding::down;
    if (name == "ceiling") return Rounding::ceiling;
    if (name == "floor") return Rounding::floor;
    return std::nullopt;
}

// "to-scientific-string" of the specification, written apart from Decimal's own printing so that it can judge it.
std::string scientific(Decimal d) {
    __int128 c = d.coefficient();
    bool negative = c < 0;
    if (negative) c = -c;
    std::string digits;
    do {
        digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(c % 10)));
        c /= 10;
    } while (c != 0);
    int count = static_cast<int>(digits.size());
    int adjusted = d.exponent() + count - 1;
    if (d.exponent() <= 0 && adjusted >= -6) {
        int whole = count + d.exponent();
        if (whole <= 0) digits.insert(0, static_cast<size_t>(1 - whole), '0');
        if (d.exponent() < 0) digits.insert(digits.size() - static_cast<size_t>(-d.exponent()), ".");
    } else {
        if (count > 1) digits.insert(1, ".");
        digits += fmt::format("E{:+}", adjusted);
    }
    return negative ? "-" + digits : digits;
}

std::optional<Decimal> to_integral(Decimal a, Rounding rounding) {
    return a.exponent() >= 0 ? std::optional<Decimal>(a) : a.rescale(0, rounding);
}

struct Outcome {
    bool known = true;      // an operation that Decimal has
    bool directed = false;  // it takes the rounding as an argument
    std::optional<Decimal> result;
};

Outcome apply_one(const std::string& operation, Decimal a, Rounding rounding) {
    if (operation == "abs") return {true, false, a.abs()};
    if (operation == "plus") return {true, false, a};
    if (operation == "minus") return {true, false, a.negate()};
    if (operation == "reduce") return {true, false, a.reduce()};
    if (operation == "tointegralx" || operation == "tointegral") return {true, true, to_integral(a, rounding)};
    return {false, false, std::nullopt};
}

Outcome apply_two(const std::string& operation, Decimal a, Decimal b, Rounding rounding) {
    if (operation == "add") return {true, false, Decimal::add(a, b)};
    if (operation == "subtract") return {true, false, Decimal::subtract(a, b)};
    if (operation == "multiply") return {true, false, Decimal::multiply(a, b)};
    if (operation == "divide") return {true, false, Decimal::divide(a, b)};
    if (operation == "remainder") return {true, false, Decimal::remainder(a, b)};
    if (operation == "divideint") return {true, false, Decimal::divide_integer(a, b)};
    if (operation == "max") return {true, false, b > a ? b : a};
    if (operation == "min") return {true, false, b < a ? b : a};
    if (operation == "quantize") return {true, true, a.rescale(-b.exponent(), rounding)};
    if (operation == "compare") {
        auto order = Decimal::compare(a, b);
        return {true, false, Decimal(order < 0 ? -1 : order > 0 ? 1 : 0)};
    }
    return {false, false, std::nullopt};
}

// Of two equal numbers max and min prefer one by its exponent, and toEng prints a zero's exponent in threes: there the
// value counts alone.
bool exponent_matters(const std::string& operation) {
    return operation != "max" && operation != "min" && operation != "toeng";
}

std::string shown(const std::optional<Decimal>& result) {
    return result ? scientific(*result) : "no finite number";
}

// Empty when the result is right.
std::string judge(const Case& test, const std::optional<Decimal>& result) {
    auto wrong = [&](std::string_view why) {
        return fmt::format("{} {} {} -> {}, got {}{}", test.id, test.operation, fmt::join(test.operands, " "),
                           test.expected, shown(result), why);
    };
    if (not_finite(test.expected)) return result ? wrong("") : std::string();
    if (!result) return wrong("");
    std::optional<Decimal> expected = number(test.expected);
    if (!expected) return wrong(": the expected number cannot be read");
    if (*expected != *result) return wrong("");
    if (Decimal::parse(result->to_string()) != result || Decimal::parse(result->to_canonical()) != result) {
        return wrong(": its text reads as another number");
    }
    if (!exponent_matters(test.operation)) return {};
    std::string text = without_spelling(test.expected);
    if (result->is_zero() && text[0] == '-') text.erase(0, 1);
    return scientific(*result) == text ? std::string() : wrong(": another exponent");
}

void run_conversion(const Case& test, const Settings& settings, Group& group) {
    if (test.rounded && settings.rounding != "half_even") {
        ++group.skipped["conversion rounds half-even only, the case wants another rounding"];
        return;
    }
    if (not_finite(test.operands[0])) {
        ++group.skipped["an operand is an infinity or NaN"];
        return;
    }
    std::string failure = judge(test, number(test.operands[0]));
    if (failure.empty()) {
        ++group.passed;
    } else {
        ++group.failed;
        group.failures.push_back(failure);
    }
}

void run_case(const Case& test, const Settings& settings, Group& group) {
    for (const std::string& operand : test.operands) {
        if (!operand.empty() && operand[0] == '#') {
            ++group.skipped[operand.size() == 1 ? "an operand is missing (#)" : "an operand is an encoding (#hex)"];
            return;
        }
    }
    if (!test.expected.empty() && test.expected[0] == '#') {
        ++group.skipped["the result is an encoding (#hex)"];
        return;
    }
    if (settings.precision != Decimal::kDigitsMax) {
        ++group.skipped[fmt::format("the precision is {}, Decimal has 34", settings.precision)];
        return;
    }
    if ((test.operation == "tosci" || test.operation == "toeng") && test.operands.size() == 1) {
        return run_conversion(test, settings, group);
    }
    std::vector<Decimal> operands;
    for (const std::string& text : test.operands) {
        if (not_finite(text)) {
            ++group.skipped["an operand is an infinity or NaN"];
            return;
        }
        auto operand = number(text);
        if (!operand) {
            ++group.failed;
            group.failures.push_back(fmt::format("{}: the operand {} cannot be read", test.id, text));
            return;
        }
        operands.push_back(*operand);
    }
    std::optional<Rounding> rounding = rounding_named(settings.rounding);
    Outcome outcome{false, false, std::nullopt};
    Rounding direction = rounding.value_or(Rounding::half_even);
    if (operands.size() == 1) outcome = apply_one(test.operation, operands[0], direction);
    if (operands.size() == 2) outcome = apply_two(test.operation, operands[0], operands[1], direction);
    if (operands.size() == 3 && test.operation == "fma") {
        outcome = {true, false, Decimal::fused_multiply_add(operands[0], operands[1], operands[2])};
    }
    if (!outcome.known) {
        ++group.skipped[fmt::format("Decimal has no operation {}", test.operation)];
        return;
    }
    // An exact result is the same in every rounding.
    if (test.rounded && settings.rounding != "half_even" && (!outcome.directed || !rounding)) {
        ++group.skipped[outcome.directed ? "the rounding is 05up, which Decimal does not have"
                                         : "arithmetic rounds half-even only, the case wants another rounding"];
        return;
    }
    std::string failure = judge(test, outcome.result);
    if (failure.empty()) {
        ++group.passed;
    } else {
        ++group.failed;
        group.failures.push_back(failure);
    }
}

void run_file(const std::filesystem::path& path, Report& report) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error(fmt::format("{} cannot be read", path.string()));
    Group& group = report.group(path.stem().string());
    Settings settings;
    std::string line;
    for (int number = 1; std::getline(file, line); ++number) {
        std::vector<std::string> words = tokens(line);
        if (words.empty() || directive(words, settings)) continue;
        std::optional<Case> test = read_case(words);
        if (!test) {
            ++group.failed;
            group.failures.push_back(fmt::format("line {} is neither a directive nor a case: {}", number, line));
            continue;
        }
        run_case(*test, settings, group);
    }
}

}  // namespace

int run_decimal(const std::string& path) {
    std::vector<std::filesystem::path> files;
    if (std::filesystem::is_directory(path)) {
        for (const auto& entry : std::filesystem::directory_iterator(path)) {
            if (lower(entry.path().extension().string()) == ".dectest") files.push_back(entry.path());
        }
        std::sort(files.begin(), files.end());
    } else {
        files.emplace_back(path);
    }
    if (files.empty()) throw std::runtime_error(fmt::format("there is no .decTest file in {}", path));
    Report report("decimal");
    for (const auto& file : files) run_file(file, report);
    return report.print();
}

}  // namespace leat::conformance
