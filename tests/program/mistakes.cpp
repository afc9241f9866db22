#include "catch.hpp"
#include "loading.hpp"

using namespace leat;
using namespace leat::program;
using namespace leat::program::test;

namespace {

// One mistake: its line, its code, part of its message or hint.
void expect(const std::string& more, const std::string& code, const std::string& part, const std::string& fields = "") {
    Loaded loaded = load_deal(more, fields);
    INFO(more << fields);
    INFO(loaded.text());
    CHECK_FALSE(loaded.program);
    CHECK(loaded.told("[" + code + "]"));
    CHECK(loaded.told(part));
}

}  // namespace

TEST_CASE("mistakes name the thing, the place and the way out") {
    Loaded loaded = load_deal(
        "---\nflow: pipeline\nof: deal\nfield: stage\nevents: {win: [sales], lose: [sale]}\nstates:\n"
        "  open: {on: {win: wun, loose: lost}}\n  won: {type: final}\n  lost: {type: final, outcome: lost}\non: {lose: "
        "lost}\n",
        "  size: {type: integr}\n");
    CHECK_FALSE(loaded.program);
    INFO(loaded.text());
    CHECK(loaded.codes() == std::vector<std::string>{"9: program.role.unknown", "11: program.state.unknown",
                                                     "11: program.event.unknown", "23: program.type.unknown"});
    CHECK(loaded.told("did you mean 'won'?"));
    CHECK(loaded.told("did you mean 'lose'?"));
    CHECK(loaded.told("did you mean 'sales'?"));
    CHECK(loaded.told("did you mean 'integer'?"));
    CHECK(loaded.told("test.yaml:11:20: error[program.state.unknown]"));
}

TEST_CASE("entities and fields") {
    expect("---\nentity: deal\nfields: {a: string}", "yaml.section.duplicate", "first defined here");
    expect("---\nentity: user\nfields: {a: string}", "program.entity.built_in", "extend: user");
    expect("---\nentity: order\nfields: {to: {type: ref, to: deel}}", "program.entity.unknown", "did you mean 'deal'?");
    expect("", "program.field.reserved", "'event' is reserved", "  event: {type: string}\n");
    expect("", "program.field.reserved", "'created_at' is reserved", "  created_at: {type: date}\n");
    expect("", "program.duplicate", "two fields called 'NAME'", "  NAME: {type: string}\n");
    expect("", "program.type.unknown", "{type: ref, to: deal}", "  other: {type: deal}\n");
    expect("", "program.enum.unknown", "'华东' is the title of \"east\"",
           "  zone: {type: enum, enum: {east: 华东}, default: 华东}\n");
    expect("", "program.enum.unknown", "did you mean 'east'?",
           "  zone: {type: enum, enum: {east: 华东}, default: aest}\n");
    expect("", "program.literal", "'size' wants a number", "  size: {type: integer, default: many}\n");
    expect("", "program.literal", "more digits after the point", "  rate: {type: decimal, default: 0.955}\n");
    expect("", "program.currency", "neither a currency code nor a field", "  cost: {type: money, currency: rmb}\n");
    expect("", "program.field.by", "does not refer to deal", "  users: {type: list, of: user, by: department}\n");
    expect("", "program.bounds", "nothing is between", "  size: {type: integer, minimum: 3, maximum: 2}\n");
    expect("", "feel.name.unknown", "did you mean 'amount'?", "  half: {type: money, formula: amont / 2}\n");
    expect("---\nentity: order\nkey: \"A-{seq}-{seq}\"\nfields: {a: string}", "program.key_template",
           "one '{seq}' at most");
    expect("---\nentity: order\nkey: \"{naem}\"\nfields: {name: string}", "feel.name.unknown", "did you mean 'name'?");
    expect("---\nentity: order\nkey: \"{who}\"\nfields: {who: {type: string, personal: true}}", "program.key_template",
           "personal");
    expect("---\nentity: leat_log\nfields: {a: string}", "program.entity.table", "reserved");
}

TEST_CASE("lists") {
    expect("", "program.key", "write 'minItems: 1'",
           "  lines: {type: list, required: true, fields: {a: {type: string}}}\n");
    expect("", "program.key", "needs 'of' or 'fields'", "  lines: {type: list}\n");
    expect("", "program.not_built", "a list with fields inside a list",
           "  a: {type: list, fields: {b: {type: list, fields: {c: {type: string}}}}}\n");
    expect("", "program.duplicate", "a line refers to its owner by this name",
           "  lines: {type: list, fields: {deal: {type: string}}}\n");
}

TEST_CASE("settings, roles, calendars") {
    expect("---\nsettings: {limit: {type: integer, value: 0.5}}", "program.literal", "whole number");
    expect("---\nsettings: {wait: {type: duration, value: P7D ofice}}", "program.calendar.unknown",
           "did you mean 'office'?");
    expect("---\nsettings: {limit: {type: integer, allow: [老板], value: 5}}", "program.role.unknown",
           "'老板' is the title of 'boss'");
    expect("", "feel.name.unknown", "there is no 'limt'", "  over: {type: boolean, formula: amount > settings.limt}\n");
    Loaded cycle = load_text("{leat: 1, app: t}\n---\nroles: {a: {includes: [b]}, b: {includes: [a]}}\n");
    INFO(cycle.text());
    CHECK_FALSE(cycle.program);
    CHECK(cycle.told("includes itself"));
    Loaded zone = load_text("leat: 1\napp: t\ntimezone: Asia/Peking\n");
    CHECK(zone.told("there is no time zone 'Asia/Peking'"));
}

TEST_CASE("flows") {
    auto flow = [](const std::string& body) {
        return "---\nflow: f\nof: deal\nfield: stage\nevents: {go: [sales], pay: {allow: [sales], payload: {sum: "
               "{type: money, required: true}}}}\n" +
               body;
    };
    expect(flow("states:\n  a: {on: {go: b}}\n  b: {type: final, states: {}}\n  a: {}\n"), "yaml.duplicate_key",
           "first written here");
    expect(flow("states:\n  a: {on: {go: b}}\n  b: {states: {a: {}, c: {}}}\n"), "program.state.duplicate",
           "first defined here");
    expect(flow("initial: x\nstates: {a: {on: {go: b}}, b: {type: final}}\n"), "program.state.unknown",
           "to begin with");
    expect(flow("states: {a: {on: {go: [b, {target: b, guard: amount > 1}]}}, b: {type: final}}\n"),
           "program.transition.never", "put the one without a guard last");
    expect(flow("states: {a: {on: {approved: b}}, b: {type: final}}\n"), "program.event.never", "ask for no approval");
    expect(flow("states: {a: {after: {soon: b}}, b: {type: final}}\n"), "program.delay.unknown",
           "declare it in 'delays:'");
    expect(flow("states: {a: {on: {go: {target: b, guard: event.sum > 1}}}, b: {type: final}}\n"), "feel.name.unknown",
           "event");
    expect(flow("states: {a: {on: {pay: {target: b, guard: event.smu > 1}}}, b: {type: final}}\n"), "feel.name.unknown",
           "did you mean 'sum'?");
    expect(flow("states: {a: {type: history}}\n"), "program.state.history", "nothing but history states");
    expect(flow("states: {a: {on: {go: h}, states: {b: {}, h: {type: history, on: {go: b}}}}}\n"),
           "program.state.history", "it has nothing but");
    expect(flow("states: {a: {on: {go: b}, history: deep}, b: {type: final}}\n"), "program.state.history",
           "goes with 'type: history'");
    expect(flow("states: {a: {on: {go: [{target: [b, c]}]}}, b: {}, c: {}}\n"), "program.transition.targets",
           "'b' and 'c' cannot be active together");
    expect(flow("states: {a: {donedata: {x: 1}}}\n"), "program.state.donedata", "is not final");
    expect(flow("data: {amount: 1}\nstates: {a: {}}\n"), "program.local.shadows",
           "'amount' is a field of deal already");
    expect(flow("start: gone\nstates: {a: {}}\n"), "program.event.unknown", "declares no event 'gone'");
    expect(flow("states: {a: {on: {'pa go.*': a}}}\n"), "program.event.unknown", "'pa' stands for");
    expect(flow("states: {a: {invoke: {src: g}}}\n"), "program.invoke.unknown", "no flow and no connector operation");
    expect(flow("states: {a: {invoke: {src: f}}}\n"), "program.invoke", "cannot invoke itself on the same record");
    expect(flow("states: {a: {onError: a}}\n"), "program.event.never", "nothing is invoked in 'a'");
    expect(flow("states: {alpha: {on: {go: {target: b, guard: 'in_state(\"alpa\")'}}}, b: {}}\n"),
           "program.state.unknown", "did you mean 'alpha'?");
    expect(flow("states: {a: {entry: [{compensate: b}]}}\n"), "program.state.unknown", "has no state 'b'");
    expect("---\nfunctions: {f: {params: {x: string}, formula: in_state(x)}}\n" + flow("states: {a: {}}\n"),
           "feel.name.unknown", "in_state");
    expect(flow("states: {a: {type: final, on: {go: a}}}\n"), "program.state.final", "final state 'a'");
    expect(flow("states: {a: {exit_criteria: [{required: [nmae]}], on: {go: b}}, b: {type: final}}\n"),
           "program.field.unknown", "did you mean 'name'?");
    expect(flow("states: {a: {onDone: b}, b: {type: final}}\n"), "program.state.done", "no children");
    expect("---\nflow: f\nof: deal\nfield: amount\nstates: {a: {}}\n", "program.duplicate",
           "name another column with 'field:'");
    expect("---\nflow: f\nof: deal\nevents: {approved: []}\nstates: {a: {}}\n", "program.event.reserved",
           "raised by approvals");
    expect(flow("states: {a: {approve: {by: bos}, on: {approved: b}}, b: {type: final}}\n"), "program.role.unknown",
           "did you mean 'boss'?");
    expect(
        flow("states: {a: {approve: {by: {manager_of: owner, until: boss}}, on: {approved: b}}, b: {type: final}}\n"),
        "program.not_built", "until");
    auto escalates = [&](const std::string& keys) {
        return flow("states: {a: {approve: {by: boss, " + keys + "}, on: {approved: b}}, b: {type: final}}\n");
    };
    expect(escalates("escalate: boss"), "program.approve", "'escalate' needs 'within'");
    expect(escalates("within: PT1H, escalate: [bos]"), "program.role.unknown", "did you mean 'boss'?");
    expect(escalates("within: PT1H, escalate: [{within: PT1H}]"), "yaml.key.missing", "'to'");
    expect(escalates("within: PT1H, escalate: [{to: {near: owner}}]"), "program.approve.by", "write 'to: ROLE'");
    expect(escalates("within: PT1H, escalate: [{to: boss, within: soon}]"), "program.literal", "");
    expect(escalates("within: PT1H, escalate: [{to: boss, when: x}]"), "yaml.key.unknown", "when");
    expect(flow("states: {a: {type: parallel, approve: {by: boss}, states: {l: {}, r: {}}}, b: {type: final}}\n"),
           "program.approve", "nothing says where");
    expect(flow("states: {a: {approve: {by: boss, timeout: escalate}, on: {approved: b}}, b: {type: final}}\n"),
           "program.approve", "needs 'within'");
}

TEST_CASE("steps") {
    auto rule = [](const std::string& step) {
        return "---\nrule: r\nof: deal\nwhen: created\ndo:\n  - " + step +
               "\n---\nentity: order\nfields: {deal: {type: ref, to: deal}, name: {type: string}, total: {type: money, "
               "formula: deal.amount}}\n";
    };
    expect(rule("{set: {naem: x}}"), "program.field.unknown", "did you mean 'name'?");
    expect(rule("{set: {region: ost}}"), "program.enum.unknown", "no value of deal.region");
    expect(rule("{set: {amount: = name}}"), "feel.type.mismatch", "");
    expect(rule("{set: {key: x}}"), "program.step.set", "Leat's own");
    expect(rule("{set: {owner: somebody}}"), "program.literal", "wants an expression");
    expect(rule("{create: ordr}"), "program.entity.unknown", "did you mean 'order'?");
    expect(rule("{create: order, set: {total: 5}}"), "program.step.set", "it has a formula");
    expect(rule("{create: order, copy: [region]}"), "program.field.unknown", "to copy to");
    expect(rule("{raise: go}"), "program.step.raise", "send: EVENT");
    expect(rule("{send: go, to: = this}"), "program.event.unknown", "no flow of deal");
    expect(rule("{notify: bosss, text: hi}"), "program.role.unknown", "did you mean 'boss'?");
    expect(rule("{notify: = amount, text: hi}"), "program.type", "a receiver is a user");
    expect(rule("{notify: boss, notice: helo}"), "program.notice.unknown", "helo");
    expect(rule("{call: erp.make}"), "program.operation.unknown", "erp.make");
    expect(rule("{assign: nobody}"), "program.assignment.unknown", "nobody");
    expect(rule("{let: {amount: 1}}"), "program.local.shadows", "field of deal already");
    expect(rule("{let: {rows: 1}}"), "program.local.name", "rows");
    expect(rule("{foreach: amount, as: x, do: [{set: {name: a}}]}"), "program.type", "runs over a list");
    expect(rule("{append: name}"), "program.step.append", "no list that owns its lines");
    expect(rule("{update: amount, set: {name: a}}"), "program.type", "wants a record");
    expect(rule("{cancel_send: x}"), "program.step.cancel_send", "sends with an 'id'");
    expect(rule("{compensate: all}"), "program.step.compensate", "declares what undoes it");
    expect(rule("{task: call, to: = owner, due: = name}"), "program.type", "a duration, a date");
}

TEST_CASE("rules, messages, reports, decisions") {
    expect("---\nrule: r\nof: deal\nwhen: {entered: won}\ndo: [{set: {name: a}}]\n", "program.state.unknown",
           "no flow of deal has a state 'won'");
    expect("---\nmessage: m\npayload: {no: string}\nto: = records.deal[name = event.no]\nsend: paid\n",
           "program.event.unknown", "no flow of deal");
    expect("---\nmessage: m\npayload: {no: string}\nto: = event.no\nsend: paid\n", "program.type", "wants a record");
    expect("---\nreport: r\nfrom: deal\nmeasures: {deals: count(rows)}\nsort: [-deal]\n", "program.report.sort",
           "did you mean 'deals'?");
    expect("---\nreport: r\nfrom: pipeline.visits\nmeasures: {n: count(rows)}\n", "program.not_built", "FLOW.visits");
    expect(
        "---\ndecision: d\nof: deal\noutputs: {who: role}\nhit: first\ntable: |\n  | amount | -> wo |\n  | > 1    | "
        "boss  |\n",
        "program.decision.output", "did you mean 'who'?");
    expect(
        "---\ndecision: d\nof: deal\noutputs: {who: role}\nhit: frist\ntable: |\n  | amount | -> who |\n  | > 1    | "
        "boss   |\n",
        "yaml.word.unknown", "did you mean 'first'?");
    expect(
        "---\ndecision: d\nof: deal\noutputs: {who: role}\nhit: first\ntable: |\n  | amount | -> who |\n  | > 1    | "
        "bos    |\n",
        "feel.name.unknown", "did you mean 'boss'?");
    expect("---\ndecision: d\nof: deal\noutputs: {who: role}\n", "program.decision.table", "has no table");
    expect("---\nfunctions: {f: {params: {n: number}, formula: f(n - 1)}}\n", "program.function.cycle", "calls itself");
    expect(
        "---\nassignment: a\nof: deal\nfield: name\npools: [{role: sales}]\npick: least_loaded\nload: "
        "count(records.deal[owner = candidate])\n",
        "program.assignment.field", "no plain ref to user");
}

TEST_CASE("warnings are kept, and are errors when strict") {
    std::string flow =
        "---\nflow: f\nof: deal\nfield: stage\nevents: {go: [sales]}\nstates:\n  a: {on: {go: {target: b, guard: size "
        "> 3}}}\n  b: {type: final}\n  c: {}\n";
    std::string size = "  size: {type: integer}\n";
    Loaded loaded = load_deal(flow, size);
    INFO(loaded.text());
    REQUIRE(loaded.program);
    CHECK(loaded.codes() == std::vector<std::string>{"11: feel.null.condition", "13: program.state.unreachable"});
    CHECK(loaded.program->warnings.size() == 2);
    Loaded strict = load_deal(flow, size, true);
    CHECK_FALSE(strict.program);
    CHECK(strict.told("error[feel.null.condition]"));
}

TEST_CASE("a literal that spells a name is warned about") {
    Loaded loaded = load_deal(
        "---\nrule: r\nof: deal\nwhen: created\ndo: [{set: {name: owner.name}}, {set: {name: \"owner.name\"}}, {set: "
        "{name: plain text}}]\n");
    INFO(loaded.text());
    REQUIRE(loaded.program);
    CHECK(loaded.codes() == std::vector<std::string>{"9: program.literal.name"});
    CHECK(loaded.told("write '= owner.name'"));
}
