#include "base/utf8.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iterator>

namespace leat::base {

namespace {

// The length of the valid sequence at `text[offset]` and its code point, or 0.
size_t decode(std::string_view text, size_t offset, char32_t& code_point) {
    auto byte = [&](size_t i) { return static_cast<unsigned char>(text[offset + i]); };
    size_t left = text.size() - offset;
    unsigned char first = byte(0);
    if (first < 0x80) {
        code_point = first;
        return 1;
    }
    size_t length = 0;
    char32_t value = 0;
    char32_t least = 0;
    if (first >= 0xc2 && first <= 0xdf) {
        length = 2, value = first & 0x1f, least = 0x80;
    } else if ((first & 0xf0) == 0xe0) {
        length = 3, value = first & 0x0f, least = 0x800;
    } else if (first >= 0xf0 && first <= 0xf4) {
        length = 4, value = first & 0x07, least = 0x10000;
    } else {
        return 0;
    }
    if (left < length) return 0;
    for (size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return 0;
        value = value << 6 | (byte(i) & 0x3f);
    }
    if (value < least || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return 0;
    code_point = value;
    return length;
}

// How many bytes from `at` on are ASCII, as far as eight at once tell.
size_t plain_from(std::string_view text, size_t at) {
    const size_t begin = at;
    for (; at + 8 <= text.size(); at += 8) {
        uint64_t bytes;
        std::memcpy(&bytes, text.data() + at, sizeof bytes);
        if ((bytes & 0x8080808080808080u) != 0) break;
    }
    return at - begin;
}

struct Range {
    char32_t first;
    char32_t last;
};

bool within(const Range* begin, const Range* end, char32_t c) {
    const Range* after = std::upper_bound(begin, end, c, [](char32_t x, const Range& r) { return x < r.first; });
    return after != begin && c <= (after - 1)->last;
}

#include "base/utf8_width.inc"

}  // namespace

bool valid_utf8(std::string_view text) {
    char32_t ignored = 0;
    for (size_t i = plain_from(text, 0); i < text.size();) {
        if (static_cast<unsigned char>(text[i]) < 0x80) {
            ++i;
            continue;
        }
        size_t length = decode(text, i, ignored);
        if (length == 0) return false;
        i += length;
        i += plain_from(text, i);
    }
    return true;
}

size_t count_code_points(std::string_view text) {
    size_t count = plain_from(text, 0);
    for (size_t i = count; i < text.size(); ++count) next_code_point(text, i);
    return count;
}

char32_t next_code_point(std::string_view text, size_t& offset) {
    char32_t code_point = 0xfffd;
    size_t length = decode(text, offset, code_point);
    offset += length == 0 ? 1 : length;
    return length == 0 ? 0xfffd : code_point;
}

void append_utf8(std::string& out, char32_t c) {
    if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) c = 0xfffd;
    if (c < 0x80) {
        out += static_cast<char>(c);
    } else if (c < 0x800) {
        out += static_cast<char>(0xc0 | c >> 6);
        out += static_cast<char>(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        out += static_cast<char>(0xe0 | c >> 12);
        out += static_cast<char>(0x80 | (c >> 6 & 0x3f));
        out += static_cast<char>(0x80 | (c & 0x3f));
    } else {
        out += static_cast<char>(0xf0 | c >> 18);
        out += static_cast<char>(0x80 | (c >> 12 & 0x3f));
        out += static_cast<char>(0x80 | (c >> 6 & 0x3f));
        out += static_cast<char>(0x80 | (c & 0x3f));
    }
}

size_t display_width(std::string_view text) {
    size_t width = 0;
    for (size_t i = 0; i < text.size();) {
        char32_t c = next_code_point(text, i);
        if (c < 0x20 || (c >= 0x7f && c < 0xa0)) continue;
        if (c < 0x300) {
            ++width;
        } else if (within(std::begin(kZeroWidth), std::end(kZeroWidth), c)) {
            continue;
        } else {
            width += within(std::begin(kWide), std::end(kWide), c) ? 2 : 1;
        }
    }
    return width;
}

}  // namespace leat::base
