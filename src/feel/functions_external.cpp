#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <string>

#include "feel/arguments.hpp"
#include "feel/external.hpp"

namespace leat::feel {

namespace {

using Arguments = std::span<const Value>;

// A method as a model names it: "max(double, double)".
struct Signature {
    std::string_view name;
    std::vector<std::string_view> types;
};

std::string_view trim(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

std::optional<Signature> parse_signature(std::string_view text) {
    size_t open = text.find('('), close = text.rfind(')');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) return std::nullopt;
    Signature made;
    made.name = trim(text.substr(0, open));
    std::string_view rest = text.substr(open + 1, close - open - 1);
    while (!trim(rest).empty()) {
        size_t comma = std::min(rest.find(','), rest.size());
        made.types.push_back(trim(rest.substr(0, comma)));
        rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    return made;
}

bool is_real(std::string_view type) {
    return type == "double" || type == "float" || type == "java.lang.Double" || type == "java.lang.Float";
}
bool is_whole(std::string_view type) {
    return type == "int" || type == "long" || type == "short" || type == "byte" || type == "java.lang.Integer" ||
           type == "java.lang.Long";
}

Value real(double number) {
    if (!std::isfinite(number)) return Value();
    auto decimal = Decimal::parse(fmt::format("{}", number));
    return decimal ? Value::number(*decimal) : Value();
}

constexpr double kPi = 3.14159265358979323846;

struct RealMethod {
    std::string_view name;
    double (*one)(double) = nullptr;
    double (*two)(double, double) = nullptr;
};
// Overloaded names of <cmath> need to be chosen.
constexpr RealMethod kReal[] = {
    {"sin", [](double x) { return std::sin(x); }, nullptr},
    {"cos", [](double x) { return std::cos(x); }, nullptr},
    {"tan", [](double x) { return std::tan(x); }, nullptr},
    {"asin", [](double x) { return std::asin(x); }, nullptr},
    {"acos", [](double x) { return std::acos(x); }, nullptr},
    {"atan", [](double x) { return std::atan(x); }, nullptr},
    {"sinh", [](double x) { return std::sinh(x); }, nullptr},
    {"cosh", [](double x) { return std::cosh(x); }, nullptr},
    {"tanh", [](double x) { return std::tanh(x); }, nullptr},
    {"exp", [](double x) { return std::exp(x); }, nullptr},
    {"expm1", [](double x) { return std::expm1(x); }, nullptr},
    {"log", [](double x) { return std::log(x); }, nullptr},
    {"log10", [](double x) { return std::log10(x); }, nullptr},
    {"log1p", [](double x) { return std::log1p(x); }, nullptr},
    {"sqrt", [](double x) { return std::sqrt(x); }, nullptr},
    {"cbrt", [](double x) { return std::cbrt(x); }, nullptr},
    {"ceil", [](double x) { return std::ceil(x); }, nullptr},
    {"floor", [](double x) { return std::floor(x); }, nullptr},
    {"rint", [](double x) { return std::nearbyint(x); }, nullptr},
    {"round", [](double x) { return std::floor(x + 0.5); }, nullptr},
    {"signum", [](double x) { return x > 0   ? 1.0
                                     : x < 0 ? -1.0
                                             : 0.0; }, nullptr},
    {"abs", [](double x) { return std::fabs(x); }, nullptr},
    {"toDegrees", [](double x) { return x * 180 / kPi; }, nullptr},
    {"toRadians", [](double x) { return x / 180 * kPi; }, nullptr},
    {"pow", nullptr, [](double x, double y) { return std::pow(x, y); }},
    {"atan2", nullptr, [](double x, double y) { return std::atan2(x, y); }},
    {"hypot", nullptr, [](double x, double y) { return std::hypot(x, y); }},
    {"max", nullptr, [](double x, double y) { return std::fmax(x, y); }},
    {"min", nullptr, [](double x, double y) { return std::fmin(x, y); }},
};

struct WholeMethod {
    std::string_view name;
    std::optional<int64_t> (*one)(int64_t) = nullptr;
    std::optional<int64_t> (*two)(int64_t, int64_t) = nullptr;
};
using Whole = std::optional<int64_t>;

Whole add_exact(int64_t a, int64_t b) {
    int64_t sum = 0;
    return __builtin_add_overflow(a, b, &sum) ? Whole() : Whole(sum);
}
Whole multiply_exact(int64_t a, int64_t b) {
    int64_t product = 0;
    return __builtin_mul_overflow(a, b, &product) ? Whole() : Whole(product);
}
Whole floor_divide(int64_t a, int64_t b) {
    if (b == 0 || (b == -1 && a == INT64_MIN)) return std::nullopt;
    return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}
Whole floor_modulo(int64_t a, int64_t b) {
    auto quotient = floor_divide(a, b);
    return quotient ? Whole(a - *quotient * b) : std::nullopt;
}

constexpr WholeMethod kWhole[] = {
    {"abs", [](int64_t x) { return x == INT64_MIN ? Whole() : Whole(x < 0 ? -x : x); }, nullptr},
    {"max", nullptr, [](int64_t x, int64_t y) { return Whole(x > y ? x : y); }},
    {"min", nullptr, [](int64_t x, int64_t y) { return Whole(x < y ? x : y); }},
    {"addExact", nullptr, add_exact},
    {"sum", nullptr, add_exact},
    {"multiplyExact", nullptr, multiply_exact},
    {"floorDiv", nullptr, floor_divide},
    {"floorMod", nullptr, floor_modulo},
};

// Numbers of one Java type; nullopt: there is no such method, or an argument is no such number.
std::optional<Value> numbers(const Signature& method, Arguments arguments) {
    bool reals = true, wholes = true;
    for (std::string_view type : method.types) {
        reals = reals && is_real(type);
        wholes = wholes && is_whole(type);
    }
    if (arguments.size() != method.types.size() || arguments.empty() || arguments.size() > 2 || (!reals && !wholes))
        return std::nullopt;
    for (const Value& argument : arguments) {
        if (argument.kind != Kind::number) return std::nullopt;
    }
    if (reals) {
        double first = arguments[0].as_number().to_double();
        for (const RealMethod& known : kReal) {
            if (known.name != method.name) continue;
            if (arguments.size() == 1 && known.one) return real(known.one(first));
            if (arguments.size() == 2 && known.two) return real(known.two(first, arguments[1].as_number().to_double()));
        }
        return std::nullopt;
    }
    Whole whole[2];
    for (size_t i = 0; i < arguments.size(); ++i) {
        auto cut = arguments[i].as_number().rescale(0, Rounding::down);
        whole[i] = cut ? cut->to_int64() : std::nullopt;
        if (!whole[i]) return std::nullopt;
    }
    for (const WholeMethod& known : kWhole) {
        if (known.name != method.name) continue;
        Whole answer;
        if (arguments.size() == 1 && known.one) answer = known.one(*whole[0]);
        if (arguments.size() == 2 && known.two) answer = known.two(*whole[0], *whole[1]);
        if (answer) return Value::number(Decimal(*answer));
    }
    return std::nullopt;
}

// String.format for the conversions that a value of FEEL can have: %s, %d, %f with a precision, %n and %%.
std::optional<std::string> formatted(std::string_view format, Arguments arguments) {
    std::string out;
    size_t next = 0;
    for (size_t i = 0; i < format.size(); ++i) {
        if (format[i] != '%') {
            out += format[i];
            continue;
        }
        int precision = 6;
        if (++i < format.size() && format[i] == '.') {
            precision = 0;
            while (++i < format.size() && format[i] >= '0' && format[i] <= '9' && precision < 100)
                precision = precision * 10 + (format[i] - '0');
        }
        if (i >= format.size()) return std::nullopt;
        if (format[i] == '%' || format[i] == 'n') {
            out += format[i] == 'n' ? '\n' : '%';
            continue;
        }
        if (next >= arguments.size()) return std::nullopt;
        const Value& argument = arguments[next++];
        bool number = argument.kind == Kind::number;
        if (format[i] == 's') {
            out += argument.is_null() ? "null" : value::to_text(argument);
        } else if (format[i] == 'd' && number && argument.as_number().to_int64()) {
            out += fmt::format("{}", *argument.as_number().to_int64());
        } else if (auto rounded = format[i] == 'f' && number
                                      ? argument.as_number().rescale(precision, Rounding::half_up)
                                      : std::nullopt) {
            out += rounded->to_string();
        } else {
            return std::nullopt;
        }
    }
    return out;
}

std::optional<Value> texts(const Signature& method, Arguments arguments, Arena& arena) {
    if (method.name == "format" && method.types.size() >= 1 && method.types[0] == "java.lang.String" &&
        !arguments.empty() && arguments[0].kind == Kind::string) {
        Arguments rest = arguments.subspan(1);
        if (rest.size() == 1 && rest[0].kind == Kind::list) rest = rest[0].as_list();
        auto text = formatted(arguments[0].as_string(), rest);
        return text ? std::optional<Value>(Value::string(arena.copy(*text))) : std::nullopt;
    }
    if (arguments.size() != method.types.size() || arguments.empty()) return std::nullopt;
    if (method.name == "valueOf" && arguments.size() == 1) {
        const Value& argument = arguments[0];
        std::string text = argument.is_null() ? "null" : value::to_text(argument);
        // Java writes a whole double with a digit behind the point.
        if (is_real(method.types[0]) && text.find('.') == std::string::npos) text += ".0";
        return Value::string(arena.copy(text));
    }
    bool both = arguments.size() == 2 && arguments[0].kind == Kind::string && arguments[1].kind == Kind::string;
    if (method.name == "concat" && both)
        return Value::string(arena.copy(std::string(arguments[0].as_string()) + std::string(arguments[1].as_string())));
    return std::nullopt;
}

std::optional<Value> parsed(const Signature& method, Arguments arguments) {
    bool parses = method.name == "valueOf" || method.name.starts_with("parse");
    if (!parses || arguments.size() != 1 || arguments[0].kind != Kind::string) return std::nullopt;
    auto number = Decimal::parse(arguments[0].as_string());
    return number ? std::optional<Value>(Value::number(*number)) : std::nullopt;
}

std::string_view text_of(const Value& context, std::string_view name) {
    const Value* found = context.kind == Kind::context ? context.context->find(name) : nullptr;
    return found && found->kind == Kind::string ? found->as_string() : std::string_view();
}

Value external(Evaluation& evaluation, Arguments given) {
    const Value* java = given[0].kind == Kind::context ? given[0].context->find("java") : nullptr;
    if (!java) return evaluation.fail("feel.external", "only functions in FEEL and some of Java's can be called");
    std::string_view java_class = text_of(*java, "class"), text = text_of(*java, "method signature");
    auto method = parse_signature(text);
    Arguments arguments = given[1].kind == Kind::list ? given[1].as_list() : Arguments();
    std::optional<Value> answer;
    if (method && has_external_class(java_class)) {
        if (java_class == "java.lang.String")
            answer = texts(*method, arguments, evaluation.arena);
        else if (auto number = java_class == "java.lang.Math" ? std::nullopt : parsed(*method, arguments))
            answer = number;
        else
            answer = numbers(*method, arguments);
    }
    if (answer) return *answer;
    return evaluation.fail_copy("feel.external",
                                fmt::format("the Java method {}.{} cannot be called here", java_class, text));
}

}  // namespace

bool has_external_class(std::string_view java_class) {
    return java_class == "java.lang.Math" || java_class == "java.lang.String" || java_class == "java.lang.Integer" ||
           java_class == "java.lang.Long" || java_class == "java.lang.Double" || java_class == "java.lang.Float";
}

void add_external_function(std::vector<Builtin>& table) {
    table.push_back(builtin(fmt::format("{}(mapping: ~any, arguments: ~list): any", kExternal), external));
}

}  // namespace leat::feel
