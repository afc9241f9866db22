// What is there, seen with the former definitions: counts, where instances stand, what migrations compute from it.
#include <fmt/format.h>

#include <algorithm>

#include "deploy/run.hpp"
#include "engine/definitions.hpp"
#include "engine/flow_memory.hpp"
#include "query/select.hpp"
#include "record/column.hpp"
#include "record/plan_cache.hpp"

namespace leat::deploy {

using engine::UnitOfWork;
using program::Entity;
using program::Field;
using program::Flow;

namespace {

constexpr size_t kNamed = 10;  // records that a plan names

Result<int64_t> count(store::Connection& connection, const Entity& entity, const Field* filled) {
    query::Select select;
    select.table = entity.table;
    select.count = true;
    if (filled) {
        select.where.op = query::Op::not_equal;
        select.where.left.column = query::Column{record::column_name(*filled), {}, {}};
    }
    std::string sql;
    std::vector<query::Parameter> parameters;
    query::print(select, sql, parameters);
    LEAT_TRY(auto statement, connection.prepare(sql));
    query::bind(statement, parameters);
    LEAT_TRY(bool found, statement.step());
    return found ? statement.integer(0) : 0;
}

// Visits these columns of every row: the id is the first.
Result<void> each(store::Connection& connection, const Entity& entity, std::vector<std::string_view> columns,
                  const std::function<Result<void>(const store::Statement&)>& visit) {
    query::Select select;
    select.table = entity.table;
    select.columns = std::move(columns);
    std::string sql;
    std::vector<query::Parameter> parameters;
    query::print(select, sql, parameters);
    LEAT_TRY(auto statement, connection.prepare(sql));
    query::bind(statement, parameters);
    for (;;) {
        LEAT_TRY(bool found, statement.step());
        if (!found) return {};
        LEAT_CHECK(visit(statement));
    }
}

bool ended(const Flow& flow, std::string_view state) {
    flow::StateId id = flow.chart.find(state);
    return id != flow::kNone && flow.chart.states[id].parent == 0 &&
           flow.chart.states[id].type == flow::StateType::final;
}

}  // namespace

Result<void> Run::before(UnitOfWork& work, std::shared_ptr<const program::Program>& next) {
    LEAT_TRY(former_hash_, catalog::get(work.connection(), "definition"));
    match_ = match(former_, *next_, former_hash_, undo_ ? &undo_->renames : nullptr);
    LEAT_TRY(versions_, catalog::flow_versions(work.connection()));
    for (const auto* migration : match_.migrations)
        for (const auto& set : migration->sets) {
            const Entity* entity = next_->find_entity(set.entity);
            if (entity && match_.entity_before[entity->id] != kNone)
                set_fields_.emplace_back(entity->id, entity->find(set.field)->id);
        }
    LEAT_CHECK(count_records(work));
    compare();
    LEAT_CHECK(look_at_flows(work, next));
    LEAT_CHECK(ask_sets(work));
    if (undo_) LEAT_CHECK(look_at_saved(work));
    return rehearse_ ? Result<void>() : keep_values(work);
}

bool Run::set_by_migration(EntityId entity, FieldId field) const {
    return std::find(set_fields_.begin(), set_fields_.end(), std::pair(entity, field)) != set_fields_.end();
}

bool Run::moves(const Flow& now) const {
    auto asked = [&](const std::string& one) { return one == now.name || one == "*"; };
    return match_.mapped[now.id] || std::any_of(options_.move.begin(), options_.move.end(), asked);
}

Result<void> Run::count_records(UnitOfWork& work) {
    record::PlanCache plans(former_);
    records_.assign(former_.entities.size(), 0);
    for (const Entity& entity : former_.entities) {
        LEAT_TRY(records_[entity.id], count(work.connection(), entity, nullptr));
        if (records_[entity.id] == 0) continue;
        const EntityId now = match_.entity_after[entity.id];
        for (const Field& field : entity.fields) {
            if (field.origin != program::Origin::declared || plans.of(entity.id).column_of[field.id] < 0) continue;
            const FieldId after = now == kNone ? kNone : match_.field_after[entity.id][field.id];
            const Field* same = after == kNone ? nullptr : &next_->entities[now].fields[after];
            if (same && same->name == field.name && same->kind == field.kind && same->scale == field.scale &&
                same->formula == nullptr && field.formula == nullptr && field.kind != program::FieldKind::enumeration &&
                field.kind != program::FieldKind::ref && field.kind != program::FieldKind::money &&
                (field.default_value || !same->default_value))
                continue;
            LEAT_TRY((filled_[{entity.id, field.id}]), count(work.connection(), entity, &field));
        }
    }
    return {};
}

const Flow* Run::version_of(const Flow& was, int64_t version) const {
    for (const auto& [number, place] : was.versions)
        if (number == version) return &former_.flows[place];
    return &was;
}

Result<Run::Places> Run::count_instances(UnitOfWork& work, const Flow& flow) {
    Places places;
    const Entity& entity = former_.entities[flow.entity];
    record::PlanCache plans(former_);
    const bool has_key = plans.of(entity.id).has_key;
    auto name = [&](FieldId field) { return record::column_name(entity.fields[field]); };
    std::vector<std::string_view> columns{"id", name(flow.state_field), name(flow.version_field)};
    if (has_key) columns.push_back("key");
    std::set<int64_t> restored;
    const uint32_t after = match_.flow_after[flow.id];
    const std::string member = fmt::format("\"flow {}\"", after == kNone ? flow.name : next_->flows[after].name);
    if (undo_)
        for (const auto& one : undo_->saved)
            if (one.entity == entity.name && one.saved.find(member) != std::string::npos) restored.insert(one.record);
    LEAT_CHECK(each(work.connection(), entity, columns, [&](const store::Statement& row) -> Result<void> {
        if (row.is_null(1) || restored.count(row.integer(0))) return {};
        const int64_t version = row.is_null(2) ? 1 : row.integer(2);
        Instances& here = places[{version, std::string(row.text(1))}];
        ++here.all;
        if (ended(*version_of(flow, version), row.text(1))) return {};
        ++here.running;
        if (here.keys.size() < kNamed)
            here.keys.push_back(has_key ? std::string(row.text(3)) : std::to_string(row.integer(0)));
        return {};
    }));
    return places;
}

Result<void> Run::look_at_flows(UnitOfWork& work, std::shared_ptr<const program::Program>& next) {
    std::vector<program::PinnedFlow> pinned;
    for (const Flow& was : former_.flows) {
        if (was.pinned) continue;
        LEAT_TRY(Places places, count_instances(work, was));
        uint32_t after = match_.flow_after[was.id];
        if (after != kNone) {
            LEAT_CHECK(look_at_flow(work, was, next_->flows[after], places, pinned));
            continue;
        }
        if (match_.entity_after[was.entity] == kNone) continue;  // told as an entity that goes
        int64_t running = 0, all = 0;
        for (const auto& [where, here] : places) {
            running += here.running;
            all += here.all;
        }
        std::string what = "flow " + was.name;
        Change& change = add(Change::Kind::removed, what,
                             all == 0  ? "no record runs it"
                             : running ? "records run it; where they stand goes"
                                       : "no record runs it any more; where they ended goes",
                             all);
        if (all == 0) continue;
        change.drop = what;
        change.blocks = !may_drop(what);
    }
    if (pinned.empty()) return {};
    auto carried = engine::with_flows(next, pinned, {});
    if (carried) {
        next = next_program_ = *carried;
        next_ = next.get();
        match_ = match(former_, *next_, former_hash_, undo_ ? &undo_->renames : nullptr);
        return {};
    }
    // Which of them does not fit.
    for (const auto& one : pinned) {
        auto alone = engine::with_flows(next, {one}, {});
        if (alone) continue;
        const auto& found = alone.error().diagnostics;
        auto wrong = std::find_if(found.begin(), found.end(),
                                  [](const Diagnostic& told) { return told.severity == Severity::error; });
        for (Change& change : plan_.changes) {
            if (change.kind != Change::Kind::stays || change.what != "flow " + one.flow) continue;
            change.blocks = true;
            change.message +=
                fmt::format(", which does not fit the new definitions ({}); say in a migration what its states become",
                            wrong == found.end() ? alone.error().message : wrong->message);
        }
    }
    return {};
}

Result<void> Run::look_at_flow(UnitOfWork& work, const Flow& was, const Flow& now, const Places& places,
                               std::vector<program::PinnedFlow>& pinned) {
    const std::string what = "flow " + now.name;
    int64_t target = 0;  // the number of `now` in this file; 0: a new one
    for (const auto& one : versions_)
        if (one.flow == was.name && one.digest == now.digest) target = one.version;
    if (target == 0 && was.digest == now.digest) target = 1;
    std::map<int64_t, Instances> running;
    for (const auto& [where, here] : places)
        for (Change& change : plan_.changes) {
            auto image = match_.states[now.id].find(where.second);
            if (change.kind == Change::Kind::renamed && image != match_.states[now.id].end() &&
                image->second != where.second && change.what == fmt::format("state {}.{}", now.name, image->second))
                change.affected += here.all;
        }
    for (const auto& [where, here] : places) {
        if (here.running == 0 || where.first == target) continue;
        Instances& sum = running[where.first];
        sum.running += here.running;
        for (const auto& key : here.keys)
            if (sum.keys.size() < kNamed) sum.keys.push_back(key);
    }
    if (running.empty()) {
        if (was.digest != now.digest) add(Change::Kind::changed, what, "no record runs it");
        return {};
    }
    if (!moves(now)) {
        for (const auto& [version, here] : running) {
            const int64_t number = version;
            auto known = std::find_if(versions_.begin(), versions_.end(),
                                      [&](const auto& one) { return one.flow == was.name && one.version == number; });
            const std::string hash = known == versions_.end() ? former_hash_ : known->definition;
            const std::string name = known == versions_.end() ? was.name : known->name;
            LEAT_TRY(auto former, engine::former_flow(work.connection(), now.name, version, hash, name));
            pinned.push_back(std::move(former));
            Change& change = add(Change::Kind::stays, what, fmt::format("records that run stay on version {}", version),
                                 here.running);
            change.keys = here.keys;
        }
        return {};
    }
    for (const auto& [where, here] : places) {
        if (here.running == 0 || where.first == target) continue;
        auto image = match_.states[now.id].find(where.second);
        if (image != match_.states[now.id].end() && now.chart.find(image->second) != flow::kNone) continue;
        const std::string state = fmt::format("state {}.{}", was.name, where.second);
        std::erase_if(plan_.changes, [&](const Change& one) { return one.what == state; });
        Change& change =
            add(Change::Kind::removed, state,
                "records stand in it, and nothing says what it becomes: map it in a migration", here.running);
        change.blocks = true;
        change.keys = here.keys;
    }
    int64_t sum = 0;
    std::vector<std::string> keys;
    for (const auto& [version, here] : running) {
        sum += here.running;
        moved_versions_[now.id].insert(version);
        keys.insert(keys.end(), here.keys.begin(), here.keys.end());
    }
    keys.resize(std::min(keys.size(), kNamed));
    Change& change = add(Change::Kind::moved, what, "records that run go on in the new version", sum);
    change.keys = std::move(keys);
    // What their columns say now; some of these columns may go.
    const Entity& entity = former_.entities[was.entity];
    auto name = [&](FieldId field) { return record::column_name(entity.fields[field]); };
    std::vector<std::string_view> columns{"id", name(was.state_field), name(was.version_field),
                                          name(was.entries_field)};
    auto optional = [&](FieldId field) {
        columns.push_back(field == kNone ? std::string_view("id") : name(field));
        return field != kNone;
    };
    FieldId configuration = was.configuration_field, data = was.data_field;
    for (const auto& [version, place] : was.versions) {
        if (configuration == kNone) configuration = former_.flows[place].configuration_field;
        if (data == kNone) data = former_.flows[place].data_field;
    }
    const bool nested = optional(configuration), remembers = optional(data);
    return each(work.connection(), entity, columns, [&](const store::Statement& row) -> Result<void> {
        const int64_t version = row.is_null(2) ? 1 : row.integer(2);
        if (row.is_null(1) || version == target || ended(*version_of(was, version), row.text(1))) return {};
        auto& standing = standing_[{now.id, row.integer(0)}];
        standing.first = version;
        standing.second.state = row.text(1);
        standing.second.entries = row.integer(3);
        if (nested) standing.second.configuration = row.text(4);
        if (remembers) standing.second.data = row.text(5);
        return {};
    });
}

// A migration's formulas are over the records as they were.
Result<void> Run::ask_sets(UnitOfWork& work) {
    for (const auto* migration : match_.migrations) {
        for (const auto& set : migration->sets) {
            const Entity& now = *next_->find_entity(set.entity);
            const Field& field = *now.find(set.field);
            const EntityId was = match_.entity_before[now.id];
            if (was == kNone) continue;
            Diagnostics diagnostics;
            std::unique_ptr<feel::Expression> formula;
            {
                auto scope = former_.scope_of(was);
                feel::CompileOptions options;
                options.self = scope->types().record(was);
                formula = feel::compile(set.formula, *scope, options, diagnostics);
            }
            if (!formula) {
                Error error =
                    make_error(Status::program, "deploy.migration",
                               fmt::format("migration '{}' sets {}.{} from records as they were, but '{}' does "
                                           "not fit those: {}",
                                           migration->name, now.name, field.name, set.formula.text,
                                           diagnostics.all().empty() ? "" : diagnostics.all()[0].message));
                error.diagnostics = diagnostics.take();
                return error;
            }
            Result<void> problem;
            LEAT_CHECK(work.records().scan(was, nullptr, work.locals().data(), query::AccessScope::everything(),
                                           [&](record::Row& row) {
                                               auto value = work.evaluate(*formula, &row);
                                               if (!value) {
                                                   problem = std::move(value.error());
                                                   return false;
                                               }
                                               SetValue made{now.id, row.id, field.id, {}, Value()};
                                               if (value->kind == Kind::record) {
                                                   const EntityId to = match_.entity_after[value->aux];
                                                   if (to != kNone)
                                                       made.record = Value::record_of(to, value->record.id);
                                               } else {
                                                   engine::append_typed(former_, *value, made.typed);
                                               }
                                               sets_.push_back(std::move(made));
                                               return true;
                                           }));
            LEAT_CHECK(std::move(problem));
        }
    }
    return {};
}

// Values that will not be there afterwards, for whoever undoes this deployment.
Result<void> Run::keep_values(UnitOfWork& work) {
    record::PlanCache plans(former_);
    for (const Entity& entity : former_.entities) {
        const EntityId now = match_.entity_after[entity.id];
        if (now == kNone || records_[entity.id] == 0) continue;
        std::vector<const Field*> fields;
        std::vector<std::string_view> columns{"id"};
        for (const Field& field : entity.fields) {
            if (field.origin != program::Origin::declared || plans.of(entity.id).column_of[field.id] < 0 ||
                field.formula)
                continue;
            const FieldId after = match_.field_after[entity.id][field.id];
            if (after != kNone) {
                const Field& same = next_->entities[now].fields[after];
                if (same.stored && record::same_column(field, same, true) && !set_by_migration(now, after) &&
                    !same.formula && match_.values[now][after].empty())
                    continue;
            }
            fields.push_back(&field);
            columns.push_back(record::column_name(field));
        }
        if (fields.empty()) continue;
        Arena arena(64u << 20);
        LEAT_CHECK(each(work.connection(), entity, columns, [&](const store::Statement& row) -> Result<void> {
            for (size_t i = 0; i < fields.size(); ++i) {
                if (row.is_null(static_cast<int>(i) + 1)) continue;
                arena.reset();
                LEAT_TRY(Value value, record::from_column(former_, *fields[i], row, static_cast<int>(i) + 1, arena));
                std::string typed;
                engine::append_typed(former_, value, typed);
                saved_[{next_->entities[now].name, row.integer(0)}]["field " + fields[i]->name] = std::move(typed);
            }
            return {};
        }));
    }
    return {};
}

}  // namespace leat::deploy
