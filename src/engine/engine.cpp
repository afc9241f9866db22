#include "engine/engine.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "catalog/catalog.hpp"
#include "engine/unit_of_work.hpp"
#include "exchange/ledger.hpp"
#include "inbox/inbox.hpp"
#include "program/load.hpp"
#include "timer/suspension.hpp"

namespace leat::engine {

namespace {

// The program that the file itself holds, from its stored sources.
Result<std::shared_ptr<const program::Program>> stored_program(store::Connection& connection, const Limits& limits) {
    LEAT_TRY(std::string hash, catalog::get(connection, "definition"));
    if (hash.empty())
        return make_error(
            Status::not_found, "engine.no_definitions",
            fmt::format("'{}' holds no definitions yet: open it with a program first", connection.path()));
    LEAT_TRY(auto stored, catalog::load_definition(connection, hash));
    std::vector<program::Source> sources;
    // What another source names is found among the stored ones by the end of its name.
    auto files = [&](const std::string&, const std::string& path) -> std::optional<std::string> {
        for (const auto& one : stored)
            if (one.name == path || one.name.ends_with("/" + path)) return one.text;
        return std::nullopt;
    };
    for (const auto& one : stored)
        if (one.root) sources.push_back({one.name, one.text, true});
    Diagnostics diagnostics;
    base::Sources printing;
    program::LoadOptions options;
    options.limits = limits;
    auto program = program::load(sources, files, options, diagnostics, printing);
    if (!program) {
        Error error =
            make_error(Status::program, "engine.stored_definitions",
                       fmt::format("the definitions stored in '{}' no longer compile with this version of Leat",
                                   connection.path()));
        error.diagnostics = diagnostics.take();
        return error;
    }
    return std::shared_ptr<const program::Program>(std::move(program));
}

}  // namespace

Engine::~Engine() = default;

void Engine::forget() {
    parts_->data_version = -1;
}

namespace {

// Fields that are new get their defaults in records that were there before.
Result<void> fill_new_fields(UnitOfWork& work) {
    for (const auto& entity : work.program().entities) {
        bool has_default = std::any_of(entity.fields.begin(), entity.fields.end(), [](const auto& field) {
            return field.stored && field.default_value && !field.formula;
        });
        if (!has_default) continue;
        std::vector<record::Row*> rows;
        LEAT_CHECK(work.records().scan(entity.id, nullptr, work.locals().data(), query::AccessScope::everything(),
                                       [&](record::Row& row) {
                                           rows.push_back(&row);
                                           return true;
                                       }));
        for (auto* row : rows) LEAT_CHECK(work.records().apply_defaults(*row));
        LEAT_CHECK(work.records().settle());
    }
    return {};
}

}  // namespace

int64_t Engine::clock_us() {
    return (options_.clock ? *options_.clock : base::system_clock()).now_us();
}

Result<std::shared_ptr<Engine>> Engine::open(std::shared_ptr<const program::Program> program, Options options) {
    std::shared_ptr<Engine> engine(new Engine());
    engine->parts_ = std::make_unique<Parts>(options.limits.memory_bytes_max);
    engine->options_ = options;
    LEAT_TRY(engine->writer_,
             options.joined ? store::Connection::join(options.joined) : store::Connection::open(options.store));
    auto& connection = *engine->writer_;
    engine->parts_->journal = std::make_unique<journal::Journal>(connection);
    const bool writable = !connection.read_only();
    if (writable) {
        LEAT_CHECK(connection.begin_write());
        auto made = engine->initialise();
        if (!made) {
            connection.rollback();
            return std::move(made.error());
        }
        LEAT_CHECK(connection.commit());
    }
    if (!program) {
        LEAT_TRY(program, stored_program(connection, options.limits));
    }
    engine->prepare(program);
    LEAT_TRY(std::string deployed, catalog::get(connection, "definition"));
    if (deployed.empty() && options.deploy_first && writable) {
        LEAT_TRY(auto outcome, engine->adopt(program, kSystem));
        (void)outcome;
    } else if (deployed != engine->parts_->definition_hex) {
        return make_error(Status::conflict, "engine.definitions_changed",
                          deployed.empty()
                              ? fmt::format("'{}' holds no definitions yet: deploy them first", connection.path())
                              : fmt::format("the definitions in '{}' are others than the given ones: deploy these "
                                            "first, or open the file with its own",
                                            connection.path()));
    }
    if (writable) {
        LEAT_CHECK(engine->note_zone_database());
        LEAT_CHECK(engine->recompute_timers());
    }
    return engine;
}

// Rules of time zones can change an answer: a library with other ones than the file last saw says so in the log.
Result<void> Engine::note_zone_database() {
    LEAT_TRY(std::string before, catalog::get(*writer_, "tzdata"));
    std::string now = value::zone_database_version();
    if (before == now) return {};
    UnitOfWork work(*this, parts_->system, parts_->arena, false);
    LEAT_CHECK(work.begin());
    LEAT_CHECK(catalog::put(*writer_, "tzdata", now));
    LEAT_CHECK(catalog::put(*writer_, "recompute", "tzdata " + now));
    work.mark_effects();
    std::string command;
    JsonWriter json(command);
    json.begin_object().key("do").string("tzdata").key("from").string(before).key("to").string(now).end_object();
    Outcome outcome;
    return work.conclude(outcome, command, nullptr, false);
}

Result<void> Engine::initialise() {
    auto& connection = *writer_;
    LEAT_CHECK(catalog::create_tables(connection));
    LEAT_CHECK(journal::Journal::create_tables(connection));
    LEAT_CHECK(task::create_tables(connection));
    LEAT_CHECK(timer::create_tables(connection));
    LEAT_CHECK(outbox::create_tables(connection));
    LEAT_CHECK(exchange::create_import_tables(connection));
    return inbox::create_tables(connection);
}

void Engine::prepare(std::shared_ptr<const program::Program> program) {
    program_ = std::move(program);
    auto& parts = *parts_;
    parts.definition_hex = base::to_hex(program_->hash);
    parts.data_version = -1;
    ++parts.people;
    parts.plans = std::make_shared<record::PlanCache>(*program_);
    parts.has_eventless.clear();
    for (const auto& definition : program_->flows) {
        const auto& all = definition.chart.transitions;
        parts.has_eventless.push_back(
            std::any_of(all.begin(), all.end(), [](const auto& t) { return t.event == flow::kNone; }));
    }
    parts.has_demands.clear();
    for (const auto& definition : program_->flows)
        parts.has_demands.push_back(
            std::any_of(definition.states.begin(), definition.states.end(),
                        [](const auto& state) { return state.approval || !state.required_fields.empty(); }));
    parts.waiters.assign(program_->entities.size(), {});
    for (const auto& entity : program_->entities) {
        bool waits =
            std::any_of(entity.flows.begin(), entity.flows.end(), [&](uint32_t f) { return parts.has_eventless[f]; });
        if (!waits) continue;
        for (const auto& list : entity.fields)
            if (list.kind == program::FieldKind::list && !list.scalar_list && list.to != program::kNone &&
                list.by != program::kNone)
                parts.waiters[list.to].push_back({list.by, entity.id});
    }
}

Result<void> Engine::refresh(bool in_batch) {
    auto& parts = *parts_;
    auto& connection = *writer_;
    if (in_batch && parts.data_version != -1 && !connection.joined()) return {};  // nobody else can have written
    int64_t version = -2;
    if (!connection.joined()) {
        LEAT_TRY(version, connection.data_version());
        if (version == parts.data_version) return {};
    }
    LEAT_TRY(std::string deployed, catalog::get(connection, "definition"));
    if (!deployed.empty() && deployed != parts.definition_hex)
        return make_error(
            Status::conflict, "engine.definitions_changed",
            fmt::format("somebody deployed other definitions into '{}': open it again", connection.path()));
    LEAT_TRY(parts.head, parts_->journal->head());
    LEAT_CHECK(parts.settings.read(*program_, connection));
    LEAT_TRY(auto suspensions, timer::suspensions(connection));
    parts.suspended.clear();
    for (auto& one : suspensions) parts.suspended[{std::move(one.entity), one.record}] = std::move(one.reason);
    ++parts.people;
    parts.data_version = version;
    return {};
}

Result<std::unique_ptr<Session>> Engine::session(std::string_view actor) {
    std::unique_ptr<Session> session(new Session(shared_from_this(), std::string(actor)));
    session->set_language(options_.language);
    if (actor == kSystem) return session;
    // An unknown actor is told now, not at the first command.
    LEAT_CHECK(session->read([](Reading&) { return Result<void>(); }));
    return session;
}

Result<void> Engine::on_function(std::string_view name, HostFunction function) {
    for (const auto& known : program_->functions)
        if (known.kind == program::Function::Kind::host && known.name == name) {
            parts_->functions[std::string(name)] = std::move(function);
            return {};
        }
    return make_error(
        Status::not_found, "function.unknown",
        fmt::format("the definitions declare no host function '{}' (a `functions:` entry without a formula)", name));
}

Result<void> Engine::on_delivery(std::string_view topic, Handler handler) {
    if (topic.empty())
        return make_error(Status::usage, "delivery.topic",
                          "a topic is 'connector.operation', 'connector.*', 'notice' or 'notice.*'");
    parts_->handlers[std::string(topic)] = std::move(handler);
    return {};
}

Result<Outcome> Engine::adopt(std::shared_ptr<const program::Program> program, std::string_view actor_key) {
    LEAT_CHECK(parts_->not_in_batch());
    const auto before = program_;
    prepare(std::move(program));
    Actor actor{std::string(actor_key)};
    if (!actor.system) return make_error(Status::usage, "deploy.actor", "deploying is the system's");
    Arena arena(options_.limits.memory_bytes_max);
    auto& connection = *writer_;
    parts_->queue.lock();
    auto work = [&]() -> Result<Outcome> {
        LEAT_CHECK(connection.begin_write());
        LEAT_CHECK(record::create_entity_tables(*program_, connection));
        std::vector<catalog::StoredSource> sources;
        for (const auto& one : program_->sources_text) sources.push_back({one.name, one.text, one.root});
        LEAT_TRY(parts_->head, parts_->journal->head());
        int64_t now = std::max(clock_us(), parts_->head.time_us);
        LEAT_CHECK(
            catalog::store_definition(connection, parts_->definition_hex, sources, now, parts_->head.sequence + 1));
        LEAT_CHECK(catalog::put(connection, "definition", parts_->definition_hex));
        LEAT_CHECK(catalog::put(connection, "tzdata", value::zone_database_version()));
        UnitOfWork fill(*this, actor, arena, true);
        LEAT_CHECK(fill.begin());
        fill.set_quiet();
        fill.mark_effects();
        LEAT_CHECK(fill_new_fields(fill));
        LEAT_CHECK(fill.plan_schedules());
        if (before && before->calendars != program_->calendars)
            LEAT_CHECK(catalog::put(connection, "recompute", "calendars"));
        std::string command;
        JsonWriter(command)
            .begin_object()
            .key("do")
            .string("deploy")
            .key("app")
            .string(program_->app_name)
            .key("version")
            .string(program_->app_version)
            .key("hash")
            .string(parts_->definition_hex)
            .end_object();
        Outcome outcome;
        LEAT_CHECK(fill.conclude(outcome, command, nullptr, false));
        LEAT_CHECK(connection.commit());
        JsonWriter(outcome.json)
            .begin_object()
            .key("refused")
            .boolean(false)
            .key("sequence")
            .number(outcome.sequence)
            .key("definition")
            .string(parts_->definition_hex)
            .end_object();
        return outcome;
    };
    auto outcome = work();
    if (!outcome) {
        if (connection.depth() > 0) connection.rollback();
        if (before) prepare(before);
    }
    parts_->data_version = -1;
    parts_->queue.unlock();
    if (outcome) LEAT_CHECK(recompute_timers());
    return outcome;
}

Result<journal::Verification> Engine::verify() {
    LEAT_CHECK(parts_->not_in_batch());
    parts_->queue.lock();
    auto result = journal::verify(*writer_);
    parts_->queue.unlock();
    return result;
}

}  // namespace leat::engine
