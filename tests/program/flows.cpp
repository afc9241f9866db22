// Flows that remember and invoke, and what loading finds in a flow's shape, with the way there.
#include "catch.hpp"
#include "loading.hpp"

using namespace leat;
using namespace leat::program;
using namespace leat::program::test;

namespace {

std::string f_of(const std::string& body) {
    return "---\nflow: f\nof: deal\nfield: stage\nevents: {go: [sales], back: [sales]}\n" + body;
}

}  // namespace

TEST_CASE("a flow keeps what it declares in a column of its own, and only then") {
    Loaded plain = load_deal(f_of("states: {a: {on: {go: b, back: a}}, b: {type: final}}\n"), "");
    REQUIRE(plain.program);
    CHECK(plain.program->flows[0].data_field == kNone);
    Loaded kept = load_deal(
        f_of("data: {tries: 0}\nstates: {a: {on: {go: {target: b, guard: tries < 3, do: [{set: {tries: = tries + "
             "1}}]}, back: a}}, b: {type: final}}\n"),
        "");
    INFO(kept.text());
    REQUIRE(kept.program);
    const Flow& one = kept.program->flows[0];
    REQUIRE(one.data.size() == 1);
    CHECK(kept.program->entities[one.entity].fields[one.data_field].name == "stage_data");
    CHECK(one.transitions[0].steps[0].assignments[0].datum == 0);
}

TEST_CASE("a flow about nothing has records of its own") {
    Loaded loaded = load_deal("---\nflow: offer\ndata: {place: \"null\"}\nstates: {a: {type: final}}\n", "");
    INFO(loaded.text());
    REQUIRE(loaded.program);
    const Flow* offer = loaded.program->find_flow("offer");
    REQUIRE(offer);
    CHECK(offer->pure);
    CHECK(loaded.program->entities[offer->entity].name == "offer");
}

TEST_CASE("lists and descriptors stand for the events that they fit") {
    Loaded loaded = load_deal(f_of("states: {a: {on: {go back: b}}, b: {on: {\"*\": c}}, c: {type: final}}\n"), "");
    INFO(loaded.text());
    REQUIRE(loaded.program);
    const auto& chart = loaded.program->flows[0].chart;
    CHECK(chart.transitions[0].also.size() == 1);
    CHECK(chart.transitions[1].also.size() == 1);
}

TEST_CASE("history and initial transitions have their places") {
    Loaded loaded =
        load_deal(f_of("states:\n"
                       "  a: {initial: {target: y, do: [{set: {name: begun}}]}, on: {go: b}, states: {x: {}, y: "
                       "{}, h: {type: history, history: deep}}}\n"
                       "  b: {on: {back: h, go: c}}\n"
                       "  c: {type: final}\n"),
                  "");
    INFO(loaded.text());
    REQUIRE(loaded.program);
    const Flow& one = loaded.program->flows[0];
    auto a = one.chart.find("a"), h = one.chart.find("h");
    REQUIRE(one.chart.states[a].initial_transition != flow::kNone);
    CHECK(one.transitions[one.chart.states[a].initial_transition].steps.size() == 1);
    CHECK(one.chart.states[h].deep);
    // Without a word it begins where its parent's first child is.
    CHECK(one.chart.transitions[one.chart.states[h].initial_transition].targets ==
          std::vector<flow::StateId>{one.chart.find("x")});
}

TEST_CASE("loading warns of what can never matter, with the way there") {
    auto told = [](const std::string& body, const std::string& code, const std::string& part) {
        Loaded loaded = load_deal(f_of(body), "");
        INFO(body << loaded.text());
        CHECK(loaded.program);
        CHECK(loaded.told("[" + code + "]"));
        CHECK(loaded.told(part));
    };
    told("states: {a: {on: {go: b}}, b: {type: final}}\n", "program.event.unheard", "handles event 'back'");
    told("states: {a: {on: {go: b, back: c}}, b: {}, c: {type: final}}\n", "program.state.no_way_out",
         "the way there: a, go -> b");
    told(
        "states: {a: {on: {go: b, back: a}}, b: {always: [{target: c, guard: amount > 1}, {target: d, guard: amount < "
        "0}]}, c: {type: final}, d: {type: final}}\n",
        "program.guards.uncovered", "the way there: a, go -> b");
    told("states: {a: {after: {P1D: {}}, on: {go: b, back: a}}, b: {type: final}}\n", "program.timer.no_effect",
         "nothing happens");
    told("states: {a: {after: {P1D: b}, always: b, on: {go: b, back: a}}, b: {type: final}}\n",
         "program.timer.no_effect", "never falls due");
    Loaded covered = load_deal(f_of("states: {a: {on: {go: b, back: a}}, b: {always: [{target: c, guard: amount > 1}, "
                                    "{target: d, guard: not(amount > 1)}]}, c: {type: final}, d: {type: final}}\n"),
                               "");
    CHECK_FALSE(covered.told("program.guards.uncovered"));
}

namespace {

// Transitions of state `a` for `go`, over a deal that may also have `more` fields.
Loaded choice(const std::string& transitions, const std::string& more = "") {
    return load_deal(f_of("states: {a: {on: {go: [" + transitions +
                          "], back: d}}, b: {type: final}, c: {type: final}, d: {type: final}}\n"),
                     "  count: {type: integer, minimum: 0}\n  kind: {type: enum, enum: {goods: Goods, service: "
                     "Service}, required: true}\n  urgent: {type: boolean, default: false}\n  day: date\n" +
                         more);
}

}  // namespace

TEST_CASE("a choice that leaves a case open is told with a witness") {
    auto uncovered = [](const std::string& transitions, const std::string& witness) {
        Loaded loaded = choice(transitions);
        INFO(transitions << "\n" << loaded.text());
        CHECK(loaded.program);
        CHECK(loaded.told("[program.guards.uncovered]"));
        CHECK(loaded.told("no guard for 'go' in 'a' is true where " + witness + "\n"));
    };
    uncovered("{target: b, guard: amount < 500000}, {target: c, guard: amount > 500000}", "amount = 500000");
    uncovered("{target: b, guard: 500000 > amount}, {target: c, guard: 'amount in (500000..1000000]'}",
              "amount = 500000");
    uncovered("{target: b, guard: amount <= 5}, {target: c, guard: 'amount in [5.02..9]'}", "amount = 5.01");
    uncovered("{target: b, guard: kind = \"goods\"}, {target: c, guard: 'amount > 10 and kind = \"service\"'}",
              "kind = \"service\" and amount = 10");
    uncovered("{target: b, guard: urgent and amount > 1}, {target: c, guard: not(urgent)}",
              "urgent = true and amount = 1");
    uncovered("{target: b, guard: count = 0}, {target: c, guard: count > 1}", "count = 1");
    uncovered("{target: b, guard: 'region = \"east\"'}, {target: c, guard: 'region = \"west\"'}", "region = null");
    uncovered("{target: b, guard: 'day < date(\"2026-01-01\")'}, {target: c, guard: 'day > @\"2026-01-01\"'}",
              "day = @\"2026-01-01\"");
}

TEST_CASE("a choice without a gap, a condition and a refusal that is meant are left alone") {
    auto quiet = [](const std::string& transitions) {
        Loaded loaded = choice(transitions);
        INFO(transitions << "\n" << loaded.text());
        CHECK(loaded.program);
        CHECK_FALSE(loaded.told("program.guards.uncovered"));
        CHECK_FALSE(loaded.told("program.guard.never"));
    };
    quiet("{target: b, guard: amount < 500000}, {target: c, guard: amount >= 500000}");
    quiet("{target: b, guard: amount < 500000}, {target: c}");
    quiet("{target: b, guard: amount < 500000}");
    quiet("{target: b, guard: amount < 5, message: Too much}, {target: c, guard: amount > 5}");
    quiet("{target: b, guard: count <= 1}, {target: c, guard: count >= 2}");
    quiet(
        "{target: b, guard: 'amount in [0..5)'}, {target: c, guard: amount < 0}, {target: d, guard: this.amount >= 5}");
    quiet("{target: b, guard: kind = \"goods\"}, {target: c, guard: kind = \"service\"}");
    quiet("{target: b, guard: region = null}, {target: c, guard: region != null}");
    quiet("{target: b, guard: if urgent then amount > 5 else true}, {target: c, guard: amount <= 5}");
    quiet("{target: b, guard: amount > count}, {target: c, guard: count >= amount}");
    quiet("{target: b, guard: not(urgent)}, {target: c, guard: urgent}");
    quiet("{target: b, guard: amount between 1 and 5}, {target: c, guard: amount > 5 or amount < 1}");
    // Over what is computed nothing is certain.
    quiet("{target: b, guard: amount * 2 > 5}, {target: c, guard: amount < 2}");
    quiet("{target: b, guard: string length(name) > 5}, {target: c, guard: string length(name) < 5}");
}

TEST_CASE("transitions that guards keep from firing") {
    auto never = [](const std::string& transitions, const std::string& part) {
        Loaded loaded = choice(transitions);
        INFO(transitions << "\n" << loaded.text());
        CHECK(loaded.program);
        CHECK(loaded.told("[program.guard.never]"));
        CHECK(loaded.told(part));
        CHECK(loaded.told("the way there: a"));
    };
    never("{target: b, guard: amount > 5 and amount < 3}, {target: c}", "its guard is never true");
    never("{target: b, guard: amount > 5}, {target: c, guard: amount > 10}, {target: d}", "one before it fires");
    never("{target: b, guard: amount > 5}, {target: c, guard: amount <= 5}, {target: d, guard: amount = 0}",
          "one before it fires");
    never("{target: b, guard: count < 0}, {target: c}", "its guard is never true");
    never("{target: b, guard: urgent}, {target: c, guard: not(urgent)}, {target: d, guard: urgent = true}",
          "one before it fires");
}

TEST_CASE("children that never end, and events heard only where nobody comes") {
    Loaded loaded = load_deal(f_of("states: {a: {states: {x: {on: {go: y}}, y: {on: {go: x}}}, onDone: b, on: {back: "
                                   "b}}, b: {type: final}}\n"),
                              "");
    INFO(loaded.text());
    CHECK(loaded.told("[program.done.never]"));
    CHECK(loaded.told("'a' is never done"));
    Loaded region = load_deal(f_of("states: {p: {type: parallel, states: {l: {states: {l1: {on: {go: l2}}, l2: {type: "
                                   "final}}}, r: {}}, onDone: b, on: {back: b}}, b: {type: final}}\n"),
                              "");
    CHECK(region.told("not all of its regions"));
    Loaded island = load_deal(f_of("states: {a: {on: {go: b}}, island: {on: {back: b}}, b: {type: final}}\n"), "");
    CHECK(island.told("no state of flow 'f' that can be reached handles event 'back'"));
}

TEST_CASE("a state's own column: only of compound states, and of a name that is free") {
    auto told = [](const std::string& states, const std::string& part) {
        Loaded loaded = load_deal(f_of("states: " + states + "\n"), "");
        INFO(loaded.text());
        CHECK_FALSE(loaded.program);
        CHECK(loaded.told(part));
    };
    told("{a: {field: x, on: {go: b, back: b}}, b: {type: final}}", "has no children of which one is active");
    told("{a: {type: parallel, field: x, states: {l: {}, r: {}}, on: {go: b, back: b}}, b: {type: final}}",
         "has no children of which one is active");
    told("{a: {field: amount, states: {l: {}, r: {}}, on: {go: b, back: b}}, b: {type: final}}",
         "has a field of that name");
    told("{a: {field: stage, states: {l: {}, r: {}}, on: {go: b, back: b}}, b: {type: final}}",
         "has a field of that name");
}

TEST_CASE("sending to a parent or a child by its id") {
    auto told = [](const std::string& send, const std::string& part) {
        Loaded loaded = load_deal(
            f_of("states: {a: {invoke: {id: kid, src: child, onDone: b}, on: {go: b, back: {do: [{send: " + send +
                 "}]}}}, b: {type: final}}\n") +
                "---\nflow: child\nevents: {hello: []}\nstates: {x: {entry: [{send: go, to: parent}], "
                "on: {hello: y}}, y: {type: final}}\n",
            "");
        INFO(loaded.text());
        CHECK(static_cast<bool>(loaded.program) == part.empty());
        CHECK(loaded.told(part));
    };
    told("hello, to: kid", "");
    told("nothing, to: kid", "flow 'child' declares no event 'nothing'");
    told("hello, to: kit", "'kit' is neither 'parent' nor the id of an invoke of this flow");
    told("hello, to: parent", "nothing invokes flow 'f': it has no parent");
    told("hello, to: kid, after: PT1H", "is sent at once");
}
