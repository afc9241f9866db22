// Out of order: from wherever a chart is into a state of an administrator's choice.
#pragma once
#include <optional>

#include "flow/chart.hpp"

namespace leat::flow {

// Everything is left and `target` entered as an external transition of the root would: with its default entry, what its
// history state remembers, and the other regions of its parallel ancestors.
Microstep jump(const Chart& chart, const Configuration& configuration, StateId target, const History* history);

// The configuration in which all of `targets` are active, with the regions and first states that they ask for beside
// and below them; nullopt where they cannot be active together.
std::optional<Configuration> configuration_of(const Chart& chart, const std::vector<StateId>& targets);

}  // namespace leat::flow
