// Other definitions for a file: tables, sources, versions of flows, one log row.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/json.hpp"
#include "catalog/catalog.hpp"
#include "engine/unit_of_work.hpp"

namespace leat::engine {

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

// A deployment touches as many records as there are (SEMANTICS 1.7).
Limits without_bounds(Limits limits) {
    limits.records_max = std::numeric_limits<uint32_t>::max();
    limits.steps_max = std::numeric_limits<uint64_t>::max();
    limits.memory_bytes_max = uint64_t{1} << 40;
    return limits;
}

}  // namespace

Result<void> Engine::read_flow_versions() {
    LEAT_TRY(auto versions, catalog::flow_versions(*writer_));
    for (const auto& flow : program_->flows) {
        if (flow.pinned) continue;
        bool known = false;
        // They come in order: where no digest is this one, the last stands for it.
        for (const auto& one : versions) {
            if (one.flow != flow.name || known) continue;
            known = one.digest == flow.digest;
            parts_->flow_versions[flow.id] = one.version;
        }
    }
    return {};
}

// Each text of a flow has its number. A file that knows none yet gives the first to the flows that it had.
Result<void> Engine::number_flows(const program::Program* before, const std::string& before_hash) {
    LEAT_TRY(auto versions, catalog::flow_versions(*writer_));
    auto number = [&](const program::Flow& flow, const std::string& hash) -> Result<void> {
        int64_t last = 0;
        for (const auto& one : versions) {
            if (one.flow != flow.name) continue;
            if (one.digest == flow.digest) return {};
            last = std::max(last, one.version);
        }
        versions.push_back({flow.name, last + 1, flow.digest, hash, flow.name, false});
        return catalog::put_flow_version(*writer_, versions.back());
    };
    if (before && !before_hash.empty())
        for (const auto& flow : before->flows)
            if (!flow.pinned) LEAT_CHECK(number(flow, before_hash));
    for (const auto& flow : program_->flows)
        if (!flow.pinned) LEAT_CHECK(number(flow, parts_->definition_hex));
    // Which of them records run on, in the words of this program.
    for (auto& one : versions) {
        bool pinned = std::any_of(program_->flows.begin(), program_->flows.end(), [&](const program::Flow& flow) {
            return flow.pinned == one.version && flow.name == one.flow;
        });
        if (pinned == one.pinned) continue;
        one.pinned = pinned;
        LEAT_CHECK(catalog::put_flow_version(*writer_, one));
    }
    return read_flow_versions();
}

Result<Outcome> Engine::adopt_in_transaction(std::shared_ptr<const program::Program> program,
                                             std::string_view actor_key, const Adoption& adoption) {
    auto& connection = *writer_;
    Actor actor{std::string(actor_key)};
    const auto before = program_;
    LEAT_TRY(const std::string before_hash, catalog::get(connection, "definition"));
    if (adoption.before) {
        Arena arena(options_.limits.memory_bytes_max);
        UnitOfWork work(*this, actor, arena, true);
        LEAT_CHECK(work.begin());
        LEAT_CHECK(adoption.before(work, program));
    }
    if (!before_hash.empty() && before) LEAT_CHECK(number_flows(before.get(), before_hash));
    if (adoption.tables) LEAT_CHECK(adoption.tables(connection));
    prepare(std::move(program));
    LEAT_CHECK(record::create_entity_tables(*program_, connection));
    std::vector<catalog::StoredSource> sources;
    for (const auto& one : program_->sources_text) sources.push_back({one.name, one.text, one.root});
    LEAT_TRY(parts_->head, parts_->journal->head());
    int64_t now = std::max(clock_us(), parts_->head.time_us);
    LEAT_CHECK(catalog::store_definition(connection, parts_->definition_hex, sources, now, parts_->head.sequence + 1));
    LEAT_CHECK(catalog::put(connection, "definition", parts_->definition_hex));
    LEAT_CHECK(catalog::put(connection, "tzdata", value::zone_database_version()));
    LEAT_CHECK(number_flows(nullptr, {}));
    Arena arena(options_.limits.memory_bytes_max);
    UnitOfWork fill(*this, actor, arena, true);
    LEAT_CHECK(fill.begin());
    fill.set_quiet();
    fill.mark_effects();
    if (adoption.after) LEAT_CHECK(adoption.after(fill));
    LEAT_CHECK(fill_new_fields(fill));
    if (adoption.filled) LEAT_CHECK(adoption.filled(fill));
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
    if (!adoption.more.empty()) command.insert(command.size() - 1, adoption.more);
    Outcome outcome;
    auto concluded = fill.conclude(outcome, command, nullptr, false);
    if (!concluded) {
        if (concluded.error().status != Status::ok) return std::move(concluded.error());
        return fill.fail(std::move(concluded.error()));
    }
    if (adoption.written) LEAT_CHECK(adoption.written(fill));
    outcome.json.clear();
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
}

Result<Outcome> Engine::adopt(std::shared_ptr<const program::Program> program, std::string_view actor_key,
                              const Adoption& adoption) {
    LEAT_CHECK(parts_->not_in_batch());
    if (actor_key != kSystem) return make_error(Status::usage, "deploy.actor", "deploying is the system's");
    parts_->queue.lock();
    auto adopted = [&]() -> Result<Outcome> {
        const bool own_file = !writer_->joined() && writer_->path() != ":memory:";
        if (!adoption.rehearse || (!own_file && !writer_->read_only()))
            return adopt_here(*this, std::move(program), actor_key, adoption);
        // Readers of this engine go on meanwhile: what is only tried is tried on another connection.
        if (!writer_->read_only()) {
            store::OpenOptions options = options_.store;
            options.create = false;
            LEAT_TRY(auto connection, store::Connection::open(options));
            auto tried = rehearse_on(std::move(connection), program, actor_key, adoption);
            if (tried || tried.error().code != "store.busy") return tried;
        }
        // Where nothing may be written, or somebody else writes for long, on a copy.
        LEAT_TRY(auto copy, writer_->scratch());
        return rehearse_on(std::move(copy), program, actor_key, adoption);
    }();
    parts_->data_version = -1;
    parts_->queue.unlock();
    if (adopted && !adopted->refused && !adoption.rehearse) LEAT_CHECK(recompute_timers());
    return adopted;
}

Result<Outcome> Engine::rehearse_on(std::unique_ptr<store::Connection> connection,
                                    const std::shared_ptr<const program::Program>& program, std::string_view actor_key,
                                    const Adoption& adoption) {
    Engine other;
    other.options_ = options_;
    other.parts_ = std::make_unique<Parts>(options_.limits.memory_bytes_max);
    other.writer_ = std::move(connection);
    other.parts_->journal = std::make_unique<journal::Journal>(*other.writer_);
    other.parts_->functions = parts_->functions;
    if (writer_->read_only()) LEAT_CHECK(other.initialise());  // tables that a newer Leat has
    other.prepare(program_);
    LEAT_CHECK(other.read_flow_versions());
    return adopt_here(other, program, actor_key, adoption);
}

Result<Outcome> Engine::adopt_here(Engine& engine, std::shared_ptr<const program::Program> program,
                                   std::string_view actor_key, const Adoption& adoption) {
    auto& connection = *engine.writer_;
    const auto before = engine.program_;
    const Limits limits = engine.options_.limits;
    engine.options_.limits = without_bounds(limits);
    auto work = [&]() -> Result<Outcome> {
        LEAT_CHECK(connection.begin_write());
        LEAT_TRY(Outcome outcome, engine.adopt_in_transaction(std::move(program), actor_key, adoption));
        if (outcome.refused || adoption.rehearse) {
            connection.rollback();
            outcome.sequence = 0;
        } else {
            LEAT_CHECK(connection.commit());
        }
        return outcome;
    };
    auto outcome = work();
    engine.options_.limits = limits;
    while (!outcome && connection.depth() > 0) connection.rollback();
    if ((!outcome || outcome->refused || adoption.rehearse) && before) {
        engine.prepare(before);
        auto numbered = engine.read_flow_versions();
        if (!numbered && outcome) outcome = std::move(numbered.error());
    }
    return outcome;
}

Result<void> Engine::backup(const std::string& path) {
    LEAT_CHECK(parts_->not_in_batch());
    parts_->queue.lock();
    auto copied = writer_->backup(path);
    parts_->queue.unlock();
    return copied;
}

}  // namespace leat::engine
