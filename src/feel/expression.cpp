#include "feel/expression.hpp"

#include <algorithm>

#include "feel/checker.hpp"
#include "feel/code.hpp"
#include "feel/parts_tree.hpp"

namespace leat::feel {

namespace {

template <class T, class Key>
void sort_unique(std::vector<T>& items, Key key) {
    if (items.size() < 2) return;
    std::sort(items.begin(), items.end(), [&](const T& a, const T& b) { return key(a) < key(b); });
    items.erase(std::unique(items.begin(), items.end(), [&](const T& a, const T& b) { return key(a) == key(b); }),
                items.end());
}

void tidy(Reads& reads) {
    sort_unique(reads.fields,
                [](const Read& read) { return std::tuple(read.entity, read.field, read.through_reference); });
    sort_unique(reads.collections, [](uint32_t id) { return id; });
    sort_unique(reads.objects, [](uint32_t id) { return id; });
    sort_unique(reads.functions, [](uint32_t id) { return id; });
}

// Whether nothing outside the expression decides its value.
bool depends_on_frame(const ast::Node* node) {
    switch (node->kind) {
        case ast::NodeKind::name:
            return node->binding.kind != Binding::Kind::constant;
        case ast::NodeKind::input:
            return true;
        default:
            break;
    }
    return node->has_query || std::any_of(node->children.begin(), node->children.end(), depends_on_frame);
}

}  // namespace

// One run of the stages.
struct Compilation {
    const Text& source;  // of a single text
    const Scope& scope;
    const CompileOptions& options;
    Diagnostics& diagnostics;

    static const Code& code_of(const Expression& expression) { return *expression.code_; }

    std::unique_ptr<Expression> run(bool unary, TypeRef input) {
        auto code = std::make_unique<Code>();
        code->source = source;
        Parser parser(source, scope, options.limits, options.lenient, diagnostics, code->tree);
        // What the place expects is the checker's to say.
        TypeRef simple = options.expected || options.warn_nullable_condition ? nullptr : input;
        code->tree.root = unary ? parser.parse_unary_tests(simple) : parser.parse();
        return finish(std::move(code), input, nullptr);
    }
    std::unique_ptr<Expression> run(const Part& part, EmbeddedHost* host) {
        auto code = std::make_unique<Code>();
        code->tree.root = build_parts(part, scope, options, diagnostics, code->tree, code->source);
        return finish(std::move(code), nullptr, host);
    }
    std::unique_ptr<Expression> finish(std::unique_ptr<Code> code, TypeRef input, EmbeddedHost* host) {
        if (!code->tree.root) return nullptr;
        code->list_items_max = options.limits.list_items_max;
        Checker checker(code->source, scope, options, diagnostics, code->tree, code->reads, code->queries, host);
        bool checked = code->tree.root->type != nullptr;
        if (!checked && !checker.run(code->tree.root, input)) return nullptr;
        code->type = code->tree.root->type;
        tidy(code->reads);
        generate(*code, checker);
        // Conditions over a record: elsewhere fields come from contexts, which only the machine reads.
        if (options.self && code->type->kind == TypeKind::boolean && code->queries.empty())
            code->shortcut = Shortcut::of(code->tree.root);
        if (code->blocks[0].register_count > UINT16_MAX) {
            diagnostics.error("feel.limit", source.span, "this expression needs more registers than there are",
                              "split it with formula fields");
            return nullptr;
        }
        code->constant = !code->reads.clock && !depends_on_frame(code->tree.root);
        auto expression = std::make_unique<Expression>();
        expression->code_ = std::move(code);
        return expression;
    }
};

const Shortcut* shortcut_of(const Expression& expression) {
    return Compilation::code_of(expression).shortcut.get();
}

Expression::Expression() = default;
Expression::~Expression() = default;
Expression::Expression(Expression&&) noexcept = default;
Expression& Expression::operator=(Expression&&) noexcept = default;

Value Expression::evaluate(Frame& frame) const {
    return run(*code_, frame, nullptr);
}
Value Expression::evaluate(Frame& frame, const Value& input) const {
    return run(*code_, frame, &input);
}
TypeRef Expression::type() const {
    return code_->type;
}
const Reads& Expression::reads() const {
    return code_->reads;
}
const ast::Node* Expression::tree() const {
    return code_->tree.root;
}
const std::vector<std::unique_ptr<CollectionQuery>>& Expression::queries() const {
    return code_->queries;
}
const Text& Expression::source() const {
    return code_->source;
}
bool Expression::is_constant() const {
    return code_->constant;
}

std::unique_ptr<Expression> compile(const Text& source, const Scope& scope, const CompileOptions& options,
                                    Diagnostics& diagnostics) {
    return Compilation{source, scope, options, diagnostics}.run(false, nullptr);
}

std::unique_ptr<Expression> compile_unary_tests(const Text& source, TypeRef input, const Scope& scope,
                                                const CompileOptions& options, Diagnostics& diagnostics) {
    return Compilation{source, scope, options, diagnostics}.run(true, input);
}

std::unique_ptr<Expression> compile_parts(const Part& part, EmbeddedHost* host, const Scope& scope,
                                          const CompileOptions& options, Diagnostics& diagnostics) {
    const Text none;
    return Compilation{none, scope, options, diagnostics}.run(part, host);
}

}  // namespace leat::feel
