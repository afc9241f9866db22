#include "outbox/outbox.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace leat::outbox {

namespace {

#define LEAT_OUTBOX_COLUMNS                                                                                      \
    "id, kind, topic, payload, entity, record, status, attempts, created_us, next_us, lease_until_us, receipt, " \
    "sequence"

Item to_item(const store::Statement& row) {
    Item item;
    item.id = row.integer(0);
    item.kind = static_cast<Kind>(row.integer(1));
    item.topic = row.text(2);
    item.payload = row.text(3);
    item.entity = row.text(4);
    item.record = row.integer(5);
    item.status = static_cast<Status>(row.integer(6));
    item.attempts = row.integer(7);
    item.created_us = row.integer(8);
    item.next_us = row.integer(9);
    item.lease_until_us = row.integer(10);
    item.receipt = row.text(11);
    item.sequence = row.integer(12);
    return item;
}

void bind(store::Statement& statement, const Item& item) {
    statement.bind_or_null(1, item.id);
    statement.bind(2, static_cast<int64_t>(item.kind));
    statement.bind(3, item.topic);
    statement.bind(4, item.payload);
    statement.bind(5, item.entity);
    statement.bind(6, item.record);
    statement.bind(7, static_cast<int64_t>(item.status));
    statement.bind(8, item.attempts);
    statement.bind(9, item.created_us);
    statement.bind(10, item.next_us);
    statement.bind_or_null(11, item.lease_until_us);
    statement.bind(12, item.receipt);
    statement.bind(13, item.sequence);
}

Result<std::vector<Item>> read_all(store::Statement& rows) {
    std::vector<Item> items;
    for (;;) {
        LEAT_TRY(bool more, rows.step());
        if (!more) return items;
        items.push_back(to_item(rows));
    }
}

// The id up to which no fresh item is left.
Result<int64_t> mark(store::Connection& connection) {
    LEAT_TRY(auto one, connection.prepare("SELECT id FROM leat_outbox_mark"));
    LEAT_TRY(bool found, one.step());
    return found ? one.integer(0) : 0;
}

Result<void> set_mark(store::Connection& connection, int64_t id) {
    LEAT_TRY(auto write, connection.prepare("UPDATE leat_outbox_mark SET id = ?1"));
    write.bind(1, id);
    LEAT_CHECK(write.step());
    return {};
}

Result<std::vector<Item>> fresh_after(store::Connection& connection, int64_t id, int64_t limit) {
    LEAT_TRY(auto rows,
             connection.prepare("SELECT " LEAT_OUTBOX_COLUMNS " FROM leat_outbox WHERE id > ?1 AND status = 0 AND "
                                "later = 0 ORDER BY id LIMIT ?2"));
    rows.bind(1, id);
    rows.bind(2, limit);
    return read_all(rows);
}

Result<std::vector<Item>> waiting_until(store::Connection& connection, int64_t now_us, int64_t limit) {
    LEAT_TRY(auto rows,
             connection.prepare("SELECT " LEAT_OUTBOX_COLUMNS " FROM leat_outbox WHERE status = 0 AND later = 1 AND "
                                "next_us <= ?1 ORDER BY next_us, id LIMIT ?2"));
    rows.bind(1, now_us);
    rows.bind(2, limit);
    return read_all(rows);
}

Result<int64_t> last_id(store::Connection& connection) {
    LEAT_TRY(auto one, connection.prepare("SELECT id FROM leat_outbox ORDER BY id DESC LIMIT 1"));
    LEAT_TRY(bool found, one.step());
    return found ? one.integer(0) : 0;
}

}  // namespace

// The path of a transition writes the outbox's tail and nothing else of it (SEMANTICS 2). An item that may be delivered
// at once is *fresh*: `later` is 0 and no index knows it; claims find fresh items behind a mark that only moves
// forward. What was planned for a later time, and whatever was touched since it was added, has `later` = 1:
// leat_outbox_later finds it when it is due, leat_outbox_lease while it is claimed. Both hold what is in flight, not
// what was ever sent.
//
// Rows that were committed are never deleted, so that plain row ids are never used twice: they are effect keys.
Result<void> create_tables(store::Connection& connection) {
    return connection.execute(
        "CREATE TABLE IF NOT EXISTS leat_outbox("
        "id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, topic TEXT NOT NULL, payload TEXT NOT NULL, entity TEXT NOT "
        "NULL, "
        "record INTEGER NOT NULL, status INTEGER NOT NULL, attempts INTEGER NOT NULL, created_us INTEGER NOT NULL, "
        "next_us INTEGER NOT NULL, lease_until_us INTEGER, receipt TEXT NOT NULL, sequence INTEGER NOT NULL, "
        "later INTEGER NOT NULL) STRICT;"
        "CREATE INDEX IF NOT EXISTS leat_outbox_later ON leat_outbox(next_us) WHERE status = 0 AND later = 1;"
        "CREATE INDEX IF NOT EXISTS leat_outbox_lease ON leat_outbox(lease_until_us) WHERE status = 1;"
        "CREATE TABLE IF NOT EXISTS leat_outbox_mark(one INTEGER PRIMARY KEY CHECK (one = 1), id INTEGER NOT NULL) "
        "STRICT;"
        "INSERT OR IGNORE INTO leat_outbox_mark(one, id) VALUES (1, 0)");
}

Result<int64_t> add(store::Connection& connection, const Item& item) {
    // Every item begins planned, tried by nobody. Ids are SQLite's next: behind the mark nothing fresh may appear.
    LEAT_TRY(auto insert,
             connection.prepare("INSERT INTO leat_outbox(kind, topic, payload, entity, record, status, attempts, "
                                "created_us, next_us, receipt, sequence, later) VALUES (?1, ?2, ?3, ?4, ?5, 0, 0, ?6, "
                                "?7, '', ?8, ?9)"));
    insert.bind(1, static_cast<int64_t>(item.kind));
    insert.bind(2, item.topic);
    insert.bind(3, item.payload);
    insert.bind(4, item.entity);
    insert.bind(5, item.record);
    insert.bind(6, item.created_us);
    insert.bind(7, item.next_us);
    insert.bind(8, item.sequence);
    insert.bind(9, static_cast<int64_t>(item.next_us > item.created_us));
    LEAT_CHECK(insert.step());
    return connection.last_insert_id();
}

Result<void> take_back(store::Connection& connection, int64_t id) {
    LEAT_TRY(auto remove, connection.prepare("DELETE FROM leat_outbox WHERE id = ?1"));
    remove.bind(1, id);
    LEAT_CHECK(remove.step());
    return {};
}

Result<std::vector<Item>> claim(store::Connection& connection, int64_t now_us, int64_t lease_ms, int64_t limit) {
    if (limit <= 0) return std::vector<Item>();
    LEAT_TRY(int64_t passed, mark(connection));
    LEAT_TRY(std::vector<Item> fresh, fresh_after(connection, passed, limit));
    LEAT_TRY(std::vector<Item> items, waiting_until(connection, now_us, limit));
    std::vector<int64_t> fresh_ids;
    for (Item& item : fresh) {
        fresh_ids.push_back(item.id);
        items.push_back(std::move(item));
    }
    // Who has waited longest goes first, so that neither retries nor new items can hold up the others.
    std::sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
        int64_t since_a = std::max(a.created_us, a.next_us);
        int64_t since_b = std::max(b.created_us, b.next_us);
        return since_a != since_b ? since_a < since_b : a.id < b.id;
    });
    if (static_cast<int64_t>(items.size()) > limit) items.resize(static_cast<size_t>(limit));

    LEAT_TRY(auto write,
             connection.prepare("UPDATE leat_outbox SET status = 1, attempts = ?2, lease_until_us = ?3, later = 1 "
                                "WHERE id = ?1"));
    for (Item& item : items) {
        item.status = Status::claimed;
        item.attempts += 1;
        item.lease_until_us = now_us + lease_ms * 1'000;
        write.reset();
        write.bind(1, item.id);
        write.bind(2, item.attempts);
        write.bind(3, item.lease_until_us);
        LEAT_CHECK(write.step());
    }

    auto taken = [&](int64_t id) {
        return std::any_of(items.begin(), items.end(), [id](const Item& item) { return item.id == id; });
    };
    int64_t reached = passed;
    size_t count = 0;
    while (count < fresh_ids.size() && taken(fresh_ids[count])) reached = fresh_ids[count++];
    if (count == fresh_ids.size() && static_cast<int64_t>(count) < limit) {
        LEAT_TRY(reached, last_id(connection));  // nothing fresh is left: pass what waits for a time as well
    }
    if (reached > passed) LEAT_CHECK(set_mark(connection, reached));
    return items;
}

Result<std::optional<Item>> find(store::Connection& connection, int64_t id) {
    LEAT_TRY(auto one, connection.prepare("SELECT " LEAT_OUTBOX_COLUMNS " FROM leat_outbox WHERE id = ?1"));
    one.bind(1, id);
    LEAT_TRY(bool found, one.step());
    if (!found) return std::optional<Item>();
    return std::optional(to_item(one));
}

Result<void> update(store::Connection& connection, const Item& item) {
    LEAT_TRY(auto update,
             connection.prepare("UPDATE leat_outbox SET kind = ?2, topic = ?3, payload = ?4, entity = ?5, "
                                "record = ?6, status = ?7, attempts = ?8, created_us = ?9, next_us = ?10, "
                                "lease_until_us = ?11, receipt = ?12, sequence = ?13, later = 1 WHERE id = ?1"));
    bind(update, item);
    LEAT_CHECK(update.step());
    if (connection.changes() == 1) return {};
    return make_error(base::Status::not_found, "outbox.unknown", fmt::format("there is no outbox item {}", item.id));
}

Result<int64_t> expire_leases(store::Connection& connection, int64_t now_us) {
    LEAT_TRY(auto update,
             connection.prepare("UPDATE leat_outbox SET status = 4 WHERE status = 1 AND lease_until_us <= ?1"));
    update.bind(1, now_us);
    LEAT_CHECK(update.step());
    return connection.changes();
}

Result<Counts> count(store::Connection& connection) {
    LEAT_TRY(auto row, connection.prepare("SELECT sum(status = 0), sum(status = 1), sum(status = 2), sum(status = 3), "
                                          "sum(status = 4) FROM leat_outbox"));
    LEAT_CHECK(row.step());
    return Counts{row.integer(0), row.integer(1), row.integer(2), row.integer(3), row.integer(4)};
}

Result<std::vector<Item>> of_record(store::Connection& connection, std::string_view entity, int64_t record,
                                    int64_t limit) {
    LEAT_TRY(auto rows, connection.prepare("SELECT " LEAT_OUTBOX_COLUMNS
                                           " FROM leat_outbox WHERE entity = ?1 AND record = ?2 ORDER BY id DESC "
                                           "LIMIT ?3"));
    rows.bind(1, entity);
    rows.bind(2, record);
    rows.bind(3, limit);
    return read_all(rows);
}

Result<std::vector<Item>> list(store::Connection& connection, std::optional<Status> status, int64_t limit) {
    LEAT_TRY(auto rows,
             connection.prepare("SELECT " LEAT_OUTBOX_COLUMNS " FROM leat_outbox WHERE ?1 IS NULL OR status = ?1 "
                                "ORDER BY id LIMIT ?2"));
    if (status) rows.bind(1, static_cast<int64_t>(*status));
    rows.bind(2, std::max<int64_t>(limit, 0));
    return read_all(rows);
}

Result<void> rename_entity(store::Connection& connection, std::string_view from, std::string_view to) {
    LEAT_TRY(auto update, connection.prepare("UPDATE leat_outbox SET entity = ?2 WHERE entity = ?1"));
    update.bind(1, from);
    update.bind(2, to);
    LEAT_CHECK(update.step());
    return {};
}

Result<void> erase_record(store::Connection& connection, std::string_view entity, int64_t record) {
    for (std::string_view sql : {"UPDATE leat_outbox SET payload = '{}', receipt = 'erased', status = CASE WHEN status "
                                 "= 0 THEN 3 ELSE status END WHERE entity = ?1 AND record = ?2"}) {
        LEAT_TRY(auto update, connection.prepare(sql));
        update.bind(1, entity);
        update.bind(2, record);
        LEAT_CHECK(update.step());
    }
    return {};
}

}  // namespace leat::outbox
