// Who may do what, and why: the same rights that commands and reads ask, with the role, the rule and the condition that
// give or deny them.
#pragma once
#include <string>
#include <string_view>

#include "engine/engine.hpp"

namespace leat::explain {

// right: read, write, add, delete, export, print, share, or "send EVENT". key "": of any record, then conditions are
// open
// ("may" is null: it depends). field "": the whole record.
// {"user","right","entity","key","field","may": true, false or null,"roles":[…],"because":[{"role","through","rule",
// "condition","answer","values","field"} | {"share","right"} | {"task"} | {"state","field"} | …]}
// About others only the system and holders of a role with `impersonate`, or of `administrator`, may ask. Errors: usage
// access.may, may.right; not_found actor.unknown, field.unknown, event.unknown, and the record's.
Result<std::string> may(engine::Session& session, std::string_view user, std::string_view right,
                        std::string_view entity, std::string_view key, std::string_view field);

// Every active user who may, or may depending on the record: {"right",…,"users":[{"user","name","may","because"}]}.
Result<std::string> who_may(engine::Session& session, std::string_view right, std::string_view entity,
                            std::string_view key, std::string_view field);

}  // namespace leat::explain
