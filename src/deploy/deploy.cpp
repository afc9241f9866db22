#include "deploy/deploy.hpp"

#include <fmt/format.h>

#include "base/json.hpp"
#include "deploy/run.hpp"
#include "engine/definitions.hpp"

namespace leat::deploy {

namespace {

using engine::Outcome;

// Why a plan does not go ahead, in the shape of refusals.
Outcome refused(const Plan& plan) {
    Outcome outcome;
    outcome.refused = true;
    JsonWriter json(outcome.json);
    json.begin_object().key("refused").boolean(true).key("plan").raw(plan.to_json()).key("refusals").begin_array();
    for (const auto& one : plan.changes) {
        if (!one.blocks) continue;
        std::string message = fmt::format("{}: {} ({} records{}{})", one.what, one.message, one.affected,
                                          one.keys.empty() ? "" : ": ", fmt::join(one.keys, ", "));
        if (!one.drop.empty())
            message += fmt::format("; to {} without them, drop '{}'",
                                   one.kind == Change::Kind::added ? "go back" : "go ahead", one.drop);
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

Result<Outcome> carry_out(engine::Engine& engine, const std::shared_ptr<const program::Program>& next,
                          std::string_view actor, const Options& options, const Undo* undo) {
    if (actor != engine::kSystem) return make_error(Status::usage, "deploy.actor", "deploying is the system's");
    {
        Run rehearsal(engine, next, options, undo);
        LEAT_TRY(Outcome tried, rehearsal.run(actor, true));
        if (tried.refused) return tried;
        if (rehearsal.plan().blocked()) return refused(rehearsal.plan());
    }
    if (!options.backup.empty()) LEAT_CHECK(engine.backup(options.backup));
    Run run(engine, next, options, undo);
    auto done = run.run(actor, false);
    if (done || done.error().code != "deploy.blocked") return done;
    return refused(run.plan());  // somebody wrote in between
}

// Former definitions as they were, without the present flows that records may run on: the run adds those.
Result<Undo> last_deployment(engine::Engine& engine) {
    auto& connection = engine.connection();
    Undo undo;
    LEAT_TRY(auto last, catalog::last_deployment(connection));
    const std::string present = base::to_hex(engine.program().hash);
    if (!last || last->from.empty() || last->to != present)
        return make_error(Status::not_found, "deploy.nothing_to_undo",
                          fmt::format("'{}' keeps no deployment that could be undone", connection.path()));
    undo.deployment = std::move(*last);
    LEAT_TRY(Json names, parse_json(undo.deployment.names));
    for (const Json& one : names.items)
        if (one.items.size() == 2) undo.renames.emplace_back(one.items[0].text, one.items[1].text);
    LEAT_TRY(undo.saved, catalog::saved_values(connection, undo.deployment.sequence));
    LEAT_TRY(std::string dropped, catalog::get(connection, "dropped"));
    if (!dropped.empty()) {
        LEAT_TRY(Json json, parse_json(dropped));
        if (const Json* backup = json.find("backup")) undo.backup = backup->text;
        if (const Json* entities = json.find("entities"))
            for (const auto& [name, count] : entities->members)
                undo.gone[name] = Decimal::parse(count.text).value_or(Decimal(0)).to_int64().value_or(0);
    }
    return undo;
}

}  // namespace

bool Plan::blocked() const {
    for (const auto& change : changes)
        if (change.blocks) return true;
    return false;
}

std::string Plan::to_json() const {
    static constexpr std::string_view kNames[] = {"added",   "removed",  "changed", "renamed",
                                                  "widened", "narrowed", "moved",   "stays"};
    std::string out;
    JsonWriter json(out);
    json.begin_object().key("blocked").boolean(blocked()).key("changes").begin_array();
    for (const auto& one : changes) {
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
            .key("drop")
            .string(one.drop)
            .key("records")
            .begin_array();
        for (const auto& key : one.keys) json.string(key);
        json.end_array().end_object();
    }
    json.end_array().end_object();
    return out;
}

Result<Plan> plan(engine::Engine& engine, std::shared_ptr<const program::Program> next, const Options& options) {
    Run run(engine, std::move(next), options);
    LEAT_TRY(Outcome tried, run.run(engine::kSystem, true));
    (void)tried;
    return std::move(run.plan());
}

Result<Outcome> deploy(engine::Engine& engine, std::shared_ptr<const program::Program> next, std::string_view actor,
                       const Options& options) {
    return carry_out(engine, next, actor, options, nullptr);
}

Result<Outcome> undo(engine::Engine& engine, std::string_view actor, const Options& options) {
    LEAT_TRY(Undo last, last_deployment(engine));
    LEAT_TRY(auto former, engine::stored_program(engine.connection(), {}, last.deployment.from));
    return carry_out(engine, former, actor, options, &last);
}

}  // namespace leat::deploy
