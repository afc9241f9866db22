#include "catch.hpp"
#include "chart_builder.hpp"

using namespace leat::flow;

namespace {
struct Found {
    std::vector<StateId> unreachable, stuck;
    std::vector<uint32_t> dead;
};
Found found(const Chart& chart) {
    Found out;
    for (const Finding& f : verify(chart)) {
        if (f.kind == Finding::Kind::unreachable) out.unreachable.push_back(f.state);
        if (f.kind == Finding::Kind::no_way_out) out.stuck.push_back(f.state);
        if (f.kind == Finding::Kind::never_fires) out.dead.push_back(f.transition);
    }
    return out;
}
using Ids = std::vector<uint32_t>;
}  // namespace

TEST_CASE("unreachable states, also those behind a transition that never fires") {
    ChartBuilder b;
    StateId a = b.state("a"), island = b.state("island"), behind = b.state("behind"),
            end = b.state("end", 0, StateType::final);
    b.transition(a, 1, {end});
    uint32_t dead = b.transition(a, 1, {behind}, 0);
    b.transition(island, 1, {end});
    b.transition(behind, 1, {end});
    Found f = found(b.chart);
    CHECK(f.unreachable == Ids{island, behind});
    CHECK(f.dead == Ids{dead});
    CHECK(f.stuck.empty());
}

TEST_CASE("a guarded transition hides nothing, another event neither") {
    ChartBuilder b;
    StateId a = b.state("a"), x = b.state("x", 0, StateType::final), y = b.state("y", 0, StateType::final);
    b.transition(a, 1, {x}, 0);
    b.transition(a, 1, {y});
    b.transition(a, 2, {x});
    CHECK(verify(b.chart).empty());
}

TEST_CASE("states without a way to an end; an ancestor's transition is one") {
    ChartBuilder b;
    StateId a = b.state("a"), trap = b.state("trap"), loop = b.state("loop");
    StateId c = b.state("c", 0, StateType::compound), c1 = b.state("c1", c), cf = b.state("cf", c, StateType::final);
    StateId end = b.state("end", 0, StateType::final);
    b.transition(a, 1, {trap});
    b.transition(trap, 1, {loop});
    b.transition(loop, 1, {trap});
    b.transition(a, 2, {c});
    b.transition(c1, 1, {cf});
    b.transition(c, 3, {end});
    Found f = found(b.chart);
    CHECK(f.stuck == Ids{trap, loop});
    CHECK(f.unreachable.empty());
    b.transition(0, 4, {end});
    CHECK(verify(b.chart).empty());
}

TEST_CASE("a sibling region may be the way out, and a flow that never ends is not asked") {
    ChartBuilder b;
    StateId p = b.state("p", 0, StateType::parallel);
    StateId l = b.state("l", p, StateType::compound);
    b.state("l1", l);
    StateId r = b.state("r", p, StateType::compound), r1 = b.state("r1", r);
    StateId end = b.state("end", 0, StateType::final);
    b.transition(r1, 1, {end});
    CHECK(verify(b.chart).empty());

    ChartBuilder perpetual;
    StateId on = perpetual.state("on"), off = perpetual.state("off");
    perpetual.transition(on, 1, {off});
    perpetual.transition(off, 1, {on});
    CHECK(verify(perpetual.chart).empty());
}
