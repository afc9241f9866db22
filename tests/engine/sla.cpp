// SLA clocks: several on a record, every way to stop one, in working time, and with a clock or a pump that is late.
#include <fmt/format.h>

#include "engine/timed.hpp"

using namespace leat;
using test::Timed;
using namespace leat::test;

namespace {

std::string app(const std::string& slas) {
    return R"(
leat: 1
app: service
language: en
timezone: Asia/Shanghai
---
calendars: {office: {week: {mon-fri: ["09:00-12:00", "13:30-18:00"]}}}
roles: {staff: Staff}
---
entity: lead
key: "L-{seq}"
fields:
  owner: {type: string}
  answered: {type: boolean, default: false}
  waiting: {type: boolean, default: false}
  urgent: {type: boolean, default: false}
  stage: {type: enum, enum: [open, done, void, again], default: open}
  note: {type: string, default: ""}
---
)" + slas;
}

std::string noting(const std::string& name, const std::string& rest) {
    return fmt::format(
        "sla: {}\nof: lead\n{}\non: {{warning: [{{set: {{note: '= note + \"{}? \"'}}}}], "
        "breach: [{{set: {{note: '= note + \"{}! \"'}}}}]}}\n",
        name, rest, name, name);
}

std::string counts(Timed& s, const std::string& name) {
    Json all = s.json(s.system->slas());
    for (const auto& one : all.find("slas")->items)
        if (one.find("sla")->text == name)
            return fmt::format("{}r {}p {}k {}b {}c", one.find("running")->text, one.find("paused")->text,
                               one.find("kept")->text, one.find("breached")->text, one.find("cancelled")->text);
    return "none";
}

}  // namespace

TEST_CASE("three clocks on one lead") {
    Timed s(app(noting("assign", "start: stage = \"open\"\nstop: owner != null\nwithin: PT30S") + "---\n" +
                noting("respond", "start: stage = \"open\"\nstop: answered\nwithin: PT1M\nwarn: [50%, 80%]") + "---\n" +
                noting("golden",
                       "start: stage = \"open\"\nstop: stage = \"done\"\ncancel: stage = \"void\"\n"
                       "within: PT5M")));
    std::string good = s.make("lead"), bad = s.make("lead"), gone = s.make("lead");
    s.clock.now += 20 * kSecond;
    s.patch("lead", good, R"({"owner":"ann"})");
    s.patch("lead", gone, R"({"owner":"ann","stage":"void"})");
    s.after(20 * kSecond);
    s.patch("lead", good, R"({"answered":true})");
    s.patch("lead", bad, R"({"owner":"bob"})");
    s.after(30 * kSecond);
    s.patch("lead", good, R"({"stage":"done"})");
    s.after(kHour);
    CHECK(s.field("lead", good, "note") == "respond? ");
    CHECK(s.field("lead", bad, "note") == "assign! respond? respond? respond! golden! ");
    CHECK(s.field("lead", gone, "note") == "respond? respond? respond! ");
    CHECK(counts(s, "assign") == "0r 0p 2k 1b 0c");
    CHECK(counts(s, "respond") == "0r 0p 1k 2b 0c");
    CHECK(counts(s, "golden") == "0r 0p 1k 1b 1c");
}

TEST_CASE("a pause stops the clock, in working time") {
    Timed s(app(noting("answer",
                       "start: stage = \"open\"\npause: waiting\nstop: stage = \"done\"\nwithin: PT8H office\n"
                       "warn: [50%]")));
    std::string key = s.make("lead");       // Thursday 08:00 local; the day has 7.5 hours
    CHECK(s.next() == "2026-01-01T06:30");  // half of it: three hours before lunch, one after it
    s.to("2026-01-01T03:00:00.000000Z");    // 11:00: two hours
    s.patch("lead", key, R"({"waiting":true})");
    s.to("2026-01-05T02:00:00.000000Z");  // Monday 10:00
    CHECK(s.pump().fired == 0);
    CHECK(counts(s, "answer") == "0r 1p 0k 0b 0c");
    s.patch("lead", key, R"({"waiting":false})");
    CHECK(s.next() == "2026-01-05T04:00");  // two hours more: 12:00
    s.to("2026-01-05T04:00:00.000000Z");
    s.pump();
    CHECK(s.field("lead", key, "note") == "answer? ");
    s.to("2026-01-05T09:29:59.999999Z");
    s.pump();
    CHECK(s.field("lead", key, "note") == "answer? ");
    s.to("2026-01-05T09:30:00.000000Z");  // six hours: two before lunch, four after it
    s.pump();
    CHECK(s.field("lead", key, "note") == "answer? answer! ");
}

TEST_CASE("a clock with a resume condition waits for it") {
    Timed s(app(noting("answer",
                       "start: stage = \"open\"\npause: waiting\nresume: urgent\nstop: stage = \"done\"\n"
                       "within: PT2H")));
    std::string key = s.make("lead");
    s.after(kHour);
    s.patch("lead", key, R"({"waiting":true})");
    s.patch("lead", key, R"({"waiting":false})");
    CHECK(s.after(10 * kHour).fired == 0);
    s.patch("lead", key, R"({"urgent":true})");
    CHECK(s.after(kHour - 1).fired == 0);
    CHECK(s.after(1).fired == 1);
}

TEST_CASE("a deadline follows what it is computed from") {
    Timed s(app(noting("answer",
                       "start: stage = \"open\"\nstop: stage = \"done\"\n"
                       "within: '= if urgent then @\"PT1H\" else @\"PT4H\"'\nwarn: [50%]")));
    std::string key = s.make("lead");
    s.after(30 * kMinute);
    s.patch("lead", key, R"({"urgent":true})");
    CHECK(s.after(30 * kMinute).fired == 1);
    CHECK(s.field("lead", key, "note") == "answer! ");
    std::string other = s.make("lead", R"({"urgent":true})");
    s.after(50 * kMinute);
    s.patch("lead", other, R"({"urgent":false})");
    s.after(3 * kHour);
    CHECK(s.field("lead", other, "note") == "answer? answer? ");  // of the first plan, and of the second
    s.after(kHour);
    CHECK(s.field("lead", other, "note") == "answer? answer? answer! ");
}

TEST_CASE("a reset begins anew, and the past counts") {
    Timed s(app(noting("answer",
                       "start: stage in [\"open\", \"again\"]\nstop: stage = \"done\"\n"
                       "reset: stage = \"again\"\nwithin: PT1H")));
    std::string key = s.make("lead");
    s.after(30 * kMinute);
    s.patch("lead", key, R"({"stage":"done"})");
    s.after(kHour);
    s.patch("lead", key, R"({"stage":"open"})");  // kept is kept
    CHECK(counts(s, "answer") == "0r 0p 1k 0b 0c");
    s.patch("lead", key, R"({"stage":"again"})");
    CHECK(counts(s, "answer") == "1r 0p 1k 0b 0c");
    s.patch("lead", key, R"({"note":"x "})");  // still `again`: no edge
    CHECK(s.after(kHour).fired == 1);
    CHECK(counts(s, "answer") == "0r 0p 1k 1b 0c");
    s.patch("lead", key, R"({"stage":"open"})");
    s.patch("lead", key, R"({"stage":"again"})");  // the breached one is past
    CHECK(counts(s, "answer") == "1r 0p 1k 1b 0c");
    s.patch("lead", key, R"({"stage":"open"})");
    s.patch("lead", key, R"({"stage":"again"})");  // a running one is cancelled
    CHECK(counts(s, "answer") == "1r 0p 1k 1b 1c");
    CHECK(s.after(kHour).fired == 1);
}

TEST_CASE("kept and missed by period") {
    Timed s(app(noting("answer",
                       "start: stage = \"open\"\nstop: stage = \"done\"\ncancel: stage = \"void\"\n"
                       "within: P2D")));
    auto periods = [&](const char* from, const char* to, const char* by) {
        Json report = s.json(s.system->sla_report(from, to, by));
        std::string out;
        for (const auto& one : report.find("periods")->items)
            out += fmt::format("{} {}/{}/{}/{} ", one.find("period")->is_null() ? "all" : one.find("period")->text,
                               one.find("started")->text, one.find("kept")->text, one.find("breached")->text,
                               one.find("cancelled")->text);
        return out;
    };
    s.to("2026-01-30T15:00:00.000000Z");  // 23:00 local
    std::string kept = s.make("lead"), missed = s.make("lead"), gone = s.make("lead");
    s.clock.now += 26 * kHour;  // 1 February, local
    s.patch("lead", kept, R"({"stage":"done"})");
    s.patch("lead", gone, R"({"stage":"void"})");
    s.after(40 * kDay);
    CHECK(periods("", "", "") == "all 3/1/1/1 ");
    CHECK(periods("", "", "month") == "2026-01-01 3/0/0/0 2026-02-01 0/1/1/1 ");
    CHECK(periods("", "", "week") == "2026-01-26 3/1/1/1 ");
    CHECK(periods("2026-02-01", "2026-02-02", "day") == "2026-02-01 0/1/1/1 ");
    CHECK(periods("2026-02-02", "", "year") == "");
    CHECK(s.system->sla_report("soon", "", "").error().code == "sla.period");
    CHECK(s.system->sla_report("", "", "hour").error().code == "sla.period");
}

TEST_CASE("a deadline that nobody pumped is missed all the same") {
    Timed s(app(noting("answer", "start: stage = \"open\"\npause: waiting\nstop: stage = \"done\"\nwithin: PT1H")));
    std::string stopped = s.make("lead"), paused = s.make("lead"), deleted = s.make("lead"), exact = s.make("lead");
    s.clock.now += kHour;
    s.patch("lead", exact, R"({"stage":"done"})");
    s.clock.now += kHour;
    s.patch("lead", stopped, R"({"stage":"done"})");
    s.patch("lead", paused, R"({"waiting":true})");
    Fixture::done(s.system->remove("lead", deleted));
    CHECK(counts(s, "answer") == "0r 0p 1k 2b 1c");
    for (const auto& key : {stopped, paused}) CHECK(s.field("lead", key, "note") == "answer! ");
    CHECK(s.pump().fired == 0);
    CHECK(s.field("lead", stopped, "note") == "answer! ");
}

TEST_CASE("a cancelled clock starts again when its start comes again") {
    Timed s(app(noting("answer", "start: stage = \"open\"\ncancel: stage = \"void\"\nstop: answered\nwithin: PT1H")));
    std::string key = s.make("lead");
    s.patch("lead", key, R"({"stage":"void"})");
    s.patch("lead", key, R"({"stage":"open"})");
    CHECK(counts(s, "answer") == "1r 0p 0k 0b 1c");
    CHECK(s.after(kHour).fired == 1);
    CHECK(counts(s, "answer") == "0r 0p 0k 1b 1c");
}

TEST_CASE("clocks under a clock that jumps") {
    Timed s(app(noting("answer", "start: stage = \"open\"\nstop: stage = \"done\"\nwithin: PT1H")));
    std::string one = s.make("lead");
    s.clock.now += 30 * kMinute;
    s.patch("lead", one, R"({"urgent":true})");  // the log is at 00:30 now
    s.clock.now -= 10 * kDay;
    s.patch("lead", one, R"({"stage":"done"})");
    std::string two = s.make("lead");
    CHECK(counts(s, "answer") == "1r 0p 1k 0b 0c");
    CHECK(s.pump().fired == 0);
    s.clock.now += 20 * kDay;
    auto done = s.pump();
    CHECK(done.fired == 1);
    CHECK(done.lateness_us_max > 9 * kDay);
    CHECK(counts(s, "answer") == "0r 0p 1k 1b 0c");
}
