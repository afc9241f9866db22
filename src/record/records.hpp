// record: the rows of a command. Loads them, keeps the changed ones in memory, computes formulas and roll-ups to
// quiescence, answers FEEL's questions about members, collections and decisions, and writes everything once.
//
// Records is one command's view (or one reader's): pending rows hide the stored ones; before any SQL reads an entity,
// its pending rows are flushed inside the command's transaction (SEMANTICS 1.2). It decides no rights and runs no flow:
// the engine does. Values live in the command's arena.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/json.hpp"
#include "base/limits.hpp"
#include "base/result.hpp"
#include "feel/expression.hpp"
#include "program/program.hpp"
#include "query/access_scope.hpp"
#include "record/plan_cache.hpp"
#include "record/scan.hpp"
#include "record/share.hpp"
#include "store/store.hpp"

namespace leat::record {

using program::EntityId;
using program::FieldId;

struct Row {
    EntityId entity = 0;
    int64_t id = 0;
    Value* fields = nullptr;          // one per program field, current
    const Value* original = nullptr;  // as before this command; nullptr for a record made by it
    bool created = false, deleted = false;
    bool touched = false;  // something was set
    bool written = false;  // flushed at least once in this command
    bool dirty = false;    // changed since the last flush
    int64_t version = 0;   // log sequence that touched it before; 0: none
    std::string_view key() const {
        return fields[program::kKey].is_null() ? std::string_view{} : fields[program::kKey].as_string();
    }
};

// What the engine lends: time, settings' changed values, host functions.
class Host {
 public:
    virtual ~Host() = default;
    virtual int64_t now_us() = 0;  // the command's time
    // The setting's value on `day` (days since 1970), with what the file changed; else the definition's.
    virtual Value setting(uint32_t index, int64_t day, Arena& arena) = 0;
    // A `functions:` entry without a formula.
    virtual Value host_function(uint32_t function, std::span<const Value> arguments, Arena& arena) = 0;
};

// What is wrong with the end state: in the shape of refusals.
struct Violation {
    std::string code;     // constraint
    std::string at;       // "order.amount", "stock.constraints[1]"
    std::string message;  // in the asked language
    std::vector<std::string> fields;
    std::string entity, key;
    Row* row = nullptr;  // whose fields they are
};

// A record that may be the same thing as another one.
struct Likeness {
    int64_t id = 0;
    int permille = 0;  // 1000: the same once spelling is set aside; else the lowest similarity among the matched fields
    const program::DuplicateRule* rule = nullptr;
};

class Records final : public feel::Environment {
 public:
    Records(const program::Program& program, store::Connection& connection, Arena& arena, const Limits& limits,
            Host& host);
    ~Records() override;
    // Statement texts shared by all commands of an engine; without it they are printed anew for this one. Call before
    // anything else; the cache must outlive the records.
    void use(PlanCache& cache);

    // nullptr when there is no such record. Errors are the store's.
    Result<Row*> get(EntityId entity, int64_t id);
    Result<Row*> find(EntityId entity, std::string_view key);
    // Ids of rows whose stored fields have these values (one each, coerced, not null), at most `limit`.
    Result<std::vector<int64_t>> find_ids(EntityId entity, std::span<const FieldId> fields,
                                          std::span<const Value> values, int64_t limit);
    // A new row with an id, built-in fields still empty but kId; nothing is written yet. Limit: records_max.
    Result<Row*> create(EntityId entity);
    // Sets a field to a value already coerced to its column (coerce); marks dependents for settle().
    void set(Row& row, FieldId field, const Value& value);
    // The value as the field stores it: scale and rounding, enum membership, ref of a record value, text of a role,
    // date from text … Error: usage "record.type" naming field and problem.
    Result<Value> coerce(const program::Field& field, const Value& value);
    // From JSON, by field kind: decimals from numbers or text, refs by key text or {"id":n}, dates ISO, lists of lines
    // are the engine's. Errors: usage "input.type", "input.unknown_reference" …
    Result<Value> from_json(const program::Field& field, const Json& json);
    // Applies defaults to fields of a new row that are still null.
    Result<void> apply_defaults(Row& row);
    // Deletes the row and its owned lines, and does to what refers to it as `on_delete` says; those that restrict are
    // reported as violations at the end.
    Result<void> remove(Row& row);

    // A row of no table, with id 0, whose fields the caller writes himself: what a record would be. Never written.
    Result<Row*> imagine(EntityId entity);
    Result<void> imagine_rest(Row& row);  // defaults and stored formulas, once the fields are there
    // Records that the entity's duplicate rules find for this one, the likest first, `limit` at most: those that the
    // scope may read, by fields that it may read. Looks at every row's matched columns.
    Result<std::vector<Likeness>> alike(Row& row, const query::AccessScope& scope, size_t limit);
    // What refers to `from` refers to `to` instead, lines included; `to` itself never to itself.
    Result<void> repoint(Row& from, Row& to);

    // Stored formulas and roll-ups in rank order until nothing changes; fuel and rounds are bounded.
    Result<void> settle();
    // A frame over the row (nullptr: none) whose lists and computed (virtual) fields are current: those that `reads`
    // (of the expression that is about to run) names, or all of them for nullptr, which may cost a query a list.
    // `locals` nullptr: all empty. Good until the next set, create or remove.
    feel::Frame frame(Row* row, const Value* locals, const feel::Reads* reads = nullptr);
    // The row as a value: with its fields at hand where reading them needs no refreshing, else by id (member()
    // answers).
    Value value_of(Row& row);
    Result<Row*> row_of(const Value& record);                      // of a record value
    Result<std::vector<Row*>> list(Row& row, FieldId list_field);  // owned or reverse, creation order
    // Where a row stands: the record that it is a part of (itself, or the owner of a line), and in it "" or "/lines/2",
    // a JSON Pointer (RFC 6901); lines count from 0. A deleted line stands nowhere: record nullptr.
    struct Place {
        Row* record = nullptr;
        std::string pointer;
    };
    Result<Place> place(Row& row);

    // Rows made or changed so far, in order of first touch.
    const std::vector<Row*>& touched() const;
    bool changed(const Row& row, FieldId field) const;  // against `original`
    bool differs(const Row& row) const;                 // made, deleted, or some stored field is not what it was
    // A criterion of the record: nullopt when it holds (or its `if` says it does not apply); else `code` where it is
    // false and "null" where it or its `if` is null, with the empty field named.
    Result<std::optional<Violation>> judge(const program::Criterion& criterion, Row& row, const Value* locals,
                                           std::string_view code, std::string_view language,
                                           const query::AccessScope& reader = query::AccessScope::everything());
    // Whether a field counts as filled in: not null, no empty text, no empty list.
    Result<bool> filled(Row& row, FieldId field);
    // What a value that is no record's (an event's payload) breaks of its field's bounds, in words.
    static std::vector<std::string> broken_bounds(const program::Field& field, const Value& value,
                                                  std::string_view language);
    // Column constraints, required, required_if, asserts, unique and references of all touched rows (SEMANTICS 1.1:
    // once). Messages are `told` to the reader.
    Result<std::vector<Violation>> check(std::string_view language,
                                         const query::AccessScope& reader = query::AccessScope::everything());
    // The same of a row that stands in the file, whatever was touched: for definitions that are new to it.
    Result<std::vector<Violation>> check_stored(Row& row, std::string_view language);
    // The stored formulas of a row, and what follows from them, wait for settle().
    void recompute(Row& row);
    // Canonical JSON {field: [old, new]} of a touched row's stored fields (built-ins but key left out).
    void append_changes(const Row& row, std::string& out, bool hide_old = false) const;  // hide_old: old ones are null
    // The same of a row's creation, had it been made as it is now.
    void append_creation(const Row& row, std::string& out) const;
    // Stamps version and updated_*, and writes all pending rows.
    Result<void> write_all(int64_t sequence, int64_t time_us, std::string_view actor);
    Result<void> flush(EntityId entity);

    // Reads whose answer may leave. JSON of a record: declared fields, state fields, `id`, `key`, `version`, owned
    // lines; fields the scope may not read are left out, masked ones are "***". The caller has checked the row.
    Result<void> append_json(Row& row, const query::AccessScope& scope, std::string& out);
    // JSON of one field as readers get it, whoever asks; no lines.
    Result<void> append_json_of(Row& row, FieldId field, std::string& out);
    // Only what these paths lead to, by their names ("customer.name"); id and key always.
    Result<void> append_json(Row& row, const query::AccessScope& scope, std::span<const Path> paths, std::string& out);
    // A value as readers get it: numbers exact, records as keys, instants in UTC.
    Result<void> append_shown(const Value& value, std::string& out);
    bool may(Row& row, const query::AccessScope& scope, program::ExpressionPtr program::AccessRule::*right);
    // Opens the row to a holder (share.hpp) for reading or writing; `none` revokes it. True: something changed. Who may
    // do so is the caller's business, logging it too.
    Result<bool> share(Row& row, std::string_view holder, ShareRight right);
    // Opens a row for reading to who asks, whatever the access conditions say: he has an open task on it. What his
    // roles and the record's state hide stays hidden.
    void open_for_reading(Row& row, bool opened = true);
    program::FieldRight field_right(Row& row, FieldId field, const query::AccessScope& scope, bool for_write);
    // Whether the scope may read all that an expression over the row reads, here and in other records.
    bool sees(Row& row, const feel::Reads& reads, const query::AccessScope& scope);
    // A definition's text about the row, as the scope may know it: fields of the row that are hidden from it are
    // "hidden"; where it reads hidden things elsewhere, `otherwise`.
    std::string told(Row& row, const feel::Template& text, const Value* locals, const query::AccessScope& scope,
                     std::string_view otherwise);
    // Whether the scope may read a field in every record of the entity that it may read at all.
    bool shown_in_every_row(EntityId entity, FieldId field, const query::AccessScope& scope);
    // … and whether what a path leads to may be read wherever it leads.
    bool shown(EntityId entity, const Path& path, const query::AccessScope& scope);
    // Whether a scan may have this path as a key of its order: a column that tells the reader nothing hidden.
    bool sorts(EntityId entity, const Path& path, const query::AccessScope& scope);
    // The value at a path as the reader may have it: null where it is hidden.
    Result<Value> value_at(Row& row, const Path& path, const query::AccessScope& scope);
    const program::Field& field_at(EntityId entity, const Path& path) const;
    // Where a row stands in an order, whatever the reader may see of it: for paths that Records::sorts() takes.
    Result<Position> position(Row& row, const std::vector<SortKey>& order);
    // Reads what these references and lists lead to for all rows at once: one statement a field, not one a row.
    Result<void> prefetch(std::span<Row* const> rows, std::span<const FieldId> fields);
    Result<void> scan(EntityId entity, const ScanOptions& options, const query::AccessScope& scope,
                      const std::function<bool(Row&)>& visit);
    // The statement of a scan, for counting and measuring in SQL where Prepared::exact() says that this is all.
    Result<Prepared> prepare(EntityId entity, const ScanOptions& options, const query::AccessScope& scope);
    // Runs a statement of measures; `row` is given its columns one by one. False: SQLite could not (a sum too wide).
    Result<bool> measure(const Prepared& prepared, const std::function<void(const store::Statement&)>& row);
    // The queries of an expression; or of a condition over a record of `entity`, with the reader's rights in it.
    Result<std::vector<QueryPlan>> plans_of(const feel::Expression& expression, bool condition, EntityId entity,
                                            const query::AccessScope& scope);
    // Records of an entity in creation order that match a compiled condition (nullptr: all) and the scope's read
    // conditions, both through SQL where they can be; `visit` answers false to stop. Only ids after `after_id`. Where
    // the condition reads what is hidden from the scope, it is null, which is no match.
    Result<void> scan(EntityId entity, const feel::Expression* where, const Value* locals,
                      const query::AccessScope& scope, const std::function<bool(Row&)>& visit, int64_t after_id = 0);
    // A field's value as text for people and exports: decimals plain, references by key, instants in UTC, null "".
    Result<std::string> text_of(Row& row, FieldId field);

    // feel::Environment
    Value member(const Value& object, uint32_t index, feel::Frame& frame) override;
    bool query(const feel::CollectionQuery& query, std::span<const Value> parameters, feel::Frame& frame,
               Value& out) override;
    Value call(uint32_t function, std::span<const Value> arguments, feel::Frame& frame) override;
    int64_t now_us() override;
    value::Zone time_zone() override;

    Arena& arena() { return arena_; }
    store::Connection& connection() { return connection_; }
    const program::Program& program() const { return program_; }
    uint64_t steps_left;
    // The first store error met while FEEL was running (Environment cannot answer one); the engine asks after each run.
    const Error* pending_error() const;

    // Whether all that this command did to records is changes to known ones, none of them written yet: then
    // take_back() can undo what write_all() will write, without a savepoint.
    bool only_changes() const;
    // Writes what was there before over the rows that write_all() has written, also when it did not come to the end.
    Result<void> take_back();

    struct Parts;  // of this room only

 private:
    friend class Loader;
    std::unique_ptr<Parts> parts_;
    const program::Program& program_;
    store::Connection& connection_;
    Arena& arena_;
};

// What load says of collections: parts of conditions that have no SQL shape, by expression.
struct Uncompiled {
    Span span;
    std::string text, why;
};
std::vector<Uncompiled> uncompiled(const program::Program& program);

// Creates tables, indexes and views of entities that have none, adds columns that are new, remakes the views, and keeps
// leat_column (what each column holds) and leat_identity (ids that were given and deleted). Deploy uses it as well.
Result<void> create_entity_tables(const program::Program& program, store::Connection& connection);

// Takes what is gone from the records out of the full text's files, too: an index keeps it until it is merged.
Result<void> forget_searched(const program::Program& program, store::Connection& connection);

}  // namespace leat::record
