// A copy of the whole database in a file of its own, and overwriting what is deleted.
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "store/statement_cache.hpp"

namespace leat::store {

namespace {

namespace fs = std::filesystem;

fs::path to_path(const std::string& utf8) {
    return fs::path(std::u8string(utf8.begin(), utf8.end()));
}

// Both handles are open; answers SQLite's code.
int copy(sqlite3* from, sqlite3* to) {
    sqlite3_backup* backup = sqlite3_backup_init(to, "main", from, "main");
    if (!backup) return sqlite3_errcode(to);
    int code = sqlite3_backup_step(backup, -1);
    int finished = sqlite3_backup_finish(backup);
    return code == SQLITE_DONE ? finished : code;
}

}  // namespace

Result<void> Connection::backup(const std::string& path) {
    std::error_code failure;
    fs::path target = to_path(path);
    if (path.empty() || path == ":memory:" || path.find('\0') != std::string::npos)
        return make_error(Status::usage, "store.usage", "a backup wants the path of a new file");
    if (fs::exists(target, failure))
        return make_error(Status::usage, "store.backup_exists",
                          fmt::format("'{}' is there already; a backup overwrites nothing: name another file", path));
    fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
    if (!fs::is_directory(folder, failure))
        return make_error(Status::not_found, "store.missing",
                          fmt::format("'{}': there is no folder '{}'; create it first", path, folder.string()));
    // SQLite does not copy from a connection inside of a write transaction; another one sees what was committed.
    const char* file = sqlite3_db_filename(handle_, "main");
    const bool in_memory = !file || !*file;
    sqlite3* from = handle_;
    int code = SQLITE_OK;
    if (!in_memory && in_transaction()) {
        from = nullptr;
        code =
            sqlite3_open_v2(file, &from, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
        sqlite3_busy_timeout(from, busy_timeout_ms_);
    }
    sqlite3* to = nullptr;
    if (code == SQLITE_OK) {
        std::string name = path.starts_with("file:") ? "./" + path : path;
        code = sqlite3_open_v2(name.c_str(), &to,
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                               nullptr);
    }
    if (code == SQLITE_OK) {
        // No WAL beside the copy while it is written: it is whole, or it is removed.
        sqlite3_exec(to, "PRAGMA synchronous = FULL", nullptr, nullptr, nullptr);
        code = copy(from, to);
    }
    std::string words = code == SQLITE_OK ? "" : sqlite3_errstr(code);
    sqlite3_close_v2(to);
    if (from != handle_) sqlite3_close_v2(from);
    if (code == SQLITE_OK) return {};
    fs::remove(target, failure);
    return make_error((code & 0xff) == SQLITE_BUSY ? Status::conflict : Status::store,
                      (code & 0xff) == SQLITE_BUSY   ? "store.busy"
                      : (code & 0xff) == SQLITE_FULL ? "store.full"
                                                     : "store.io",
                      fmt::format("the backup '{}' could not be written: {}", path, words));
}

Result<std::unique_ptr<Connection>> Connection::scratch() {
    std::unique_ptr<Connection> made(new Connection);
    made->path_ = ":memory:";
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int code = sqlite3_open_v2("", &made->handle_, flags, nullptr);
    if (code == SQLITE_OK) code = copy(handle_, made->handle_);
    if (code != SQLITE_OK) return made->error(code, "copy");
    OpenOptions options;
    options.path = made->path_;
    LEAT_CHECK(made->configure(options));
    LEAT_CHECK(made->execute("PRAGMA synchronous = OFF"));
    return made;
}

Result<void> Connection::set_secure_delete(bool on) {
    return execute(on ? "PRAGMA secure_delete = ON" : "PRAGMA secure_delete = OFF");
}

Result<void> Connection::compact() {
    cache_->clear();
    LEAT_CHECK(execute("VACUUM"));
    return checkpoint(true);
}

}  // namespace leat::store
