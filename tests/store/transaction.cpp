// SEMANTICS 3: who commits what, and what is left after a failure.
#include <sqlite3.h>

#include "catch.hpp"
#include "store/temporary_folder.hpp"

using namespace leat;
using namespace leat::store;

namespace {

int64_t rows(Connection& connection) {
    return integer(connection, "SELECT count(*) FROM t");
}

Result<void> insert(Connection& connection, int64_t x) {
    auto statement = connection.prepare("INSERT INTO t VALUES (?1)");
    if (!statement) return std::move(statement.error());
    statement->bind(1, x);
    auto done = statement->step();
    if (!done) return std::move(done.error());
    return {};
}

const char* kTable = "CREATE TABLE t(x INTEGER PRIMARY KEY) STRICT";

}  // namespace

TEST_CASE("levels nest and roll back alone") {
    auto connection = open_in_memory();
    good(connection->execute(kTable));
    good(connection->begin_write());
    good(insert(*connection, 1));
    good(connection->begin_write());
    good(insert(*connection, 2));
    CHECK(connection->depth() == 2);
    connection->rollback();
    good(connection->begin_write());
    good(insert(*connection, 3));
    good(connection->commit());
    good(connection->savepoint("one \"step\""));
    good(insert(*connection, 4));
    connection->rollback_to("one \"step\"");
    good(connection->savepoint("kept"));
    good(insert(*connection, 5));
    good(connection->release("kept"));
    CHECK(connection->in_transaction());
    good(connection->commit());
    CHECK_FALSE(connection->in_transaction());
    CHECK(integer(*connection, "SELECT group_concat(x, '') FROM t") == 135);
    connection->rollback();  // none is open: nothing
    good(connection->begin_write());
    good(insert(*connection, 6));
    connection->rollback();
    CHECK(rows(*connection) == 3);
}

TEST_CASE("a second writer is told to wait its turn; readers see their snapshot") {
    TemporaryFolder folder;
    auto first = open(folder.file("x.db"));
    good(first->execute(kTable));
    auto second = open(folder.file("x.db"));
    good(first->begin_write());
    good(insert(*first, 1));
    auto busy = second->begin_write();
    CHECK(code_of(busy) == "store.busy");
    CHECK(busy.error().status == Status::conflict);
    CHECK(busy.error().message.find("waited 0 ms") != std::string::npos);
    CHECK(second->depth() == 0);
    good(second->begin_read());
    good(first->commit());
    CHECK(rows(*second) == 0);
    CHECK(code_of(insert(*second, 2)) == "store.snapshot_stale");
    good(second->commit());
    CHECK(rows(*second) == 1);
    good(second->begin_write());
    good(insert(*second, 2));
    good(second->commit());
    CHECK(rows(*first) == 2);
}

TEST_CASE("an outermost commit that fails rolls back, and a rollback after it does nothing") {
    auto connection = open_in_memory();
    good(connection->execute(
        "CREATE TABLE t(x INTEGER PRIMARY KEY, up INTEGER REFERENCES t DEFERRABLE INITIALLY DEFERRED) STRICT"));
    good(connection->begin_write());
    good(connection->execute("INSERT INTO t VALUES (1, 99)"));
    CHECK(code_of(connection->commit()) == "store.constraint");
    CHECK(connection->depth() == 0);
    CHECK_FALSE(connection->in_transaction());
    connection->rollback();
    CHECK(rows(*connection) == 0);
    good(connection->begin_write());
    good(connection->execute("INSERT INTO t VALUES (2, 2)"));
    good(connection->commit());
    CHECK(rows(*connection) == 1);
}

TEST_CASE("every write can be made to fail, and nothing of the command stays") {
    auto connection = open_in_memory();
    good(connection->execute(kTable));
    auto command = [&]() -> Result<void> {
        LEAT_CHECK(connection->begin_write());
        auto body = [&]() -> Result<void> {
            LEAT_CHECK(insert(*connection, 1));
            rows(*connection);
            LEAT_CHECK(connection->execute("UPDATE t SET x = 2; DELETE FROM t; INSERT INTO t VALUES (7)"));
            return connection->commit();
        };
        auto done = body();
        if (!done) connection->rollback();
        return done;
    };
    uint64_t nth = 1;
    for (;; ++nth) {
        connection->fail_write(nth);
        auto done = command();
        if (done) break;
        CHECK(code_of(done) == "store.full");
        CHECK(rows(*connection) == 0);
        CHECK_FALSE(connection->in_transaction());
    }
    CHECK(nth == 6);  // four writes and the commit
    CHECK(rows(*connection) == 1);
}

TEST_CASE("a full disk: clear, and what was committed stays") {
    TemporaryFolder folder;
    auto connection = open(folder.file("x.db"));
    good(connection->execute(
        "CREATE TABLE t(x TEXT) STRICT; INSERT INTO t VALUES ('kept'); PRAGMA max_page_count = 20"));
    std::string text(2'000, 'x');
    good(connection->begin_write());
    Result<bool> row = true;
    int inserted = 0;
    for (; row && inserted < 1'000; ++inserted) {
        auto statement = good(connection->prepare("INSERT INTO t VALUES (?1)"));
        statement.bind(1, text);
        row = statement.step();
    }
    CHECK(code_of(row) == "store.full");
    CHECK(row.error().message.find("x.db") != std::string::npos);
    connection->rollback();
    CHECK(rows(*connection) == 1);
}

TEST_CASE("a transaction that SQLite has undone does not go on in pieces") {
    auto connection = open_in_memory();
    good(connection->execute(kTable));
    good(insert(*connection, 1));
    good(connection->begin_write());
    good(insert(*connection, 2));
    good(connection->begin_write());
    auto undone = connection->execute("INSERT OR ROLLBACK INTO t VALUES (1)");
    CHECK(code_of(undone) == "store.constraint");
    CHECK(undone.error().message.find("whole transaction was rolled back") != std::string::npos);
    CHECK(code_of(insert(*connection, 3)) == "store.rolled_back");
    CHECK(code_of(connection->execute("INSERT INTO t VALUES (4)")) == "store.rolled_back");
    CHECK(code_of(connection->savepoint("s")) == "store.rolled_back");
    CHECK(code_of(connection->begin_write()) == "store.rolled_back");
    CHECK(code_of(connection->commit()) == "store.rolled_back");
    connection->rollback();
    CHECK(code_of(connection->commit()) == "store.rolled_back");
    connection->rollback();
    CHECK(connection->depth() == 0);
    good(insert(*connection, 5));
    CHECK(rows(*connection) == 2);
}

TEST_CASE("durability changes between transactions only") {
    TemporaryFolder folder;
    auto connection = open(folder.file("x.db"));
    good(connection->set_durability(Durability::full));
    CHECK(good(connection->durability()) == Durability::full);
    good(connection->begin_write());
    CHECK(code_of(connection->set_durability(Durability::normal)) == "store.usage");
    good(connection->commit());
    good(connection->set_durability(Durability::normal));
    CHECK(good(connection->durability()) == Durability::normal);
}

TEST_CASE("a savepoint before the next write is set when something is written") {
    auto connection = open_in_memory();
    good(connection->execute(kTable));
    good(connection->begin_write());
    good(insert(*connection, 1));
    auto at_once = [&] {
        connection->savepoint_before_write("s");
        CHECK(connection->savepoint_waits());
        CHECK(rows(*connection) > 0);  // reading sets none
        CHECK(connection->savepoint_waits());
    };
    at_once();
    good(connection->release("s"));
    CHECK_FALSE(connection->savepoint_waits());
    at_once();
    connection->rollback_to("s");
    CHECK_FALSE(connection->savepoint_waits());
    CHECK(rows(*connection) == 1);
    at_once();
    good(insert(*connection, 2));
    CHECK_FALSE(connection->savepoint_waits());
    good(insert(*connection, 3));
    connection->rollback_to("s");
    CHECK(rows(*connection) == 1);
    at_once();
    good(insert(*connection, 4));
    good(connection->release("s"));
    // A level that begins meanwhile lies inside of it.
    at_once();
    good(connection->begin_write());
    good(insert(*connection, 5));
    good(connection->commit());
    connection->rollback_to("s");
    CHECK(integer(*connection, "SELECT group_concat(x, '') FROM t") == 14);
    at_once();
    good(connection->execute("INSERT INTO t VALUES (6)"));
    connection->rollback_to("s");
    // A write that is refused before it is run has set it, too.
    at_once();
    connection->fail_write(1);
    CHECK_FALSE(insert(*connection, 7));
    connection->rollback_to("s");
    at_once();
    connection->forgo_savepoint();
    good(insert(*connection, 8));
    good(connection->commit());
    CHECK(integer(*connection, "SELECT group_concat(x, '') FROM t") == 148);
}

TEST_CASE("an abandoned transaction is gone, and each level says so until it is closed") {
    auto connection = open_in_memory();
    good(connection->execute(kTable));
    connection->abandon();  // none is open
    good(connection->begin_write());
    good(connection->begin_write());
    good(insert(*connection, 1));
    connection->abandon();
    CHECK(insert(*connection, 2).error().code == "store.rolled_back");
    CHECK(connection->begin_write().error().code == "store.rolled_back");
    connection->rollback();
    CHECK(connection->commit().error().code == "store.rolled_back");
    CHECK(connection->depth() == 0);
    CHECK(rows(*connection) == 0);
    good(insert(*connection, 3));
    CHECK(rows(*connection) == 1);
}
