#include "feel/parts.hpp"

#include <algorithm>

#include "feel/functions.hpp"
#include "feel/parts_tree.hpp"

namespace leat::feel {

using ast::Node;
using ast::NodeKind;

namespace {

class PartBuilder {
 public:
    PartBuilder(const Scope& scope, const CompileOptions& options, Diagnostics& diagnostics, Tree& tree, Text& source)
        : scope_(scope), options_(options), diagnostics_(diagnostics), tree_(tree), source_(source) {}

    Node* build(const Part& part) {
        if (++depth_ > options_.limits.depth_max) {
            fail("feel.limit", part, "boxed expressions nest too deeply",
                 "make a decision or a function of the inner ones");
            return nullptr;
        }
        Node* node = bare(part);
        depth_--;
        if (!node || !part.type || part.type->kind == TypeKind::any) return node;
        Node* coerce = make(NodeKind::coerce, part, {node});
        coerce->begin = node->begin;
        coerce->end = node->end;
        coerce->declared = part.type;
        return coerce;
    }

 private:
    enum class Piece { expression, domain };

    void fail(const char* code, const Part& part, std::string message, std::string hint = {}) {
        diagnostics_.error(code, part.span, std::move(message), std::move(hint));
    }
    Node* make(NodeKind kind, const Part&, std::vector<Node*> children) {
        uint32_t begin =
            children.empty() || !children[0] ? static_cast<uint32_t>(source_.text.size()) : children.front()->begin;
        uint32_t end = children.empty() || !children.back() ? begin : children.back()->end;
        Node* node = tree_.make(kind, begin, std::max(begin, end));
        for (const Node* child : children) {
            if (child) node->height = std::max<uint16_t>(node->height, static_cast<uint16_t>(child->height + 1));
        }
        node->children.assign(children);
        return node;
    }
    std::vector<std::string_view> kept(const std::vector<std::string>& names) {
        std::vector<std::string_view> out;
        for (const std::string& name : names) out.push_back(tree_.keep(name));
        return out;
    }
    Node* null(const Part& part) {
        Node* node = make(NodeKind::literal, part, {});
        node->constant = Value();
        return node;
    }

    // A text, parsed with the names that the boxes around it bring; its places move to where it stands in `source`.
    Node* parse(const Text& text, Piece piece = Piece::expression) {
        const Node* before = tree_.mark();
        Parser parser(text, scope_, options_.limits, options_.lenient, diagnostics_, tree_);
        for (const std::string& name : names_) parser.declare(name);
        Node* node = piece == Piece::domain ? parser.parse_domain() : parser.parse();
        auto offset = static_cast<uint32_t>(source_.text.size());
        tree_.each_since(before, [&](Node& made) {
            made.begin += offset;
            made.end += offset;
        });
        append(text);
        return node;
    }
    void append(const Text& text) {
        auto offset = static_cast<uint32_t>(source_.text.size());
        if (offset == 0) source_.span = text.span;
        for (uint32_t escape : text.escapes) source_.escapes.push_back(offset + escape);
        size_t lines = static_cast<size_t>(std::count(text.text.begin(), text.text.end(), '\n')) + 1;
        for (size_t i = 0; i < lines; i++) {
            bool known = i < text.line_starts.size();
            source_.line_starts.push_back(
                known ? text.line_starts[i] : (text.line_starts.empty() ? text.span.begin : text.line_starts.back()));
        }
        source_.text += text.text + "\n";
    }

    // The children of one kind of box; a child that has errors makes the whole nothing, once all are read.
    bool build_all(const std::vector<Part>& parts, std::vector<Node*>& out) {
        bool ok = true;
        for (const Part& part : parts) {
            out.push_back(build(part));
            ok = ok && out.back();
        }
        return ok;
    }

    Node* bare(const Part& part) {
        std::vector<Node*> children;
        switch (part.kind) {
            case Part::Kind::nothing:
                return null(part);
            case Part::Kind::expression:
                return parse(part.text);
            case Part::Kind::context:
                return context(part);
            case Part::Kind::list:
                return build_all(part.children, children) ? make(NodeKind::list, part, std::move(children)) : nullptr;
            case Part::Kind::invocation:
                return invocation(part);
            case Part::Kind::function:
                return function(part);
            case Part::Kind::conditional:
                return build_all(part.children, children) ? strict(make(NodeKind::if_else, part, std::move(children)))
                                                          : nullptr;
            case Part::Kind::filter:
                return filter(part);
            case Part::Kind::for_each:
                return iteration(part, NodeKind::for_each);
            case Part::Kind::some:
                return iteration(part, NodeKind::some);
            case Part::Kind::every:
                return iteration(part, NodeKind::every);
            case Part::Kind::embedded: {
                Node* node = make(NodeKind::embedded, part, {});
                node->index = part.embedded;
                return node;
            }
        }
        return nullptr;
    }

    Node* context(const Part& part) {
        size_t outer = names_.size();
        std::vector<Node*> children;
        bool ok = true;
        for (size_t i = 0; i < part.children.size(); i++) {
            children.push_back(build(part.children[i]));
            ok = ok && children.back();
            names_.push_back(part.names[i]);
        }
        names_.resize(outer);
        if (!ok) return nullptr;
        for (size_t i = 0; i < part.names.size(); i++) {
            if (std::find(part.names.begin(), part.names.begin() + static_cast<ptrdiff_t>(i), part.names[i]) ==
                part.names.begin() + static_cast<ptrdiff_t>(i))
                continue;
            fail("feel.context.twice", part.children[i], "the entry '" + part.names[i] + "' is there twice");
            return nullptr;
        }
        Node* node = make(NodeKind::context, part, std::move(children));
        node->names.assign(kept(part.names));
        return node;
    }

    Node* invocation(const Part& part) {
        Node* callee = parse(part.text);
        std::vector<Node*> children{callee};
        if (!build_all(part.children, children) || !callee) return nullptr;
        // A built-in's name alone has no value: the call names it.
        bool builtin = callee->kind == NodeKind::name && find_builtin(callee->text) >= 0 && !scope_.find(callee->text);
        if (builtin) children.erase(children.begin());
        Node* node = make(NodeKind::call, part, std::move(children));
        node->begin = callee->begin;
        node->end = std::max(node->end, callee->end);
        if (builtin) node->text = callee->text;
        node->argument_names.assign(kept(part.names));
        return node;
    }

    Node* function(const Part& part) {
        size_t outer = names_.size();
        names_.insert(names_.end(), part.names.begin(), part.names.end());
        Node* body = build(part.children[0]);
        names_.resize(outer);
        if (!body) return nullptr;
        Node* node = make(NodeKind::function_definition, part, {body});
        node->names.assign(kept(part.names));
        node->argument_names.resize(part.names.size());
        node->parameter_types.assign(part.types);
        node->parameter_types.resize(part.names.size(), nullptr);
        return node;
    }

    Node* filter(const Part& part) {
        Node* list = build(part.children[0]);
        Node* match = build(part.children[1]);
        return list && match ? strict(make(NodeKind::filter, part, {list, match})) : nullptr;
    }

    static Node* strict(Node* node) {
        node->strict = true;
        return node;
    }

    Node* iteration(const Part& part, NodeKind kind) {
        const Part& over = part.children[0];
        bool range = over.kind == Part::Kind::expression && !over.type;
        Node* domain = range ? parse(over.text, Piece::domain) : build(over);
        size_t outer = names_.size();
        names_.push_back(part.names[0]);
        if (kind == NodeKind::for_each) names_.emplace_back("partial");
        Node* body = build(part.children[1]);
        names_.resize(outer);
        if (!domain || !body) return nullptr;
        Node* node = make(kind, part, {domain, body});
        node->names.assign(kept(part.names));
        return node;
    }

    const Scope& scope_;
    const CompileOptions& options_;
    Diagnostics& diagnostics_;
    Tree& tree_;
    Text& source_;
    std::vector<std::string> names_;
    uint32_t depth_ = 0;
};

}  // namespace

Node* build_parts(const Part& part, const Scope& scope, const CompileOptions& options, Diagnostics& diagnostics,
                  Tree& tree, Text& source) {
    Node* root = PartBuilder(scope, options, diagnostics, tree, source).build(part);
    if (source.line_starts.empty()) source.span = part.span;
    return root;
}

}  // namespace leat::feel
