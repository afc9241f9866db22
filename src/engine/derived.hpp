// What a flow's timer says of how its due time came about.
#pragma once
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>

#include <fmt/format.h>

#include "timer/timer.hpp"

namespace leat::engine {

// How the due time of a flow's timer was derived: "ENTERED [BASE [FIRST LAST]]" in microseconds. Left out is what
// equals the one before it: the moment it counts from; of a repetition the first due time and the one before this.
struct Derived {
    int64_t entered_us = 0, base_us = 0, first_us = 0, last_us = 0;

    static Derived read(const timer::Timer& timer) {
        Derived out;
        int64_t* parts[] = {&out.entered_us, &out.base_us, &out.first_us, &out.last_us};
        size_t count = 0;
        const char* at = timer.data.data();
        const char* end = at + timer.data.size();
        while (at < end && count < 4) {
            auto [next, problem] = std::from_chars(at, end, *parts[count]);
            if (problem != std::errc()) break;
            ++count;
            at = std::min(next + 1, end);
        }
        if (count < 2) out.base_us = out.entered_us;
        if (count < 3) out.first_us = timer.due_us;
        return out;
    }
    std::string text(int64_t count) const {
        if (count > 0) return fmt::format("{} {} {} {}", entered_us, base_us, first_us, last_us);
        if (base_us != entered_us) return fmt::format("{} {}", entered_us, base_us);
        return fmt::format("{}", entered_us);
    }
};

}  // namespace leat::engine
