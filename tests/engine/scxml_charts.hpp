// Random charts with data, internal events, delayed sends and history, and the YAML that says the same.
#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace leat::test {

struct Action {
    enum class Kind : uint8_t { trace, raise, send, cancel, count } kind = Kind::trace;
    std::string text;  // what is traced; the event
    std::string id;    // of a send
    int64_t seconds = 0;
};
using Actions = std::vector<Action>;

struct Guard {
    int divisor = 0, rest = 0;  // n mod divisor = rest; 0: always true
    int in = 0;                 // and in this state; 0: no matter
};

struct Transition {
    int source = 0;
    std::string event;  // a descriptor; "" eventless
    Guard guard;
    std::vector<int> targets;
    bool internal = false;
    Actions actions;
};

enum class Type : uint8_t { atomic, compound, parallel, final, shallow, deep };

struct State {
    int parent = -1;
    Type type = Type::atomic;
    std::vector<int> children;
    std::vector<int> transitions;
    std::vector<int> initial;  // targets; of a history its default
    Actions initial_actions, entry, exit;
};

// State 0 is the document; numbers are in document order.
struct Chart {
    std::vector<State> states;
    std::vector<Transition> transitions;

    bool history(int s) const { return states[at(s)].type == Type::shallow || states[at(s)].type == Type::deep; }
    bool below(int s, int ancestor) const {
        for (int up = states[at(s)].parent; up >= 0; up = states[at(up)].parent)
            if (up == ancestor) return true;
        return false;
    }
    static size_t at(int s) { return static_cast<size_t>(s); }
};

class Generator {
 public:
    explicit Generator(uint32_t seed) : random_(seed) {}

    int roll(int sides) { return static_cast<int>(random_() % static_cast<uint32_t>(sides)); }

    Chart chart() {
        chart_ = {};
        chart_.states.emplace_back();
        chart_.states[0].type = Type::compound;
        children(0, 0, 2 + roll(2));
        add(0, Type::final);
        for (int s = 1; s < count(); ++s) fill(s);
        for (int s = 0; s < count(); ++s) begin(s);
        return chart_;
    }
    std::string event() { return std::string(1, static_cast<char>('a' + roll(4))); }

 private:
    int count() const { return static_cast<int>(chart_.states.size()); }
    State& state(int s) { return chart_.states[Chart::at(s)]; }

    int add(int parent, Type type) {
        State made;
        made.parent = parent;
        made.type = type;
        chart_.states.push_back(made);
        state(parent).children.push_back(count() - 1);
        return count() - 1;
    }
    void children(int parent, int depth, int wanted) {
        bool regions = state(parent).type == Type::parallel;
        for (int i = 0; i < wanted; ++i) {
            int kind = depth >= 3 || count() > 18 ? 0 : roll(5);
            Type type = kind <= 1 ? Type::atomic : kind == 4 && !regions ? Type::parallel : Type::compound;
            if (depth < 2 && i == 0 && depth == 0) type = Type::parallel;
            if (regions && type == Type::atomic && roll(3)) type = Type::compound;
            int child = add(parent, type);
            if (type != Type::atomic) children(child, depth + 1, 2 + roll(2));
        }
        if (parent == 0) return;
        if (!regions && roll(3) == 0) add(parent, Type::final);
        if (roll(2) == 0) add(parent, roll(2) ? Type::shallow : Type::deep);
    }

    // A legal set of targets below `within`: one state, or one in each of some regions.
    std::vector<int> targets(int within) {
        std::vector<int> inside;
        for (int s = 1; s < count(); ++s)
            if (chart_.below(s, within)) inside.push_back(s);
        if (inside.empty()) return {};
        int first = inside[static_cast<size_t>(roll(static_cast<int>(inside.size())))];
        std::vector<int> out{first};
        if (chart_.history(first) || roll(2)) return out;
        for (int up = first; up != within; up = state(up).parent) {
            int parent = state(up).parent;
            if (state(parent).type != Type::parallel || parent == within || !chart_.below(parent, within)) continue;
            for (int region : state(parent).children) {
                if (region == up || chart_.history(region) || roll(2)) continue;
                std::vector<int> deeper{region};
                for (int s = 1; s < count(); ++s)
                    if (chart_.below(s, region) && !chart_.history(s)) deeper.push_back(s);
                out.push_back(deeper[static_cast<size_t>(roll(static_cast<int>(deeper.size())))]);
            }
            break;
        }
        std::sort(out.begin(), out.end());
        return out;
    }
    void begin(int s) {
        State& one = state(s);
        if (chart_.history(s)) {
            // Below the parent; of a shallow one its children. In a parallel parent every region begins by itself.
            std::vector<int> fit;
            for (int child : state(one.parent).children)
                if (!chart_.history(child)) fit.push_back(child);
            one.initial = {fit[static_cast<size_t>(roll(static_cast<int>(fit.size())))]};
            one.initial_actions = actions(2);
            return;
        }
        if (one.type != Type::compound) return;
        std::vector<int> plain;
        for (int child : one.children)
            if (!chart_.history(child)) plain.push_back(child);
        one.initial = {plain.front()};
        if (roll(3) == 0) {
            auto deep = targets(s);
            bool remembers = std::any_of(deep.begin(), deep.end(), [&](int t) { return chart_.history(t); });
            if (!deep.empty() && !remembers) one.initial = deep;
        }
        if (roll(3) == 0) one.initial_actions = actions(2);
    }
    Actions actions(int most) {
        Actions out;
        for (int i = roll(most + 1); i > 0; --i) {
            Action one;
            switch (roll(7)) {
                case 0:
                    one.kind = Action::Kind::raise;
                    one.text = event();
                    break;
                case 1:
                    one.kind = Action::Kind::send;
                    one.text = event();
                    one.seconds = 1 + roll(4);
                    if (roll(2)) one.id = fmt::format("id{}", roll(2));
                    break;
                case 2:
                    one.kind = Action::Kind::cancel;
                    one.id = fmt::format("id{}", roll(2));
                    break;
                case 3:
                    one.kind = Action::Kind::count;
                    break;
                default:
                    one.text = fmt::format("x{}", ++traces_);
            }
            out.push_back(std::move(one));
        }
        return out;
    }
    Guard guard() {
        Guard out;
        if (roll(2)) {
            out.divisor = 2 + roll(2);
            out.rest = roll(out.divisor);
        }
        if (roll(4) == 0) out.in = 1 + roll(count() - 1);
        if (out.in != 0 && chart_.history(out.in)) out.in = 0;
        return out;
    }
    void fill(int s) {
        State& one = state(s);
        if (chart_.history(s)) return;
        one.entry = actions(2);
        one.entry.insert(one.entry.begin(), {Action::Kind::trace, fmt::format("+s{}", s), "", 0});
        one.exit = actions(1);
        one.exit.insert(one.exit.begin(), {Action::Kind::trace, fmt::format("-s{}", s), "", 0});
        if (one.type == Type::final) return;
        for (int i = roll(3); i >= 0; --i) {
            Transition made;
            made.source = s;
            made.event = roll(12) == 0 ? "*" : event();
            made.guard = guard();
            if (one.type != Type::atomic && roll(3) == 0) made.event = fmt::format("done.state.s{}", s);
            if (roll(8) != 0) made.targets = targets(one.type != Type::atomic && roll(3) == 0 ? s : 0);
            // An eventless one would often run for ever: it counts, and stops when the count is no longer even.
            if (roll(8) == 0) {
                made.event.clear();
                made.guard = {5, roll(5), 0};
                made.actions.push_back({Action::Kind::count, "", "", 0});
            }
            made.internal = roll(3) == 0;
            Actions more = actions(2);
            made.actions.insert(made.actions.end(), more.begin(), more.end());
            one.transitions.push_back(static_cast<int>(chart_.transitions.size()));
            chart_.transitions.push_back(std::move(made));
        }
    }

    std::mt19937 random_;
    Chart chart_;
    int traces_ = 0;
};

inline std::string flow_text(const Actions& actions) {
    std::string out;
    for (const Action& one : actions) {
        if (!out.empty()) out += ", ";
        switch (one.kind) {
            case Action::Kind::trace:
                out += fmt::format("{{set: {{trace: '= trace + \"{} \"'}}}}", one.text);
                break;
            case Action::Kind::raise:
                out += fmt::format("{{raise: {}}}", one.text);
                break;
            case Action::Kind::send:
                out += fmt::format("{{send: {}, after: {}s{}}}", one.text, one.seconds,
                                   one.id.empty() ? "" : ", id: " + one.id);
                break;
            case Action::Kind::cancel:
                out += fmt::format("{{cancel_send: {}}}", one.id);
                break;
            case Action::Kind::count:
                out += "{set: {n: = n + 1}}";
        }
    }
    return "[" + out + "]";
}

inline std::string names(const std::vector<int>& states) {
    std::string out;
    for (int one : states) out += fmt::format("{}s{}", out.empty() ? "" : ", ", one);
    return "[" + out + "]";
}

class Yaml {
 public:
    explicit Yaml(const Chart& chart) : chart_(chart) {}
    std::string text() {
        out_ = "leat: 1\napp: charts\nlanguage: en\n---\nflow: main\ndialect: scxml\ndata: {n: \"0\", trace: '\"\"'}\n";
        beginning(chart_.states[0], "");
        out_ += "states:\n";
        for (int child : chart_.states[0].children) state(child, "  ");
        return out_;
    }

 private:
    void beginning(const State& one, const std::string& indent) {
        out_ += fmt::format("{}initial: {{target: {}, do: {}}}\n", indent, names(one.initial),
                            flow_text(one.initial_actions));
    }
    void state(int number, const std::string& indent) {
        const State& one = chart_.states[Chart::at(number)];
        out_ += fmt::format("{}s{}:\n", indent, number);
        std::string in = indent + "  ";
        if (chart_.history(number)) {
            out_ +=
                fmt::format("{}type: history\n{}history: {}\n", in, in, one.type == Type::deep ? "deep" : "shallow");
            return beginning(one, in);
        }
        if (one.type == Type::parallel) out_ += in + "type: parallel\n";
        if (one.type == Type::final) out_ += in + "type: final\n";
        if (one.type == Type::compound) beginning(one, in);
        out_ += fmt::format("{}entry: {}\n{}exit: {}\n", in, flow_text(one.entry), in, flow_text(one.exit));
        for (bool eventless : {false, true}) {
            bool open = false;
            for (int t : one.transitions) {
                const Transition& transition = chart_.transitions[Chart::at(t)];
                if (transition.event.empty() != eventless) continue;
                if (!open) out_ += in + (eventless ? "always:\n" : "on:\n");
                open = true;
                write(transition, in + "  ");
            }
        }
        if (one.children.empty()) return;
        out_ += in + "states:\n";
        for (int child : one.children) state(child, in + "  ");
    }
    void write(const Transition& one, const std::string& indent) {
        std::string parts;
        if (!one.event.empty()) parts += fmt::format("event: \"{}\", ", one.event);
        std::string guard;
        if (one.guard.divisor != 0) guard = fmt::format("modulo(n, {}) = {}", one.guard.divisor, one.guard.rest);
        if (one.guard.in != 0) guard += fmt::format("{}in_state(\"s{}\")", guard.empty() ? "" : " and ", one.guard.in);
        if (!guard.empty()) parts += fmt::format("guard: '{}', ", guard);
        if (!one.targets.empty()) parts += fmt::format("target: {}, ", names(one.targets));
        if (one.internal) parts += "reenter: false, ";
        out_ += fmt::format("{}- {{{}do: {}}}\n", indent, parts, flow_text(one.actions));
    }

    const Chart& chart_;
    std::string out_;
};

}  // namespace leat::test
