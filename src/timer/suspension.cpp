#include "timer/suspension.hpp"

namespace leat::timer {

Result<void> create_suspension_tables(store::Connection& connection) {
    return connection.execute(
        "CREATE TABLE IF NOT EXISTS leat_suspension("
        "entity TEXT NOT NULL, record INTEGER NOT NULL, since_us INTEGER NOT NULL, by TEXT NOT NULL, reason TEXT NOT "
        "NULL, PRIMARY KEY(entity, record)) STRICT, WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS leat_held_timer("
        "entity TEXT NOT NULL, record INTEGER NOT NULL, due_us INTEGER NOT NULL, name TEXT NOT NULL, kind INTEGER NOT "
        "NULL, entry INTEGER NOT NULL, count INTEGER NOT NULL, data TEXT NOT NULL, "
        "PRIMARY KEY(entity, record, due_us, name)) STRICT, WITHOUT ROWID");
}

Result<std::vector<Suspension>> suspensions(store::Connection& connection) {
    LEAT_TRY(auto rows,
             connection.prepare("SELECT entity, record, since_us, by, reason FROM leat_suspension ORDER BY 1, 2"));
    std::vector<Suspension> out;
    for (;;) {
        LEAT_TRY(bool more, rows.step());
        if (!more) return out;
        Suspension& one = out.emplace_back();
        one.entity = rows.text(0);
        one.record = rows.integer(1);
        one.since_us = rows.integer(2);
        one.by = rows.text(3);
        one.reason = rows.text(4);
    }
}

Result<void> suspend(store::Connection& connection, const Suspension& suspension) {
    LEAT_TRY(auto insert, connection.prepare("INSERT INTO leat_suspension(entity, record, since_us, by, reason) "
                                             "VALUES (?1, ?2, ?3, ?4, ?5)"));
    insert.bind(1, suspension.entity);
    insert.bind(2, suspension.record);
    insert.bind(3, suspension.since_us);
    insert.bind(4, suspension.by);
    insert.bind(5, suspension.reason);
    LEAT_CHECK(insert.step());
    return {};
}

Result<void> resume(store::Connection& connection, std::string_view entity, int64_t record) {
    auto run = [&](std::string_view sql) -> Result<void> {
        LEAT_TRY(auto statement, connection.prepare(sql));
        statement.bind(1, entity);
        statement.bind(2, record);
        LEAT_CHECK(statement.step());
        return {};
    };
    LEAT_CHECK(
        run("INSERT OR REPLACE INTO leat_timer(due_us, entity, record, name, kind, entry, count, data) "
            "SELECT due_us, entity, record, name, kind, entry, count, data FROM leat_held_timer "
            "WHERE entity = ?1 AND record = ?2"));
    LEAT_CHECK(run("DELETE FROM leat_held_timer WHERE entity = ?1 AND record = ?2"));
    return run("DELETE FROM leat_suspension WHERE entity = ?1 AND record = ?2");
}

Result<void> hold(store::Connection& connection, const Timer& timer) {
    LEAT_TRY(auto insert, connection.prepare("INSERT OR REPLACE INTO leat_held_timer(entity, record, due_us, name, "
                                             "kind, entry, count, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"));
    insert.bind(1, timer.entity);
    insert.bind(2, timer.record);
    insert.bind(3, timer.due_us);
    insert.bind(4, timer.name);
    insert.bind(5, static_cast<int64_t>(timer.kind));
    insert.bind(6, timer.entry);
    insert.bind(7, timer.count);
    insert.bind(8, timer.data);
    LEAT_CHECK(insert.step());
    return {};
}

Result<std::vector<Timer>> set_aside(store::Connection& connection) {
    LEAT_TRY(auto rows,
             connection.prepare("SELECT due_us, entity, record, name, kind, entry, count, data, 0 FROM "
                                "leat_timer WHERE due_us = ?1 UNION ALL SELECT due_us, entity, record, "
                                "name, kind, entry, count, data, 1 FROM leat_held_timer ORDER BY 2, 3, 1, 4"));
    rows.bind(1, kParked);
    std::vector<Timer> out;
    for (;;) {
        LEAT_TRY(bool more, rows.step());
        if (!more) return out;
        out.push_back({rows.integer(0), std::string(rows.text(1)), rows.integer(2), std::string(rows.text(3)),
                       static_cast<Kind>(rows.integer(4)), rows.integer(5), rows.integer(6), std::string(rows.text(7)),
                       rows.integer(8) != 0});
    }
}

}  // namespace leat::timer
