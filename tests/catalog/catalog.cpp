#include "catalog/catalog.hpp"
#include "catch.hpp"
#include "store/temporary_folder.hpp"

using namespace leat;
using namespace leat::catalog;
using store::code_of;
using store::good;
using store::integer;

namespace {

std::unique_ptr<store::Connection> tables() {
    auto connection = store::open_in_memory();
    good(create_tables(*connection));
    good(create_tables(*connection));
    return connection;
}

}  // namespace

TEST_CASE("names of the catalog") {
    auto connection = tables();
    CHECK(good(get(*connection, "format")) == "1");
    CHECK(good(get(*connection, "definition")).empty());
    good(put(*connection, "definition", "abc"));
    good(put(*connection, "definition", "def"));
    CHECK(good(get(*connection, "definition")) == "def");
}

TEST_CASE("a file of a newer or unreadable format is refused and left alone") {
    for (auto [version, code] :
         {std::pair("2", "catalog.newer_format"), std::pair("1x", "store.corrupt"), std::pair("", "store.corrupt")}) {
        auto connection = store::open_in_memory();
        good(connection->execute(
            "CREATE TABLE leat_catalog(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID"));
        good(put(*connection, "format", version));
        CHECK(code_of(create_tables(*connection)) == code);
        CHECK(integer(*connection, "SELECT count(*) FROM sqlite_schema") == 1);
    }
}

TEST_CASE("definitions are kept by hash, in order") {
    auto connection = tables();
    good(store_definition(*connection, "h1", {{"b.yaml", "app: 甲\n"}, {"a.yaml", ""}}, 100, 1));
    good(store_definition(*connection, "h2", {{"b.yaml", "app: 乙\n"}}, 200, 5));
    good(store_definition(*connection, "h1", {{"b.yaml", "app: 甲\n"}, {"a.yaml", ""}}, 300, 9));
    auto sources = good(load_definition(*connection, "h1"));
    REQUIRE(sources.size() == 2);
    CHECK(sources[0].name == "b.yaml");
    CHECK(sources[0].text == "app: 甲\n");
    CHECK(sources[1].name == "a.yaml");
    CHECK(sources[1].text.empty());
    CHECK(integer(*connection, "SELECT max(time_us) FROM leat_definition WHERE hash = 'h1'") == 100);
    auto unknown = load_definition(*connection, "h3");
    CHECK(code_of(unknown) == "catalog.definition_unknown");
    CHECK(unknown.error().status == Status::not_found);
}

TEST_CASE("settings by name and date") {
    auto connection = tables();
    good(put_setting(*connection, {"vat", "2026-01-01", "0.13"}));
    good(put_setting(*connection, {"vat", "", "0.16"}));
    good(put_setting(*connection, {"director_amount", "", "500000"}));
    good(put_setting(*connection, {"vat", "2026-01-01", "0.12"}));
    auto all = good(settings(*connection));
    REQUIRE(all.size() == 3);
    CHECK(all[0].name == "director_amount");
    CHECK(all[1].valid_from.empty());
    CHECK(all[1].value == "0.16");
    CHECK(all[2].valid_from == "2026-01-01");
    CHECK(all[2].value == "0.12");
}

TEST_CASE("series have no gaps: a number of a command that is undone is drawn again") {
    auto connection = tables();
    CHECK(good(next_in_series(*connection, "SO-2026-")) == 1);
    CHECK(good(next_in_series(*connection, "SO-2026-")) == 2);
    CHECK(good(next_in_series(*connection, "发票")) == 1);
    good(connection->begin_write());
    CHECK(good(next_in_series(*connection, "SO-2026-")) == 3);
    connection->rollback();
    connection->fail_write(1);
    CHECK(code_of(next_in_series(*connection, "SO-2026-")) == "store.full");
    CHECK(good(next_in_series(*connection, "SO-2026-")) == 3);
}

TEST_CASE("incidents are open until somebody closes them") {
    auto connection = tables();
    Incident incident;
    incident.entity = "order";
    incident.record = 4;
    incident.place = "order_flow.made.reminder";
    incident.error = "'owner' is empty";
    incident.time_us = 100;
    int64_t first = good(add_incident(*connection, incident));
    int64_t second = good(add_incident(*connection, incident));
    good(close_incident(*connection, first, "dismissed"));
    auto open = good(incidents(*connection, true, 10));
    REQUIRE(open.size() == 1);
    CHECK(open[0].id == second);
    CHECK(open[0].entity == "order");
    CHECK(open[0].record == 4);
    CHECK(open[0].place == incident.place);
    CHECK(open[0].error == incident.error);
    CHECK(open[0].time_us == 100);
    CHECK(open[0].status == "open");
    CHECK(good(incidents(*connection, false, 10)).size() == 2);
    CHECK(good(incidents(*connection, false, 1))[0].status == "dismissed");
    CHECK(code_of(close_incident(*connection, first, "retried")) == "catalog.incident_unknown");
    CHECK(code_of(close_incident(*connection, 99, "retried")) == "catalog.incident_unknown");
}

TEST_CASE("a failing store is passed on") {
    auto connection = store::open_in_memory();
    int nth = 1;
    for (;; ++nth) {
        good(connection->begin_write());
        connection->fail_write(static_cast<uint64_t>(nth));
        auto made = create_tables(*connection);
        connection->fail_write(0);
        if (made) break;
        CHECK(code_of(made) == "store.full");
        connection->rollback();
    }
    good(connection->commit());
    CHECK(nth > 6);
    connection->fail_write(1);
    CHECK(code_of(put(*connection, "a", "b")) == "store.full");
    connection->fail_write(2);
    CHECK(code_of(store_definition(*connection, "h", {{"a", ""}, {"b", ""}}, 1, 1)) == "store.full");
    connection->fail_write(1);
    CHECK(code_of(put_setting(*connection, {"a", "", "b"})) == "store.full");
    connection->fail_write(1);
    CHECK(code_of(add_incident(*connection, {})) == "store.full");
    connection->fail_write(1);
    CHECK(code_of(close_incident(*connection, 1, "retried")) == "store.full");
}
