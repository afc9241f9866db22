// The host's own connection.
#include <sqlite3.h>

#include "catch.hpp"
#include "store/temporary_folder.hpp"

using namespace leat;
using namespace leat::store;

namespace {

struct Host {
    sqlite3* handle = nullptr;
    explicit Host(const std::string& path) { REQUIRE(sqlite3_open(path.c_str(), &handle) == SQLITE_OK); }
    ~Host() { CHECK(sqlite3_close(handle) == SQLITE_OK); }  // fails when a statement of ours is left
    int run(const char* sql) { return sqlite3_exec(handle, sql, nullptr, nullptr, nullptr); }
    int count() {
        sqlite3_stmt* statement = nullptr;
        REQUIRE(sqlite3_prepare_v2(handle, "SELECT count(*) FROM t", -1, &statement, nullptr) == SQLITE_OK);
        REQUIRE(sqlite3_step(statement) == SQLITE_ROW);
        int rows = sqlite3_column_int(statement, 0);
        sqlite3_finalize(statement);
        return rows;
    }
};

}  // namespace

TEST_CASE("inside of the host's transaction, the host decides") {
    TemporaryFolder folder;
    Host host(folder.file("host.db"));
    REQUIRE(host.run("CREATE TABLE t(x INTEGER PRIMARY KEY)") == SQLITE_OK);
    {
        auto connection = good(Connection::join(host.handle));
        CHECK(connection->joined());
        CHECK(connection->path() == std::filesystem::canonical(folder.file("host.db")).string());
        CHECK(integer(*connection, "SELECT journal_mode = 'delete' FROM pragma_journal_mode") == 1);
        CHECK(integer(*connection, "PRAGMA foreign_keys") == 0);
        CHECK(integer(*connection, "PRAGMA application_id") == 0);
        REQUIRE(host.run("BEGIN; INSERT INTO t VALUES (1)") == SQLITE_OK);
        good(connection->begin_write());
        good(connection->execute("INSERT INTO t VALUES (2)"));
        good(connection->begin_write());
        good(connection->execute("INSERT INTO t VALUES (3)"));
        connection->rollback();
        good(connection->commit());
        CHECK(connection->in_transaction());
        CHECK(host.count() == 2);
        REQUIRE(host.run("ROLLBACK") == SQLITE_OK);
        CHECK(host.count() == 0);

        good(connection->begin_write());  // alone: the savepoint is the transaction
        good(connection->execute("INSERT INTO t VALUES (4)"));
        good(connection->commit());
        CHECK_FALSE(connection->in_transaction());
        good(connection->begin_write());
        good(connection->execute("INSERT INTO t VALUES (5)"));
        connection->rollback();
        CHECK_FALSE(connection->in_transaction());
        CHECK(host.count() == 1);

        good(connection->begin_write());
        good(connection->execute("INSERT INTO t VALUES (6)"));
        connection->fail_write(1);
        CHECK(code_of(connection->commit()) == "store.full");
        CHECK_FALSE(connection->in_transaction());
        good(connection->checkpoint(true));
    }
    CHECK(host.count() == 1);
}

TEST_CASE("a host's rollback under our feet is noticed") {
    Host host(":memory:");
    REQUIRE(host.run("CREATE TABLE t(x INTEGER PRIMARY KEY); BEGIN") == SQLITE_OK);
    auto connection = good(Connection::join(host.handle));
    CHECK(connection->path() == ":memory:");
    good(connection->begin_write());
    good(connection->execute("INSERT INTO t VALUES (1)"));
    REQUIRE(host.run("ROLLBACK") == SQLITE_OK);  // as a trigger or function of the host could
    CHECK(code_of(connection->execute("INSERT INTO t VALUES (2)")) == "store.rolled_back");
    connection->rollback();
    CHECK(connection->depth() == 0);
    CHECK(host.count() == 0);
}

TEST_CASE("durability is the host's to set") {
    TemporaryFolder folder;
    Host host(folder.file("host.db"));
    REQUIRE(host.run("PRAGMA synchronous = NORMAL") == SQLITE_OK);
    auto connection = good(Connection::join(host.handle));
    good(connection->set_durability(Durability::normal));
    CHECK(code_of(connection->set_durability(Durability::full)) == "store.durability");
    REQUIRE(host.run("PRAGMA synchronous = FULL") == SQLITE_OK);
    good(connection->set_durability(Durability::full));
}

TEST_CASE("a joined reader that turns writer too late hears of its stale snapshot") {
    TemporaryFolder folder;
    std::string path = folder.file("x.db");
    auto own = open(path);
    good(own->execute("CREATE TABLE t(x INTEGER PRIMARY KEY)"));
    Host host(path);
    auto connection = good(Connection::join(host.handle));
    REQUIRE(host.run("BEGIN; SELECT * FROM t") == SQLITE_OK);
    good(own->execute("INSERT INTO t VALUES (1)"));
    good(connection->begin_write());
    CHECK(code_of(connection->execute("INSERT INTO t VALUES (2)")) == "store.snapshot_stale");
    connection->rollback();
    REQUIRE(host.run("ROLLBACK") == SQLITE_OK);
}

TEST_CASE("what cannot be joined") {
    TemporaryFolder folder;
    CHECK(code_of(Connection::join(nullptr)) == "store.usage");
    SECTION("UTF-16") {
        Host host(folder.file("host.db"));
        REQUIRE(host.run("PRAGMA encoding = 'UTF-16'; CREATE TABLE t(x)") == SQLITE_OK);
        CHECK(code_of(Connection::join(host.handle)) == "store.encoding");
    }
    SECTION("an attached WAL file, also when it comes later; but read-only and temporary ones may stay") {
        std::string other = folder.file("other.db");
        open(other);
        Host host(folder.file("host.db"));
        REQUIRE(host.run("CREATE TABLE t(x); ATTACH ':memory:' AS scratch; CREATE TEMP TABLE s(x)") == SQLITE_OK);
        auto connection = good(Connection::join(host.handle));
        good(connection->begin_write());
        good(connection->commit());
        REQUIRE(host.run(("ATTACH '" + other + "' AS \"the other\"").c_str()) == SQLITE_OK);
        auto refused = connection->begin_write();
        CHECK(code_of(refused) == "store.attached_wal");
        CHECK(refused.error().message.find("'the other'") != std::string::npos);
        CHECK(code_of(Connection::join(host.handle)) == "store.attached_wal");
        REQUIRE(host.run("DETACH \"the other\"") == SQLITE_OK);
        good(connection->begin_write());
        good(connection->commit());
        REQUIRE(host.run("PRAGMA journal_mode = WAL; ATTACH ':memory:' AS more") == SQLITE_OK);
        std::string plain = folder.file("plain.db");
        REQUIRE(host.run(("ATTACH '" + plain + "' AS plain; CREATE TABLE plain.p(x)").c_str()) == SQLITE_OK);
        CHECK(code_of(connection->begin_write()) == "store.attached_wal");
    }
}

TEST_CASE("a handle of another copy of SQLite is refused without being followed") {
    // What such a handle looks like from here: its first word points into a list of file systems that is not ours.
    struct {
        sqlite3_vfs* file_systems;
        char rest[1'024];
    } foreign = {};
    sqlite3_vfs copy = *sqlite3_vfs_find(nullptr);
    foreign.file_systems = &copy;
    auto refused = Connection::join(reinterpret_cast<sqlite3*>(&foreign));
    CHECK(code_of(refused) == "store.foreign_library");
    CHECK(refused.error().message.find(sqlite3_libversion()) != std::string::npos);
}
