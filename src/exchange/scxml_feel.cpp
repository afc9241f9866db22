#include "exchange/scxml_feel.hpp"

#include <vector>

namespace leat::exchange {

namespace {

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || (c & 0x80) != 0;
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Recursive descent with ECMAScript's precedence; every operand of and, or, not is put in parentheses where FEEL binds
// otherwise.
class Translation {
 public:
    explicit Translation(std::string_view text) : text_(text) {}

    std::optional<std::string> run() {
        std::string out = either();
        blank();
        if (failed_ || at_ != text_.size()) return std::nullopt;
        return out;
    }

 private:
    void blank() {
        while (at_ < text_.size() &&
               (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
            ++at_;
    }
    bool take(std::string_view word) {
        blank();
        if (text_.substr(at_, word.size()) != word) return false;
        at_ += word.size();
        return true;
    }
    std::string either() {
        std::string left = both();
        while (take("||")) left += " or " + both();
        return left;
    }
    std::string both() {
        std::string left = comparison();
        while (take("&&")) left += " and " + comparison();
        return left;
    }
    std::string comparison() {
        std::string left = sum();
        for (auto [from, to] : {std::pair{"===", "="},
                                {"!==", "!="},
                                {"==", "="},
                                {"!=", "!="},
                                {"<=", "<="},
                                {">=", ">="},
                                {"<", "<"},
                                {">", ">"}}) {
            if (take(from)) return left + " " + to + " " + sum();
        }
        return left;
    }
    std::string sum() {
        std::string left = product();
        for (;;) {
            if (take("+"))
                left += " + " + product();
            else if (take("-"))
                left += " - " + product();
            else
                return left;
        }
    }
    std::string product() {
        std::string left = unary();
        for (;;) {
            if (take("*"))
                left += " * " + unary();
            else if (take("/"))
                left += " / " + unary();
            else if (take("%"))
                left = "modulo(" + left + ", " + unary() + ")";
            else
                return left;
        }
    }
    std::string unary() {
        if (++depth_ > 64) failed_ = true;
        if (failed_) return {};
        std::string out;
        if (take("!"))
            out = "not(" + unary() + ")";
        else if (take("-"))
            out = "-" + unary();
        else
            out = primary();
        --depth_;
        return out;
    }
    std::string primary() {
        blank();
        if (at_ == text_.size()) return fail();
        char c = text_[at_];
        if (take("(")) {
            std::string inner = either();
            if (!take(")")) return fail();
            return "(" + inner + ")";
        }
        if (c == '\'' || c == '"') return string();
        if (is_digit(c)) return number();
        if (is_letter(c)) return name();
        return fail();
    }
    std::string number() {
        size_t begin = at_;
        while (at_ < text_.size() && (is_digit(text_[at_]) || text_[at_] == '.')) ++at_;
        if (at_ < text_.size() && is_letter(text_[at_])) return fail();  // 1e3, 0x1F
        return std::string(text_.substr(begin, at_ - begin));
    }
    std::string string() {
        char quote = text_[at_++];
        std::string out = "\"";
        while (at_ < text_.size() && text_[at_] != quote) {
            if (text_[at_] == '\\' && at_ + 1 < text_.size() && (text_[at_ + 1] == '\'' || text_[at_ + 1] == '"'))
                ++at_;
            if (text_[at_] == '"') out += '\\';
            out += text_[at_++];
        }
        if (at_ == text_.size()) return fail();
        ++at_;
        return out + '"';
    }
    std::string name() {
        size_t begin = at_;
        while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]) || text_[at_] == '.')) ++at_;
        std::string word(text_.substr(begin, at_ - begin));
        blank();
        if (word == "In" && take("(")) {
            blank();
            if (at_ == text_.size() || (text_[at_] != '\'' && text_[at_] != '"')) return fail();
            std::string state = string();
            return take(")") ? "in_state(" + state + ")" : fail();
        }
        if (at_ < text_.size() && (text_[at_] == '(' || text_[at_] == '[')) return fail();
        if (word.rfind("_event.data.", 0) == 0) return "event." + word.substr(12);
        if (word == "undefined") return "null";
        if (word.front() == '_' || word == "typeof" || word == "new" || word.find('$') != std::string::npos ||
            word.find('.') != std::string::npos)
            return fail();
        return word;
    }
    std::string fail() {
        failed_ = true;
        return {};
    }

    std::string_view text_;
    size_t at_ = 0;
    int depth_ = 0;
    bool failed_ = false;
};

}  // namespace

std::optional<std::string> feel_of_ecmascript(std::string_view text) {
    return Translation(text).run();
}

}  // namespace leat::exchange
