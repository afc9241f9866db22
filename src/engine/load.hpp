// Loads of a session: many new records from columns.
#pragma once
#include <cstdint>
#include <span>

#include "base/json.hpp"
#include "journal/journal.hpp"
#include "record/load.hpp"

namespace leat::engine {

struct LoadOptions {
    uint64_t chunk = 0;           // records a command and row of the log; 0, and at most: the limit on records
    bool all_or_nothing = false;  // nothing is kept where a record is rejected
};

// In a record's history: the segments that loaded it become its creation, as a command of its own would have logged it.
// `names` are its entity's, former ones too; `rows` are its history, oldest first; `segments` those of rows[index].
Result<void> unfold_loads(record::Records& records, const record::Row& row, const std::vector<std::string>& names,
                          const std::vector<journal::Row>& rows, size_t index, Json& segments);

}  // namespace leat::engine
