#include "feel/lexer.hpp"

#include <fmt/format.h>

#include <array>

#include "base/utf8.hpp"

namespace leat::feel {

namespace {

struct Wide {
    char32_t character;
    const char* ascii;
};
// What an input method leaves on when one writes Chinese: the message says which key to press instead.
constexpr Wide kWide[] = {
    {U'＞', ">"},  {U'＜', "<"}, {U'＝', "="}, {U'（', "("}, {U'）', ")"}, {U'，', ","},  {U'：', ":"},  {U'；', ","},
    {U'“', "\""},  {U'”', "\""}, {U'‘', "\""}, {U'’', "\""}, {U'！', "!"}, {U'｛', "{"},  {U'｝', "}"},  {U'［', "["},
    {U'］', "]"},  {U'【', "["}, {U'】', "]"}, {U'＋', "+"}, {U'－', "-"}, {U'＊', "*"},  {U'／', "/"},  {U'×', "*"},
    {U'÷', "/"},   {U'。', "."}, {U'．', "."}, {U'？', "?"}, {U'≥', ">="}, {U'≤', "<="},  {U'≠', "!="},  {U'、', ","},
    {U'＂', "\""}, {U'＠', "@"}, {U'　', " "}, {U'《', "<"}, {U'》', ">"}, {U'「', "\""}, {U'」', "\""},
};

const char* ascii_of(char32_t character) {
    for (const Wide& wide : kWide) {
        if (wide.character == character) return wide.ascii;
    }
    // Full-width digits and letters.
    if (character >= 0xFF10 && character <= 0xFF19) return "the ASCII digit";
    if ((character >= 0xFF21 && character <= 0xFF3A) || (character >= 0xFF41 && character <= 0xFF5A))
        return "the ASCII letter";
    return nullptr;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// What most of any text is made of, one look a byte.
enum CharacterClass : uint8_t { other = 0, word_start = 1, word_part = 2, blank = 4 };
constexpr std::array<uint8_t, 128> kAscii = [] {
    std::array<uint8_t, 128> table{};
    for (int c = 'a'; c <= 'z'; c++) table[static_cast<size_t>(c)] = word_start | word_part;
    for (int c = 'A'; c <= 'Z'; c++) table[static_cast<size_t>(c)] = word_start | word_part;
    for (int c = '0'; c <= '9'; c++) table[static_cast<size_t>(c)] = word_part;
    table['_'] = word_start | word_part;
    table[' '] = blank;
    for (int c = 0x09; c <= 0x0D; c++) table[static_cast<size_t>(c)] = blank;
    return table;
}();

bool ascii(char c) {
    return static_cast<unsigned char>(c) < 0x80;
}
bool is_class(char c, CharacterClass wanted) {
    return ascii(c) && (kAscii[static_cast<unsigned char>(c)] & wanted) != 0;
}

constexpr uint8_t kFirstWord = lexeme_of("or");

// The lexeme of the symbol that the text begins with, the longest one; 0: none.
uint8_t symbol_at(char first, char second) {
    static constexpr auto kSingles = [] {
        std::array<uint8_t, 128> table{};
        for (uint8_t i = 1; i < kFirstWord; i++) {
            if (kLexemes[i].size() == 1) table[static_cast<size_t>(kLexemes[i][0])] = i;
        }
        return table;
    }();
    switch (second) {
        case '=':
            if (first == '<') return Lexeme("<=").number;
            if (first == '>') return Lexeme(">=").number;
            if (first == '!') return Lexeme("!=").number;
            break;
        case '.':
            if (first == '.') return Lexeme("..").number;
            break;
        case '*':
            if (first == '*') return Lexeme("**").number;
            break;
        case '>':
            if (first == '-') return Lexeme("->").number;
            break;
        default:
            break;
    }
    return ascii(first) ? kSingles[static_cast<size_t>(first)] : uint8_t{0};
}

// The lexeme of a word, 0 for a name.
uint8_t keyword(std::string_view word) {
    constexpr size_t kLongest = 9;
    if (word.size() < 2 || word.size() > kLongest) return 0;
    for (uint8_t i = kFirstWord; i < std::size(kLexemes); i++) {
        std::string_view known = kLexemes[i];
        if (known[0] == word[0] && known.size() == word.size() && known == word) return i;
    }
    return 0;
}

bool is_word_start(char32_t c) {
    if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    // FEEL's name start characters (DMN 1.5, grammar rule 28), minus what ascii_of() explains.
    return (c >= 0xC0 && c <= 0xD6) || (c >= 0xD8 && c <= 0xF6) || (c >= 0xF8 && c <= 0x2FF) ||
           (c >= 0x370 && c <= 0x37D) || (c >= 0x37F && c <= 0x1FFF) || (c >= 0x200C && c <= 0x200D) ||
           (c >= 0x2070 && c <= 0x218F) || (c >= 0x2C00 && c <= 0x2FEF) || (c >= 0x3001 && c <= 0xD7FF) ||
           (c >= 0xF900 && c <= 0xFDCF) || (c >= 0xFDF0 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0xEFFFF);
}

bool is_word_part(char32_t c) {
    return is_word_start(c) || (c >= '0' && c <= '9') || c == 0xB7 || (c >= 0x300 && c <= 0x36F) ||
           (c >= 0x203F && c <= 0x2040);
}

bool is_blank(char32_t c) {
    return c == ' ' || (c >= 0x09 && c <= 0x0D) || c == 0x85 || c == 0xA0 || c == 0x1680 || c == 0x180E ||
           (c >= 0x2000 && c <= 0x200B) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0xFEFF;
}

}  // namespace

namespace {

// The room of the tokens before: a thread lexes one text after the other.
thread_local std::vector<Token> spare;
constexpr size_t kSpareMax = 1024;

}  // namespace

Lexer::Lexer() : tokens_(std::move(spare)) {
    spare.clear();
    tokens_.clear();
}

Lexer::~Lexer() {
    if (tokens_.capacity() <= kSpareMax) spare = std::move(tokens_);
}

bool Lexer::fail(size_t begin, size_t end, std::string message, std::string hint) {
    error_ = {static_cast<uint32_t>(begin), static_cast<uint32_t>(end), std::move(message), std::move(hint)};
    return false;
}

bool Lexer::skip_blank() {
    while (at_ < source_.size()) {
        if (is_class(source_[at_], blank)) {
            at_++;
            continue;
        }
        if (ascii(source_[at_]) && source_[at_] != '/') return true;
        if (source_.substr(at_, 2) == "//") {
            while (at_ < source_.size() && source_[at_] != '\n') at_++;
            continue;
        }
        if (source_.substr(at_, 2) == "/*") {
            size_t close = source_.find("*/", at_ + 2);
            if (close == std::string_view::npos)
                return fail(at_, at_ + 2, "this comment is not closed", "write '*/' after it");
            at_ = close + 2;
            continue;
        }
        size_t next = at_;
        if (!is_blank(base::next_code_point(source_, next))) return true;
        at_ = next;
    }
    return true;
}

bool Lexer::read_escape(std::string& out) {
    size_t begin = at_++;
    char c = at_ < source_.size() ? source_[at_++] : '\0';
    switch (c) {
        case '"':
            out += '"';
            return true;
        case '\'':
            out += '\'';
            return true;
        case '\\':
            out += '\\';
            return true;
        case 'n':
            out += '\n';
            return true;
        case 'r':
            out += '\r';
            return true;
        case 't':
            out += '\t';
            return true;
        case 'u':
        case 'U':
            break;
        default:
            // DMN keeps a backslash that escapes nothing.
            out += '\\';
            at_ = begin + 1;
            return true;
    }
    auto digits = [&](size_t count, char32_t& code) {
        code = 0;
        for (size_t i = 0; i < count; i++) {
            char d = at_ < source_.size() ? source_[at_] : '\0';
            if (is_digit(d))
                code = code * 16 + static_cast<char32_t>(d - '0');
            else if (d >= 'a' && d <= 'f')
                code = code * 16 + static_cast<char32_t>(d - 'a' + 10);
            else if (d >= 'A' && d <= 'F')
                code = code * 16 + static_cast<char32_t>(d - 'A' + 10);
            else
                return false;
            at_++;
        }
        return true;
    };
    char32_t code = 0;
    if (!digits(c == 'u' ? 4 : 6, code)) {
        return fail(begin, at_, fmt::format("\\{} needs {} hexadecimal digits", c, c == 'u' ? 4 : 6));
    }
    if (code >= 0xD800 && code <= 0xDBFF && source_.substr(at_, 2) == "\\u") {
        size_t mark = at_;
        char32_t low = 0;
        at_ += 2;
        if (digits(4, low) && low >= 0xDC00 && low <= 0xDFFF)
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        else
            at_ = mark;
    }
    if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return fail(begin, at_, "this escape is no character");
    base::append_utf8(out, code);
    return true;
}

bool Lexer::read_string(TokenKind kind) {
    size_t begin = at_;
    if (kind == TokenKind::temporal) at_++;
    size_t open = at_++;
    std::string decoded;
    bool escaped = false;
    while (at_ < source_.size() && source_[at_] != '"') {
        if (source_[at_] == '\\') {
            if (!escaped) decoded = source_.substr(open + 1, at_ - open - 1);
            escaped = true;
            if (!read_escape(decoded)) return false;
        } else {
            if (escaped) decoded += source_[at_];
            at_++;
        }
    }
    if (at_ >= source_.size()) return fail(begin, open + 1, "this string is not closed", "write '\"' after it");
    Token token{kind, 0, static_cast<uint32_t>(begin), static_cast<uint32_t>(at_ + 1),
                source_.substr(open + 1, at_ - open - 1)};
    at_++;
    if (escaped) {
        decoded_.push_back(std::make_unique<std::string>(std::move(decoded)));
        token.text = *decoded_.back();
    }
    tokens_.push_back(token);
    return true;
}

bool Lexer::read_number() {
    size_t begin = at_;
    while (at_ < source_.size() && is_digit(source_[at_])) at_++;
    // "1..5" is a range, "1." nothing.
    if (at_ + 1 < source_.size() && source_[at_] == '.' && is_digit(source_[at_ + 1])) {
        at_++;
        while (at_ < source_.size() && is_digit(source_[at_])) at_++;
    }
    if (at_ < source_.size() && (source_[at_] == 'e' || source_[at_] == 'E')) {
        size_t exponent = at_ + 1;
        if (exponent < source_.size() && (source_[exponent] == '+' || source_[exponent] == '-')) exponent++;
        if (exponent < source_.size() && is_digit(source_[exponent])) {
            at_ = exponent;
            while (at_ < source_.size() && is_digit(source_[at_])) at_++;
        }
    }
    if (at_ >= source_.size() || (ascii(source_[at_]) && !is_class(source_[at_], word_start))) {
        add(TokenKind::number, 0, begin);
        return true;
    }
    size_t after = at_;
    char32_t behind = after < source_.size() ? base::next_code_point(source_, after) : U' ';
    if (is_word_start(behind) && !ascii_of(behind)) {
        size_t end = at_;
        for (after = end; end < source_.size() && is_word_part(base::next_code_point(source_, after)); end = after) {
        }
        return fail(begin, end, fmt::format("'{}' is neither a number nor a name", source_.substr(begin, end - begin)),
                    "a name begins with a letter; a text is written in quotes");
    }
    add(TokenKind::number, 0, begin);
    return true;
}

// What to write instead of a character that is none of FEEL's, as the error.
bool Lexer::no_symbol(size_t begin, size_t end) {
    size_t next = begin;
    char32_t c = base::next_code_point(source_, next);
    std::string_view shown = source_.substr(begin, end - begin);
    if (const char* ascii = ascii_of(c)) {
        return fail(begin, end, fmt::format("the full-width character '{}' is not FEEL", shown),
                    fmt::format("write '{}'", ascii));
    }
    switch (c) {
        case '!':
            return fail(begin, end, "'!' is not FEEL", "write not(...) or '!='");
        case '&':
            return fail(begin, end, "'&' is not FEEL", "write 'and'");
        case '|':
            return fail(begin, end, "'|' is not FEEL", "write 'or'");
        case '%':
            return fail(begin, end, "'%' is not FEEL", "write modulo(a, b), or 0.3 for 30 %");
        case '\'':
            return fail(begin, end, "a text is written in double quotes", "write '\"'");
        case ';':
            return fail(begin, end, "';' is not FEEL", "write ','");
        default:
            return fail(begin, end, fmt::format("unexpected character '{}'", shown));
    }
}

void Lexer::read_word() {
    size_t begin = at_++;
    // The first character, then, is known to begin a word; if it is a wide one, the rest of it follows here.
    if (!ascii(source_[begin])) {
        at_ = begin;
        base::next_code_point(source_, at_);
    }
    while (at_ < source_.size()) {
        if (is_class(source_[at_], word_part)) {
            at_++;
            continue;
        }
        if (ascii(source_[at_])) break;
        size_t next = at_;
        char32_t part = base::next_code_point(source_, next);
        if (!is_word_part(part) || ascii_of(part)) break;
        at_ = next;
    }
    add(TokenKind::word, keyword(source_.substr(begin, at_ - begin)), begin);
}

bool Lexer::read_temporal() {
    size_t quote = at_ + 1;
    while (quote < source_.size() && source_[quote] == ' ') quote++;
    if (quote >= source_.size() || source_[quote] != '"') {
        return fail(at_, at_ + 1, "'@' begins a date, time or duration in quotes", "write @\"2026-01-31\" or @\"P1D\"");
    }
    at_ = quote - 1;
    return read_string(TokenKind::temporal);
}

// A character that begins nothing: a token all the same, since a known name may contain it. The first one is the error.
void Lexer::read_bad() {
    size_t begin = at_;
    base::next_code_point(source_, at_);
    if (!bad_) no_symbol(begin, at_);
    bad_ = true;
    add(TokenKind::bad, 0, begin);
}

bool Lexer::read_token() {
    char c = source_[at_];
    if (is_class(c, word_start)) {
        read_word();
        return true;
    }
    bool digit_follows = at_ + 1 < source_.size() && is_digit(source_[at_ + 1]);
    if (is_digit(c) || (c == '.' && digit_follows && !(at_ > 0 && source_[at_ - 1] == '.'))) return read_number();
    if (uint8_t lexeme = symbol_at(c, at_ + 1 < source_.size() ? source_[at_ + 1] : '\0')) {
        size_t begin = at_;
        at_ += kLexemes[lexeme].size();
        add(TokenKind::symbol, lexeme, begin);
        return true;
    }
    if (c == '"') return read_string(TokenKind::string);
    if (c == '@') return read_temporal();
    size_t next = at_;
    char32_t point = base::next_code_point(source_, next);
    if (!ascii(c) && is_word_start(point) && !ascii_of(point))
        read_word();
    else
        read_bad();
    return true;
}

bool Lexer::run(std::string_view source) {
    source_ = source;
    at_ = 0;
    tokens_.clear();
    tokens_.reserve(source.size() / 4 + 4);
    bad_ = false;
    while (true) {
        while (at_ < source_.size() && is_class(source_[at_], blank)) at_++;
        if (at_ >= source_.size()) break;
        // Only comments and wider blanks need more.
        if (source_[at_] == '/' || !ascii(source_[at_])) {
            if (!skip_blank()) return false;
            if (at_ >= source_.size()) break;
        }
        if (!read_token()) return false;
    }
    add(TokenKind::end, 0, source_.size());
    return true;
}

}  // namespace leat::feel
