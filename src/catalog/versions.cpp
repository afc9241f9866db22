// What a file remembers of its former definitions: versions of flows, names of entities, what undoing needs.
#include <fmt/format.h>

#include "catalog/catalog.hpp"

namespace leat::catalog {

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
    LEAT_TRY(auto write,
             connection.prepare("INSERT OR REPLACE INTO leat_flow_version(flow, version, digest, definition, name, "
                                "pinned) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"));
    write.bind(1, version.flow);
    write.bind(2, version.version);
    write.bind(3, version.digest);
    write.bind(4, version.definition);
    write.bind(5, version.name);
    write.bind(6, int64_t{version.pinned});
    LEAT_CHECK(write.step());
    return {};
}

Result<void> add_former_name(store::Connection& connection, std::string_view entity, std::string_view was) {
    LEAT_TRY(auto write, connection.prepare("INSERT OR IGNORE INTO leat_former_name(entity, was) VALUES (?1, ?2)"));
    write.bind(1, entity);
    write.bind(2, was);
    LEAT_CHECK(write.step());
    return {};
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

namespace {

Result<void> rename(store::Connection& connection, std::string_view sql, std::string_view from, std::string_view to) {
    LEAT_TRY(auto update, connection.prepare(sql));
    update.bind(1, from);
    update.bind(2, to);
    LEAT_CHECK(update.step());
    return {};
}

}  // namespace

Result<void> rename_entity(store::Connection& connection, std::string_view from, std::string_view to) {
    LEAT_CHECK(rename(connection, "UPDATE leat_incident SET entity = ?2 WHERE entity = ?1", from, to));
    LEAT_CHECK(rename(connection, "UPDATE leat_saved SET entity = ?2 WHERE entity = ?1", from, to));
    LEAT_CHECK(rename(connection, "UPDATE OR REPLACE leat_former_name SET entity = ?2 WHERE entity = ?1", from, to));
    // Series of its keys, and of its fields.
    LEAT_CHECK(rename_series(connection, fmt::format("{}:", from), fmt::format("{}:", to)));
    LEAT_CHECK(rename_series(connection, fmt::format("{}.", from), fmt::format("{}.", to)));
    return add_former_name(connection, to, from);
}

Result<void> rename_series(store::Connection& connection, std::string_view from, std::string_view to) {
    // Where a series of the new name has counted already, the one that is further goes on.
    LEAT_CHECK(rename(connection,
                      "INSERT INTO leat_series(series, last) SELECT ?2 || substr(series, length(?1) + 1), last FROM "
                      "leat_series WHERE substr(series, 1, length(?1)) = ?1 "
                      "ON CONFLICT(series) DO UPDATE SET last = max(last, excluded.last)",
                      from, to));
    LEAT_TRY(auto gone, connection.prepare("DELETE FROM leat_series WHERE substr(series, 1, length(?1)) = ?1"));
    gone.bind(1, from);
    LEAT_CHECK(gone.step());
    return {};
}

Result<void> rename_flow(store::Connection& connection, std::string_view from, std::string_view to) {
    LEAT_CHECK(rename(connection,
                      "UPDATE leat_incident SET place = ?2 || substr(place, length(?1) + 1) "
                      "WHERE substr(place, 1, length(?1) + 1) = ?1 || '.'",
                      from, to));
    return rename(connection, "UPDATE leat_flow_version SET flow = ?2 WHERE flow = ?1", from, to);
}

Result<void> rename_place(store::Connection& connection, std::string_view entity, int64_t record, std::string_view from,
                          std::string_view to) {
    LEAT_TRY(auto update, connection.prepare("UPDATE leat_incident SET place = ?4 WHERE entity = ?1 AND record = ?2 "
                                             "AND place = ?3"));
    update.bind(1, entity);
    update.bind(2, record);
    update.bind(3, from);
    update.bind(4, to);
    LEAT_CHECK(update.step());
    return {};
}

Result<void> set_place(store::Connection& connection, int64_t id, std::string_view place) {
    LEAT_TRY(auto update, connection.prepare("UPDATE leat_incident SET place = ?2 WHERE id = ?1"));
    update.bind(1, id);
    update.bind(2, place);
    LEAT_CHECK(update.step());
    return {};
}

Result<void> put_deployment(store::Connection& connection, const Deployment& deployment) {
    // Only the last one can be undone: what older ones kept goes.
    LEAT_CHECK(connection.execute("DELETE FROM leat_deployment; DELETE FROM leat_saved"));
    LEAT_TRY(auto write, connection.prepare("INSERT INTO leat_deployment(sequence, from_hash, to_hash, names) "
                                            "VALUES (?1, ?2, ?3, ?4)"));
    write.bind(1, deployment.sequence);
    write.bind(2, deployment.from);
    write.bind(3, deployment.to);
    write.bind(4, deployment.names);
    LEAT_CHECK(write.step());
    return {};
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
    LEAT_TRY(auto write, connection.prepare("INSERT OR REPLACE INTO leat_saved(sequence, entity, record, saved) "
                                            "VALUES (?1, ?2, ?3, ?4)"));
    write.bind(1, sequence);
    write.bind(2, entity);
    write.bind(3, record);
    write.bind(4, saved);
    LEAT_CHECK(write.step());
    return {};
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
