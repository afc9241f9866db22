#include "task/task.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/json.hpp"

namespace leat::task {

namespace {

#define LEAT_TASK_COLUMNS                                                                                             \
    "id, kind, status, entity, record, flow, state, entry, title, user, role, outcome, comment, decided_by, digest, " \
    "created_us, due_us, decided_us, sequence"

void bind(store::Statement& statement, const Task& task) {
    statement.bind_or_null(1, task.id);
    statement.bind(2, static_cast<int64_t>(task.kind));
    statement.bind(3, static_cast<int64_t>(task.status));
    statement.bind(4, task.entity);
    statement.bind(5, task.record);
    statement.bind(6, task.flow);
    statement.bind(7, task.state);
    statement.bind(8, task.entry);
    statement.bind(9, task.title);
    statement.bind(10, task.user);
    statement.bind(11, task.role);
    statement.bind(12, task.outcome);
    statement.bind(13, task.comment);
    statement.bind(14, task.decided_by);
    statement.bind(15, task.digest);
    statement.bind(16, task.created_us);
    statement.bind_or_null(17, task.due_us);
    statement.bind_or_null(18, task.decided_us);
    statement.bind(19, task.sequence);
}

Task to_task(const store::Statement& row) {
    Task task;
    task.id = row.integer(0);
    task.kind = static_cast<Kind>(row.integer(1));
    task.status = static_cast<Status>(row.integer(2));
    task.entity = row.text(3);
    task.record = row.integer(4);
    task.flow = row.text(5);
    task.state = row.text(6);
    task.entry = row.integer(7);
    task.title = row.text(8);
    task.user = row.text(9);
    task.role = row.text(10);
    task.outcome = row.text(11);
    task.comment = row.text(12);
    task.decided_by = row.text(13);
    task.digest = row.text(14);
    task.created_us = row.integer(15);
    task.due_us = row.integer(16);
    task.decided_us = row.integer(17);
    task.sequence = row.integer(18);
    return task;
}

Result<std::vector<Task>> read_all(store::Statement& rows) {
    std::vector<Task> tasks;
    for (;;) {
        LEAT_TRY(bool more, rows.step());
        if (!more) return tasks;
        tasks.push_back(to_task(rows));
    }
}

}  // namespace

// AUTOINCREMENT: a task's id goes out in notices and links, so that of a deleted task must never come back as
// another's. One whole index by record costs less than a partial one: it is not touched when a task is done. Of the two
// partial ones an open task is in exactly one, by whom it waits for.
Result<void> create_tables(store::Connection& connection) {
    return connection.execute(
        "CREATE TABLE IF NOT EXISTS leat_task("
        "id INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL, status INTEGER NOT NULL, entity TEXT NOT NULL, "
        "record INTEGER NOT NULL, flow TEXT NOT NULL, state TEXT NOT NULL, entry INTEGER NOT NULL, title TEXT NOT "
        "NULL, "
        "user TEXT NOT NULL, role TEXT NOT NULL, outcome TEXT NOT NULL, comment TEXT NOT NULL, decided_by TEXT NOT "
        "NULL, "
        "digest TEXT NOT NULL, created_us INTEGER NOT NULL, due_us INTEGER, decided_us INTEGER, sequence INTEGER NOT "
        "NULL) "
        "STRICT;"
        "CREATE INDEX IF NOT EXISTS leat_task_record ON leat_task(entity, record);"
        "CREATE INDEX IF NOT EXISTS leat_task_user ON leat_task(user) WHERE status = 0 AND user <> '';"
        "CREATE INDEX IF NOT EXISTS leat_task_role ON leat_task(role) WHERE status = 0 AND user = ''");
}

Result<int64_t> add(store::Connection& connection, const Task& task) {
    LEAT_TRY(auto insert,
             connection.prepare("INSERT INTO leat_task(" LEAT_TASK_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, "
                                "?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)"));
    bind(insert, task);
    LEAT_CHECK(insert.step());
    return connection.last_insert_id();
}

Result<std::optional<Task>> find(store::Connection& connection, int64_t id) {
    LEAT_TRY(auto one, connection.prepare("SELECT " LEAT_TASK_COLUMNS " FROM leat_task WHERE id = ?1"));
    one.bind(1, id);
    LEAT_TRY(bool found, one.step());
    if (!found) return std::optional<Task>();
    return std::optional(to_task(one));
}

Result<void> update(store::Connection& connection, const Task& task) {
    LEAT_TRY(auto update,
             connection.prepare(
                 "UPDATE leat_task SET kind = ?2, status = ?3, entity = ?4, record = ?5, flow = ?6, state = ?7, "
                 "entry = ?8, title = ?9, user = ?10, role = ?11, outcome = ?12, comment = ?13, "
                 "decided_by = ?14, digest = ?15, created_us = ?16, due_us = ?17, decided_us = ?18, "
                 "sequence = ?19 WHERE id = ?1"));
    bind(update, task);
    LEAT_CHECK(update.step());
    if (connection.changes() == 1) return {};
    return make_error(base::Status::not_found, "task.unknown", fmt::format("there is no task {}", task.id));
}

Result<std::vector<Task>> of_record(store::Connection& connection, std::string_view entity, int64_t record) {
    LEAT_TRY(auto rows, connection.prepare("SELECT " LEAT_TASK_COLUMNS
                                           " FROM leat_task WHERE entity = ?1 AND record = ?2 ORDER BY id"));
    rows.bind(1, entity);
    rows.bind(2, record);
    return read_all(rows);
}

Result<std::vector<Task>> of_state(store::Connection& connection, std::string_view entity, int64_t record,
                                   std::string_view flow, std::string_view state, int64_t entry) {
    LEAT_TRY(auto rows,
             connection.prepare("SELECT " LEAT_TASK_COLUMNS
                                " FROM leat_task WHERE entity = ?1 AND record = ?2 AND kind = 1 AND flow = ?3 AND "
                                "state = ?4 AND entry = ?5 ORDER BY id"));
    rows.bind(1, entity);
    rows.bind(2, record);
    rows.bind(3, flow);
    rows.bind(4, state);
    rows.bind(5, entry);
    return read_all(rows);
}

Result<std::vector<Task>> open_for(store::Connection& connection, std::string_view user,
                                   const std::vector<std::string>& roles, bool everybody, int64_t limit) {
    if (everybody) {
        LEAT_TRY(auto rows, connection.prepare("SELECT " LEAT_TASK_COLUMNS " FROM leat_task WHERE status = 0 "
                                               "ORDER BY due_us IS NULL, due_us, id LIMIT ?1"));
        rows.bind(1, std::max<int64_t>(limit, 0));
        return read_all(rows);
    }
    // The literal conditions are those of the partial indexes, which SQLite uses only so.
    LEAT_TRY(auto rows, connection.prepare(
                            "SELECT " LEAT_TASK_COLUMNS " FROM ("
                            "SELECT " LEAT_TASK_COLUMNS " FROM leat_task WHERE status = 0 AND user <> '' AND user = ?1 "
                            "UNION ALL "
                            "SELECT " LEAT_TASK_COLUMNS " FROM leat_task WHERE status = 0 AND user = '' AND "
                            "role IN (SELECT value FROM json_each(?2))) ORDER BY due_us IS NULL, due_us, id LIMIT ?3"));
    std::string names;
    JsonWriter writer(names);
    writer.begin_array();
    for (const std::string& role : roles) writer.string(role);
    writer.end_array();
    rows.bind(1, user);
    rows.bind(2, names);
    rows.bind(3, std::max<int64_t>(limit, 0));
    return read_all(rows);
}

Result<int64_t> delete_of_record(store::Connection& connection, std::string_view entity, int64_t record) {
    LEAT_TRY(auto erase, connection.prepare("DELETE FROM leat_task WHERE entity = ?1 AND record = ?2"));
    erase.bind(1, entity);
    erase.bind(2, record);
    LEAT_CHECK(erase.step());
    return connection.changes();
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
    return rename(connection, "UPDATE leat_task SET entity = ?2 WHERE entity = ?1", from, to);
}

Result<void> rename_flow(store::Connection& connection, std::string_view from, std::string_view to) {
    return rename(connection, "UPDATE leat_task SET flow = ?2 WHERE flow = ?1", from, to);
}

Result<void> erase_record(store::Connection& connection, std::string_view entity, int64_t record) {
    for (std::string_view sql : {"UPDATE leat_task SET title = '', comment = '' WHERE entity = ?1 AND record = ?2"}) {
        LEAT_TRY(auto update, connection.prepare(sql));
        update.bind(1, entity);
        update.bind(2, record);
        LEAT_CHECK(update.step());
    }
    return {};
}

Result<int64_t> oldest_open(store::Connection& connection) {
    LEAT_TRY(auto row, connection.prepare("SELECT min(sequence) FROM leat_task WHERE status IN (0, 3)"));
    LEAT_TRY(bool found, row.step());
    return found && !row.is_null(0) ? row.integer(0) : int64_t{0};
}

}  // namespace leat::task
