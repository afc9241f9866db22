// Loads by columns: the same checks as commands, the same history, a digest that verify compares.
#include "engine/load.hpp"
#include "engine/load_texts.hpp"

#include <fmt/format.h>

#include "fixture.hpp"
#include "journal/load.hpp"

using namespace leat;
using namespace leat::test;
using record::LoadColumn;

namespace {

const char* kStore = R"(
leat: 1
app: store
language: en
timezone: UTC
currency: CNY
---
roles: {clerk: Clerk}
settings: {least: {type: integer, allow: [clerk], value: 1}}
---
entity: customer
fields: {name: {type: string, required: true}}
---
entity: sale
key: "S-{code}"
fields:
  code:     {type: string, required: true}
  mail:     {type: string, unique: true}
  region:   {type: enum, enum: [east, west]}
  customer: {type: ref, to: customer}
  sold_on:  date
  at:       datetime
  quantity: {type: integer, required: true, minimum: 1}
  price:    {type: money, default: 2}
  amount:   {type: money, formula: quantity * price}
  active:   {type: boolean, default: true}
  span:     duration
constraints: [{assert: quantity >= settings.least, message: too few}]
access: {clerk: {add: region != "west", read: true, fields: {active: read}}}
---
entity: measured
fields:
  few:  {type: decimal, scale: 2, minimum: -5, exclusiveMaximum: 50}
  tiny: {type: decimal, scale: 2, digits: 4}
  part: {type: integer, digits: 3, maximum: 900, exclusiveMinimum: 0}
---
entity: wide
fields: {exact: {type: decimal, scale: 2, digits: 30}}
---
entity: counted
fields: {name: {type: string, required: true}}
---
flow: counted_flow
of: counted
events: {go: [clerk]}
states: {begun: {on: {go: over}}, over: {type: final}}
)";

struct Loading {
    Fixture store{kStore};
    std::vector<LoadColumn> columns;
    const program::Entity& entity(const char* name) { return *store.program->find_entity(name); }
    void add(const char* of, const char* field, LoadColumn::Kind kind, const void* values, int scale = 0,
             const uint8_t* valid = nullptr) {
        LoadColumn column;
        column.field = entity(of).find(field)->id;
        column.kind = kind;
        column.values = values;
        column.scale = scale;
        column.valid = valid;
        columns.push_back(column);
    }
    void add(const char* of, const char* field, const LoadTexts& texts, const uint8_t* valid = nullptr) {
        add(of, field, LoadColumn::Kind::string, texts.bytes.data(), 0, valid);
        columns.back().offsets = texts.offsets.data();
    }
    Json load(engine::Session& session, const char* of, size_t rows, engine::LoadOptions options = {}) {
        return Fixture::json(session.load(entity(of).id, columns, rows, options));
    }
};

std::string rejected(const Json& answer) {
    std::string out;
    for (const Json& one : answer.find("rejections")->items)
        out += one.find("row")->text + " " + one.find("field")->text + " " + one.find("code")->text + "\n";
    return out;
}

}  // namespace

TEST_CASE("columns become records, checked as commands check them") {
    Loading l;
    Fixture::done(l.store.system->create("customer", R"({"name":"A"})"));
    LoadTexts code({"a", "b", "c", "d", "a", "f", "g", "h", "", "k"});
    LoadTexts mail({"1", "2", "1", "", "5", "6", "7", "8", "9", "10"});
    LoadTexts region({"east", "west", "east", "nord", "east", "east", "east", "east", "east", "east"});
    const int64_t customer[] = {1, 1, 1, 1, 1, 9, 1, 1, 1, 1};
    const int64_t sold[] = {20454, -800000, 20454, 20454, 0, 20454, 20454, 20454, 20454, 20454};
    const int64_t at[] = {1'767'225'600'000'001, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    const int64_t quantity[] = {3, 1, 1, 1, 1, 1, 0, 1, 1, 2};
    const int64_t price[] = {1255, 100, 100, 100, 100, 100, 100, 1, 1, 0};
    const int64_t span[] = {90'000'000'000, 0, 0, 0, 0, 0, 0, 0, 0, -1'500'000};
    const uint8_t valid[] = {0xFF, 0x01}, no_mail[] = {0xF7, 0xFF};
    l.add("sale", "code", code);
    l.add("sale", "mail", mail, no_mail);
    l.add("sale", "region", region);
    l.add("sale", "customer", LoadColumn::Kind::record, customer);
    l.add("sale", "sold_on", LoadColumn::Kind::date, sold);
    l.add("sale", "at", LoadColumn::Kind::date_time, at);
    l.add("sale", "quantity", LoadColumn::Kind::number, quantity);
    l.add("sale", "price", LoadColumn::Kind::number, price, 2, valid);
    l.add("sale", "span", LoadColumn::Kind::days_duration, span);
    auto answer = l.load(*l.store.system, "sale", 10);
    CHECK(answer.find("one_by_one")->text == "");
    CHECK(rejected(answer) ==
          "1 sold_on record.range\n2 mail constraint\n3 region input.enum\n4 key constraint\n5 customer "
          "input.unknown_reference\n6 quantity constraint\n6 quantity constraint\n8 code constraint\n");
    CHECK(answer.find("created")->text == "3");
    CHECK(answer.find("first_id")->text == "1");
    CHECK(answer.find("last_id")->text == "3");
    CHECK(l.store.field("sale", "S-a", "amount") == "37.65");
    CHECK(l.store.field("sale", "S-a", "sold_on") == "2026-01-01");
    CHECK(l.store.field("sale", "S-a", "at") == "2026-01-01T00:00:00.000001Z");
    CHECK(l.store.field("sale", "S-a", "span") == "P1DT1H");
    CHECK(l.store.field("sale", "S-h", "price") == "0.01");
    CHECK(l.store.field("sale", "S-k", "price") == "2.00");  // null: the default
    CHECK(l.store.field("sale", "S-k", "active") == "true");
    CHECK(l.store.field("sale", "S-k", "span") == "-PT1.5S");
    auto verified = l.store.engine->verify();
    CHECK(verified->first_bad == 0);
    CHECK(verified->loads == 1);
    // A second load goes on after the first, and finds what is there.
    LoadTexts again({"a", "z"}), mails({"x", "8"});
    const int64_t one[] = {1, 1};
    l.columns.clear();
    l.add("sale", "code", again);
    l.add("sale", "mail", mails);
    l.add("sale", "quantity", LoadColumn::Kind::number, one);
    CHECK(rejected(l.load(*l.store.system, "sale", 2)) == "0 key constraint\n1 mail constraint\n");
}

TEST_CASE("loaded numbers keep to their column's digits and bounds") {
    Loading l;
    const int64_t few[] = {-500, 4999, 5000, -501, 12, 1, 1}, tiny[] = {9999, -9999, 1, 1, 10'000, 1, 1};
    const int64_t part[] = {1, 900, 1, 1, 1, 0, 901};
    l.add("measured", "few", LoadColumn::Kind::number, few, 2);
    l.add("measured", "tiny", LoadColumn::Kind::number, tiny, 2);
    l.add("measured", "part", LoadColumn::Kind::number, part);
    auto answer = l.load(*l.store.system, "measured", 7);
    CHECK(answer.find("one_by_one")->text == "");
    CHECK(rejected(answer) ==
          "2 few constraint\n3 few constraint\n4 tiny record.range\n5 part constraint\n6 part constraint\n");
    CHECK(l.store.field("measured", "1", "few") == "-5.00");
    CHECK(l.store.field("measured", "2", "tiny") == "-99.99");
    CHECK(l.store.engine->verify()->first_bad == 0);
    // A command of its own says the same.
    for (const char* input : {R"({"few":50})", R"({"few":-5.01})", R"({"part":0})", R"({"part":901})"})
        CHECK(Fixture::refused(l.store.system->create("measured", input))[0].code == "constraint");
    Fixture::done(l.store.system->create("measured", R"({"few":-5,"part":900})"));
    // Those that no integer holds come by commands.
    const int64_t exact[] = {999'999'999'999'999'999, -1};
    l.columns.clear();
    l.add("wide", "exact", LoadColumn::Kind::number, exact, 2);
    CHECK(l.load(*l.store.system, "wide", 2).find("one_by_one")->text != "");
    CHECK(l.store.field("wide", "1", "exact") == "9999999999999999.99");
    CHECK(l.store.field("wide", "2", "exact") == "-0.01");
}

TEST_CASE("loads have the actor's rights, and tell what is no column of theirs") {
    Loading l;
    l.store.user("li", R"(["clerk"])");
    l.store.user("wang", "[]");
    auto li = l.store.as("li");
    LoadTexts code({"a", "b", "c"}), region({"east", "west", "east"});
    const int64_t quantity[] = {1, 1, 1};
    const uint8_t active[] = {1, 1, 0}, valid[] = {4};
    l.add("sale", "code", code);
    l.add("sale", "region", region);
    l.add("sale", "quantity", LoadColumn::Kind::number, quantity);
    l.add("sale", "active", LoadColumn::Kind::boolean, active, 0, valid);
    CHECK(rejected(l.load(*li, "sale", 3)) == "1  access.row\n2 active access.field\n");
    CHECK(rejected(l.load(*l.store.as("wang"), "sale", 1)) == "0  access.row\n");
    l.add("sale", "amount", LoadColumn::Kind::number, quantity, 2);
    CHECK(li->load(l.entity("sale").id, l.columns, 1, {}).error().code == "load.field");
    l.columns.pop_back();
    l.columns.push_back(l.columns[0]);
    CHECK(li->load(l.entity("sale").id, l.columns, 1, {}).error().code == "load.field");
    CHECK(li->load(99, l.columns, 1, {}).error().code == "entity.unknown");
}

TEST_CASE("all or nothing, inside a batch, in chunks; and one by one where a flow starts") {
    Loading l;
    std::vector<std::string> names;
    for (int i = 0; i < 25; ++i) names.push_back(i == 13 ? "" : fmt::format("n{}", i));
    LoadTexts texts(names);
    l.add("customer", "name", texts);
    engine::LoadOptions options;
    options.all_or_nothing = true;
    options.chunk = 10;
    auto answer = l.load(*l.store.system, "customer", 25, options);
    CHECK(answer.find("kept")->boolean == false);
    CHECK(rejected(answer) == "13 name constraint\n");
    CHECK(l.store.json(l.store.system->list("customer", "", 0, 100)).find("records")->items.empty());
    options.all_or_nothing = false;
    REQUIRE(l.store.system->begin_batch());
    answer = l.load(*l.store.system, "customer", 25, options);
    REQUIRE(l.store.system->commit_batch());
    CHECK(answer.find("created")->text == "24");
    CHECK(l.store.json(l.store.system->list("customer", "", 0, 100)).find("records")->items.size() == 24);
    CHECK(std::stoi(answer.find("last_sequence")->text) - std::stoi(answer.find("first_sequence")->text) == 2);
    CHECK(l.store.engine->verify()->loads == 3);
    l.columns.clear();
    l.add("counted", "name", texts);
    answer = l.load(*l.store.system, "counted", 25);
    CHECK_THAT(answer.find("one_by_one")->text, Catch::Contains("flow"));
    CHECK(answer.find("created")->text == "24");
    CHECK(rejected(answer) == "13 name constraint\n");
    CHECK(l.store.field("counted", "1", "state") == "begun");
}

TEST_CASE("a loaded record's history begins with what it was made with") {
    Loading l;
    LoadTexts code({"a", "b"}), region({"east", "east"});
    const int64_t quantity[] = {3, 4};
    l.add("sale", "code", code);
    l.add("sale", "region", region);
    l.add("sale", "quantity", LoadColumn::Kind::number, quantity);
    l.load(*l.store.system, "sale", 2);
    Fixture::done(l.store.system->patch("sale", "S-b", R"({"quantity":9,"mail":"x"})"));
    Fixture::done(l.store.system->patch("sale", "S-b", R"({"quantity":10,"region":"west"})"));
    Json log = l.store.json(l.store.system->log("sale", "S-b", 0, 100));
    REQUIRE(log.find("log")->items.size() == 3);
    const Json& made = log.find("log")->items[0].find("changes")->items[0];
    CHECK(made.find("operation")->text == "create");
    CHECK(made.find("key")->text == "S-b");
    CHECK(base::to_text(*made.find("changes")->find("quantity")) == "[null,4]");
    CHECK(base::to_text(*made.find("changes")->find("region")) == "[null,\"east\"]");
    CHECK(base::to_text(*made.find("changes")->find("amount")) == "[null,\"8.00\"]");
    CHECK(made.find("changes")->find("mail") == nullptr);
    log = l.store.json(l.store.system->log("sale", "S-a", 0, 100));
    REQUIRE(log.find("log")->items.size() == 1);
    CHECK(base::to_text(*log.find("log")->items[0].find("changes")->items[0].find("changes")->find("quantity")) ==
          "[null,3]");
    auto verified = l.store.engine->verify();
    CHECK(verified->first_bad == 0);
    CHECK(verified->loads == 1);
    CHECK(verified->loads_changed == 0);
}

TEST_CASE("verify finds what was changed behind a load's back, unless its salt is gone") {
    Loading l;
    LoadTexts names({"a", "b", "c"});
    l.add("customer", "name", names);
    auto answer = l.load(*l.store.system, "customer", 3);
    auto& connection = l.store.engine->connection();
    REQUIRE(connection.execute("UPDATE customer SET name = 'x' WHERE id = 2"));
    auto verified = l.store.engine->verify();
    CHECK(verified->first_bad == std::stoll(answer.find("first_sequence")->text));
    CHECK_THAT(verified->problem, Catch::Contains("customer"));
    REQUIRE(journal::forget_load(connection, "customer", 2));
    CHECK(l.store.engine->verify()->first_bad == 0);
    REQUIRE(connection.execute("UPDATE leat_log SET segments = replace(segments, '\"count\":3', '\"count\":4')"));
    CHECK(l.store.engine->verify()->first_bad == verified->first_bad);
}
