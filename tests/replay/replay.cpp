// Replaying event logs: ways through a flow, first deviations, times of states, mappings.
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/json.hpp"
#include "catch.hpp"
#include "program/load.hpp"
#include "replay/log.hpp"
#include "replay/play.hpp"

using namespace leat;

namespace {

std::unique_ptr<program::Program> load(const std::string& text) {
    Diagnostics diagnostics;
    base::Sources sources;
    auto program = program::load({{"app.yaml", text}}, {}, {}, diagnostics, sources);
    std::string told;
    for (const auto& one : diagnostics.all()) told += base::format(one, sources);
    INFO(told);
    REQUIRE(program);
    return program;
}

const std::string kOrder = R"(
leat: 1
app: shop
language: zh
---
roles: {boss: 主管}
---
entity: order
fields: {amount: {type: integer, required: true}}
---
flow: order_flow
of: order
delays: {late: {for: P7D}}
events: {submit: {title: 提交, allow: []}, pay: [], ship: [], note: []}
states:
  draft:
    on: {submit: [{target: check, guard: amount > 100}, open]}
    after: {late: lapsed}
  check: {title: 审批, approve: {by: boss}, on: {approved: open, rejected: lapsed}}
  open:
    type: parallel
    states:
      money: {states: {owed: {on: {pay: paid}}, paid: {type: final}}}
      goods: {states: {packed: {on: {ship: sent}}, sent: {type: final}}}
    on: {note: {}}
    onDone: done
  done: {type: final}
  lapsed: {type: final, outcome: lapsed}
)";

// The report on a CSV log, as JSON.
Json played(const program::Program& program, const std::string& csv, const std::string& mapping = "") {
    auto path = (std::filesystem::temp_directory_path() / ("leat_replay_" + std::to_string(getpid()))).string();
    std::ofstream(path, std::ios::binary) << csv;
    auto wanted = replay::read_mapping(mapping);
    REQUIRE(wanted);
    auto report = replay::run(program, program.flows.front(), path, *wanted, Limits());
    std::filesystem::remove(path);
    if (!report) {
        Json error;
        error.kind = Json::Kind::string;
        error.text = report.error().code;
        return error;
    }
    auto json = parse_json(*report);
    REQUIRE(json);
    return *json;
}

std::string text_of(const Json& object, const char* name) {
    const Json* found = object.find(name);
    REQUIRE(found);
    return found->kind == Json::Kind::array ? base::to_text(*found) : found->text;
}

const Json& state(const Json& report, const std::string& name) {
    for (const Json& one : report.find("states")->items)
        if (one.find("state")->text == name) return one;
    FAIL(name);
    return report;
}

}  // namespace

TEST_CASE("a guard may go either way: both ways are followed until the log decides") {
    auto program = load(kOrder);
    Json report = played(*program,
                         "case,activity,time\n"
                         "1,提交,2026-01-01T00:00:00Z\n"
                         "2,submit,2026-01-01T00:00:00Z\n"
                         "1,pay,2026-01-01T01:00:00Z\n"
                         "2,approved,2026-01-03T00:00:00Z\n"
                         "1,note,2026-01-01T01:30:00Z\n"
                         "2,ship,2026-01-03T00:00:10Z\n"
                         "1,ship,2026-01-01T02:00:00Z\n"
                         "2,ship,2026-01-04T00:00:00Z\n"
                         "3,ship,\n"
                         "4,cancel,\n",
                         "events: {approved: approved}");
    CHECK(text_of(report, "cases") == "4");
    CHECK(text_of(report, "conforming") == "1");
    const auto& deviations = report.find("deviations")->items;
    REQUIRE(deviations.size() == 3);
    CHECK(text_of(deviations[0], "case") == "2");
    CHECK(text_of(deviations[0], "position") == "4");
    CHECK(text_of(deviations[0], "activity") == "ship");
    CHECK(text_of(deviations[0], "line") == "9");
    CHECK(text_of(deviations[0], "at") == "2026-01-04T00:00:00.000000Z");
    CHECK(text_of(deviations[0], "why") == "not_expected");
    CHECK(text_of(deviations[0], "states") == R"(["owed","sent"])");
    CHECK(text_of(deviations[0], "expected") == R"(["pay","note","done"])");
    CHECK(text_of(deviations[1], "expected") == R"(["submit","late"])");
    CHECK(text_of(deviations[2], "why") == "unmapped");
    CHECK(text_of(report.find("unmapped")->items.at(0), "activity") == "cancel");
    // Case 2 waited two days for its approval, case 1 never came there.
    CHECK(text_of(state(report, "check"), "visits") == "1");
    CHECK(text_of(state(report, "check"), "title") == "审批");
    CHECK(text_of(state(report, "check"), "median_s") == "172800.000000");
    CHECK(text_of(state(report, "owed"), "visits") == "2");
    CHECK(text_of(state(report, "owed"), "open") == "1");
    CHECK(text_of(state(report, "owed"), "mean_s") == "3600.000000");
    CHECK(text_of(state(report, "packed"), "p90_s") == "7200.000000");
    CHECK(text_of(state(report, "packed"), "median_s") == "3605.000000");
}

TEST_CASE("silent events, ends and complete cases") {
    auto program = load(kOrder);
    const std::string paid = "case,activity\n1,submit\n1,pay\n1,ship\n2,submit\n3,submit\n3,pay\n";
    CHECK(text_of(played(*program, paid), "conforming") == "3");
    CHECK(text_of(played(*program, paid, "complete: true"), "conforming") == "1");
    CHECK(text_of(played(*program, paid, "complete: true\nsilent: [rejected]"), "conforming") == "2");
    Json report = played(*program, paid, "end: ship");
    CHECK(text_of(report, "conforming") == "2");
    CHECK(text_of(report.find("deviations")->items.at(0), "why") == "unfinished");
    CHECK(text_of(played(*program, "case,activity\n1,late\n", "silent: [draft.late]\ncomplete: true\nignore: [late]"),
                  "conforming") == "1");
    CHECK(played(*program, paid, "silent: [aproved]").text == "replay.event");
    CHECK(played(*program, paid, "events: {x: shipp}").text == "replay.event");
}

TEST_CASE("a flow that an event starts is a draft until it comes") {
    std::string text = kOrder;
    text.replace(text.find("of: order\ndelays"), 9, "of: order\nstart: begin");
    text.replace(text.find("events: {"), 9, "events: {begin: [], ");
    auto program = load(text);
    const std::string log = "case,activity\n1,begin\n1,submit\n2,submit\n3,begin\n3,begin\n";
    Json report = played(*program, log);
    CHECK(text_of(report, "conforming") == "1");
    const Json& early = report.find("deviations")->items.at(0);
    CHECK(text_of(early, "case") == "2");
    CHECK(early.find("states")->items.empty());
    CHECK(early.find("expected")->items.at(0).text == "begin");
    CHECK(text_of(report.find("deviations")->items.at(1), "position") == "2");
    CHECK(text_of(played(*program, log, "silent: [begin]"), "conforming") == "2");
    CHECK(text_of(played(*program, "case,activity\n1,begin\n", "complete: true"), "conforming") == "0");
}

TEST_CASE("repeats, ignored activities, grouped logs and times that go back") {
    auto program = load(kOrder);
    Json report = played(
        *program, "case,activity,time\n1,submit,2026-01-02\n1,submit,2026-01-03\n1,x,2026-01-04\n1,pay,2026-01-01\n",
        "repeats: collapse\nignore: [x]\ngrouped: true");
    CHECK(text_of(report, "conforming") == "1");
    CHECK(text_of(report, "ignored") == "2");
    CHECK(text_of(report, "out_of_order") == "1");
    CHECK(text_of(state(report, "draft"), "timed") == "0");
    CHECK(text_of(played(*program, "case,activity\n1,submit\n1,submit\n"), "deviating") == "1");
    CHECK(played(*program, "case,activity\n1,submit\n2,submit\n1,pay\n", "grouped: true").text == "log.grouped");
    report = played(*program, "case,activity\n1,pay\n2,pay\n3,pay\n", "deviations_max: 1");
    CHECK(report.find("deviations")->items.size() == 1);
    CHECK(text_of(report, "deviating") == "3");
    CHECK(text_of(report.find("places")->items.at(0), "cases") == "3");
}

TEST_CASE("raised events, conditional ones too, and circles") {
    auto program = load(R"(
leat: 1
app: raised
language: en
---
entity: thing
fields: {big: {type: boolean, required: true}}
---
flow: raising
of: thing
events: {go: [], inner: [], deep: [], stop: []}
states:
  a: {on: {go: {target: b, do: [{raise: inner}, {if: big, then: [{raise: deep}]}]}}}
  b: {on: {inner: c}}
  c: {on: {deep: d, stop: e}}
  d: {on: {stop: e, go: x}}
  e: {type: final}
  x: {always: y}
  y: {always: x}
)");
    CHECK(text_of(played(*program, "case,activity\n1,go\n1,stop\n", "complete: true"), "conforming") == "1");
    CHECK(text_of(played(*program, "case,activity\n1,go\n1,inner\n"), "deviating") == "1");
    CHECK(played(*program, "case,activity\n1,go\n1,go\n").text == "limit.microsteps");
}

TEST_CASE("more ways than can be followed are told") {
    std::string states;
    for (int i = 0; i < 10; ++i) {
        std::string n = std::to_string(i);
        states +=
            "      r" + n + ": {states: {p" + n + ": {on: {go: {target: q" + n + ", guard: big}}}, q" + n + ": {}}}\n";
    }
    auto program = load(
        "leat: 1\napp: wide\nlanguage: en\n---\nentity: thing\nfields: {big: {type: boolean, required: "
        "true}}\n---\nflow: wide\nof: thing\nevents: {go: []}\nstates:\n  all:\n    type: parallel\n    states:\n" +
        states);
    CHECK(played(*program, "case,activity\n1,go\n").text == "limit.ways");
}

TEST_CASE("mistakes in a mapping are told with their places") {
    for (const char* text : {"casse: x", "case: [x]", "events: [a]", "complete: maybe", "repeats: often",
                             "deviations_max: -1", "ignore: x", "a\n---\nb", "[1]", "case: x\ncase: y"}) {
        INFO(text);
        auto mapping = replay::read_mapping(text);
        REQUIRE_FALSE(mapping);
        CHECK(mapping.error().code == "replay.mapping");
        CHECK(mapping.error().status == Status::usage);
    }
    auto mapping = replay::read_mapping(R"({"case":"n","events":{"a b":"x"},"silent":["y"],"deviations_max":"5"})");
    REQUIRE(mapping);
    CHECK(mapping->columns.case_id == "n");
    CHECK(mapping->events.at(0) == std::make_pair(std::string("a b"), std::string("x")));
    CHECK(mapping->deviations_max == 5);
}

namespace {

const std::string kClaim = R"(
leat: 1
app: claims
language: zh
---
entity: claim
fields: {amount: {type: integer, required: true}, kind: {type: enum, enum: {travel: 差旅, meal: 餐费}}, day: date, other: {type: integer, default: 0}}
---
flow: claim_flow
of: claim
events: {submit: [], approve: {allow: [], payload: {share: {type: decimal, required: true}}}, reject: [], go: []}
states:
  draft:
    on: {submit: [{target: review, guard: amount > 100 and kind = "travel"}, {target: approved, guard: amount <= 100}, {target: lost}]}
  review:
    on:
      approve: [{target: approved, guard: event.share >= 0.5}, {target: draft}]
      reject: draft
  approved:
    always: [{target: late, guard: 'day > @"2026-06-30"'}]
    on: {go: [{target: done, guard: amount > other}]}
  late: {type: final}
  lost: {type: final}
  done: {type: final}
)";

}  // namespace

TEST_CASE("columns of a log decide guards over fields and payloads") {
    auto program = load(kClaim);
    const std::string head = "case,activity,total,art,share,when\n";
    const std::string mapping = "fields: {amount: total, kind: art, day: when}\npayload: {share: share}\n";
    auto conforming = [&](const std::string& rows, const std::string& with) {
        return text_of(played(*program, head + rows, with), "conforming");
    };
    // Without columns either way is possible.
    CHECK(conforming("1,submit,50,差旅,,2026-01-01\n1,approve,,,,\n", "") == "1");
    CHECK(conforming("1,submit,50,差旅,,2026-01-01\n1,approve,,,,\n", mapping) == "0");
    CHECK(conforming("1,submit,500,差旅,,2026-01-01\n1,approve,,,0.5,\n1,go,,,,\n", mapping) == "1");
    CHECK(conforming("1,submit,500,travel,,2026-01-01\n1,approve,,,0.4,\n1,go,,,,\n", mapping) == "0");
    CHECK(conforming("1,submit,500,travel,,2026-01-01\n1,approve,,,0.4,\n1,submit,,,,\n1,reject,,,,\n", mapping) ==
          "1");
    CHECK(conforming("1,submit,500,餐费,,2026-01-01\n1,approve,,,0.9,\n", mapping) == "0");
    // Where a cell is empty the log does not say, and both are tried.
    CHECK(conforming("1,submit,500,travel,,2026-01-01\n1,approve,,,,\n1,go,,,,\n", mapping) == "1");
    // An eventless guard, decided by the record of that moment; `other` is in no column.
    CHECK(conforming("1,submit,50,,,2026-07-01\n1,go,,,,\n", mapping) == "0");
    CHECK(conforming("1,submit,50,,,2026-06-30\n1,go,,,,\n", mapping) == "1");
    // Cases do not mix, though their rows do.
    CHECK(conforming("1,submit,500,travel,,2026-01-01\n2,submit,50,travel,,2026-01-01\n1,approve,,,1,\n2,go,,,,\n",
                     mapping) == "2");
}

TEST_CASE("columns that fit no field, and cells that are no values") {
    auto program = load(kClaim);
    const std::string row = "case,activity,total\n1,submit,many\n";
    CHECK(played(*program, row, "fields: {amount: total}").text == "replay.value");
    CHECK(played(*program, row, "fields: {amunt: total}").text == "replay.mapping");
    CHECK(played(*program, row, "fields: {state: total}").text == "replay.mapping");
    CHECK(played(*program, row, "payload: {amount: total}").text == "replay.mapping");
    CHECK(played(*program, row, "fields: {amount: sum}").text == "log.column");
    CHECK_FALSE(replay::read_mapping("fields: [a]"));
}
