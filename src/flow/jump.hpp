// Out of order: from wherever a chart is into a state of an administrator's choice.
#pragma once
#include "flow/chart.hpp"

namespace leat::flow {

// Everything is left and `target` entered as an external transition of the root would: with its default entry, what its
// history state remembers, and the other regions of its parallel ancestors.
Microstep jump(const Chart& chart, const Configuration& configuration, StateId target, const History* history);

}  // namespace leat::flow
