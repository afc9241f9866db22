// Calendars from definitions and CSV; delays, schedules, rules and messages that go by time: what loads, and what is
// told.
#include "catch.hpp"
#include "loading.hpp"

using namespace leat;
using namespace leat::program;
using namespace leat::program::test;

namespace {

int64_t at(const char* instant) {
    return *value::parse_instant(instant);
}

void expect(const std::string& more, const std::string& code, const std::string& part) {
    Loaded loaded = load_deal(more);
    INFO(more);
    INFO(loaded.text());
    CHECK_FALSE(loaded.program);
    CHECK(loaded.told("[" + code + "]"));
    CHECK(loaded.told(part));
}

std::string delay(const std::string& keys) {
    return "---\nflow: f\nof: deal\ndelays: {d: " + keys +
           "}\nstates: {a: {after: {d: b}}, b: {type: final, outcome: lost}}\n";
}

}  // namespace

TEST_CASE("a calendar is read from a file, and changes from a day on") {
    auto files = [](const std::string&, const std::string& path) -> std::optional<std::string> {
        if (path != "holidays.csv") return std::nullopt;
        return "date,kind,hours,title\n2026-10-01,holiday,,国庆节\n2026-10-10,workday,,调休\n"
               "2026-12-31,workday,09:00-12:00,half\n2027-02-06,workday,,调休\n";
    };
    Loaded loaded = load_text(
        "{leat: 1, app: test, timezone: Asia/Shanghai}\n---\n"
        "calendars:\n"
        "  office:\n"
        "    week:\n"
        "      \"2026-01-01\": {mon-fri: [\"09:00-12:00\", \"13:30-18:00\"]}\n"
        "      \"2027-01-01\": {mon-thu: [\"08:00-18:00\"]}\n"
        "    exceptions: holidays.csv\n"
        "  york: {timezone: America/New_York, week: {mon-fri: [\"09:00-17:00\"]}}\n",
        true, files);
    INFO(loaded.text());
    REQUIRE(loaded.program);
    const auto& office = loaded.program->calendars[0];
    CHECK_FALSE(office.working_at(at("2026-10-01T02:00:00.000000Z")));
    CHECK(office.working_at(at("2026-10-10T02:00:00.000000Z")));        // a Saturday
    CHECK_FALSE(office.working_at(at("2026-10-10T05:00:00.000000Z")));  // its lunch break
    CHECK_FALSE(office.working_at(at("2026-12-31T06:00:00.000000Z")));  // the half-day's afternoon
    CHECK_FALSE(office.works_on(*value::Date::parse("2027-01-01")));    // a Friday
    CHECK(office.working_at(at("2027-02-06T05:00:00.000000Z")));        // worked with the hours of its own week
    CHECK(office.working_at(at("2025-06-02T02:00:00.000000Z")));        // before the earliest
    CHECK(loaded.program->calendars[1].working_at(at("2026-07-01T20:30:00.000000Z")));
}

TEST_CASE("delays in all their forms load") {
    Loaded loaded = load_deal(
        "---\nflow: f\nof: deal\nevents: {go: [sales]}\ndelays:\n"
        "  a: {for: P7D office, since: created_at, repeat: \"0 9 * * 1-5\", times: \"= count([1, 2])\", late: "
        "coalesce}\n"
        "  b: {every: \"0 9 * * mon-fri office\", late: PT1H}\n"
        "  c: {every: R5/PT8H office}\n"
        "  d: {at: date(created_at)}\n"
        "states:\n"
        "  s: {after: {a: {}, b: {}, c: {}, d: {}, \"@daily\": {}, R/P1D: {}, PT1H office: {guard: event.count < 3}}, "
        "on: {go: t}}\n"
        "  t: {type: final}\n");
    INFO(loaded.text());
    REQUIRE(loaded.program);
    const auto& timers = loaded.program->flows[0].timers;
    REQUIRE(timers.size() == 7);
    CHECK(timers[0].repeat.cron);
    CHECK(timers[0].times.expression);
    CHECK(timers[0].late == OnLate::coalesce);
    CHECK(timers[0].reads == std::vector<FieldId>{kCreatedAt});
    CHECK(timers[1].wait.calendar == 1);
    CHECK(timers[1].late == OnLate::within);
    CHECK(timers[2].times.constant.as_number() == Decimal(5));
    CHECK(timers[2].wait.duration.constant.calendar() == 1);
    CHECK(timers[3].at);
    CHECK(timers[4].repeat.cron);
    CHECK_FALSE(timers[5].times.present);
    CHECK_FALSE(timers[6].repeat.present());
}

TEST_CASE("delays that do not go together are told") {
    expect(delay("{since: created_at}"), "yaml.key.missing", "one of 'for'");
    expect(delay("{for: PT1H, every: PT1H}"), "program.delay", "more than one of 'for'");
    for (const char* keys : {"{for: PT1H, repeat: PT0S}", "{every: -P1D}", "{every: R3/PT0S}", "{every: P0M}"})
        expect(delay(keys), "program.delay", "leads nowhere");
    expect(delay("{for: PT1H, times: 2}"), "program.delay", "'times' needs 'repeat'");
    expect(delay("{every: R3/PT1H, times: 2}"), "program.delay", "says how often already");
    expect(delay("{every: PT1H, repeat: PT1H}"), "program.delay", "repeats already");
    expect(delay("{at: created_at, since: created_at}"), "program.delay", "takes no 'since'");
    expect(delay("{for: PT1H, late: never}"), "program.delay.late", "each, coalesce");
    expect(delay("{every: R3/2026-01-01T00:00:00Z/PT1H}"), "program.delay", "start of its own");
    expect(delay("{every: R0/PT1H}"), "calendar.repeat", "1 to 1000000");
    expect(delay("{every: \"0 25 * * *\"}"), "calendar.cron", "'25' is no hour");
    expect(delay("{every: \"0 0 30 2 *\"}"), "calendar.cron", "no date meets it");
    expect(delay("{every: \"0 9 * * * offfice\"}"), "program.calendar.unknown", "office");
    expect(delay("{for: PT1H, repeat: PT1H, times: = name}"), "feel.type.mismatch", "number");
    expect("---\nflow: f\nof: deal\nstates: {a: {after: {soonish: b}}, b: {type: final}}\n", "program.delay.unknown",
           "P30D");
}

TEST_CASE("rules by schedules and messages are checked") {
    auto rule = [](const std::string& rest) { return "---\nrule: r\n" + rest + "\n"; };
    std::string message = "---\nmessage: paid\npayload: {amount: money}\n";
    expect(rule("when: {every: \"0 9 * *\"}\ndo: [{log: x}]"), "calendar.cron", "4 words");
    expect(rule("when: {every: PT0S}\ndo: [{log: x}]"), "program.delay", "leads nowhere");
    expect(rule("when: {every: P1D}\ndo: [{set: {name: x}}]"), "program.rule.no_record", "needs a record");
    expect(rule("when: {every: P1D}\ndo: [{if: true, then: [{task: x, to: boss}]}]"), "program.rule.no_record",
           "say 'of:'");
    expect(message + rule("when: {message: payd}\ndo: [{log: x}]"), "program.message.unknown", "paid");
    expect(message + rule("of: deal\nwhen: {message: paid}\ndo: [{log: x}]"), "program.rule.message", "for no record");
    expect(message, "program.message.to", "needs the record");
    expect("---\nmessage: paid\nto: = records.deal[name = \"a\"]\n", "program.message.send", "no rule takes it");
    expect(message + "from: erp\n" + rule("when: {message: paid}\ndo: [{log: x}]"), "program.connector.unknown", "erp");
    expect("---\nrule: r\nwhen: created\ndo: [{log: x}]\n", "program.entity.unknown", "of");
    Loaded loaded = load_deal(
        message + rule("when: {message: paid}\nif: event.amount > 1\ndo: [{log: x}]") +
        "---\nrule: s\nof: deal\nwhen: {every: R2/2026-01-01T09:00:00/P1D}\ndo: [{set: {name: = name + \"!\"}}]\n");
    INFO(loaded.text());
    REQUIRE(loaded.program);
    CHECK(loaded.program->messages[0].rules == std::vector<uint32_t>{0});
    CHECK(loaded.program->rules[1].every->start_us == at("2026-01-01T01:00:00.000000Z"));  // local to the app
    CHECK(loaded.program->rules[1].every->times == 2);
}
