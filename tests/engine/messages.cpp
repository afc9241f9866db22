// Messages from outside: for the record they name, once, early or late.
#include <fmt/format.h>

#include "engine/timed.hpp"

using namespace leat;
using test::Timed;
using namespace leat::test;

namespace {

constexpr const char* kApp = R"yaml(
leat: 1
app: messages
language: en
timezone: UTC
---
roles: {staff: Staff}
---
entity: order
key: "O-{seq}"
fields: {number: {type: string, unique: true}, got: {type: string, default: ""}, paid: {type: money, default: 0}}
---
entity: note
key: "N-{seq}"
fields: {text: {type: string}}
---
flow: order_flow
of: order
events: {ship: [staff], progress: {allow: [], payload: {state: {type: string, required: true}}}}
states:
  open: {on: {ship: sent}}
  sent: {on: {progress: {guard: event.state != "lost", do: [{set: {got: = got + event.state}}]}}}
---
connector: mes
operations: {ask: {input: {number: string}}}
---
message: mes.progress
payload: {number: {type: string, required: true}, state: {type: string, required: true}}
to: = records.order[number = event.number]
send: progress
from: mes
expires: P2D
---
message: bank.paid
payload: {number: {type: string, required: true}, amount: {type: money, required: true}}
to: = records.order[number = event.number]
---
message: news
payload: {text: string}
---
rule: paid
of: order
when: {message: bank.paid}
if: event.amount > 0
do: [{set: {paid: = paid + event.amount}}]
---
rule: keep_news
when: {message: news}
do: [{create: note, set: {text: = event.text}}]
---
rule: shout
when: {message: news}
order: 200
if: event.text = "fire"
do: [{create: note, set: {text: shouted}}]
)yaml";

std::string receive(Timed& s, const std::string& name, const std::string& id, const std::string& payload) {
    auto outcome = s.engine->receive(name, id, payload);
    if (!outcome) return outcome.error().code;
    auto json = parse_json(outcome->json);
    REQUIRE(json);
    if (const Json* status = json->find("message")) return status->text;
    return outcome->refusals.at(0).code;
}

}  // namespace

TEST_CASE("a message goes to the record of its key, once") {
    Timed s(kApp);
    std::string a = s.make("order", R"({"number":"A"})"), b = s.make("order", R"({"number":"B"})");
    for (const auto& key : {a, b}) s.send("order", key, "ship");
    CHECK(receive(s, "mes.progress", "1", R"({"number":"B","state":"x"})") == "consumed");
    CHECK(receive(s, "mes.progress", "1", R"({"number":"B","state":"x"})") == "duplicate");
    CHECK(receive(s, "mes.progress", "1", R"({"number":"A","state":"y"})") == "duplicate");  // the id says it all
    CHECK(receive(s, "mes.progress", "2", R"({"number":"B","state":"z"})") == "consumed");
    CHECK(s.field("order", a, "got") == "");
    CHECK(s.field("order", b, "got") == "xz");
    CHECK(receive(s, "mes.progress", "3", R"({"number":"B"})") == "constraint");
    CHECK(receive(s, "mes.lost", "3", "{}") == "message.unknown");
    CHECK(receive(s, "mes.progress", "", "{}") == "message.id");
    Json log = s.json(s.system->log("", "", 0, 100));
    CHECK(log.find("log")->items.back().find("command")->find("from")->text == "mes");
}

TEST_CASE("early messages wait for their record, and for its state") {
    Timed s(kApp);
    CHECK(receive(s, "mes.progress", "1", R"({"number":"A","state":"x"})") == "waiting");
    CHECK(receive(s, "mes.progress", "1", R"({"number":"A","state":"x"})") == "waiting");
    CHECK(receive(s, "mes.progress", "2", R"({"number":"A","state":"y"})") == "waiting");
    std::string a = s.make("order", R"({"number":"A"})");
    s.pump();
    CHECK(s.field("order", a, "got") == "");
    s.send("order", a, "ship");
    s.pump();
    CHECK(s.field("order", a, "got") == "xy");
    CHECK(receive(s, "mes.progress", "2", R"({"number":"A","state":"y"})") == "duplicate");
    s.pump();
    CHECK(s.field("order", a, "got") == "xy");
}

TEST_CASE("messages that nobody takes expire, and do not stand in the way of others") {
    Timed s(kApp);
    std::string a = s.make("order", R"({"number":"A"})");
    s.send("order", a, "ship");
    for (int i = 0; i < 20; ++i)
        CHECK(receive(s, "mes.progress", fmt::format("lost{}", i), R"({"number":"A","state":"lost"})") == "waiting");
    CHECK(receive(s, "mes.progress", "b", R"({"number":"B","state":"y"})") == "waiting");
    std::string b = s.make("order", R"({"number":"B"})");
    s.send("order", b, "ship");
    for (int i = 0; i < 4; ++i) REQUIRE(s.engine->run_due(7));  // the pump's bound is smaller than what waits
    CHECK(s.field("order", b, "got") == "y");
    int64_t rows = s.log_rows();
    for (int i = 0; i < 4; ++i) REQUIRE(s.engine->run_due(7));
    CHECK(s.log_rows() == rows);  // nothing happened, so nothing is tried
    CHECK(s.after(2 * kDay - 1).expired == 0);
    CHECK(s.after(1).expired == 20);
    CHECK(receive(s, "mes.progress", "lost1", R"({"number":"A","state":"z"})") == "expired");
    CHECK(s.field("order", a, "got") == "");
}

TEST_CASE("a message that fits several records is kept for nobody to guess") {
    Timed s(std::string(kApp) + "---\nmessage: wide\nto: = records.order[true]\nsend: ship\n");
    s.make("order", R"({"number":"A"})");
    s.make("order", R"({"number":"B"})");
    CHECK(receive(s, "wide", "1", "{}") == "waiting");
}

TEST_CASE("rules take messages, with a record and without") {
    Timed s(kApp);
    CHECK(receive(s, "bank.paid", "1", R"({"number":"A","amount":5})") == "waiting");
    std::string a = s.make("order", R"({"number":"A"})");
    s.pump();
    CHECK(s.field("order", a, "paid") == "5.00");
    CHECK(receive(s, "bank.paid", "2", R"({"number":"A","amount":0})") == "waiting");  // its rule leaves it
    CHECK(receive(s, "bank.paid", "1", R"({"number":"A","amount":5})") == "duplicate");
    CHECK(s.field("order", a, "paid") == "5.00");
    CHECK(receive(s, "news", "1", R"({"text":"rain"})") == "consumed");
    CHECK(receive(s, "news", "2", R"({"text":"fire"})") == "consumed");
    Json notes = s.json(s.system->list("note", "", 0, 10));
    REQUIRE(notes.find("records")->items.size() == 3);
    CHECK(s.field("note", "N-3", "text") == "shouted");
}
