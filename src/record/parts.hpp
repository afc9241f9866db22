// The inside of Records: rows with their bookkeeping, found by (entity, id), and what settling has still to do.
// Internal to this room.
#pragma once
#include <map>
#include <optional>
#include <queue>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "record/column.hpp"
#include "record/plan_cache.hpp"
#include "record/records.hpp"
#include "record/share.hpp"

namespace leat::record {

// A row and what its public face does not show. Lives in the arena.
struct Entry : Row {
    const EntityPlan* plan = nullptr;
    Entry* next = nullptr;          // in its bucket
    uint64_t* unwritten = nullptr;  // bits by column place: set since the last flush; nullptr: none
    uint64_t* queued = nullptr;     // bits by field: formulas waiting in the queue; nullptr: none
    bool opened = false;            // to be read by who asks, because of a task
    uint64_t* refreshed = nullptr;  // by virtual number: 1 + the stamp at which it was made current; nullptr: never
};

// What there is to ask of a field of a new row: bits of Check.
struct Asked {
    FieldId field = 0;
    uint8_t what = 0;
};

struct EntityState {
    const EntityPlan* plan = nullptr;
    std::vector<Entry*> pending;              // touched rows in order of first touch
    int64_t last_id = -1;                     // the greatest id ever given; -1: not asked yet
    bool dirty = false;                       // some pending row differs from what SQL sees
    uint64_t lists_stamp = 0;                 // when membership of a list of this entity's rows last changed
    std::optional<std::vector<Asked>> asked;  // what check_made() has to ask; nullopt: not looked yet
};

struct Change {
    Entry* entry;
    FieldId field;       // program::kNone: the whole row appeared or disappeared
    int64_t parent_was;  // of a reference that a roll-up follows: where it pointed before; 0: nowhere
};

struct Waiting {
    uint32_t rank;
    EntityId entity;
    int64_t id;
    FieldId field;
    Entry* entry;
    bool operator>(const Waiting& other) const {
        if (rank != other.rank) return rank > other.rank;
        if (entity != other.entity) return entity > other.entity;
        return id != other.id ? id > other.id : field > other.field;
    }
};

struct Records::Parts {
    Parts(Records& owner, const Limits& bounds, Host& lender);

    Records& records;
    const program::Program& program;
    store::Connection& connection;
    Arena& arena;
    const Limits& limits;
    Host& host;
    PlanCache* plans = nullptr;
    std::unique_ptr<PlanCache> own_plans;
    std::vector<EntityState> entities;
    std::vector<Entry*> buckets;
    size_t count = 0;
    std::vector<Row*> touched;
    std::vector<Change> changes;
    std::priority_queue<Waiting, std::vector<Waiting>, std::greater<>> queue;
    uint64_t stamp = 1;  // grows with every change
    uint32_t depth = 0;  // of computed fields and functions inside one another
    const Value* empty_locals = nullptr;
    std::unique_ptr<Error> error;  // the first that FEEL could not answer
    // What was shared with the scope last asked for, by entity; `all`: every record's is known.
    struct Shares {
        bool all = false;
        std::unordered_map<int64_t, ShareRight> rights;
    };
    std::unordered_map<EntityId, Shares> shares;
    std::string shares_holders;  // JSON, of the actor and roles below
    int64_t shares_actor = -1;
    std::vector<uint32_t> shares_roles;
    // Lists that were read for several records at once: what points at a record through a reference.
    struct Pointing {
        uint64_t stamp = 0;  // as refreshed lists have it
        std::vector<Entry*> rows;
    };
    std::map<std::tuple<EntityId, FieldId, int64_t>, Pointing> pointing;
    // The rows that one statement found last, by entity: whatever is asked of one of them by its references and lists
    // will be asked of the others, too, so it is fetched for all at once.
    struct Batch {
        std::vector<Row*> rows;
        std::vector<FieldId> fetched;
        int missed = 0;  // looks for a reference that was none of theirs
    };
    std::unordered_map<EntityId, Batch> batches;
    // The field rights last asked for: one record is usually asked for many fields in turn.
    const Row* rights_row = nullptr;
    bool rights_everything = false;
    int64_t rights_actor = 0;
    std::vector<uint32_t> rights_roles;
    bool rights_for_write = false;
    uint64_t rights_stamp = 0;
    std::vector<program::FieldRight> rights;

    const EntityPlan& plan(EntityId entity);
    Entry* entry(EntityId entity, int64_t id) const;  // in memory, deleted ones too; or nullptr
    Entry* add(EntityId entity, int64_t id, Value* fields);
    Result<Entry*> load(EntityId entity,
                        int64_t id);  // from memory or the file, deleted ones too; nullptr: no such row
    // The current row of a statement that selects a plan's columns: the pending row where there is one.
    Result<Entry*> read(const EntityPlan& plan, const store::Statement& statement);
    Result<int64_t> next_id(EntityId entity);
    void touch(Entry& entry);
    void mark(Entry& entry, FieldId field);  // as unwritten
    void fail(Error problem);                // keeps the first

    Value in_currency(const Entry& entry, FieldId amount, const Value& value) const;
    void forget_reference(Entry& row, const program::Field& field, const Entry& target);
    // Rows of `entity` whose reference `by` points at `target` (a list of them: among others), pending changes
    // included, in creation order. No flush.
    Result<std::vector<Entry*>> pointing_at(EntityId entity, FieldId by, const Entry& target);

    // virtual fields
    void refresh(Entry& entry, const feel::Reads* reads);
    void refresh(Entry& entry, FieldId field);
    void refresh_list(Entry& entry, const program::Field& field);
    void refresh_computed(Entry& entry, const program::Field& field);
    const Value* locals_or_empty(const Value* locals);
    Value value_of(Entry& entry) const;
    Value under(std::span<const Value> arguments);
    Value call_formula(const program::Function& function, std::span<const Value> arguments);
    Value call_decision(const program::Function& function, std::span<const Value> arguments, const feel::Frame& frame);
    Value evaluate_formula(Entry& entry, const program::Field& field);  // with default, coerced

    // settling
    void expand(const Change& change);
    void wait(Entry& entry, FieldId field);
    void wait(const program::Dependent& dependent, Entry& source, int64_t parent_was);

    // What check() asks of a new row, of one that is not kept here: all but its key, and its key.
    Result<void> check_made(Entry& entry, std::string_view language, const query::AccessScope& reader,
                            std::vector<Violation>& out);
    Result<void> check_key(Entry& entry, std::string_view language, const query::AccessScope& reader,
                           std::vector<Violation>& out);

    // writing
    Result<void> write(Entry& entry);
    Result<void> insert(Entry& entry);
    Result<void> update(Entry& entry);
    Result<void> write_places(const Entry& entry, const Value* values);
    std::vector<uint32_t> places;  // of the columns to be written; scratch memory
    Result<void> erase(Entry& entry);
    Result<void> remember_id(Entry& entry);
    Error write_error(const Entry& entry, Error problem);

    // access
    bool may(Entry& entry, const query::AccessScope& scope, program::ExpressionPtr program::AccessRule::*right);
    const Value* access_locals(const query::AccessScope& scope);
    const std::vector<program::FieldRight>& field_rights(Entry& entry, const query::AccessScope& scope, bool for_write);
    ShareRight shared(Entry& entry, const query::AccessScope& scope);
    std::string_view holders(const query::AccessScope& scope);
    Result<void> load_shares(EntityId entity, const query::AccessScope& scope);
    program::FieldRight base_right(Entry& entry, const program::AccessRule& rule, const Value* locals, bool for_write,
                                   ShareRight share);
    bool sees_in_every_row(EntityId entity, const feel::Reads& reads, const query::AccessScope& scope);
    bool contains(Entry& entry, const std::string& lowered, const query::AccessScope& scope);
    // Likewise of one of the entry's own lists; those of all that were found with it are fetched together.
    Result<std::vector<Entry*>> list_of(Entry& entry, const program::Field& list);
    void found_together(const EntityPlan& plan, const std::vector<Entry*>& rows);
    Result<void> fetch_siblings(EntityId entity, int64_t id);
    Result<void> fetch_targets(std::span<Row* const> rows, const program::Field& field);
    Result<void> fetch_list(std::span<Row* const> rows, const program::Field& field);
    Result<void> fetch_page(std::span<Entry* const> page, const ScanOptions& options, bool ask_access,
                            const query::AccessScope& scope);
    void granted(Entry& entry, const query::AccessScope& scope, bool for_write, std::vector<program::FieldRight>& out);
    void narrow_by_state(Entry& entry, std::vector<program::FieldRight>& out);
    bool always_readable(EntityId entity, FieldId field, const query::AccessScope& scope);
    bool sees_trees(EntityId own, const feel::Reads& reads, const query::AccessScope& scope);
    bool sees_elsewhere(Entry& entry, const feel::Reads& reads, const query::AccessScope& scope);
    bool reached(Entry& entry, const feel::Reads& reads, const feel::Read& far, const query::AccessScope& scope);
    Result<std::string> key_of(const Value& reference);  // the target's key
};

inline bool bit(const uint64_t* words, uint32_t index) {
    return words && (words[index / 64] >> (index % 64) & 1);
}
inline void set_bit(uint64_t* words, uint32_t index) {
    words[index / 64] |= uint64_t{1} << (index % 64);
}
inline void clear_bit(uint64_t* words, uint32_t index) {
    words[index / 64] &= ~(uint64_t{1} << (index % 64));
}

inline Entry& of(Row& row) {
    return static_cast<Entry&>(row);
}
inline const Entry& of(const Row& row) {
    return static_cast<const Entry&>(row);
}

}  // namespace leat::record
