// Which characters a JSON string holds as they are, and how it holds the others.
#pragma once
#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace leat::base {

// Of eight bytes the top bit of one that needs an escape: it is below 0x20, a quote or a backslash. The lowest bit that
// is set is right, those above it may be not.
inline uint64_t escapes_of(uint64_t bytes) {
    constexpr uint64_t kOnes = 0x0101010101010101u, kTops = 0x8080808080808080u;
    // A byte's top bit; bytes of 0x80 and more are none of them.
    auto zero = [](uint64_t word) { return (word - kOnes) & ~word & kTops; };
    uint64_t low = (bytes - kOnes * 0x20) & ~bytes & kTops;
    return low | zero(bytes ^ kOnes * '"') | zero(bytes ^ kOnes * '\\');
}
inline bool needs_escape(unsigned char character) {
    return character < 0x20 || character == '"' || character == '\\';
}

// One to eight bytes in their order, zeros behind them, without a look beyond.
inline uint64_t first_bytes(const char* from, size_t count) {
    uint64_t bytes = 0;
    if (count == sizeof bytes) {
        std::memcpy(&bytes, from, sizeof bytes);
        return bytes;
    }
    if (std::endian::native != std::endian::little) {
        std::memcpy(&bytes, from, count);
        return bytes;
    }
    auto at = [&](size_t i) { return uint64_t{static_cast<unsigned char>(from[i])} << 8 * i; };
    if (count < 4) return at(0) | at(count / 2) | at(count - 1);
    uint32_t low, high;
    std::memcpy(&low, from, sizeof low);
    std::memcpy(&high, from + count - sizeof high, sizeof high);
    return low | uint64_t{high} << 8 * (count - sizeof high);
}

// How many of the first `count` of eight bytes need no escape, up to one that does.
inline size_t plain_bytes(uint64_t bytes, size_t count) {
    uint64_t escapes = escapes_of(bytes);
    if (escapes == 0) return count;
    if (std::endian::native == std::endian::little)
        return std::min(count, static_cast<size_t>(std::countr_zero(escapes)) / 8);
    unsigned char each[sizeof bytes];
    std::memcpy(each, &bytes, sizeof bytes);
    return static_cast<size_t>(std::find_if(each, each + count, needs_escape) - each);
}

constexpr size_t kEscapeMost = 6;
// The escape of a character that needs one; answers its size.
inline size_t write_escape(unsigned char character, char* out) {
    out[0] = '\\';
    switch (character) {
        case '\b':
            out[1] = 'b';
            return 2;
        case '\f':
            out[1] = 'f';
            return 2;
        case '\n':
            out[1] = 'n';
            return 2;
        case '\r':
            out[1] = 'r';
            return 2;
        case '\t':
            out[1] = 't';
            return 2;
        case '"':
        case '\\':
            out[1] = static_cast<char>(character);
            return 2;
        default:
            break;
    }
    constexpr char kDigits[] = "0123456789abcdef";
    std::memcpy(out + 1, "u00", 3);
    out[4] = kDigits[character >> 4];
    out[5] = kDigits[character & 15];
    return kEscapeMost;
}

}  // namespace leat::base
