// What a diagram shows, before it is printed in one language or another. Inside this room only.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "diagram/diagram.hpp"

namespace leat::diagram {

// `any` stands for the whole flow where a transition leaves whatever state it is in.
enum class Shape : uint8_t { atomic, compound, parallel, final, history, any };

struct Node {
    std::string id;                  // of letters, digits and '_', unique, for both languages
    std::string title;               // one line
    std::vector<std::string> notes;  // what else stands in the state: approvals, outcomes
    Shape shape = Shape::atomic;
    uint32_t parent = flow::kNone;
    std::vector<uint32_t> children;
    uint32_t initial = flow::kNone;  // of a compound state: where it begins
    bool active = false;
};

struct Edge {
    uint32_t from = 0, to = 0;
    std::string label;
};

// Node 0 is the flow itself. Children come after their parents.
struct Graph {
    std::string title;
    std::vector<Node> nodes;
    std::vector<Edge> edges;
};

Graph graph_of(const program::Program& program, const program::Flow& flow, const Options& options);
std::string mermaid(const Graph& graph, const Options& options);
std::string dot(const Graph& graph, const Options& options);

// Is `node` the same as `ancestor`, or inside it?
bool is_within(const Graph& graph, uint32_t node, uint32_t ancestor);
// The innermost node around both that is neither of them.
uint32_t scope_of(const Graph& graph, uint32_t one, uint32_t other);

}  // namespace leat::diagram
