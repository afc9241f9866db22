// Walking the line of time along a zone's wall clock. Inside this room only.
//
// Time is cut into pieces in which the zone's offset is constant, so that inside a piece local dates follow each other
// and convert by one subtraction. That is what makes shifts over a change of clocks come out right, even where a zone
// puts the clock back over midnight.
#pragma once
#include <cstdint>

namespace leat::calendar {

inline constexpr int64_t kMicros = 1'000'000;
inline constexpr int64_t kDaySeconds = 86'400;
inline constexpr int64_t kDayMicros = kDaySeconds * kMicros;
inline constexpr int64_t kFarthestDays = 400 * 366;  // how far one question may reach: a bound on its time
inline constexpr int64_t kIdleDays = 10 * 366;       // without a single working moment

constexpr int64_t floor_div(int64_t a, int64_t b) {
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

struct Piece {
    int64_t begin = 0, end = 0;  // UTC seconds
    int64_t offset = 0;
};

// The longest known piece that starts at `from` (at most two days), and the one that ends at `to`.
Piece piece_from(int32_t zone, int64_t from);
Piece piece_to(int32_t zone, int64_t to);

}  // namespace leat::calendar
