// A flow's own memory while a command runs: read once, lent to expressions as locals, written back at the end; and the
// beginning and the end of a flow.
#include <fmt/format.h>

#include <algorithm>

#include "catalog/catalog.hpp"
#include "engine/configuration.hpp"
#include "engine/unit_of_work.hpp"
#include "record/column.hpp"

namespace leat::engine {

using flow::StateId;
using program::Flow;
using record::Row;

FlowMemory& UnitOfWork::memory(Row& row, const Flow& definition) {
    auto [at, made] = memories_.try_emplace({&row, definition.id});
    if (!made) return at->second;
    at->second.data.resize(definition.data.size());
    const Value& text = row.fields[definition.data_field];
    if (text.is_null()) return at->second;
    auto read = read_flow_memory(program_, definition, text.as_string(), arena_);
    if (read) {
        at->second = std::move(*read);
    } else if (!has_host_error_) {
        // Only Leat writes this column: the command ends with this (run()), and verify() tells more.
        has_host_error_ = true;
        host_error_ =
            make_error(Status::store, "flow.memory",
                       fmt::format("what flow '{}' remembers of {} '{}' was changed from outside: {}", definition.name,
                                   program_.entities[row.entity].name, row.key(), read.error().message));
    }
    return at->second;
}

void UnitOfWork::flush_memories() {
    for (auto& [key, kept] : memories_) {
        if (!kept.dirty) continue;
        kept.dirty = false;
        const Flow& definition = program_.flows[key.second];
        std::string json = flow_memory_json(program_, definition, kept);
        Row& row = const_cast<Row&>(*key.first);
        if (!row.deleted) records_->set(row, definition.data_field, Value::string(arena_.copy(json)));
    }
}

void UnitOfWork::use(Row& row, const Flow& definition) {
    if (definition.data_field == program::kNone) return;
    const FlowMemory& kept = memory(row, definition);
    for (size_t i = 0; i < definition.data.size(); ++i) locals_[definition.data[i].local] = kept.data[i];
    if (!definition.scxml) return;
    std::string_view session = arena_.copy(scxml_session(row, definition));
    std::string_view location = arena_.copy(fmt::format("#_scxml_{}", session));
    auto context = [&](std::string_view name, Value value) {
        auto* entry = arena_.array<value::ContextEntry>(1);
        entry[0] = {name, value};
        return Value::context_of(arena_.make<value::ContextData>(entry, 1u));
    };
    uint32_t slot = definition.system_local;
    locals_[slot] = Value::string(session);
    locals_[slot + 1] = Value::string(definition.name);
    locals_[slot + 2] = context("scxml", context("location", Value::string(location)));
}

void UnitOfWork::set_datum(Row& row, const Flow& definition, uint32_t datum, const Value& value) {
    FlowMemory& kept = memory(row, definition);
    kept.data[datum] = value;
    kept.dirty = true;
    locals_[definition.data[datum].local] = value;
}

// The data declared in `state` get their first values. SCXML 5.3.3: what cannot be computed is null and an error event.
Result<void> UnitOfWork::begin_data(Row& row, const Flow& definition, StateId state) {
    if (definition.data.empty()) return {};
    FlowMemory& kept = memory(row, definition);
    if (definition.late) {
        if (std::find(kept.bound.begin(), kept.bound.end(), state) != kept.bound.end()) return {};
        kept.bound.push_back(state);
        kept.dirty = true;
    }
    for (uint32_t i = 0; i < definition.data.size(); ++i) {
        const auto& datum = definition.data[i];
        if (!datum.initial.present || (definition.late && datum.state != state)) continue;
        auto given = std::find_if(kept.params.begin(), kept.params.end(),
                                  [&](const auto& param) { return param.first == datum.name && datum.state == 0; });
        if (given != kept.params.end()) {
            set_datum(row, definition, i, given->second);
        } else if (definition.scxml) {
            LEAT_TRY(auto value, scxml_value(datum.initial, row, definition));
            if (value) set_datum(row, definition, i, *value);
        } else {
            LEAT_TRY(Value value, evaluate(datum.initial, &row));
            set_datum(row, definition, i, value);
        }
    }
    return {};
}

Result<void> UnitOfWork::begin_flow(Row& row, const Flow& definition) {
    // The first version of a flow is not written: most records have it.
    const int64_t version = engine_.parts_->flow_versions[definition.id];
    const Value& former = row.fields[definition.version_field];
    if ((former.is_null() ? Decimal(1) : former.as_number()) != Decimal(version))
        records_->set(row, definition.version_field, Value::number(Decimal(version)));
    if (definition.data_field != program::kNone) {
        use(row, definition);
        LEAT_CHECK(begin_data(row, definition, 0));
        FlowMemory& kept = memory(row, definition);
        kept.params.clear();
        kept.dirty = true;
    }
    flow::Microstep step = flow::start(definition.chart);
    return apply(row, definition, {}, step);
}

Result<Value> UnitOfWork::done_data(Row& row, const Flow& definition, StateId state) {
    const auto& part = definition.states[state];
    if (part.donedata_content.present) {
        if (!definition.scxml) return evaluate(part.donedata_content, &row);
        LEAT_TRY(auto value, scxml_value(part.donedata_content, row, definition));
        return value.value_or(Value());
    }
    if (part.donedata.empty()) return Value();
    std::vector<value::ContextEntry> entries;
    for (const auto& one : part.donedata) {
        if (!definition.scxml) {
            LEAT_TRY(Value value, evaluate(one.value, &row));
            entries.push_back({one.name, value});
            continue;
        }
        // SCXML 5.7.2: a param that cannot be computed is left out.
        LEAT_TRY(auto value, scxml_value(one.value, row, definition));
        if (value) entries.push_back({one.name, *value});
    }
    if (entries.empty()) return Value();
    auto* kept = arena_.array<value::ContextEntry>(entries.size());
    std::copy(entries.begin(), entries.end(), kept);
    return Value::context_of(arena_.make<value::ContextData>(kept, static_cast<uint32_t>(entries.size())));
}

// A final state of the root. Under SCXML the session is over (Appendix D, exitInterpreter): everything is left, nothing
// more is heard.
Result<void> UnitOfWork::end_flow(Row& row, const Flow& definition, StateId final_state, const Value& data) {
    if (definition.data_field == program::kNone) return {};
    FlowMemory& kept = memory(row, definition);
    if (definition.scxml && !kept.ended) {
        kept.ended = kept.dirty = true;
        flow::Configuration configuration;
        active_states(row, definition, configuration);
        for (StateId state : flow::exit_order(configuration)) {
            LEAT_CHECK(flow_steps(definition.states[state].exit, row, definition));
            LEAT_CHECK(cancel_invokes(row, definition, state));
        }
        internal_.erase_if([&](const Queued& one) { return one.row == &row && one.flow == definition.id; });
        std::erase_if(to_invoke_, [&](const ToInvoke& one) { return one.row == &row && one.flow == definition.id; });
    }
    if (kept.parent) return child_done(row, definition, data, definition.states[final_state].outcome == "failed");
    return {};
}

}  // namespace leat::engine
