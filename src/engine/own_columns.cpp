#include "engine/own_columns.hpp"

#include "engine/configuration.hpp"

namespace leat::engine {

void settle_own_columns(record::Records& records, record::Row& row, const program::Flow& flow) {
    flow::Configuration active;
    active_states(row, flow, active);
    for (flow::StateId state = 1; state < flow.states.size(); ++state) {
        const auto& part = flow.states[state];
        if (part.state_field == program::kNone) continue;
        flow::StateId child = flow::kNone;
        for (flow::StateId id : active)
            if (flow.chart.states[id].parent == state) child = id;
        if (child == flow::kNone) {
            records.set(row, part.state_field, Value());
            records.set(row, part.since_field, Value());
            continue;
        }
        records.set(row, part.state_field, Value::string(flow.states[child].name));
        if (row.fields[part.since_field].is_null()) records.set(row, part.since_field, row.fields[flow.since_field]);
    }
}

}  // namespace leat::engine
