#include "engine/actor.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/json.hpp"

namespace leat::engine {

Value Actor::value() const {
    if (system || id == 0) return Value::null();
    return Value::record_of(user_entity, id);
}

std::vector<program::RoleId> roles_of(const program::Program& program, const record::Row& user) {
    std::vector<program::RoleId> out;
    const auto* field = program.entities[user.entity].find("roles");
    if (!field || user.fields[field->id].kind != Kind::list) return out;
    for (const Value& item : user.fields[field->id].as_list()) {
        if (item.kind != Kind::string) continue;
        const auto* role = program.find_role(item.as_string());
        if (!role) continue;
        for (auto included : role->includes)
            if (std::find(out.begin(), out.end(), included) == out.end()) out.push_back(included);
    }
    std::sort(out.begin(), out.end());
    return out;
}

Result<void> resolve(Actor& actor, record::Records& records) {
    const auto& program = records.program();
    actor.user_entity = program.user;
    if (actor.system) return {};
    LEAT_TRY(record::Row * row, records.find(program.user, actor.key));
    if (!row)
        return make_error(Status::not_found, "actor.unknown",
                          fmt::format("there is no user '{}'; create one with entity 'user' as the system", actor.key));
    if (const auto* active = program.entities[program.user].find("active");
        active && row->fields[active->id].is_false())
        return make_error(Status::usage, "actor.inactive", fmt::format("user '{}' is not active", actor.key));
    actor.id = row->id;
    actor.roles = roles_of(program, *row);
    actor.roles_json.clear();
    JsonWriter json(actor.roles_json);
    json.begin_array();
    for (auto role : actor.roles) json.string(program.roles[role].name);
    json.end_array();
    return {};
}

}  // namespace leat::engine
