#include "engine/engine.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "catalog/catalog.hpp"
#include "engine/definitions.hpp"
#include "engine/unit_of_work.hpp"
#include "exchange/ledger.hpp"
#include "file/file.hpp"
#include "inbox/inbox.hpp"
#include "timer/suspension.hpp"

namespace leat::engine {

Engine::~Engine() = default;

void Engine::forget() {
    parts_->data_version = -1;
}

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
    LEAT_TRY(program, with_former_flows(std::move(program), connection, options.limits));
    engine->prepare(program);
    LEAT_CHECK(engine->read_flow_versions());
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
    LEAT_CHECK(file::create_tables(connection));
    return inbox::create_tables(connection);
}

void Engine::prepare(std::shared_ptr<const program::Program> program) {
    program_ = std::move(program);
    auto& parts = *parts_;
    parts.definition_hex = base::to_hex(program_->hash);
    parts.data_version = -1;
    ++parts.people;
    parts.flow_versions.assign(program_->flows.size(), 1);
    for (const auto& flow : program_->flows)
        if (flow.pinned) parts.flow_versions[flow.id] = flow.pinned;
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
    parts.file_fields.assign(program_->entities.size(), {});
    for (const auto& entity : program_->entities)
        for (const auto& field : entity.fields)
            if (field.stored && names_files(field)) parts.file_fields[entity.id].push_back(field.id);
    parts.waiters.assign(program_->entities.size(), {});
    for (const auto& entity : program_->entities) {
        bool waits = std::any_of(program_->flows.begin(), program_->flows.end(), [&](const program::Flow& flow) {
            return flow.entity == entity.id && parts.has_eventless[flow.id];
        });
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

Result<journal::Verification> Engine::verify() {
    LEAT_CHECK(parts_->not_in_batch());
    parts_->queue.lock();
    auto result = journal::verify(*writer_);
    if (result && result->first_bad == 0)
        if (auto checked = verify_loads(*result); !checked) result = std::move(checked.error());
    parts_->queue.unlock();
    return result;
}

}  // namespace leat::engine
