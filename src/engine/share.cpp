// Sharing a record with somebody, and working as somebody else: both logged, both only where declared.
#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "engine/unit_of_work.hpp"
#include "engine/unknown.hpp"
#include "record/share.hpp"

namespace leat::engine {

using program::AccessRule;
using record::Row;
using record::ShareRight;

namespace {

Result<ShareRight> right_named(std::string_view name) {
    if (name == "read") return ShareRight::read;
    if (name == "write") return ShareRight::write;
    if (name == "none") return ShareRight::none;
    return make_error(Status::usage, "share.right",
                      fmt::format("'{}' is no right to share: read, write or none", name));
}

// "user:KEY" and "role:NAME" as leat_share has them.
Result<std::string> holder_named(UnitOfWork& work, std::string_view name) {
    constexpr std::string_view kUser = "user:", kRole = "role:";
    if (name.substr(0, kRole.size()) == kRole) {
        name.remove_prefix(kRole.size());
        if (work.program().find_role(name)) return record::holder_of_role(name);
        return make_error(Status::not_found, "share.holder",
                          fmt::format("there is no role '{}'{}", name, did_you_mean(name, work.program().roles)));
    }
    if (name.substr(0, kUser.size()) != kUser)
        return make_error(Status::usage, "share.holder",
                          fmt::format("'{}' is nobody to share with: write user:KEY or role:NAME", name));
    name.remove_prefix(kUser.size());
    LEAT_TRY(Row * user, work.records().find(work.program().user, name));
    if (!user) return make_error(Status::not_found, "share.holder", fmt::format("there is no user '{}'", name));
    return record::holder_of_user(user->id);
}

}  // namespace

Result<Outcome> Session::share(std::string_view entity_name, std::string_view key, std::string_view holder,
                               std::string_view right_name) {
    Outcome outcome;
    LEAT_CHECK(command(outcome, true, [&](UnitOfWork& work, std::string& log) -> Result<Row*> {
        JsonWriter(log)
            .begin_object()
            .key("do")
            .string("share")
            .key("entity")
            .string(entity_name)
            .key("key")
            .string(key)
            .key("with")
            .string(holder)
            .key("right")
            .string(right_name)
            .end_object();
        LEAT_TRY(ShareRight right, right_named(right_name));
        LEAT_TRY(Row * row, work.target(entity_name, key));
        const auto& entity = work.program().entities[row->entity];
        if (!entity.shareable)
            return make_error(Status::usage, "share.undeclared",
                              fmt::format("nobody shares a {}: no role of its access has 'share'", entity.name));
        LEAT_TRY(std::string to, holder_named(work, holder));
        auto scope = work.actor().scope();
        bool may = work.actor().system || work.records().may(*row, scope, &AccessRule::share);
        // Nobody gives more than he has.
        if (right == ShareRight::write)
            may = may && (work.actor().system || work.records().may(*row, scope, &AccessRule::write));
        if (!may)
            return work.refuse("access.share", entity.name,
                               work.language() == "zh"
                                   ? fmt::format("“{}”无权共享此{}", work.actor().key, entity.name)
                                   : fmt::format("'{}' may not share this {}{}", work.actor().key, entity.name,
                                                 right == ShareRight::write ? " for writing" : ""));
        LEAT_TRY(bool changed, work.records().share(*row, to, right));
        if (changed) work.mark_effects();
        return row;
    }));
    return outcome;
}

Result<std::unique_ptr<Session>> Engine::session(std::string_view actor, std::string_view as) {
    LEAT_TRY(auto own, session(actor));
    if (as == kSystem || as == actor)
        return make_error(Status::usage, "access.impersonate",
                          fmt::format("'{}' cannot work as '{}': that is a user, and another one", actor, as));
    LEAT_TRY(auto other, session(as));  // an unknown or inactive user is told here
    Outcome outcome;
    LEAT_CHECK(own->command(outcome, false, [&](UnitOfWork& work, std::string& log) -> Result<Row*> {
        JsonWriter(log).begin_object().key("do").string("impersonate").key("as").string(as).end_object();
        const auto& held = work.actor().roles;
        bool may = work.actor().system || std::any_of(held.begin(), held.end(), [&](program::RoleId role) {
                       return work.program().roles[role].impersonate;
                   });
        if (!may)
            return make_error(Status::usage, "access.impersonate",
                              fmt::format("'{}' has no role with 'impersonate' and works as nobody else", actor));
        work.mark_effects();
        return static_cast<Row*>(nullptr);
    }));
    other->parts_->actor.by = actor;
    return other;
}

}  // namespace leat::engine
