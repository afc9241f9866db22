// What steps and transitions say when they refuse, in another language, from `texts` sections.
#include "engine/fixture.hpp"

using namespace leat;
using test::Fixture;

namespace {

constexpr const char* kApp = R"(
leat: 1
app: texts
language: en
---
roles: {clerk: Clerk}
---
entity: order
fields: {size: {type: integer, default: 0}, lines: {type: list, fields: {size: integer}}}
---
flow: order_flow
of: order
events: {go: [clerk], check: [clerk], on_: [clerk]}
states:
  open:
    on:
      go:
        - {target: busy, guard: size > 1, message: too small}
      check:
        target: busy
        do:
          - {log: checking}
          - {if: size = 0, then: [{assert: size > 0, message: "nothing of {size}"}]}
          - foreach: lines
            as: line
            do: [{assert: line.size > 0, message: an empty line}]
  busy:
    entry: [{block: [{assert: size < 9, message: too big}]}]
    on: {on_: done}
  done: {type: final}
---
rule: order_rule
of: order
when: changed
do: [{assert: size < 100, message: far too big}]
---
extend: order_flow
states:
  busy: {entry: [{assert: size != 5, message: not five}]}
)";

constexpr const char* kChinese = R"(---
texts: zh
order_flow.open.on.go[1]: 数量太小
"order_flow.open.on.check[1].do[2].then[1]": "数量为{size}"
"order_flow.open.on.check[1].do[3].do[1]": 有空行
order_flow.busy.entry[1].block[1]: 太大
flow.order_flow.busy.entry[2]: 不能是五
rule.order_rule.do[1]: 远远太大
)";

}  // namespace

TEST_CASE("messages of guards and of asserts among steps come from texts, at the place that the refusal names") {
    Fixture s(std::string(kApp) + kChinese);
    engine::Options options;
    options.store.path = ":memory:";
    options.clock = &s.clock;
    options.random = &s.random;
    options.language = "zh";
    auto chinese = engine::Engine::open(s.program, options);
    REQUIRE(chinese);
    auto session = (*chinese)->session("system");
    REQUIRE(session);
    auto both = [&](const std::string& input, const std::string& event, const std::string& at,
                    const std::string& english, const std::string& translated) {
        for (auto* one : {s.system.get(), session->get()}) {
            auto made = Fixture::done(one->create("order", input));
            auto refused = Fixture::refused(event.empty() ? one->patch("order", made.key, R"({"size":100})")
                                                          : one->send("order", made.key, event, "{}"));
            REQUIRE(refused.size() == 1);
            CHECK(refused[0].at == at);
            CHECK(refused[0].message == (one == s.system.get() ? english : translated));
        }
    };
    both("{}", "go", "order_flow.open.on.go[1]", "too small", "数量太小");
    both("{}", "check", "order_flow.open.on.check[1].do[2].then[1]", "nothing of 0", "数量为0");
    both(R"({"size":2,"lines":[{"size":0}]})", "check", "order_flow.open.on.check[1].do[3].do[1]", "an empty line",
         "有空行");
    both(R"({"size":10})", "check", "order_flow.busy.entry[1].block[1]", "too big", "太大");
    both(R"({"size":5})", "check", "order_flow.busy.entry[2]", "not five", "不能是五");
    both("{}", "", "order_rule.do[1]", "far too big", "远远太大");
}

TEST_CASE("a text for a step that is none, or that says nothing, is a mistake") {
    for (const char* path : {"order_flow.open.on.check[1].do[1]", "order_flow.open.on.check[1].do[9]",
                             "rule.order_rule.do[2]", "order_flow.busy.entry[1]"}) {
        Diagnostics diagnostics;
        base::Sources sources;
        auto none = [](const std::string&, const std::string&) { return std::optional<std::string>(); };
        auto program = program::load({{"app.yaml", std::string(kApp) + "---\ntexts: zh\n" + path + ": x\n"}}, none, {},
                                     diagnostics, sources);
        CHECK_FALSE(program);
        bool told = false;
        for (const auto& one : diagnostics.all()) told = told || one.code == "program.texts.unknown";
        CHECK(told);
    }
}
