// Delays, reminders, recurrence, stagnation, escalation; durable, in order, once.
#include <fmt/format.h>

#include "engine/timed.hpp"

using namespace leat;
using test::Timed;
using namespace leat::test;

namespace {

std::string app(const std::string& delays, const std::string& after, const std::string& more = "") {
    return R"(
leat: 1
app: timers
language: en
timezone: Asia/Shanghai
---
roles: {staff: Staff}
calendars: {office: {week: {mon-fri: ["09:00-12:00", "13:30-18:00"]}, exceptions: {"2026-01-02": []}}}
settings: {patience: {type: duration, value: P2D}, often: {type: integer, value: 2}}
---
entity: lead
key: "L-{seq}"
fields:
  called_at: {type: datetime}
  due_on: {type: date}
  level: {type: integer, default: 0}
  limit: {type: duration}
  seen: {type: list, of: string}
  note: {type: string, default: ""}
---
flow: lead_flow
of: lead
delays: )" +
           delays +
           R"(
events: {close: [staff], again: [staff]}
states:
  open: {after: )" +
           after + R"(, on: {close: closed, again: {target: open, reenter: true}}}
  late: {on: {close: closed}}
  closed: {on: {again: open}}
)" + more;
}

// Notes each firing as "count@MM-DDThh:mm".
constexpr const char* kNote =
    "{do: [{set: {note: '= note + string(event.count) + \"@\" + substring(string(event.due), 6, 11) + \" \"'}}]}";

// Claims whose owner decides them, with reminders, and then his managers.
std::string claims(const std::string& remind, const std::string& within, const std::string& more = "") {
    return R"(
leat: 1
app: approvals
language: en
timezone: UTC
---
calendars: {office: {week: {mon-fri: ["09:00-17:00"]}}}
roles: {boss: Boss, staff: Staff}
---
entity: claim
key: "C-{seq}"
fields: {owner: {type: ref, to: user}, warned: {type: boolean, default: false}}
---
flow: claim_flow
of: claim
events: {ask: [staff]}
states:
  open: {on: {ask: asked}}
  asked:
    approve: {by: {users: = owner}, remind: )" +
           remind + " office, within: " + within + R"( office, timeout: escalate}
    on: {approved: done, rejected: open}
  done: {type: final}
)" + more;
}

// Low, whose manager is mid, whose manager is top.
void staff_line(Timed& s) {
    s.user("top", "[]");
    s.user("mid", "[]", R"(,"manager":"top")");
    s.user("low", R"(["boss"])", R"(,"manager":"mid")");
}

}  // namespace

TEST_CASE("a delay fires once, in its state only") {
    Timed s(app("{soon: {for: PT1H}}", "{soon: late, P3D: closed}"));
    std::string one = s.make("lead"), two = s.make("lead");
    CHECK(s.next() == "2026-01-01T01:00");
    CHECK(s.after(kHour - 1).fired == 0);
    s.send("lead", two, "close");
    auto fired = s.after(1);
    CHECK(fired.fired == 1);
    CHECK(fired.stale == 1);
    CHECK(s.field("lead", one, "state") == "late");
    CHECK(s.field("lead", two, "state") == "closed");
    int64_t rows = s.log_rows();
    CHECK(s.after(10 * kDay).fired == 0);
    CHECK(s.log_rows() == rows);  // stale timers leave no trace
    CHECK(s.next() == "none");
    // Entered again: a timer of its own.
    s.send("lead", two, "again");
    CHECK(s.after(kHour).fired == 1);
    CHECK(s.field("lead", two, "state") == "late");
}

TEST_CASE("reminders repeat so often, in working days, and tell which one they are") {
    Timed s(app("{remind: {for: PT8H office, repeat: P1D office, times: 3}}", std::string("{remind: ") + kNote + "}"));
    std::string key = s.make("lead");  // Thursday 2026-01-01 08:00; Friday is a holiday
    for (int i = 0; i < 20; ++i) s.after(kDay);
    // 7.5 hours on Thursday, half an hour on Monday: then Tuesday and Wednesday at the same time.
    CHECK(s.field("lead", key, "note") == "1@01-05T09:30 2@01-06T09:30 3@01-07T09:30 ");
    CHECK(s.next() == "none");
}

TEST_CASE("times may be computed, each time anew") {
    Timed s(app("{remind: {for: PT1H, repeat: PT1H, times: = settings.often + level}}",
                std::string("{remind: ") + kNote + "}"));
    std::string one = s.make("lead"), two = s.make("lead", R"({"level":-2})");
    CHECK(s.after(kHour).fired == 1);  // two: none at all
    s.patch("lead", one, R"({"level":1})");
    CHECK(s.after(kDay).fired == 2);
    CHECK(s.field("lead", two, "note") == "");
}

TEST_CASE("recurrence by a schedule and by ISO 8601 repeats") {
    Timed s(
        app("{daily: {every: \"0 9 * * mon-fri\", times: 3}, work: {every: \"0 9 * * * office\", times: 2}, "
            "wait: {for: \"30 10 * * *\"}}",
            std::string("{daily: ") + kNote + ", work: " + kNote + ", wait: " + kNote + ", R2/PT3H: " + kNote +
                ", \"0 12 5 1 *\": " + kNote + "}"));
    std::string key = s.make("lead");  // Thursday 08:00
    for (int i = 0; i < 24 * 9; ++i) s.after(kHour);
    CHECK(s.field("lead", key, "note") ==
          "1@01-01T09:00 1@01-01T09:00 1@01-01T10:30 1@01-01T11:00 2@01-01T14:00 2@01-02T09:00 3@01-05T09:00 "
          "2@01-05T09:00 1@01-05T12:00 ");
}

TEST_CASE("stagnation counts from the last change, and costs no write while it moves on") {
    Timed s(
        app("{stalled: {for: P7D, since: called_at, repeat: P1D, times: 2}}", std::string("{stalled: ") + kNote + "}"));
    std::string key = s.make("lead");
    CHECK(s.next() == "2026-01-08T00:00");
    for (int day = 1; day <= 10; ++day) {
        s.clock.now += kDay;
        s.patch("lead", key, fmt::format(R"({{"called_at":"2026-01-{:02}T00:00:00Z"}})", 1 + day));
        CHECK(s.pump().fired == 0);
    }
    CHECK(s.next() == "2026-01-15T00:00");  // of the call of the 8th, which was the last one known on that day
    s.to("2026-01-17T23:59:59.000000Z");
    CHECK(s.pump().fired == 0);
    CHECK(s.next() == "2026-01-18T00:00");
    CHECK(s.after(kSecond).fired == 1);
    // Then a call: the second reminder is off, it begins again.
    s.patch("lead", key, R"({"called_at":"2026-01-18T12:00:00Z"})");
    s.to("2026-01-25T11:59:00.000000Z");
    CHECK(s.pump().fired == 0);
    CHECK(s.after(10 * kDay).fired == 2);
    CHECK(s.field("lead", key, "note") == "1@01-18T08:00 1@01-25T20:00 2@01-26T20:00 ");
    CHECK(s.next() == "none");
}

TEST_CASE("a moment that comes earlier is met earlier, one that is taken back is not met") {
    Timed s(app("{closing: {at: due_on}}", std::string("{closing: ") + kNote + "}"));
    std::string key = s.make("lead");
    CHECK(s.next() == "none");  // no date yet
    s.patch("lead", key, R"({"due_on":"2026-03-01"})");
    CHECK(s.next() == "2026-02-28T16:00");
    s.patch("lead", key, R"({"due_on":"2026-02-01"})");
    CHECK(s.next() == "2026-01-31T16:00");
    s.patch("lead", key, R"({"due_on":"2026-02-20"})");
    s.to("2026-02-10T00:00:00.000000Z");
    CHECK(s.pump().fired == 0);
    s.patch("lead", key, R"({"due_on":"2026-02-15"})");
    s.to("2026-04-01T00:00:00.000000Z");  // late: all of them are due
    CHECK(s.pump().fired == 1);
    CHECK(s.field("lead", key, "note") == "1@02-15T00:00 ");
    s.patch("lead", key, R"({"due_on":"2026-05-01"})");
    s.patch("lead", key, R"({"due_on":null})");
    CHECK(s.after(100 * kDay).fired == 0);
}

TEST_CASE("a wait that reads the record follows it") {
    Timed s(app("{answer: {for: = limit}}", std::string("{answer: ") + kNote + "}"));
    std::string key = s.make("lead", R"({"limit":"PT8H"})");
    s.patch("lead", key, R"({"limit":"PT2H"})");
    CHECK(s.after(2 * kHour).fired == 1);
    CHECK(s.after(10 * kHour).fired == 0);
    std::string other = s.make("lead", R"({"limit":"PT2H"})");
    s.patch("lead", other, R"({"limit":"PT8H"})");
    CHECK(s.after(7 * kHour).fired == 0);
    CHECK(s.after(kHour).fired == 1);
}

TEST_CASE("fields that change in the very command that enters a state count") {
    Timed s(app("{closing: {at: due_on}}", std::string("{closing: ") + kNote + "}", R"(---
rule: fill
of: lead
when: created
do: [{set: {due_on: "2026-01-05"}}]
)"));
    s.make("lead", R"({"due_on":"2026-01-03"})");
    CHECK(s.next() == "2026-01-04T16:00");
    CHECK(s.after(30 * kDay).fired == 1);
}

TEST_CASE("after a long stop each, one for all, or those that are not too late") {
    auto after_stop = [](const std::string& late) {
        Timed s(app("{tick: {every: PT1H, late: " + late + "}}", std::string("{tick: ") + kNote + "}"));
        std::string key = s.make("lead");
        s.after(4 * kHour + kMinute);
        s.after(kHour);
        return s.field("lead", key, "note");
    };
    CHECK(after_stop("each") == "1@01-01T09:00 2@01-01T10:00 3@01-01T11:00 4@01-01T12:00 5@01-01T13:00 ");
    CHECK(after_stop("coalesce") == "1@01-01T09:00 2@01-01T13:00 ");
    CHECK(after_stop("PT90M") == "3@01-01T11:00 4@01-01T12:00 5@01-01T13:00 ");
    Timed s(app("{tick: {every: PT1S, late: coalesce}}", std::string("{tick: ") + kNote + "}"));
    std::string key = s.make("lead");
    CHECK(s.after(3650 * kDay).fired == 1);  // ten years of seconds: no walk
    CHECK(s.after(kSecond).fired == 1);
}

TEST_CASE("an escalation chain goes up, level by level") {
    Timed s(R"(
leat: 1
app: chain
language: en
timezone: UTC
---
roles: {staff: Staff}
---
entity: ticket
key: "T-{seq}"
fields: {owner: {type: ref, to: user}}
---
flow: ticket_flow
of: ticket
delays: {unanswered: {for: PT1H, repeat: PT1H, times: 3}}
events: {answer: [staff]}
states:
  open:
    after:
      unanswered:
        - guard: event.count = 1
          do: [{notify: = owner, text: "answer {key}"}]
        - guard: event.count = 2
          do: [{notify: = owner.manager, text: "{key} waits"}]
        - target: escalated
          do: [{notify: = owner.manager.manager, text: "{key} is lost"}]
    on: {answer: done}
  escalated: {on: {answer: done}}
  done: {type: final}
)");
    s.user("top", "[]");
    s.user("mid", "[]", R"(,"manager":"top")");
    s.user("low", "[]", R"(,"manager":"mid")");
    std::string key = s.make("ticket", R"({"owner":"low"})");
    s.after(10 * kHour);
    CHECK(s.field("ticket", key, "state") == "escalated");
    std::string to;
    Json sent = s.json(s.system->outbox("", 10));
    for (const auto& item : sent.find("items")->items) to += item.find("payload")->find("to")->items[0].text + ' ';
    CHECK(to == "low mid top ");
}

TEST_CASE("who has to decide is reminded, and then his managers are asked") {
    Timed s(claims("PT4H", "P1D"));
    staff_line(s);
    s.to("2026-01-05T09:00:00.000000Z");  // a Monday
    std::string key = s.make("claim", R"({"owner":"low"})");
    s.send("claim", key, "ask");
    auto reminded = [&] {
        std::string to;
        Json sent = s.json(s.system->outbox("", 100));
        for (const auto& item : sent.find("items")->items) to += item.find("payload")->find("to")->items[0].text + ' ';
        return to;
    };
    auto asked = [&] {
        Json tasks = s.json(s.system->tasks(true, 10));
        return tasks.find("tasks")->items.at(0).find("user")->text;
    };
    s.after(3 * kHour);
    CHECK(reminded() == "");
    s.after(kHour);
    CHECK(reminded() == "low ");
    s.after(4 * kHour);
    CHECK(reminded() == "low low ");
    CHECK(asked() == "low");
    s.to("2026-01-06T09:00:00.000000Z");
    s.pump();
    CHECK(asked() == "mid");
    s.to("2026-01-06T13:00:00.000000Z");
    s.pump();
    CHECK(reminded() == "low low mid ");
    s.to("2026-01-07T09:00:00.000000Z");
    s.pump();
    CHECK(asked() == "top");
    CHECK(s.json(s.system->incidents(true, 10)).find("incidents")->items.empty());
    s.to("2026-01-08T09:00:00.000000Z");
    s.pump();
    CHECK(asked() == "top");
    CHECK(s.json(s.system->incidents(true, 10)).find("incidents")->items.size() == 1);
}

TEST_CASE("timers fire in the order of their due times, records and names") {
    Timed s(app("{a: {for: PT2H}, b: {for: PT1H}}", "{a: {do: [{log: a}]}, b: {do: [{log: b}]}}"));
    for (int i = 0; i < 30; ++i) s.make("lead");
    int64_t rows = s.log_rows();
    auto done = s.after(3 * kHour);
    CHECK(done.fired == 60);
    CHECK(done.lateness_us_max == 2 * kHour);
    Json log = s.json(s.system->log("", "", rows + 1, 100));
    std::string last;
    int count = 0;
    for (const auto& row : log.find("log")->items) {
        const Json* command = row.find("command");
        if (command->find("do")->text != "timer") continue;
        std::string key = command->find("due")->text + fmt::format("{:>5}", command->find("id")->text);
        CHECK(last < key);
        last = key;
        ++count;
    }
    CHECK(count == 60);
}

TEST_CASE("a timer that fails is an incident, and stops neither the others nor its own repetition") {
    Timed s(app("{once: {for: PT1H}, tick: {every: PT1H, times: 3}}",
                "{once: {do: [{assert: level = 0, message: bad level}, {set: {note: done}}]}, "
                "tick: {do: [{assert: level != 2}]}}"));
    std::string good = s.make("lead"), bad = s.make("lead", R"({"level":2})");
    auto done = s.after(kHour);
    CHECK(done.fired == 2);
    CHECK(done.incidents == 2);
    CHECK(s.field("lead", good, "note") == "done");
    CHECK(s.field("lead", bad, "note") == "");
    auto incidents = s.json(s.system->incidents(true, 10)).find("incidents")->items;
    REQUIRE(incidents.size() == 2);
    CHECK(incidents[0].find("error")->text == "bad level");
    CHECK(s.after(kHour).incidents == 1);  // the second tick
    // Retried after the cause is gone: it fires. Dismissed: it never will.
    s.patch("lead", bad, R"({"level":0})");
    CHECK(s.pump().fired == 0);
    REQUIRE(s.engine->close_incident(std::stoll(incidents[0].find("incident")->text), "retried"));
    CHECK(s.pump().fired == 1);
    CHECK(s.field("lead", bad, "note") == "done");
    CHECK(s.after(10 * kHour).fired == 2);  // the third ticks
    CHECK(s.next() == "none");
}

TEST_CASE("the clock going back neither repeats nor hastens") {
    Timed s(app("{soon: {for: PT1H}}", std::string("{soon: ") + kNote + "}"));
    std::string one = s.make("lead");
    CHECK(s.after(kHour).fired == 1);
    s.clock.now -= 5 * kDay;
    std::string two = s.make("lead");  // its time is the log's last
    CHECK(s.pump().fired == 0);
    CHECK(s.next() == "2026-01-01T02:00");
    s.clock.now += 5 * kDay;
    CHECK(s.pump().fired == 0);
    CHECK(s.after(kHour).fired == 1);
    CHECK(s.engine->verify()->first_bad == 0);
}

TEST_CASE("rules by a schedule, for all and for none") {
    Timed s(R"yaml(
leat: 1
app: schedules
language: en
timezone: Asia/Shanghai
---
entity: order
key: "O-{seq}"
fields: {paid: {type: boolean, default: false}, reminders: {type: integer, default: 0}, bad: {type: boolean, default: false}}
---
entity: day
key: "D-{seq}"
fields: {open: {type: integer}}
---
rule: remind
of: order
when: {every: "0 9 * * mon-fri"}
if: not(paid)
do:
  - {assert: not(bad), message: "{key} is bad"}
  - {set: {reminders: = reminders + 1}}
---
rule: count
when: {every: R2/2026-01-01T12:00:00Z/P1D}
do: [{create: day, set: {open: "= count(records.order[not(paid)])"}}, {notify: boss@example.org, text: counted}]
)yaml");
    std::string one = s.make("order"), paid = s.make("order", R"({"paid":true})"), two = s.make("order"),
                bad = s.make("order", R"({"bad":true})"), last = s.make("order");
    CHECK(s.next() == "2026-01-01T01:00");
    auto done = s.after(kHour);
    CHECK(done.incidents == 1);
    for (const auto& key : {one, two, last}) CHECK(s.field("order", key, "reminders") == "1");
    for (const auto& key : {paid, bad}) CHECK(s.field("order", key, "reminders") == "0");
    auto incident = s.json(s.system->incidents(true, 10)).find("incidents")->items[0];
    CHECK(incident.find("error")->text == bad + " is bad");
    CHECK(s.after(0).fired == 0);
    // A week without a pump: missed moments are run once.
    s.to("2026-01-08T02:00:00.000000Z");
    s.pump();
    CHECK(s.field("order", one, "reminders") == "2");
    CHECK(s.json(s.system->list("day", "", 0, 10)).find("records")->items.size() == 1);
    CHECK(s.field("day", "D-1", "open") == "4");
    CHECK(s.next() == "2026-01-08T12:00");
}

TEST_CASE("other zone rules and other calendars derive due times anew") {
    const ScratchFile file("tz");
    std::string yaml = app("{work: {for: PT8H office}, plain: {for: PT20H}}", "{work: late, plain: {}}",
                           "---\nsla: answer\nof: lead\nstart: state = \"open\"\nstop: state != \"open\"\n"
                           "within: PT8H office\n");
    Timed s(yaml, file.path);
    s.make("lead");
    std::string before = s.next();
    CHECK(before == "2026-01-01T20:00");
    // A calendar with longer hours: eight of them end on Thursday already.
    size_t at = yaml.find("13:30-18:00");
    yaml.replace(at, 11, "13:30-23:00");
    auto outcome = s.engine->adopt(test::load(yaml), "system");
    if (!outcome) FAIL(test::describe(outcome.error()));
    CHECK(s.next() == "2026-01-01T10:30");
    Json log = s.json(s.system->log("", "", 0, 100));
    CHECK(log.find("log")->items.back().find("command")->find("do")->text == "recompute");
    CHECK(s.after(kDay).fired == 2);  // the timer, then nothing for the clock that it stopped; and the plain one
    CHECK(s.field("lead", "L-1", "state") == "late");
}

TEST_CASE("other calendars move approvals, their reminders, and clocks with their warnings") {
    std::string yaml = claims("PT6H", "PT12H", R"(---
sla: answer
of: claim
start: state = "asked"
stop: state != "asked"
within: PT16H office
warn: [50%]
on: {warning: [{set: {warned: true}}]}
)");
    const ScratchFile file("moved");
    Timed s(yaml, file.path);
    staff_line(s);
    s.to("2026-01-05T09:00:00.000000Z");  // a Monday
    std::string key = s.make("claim", R"({"owner":"low"})");
    s.send("claim", key, "ask");
    auto task = [&](const char* part) {
        return s.json(s.system->tasks(true, 10)).find("tasks")->items.at(0).find(part)->text;
    };
    CHECK(s.next() == "2026-01-05T15:00");
    CHECK(task("due").substr(0, 16) == "2026-01-06T13:00");
    // From noon on nobody works any more on Mondays.
    size_t at = yaml.find("mon-fri: [\"09:00-17:00\"]");
    yaml.replace(at, 24, "mon: [\"09:00-12:00\"], tue-fri: [\"09:00-17:00\"]");
    auto outcome = s.engine->adopt(test::load(yaml), "system");
    if (!outcome) FAIL(test::describe(outcome.error()));
    CHECK(task("due").substr(0, 16) == "2026-01-07T10:00");
    s.to("2026-01-06T11:59:00.000000Z");
    CHECK(s.pump().fired == 0);
    s.to("2026-01-06T12:00:00.000000Z");
    CHECK(s.pump().fired == 1);
    s.to("2026-01-06T13:59:00.000000Z");
    s.pump();
    CHECK(s.field("claim", key, "warned") == "false");
    s.to("2026-01-06T14:00:00.000000Z");
    s.pump();
    CHECK(s.field("claim", key, "warned") == "true");
    s.to("2026-01-07T09:59:00.000000Z");
    s.pump();
    CHECK(task("user") == "low");
    s.to("2026-01-07T10:00:00.000000Z");
    s.pump();
    CHECK(task("user") == "mid");
    CHECK(task("due").substr(0, 16) == "2026-01-08T14:00");
    auto breached = [&] { return s.json(s.system->slas()).find("slas")->items.at(0).find("breached")->text; };
    s.to("2026-01-07T13:59:00.000000Z");
    s.pump();
    CHECK(breached() == "0");
    s.to("2026-01-07T14:00:00.000000Z");
    s.pump();
    CHECK(breached() == "1");
}

TEST_CASE("two engines on one file fire each timer once") {
    const ScratchFile file("two");
    Timed s(app("{soon: {for: PT1H}}", std::string("{soon: ") + kNote + "}"), file.path);
    for (int i = 0; i < 50; ++i) s.make("lead");
    engine::Options options;
    options.store.path = file.path;
    options.clock = &s.clock;
    auto other = engine::Engine::open(s.program, options);
    REQUIRE(other);
    s.clock.now += kHour;
    int64_t fired = 0;
    for (int i = 0; i < 20; ++i) {
        auto here = s.engine->run_due(3), there = (*other)->run_due(3);
        REQUIRE(here);
        REQUIRE(there);
        fired += here->fired + there->fired;
    }
    CHECK(fired == 50);
    for (int i = 1; i <= 50; ++i) CHECK(s.field("lead", fmt::format("L-{}", i), "note") == "1@01-01T09:00 ");
    CHECK(s.engine->verify()->first_bad == 0);
}
