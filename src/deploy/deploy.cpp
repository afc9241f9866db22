#include "deploy/deploy.hpp"

#include <fmt/format.h>

#include <map>

#include "base/json.hpp"
#include "engine/reading.hpp"

namespace leat::deploy {

namespace {

using engine::Reading;
using program::Entity;
using program::Field;

// How a column keeps a value: two fields that agree may share it.
std::string storage_of(const Field& field) {
    using program::FieldKind;
    switch (field.kind) {
        case FieldKind::decimal:
        case FieldKind::money:
            return fmt::format("a number with {} digits after the point", field.scale);
        case FieldKind::integer:
            return "a whole number";
        case FieldKind::boolean:
            return "true or false";
        case FieldKind::date:
            return "a date";
        case FieldKind::time:
            return "a time";
        case FieldKind::datetime:
            return "a date and time";
        case FieldKind::duration:
            return "a duration";
        case FieldKind::ref:
            return "a reference";
        case FieldKind::list:
            return "a list";
        case FieldKind::json:
            return "JSON";
        default:
            return "text";
    }
}

class Comparison {
 public:
    Comparison(Reading& view, const program::Program& next, Plan& plan)
        : view_(view), old_(view.program()), next_(next), plan_(plan) {}

    Result<void> run() {
        for (const auto& entity : old_.entities) {
            const auto* now = next_.find_entity(entity.name);
            LEAT_TRY(int64_t rows, count(entity, {}));
            if (!now)
                add(Change::Kind::removed, "entity " + entity.name,
                    rows ? "its records would no longer be reachable" : "it has no records", rows > 0, rows);
            else
                LEAT_CHECK(fields(entity, *now, rows));
        }
        for (const auto& entity : next_.entities)
            if (!old_.find_entity(entity.name))
                add(Change::Kind::added, "entity " + entity.name, "gets a table of its own", false, 0);
        for (const auto& flow : old_.flows) LEAT_CHECK(states(flow));
        return {};
    }

 private:
    void add(Change::Kind kind, std::string what, std::string message, bool blocks, int64_t affected) {
        plan_.changes.push_back({kind, std::move(what), std::move(message), blocks, affected});
    }

    Result<int64_t> count(const Entity& entity, const std::function<bool(record::Row&)>& test) {
        int64_t n = 0;
        LEAT_CHECK(view_.records().scan(entity.id, nullptr, view_.locals().data(), query::AccessScope::everything(),
                                        [&](record::Row& row) {
                                            if (!test || test(row)) ++n;
                                            return true;
                                        }));
        return n;
    }

    Result<void> fields(const Entity& before, const Entity& after, int64_t rows) {
        for (const auto& field : before.fields) {
            if (field.origin != program::Origin::declared || !field.stored) continue;
            std::string what = fmt::format("field {}.{}", before.name, field.name);
            const auto* now = after.find(field.name);
            LEAT_TRY(int64_t filled, rows == 0 ? Result<int64_t>(0) : count(before, [&](record::Row& row) {
                         return !row.fields[field.id].is_null();
                     }));
            if (!now || !now->stored) {
                add(Change::Kind::removed, what,
                    filled ? "its values would no longer be reachable" : "it holds no values",
                    filled > 0 && !field.formula, filled);
                continue;
            }
            if (storage_of(field) != storage_of(*now))
                add(Change::Kind::changed, what,
                    fmt::format("was {}, would be {}", storage_of(field), storage_of(*now)), true, filled);
            if (now->required && !field.required && !now->default_value && rows > filled)
                add(Change::Kind::changed, what, "becomes required, but records leave it empty; give it a default",
                    true, rows - filled);
            if (field.enumeration && now->enumeration) {
                LEAT_TRY(int64_t lost, count(before, [&](record::Row& row) {
                             const Value& v = row.fields[field.id];
                             return v.kind == Kind::string && now->enumeration->find(v.as_string()) < 0;
                         }));
                if (lost)
                    add(Change::Kind::changed, what, "records hold values that its list no longer has", true, lost);
            }
        }
        for (const auto& field : after.fields) {
            if (field.origin != program::Origin::declared || before.find(field.name)) continue;
            bool blocks = field.required && !field.default_value && !field.formula && rows > 0;
            add(Change::Kind::added, fmt::format("field {}.{}", after.name, field.name),
                blocks                ? "is required, but existing records have no value for it; give it a default"
                : field.default_value ? "existing records get its default"
                                      : "empty in existing records",
                blocks, rows);
        }
        return {};
    }

    Result<void> states(const program::Flow& flow) {
        const auto* now = next_.find_flow(flow.name);
        std::map<std::string, int64_t> live;
        LEAT_CHECK(view_.records().scan(flow.entity, nullptr, view_.locals().data(), query::AccessScope::everything(),
                                        [&](record::Row& row) {
                                            const Value& state = row.fields[flow.state_field];
                                            if (state.kind == Kind::string) ++live[std::string(state.as_string())];
                                            return true;
                                        }));
        for (const auto& [state, n] : live) {
            if (now && now->chart.find(state) != flow::kNone) continue;
            add(Change::Kind::removed, fmt::format("state {}.{}", flow.name, state),
                "records stand in it and would have nowhere to go", true, n);
        }
        if (now)
            for (size_t i = 1; i < now->states.size(); ++i)
                if (flow.chart.find(now->states[i].name) == flow::kNone)
                    add(Change::Kind::added, fmt::format("state {}.{}", flow.name, now->states[i].name),
                        "no record stands in it yet", false, 0);
        return {};
    }

    Reading& view_;
    const program::Program& old_;
    const program::Program& next_;
    Plan& plan_;
};

}  // namespace

bool Plan::blocked() const {
    for (const auto& change : changes)
        if (change.blocks) return true;
    return false;
}

std::string Plan::to_json() const {
    static constexpr std::string_view kNames[] = {"added", "removed", "changed"};
    std::string out;
    JsonWriter json(out);
    json.begin_object().key("blocked").boolean(blocked()).key("changes").begin_array();
    for (const auto& one : changes)
        json.begin_object()
            .key("kind")
            .string(kNames[static_cast<int>(one.kind)])
            .key("what")
            .string(one.what)
            .key("message")
            .string(one.message)
            .key("blocks")
            .boolean(one.blocks)
            .key("affected")
            .number(one.affected)
            .end_object();
    json.end_array().end_object();
    return out;
}

Result<Plan> plan(engine::Engine& engine, const program::Program& next) {
    Plan plan;
    LEAT_TRY(auto session, engine.session(engine::kSystem));
    LEAT_CHECK(session->read([&](Reading& view) { return Comparison(view, next, plan).run(); }));
    return plan;
}

Result<engine::Outcome> deploy(engine::Engine& engine, std::shared_ptr<const program::Program> next,
                               std::string_view actor) {
    LEAT_TRY(Plan made, plan(engine, *next));
    if (!made.blocked()) return engine.adopt(std::move(next), actor);
    engine::Outcome outcome;
    outcome.refused = true;
    JsonWriter json(outcome.json);
    json.begin_object().key("refused").boolean(true).key("plan").raw(made.to_json()).key("refusals").begin_array();
    for (const auto& one : made.changes) {
        if (!one.blocks) continue;
        std::string message = fmt::format("{}: {} ({} records)", one.what, one.message, one.affected);
        json.begin_object()
            .key("code")
            .string("deploy.blocked")
            .key("at")
            .string(one.what)
            .key("message")
            .string(message)
            .key("fields")
            .begin_array()
            .end_array()
            .end_object();
        outcome.refusals.push_back({"deploy.blocked", one.what, std::move(message), {}});
    }
    json.end_array().end_object();
    return outcome;
}

}  // namespace leat::deploy
