// XPath's regular expressions in PCRE2's syntax: a parser of XML Schema's grammar that writes as it reads.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "feel/regex.hpp"

namespace leat::feel {

namespace {

constexpr int kNestingMax = 100;          // of groups and subtracted classes: the parser recurses
constexpr int64_t kQuantityMax = 65'535;  // PCRE2's own bound
constexpr char32_t kLast = 0x10FFFF;

struct Fault {
    std::string text;
};

[[noreturn]] void fail(std::string text) {
    throw Fault{std::move(text)};
}

// XML 1.0's NameStartChar and what NameChar adds: \i and \c.
constexpr CodePointRange kInitials[] = {
    {':', ':'},       {'A', 'Z'},       {'_', '_'},       {'a', 'z'},         {0xC0, 0xD6},     {0xD8, 0xF6},
    {0xF8, 0x2FF},    {0x370, 0x37D},   {0x37F, 0x1FFF},  {0x200C, 0x200D},   {0x2070, 0x218F}, {0x2C00, 0x2FEF},
    {0x3001, 0xD7FF}, {0xF900, 0xFDCF}, {0xFDF0, 0xFFFD}, {0x10000, 0xEFFFF},
};
constexpr CodePointRange kInnerOnly[] = {
    {'-', '.'}, {'0', '9'}, {0xB7, 0xB7}, {0x300, 0x36F}, {0x203F, 0x2040},
};

void append_code_point(std::string& out, char32_t c) {
    out += fmt::format("\\x{{{:x}}}", static_cast<uint32_t>(c));
}

// Ranges as the inside of a class; surrogates are no code points of a text.
void append_range(std::string& out, char32_t first, char32_t last) {
    if (first <= 0xDFFF && last >= 0xD800) {
        if (first < 0xD800) append_range(out, first, 0xD7FF);
        if (last > 0xDFFF) append_range(out, 0xE000, last);
        return;
    }
    append_code_point(out, first);
    if (last == first) return;
    out += '-';
    append_code_point(out, last);
}

std::string ranges(std::vector<CodePointRange> all, bool complement) {
    std::string out;
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    char32_t next = 0;
    for (const CodePointRange& range : all) {
        if (!complement) append_range(out, range.first, range.last);
        if (complement && range.first > next) append_range(out, next, range.first - 1);
        next = range.last + 1;
    }
    if (complement && next <= kLast) append_range(out, next, kLast);
    return out;
}

std::string name_class(bool inner, bool complement) {
    std::vector<CodePointRange> all(std::begin(kInitials), std::end(kInitials));
    if (inner) all.insert(all.end(), std::begin(kInnerOnly), std::end(kInnerOnly));
    return ranges(std::move(all), complement);
}

bool is_category(std::string_view name) {
    static constexpr std::array<std::string_view, 37> kNames = {
        "L",  "Lu", "Ll", "Lt", "Lm", "Lo", "M",  "Mn", "Mc", "Me", "N",  "Nd", "Nl",
        "No", "P",  "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Z",  "Zs", "Zl", "Zp",
        "S",  "Sm", "Sc", "Sk", "So", "C",  "Cc", "Cf", "Co", "Cn", "Cs"};
    return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// The flag x: spaces go, but not those of a class.
std::string without_spaces(std::string_view pattern) {
    std::string out;
    int classes = 0;
    for (size_t i = 0; i < pattern.size(); i++) {
        char c = pattern[i];
        if (c == '\\') {
            out += c;
            while (classes == 0 && i + 1 < pattern.size() && is_space(pattern[i + 1])) i++;
            if (i + 1 < pattern.size()) out += pattern[++i];
            continue;
        }
        if (c == '[') classes++;
        if (c == ']' && classes > 0) classes--;
        if (classes > 0 || !is_space(c)) out += c;
    }
    return out;
}

class Translator {
 public:
    Translator(std::string_view pattern, const RegexFlags& flags) : text_(pattern), flags_(flags) {}

    RegexTranslation translate() {
        RegexTranslation result;
        alternatives(0);
        if (at_ < text_.size()) fail("has a ')' without its '('");
        result.pattern = std::move(out_);
        result.groups = opened_;
        return result;
    }

 private:
    bool done() const { return at_ == text_.size(); }
    bool next_is(char c) const { return at_ < text_.size() && text_[at_] == c; }
    bool skip(char c) {
        if (!next_is(c)) return false;
        at_++;
        return true;
    }
    bool digit() const { return at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; }

    void alternatives(int depth) {
        if (depth > kNestingMax) fail("nests too deeply");
        while (!done() && !next_is(')')) {
            if (skip('|'))
                out_ += '|';
            else
                piece(depth);
        }
    }

    void piece(int depth) {
        atom(depth);
        quantifier();
    }

    void atom(int depth) {
        char c = text_[at_];
        switch (c) {
            case '(':
                at_++;
                return group(depth);
            case '[':
                at_++;
                out_ += class_expression(depth);
                return;
            case '.':
                at_++;
                out_ += flags_.dot_all ? "[\\x{0}-\\x{10ffff}]" : "[^\\x{a}]";
                return;
            case '^':
            case '$':
                at_++;
                // In a group, so that a quantifier may follow as XPath has it.
                out_ += c == '^' ? "(?:^)" : "(?:$)";
                return;
            case '\\':
                at_++;
                return escape();
            case '?':
            case '*':
            case '+':
            case '{':
                fail(fmt::format("has a '{}' with nothing before it to repeat", c));
            case '}':
            case ']':
                fail(fmt::format("has a '{}' alone: write '\\{}'", c, c));
            default:
                append_code_point(out_, base::next_code_point(text_, at_));
        }
    }

    void group(int depth) {
        bool captures = !skip('?');
        if (!captures && !skip(':')) fail("has '(?' that is not '(?:'");
        int number = 0;
        if (captures) number = ++opened_;
        if (captures) closed_.push_back(false);
        out_ += captures ? "(" : "(?:";
        alternatives(depth + 1);
        if (!skip(')')) fail("has a '(' without its ')'");
        out_ += ')';
        if (captures) closed_[static_cast<size_t>(number) - 1] = true;
    }

    void quantifier() {
        if (done()) return;
        char c = text_[at_];
        if (c == '?' || c == '*' || c == '+') {
            at_++;
            out_ += c;
        } else if (c == '{') {
            at_++;
            quantity();
        } else {
            return;
        }
        if (skip('?')) out_ += '?';
    }

    int64_t count() {
        if (!digit()) fail("has a '{' without a number after it");
        int64_t value = 0;
        while (digit()) {
            value = value * 10 + (text_[at_++] - '0');
            if (value > kQuantityMax) fail(fmt::format("repeats more than {} times", kQuantityMax));
        }
        return value;
    }

    void quantity() {
        int64_t least = count();
        out_ += fmt::format("{{{}", least);
        if (skip(',')) {
            out_ += ',';
            if (!next_is('}')) {
                int64_t most = count();
                if (most < least) fail(fmt::format("repeats from {} to {}", least, most));
                out_ += fmt::format("{}", most);
            }
        }
        if (!skip('}')) fail("has a '{' without its '}'");
        out_ += '}';
    }

    // \1: the longest number that is one of a group before; the digits after it are themselves.
    void back_reference() {
        size_t begin = at_;
        int number = text_[at_++] - '0';
        while (digit() && number * 10 + (text_[at_] - '0') <= opened_) number = number * 10 + (text_[at_++] - '0');
        if (number > opened_ || number == 0 || !closed_[static_cast<size_t>(number) - 1])
            fail(fmt::format("refers to the group {}, which does not end before", text_.substr(begin, at_ - begin)));
        out_ += fmt::format("\\g{{{}}}", number);
    }

    void escape() {
        if (done()) fail("ends in '\\'");
        if (digit()) return back_reference();
        char32_t single = 0;
        std::string set;
        bool property = next_is('p') || next_is('P');
        if (escape_meaning(single, set)) {
            append_code_point(out_, single);
            return;
        }
        // XPath: \p{Lu} stays upper case whatever the flag i says.
        if (property && flags_.ignore_case)
            out_ += fmt::format("(?-i:[{}])", set);
        else
            out_ += fmt::format("[{}]", set);
    }

    // After a backslash: one character (true), or a set as the inside of a class.
    bool escape_meaning(char32_t& single, std::string& set) {
        char c = text_[at_++];
        switch (c) {
            case 'n':
                single = '\n';
                return true;
            case 'r':
                single = '\r';
                return true;
            case 't':
                single = '\t';
                return true;
            case 's':
                set = "\\x{9}\\x{a}\\x{d}\\x{20}";
                return false;
            case 'S':
                set = ranges({{0x9, 0xA}, {0xD, 0xD}, {0x20, 0x20}}, true);
                return false;
            case 'd':
                set = "\\p{Nd}";
                return false;
            case 'D':
                set = "\\P{Nd}";
                return false;
            case 'w':
                set = "\\p{L}\\p{M}\\p{N}\\p{S}";
                return false;
            case 'W':
                set = "\\p{P}\\p{Z}\\p{C}";
                return false;
            case 'i':
            case 'I':
                set = name_class(false, c == 'I');
                return false;
            case 'c':
            case 'C':
                set = name_class(true, c == 'C');
                return false;
            case 'p':
            case 'P':
                set = property(c == 'P');
                return false;
            default:
                break;
        }
        if (std::string_view("\\|.?*+(){}-[]^$").find(c) == std::string_view::npos)
            fail(fmt::format("has '\\{}', which XPath does not know", c));
        single = static_cast<char32_t>(c);
        return true;
    }

    std::string property(bool complement) {
        size_t close = text_.find('}', at_);
        if (!skip('{') || close == std::string_view::npos) fail("has a '\\p' without '{…}'");
        std::string_view name = text_.substr(at_, close - at_);
        at_ = close + 1;
        if (is_category(name)) return fmt::format("\\{}{{{}}}", complement ? 'P' : 'p', name);
        auto block = name.starts_with("Is") ? unicode_block(name.substr(2)) : std::nullopt;
        if (!block) fail(fmt::format("has '\\p{{{}}}', which is neither a category nor a block of Unicode", name));
        return ranges({*block}, complement);
    }

    // [a-z-[aeiou]]: after the '['. A subtraction becomes a look ahead: (?:(?![aeiou])[a-z]).
    std::string class_expression(int depth) {
        if (depth > kNestingMax) fail("nests too deeply");
        bool negative = skip('^');
        std::string inside, subtracted;
        bool first = true;
        while (true) {
            if (done()) fail("has a '[' without its ']'");
            if (next_is(']')) break;
            if (next_is('-') && at_ + 1 < text_.size() && text_[at_ + 1] == '[') {
                at_ += 2;
                subtracted = class_expression(depth + 1);
                if (!next_is(']')) fail("goes on after a subtracted class");
                break;
            }
            class_part(inside, first);
            first = false;
        }
        at_++;
        if (first) fail("has a class without characters");
        std::string set = fmt::format("[{}{}]", negative ? "^" : "", inside);
        return subtracted.empty() ? set : fmt::format("(?:(?!{}){})", subtracted, set);
    }

    // One character of a class, or false and a set.
    bool class_item(char32_t& c, std::string& set) {
        if (skip('\\')) {
            if (done()) fail("ends in '\\'");
            return escape_meaning(c, set);
        }
        if (next_is('[')) fail("has a '[' within a class: write '\\['");
        c = base::next_code_point(text_, at_);
        return true;
    }

    void class_part(std::string& inside, bool first) {
        bool hyphen = next_is('-');
        char32_t from = 0;
        std::string set;
        if (!class_item(from, set)) {
            inside += set;
            return;
        }
        // A '-' is itself only where a class begins or ends.
        bool subtraction = next_is('-') && at_ + 1 < text_.size() && text_[at_ + 1] == '[';
        if (hyphen && !first && !next_is(']') && !subtraction) fail("has a '-' in the middle of a class: write '\\-'");
        bool ends = at_ + 1 < text_.size() && text_[at_ + 1] == ']';
        if (!next_is('-') || subtraction || ends) {
            append_code_point(inside, from);
            return;
        }
        at_++;
        char32_t to = 0;
        if (done()) fail("has a '[' without its ']'");
        if (!class_item(to, set)) fail("has a range that ends in a class");
        if (to < from) fail("has a range that runs backwards");
        append_range(inside, from, to);
    }

    std::string_view text_;
    RegexFlags flags_;
    size_t at_ = 0;
    std::string out_;
    int opened_ = 0;
    std::vector<bool> closed_;
};

}  // namespace

std::optional<RegexFlags> RegexFlags::parse(std::string_view letters) {
    RegexFlags flags;
    for (char c : letters) {
        switch (c) {
            case 's':
                flags.dot_all = true;
                break;
            case 'm':
                flags.multiline = true;
                break;
            case 'i':
                flags.ignore_case = true;
                break;
            case 'x':
                flags.ignore_whitespace = true;
                break;
            case 'q':
                flags.literal = true;
                break;
            default:
                return std::nullopt;
        }
    }
    return flags;
}

RegexTranslation translate_regex(std::string_view pattern, const RegexFlags& flags) {
    RegexTranslation result;
    if (flags.literal) {
        for (size_t at = 0; at < pattern.size();) append_code_point(result.pattern, base::next_code_point(pattern, at));
        return result;
    }
    std::string bare = flags.ignore_whitespace ? without_spaces(pattern) : std::string(pattern);
    try {
        return Translator(bare, flags).translate();
    } catch (const Fault& fault) {
        result.fault = fault.text;
    }
    return result;
}

}  // namespace leat::feel
