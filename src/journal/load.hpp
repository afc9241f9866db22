// Records that were loaded together: one segment of the log for all of them, and the salt of the digest that it holds
// over their values. The salt stands beside the log, so that erasing a record of theirs can take it away: then nobody
// can try guesses against the digest, and the chain still holds (docs/decisions/bulk_load.md).
//
//   leat_load(sequence, entity, first, last, salt)
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "store/store.hpp"

namespace leat::journal {

struct Load {
    int64_t sequence = 0;  // of the log row
    std::string entity;
    int64_t first = 0, last = 0;  // ids, all of them made by that command
    std::string salt;             // 16 bytes; "": a record of them was erased
};

Result<void> create_load_tables(store::Connection& connection);
Result<void> put_load(store::Connection& connection, const Load& load);
Result<std::vector<Load>> loads(store::Connection& connection);
// Takes the salt away: of the load that made this record, if one did. For erasure.
Result<void> forget_load(store::Connection& connection, std::string_view entity, int64_t id);

// The same of all loads of an entity: what their columns hold is not what was loaded any more.
Result<void> forget_loads(store::Connection& connection, std::string_view entity);

// Whether a segment of the log is of a load that made this record.
// `entities`: what its entity is called, and what it was called before.
bool loaded(const Json& segment, const std::vector<std::string>& entities, int64_t id);

}  // namespace leat::journal
