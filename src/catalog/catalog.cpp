#include "catalog/catalog.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace leat::catalog {

namespace {

Result<void> check_format(store::Connection& connection) {
    LEAT_TRY(std::string text, get(connection, "format"));
    int64_t version = 0;
    auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), version);
    if (failure != std::errc() || end != text.data() + text.size() || version < 1) {
        return make_error(
            Status::store, "store.corrupt",
            fmt::format("'{}': leat_catalog has no usable format version, but '{}'", connection.path(), text));
    }
    if (version > kFormatVersion) {
        return make_error(
            Status::store, "catalog.newer_format",
            fmt::format("'{}' was written by a newer Leat (file format {}; this one knows {}): update Leat",
                        connection.path(), version, kFormatVersion));
    }
    return {};
}

}  // namespace

Result<void> create_tables(store::Connection& connection) {
    LEAT_CHECK(connection.execute(
        "CREATE TABLE IF NOT EXISTS leat_catalog(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID"));
    {
        LEAT_TRY(auto insert, connection.prepare("INSERT INTO leat_catalog(name, value) VALUES ('format', ?1) "
                                                 "ON CONFLICT(name) DO NOTHING"));
        std::string version = std::to_string(kFormatVersion);
        insert.bind(1, version);
        LEAT_CHECK(insert.step());
    }
    LEAT_CHECK(check_format(connection));  // before anything else is written: a newer file stays as it is
    return connection.execute(
        "CREATE TABLE IF NOT EXISTS leat_definition("
        "hash TEXT NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL, text TEXT NOT NULL, root INTEGER NOT NULL, "
        "time_us INTEGER NOT NULL, sequence INTEGER NOT NULL, PRIMARY KEY(hash, position)) STRICT, WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS leat_setting("
        "name TEXT NOT NULL, valid_from TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY(name, valid_from)) STRICT, "
        "WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS leat_series(series TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS leat_incident("
        "id INTEGER PRIMARY KEY, entity TEXT NOT NULL, record INTEGER NOT NULL, place TEXT NOT NULL, error TEXT NOT "
        "NULL, "
        "time_us INTEGER NOT NULL, status TEXT NOT NULL) STRICT;"
        "CREATE INDEX IF NOT EXISTS leat_incident_open ON leat_incident(id) WHERE status = 'open';"
        "CREATE TABLE IF NOT EXISTS leat_flow_version("
        "flow TEXT NOT NULL, version INTEGER NOT NULL, digest TEXT NOT NULL, definition TEXT NOT NULL, name TEXT NOT "
        "NULL, pinned INTEGER NOT NULL, PRIMARY KEY(flow, version)) STRICT, WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS leat_former_name("
        "entity TEXT NOT NULL, was TEXT NOT NULL, PRIMARY KEY(entity, was)) STRICT, WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS leat_deployment("
        "sequence INTEGER PRIMARY KEY, from_hash TEXT NOT NULL, to_hash TEXT NOT NULL, names TEXT NOT NULL) STRICT;"
        "CREATE TABLE IF NOT EXISTS leat_saved("
        "sequence INTEGER NOT NULL, entity TEXT NOT NULL, record INTEGER NOT NULL, saved TEXT NOT NULL, "
        "PRIMARY KEY(sequence, entity, record)) STRICT, WITHOUT ROWID");
}

Result<std::string> get(store::Connection& connection, std::string_view name) {
    LEAT_TRY(auto one, connection.prepare("SELECT value FROM leat_catalog WHERE name = ?1"));
    one.bind(1, name);
    LEAT_TRY(bool found, one.step());
    return found ? std::string(one.text(0)) : std::string();
}

Result<void> put(store::Connection& connection, std::string_view name, std::string_view value) {
    LEAT_TRY(auto write, connection.prepare("INSERT INTO leat_catalog(name, value) VALUES (?1, ?2) "
                                            "ON CONFLICT(name) DO UPDATE SET value = excluded.value"));
    write.bind(1, name);
    write.bind(2, value);
    LEAT_CHECK(write.step());
    return {};
}

Result<void> store_definition(store::Connection& connection, std::string_view hash,
                              const std::vector<StoredSource>& sources, int64_t time_us, int64_t sequence) {
    // The same hash is the same text: deployed again, it stays as it was first stored, and the log tells of both times.
    LEAT_TRY(auto insert,
             connection.prepare("INSERT INTO leat_definition(hash, position, name, text, time_us, sequence, root) "
                                "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT(hash, position) DO NOTHING"));
    int64_t position = 0;
    for (const StoredSource& source : sources) {
        insert.reset();
        insert.bind(1, hash);
        insert.bind(2, ++position);
        insert.bind(3, source.name);
        insert.bind(4, source.text);
        insert.bind(5, time_us);
        insert.bind(6, sequence);
        insert.bind(7, int64_t{source.root});
        LEAT_CHECK(insert.step());
    }
    return {};
}

Result<std::vector<StoredSource>> load_definition(store::Connection& connection, std::string_view hash) {
    LEAT_TRY(auto rows,
             connection.prepare("SELECT name, text, root FROM leat_definition WHERE hash = ?1 ORDER BY position"));
    rows.bind(1, hash);
    std::vector<StoredSource> sources;
    for (;;) {
        LEAT_TRY(bool more, rows.step());
        if (!more) break;
        sources.push_back({std::string(rows.text(0)), std::string(rows.text(1)), rows.integer(2) != 0});
    }
    if (!sources.empty()) return sources;
    return make_error(Status::not_found, "catalog.definition_unknown",
                      fmt::format("'{}' holds no definitions with hash '{}'", connection.path(), hash));
}

Result<std::vector<SettingValue>> settings(store::Connection& connection) {
    LEAT_TRY(auto rows,
             connection.prepare("SELECT name, valid_from, value FROM leat_setting ORDER BY name, valid_from"));
    std::vector<SettingValue> values;
    for (;;) {
        LEAT_TRY(bool more, rows.step());
        if (!more) return values;
        values.push_back({std::string(rows.text(0)), std::string(rows.text(1)), std::string(rows.text(2))});
    }
}

Result<void> put_setting(store::Connection& connection, const SettingValue& value) {
    LEAT_TRY(auto write, connection.prepare("INSERT INTO leat_setting(name, valid_from, value) VALUES (?1, ?2, ?3) "
                                            "ON CONFLICT(name, valid_from) DO UPDATE SET value = excluded.value"));
    write.bind(1, value.name);
    write.bind(2, value.valid_from);
    write.bind(3, value.value);
    LEAT_CHECK(write.step());
    return {};
}

Result<int64_t> next_in_series(store::Connection& connection, std::string_view series) {
    LEAT_TRY(auto draw, connection.prepare("INSERT INTO leat_series(series, last) VALUES (?1, 1) "
                                           "ON CONFLICT(series) DO UPDATE SET last = last + 1 RETURNING last"));
    draw.bind(1, series);
    LEAT_TRY(bool found, draw.step());
    if (!found) return make_error(Status::internal, "store.sql", fmt::format("series '{}' gave no number", series));
    int64_t number = draw.integer(0);
    LEAT_CHECK(draw.step());  // to its end: only then is the statement over
    return number;
}

Result<int64_t> add_incident(store::Connection& connection, const Incident& incident) {
    LEAT_TRY(auto insert, connection.prepare("INSERT INTO leat_incident(entity, record, place, error, time_us, status) "
                                             "VALUES (?1, ?2, ?3, ?4, ?5, ?6)"));
    insert.bind(1, incident.entity);
    insert.bind(2, incident.record);
    insert.bind(3, incident.place);
    insert.bind(4, incident.error);
    insert.bind(5, incident.time_us);
    insert.bind(6, incident.status.empty() ? std::string_view("open") : std::string_view(incident.status));
    LEAT_CHECK(insert.step());
    return connection.last_insert_id();
}

Result<std::vector<Incident>> incidents(store::Connection& connection, bool open_only, int64_t limit) {
    LEAT_TRY(auto rows, connection.prepare(open_only ? "SELECT id, entity, record, place, error, time_us, status "
                                                       "FROM leat_incident WHERE status = 'open' ORDER BY id LIMIT ?1"
                                                     : "SELECT id, entity, record, place, error, time_us, status "
                                                       "FROM leat_incident ORDER BY id LIMIT ?1"));
    rows.bind(1, std::max<int64_t>(limit, 0));
    std::vector<Incident> found;
    for (;;) {
        LEAT_TRY(bool more, rows.step());
        if (!more) return found;
        found.push_back({rows.integer(0), std::string(rows.text(1)), rows.integer(2), std::string(rows.text(3)),
                         std::string(rows.text(4)), rows.integer(5), std::string(rows.text(6))});
    }
}

Result<Incident> find_incident(store::Connection& connection, int64_t id) {
    LEAT_TRY(auto row, connection.prepare("SELECT id, entity, record, place, error, time_us, status FROM leat_incident "
                                          "WHERE id = ?1"));
    row.bind(1, id);
    LEAT_TRY(bool found, row.step());
    if (!found)
        return make_error(Status::not_found, "catalog.incident_unknown", fmt::format("there is no incident {}", id));
    return Incident{row.integer(0),           std::string(row.text(1)), row.integer(2),
                    std::string(row.text(3)), std::string(row.text(4)), row.integer(5),
                    std::string(row.text(6))};
}

Result<void> close_incident(store::Connection& connection, int64_t id, std::string_view status) {
    LEAT_TRY(auto update, connection.prepare("UPDATE leat_incident SET status = ?2 WHERE id = ?1 AND status = 'open'"));
    update.bind(1, id);
    update.bind(2, status);
    LEAT_CHECK(update.step());
    if (connection.changes() == 1) return {};
    return make_error(Status::not_found, "catalog.incident_unknown", fmt::format("there is no open incident {}", id));
}

}  // namespace leat::catalog
