// Random charts and events against a literal transcription of SCXML's Appendix D (ordered sets, no shortcuts). Its
// clauses differ on purpose in: what `reenter` says of inner targets and of a parallel source (unless `strict`),
// history states that count by their place for that, domains that are those of the moment before the step, and parallel
// states that are regions being done too.
#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "catch.hpp"
#include "chart_builder.hpp"

using namespace leat::flow;

namespace {

class Literal {
 public:
    explicit Literal(const Chart& c) : chart(c) {}
    const Chart& chart;
    std::set<StateId> configuration;
    std::map<StateId, std::set<StateId>> history;
    std::vector<StateId> exited, entered, done;
    std::vector<std::pair<StateId, uint32_t>> defaults;  // in the order in which their content runs
    bool finished = false;

    const ChartState& at(StateId s) const { return chart.states[s]; }
    bool compound(StateId s) const { return at(s).type == StateType::compound; }
    bool parallel(StateId s) const { return at(s).type == StateType::parallel; }

    std::vector<StateId> proper_ancestors(StateId state, StateId upto) const {
        std::vector<StateId> list;
        for (StateId p = at(state).parent; p != kNone && p != upto; p = at(p).parent) list.push_back(p);
        return list;
    }
    bool descendant(StateId a, StateId b) const {
        auto list = proper_ancestors(a, kNone);
        return std::find(list.begin(), list.end(), b) != list.end();
    }
    StateId lcca(std::vector<StateId> list) const {
        for (StateId anc : proper_ancestors(list[0], kNone)) {
            if (!compound(anc) && anc != 0) continue;
            if (std::all_of(list.begin() + 1, list.end(), [&](StateId s) { return descendant(s, anc); })) return anc;
        }
        return 0;
    }
    bool is_history(StateId s) const { return at(s).type == StateType::history; }
    std::vector<StateId> effective(const std::vector<StateId>& list) const {
        std::vector<StateId> out;
        for (StateId s : list) {
            if (!is_history(s)) {
                out.push_back(s);
            } else if (auto it = history.find(s); it != history.end()) {
                out.insert(out.end(), it->second.begin(), it->second.end());
            } else {
                auto inner = effective(chart.transitions[at(s).initial_transition].targets);
                out.insert(out.end(), inner.begin(), inner.end());
            }
        }
        return out;
    }
    StateId domain(uint32_t t) const {
        const ChartTransition& tr = chart.transitions[t];
        if (tr.targets.empty()) return kNone;
        std::vector<StateId> targets = effective(tr.targets);
        bool inside = std::all_of(tr.targets.begin(), tr.targets.end(), [&](StateId s) {
            return descendant(s, tr.source) || (!chart.strict && s == tr.source);
        });
        if (!tr.reenter && inside && (!chart.strict || compound(tr.source))) return tr.source;
        std::vector<StateId> list{tr.source};
        list.insert(list.end(), targets.begin(), targets.end());
        return lcca(list);
    }
    std::set<StateId> exit_set(const std::vector<uint32_t>& transitions) const {
        std::set<StateId> out;
        for (uint32_t t : transitions) {
            if (chart.transitions[t].targets.empty()) continue;
            for (StateId s : configuration) {
                if (descendant(s, domain(t))) out.insert(s);
            }
        }
        return out;
    }
    template <class Guard>
    std::vector<uint32_t> select(EventId event, const Guard& guard) const {
        std::vector<uint32_t> enabled;
        for (StateId state : configuration) {
            if (at(state).type != StateType::atomic && at(state).type != StateType::final) continue;
            std::vector<StateId> list{state};
            for (StateId anc : proper_ancestors(state, kNone)) list.push_back(anc);
            bool found = false;
            for (StateId s : list) {
                for (uint32_t t : at(s).transitions) {
                    if (!found && chart.transitions[t].event == event && guard(t)) {
                        found = true;
                        if (std::find(enabled.begin(), enabled.end(), t) == enabled.end()) enabled.push_back(t);
                    }
                }
            }
        }
        std::vector<uint32_t> filtered;
        for (uint32_t t1 : enabled) {
            bool preempted = false;
            std::vector<uint32_t> removed;
            for (uint32_t t2 : filtered) {
                std::set<StateId> e1 = exit_set({t1}), e2 = exit_set({t2});
                if (std::none_of(e1.begin(), e1.end(), [&](StateId s) { return e2.count(s) > 0; })) continue;
                if (descendant(chart.transitions[t1].source, chart.transitions[t2].source)) {
                    removed.push_back(t2);
                } else {
                    preempted = true;
                    break;
                }
            }
            if (preempted) continue;
            for (uint32_t t3 : removed) filtered.erase(std::find(filtered.begin(), filtered.end(), t3));
            filtered.push_back(t1);
        }
        return filtered;
    }
    bool in_final(StateId s) const {
        const auto& children = at(s).children;
        if (compound(s)) {
            return std::any_of(children.begin(), children.end(),
                               [&](StateId c) { return at(c).type == StateType::final && configuration.count(c) > 0; });
        }
        if (parallel(s))
            return std::all_of(children.begin(), children.end(),
                               [&](StateId c) { return is_history(c) || in_final(c); });
        return false;
    }
    void add_descendants(StateId state, std::set<StateId>& enter, bool itself = true) {
        if (is_history(state)) {
            auto known = history.find(state);
            std::vector<StateId> targets;
            if (known != history.end()) {
                targets.assign(known->second.begin(), known->second.end());
            } else {
                default_history[at(state).parent] = at(state).initial_transition;
                targets = chart.transitions[at(state).initial_transition].targets;
            }
            for (StateId s : targets) add_descendants(s, enter);
            for (StateId s : targets) add_ancestors(s, at(state).parent, enter);
            return;
        }
        if (itself) enter.insert(state);
        if (compound(state)) {
            std::vector<StateId> targets;
            if (at(state).initial_transition != kNone) {
                targets = chart.transitions[at(state).initial_transition].targets;
                default_entry.insert(state);
            } else if (at(state).initial != kNone) {
                targets = {at(state).initial};
            } else {
                for (StateId child : at(state).children) {
                    if (is_history(child)) continue;
                    targets = {child};
                    break;
                }
            }
            for (StateId s : targets) add_descendants(s, enter);
            for (StateId s : targets) add_ancestors(s, state, enter);
        } else if (parallel(state)) {
            fill(state, enter);
        }
    }
    void fill(StateId state, std::set<StateId>& enter) {
        for (StateId child : at(state).children) {
            if (is_history(child)) continue;
            bool some =
                std::any_of(enter.begin(), enter.end(), [&](StateId s) { return s == child || descendant(s, child); });
            if (!some) add_descendants(child, enter);
        }
    }
    void add_ancestors(StateId state, StateId ancestor, std::set<StateId>& enter) {
        for (StateId anc : proper_ancestors(state, ancestor)) {
            enter.insert(anc);
            if (parallel(anc)) fill(anc, enter);
        }
    }
    void enter_all(const std::set<StateId>& enter) {
        for (StateId s : enter) {
            configuration.insert(s);
            entered.push_back(s);
            if (default_entry.count(s) > 0) defaults.emplace_back(s, at(s).initial_transition);
            if (auto it = default_history.find(s); it != default_history.end()) defaults.emplace_back(s, it->second);
            if (at(s).type != StateType::final) continue;
            StateId parent = at(s).parent;
            if (parent == 0) {
                finished = true;
                continue;
            }
            done.push_back(parent);
            for (StateId up = at(parent).parent; up != kNone && parallel(up) && in_final(up); up = at(up).parent) {
                done.push_back(up);
            }
        }
    }
    void begin() {
        std::set<StateId> enter;
        add_descendants(0, enter);
        enter_all(enter);
    }
    void take(const std::vector<uint32_t>& transitions) {
        exited.clear(), entered.clear(), done.clear(), defaults.clear(), default_entry.clear(), default_history.clear();
        std::map<uint32_t, StateId> domains;
        for (uint32_t t : transitions) domains[t] = domain(t);
        for (StateId s : exit_set(transitions)) exited.insert(exited.begin(), s);
        for (StateId s : exited) {
            for (StateId h : at(s).children) {
                if (!is_history(h)) continue;
                history[h].clear();
                for (StateId c : configuration) {
                    bool leaf = at(c).type == StateType::atomic || at(c).type == StateType::final;
                    if (at(h).deep ? leaf && descendant(c, s) : at(c).parent == s) history[h].insert(c);
                }
            }
        }
        std::set<StateId> enter;
        for (StateId s : exited) configuration.erase(s);
        for (uint32_t t : transitions) {
            StateId d = domains[t];
            for (StateId s : chart.transitions[t].targets) add_descendants(s, enter, s != d);
            for (StateId s : effective(chart.transitions[t].targets)) {
                if (s == d) continue;
                add_ancestors(s, d, enter);
                if (parallel(d)) fill(d, enter);
            }
        }
        enter_all(enter);
    }

 private:
    std::set<StateId> default_entry;
    std::map<StateId, uint32_t> default_history;
};

class Generator {
 public:
    explicit Generator(uint32_t seed) : random(seed) {}
    Chart chart() {
        ChartBuilder b;
        grow(b, 0, 0);
        for (StateId s = 0; s < b.chart.states.size(); ++s) {
            if (b.chart.states[s].type == StateType::final) continue;
            if (b.chart.states[s].type == StateType::history) continue;
            for (uint32_t n = pick(4); n > 0; --n) add_transition(b, s);
        }
        for (StateId s = 0; s < b.chart.states.size(); ++s) {
            const ChartState& shape = b.chart.states[s];
            if (shape.type == StateType::history) {
                b.chart.states[s].deep = pick(2) == 0;
                b.initial(s, below(b.chart, shape.parent, pick(2) == 0));
            } else if (shape.type == StateType::compound && pick(4) == 0) {
                b.initial(s, below(b.chart, s, true));
            }
        }
        b.chart.strict = pick(2) == 0;
        return std::move(b.chart);
    }
    // Something to begin with in `parent`: a child, deeper where it may be, or one state in each of two regions.
    std::vector<StateId> below(const Chart& chart, StateId parent, bool deep) {
        std::vector<StateId> children;
        for (StateId child : chart.states[parent].children)
            if (chart.states[child].type != StateType::history) children.push_back(child);
        if (chart.states[parent].type == StateType::parallel)
            return {real(chart, children[0]), real(chart, children[1])};
        StateId child = children[pick(static_cast<uint32_t>(children.size()))];
        if (deep && chart.states[child].type == StateType::parallel) return below(chart, child, true);
        return {deep ? real(chart, child) : child};
    }
    StateId real(const Chart& chart, StateId top) {
        for (;;) {
            StateId one = within(chart, top);
            if (chart.states[one].type != StateType::history) return one;
        }
    }
    uint32_t pick(uint32_t below) { return static_cast<uint32_t>(random() % below); }

 private:
    void grow(ChartBuilder& b, StateId parent, int depth) {
        bool regions = b.chart.states[parent].type == StateType::parallel;
        uint32_t count = regions ? 2 + pick(2) : 1 + pick(3);
        for (uint32_t i = 0; i < count; ++i) {
            uint32_t kind = pick(10);
            StateType type = StateType::atomic;
            if (depth < 3 && kind < 3) type = StateType::compound;
            if (depth < 3 && (kind == 3 || kind == 4)) type = StateType::parallel;
            if (!regions && kind > 7) type = StateType::final;
            StateId id = b.state("s" + std::to_string(b.chart.states.size()), parent, type);
            if (type == StateType::compound || type == StateType::parallel) grow(b, id, depth + 1);
        }
        if (parent != 0 && pick(3) == 0) {
            StateId first = b.chart.states[parent].children[0];
            b.state("h" + std::to_string(b.chart.states.size()), parent, StateType::history);
            if (!regions) b.chart.states[parent].initial = first;
        } else if (!regions && pick(3) == 0) {
            StateId first = b.chart.states[parent].children[0];
            auto last = static_cast<StateId>(b.chart.states.size() - 1);
            StateId initial = first + pick(last - first + 1);  // may be deep
            if (b.chart.states[initial].type != StateType::history) b.chart.states[parent].initial = initial;
        }
    }
    void add_transition(ChartBuilder& b, StateId source) {
        auto count = static_cast<uint32_t>(b.chart.states.size());
        std::vector<StateId> targets;
        if (pick(8) != 0) targets.push_back(1 + pick(count - 1));
        if (pick(4) == 0) {  // one target in each of two regions
            for (StateId s = 0; s < count; ++s) {
                const ChartState& shape = b.chart.states[s];
                if (shape.type != StateType::parallel || pick(2) == 0) continue;
                targets = {within(b.chart, shape.children[0]), within(b.chart, shape.children[1])};
            }
        }
        EventId event = pick(5) == 0 ? kNone : pick(3);
        b.transition(source, event, targets, pick(2) == 0 ? kNone : pick(64), pick(3) == 0);
    }
    StateId within(const Chart& chart, StateId top) {
        StateId last = top;
        while (last + 1 < chart.states.size() && chart.states[last + 1].depth > chart.states[top].depth) ++last;
        return top + pick(last - top + 1);
    }
    std::mt19937 random;
};

// The content of initial and history transitions in the order in which it runs: a state's initial one first.
std::vector<std::pair<StateId, uint32_t>> in_entry_order(const Microstep& step) {
    std::vector<std::pair<StateId, uint32_t>> out;
    for (StateId state : step.entered)
        for (const auto& one : step.defaults)
            if (one.first == state) out.push_back(one);
    return out;
}

}  // namespace

TEST_CASE("random charts behave as the W3C's algorithm says") {
    uint32_t seed = GENERATE(1u, 20261121u, 77u);
    CAPTURE(seed);
    size_t moved = 0, parallel_moves = 0, dones = 0, memories = 0;
    for (uint32_t round = 0; round < 600; ++round) {
        CAPTURE(round);
        Generator g(seed + round * 7919);
        Chart chart = g.chart();
        Literal expected(chart);
        expected.begin();
        Microstep step = start(chart);
        REQUIRE(step.entered == expected.entered);
        REQUIRE(step.done == expected.done);
        REQUIRE(in_entry_order(step) == expected.defaults);
        History history;
        Selection selection;
        for (int i = 0; i < 40 && !expected.finished; ++i) {
            EventId event = g.pick(4) == 0 ? kNone : g.pick(3);
            uint64_t truths = uint64_t{g.pick(1u << 16)} * 0x9e3779b97f4a7c15u;
            auto holds = [&](uint32_t t) {
                uint32_t guard = chart.transitions[t].guard;
                return guard == kNone || (truths >> guard & 1) != 0;
            };
            std::vector<uint32_t> literal = expected.select(event, holds);
            Configuration before = step.configuration;
            select(
                chart, before, event, [&](uint32_t t) { return holds(t) ? Truth::yes : Truth::no; }, selection,
                &history);
            REQUIRE(selection.transitions == literal);
            if (literal.empty()) continue;
            expected.take(literal);
            take(chart, before, selection.transitions, step, &history);
            for (const auto& [state, states] : step.remembered) history.put(state, states);
            memories += step.remembered.size();
            REQUIRE(step.exited == expected.exited);
            REQUIRE(step.entered == expected.entered);
            REQUIRE(step.done == expected.done);
            REQUIRE(in_entry_order(step) == expected.defaults);
            REQUIRE(step.finished == expected.finished);
            REQUIRE(step.configuration == Configuration(expected.configuration.begin(), expected.configuration.end()));
            Configuration again;
            REQUIRE(restore(chart, atomic_states(chart, step.configuration), again));
            REQUIRE(again == step.configuration);
            ++moved;
            parallel_moves += literal.size() > 1;
            dones += !step.done.empty();
        }
    }
    CHECK(moved > 1000);  // else the generator has become toothless
    CHECK(parallel_moves > 50);
    CHECK(dones > 50);
    CHECK(memories > 100);
}
