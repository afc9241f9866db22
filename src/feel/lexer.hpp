// The lexer: FEEL text into tokens. Words are not yet names or keywords: which words form one name ("date and time")
// is the parser's to say, since it depends on what is known.
#pragma once
#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace leat::feel {

enum class TokenKind : uint8_t {
    end,
    number,
    string,    // text is decoded
    temporal,  // @"…": text is decoded
    word,
    bad,     // a character that has no place in FEEL, unless a known name contains it
    symbol,  // text is one of ( ) [ ] { } , : . .. + - * / ** = != < <= > >= ? ->
};

// The symbols and words that mean something to the parser, by number; 0 is none of them. In the order of kLexemes.
struct Lexeme {
    uint8_t number = 0;
    Lexeme() = default;
    consteval Lexeme(const char* text);  // NOLINT: implicit, is("and") reads well
};
inline constexpr std::string_view kLexemes[] = {
    "",    "=",      "!=",   "<",     "<=",        ">",        ">=",       "(",   ")",    "[",     "]",
    "{",   "}",      ",",    ":",     ".",         "..",       "+",        "-",   "*",    "/",     "**",
    "?",   "->",     "or",   "and",   "between",   "in",       "instance", "of",  "if",   "then",  "else",
    "for", "return", "some", "every", "satisfies", "function", "external", "not", "true", "false", "null"};
// What the text is among them.
constexpr uint8_t lexeme_of(std::string_view text) {
    for (uint8_t i = 1; i < std::size(kLexemes); i++) {
        if (kLexemes[i].size() == text.size() && kLexemes[i] == text) return i;
    }
    return 0;
}
consteval Lexeme::Lexeme(const char* text) : number(lexeme_of(text)) {
    if (number == 0) throw "no lexeme";  // does not compile
}

struct Token {
    TokenKind kind = TokenKind::end;
    uint8_t lexeme = 0;  // of a symbol or word: its number
    uint32_t begin = 0, end = 0;
    std::string_view text;  // in the source, or in `decoded` of the lexer
};

struct LexError {
    uint32_t begin = 0, end = 0;
    std::string message;
    std::string hint;
};

class Lexer {
 public:
    Lexer();
    ~Lexer();
    Lexer(const Lexer&) = delete;
    Lexer& operator=(const Lexer&) = delete;
    // The tokens of `source`, the last one of kind end; false with error() where the text cannot be cut into tokens.
    // After a character of kind `bad` it goes on, and error() says what is wrong with the first of them.
    bool run(std::string_view source);
    const std::vector<Token>& tokens() const { return tokens_; }
    const LexError& error() const { return error_; }
    bool has_bad() const { return bad_; }

 private:
    bool fail(size_t begin, size_t end, std::string message, std::string hint = {});
    bool skip_blank();
    bool read_string(TokenKind kind);
    bool read_escape(std::string& out);
    bool read_number();
    bool read_temporal();
    void read_word();
    void read_bad();
    bool read_token();
    bool no_symbol(size_t begin, size_t end);
    // The source from `begin` to here.
    void add(TokenKind kind, uint8_t lexeme, size_t begin) {
        Token& token = tokens_.emplace_back();
        token.kind = kind;
        token.lexeme = lexeme;
        token.begin = static_cast<uint32_t>(begin);
        token.end = static_cast<uint32_t>(at_);
        token.text = std::string_view(source_.data() + begin, at_ - begin);
    }

    std::string_view source_;
    size_t at_ = 0;
    std::vector<Token> tokens_;
    std::vector<std::unique_ptr<std::string>> decoded_;
    LexError error_;
    bool bad_ = false;
};

}  // namespace leat::feel
