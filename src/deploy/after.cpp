// The deployment itself: tables changed, instances moved, values set and computed, and what must hold afterwards held
// against every record that it may concern.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/json.hpp"
#include "deploy/run.hpp"
#include "engine/flow_memory.hpp"
#include "journal/load.hpp"
#include "outbox/outbox.hpp"
#include "record/column.hpp"
#include "record/plan_cache.hpp"
#include "task/task.hpp"
#include "timer/suspension.hpp"

namespace leat::deploy {

using engine::UnitOfWork;
using program::Entity;
using program::Field;
using program::Flow;
using record::Row;

namespace {

constexpr size_t kNamed = 10;      // records that a plan names
constexpr int64_t kChunk = 2'000;  // rows that are checked at a time

// As whoever undoes this from another folder can use it.
std::string backup_path(const std::string& path) {
    if (path.empty()) return path;
    std::error_code failure;
    auto whole = std::filesystem::absolute(std::filesystem::path(std::u8string(path.begin(), path.end())), failure);
    if (failure) return path;
    auto text = whole.lexically_normal().u8string();
    return {text.begin(), text.end()};
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

Result<Pending> pending_timers(store::Connection& connection) {
    Pending found;
    std::vector<timer::Timer> chunk;
    do {
        const timer::Timer last = chunk.empty() ? timer::Timer{} : chunk.back();
        LEAT_TRY(chunk, timer::all(connection, chunk.empty() ? nullptr : &last, kChunk));
        for (const auto& one : chunk) found[{one.entity, one.record}].push_back(one);
    } while (!chunk.empty());
    LEAT_TRY(auto aside, timer::set_aside(connection));
    for (const auto& one : aside) found[{one.entity, one.record}].push_back(one);
    return found;
}

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
    adoption.filled = [&](UnitOfWork& work) { return draw_numbers(work); };
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
    for (const record::EntityChange& change : table_changes_) {
        const bool converted = std::any_of(change.fields.begin(), change.fields.end(), [&](const auto& one) {
            if (one.after == kNone) return false;
            return one.fresh || !one.renamed_values.empty() ||
                   !record::same_column(former_.entities[change.before].fields[one.before],
                                        next_->entities[change.after].fields[one.after], true);
        });
        if (!converted) continue;
        // Digests of loads are of what the columns held.
        const std::string& name = former_.entities[change.before].name;
        LEAT_TRY(auto names, catalog::former_names(connection, name));
        names.push_back(name);
        for (const std::string& one : names) LEAT_CHECK(journal::forget_loads(connection, one));
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
    for (const Entity& was : former_.entities) {
        const EntityId after = match_.entity_after[was.id];
        for (FieldId field : was.series) {
            const FieldId now = after == kNone ? kNone : match_.field_after[was.id][field];
            if (now == kNone || next_->entities[after].fields[now].name == was.fields[field].name) continue;
            const Entity& entity = next_->entities[after];  // called so by now
            LEAT_CHECK(catalog::rename_series(connection, fmt::format("{}.{}:", entity.name, was.fields[field].name),
                                              fmt::format("{}.{}:", entity.name, entity.fields[now].name)));
        }
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
    LEAT_TRY(auto incidents, catalog::incidents(work.connection(), true, INT64_MAX));
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
                json.number(int64_t{one.held}).end_array();
            }
            json.end_array().key("incidents").begin_array();
            for (const auto& one : incidents)
                if (one.entity == entity.name && one.record == where.second && one.place.starts_with(now.name + "."))
                    json.begin_array().number(one.id).string(was.name + one.place.substr(now.name.size())).end_array();
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

// Series that ask for numbers from now on: records that are there get theirs in the order in which they were made.
Result<void> Run::draw_numbers(UnitOfWork& work) {
    for (const auto& [entity_id, field_id] : to_draw_) {
        const Entity& entity = next_->entities[entity_id];
        const Field& field = entity.fields[field_id];
        std::vector<Row*> rows;
        LEAT_CHECK(work.records().scan(entity_id, nullptr, work.locals().data(), query::AccessScope::everything(),
                                       [&](Row& row) {
                                           rows.push_back(&row);
                                           return true;
                                       }));
        int64_t drawn = 0;
        std::string first, last, why;
        std::vector<std::string> refused;
        for (Row* row : rows) {
            auto got = work.draw_late(*row, field);
            if (!got && got.error().status != Status::ok) return std::move(got.error());
            if (!got) {  // a part of the number is empty
                refused.emplace_back(row->key());
                why = got.error().message;
                continue;
            }
            if (!*got) continue;
            last = row->fields[field_id].as_string();
            if (drawn++ == 0) first = last;
        }
        LEAT_CHECK(work.records().settle());
        if (!refused.empty()) {
            Change& change = add(Change::Kind::narrowed, fmt::format("series {}.{}", entity.name, field.name),
                                 "records cannot get a number: " + why, static_cast<int64_t>(refused.size()));
            change.blocks = true;
            refused.resize(std::min(refused.size(), kNamed));
            change.keys = std::move(refused);
        }
        if (drawn == 0) continue;
        add(Change::Kind::changed, fmt::format("field {}.{}", entity.name, field.name),
            drawn == 1
                ? fmt::format("one record gets its number, {}", first)
                : fmt::format("records get their numbers, in the order of their creation: {} to {}", first, last),
            drawn);
    }
    return {};
}

Result<void> Run::written(UnitOfWork& work) {
    for (EntityId id : to_check_) LEAT_CHECK(check_entity(work, next_->entities[id]));
    tell_violations();
    if (rehearse_) return {};
    if (plan_.blocked()) return make_error(Status::conflict, "deploy.blocked", "the plan does not hold");
    return write_saved(work.connection(), work.sequence() - 1);
}

// Each stands with the change that asks for more than before, or that brought its field; others were there before.
void Run::tell_violations() {
    std::set<std::string> told;
    for (const bool rules_first : {true, false}) {
        for (Change& change : plan_.changes) {
            const bool added = change.kind == Change::Kind::added;
            if ((!added && change.kind != Change::Kind::narrowed) || change.asks != (rules_first && !added)) continue;
            const bool rule = change.what.starts_with("rule ");
            if (!rule && !change.what.starts_with("field ")) continue;
            const std::string place = change.what.substr(rule ? 5 : 6);
            auto found = violations_.find(place);
            if (found == violations_.end()) {
                if (change.asks && !change.blocks) change.message += "; no record breaks it";
                continue;
            }
            if (!told.insert(place).second) continue;
            tell(change, found->second, rule);
        }
    }
}

void Run::tell(Change& change, const Broken& broken, bool rule) {
    change.blocks = true;
    change.affected = broken.records;
    change.keys = broken.keys;
    const bool empty = broken.empty == broken.records;
    if (change.kind == Change::Kind::added)
        change.message = empty
                             ? "existing records have no value for it: give it a default or a formula, or set it in a "
                               "migration"
                             : "existing records cannot have what they would get: " + broken.message;
    else if (rule)
        change.message += "; records break it: mend them first, or set values in a migration";
    else if (empty)
        change.message += "; records have no value: fill it in first, give it a default, or set it in a migration";
    else
        change.message +=
            fmt::format("; records do not meet it ({}): mend them first, or set it in a migration", broken.message);
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
                Broken& broken_at = violations_[place];
                if (broken_at.records++ == 0) broken_at.message = one.message;
                const Field* field = place.starts_with(entity.name + '.')
                                         ? entity.find(std::string_view(place).substr(entity.name.size() + 1))
                                         : nullptr;
                broken_at.empty += field && row->fields[field->id].is_null();
                if (broken_at.keys.size() < kNamed) broken_at.keys.emplace_back(row->key());
            }
        }
    }
}

// What undoing cannot bring back, and where it is.
Result<void> Run::note_dropped(store::Connection& connection) {
    std::string dropped;
    bool any = false;
    JsonWriter json(dropped);
    json.begin_object().key("backup").string(backup_path(options_.backup)).key("entities").begin_object();
    for (const Entity& was : former_.entities) {
        if (match_.entity_after[was.id] != kNone || records_[was.id] == 0) continue;
        json.key(was.name).number(records_[was.id]);
        any = true;
    }
    json.end_object().end_object();
    LEAT_TRY(std::string known, catalog::get(connection, "dropped"));
    if (!any && known.empty()) return {};
    return catalog::put(connection, "dropped", any ? dropped : "");
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
    LEAT_CHECK(note_dropped(connection));
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
