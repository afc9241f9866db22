// Records that may be one thing twice: who is alike, and one of two taking the other's place.
#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "engine/reading.hpp"
#include "engine/unit_of_work.hpp"
#include "engine/unknown.hpp"

namespace leat::engine {

using program::Field;
using program::FieldRight;
using record::Row;

namespace {

Error unknown_field(const program::Entity& entity, std::string_view name) {
    std::vector<std::string> names;
    for (const Field& field : entity.fields)
        if (field.origin == program::Origin::declared) names.push_back(field.name);
    return make_error(Status::usage, "input.unknown_field",
                      fmt::format("{} has no field '{}'{}", entity.name, name, did_you_mean(name, names)));
}

// What a record with these fields would be. Lines and lists of other records play no part in a rule.
Result<Row*> imagined(Reading& view, const program::Entity& entity, const Json& input) {
    auto& records = view.records();
    if (input.kind != Json::Kind::object)
        return make_error(Status::usage, "input.shape", "the input is a JSON object of fields");
    LEAT_TRY(Row * row, records.imagine(entity.id));
    for (const auto& [name, json] : input.members) {
        const Field* field = entity.find(name);
        if (!field) return unknown_field(entity, name);
        if (field->formula || !field->stored || field->origin != program::Origin::declared) continue;
        LEAT_TRY(row->fields[field->id], records.from_json(*field, json));
    }
    LEAT_CHECK(records.imagine_rest(*row));
    return row;
}

}  // namespace

Result<std::string> Session::duplicates(std::string_view entity_name, std::string_view key, std::string_view input_json,
                                        int64_t limit) {
    std::string out;
    LEAT_CHECK(read([&](Reading& view) -> Result<void> {
        const auto* entity = view.program().find_entity(entity_name);
        if (!entity) return unknown_entity(view.program(), entity_name);
        if (entity->duplicates.empty())
            return make_error(Status::usage, "duplicates.none",
                              fmt::format("{} has no duplicate rules; give it 'duplicates:'", entity->name));
        Row* row = nullptr;
        if (!key.empty()) {
            LEAT_TRY(row, view.target(entity_name, key));
        } else {
            LEAT_TRY(Json input, parse_json(input_json.empty() ? "{}" : input_json));
            LEAT_TRY(row, imagined(view, *entity, input));
        }
        auto scope = view.actor().scope();
        if (limit <= 0) limit = 20;
        LEAT_TRY(auto found, view.records().alike(*row, scope, static_cast<size_t>(limit)));
        JsonWriter json(out);
        json.begin_array();
        for (const auto& one : found) {
            LEAT_TRY(Row * other, view.records().get(entity->id, one.id));
            if (!other) continue;
            json.begin_object().key("key").string(other->key());
            if (view.records().field_right(*other, entity->display_field, scope, false) >= FieldRight::read) {
                LEAT_TRY(std::string shown, view.records().text_of(*other, entity->display_field));
                json.key("display").string(shown);
            }
            json.key("similarity").raw(fmt::format("{}.{:03}", one.permille / 1000, one.permille % 1000));
            json.key("rule").string(one.rule->at);
            if (!one.rule->id.empty()) json.key("id").string(one.rule->id);
            json.key("fields").begin_array();
            for (program::FieldId field : one.rule->match) json.string(entity->fields[field].name);
            json.end_array().end_object();
        }
        json.end_array();
        return {};
    }));
    return out;
}

// Which fields the survivor gets from the other record.
Result<std::vector<program::FieldId>> UnitOfWork::taken_fields(const Row& row, const Row& other, const Json& take) {
    const auto& entity = program_.entities[row.entity];
    if (take.kind != Json::Kind::array && take.kind != Json::Kind::null)
        return make_error(Status::usage, "input.shape", "what to take is a JSON array of field names");
    std::vector<program::FieldId> out;
    for (const Json& name : take.items) {
        const Field* field = name.kind == Json::Kind::string ? entity.find(name.text) : nullptr;
        if (!field) return unknown_field(entity, name.text);
        if (field->origin != program::Origin::declared || !field->stored || field->formula)
            return make_error(
                Status::usage, "input.read_only",
                fmt::format("'{}' of {} is not a field that can be set: it is not merged", field->name, entity.name));
        out.push_back(field->id);
    }
    for (const Field& field : entity.fields) {
        if (field.origin != program::Origin::declared || !field.stored || field.formula) continue;
        const Value &mine = row.fields[field.id], &theirs = other.fields[field.id];
        bool empty = mine.is_null() || (mine.kind == Kind::list && mine.as_list().empty());
        if (empty && !theirs.is_null() && std::find(out.begin(), out.end(), field.id) == out.end())
            out.push_back(field.id);
    }
    return out;
}

Result<void> UnitOfWork::merge(Row& row, Row& other, const Json& take) {
    const auto& entity = program_.entities[row.entity];
    auto scope = actor_.scope();
    if (is_suspended(row)) return suspended_refusal(row);
    if (is_suspended(other)) return suspended_refusal(other);
    LEAT_CHECK(check_written(row, false));
    if (!actor_.system && !records_->may(other, scope, &program::AccessRule::delete_))
        return refuse("access.row", entity.name,
                      language() == "zh"
                          ? fmt::format("“{}”无权删除", actor_.key)
                          : fmt::format("'{}' may not delete {} '{}'", actor_.key, entity.name, other.key()));
    LEAT_TRY(auto fields, taken_fields(row, other, take));
    std::vector<std::string> forbidden;
    for (program::FieldId id : fields) {
        const Field& field = entity.fields[id];
        // A reference to one of the two would refer to the record itself.
        const Value& theirs = other.fields[id];
        bool itself = field.kind == program::FieldKind::ref && theirs.kind == Kind::record && field.to == row.entity &&
                      (theirs.record.id == row.id || theirs.record.id == other.id);
        bool closed = false;
        if (field.readonly_if && !actor_.system) {
            LEAT_TRY(Value answer, evaluate(*field.readonly_if, &row));
            closed = answer.is_true();
        }
        if (closed || records_->field_right(row, id, scope, true) != FieldRight::write ||
            records_->field_right(other, id, scope, false) < FieldRight::read)
            forbidden.push_back(field.name);
        else if (!itself)
            records_->set(row, id, theirs);
    }
    if (!forbidden.empty())
        return refuse("access.field", entity.name,
                      language() == "zh" ? fmt::format("无权合并字段：{}", fmt::join(forbidden, "、"))
                                         : fmt::format("you may not merge the fields: {}", fmt::join(forbidden, ", ")),
                      forbidden);
    LEAT_CHECK(records_->repoint(other, row));
    LEAT_CHECK(records_->settle());
    LEAT_CHECK(records_->remove(other));
    LEAT_CHECK(records_->settle());
    return check_written(row, false);
}

Result<Outcome> Session::merge(std::string_view entity_name, std::string_view key, std::string_view other,
                               std::string_view take_json, int64_t version) {
    Outcome outcome;
    LEAT_CHECK(command(outcome, true, [&](UnitOfWork& work, std::string& log) -> Result<Row*> {
        LEAT_TRY(Json take, parse_json(take_json.empty() ? "[]" : take_json));
        JsonWriter(log)
            .begin_object()
            .key("do")
            .string("merge")
            .key("entity")
            .string(entity_name)
            .key("key")
            .string(key)
            .key("other")
            .string(other)
            .key("take")
            .value(take)
            .end_object();
        LEAT_TRY(Row * row, work.target(entity_name, key));
        LEAT_CHECK(work.expect_version(*row, version));
        LEAT_TRY(Row * gone, work.target(entity_name, other));
        if (row == gone)
            return make_error(Status::usage, "merge.same",
                              fmt::format("{} '{}' cannot be merged with itself", entity_name, key));
        if (work.program().entities[row->entity].owner != program::kNone)
            return make_error(Status::usage, "merge.lines",
                              fmt::format("{} are lines of another record: merge those records", entity_name));
        LEAT_CHECK(work.merge(*row, *gone, take));
        LEAT_CHECK(work.run());
        return row;
    }));
    return outcome;
}

}  // namespace leat::engine
