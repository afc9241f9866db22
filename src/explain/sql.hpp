// What SQL an expression becomes, and which parts of it run in the engine.
#pragma once
#include <string>
#include <string_view>

#include "engine/engine.hpp"

namespace leat::explain {

// {"expression","compiled": whether SQL does all of
// it,"queries":[{"entity","sql","plan":[…],"engine":[{"text","why"}]}]}: one for each collection, records.X[…], in the
// expression; and first, where `entity` is named and the expression is a condition over its records, the one that a
// list with this condition runs, with the reader's rights in it. Values that are known only when it runs stand as
// examples of their types. Error: usage where.invalid with its diagnostics.
Result<std::string> explain_sql(engine::Session& session, std::string_view entity, std::string_view expression);

}  // namespace leat::explain
