// A row of the log as a reader may have it.
#pragma once
#include "base/json.hpp"
#include "engine/reading.hpp"

namespace leat::engine {

// Of rows[index] one object (the others of a record say what it was loaded with): sequence, time, actor (and `by`, who
// acted as him), roles, changes, hash; the system also gets the command and its cause. `row`: the record whose history
// is read, in which fields hidden from the reader are left out; nullptr: everything, which is the system's. `names`:
// what the record's entity is and was called.
Result<void> append_history(JsonWriter& json, Reading& view, record::Row* row, const std::vector<journal::Row>& rows,
                            size_t index, const std::vector<std::string>& names);

}  // namespace leat::engine
