// What a session answers without changing anything; JSON, cut to what the actor may see.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/json.hpp"
#include "catalog/catalog.hpp"
#include "engine/history.hpp"
#include "engine/reading.hpp"
#include "engine/unknown.hpp"
#include "report/listing.hpp"
#include "report/report.hpp"
#include "task/task.hpp"
#include "timer/timer.hpp"

namespace leat::engine {

using record::Row;

Result<void> Session::read(const std::function<Result<void>(Reading&)>& work) {
    parts_->interrupted = false;
    Reading reading(*this);
    try {
        LEAT_CHECK(reading.begin());
        Watch watch(reading.connection(), parts_->interrupted);
        return work(reading);
    } catch (const LimitError& limit) {
        return make_error(Status::limit, limit.code(), limit.what());
    }
}

Result<std::string> Session::show(std::string_view entity, std::string_view key) {
    std::string out;
    LEAT_CHECK(read([&](Reading& view) -> Result<void> {
        LEAT_TRY(Row * row, view.target(entity, key));
        return view.records().append_json(*row, view.actor().scope(), out);
    }));
    return out;
}

Result<std::string> Session::list(std::string_view entity_name, std::string_view where, int64_t after_id,
                                  int64_t limit) {
    std::string out;
    LEAT_CHECK(read([&](Reading& view) -> Result<void> {
        const auto* entity = view.program().find_entity(entity_name);
        if (!entity) return unknown_entity(view.program(), entity_name);
        std::unique_ptr<feel::Expression> condition;
        if (!where.empty()) {
            LEAT_TRY(condition, report::compile_condition(view.program(), entity->id, where));
        }
        record::ScanOptions options;
        options.where = condition.get();
        options.locals = view.locals().data();
        options.after.id = after_id;
        options.page_rows = std::min<int64_t>(500, limit + 1);
        for (const auto& field : entity->fields)
            if (field.kind == program::FieldKind::ref || field.owned) options.wanted.push_back(field.id);
        JsonWriter json(out);
        json.begin_object().key("records").begin_array();
        int64_t count = 0, last = 0;
        bool more = false;
        Result<void> inner;
        LEAT_CHECK(view.records().scan(entity->id, options, view.actor().scope(), [&](Row& row) {
            if (count == limit) {
                more = true;
                return false;
            }
            std::string record;
            inner = view.records().append_json(row, view.actor().scope(), record);
            if (!inner) return false;
            json.raw(record);
            last = row.id;
            ++count;
            return true;
        }));
        if (!inner) return std::move(inner.error());
        json.end_array().key("next");
        if (more)
            json.number(last);
        else
            json.null();
        json.end_object();
        return {};
    }));
    return out;
}

Result<std::string> Session::query(std::string_view entity_name, std::string_view query_json) {
    std::string out;
    LEAT_CHECK(read([&](Reading& view) -> Result<void> {
        const auto* entity = view.program().find_entity(entity_name);
        if (!entity) return unknown_entity(view.program(), entity_name);
        LEAT_TRY(out, report::answer(view.records(), *entity, query_json, view.locals().data(), view.actor().scope()));
        return view.failure();
    }));
    return out;
}

Result<std::string> Session::tasks(bool everybody, int64_t limit) {
    std::string out;
    LEAT_CHECK(read([&](Reading& view) -> Result<void> {
        if (everybody && !view.actor().system)
            return make_error(Status::usage, "access.tasks", "everybody's tasks are for the system only");
        std::vector<std::string> roles;
        for (auto role : view.actor().roles) roles.push_back(view.program().roles[role].name);
        LEAT_TRY(auto found,
                 task::open_for(view.connection(), view.actor().key, roles, everybody || view.actor().system, limit));
        JsonWriter json(out);
        json.begin_object().key("tasks").begin_array();
        for (const auto& one : found) {
            std::string key;
            if (const auto* entity = view.program().find_entity(one.entity)) {
                LEAT_TRY(Row * row, view.records().get(entity->id, one.record));
                if (row) key = row->key();
            }
            json.begin_object().key("task").number(one.id).key("kind").string(
                one.kind == task::Kind::approval ? "approval" : "todo");
            json.key("title")
                .string(one.title)
                .key("entity")
                .string(one.entity)
                .key("key")
                .string(key)
                .key("flow")
                .string(one.flow)
                .key("state")
                .string(one.state);
            json.key("user")
                .string(one.user)
                .key("role")
                .string(one.role)
                .key("created")
                .string(value::format_instant(one.created_us))
                .key("due");
            if (one.due_us)
                json.string(value::format_instant(one.due_us));
            else
                json.null();
            json.end_object();
        }
        json.end_array().end_object();
        return {};
    }));
    return out;
}

Result<std::string> Session::report(std::string_view name, std::string_view params_json) {
    std::string out;
    LEAT_CHECK(read([&](Reading& view) -> Result<void> {
        const auto* definition = view.program().find_report(name);
        if (!definition)
            return make_error(
                Status::not_found, "report.unknown",
                fmt::format("there is no report '{}'{}", name, did_you_mean(name, view.program().reports)));
        LEAT_TRY(Json params, parse_json(params_json.empty() ? "{}" : params_json));
        LEAT_TRY(auto table, report::run(view.records(), *definition, params, view.actor().scope(), view.language()));
        LEAT_TRY(out, report::to_json(view.records(), table));
        return {};
    }));
    return out;
}

// The log is the auditor's: the system sees all of it, an actor the history of a record he may read, with the fields he
// may read.
Result<std::string> Session::log(std::string_view entity_name, std::string_view key, int64_t from, int64_t limit) {
    std::string out;
    LEAT_CHECK(read([&](Reading& view) -> Result<void> {
        std::vector<std::string> names;  // the entity's, the former ones too
        std::vector<journal::Row> rows;
        Row* row = nullptr;
        if (entity_name.empty()) {
            if (!view.actor().system)
                return make_error(Status::usage, "access.log", "the whole log is for the system only: name a record");
            LEAT_TRY(rows, journal::read(view.connection(), from, limit));
        } else {
            LEAT_TRY(row, view.target(entity_name, key));
            const std::string& entity = view.program().entities[row->entity].name;
            LEAT_TRY(names, catalog::former_names(view.connection(), entity));
            names.insert(names.begin(), entity);
            LEAT_TRY(rows, journal::read_record(view.connection(), names, row->id, row->version, limit));
        }
        JsonWriter json(out);
        json.begin_object().key("log").begin_array();
        for (const auto& one : rows)
            LEAT_CHECK(append_history(json, view, row, rows, static_cast<size_t>(&one - rows.data()), names));
        json.end_array().end_object();
        return {};
    }));
    return out;
}

// Of the records that the actor may read; the system's in one statement.
static Result<std::vector<timer::SlaCount>> counted_slas(Reading& view) {
    if (view.actor().system) return timer::count_slas(view.connection());
    std::map<std::string, timer::SlaCount> counts;
    Result<void> inner;
    LEAT_CHECK(timer::visit_slas(view.connection(), [&](const timer::SlaClock& clock) {
        auto readable = view.may_read(clock.entity, clock.record);
        if (!readable) inner = std::move(readable.error());
        if (!inner) return false;
        if (!*readable) return true;
        timer::SlaCount& count = counts[clock.name];
        count.name = clock.name;
        int64_t* const by_status[] = {&count.running, &count.paused, &count.kept, &count.breached, &count.cancelled};
        ++*by_status[static_cast<int>(clock.status)];
        return true;
    }));
    if (!inner) return std::move(inner.error());
    std::vector<timer::SlaCount> out;
    for (auto& [name, count] : counts) out.push_back(std::move(count));
    return out;
}

Result<std::string> Session::slas() {
    std::string out;
    LEAT_CHECK(read([&](Reading& view) -> Result<void> {
        LEAT_TRY(auto counts, counted_slas(view));
        JsonWriter json(out);
        json.begin_object().key("slas").begin_array();
        for (const auto& one : counts) {
            std::string_view title;
            for (const auto& sla : view.program().slas)
                if (sla.name == one.name) title = sla.title.in(view.language());
            json.begin_object()
                .key("sla")
                .string(one.name)
                .key("title")
                .string(title)
                .key("running")
                .number(one.running)
                .key("paused")
                .number(one.paused)
                .key("kept")
                .number(one.kept)
                .key("breached")
                .number(one.breached)
                .key("cancelled")
                .number(one.cancelled)
                .end_object();
        }
        json.end_array().end_object();
        return {};
    }));
    return out;
}

Result<std::string> Session::outbox(std::string_view status, int64_t limit) {
    static constexpr std::string_view kNames[] = {"planned", "claimed", "done", "failed", "unknown"};
    std::string out;
    LEAT_CHECK(read([&](Reading& view) -> Result<void> {
        if (!view.actor().system)
            return make_error(Status::usage, "access.outbox", "the outbox is for the system only");
        std::optional<outbox::Status> wanted;
        if (!status.empty()) {
            auto at = std::find(std::begin(kNames), std::end(kNames), status);
            if (at == std::end(kNames))
                return make_error(Status::usage, "outbox.status",
                                  fmt::format("'{}' is no status: planned, claimed, done, failed or unknown", status));
            wanted = static_cast<outbox::Status>(at - std::begin(kNames));
        }
        LEAT_TRY(auto items, outbox::list(view.connection(), wanted, limit));
        LEAT_TRY(auto counts, outbox::count(view.connection()));
        JsonWriter json(out);
        json.begin_object().key("items").begin_array();
        for (const auto& one : items) {
            json.begin_object().key("id").number(one.id).key("topic").string(one.topic).key("status").string(
                kNames[static_cast<int>(one.status)]);
            json.key("payload")
                .raw(one.payload)
                .key("attempts")
                .number(one.attempts)
                .key("receipt")
                .string(one.receipt)
                .key("sequence")
                .number(one.sequence)
                .end_object();
        }
        json.end_array().key("counts").begin_object();
        json.key("planned")
            .number(counts.planned)
            .key("claimed")
            .number(counts.claimed)
            .key("done")
            .number(counts.done)
            .key("failed")
            .number(counts.failed)
            .key("unknown")
            .number(counts.unknown);
        json.end_object().end_object();
        return {};
    }));
    return out;
}

Result<std::string> Session::incidents(bool open_only, int64_t limit) {
    std::string out;
    LEAT_CHECK(read([&](Reading& view) -> Result<void> {
        if (!view.actor().system)
            return make_error(Status::usage, "access.incidents", "incidents are for the system only");
        LEAT_TRY(auto found, catalog::incidents(view.connection(), open_only, limit));
        JsonWriter json(out);
        json.begin_object().key("incidents").begin_array();
        for (const auto& one : found) {
            std::string key;
            if (const auto* entity = view.program().find_entity(one.entity)) {
                LEAT_TRY(Row * row, view.records().get(entity->id, one.record));
                if (row) key = row->key();
            }
            json.begin_object()
                .key("incident")
                .number(one.id)
                .key("entity")
                .string(one.entity)
                .key("key")
                .string(key)
                .key("place")
                .string(one.place);
            json.key("error")
                .string(one.error)
                .key("time")
                .string(value::format_instant(one.time_us))
                .key("status")
                .string(one.status)
                .end_object();
        }
        json.end_array().end_object();
        return {};
    }));
    return out;
}

Result<std::string> Session::settings() {
    std::string out;
    LEAT_CHECK(read([&](Reading& view) -> Result<void> {
        JsonWriter json(out);
        json.begin_object().key("settings").begin_array();
        int64_t today = DateTime::from_utc_us(view.now_us(), view.program().time_zone).date().days;
        for (uint32_t i = 0; i < view.program().settings.size(); ++i) {
            const auto& one = view.program().settings[i];
            Value now = view.setting(i, today, view.arena());
            json.begin_object()
                .key("setting")
                .string(one.name)
                .key("title")
                .string(one.title.in(view.language()))
                .key("value");
            std::string text;
            if ((now.kind == Kind::days_duration || now.kind == Kind::months_duration) && now.calendar())
                JsonWriter(text).string(value::to_text(now) + " " +
                                        view.program().calendars[now.calendar() - 1].name());
            else
                value::append_json(text, now);
            json.raw(text).key("allow").begin_array();
            for (auto role : one.allow) json.string(view.program().roles[role].name);
            json.end_array().end_object();
        }
        json.end_array().end_object();
        return {};
    }));
    return out;
}

Result<void> Session::read_fields(program::EntityId entity, int64_t id, std::span<const program::FieldId> fields,
                                  Value* out, int64_t* version) {
    return read([&](Reading& view) -> Result<void> {
        if (entity >= view.program().entities.size())
            return make_error(Status::usage, "entity.unknown", "no such entity number");
        LEAT_TRY(Row * row, view.records().get(entity, id));
        auto scope = view.actor().scope();
        if (!row || !(scope.sees_everything() || view.records().may(*row, scope, &program::AccessRule::read)))
            return make_error(Status::not_found, "record.not_found",
                              fmt::format("there is no {} with id {}", view.program().entities[entity].name, id));
        feel::Frame frame = view.records().frame(row, view.locals().data());  // computed fields are made current
        for (size_t i = 0; i < fields.size(); ++i) {
            if (fields[i] >= view.program().entities[entity].fields.size())
                return make_error(Status::usage, "field.unknown", "no such field number");
            bool visible = view.records().field_right(*row, fields[i], scope, false) >= program::FieldRight::read;
            out[i] = visible ? frame.row[fields[i]] : Value::null();
        }
        if (version) *version = row->version;
        return {};
    });
}

Result<int64_t> Session::id_of(std::string_view entity, std::string_view key) {
    int64_t id = 0;
    LEAT_CHECK(read([&](Reading& view) -> Result<void> {
        LEAT_TRY(Row * row, view.target(entity, key));
        id = row->id;
        return {};
    }));
    return id;
}

}  // namespace leat::engine
