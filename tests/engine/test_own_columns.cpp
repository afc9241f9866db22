// Compound states with a column of their own.
#include "timed.hpp"

using namespace leat;
using namespace leat::test;

namespace {

const char* kDeal = R"(
leat: 1
app: deals
language: en
timezone: UTC
---
roles: {sales: Sales}
---
entity: deal
key: "D-{seq}"
fields: {note: string}
access: {sales: {add: true, read: true, write: true}}
---
flow: deal_flow
of: deal
field: stage
events: {go: [sales], back: [sales], sign: [sales], pay: [sales]}
states:
  open: {on: {go: closing}}
  closing:
    type: parallel
    states:
      papers:
        field: papers
        title: {en: Papers, zh: 文件}
        states:
          drafted: {title: {en: Drafted, zh: 起草}, on: {sign: signed}}
          signed: {type: final}
      money:
        field: money
        states:
          billing: {states: {first: {}, second: {}}, on: {pay: paid}}
          paid: {type: final}
    on: {back: open}
    onDone: closed
  closed: {type: final}
)";

}  // namespace

TEST_CASE("a compound state's own column tells its active child while it is active") {
    Timed s(kDeal);
    s.to("2026-01-05T09:00:00.000000Z");
    std::string key = s.make("deal");
    CHECK(s.field("deal", key, "papers") == "null");
    s.send("deal", key, "go");
    CHECK(s.field("deal", key, "stage") == "closing");
    CHECK(s.field("deal", key, "papers") == "drafted");
    CHECK(s.field("deal", key, "money") == "billing");
    CHECK(s.field("deal", key, "papers_since").substr(0, 16) == "2026-01-05T09:00");
    s.clock.now += kHour;
    s.send("deal", key, "sign");
    CHECK(s.field("deal", key, "papers") == "signed");
    CHECK(s.field("deal", key, "papers_since").substr(0, 16) == "2026-01-05T10:00");
    CHECK(s.field("deal", key, "money_since").substr(0, 16) == "2026-01-05T09:00");
    s.clock.now += kHour;
    s.send("deal", key, "back");
    CHECK(s.field("deal", key, "papers") == "null");
    CHECK(s.field("deal", key, "papers_since") == "null");
    s.send("deal", key, "go");
    CHECK(s.field("deal", key, "papers") == "drafted");
    CHECK(s.field("deal", key, "papers_since").substr(0, 16) == "2026-01-05T11:00");
    s.send("deal", key, "sign");
    s.send("deal", key, "pay");
    CHECK(s.field("deal", key, "stage") == "closed");
    CHECK(s.field("deal", key, "money") == "null");
    CHECK(s.engine->verify()->first_bad == 0);
}

TEST_CASE("a state's own column is the engine's, and filters know it") {
    Timed s(kDeal);
    std::string key = s.make("deal");
    s.send("deal", key, "go");
    auto written = s.system->patch("deal", key, R"({"papers":"signed"})");
    CHECK((!written || written->refused));
    Json found = s.json(s.system->list("deal", "papers = \"drafted\"", 0, 10));
    CHECK(found.find("records")->items.size() == 1);
    s.done(s.system->jump("deal", key, "deal_flow", "signed", "by order"));
    CHECK(s.field("deal", key, "papers") == "signed");
    CHECK(s.json(s.system->list("deal", "papers = \"drafted\"", 0, 10)).find("records")->items.empty());
}
