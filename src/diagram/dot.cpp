// Graphviz's DOT. A composite state is a cluster; edges cannot end at a cluster, so they end at a node inside it, its
// starting point or an unseen one, and are cut at the cluster's border (lhead, ltail) where they come from outside.
#include <fmt/format.h>

#include "diagram/graph.hpp"

namespace leat::diagram {

namespace {

constexpr std::string_view kActive = "#ffe08a", kPlain = "#ffffff";

// Graphviz reads HTML's entities in every text.
std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (char c : text) {
        if (c == '&') {
            out += "&amp;";
            continue;
        }
        if (c == '"' || c == '\\') out += '\\';
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    return out + '"';
}

// Title and notes on lines of their own.
std::string label_of(const Node& node) {
    std::string text = quoted(node.title);
    text.pop_back();
    for (const std::string& note : node.notes) {
        std::string line = quoted(note);
        text += "\\n" + line.substr(1, line.size() - 2);
    }
    return text + '"';
}

class Printer {
 public:
    explicit Printer(const Graph& graph) : graph_(graph) {}

    std::string run(const Options& options) {
        out_ = fmt::format("digraph {} {{\n", quoted(graph_.title));
        line(1, fmt::format("graph [compound=true, rankdir={}, label={}, labelloc=t, fontsize=16]",
                            options.left_to_right ? "LR" : "TB", quoted(graph_.title)));
        for (std::string_view kind : {"graph", "node", "edge"})
            line(1, fmt::format("{} [fontname=\"Helvetica,Noto Sans CJK SC,sans-serif\"]", kind));
        line(1,
             fmt::format("node [shape=box, style=\"rounded,filled\", fillcolor=\"{}\", color=\"#555555\", fontsize=12]",
                         kPlain));
        line(1, "edge [color=\"#555555\", fontsize=10]");
        content(0, 1);
        for (const Edge& edge : graph_.edges) print(edge);
        out_ += "}\n";
        return std::move(out_);
    }

 private:
    void line(int depth, std::string_view text) {
        out_.append(static_cast<size_t>(depth) * 2, ' ');
        out_ += text;
        out_ += '\n';
    }

    bool is_cluster(uint32_t node) const { return node == 0 || !graph_.nodes[node].children.empty(); }
    std::string point(uint32_t node) const { return quoted(graph_.nodes[node].id + ".point"); }
    std::string cluster(uint32_t node) const { return quoted("cluster_" + graph_.nodes[node].id); }
    std::string end_of(uint32_t node) const { return is_cluster(node) ? point(node) : quoted(graph_.nodes[node].id); }

    // Where an edge that leaves a composite begins: its last state, so that the line does not cross it.
    std::string last_of(uint32_t node) const {
        while (is_cluster(node)) node = graph_.nodes[node].children.back();
        return quoted(graph_.nodes[node].id);
    }

    void content(uint32_t number, int depth) {
        const Node& node = graph_.nodes[number];
        if (node.initial != flow::kNone)
            line(depth, point(number) + " [shape=circle, style=filled, fillcolor=\"#333333\", label=\"\", width=0.15]");
        else
            line(depth, point(number) + " [shape=point, style=invis, width=0.01]");
        for (uint32_t child : node.children) state(child, depth);
        if (node.initial == flow::kNone) return;
        std::string head = is_cluster(node.initial) ? fmt::format(" [lhead={}]", cluster(node.initial)) : "";
        line(depth, fmt::format("{} -> {}{}", point(number), end_of(node.initial), head));
    }

    void state(uint32_t number, int depth) {
        const Node& node = graph_.nodes[number];
        if (is_cluster(number)) {
            line(depth, fmt::format("subgraph {} {{", cluster(number)));
            bool region = graph_.nodes[node.parent].shape == Shape::parallel;
            line(depth + 1, fmt::format("label={}; fontsize=13; labelloc=t; style=\"{}\"; bgcolor=\"{}\"; color=\"{}\"",
                                        label_of(node), region ? "dashed" : "rounded",
                                        node.active ? "#fff6d8" : "#f7f7f7", node.active ? "#b8860b" : "#999999"));
            content(number, depth + 1);
            line(depth, "}");
            return;
        }
        std::string more;
        if (node.shape == Shape::final) more = ", peripheries=2";
        if (node.shape == Shape::history) more = ", shape=circle";
        if (node.shape == Shape::any) more = ", style=\"rounded,dashed\"";
        if (node.active) more += fmt::format(", fillcolor=\"{}\", color=\"#b8860b\", penwidth=2", kActive);
        line(depth, fmt::format("{} [label={}{}]", quoted(node.id), label_of(node), more));
    }

    void print(const Edge& edge) {
        std::string more;
        auto add = [&](std::string text) { more += (more.empty() ? "" : ", ") + text; };
        if (!edge.label.empty()) add("label=" + quoted(edge.label));
        bool leaves = is_cluster(edge.from) && !is_within(graph_, edge.to, edge.from);
        if (leaves) add("ltail=" + cluster(edge.from));
        if (is_cluster(edge.to) && !is_within(graph_, edge.from, edge.to)) add("lhead=" + cluster(edge.to));
        line(1, fmt::format("{} -> {}{}", leaves ? last_of(edge.from) : end_of(edge.from), end_of(edge.to),
                            more.empty() ? "" : fmt::format(" [{}]", more)));
    }

    const Graph& graph_;
    std::string out_;
};

}  // namespace

std::string dot(const Graph& graph, const Options& options) {
    return Printer(graph).run(options);
}

Result<std::string> draw(const program::Program& program, const program::Flow& flow, Format format,
                         const Options& options) {
    Graph graph = graph_of(program, flow, options);
    if (format == Format::mermaid) return mermaid(graph, options);
    std::string text = dot(graph, options);
    if (format == Format::dot) return text;
    return svg_of(text);
}

}  // namespace leat::diagram
