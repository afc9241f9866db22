// How a chart gets somewhere: the evidence beside a finding.
#pragma once
#include <optional>

#include "flow/chart.hpp"

namespace leat::flow {

// The transitions of a shortest way from the start into `state`, guards taken as satisfiable; empty where it starts
// there, nullopt where no way leads. Transitions that a former one always beats are no way.
std::optional<std::vector<uint32_t>> path_to(const Chart& chart, StateId state);

// By state: whether some way leads there, guards taken as satisfiable. History states count as reachable.
std::vector<bool> reachable(const Chart& chart);

// Whether a compound state has a final child that can be reached, a parallel one in each region; guards taken as
// satisfiable.
bool can_be_done(const Chart& chart, StateId state);

}  // namespace leat::flow
