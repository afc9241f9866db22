// The active states of a record, read from its row.
#pragma once
#include <vector>

#include "flow/chart.hpp"
#include "program/program.hpp"
#include "record/records.hpp"

namespace leat::engine {

// Fills `out` with the configuration and answers its atomic states; `entries` gets, for each state of `out`, the flow's
// entry counter when it was entered. Empty when the flow has not started or names a state that is no more.
std::vector<flow::StateId> active_states(const record::Row& row, const program::Flow& flow, flow::Configuration& out,
                                         std::vector<int64_t>* entries = nullptr);

}  // namespace leat::engine
