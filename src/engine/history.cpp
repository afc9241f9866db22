#include "engine/history.hpp"

#include <algorithm>

#include "engine/load.hpp"

namespace leat::engine {

namespace {

// What a flow keeps for itself beside a record's state; the log of the system has it.
bool is_inner(program::Origin origin) {
    return origin == program::Origin::entries || origin == program::Origin::configuration ||
           origin == program::Origin::flow_data || origin == program::Origin::flow_version;
}

void append_changes(JsonWriter& json, Reading& view, record::Row& row, const Json& changes) {
    const auto& entity = view.program().entities[row.entity];
    json.begin_object();
    for (const auto& [name, change] : changes.members) {
        const auto* field = entity.find(name);
        if (!field || is_inner(field->origin) ||
            view.records().field_right(row, field->id, view.actor().scope(), false) < program::FieldRight::read)
            continue;
        json.key(name).value(change);
    }
    json.end_object();
}

bool of_record(const Json& segment, const record::Row& row, const std::vector<std::string>& names) {
    const Json* of = segment.find("entity");
    const Json* id = segment.find("id");
    return of && std::find(names.begin(), names.end(), of->text) != names.end() && id &&
           id->text == std::to_string(row.id);
}

}  // namespace

Result<void> append_history(JsonWriter& json, Reading& view, record::Row* row, const std::vector<journal::Row>& rows,
                            size_t index, const std::vector<std::string>& names) {
    const journal::Row& one = rows[index];
    json.begin_object()
        .key("sequence")
        .number(one.sequence)
        .key("time")
        .string(one.time)
        .key("actor")
        .string(one.actor);
    if (one.command.find("\"by\":") != std::string::npos) {
        LEAT_TRY(Json command, parse_json(one.command));
        if (const Json* by = command.find("by")) json.key("by").string(by->text);
    }
    json.key("roles").raw(one.roles);
    const bool everything = view.actor().scope().sees_everything();
    if (everything) json.key("command").raw(one.command).key("cause").raw(one.cause.empty() ? "null" : one.cause);
    LEAT_TRY(Json segments, parse_json(one.segments));
    if (row) LEAT_CHECK(unfold_loads(view.records(), *row, names, rows, index, segments));
    json.key("changes").begin_array();
    for (const auto& segment : segments.items) {
        if (row && !of_record(segment, *row, names)) continue;
        json.begin_object();
        for (const auto& [name, part] : segment.members) {
            if (name == "salt" || name == "prev") continue;
            json.key(name == "op" ? "operation" : name);
            if (name == "changes" && row && !everything)
                append_changes(json, view, *row, part);
            else
                json.value(part);
        }
        json.end_object();
    }
    json.end_array().key("hash").string(one.hash).end_object();
    return {};
}

}  // namespace leat::engine
