// SCXML out and in: round trips, the standard's documents, mistakes with their places.
#include "exchange/scxml.hpp"

#include "catch.hpp"
#include "exchange/scxml_feel.hpp"
#include "program/load.hpp"

using namespace leat;

#if LEAT_SCXML

namespace {

std::unique_ptr<program::Program> load(const std::string& text) {
    Diagnostics diagnostics;
    base::Sources sources;
    auto program = program::load({{"app.yaml", text}}, {}, {}, diagnostics, sources);
    std::string told = text;
    for (const auto& one : diagnostics.all()) told += base::format(one, sources);
    INFO(told);
    REQUIRE(program);
    return program;
}

std::string written(const program::Program& program) {
    auto text = exchange::write_scxml(program, program.flows.front());
    REQUIRE(text);
    return *text;
}

// The YAML, or the codes of what is wrong, each with its line.
std::string read(const std::string& xml) {
    base::Sources sources;
    uint32_t source = sources.add("a.scxml", xml);
    Diagnostics diagnostics;
    auto yaml = exchange::read_scxml(sources.text(source), source, Limits(), diagnostics);
    if (yaml) return *yaml;
    std::string out;
    for (const auto& one : diagnostics.all()) out += one.code + "@" + std::to_string(one.span.begin.line) + " ";
    return out;
}

bool holds(const std::string& text, const std::string& part) {
    INFO(text);
    INFO(part);
    return text.find(part) != std::string::npos;
}

// The shape of a flow as text, so that two can be compared.
std::string shape(const program::Program& program) {
    const program::Flow& flow = program.flows.front();
    auto steps = [](const program::Steps& all) {
        std::string out;
        for (const auto& one : all) {
            out += " " + std::to_string(static_cast<int>(one.kind));
            for (const auto& each : one.assignments)
                if (each.value.expression) out += "=" + each.value.expression->source().text;
        }
        return out;
    };
    std::string out;
    for (flow::StateId id = 0; id < flow.chart.states.size(); ++id) {
        const auto& state = flow.chart.states[id];
        out += state.name + " " + std::to_string(static_cast<int>(state.type)) + " in " + std::to_string(state.parent) +
               " from " + std::to_string(state.initial) + " \"" + std::string(flow.states[id].title.in("zh")) + "\" " +
               flow.states[id].outcome + steps(flow.states[id].entry) + " /" + steps(flow.states[id].exit) + "\n";
        for (uint32_t number : state.transitions) {
            const auto& transition = flow.chart.transitions[number];
            out += "  " + (transition.event == flow::kNone ? "" : flow.events[transition.event].name) + " ->";
            for (auto target : transition.targets) out += " " + flow.chart.states[target].name;
            if (flow.transitions[number].guard) out += " [" + flow.transitions[number].guard->source().text + "]";
            out += steps(flow.transitions[number].steps) + (transition.reenter ? " reenter" : "") + "\n";
        }
    }
    return out;
}

const std::string kEntity = R"(leat: 1
app: contracts
language: zh
---
roles: {sales: 销售, legal: 法务}
---
entity: contract
fields: {amount: {type: integer, required: true}, rounds: {type: integer, default: 0}}
---
)";

const std::string kFlow = R"(flow: signing
title: {zh: 合同签署, en: Signing}
of: contract
initial: draft
delays: {stalled: {for: P7D, repeat: P1D, times: 3}, late: {at: today()}}
events:
  submit: {title: {zh: 提交, en: hand in}, allow: [sales]}
  change: [sales]
  sign: [sales]
  hold: [sales]
  go_on: [sales]
  inner: []
states:
  draft:
    title: {zh: 草稿}
    after: {P30D: lost, stalled: {do: [{raise: inner}]}, late: lost}
    on:
      submit:
        - {target: review, guard: 'amount > 100 and amount < 5000', do: [{set: {rounds: = rounds + 1}}]}
        - signed
  review:
    title: {zh: 会审}
    type: parallel
    exit: [{if: amount > 1, then: [{raise: inner}], else: [{log: "small & <odd>"}]}]
    states:
      law: {title: {zh: 法务}, approve: {by: legal}}
      money:
        initial: second
        states:
          first: {on: {change: {target: second}}}
          second: {entry: [{set: {rounds: 0}}], on: {sign: fine}, always: [{target: first, guard: amount < 0}]}
          fine: {type: final}
      before: {type: history, history: deep}
    onDone: signed
    on: {change: {target: review, reenter: true}, hold: held}
  held: {on: {go_on: before}}
  signed: {title: {zh: 已签}, type: final}
  lost: {type: final, outcome: lost}
)";

}  // namespace

TEST_CASE("a flow goes out to SCXML and comes back the same") {
    auto program = load(kEntity + kFlow);
    std::string xml = written(*program);
    CHECK(holds(xml, "<scxml xmlns=\"http://www.w3.org/2005/07/scxml\""));
    CHECK(holds(xml, "datamodel=\"feel\" name=\"signing\""));
    CHECK(holds(xml, "<parallel id=\"review\">"));
    CHECK(holds(xml, "<history id=\"before\" type=\"deep\""));
    CHECK(holds(xml, "cond=\"amount > 100 and amount &lt; 5000\" target=\"review\""));
    CHECK(holds(xml, "<assign location=\"rounds\" expr=\"rounds + 1\""));
    CHECK(holds(xml, "<send event=\"after.draft.P30D\" id=\"after.draft.P30D\" delay=\"2592000s\""));
    CHECK(holds(xml, "<cancel sendid=\"after.draft.P30D\""));
    CHECK(holds(xml, "event=\"done.state.review\" target=\"signed\""));
    std::string yaml = read(xml);
    auto again = load(kEntity + yaml);
    CHECK(shape(*again) == shape(*program));
    CHECK(again->flows.front().timers.size() == program->flows.front().timers.size());
    CHECK(again->flows.front().find_event("submit") != flow::kNone);
    CHECK(again->flows.front().events[again->flows.front().find_event("submit")].title.in("en") == "hand in");
    CHECK(written(*again) == xml);
}

TEST_CASE("a document of others becomes an application of its own") {
    std::string yaml = read(R"x(<?xml version="1.0"?>
<scxml xmlns="http://www.w3.org/2005/07/scxml" version="1.0" datamodel="ecmascript" name="traffic-light" initial="red.on">
  <datamodel><data id="count" expr="0"/></datamodel>
  <state id="red.on">
    <onentry>
      <assign location="count" expr="count + 1"/>
      <send event="timer.over" delay="1500ms" id="t1"/>
    </onentry>
    <onexit><cancel sendid="t1"/></onexit>
    <transition event="timer.over" cond="count &lt; 3 &amp;&amp; !In('off')" target="off"/>
    <transition event="set" cond="_event.data.level === 'high' || count == 0" target="red.on">
      <if cond="count > 1"><raise event="inner"/><elseif cond="count == 1"/><log expr="count"/><else/></if>
    </transition>
    <transition event="*" target="off"/>
  </state>
  <state id="off"><initial><transition target="b"><log label="in"/></transition></initial>
    <state id="a"/><state id="b"><transition event="x y" target="a"/><transition event="go" type="internal" target="a"/></state>
    <history id="h"><transition target="a"/></history>
    <transition event="back" target="h"/>
  </state>
</scxml>)x");
    CHECK(holds(yaml, "app: traffic_light\n"));
    CHECK(holds(yaml, "entity: traffic_light_case\n"));
    CHECK(holds(yaml, "guard: \"count < 3 and not(in_state(\\\"off\\\"))\""));
    CHECK(holds(yaml, "guard: \"event.level = \\\"high\\\" or count = 0\""));
    CHECK(holds(yaml, "  set: {allow: [operator], payload: {level: json}}\n"));
    CHECK(holds(yaml, "after: PT1.500S"));
    auto program = load(yaml);
    const auto& chart = program->flows.front().chart;
    CHECK(chart.find("red_on") != flow::kNone);
    CHECK(chart.states[chart.find("h")].type == flow::StateType::history);
    // Out again and in: the same.
    const std::string before = yaml.substr(0, yaml.find("flow: "));
    // A wildcard goes out as the events that it stands for; from then on nothing changes.
    auto again = load(before + read(written(*program)));
    CHECK(again->flows.front().chart.states.size() == chart.states.size());
    CHECK(shape(*load(before + read(written(*again)))) == shape(*again));
}

TEST_CASE("what an import cannot read is told with its place") {
    const std::string head = "<scxml xmlns=\"http://www.w3.org/2005/07/scxml\" datamodel=\"ecmascript\">\n";
    auto body = [&](const std::string& text) { return read(head + text + "\n</scxml>"); };
    CHECK(read("<html/>") == "scxml.element@1 ");
    CHECK(read("<scxml>\n<state>").rfind("scxml.xml@", 0) == 0);
    CHECK(read("\xFF") == "scxml.xml@1 ");
    CHECK(body("<state id='a'><transition event='e' target='b'/></state>") == "scxml.target@2 ");
    CHECK(body("<state id='a'/>\n<state id='a'/>") == "scxml.target@3 ");
    CHECK(body("<state id='a'><transition cond='f(x)' target='a'/></state>") == "scxml.expression@2 ");
    CHECK(body("<state id='a'><invoke/></state>") == "scxml.element@2 ");
    CHECK(body("<state id='a'><invoke src='b.scxml'/></state>") == "scxml.element@2 ");
    CHECK(body("<state id='a'><invoke type='voice'><content><scxml/></content></invoke></state>") ==
          "scxml.element@2 ");
    CHECK(body("<state id='a'><transition event='done.invoke.x' target='a'/></state>") == "scxml.event@2 ");
    CHECK(body("<state id='a'>\n<onentry>\n<script>x</script></onentry></state>") == "scxml.element@4 ");
    CHECK(body("<state id='a'>\n<onentry>\n<script>x = 1; f(x)</script></onentry></state>") == "scxml.element@4 ");
    CHECK(body("<state id='a'>\n<onentry>\n<script>x = f(1)</script></onentry></state>") == "scxml.expression@4 ");
    CHECK(body("<state id='a'>\n<onentry>\n<script src='s.js'/></onentry></state>") == "scxml.element@4 ");
    CHECK(body("<state id='a'><onentry><send event='e' type='basichttp'/></onentry></state>") == "scxml.element@2 ");
    CHECK(body("<state id='a'><onentry><send event='e'><content>x</content></send></onentry></state>") ==
          "scxml.element@2 ");
    CHECK(body("<state id='a'><onentry><send event='e' target='#_parent'/></onentry></state>") == "scxml.element@2 ");
    CHECK(body("<final id='a'><donedata><content><x/></content></donedata></final>") == "scxml.element@2 ");
    CHECK(body("<state id='a'><onentry><send event='e' delay='soon'/></onentry></state>") == "scxml.delay@2 ");
    CHECK(body("<state id='a'><onentry><send event='e' target='#_x'/></onentry></state>") == "scxml.element@2 ");
    CHECK(body("<state id='a'><transition event='error.execution' target='a'/></state>") == "scxml.event@2 ");
    CHECK(body("<state id='a'><transition event='done.state.b' target='a'/></state><state id='b'/>") ==
          "scxml.event@2 ");
    CHECK(body("<script/>") == "scxml.element@2 ");
    std::string deep;
    for (int i = 0; i < 100; ++i) deep += "<state>";
    for (int i = 0; i < 100; ++i) deep += "</state>";
    CHECK(body(deep) == "scxml.element@2 ");
}

TEST_CASE("a document's children, loops, scripts and what is done come in") {
    std::string yaml =
        read(R"x(<scxml xmlns="http://www.w3.org/2005/07/scxml" datamodel="ecmascript" name="order" initial="a">
  <datamodel><data id="total" expr="0"/><data id="lines"/><data id="line"/><data id="n" expr="0"/></datamodel>
  <state id="a">
    <onentry>
      <script>
        total = 1; total += 2
        n++
      </script>
      <foreach array="lines" item="line" index="i"><assign location="total" expr="total + line * i"/></foreach>
      <foreach array="lines" item="other" index="n"><log expr="other"/></foreach>
    </onentry>
    <invoke id="sub" autoforward="true">
      <param name="given" expr="total + 1"/>
      <param name="kept" location="n"/>
      <content>
        <scxml name="check" datamodel="ecmascript">
          <datamodel><data id="given" expr="0"/></datamodel>
          <state id="asking">
            <onentry><send event="progress" target="#_parent"><param name="share" expr="50"/></send></onentry>
            <transition event="answer" cond="_event.data.good == true" target="over"/>
          </state>
          <final id="over"><donedata><param name="sum" expr="given + 1"/></donedata></final>
        </scxml>
      </content>
      <finalize/>
    </invoke>
    <transition event="progress" cond="_event.data.share > 10"><send event="answer" target="#_sub" namelist="n"><param name="good" expr="true"/></send></transition>
    <transition event="done.invoke.sub" cond="_event.data.sum > 1" target="b"><assign location="total" expr="_event.data.sum"/></transition>
    <history id="h" type="deep"><transition target="a1"><log label="first"/></transition></history>
    <state id="a1"><datamodel><data id="inner" expr="5"/></datamodel><transition event="x" target="f"/></state>
    <final id="f"><donedata><content>all well</content></donedata></final>
    <transition event="done.state.a" target="b"/>
  </state>
  <final id="b"/>
</scxml>)x");
    INFO(yaml);
    CHECK(holds(yaml, "set: {total: \"= total + (2)\"}"));
    CHECK(holds(yaml, "set: {n: \"= n + 1\"}"));
    CHECK(holds(yaml, "set: {line: \"= line_each\"}"));
    CHECK(holds(yaml, "let: {i: \"i_each - 1\"}"));
    CHECK(holds(yaml, "set: {n: \"= n_each - 1\"}"));
    CHECK(holds(yaml, "send: progress\n        to: parent\n"));
    CHECK(holds(yaml, "- {if: event.kept != null, then: [{set: {n: = event.kept}}]}"));
    CHECK(holds(yaml, "donedata: \"all well\""));
    auto program = load(yaml);
    REQUIRE(program->flows.size() == 2);
    const auto& order = *program->find_flow("order");
    const auto& check = *program->find_flow("check");
    CHECK(check.pure);
    REQUIRE(order.invokes.size() == 1);
    CHECK(order.invokes[0].id == "sub");
    CHECK(order.invokes[0].autoforward);
    CHECK(order.invokes[0].flow == check.id);
    CHECK(order.invokes[0].input.size() == 1);
    CHECK(order.invokes[0].finalize.size() == 1);
    CHECK(check.events[check.find_event("answer")].payload.size() == 2);
    CHECK(order.events[order.find_event("progress")].payload.size() == 1);
    CHECK(order.transitions[order.chart.states[order.chart.find("h")].initial_transition].steps.size() == 1);
    CHECK(check.states[check.chart.find("over")].donedata.size() == 1);
}

TEST_CASE("children, loops and data go out and come back the same") {
    const std::string rest = R"(flow: checking
start: invoked
of: contract
field: checked
events:
  answer: {allow: [], payload: {good: {type: json}}}
initial: open
states:
  open: {entry: [{send: progress, to: parent, with: {share: 40}}], on: {answer: over}}
  over: {type: final, donedata: {sum: = amount}}
)";
    auto program = load(kEntity + R"(flow: signing
of: contract
field: stage
start: begin
data: {sums: '[1, 2]', last: 0}
events:
  begin: {allow: [sales]}
  progress: {allow: [], payload: {share: {type: json}}}
initial: draft
states:
  draft:
    field: part
    data: {inner: 5}
    invoke:
      - id: check
        src: checking
        autoforward: true
        finalize: [{set: {last: = last + 1}}]
        onDone: {target: parts, do: [{set: {last: = event.sum}}]}
        onError: lost
    on: {progress: {do: [{set: {last: = event.share}}, {send: answer, to: check, with: {good: = true}}]}}
    states:
      d1: {entry: [{foreach: sums, as: sum, index: i, do: [{set: {last: = last + sum * i}}]}]}
  parts:
    invoke:
      - src: single
        foreach: sums
        as: one
        sequential: true
        complete_if: completed >= 1
        input: {given: = one}
        onDone: done
    onError: lost
  done: {type: final, donedata: = last}
  lost: {type: final, outcome: failed}
---
flow: single
data: {given: 0}
states: {over: {type: final}}
---
)" + rest);
    std::string xml = written(*program);
    CHECK(holds(xml, "<invoke id=\"check\" src=\"leat:flow:checking\" autoforward=\"true\">"));
    CHECK(holds(xml, "<transition event=\"done.invoke.check\" target=\"parts\">"));
    CHECK(holds(xml, "<transition event=\"done.invoke.parts\" target=\"done\""));
    CHECK(holds(xml, "<transition event=\"error.invoke\" target=\"lost\""));
    CHECK(holds(xml, "<send event=\"answer\" target=\"#_check\">"));
    CHECK(holds(xml, "<foreach array=\"sums\" item=\"sum\" leat:index=\"i\">"));
    CHECK(holds(xml, "<content expr=\"last\""));
    CHECK(holds(xml, "leat:foreach=\"sums\""));
    std::string yaml = read(xml);
    auto again =
        load(kEntity + yaml + "---\nflow: single\ndata: {given: 0}\nstates: {over: {type: final}}\n---\n" + rest);
    CHECK(shape(*again) == shape(*program));
    CHECK(written(*again) == xml);
    auto child = exchange::write_scxml(*program, *program->find_flow("checking"));
    REQUIRE(child);
    CHECK(holds(*child, "<send event=\"progress\" target=\"#_parent\">"));
    CHECK(holds(*child, "leat:start=\"invoked\""));
    auto pure = exchange::write_scxml(*program, *program->find_flow("single"));
    REQUIRE(pure);
    CHECK(read(*pure).rfind("flow: single\n", 0) == 0);
}

TEST_CASE("what undoes what and what events bring go out and come back; what does not is named") {
    const std::string pure = "---\nflow: child\ndata: {given: 0}\nstates: {over: {type: final}}\n";
    auto program = load(kEntity + R"(flow: signing
of: contract
events:
  begin: {allow: [sales], payload: {by: {type: date, required: true}, note: string, unread: decimal}}
  stop: [sales]
states:
  draft:
    compensate: [{set: {rounds: 0}}]
    on: {begin: {target: running, criteria: skip, do: [{set: {rounds: 1}}]}}
  running:
    invoke: {src: child, input: {given: 2}, compensate: [{set: {rounds: = rounds - 1}}, {log: undone}], onDone: over}
    on: {stop: {target: over, do: [{compensate: draft}, {compensate: all}]}}
  # Nothing hears `approved` of a state with children.
  asking: {approve: {by: legal}, states: {one: {on: {stop: two}}, two: {}}, onDone: over}
  over: {type: final}
)" + pure);
    std::string xml = written(*program);
    CHECK(holds(xml, "<leat:payload name=\"by\" type=\"date\" required=\"true\""));
    CHECK(holds(xml, "<leat:undo of=\"draft\""));
    std::string yaml = read(xml);
    CHECK(!(yaml.find("by hand") != std::string::npos));
    auto again = load(kEntity + yaml + pure);
    CHECK(shape(*again) == shape(*program));
    CHECK(written(*again) == xml);
    const auto& flow = again->flows.front();
    CHECK(flow.undos.size() == 2);
    const auto& brought = flow.events[flow.find_event("begin")].payload;
    REQUIRE(brought.size() == 3);
    CHECK(brought[0].kind == program::FieldKind::date);
    CHECK(brought[0].required);
    CHECK(brought[2].kind == program::FieldKind::decimal);

    auto more = load(kEntity + R"(flow: signing
of: contract
events: {begin: {allow: '= amount > 1', payload: {kind: {type: enum, enum: [a, b]}}}}
delays: {slow: {every: P1D, late: coalesce}}
states:
  draft:
    after: {slow: {do: [{log: slow}]}}
    exit_criteria: [{required: [rounds]}]
    fields: {amount: read}
    on: {begin: [{target: asking, guard: amount > 1, message: Too little}]}
  asking: {approve: {by: legal, mode: all, within: PT1H, timeout: reject}, on: {approved: over, rejected: draft}}
  over: {type: final}
)");
    yaml = read(written(*more));
    for (const char* at : {"signing.events.begin.allow", "signing.events.begin.payload.kind",
                           "signing.draft.exit_criteria", "signing.draft.fields", "signing.draft.on.begin[1].message",
                           "signing.draft.slow.late", "signing.asking.approve"})
        CHECK(holds(yaml, std::string("# not in the document, write it here by hand: ") + at + "\n"));
    load(kEntity + yaml);
}

TEST_CASE("ECMAScript of conditions as FEEL") {
    auto feel = [](const char* text) { return exchange::feel_of_ecmascript(text).value_or("no"); };
    CHECK(feel("a == 'it\\'s' && !(b !== 2 || c >= -1.5)") == "a = \"it's\" and not((b != 2 or c >= -1.5))");
    CHECK(feel("x % 2 === 0") == "modulo(x, 2) = 0");
    CHECK(feel("In(\"s1\")") == "in_state(\"s1\")");
    CHECK(feel("undefined == null") == "null = null");
    for (const char* text :
         {"", "a.b", "f()", "a[1]", "a = 1", "a ? b : c", "1e3", "'open", "In(x)", "(a", "a b", "_x", "$a"}) {
        INFO(text);
        CHECK(feel(text) == "no");
    }
}

#endif
