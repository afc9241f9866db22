// deploy: newer definitions for a file that has data. Plans first, like a plan of infrastructure: what is new, renamed,
// widened, narrowed, removed, moved, with the records that each concerns, counted by doing all of it in a transaction
// that is rolled back. Then does it in one transaction, after a backup, and never loses what it was not told to drop
// (SEMANTICS 4).
//
// Start reading at plan() and deploy(); match.hpp says what was what, compare.hpp what a difference means, run.hpp does
// it, erase.hpp and seal.hpp are the two other commands on whole files.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "engine/engine.hpp"

namespace leat::deploy {

struct Change {
    enum class Kind : uint8_t { added, removed, changed, renamed, widened, narrowed, moved, stays };
    Kind kind = Kind::added;
    std::string what;     // "entity order", "field order.note", "state sales_flow.review"
    std::string message;  // what it means for the data, in English
    bool blocks = false;
    int64_t affected = 0;           // records
    std::string drop;               // what to allow for it to go ahead although values are lost; "": nothing would help
    std::vector<std::string> keys;  // some of the records
    bool asks = false;              // it asks for more than the former definitions did
};

struct Plan {
    std::vector<Change> changes;
    bool blocked() const;
    std::string to_json() const;
};

struct Options {
    std::vector<std::string> drop;  // what may be lost: "field order.note", "entity memo", "flow old_flow"
    std::vector<std::string> move;  // flows whose records go on in the new version by their states' names; "*": all
    std::string backup;             // a new file for a copy of the database as it was; "": none is made
};

// What `next` would change in the engine's file; everything is tried and undone, the file's other writers wait.
Result<Plan> plan(engine::Engine& engine, std::shared_ptr<const program::Program> next, const Options& options = {});
// Makes `next` the definitions of the file. A blocked plan is a refused outcome whose refusals name each obstacle.
// Errors: those of the backup, before anything is changed.
Result<engine::Outcome> deploy(engine::Engine& engine, std::shared_ptr<const program::Program> next,
                               std::string_view actor, const Options& options = {});
// Back to the definitions before the last deployment, with the states and values that it took away. Refused, with the
// records named, where what was done since stands in the way; `drop` as in Options.
Result<engine::Outcome> undo(engine::Engine& engine, std::string_view actor, const Options& options = {});

}  // namespace leat::deploy
