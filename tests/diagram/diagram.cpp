// Diagrams of flows: what they say, and that no title can change what their text means.
#include "diagram/diagram.hpp"

#include <cstdlib>
#include <string>

#include "catch.hpp"
#include "program/load.hpp"

using namespace leat;

namespace {

std::unique_ptr<program::Program> load(const std::string& text) {
    Diagnostics diagnostics;
    base::Sources sources;
    auto program = program::load({{"app.yaml", text}}, {}, {}, diagnostics, sources);
    for (const auto& one : diagnostics.all()) INFO(base::format(one, sources));
    REQUIRE(program);
    return program;
}

std::string drawn(const program::Program& program, diagram::Format format, const diagram::Options& options = {}) {
    auto text = diagram::draw(program, program.flows.front(), format, options);
    REQUIRE(text);
    return *text;
}

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

const std::string kSigning = R"(
leat: 1
app: signing
language: zh
---
roles: {legal: {title: {zh: 法务, en: Legal}}, sales: 销售}
---
entity: contract
fields: {amount: {type: integer, required: true}}
---
flow: signing
title: {zh: 合同签署, en: Signing}
of: contract
delays: {stalled: {for: P7D, repeat: P1D}}
events: {submit: {title: {zh: 提交, en: hand in}, allow: [sales]}, note: [sales], lose: [sales]}
states:
  draft:
    title: {zh: 草稿, en: Draft}
    after: {stalled: {do: [{log: waiting}]}, P30D: end}
    on: {submit: {target: review, guard: amount > 100}}
  review:
    title: 会审
    type: parallel
    states:
      law: {title: 法务, approve: {by: legal}}
      money:
        states:
          first: {on: {note: second}}
          second: {type: final}
    onDone: signed
  signed: {title: 已签, type: final}
  end: {type: final, outcome: lapsed}
on: {lose: end}
)";

}  // namespace

TEST_CASE("a flow as Mermaid: titles, nesting, regions, guards, timers, ends") {
    auto program = load(kSigning);
    CHECK(drawn(*program, diagram::Format::mermaid) == R"(---
title: "合同签署"
---
stateDiagram-v2
    state "草稿" as draft
    state "会审" as review {
        state "法务<br/>approve#58; 法务" as law
        --
        state "money" as money {
            state "first" as first
            state "second" as second
            [*] --> first
            first --> second : note
            second --> [*]
        }
    }
    state "已签" as signed
    state "end<br/>outcome#58; lapsed" as s10
    state "任意状态" as s0
    [*] --> draft
    s0 --> s10 : lose
    draft --> review : 提交 [amount #gt; 100]
    draft --> draft : after stalled#58; P7D, every P1D (stays)
    draft --> s10 : after P30D
    review --> signed : done
    signed --> [*]
    s10 --> [*]
)");
    diagram::Options english{"en", true, false, {}};
    std::string text = drawn(*program, diagram::Format::mermaid, english);
    CHECK(holds(text, "direction LR"));
    CHECK(holds(text, "draft --> review : hand in\n"));
    CHECK(holds(text, "approve#58; Legal"));
    CHECK(holds(text, "state \"any state\" as s0"));
}

TEST_CASE("a record's configuration is highlighted, an approval's own states as their state") {
    auto program = load(kSigning);
    const auto& chart = program->flows.front().chart;
    diagram::Options options;
    options.active = {0,
                      chart.find("review"),
                      chart.find("law"),
                      chart.find("law.pending"),
                      chart.find("money"),
                      chart.find("first")};
    std::string text = drawn(*program, diagram::Format::mermaid, options);
    CHECK(holds(text, "classDef active "));
    CHECK(holds(text, "    class review,law,money,first active\n"));
    text = drawn(*program, diagram::Format::dot, options);
    CHECK(holds(text, "\"first\" [label=\"first\", fillcolor=\"#ffe08a\""));
    CHECK(holds(text, "\"signed\" [label=\"已签\", peripheries=2]"));
    CHECK_FALSE(holds(text, "pending"));
}

TEST_CASE("history and regions with Chinese titles, where a record is in several states") {
    auto program = load(R"(
leat: 1
app: moves
language: zh
---
roles: {sales: 销售}
---
entity: contract
---
flow: moving
of: contract
events: {hold: {title: 挂起, allow: [sales]}, go_on: {title: 恢复, allow: [sales]}, sign: {title: 签字, allow: [sales]}}
states:
  work:
    title: 办理
    type: parallel
    states:
      law:
        title: 法务
        states: {open: {title: 待审, on: {sign: closed}}, closed: {title: 已审, type: final}}
      money: {title: 财务, states: {asked: {title: 待付, on: {sign: paid}}, paid: {title: 已付, type: final}}}
      before: {type: history, history: deep}
    on: {hold: held}
    onDone: done
  held: {title: 已挂起, on: {go_on: before}}
  done: {title: 完成, type: final}
)");
    const auto& chart = program->flows.front().chart;
    diagram::Options options;
    options.active = {
        0, chart.find("work"), chart.find("law"), chart.find("closed"), chart.find("money"), chart.find("asked")};
    std::string text = drawn(*program, diagram::Format::mermaid, options);
    INFO(text);
    CHECK(holds(text, "state \"待审\" as open\n"));
    CHECK(holds(text, "state \"已挂起\" as held\n"));
    CHECK(holds(text, "work --> held : 挂起\n"));
    CHECK(holds(text, "held --> before : 恢复\n"));
    CHECK(holds(text, "    class work,law,closed,money,asked active\n"));
    CHECK_FALSE(holds(text, "class before"));
    std::string dot = drawn(*program, diagram::Format::dot, options);
    INFO(dot);
    CHECK(holds(dot, "\"closed\" [label=\"已审\", peripheries=2, fillcolor=\"#ffe08a\""));
    CHECK_FALSE(holds(dot, "\"open\" [label=\"待审\", fillcolor"));
    CHECK(holds(dot, "H*"));
    CHECK(holds(dot, "[label=\"恢复\"]"));
}

TEST_CASE("a flow as DOT: clusters, and edges cut at their borders") {
    auto program = load(kSigning);
    std::string text = drawn(*program, diagram::Format::dot);
    CHECK(holds(text, "subgraph \"cluster_review\" {"));
    CHECK(holds(text, "\"draft\" -> \"review.point\" [label=\"提交 [amount > 100]\", lhead=\"cluster_review\"]"));
    CHECK(holds(text, "\"second\" -> \"signed\" [label=\"done\", ltail=\"cluster_review\"]"));
    CHECK(holds(text, "\"s0\" -> \"s10\" [label=\"lose\"]"));
    CHECK(holds(text, "label=\"合同签署\""));
}

TEST_CASE("titles cannot break out of their labels") {
    auto program = load(R"(
leat: 1
app: odd
language: en
---
entity: thing
---
flow: odd
title: 'a "quote" \ and more'
of: thing
events: {go: {title: "x\"]; }; : --> [*]\n%% <b>&#1;", allow: []}}
states:
  state: {title: "] } \"\\", on: {go: 甲}}
  甲: {type: final}
)");
    std::string text = drawn(*program, diagram::Format::mermaid);
    CHECK(holds(text, "title: \"a \\\"quote\\\" \\\\ and more\"\n"));
    CHECK(holds(text, "state \"] #125; #quot;#92;\" as s1\n"));
    CHECK(holds(text, "s1 --> s2 : x#quot;]#59; #125;#59; #58; --#gt; [*] #37;#37; #lt;b#gt;#amp;#35;1#59;\n"));
    text = drawn(*program, diagram::Format::dot);
    CHECK(holds(text, "[label=\"x\\\"]; }; : --> [*] %% <b>&amp;#1;\"]"));
    CHECK(holds(text, "\"s1\" [label=\"] } \\\"\\\\\"]"));
}

TEST_CASE("SVG is drawn by dot; without it the error says what to do") {
    auto program = load(kSigning);
    const char* path = std::getenv("PATH");
    std::string kept = path ? path : "";
    setenv("PATH", "/nonexistent", 1);
    auto none = diagram::draw(*program, program->flows.front(), diagram::Format::svg, {});
    setenv("PATH", kept.c_str(), 1);
    REQUIRE_FALSE(none);
    CHECK(none.error().code == "diagram.dot");
    CHECK(none.error().status == Status::not_found);
    auto svg = diagram::draw(*program, program->flows.front(), diagram::Format::svg, {});
    if (!svg) {
        CHECK(svg.error().code == "diagram.dot");  // not installed on this machine
        return;
    }
    CHECK(holds(*svg, "</svg>"));
    CHECK(holds(*svg, "草稿"));
    auto broken = diagram::svg_of("this is no graph");
    REQUIRE_FALSE(broken);
    CHECK(broken.error().code == "diagram.dot_failed");
    CHECK(holds(broken.error().message, "syntax error"));
}
