// The actor's rights bind the command, its target and the fields it writes (SEMANTICS 5), and inputs become values.
#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "engine/unit_of_work.hpp"
#include "engine/unknown.hpp"

namespace leat::engine {

using program::AccessRule;
using record::Row;

namespace {

Error no_record(const program::Entity& entity, std::string_view key) {
    return make_error(Status::not_found, "record.not_found", fmt::format("there is no {} '{}'", entity.name, key));
}

}  // namespace

Result<Row*> UnitOfWork::target(std::string_view entity_name, std::string_view key) {
    const auto* entity = program_.find_entity(entity_name);
    if (!entity) return unknown_entity(program_, entity_name);
    LEAT_TRY(Row * row, records_->find(entity->id, key));
    if (!row) return no_record(*entity, key);
    LEAT_TRY(bool may, may_address(*row));
    if (!may) return no_record(*entity, key);
    set_target(*row);
    return row;
}

Result<Row*> UnitOfWork::target(program::EntityId entity, int64_t id) {
    if (entity >= program_.entities.size()) return make_error(Status::usage, "entity.unknown", "no such entity number");
    LEAT_TRY(Row * row, records_->get(entity, id));
    bool may = false;
    if (row) {
        LEAT_TRY(may, may_address(*row));
    }
    if (!may) return no_record(program_.entities[entity], std::to_string(id));  // its key is not told either
    set_target(*row);
    return row;
}

// Who may read a record, or has an open task on it, may name it.
Result<bool> UnitOfWork::may_address(Row& row) {
    if (actor_.system || records_->may(row, actor_.scope(), &AccessRule::read)) return true;
    LEAT_TRY(auto tasks, task::of_record(connection_, program_.entities[row.entity].name, row.id));
    for (const auto& one : tasks) {
        if (one.status != task::Status::open) continue;
        LEAT_TRY(bool mine, may_decide(one));
        if (!mine) continue;
        records_->open_for_reading(row);
        return true;
    }
    return false;
}

Result<void> UnitOfWork::expect_version(const Row& row, int64_t version) const {
    if (version == 0 || row.version == version) return {};
    return make_error(Status::conflict, "record.version",
                      fmt::format("{} '{}' is at version {}, not {}: read it again", program_.entities[row.entity].name,
                                  row.key(), row.version, version));
}

Result<void> UnitOfWork::authorise_event(Row& row, const program::Flow& definition, const program::Event& event) {
    bool allowed = event.origin == program::EventOrigin::declared;
    if (allowed) {
        allowed = actor_.system && (!event.allow.empty() || event.allow_if);
        for (auto role : event.allow) allowed = allowed || actor_.has(role);
        if (!allowed && event.allow_if && !actor_.system) {
            LEAT_TRY(Value value, evaluate(*event.allow_if, &row));
            allowed = value.is_true();
        }
    }
    if (allowed) return {};
    std::string who;
    for (auto role : event.allow) who += (who.empty() ? "" : ", ") + program_.roles[role].name;
    if (who.empty())
        who = event.allow_if ? event.allow_if->source().text : language() == "zh" ? "系统内部" : "the engine itself";
    return refuse("access.event", definition.name + "." + event.name,
                  language() == "zh"
                      ? fmt::format("“{}”无权发送事件“{}”；可发送者：{}", actor_.key, event.name, who)
                      : fmt::format("'{}' may not send '{}'; it is for: {}", actor_.key, event.name, who));
}

Result<void> UnitOfWork::apply_input(Row& row, const Json& input, bool creating) {
    const auto& entity = program_.entities[row.entity];
    if (input.kind != Json::Kind::object && input.kind != Json::Kind::null)
        return make_error(Status::usage, "input.shape", "the input is a JSON object of fields");
    auto scope = actor_.scope();
    std::vector<program::FieldId> locked;
    if (!creating) {
        LEAT_TRY(locked, locked_fields(row));
    }
    std::vector<std::string> forbidden, pending;
    for (const auto& [name, json] : input.members) {
        const auto* field = entity.find(name);
        if (!field) {
            std::vector<std::string> names;
            for (const auto& one : entity.fields)
                if (one.origin == program::Origin::declared) names.push_back(one.name);
            std::string near = base::nearest(name, names);
            return at_field(make_error(Status::usage, "input.unknown_field",
                                       fmt::format("{} has no field '{}'{}", entity.name, name,
                                                   near.empty() ? "" : fmt::format("; did you mean '{}'?", near))),
                            row, name);
        }
        bool key_given = field->id == program::kKey && entity.explicit_key && creating;
        if ((field->origin != program::Origin::declared && !key_given) || field->formula || !field->series.empty())
            return at_field(
                make_error(Status::usage, "input.read_only",
                           fmt::format("'{}' of {} is {}: it cannot be set", name, entity.name,
                                       field->formula                            ? "a formula"
                                       : !field->series.empty()                  ? "drawn from its series"
                                       : field->origin == program::Origin::state ? "the state, moved by events"
                                                                                 : "the engine's")),
                row, name);
        // On creation the whole record is judged at the end, when there is a row for its conditions.
        if (!creating && records_->field_right(row, field->id, scope, true) != program::FieldRight::write) {
            forbidden.push_back(name);
            continue;
        }
        if (field->readonly_if) {
            LEAT_TRY(Value closed, evaluate(*field->readonly_if, &row));
            if (closed.is_true()) {
                forbidden.push_back(name);
                continue;
            }
        }
        if (std::find(locked.begin(), locked.end(), field->id) != locked.end()) {
            pending.push_back(name);
            continue;
        }
        if (field->kind == program::FieldKind::list && !field->scalar_list) {
            if (!field->owned)
                return at_field(
                    make_error(Status::usage, "input.read_only",
                               fmt::format("'{}' of {} is a list of other records: set their '{}' instead", name,
                                           entity.name, program_.entities[field->to].fields[field->by].name)),
                    row, name);
            if (json.kind != Json::Kind::array)
                return at_field(
                    make_error(Status::usage, "input.type", fmt::format("'{}' wants a list of lines", name)), row,
                    name);
            if (!creating) {
                LEAT_TRY(auto old, records_->list(row, field->id));
                for (Row* line : old) LEAT_CHECK(records_->remove(*line));
            }
            for (const auto& item : json.items) {
                LEAT_TRY(Row * line, create_row(field->to));
                records_->set(*line, field->by, records_->value_of(row));
                LEAT_CHECK(apply_input(*line, item, true));
                LEAT_CHECK(complete_row(*line));
            }
            continue;
        }
        auto value = records_->from_json(*field, json);
        if (!value) return at_field(std::move(value.error()), row, name);
        records_->set(row, field->id, *value);
    }
    if (!forbidden.empty())
        return refuse("access.field", entity.name,
                      language() == "zh" ? fmt::format("无权修改：{}", fmt::join(forbidden, "、"))
                                         : fmt::format("you may not change: {}", fmt::join(forbidden, ", ")),
                      forbidden, &row);
    if (!pending.empty())
        return refuse("approval.pending", entity.name,
                      language() == "zh" ? fmt::format("审批中，不能修改：{}", fmt::join(pending, "、"))
                                         : fmt::format("an approval is pending; these fields are locked: {}",
                                                       fmt::join(pending, ", ")),
                      pending, &row);
    return {};
}

// Write access is tested on the record before and after; `add` on what was made.
Result<void> UnitOfWork::check_written(Row& row, bool creating) {
    if (actor_.system) return {};
    if (records_->may(row, actor_.scope(), creating ? &AccessRule::add : &AccessRule::write)) return {};
    const auto& entity = program_.entities[row.entity];
    return refuse(
        "access.row", entity.name,
        language() == "zh"
            ? fmt::format("“{}”无权{}此{}", actor_.key, creating ? "新建" : "修改",
                          entity.title.in("zh").empty() ? std::string_view{entity.name} : entity.title.in("zh"))
            : fmt::format("'{}' may not {} this {}", actor_.key, creating ? "add" : "change", entity.name));
}

Result<void> UnitOfWork::check_payload(const program::Field& field, const Value& value, std::string_view what) {
    if (value.is_null()) return {};
    std::vector<Refusal> refusals;
    for (std::string& message : record::Records::broken_bounds(field, value, language()))
        refusals.push_back({"constraint",
                            fmt::format("{}.{}", what, field.name),
                            std::move(message),
                            {field.name},
                            {"/event/" + field.name}});
    if (refusals.empty()) return {};
    return refuse_all(std::move(refusals));
}

Result<Value> UnitOfWork::payload(const std::vector<program::Field>& fields, const Json& input, std::string_view what) {
    if (input.kind != Json::Kind::object && input.kind != Json::Kind::null)
        return make_error(Status::usage, "input.shape", fmt::format("the input of '{}' is a JSON object", what));
    for (const auto& [name, json] : input.members) {
        const std::string& given = name;
        auto known = std::any_of(fields.begin(), fields.end(), [&](const auto& field) { return field.name == given; });
        if (known) continue;
        std::vector<std::string> names;
        for (const auto& field : fields) names.push_back(field.name);
        std::string near = base::nearest(name, names);
        Error error = make_error(Status::usage, "input.unknown_field",
                                 fmt::format("'{}' takes no '{}'{}", what, name,
                                             near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
        error.message = fmt::format("/event/{}: {}", name, error.message);
        return error;
    }
    auto* entries = arena_.array<value::ContextEntry>(fields.size());
    for (size_t i = 0; i < fields.size(); ++i) {
        const Json* json = input.find(fields[i].name);
        Value value = Value::null(&fields[i].empty);
        if (json && !json->is_null()) {
            auto read = records_->from_json(fields[i], *json);
            if (!read) {
                Error error = std::move(read.error());
                error.message = fmt::format("/event/{}: {}", fields[i].name, error.message);
                return error;
            }
            value = *read;
        }
        if (value.is_null() && fields[i].required) {
            Refusal empty{"constraint",
                          fmt::format("{}.{}", what, fields[i].name),
                          language() == "zh" ? fmt::format("“{}”必须提供“{}”", what, fields[i].name)
                                             : fmt::format("'{}' needs '{}'", what, fields[i].name),
                          {fields[i].name},
                          {"/event/" + fields[i].name}};
            return refuse_all({std::move(empty)});
        }
        LEAT_CHECK(check_payload(fields[i], value, what));
        entries[i] = {fields[i].name, value};
    }
    return Value::context_of(arena_.make<value::ContextData>(entries, static_cast<uint32_t>(fields.size())));
}

Result<Value> UnitOfWork::payload(const std::vector<program::Field>& fields, std::span<const Value> input,
                                  std::string_view what) {
    if (input.size() != fields.size() && !input.empty())
        return make_error(Status::usage, "input.shape",
                          fmt::format("'{}' takes {} values, {} were given", what, fields.size(), input.size()));
    auto* entries = arena_.array<value::ContextEntry>(fields.size());
    for (size_t i = 0; i < fields.size(); ++i) {
        Value value = Value::null(&fields[i].empty);
        if (!input.empty() && !input[i].is_null()) {
            LEAT_TRY(value, records_->coerce(fields[i], input[i]));
        }
        if (value.is_null() && fields[i].required)
            return refuse("constraint", fmt::format("{}.{}", what, fields[i].name),
                          fmt::format("'{}' needs '{}'", what, fields[i].name), {fields[i].name});
        LEAT_CHECK(check_payload(fields[i], value, what));
        entries[i] = {fields[i].name, value};
    }
    return Value::context_of(arena_.make<value::ContextData>(entries, static_cast<uint32_t>(fields.size())));
}

// What another record or a message sends along, as the event declares it: by name, checked and coerced.
Result<Value> UnitOfWork::payload_of(const program::Event& event, const Value& sent) {
    if (event.payload.empty()) return sent;
    std::vector<Value> values(event.payload.size());
    for (size_t i = 0; i < event.payload.size(); ++i)
        if (sent.kind == Kind::context && sent.context)
            if (const Value* found = sent.context->find(event.payload[i].name)) values[i] = *found;
    return payload(event.payload, std::span<const Value>(values), event.name);
}

}  // namespace leat::engine
