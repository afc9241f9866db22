#include "timer/timer.hpp"

#include <algorithm>

#include "timer/suspension.hpp"

namespace leat::timer {

namespace {

void bind_key(store::Statement& statement, const Timer& timer) {
    statement.bind(1, timer.due_us);
    statement.bind(2, timer.entity);
    statement.bind(3, timer.record);
    statement.bind(4, timer.name);
}

}  // namespace

Result<void> create_tables(store::Connection& connection) {
    LEAT_CHECK(create_suspension_tables(connection));
    return connection.execute(
        "CREATE TABLE IF NOT EXISTS leat_timer("
        "due_us INTEGER NOT NULL, entity TEXT NOT NULL, record INTEGER NOT NULL, name TEXT NOT NULL, kind INTEGER NOT "
        "NULL, "
        "entry INTEGER NOT NULL, count INTEGER NOT NULL, data TEXT NOT NULL, "
        "PRIMARY KEY(due_us, entity, record, name)) STRICT, WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS leat_sla("
        "entity TEXT NOT NULL, record INTEGER NOT NULL, name TEXT NOT NULL, status INTEGER NOT NULL, "
        "started_us INTEGER NOT NULL, due_us INTEGER, paused_us INTEGER, stopped_us INTEGER, worked_us INTEGER NOT "
        "NULL, "
        "entry INTEGER NOT NULL, breached_us INTEGER, PRIMARY KEY(entity, record, name)) STRICT, WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS leat_sla_past("
        "entity TEXT NOT NULL, record INTEGER NOT NULL, name TEXT NOT NULL, status INTEGER NOT NULL, "
        "started_us INTEGER NOT NULL, due_us INTEGER, paused_us INTEGER, stopped_us INTEGER, worked_us INTEGER NOT "
        "NULL, "
        "entry INTEGER NOT NULL, breached_us INTEGER, PRIMARY KEY(entity, record, name, entry)) STRICT, WITHOUT "
        "ROWID");
}

Result<void> add(store::Connection& connection, const Timer& timer) {
    if (timer.held) return hold(connection, timer);
    LEAT_TRY(auto insert,
             connection.prepare("INSERT OR REPLACE INTO leat_timer(due_us, entity, record, name, kind, entry, "
                                "count, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"));
    bind_key(insert, timer);
    insert.bind(5, static_cast<int64_t>(timer.kind));
    insert.bind(6, timer.entry);
    insert.bind(7, timer.count);
    insert.bind(8, timer.data);
    LEAT_CHECK(insert.step());
    return {};
}

Result<bool> remove(store::Connection& connection, const Timer& timer) {
    LEAT_TRY(auto erase,
             connection.prepare(timer.held ? "DELETE FROM leat_held_timer WHERE due_us = ?1 AND entity = ?2 AND record "
                                             "= ?3 AND name = ?4 AND entry = ?5 AND kind = ?6 AND count = ?7"
                                           : "DELETE FROM leat_timer WHERE due_us = ?1 AND entity = ?2 AND record = ?3 "
                                             "AND name = ?4 AND entry = ?5 AND kind = ?6 AND count = ?7"));
    bind_key(erase, timer);
    erase.bind(5, timer.entry);
    erase.bind(6, static_cast<int64_t>(timer.kind));
    erase.bind(7, timer.count);
    LEAT_CHECK(erase.step());
    return connection.changes() == 1;
}

namespace {

Result<std::vector<Timer>> timers_of(store::Statement& rows) {
    std::vector<Timer> timers;
    for (;;) {
        LEAT_TRY(bool more, rows.step());
        if (!more) return timers;
        Timer& timer = timers.emplace_back();
        timer.due_us = rows.integer(0);
        timer.entity = rows.text(1);
        timer.record = rows.integer(2);
        timer.name = rows.text(3);
        timer.kind = static_cast<Kind>(rows.integer(4));
        timer.entry = rows.integer(5);
        timer.count = rows.integer(6);
        timer.data = rows.text(7);
    }
}

}  // namespace

Result<std::vector<Timer>> due(store::Connection& connection, int64_t now_us, int64_t limit) {
    LEAT_TRY(auto rows,
             connection.prepare("SELECT due_us, entity, record, name, kind, entry, count, data FROM leat_timer "
                                "WHERE due_us <= ?1 ORDER BY due_us, entity, record, name LIMIT ?2"));
    rows.bind(1, now_us);
    rows.bind(2, std::max<int64_t>(limit, 0));
    return timers_of(rows);
}

Result<std::vector<Timer>> all(store::Connection& connection, const Timer* after, int64_t limit) {
    LEAT_TRY(auto rows,
             connection.prepare("SELECT due_us, entity, record, name, kind, entry, count, data FROM leat_timer "
                                "WHERE (due_us, entity, record, name) > (?1, ?2, ?3, ?4) AND due_us < ?5 "
                                "ORDER BY due_us, entity, record, name LIMIT ?6"));
    static const Timer kFirst{INT64_MIN, {}, INT64_MIN, {}, Kind::flow, 0, 0, {}};
    const Timer& from = after ? *after : kFirst;
    bind_key(rows, from);
    rows.bind(5, kParked);
    rows.bind(6, std::max<int64_t>(limit, 0));
    return timers_of(rows);
}

Result<std::vector<Timer>> parked(store::Connection& connection, std::string_view entity, int64_t record,
                                  std::string_view name) {
    LEAT_TRY(auto rows,
             connection.prepare("SELECT due_us, entity, record, name, kind, entry, count, data FROM leat_timer "
                                "WHERE due_us = ?1 AND entity = ?2 AND record = ?3 AND name = ?4"));
    rows.bind(1, kParked);
    rows.bind(2, entity);
    rows.bind(3, record);
    rows.bind(4, name);
    return timers_of(rows);
}

Result<std::vector<Timer>> schedules(store::Connection& connection) {
    LEAT_TRY(auto rows,
             connection.prepare("SELECT due_us, entity, record, name, kind, entry, count, data FROM leat_timer "
                                "WHERE kind = ?1 AND due_us < ?2 ORDER BY due_us, name"));
    rows.bind(1, static_cast<int64_t>(Kind::schedule));
    rows.bind(2, kParked);
    return timers_of(rows);
}

Result<std::optional<int64_t>> next_due(store::Connection& connection) {
    LEAT_TRY(auto first, connection.prepare("SELECT due_us FROM leat_timer ORDER BY due_us LIMIT 1"));
    LEAT_TRY(bool found, first.step());
    if (!found || first.integer(0) == kParked) return std::optional<int64_t>();
    return std::optional(first.integer(0));
}

namespace {

void read_clock(const store::Statement& row, SlaClock& clock) {
    clock.name = row.text(0);
    clock.status = static_cast<SlaStatus>(row.integer(1));
    clock.started_us = row.integer(2);
    clock.due_us = row.integer(3);
    clock.paused_us = row.integer(4);
    clock.stopped_us = row.integer(5);
    clock.worked_us = row.integer(6);
    clock.entry = row.integer(7);
    clock.breached_us = row.integer(8);
}

}  // namespace

Result<std::vector<SlaClock>> slas_of(store::Connection& connection, std::string_view entity, int64_t record) {
    LEAT_TRY(auto rows,
             connection.prepare("SELECT name, status, started_us, due_us, paused_us, stopped_us, worked_us, entry, "
                                "breached_us FROM leat_sla WHERE entity = ?1 AND record = ?2 ORDER BY name"));
    rows.bind(1, entity);
    rows.bind(2, record);
    std::vector<SlaClock> clocks;
    for (;;) {
        LEAT_TRY(bool more, rows.step());
        if (!more) return clocks;
        SlaClock& clock = clocks.emplace_back();
        clock.entity = entity;
        clock.record = record;
        read_clock(rows, clock);
    }
}

namespace {

void bind_clock(store::Statement& write, const SlaClock& clock) {
    write.bind(1, clock.entity);
    write.bind(2, clock.record);
    write.bind(3, clock.name);
    write.bind(4, static_cast<int64_t>(clock.status));
    write.bind(5, clock.started_us);
    write.bind_or_null(6, clock.due_us);
    write.bind_or_null(7, clock.paused_us);
    write.bind_or_null(8, clock.stopped_us);
    write.bind(9, clock.worked_us);
    write.bind(10, clock.entry);
    write.bind_or_null(11, clock.breached_us);
}

}  // namespace

Result<void> write_sla(store::Connection& connection, const SlaClock& clock) {
    LEAT_TRY(auto write,
             connection.prepare("INSERT OR REPLACE INTO leat_sla(entity, record, name, status, started_us, due_us, "
                                "paused_us, stopped_us, worked_us, entry, breached_us) "
                                "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"));
    bind_clock(write, clock);
    LEAT_CHECK(write.step());
    return {};
}

Result<void> archive_sla(store::Connection& connection, const SlaClock& clock) {
    LEAT_TRY(auto write,
             connection.prepare("INSERT INTO leat_sla_past(entity, record, name, status, started_us, due_us, "
                                "paused_us, stopped_us, worked_us, entry, breached_us) "
                                "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"));
    bind_clock(write, clock);
    LEAT_CHECK(write.step());
    return {};
}

Result<void> visit_slas(store::Connection& connection, const std::function<bool(const SlaClock&)>& visit) {
    LEAT_TRY(auto rows,
             connection.prepare("SELECT name, status, started_us, due_us, paused_us, stopped_us, worked_us, entry, "
                                "breached_us, entity, record FROM leat_sla UNION ALL "
                                "SELECT name, status, started_us, due_us, paused_us, stopped_us, worked_us, entry, "
                                "breached_us, entity, record FROM leat_sla_past ORDER BY 1, 10, 11, 8"));
    SlaClock clock;
    for (;;) {
        LEAT_TRY(bool more, rows.step());
        if (!more) return {};
        read_clock(rows, clock);
        clock.entity = rows.text(9);
        clock.record = rows.integer(10);
        if (!visit(clock)) return {};
    }
}

Result<std::vector<SlaCount>> count_slas(store::Connection& connection) {
    LEAT_TRY(auto rows,
             connection.prepare("SELECT name, sum(status = 0), sum(status = 1), sum(status = 2), sum(status = 3), "
                                "sum(status = 4) FROM (SELECT name, status FROM leat_sla UNION ALL SELECT name, status "
                                "FROM leat_sla_past) GROUP BY name ORDER BY name"));
    std::vector<SlaCount> counts;
    for (;;) {
        LEAT_TRY(bool more, rows.step());
        if (!more) return counts;
        SlaCount& count = counts.emplace_back();
        count.name = rows.text(0);
        count.running = rows.integer(1);
        count.paused = rows.integer(2);
        count.kept = rows.integer(3);
        count.breached = rows.integer(4);
        count.cancelled = rows.integer(5);
    }
}

Result<void> delete_of_record(store::Connection& connection, std::string_view entity, int64_t record) {
    for (const char* sql : {"DELETE FROM leat_sla WHERE entity = ?1 AND record = ?2",
                            "DELETE FROM leat_sla_past WHERE entity = ?1 AND record = ?2",
                            "DELETE FROM leat_timer WHERE entity = ?1 AND record = ?2"}) {
        LEAT_TRY(auto erase, connection.prepare(sql));
        erase.bind(1, entity);
        erase.bind(2, record);
        LEAT_CHECK(erase.step());
    }
    return {};
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
    for (std::string_view sql : {"UPDATE leat_timer SET entity = ?2 WHERE entity = ?1",
                                 "UPDATE leat_held_timer SET entity = ?2 WHERE entity = ?1",
                                 "UPDATE leat_suspension SET entity = ?2 WHERE entity = ?1",
                                 "UPDATE leat_sla SET entity = ?2 WHERE entity = ?1",
                                 "UPDATE leat_sla_past SET entity = ?2 WHERE entity = ?1"})
        LEAT_CHECK(rename(connection, sql, from, to));
    return {};
}

Result<void> rename_flow(store::Connection& connection, std::string_view from, std::string_view to) {
    // Kinds 0 to 2 are called after their flow; events that are for one flow alone name it.
    for (std::string_view sql : {"UPDATE leat_timer SET name = ?2 || substr(name, length(?1) + 1) "
                                 "WHERE kind <= 2 AND substr(name, 1, length(?1) + 1) = ?1 || '.'",
                                 "UPDATE leat_held_timer SET name = ?2 || substr(name, length(?1) + 1) "
                                 "WHERE kind <= 2 AND substr(name, 1, length(?1) + 1) = ?1 || '.'",
                                 "UPDATE leat_timer SET name = 'send.' || ?2 || substr(name, length(?1) + 6) "
                                 "WHERE kind = 5 AND substr(name, 1, length(?1) + 6) = 'send.' || ?1 || ':'",
                                 "UPDATE leat_held_timer SET name = 'send.' || ?2 || substr(name, length(?1) + 6) "
                                 "WHERE kind = 5 AND substr(name, 1, length(?1) + 6) = 'send.' || ?1 || ':'"})
        LEAT_CHECK(rename(connection, sql, from, to));
    return {};
}

Result<void> erase_record(store::Connection& connection, std::string_view entity, int64_t record) {
    for (std::string_view sql :
         {"UPDATE leat_timer SET data = 'null' WHERE entity = ?1 AND record = ?2 AND kind = 5",
          "UPDATE leat_held_timer SET data = 'null' WHERE entity = ?1 AND record = ?2 AND kind = 5",
          "UPDATE leat_suspension SET reason = '' WHERE entity = ?1 AND record = ?2"}) {
        LEAT_TRY(auto update, connection.prepare(sql));
        update.bind(1, entity);
        update.bind(2, record);
        LEAT_CHECK(update.step());
    }
    return {};
}

}  // namespace leat::timer
