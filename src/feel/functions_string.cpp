// Texts, by code point.
#include <string>

#include "base/utf8.hpp"
#include "feel/arguments.hpp"
#include "feel/functions.hpp"
#include "feel/letter_case.hpp"

namespace leat::feel {

namespace {

using Arguments = std::span<const Value>;

constexpr size_t kTextMax = 256u << 20;

enum class Case { upper, lower };

// ASCII letters into `out`, which has the text's size; false where there is more than ASCII.
template <Case Wanted>
bool map_ascii(std::string_view text, char* out) {
    constexpr char first = Wanted == Case::upper ? 'a' : 'A', last = Wanted == Case::upper ? 'z' : 'Z';
    unsigned char seen = 0;
    for (size_t i = 0; i < text.size(); i++) {
        char c = text[i];
        seen |= static_cast<unsigned char>(c);
        out[i] = static_cast<char>(c >= first && c <= last ? c ^ 0x20 : c);
    }
    return seen < 0x80;
}

template <Case Wanted>
Value map_case(Evaluation& evaluation, Arguments arguments) {
    Value text;
    if (!want(evaluation, arguments[0], Kind::string, text)) return text;
    evaluation.charge(1 + text.aux / 64);
    char* plain = evaluation.arena.array<char>(text.aux + size_t{1});
    if (map_ascii<Wanted>(text.as_string(), plain)) {
        plain[text.aux] = '\0';
        return Value::string({plain, text.aux});
    }
    std::string mapped = Wanted == Case::upper ? upper_case(text.as_string()) : lower_case(text.as_string());
    return mapped == text.as_string() ? text : Value::string(evaluation.arena.copy(mapped));
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
        return null_argument(evaluation, arguments[2]);
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
    if (!want_list(arguments[0], single, items)) return null_argument(evaluation, arguments[0]);
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
    if (arguments[0].is_null()) return null_argument(evaluation, arguments[0]);
    if (arguments[0].kind == Kind::string) return arguments[0];
    return Value::string(evaluation.arena.copy(value::to_text(arguments[0])));
}

}  // namespace

void add_string_functions(std::vector<Builtin>& table) {
    table.push_back(builtin("substring(string: string, start position: number, length?: number): string", substring));
    table.push_back(builtin("string length(string: string): number!", length));
    table.push_back(builtin("upper case(string: string): string!", map_case<Case::upper>));
    table.push_back(builtin("lower case(string: string): string!", map_case<Case::lower>));
    table.push_back(builtin("substring before(string: string, match: string): string!", substring_around<true>));
    table.push_back(builtin("substring after(string: string, match: string): string!", substring_around<false>));
    table.push_back(builtin("contains(string: string, match: string): boolean!", search<Search::contains>));
    table.push_back(builtin("starts with(string: string, match: string): boolean!", search<Search::starts>));
    table.push_back(builtin("ends with(string: string, match: string): boolean!", search<Search::ends>));
    table.push_back(builtin("string join(list: list, delimiter?: ~string): string!", join));
    table.push_back(builtin("string(from: any): string!", to_string));
}

}  // namespace leat::feel
