// Mermaid's state diagrams, version 2. A composite state holds its children; a transition stands in the innermost
// composite that holds both its ends, because Mermaid draws each composite by itself.
#include <fmt/format.h>

#include "diagram/graph.hpp"

namespace leat::diagram {

namespace {

// Characters that mean something to Mermaid's lexer or to the HTML that it makes are written as its entities.
std::string escaped(std::string_view text) {
    std::string out;
    for (char c : text) {
        switch (c) {
            case '\n':
            case '\r':
            case '\t':
                out += ' ';
                break;
            case '"':
                out += "#quot;";
                break;
            case '<':
                out += "#lt;";
                break;
            case '>':
                out += "#gt;";
                break;
            case '&':
                out += "#amp;";
                break;
            case '#':
            case ';':
            case ':':
            case '{':
            case '}':
            case '\\':
            case '%':
                out += fmt::format("#{};", static_cast<int>(c));
                break;
            default:
                out += c;
        }
    }
    return out;
}

class Printer {
 public:
    explicit Printer(const Graph& graph) : graph_(graph) {
        inner_.resize(graph.nodes.size());
        for (uint32_t i = 0; i < graph.edges.size(); ++i) {
            const Edge& edge = graph.edges[i];
            uint32_t scope = scope_of(graph, edge.from, edge.to);
            // A parallel state's regions are drawn apart: nothing can stand beside them.
            while (graph.nodes[scope].shape == Shape::parallel) scope = graph.nodes[scope].parent;
            inner_[scope].push_back(i);
        }
    }

    std::string run(const Options& options) {
        out_ = "---\ntitle: \"" + quoted(graph_.title) + "\"\n---\nstateDiagram-v2\n";
        if (options.left_to_right) out_ += "    direction LR\n";
        content(0, 1);
        highlight();
        return std::move(out_);
    }

 private:
    static std::string quoted(std::string_view text) {
        std::string out;
        for (char c : text) {
            if (c == '"' || c == '\\') out += '\\';
            out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
        }
        return out;
    }

    void line(int depth, std::string_view text) {
        out_.append(static_cast<size_t>(depth) * 4, ' ');
        out_ += text;
        out_ += '\n';
    }

    void content(uint32_t number, int depth) {
        const Node& node = graph_.nodes[number];
        bool first = true;
        for (uint32_t child : node.children) {
            if (node.shape == Shape::parallel && !first) line(depth, "--");
            first = false;
            state(child, depth);
        }
        if (node.initial != flow::kNone) line(depth, "[*] --> " + graph_.nodes[node.initial].id);
        for (uint32_t i : inner_[number]) edge(graph_.edges[i], depth);
        for (uint32_t child : node.children) {
            if (graph_.nodes[child].shape == Shape::final) line(depth, graph_.nodes[child].id + " --> [*]");
        }
    }

    void state(uint32_t number, int depth) {
        const Node& node = graph_.nodes[number];
        std::string title = escaped(node.title);
        for (const std::string& note : node.notes) title += "<br/>" + escaped(note);
        if (node.children.empty()) {
            line(depth, fmt::format("state \"{}\" as {}", title, node.id));
            return;
        }
        line(depth, fmt::format("state \"{}\" as {} {{", title, node.id));
        content(number, depth + 1);
        line(depth, "}");
    }

    void edge(const Edge& edge, int depth) {
        std::string text = fmt::format("{} --> {}", graph_.nodes[edge.from].id, graph_.nodes[edge.to].id);
        if (!edge.label.empty()) text += " : " + escaped(edge.label);
        line(depth, text);
    }

    void highlight() {
        std::string names;
        for (const Node& node : graph_.nodes) {
            if (node.active) names += (names.empty() ? "" : ",") + node.id;
        }
        if (names.empty()) return;
        line(1, "classDef active fill:#ffe08a,stroke:#b8860b,stroke-width:2px");
        line(1, "class " + names + " active");
    }

    const Graph& graph_;
    std::vector<std::vector<uint32_t>> inner_;  // edges by the composite that they stand in
    std::string out_;
};

}  // namespace

std::string mermaid(const Graph& graph, const Options& options) {
    return Printer(graph).run(options);
}

}  // namespace leat::diagram
