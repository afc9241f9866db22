// Back to the definitions before the last deployment: the ordinary deployment of those, and what was kept put back.
#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "deploy/run.hpp"
#include "engine/definitions.hpp"
#include "engine/flow_memory.hpp"
#include "engine/own_columns.hpp"
#include "task/task.hpp"

namespace leat::deploy {

using engine::UnitOfWork;
using program::Entity;
using program::Field;
using program::Flow;
using record::Row;

namespace {

int64_t integer(const Json* json) {
    auto number = json ? Decimal::parse(json->text) : std::nullopt;
    return number ? number->to_int64().value_or(0) : 0;
}

std::string text(const Json* json) {
    return json ? json->text : std::string();
}

const Json* item(const Json& list, size_t at) {
    return at < list.items.size() ? &list.items[at] : nullptr;
}

}  // namespace

// Where the records that were moved stand now, and what touched them last. One that has gone on since stands in the
// way.
Result<void> Run::look_at_saved(UnitOfWork& work) {
    std::map<std::string, std::vector<std::string>> gone_on;
    for (const auto& one : undo_->saved) {
        const Entity* entity = former_.find_entity(one.entity);
        if (!entity) continue;
        LEAT_TRY(Row * row, work.records().get(entity->id, one.record));
        if (!row) continue;
        touched_[{one.entity, one.record}] = row->version;
        LEAT_TRY(Json saved, parse_json(one.saved));
        for (const auto& [name, value] : saved.members) {
            if (!name.starts_with("flow ")) continue;
            const Flow* same = next_->find_flow(std::string_view(name).substr(5));
            const uint32_t next = same ? same->id : kNone;
            const uint32_t was = next == kNone ? kNone : match_.flow_before[next];
            if (was == kNone) continue;
            const Flow& flow = former_.flows[was];
            std::string stands;
            for (FieldId field : {flow.state_field, flow.entries_field}) {
                stands += row->fields[field].is_null() ? "" : value::to_text(row->fields[field]);
                stands += ' ';
            }
            if (stands != text(value.find("after"))) gone_on[flow.name].emplace_back(row->key());
        }
    }
    for (auto& [flow, keys] : gone_on) {
        Change& change = add(Change::Kind::moved, "flow " + flow,
                             "records have gone on since the deployment; where they stood then is no longer true",
                             static_cast<int64_t>(keys.size()));
        change.blocks = true;
        keys.resize(std::min<size_t>(keys.size(), 10));
        change.keys = std::move(keys);
    }
    return {};
}

Result<void> Run::restore(UnitOfWork& work) {
    LEAT_TRY(Pending pending, pending_timers(work.connection()));
    for (const auto& one : undo_->saved) {
        const Entity* was = former_.find_entity(one.entity);
        const EntityId now = was ? match_.entity_after[was->id] : kNone;
        if (now == kNone) continue;
        LEAT_TRY(Row * row, work.records().get(now, one.record));
        if (!row) continue;  // deleted since
        LEAT_TRY(Json saved, parse_json(one.saved));
        LEAT_CHECK(restore_record(work, *row, saved, pending[{next_->entities[now].name, one.record}]));
    }
    return {};
}

Result<void> Run::restore_record(UnitOfWork& work, Row& row, const Json& saved,
                                 const std::vector<timer::Timer>& pending) {
    const Entity& entity = next_->entities[row.entity];
    const Entity& was = former_.entities[match_.entity_before[row.entity]];
    const bool untouched = touched_[{was.name, row.id}] <= undo_->deployment.sequence;
    for (const auto& [name, value] : saved.members) {
        if (name.starts_with("flow ")) {
            const Flow* flow = next_->find_flow(name.substr(5));
            if (flow && flow->entity == row.entity) LEAT_CHECK(restore_flow(work, row, *flow, value, pending));
            continue;
        }
        const Field* field = entity.find(std::string_view(name).substr(6));
        if (!field || !field->stored || field->formula) continue;
        // What was written since is newer than what was kept.
        const bool gone = match_.field_before[row.entity][field->id] == kNone;
        if (!gone && !untouched) continue;
        LEAT_TRY(Value stored, work.records().coerce(*field, engine::typed_value(*next_, value, work.arena())));
        work.records().set(row, field->id, stored);
    }
    return {};
}

Result<void> Run::restore_flow(UnitOfWork& work, Row& row, const Flow& flow, const Json& saved,
                               const std::vector<timer::Timer>& pending) {
    auto& records = work.records();
    auto put = [&](FieldId field, const std::string& content) {
        if (field != kNone)
            records.set(row, field, content.empty() ? Value() : Value::string(work.arena().copy(content)));
    };
    const Flow& version = next_->flows[flow.id];
    put(version.state_field, text(saved.find("state")));
    put(version.configuration_field, text(saved.find("configuration")));
    put(version.data_field, text(saved.find("data")));
    records.set(row, version.entries_field, Value::number(Decimal(integer(saved.find("entries")))));
    engine::settle_own_columns(records, row, version);
    const int64_t number = integer(saved.find("version"));
    records.set(row, version.version_field, number == 1 ? Value() : Value::number(Decimal(number)));
    const std::string& entity = next_->entities[row.entity].name;
    for (const auto& one : pending) {
        const bool of_flow =
            one.kind == timer::Kind::flow || one.kind == timer::Kind::approval || one.kind == timer::Kind::reminder;
        if (!of_flow || !one.name.starts_with(flow.name + ".")) continue;
        LEAT_TRY(bool taken, timer::remove(work.connection(), one));
        (void)taken;
    }
    if (const Json* timers = saved.find("timers"))
        for (const Json& one : timers->items)
            LEAT_CHECK(
                timer::add(work.connection(), {integer(item(one, 0)), entity, row.id, text(item(one, 1)),
                                               static_cast<timer::Kind>(integer(item(one, 2))), integer(item(one, 3)),
                                               integer(item(one, 4)), text(item(one, 5)), integer(item(one, 6)) != 0}));
    if (const Json* incidents = saved.find("incidents"))
        for (const Json& one : incidents->items)
            LEAT_CHECK(catalog::set_place(work.connection(), integer(item(one, 0)), text(item(one, 1))));
    std::map<int64_t, std::pair<int64_t, std::string>> kept;
    if (const Json* tasks = saved.find("tasks"))
        for (const Json& one : tasks->items) kept[integer(item(one, 0))] = {integer(item(one, 1)), text(item(one, 2))};
    LEAT_TRY(auto tasks, task::of_record(work.connection(), entity, row.id));
    for (auto& one : tasks) {
        if (one.flow != flow.name) continue;
        auto at = kept.find(one.id);
        const bool open = one.status == task::Status::open || one.status == task::Status::waiting;
        if (at == kept.end()) {  // asked by the version that goes
            if (!open) continue;
            one.status = task::Status::cancelled;
            one.decided_us = work.now_us();
        } else {
            one.state = at->second.second;
            one.status = static_cast<task::Status>(at->second.first);
            if (one.status == task::Status::open || one.status == task::Status::waiting) one.decided_us = 0;
        }
        LEAT_CHECK(task::update(work.connection(), one));
    }
    return {};
}

}  // namespace leat::deploy
