// Builds charts in tests, keeping children, depths and transition lists in step.
#pragma once
#include <initializer_list>
#include <string>
#include <vector>

#include "flow/chart.hpp"

namespace leat::flow {

// States must be added in document order (pre-order). The root is there from the start.
class ChartBuilder {
 public:
    explicit ChartBuilder(StateType root = StateType::compound) {
        chart.states.push_back({"root", kNone, root, kNone, {}, {}, 0});
    }
    StateId state(std::string name, StateId parent = 0, StateType type = StateType::atomic) {
        auto id = static_cast<StateId>(chart.states.size());
        chart.states.push_back({std::move(name), parent, type, kNone, {}, {}, chart.states[parent].depth + 1});
        chart.states[parent].children.push_back(id);
        return id;
    }
    uint32_t transition(StateId source, EventId event, std::vector<StateId> targets, uint32_t guard = kNone,
                        bool reenter = false) {
        auto number = static_cast<uint32_t>(chart.transitions.size());
        chart.transitions.push_back({source, std::move(targets), event, guard, number, reenter});
        chart.states[source].transitions.push_back(number);
        return number;
    }
    Chart chart;
};

}  // namespace leat::flow
