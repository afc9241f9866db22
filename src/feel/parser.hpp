// The parser: tokens into the tree of ast.hpp, by recursive descent with a bound on depth. Names are not looked up
// here, but those of several words are: the scope's phrases, what the text itself declares, built-ins ("get or else"),
// and calendars in @"P7D office".
#pragma once
#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.hpp"
#include "base/diagnostic.hpp"
#include "base/limits.hpp"
#include "feel/ast.hpp"
#include "feel/lexer.hpp"
#include "feel/scope.hpp"

namespace leat::feel {

// A tree and what it points into. The arena, whose first block is large, is only for constants with structure.
struct Tree {
    TreeMemory memory;
    Arena arena;
    ast::Node* root = nullptr;

    std::string_view keep(std::string_view text) { return memory.copy(text); }
    // A constant whose memory lives as long as the tree.
    Value keep(const Value& value);

    ast::Node* make(ast::NodeKind kind, uint32_t begin, uint32_t end);
    ast::Node* literal(const Value& value, uint32_t begin, uint32_t end);
    // use(node) for each one made after `mark`, which an earlier call of mark() gave.
    ast::Node* mark() const { return last_; }
    template <class Use>
    void each_since(const ast::Node* mark, const Use& use) {
        for (ast::Node* node = last_; node != mark; node = before(node)) use(*node);
    }

 private:
    // In front of each node stands the one made before it.
    static ast::Node* before(const ast::Node* node) {
        ast::Node* earlier;
        std::memcpy(&earlier, reinterpret_cast<const char*>(node) - sizeof earlier, sizeof earlier);
        return earlier;
    }
    ast::Node* last_ = nullptr;
};

class Parser {
 public:
    // `lenient`: words side by side are one unknown name, as DMN reads them.
    Parser(const Text& source, const Scope& scope, const Limits& limits, bool lenient, Diagnostics& diagnostics,
           Tree& tree);

    // A name that the text may mention though the scope does not know it: of an enclosing box.
    void declare(std::string_view name);

    // One expression up to the end of the text; nullptr after reporting one error.
    ast::Node* parse();
    // What a loop runs over: an expression, or a..b.
    ast::Node* parse_domain();
    // A table cell: a list of tests as children[1…] of an `in` node over `?`; "-" alone gives a `dash` node. With the
    // column's type, simple tests come out checked: the root has a type.
    ast::Node* parse_unary_tests(TypeRef input = nullptr);
    // The comparison that a symbol stands for.
    static std::optional<ast::NodeKind> comparison_of(uint8_t lexeme);

 private:
    struct Depth;
    using Node = ast::Node;
    using NodeKind = ast::NodeKind;

    const Token& peek(size_t ahead = 0) const {
        const auto& tokens = lexer_.tokens();
        return tokens[at_ + ahead < tokens.size() ? at_ + ahead : tokens.size() - 1];
    }
    // Whether the token is this symbol or word.
    bool is(Lexeme what, size_t ahead = 0) const { return peek(ahead).lexeme == what.number; }
    bool is_comparison() const { return comparison_of(peek().lexeme).has_value(); }
    bool accept(Lexeme what) {
        if (!is(what)) return false;
        at_++;
        return true;
    }
    bool expect(Lexeme what, const char* why);
    Node* fail(uint32_t begin, uint32_t end, std::string message, std::string hint = {});
    Node* unexpected(const char* wanted);
    std::string operator_hint() const;
    Node* make(NodeKind kind, uint32_t begin) { return tree_.make(kind, begin, begin); }
    Node* finish(Node* node);  // its end is the last token's
    Node* measure(Node* node);
    Node* binary(NodeKind kind, Node* left, Node* right);
    bool start();

    Node* expression();
    static constexpr uint8_t kOr = 1, kAnd = 2, kComparison = 3, kSum = 4, kProduct = 5, kPower = 6;
    struct Operator;
    static const Operator& operator_of(uint8_t lexeme);
    Node* operation(uint8_t least);
    bool comparison(Node*& left);
    Node* sum() { return operation(kSum); }
    Node* unary();
    Node* postfix();
    Node* postfix_of(Node* node);
    Node* primary();
    Node* number_literal();
    Node* temporal_literal();
    Node* parenthesis();
    Node* bracket();
    Node* range_end(Node* low, uint32_t begin, bool low_closed);
    Node* open_range();
    Node* context_literal();
    Node* word();
    Node* builtin_call(size_t words, std::string_view name);
    void arguments(Node* call);
    Node* if_else();
    Node* for_each();
    Node* quantified(NodeKind kind);
    Node* function_definition();
    Node* external_call(const Node* function, Node* mapping);
    Node* member(Node* object);
    Node* test();
    Node* unary_compare();
    Node* in_tests(Node* value);
    Node* cell_tests(Node* value);
    std::string type_name();
    std::string_view key();
    std::string_view spelled(uint32_t begin, uint32_t end);  // in the tree
    size_t phrase(std::string_view& name) const;
    size_t spells(std::string_view name) const;
    std::string_view words_of_name();
    Node* complete(Node* node);
    Node* domain();
    bool iterators(Node* node);
    size_t builtin_words(std::string_view& name) const;
    size_t property_words(std::string_view& name) const;
    bool starts_expression(size_t ahead) const;

    // A name of several words or with operators in it, and its first word.
    struct Phrase {
        std::string_view first, name;
    };

    const Text& source_;
    const Scope& scope_;
    Diagnostics& diagnostics_;
    Tree& tree_;
    uint32_t depth_max_;
    uint64_t source_bytes_max_;
    Lexer lexer_;
    size_t at_ = 0;
    uint32_t depth_ = 0;
    uint32_t range_ends_ = 0;  // parsing the high end of ]a..b[: a '[' may close it
    bool failed_ = false;
    bool lenient_ = false;
    std::vector<Phrase> phrases_;
};

}  // namespace leat::feel
