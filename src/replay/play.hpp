// replay: plays an event log through a flow and says which cases conform, where others deviate, and how long the states
// took. A log says what happened and when, not what was in the records: so a guard, and an `if` around a `raise`, may
// go either way. A case conforms when there is some way through the flow that takes every one of its events; the ways
// still possible are followed side by side.
//
// play.hpp is the kernel, pure: events by number in, possible configurations out. log.hpp feeds it from a file and
// makes the report: start reading at run() there. It may not: touch records, a store or a clock.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "base/limits.hpp"
#include "base/result.hpp"
#include "flow/chart.hpp"
#include "program/program.hpp"

namespace leat::replay {

struct Visit {
    flow::StateId state = 0;
    int64_t begin_us = 0, end_us = 0;
};

// One way through the flow that explains a case so far.
struct Way {
    flow::Configuration configuration;
    flow::History history;
    std::vector<std::pair<flow::StateId, int64_t>> entered;  // when each active state but the root was entered
    std::vector<Visit> visits;                               // states that were left
    bool finished = false;                                   // the flow reached a final state of its own
};

// Guards that a log decides.
class Answers {
 public:
    virtual ~Answers() = default;
    // By the number of a transition; nullopt: the log does not say, and both are tried. `own_event`: it is asked for
    // the log's event itself, not for what that brings about.
    virtual std::optional<bool> holds(uint32_t transition, bool own_event) const = 0;
};

class Player {
 public:
    // `silent`: events that may happen without being in a log, any number of them before an event of it.
    // `answers`: nullptr, or as of the event that is played.
    Player(const program::Flow& flow, std::vector<flow::EventId> silent, const Limits& limits,
           const Answers* answers = nullptr)
        : flow_(flow), silent_(std::move(silent)), limits_(limits), answers_(answers) {}

    // The ways before the first event. Error: limit "limit.ways", "limit.microsteps".
    Result<std::vector<Way>> start(int64_t time_us) const;
    // The ways that take one of the events (they stand for one activity) in one of the given ways; none: nothing takes
    // it. Errors as of start().
    Result<std::vector<Way>> play(const std::vector<Way>& ways, const std::vector<flow::EventId>& events,
                                  int64_t time_us) const;
    // The events that an active state of some way, or of one that silent events lead to, has a transition for.
    Result<std::vector<flow::EventId>> expected(const std::vector<Way>& ways) const;
    // Whether one of the ways, perhaps after silent events, has finished.
    Result<bool> can_finish(const std::vector<Way>& ways, int64_t time_us) const;

 private:
    Result<void> silent_closure(std::vector<Way>& ways, int64_t time_us) const;
    Result<void> add_outcomes(const Way* from, flow::EventId event, int64_t time_us, std::vector<Way>& out,
                              bool own_event = false) const;
    const program::Flow& flow_;
    std::vector<flow::EventId> silent_;
    Limits limits_;
    const Answers* answers_;
};

}  // namespace leat::replay
