#include "engine/configuration.hpp"

#include <algorithm>
#include <charconv>

namespace leat::engine {

std::vector<flow::StateId> active_states(const record::Row& row, const program::Flow& definition,
                                         flow::Configuration& out, std::vector<int64_t>* entries) {
    out.clear();
    const Value& state = row.fields[definition.state_field];
    if (state.is_null()) return {};
    std::string_view configuration;
    if (!definition.flat && !row.fields[definition.configuration_field].is_null()) {
        configuration = row.fields[definition.configuration_field].as_string();
        // Between the root and its first child, while states are entered one by one.
        if (configuration.empty()) {
            out = {0};
            if (entries) *entries = {0};
            return {};
        }
    }
    const Value& entered = row.fields[definition.entries_field];
    return active_states(definition, state.as_string(), configuration,
                         entered.is_null() ? 0 : entered.as_number().to_int64().value_or(0), out, entries);
}

std::vector<flow::StateId> active_states(const program::Flow& definition, std::string_view state,
                                         std::string_view configuration, int64_t entered, flow::Configuration& out,
                                         std::vector<int64_t>* entries) {
    std::vector<flow::StateId> atomic;
    out.clear();
    if (definition.flat) {
        flow::StateId id = definition.chart.find(state);
        if (id == flow::kNone) return atomic;
        out = {0, id};
        atomic = {id};
        if (entries) *entries = {0, entered};
        return atomic;
    }
    // "review:3 law:3 money:4": every active state but the root, with the entry counter it was entered at.
    std::string_view text = configuration.empty() ? state : configuration;
    std::vector<std::pair<flow::StateId, int64_t>> states{{0, 0}};
    while (!text.empty()) {
        size_t end = std::min(text.find(' '), text.size());
        std::string_view word = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        size_t colon = word.rfind(':');
        int64_t entry = 0;
        if (colon != std::string_view::npos) std::from_chars(word.data() + colon + 1, word.data() + word.size(), entry);
        flow::StateId id = definition.chart.find(word.substr(0, colon));
        if (id != flow::kNone) states.emplace_back(id, entry);
    }
    std::sort(states.begin(), states.end());
    if (entries) entries->clear();
    for (const auto& [id, entry] : states) {
        out.push_back(id);
        if (entries) entries->push_back(entry);
    }
    return flow::atomic_states(definition.chart, out);
}

flow::StateId declared_state(const program::Flow& definition, flow::StateId state) {
    const auto& shape = definition.chart.states[state];
    const bool made = !definition.scxml && state != 0 && shape.name.find('.') != std::string::npos;
    return made ? shape.parent : state;
}

}  // namespace leat::engine
