// The deployment itself: tables changed, instances moved, values set and computed, and what must hold afterwards held
// against every record that it may concern.
#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "deploy/run.hpp"
#include "engine/flow_memory.hpp"
#include "outbox/outbox.hpp"
#include "record/column.hpp"
#include "record/plan_cache.hpp"
#include "task/task.hpp"
#include "timer/timer.hpp"

namespace leat::deploy {

using engine::UnitOfWork;
using program::Entity;
using program::Field;
using program::Flow;
using record::Row;

namespace {

constexpr size_t kNamed = 10;      // records that a plan names
constexpr int64_t kChunk = 2'000;  // rows that are checked at a time

using Pending = std::map<std::pair<std::string, int64_t>, std::vector<timer::Timer>>;

Result<Pending> pending_timers(store::Connection& connection) {
    Pending found;
    std::vector<timer::Timer> chunk;
    do {
        const timer::Timer last = chunk.empty() ? timer::Timer{} : chunk.back();
        LEAT_TRY(chunk, timer::all(connection, chunk.empty() ? nullptr : &last, kChunk));
        for (const auto& one : chunk) found[{one.entity, one.record}].push_back(one);
    } while (!chunk.empty());
    return found;
}

// Where a record stands, to see whether it has moved since.
std::string standing_text(const Row& row, const Flow& flow) {
    std::string text;
    for (FieldId field : {flow.state_field, flow.entries_field}) {
        const Value& value = row.fields[field];
        text += value.is_null() ? "" : value::to_text(value);
        text += ' ';
    }
    return text;
}

}  // namespace

Run::Run(engine::Engine& engine, std::shared_ptr<const program::Program> next, const Options& options, const Undo* undo)
    : engine_(engine),
      former_program_(engine.shared_program()),
      next_program_(std::move(next)),
      former_(*former_program_),
      next_(next_program_.get()),
      options_(options),
      undo_(undo) {}

Result<engine::Outcome> Run::run(std::string_view actor, bool rehearse) {
    rehearse_ = rehearse;
    engine::Adoption adoption;
    adoption.rehearse = rehearse;
    adoption.before = [&](UnitOfWork& work, std::shared_ptr<const program::Program>& next) {
        return before(work, next);
    };
    adoption.tables = [&](store::Connection& connection) { return tables(connection); };
    adoption.after = [&](UnitOfWork& work) { return after(work); };
    adoption.written = [&](UnitOfWork& work) { return written(work); };
    if (undo_) adoption.more = ",\"undo\":true";
    return engine_.adopt(next_program_, actor, adoption);
}

Result<void> Run::tables(store::Connection& connection) {
    record::PlanCache former_plans(former_), plans(*next_);
    for (const Entity& was : former_.entities) {
        record::EntityChange change;
        change.before = was.id;
        change.after = match_.entity_after[was.id];
        const auto& columns = former_plans.of(was.id).column_of;
        for (const Field& field : was.fields) {
            if (columns[field.id] < 0 || change.after == kNone) continue;
            record::FieldChange one;
            one.before = field.id;
            one.after = match_.field_after[was.id][field.id];
            if (one.after != kNone && plans.of(change.after).column_of[one.after] < 0) one.after = kNone;
            if (one.after != kNone) {
                const Field& same = next_->entities[change.after].fields[one.after];
                const bool elsewhere = field.kind == program::FieldKind::ref && same.kind == program::FieldKind::ref &&
                                       match_.entity_after[field.to] != same.to;
                const bool other_money = field.kind == program::FieldKind::money &&
                                         same.kind == program::FieldKind::money && field.currency != same.currency;
                const bool other_kind =
                    (field.kind == program::FieldKind::ref) != (same.kind == program::FieldKind::ref);
                one.fresh = elsewhere || other_money || other_kind || set_by_migration(change.after, one.after);
                one.renamed_values = match_.values[change.after][one.after];
                if (other_kind && !one.fresh) one.fresh = true;
            }
            change.fields.push_back(std::move(one));
        }
        table_changes_.push_back(std::move(change));
    }
    LEAT_CHECK(record::change_tables(former_, *next_, table_changes_, connection, [&](const record::Loss& loss) {
        Loss& sum = losses_[{loss.entity->id, loss.field->id}];
        ++(loss.rounded ? sum.rounded : sum.lost);
        if (sum.ids.size() < kNamed) sum.ids.push_back(loss.id);
    }));
    for (const Entity& was : former_.entities) {
        const EntityId after = match_.entity_after[was.id];
        if (after == kNone || next_->entities[after].name == was.name) continue;
        const std::string& now = next_->entities[after].name;
        LEAT_CHECK(catalog::rename_entity(connection, was.name, now));
        LEAT_CHECK(task::rename_entity(connection, was.name, now));
        LEAT_CHECK(timer::rename_entity(connection, was.name, now));
        LEAT_CHECK(outbox::rename_entity(connection, was.name, now));
    }
    for (const Flow& was : former_.flows) {
        const uint32_t after = was.pinned ? kNone : match_.flow_after[was.id];
        if (after == kNone || next_->flows[after].name == was.name) continue;
        LEAT_CHECK(catalog::rename_flow(connection, was.name, next_->flows[after].name));
        LEAT_CHECK(task::rename_flow(connection, was.name, next_->flows[after].name));
        LEAT_CHECK(timer::rename_flow(connection, was.name, next_->flows[after].name));
    }
    return {};
}

Result<void> Run::after(UnitOfWork& work) {
    tell_losses();
    if (undo_) LEAT_CHECK(restore(work));
    LEAT_CHECK(rename_memories(work));
    LEAT_CHECK(move_instances(work));
    LEAT_CHECK(apply_sets(work));
    LEAT_CHECK(work.finish_moves());
    return recompute(work);
}

void Run::tell_losses() {
    for (const auto& [place, loss] : losses_) {
        const Entity& was = former_.entities[place.first];
        const Field& field = was.fields[place.second];
        if (field.origin != program::Origin::declared || field.formula) continue;
        const EntityId now = match_.entity_after[place.first];
        const std::string drop = fmt::format("field {}.{}", was.name, field.name);
        const std::string& name = next_->entities[now].fields[match_.field_after[was.id][field.id]].name;
        Change& change = add(Change::Kind::narrowed, fmt::format("field {}.{}", next_->entities[now].name, name),
                             loss.lost == 0      ? "values lose digits"
                             : loss.rounded == 0 ? "values do not fit and would be empty"
                                                 : "values lose digits, or do not fit and would be empty",
                             loss.lost + loss.rounded);
        change.drop = drop;
        change.blocks = !may_drop(drop);
        for (int64_t id : loss.ids) change.keys.push_back(fmt::format("#{}", id));
    }
}

Result<void> Run::move_instances(UnitOfWork& work) {
    if (moved_versions_.empty()) return {};
    LEAT_TRY(Pending pending, pending_timers(work.connection()));
    std::map<uint32_t, std::vector<std::string>> refused;
    std::map<uint32_t, std::string> reasons;
    for (const auto& [where, standing] : standing_) {
        const Flow& now = next_->flows[where.first];
        const Flow& was = former_.flows[match_.flow_before[now.id]];
        UnitOfWork::FlowMove move;
        move.from = version_of(was, standing.first);
        move.to = &now;
        move.states = match_.states[now.id];
        const std::string& timers = match_.timers[now.id];
        move.timers = timers == "restart"   ? UnitOfWork::FlowMove::Timers::restart
                      : timers == "rescale" ? UnitOfWork::FlowMove::Timers::rescale
                                            : UnitOfWork::FlowMove::Timers::keep;
        LEAT_TRY(Row * row, work.records().get(now.entity, where.second));
        if (!row) continue;
        LEAT_TRY(std::string why, work.cannot_move(move, standing.second));
        if (!why.empty()) {
            refused[now.id].emplace_back(row->key());
            reasons[now.id] = why;
            continue;
        }
        const Entity& entity = next_->entities[now.entity];
        const auto& timers_of = pending[{entity.name, where.second}];
        if (!rehearse_) {
            std::string kept;
            JsonWriter json(kept);
            json.begin_object().key("version").number(standing.first).key("state").string(standing.second.state);
            json.key("configuration").string(standing.second.configuration).key("data").string(standing.second.data);
            json.key("entries").number(standing.second.entries).key("timers").begin_array();
            for (const auto& one : timers_of) {
                if (!one.name.starts_with(now.name + ".")) continue;
                json.begin_array().number(one.due_us).string(was.name + one.name.substr(now.name.size()));
                json.number(static_cast<int64_t>(one.kind)).number(one.entry).number(one.count).string(one.data);
                json.end_array();
            }
            json.end_array().key("tasks").begin_array();
            LEAT_TRY(auto tasks, task::of_record(work.connection(), entity.name, where.second));
            for (const auto& one : tasks) {
                if (one.flow != now.name) continue;
                json.begin_array()
                    .number(one.id)
                    .number(static_cast<int64_t>(one.status))
                    .string(one.state)
                    .end_array();
            }
            json.end_array();
            LEAT_CHECK(work.move(*row, move, standing.second, timers_of));
            json.key("after").string(standing_text(*row, now)).end_object();
            saved_[{entity.name, where.second}]["flow " + was.name] = std::move(kept);
            continue;
        }
        LEAT_CHECK(work.move(*row, move, standing.second, timers_of));
    }
    for (auto& [flow, keys] : refused) {
        Change& change = add(Change::Kind::moved, "flow " + next_->flows[flow].name,
                             "cannot be moved: " + reasons[flow], static_cast<int64_t>(keys.size()));
        change.blocks = true;
        keys.resize(std::min(keys.size(), kNamed));
        change.keys = std::move(keys);
    }
    return {};
}

Result<void> Run::apply_sets(UnitOfWork& work) {
    std::map<std::pair<EntityId, FieldId>, std::pair<int64_t, std::string>> refused;
    for (const SetValue& one : sets_) {
        LEAT_TRY(Row * row, work.records().get(one.entity, one.id));
        if (!row) continue;
        const Field& field = next_->entities[one.entity].fields[one.field];
        Value value = one.record;
        if (!one.typed.empty()) {
            LEAT_TRY(Json json, parse_json(one.typed));
            value = engine::typed_value(*next_, json, work.arena());
        }
        auto stored = work.records().coerce(field, value);
        if (!stored) {
            auto& [count, words] = refused[{one.entity, one.field}];
            if (count++ == 0)
                words =
                    fmt::format("{} '{}': {}", next_->entities[one.entity].name, row->key(), stored.error().message);
            continue;
        }
        work.records().set(*row, one.field, *stored);
    }
    for (const auto& [place, told] : refused) {
        const Entity& entity = next_->entities[place.first];
        add(Change::Kind::changed, fmt::format("field {}.{}", entity.name, entity.fields[place.second].name),
            "the migration's values do not fit: " + told.second, told.first)
            .blocks = true;
    }
    return work.records().settle();
}

// Formulas that are new or others now, in every record.
Result<void> Run::recompute(UnitOfWork& work) {
    std::set<EntityId> entities;
    for (const auto& [entity, field] : to_compute_) entities.insert(entity);
    for (EntityId entity : entities) {
        std::vector<Row*> rows;
        LEAT_CHECK(
            work.records().scan(entity, nullptr, work.locals().data(), query::AccessScope::everything(), [&](Row& row) {
                rows.push_back(&row);
                return true;
            }));
        for (Row* row : rows) work.records().recompute(*row);
        LEAT_CHECK(work.records().settle());
    }
    return {};
}

Result<void> Run::written(UnitOfWork& work) {
    for (EntityId id : to_check_) LEAT_CHECK(check_entity(work, next_->entities[id]));
    for (Change& change : plan_.changes) {
        if (change.kind != Change::Kind::narrowed && change.kind != Change::Kind::added) continue;
        const bool rule = change.what.starts_with("rule ");
        if (!rule && !change.what.starts_with("field ")) continue;
        const std::string place = change.what.substr(rule ? 5 : 6);
        auto found = violations_.find(place);
        const EntityId entity = next_->find_entity(place.substr(0, place.rfind('.')))
                                    ? next_->find_entity(place.substr(0, place.rfind('.')))->id
                                    : kNone;
        if (found == violations_.end()) {
            if (change.kind == Change::Kind::narrowed && change.drop.empty() && !change.blocks &&
                (rule || (entity != kNone && to_check_.count(entity))))
                change.message += "; no record breaks it";
            continue;
        }
        change.blocks = true;
        change.affected = found->second.first;
        change.keys = found->second.second;
        change.message += rule ? "; records break it" : "; records do not meet it";
        if (change.kind == Change::Kind::added)
            change.message = "existing records have no value for it; give it a default, or set it in a migration";
    }
    if (rehearse_) return {};
    if (plan_.blocked()) return make_error(Status::conflict, "deploy.blocked", "the plan does not hold");
    return write_saved(work.connection(), work.sequence() - 1);
}

Result<void> Run::check_entity(UnitOfWork& work, const Entity& entity) {
    Arena arena(uint64_t{1} << 32);
    Limits limits;
    limits.steps_max = UINT64_MAX;
    for (int64_t last = 0;;) {
        arena.reset();
        record::Records records(*next_, work.connection(), arena, limits, work);
        std::vector<Row*> rows;
        LEAT_CHECK(records.scan(
            entity.id, nullptr, work.locals().data(), query::AccessScope::everything(),
            [&](Row& row) {
                rows.push_back(&row);
                return rows.size() < static_cast<size_t>(kChunk);
            },
            last));
        if (rows.empty()) return {};
        last = rows.back()->id;
        for (Row* row : rows) {
            LEAT_TRY(auto broken, records.check_stored(*row, "en"));
            std::set<std::string> places;
            for (const auto& one : broken) {
                std::string place = one.at.ends_with(".required_if") ? one.at.substr(0, one.at.size() - 12) : one.at;
                if (!places.insert(place).second) continue;
                auto& [count, keys] = violations_[place];
                ++count;
                if (keys.size() < kNamed) keys.emplace_back(row->key());
            }
        }
    }
}

Result<void> Run::write_saved(store::Connection& connection, int64_t sequence) {
    catalog::Deployment deployment;
    deployment.sequence = sequence;
    deployment.from = former_hash_;
    deployment.to = base::to_hex(next_->hash);
    JsonWriter json(deployment.names);
    json.begin_array();
    for (const auto& [was, now] : reversed(match_, former_, *next_))
        json.begin_array().string(was).string(now).end_array();
    json.end_array();
    LEAT_CHECK(catalog::put_deployment(connection, deployment));
    for (const auto& [record, members] : saved_) {
        std::string text;
        JsonWriter one(text);
        one.begin_object();
        for (const auto& [name, value] : members) one.key(name).raw(value);
        one.end_object();
        LEAT_CHECK(catalog::save_value(connection, sequence, record.first, record.second, text));
    }
    return {};
}

}  // namespace leat::deploy
