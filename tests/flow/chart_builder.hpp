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
        ChartState state;
        state.name = "root";
        state.type = root;
        chart.states.push_back(std::move(state));
    }
    StateId state(std::string name, StateId parent = 0, StateType type = StateType::atomic) {
        auto id = static_cast<StateId>(chart.states.size());
        ChartState state;
        state.name = std::move(name);
        state.parent = parent;
        state.type = type;
        state.depth = chart.states[parent].depth + 1;
        chart.states.push_back(std::move(state));
        chart.states[parent].children.push_back(id);
        if (type == StateType::history) chart.has_history = true;
        return id;
    }
    uint32_t transition(StateId source, EventId event, std::vector<StateId> targets, uint32_t guard = kNone,
                        bool reenter = false) {
        auto number = static_cast<uint32_t>(chart.transitions.size());
        ChartTransition transition;
        transition.source = source;
        transition.targets = std::move(targets);
        transition.event = event;
        transition.guard = guard;
        transition.number = number;
        transition.reenter = reenter;
        chart.transitions.push_back(std::move(transition));
        chart.states[source].transitions.push_back(number);
        return number;
    }
    // Where `state` begins, or what a history state without a past stands for.
    uint32_t initial(StateId state, std::vector<StateId> targets) {
        uint32_t number = transition(state, kNone, std::move(targets));
        chart.states[state].transitions.pop_back();
        chart.states[state].initial_transition = number;
        return number;
    }
    uint32_t named(StateId source, std::vector<std::string> descriptors, std::vector<StateId> targets) {
        uint32_t number = transition(source, kNone, std::move(targets));
        chart.transitions[number].descriptors = std::move(descriptors);
        return number;
    }
    Chart chart;
};

}  // namespace leat::flow
