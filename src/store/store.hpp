// store: SQLite, and nothing else. The only room that includes sqlite3.h.
//
// A Connection is one sqlite3 handle, its prepared statements by text, and the transaction rules of SEMANTICS 3: writes
// begin IMMEDIATE, readers are snapshots, a joined host connection is never configured and works in savepoints only.
// Not thread-safe: its owner serialises. It knows no table: SQL comes from the rooms that own one. Start reading here,
// then open.cpp (whose file it is), transaction.cpp and statement.cpp.
//
// Errors carry SQLite's own words and one of these codes: store.busy and store.snapshot_stale (status conflict),
// store.full, store.corrupt, store.not_leat, store.readonly, store.io, store.constraint, store.interrupted,
// store.rolled_back (SQLite has undone the whole transaction), store.denied, store.missing (status not_found),
// store.too_big (limit), store.memory (memory), store.sql (internal: our SQL is wrong), store.foreign_library,
// store.attached_wal, store.encoding, store.durability, store.usage (usage).
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace leat::store {

enum class Durability : uint8_t { normal, full };

struct OpenOptions {
    std::string path;  // ":memory:" for a private in-memory store
    bool read_only = false;
    bool create = true;
    Durability durability = Durability::normal;
    int32_t busy_timeout_ms = 5'000;  // waiting for another process
    int64_t cache_bytes = 64 << 20;
    uint32_t application_id = 0x4c656174;  // "Leat"; another application's file is refused (store.not_leat)
};

class Connection;
struct CachedStatement;

// A prepared statement, borrowed from its connection's cache; reset and unbound when it goes out of scope.
class Statement {
 public:
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&&) = delete;
    ~Statement();
    // Parameters count from 1, columns from 0. What cannot be bound (too long, no memory) fails in the next step.
    void bind(int parameter, int64_t value);
    // Text and bytes are kept by reference until the statement is reset, bound anew or gone: the caller's memory.
    void bind(int parameter, std::string_view text);
    void bind_blob(int parameter, std::string_view bytes);
    void bind_null(int parameter);
    void bind_or_null(int parameter, int64_t value);  // 0 becomes NULL, which reads as 0 again
    // True: a row; false: done. Busy, constraint, full … are errors, after which the statement is reset.
    Result<bool> step();
    void reset();  // to run again; the parameters stay bound
    bool is_null(int column) const;
    int64_t integer(int column) const;
    std::string_view text(int column) const;  // valid until the next step
    std::string_view blob(int column) const;
    int column_count() const;
    std::string_view column_name(int column) const;

 private:
    friend class Connection;
    Statement(Connection* connection, CachedStatement* cached, sqlite3_stmt* statement)
        : connection_(connection), cached_(cached), statement_(statement) {}
    void keep(int code);
    Connection* connection_;
    CachedStatement* cached_;
    sqlite3_stmt* statement_;
    int bind_error_ = 0;
    bool running_ = false;
};

class Connection {
 public:
    // A file of our own: sets WAL, synchronous, foreign_keys=ON, application_id (on creation) … A file that a host made
    // and Leat joined (it has leat_catalog, but the host's application_id) opens too; its journal mode stays the
    // host's.
    static Result<std::unique_ptr<Connection>> open(const OpenOptions& options);
    // The host's own handle (SEMANTICS 3): borrowed, not closed, no PRAGMA changed; refuses a handle whose SQLite
    // library is not the one we are linked to, and attached WAL files. Transactions become savepoints. It must be
    // destroyed before the host closes the handle.
    static Result<std::unique_ptr<Connection>> join(sqlite3* handle);
    ~Connection();

    // A cached prepared statement for this text. Asked again while the first is in use, it prepares a second, uncached
    // one: correct, but slow.
    Result<Statement> prepare(std::string_view sql);
    Result<void> execute(std::string_view sql);  // one or several statements; rows are dropped
    // Immediate transaction (own) or savepoint (joined); nested calls are savepoints by depth. Each successful begin is
    // closed by one commit or one rollback. A commit that fails rolls back when it is the outermost (a rollback after
    // it does nothing); an inner one leaves its level open, to be rolled back.
    Result<void> begin_write();
    Result<void> begin_read();  // own connections: a deferred snapshot, taken at once
    Result<void> commit();
    void rollback();                      // of the innermost level; nothing when there is none
    bool in_transaction() const;          // the host's counts
    int depth() const { return depth_; }  // levels begun here and not closed
    Result<void> savepoint(std::string_view name);
    Result<void> release(std::string_view name);
    void rollback_to(std::string_view name);  // and releases it
    // A savepoint that is set when something is to be written after all: what only reads, or is refused before it
    // writes, pays for none. One at a time, on a connection of our own; `name` must outlive it. Until it is set,
    // release(), rollback_to() and forgo_savepoint() do no more than call it off.
    void savepoint_before_write(std::string_view name);
    bool savepoint_waits() const { return !waiting_.empty(); }
    void forgo_savepoint() { waiting_ = {}; }
    // Rolls everything back, whatever levels are open: each further step answers store.rolled_back until all of them
    // are closed. Own connections only.
    void abandon() noexcept;
    int64_t last_insert_id() const;
    int64_t changes() const;  // rows of the last INSERT, UPDATE or DELETE
    bool joined() const { return joined_; }
    bool read_only() const { return read_only_; }
    const std::string& path() const { return path_; }  // ":memory:" for one in memory
    // What the next transactions commit with (an outbox claim: full). Own connections only, outside of a transaction;
    // on a joined one it is an error (store.durability) unless the host has set at least that.
    Result<void> set_durability(Durability durability);
    Result<Durability> durability();  // as SQLite has it now
    // Moves the WAL into the file, as far as readers allow; `truncate` waits for them and empties the WAL. On a joined
    // connection checkpoints are the host's business: nothing happens.
    Result<void> checkpoint(bool truncate);
    // Changes when another connection has committed to the file since this one last looked (PRAGMA data_version).
    Result<int64_t> data_version();
    int64_t wal_bytes() const;  // 0 without one
    // Copies the database, as last committed, into a new file at `path`, which is then on the disk. Also while this
    // connection holds the write lock, as long as it has written nothing (a store in memory: outside of a transaction).
    // Errors: store.backup_exists (usage), store.missing (no such folder), else the store's; a copy that was begun is
    // removed.
    Result<void> backup(const std::string& path);
    // A private copy of the database, as last committed, to try things on: kept in memory as far as the cache goes, the
    // rest in a temporary file of SQLite's that nobody else can open and that goes with the connection. This
    // connection may be one that only reads; it must not have written what is not committed.
    Result<std::unique_ptr<Connection>> scratch();
    // While it is on, what is deleted or replaced is overwritten with zeros in the file. Outside of a transaction.
    Result<void> set_secure_delete(bool on);
    // Writes the whole file anew, without anything that was deleted or replaced, and empties the WAL. Own connections
    // only, outside of a transaction.
    Result<void> compact();
    void interrupt();  // from any thread, while the connection lives
    // While a flag is watched, steps end with store.interrupted once it is true: before each of them, and inside of
    // SQLite on a connection of our own (a joined one gets no handler). nullptr: none.
    void watch(const std::atomic<bool>* flag);
    sqlite3* handle() const { return handle_; }
    // For tests of fault handling: the n-th write from now (INSERT, UPDATE, DELETE, CREATE …, COMMIT, and on a joined
    // connection the RELEASE that stands for it) fails with store.full before it is run. 0: off.
    void fail_write(uint64_t nth) { fail_write_ = nth; }
    // Prepared statements begun so far: tests count what a read costs.
    uint64_t statements_run() const { return statements_run_; }

 private:
    friend class Statement;
    struct Cache;
    Connection();
    Error error(int code, std::string_view doing) const;
    Error rolled_back() const;
    Result<void> before_write();
    Result<void> set_waiting();
    bool lost() const;                                  // SQLite ended our transaction by itself
    void undo(const char* sql) noexcept;                // ROLLBACK …, without memory of ours
    Result<void> control(std::string_view sql);         // BEGIN, SAVEPOINT …: not counted as a write
    enum class Owner : uint8_t { nobody, leat, host };  // of a file; nobody: it is empty
    Result<void> reopen_immutable();
    Result<Owner> identify(uint32_t application_id);
    Result<void> configure(const OpenOptions& options);
    Result<void> found(uint32_t application_id);
    Result<void> set_wal();
    Result<int64_t> query_integer(std::string_view sql);
    Result<void> check_attached();
    const std::atomic<bool>* watched_ = nullptr;
    sqlite3* handle_ = nullptr;
    bool joined_ = false;
    bool read_only_ = false;
    bool writing_ = false;  // the outermost level, or one inside of it, may write
    int depth_ = 0;
    std::string_view waiting_;  // the savepoint to be set before the next write; empty: none
    int32_t busy_timeout_ms_ = 0;
    uint64_t fail_write_ = 0;
    uint64_t statements_run_ = 0;
    std::string path_;
    std::unique_ptr<Cache> cache_;
};

std::string quote_identifier(std::string_view name);  // "order" with SQL's quotes

}  // namespace leat::store
