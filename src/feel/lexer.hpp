// The lexer: FEEL text into tokens. Words are not yet names or keywords: which words form one name ("date and time")
// is the parser's to say, since it depends on what is known.
#pragma once
#include <cstdint>
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

struct Token {
    TokenKind kind = TokenKind::end;
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
    bool read_symbol();

    std::string_view source_;
    size_t at_ = 0;
    std::vector<Token> tokens_;
    std::vector<std::unique_ptr<std::string>> decoded_;
    LexError error_;
    bool bad_ = false;
};

}  // namespace leat::feel
