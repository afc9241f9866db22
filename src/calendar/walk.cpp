#include "calendar/walk.hpp"

#include "value/temporal.hpp"

namespace leat::calendar {

namespace {
constexpr int64_t kReach = 2 * kDaySeconds;  // no zone has ever changed twice within it
}

Piece piece_from(int32_t zone, int64_t from) {
    int64_t offset = value::zone_offset_at(zone, from);
    int64_t last = from + kReach - 1;
    if (value::zone_offset_at(zone, last) == offset) return {from, last + 1, offset};
    int64_t same = from;  // the change lies in (same, last]
    while (last - same > 1) {
        int64_t middle = same + (last - same) / 2;
        (value::zone_offset_at(zone, middle) == offset ? same : last) = middle;
    }
    return {from, last, offset};
}

Piece piece_to(int32_t zone, int64_t to) {
    int64_t offset = value::zone_offset_at(zone, to - 1);
    int64_t first = to - kReach;
    if (value::zone_offset_at(zone, first) == offset) return {first, to, offset};
    int64_t same = to - 1;  // the change lies in (first, same]
    while (same - first > 1) {
        int64_t middle = first + (same - first) / 2;
        (value::zone_offset_at(zone, middle) == offset ? same : first) = middle;
    }
    return {same, to, offset};
}

}  // namespace leat::calendar
