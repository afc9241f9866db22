// SEMANTICS 3: own connections begin IMMEDIATE at depth 0 and nest in savepoints; joined ones use savepoints at every
// depth, so that the host's transaction, if it has one, stays the host's to commit.
#include <cassert>
#include <utility>

#include <fmt/format.h>

#include "store/statement_cache.hpp"

namespace leat::store {

namespace {

constexpr size_t kSavepointNameMax = 64;

std::string level(int depth) {
    return fmt::format("leat_{}", depth);
}

// `SAVEPOINT "name"` and its kin without memory of their own: every command of a batch has two of them.
class SavepointSql {
 public:
    SavepointSql(std::string_view what, std::string_view name) {
        assert(name.size() <= kSavepointNameMax && what.size() <= kWhatMax);
        append(what.substr(0, kWhatMax));
        text_[size_++] = '"';
        for (char c : name.substr(0, kSavepointNameMax)) {
            if (c == '"') text_[size_++] = '"';
            text_[size_++] = c;
        }
        text_[size_++] = '"';
        text_[size_] = '\0';
    }
    std::string_view text() const { return {text_, size_}; }
    const char* c_str() const { return text_; }

 private:
    static constexpr size_t kWhatMax = 16;
    void append(std::string_view part) {
        for (char c : part) text_[size_++] = c;
    }
    char text_[kWhatMax + 2 * kSavepointNameMax + 3];
    size_t size_ = 0;
};

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

// Levels and savepoints nest in the order in which they were asked for.
Result<void> Connection::set_waiting() {
    if (waiting_.empty()) return {};
    std::string_view name = std::exchange(waiting_, {});
    return control(SavepointSql("SAVEPOINT ", name).text());
}

Result<void> Connection::before_write() {
    LEAT_CHECK(set_waiting());
    if (fail_write_ == 0 || --fail_write_ > 0) return {};
    return make_error(
        Status::store, "store.full",
        fmt::format("'{}': no room is left on the disk or in the database (asked for by fail_write)", path_));
}

Result<void> Connection::control(std::string_view sql) {
    CachedStatement* found = cache_->find(sql);
    if (!found) {
        LEAT_TRY(auto first, prepare(sql));
        found = cache_->find(sql);
    }
    sqlite3_stmt* statement = found->statement;
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
    LEAT_CHECK(set_waiting());
    if (joined_ && depth_ == 0) LEAT_CHECK(check_attached());
    LEAT_CHECK(joined_ || depth_ > 0 ? savepoint(level(depth_)) : control("BEGIN IMMEDIATE"));
    ++depth_;
    writing_ = true;
    return {};
}

Result<void> Connection::begin_read() {
    if (lost()) return rolled_back();
    LEAT_CHECK(set_waiting());
    LEAT_CHECK(joined_ || depth_ > 0 ? savepoint(level(depth_)) : control("BEGIN"));
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
        return joined_ || !last ? release(level(depth_ - 1)) : control("COMMIT");
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
    LEAT_CHECK(set_waiting());
    return control(SavepointSql("SAVEPOINT ", name).text());
}

void Connection::savepoint_before_write(std::string_view name) {
    assert(!joined_ && waiting_.empty() && !name.empty());
    waiting_ = name;
}

void Connection::abandon() noexcept {
    assert(!joined_);
    waiting_ = {};
    if (!sqlite3_get_autocommit(handle_)) undo("ROLLBACK");
}

Result<void> Connection::release(std::string_view name) {
    if (lost()) return rolled_back();
    if (name == waiting_) {
        waiting_ = {};
        return {};
    }
    return control(SavepointSql("RELEASE ", name).text());
}

// Undoing runs in destructors, also while memory is out: no statement cache, no std::string, SQLite's own memory only.
void Connection::undo(const char* sql) noexcept {
    sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
}

void Connection::rollback_to(std::string_view name) {
    if (name == waiting_) {
        waiting_ = {};
        return;
    }
    if (sqlite3_get_autocommit(handle_)) return;
    // Both fail only when the savepoint is gone, and with it what it guarded.
    undo(SavepointSql("ROLLBACK TO ", name).c_str());
    undo(SavepointSql("RELEASE ", name).c_str());
}

}  // namespace leat::store
