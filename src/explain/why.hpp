// explain: why something can or cannot happen, from definitions and data alone. Reads in the actor's name: what he may
// not see appears as "hidden". Computes nothing new: it asks the same guards and criteria that a command would.
//
// Start reading at why().
#pragma once
#include <string>
#include <string_view>

#include "engine/engine.hpp"

namespace leat::explain {

// JSON. With an event: whether it could be sent now and every reason why not:
//   {"entity","key","states":[…],"event","possible":true|false,
//    "reasons":[{"code","at","message","fields":[…],"condition":{"text","answer","parts":[{"text","answer"}],"values":{…}},
//                "who":[roles]}],
//    "tasks":[{"task","title","user","role","since","due"}]}
// Without one ("") the same for each event that the record's states know:
// {"…","events":[{"event","possible","reasons"}],"tasks"}. Errors: not_found "record.not_found", "event.unknown".
Result<std::string> why(engine::Session& session, std::string_view entity, std::string_view key,
                        std::string_view event);

}  // namespace leat::explain
