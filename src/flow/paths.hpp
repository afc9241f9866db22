// How a chart gets somewhere: the evidence beside a finding.
#pragma once
#include <optional>

#include "flow/chart.hpp"

namespace leat::flow {

// The transitions of a shortest way from the start into `state`, guards taken as satisfiable; empty where it starts
// there, nullopt where no way leads. Transitions that a former one always beats are no way.
std::optional<std::vector<uint32_t>> path_to(const Chart& chart, StateId state);

}  // namespace leat::flow
