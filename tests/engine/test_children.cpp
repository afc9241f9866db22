// Child flows and calls that a state waits for, their failures, and flows side by side on one record.
#include "fixture.hpp"

using namespace leat;
using namespace leat::test;

namespace {

const char* kLoan = R"(
leat: 1
app: loans
language: en
---
roles: {clerk: Clerk}
---
entity: loan
key: "L-{seq}"
fields:
  amount: {type: decimal}
  score: {type: string}
  log: {type: string, default: ""}
access: {clerk: {add: true, read: true, write: true}}
---
connector: bureau
operations: {score: {input: {amount: {type: decimal}}}}
---
flow: granting
of: loan
events: {go: [clerk], wait: [clerk], look: [clerk], ping: [clerk]}
states:
  draft: {on: {go: scoring, wait: waiting, look: unheard}}
  scoring:
    invoke: {id: score, src: bureau.score, input: {amount: = amount}, onDone: {target: papers, do: [{set: {score: = event.value}}]}}
    onError: {target: by_hand, do: [{set: {log: = log + "by hand;"}}]}
  by_hand: {on: {go: papers}}
  papers:
    invoke:
      src: filing
      autoforward: true
      input: {tries: 2}
      finalize: [{set: {log: = log + "final;"}}]
      onDone: {target: done, do: [{set: {log: = log + string(event.tries)}}]}
    on: {wait: waiting}
  waiting: {on: {look: papers, ping: {do: [{set: {log: = log + "ping;"}}]}}}
  unheard: {invoke: {src: failing}}
  done: {type: final}
---
flow: filing
of: loan
field: filed
start: invoked
data: {tries: 0}
events: {ping: []}
states:
  open: {entry: [{set: {log: = log + "open;"}}], exit: [{set: {log: = log + "shut;"}}], on: {ping: filed_away}}
  filed_away: {type: final, donedata: {tries: = tries}}
---
flow: failing
states: {lost: {type: final, outcome: failed}}
)";

std::string field(Fixture& f, const std::string& key, const char* name) {
    auto shown = f.system->show("loan", key);
    REQUIRE(shown);
    auto json = parse_json(*shown);
    REQUIRE(json);
    const Json* found = json->find(name);
    return found ? found->text : "";
}

struct Loans : Fixture {
    int calls = 0;
    bool fails = false;
    explicit Loans() : Fixture(kLoan) {
        auto registered =
            engine->on_delivery("bureau.score", [this](const engine::Delivery& one) -> Result<std::string> {
                ++calls;
                CHECK(std::string(one.payload) == "{\"amount\":5.00}");
                if (fails) return make_error(Status::host, "bureau.down", "the bureau is down");
                return std::string("{\"value\":\"good\"}");
            });
        REQUIRE(registered);
        done(system->create("loan", "{\"amount\":5}"));
    }
    void send(const char* event) { done(system->send("loan", "L-1", event, "{}")); }
};

}  // namespace

TEST_CASE("a state waits for what it calls, and goes on with the receipt") {
    Loans f;
    f.send("go");
    CHECK(field(f, "L-1", "state") == "scoring");
    REQUIRE(f.engine->deliver(10));
    CHECK(f.calls == 1);
    CHECK(field(f, "L-1", "state") == "papers");
    CHECK(field(f, "L-1", "score") == "good");
    // Its child runs beside it, on the same record.
    CHECK(field(f, "L-1", "filed") == "open");
    f.send("granting.ping");  // forwarded
    CHECK(field(f, "L-1", "filed") == "filed_away");
    CHECK(field(f, "L-1", "state") == "done");
    CHECK(field(f, "L-1", "log") == "open;shut;final;2");
}

TEST_CASE("a call that failed for good is an error of the state, also when people say so") {
    Loans f;
    f.fails = true;
    f.send("go");
    for (int i = 0; i < 20; ++i) {
        REQUIRE(f.engine->deliver(10));
        f.clock.now += int64_t{3600} * 1'000'000;
    }
    CHECK(field(f, "L-1", "state") == "by_hand");
    CHECK(field(f, "L-1", "log") == "by hand;");
}

TEST_CASE("leaving the state cancels its child, and entering it again starts anew") {
    Loans f;
    f.send("go");
    REQUIRE(f.engine->deliver(10));
    f.send("wait");
    CHECK(field(f, "L-1", "log") == "open;shut;");
    f.send("granting.ping");  // the cancelled child hears nothing
    CHECK(field(f, "L-1", "filed") == "open");
    CHECK(field(f, "L-1", "log") == "open;shut;ping;");
    f.send("look");
    CHECK(field(f, "L-1", "log") == "open;shut;ping;open;");
    f.send("granting.ping");
    CHECK(field(f, "L-1", "state") == "done");
}

TEST_CASE("an answer that comes when nobody waits any more changes nothing") {
    Loans f;
    f.send("go");
    REQUIRE(f.system->jump("loan", "L-1", "granting", "waiting", "by order"));
    REQUIRE(f.engine->deliver(10));
    CHECK(f.calls == 1);
    CHECK(field(f, "L-1", "state") == "waiting");
}

TEST_CASE("a failure that nothing hears is an open item") {
    Loans f;
    f.send("look");
    CHECK(field(f, "L-1", "state") == "unheard");
    auto open = f.system->incidents(true, 10);
    REQUIRE(open);
    CHECK(open->find("no onError hears it") != std::string::npos);
    auto stuck = f.system->stuck(10);
    REQUIRE(stuck);
    CHECK(stuck->find("\"reason\":\"incident\"") != std::string::npos);
    CHECK(stuck->find("nothing_to_wait_for") != std::string::npos);
}

TEST_CASE("what was remembered and then changed from outside ends the command") {
    Loans f;
    f.send("go");
    REQUIRE(f.engine->connection().execute("UPDATE loan SET state_data = '{' WHERE id = 1"));
    f.engine->forget();
    auto sent = f.system->send("loan", "L-1", "look", "{}");
    REQUIRE_FALSE(sent);
    CHECK(sent.error().code == "flow.memory");
}

namespace {

const char* kTalk = R"(
leat: 1
app: talk
language: en
---
roles: {clerk: Clerk}
---
entity: loan
key: "L-{seq}"
fields: {log: {type: string, default: ""}}
---
flow: granting
of: loan
events: {go: [clerk], stop: [clerk], progress: {allow: [], payload: {share: {type: integer, required: true}}}, ping: [clerk]}
states:
  draft: {on: {go: checking}}
  checking:
    invoke:
      id: check
      src: check_flow
      finalize: [{set: {log: = log + "f"}}]
      onDone: checked
    on:
      progress:
        - {guard: event.share < 100, do: [{set: {log: = log + string(event.share) + ";"}}, {send: go_on, to: check}]}
        - {target: stopped}
      stop: stopped
      ping: {do: [{set: {log: = log + "main;"}}]}
  checked: {type: final}
  stopped: {on: {ping: {do: [{send: side.ping}, {send: side.ping, after: PT1H}]}}}
---
flow: check_flow
events: {go_on: []}
states:
  first: {entry: [{send: progress, to: parent, with: {share: 40}}], exit: [{send: progress, to: parent, with: {share: 50}}], on: {go_on: second}}
  second: {entry: [{send: progress, to: parent, with: {share: 80}}], on: {go_on: third}}
  third: {after: {PT1H: over}, exit: [{send: progress, to: parent, with: {share: 90}}]}
  over: {type: final}
---
flow: side
of: loan
field: aside
events: {ping: [clerk]}
states: {open: {on: {ping: {do: [{set: {log: = log + "side;"}}]}}}, shut: {type: final}}
)";

}  // namespace

TEST_CASE("a child talks to its parent, which answers it; once cancelled nobody hears it") {
    Fixture f(kTalk);
    f.done(f.system->create("loan", "{}"));
    f.done(f.system->send("loan", "L-1", "go", "{}"));
    // 40 goes up and `go_on` down; on its way out of `first` the child says 50, entering `second` 80.
    CHECK(field(f, "L-1", "log") == "f40;f50;f80;");
    CHECK(field(f, "L-1", "state") == "checking");
    f.clock.now += int64_t{2 * 3600} * 1'000'000;
    REQUIRE(f.engine->run_due(10));
    CHECK(field(f, "L-1", "log") == "f40;f50;f80;f90;f");
    CHECK(field(f, "L-1", "state") == "checked");

    f.done(f.system->create("loan", "{}"));
    f.done(f.system->send("loan", "L-2", "go", "{}"));
    f.done(f.system->send("loan", "L-2", "stop", "{}"));
    CHECK(field(f, "L-2", "log") == "f40;f50;f80;");
    CHECK(field(f, "L-2", "state") == "stopped");
}

TEST_CASE("an event with its flow's name reaches that flow alone, also later") {
    Fixture f(kTalk);
    f.done(f.system->create("loan", "{}"));
    f.done(f.system->send("loan", "L-1", "go", "{}"));
    f.done(f.system->send("loan", "L-1", "stop", "{}"));
    f.done(f.system->send("loan", "L-1", "granting.ping", "{}"));
    CHECK(field(f, "L-1", "log") == "f40;f50;f80;side;");
    f.clock.now += int64_t{2 * 3600} * 1'000'000;
    REQUIRE(f.engine->run_due(10));
    CHECK(field(f, "L-1", "log") == "f40;f50;f80;side;side;");
}
