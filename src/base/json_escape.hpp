// Which characters a JSON string holds as they are, and how it holds the others.
#pragma once
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
inline bool any_needs_escape(uint64_t bytes) {
    return escapes_of(bytes) != 0;
}
inline bool needs_escape(unsigned char character) {
    return character < 0x20 || character == '"' || character == '\\';
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
