#include "feel/simple_tests.hpp"

#include <algorithm>

namespace leat::feel {

using ast::Node;
using ast::NodeKind;

namespace {

class SimpleTests {
 public:
    SimpleTests(const std::vector<Token>& tokens, TypeRef input, Tree& tree, Types& types)
        : at_(tokens.data()), input_(input), tree_(tree), types_(types) {}

    Node* read() {
        Node* value = tree_.make(NodeKind::input, at_->begin, at_->begin);
        value->type = input_;
        Node* in = tree_.make(NodeKind::in, value->begin, value->end);
        in->children.push_back(value);
        do {
            Node* test = one();
            if (!test) return nullptr;
            in->children.push_back(test);
            in->end = test->end;
            in->height = std::max(in->height, static_cast<uint16_t>(test->height + 1));
        } while (accept(","));
        if (at_->kind != TokenKind::end) return nullptr;
        in->type = types_.basic(TypeKind::boolean, nullable_);
        return in;
    }

 private:
    bool is(Lexeme what) const { return at_->lexeme == what.number; }
    bool accept(Lexeme what) {
        if (!is(what)) return false;
        at_++;
        return true;
    }
    bool takes(TypeKind kind) const { return input_->kind == kind || input_->kind == TypeKind::any; }

    Node* one() {
        if (at_->kind == TokenKind::string) return takes(TypeKind::string) ? text() : nullptr;
        if (!takes(TypeKind::number)) return nullptr;
        if (at_->kind == TokenKind::number || is("-")) return number();
        if (is("[") || is("(") || is("]")) return range();
        if (auto op = Parser::comparison_of(at_->lexeme)) return comparison(*op);
        return nullptr;
    }

    Node* text() {
        Node* node = tree_.literal(Value::string(tree_.keep(at_->text)), at_->begin, at_->end);
        node->type = types_.basic(TypeKind::string, false);
        at_++;
        return node;
    }

    // Also a negative one: the checker makes a literal of it, as high as what it was.
    Node* number() {
        uint32_t begin = at_->begin;
        bool negative = accept("-");
        if (at_->kind != TokenKind::number) return nullptr;
        auto value = Decimal::parse(at_->text);
        if (!value) return nullptr;
        Node* node = tree_.literal(Value::number(negative ? value->negate() : *value), begin, at_->end);
        if (negative) node->height = 2;
        node->type = types_.basic(TypeKind::number, false);
        at_++;
        return node;
    }

    Node* comparison(NodeKind op) {
        Node* node = tree_.make(NodeKind::unary_compare, at_->begin, at_->begin);
        node->op = op;
        at_++;
        Node* operand = number();
        if (!operand) return nullptr;
        node->children.push_back(operand);
        node->end = operand->end;
        node->height = static_cast<uint16_t>(operand->height + 1);
        bool ordered = op != NodeKind::equal && op != NodeKind::not_equal;
        node->type = types_.basic(TypeKind::boolean, ordered && input_->nullable);
        nullable_ |= node->type->nullable;
        return node;
    }

    Node* range() {
        Node* node = tree_.make(NodeKind::range, at_->begin, at_->begin);
        node->low_closed = is("[");
        at_++;
        Node* low = number();
        if (!low || !accept("..")) return nullptr;
        Node* high = number();
        if (!high || !(is("]") || is(")") || is("["))) return nullptr;
        node->high_closed = is("]");
        node->end = at_->end;
        node->height = static_cast<uint16_t>(std::max(low->height, high->height) + 1);
        node->children.reserve(2);
        node->children.push_back(low);
        node->children.push_back(high);
        if (!range_type_) range_type_ = types_.range(low->type, false);
        node->type = range_type_;
        nullable_ |= input_->nullable;
        at_++;
        return node;
    }

    const Token* at_;
    TypeRef input_;
    Tree& tree_;
    Types& types_;
    TypeRef range_type_ = nullptr;
    bool nullable_ = false;
};

}  // namespace

Node* simple_tests(const std::vector<Token>& tokens, TypeRef input, Tree& tree, Types& types) {
    bool open = input->kind == TypeKind::any || input->kind == TypeKind::number || input->kind == TypeKind::string;
    return open ? SimpleTests(tokens, input, tree, types).read() : nullptr;
}

}  // namespace leat::feel
