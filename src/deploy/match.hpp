// Which part of the new definitions was which part of the former ones: by name, by `was`, by a migration.
#pragma once
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "program/program.hpp"

namespace leat::deploy {

using program::EntityId;
using program::FieldId;
using program::kNone;
using Renames = std::vector<std::pair<std::string, std::string>>;  // "order.note" to "remark": as in a migration

struct Match {
    std::vector<EntityId> entity_before, entity_after;                    // by new, by former entity
    std::vector<std::vector<FieldId>> field_before, field_after;          // by new, by former field of those
    std::vector<uint32_t> flow_before, flow_after;                        // by new, by former flow; former versions not
    std::vector<std::vector<Renames>> values;                             // by new entity and field: enum values
    std::vector<std::map<std::string, std::string, std::less<>>> states;  // by new flow: former state to new one
    std::vector<bool> mapped;                           // by new flow: its states were asked to be mapped
    std::vector<std::string> timers;                    // by new flow: keep, restart, rescale
    std::vector<const program::Migration*> migrations;  // of `next` that are meant for these
};

// `from_hash`: of the former definitions, in hex. `back`: nullptr, or the renames that undoing needs: then what `next`
// says of its own past does not count.
Match match(const program::Program& former, const program::Program& next, const std::string& from_hash,
            const Renames* back);
// What became of names: the way back for undoing.
Renames reversed(const Match& match, const program::Program& former, const program::Program& next);

}  // namespace leat::deploy
