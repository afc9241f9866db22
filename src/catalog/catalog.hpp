// catalog: what the file says of itself: format version, deployed definitions by hash, changed settings, number series,
// incidents. leat_catalog, leat_definition, leat_setting, leat_series, leat_incident. It keeps texts and does not
// understand them. Every function answers the store's errors; nothing here begins or ends a transaction.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/store.hpp"

namespace leat::catalog {

inline constexpr int64_t kFormatVersion = 1;

// Errors: catalog.newer_format for a file that a newer Leat wrote, store.corrupt without a usable format version.
Result<void> create_tables(store::Connection& connection);
// "" when absent. Names in use: format, definition (hash of the deployed one), id_seed, tzdata, engine, recompute (why
// due times wait to be derived anew), dropped (JSON of the deploy room: what undoing cannot bring back).
Result<std::string> get(store::Connection& connection, std::string_view name);
Result<void> put(store::Connection& connection, std::string_view name, std::string_view value);

struct StoredSource {
    std::string name, text;
    bool root = true;  // false: read because another one names it
};
// A hash that is there already stays as it is.
Result<void> store_definition(store::Connection& connection, std::string_view hash,
                              const std::vector<StoredSource>& sources, int64_t time_us, int64_t sequence);
// In the order in which they were stored. Error: not_found catalog.definition_unknown.
Result<std::vector<StoredSource>> load_definition(store::Connection& connection, std::string_view hash);

// The versions of a flow: one for each text of it that was ever deployed.
struct FlowVersion {
    std::string flow;        // as it is called now
    int64_t version = 0;     // from 1
    std::string digest;      // program::Flow::digest
    std::string definition;  // hash of the definitions that brought it
    std::string name;        // of the flow in them
    bool pinned = false;     // records run on it though it is not the present one
};
Result<std::vector<FlowVersion>> flow_versions(store::Connection& connection);
Result<void> put_flow_version(store::Connection& connection, const FlowVersion& version);

// What entities were called before: the log keeps the names of its time.
Result<void> add_former_name(store::Connection& connection, std::string_view entity, std::string_view was);
Result<std::vector<std::string>> former_names(store::Connection& connection, std::string_view entity);
// An entity or flow has another name from now on, in this room's tables.
Result<void> rename_entity(store::Connection& connection, std::string_view from, std::string_view to);
// Series whose names begin so have another beginning from now on: "order:" are those of keys, "order.number:" a
// field's.
Result<void> rename_series(store::Connection& connection, std::string_view from, std::string_view to);
Result<void> rename_flow(store::Connection& connection, std::string_view from, std::string_view to);

// What undoing a deployment needs. `names` and `saved` are the deploy room's.
struct Deployment {
    int64_t sequence = 0;  // of its log row
    std::string from, to;  // hashes
    std::string names;     // JSON: what was renamed
};
Result<void> put_deployment(store::Connection& connection, const Deployment& deployment);
Result<std::optional<Deployment>> last_deployment(store::Connection& connection);
Result<void> save_value(store::Connection& connection, int64_t sequence, std::string_view entity, int64_t record,
                        std::string_view saved);
struct SavedRecord {
    std::string entity;
    int64_t record = 0;
    std::string saved;
};
Result<std::vector<SavedRecord>> saved_values(store::Connection& connection, int64_t sequence);

struct SettingValue {
    std::string name;
    std::string valid_from;  // a date, or "" for always
    std::string value;       // as text, read by the setting's type
};
Result<std::vector<SettingValue>> settings(store::Connection& connection);
Result<void> put_setting(store::Connection& connection, const SettingValue& value);

// The next number of a series, gapless: drawn inside the command's transaction. From 1.
Result<int64_t> next_in_series(store::Connection& connection, std::string_view series);

struct Incident {
    int64_t id = 0;
    std::string entity;
    int64_t record = 0;
    std::string place, error;
    int64_t time_us = 0;
    std::string status;  // open, retried, dismissed
};
Result<int64_t> add_incident(store::Connection& connection, const Incident& incident);
Result<std::vector<Incident>> incidents(store::Connection& connection, bool open_only, int64_t limit);
// Error: not_found catalog.incident_unknown.
Result<Incident> find_incident(store::Connection& connection, int64_t id);
// To `retried` or `dismissed`. Error: not_found catalog.incident_unknown when no such one is open.
Result<void> close_incident(store::Connection& connection, int64_t id, std::string_view status);

// The place of a record's incidents has another name: its state was renamed.
Result<void> rename_place(store::Connection& connection, std::string_view entity, int64_t record, std::string_view from,
                          std::string_view to);
Result<void> set_place(store::Connection& connection, int64_t id, std::string_view place);

// What incidents say of a record goes, and what was kept of it for undoing a deployment.
Result<void> erase_record(store::Connection& connection, std::string_view entity, int64_t record);

}  // namespace leat::catalog
