// Event logs of process mining: CSV and XES (IEEE 1849), plain or compressed with gzip, read as a stream. What is held
// at a time is one row of a CSV, one trace of an XES; a log may be larger than the memory. Start reading at
// read_event_log().
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace leat::exchange {

// Where a log keeps what. Empty names: the usual ones, see the constants in event_log_csv.cpp; of XES the extensions'
// keys concept:name and time:timestamp.
struct LogColumns {
    std::string case_id, activity, time;
    std::string time_format;              // "": ISO 8601; else %Y %m %d %H %M %S %f %z and literal characters
    std::string lifecycle;                // only events of this lifecycle:transition ("complete"), in any case; "": all
    std::vector<std::string> attributes;  // more columns that are wanted; of XES an event's, else its trace's
};

struct LogEvent {
    std::string activity;
    std::optional<int64_t> time_us;       // since 1970 UTC; a time without an offset counts as UTC
    uint64_t line = 0;                    // of a CSV, one-based; 0: none
    std::vector<std::string> attributes;  // parallel to LogColumns::attributes; "": not said
};

class LogReader {
 public:
    virtual ~LogReader() = default;
    // Rows of one case may stand apart in a CSV; in XES the events of a trace follow one another.
    virtual Result<void> event(std::string_view case_id, LogEvent event) = 0;
    // After each trace of an XES; never called for a CSV.
    virtual Result<void> trace_end(std::string_view case_id) = 0;
};

// What kind of log it is says its first character that is no blank: '<' is XES. Errors: not_found "log.not_found";
// store "log.unreadable"; usage "log.gzip" (damaged, cut off, or this build has no zlib), "log.syntax", "log.encoding",
// "log.column", "log.time", "log.not_built" (XES without pugixml); limit "log.limit" (one row or trace is too large).
Result<void> read_event_log(const std::string& path, const LogColumns& columns, LogReader& reader);

// A point in time as LogColumns::time_format has it; nullopt when the text does not fit.
std::optional<int64_t> parse_log_time(std::string_view text, std::string_view format);

}  // namespace leat::exchange
