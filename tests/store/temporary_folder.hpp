// A folder of one test, removed with it; and a connection in memory for tests that need no file.
#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include <unistd.h>

#include "catch.hpp"
#include "store/store.hpp"

namespace leat::store {

class TemporaryFolder {
 public:
    TemporaryFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "leat_test_XXXXXX").string();
        REQUIRE(mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() {
        std::error_code ignored;  // a test has failed before, or will see the leftovers
        std::filesystem::remove_all(path_, ignored);
    }
    std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
    std::filesystem::path path_;
};

inline std::unique_ptr<Connection> open(const std::string& path) {
    OpenOptions options;
    options.path = path;
    options.busy_timeout_ms = 0;
    auto connection = Connection::open(options);
    if (!connection) FAIL(connection.error().message);
    return std::move(*connection);
}

inline std::unique_ptr<Connection> open_in_memory() {
    return open(":memory:");
}

// The first column of the first row.
inline int64_t integer(Connection& connection, std::string_view sql) {
    auto statement = connection.prepare(sql);
    if (!statement) FAIL(statement.error().message);
    auto row = statement->step();
    if (!row) FAIL(row.error().message);
    REQUIRE(*row);
    return statement->integer(0);
}

template <class T>
auto good(Result<T> result) {
    if (!result) FAIL(result.error().code + ": " + result.error().message);
    return std::move(*result);
}

inline void good(Result<void> result) {
    if (!result) FAIL(result.error().code + ": " + result.error().message);
}

template <class T>
std::string code_of(const Result<T>& result) {
    return result ? "" : result.error().code;
}

}  // namespace leat::store
