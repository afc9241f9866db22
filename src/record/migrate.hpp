// Tables of one program made those of another, with what they hold: renamed, converted, dropped. Part of a deployment's
// transaction; create_entity_tables() then adds what is new. It decides nothing: the deploy room says what becomes of
// what, and is told of every value that does not come through unchanged.
#pragma once
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "program/program.hpp"
#include "record/records.hpp"

namespace leat::record {

struct FieldChange {
    FieldId before = program::kNone, after = program::kNone;  // before kNone: new; after kNone: its column goes
    bool fresh = false;  // the old values are not taken over: the column is made anew
    std::vector<std::pair<std::string, std::string>> renamed_values;  // of an enum: as they were, as they are
};
struct EntityChange {
    EntityId before = program::kNone, after = program::kNone;  // before kNone: new; after kNone: its table goes
    std::vector<FieldChange> fields;                           // those with a column before or after
};

// A value that could not be kept as it was.
struct Loss {
    const program::Entity* entity;  // as it was
    const program::Field* field;
    int64_t id = 0;
    bool rounded = false;  // kept with fewer digits; else the field is empty now
};

// Whether every value of an enum, or of a list of such, is one of the other's.
bool values_kept(const program::Field& before, const program::Field& after);
// Whether values of `before` stand in a column of `after` without being touched.
bool same_column(const program::Field& before, const program::Field& after, bool same_target);

// `lost` is called for each value that changes its meaning; the caller rolls back when that may not be. Errors are the
// store's.
Result<void> change_tables(const program::Program& before, const program::Program& after,
                           std::span<const EntityChange> changes, store::Connection& connection,
                           const std::function<void(const Loss&)>& lost);

}  // namespace leat::record
