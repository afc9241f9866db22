#include "feel/plain_pattern.hpp"

#include <algorithm>

#include "base/utf8.hpp"
#include "feel/regex.hpp"

namespace leat::feel {

namespace {

// What a backslash makes a character itself (XML Schema's single character escapes) …
constexpr std::string_view kEscaped = "\\|.?*+(){}-[]^$";
// … and what is itself inside a class without one, of what is no letter or digit.
constexpr std::string_view kClassSymbols = " _.,:;/@#%!'\"=()*+~<>";
constexpr std::string_view kSpecial = "\\|.?*+(){}[]^$";

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}

// The character that `\x` stands for; '\0' where it stands for none, or for several.
char escaped(char letter) {
    switch (letter) {
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        default:
            return kEscaped.find(letter) != std::string_view::npos ? letter : '\0';
    }
}

size_t place(char c) {
    return static_cast<unsigned char>(c);
}

}  // namespace

std::optional<PlainPattern> PlainPattern::of(std::string_view pattern, const RegexFlags& flags) {
    if (flags.ignore_case || flags.ignore_whitespace || pattern.empty()) return std::nullopt;
    PlainPattern made;
    if (flags.literal) {
        if (!base::valid_utf8(pattern)) return std::nullopt;
        made.text_ = pattern;
        return made;
    }
    if (made.read_text(pattern)) return made;
    made.text_.clear();
    if (made.read_class(pattern)) return made;
    return std::nullopt;
}

bool PlainPattern::read_text(std::string_view pattern) {
    if (!base::valid_utf8(pattern)) return false;
    for (size_t at = 0; at < pattern.size(); at++) {
        char c = pattern[at];
        if (c == '\\') {
            c = at + 1 < pattern.size() ? escaped(pattern[++at]) : '\0';
            if (c == '\0') return false;
        } else if (kSpecial.find(c) != std::string_view::npos) {
            return false;
        }
        text_ += c;
    }
    return true;
}

// One character, or a range of letters or digits, into the class; `at` moves behind it.
bool PlainPattern::read_item(std::string_view pattern, size_t& at) {
    char c = pattern[at++];
    if (c == '\\') {
        if (at >= pattern.size()) return false;
        char letter = pattern[at++];
        if (letter == 's') {
            for (char blank : {' ', '\t', '\n', '\r'}) in_class_[place(blank)] = true;
            return true;
        }
        c = escaped(letter);
        if (c == '\0') return false;
        in_class_[place(c)] = true;
        return at >= pattern.size() || pattern[at] != '-';
    }
    bool word = is_digit(c) || is_lower(c) || is_upper(c);
    if (!word && kClassSymbols.find(c) == std::string_view::npos) return false;
    char last = c;
    if (at + 1 < pattern.size() && pattern[at] == '-') {
        last = pattern[at + 1];
        bool alike =
            (is_digit(c) && is_digit(last)) || (is_lower(c) && is_lower(last)) || (is_upper(c) && is_upper(last));
        if (!alike || last < c) return false;
        at += 2;
        if (at < pattern.size() && pattern[at] == '-') return false;  // a subtraction, or an error
    }
    for (char member = c; member <= last; member++) in_class_[place(member)] = true;
    return true;
}

bool PlainPattern::read_class(std::string_view pattern) {
    if (pattern.size() > 2 && pattern.ends_with('+')) {
        repeated_ = true;
        pattern.remove_suffix(1);
    }
    bool negated = false;
    if (pattern == "\\s" || pattern == "\\S") {
        negated = pattern == "\\S";
        size_t at = 0;
        read_item("\\s", at);
    } else {
        if (pattern.size() < 3 || pattern.front() != '[' || pattern.back() != ']') return false;
        std::string_view items = pattern.substr(1, pattern.size() - 2);
        negated = items.front() == '^';
        if (negated) items.remove_prefix(1);
        if (items.empty()) return false;
        for (size_t at = 0; at < items.size();) {
            if (!read_item(items, at)) return false;
        }
    }
    if (negated) std::transform(in_class_.begin(), in_class_.end(), in_class_.begin(), std::logical_not<>());
    return true;
}

bool PlainPattern::search(std::string_view text, size_t from, size_t& begin, size_t& end) const {
    if (!text_.empty()) {
        begin = text.find(text_, from);
        if (begin == std::string_view::npos) return false;
        end = begin + text_.size();
        return true;
    }
    size_t at = from;
    while (at < text.size() && !in_class_[place(text[at])]) at++;
    if (at == text.size()) return false;
    begin = at++;
    // The other bytes of a character begin with 10.
    while (at < text.size() && (place(text[at]) & 0xC0) == 0x80) at++;
    if (repeated_) {
        while (at < text.size() && in_class_[place(text[at])]) at++;
    }
    end = at;
    return true;
}

}  // namespace leat::feel
