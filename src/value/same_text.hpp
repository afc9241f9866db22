// Whether two texts are the same, inline: most are short.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace leat::value {

template <class Word>
inline bool same_words(const char* a, const char* b, size_t last) {
    Word words[4];
    std::memcpy(&words[0], a, sizeof(Word));
    std::memcpy(&words[1], b, sizeof(Word));
    std::memcpy(&words[2], a + last, sizeof(Word));
    std::memcpy(&words[3], b + last, sizeof(Word));
    return words[0] == words[1] && words[2] == words[3];
}

// The first and last bytes in loads that may overlap, instead of a call.
inline bool same_text(std::string_view a, std::string_view b) {
    size_t size = a.size();
    if (size != b.size()) return false;
    if (size > 16) return std::memcmp(a.data(), b.data(), size) == 0;
    if (size >= 8) return same_words<uint64_t>(a.data(), b.data(), size - 8);
    if (size >= 4) return same_words<uint32_t>(a.data(), b.data(), size - 4);
    for (size_t i = 0; i < size; ++i) {
        if (a[i] != b[i]) return false;
    }
    return true;
}

}  // namespace leat::value
