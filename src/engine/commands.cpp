// The commands of a session: each takes the transaction, does its own part, and lets the unit of work conclude.
#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "catalog/catalog.hpp"
#include "engine/configuration.hpp"
#include "engine/unit_of_work.hpp"
#include "engine/unknown.hpp"

namespace leat::engine {

using record::Row;

Session::Session(std::shared_ptr<Engine> engine, std::string actor)
    : engine_(std::move(engine)),
      actor_(actor),
      parts_(std::make_unique<Parts>(std::move(actor), engine_->options_.limits.memory_bytes_max)) {}

Session::~Session() {
    if (!batch_) return;
    auto undone = rollback_batch();
    (void)undone;  // nobody is left to tell; the transaction is gone either way
}

void Session::set_language(std::string_view language) {
    parts_->actor.language = language;
}

void Session::interrupt() {
    parts_->interrupted.store(true, std::memory_order_relaxed);
}

Result<void> Session::command(Outcome& outcome, bool with_json,
                              const std::function<Result<Row*>(UnitOfWork&, std::string& command_json)>& body) {
    if (!parts_->long_running) parts_->interrupted = false;
    UnitOfWork work(*engine_, parts_->actor, parts_->arena, batch_);
    if (parts_->undone_with_batch) work.set_undone_with_batch();
    auto run = [&]() -> Result<void> {
        LEAT_CHECK(work.begin());
        Watch watch(*engine_->writer_, parts_->interrupted);
        std::string command_json;
        command_json.reserve(256);
        LEAT_TRY(Row * target, body(work, command_json));
        return work.conclude(outcome, command_json, target, with_json);
    };
    Result<void> done;
    try {
        done = run();
    } catch (const LimitError& limit) {
        done = make_error(Status::limit, limit.code(), limit.what());
    }
    if (done) return {};
    LEAT_TRY(outcome, work.fail(std::move(done.error())));
    return {};
}

Result<Row*> UnitOfWork::create_row(program::EntityId entity) {
    LEAT_TRY(Row * row, records_->create(entity));
    Value now = Value::of(DateTime::from_utc_us(now_us_, program_.time_zone));
    records_->set(*row, program::kCreatedAt, now);
    records_->set(*row, program::kCreatedBy, Value::string(arena_.copy(actor_.key)));
    return row;
}

Result<std::string> UnitOfWork::numbered(Row& row, const std::vector<program::KeyPart>& parts,
                                         const std::string& series, int64_t at_us) {
    std::string prefix, suffix;
    uint32_t width = 0;
    bool sequence = false;
    DateTime local = DateTime::from_utc_us(at_us, program_.time_zone);
    int64_t year = 0;
    int month = 0, day = 0;
    local.date().civil(year, month, day);
    for (const auto& part : parts) {
        std::string& out = sequence ? suffix : prefix;
        switch (part.kind) {
            case program::KeyPart::Kind::literal:
                out += part.literal;
                break;
            case program::KeyPart::Kind::year4:
                out += fmt::format("{:04}", year);
                break;
            case program::KeyPart::Kind::year2:
                out += fmt::format("{:02}", year % 100);
                break;
            case program::KeyPart::Kind::month:
                out += fmt::format("{:02}", month);
                break;
            case program::KeyPart::Kind::day:
                out += fmt::format("{:02}", day);
                break;
            case program::KeyPart::Kind::sequence:
                sequence = true;
                width = part.width;
                break;
            case program::KeyPart::Kind::expression: {
                LEAT_TRY(Value value, evaluate(*part.expression, &row));
                if (value.is_null()) {
                    bool key = series == program_.entities[row.entity].name;
                    return null_refusal(value, key ? series + ".key" : series, part.expression->source().text);
                }
                if (value.kind == Kind::record) {
                    LEAT_TRY(Row * other, records_->row_of(value));
                    out += other ? other->key() : "";
                } else {
                    out += value::to_text(value);
                }
            }
        }
    }
    if (!sequence) return prefix;
    LEAT_TRY(int64_t number, catalog::next_in_series(connection_, series + ":" + prefix + "*" + suffix));
    return prefix + fmt::format("{:0{}}", number, width) + suffix;
}

Result<void> UnitOfWork::draw_number(Row& row, const program::Field& field, int64_t at_us) {
    if (!row.fields[field.id].is_null()) return {};
    LEAT_TRY(std::string text,
             numbered(row, field.series, program_.entities[row.entity].name + "." + field.name, at_us));
    records_->set(row, field.id, Value::string(arena_.copy(text)));
    return {};
}

Result<bool> UnitOfWork::draw_late(Row& row, const program::Field& field) {
    if (!row.fields[field.id].is_null()) return false;
    if (!field.required) {
        if (!field.required_if) return false;
        LEAT_TRY(Value wanted, evaluate(*field.required_if, &row));
        if (!wanted.is_true()) return false;
    }
    const Value& created = row.fields[program::kCreatedAt];
    const bool at_creation = field.required && created.kind == Kind::date_time;
    LEAT_CHECK(draw_number(row, field, at_creation ? created.as_date_time().utc_us() : now_us_));
    return true;
}

Result<bool> UnitOfWork::draw_numbers() {
    bool drew = false;
    for (size_t i = 0; i < records_->touched().size(); ++i) {
        Row& row = *records_->touched()[i];
        if (row.deleted) continue;
        for (program::FieldId id : program_.entities[row.entity].series) {
            const auto& field = program_.entities[row.entity].fields[id];
            if (!row.fields[id].is_null()) continue;
            bool due = field.required;
            if (!due && field.required_if) {
                LEAT_TRY(Value wanted, evaluate(*field.required_if, &row));
                due = wanted.is_true();
            }
            if (!due) continue;
            LEAT_CHECK(draw_number(row, field, now_us_));
            drew = true;
        }
    }
    return drew;
}

Result<void> UnitOfWork::complete_row(Row& row) {
    const auto& entity = program_.entities[row.entity];
    LEAT_CHECK(records_->apply_defaults(row));
    LEAT_CHECK(records_->settle());
    if (!entity.key_parts.empty()) {
        LEAT_TRY(std::string key, numbered(row, entity.key_parts, entity.name, now_us_));
        records_->set(row, program::kKey, Value::string(arena_.copy(key)));
    } else if (!entity.explicit_key) {
        records_->set(row, program::kKey, Value::string(arena_.copy(std::to_string(row.id))));
    } else if (row.fields[program::kKey].is_null() || row.fields[program::kKey].as_string().empty()) {
        return refuse("constraint", entity.name + ".key", fmt::format("a new {} needs a 'key'", entity.name), {"key"},
                      &row);
    }
    for (uint32_t flow : entity.flows) {
        if (program_.flows[flow].invoked || program_.flows[flow].start != flow::kNone) continue;
        Queued start;
        start.row = &row;
        start.flow = flow;
        start.start = true;
        queue(start);
    }
    return {};
}

Result<Row*> UnitOfWork::create_record(const program::Entity& entity, const Json& input) {
    LEAT_TRY(Row * row, create_row(entity.id));
    set_target(*row);
    LEAT_CHECK(apply_input(*row, input, true));
    LEAT_CHECK(complete_row(*row));
    LEAT_CHECK(check_written(*row, true));
    auto scope = actor_.scope();
    std::vector<std::string> forbidden;
    for (const auto& [name, json] : input.members)
        if (const auto* field = entity.find(name);
            field && !actor_.system &&
            records_->field_right(*row, field->id, scope, true) != program::FieldRight::write)
            forbidden.push_back(name);
    if (!forbidden.empty())
        return refuse("access.field", entity.name, fmt::format("you may not set: {}", fmt::join(forbidden, ", ")),
                      forbidden, row);
    LEAT_CHECK(run());
    return row;
}

Result<void> UnitOfWork::patch_record(Row& row, const Json& input) {
    if (is_suspended(row)) return suspended_refusal(row);
    LEAT_CHECK(check_written(row, false));
    LEAT_CHECK(apply_input(row, input, false));
    LEAT_CHECK(records_->settle());
    LEAT_CHECK(check_written(row, false));
    LEAT_CHECK(run());
    return {};
}

Result<Outcome> Session::create(std::string_view entity_name, std::string_view input_json) {
    Outcome outcome;
    LEAT_CHECK(command(outcome, true, [&](UnitOfWork& work, std::string& log) -> Result<Row*> {
        const auto* entity = work.program().find_entity(entity_name);
        if (!entity || entity->owner != program::kNone) return unknown_entity(work.program(), entity_name);
        LEAT_TRY(Json input, parse_json(input_json.empty() ? "{}" : input_json));
        JsonWriter(log)
            .begin_object()
            .key("do")
            .string("create")
            .key("entity")
            .string(entity_name)
            .key("input")
            .value(input)
            .end_object();
        return work.create_record(*entity, input);
    }));
    return outcome;
}

Result<Outcome> Session::patch(std::string_view entity, std::string_view key, std::string_view input_json,
                               int64_t version) {
    Outcome outcome;
    LEAT_CHECK(command(outcome, true, [&](UnitOfWork& work, std::string& log) -> Result<Row*> {
        LEAT_TRY(Json input, parse_json(input_json.empty() ? "{}" : input_json));
        JsonWriter(log)
            .begin_object()
            .key("do")
            .string("patch")
            .key("entity")
            .string(entity)
            .key("key")
            .string(key)
            .key("input")
            .value(input)
            .end_object();
        LEAT_TRY(Row * row, work.target(entity, key));
        LEAT_CHECK(work.expect_version(*row, version));
        LEAT_CHECK(work.patch_record(*row, input));
        return row;
    }));
    return outcome;
}

Result<Outcome> Session::remove(std::string_view entity, std::string_view key, int64_t version) {
    Outcome outcome;
    LEAT_CHECK(command(outcome, true, [&](UnitOfWork& work, std::string& log) -> Result<Row*> {
        JsonWriter(log)
            .begin_object()
            .key("do")
            .string("delete")
            .key("entity")
            .string(entity)
            .key("key")
            .string(key)
            .end_object();
        LEAT_TRY(Row * row, work.target(entity, key));
        LEAT_CHECK(work.expect_version(*row, version));
        if (!work.actor().system && !work.records().may(*row, work.actor().scope(), &program::AccessRule::delete_))
            return work.refuse("access.row", std::string(entity),
                               work.language() == "zh"
                                   ? fmt::format("“{}”无权删除", work.actor().key)
                                   : fmt::format("'{}' may not delete this {}", work.actor().key, entity));
        LEAT_CHECK(work.records().remove(*row));
        LEAT_CHECK(work.run());
        return row;
    }));
    return outcome;
}

Result<Outcome> Session::send(std::string_view entity_name, std::string_view key, std::string_view event_name,
                              std::string_view input_json, int64_t version) {
    Outcome outcome;
    LEAT_CHECK(command(outcome, true, [&](UnitOfWork& work, std::string& log) -> Result<Row*> {
        LEAT_TRY(Json input, parse_json(input_json.empty() ? "{}" : input_json));
        JsonWriter(log)
            .begin_object()
            .key("do")
            .string("send")
            .key("entity")
            .string(entity_name)
            .key("key")
            .string(key)
            .key("event")
            .string(event_name)
            .key("input")
            .value(input)
            .end_object();
        LEAT_TRY(Row * row, work.target(entity_name, key));
        LEAT_CHECK(work.expect_version(*row, version));
        const auto& entity = work.program().entities[row->entity];
        std::string_view only, name = event_name;
        if (size_t dot = event_name.find('.'); dot != std::string_view::npos) {
            only = event_name.substr(0, dot);
            name = event_name.substr(dot + 1);
        }
        bool known = false, known_scxml = false;
        for (uint32_t number : entity.flows) {
            const auto& definition = work.program().flow_of(number, row->fields);
            if (definition.scxml && work.actor().system) {
                // Its events are any text, and one that nothing hears is dropped: the standard has no refusals.
                LEAT_TRY(Value data, work.any_payload(input));
                work.queue_scxml(*row, definition, event_name, data);
                known = known_scxml = true;
                continue;
            }
            if (!only.empty() && definition.name != only) continue;
            auto event = definition.find_event(name);
            if (event == flow::kNone) continue;
            known = true;
            LEAT_CHECK(work.authorise_event(*row, definition, definition.events[event]));
            LEAT_TRY(Value payload, work.payload(definition.events[event].payload, input, name));
            work.queue({row, definition.id, event, false, true, payload});
        }
        if (!known) {
            std::vector<std::string> names;
            for (uint32_t number : entity.flows)
                for (const auto& event : work.program().flow_of(number, row->fields).events)
                    if (event.origin == program::EventOrigin::declared) names.push_back(event.name);
            return make_error(Status::not_found, "event.unknown",
                              fmt::format("no flow of {} declares an event '{}'{}", entity.name, event_name,
                                          did_you_mean(name, names)));
        }
        LEAT_CHECK(work.run());
        if (!work.heard() && !known_scxml) return work.unexpected(*row, name);
        return row;
    }));
    return outcome;
}

Error UnitOfWork::unexpected(Row& row, std::string_view event) {
    std::string states, possible;
    for (uint32_t number : program_.entities[row.entity].flows) {
        const auto& definition = program_.flow_of(number, row.fields);
        flow::Configuration configuration;
        active_states(row, definition, configuration);
        if (configuration.empty() && definition.start != flow::kNone)
            possible += (possible.empty() ? "" : ", ") + definition.events[definition.start].name;
        for (auto state : configuration) {
            if (state != 0 && declared_state(definition, state) == state)
                states += (states.empty() ? "" : ", ") + definition.states[state].name;
            for (uint32_t transition : definition.chart.states[state].transitions) {
                const auto& shape = definition.chart.transitions[transition];
                std::vector<flow::EventId> heard = shape.also;
                heard.insert(heard.begin(), shape.event);
                for (flow::EventId id : heard) {
                    if (id == flow::kNone || definition.events[id].origin != program::EventOrigin::declared) continue;
                    if (possible.find(definition.events[id].name) == std::string::npos)
                        possible += (possible.empty() ? "" : ", ") + definition.events[id].name;
                }
            }
        }
    }
    return refuse("event.unexpected", program_.entities[row.entity].name,
                  language() == "zh" ? fmt::format("状态“{}”不接受事件“{}”；可用事件：{}", states, event,
                                                   possible.empty() ? "无" : possible)
                                     : fmt::format("'{}' is not expected in state '{}'; expected now: {}", event,
                                                   states, possible.empty() ? "nothing" : possible));
}

Result<void> Session::send_into(Outcome& outcome, program::EntityId entity, int64_t id, uint32_t flow_number,
                                flow::EventId event, std::span<const Value> input, int64_t version, bool with_json) {
    return command(outcome, with_json, [&](UnitOfWork& work, std::string& log) -> Result<Row*> {
        const auto& program = work.program();
        if (flow_number >= program.flows.size() || event >= program.flows[flow_number].events.size() ||
            program.flows[flow_number].entity != entity)
            return make_error(Status::usage, "event.unknown", "these numbers name no event of this entity");
        LEAT_TRY(Row * row, work.target(entity, id));
        LEAT_CHECK(work.expect_version(*row, version));
        const auto& definition = program.flow_of(flow_number, row->fields);
        const std::string& name = program.flows[flow_number].events[event].name;
        // A record on a former version knows the event by another number, or not at all.
        flow::EventId known = definition.id == flow_number ? event : definition.find_event(name);
        if (known == flow::kNone) return work.unexpected(*row, name);
        const auto& declared = definition.events[known];
        LEAT_CHECK(work.authorise_event(*row, definition, declared));
        LEAT_TRY(Value payload, work.payload(declared.payload, input, declared.name));
        std::string values = "{}";
        if (payload.context && payload.context->count) {
            values.clear();
            work.append_payload(values, payload);
        }
        JsonWriter(log)
            .begin_object()
            .key("do")
            .string("send")
            .key("entity")
            .string(program.entities[entity].name)
            .key("key")
            .string(row->key())
            .key("event")
            .string(declared.name)
            .key("input")
            .raw(values)
            .end_object();
        work.queue({row, definition.id, known, false, true, payload});
        LEAT_CHECK(work.run());
        if (!work.heard()) return work.unexpected(*row, declared.name);
        return row;
    });
}

Result<Outcome> Session::send(program::EntityId entity, int64_t id, uint32_t flow, flow::EventId event,
                              std::span<const Value> input, int64_t version) {
    Outcome outcome;
    LEAT_CHECK(send_into(outcome, entity, id, flow, event, input, version, true));
    return outcome;
}

Result<Outcome> Session::complete_task(int64_t id, std::string_view decision, std::string_view comment,
                                       std::string_view input_json) {
    Outcome outcome;
    LEAT_CHECK(command(outcome, true, [&](UnitOfWork& work, std::string& log) -> Result<Row*> {
        LEAT_TRY(Json input, parse_json(input_json.empty() ? "{}" : input_json));
        JsonWriter(log)
            .begin_object()
            .key("do")
            .string("complete_task")
            .key("task")
            .number(id)
            .key("decision")
            .string(decision)
            .key("comment")
            .string(comment)
            .key("input")
            .value(input)
            .end_object();
        LEAT_TRY(auto found, task::find(work.connection(), id));
        auto none = [&] {
            return make_error(Status::not_found, "task.not_found", fmt::format("there is no task {}", id));
        };
        if (!found) return none();
        const auto* entity = work.program().find_entity(found->entity);
        if (!entity) return none();
        LEAT_TRY(bool may, work.may_decide(*found));
        LEAT_TRY(Row * row, work.records().get(entity->id, found->record));
        if (!row) return none();
        work.set_target(*row);
        if (may && found->status == task::Status::open) work.records().open_for_reading(*row);
        if (!may) {
            // Whoever may not even see the record learns nothing of the task.
            if (!work.records().may(*row, work.actor().scope(), &program::AccessRule::read)) return none();
            return work.refuse("access.task", fmt::format("task {}", id),
                               work.language() == "zh" ? fmt::format("任务 {} 不属于“{}”", id, work.actor().key)
                                                       : fmt::format("task {} is not for '{}'", id, work.actor().key));
        }
        if (work.is_suspended(*row)) return work.suspended_refusal(*row);
        if (!input.members.empty()) {
            LEAT_CHECK(work.apply_input(*row, input, false));
            LEAT_CHECK(work.records().settle());
            LEAT_CHECK(work.check_written(*row, false));
        }
        LEAT_CHECK(work.decide(*found, decision, comment));
        LEAT_CHECK(work.run());
        return row;
    }));
    return outcome;
}

Result<Outcome> Session::change_setting(std::string_view name, std::string_view valid_from, std::string_view value) {
    Outcome outcome;
    bool changed = false;
    LEAT_CHECK(command(outcome, true, [&](UnitOfWork& work, std::string& log) -> Result<Row*> {
        const auto* setting = work.program().find_setting(name);
        if (!setting)
            return make_error(
                Status::not_found, "setting.unknown",
                fmt::format("there is no setting '{}'{}", name, did_you_mean(name, work.program().settings)));
        JsonWriter(log)
            .begin_object()
            .key("do")
            .string("change_setting")
            .key("setting")
            .string(name)
            .key("valid_from")
            .string(valid_from)
            .key("value")
            .string(value)
            .end_object();
        bool may = work.actor().system || std::any_of(setting->allow.begin(), setting->allow.end(),
                                                      [&](auto role) { return work.actor().has(role); });
        if (!may)
            return work.refuse("access.setting", std::string(name),
                               work.language() == "zh"
                                   ? fmt::format("“{}”无权修改设置“{}”", work.actor().key, name)
                                   : fmt::format("'{}' may not change setting '{}'", work.actor().key, name));
        if (!valid_from.empty() && !Date::parse(valid_from))
            return make_error(Status::usage, "setting.valid_from",
                              fmt::format("'{}' is no date such as 2026-11-21", valid_from));
        LEAT_TRY(Value checked, read_setting(work.program(), *setting, value, work.arena()));
        (void)checked;  // only whether it can be read matters here: the file keeps the text
        LEAT_CHECK(
            catalog::put_setting(work.connection(), {std::string(name), std::string(valid_from), std::string(value)}));
        work.mark_effects();
        changed = true;
        return static_cast<Row*>(nullptr);
    }));
    if (changed && !outcome.refused) engine_->forget();
    return outcome;
}

Result<void> Session::begin_batch() {
    if (batch_) return make_error(Status::usage, "batch.nested", "this session's batch is already open");
    auto& parts = *engine_->parts_;
    if (callback_of == engine_.get())
        return make_error(Status::usage, "engine.in_callback", "a callback of this engine may not start a batch on it");
    LEAT_CHECK(parts.not_in_batch());
    parts.queue.lock();
    auto begun = engine_->writer_->begin_write();
    if (!begun) {
        parts.queue.unlock();
        return std::move(begun.error());
    }
    parts.data_version = -1;  // the first command looks whether somebody else wrote
    batch_ = true;
    return {};
}

Result<void> Session::commit_batch() {
    if (!batch_) return make_error(Status::usage, "batch.none", "no batch is open");
    batch_ = false;
    auto committed = engine_->writer_->commit();
    if (!committed) {
        engine_->writer_->rollback();
        engine_->parts_->data_version = -1;
    }
    engine_->parts_->queue.unlock();
    return committed;
}

Result<void> Session::rollback_batch() {
    if (!batch_) return make_error(Status::usage, "batch.none", "no batch is open");
    batch_ = false;
    engine_->writer_->rollback();
    engine_->parts_->data_version = -1;
    engine_->parts_->queue.unlock();
    return {};
}

}  // namespace leat::engine
