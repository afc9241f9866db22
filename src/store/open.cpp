// Whose file it is, and how it is set up.
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "store/statement_cache.hpp"

namespace leat::store {

namespace {

namespace fs = std::filesystem;

// At 64 MB of WAL a commit checkpoints; below that run_due does, when the host has time for it.
constexpr int kCheckpointPages = 16'384;

fs::path to_path(const std::string& utf8) {
    return fs::path(std::u8string(utf8.begin(), utf8.end()));
}

Result<void> check_path(const OpenOptions& options) {
    if (options.path.empty() || options.path.find('\0') != std::string::npos) {
        return make_error(Status::usage, "store.usage", "the path of the database is empty or contains a zero byte");
    }
    fs::path path = to_path(options.path);
    std::error_code failure;
    if (fs::is_directory(path, failure)) {
        return make_error(Status::usage, "store.usage",
                          fmt::format("'{}' is a folder, not a database file", options.path));
    }
    fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    if (!fs::is_directory(folder, failure)) {
        return make_error(Status::not_found, "store.missing",
                          fmt::format("'{}': there is no folder '{}'; create it first", options.path, folder.string()));
    }
    if ((!options.create || options.read_only) && !fs::exists(path, failure)) {
        return make_error(Status::not_found, "store.missing",
                          fmt::format("there is no database file '{}'", options.path));
    }
    return {};
}

// Does the handle come from the SQLite library that we are linked to? Two copies in one process lose each other's POSIX
// locks and corrupt the file, even when their versions are equal. Each copy keeps its own list of file systems (VFS),
// and the first member of a handle has always been a pointer into that list; so the pointer is compared, and nothing of
// a foreign handle is ever called or followed.
bool is_ours(sqlite3* handle) {
    const void* of_handle = *reinterpret_cast<void**>(handle);
    for (sqlite3_vfs* vfs = sqlite3_vfs_find(nullptr); vfs; vfs = vfs->pNext) {
        if (vfs == of_handle) return true;
    }
    return false;
}

// A file in WAL mode wants a place for its index even to be read. Where this process may not write the folder there is
// none; but then a file without a log beside it has no writer at work, and what is in it is all.
bool stands_still(const std::string& path) {
    std::error_code none;
    fs::path folder = to_path(path).has_parent_path() ? to_path(path).parent_path() : fs::path(".");
    return !fs::exists(to_path(path + "-wal"), none) && ::access(folder.c_str(), W_OK) != 0;
}

}  // namespace

Connection::Connection() : cache_(std::make_unique<Cache>()) {}

Connection::~Connection() {
    cache_->clear();
    if (!joined_) sqlite3_close_v2(handle_);
}

Result<std::unique_ptr<Connection>> Connection::open(const OpenOptions& options) {
    bool in_memory = options.path == ":memory:";
    if (!in_memory) LEAT_CHECK(check_path(options));
    std::unique_ptr<Connection> connection(new Connection);
    connection->path_ = options.path;
    connection->read_only_ = options.read_only;
    connection->busy_timeout_ms_ = options.busy_timeout_ms;
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    flags |= options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    if (options.create && !options.read_only) flags |= SQLITE_OPEN_CREATE;
    // Some builds of SQLite read "file:…" as a URI with options; a path is a path.
    std::string path = options.path.starts_with("file:") ? "./" + options.path : options.path;
    int code = sqlite3_open_v2(path.c_str(), &connection->handle_, flags, nullptr);
    if (code != SQLITE_OK) return connection->error(code, "open");
    auto configured = connection->configure(options);
    if (!configured && options.read_only && !in_memory && stands_still(options.path)) {
        LEAT_CHECK(connection->reopen_immutable());
        configured = connection->configure(options);
    }
    LEAT_CHECK(std::move(configured));
    return connection;
}

Result<void> Connection::reopen_immutable() {
    cache_->clear();
    sqlite3_close_v2(handle_);
    handle_ = nullptr;
    std::string uri = "file:";
    for (char c : fs::absolute(path_).string()) {
        bool plain = std::isalnum(static_cast<unsigned char>(c)) || c == '/' || c == '.' || c == '-' || c == '_';
        uri += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
    int code = sqlite3_open_v2((uri + "?immutable=1").c_str(), &handle_, flags, nullptr);
    if (code != SQLITE_OK) return error(code, "open");
    return {};
}

Result<void> Connection::configure(const OpenOptions& options) {
    sqlite3_busy_timeout(handle_, options.busy_timeout_ms);
    // "x" is never a text, and nobody writes the schema as rows.
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    LEAT_CHECK(execute(fmt::format("PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -{}",
                                   std::max<int64_t>(options.cache_bytes / 1024, 64))));
    if (options.path == ":memory:")
        return execute(fmt::format("PRAGMA application_id = {}", static_cast<int32_t>(options.application_id)));
    LEAT_TRY(Owner owner, identify(options.application_id));
    if (options.read_only) {
        if (owner != Owner::nobody) return {};
        return make_error(Status::store, "store.not_leat",
                          fmt::format("'{}' is empty: there is nothing to read", path_));
    }
    if (owner == Owner::nobody) {
        LEAT_CHECK(execute("PRAGMA page_size = 4096"));
        LEAT_CHECK(set_wal());
        LEAT_CHECK(found(options.application_id));
    } else if (owner == Owner::leat) {
        LEAT_CHECK(set_wal());
    }
    LEAT_CHECK(execute(fmt::format("PRAGMA wal_autocheckpoint = {}; PRAGMA journal_size_limit = {}", kCheckpointPages,
                                   int64_t{kCheckpointPages} * 4096)));
    return set_durability(options.durability);
}

Result<Connection::Owner> Connection::identify(uint32_t application_id) {
    LEAT_TRY(int64_t signed_id, query_integer("SELECT application_id FROM pragma_application_id"));
    auto id = static_cast<uint32_t>(signed_id);
    if (id == application_id) return Owner::leat;
    LEAT_TRY(int64_t tables, query_integer("SELECT count(*) FROM sqlite_schema"));
    if (id == 0 && tables == 0) return Owner::nobody;
    LEAT_TRY(int64_t catalogs,
             query_integer("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'leat_catalog'"));
    if (catalogs == 1) return Owner::host;
    return make_error(
        Status::store, "store.not_leat",
        fmt::format("'{}' is the database of another application ({}none of its tables is Leat's): choose another "
                    "file, or let that application join Leat to its own connection",
                    path_, id == 0 ? std::string() : fmt::format("application_id {:#x}, ", id)));
}

Result<void> Connection::found(uint32_t application_id) {
    LEAT_CHECK(begin_write());
    // Under the lock, as another process may have founded the same file meanwhile.
    auto owner = identify(application_id);
    Result<void> done;
    if (!owner) {
        done = std::move(owner.error());
    } else if (*owner == Owner::nobody) {
        done = execute(fmt::format("PRAGMA application_id = {}", static_cast<int32_t>(application_id)));
    }
    if (done) done = commit();
    if (!done) rollback();
    return done;
}

Result<void> Connection::set_wal() {
    // Changing the mode needs the file alone for a moment, and SQLite does not call the busy handler for it.
    constexpr int kPause_ms = 5;
    for (int waited_ms = 0;; waited_ms += kPause_ms) {
        auto changed = execute("PRAGMA journal_mode = WAL");
        if (changed) break;
        if (changed.error().code != "store.busy" || waited_ms >= busy_timeout_ms_) return changed;
        sqlite3_sleep(kPause_ms);
    }
    LEAT_TRY(Statement mode, prepare("PRAGMA main.journal_mode"));
    LEAT_TRY(bool row, mode.step());
    if (row && mode.text(0) == "wal") return {};
    return make_error(
        Status::store, "store.io",
        fmt::format("'{}': this file system offers no write-ahead log (shared memory is missing): choose a "
                    "local disk",
                    path_));
}

Result<std::unique_ptr<Connection>> Connection::join(sqlite3* handle) {
    if (!handle) return make_error(Status::usage, "store.usage", "the connection to join is null");
    if (!is_ours(handle)) {
        return make_error(
            Status::usage, "store.foreign_library",
            fmt::format("the connection to join was opened by another copy of SQLite than the one Leat uses "
                        "({}): two copies on one file damage it; link both to the same shared library",
                        sqlite3_libversion()));
    }
    std::unique_ptr<Connection> connection(new Connection);
    connection->handle_ = handle;
    connection->joined_ = true;
    const char* name = sqlite3_db_filename(handle, "main");
    connection->path_ = name && *name ? name : ":memory:";
    connection->read_only_ = sqlite3_db_readonly(handle, "main") == 1;
    LEAT_TRY(int64_t utf8, connection->query_integer("SELECT encoding = 'UTF-8' FROM pragma_encoding"));
    if (utf8 != 1) {
        return make_error(
            Status::usage, "store.encoding",
            fmt::format("'{}' keeps its text as UTF-16; Leat needs a database in UTF-8", connection->path_));
    }
    LEAT_CHECK(connection->check_attached());
    return connection;
}

// SQLite commits several files as one only with rollback journals: with a WAL on either side, a crash can keep one
// half.
Result<void> Connection::check_attached() {
    std::vector<std::string> names;
    {
        LEAT_TRY(Statement list,
                 prepare("SELECT name FROM pragma_database_list WHERE name NOT IN ('main', 'temp') AND file <> ''"));
        for (;;) {
            LEAT_TRY(bool row, list.step());
            if (!row) break;
            std::string name(list.text(0));
            if (sqlite3_db_readonly(handle_, name.c_str()) == 0) names.push_back(std::move(name));
        }
    }
    if (names.empty()) return {};
    names.push_back("main");
    for (const std::string& name : names) {
        // An argument-less pragma only asks.
        LEAT_TRY(Statement mode, prepare(fmt::format("PRAGMA {}.journal_mode", quote_identifier(name))));
        LEAT_TRY(bool row, mode.step());
        if (!row || mode.text(0) != "wal") continue;
        return make_error(
            Status::usage, "store.attached_wal",
            fmt::format("'{}': database '{}' is in WAL mode while another file is attached for writing; SQLite "
                        "cannot commit both as one: detach it, or attach it read-only",
                        path_, name));
    }
    return {};
}

Result<int64_t> Connection::query_integer(std::string_view sql) {
    LEAT_TRY(Statement statement, prepare(sql));
    LEAT_TRY(bool row, statement.step());
    if (!row) return make_error(Status::internal, "store.sql", fmt::format("no row came from: {}", sql));
    return statement.integer(0);
}

Result<void> Connection::set_durability(Durability durability) {
    if (joined_) {
        LEAT_TRY(Durability set, this->durability());
        if (set >= durability) return {};
        return make_error(
            Status::usage, "store.durability",
            fmt::format("'{}': this needs PRAGMA synchronous = FULL, which on a joined connection the host "
                        "has to set",
                        path_));
    }
    if (in_transaction()) {
        return make_error(Status::internal, "store.usage", "durability cannot change inside of a transaction");
    }
    return execute(durability == Durability::full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
}

Result<Durability> Connection::durability() {
    LEAT_TRY(int64_t level, query_integer("SELECT synchronous FROM pragma_synchronous"));
    return level >= 2 ? Durability::full : Durability::normal;
}

Result<void> Connection::checkpoint(bool truncate) {
    if (joined_ || read_only_) return {};
    int code = sqlite3_wal_checkpoint_v2(
        handle_, "main", truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    if (code != SQLITE_OK) return error(code, "checkpoint");
    return {};
}

int64_t Connection::wal_bytes() const {
    if (path_ == ":memory:") return 0;
    std::error_code missing;
    auto size = std::filesystem::file_size(to_path(path_ + "-wal"), missing);
    return missing ? 0 : static_cast<int64_t>(size);
}

int64_t Connection::last_insert_id() const {
    return sqlite3_last_insert_rowid(handle_);
}

int64_t Connection::changes() const {
    return sqlite3_changes64(handle_);
}

Result<int64_t> Connection::data_version() {
    LEAT_TRY(auto statement, prepare("PRAGMA data_version"));
    LEAT_TRY(bool row, statement.step());
    return row ? statement.integer(0) : 0;
}

void Connection::interrupt() {
    sqlite3_interrupt(handle_);
}

void Connection::watch(const std::atomic<bool>* flag) {
    watched_ = flag;
    if (joined_) return;
    constexpr int kInstructions = 10'000;  // between two looks: some tens of microseconds
    auto look = [](void* of) {
        return static_cast<const std::atomic<bool>*>(of)->load(std::memory_order_relaxed) ? 1 : 0;
    };
    sqlite3_progress_handler(handle_, flag == nullptr ? 0 : kInstructions, look, const_cast<std::atomic<bool>*>(flag));
}

}  // namespace leat::store
