#include "flow/jump.hpp"

namespace leat::flow {

Microstep jump(const Chart& chart, const Configuration& configuration, StateId target, const History* history) {
    // A chart with one more transition; an administrator's command is rare enough for a copy.
    Chart with = chart;
    ChartTransition transition;
    transition.targets = {target};
    transition.reenter = true;
    auto number = static_cast<uint32_t>(with.transitions.size());
    with.transitions.push_back(std::move(transition));
    Microstep step = take(with, configuration, std::vector<uint32_t>{number}, history);
    step.transitions.clear();
    return step;
}

}  // namespace leat::flow
