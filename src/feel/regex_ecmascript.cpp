// ECMAScript's regular expressions (ECMA-262, 22.2.1 Patterns, with the flag u, as JSON Schema's `pattern` wants them)
// in PCRE2's syntax: a parser of that grammar that writes as it reads. Much that PCRE2 takes is an error there.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "feel/regex.hpp"

namespace leat::feel {

namespace {

constexpr int kNestingMax = 100;          // of groups: the parser recurses
constexpr int64_t kQuantityMax = 65'535;  // PCRE2's own bound
// WhiteSpace and LineTerminator (12.2, 12.3), and everything else, as the inside of a class.
constexpr std::string_view kSpace =
    "\\x{9}-\\x{d}\\x{20}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}";
constexpr std::string_view kNotSpace =
    "\\x{0}-\\x{8}\\x{e}-\\x{1f}\\x{21}-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-\\x{1fff}\\x{200b}-\\x{2027}"
    "\\x{202a}-\\x{202e}\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}\\x{3001}-\\x{d7ff}\\x{e000}-\\x{fefe}"
    "\\x{ff00}-\\x{10ffff}";

struct Fault {
    std::string text;
};

[[noreturn]] void fail(std::string text) {
    throw Fault{std::move(text)};
}

bool is_syntax(char c) {
    return std::string_view("^$\\.*+?()[]{}|/").find(c) != std::string_view::npos;
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

int hex_digit(char c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

class Translator {
 public:
    explicit Translator(std::string_view pattern) : text_(pattern) {}

    RegexTranslation translate() {
        RegexTranslation result;
        alternatives(0);
        if (!done()) fail("has a ')' without its '('; write '\\)' for the character");
        for (int64_t reference : references_) {
            if (reference > groups_) fail(fmt::format("refers to group {}, and has {}", reference, groups_));
        }
        result.pattern = std::move(out_);
        result.groups = groups_;
        return result;
    }

 private:
    bool done() const { return at_ == text_.size(); }
    bool next_is(std::string_view what) const { return text_.substr(at_).starts_with(what); }
    bool skip(std::string_view what) {
        if (!next_is(what)) return false;
        at_ += what.size();
        return true;
    }

    void alternatives(int depth) {
        if (depth > kNestingMax) fail(fmt::format("nests its groups more than {} deep", kNestingMax));
        while (!done() && text_[at_] != ')') {
            if (skip("|"))
                out_ += '|';
            else
                term(depth);
        }
    }

    void term(int depth) {
        bool repeatable = true;
        if (skip("^")) {
            out_ += '^';
            repeatable = false;
        } else if (skip("$")) {
            out_ += '$';
            repeatable = false;
        } else if (next_is("\\b") || next_is("\\B")) {
            out_ += text_.substr(at_, 2);
            at_ += 2;
            repeatable = false;
        } else if (next_is("(")) {
            repeatable = group(depth);
        } else {
            atom();
        }
        quantifier(repeatable);
    }

    // Answers whether it may be repeated: an assertion may not.
    bool group(int depth) {
        static constexpr std::array<std::string_view, 4> kAssertions = {"(?<=", "(?<!", "(?=", "(?!"};
        bool repeatable = true;
        auto assertion = std::find_if(kAssertions.begin(), kAssertions.end(), [&](auto one) { return next_is(one); });
        if (assertion != kAssertions.end()) {
            out_ += *assertion;
            at_ += assertion->size();
            repeatable = false;
        } else if (skip("(?:")) {
            out_ += "(?:";
        } else if (skip("(?<")) {
            out_ += "(?<" + group_name() + ">";
            ++groups_;
        } else if (next_is("(?") || next_is("(*")) {
            fail(fmt::format("has the group '{}', which ECMAScript does not know", text_.substr(at_, 3)));
        } else {
            ++at_;
            out_ += '(';
            ++groups_;
        }
        alternatives(depth + 1);
        if (!skip(")")) fail("has a '(' without its ')'; write '\\(' for the character");
        out_ += ')';
        return repeatable;
    }

    std::string group_name() {
        std::string name;
        while (!done() && text_[at_] != '>') name += text_[at_++];
        bool usable =
            !name.empty() && !is_digit(name[0]) && name.size() <= 32 &&
            std::all_of(name.begin(), name.end(), [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
        if (!skip(">") || !usable) fail(fmt::format("names a group '{}': letters, digits and '_', 32 at most", name));
        return name;
    }

    void quantifier(bool repeatable) {
        size_t before = at_;
        if (skip("*") || skip("+") || skip("?")) {
            out_ += text_[before];
        } else if (next_is("{")) {
            ++at_;
            int64_t least = quantity();
            int64_t most = least;
            out_ += fmt::format("{{{}", least);
            if (skip(",")) {
                out_ += ',';
                if (!next_is("}")) out_ += std::to_string(most = quantity());
            }
            if (!skip("}")) fail("has a '{' that is no repetition; write '\\{' for the character");
            if (most < least) fail(fmt::format("repeats at least {} and at most {} times", least, most));
            out_ += '}';
        } else {
            return;
        }
        if (!repeatable) fail(fmt::format("repeats an assertion with '{}'", text_[before]));
        if (skip("?")) out_ += '?';
        if (!done() && std::string_view("*+?{").find(text_[at_]) != std::string_view::npos)
            fail(fmt::format("repeats a repetition with '{}'", text_[at_]));
    }

    int64_t quantity() {
        if (done() || !is_digit(text_[at_])) fail("has a '{' that is no repetition; write '\\{' for the character");
        int64_t number = 0;
        while (!done() && is_digit(text_[at_])) {
            number = number * 10 + (text_[at_++] - '0');
            if (number > kQuantityMax) fail(fmt::format("repeats more than {} times", kQuantityMax));
        }
        return number;
    }

    void atom() {
        char c = text_[at_];
        if (c == '.') {
            ++at_;
            out_ += "[^\\n\\r\\x{2028}\\x{2029}]";
        } else if (c == '[') {
            bracket_class();
        } else if (c == '\\') {
            escape();
        } else if (c == '*' || c == '+' || c == '?') {
            fail(fmt::format("has a '{0}' with nothing before it; write '\\{0}' for the character", c));
        } else if (c == '{' || c == '}' || c == ']') {
            fail(fmt::format("has a '{0}' by itself; write '\\{0}' for the character", c));
        } else {
            append(base::next_code_point(text_, at_));
        }
    }

    void append(char32_t c) {
        if (c < 128 && (is_letter(static_cast<char>(c)) || is_digit(static_cast<char>(c))))
            out_ += static_cast<char>(c);
        else
            out_ += fmt::format("\\x{{{:x}}}", static_cast<uint32_t>(c));
    }

    void escape() {
        if (at_ + 1 >= text_.size()) fail("ends in a '\\'");
        char c = text_[at_ + 1];
        if (c >= '1' && c <= '9') {
            ++at_;
            int64_t number = quantity();
            references_.push_back(number);
            out_ += fmt::format("\\g{{{}}}", number);
            return;
        }
        if (skip("\\k<")) {
            out_ += "\\k<" + group_name() + ">";
            return;
        }
        if (set_escape(false)) return;
        append(character_escape(false));
    }

    // \d \D \s \S \w \W \p{…} \P{…}: sets of characters.
    bool set_escape(bool in_class) {
        if (at_ + 1 >= text_.size()) return false;
        char c = text_[at_ + 1];
        if (c == 'd' || c == 'D' || c == 'w' || c == 'W') {
            out_ += text_.substr(at_, 2);
            at_ += 2;
        } else if (c == 's' || c == 'S') {
            at_ += 2;
            std::string_view set = c == 's' ? kSpace : kNotSpace;
            out_ += in_class ? std::string(set) : fmt::format("[{}]", set);
        } else if (c == 'p' || c == 'P') {
            at_ += 2;
            property(c);
        } else {
            return false;
        }
        return true;
    }

    // \p{L}, \p{Lu}, \p{Script=Han}, \p{sc=Han}, \p{gc=Lu}, \p{Alphabetic}.
    void property(char kind) {
        size_t end = text_.find('}', at_);
        if (!next_is("{") || end == std::string_view::npos) fail(fmt::format("has a '\\{}' without '{{name}}'", kind));
        std::string_view all = text_.substr(at_ + 1, end - at_ - 1);
        std::string_view name = all, of;
        if (size_t equal = all.find('='); equal != std::string_view::npos) {
            of = all.substr(0, equal);
            name = all.substr(equal + 1);
        }
        bool known = of.empty() || of == "Script" || of == "sc" || of == "Script_Extensions" || of == "scx" ||
                     of == "General_Category" || of == "gc";
        bool plain = !name.empty() && std::all_of(name.begin(), name.end(),
                                                  [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
        if (!known || !plain) fail(fmt::format("asks for the property '{}', which there is not", all));
        at_ = end + 1;
        std::string_view prefix = of == "Script" || of == "sc"               ? "sc:"
                                  : of == "Script_Extensions" || of == "scx" ? "scx:"
                                                                             : "";
        out_ += fmt::format("\\{}{{{}{}}}", kind, prefix, name);
    }

    char32_t hex(size_t digits) {
        char32_t value = 0;
        for (size_t i = 0; i < digits; ++i) {
            int digit = done() ? -1 : hex_digit(text_[at_]);
            if (digit < 0) fail(fmt::format("has an escape that wants {} hexadecimal digits", digits));
            value = value * 16 + static_cast<char32_t>(digit);
            ++at_;
        }
        return value;
    }

    char32_t unicode_escape() {
        char32_t value = 0;
        if (skip("{")) {
            size_t begin = at_;
            while (!done() && hex_digit(text_[at_]) >= 0 && value <= 0x10FFFF)
                value = value * 16 + static_cast<char32_t>(hex_digit(text_[at_++]));
            if (at_ == begin || value > 0x10FFFF || !skip("}")) fail("has a '\\u{' that names no character");
        } else {
            value = hex(4);
            if (value >= 0xD800 && value <= 0xDBFF && skip("\\u")) {
                char32_t low = hex(4);
                if (low < 0xDC00 || low > 0xDFFF) fail("has half of a surrogate pair, which is no character");
                return 0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00);
            }
        }
        if (value >= 0xD800 && value <= 0xDFFF) fail("has half of a surrogate pair, which is no character");
        return value;
    }

    char32_t character_escape(bool in_class) {
        char c = text_[at_ + 1];
        at_ += 2;
        switch (c) {
            case 't':
                return '\t';
            case 'n':
                return '\n';
            case 'v':
                return '\v';
            case 'f':
                return '\f';
            case 'r':
                return '\r';
            case 'x':
                return hex(2);
            case 'u':
                return unicode_escape();
            case '0':
                if (!done() && is_digit(text_[at_])) fail("has an octal escape; write '\\x' and two digits");
                return 0;
            case 'c':
                if (done() || !is_letter(text_[at_])) fail("has a '\\c' without a letter");
                return static_cast<char32_t>(text_[at_++]) % 32;
            default:
                break;
        }
        if (in_class && c == 'b') return '\b';
        if (is_syntax(c) || (in_class && c == '-')) return static_cast<char32_t>(c);
        fail(fmt::format("has the escape '\\{}', which ECMAScript does not know", text_.substr(at_ - 1, 1)));
    }

    void bracket_class() {
        ++at_;
        bool negated = skip("^");
        if (skip("]")) {
            out_ += negated ? "[\\s\\S]" : "(?!)";
            return;
        }
        out_ += negated ? "[^" : "[";
        while (!skip("]")) {
            bool set = false;
            char32_t first = class_atom(set);
            bool range = next_is("-") && !next_is("-]") && at_ + 1 < text_.size();
            if (!range) {
                if (!set) append(first);
                continue;
            }
            ++at_;
            bool last_set = false;
            char32_t last = class_atom(last_set);
            if (set || last_set) fail("has a range with a set of characters at its end");
            if (last < first) fail("has a range that ends before it begins");
            append(first);
            out_ += '-';
            append(last);
        }
        out_ += ']';
    }

    // A character, or a set of them, which is written at once.
    char32_t class_atom(bool& set) {
        if (done()) fail("has a '[' without its ']'; write '\\[' for the character");
        if (text_[at_] != '\\') return base::next_code_point(text_, at_);
        if (at_ + 1 >= text_.size()) fail("ends in a '\\'");
        set = set_escape(true);
        return set ? U'\0' : character_escape(true);
    }

    std::string_view text_;
    size_t at_ = 0;
    std::string out_;
    int groups_ = 0;
    std::vector<int64_t> references_;
};

}  // namespace

RegexTranslation translate_ecmascript(std::string_view pattern) {
    if (!base::valid_utf8(pattern)) return {{}, "is not UTF-8", 0};
    try {
        return Translator(pattern).translate();
    } catch (const Fault& fault) {
        return {{}, fault.text, 0};
    }
}

}  // namespace leat::feel
