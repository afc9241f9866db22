// How an entity stands in its table. Internal to this room.
#pragma once
#include "query/table.hpp"
#include "record/plan_cache.hpp"

namespace leat::record {

query::ColumnDefinition column_of(const program::Program& program, PlanCache& plans, const program::Field& field);
query::TableDefinition table_of(const program::Program& program, PlanCache& plans, const program::Entity& entity);

}  // namespace leat::record
