// The active states of a record, read from its row.
#pragma once
#include <string_view>
#include <vector>

#include "flow/chart.hpp"
#include "program/program.hpp"
#include "record/records.hpp"

namespace leat::engine {

// Fills `out` with the configuration and answers its atomic states; `entries` gets, for each state of `out`, the flow's
// entry counter when it was entered. Empty when the flow has not started or names a state that is no more.
std::vector<flow::StateId> active_states(const record::Row& row, const program::Flow& flow, flow::Configuration& out,
                                         std::vector<int64_t>* entries = nullptr);

// The same of what the columns hold: the state, the configuration (may be empty) and the count of entries.
std::vector<flow::StateId> active_states(const program::Flow& flow, std::string_view state,
                                         std::string_view configuration, int64_t entered, flow::Configuration& out,
                                         std::vector<int64_t>* entries = nullptr);

// The state as the definitions have it: of the two that an approval brings, which nobody wrote, the one that asks.
flow::StateId declared_state(const program::Flow& flow, flow::StateId state);

}  // namespace leat::engine
