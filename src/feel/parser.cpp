#include "feel/parser.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "feel/duration_literal.hpp"
#include "feel/functions.hpp"
#include "feel/simple_tests.hpp"

namespace leat::feel {

using ast::Node;
using ast::NodeKind;

Node* Tree::make(NodeKind kind, uint32_t begin, uint32_t end) {
    char* place = memory.array<char>(sizeof(Node*) + sizeof(Node));
    std::memcpy(place, &last_, sizeof last_);
    last_ = new (place + sizeof(Node*)) Node(memory);
    last_->kind = kind;
    last_->begin = begin;
    last_->end = end;
    return last_;
}

Value Tree::keep(const Value& value) {
    if (value.kind == Kind::string) return Value::string(keep(value.as_string()));
    bool structured =
        value.is_null() || value.kind == Kind::list || value.kind == Kind::context || value.kind == Kind::range;
    return structured ? value::copy(value, arena) : value;
}

Node* Tree::literal(const Value& value, uint32_t begin, uint32_t end) {
    Node* node = make(NodeKind::literal, begin, end);
    node->constant = value;
    return node;
}

namespace {

// Up to the first character that makes a name more than a word. Parts of it are compared by token, so bytes do.
std::string_view first_word(std::string_view name) {
    size_t end = name.find_first_of(" +-*/.'");
    return name.substr(0, std::min(end, name.find("’")));
}

}  // namespace

// One level of nesting; beyond the bound the parser stops, so that no text can overflow the stack.
struct Parser::Depth {
    explicit Depth(Parser& owner) : parser(owner) {
        if (++parser.depth_ > parser.depth_max_ && !parser.failed_) {
            const Token& token = parser.peek();
            parser.fail(token.begin, token.end,
                        fmt::format("this expression nests deeper than {} levels", parser.depth_max_),
                        "split it with functions or formula fields");
        }
    }
    ~Depth() { parser.depth_--; }
    Parser& parser;
};

Parser::Parser(const Text& source, const Scope& scope, const Limits& limits, bool lenient, Diagnostics& diagnostics,
               Tree& tree)
    : source_(source),
      scope_(scope),
      diagnostics_(diagnostics),
      tree_(tree),
      depth_max_(limits.depth_max),
      source_bytes_max_(limits.source_bytes_max),
      lenient_(lenient) {
    for (const std::string& name : scope.phrases()) phrases_.push_back({first_word(name), name});
}

void Parser::declare(std::string_view name) {
    std::string_view first = first_word(name);
    if (first.size() == name.size() || first.empty()) return;
    bool known =
        std::any_of(phrases_.begin(), phrases_.end(), [&](const Phrase& phrase) { return phrase.name == name; });
    if (known) return;
    std::string_view kept = tree_.keep(name);
    phrases_.push_back({kept.substr(0, first.size()), kept});
}

// The lexemes of comparisons come first, in the order of their nodes.
std::optional<NodeKind> Parser::comparison_of(uint8_t lexeme) {
    static_assert(lexeme_of("=") == 1 && lexeme_of("!=") == 2 && lexeme_of("<") == 3 && lexeme_of("<=") == 4 &&
                  lexeme_of(">") == 5 && lexeme_of(">=") == 6);
    static constexpr NodeKind kKinds[] = {NodeKind::equal,      NodeKind::not_equal, NodeKind::less,
                                          NodeKind::less_equal, NodeKind::greater,   NodeKind::greater_equal};
    if (lexeme < 1 || lexeme > std::size(kKinds)) return std::nullopt;
    return kKinds[lexeme - 1];
}

bool Parser::expect(Lexeme what, const char* why) {
    if (accept(what)) return true;
    std::string_view text = kLexemes[what.number];
    const Token& token = peek();
    if (token.kind == TokenKind::end) {
        fail(token.begin, token.end, fmt::format("'{}' is missing at the end{}", text, why));
    } else {
        fail(token.begin, token.end,
             fmt::format("expected '{}'{}, found '{}'", text, why,
                         source_.text.substr(token.begin, token.end - token.begin)));
    }
    return false;
}

Node* Parser::fail(uint32_t begin, uint32_t end, std::string message, std::string hint) {
    if (!failed_ && lexer_.has_bad() && lexer_.error().begin <= begin) {
        const LexError& error = lexer_.error();
        diagnostics_.error("feel.syntax", source_.at(error.begin, error.end), error.message, error.hint);
    } else if (!failed_) {
        bool limit = message.find("nests deeper") != std::string::npos;
        diagnostics_.error(limit ? "feel.limit" : "feel.syntax", source_.at(begin, end), std::move(message),
                           std::move(hint));
    }
    failed_ = true;
    at_ = lexer_.tokens().empty() ? 0 : lexer_.tokens().size() - 1;  // every rule now sees the end and unwinds
    return tree_.literal(Value(), begin, end);
}

Node* Parser::unexpected(const char* wanted) {
    const Token& token = peek();
    if (token.kind == TokenKind::end)
        return fail(token.begin, token.end, fmt::format("the expression ends where {} is expected", wanted));
    std::string shown = source_.text.substr(token.begin, token.end - token.begin);
    return fail(token.begin, token.end, fmt::format("expected {}, found '{}'", wanted, shown), operator_hint());
}

// What was probably meant, in words of other languages.
std::string Parser::operator_hint() const {
    const Token& token = peek();
    std::string_view before = at_ > 0 ? lexer_.tokens()[at_ - 1].text : std::string_view();
    if (token.text == ">" && before == "<") return "write '!='";
    if (token.text == ">" && before == "=") return "write '>='";
    if (token.text == "<" && before == "=") return "write '<='";
    if (token.kind != TokenKind::word || at_ == 0) return {};
    if (token.text == "is") return "write '= null' or '= …'";
    std::string lower(token.text);
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    for (const char* word : {"and", "or", "in", "between", "then", "else", "satisfies", "return"}) {
        if (lower == word && token.text != word) return fmt::format("write '{}'", word);
    }
    return lexer_.tokens()[at_ - 1].kind == TokenKind::word ? "a name is one word; join its parts by '_'" : "";
}

Node* Parser::finish(Node* node) {
    if (at_ > 0) node->end = std::max(node->begin, lexer_.tokens()[at_ - 1].end);
    return measure(node);
}

// Chains like a + b + c + … parse without recursion but make a deep tree.
Node* Parser::measure(Node* node) {
    constexpr uint16_t kHeightMax = 1000;
    for (const Node* child : node->children) node->height = std::max<uint16_t>(node->height, child->height + 1);
    if (node->height > kHeightMax) {
        return fail(node->begin, node->end, fmt::format("this expression nests deeper than {} operations", kHeightMax),
                    "split it with functions or formula fields");
    }
    return node;
}

Node* Parser::binary(NodeKind kind, Node* left, Node* right) {
    Node* node = tree_.make(kind, left->begin, right->end);
    node->children = {left, right};
    return finish(node);
}

bool Parser::start() {
    if (source_.text.size() > source_bytes_max_) {
        diagnostics_.error("feel.limit", source_.span,
                           fmt::format("this expression is longer than {} bytes", source_bytes_max_));
        return false;
    }
    if (lexer_.run(source_.text)) return true;
    const LexError& error = lexer_.error();
    diagnostics_.error("feel.syntax", source_.at(error.begin, error.end), error.message, error.hint);
    return false;
}

Node* Parser::parse() {
    if (!start()) return nullptr;
    if (peek().kind == TokenKind::end) {
        fail(0, peek().end, "the expression is empty");
        return nullptr;
    }
    return complete(expression());
}

Node* Parser::parse_domain() {
    if (!start()) return nullptr;
    if (peek().kind == TokenKind::end) {
        fail(0, peek().end, "the expression is empty");
        return nullptr;
    }
    return complete(domain());
}

// What was parsed, if the text ends with it.
Node* Parser::complete(Node* node) {
    if (!failed_ && peek().kind != TokenKind::end) {
        const Token& token = peek();
        std::string shown = source_.text.substr(token.begin, token.end - token.begin);
        fail(token.begin, token.end, fmt::format("unexpected '{}' after the expression", shown), operator_hint());
    }
    return failed_ ? nullptr : node;
}

Node* Parser::expression() {
    Depth depth(*this);
    if (failed_) return tree_.literal(Value(), 0, 0);
    return operation(kOr);
}

// Operators by how strongly they bind; those of one level group from the left.
struct Parser::Operator {
    uint8_t level = 0;
    NodeKind kind = NodeKind::literal;  // of a plain one with two sides
};

const Parser::Operator& Parser::operator_of(uint8_t lexeme) {
    static constexpr auto kTable = [] {
        std::array<Operator, std::size(kLexemes)> table{};
        table[lexeme_of("or")] = {kOr, NodeKind::logical_or};
        table[lexeme_of("and")] = {kAnd, NodeKind::logical_and};
        for (uint8_t i = lexeme_of("="); i <= lexeme_of(">="); i++) table[i].level = kComparison;
        for (const char* word : {"between", "in", "instance"}) table[lexeme_of(word)].level = kComparison;
        table[lexeme_of("+")] = {kSum, NodeKind::add};
        table[lexeme_of("-")] = {kSum, NodeKind::subtract};
        table[lexeme_of("*")] = {kProduct, NodeKind::multiply};
        table[lexeme_of("/")] = {kProduct, NodeKind::divide};
        table[lexeme_of("**")] = {kPower, NodeKind::power};
        return table;
    }();
    return kTable[lexeme];
}

// What operators that bind at least as strongly as `least` join.
Node* Parser::operation(uint8_t least) {
    Node* left = unary();
    while (!failed_) {
        const Operator& found = operator_of(peek().lexeme);
        if (found.level < least) break;
        if (found.level != kComparison) {
            at_++;
            left = binary(found.kind, left, operation(static_cast<uint8_t>(found.level + 1)));
        } else if (!comparison(left)) {
            break;
        }
    }
    return left;
}

// What stands behind `left` as its comparison, into `left`; false: the word is no operator.
bool Parser::comparison(Node*& left) {
    if (auto kind = comparison_of(peek().lexeme)) {
        bool equal = is("=");
        at_++;
        if (equal && is("="))
            left = fail(peek().begin, peek().end, "'==' is not FEEL", "write '=' once");
        else
            left = binary(*kind, left, sum());
    } else if (accept("between")) {
        Node* node = tree_.make(NodeKind::between, left->begin, left->end);
        Node* low = sum();
        if (expect("and", " between the two bounds")) {
            node->children = {left, low, sum()};
            node = finish(node);
        }
        left = node;
    } else if (accept("in")) {
        left = in_tests(left);
    } else {
        if (!is("of", 1)) return false;
        at_ += 2;
        Node* node = tree_.make(NodeKind::instance_of, left->begin, left->end);
        node->children = {left};
        node->text = tree_.keep(type_name());
        left = finish(node);
    }
    return true;
}

Node* Parser::unary() {
    if (!is("-")) return postfix();
    Depth depth(*this);
    uint32_t begin = peek().begin;
    at_++;
    Node* node = make(NodeKind::negate, begin);
    node->children = {unary()};
    return finish(node);
}

Node* Parser::postfix() {
    return postfix_of(primary());
}

Node* Parser::postfix_of(Node* node) {
    while (!failed_ && (is(".") || is("[") || is("("))) {
        if (accept(".")) {
            node = member(node);
        } else if (is("[")) {
            // ]a..b[ : the bracket after the high end closes the range unless an expression follows it.
            if (range_ends_ > 0 && !starts_expression(1)) break;
            at_++;
            uint32_t outer = std::exchange(range_ends_, 0);
            Node* filter = tree_.make(NodeKind::filter, node->begin, node->end);
            filter->children = {node, expression()};
            range_ends_ = outer;
            if (!expect("]", " to close the filter")) return filter;
            node = finish(filter);
        } else {
            Node* call = tree_.make(NodeKind::call, node->begin, node->end);
            call->children = {node};
            arguments(call);
            node = finish(call);
        }
    }
    return node;
}

Node* Parser::member(Node* object) {
    Node* node = tree_.make(NodeKind::member, object->begin, object->end);
    node->children = {object};
    if (peek().kind != TokenKind::word) return unexpected("a name after '.'");
    std::string_view name;
    if (size_t tokens = phrase(name)) {
        node->text = tree_.keep(name);
        at_ += tokens;
    } else if (size_t words = property_words(name); words > 1 || !lenient_) {
        node->text = tree_.keep(name);
        at_ += words;
    } else {
        node->text = words_of_name();
    }
    return finish(node);
}

Node* Parser::primary() {
    const Token& token = peek();
    switch (token.kind) {
        case TokenKind::end:
            return unexpected("a value");
        case TokenKind::number:
            return number_literal();
        case TokenKind::string: {
            at_++;
            return tree_.literal(Value::string(tree_.keep(token.text)), token.begin, token.end);
        }
        case TokenKind::temporal:
            return temporal_literal();
        case TokenKind::word:
            return word();
        case TokenKind::symbol:
        case TokenKind::bad:
            break;
    }
    if (is("(")) return parenthesis();
    if (is("[")) return bracket();
    if (is("]")) return open_range();
    if (is("{")) return context_literal();
    if (is("?")) {
        at_++;
        return tree_.make(NodeKind::input, token.begin, token.end);
    }
    return unexpected("a value");
}

Node* Parser::number_literal() {
    const Token& token = peek();
    auto number = Decimal::parse(token.text);
    if (!number) return fail(token.begin, token.end, fmt::format("the number '{}' is out of range", token.text));
    at_++;
    return tree_.literal(Value::number(*number), token.begin, token.end);
}

Node* Parser::temporal_literal() {
    const Token& token = peek();
    std::string problem;
    auto value = parse_temporal_literal(token.text, scope_, &problem);
    if (!value) return fail(token.begin, token.end, problem);
    at_++;
    return tree_.literal(*value, token.begin, token.end);
}

Node* Parser::parenthesis() {
    uint32_t begin = peek().begin;
    uint32_t outer = std::exchange(range_ends_, 0);
    at_++;
    Node* node = nullptr;
    if (is_comparison()) {
        node = unary_compare();
    } else {
        node = expression();
        if (!failed_ && accept("..")) {
            range_ends_ = outer;
            return range_end(node, begin, false);
        }
    }
    range_ends_ = outer;
    if (!expect(")", " to close the parenthesis")) return node;
    if (node->children.empty()) return node;
    node->begin = begin;
    return finish(node);
}

// After "low ..": the high end and the bracket that says whether it belongs to the range.
Node* Parser::range_end(Node* low, uint32_t begin, bool low_closed) {
    Node* node = make(NodeKind::range, begin);
    node->low_closed = low_closed;
    range_ends_++;
    Node* high = sum();
    range_ends_--;
    node->children = {low, high};
    if (accept("]"))
        node->high_closed = true;
    else if (!accept(")") && !accept("["))
        return unexpected("']', ')' or '[' at the end of the range");
    return finish(node);
}

Node* Parser::open_range() {
    uint32_t begin = peek().begin;
    at_++;
    Node* low = sum();
    if (!expect("..", " in the range")) return low;
    return range_end(low, begin, false);
}

Node* Parser::bracket() {
    uint32_t begin = peek().begin;
    uint32_t outer = std::exchange(range_ends_, 0);
    at_++;
    Node* node = make(NodeKind::list, begin);
    if (!is("]")) {
        do {
            if (is_comparison() && !is("="))
                node->children.push_back(unary_compare());
            else
                node->children.push_back(expression());
            if (!failed_ && node->children.size() == 1 && accept("..")) {
                range_ends_ = outer;
                return range_end(node->children[0], begin, true);
            }
        } while (!failed_ && accept(","));
    }
    range_ends_ = outer;
    if (!expect("]", " to close the list")) return node;
    return finish(node);
}

Node* Parser::context_literal() {
    Node* node = make(NodeKind::context, peek().begin);
    uint32_t outer = std::exchange(range_ends_, 0);
    at_++;
    while (!failed_ && !is("}")) {
        std::string_view name = key();
        if (name.empty()) {
            unexpected("a key");
            break;
        }
        for (std::string_view other : node->names) {
            if (other == name)
                return fail(lexer_.tokens()[at_ - 1].begin, lexer_.tokens()[at_ - 1].end,
                            fmt::format("the key '{}' is there twice", name));
        }
        if (!expect(":", " after the key")) break;
        declare(name);
        node->names.push_back(name);
        node->children.push_back(expression());
        if (!accept(",")) break;
    }
    range_ends_ = outer;
    if (!expect("}", " to close the context")) return node;
    return finish(node);
}

// A test of `in (…)` or of a cell: a comparison with the input implied, or any expression.
Node* Parser::test() {
    if (is_comparison()) return unary_compare();
    return expression();
}

Node* Parser::unary_compare() {
    Node* node = make(NodeKind::unary_compare, peek().begin);
    node->op = *comparison_of(peek().lexeme);
    at_++;
    node->children = {sum()};
    return finish(node);
}

// After `in`: `(a, b)`, `(< 5, > 10)`, or one test. A parenthesis may also open a range or wrap one expression.
Node* Parser::in_tests(Node* value) {
    Node* node = tree_.make(NodeKind::in, value->begin, value->end);
    node->children = {value};
    if (is_comparison()) {
        node->children.push_back(unary_compare());
        return finish(node);
    }
    if (!is("(")) {
        node->children.push_back(sum());
        return finish(node);
    }
    uint32_t begin = peek().begin;
    uint32_t outer = std::exchange(range_ends_, 0);
    at_++;
    do {
        node->children.push_back(test());
        if (!failed_ && node->children.size() == 2 && node->children[1]->kind != NodeKind::unary_compare &&
            accept("..")) {
            node->children[1] = range_end(node->children[1], begin, false);
            range_ends_ = outer;
            return finish(node);
        }
    } while (!failed_ && accept(","));
    range_ends_ = outer;
    if (!expect(")", " to close the tests")) return node;
    // x in (list)[filter]: the parenthesis was one expression's.
    if (node->children.size() == 2 && node->children[1]->kind != NodeKind::unary_compare)
        node->children[1] = postfix_of(node->children[1]);
    return finish(node);
}

Node* Parser::cell_tests(Node* value) {
    Node* node = tree_.make(NodeKind::in, value->begin, value->end);
    node->children = {value};
    do node->children.push_back(test());
    while (!failed_ && accept(","));
    return finish(node);
}

Node* Parser::parse_unary_tests(TypeRef input_type) {
    if (!start()) return nullptr;
    if (input_type) {
        if (Node* simple = simple_tests(lexer_.tokens(), input_type, tree_, scope_.types())) return simple;
    }
    if (peek().kind == TokenKind::end) {
        fail(0, peek().end, "the cell is empty", "write '-' for any value");
        return nullptr;
    }
    if (is("-") && peek(1).kind == TokenKind::end) return tree_.make(NodeKind::dash, peek().begin, peek().end);
    Node* input = tree_.make(NodeKind::input, peek().begin, peek().begin);
    Node* node = nullptr;
    uint32_t begin = peek().begin;
    size_t mark = at_;
    if (is("not") && is("(", 1)) {
        at_ += 2;
        Node* inner = cell_tests(input);
        if (!failed_ && accept(")") && peek().kind == TokenKind::end) {
            node = make(NodeKind::call, begin);
            node->text = "not";
            node->children = {inner};
            finish(node);
        } else if (!failed_) {
            at_ = mark;  // not(a) and b: an expression
        }
    }
    if (!node && !failed_) node = cell_tests(input);
    if (!failed_ && peek().kind != TokenKind::end) {
        unexpected("',' or the end of the cell");
    }
    return failed_ ? nullptr : node;
}

}  // namespace leat::feel
