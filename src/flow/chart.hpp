// flow: one statechart step as a pure function, after W3C SCXML's algorithm (Appendix D) in XState's words.
//
// A Chart is the compiled shape of a flow: states, transitions, which event, guard and step block belongs where, all by
// number. The kernel chooses transitions and computes exit and entry sets; it runs nothing. Whoever conducts (the
// engine) applies each microstep's effects to the pending records before the next guard is asked (SEMANTICS 1.1):
//
//     configuration = start(chart)              // entered states, in order
//     select(chart, configuration, event, ask)  // which transitions fire; guards are asked through `ask`
//     take(chart, configuration, selected)      // exited states, transitions, entered states, done states
//
// A chart may be written by an author in XState's words (`reenter`, events by number) or follow SCXML to the letter
// (`strict`, events by descriptor); the algorithm is one.
//
// It may not: look at records, the clock or a database, allocate outside what is passed in, or know what a guard means.
#pragma once
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace leat::flow {

using StateId = uint32_t;
using EventId = uint32_t;
inline constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();

enum class StateType : uint8_t { atomic, compound, parallel, final, history };

struct ChartTransition {
    StateId source = 0;
    std::vector<StateId> targets;          // empty: targetless
    EventId event = kNone;                 // kNone: eventless
    uint32_t guard = kNone;                // the program's number of the guard; kNone: always true
    uint32_t number = 0;                   // the program's number of the transition (steps, messages, criteria)
    bool reenter = false;                  // external: the source is exited and entered even for an inner target
    std::vector<EventId> also;             // more events that it hears
    std::vector<std::string> descriptors;  // events by name, as SCXML 3.12.1 matches them
};

struct ChartState {
    std::string name;
    StateId parent = kNone;
    StateType type = StateType::atomic;
    StateId initial = kNone;            // of a compound state: its first child if none is named
    std::vector<StateId> children;      // in document order
    std::vector<uint32_t> transitions;  // numbers into Chart::transitions, in document order
    uint32_t depth = 0;
    bool deep = false;                    // history: remembers active atomic states, else its active siblings
    uint32_t initial_transition = kNone;  // into Chart::transitions, in no state's list: where a compound state begins
                                          // (instead of `initial`), or history without a past
};

// State 0 is the root (the flow itself); ids are in document order (pre-order), so comparing ids is document order.
struct Chart {
    std::vector<ChartState> states;
    std::vector<ChartTransition> transitions;
    bool strict = false;       // `reenter` false is SCXML's type="internal": only from a compound state inwards
    bool has_history = false;  // some state is of type history
    bool wide = true;          // false: no transition has `also` or `descriptors`, so none is asked for them
    StateId find(std::string_view name) const;  // kNone when there is none
};

// The active states: the atomic ones and all their ancestors, in document order. The root is always active.
using Configuration = std::vector<StateId>;

// What the history states of a chart remember: for each, the states that were active when its parent was left.
struct History {
    std::vector<std::pair<StateId, std::vector<StateId>>> remembered;
    const std::vector<StateId>* find(StateId history) const;  // nullptr: its parent was never left
    void put(StateId history, std::vector<StateId> states);
};

// Answer of a guard. `null` never means "next candidate": it stops the selection (SEMANTICS 1.4).
enum class Truth : uint8_t { no, yes, null };
using AskGuard = std::function<Truth(uint32_t transition)>;  // index into Chart::transitions

struct Selection {
    std::vector<uint32_t> transitions;  // enabled, conflicts removed, in document order
    uint32_t null_guard = kNone;        // the transition whose guard was null: nothing is selected
    std::vector<uint32_t> refused;      // candidates for the event whose guard was false, in the order asked
    bool heard = false;                 // some active state has a transition for the event at all
};

struct Microstep {
    std::vector<StateId> exited;        // in exit order (innermost, last first)
    std::vector<uint32_t> transitions;  // in document order
    std::vector<StateId> entered;       // in entry order
    // Right after a state's own entry: the content of initial and history transitions, as (state, transition).
    std::vector<std::pair<StateId, uint32_t>> defaults;
    std::vector<StateId> done;     // compound and parallel states whose final configuration was just reached, in order
    std::vector<StateId> done_by;  // parallel to `done`: the final state whose entry did it
    std::vector<std::pair<StateId, std::vector<StateId>>> remembered;  // by history states, to be kept
    bool finished = false;                                             // the root reached a final state
    Configuration configuration;                                       // afterwards
};

// Entering the initial states from nothing.
Microstep start(const Chart& chart);
// Transitions for an event (kNone: eventless). Inner states first, document order within a state; first true guard
// wins. Where regions of a parallel state disagree, the inner source preempts the outer one, else document order
// decides. A guard is asked at most once a selection.
// `history` is needed where the chart has any.
Selection select(const Chart& chart, const Configuration& configuration, EventId event, const AskGuard& ask,
                 const History* history = nullptr);
// The same for an event that belongs to one active state: only its transitions and its ancestors' are candidates,
// never a sibling region's (approvals answer "the state that opened it and outwards").
Selection select_at(const Chart& chart, StateId from, EventId event, const AskGuard& ask);
// Transitions for an event by its name: those with a matching descriptor.
Selection select(const Chart& chart, const Configuration& configuration, std::string_view event, const AskGuard& ask,
                 const History* history = nullptr);
// SCXML 3.12.1: `descriptor` is "*", or its tokens (between dots; a final ".*" or "." says nothing) begin the event's.
bool matches(std::string_view descriptor, std::string_view event);
// Leaves, passes and enters. Without `reenter` a transition whose targets all lie in its source (or are it) stays
// inside: the source is neither left nor entered, as in XState 5; otherwise the domain is SCXML's LCCA. The root is
// never left. A parallel state is done when all its regions are, also when it is itself a region.
// `history` nullptr: nothing is remembered yet.
Microstep take(const Chart& chart, const Configuration& configuration, std::span<const uint32_t> transitions,
               const History* history = nullptr);
// The same into buffers that keep their memory: a warmed-up loop allocates nothing. `out` may not be the source of
// `configuration` or `transitions`.
void select(const Chart& chart, const Configuration& configuration, EventId event, const AskGuard& ask, Selection& out,
            const History* history = nullptr);
void take(const Chart& chart, const Configuration& configuration, std::span<const uint32_t> transitions, Microstep& out,
          const History* history = nullptr);
// What leaving every state does: the end of a chart, in exit order.
std::vector<StateId> exit_order(const Configuration& configuration);
// The configuration whose active atomic states are these (ancestors added); false when they do not fit the chart.
bool restore(const Chart& chart, std::span<const StateId> atomic, Configuration& out);
// The active atomic states, in document order: what is stored.
std::vector<StateId> atomic_states(const Chart& chart, const Configuration& configuration);

// Static findings, for diagnostics: unreachable states, states without a way to a final one, transitions behind an
// unguarded one with the same event. Guards are taken as satisfiable, so what is reported is certain. A chart without
// any final state at its root is taken as meant to run for ever: then no state is asked for a way out.
struct Finding {
    enum class Kind : uint8_t { unreachable, no_way_out, never_fires };
    Kind kind;
    StateId state = kNone;
    uint32_t transition = kNone;
};
std::vector<Finding> verify(const Chart& chart);

}  // namespace leat::flow
