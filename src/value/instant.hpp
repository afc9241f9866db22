// Instants as text in memory of the caller's, for what writes several of them a command.
#pragma once
#include <cstdint>
#include <string_view>

namespace leat::value {

inline constexpr size_t kInstantSize = sizeof "2026-11-21T08:00:00.000000Z" - 1;  // of years up to 9999
struct InstantText {
    char bytes[kInstantSize + 16];  // all that 64 bits of microseconds can be: years have six digits and a sign
};
// As format_instant(utc_us) says it; there until `text` is written to again.
std::string_view format_instant(int64_t utc_us, InstantText& text);

}  // namespace leat::value
