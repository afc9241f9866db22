// store: SQLite, and nothing else. The only room that includes sqlite3.h.
//
// A Connection is one sqlite3 handle, its prepared statements by text, and the transaction rules of SEMANTICS 3: writes
// begin IMMEDIATE, readers are snapshots, a joined host connection is never configured and works in savepoints only.
// Not thread-safe: its owner serialises. Errors: store.busy (conflict), store.full, store.corrupt, store.readonly,
// store.not_leat, store.io … with SQLite's own words in the message.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace leat::store {

enum class Durability : uint8_t { normal, full };

struct OpenOptions {
    std::string path;                 // ":memory:" for a private in-memory store
    bool read_only = false;
    bool create = true;
    Durability durability = Durability::normal;
    int32_t busy_timeout_ms = 5'000;  // waiting for another process
    int64_t cache_bytes = 64 << 20;
    uint32_t application_id = 0x4c656174;  // "Leat"; another application's file is refused (store.not_leat)
};

class Connection;

// A prepared statement, borrowed from its connection's cache; reset and unbound when it goes out of scope.
class Statement {
   public:
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&&) = delete;
    ~Statement();
    // Parameters count from 1, columns from 0.
    void bind(int parameter, int64_t value);
    void bind(int parameter, std::string_view text);         // kept by reference until the step: the caller's memory
    void bind_blob(int parameter, std::string_view bytes);
    void bind_null(int parameter);
    // True: a row; false: done. Busy, constraint, full … are errors.
    Result<bool> step();
    void reset();
    bool is_null(int column) const;
    int64_t integer(int column) const;
    std::string_view text(int column) const;                 // valid until the next step
    std::string_view blob(int column) const;
    int column_count() const;
    std::string_view column_name(int column) const;

   private:
    friend class Connection;
    Statement(Connection* connection, sqlite3_stmt* statement) : connection_(connection), statement_(statement) {}
    Connection* connection_;
    sqlite3_stmt* statement_;
};

class Connection {
   public:
    // A file of our own: sets WAL, synchronous, foreign_keys=ON, application_id (on creation) …
    static Result<std::unique_ptr<Connection>> open(const OpenOptions& options);
    // The host's own handle (SEMANTICS 3): borrowed, not closed, no PRAGMA changed; refuses a handle whose SQLite library
    // is not the one we are linked to, and attached WAL files. Transactions become savepoints.
    static Result<std::unique_ptr<Connection>> join(sqlite3* handle);
    ~Connection();

    // A cached prepared statement for this text. Never two at once for the same text: ask again after the first is gone.
    Result<Statement> prepare(std::string_view sql);
    Result<void> execute(std::string_view sql);              // one or several statements without rows
    // Immediate transaction (own) or savepoint (joined); nested calls are savepoints by depth.
    Result<void> begin_write();
    Result<void> begin_read();                               // own connections: a deferred snapshot
    Result<void> commit();
    void rollback();
    bool in_transaction() const;
    Result<void> savepoint(std::string_view name);
    Result<void> release(std::string_view name);
    void rollback_to(std::string_view name);                 // and releases it
    int64_t last_insert_id() const;
    int64_t changes() const;
    bool joined() const { return joined_; }
    bool read_only() const { return read_only_; }
    const std::string& path() const { return path_; }
    Result<void> checkpoint(bool truncate);
    int64_t wal_bytes() const;
    void interrupt();                                        // from any thread
    sqlite3* handle() const { return handle_; }
    // For tests of fault handling: the n-th write statement from now fails with store.full. 0: off.
    void fail_write(uint64_t nth) { fail_write_ = nth; }

   private:
    friend class Statement;
    Connection() = default;
    Error error(int code, std::string_view doing) const;
    struct Cached;
    sqlite3* handle_ = nullptr;
    bool joined_ = false;
    bool read_only_ = false;
    int depth_ = 0;
    uint64_t fail_write_ = 0;
    std::string path_;
    struct Cache;
    std::unique_ptr<Cache> cache_;
};

std::string quote_identifier(std::string_view name);  // "order" with SQL's quotes

}  // namespace leat::store
