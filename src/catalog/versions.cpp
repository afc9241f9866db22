// What a file remembers of its former definitions: versions of flows, names of entities, what undoing needs.
#include <fmt/format.h>

#include "catalog/catalog.hpp"

namespace leat::catalog {

namespace {

template <class... Values>
Result<void> change(store::Connection& connection, std::string_view sql, const Values&... values) {
    LEAT_TRY(auto statement, connection.prepare(sql));
    int number = 0;
    (statement.bind(++number, values), ...);
    LEAT_CHECK(statement.step());
    return {};
}

}  // namespace

Result<std::vector<FlowVersion>> flow_versions(store::Connection& connection) {
    LEAT_TRY(auto rows, connection.prepare("SELECT flow, version, digest, definition, name, pinned FROM "
                                           "leat_flow_version ORDER BY flow, version"));
    std::vector<FlowVersion> found;
    for (;;) {
        LEAT_TRY(bool more, rows.step());
        if (!more) return found;
        found.push_back({std::string(rows.text(0)), rows.integer(1), std::string(rows.text(2)),
                         std::string(rows.text(3)), std::string(rows.text(4)), rows.integer(5) != 0});
    }
}

Result<void> put_flow_version(store::Connection& connection, const FlowVersion& version) {
    return change(connection,
                  "INSERT OR REPLACE INTO leat_flow_version(flow, version, digest, definition, name, "
                  "pinned) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                  version.flow, version.version, version.digest, version.definition, version.name,
                  int64_t{version.pinned});
}

Result<void> add_former_name(store::Connection& connection, std::string_view entity, std::string_view was) {
    return change(connection, "INSERT OR IGNORE INTO leat_former_name(entity, was) VALUES (?1, ?2)", entity, was);
}

Result<std::vector<std::string>> former_names(store::Connection& connection, std::string_view entity) {
    LEAT_TRY(auto rows, connection.prepare("SELECT was FROM leat_former_name WHERE entity = ?1 ORDER BY was"));
    rows.bind(1, entity);
    std::vector<std::string> found;
    for (;;) {
        LEAT_TRY(bool more, rows.step());
        if (!more) return found;
        found.emplace_back(rows.text(0));
    }
}

Result<void> rename_entity(store::Connection& connection, std::string_view from, std::string_view to) {
    LEAT_CHECK(change(connection, "UPDATE leat_incident SET entity = ?2 WHERE entity = ?1", from, to));
    LEAT_CHECK(change(connection, "UPDATE leat_saved SET entity = ?2 WHERE entity = ?1", from, to));
    LEAT_CHECK(change(connection, "UPDATE OR REPLACE leat_former_name SET entity = ?2 WHERE entity = ?1", from, to));
    // Series of its keys, and of its fields.
    LEAT_CHECK(rename_series(connection, fmt::format("{}:", from), fmt::format("{}:", to)));
    LEAT_CHECK(rename_series(connection, fmt::format("{}.", from), fmt::format("{}.", to)));
    return add_former_name(connection, to, from);
}

Result<void> rename_series(store::Connection& connection, std::string_view from, std::string_view to) {
    // Where a series of the new name has counted already, the one that is further goes on.
    LEAT_CHECK(change(connection,
                      "INSERT INTO leat_series(series, last) SELECT ?2 || substr(series, length(?1) + 1), last FROM "
                      "leat_series WHERE substr(series, 1, length(?1)) = ?1 "
                      "ON CONFLICT(series) DO UPDATE SET last = max(last, excluded.last)",
                      from, to));
    return change(connection, "DELETE FROM leat_series WHERE substr(series, 1, length(?1)) = ?1", from);
}

Result<void> rename_flow(store::Connection& connection, std::string_view from, std::string_view to) {
    LEAT_CHECK(change(connection,
                      "UPDATE leat_incident SET place = ?2 || substr(place, length(?1) + 1) "
                      "WHERE substr(place, 1, length(?1) + 1) = ?1 || '.'",
                      from, to));
    return change(connection, "UPDATE leat_flow_version SET flow = ?2 WHERE flow = ?1", from, to);
}

Result<void> rename_place(store::Connection& connection, std::string_view entity, int64_t record, std::string_view from,
                          std::string_view to) {
    return change(connection,
                  "UPDATE leat_incident SET place = ?4 WHERE entity = ?1 AND record = ?2 "
                  "AND place = ?3",
                  entity, record, from, to);
}

Result<void> set_place(store::Connection& connection, int64_t id, std::string_view place) {
    return change(connection, "UPDATE leat_incident SET place = ?2 WHERE id = ?1", id, place);
}

Result<void> put_deployment(store::Connection& connection, const Deployment& deployment) {
    // Only the last one can be undone: what older ones kept goes.
    LEAT_CHECK(connection.execute("DELETE FROM leat_deployment; DELETE FROM leat_saved"));
    return change(connection,
                  "INSERT INTO leat_deployment(sequence, from_hash, to_hash, names) "
                  "VALUES (?1, ?2, ?3, ?4)",
                  deployment.sequence, deployment.from, deployment.to, deployment.names);
}

Result<std::optional<Deployment>> last_deployment(store::Connection& connection) {
    LEAT_TRY(auto row, connection.prepare("SELECT sequence, from_hash, to_hash, names FROM leat_deployment ORDER BY "
                                          "sequence DESC LIMIT 1"));
    LEAT_TRY(bool found, row.step());
    if (!found) return std::optional<Deployment>();
    return std::optional<Deployment>(
        {row.integer(0), std::string(row.text(1)), std::string(row.text(2)), std::string(row.text(3))});
}

Result<void> save_value(store::Connection& connection, int64_t sequence, std::string_view entity, int64_t record,
                        std::string_view saved) {
    return change(connection,
                  "INSERT OR REPLACE INTO leat_saved(sequence, entity, record, saved) "
                  "VALUES (?1, ?2, ?3, ?4)",
                  sequence, entity, record, saved);
}

Result<std::vector<SavedRecord>> saved_values(store::Connection& connection, int64_t sequence) {
    LEAT_TRY(auto rows, connection.prepare("SELECT entity, record, saved FROM leat_saved WHERE sequence = ?1 ORDER BY "
                                           "entity, record"));
    rows.bind(1, sequence);
    std::vector<SavedRecord> found;
    for (;;) {
        LEAT_TRY(bool more, rows.step());
        if (!more) return found;
        found.push_back({std::string(rows.text(0)), rows.integer(1), std::string(rows.text(2))});
    }
}

Result<void> erase_record(store::Connection& connection, std::string_view entity, int64_t record) {
    for (std::string_view sql : {"UPDATE leat_incident SET error = '' WHERE entity = ?1 AND record = ?2",
                                 "DELETE FROM leat_saved WHERE entity = ?1 AND record = ?2"}) {
        LEAT_TRY(auto update, connection.prepare(sql));
        update.bind(1, entity);
        update.bind(2, record);
        LEAT_CHECK(update.step());
    }
    return {};
}

}  // namespace leat::catalog
