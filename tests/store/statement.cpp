#include <sqlite3.h>

#include "catch.hpp"
#include "store/temporary_folder.hpp"

using namespace leat;
using namespace leat::store;

TEST_CASE("values go in and come out as they are") {
    auto connection = open_in_memory();
    auto statement = good(connection->prepare("SELECT ?1, ?2 AS \"名\", ?3, ?4, ?5, ?6, ?7"));
    std::string with_zero("a\0b", 3);
    statement.bind(1, INT64_MIN);
    statement.bind(2, "中文");
    statement.bind(3, std::string_view());
    statement.bind_blob(4, with_zero);
    statement.bind_null(5);
    statement.bind_or_null(6, 0);
    statement.bind(7, with_zero);
    REQUIRE(good(statement.step()));
    CHECK(statement.column_count() == 7);
    CHECK(statement.column_name(1) == "名");
    CHECK(statement.integer(0) == INT64_MIN);
    CHECK(statement.text(1) == "中文");
    CHECK_FALSE(statement.is_null(2));
    CHECK(statement.text(2).empty());
    CHECK(statement.blob(3) == with_zero);
    CHECK(statement.is_null(4));
    CHECK(statement.text(4).empty());
    CHECK(statement.is_null(5));
    CHECK(statement.integer(5) == 0);
    CHECK(statement.text(6) == with_zero);
    CHECK_FALSE(good(statement.step()));
}

TEST_CASE("a statement comes back from the cache clean; asked for twice at once, there are two") {
    auto connection = open_in_memory();
    good(connection->execute("CREATE TABLE t(x INTEGER PRIMARY KEY) STRICT; INSERT INTO t VALUES (1), (2), (3)"));
    const char* sql = "SELECT x FROM t WHERE x >= ?1 ORDER BY x";
    {
        auto outer = good(connection->prepare(sql));
        outer.bind(1, 2);
        REQUIRE(good(outer.step()));
        auto inner = good(connection->prepare(sql));
        inner.bind(1, 3);
        REQUIRE(good(inner.step()));
        CHECK(inner.integer(0) == 3);
        CHECK_FALSE(good(inner.step()));
        CHECK(outer.integer(0) == 2);
        REQUIRE(good(outer.step()));
        CHECK(outer.integer(0) == 3);
    }
    auto again = good(connection->prepare(sql));
    CHECK_FALSE(good(again.step()));  // ?1 is NULL again
}

TEST_CASE("more texts than the cache holds") {
    auto connection = open_in_memory();
    auto kept = good(connection->prepare("SELECT -1"));
    for (int i = 0; i < 3'000; ++i) CHECK(integer(*connection, "SELECT " + std::to_string(i)) == i);
    REQUIRE(good(kept.step()));
    CHECK(kept.integer(0) == -1);
    int statements = 0;
    for (sqlite3_stmt* at = nullptr; (at = sqlite3_next_stmt(connection->handle(), at));) ++statements;
    CHECK(statements <= 1'001);
}

TEST_CASE("errors of statements") {
    auto connection = open_in_memory();
    good(connection->execute(
        "CREATE TABLE t(x INTEGER PRIMARY KEY, y TEXT NOT NULL UNIQUE) STRICT; INSERT INTO t VALUES (1, 'a')"));
    CHECK(code_of(connection->prepare("SELECT nothing FROM t")) == "store.sql");
    CHECK(code_of(connection->prepare("  -- nothing")) == "store.sql");
    CHECK(code_of(connection->execute("INSERT INTO t VALUES (2, 'b'); SELEC")) == "store.sql");
    CHECK(integer(*connection, "SELECT count(*) FROM t") == 2);
    auto insert = good(connection->prepare("INSERT INTO t VALUES (?1, ?2)"));
    insert.bind(1, 3);
    insert.bind(2, "a");
    auto taken = insert.step();
    CHECK(code_of(taken) == "store.constraint");
    CHECK(taken.error().message.find("t.y") != std::string::npos);
    insert.bind(2, "c");
    good(insert.step());
    CHECK(connection->last_insert_id() == 3);
    CHECK(connection->changes() == 1);
    sqlite3_limit(connection->handle(), SQLITE_LIMIT_LENGTH, 1'000);
    std::string long_text(2'000, 'x');
    insert.reset();
    insert.bind(1, 4);
    insert.bind(2, long_text);
    auto too_big = insert.step();
    CHECK(code_of(too_big) == "store.too_big");
    CHECK(too_big.error().status == Status::limit);
}

TEST_CASE("an interrupt ends what runs, and only that") {
    auto connection = open_in_memory();
    sqlite3_progress_handler(
        connection->handle(), 1'000,
        [](void* of) {
            static_cast<Connection*>(of)->interrupt();
            return 0;
        },
        connection.get());
    auto endless = good(
        connection->prepare("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"));
    CHECK(code_of(endless.step()) == "store.interrupted");
    sqlite3_progress_handler(connection->handle(), 0, nullptr, nullptr);
    CHECK(integer(*connection, "SELECT 7") == 7);
}

TEST_CASE("names are quoted") {
    CHECK(quote_identifier("order") == "\"order\"");
    CHECK(quote_identifier("a\"b") == "\"a\"\"b\"");
    auto connection = open_in_memory();
    good(connection->execute("CREATE TABLE " + quote_identifier("订\"单") + "(x INTEGER) STRICT"));
    CHECK(integer(*connection, "SELECT name = '订\"单' FROM sqlite_schema") == 1);
}
