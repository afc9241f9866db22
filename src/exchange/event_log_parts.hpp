// The two kinds of event logs, and what they share. Inside this room only.
#pragma once
#include <fmt/format.h>

#include "exchange/byte_stream.hpp"
#include "exchange/event_log.hpp"

namespace leat::exchange {

// Of one row or one trace: what would else fill the memory is not a log but a mistake.
inline constexpr size_t kPieceBytesMax = size_t{64} << 20;

Result<void> read_csv_log(ByteStream& bytes, const LogColumns& columns, LogReader& reader);
Result<void> read_xes_log(ByteStream& bytes, const LogColumns& columns, LogReader& reader);

Result<int64_t> log_time(const std::string& text, const LogColumns& columns, const std::string& where);
bool same_word(std::string_view one, std::string_view other);  // ASCII letters in either case

inline Error log_error(const char* code, std::string message) {
    return make_error(Status::usage, code, std::move(message));
}

}  // namespace leat::exchange
