// What a command needs to know of an entity's table, printed once: columns, statement texts, which fields are virtual.
#pragma once
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "program/program.hpp"

namespace leat::record {

// Immutable but for the update texts, which are guarded.
class EntityPlan {
 public:
    EntityPlan(const program::Program& program, const program::Entity& entity);

    const program::Entity& entity;
    bool has_key = false;                   // a key column; else the key is the id's text
    std::vector<program::FieldId> columns;  // fields that have a column, in table order; the first is the id
    std::vector<std::string_view> names;    // of the columns
    std::vector<int32_t> column_of;         // by field: its place in `columns`, -1: none
    std::vector<int32_t> virtual_of;        // by field: its number among lists and computed fields, -1: stored
    uint32_t virtuals = 0;
    std::vector<std::pair<program::FieldId, program::FieldId>> currencies;  // a field that holds one, an amount in it
    std::vector<uint8_t> parent_of;  // by field: whether it is a reference that a roll-up or a list follows
    std::vector<std::pair<program::EntityId, program::FieldId>> references;  // fields elsewhere that may point here
    std::string select_id, select_key, insert, remove, max_id;

    // The UPDATE of these columns (places in `columns`, ascending); valid as long as the plan.
    std::string_view update(const std::vector<uint32_t>& places) const;

 private:
    mutable std::mutex mutex_;
    struct Hash {
        using is_transparent = void;
        size_t operator()(std::string_view places) const { return std::hash<std::string_view>{}(places); }
    };
    mutable std::unordered_map<std::string, std::string, Hash, std::equal_to<>> updates_;
};

// The column's name of a field: its own, but "leat_version" for the version.
std::string_view column_name(const program::Field& field);

// Thread-safe; one per engine. The program must outlive it.
class PlanCache {
 public:
    explicit PlanCache(const program::Program& program);
    const EntityPlan& of(program::EntityId entity);

 private:
    const program::Program& program_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<EntityPlan>> plans_;
};

}  // namespace leat::record
