// A log through a flow: the mapping of one to the other, and the report.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.hpp"
#include "exchange/event_log.hpp"
#include "program/program.hpp"

namespace leat::replay {

// How a log's columns and activities stand for a flow's events; written as YAML with these keys (docs/replay.md).
struct Mapping {
    exchange::LogColumns columns;  // case, activity, time, time_format, lifecycle
    // events: activity to event. An activity without an entry is the event of that name or title, if there is one.
    std::vector<std::pair<std::string, std::string>> events;
    std::vector<std::string> ignore;                           // activities passed over
    std::vector<std::string> silent;                           // events that may happen without being in the log
    std::vector<std::pair<std::string, std::string>> fields;   // a field of the record, and its column
    std::vector<std::pair<std::string, std::string>> payload;  // a field of events' payloads, and its column
    std::string end;                                           // an event sent at the end of each case; "": none
    bool complete = false;                                     // a case conforms only if the flow then has finished
    bool collapse = false;           // repeats: collapse; the same activity again at once counts as one
    bool grouped = false;            // the rows of a case stand together: only one case is kept at a time
    uint64_t deviations_max = 1000;  // listed in the report; all are counted
};

// Errors: usage "replay.mapping" with diagnostics (YAML, unknown keys, wrong shapes). "" is the empty mapping.
Result<Mapping> read_mapping(std::string_view yaml);

// Plays the log at `path` and answers the report:
// {"flow","cases","conforming","deviating","events","ignored","out_of_order",
//  "deviations":[{"case","position","activity","line","at","why","states":[…],"expected":[…]}],
//  "places":[{"states":[…],"activity","why","cases"}],
//  "states":[{"state","title","visits","open","timed","median_s","mean_s","p90_s"}],
//  "unmapped":[{"activity","events"}]}
// Errors: those of read_event_log(); usage "replay.event" (the mapping names an event that the flow does not have) and
// "log.grouped" (grouped, and a case comes back), "replay.mapping" (a column for no field), "replay.value" (a cell);
// limit "limit.ways", "limit.microsteps".
Result<std::string> run(const program::Program& program, const program::Flow& flow, const std::string& path,
                        const Mapping& mapping, const Limits& limits);

}  // namespace leat::replay
