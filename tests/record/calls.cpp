// Decisions, functions and settings as FEEL calls them; fields narrowed by states; a disk that fills up.
#include "shop.hpp"

using namespace shop;

namespace {

const char* kDesk = R"yaml(leat: 1
app: desk
version: 1.0.0
language: en
timezone: Asia/Shanghai
currency: CNY
---
roles: {agent: Agent, boss: {title: Boss, includes: [agent]}}
settings: {high: {type: integer, allow: [boss], value: 5}}
functions:
  twice: {params: {x: number}, returns: number, formula: x * 2}
  region_of: {params: {ip: string}, returns: string}
---
entity: ticket
fields:
  weight: {type: integer}
  terms: {type: string}
  price: {type: money}
  rank: {type: integer, formula: level(this)}
access:
  agent: {read: true, write: true}
---
decision: level
of: ticket
outputs: {points: integer}
hit: first
default: 7
table: |
  | weight          | -> points |
  | > settings.high | 3         |
  | > 2             | 2         |
---
decision: once
of: ticket
outputs: {points: integer}
hit: unique
default: 7
table: |
  | weight | -> points |
  | > 2    | 1         |
  | > 5    | 2         |
---
decision: fee
inputs: {amount: decimal, vip: boolean}
outputs: {percent: decimal}
hit: first
table: |
  | amount | vip  | -> percent |
  | > 100  | true | 1          |
  | -      | -    | 2          |
---
flow: handling
of: ticket
field: status
events: {start: [agent], close: [agent], check: [agent]}
states:
  open: {fields: {terms: none}, on: {start: work}}
  work:
    fields: {price: read}
    states:
      first: {fields: {terms: mask}, on: {check: second}}
      second: {on: {close: closed}}
  closed: {type: final}
)yaml";

std::string evaluate(Shop& shop, Row& row, const std::string& text) {
    auto expression = shop.compile("ticket", text);
    auto frame = shop.records->frame(&row, nullptr, &expression->reads());
    Value value = expression->evaluate(frame);
    REQUIRE(shop.records->pending_error() == nullptr);
    if (value.is_null()) return value.null_reason ? "null " + std::string(value.null_reason->code) : "null";
    return value::to_text(value);
}

}  // namespace

TEST_CASE("decisions and functions are called with records and values") {
    Shop shop(kDesk);
    Row& row = shop.make("ticket");
    shop.set(row, "weight", "4");
    CHECK(evaluate(shop, row, "level(this)") == "2");
    CHECK(evaluate(shop, row, "rank") == "2");
    shop.set(row, "weight", "6");
    CHECK(evaluate(shop, row, "level(this) + rank") == "6");
    CHECK(evaluate(shop, row, "settings.high") == "5");
    shop.set(row, "weight", "1");
    CHECK(evaluate(shop, row, "level(this)") == "7");  // nothing matched: the default
    CHECK(evaluate(shop, row, "fee(200, true)") == "1");
    CHECK(evaluate(shop, row, "fee(200, false)") == "2");
    CHECK(evaluate(shop, row, "twice(twice(weight))") == "4");
    CHECK(evaluate(shop, row, "region_of(\"1.2.3.4\")") == "null");
    shop.set(row, "weight", "3");
    CHECK(evaluate(shop, row, "once(this)") == "1");
    shop.set(row, "weight", "6");
    CHECK(evaluate(shop, row, "once(this)") == "null decision.conflict");  // no default hides a conflict
}

TEST_CASE("a state's fields narrow what roles grant, outer states too") {
    Shop shop(kDesk);
    program::RoleId agent;
    REQUIRE(shop.program->find_role("agent", &agent));
    auto scope = query::AccessScope::of("li", 0, {agent});
    Row& row = shop.make("ticket");
    const auto& entity = *shop.program->find_entity("ticket");
    const auto& flow = shop.program->flows[entity.flows.at(0)];
    auto right = [&](const char* name, bool write) {
        return shop.records->field_right(row, shop.field(row, name).id, scope, write);
    };
    using program::FieldRight;
    auto enter = [&](const char* state, const char* inner) {
        shop.records->set(row, flow.state_field, Value::string(state));
        REQUIRE(flow.configuration_field != program::kNone);
        shop.records->set(row, flow.configuration_field, *inner ? Value::string(inner) : Value());
    };
    enter("open", "");
    CHECK(right("terms", false) == FieldRight::none);
    CHECK(right("price", true) == FieldRight::write);
    enter("work", "first");
    CHECK(right("terms", false) == FieldRight::mask);
    CHECK(right("price", true) == FieldRight::read);
    enter("work", "second");
    CHECK(right("terms", true) == FieldRight::write);
    CHECK(right("price", true) == FieldRight::read);
    CHECK(right("status", true) == FieldRight::read);  // a flow's own column is nobody's to write
    enter("closed", "");
    CHECK(right("price", true) == FieldRight::write);
    CHECK(shop.records->field_right(row, shop.field(row, "terms").id, query::AccessScope::everything(), true) ==
          FieldRight::write);
}

TEST_CASE("a write that fails at any point leaves nothing behind") {
    Shop shop(kDesk);
    for (int i = 0; i < 3; ++i) shop.set(shop.make("ticket"), "weight", "1");
    shop.commit();
    const std::string before = shop.sql("SELECT id, weight, leat_version FROM ticket ORDER BY id");
    for (uint64_t nth = 1; nth <= 5; ++nth) {
        shop.set(*shop.find("ticket", "1"), "weight", "9");
        shop.set(shop.make("ticket"), "weight", "9");
        must(shop.records->remove(*shop.find("ticket", "3")));
        must(shop.records->settle());
        shop.connection->fail_write(nth);
        auto done = shop.records->write_all(50, 1'760'000'000'000'000, "tester");
        shop.connection->fail_write(0);
        INFO("write " << nth);
        if (done) {
            CHECK(nth > 3);  // update, insert, delete with its identity
        } else {
            CHECK(done.error().code == "store.full");
            CHECK_THAT(done.error().message, Catch::Contains("writing ticket"));
        }
        shop.rollback();
        CHECK(shop.sql("SELECT id, weight, leat_version FROM ticket ORDER BY id") == before);
    }
}
