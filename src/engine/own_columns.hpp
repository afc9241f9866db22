// The columns of compound states that have their own: the active child, empty while the state is not active.
#pragma once
#include "program/program.hpp"
#include "record/records.hpp"

namespace leat::engine {

// Makes them say what the row's own columns say, without anything having been entered: a child that was there before
// keeps its moment, another one has been there since the flow's state was entered.
void settle_own_columns(record::Records& records, record::Row& row, const program::Flow& flow);

}  // namespace leat::engine
