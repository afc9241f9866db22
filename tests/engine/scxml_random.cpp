// Random charts with data, internal events, delayed sends and history, run by the engine through their YAML and by a
// plain interpreter that follows SCXML's Appendix D word by word: both must leave the same trace.
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <iostream>
#include <map>
#include <random>
#include <set>

#include "engine/reading.hpp"
#include "engine/scxml_charts.hpp"
#include "engine/timed.hpp"

using namespace leat;
using namespace leat::test;

namespace {

class Interpreter {
 public:
    explicit Interpreter(const Chart& chart) : chart_(chart) {}

    std::set<int> configuration;
    std::map<int, std::set<int>> remembered;
    std::string trace;
    int n = 0;
    bool running = true;
    int microsteps = 0;
    struct Pending {
        int64_t due = 0;
        std::string event, id;
    };
    bool restless() const { return microsteps > 300; }  // such a chart is left alone
    std::vector<Pending> pending;                       // in the order in which they were sent
    int64_t now = 0;

    void start() {
        enter_states({}, true);
        rest();
    }
    void event(const std::string& name) {
        if (!running) return;
        microstep(select(name));
        rest();
    }
    void advance(int64_t seconds) {
        int64_t end = now + seconds;
        for (;;) {
            auto first = std::min_element(pending.begin(), pending.end(),
                                          [](const Pending& a, const Pending& b) { return a.due < b.due; });
            if (!running || first == pending.end() || first->due > end) break;
            now = std::max(now, first->due);
            std::string name = first->event;
            pending.erase(first);
            event(name);
        }
        now = end;
    }

 private:
    const State& at(int s) const { return chart_.states[Chart::at(s)]; }
    bool atomic(int s) const { return at(s).type == Type::atomic || at(s).type == Type::final; }

    void run(const Actions& actions) {
        for (const Action& one : actions) {
            switch (one.kind) {
                case Action::Kind::trace:
                    trace += one.text + " ";
                    break;
                case Action::Kind::raise:
                    internal_.push_back(one.text);
                    break;
                case Action::Kind::send:
                    pending.push_back({now + one.seconds, one.text, one.id});
                    break;
                case Action::Kind::cancel:
                    std::erase_if(pending, [&](const Pending& sent) { return sent.id == one.id; });
                    break;
                case Action::Kind::count:
                    ++n;
            }
        }
    }

    void rest() {
        while (running) {
            if (restless()) return;
            auto enabled = select("");
            if (enabled.empty()) {
                if (internal_.empty()) return;
                std::string name = internal_.front();
                internal_.pop_front();
                enabled = select(name);
            }
            if (!enabled.empty()) microstep(enabled);
        }
        // exitInterpreter
        for (auto s = configuration.rbegin(); s != configuration.rend(); ++s) run(at(*s).exit);
    }

    bool matches(const std::string& descriptor, const std::string& event) const {
        if (event.empty() || descriptor.empty()) return event.empty() && descriptor.empty();
        return descriptor == "*" || descriptor == event || event.rfind(descriptor + ".", 0) == 0;
    }
    bool holds(const Guard& guard) const {
        return (guard.divisor == 0 || n % guard.divisor == guard.rest) &&
               (guard.in == 0 || configuration.count(guard.in) > 0);
    }
    std::vector<int> select(const std::string& event) {
        std::vector<int> enabled;
        for (int s : configuration) {
            if (!atomic(s)) continue;
            bool found = false;
            for (int up = s; up > 0 && !found; up = at(up).parent) {
                for (int t : at(up).transitions) {
                    const Transition& one = chart_.transitions[Chart::at(t)];
                    if (!matches(one.event, event) || !holds(one.guard)) continue;
                    if (std::find(enabled.begin(), enabled.end(), t) == enabled.end()) enabled.push_back(t);
                    found = true;
                    break;
                }
            }
        }
        std::vector<int> filtered;
        for (int t1 : enabled) {
            bool preempted = false;
            std::vector<int> remove;
            for (int t2 : filtered) {
                auto a = exit_set({t1}), b = exit_set({t2});
                bool meet = std::any_of(a.begin(), a.end(), [&](int s) { return b.count(s) > 0; });
                if (!meet) continue;
                int s1 = chart_.transitions[Chart::at(t1)].source, s2 = chart_.transitions[Chart::at(t2)].source;
                if (chart_.below(s1, s2)) {
                    remove.push_back(t2);
                } else {
                    preempted = true;
                    break;
                }
            }
            if (preempted) continue;
            std::erase_if(filtered, [&](int t) { return std::find(remove.begin(), remove.end(), t) != remove.end(); });
            filtered.push_back(t1);
        }
        return filtered;
    }

    std::set<int> effective(const std::vector<int>& targets) const {
        std::set<int> out;
        for (int s : targets) {
            if (!chart_.history(s)) {
                out.insert(s);
            } else if (auto it = remembered.find(s); it != remembered.end()) {
                out.insert(it->second.begin(), it->second.end());
            } else {
                auto inner = effective(at(s).initial);
                out.insert(inner.begin(), inner.end());
            }
        }
        return out;
    }
    int domain(const Transition& one) const {
        auto targets = effective(one.targets);
        if (targets.empty()) return -1;
        // A history state counts by its own place for this: one outside of the source may remember what is in it, which
        // Appendix D would enter without having left it.
        bool inside =
            std::all_of(one.targets.begin(), one.targets.end(), [&](int s) { return chart_.below(s, one.source); });
        if (one.internal && at(one.source).type == Type::compound && inside) return one.source;
        for (int up = at(one.source).parent; up >= 0; up = at(up).parent) {
            if (at(up).type != Type::compound) continue;
            if (std::all_of(targets.begin(), targets.end(), [&](int s) { return chart_.below(s, up); })) return up;
        }
        return 0;
    }
    std::set<int> exit_set(const std::vector<int>& transitions) const {
        std::set<int> out;
        for (int t : transitions) {
            const Transition& one = chart_.transitions[Chart::at(t)];
            int within = domain(one);
            if (within < 0) continue;
            for (int s : configuration)
                if (chart_.below(s, within)) out.insert(s);
        }
        return out;
    }

    void microstep(const std::vector<int>& transitions) {
        if (transitions.empty()) return;
        ++microsteps;
        // As of now: what is remembered by leaving says where to go, not how far out.
        domains_.clear();
        for (int t : transitions) domains_[t] = domain(chart_.transitions[Chart::at(t)]);
        auto exits = exit_set(transitions);
        for (auto s = exits.rbegin(); s != exits.rend(); ++s) {
            for (int child : at(*s).children) {
                if (!chart_.history(child)) continue;
                std::set<int> kept;
                for (int active : configuration) {
                    bool wanted = at(child).type == Type::deep ? atomic(active) && chart_.below(active, *s)
                                                               : at(active).parent == *s;
                    if (wanted) kept.insert(active);
                }
                remembered[child] = kept;
            }
        }
        for (auto s = exits.rbegin(); s != exits.rend(); ++s) {
            run(at(*s).exit);
            configuration.erase(*s);
        }
        for (int t : transitions) run(chart_.transitions[Chart::at(t)].actions);
        enter_states(transitions, false);
    }

    void enter_states(const std::vector<int>& transitions, bool first) {
        to_enter_.clear();
        default_entry_.clear();
        history_content_.clear();
        if (first) {
            for (int s : at(0).initial) add_descendants(s);
            for (int s : at(0).initial) add_ancestors(s, 0);
            run(at(0).initial_actions);
        }
        for (int t : transitions) {
            const Transition& one = chart_.transitions[Chart::at(t)];
            int within = domains_[t];
            for (int s : one.targets) add_descendants(s);
            for (int s : effective(one.targets)) add_ancestors(s, within);
        }
        for (int s : to_enter_) {
            configuration.insert(s);
            run(at(s).entry);
            if (default_entry_.count(s)) run(at(s).initial_actions);
            if (auto content = history_content_.find(s); content != history_content_.end())
                run(at(content->second).initial_actions);
            if (at(s).type != Type::final) continue;
            int parent = at(s).parent;
            if (parent == 0) {
                running = false;
                continue;
            }
            internal_.push_back(fmt::format("done.state.s{}", parent));
            int above = at(parent).parent;
            if (at(above).type == Type::parallel && in_final(above))
                internal_.push_back(fmt::format("done.state.s{}", above));
        }
        // History may bring content to a parent that is not entered anew.
        for (const auto& [parent, history] : history_content_)
            if (!to_enter_.count(parent)) run(at(history).initial_actions);
    }
    bool in_final(int s) const {
        const State& one = at(s);
        if (one.type == Type::compound)
            return std::any_of(one.children.begin(), one.children.end(), [&](int child) {
                return at(child).type == Type::final && configuration.count(child) > 0;
            });
        if (one.type != Type::parallel) return false;
        return std::all_of(one.children.begin(), one.children.end(),
                           [&](int child) { return chart_.history(child) || in_final(child); });
    }

    void add_regions(int s) {
        for (int child : at(s).children) {
            if (chart_.history(child)) continue;
            bool inside = std::any_of(to_enter_.begin(), to_enter_.end(),
                                      [&](int one) { return one == child || chart_.below(one, child); });
            if (!inside) add_descendants(child);
        }
    }
    void add_descendants(int s) {
        if (chart_.history(s)) {
            if (auto it = remembered.find(s); it != remembered.end()) {
                for (int one : it->second) add_descendants(one);
                for (int one : it->second) add_ancestors(one, at(s).parent);
            } else {
                history_content_[at(s).parent] = s;
                for (int one : at(s).initial) add_descendants(one);
                for (int one : at(s).initial) add_ancestors(one, at(s).parent);
            }
            return;
        }
        to_enter_.insert(s);
        if (at(s).type == Type::compound) {
            default_entry_.insert(s);
            for (int one : at(s).initial) add_descendants(one);
            for (int one : at(s).initial) add_ancestors(one, s);
        } else if (at(s).type == Type::parallel) {
            add_regions(s);
        }
    }
    void add_ancestors(int s, int ancestor) {
        for (int up = at(s).parent; up > 0 && up != ancestor; up = at(up).parent) {
            to_enter_.insert(up);
            if (at(up).type == Type::parallel) add_regions(up);
        }
    }

    const Chart& chart_;
    std::deque<std::string> internal_;
    std::set<int> to_enter_, default_entry_;
    std::map<int, int> history_content_;  // by the parent
    std::map<int, int> domains_;          // by the transition
};

}  // namespace

TEST_CASE("random charts leave the trace that Appendix D leaves") {
    const uint32_t seed = std::random_device{}();
    std::cout << "scxml_random seed " << seed << "\n";
    CAPTURE(seed);
    int moved = 0, later = 0, ended = 0, memories = 0;
    for (uint32_t round = 0; round < 120; ++round) {
        Generator generator(seed + round);
        Chart chart = generator.chart();
        std::string yaml = Yaml(chart).text();
        Interpreter expected(chart);
        expected.start();
        if (expected.restless()) continue;
        Timed s(yaml);
        auto created = s.system->create("main", "{}");
        INFO("round " << round << "\n" << yaml);
        std::string key = Fixture::done(std::move(created)).key;
        std::string history = "created";
        auto same = [&] {
            INFO(history);
            std::string data;
            auto read = s.system->read([&](engine::Reading& view) -> Result<void> {
                LEAT_TRY(record::Row * row, view.target("main", key));
                data = row->fields[view.program().find_flow("main")->data_field].as_string();
                return {};
            });
            REQUIRE(read);
            INFO(data);
            CAPTURE(expected.trace, expected.n);
            CHECK(data.find("\"" + expected.trace + "\"") != std::string::npos);
            return data.find("\"" + expected.trace + "\"") != std::string::npos;
        };
        REQUIRE(same());
        for (int step = 0; step < 12 && expected.running; ++step) {
            if (generator.roll(3) == 0) {
                int64_t seconds = 1 + generator.roll(3);
                history += fmt::format(", {} s", seconds);
                size_t before = expected.pending.size();
                expected.advance(seconds);
                if (expected.restless()) break;
                later += expected.pending.size() != before;
                for (int64_t i = 0; i < seconds; ++i) s.after(kSecond);
            } else {
                std::string event = generator.event();
                history += ", " + event;
                expected.event(event);
                if (expected.restless()) break;
                auto sent = s.system->send("main", key, event, "{}");
                if (!sent) FAIL(describe(sent.error()));
            }
            REQUIRE(same());
        }
        moved += expected.microsteps;
        ended += !expected.running;
        memories += !expected.remembered.empty();
    }
    CHECK(moved > 100);
    CHECK(later > 5);
    CHECK(ended > 1);
    CHECK(memories > 5);
}
