// Texts, by code point.
#include <string>

#include "base/utf8.hpp"
#include "feel/arguments.hpp"
#include "feel/functions.hpp"

namespace leat::feel {

namespace {

using Arguments = std::span<const Value>;

constexpr size_t kTextMax = 256u << 20;

// Simple case mapping of the alphabets that have case: Latin, Greek, Cyrillic, full-width Latin.
char32_t change_case(char32_t c, bool upper) {
    struct Shift {
        char32_t first, last;  // of the lower-case letters
        int32_t to_upper;
    };
    static constexpr Shift kShifts[] = {{'a', 'z', -32},     {0xE0, 0xF6, -32},    {0xF8, 0xFE, -32},
                                        {0x3B1, 0x3C1, -32}, {0x3C3, 0x3C9, -32},  {0x430, 0x44F, -32},
                                        {0x450, 0x45F, -80}, {0xFF41, 0xFF5A, -32}};
    for (const Shift& shift : kShifts) {
        auto offset = static_cast<char32_t>(-shift.to_upper);
        if (upper && c >= shift.first && c <= shift.last) return c - offset;
        if (!upper && c >= shift.first - offset && c <= shift.last - offset) return c + offset;
    }
    // Latin Extended-A and -B pairs stand side by side, upper first.
    bool even_upper = (c >= 0x100 && c <= 0x137) || (c >= 0x14A && c <= 0x177) || (c >= 0x1E00 && c <= 0x1EFF);
    bool odd_upper = (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E);
    if (even_upper) return upper ? (c | 1) - 1 : c | 1;
    if (odd_upper) return upper ? (c % 2 == 0 ? c - 1 : c) : (c % 2 == 1 ? c + 1 : c);
    return c;
}

template <bool Upper>
Value map_case(Evaluation& evaluation, Arguments arguments) {
    Value text;
    if (!want(evaluation, arguments[0], Kind::string, text)) return text;
    std::string_view from = text.as_string();
    bool changes = false;
    for (size_t at = 0; at < from.size() && !changes;) {
        char32_t c = base::next_code_point(from, at);
        changes = change_case(c, Upper) != c;
    }
    if (!changes) return text;
    std::string out;
    for (size_t at = 0; at < from.size();) base::append_utf8(out, change_case(base::next_code_point(from, at), Upper));
    return Value::string(evaluation.arena.copy(out));
}

Value length(Evaluation& evaluation, Arguments arguments) {
    Value text;
    if (!want(evaluation, arguments[0], Kind::string, text)) return text;
    return Value::number(Decimal(static_cast<int64_t>(base::count_code_points(text.as_string()))));
}

// The part of a text from a code point on, without copying.
std::string_view from_code_point(std::string_view text, int64_t skip) {
    size_t at = 0;
    for (; skip > 0 && at < text.size(); skip--) base::next_code_point(text, at);
    return text.substr(at);
}

Value substring(Evaluation& evaluation, Arguments arguments) {
    Value text, bad;
    if (!want(evaluation, arguments[0], Kind::string, text)) return text;
    int64_t start = 0, count = INT64_MAX;
    if (!want_whole(evaluation, arguments[1], start, bad)) return bad;
    if (arguments.size() > 2 && !arguments[2].is_null()) {
        if (!want_whole(evaluation, arguments[2], count, bad)) return bad;
        if (count < 1) return evaluation.fail("feel.argument", "the length of a substring is at least 1");
    } else if (arguments.size() > 2) {
        return arguments[2];
    }
    if (start == 0) return evaluation.fail("feel.argument", "a text's first position is 1");
    auto size = static_cast<int64_t>(base::count_code_points(text.as_string()));
    int64_t skip = start > 0 ? start - 1 : size + start;
    if (skip < 0) skip = 0;
    std::string_view rest = from_code_point(text.as_string(), skip);
    if (count >= size) return Value::string(rest);
    return Value::string(rest.substr(0, rest.size() - from_code_point(rest, count).size()));
}

enum class Search { contains, starts, ends };

template <Search Kind_>
Value search(Evaluation& evaluation, Arguments arguments) {
    Value text, part;
    if (!want(evaluation, arguments[0], Kind::string, text)) return text;
    if (!want(evaluation, arguments[1], Kind::string, part)) return part;
    std::string_view a = text.as_string(), b = part.as_string();
    if (Kind_ == Search::starts) return Value::boolean(a.starts_with(b));
    if (Kind_ == Search::ends) return Value::boolean(a.ends_with(b));
    return Value::boolean(a.find(b) != std::string_view::npos);
}

template <bool Before>
Value substring_around(Evaluation& evaluation, Arguments arguments) {
    Value text, part;
    if (!want(evaluation, arguments[0], Kind::string, text)) return text;
    if (!want(evaluation, arguments[1], Kind::string, part)) return part;
    std::string_view a = text.as_string();
    size_t found = a.find(part.as_string());
    if (found == std::string_view::npos) return Value::string("");
    return Value::string(Before ? a.substr(0, found) : a.substr(found + part.aux));
}

Value join(Evaluation& evaluation, Arguments arguments) {
    Value single, separator = Value::string("");
    std::span<const Value> items;
    if (!want_list(arguments[0], single, items)) return arguments[0];
    if (arguments.size() > 1 && !arguments[1].is_null() && !want(evaluation, arguments[1], Kind::string, separator))
        return separator;
    std::string out;
    bool first = true;
    evaluation.charge(items.size() + Bulk::of(arguments[0]) + items.size() * (separator.aux / 16));
    for (const Value& item : items) {
        if (item.is_null()) continue;
        if (out.size() > kTextMax) throw LimitError("limit.memory", "a text is longer than 256 MiB");
        if (item.kind != Kind::string) return evaluation.fail("feel.argument", "string join takes texts");
        if (!first) out += separator.as_string();
        first = false;
        out += item.as_string();
    }
    return Value::string(evaluation.arena.copy(out));
}

Value to_string(Evaluation& evaluation, Arguments arguments) {
    evaluation.charge(Bulk::of(arguments[0]));
    if (arguments[0].is_null() || arguments[0].kind == Kind::string) return arguments[0];
    return Value::string(evaluation.arena.copy(value::to_text(arguments[0])));
}

}  // namespace

void add_string_functions(std::vector<Builtin>& table) {
    table.push_back(builtin("substring(string: string, start position: number, length?: number): string", substring));
    table.push_back(builtin("string length(string: string): number!", length));
    table.push_back(builtin("upper case(string: string): string!", map_case<true>));
    table.push_back(builtin("lower case(string: string): string!", map_case<false>));
    table.push_back(builtin("substring before(string: string, match: string): string!", substring_around<true>));
    table.push_back(builtin("substring after(string: string, match: string): string!", substring_around<false>));
    table.push_back(builtin("contains(string: string, match: string): boolean!", search<Search::contains>));
    table.push_back(builtin("starts with(string: string, match: string): boolean!", search<Search::starts>));
    table.push_back(builtin("ends with(string: string, match: string): boolean!", search<Search::ends>));
    table.push_back(builtin("string join(list: list, delimiter?: ~string): string!", join));
    table.push_back(builtin("string(from: any): string!", to_string));
}

}  // namespace leat::feel
