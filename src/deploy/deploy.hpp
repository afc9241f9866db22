// deploy: newer definitions for a file that has data. Plans first, names what would be lost or stranded with counts,
// and refuses where anything would; then everything in one transaction (SEMANTICS 4).
//
// It may not move data by itself: what needs a migration is refused with the reason. Start reading at plan().
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "engine/engine.hpp"

namespace leat::deploy {

struct Change {
    enum class Kind : uint8_t { added, removed, changed };
    Kind kind = Kind::added;
    std::string what;     // "entity order", "field order.note", "state sales_flow.review"
    std::string message;  // what it means for the data, in English
    bool blocks = false;
    int64_t affected = 0;  // records
};

struct Plan {
    std::vector<Change> changes;
    bool blocked() const;
    std::string to_json() const;
};

// What `next` would change in the engine's file. Reads only.
Result<Plan> plan(engine::Engine& engine, const program::Program& next);
// Plans and, unless blocked, makes `next` the definitions of the file. A blocked plan is a refused outcome whose
// refusals name each obstacle.
Result<engine::Outcome> deploy(engine::Engine& engine, std::shared_ptr<const program::Program> next,
                               std::string_view actor);

}  // namespace leat::deploy
