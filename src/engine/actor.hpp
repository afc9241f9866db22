// In whose name a command runs: a user of the file, or the system (the host itself).
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "program/program.hpp"
#include "query/access_scope.hpp"
#include "record/records.hpp"

namespace leat::engine {

inline constexpr std::string_view kSystem = "system";

struct Actor {
    explicit Actor(std::string name) : key(std::move(name)), system(key == kSystem) {}
    std::string key;
    std::string by;  // who acts as this user; "": he himself
    bool system = false;
    int64_t id = 0;                      // row of `user`; 0 for the system
    std::vector<program::RoleId> roles;  // held, with what they include
    std::string roles_json = "[]";       // as logged
    uint64_t resolved_at = 0;            // Engine's count of changes to people when this was read; 0: never
    std::string language;

    query::AccessScope scope() const {
        return system ? query::AccessScope::everything() : query::AccessScope::of(key, id, roles);
    }
    Value value() const;  // kActor: a record of `user`, null for the system
    bool has(program::RoleId role) const {
        for (auto held : roles)
            if (held == role) return true;
        return false;
    }
    uint32_t user_entity = program::kNone;
};

// Roles of a user's row, with what they include. Unknown role names (of older definitions) are left out.
std::vector<program::RoleId> roles_of(const program::Program& program, const record::Row& user);
// Looks the actor's user up. Errors: not_found "actor.unknown", usage "actor.inactive".
Result<void> resolve(Actor& actor, record::Records& records);

}  // namespace leat::engine
