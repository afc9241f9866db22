#include "diagram/graph.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "value/value.hpp"

namespace leat::diagram {

namespace {

using flow::StateId;
using flow::StateType;
using program::EventOrigin;
using program::Flow;

// Words that Mermaid's or DOT's grammar knows cannot name a state there.
constexpr std::string_view kReserved[] = {
    "as",     "class", "classdef", "click", "default", "digraph",  "direction", "edge",    "end",
    "fork",   "graph", "hide",     "href",  "join",    "node",     "note",      "state",   "statediagram",
    "strict", "style", "subgraph", "scale", "title",   "acctitle", "choice",    "accdescr"};

bool is_plain(std::string_view name) {
    std::string lower;
    for (char c : name) {
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9');
        if (!letter) return false;
        lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    // "s1" and the like are what other states are called.
    bool numbered = lower.size() > 1 && lower[0] == 's' &&
                    std::all_of(lower.begin() + 1, lower.end(), [](char c) { return c >= '0' && c <= '9'; });
    return !name.empty() && !numbered &&
           std::find(std::begin(kReserved), std::end(kReserved), lower) == std::end(kReserved);
}

class Drawing {
 public:
    Drawing(const program::Program& program, const Flow& flow, const Options& options)
        : program_(program), flow_(flow), options_(options) {}

    Graph run() {
        graph_.title = titled(flow_.title, flow_.name);
        node_of_.assign(flow_.chart.states.size(), 0);
        for (StateId state = 0; state < flow_.chart.states.size(); ++state) add_node(state);
        for (StateId state : options_.active) {
            if (state < node_of_.size() && state != 0) graph_.nodes[node_of_[state]].active = true;
        }
        for (StateId state = 0; state < flow_.chart.states.size(); ++state) add_edges(state);
        return std::move(graph_);
    }

 private:
    const std::string& language() const { return options_.language.empty() ? program_.language : options_.language; }
    std::string titled(const program::Titles& title, const std::string& name) const {
        std::string_view text = title.in(language());
        return text.empty() ? name : std::string(text);
    }

    // The states NAME.pending and NAME.approved, which an approval's own ending brings: nobody wrote them.
    bool is_made(StateId state) const {
        return state != 0 && flow_.chart.states[state].name.find('.') != std::string::npos;
    }

    void add_node(StateId state) {
        const flow::ChartState& shape = flow_.chart.states[state];
        if (is_made(state)) {
            node_of_[state] = node_of_[shape.parent];
            return;
        }
        auto number = static_cast<uint32_t>(graph_.nodes.size());
        node_of_[state] = number;
        Node node;
        node.id = is_plain(shape.name) ? shape.name : fmt::format("s{}", state);
        node.title = titled(flow_.states[state].title, shape.name);
        if (shape.type == StateType::history) node.title = shape.deep ? "H*" : "H";
        node.shape = shape_of(state);
        notes(flow_.states[state], node.notes);
        if (state != 0) {
            node.parent = node_of_[shape.parent];
            graph_.nodes[node.parent].children.push_back(number);
        }
        graph_.nodes.push_back(std::move(node));
    }

    Shape shape_of(StateId state) const {
        const flow::ChartState& shape = flow_.chart.states[state];
        switch (shape.type) {
            case StateType::parallel:
                return Shape::parallel;
            case StateType::final:
                return Shape::final;
            case StateType::history:
                return Shape::history;
            case StateType::compound:
                return is_made(shape.children.front()) ? Shape::atomic : Shape::compound;
            default:
                return Shape::atomic;
        }
    }

    void notes(const program::StatePart& part, std::vector<std::string>& out) const {
        if (!part.outcome.empty()) out.push_back("outcome: " + part.outcome);
        if (!part.approval) return;
        std::string who;
        for (auto role : part.approval->roles) {
            const program::Role& one = program_.roles[role];
            who += (who.empty() ? "" : ", ") + titled(one.title, one.name);
        }
        for (const auto* expression : {&part.approval->role, &part.approval->users, &part.approval->manager_of}) {
            if (*expression) who += (who.empty() ? "" : ", ") + (*expression)->source().text;
        }
        out.push_back("approve: " + who);
    }

    void add_edges(StateId state) {
        const flow::ChartState& shape = flow_.chart.states[state];
        if (is_made(state)) return;
        Node& node = graph_.nodes[node_of_[state]];
        StateId first = shape.initial;
        if (shape.initial_transition != flow::kNone)
            first = flow_.chart.transitions[shape.initial_transition].targets.front();
        if (node.shape == Shape::compound)
            node.initial = node_of_[first == flow::kNone ? shape.children.front() : first];
        // Where history leads that has nothing to remember.
        if (node.shape == Shape::history && first != flow::kNone) {
            for (StateId target : flow_.chart.transitions[shape.initial_transition].targets)
                add_edge(node_of_[state], node_of_[target], "");
        }
        for (uint32_t number : shape.transitions) add_transition(state, number);
    }

    void add_transition(StateId state, uint32_t number) {
        const flow::ChartTransition& transition = flow_.chart.transitions[number];
        uint32_t from = state == 0 ? any_node() : node_of_[state];
        std::string text = label(transition);
        if (transition.targets.empty()) add_edge(from, from, text + " (stays)");
        for (StateId target : transition.targets) add_edge(from, node_of_[target], text);
    }

    uint32_t any_node() {
        if (any_ == flow::kNone) {
            any_ = static_cast<uint32_t>(graph_.nodes.size());
            Node node;
            node.id = "s0";
            node.title = language() == "zh" ? "任意状态" : "any state";
            node.shape = Shape::any;
            node.parent = 0;
            graph_.nodes[0].children.push_back(any_);
            graph_.nodes.push_back(std::move(node));
        }
        return any_;
    }

    // The copies of a transition that several approvals reach look the same: one is drawn.
    void add_edge(uint32_t from, uint32_t to, std::string text) {
        auto same = [&](const Edge& edge) { return edge.from == from && edge.to == to && edge.label == text; };
        if (std::none_of(graph_.edges.begin(), graph_.edges.end(), same)) graph_.edges.push_back({from, to, text});
    }

    std::string label(const flow::ChartTransition& transition) const {
        std::string text = transition.event == flow::kNone ? "" : event_text(transition.event);
        for (flow::EventId more : transition.also) text += ", " + event_text(more);
        const auto& guard = flow_.transitions[transition.number].guard;
        if (guard && options_.guards) text += fmt::format("{}[{}]", text.empty() ? "" : " ", guard->source().text);
        return text;
    }

    // What is invoked: a flow by its title, or an operation.
    std::string invoked(const program::Invoke& one) const {
        if (one.flow == program::kNone) return program_.operations[one.operation].name;
        return titled(program_.flows[one.flow].title, program_.flows[one.flow].name);
    }

    std::string event_text(flow::EventId number) const {
        const program::Event& event = flow_.events[number];
        for (const program::Invoke& one : flow_.invokes) {
            if (one.done == number || one.error == number)
                return invoked(one) + (one.done == number ? " done" : " failed");
        }
        if (event.origin != EventOrigin::timer) return titled(event.title, event.name);
        auto timer = std::find_if(flow_.timers.begin(), flow_.timers.end(),
                                  [&](const program::Timer& one) { return one.event == number; });
        std::string when;
        if (timer != flow_.timers.end()) {
            when = timer->at ? "at " + timer->at->source().text : timer->wait.text;
            const std::string& repeat = timer->repeat.text;
            if (!timer->at && when == repeat && !repeat.empty()) {
                when = "every " + repeat;
            } else if (!repeat.empty()) {
                when += ", every " + repeat;
            }
        }
        if (when.empty() || when == event.name) return "after " + event.name;
        return fmt::format("after {}: {}", event.name, when);
    }

    const program::Program& program_;
    const Flow& flow_;
    const Options& options_;
    Graph graph_;
    std::vector<uint32_t> node_of_;  // by state
    uint32_t any_ = flow::kNone;
};

}  // namespace

Graph graph_of(const program::Program& program, const program::Flow& flow, const Options& options) {
    return Drawing(program, flow, options).run();
}

bool is_within(const Graph& graph, uint32_t node, uint32_t ancestor) {
    while (node != flow::kNone && node != ancestor) node = graph.nodes[node].parent;
    return node == ancestor;
}

uint32_t scope_of(const Graph& graph, uint32_t one, uint32_t other) {
    uint32_t scope = graph.nodes[one].parent;
    while (scope != 0 && (scope == other || !is_within(graph, other, scope))) scope = graph.nodes[scope].parent;
    return scope;
}

}  // namespace leat::diagram
