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
// due times wait to be derived anew).
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

}  // namespace leat::catalog
