// SEMANTICS 3: own connections begin IMMEDIATE at depth 0 and nest in savepoints; joined ones use savepoints at every
// depth, so that the host's transaction, if it has one, stays the host's to commit.
#include <cassert>
#include <cstdio>
#include <utility>

#include <fmt/format.h>

#include "store/statement_cache.hpp"

namespace leat::store {

namespace {

constexpr size_t kSavepointNameMax = 64;

std::string level(int depth) {
    return fmt::format("leat_{}", depth);
}

}  // namespace

std::string quote_identifier(std::string_view name) {
    std::string quoted = "\"";
    for (char c : name) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    quoted += '"';
    return quoted;
}

Error Connection::rolled_back() const {
    return make_error(
        Status::conflict, "store.rolled_back",
        fmt::format("'{}': the transaction is gone: SQLite rolled it back after an error, or the host ended it; "
                    "begin again",
                    path_));
}

Error Connection::error(int code, std::string_view doing) const {
    int current = handle_ ? sqlite3_extended_errcode(handle_) : SQLITE_NOMEM;
    bool same = handle_ && (current & 0xff) == (code & 0xff);  // else the handle speaks of something earlier
    int extended = same ? current : code;
    const char* words = same ? sqlite3_errmsg(handle_) : sqlite3_errstr(code);
    auto make = [&](Status status, const char* name, const std::string& explanation) {
        std::string message = fmt::format("'{}': {} ({})", path_, explanation, words);
        if (depth_ > 0 && handle_ && sqlite3_get_autocommit(handle_))
            message += "; the whole transaction was rolled back";
        return make_error(status, name, std::move(message));
    };
    if (extended == SQLITE_BUSY_SNAPSHOT) {
        return make(Status::conflict, "store.snapshot_stale",
                    "another connection has written since this transaction first read: end it and begin again");
    }
    switch (code & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            if (joined_)
                return make(Status::conflict, "store.busy", "another connection holds the database; try again");
            return make(Status::conflict, "store.busy",
                        fmt::format("another connection or process holds the database; waited {} ms, try again",
                                    busy_timeout_ms_));
        case SQLITE_FULL:
            return make(Status::store, "store.full", "no room is left on the disk or in the database");
        case SQLITE_CORRUPT:
            return make(Status::store, "store.corrupt",
                        "the file is damaged: restore a copy, or see SQLite's .recover");
        case SQLITE_NOTADB:
            return make(Status::store, "store.not_leat", "this is not an SQLite database");
        case SQLITE_READONLY:
            return make(
                Status::store, "store.readonly",
                "it can only be read, and Leat writes when it opens a file, too: check its rights, its folder's "
                "and the disk's");
        case SQLITE_CANTOPEN:
            return make(Status::store, "store.io", "it cannot be opened: check its rights and its folder's");
        case SQLITE_PERM:
        case SQLITE_AUTH:
            return make(Status::store, "store.denied", "access was denied");
        case SQLITE_IOERR:
            return make(Status::store, "store.io", "the operating system failed to read or write");
        case SQLITE_CONSTRAINT:
            return make(Status::conflict, "store.constraint", "a constraint of the table does not hold");
        case SQLITE_INTERRUPT:
            return make(Status::store, "store.interrupted", "interrupted on request");
        case SQLITE_TOOBIG:
            return make(Status::limit, "store.too_big", "a text or statement is too long for SQLite");
        case SQLITE_NOMEM:
            return make(Status::memory, "store.memory", "SQLite ran out of memory");
        case SQLITE_ABORT:
            return make(Status::store, "store.rolled_back", "a rollback ended the statement");
        default:
            break;
    }
    return make_error(Status::internal, "store.sql",
                      fmt::format("'{}': {} (code {}, in: {})", path_, words, extended, doing));
}

bool Connection::lost() const {
    return depth_ > 0 && sqlite3_get_autocommit(handle_) != 0;
}

Result<void> Connection::before_write() {
    if (fail_write_ == 0 || --fail_write_ > 0) return {};
    return make_error(
        Status::store, "store.full",
        fmt::format("'{}': no room is left on the disk or in the database (asked for by fail_write)", path_));
}

Result<void> Connection::control(std::string_view sql) {
    auto found = cache_->statements.find(sql);
    if (found == cache_->statements.end()) {
        LEAT_TRY(auto first, prepare(sql));
        found = cache_->statements.find(sql);
    }
    sqlite3_stmt* statement = found->second.statement;
    int code = sqlite3_step(statement);
    if (code == SQLITE_DONE) {
        sqlite3_reset(statement);
        return {};
    }
    Error failure = error(code, sql);
    sqlite3_reset(statement);
    return failure;
}

Result<void> Connection::begin_write() {
    if (read_only_) {
        return make_error(Status::store, "store.readonly", fmt::format("'{}' is open for reading only", path_));
    }
    if (lost()) return rolled_back();
    if (joined_ && depth_ == 0) LEAT_CHECK(check_attached());
    LEAT_CHECK(control(joined_ || depth_ > 0 ? "SAVEPOINT " + level(depth_) : "BEGIN IMMEDIATE"));
    ++depth_;
    writing_ = true;
    return {};
}

Result<void> Connection::begin_read() {
    if (lost()) return rolled_back();
    LEAT_CHECK(control(joined_ || depth_ > 0 ? "SAVEPOINT " + level(depth_) : "BEGIN"));
    ++depth_;
    if (depth_ > 1) return {};
    writing_ = false;
    if (joined_) return {};
    // SQLite takes the snapshot at the first read, not at BEGIN.
    auto taken = query_integer("SELECT count(*) FROM (SELECT 1 FROM sqlite_schema LIMIT 1)");
    if (taken) return {};
    rollback();
    return std::move(taken.error());
}

Result<void> Connection::commit() {
    assert(depth_ > 0);
    bool last = depth_ == 1;
    auto attempt = [&]() -> Result<void> {
        if (lost()) return rolled_back();
        if (last && writing_) LEAT_CHECK(before_write());
        return control(joined_ || !last ? "RELEASE " + level(depth_ - 1) : "COMMIT");
    };
    auto done = attempt();
    if (done) {
        --depth_;
    } else if (last) {
        rollback();  // nobody has a use for a transaction that cannot commit, and an open one would lock out all others
    }
    return done;
}

void Connection::rollback() {
    if (depth_ == 0) return;
    --depth_;
    if (sqlite3_get_autocommit(handle_)) return;  // SQLite was faster
    if (depth_ > 0 || joined_) {
        rollback_to(level(depth_));
        return;
    }
    // After it the transaction is over even when it reports an error: autocommit is what counts.
    undo("ROLLBACK");
}

bool Connection::in_transaction() const {
    return sqlite3_get_autocommit(handle_) == 0;
}

Result<void> Connection::savepoint(std::string_view name) {
    if (lost()) return rolled_back();
    return control("SAVEPOINT " + quote_identifier(name));
}

Result<void> Connection::release(std::string_view name) {
    if (lost()) return rolled_back();
    return control("RELEASE " + quote_identifier(name));
}

// Undoing runs in destructors, also while memory is out: no statement cache, no std::string, SQLite's own memory only.
void Connection::undo(const char* sql) noexcept {
    sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
}

void Connection::rollback_to(std::string_view name) {
    if (sqlite3_get_autocommit(handle_)) return;
    assert(name.size() <= kSavepointNameMax);
    char quoted[2 * kSavepointNameMax + 1];
    size_t size = 0;
    for (char c : name.substr(0, kSavepointNameMax)) {
        if (c == '"') quoted[size++] = '"';
        quoted[size++] = c;
    }
    quoted[size] = '\0';
    char sql[2 * sizeof quoted + 32];
    // Both fail only when the savepoint is gone, and with it what it guarded.
    std::snprintf(sql, sizeof sql, "ROLLBACK TO \"%s\"; RELEASE \"%s\"", quoted, quoted);
    undo(sql);
}

}  // namespace leat::store
