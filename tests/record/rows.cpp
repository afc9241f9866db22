// Rows through SQLite and back: every kind, identities, updates of changed columns only, deleting.
#include "shop.hpp"

using namespace shop;

TEST_CASE("every kind of field survives the store") {
    Shop shop;
    Row& customer = shop.customer("远东");
    Row& order = shop.make("order");
    shop.set(order, "customer", "\"C-远东\"");
    const std::pair<const char*, const char*> values[] = {{"rate", "0.95"},
                                                          {"due", "\"2026-02-28\""},
                                                          {"at_time", "\"08:30:00\""},
                                                          {"paid_at", "\"2026-02-28T08:00:00+08:00\""},
                                                          {"limit", "\"P7D office\""},
                                                          {"urgent", "true"},
                                                          {"pieces", "42"},
                                                          {"note", "\"第一行\\n第二行 \\\"x\\\"\""},
                                                          {"tags", "[\"a\",\"二\"]"},
                                                          {"extra", "{\"a\":[1,2.50,null],\"b\":{\"c\":\"x\"}}"}};
    for (const auto& [name, json] : values) shop.set(order, name, json);
    REQUIRE(customer.created);
    shop.commit();

    Row* loaded = shop.find("order", "1");
    REQUIRE(loaded);
    CHECK(shop.text(*loaded, "customer") == "C-远东");
    CHECK(shop.text(*loaded, "rate") == "0.9500");
    CHECK(shop.text(*loaded, "due") == "2026-02-28");
    CHECK(shop.text(*loaded, "at_time") == "08:30:00");
    CHECK(shop.text(*loaded, "paid_at") == "2026-02-28T00:00:00.000000Z");
    CHECK(shop.text(*loaded, "limit") == "P7D office");
    CHECK(shop.text(*loaded, "urgent") == "true");
    CHECK(shop.text(*loaded, "pieces") == "42");
    CHECK(shop.text(*loaded, "note") == "第一行\n第二行 \"x\"");
    CHECK(shop.text(*loaded, "tags") == "[\"a\",\"二\"]");
    CHECK(shop.text(*loaded, "extra") == "{\"a\":[1,2.5,null],\"b\":{\"c\":\"x\"}}");
    CHECK(shop.text(*loaded, "amount") == "0.00");
    CHECK(loaded->fields[program::kCreatedAt].kind == Kind::date_time);
    CHECK(loaded->version == 1);
    CHECK(
        shop.sql(
            "SELECT rate, due, paid_at, \"limit\", urgent, customer, tags, leat_version, created_by FROM \"order\"") ==
        "9500|2026-02-28|2026-02-28T00:00:00.000000Z|P7D office|1|1|[\"a\",\"二\"]|1|tester");
    CHECK(shop.sql("SELECT customer, rate, amount, urgent FROM order_v") == "C-远东|0.9500|0.00|1");
    CHECK(shop.sql("SELECT kind, scale, refers_to FROM leat_column WHERE table_name = 'order' AND column_name IN "
                   "('rate', 'customer') "
                   "ORDER BY column_name") == "ref|null|customer\ndecimal|4|null");
}

TEST_CASE("views show negative and small decimals") {
    Shop shop;
    Row& order = shop.make("order");
    shop.line(order, "-0.001", "5");
    shop.line(order, "-1.5", "3.01");
    shop.commit();
    CHECK(shop.sql("SELECT quantity, price, amount FROM order_lines_v") == "-0.001|5.00|-0.01\n-1.500|3.01|-4.52");
}

TEST_CASE("nulls name their field, also after loading") {
    Shop shop;
    shop.make("order");
    shop.commit();
    Row* order = shop.find("order", "1");
    REQUIRE(order);
    const Value& due = order->fields[shop.field(*order, "due").id];
    REQUIRE(due.is_null());
    REQUIRE(due.null_reason != nullptr);
    CHECK(due.null_reason->name == "due");
}

TEST_CASE("only changed columns are written, and only changed rows") {
    Shop shop;
    Row& made = shop.make("order");
    shop.set(made, "note", "\"one\"");
    shop.commit();
    Row* order = shop.find("order", "1");
    REQUIRE(order);
    // Another program's change of an untouched column survives an update of another column.
    must(shop.connection->execute("UPDATE \"order\" SET note = 'theirs' WHERE id = 1"));
    shop.set(*order, "pieces", "7");
    CHECK(shop.records->changed(*order, shop.field(*order, "pieces").id));
    std::string changes;
    shop.records->append_changes(*order, changes);
    CHECK(changes == "{\"pieces\":[null,7]}");
    shop.commit();
    CHECK(shop.sql("SELECT note, pieces, leat_version FROM \"order\"") == "theirs|7|2");

    order = shop.find("order", "1");
    shop.set(*order, "pieces", "8");
    shop.set(*order, "pieces", "7");
    CHECK_FALSE(shop.records->differs(*order));
    shop.commit();
    CHECK(shop.sql("SELECT leat_version FROM \"order\"") == "2");
}

TEST_CASE("ids are never given twice") {
    Shop shop;
    shop.make("order");
    shop.make("order");
    shop.commit();
    must(shop.records->remove(*shop.find("order", "2")));
    shop.commit();
    CHECK(shop.find("order", "2") == nullptr);
    CHECK(shop.make("order").id == 3);
    shop.commit();
    CHECK(shop.sql("SELECT id FROM \"order\" ORDER BY id") == "1\n3");
}

TEST_CASE("keys are found in memory and in the file") {
    Shop shop;
    Row& a = shop.customer("a");
    CHECK(shop.find("customer", "C-a") == &a);
    shop.commit();
    Row* loaded = shop.find("customer", "C-a");
    REQUIRE(loaded);
    shop.records->set(*loaded, program::kKey, Value::string("C-b"));
    CHECK(shop.find("customer", "C-a") == nullptr);
    CHECK(shop.find("customer", "C-b") == loaded);
    CHECK(shop.find("order", "01") == nullptr);
    CHECK(shop.find("order", "x") == nullptr);
    CHECK(shop.find("order", "99999999999999999999999") == nullptr);
}

TEST_CASE("removing takes the lines along and hides the row") {
    Shop shop;
    Row& order = shop.make("order");
    shop.line(order, "1", "2");
    shop.line(order, "1", "3");
    shop.commit();
    Row* loaded = shop.find("order", "1");
    CHECK(must(shop.records->list(*loaded, shop.field(*loaded, "lines").id)).size() == 2);
    must(shop.records->remove(*loaded));
    CHECK(shop.find("order", "1") == nullptr);
    shop.commit();
    CHECK(shop.sql("SELECT count(*) FROM order_lines") == "0");
}

TEST_CASE("pending rows are in lists before they are in the file") {
    Shop shop;
    Row& first = shop.make("order");
    shop.line(first, "1", "2");
    shop.commit();
    Row* order = shop.find("order", "1");
    auto list = shop.field(*order, "lines").id;
    Row& second = shop.line(*order, "5", "1");
    auto rows = must(shop.records->list(*order, list));
    REQUIRE(rows.size() == 2);
    CHECK(rows[1] == &second);
    must(shop.records->remove(*rows[0]));
    rows = must(shop.records->list(*order, list));
    REQUIRE(rows.size() == 1);
    CHECK(rows[0] == &second);
    CHECK(shop.sql("SELECT count(*) FROM order_lines") == "1");  // nothing was flushed for that
}

TEST_CASE("input of the wrong kind names the field and what it takes") {
    Shop shop;
    shop.customer("a");
    Row& order = shop.make("order");
    struct Case {
        const char* field;
        const char* json;
        const char* code;
        const char* part;
    };
    const Case cases[] = {
        {"rate", "\"viel\"", "input.type", "field 'rate' takes a number, not 'viel'"},
        {"rate", "true", "input.type", "not true"},
        {"rate", "123456789012345.1", "input.range", "18"},
        {"pieces", "1.5", "input.type", "whole number"},
        {"due", "\"2026-02-30\"", "input.type", "a date such as"},
        {"due", "\"0000-01-01\"", "input.range", "0001 to 9999"},
        {"urgent", "\"yes\"", "input.type", "true or false"},
        {"customer", "\"C-b\"", "input.unknown_reference", "no customer with key 'C-b'"},
        {"customer", "{\"id\": 99}", "input.unknown_reference", "id 99"},
        {"customer", "5", "input.type", "write the key of a customer"},
        {"limit", "\"P7D moon\"", "input.type", "a duration"},
        {"tags", "\"a\"", "input.type", "a list"},
        {"tags", "[1]", "input.type", "a text"},
        {"note", "[]", "input.type", "a text"},
    };
    for (const Case& one : cases) {
        auto done = shop.put(order, one.field, one.json);
        INFO(one.field << " " << one.json);
        REQUIRE_FALSE(done);
        CHECK(done.error().status == Status::usage);
        CHECK(done.error().code == one.code);
        CHECK_THAT(done.error().message, Catch::Contains(one.part));
    }
    Row& customer = shop.make("customer");
    auto done = shop.put(customer, "region", "\"华东\"");
    REQUIRE_FALSE(done);
    CHECK_THAT(done.error().message, Catch::Contains("'华东' is the title of \"east\""));
    shop.set(order, "rate", "\"0.98765\"");  // decimals also as text, rounded half up on storing
    CHECK(shop.text(order, "rate") == "0.9877");
    shop.set(order, "customer", "{\"id\": 1}");
    CHECK(shop.text(order, "customer") == "C-a");
    shop.set(order, "customer", "null");
    CHECK(shop.text(order, "customer").empty());
}

TEST_CASE("a command touches a bounded number of records") {
    Shop shop;
    shop.limits.records_max = 3;
    shop.begin();
    for (int i = 0; i < 3; ++i) shop.make("order");
    CHECK_THROWS_AS(shop.make("order"), LimitError);
    shop.rollback();
}

TEST_CASE("a duplicate key is refused in words") {
    Shop shop;
    shop.customer("a");
    shop.commit();
    Row& again = shop.customer("a");
    auto done = shop.records->flush(again.entity);
    REQUIRE_FALSE(done);
    CHECK(done.error().code == "record.key_exists");
    CHECK_THAT(done.error().message, Catch::Contains("customer 'C-a'"));
    shop.rollback();
}

TEST_CASE("columns are added to tables that exist") {
    Shop shop;
    shop.make("order");
    shop.commit();
    std::string wider = kDefinitions;
    wider.replace(wider.find("  note: {type: text}"), 0, "  colour: {type: string}\n");
    auto next = load(wider);
    must(record::create_entity_tables(*next, *shop.connection));
    CHECK(shop.sql("SELECT colour, pieces FROM order_v") == "null|null");
    must(record::create_entity_tables(*next, *shop.connection));  // twice is once
}

TEST_CASE("a foreign write that no field makes is reported, not guessed at") {
    Shop shop;
    shop.make("order");
    shop.commit();
    must(shop.connection->execute("UPDATE \"order\" SET due = 'tomorrow'"));
    auto row = shop.records->get(shop.entity("order"), 1);
    REQUIRE_FALSE(row);
    CHECK(row.error().code == "store.corrupt");
    CHECK_THAT(row.error().message, Catch::Contains("tomorrow") && Catch::Contains("'due'"));
}
