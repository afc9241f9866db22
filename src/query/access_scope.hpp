// AccessScope: in whose name a read happens. Every read whose result may leave the library takes one; it cannot be
// made by default, so nobody forgets it (SEMANTICS 5).
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace leat::query {

class AccessScope {
 public:
    AccessScope() = delete;
    // The definition's own reads (guards, formulas, rules) and the system actor.
    static AccessScope everything() { return AccessScope(true, "", 0, {}); }
    // An actor: key and row id of the user, and all roles held, included ones too (program::RoleId).
    static AccessScope of(std::string actor, int64_t actor_id, std::vector<uint32_t> roles) {
        return AccessScope(false, std::move(actor), actor_id, std::move(roles));
    }
    bool sees_everything() const { return everything_; }
    const std::string& actor() const { return actor_; }
    int64_t actor_id() const { return actor_id_; }
    const std::vector<uint32_t>& roles() const { return roles_; }
    bool has(uint32_t role) const {
        for (uint32_t r : roles_)
            if (r == role) return true;
        return false;
    }

 private:
    AccessScope(bool everything, std::string actor, int64_t actor_id, std::vector<uint32_t> roles)
        : everything_(everything), actor_(std::move(actor)), actor_id_(actor_id), roles_(std::move(roles)) {}
    bool everything_;
    std::string actor_;
    int64_t actor_id_;
    std::vector<uint32_t> roles_;
};

}  // namespace leat::query
