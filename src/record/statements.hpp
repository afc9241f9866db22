// The SELECTs of this room: of a plan's columns, with the rows they find. Internal to this room.
#pragma once
#include <vector>

#include "record/parts.hpp"
#include "record/translate.hpp"

namespace leat::record {

query::Select select_of(const EntityPlan& plan);
// Pending rows of these entities into their tables, before a statement reads them.
Result<void> flush_all(Records& records, EntityId entity, const std::vector<EntityId>& through);
Result<std::vector<Entry*>> rows_of(Records::Parts& parts, const query::Select& select, const EntityPlan& plan);
// What a condition over `this` reads besides the record, where it is known before the query: locals and their members.
std::optional<Value> known(Records& records, const feel::ast::Node* node, const Value* locals);

}  // namespace leat::record
