#include "inbox/inbox.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace leat::inbox {

namespace {

void bind(store::Statement& statement, const Message& message) {
    statement.bind(1, message.name);
    statement.bind(2, message.id);
    statement.bind(3, message.payload);
    statement.bind(4, static_cast<int64_t>(message.status));
    statement.bind(5, message.received_us);
    statement.bind_or_null(6, message.expires_us);
    statement.bind_or_null(7, message.consumed_us);
    statement.bind_or_null(8, message.sequence);
}

Message to_message(const store::Statement& row) {
    Message message;
    message.name = row.text(0);
    message.id = row.text(1);
    message.payload = row.text(2);
    message.status = static_cast<Status>(row.integer(3));
    message.received_us = row.integer(4);
    message.expires_us = row.integer(5);
    message.consumed_us = row.integer(6);
    message.sequence = row.integer(7);
    return message;
}

}  // namespace

// Most messages are consumed by the command that receives them and never enter the partial index.
Result<void> create_tables(store::Connection& connection) {
    return connection.execute(
        "CREATE TABLE IF NOT EXISTS leat_inbox("
        "name TEXT NOT NULL, id TEXT NOT NULL, payload TEXT NOT NULL, status INTEGER NOT NULL, received_us INTEGER NOT "
        "NULL, "
        "expires_us INTEGER, consumed_us INTEGER, sequence INTEGER, PRIMARY KEY(name, id)) STRICT, WITHOUT ROWID;"
        "CREATE INDEX IF NOT EXISTS leat_inbox_waiting ON leat_inbox(received_us) WHERE status = 0");
}

Result<std::optional<Message>> find(store::Connection& connection, std::string_view name, std::string_view id) {
    LEAT_TRY(auto one,
             connection.prepare("SELECT name, id, payload, status, received_us, expires_us, consumed_us, sequence "
                                "FROM leat_inbox WHERE name = ?1 AND id = ?2"));
    one.bind(1, name);
    one.bind(2, id);
    LEAT_TRY(bool found, one.step());
    if (!found) return std::optional<Message>();
    return std::optional(to_message(one));
}

Result<void> add(store::Connection& connection, const Message& message) {
    LEAT_TRY(auto insert,
             connection.prepare("INSERT INTO leat_inbox(name, id, payload, status, received_us, expires_us, "
                                "consumed_us, sequence) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) "
                                "ON CONFLICT(name, id) DO NOTHING"));
    bind(insert, message);
    LEAT_CHECK(insert.step());
    if (connection.changes() == 1) return {};
    return make_error(base::Status::conflict, "inbox.duplicate",
                      fmt::format("message '{}' with id '{}' was received before", message.name, message.id));
}

Result<void> update(store::Connection& connection, const Message& message) {
    LEAT_TRY(auto update,
             connection.prepare("UPDATE leat_inbox SET payload = ?3, status = ?4, received_us = ?5, "
                                "expires_us = ?6, consumed_us = ?7, sequence = ?8 WHERE name = ?1 AND id = ?2"));
    bind(update, message);
    LEAT_CHECK(update.step());
    if (connection.changes() == 1) return {};
    return make_error(base::Status::not_found, "inbox.unknown",
                      fmt::format("there is no message '{}' with id '{}'", message.name, message.id));
}

Result<bool> any_waiting(store::Connection& connection) {
    LEAT_TRY(auto one, connection.prepare("SELECT 1 FROM leat_inbox WHERE status = 0 LIMIT 1"));
    return one.step();
}

Result<std::vector<Message>> waiting(store::Connection& connection, int64_t limit, int64_t head) {
    LEAT_TRY(auto rows,
             connection.prepare("SELECT name, id, payload, status, received_us, expires_us, consumed_us, sequence "
                                "FROM leat_inbox WHERE status = 0 AND ifnull(sequence, 0) < ?2 "
                                "ORDER BY ifnull(sequence, 0), received_us, name, id LIMIT ?1"));
    rows.bind(1, std::max<int64_t>(limit, 0));
    rows.bind(2, head);
    std::vector<Message> messages;
    for (;;) {
        LEAT_TRY(bool more, rows.step());
        if (!more) return messages;
        messages.push_back(to_message(rows));
    }
}

Result<int64_t> expire(store::Connection& connection, int64_t now_us) {
    LEAT_TRY(auto update, connection.prepare("UPDATE leat_inbox SET status = 2 WHERE status = 0 AND expires_us <= ?1"));
    update.bind(1, now_us);
    LEAT_CHECK(update.step());
    return connection.changes();
}

Result<void> erase(store::Connection& connection, const std::vector<int64_t>& sequences) {
    LEAT_TRY(auto update,
             connection.prepare("UPDATE leat_inbox SET payload = '{}' WHERE status = 1 AND sequence = ?1"));
    for (int64_t sequence : sequences) {
        update.reset();
        update.bind(1, sequence);
        LEAT_CHECK(update.step());
    }
    return {};
}

}  // namespace leat::inbox
