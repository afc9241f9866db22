// A cursor over the lexical forms of dates, times and durations. Internal to the room.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace leat::value {

struct Scan {
    std::string_view text;
    size_t at = 0;

    bool done() const { return at == text.size(); }
    bool is_digit() const { return at < text.size() && text[at] >= '0' && text[at] <= '9'; }
    bool skip(char c) {
        if (at >= text.size() || text[at] != c) return false;
        ++at;
        return true;
    }
    // All digits that follow: at least `least`, at most `most` (18 or fewer) of them.
    bool digits(size_t least, size_t most, int64_t& value) {
        size_t begin = at;
        value = 0;
        while (is_digit() && at - begin < most) value = value * 10 + (text[at++] - '0');
        return at - begin >= least && !is_digit();
    }
    // The digits after a point as nanoseconds; those beyond the ninth are cut.
    bool fraction(int64_t& nanoseconds, size_t least) {
        size_t begin = at;
        int64_t place = 100'000'000;
        nanoseconds = 0;
        for (; is_digit(); ++at, place /= 10) nanoseconds += (text[at] - '0') * place;
        return at - begin >= least;
    }
};

}  // namespace leat::value
