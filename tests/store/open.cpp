// Whose file it is.
#include <fstream>

#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "catch.hpp"
#include "store/temporary_folder.hpp"

using namespace leat;
using namespace leat::store;

namespace {

OpenOptions options_of(const std::string& path) {
    OpenOptions options;
    options.path = path;
    options.busy_timeout_ms = 0;
    return options;
}

void host_file(const std::string& path, const char* sql) {
    sqlite3* host = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &host) == SQLITE_OK);
    REQUIRE(sqlite3_exec(host, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(host);
}

std::string bytes(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a new file is set up as ours and opens again") {
    TemporaryFolder folder;
    std::string path = folder.file("客户.db");
    {
        auto connection = open(path);
        CHECK(integer(*connection, "PRAGMA application_id") == 0x4c656174);
        CHECK(integer(*connection, "PRAGMA foreign_keys") == 1);
        CHECK(integer(*connection, "PRAGMA page_size") == 4096);
        CHECK(good(connection->durability()) == Durability::normal);
        CHECK(integer(*connection, "SELECT journal_mode = 'wal' FROM pragma_journal_mode") == 1);
        CHECK(code_of(connection->execute("SELECT \"no column\"")) == "store.sql");
        good(connection->execute("CREATE TABLE t(x INTEGER) STRICT; INSERT INTO t VALUES (1), (2); -- done\n"));
        CHECK(connection->wal_bytes() > 0);
        good(connection->checkpoint(true));
        CHECK(connection->wal_bytes() == 0);
    }
    OpenOptions again = options_of(path);
    again.create = false;
    again.durability = Durability::full;
    auto connection = good(Connection::open(again));
    CHECK(integer(*connection, "SELECT count(*) FROM t") == 2);
    CHECK(good(connection->durability()) == Durability::full);
    CHECK(connection->path() == path);
}

TEST_CASE("paths that cannot be opened say why") {
    TemporaryFolder folder;
    OpenOptions options = options_of("");
    CHECK(code_of(Connection::open(options)) == "store.usage");
    options.path = folder.file("");
    CHECK(contains(Connection::open(options).error().message, "is a folder"));
    options.path = folder.file("missing/x.db");
    auto no_folder = Connection::open(options);
    CHECK(code_of(no_folder) == "store.missing");
    CHECK(no_folder.error().status == Status::not_found);
    CHECK(contains(no_folder.error().message, "there is no folder"));
    options.path = folder.file("x.db");
    options.create = false;
    CHECK(contains(Connection::open(options).error().message, "there is no database file"));
    options.create = true;
    options.read_only = true;
    CHECK(code_of(Connection::open(options)) == "store.missing");
    CHECK_FALSE(std::filesystem::exists(options.path));
}

TEST_CASE("files of others are refused and left alone") {
    TemporaryFolder folder;
    std::string path = folder.file("x.db");
    std::string before;
    SECTION("no database") {
        std::ofstream(path) << std::string(5'000, 'x');
        before = bytes(path);
        auto refused = Connection::open(options_of(path));
        CHECK(code_of(refused) == "store.not_leat");
        CHECK(contains(refused.error().message, "not an SQLite database"));
    }
    SECTION("another application's") {
        host_file(path, "PRAGMA application_id = 0x1234; CREATE TABLE t(x)");
        before = bytes(path);
        auto refused = Connection::open(options_of(path));
        CHECK(code_of(refused) == "store.not_leat");
        CHECK(contains(refused.error().message, path));
        CHECK(contains(refused.error().message, "application_id 0x1234"));
    }
    SECTION("another application's, still empty") {
        host_file(path, "PRAGMA application_id = 0x1234");
        before = bytes(path);
        CHECK(code_of(Connection::open(options_of(path))) == "store.not_leat");
    }
    SECTION("tables without any application's number") {
        host_file(path, "CREATE TABLE t(x)");
        before = bytes(path);
        CHECK(code_of(Connection::open(options_of(path))) == "store.not_leat");
    }
    CHECK(bytes(path) == before);
}

TEST_CASE("a file that a host made and Leat joined opens, and stays the host's") {
    TemporaryFolder folder;
    std::string path = folder.file("host.db");
    host_file(path, "PRAGMA application_id = 0x1234; CREATE TABLE leat_catalog(name TEXT, value TEXT)");
    auto connection = open(path);
    CHECK(integer(*connection, "PRAGMA application_id") == 0x1234);
    CHECK(integer(*connection, "SELECT journal_mode = 'delete' FROM pragma_journal_mode") == 1);
}

TEST_CASE("an empty file is taken; read-only it is refused") {
    TemporaryFolder folder;
    std::string path = folder.file("x.db");
    std::ofstream(path).close();
    OpenOptions options = options_of(path);
    options.read_only = true;
    CHECK(code_of(Connection::open(options)) == "store.not_leat");
    open(path);
    auto reader = good(Connection::open(options));
    CHECK(reader->read_only());
    CHECK(code_of(reader->begin_write()) == "store.readonly");
    CHECK(code_of(reader->execute("CREATE TABLE t(x INTEGER)")) == "store.readonly");
    good(reader->begin_read());
    CHECK(integer(*reader, "SELECT count(*) FROM sqlite_schema") == 0);
    good(reader->commit());
}

// As a user who may write nothing here: root may write everywhere. Answers what the child found.
int as_nobody(const std::function<int()>& work) {
    pid_t child = fork();
    if (child == 0) {
        constexpr uid_t kNobody = 65'534;
        bool dropped = geteuid() != 0 || (setgid(kNobody) == 0 && setuid(kNobody) == 0);
        _exit(dropped ? work() : 100);
    }
    int status = 0;
    REQUIRE(child > 0);
    REQUIRE(waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 101;
}

TEST_CASE("a file in a folder that may not be written is read") {
    namespace fs = std::filesystem;
    TemporaryFolder folder;
    std::string path = folder.file("kept 100%/x.db");
    fs::create_directory(folder.file("kept 100%"));
    fs::permissions(folder.file(""), fs::perms::others_exec | fs::perms::others_read, fs::perm_options::add);
    good(open(path)->execute("CREATE TABLE t(x INTEGER); INSERT INTO t VALUES (7)"));
    REQUIRE_FALSE(fs::exists(path + "-wal"));
    auto kept = fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_read | fs::perms::others_exec;
    fs::permissions(path, fs::perms::owner_read | fs::perms::others_read);
    fs::permissions(folder.file("kept 100%"), kept);
    auto read = [&](const std::string& file) {
        return as_nobody([&] {
            OpenOptions options = options_of(file);
            options.read_only = true;
            auto connection = Connection::open(options);
            if (!connection) return 1;
            auto statement = (*connection)->prepare("SELECT x FROM t");
            if (!statement || !statement->step()) return 2;
            return static_cast<int>(statement->integer(0));
        });
    };
    CHECK(read(path) == 7);
    // With a log beside it somebody may be writing: then what is in the file is not all.
    fs::permissions(folder.file("kept 100%"), fs::perms::owner_write, fs::perm_options::add);
    std::ofstream(path + "-wal").close();
    fs::permissions(folder.file("kept 100%"), kept);
    CHECK(read(path) == 1);
    fs::permissions(folder.file("kept 100%"), fs::perms::owner_write, fs::perm_options::add);
}

TEST_CASE("a path that looks like a URI is a path") {
    TemporaryFolder folder;
    auto before = std::filesystem::current_path();
    std::filesystem::current_path(folder.file(""));
    open("file:x.db");
    bool made = std::filesystem::exists("file:x.db");
    std::filesystem::current_path(before);
    CHECK(made);
}

TEST_CASE("a damaged file is reported as damaged") {
    TemporaryFolder folder;
    std::string path = folder.file("x.db");
    {
        auto connection = open(path);
        good(connection->execute("CREATE TABLE t(x TEXT) STRICT"));
        auto insert = good(connection->prepare("INSERT INTO t VALUES (?1)"));
        std::string text(500, 'x');
        good(connection->begin_write());
        for (int i = 0; i < 1'000; ++i) {
            insert.reset();
            insert.bind(1, text);
            good(insert.step());
        }
        good(connection->commit());
    }
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096 * 2);
    file << std::string(4096 * 20, '\x7f');
    file.close();
    auto connection = open(path);
    auto statement = good(connection->prepare("SELECT sum(length(x)) FROM t"));
    auto row = statement.step();
    CHECK(code_of(row) == "store.corrupt");
    CHECK(contains(row.error().message, path));
}
