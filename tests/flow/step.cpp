#include "catch.hpp"
#include "chart_builder.hpp"

using namespace leat::flow;
using Ids = std::vector<uint32_t>;

namespace {

AskGuard answers(std::vector<Truth> by_guard, const Chart& chart) {
    return [by_guard, &chart](uint32_t number) { return by_guard[chart.transitions[number].guard]; };
}
const AskGuard kNever = [](uint32_t) -> Truth { throw std::logic_error("a guard was asked that is not there"); };

// root{ a, p(parallel){ l{l1,l2,lf}, r{r1,r2,rf} }, c{ c1, c2 }, end }
struct Fixture {
    ChartBuilder b;
    StateId a = b.state("a"), p = b.state("p", 0, StateType::parallel);
    StateId l = b.state("l", p, StateType::compound), l1 = b.state("l1", l), l2 = b.state("l2", l),
            lf = b.state("lf", l, StateType::final);
    StateId r = b.state("r", p, StateType::compound), r1 = b.state("r1", r), r2 = b.state("r2", r),
            rf = b.state("rf", r, StateType::final);
    StateId c = b.state("c", 0, StateType::compound), c1 = b.state("c1", c), c2 = b.state("c2", c);
    StateId end = b.state("end", 0, StateType::final);
    const Chart& chart = b.chart;

    Configuration at(std::vector<StateId> atomic) const {
        Configuration out;
        REQUIRE(restore(chart, atomic, out));
        return out;
    }
    Microstep fire(const Configuration& from, EventId event) const {
        Selection selection = select(chart, from, event, kNever);
        return take(chart, from, selection.transitions);
    }
};

}  // namespace

TEST_CASE("starting enters the first child where none is named, down to atomic states") {
    Fixture f;
    Microstep step = start(f.chart);
    CHECK(step.entered == Ids{0, f.a});
    CHECK(step.configuration == Ids{0, f.a});
    CHECK(step.exited.empty());
    f.b.chart.states[0].initial = f.p;
    CHECK(start(f.chart).entered == Ids{0, f.p, f.l, f.l1, f.r, f.r1});
    f.b.chart.states[0].initial = f.r2;  // deep: the other region starts as it always does
    CHECK(start(f.chart).entered == Ids{0, f.p, f.l, f.l1, f.r, f.r2});
    f.b.chart.states[0].initial = f.end;
    CHECK(start(f.chart).finished);
}

TEST_CASE("a flat transition leaves one state and enters the other") {
    Fixture f;
    uint32_t t = f.b.transition(f.a, 1, {f.end});
    Microstep step = f.fire(f.at({f.a}), 1);
    CHECK(step.exited == Ids{f.a});
    CHECK(step.transitions == Ids{t});
    CHECK(step.entered == Ids{f.end});
    CHECK(step.finished);
    CHECK(step.done.empty());
}

TEST_CASE("entering a parallel state enters all regions, a deep target only replaces its own region's default") {
    Fixture f;
    f.b.transition(f.a, 1, {f.p});
    f.b.transition(f.a, 2, {f.r2});
    f.b.transition(f.a, 3, {f.l2, f.r2});
    CHECK(f.fire(f.at({f.a}), 1).entered == Ids{f.p, f.l, f.l1, f.r, f.r1});
    CHECK(f.fire(f.at({f.a}), 2).entered == Ids{f.p, f.l, f.l1, f.r, f.r2});
    CHECK(f.fire(f.at({f.a}), 3).entered == Ids{f.p, f.l, f.l2, f.r, f.r2});
}

TEST_CASE("leaving a parallel state exits innermost and last first") {
    Fixture f;
    f.b.transition(f.p, 1, {f.a});
    Microstep step = f.fire(f.at({f.l1, f.r2}), 1);
    CHECK(step.exited == Ids{f.r2, f.r, f.l1, f.l, f.p});
    CHECK(step.configuration == Ids{0, f.a});
}

TEST_CASE("regions move independently in one microstep") {
    Fixture f;
    uint32_t tl = f.b.transition(f.l1, 1, {f.l2}), tr = f.b.transition(f.r1, 1, {f.r2});
    Microstep step = f.fire(f.at({f.l1, f.r1}), 1);
    CHECK(step.transitions == Ids{tl, tr});
    CHECK(step.exited == Ids{f.r1, f.l1});
    CHECK(step.entered == Ids{f.l2, f.r2});
}

TEST_CASE("a target in a sibling region leaves and enters the whole parallel state") {
    Fixture f;
    f.b.transition(f.l1, 1, {f.r2});
    Microstep step = f.fire(f.at({f.l2, f.r1}), 1);
    CHECK(step.exited.empty());  // l2 has no such transition
    step = f.fire(f.at({f.l1, f.r1}), 1);
    CHECK(step.exited == Ids{f.r1, f.r, f.l1, f.l, f.p});
    CHECK(step.entered == Ids{f.p, f.l, f.l1, f.r, f.r2});
}

TEST_CASE("preemption: the inner source wins, then document order") {
    Fixture f;
    uint32_t inner = f.b.transition(f.l1, 1, {f.l2}), outer = f.b.transition(f.p, 1, {f.a});
    SECTION("inner over outer, whichever region asked first") {
        CHECK(select(f.chart, f.at({f.l1, f.r1}), 1, kNever).transitions == Ids{inner});
        uint32_t right = f.b.transition(f.r2, 1, {f.r1});
        CHECK(select(f.chart, f.at({f.l2, f.r2}), 1, kNever).transitions == Ids{right});
        CHECK(select(f.chart, f.at({f.l2, f.r1}), 1, kNever).transitions == Ids{outer});
    }
    SECTION("two sources that are not related: the first in document order") {
        uint32_t left = f.b.transition(f.l2, 1, {f.a});
        f.b.transition(f.r2, 1, {f.end});
        CHECK(select(f.chart, f.at({f.l2, f.r2}), 1, kNever).transitions == Ids{left});
    }
    SECTION("targetless transitions conflict with nothing") {
        uint32_t still = f.b.transition(f.r2, 1, {});
        CHECK(select(f.chart, f.at({f.l2, f.r2}), 1, kNever).transitions == Ids{outer, still});
        Microstep step = f.fire(f.at({f.l2, f.r2}), 1);
        CHECK(step.configuration == Ids{0, f.a});
    }
    SECTION("a self-transition that stays inside an atomic state conflicts with nothing and enters nothing") {
        uint32_t self = f.b.transition(f.r2, 1, {f.r2});
        CHECK(select(f.chart, f.at({f.l2, f.r2}), 1, kNever).transitions == Ids{outer, self});
        CHECK(f.fire(f.at({f.l2, f.r2}), 1).configuration == Ids{0, f.a});
    }
}

TEST_CASE("reenter decides whether the source is left for an inner target") {
    Fixture f;
    SECTION("a child, without") {
        f.b.transition(f.c, 1, {f.c2});
        Microstep step = f.fire(f.at({f.c1}), 1);
        CHECK(step.exited == Ids{f.c1});
        CHECK(step.entered == Ids{f.c2});
    }
    SECTION("a child, with") {
        f.b.transition(f.c, 1, {f.c2}, kNone, true);
        Microstep step = f.fire(f.at({f.c1}), 1);
        CHECK(step.exited == Ids{f.c1, f.c});
        CHECK(step.entered == Ids{f.c, f.c2});
    }
    SECTION("itself, compound: without it starts over below") {
        f.b.transition(f.c, 1, {f.c});
        Microstep step = f.fire(f.at({f.c2}), 1);
        CHECK(step.exited == Ids{f.c2});
        CHECK(step.entered == Ids{f.c1});
    }
    SECTION("itself, atomic: without nothing moves, with it is left and entered") {
        uint32_t plain = f.b.transition(f.a, 1, {f.a});
        Microstep step = f.fire(f.at({f.a}), 1);
        CHECK(step.transitions == Ids{plain});
        CHECK(step.exited.empty());
        CHECK(step.entered.empty());
        CHECK(step.configuration == Ids{0, f.a});
        f.b.transition(f.a, 2, {f.a}, kNone, true);
        step = f.fire(f.at({f.a}), 2);
        CHECK(step.exited == Ids{f.a});
        CHECK(step.entered == Ids{f.a});
    }
    SECTION("into a region of a parallel source: all regions start anew, the source stays") {
        f.b.transition(f.p, 1, {f.l2});
        Microstep step = f.fire(f.at({f.l1, f.r2}), 1);
        CHECK(step.exited == Ids{f.r2, f.r, f.l1, f.l});
        CHECK(step.entered == Ids{f.l, f.l2, f.r, f.r1});
    }
}

TEST_CASE("the root's own transitions leave everything but the root") {
    Fixture f;
    f.b.transition(0, 1, {f.c2});
    f.b.transition(0, 2, {f.c2}, kNone, true);
    f.b.transition(0, 3, {});
    for (EventId event : {1u, 2u}) {
        Microstep step = f.fire(f.at({f.l1, f.r1}), event);
        CHECK(step.exited == Ids{f.r1, f.r, f.l1, f.l, f.p});
        CHECK(step.entered == Ids{f.c, f.c2});
        step = f.fire(f.at({f.a}), event);
        CHECK(step.exited == Ids{f.a});
    }
    CHECK(f.fire(f.at({f.a}), 3).configuration == Ids{0, f.a});
}

TEST_CASE("done: a compound with its final child, a parallel state with its last region, also nested") {
    Fixture f;
    f.b.transition(f.l1, 1, {f.lf});
    f.b.transition(f.r1, 2, {f.rf});
    f.b.transition(f.r1, 1, {f.rf});
    Microstep step = f.fire(f.at({f.l1, f.r2}), 1);
    CHECK(step.done == Ids{f.l});
    CHECK_FALSE(step.finished);
    CHECK(f.fire(f.at({f.lf, f.r1}), 2).done == Ids{f.r, f.p});
    CHECK(f.fire(f.at({f.l1, f.r1}), 1).done == Ids{f.l, f.r, f.p});

    ChartBuilder b(StateType::parallel);
    StateId inner = b.state("inner", 0, StateType::parallel);
    StateId x = b.state("x", inner, StateType::compound), x1 = b.state("x1", x),
            xf = b.state("xf", x, StateType::final);
    StateId y = b.state("y", inner, StateType::compound), yf = b.state("yf", y, StateType::final);
    b.transition(x1, 1, {xf});
    Microstep begun = start(b.chart);
    CHECK(begun.configuration == Ids{0, inner, x, x1, y, yf});
    CHECK(begun.done == Ids{y});
    Microstep last = take(b.chart, begun.configuration, select(b.chart, begun.configuration, 1, kNever).transitions);
    CHECK(last.done == Ids{x, inner});
    CHECK(last.finished);
}

TEST_CASE("guards: the first true one, refusals remembered, null stops everything") {
    Fixture f;
    uint32_t first = f.b.transition(f.a, 1, {f.c}, 0), second = f.b.transition(f.a, 1, {f.end}, 1),
             outer = f.b.transition(0, 1, {f.p}, 2);
    auto run = [&](Truth g0, Truth g1, Truth g2) {
        return select(f.chart, f.at({f.a}), 1, answers({g0, g1, g2}, f.chart));
    };
    Selection s = run(Truth::no, Truth::yes, Truth::null);  // what is not asked cannot stop
    CHECK(s.transitions == Ids{second});
    CHECK(s.refused == Ids{first});
    s = run(Truth::no, Truth::no, Truth::yes);
    CHECK(s.transitions == Ids{outer});
    CHECK(s.refused == Ids{first, second});
    s = run(Truth::no, Truth::null, Truth::yes);
    CHECK(s.transitions.empty());
    CHECK(s.null_guard == second);
    CHECK(s.heard);
    s = run(Truth::no, Truth::no, Truth::no);
    CHECK((s.transitions.empty() && s.heard && s.null_guard == kNone));
    CHECK(s.refused == Ids{first, second, outer});
    CHECK_FALSE(select(f.chart, f.at({f.a}), 9, kNever).heard);
}

TEST_CASE("a null guard in one region stops the others, an ancestor's guard is asked once") {
    Fixture f;
    f.b.transition(f.l1, 1, {f.l2});
    uint32_t right = f.b.transition(f.r1, 1, {f.r2}, 0);
    uint32_t outer = f.b.transition(f.p, 2, {f.a}, 0);
    Selection s = select(f.chart, f.at({f.l1, f.r1}), 1, [](uint32_t) { return Truth::null; });
    CHECK(s.transitions.empty());
    CHECK(s.null_guard == right);
    int asked = 0;
    s = select(f.chart, f.at({f.l1, f.r1}), 2, [&](uint32_t) { return ++asked, Truth::no; });
    CHECK(asked == 1);
    CHECK(s.refused == Ids{outer});
    asked = 0;
    s = select(f.chart, f.at({f.l1, f.r1}), 2, [&](uint32_t) { return ++asked, Truth::yes; });
    CHECK(asked == 1);
    CHECK(s.transitions == Ids{outer});
}

TEST_CASE("an event that belongs to one state is heard there and outwards, never by a sibling") {
    Fixture f;
    uint32_t left = f.b.transition(f.l1, 1, {f.lf}), right = f.b.transition(f.r1, 1, {f.rf}),
             outer = f.b.transition(f.p, 2, {f.a});
    CHECK(select_at(f.chart, f.l1, 1, kNever).transitions == Ids{left});
    CHECK(select_at(f.chart, f.r1, 1, kNever).transitions == Ids{right});
    CHECK(select_at(f.chart, f.l1, 2, kNever).transitions == Ids{outer});
    CHECK_FALSE(select_at(f.chart, f.l2, 1, kNever).heard);
}

TEST_CASE("eventless transitions are selected by kNone only") {
    Fixture f;
    uint32_t always = f.b.transition(f.a, kNone, {f.c});
    CHECK(select(f.chart, f.at({f.a}), kNone, kNever).transitions == Ids{always});
    CHECK_FALSE(select(f.chart, f.at({f.a}), 1, kNever).heard);
}

TEST_CASE("what is stored comes back, what does not fit is refused") {
    Fixture f;
    Configuration out;
    CHECK(atomic_states(f.chart, f.at({f.l2, f.rf})) == Ids{f.l2, f.rf});
    CHECK_FALSE(restore(f.chart, std::vector<StateId>{}, out));
    CHECK_FALSE(restore(f.chart, std::vector<StateId>{99}, out));
    CHECK_FALSE(restore(f.chart, std::vector<StateId>{f.c}, out));        // not atomic
    CHECK_FALSE(restore(f.chart, std::vector<StateId>{f.l1}, out));       // a region is missing
    CHECK_FALSE(restore(f.chart, std::vector<StateId>{f.a, f.c1}, out));  // two children of one compound
    CHECK(f.chart.find("r2") == f.r2);
    CHECK(f.chart.find("nowhere") == kNone);
}
