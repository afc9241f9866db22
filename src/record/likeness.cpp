#include "record/likeness.hpp"

#include <algorithm>

#include "base/utf8.hpp"
#include "feel/letter_case.hpp"

namespace leat::record {

namespace {

// Full-width forms of ASCII, and the ideographic space, as ASCII has them.
char32_t narrow(char32_t c) {
    if (c >= 0xFF01 && c <= 0xFF5E) return c - 0xFEE0;
    return c == 0x3000 ? U' ' : c;
}

bool between_words(char32_t c) {
    if (c < 0x80) return !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'));
    if (c == 0x3005 || c == 0x3007 || c == 0xAA || c == 0xBA) return false;  // 々 〇 ª º
    return c <= 0xBF || c == 0xD7 || c == 0xF7 || (c >= 0x2000 && c <= 0x206F) || (c >= 0x2E00 && c <= 0x2E7F) ||
           (c >= 0x3000 && c <= 0x303F) || c == 0x30FB || (c >= 0xFE10 && c <= 0xFE6F) || (c >= 0xFF5F && c <= 0xFF65);
}

// Characters of scripts that put no spaces between words: Chinese, and Japanese kana.
bool unspaced(char32_t c) {
    return (c >= 0x2E80 && c <= 0x9FFF) || (c >= 0xF900 && c <= 0xFAFF) || c >= 0x20000;
}

bool plain_ascii(std::string_view text) {
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return static_cast<unsigned char>(c) >= 0x80 || (c >= 'A' && c <= 'Z'); });
}

// Calls `take` with every letter in lower case, and with a space where a word ends: not between two Chinese characters,
// where spaces and punctuation are a matter of taste.
template <class Take>
void letters(std::string_view text, Take take) {
    std::string folded;
    if (!plain_ascii(text)) {
        for (size_t at = 0; at < text.size();) base::append_utf8(folded, narrow(base::next_code_point(text, at)));
        folded = feel::lower_case(folded);
        text = folded;
    }
    char32_t last = 0;  // letter
    bool ended = false;
    for (size_t at = 0; at < text.size();) {
        char32_t c = base::next_code_point(text, at);
        if (between_words(c)) {
            ended = last != 0;
            continue;
        }
        if (ended && !(unspaced(last) && unspaced(c))) take(U' ');
        take(c);
        last = c;
        ended = false;
    }
    if (last != 0) take(U' ');
}

}  // namespace

std::u32string plain_letters(std::string_view text) {
    std::u32string out;
    letters(text, [&](char32_t c) {
        if (c != U' ') out += c;
    });
    return out;
}

std::string plain_digits(std::string_view text) {
    std::string out;
    for (size_t at = 0; at < text.size();) {
        char32_t c = narrow(base::next_code_point(text, at));
        if (c >= '0' && c <= '9' && !(out.empty() && c == '0')) out += static_cast<char>(c);
    }
    return out;
}

bool same_phone(std::string_view a, std::string_view b) {
    std::string x = plain_digits(a), y = plain_digits(b);
    if (x.size() < y.size()) std::swap(x, y);
    if (y.empty()) return false;
    return x == y || (y.size() >= 7 && x.size() - y.size() <= 5 && std::string_view(x).ends_with(y));
}

std::vector<uint64_t> trigrams(std::string_view text) {
    std::vector<uint64_t> out;
    uint64_t a = U' ', b = U' ';
    letters(text, [&](char32_t c) {
        out.push_back(a << 42 | b << 21 | c);
        a = b;
        b = c;
        if (c == U' ') a = U' ';
    });
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

int similarity_permille(const std::vector<uint64_t>& a, const std::vector<uint64_t>& b) {
    if (a.empty() || b.empty()) return 0;
    size_t shared = 0;
    for (size_t i = 0, j = 0; i < a.size() && j < b.size();) {
        if (a[i] == b[j]) {
            ++shared;
            ++i;
            ++j;
        } else if (a[i] < b[j]) {
            ++i;
        } else {
            ++j;
        }
    }
    return static_cast<int>(shared * 1000 / (a.size() + b.size() - shared));
}

}  // namespace leat::record
