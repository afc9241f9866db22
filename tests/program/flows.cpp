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
