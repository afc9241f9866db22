#include "decision/cell.hpp"

#include <algorithm>

namespace leat::decision {

using feel::TypeKind;
using feel::TypeRef;
using feel::ast::Node;
using feel::ast::NodeKind;

namespace {

// A cursor over a cell's text.
struct Reader {
    std::string_view rest;

    void skip_spaces() {
        while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
    }
    bool accept(std::string_view token) {
        skip_spaces();
        if (!rest.starts_with(token)) return false;
        rest.remove_prefix(token.size());
        return true;
    }
    bool at_end() {
        skip_spaces();
        return rest.empty();
    }
    // Up to 18 digits without exponent; other spellings are feel's business.
    bool number(Value& out) {
        bool minus = accept("-");
        skip_spaces();
        int64_t coefficient = 0;
        int digits = 0, places = 0;
        size_t i = 0;
        for (; i < rest.size(); ++i) {
            char c = rest[i];
            if (c == '.' && places == 0 && digits > 0 && i + 1 < rest.size() && rest[i + 1] >= '0' &&
                rest[i + 1] <= '9') {
                places = 1;
                continue;
            }
            if (c < '0' || c > '9') break;
            coefficient = coefficient * 10 + (c - '0');
            if (places > 0) ++places;
            if (++digits > 18) return false;
        }
        bool leading_zero = i > 1 && rest[0] == '0' && rest[1] != '.';
        if (digits == 0 || leading_zero) return false;
        rest.remove_prefix(i);
        out = Value::number(Decimal::make(minus ? -coefficient : coefficient, places > 0 ? 1 - places : 0));
        return true;
    }
    bool text(Arena& arena, Value& out) {
        skip_spaces();
        if (rest.size() < 2 || rest.front() != '"') return false;
        size_t end = rest.find_first_of("\"\\\n", 1);
        if (end == std::string_view::npos || rest[end] != '"') return false;
        out = Value::string(arena.copy(rest.substr(1, end - 1)));
        rest.remove_prefix(end + 1);
        return true;
    }
};

bool is_value_of(TypeRef type, const Value& text) {
    return type->kind == TypeKind::string ||
           (type->kind == TypeKind::enumeration && type->enumeration && type->enumeration->find(text.as_string()) >= 0);
}

bool read_number_test(Reader& reader, Test& test) {
    static constexpr std::pair<std::string_view, Comparison> kSigns[] = {
        {"<=", Comparison::less_equal}, {"<", Comparison::less},       {">=", Comparison::greater_equal},
        {">", Comparison::greater},     {"!=", Comparison::not_equal}, {"=", Comparison::equal}};
    for (const auto& [sign, comparison] : kSigns) {
        if (!reader.accept(sign)) continue;
        test.comparison = comparison;
        return reader.number(test.a);
    }
    test.low_closed = reader.accept("[");
    if (!test.low_closed && !reader.accept("(") && !reader.accept("]")) return reader.number(test.a);
    test.comparison = Comparison::range;
    if (!reader.number(test.a) || !reader.accept("..") || !reader.number(test.b)) return false;
    test.high_closed = reader.accept("]");
    if (!test.high_closed && !reader.accept(")") && !reader.accept("[")) return false;
    return test.a.as_number() <= test.b.as_number();
}

// A constant: a literal, or a name that stands for one.
const Value* constant_of(const Node& node) {
    if (node.kind == NodeKind::literal) return &node.constant;
    if (node.kind == NodeKind::name && node.binding.kind == feel::Binding::Kind::constant)
        return &node.binding.constant;
    return nullptr;
}

bool is_scalar(const Value& value) {
    switch (value.kind) {
        case Kind::boolean:
        case Kind::number:
        case Kind::string:
        case Kind::date:
        case Kind::time:
        case Kind::date_time:
        case Kind::months_duration:
            return true;
        default:
            return false;
    }
}

Comparison comparison_of(NodeKind op) {
    switch (op) {
        case NodeKind::not_equal:
            return Comparison::not_equal;
        case NodeKind::less:
            return Comparison::less;
        case NodeKind::less_equal:
            return Comparison::less_equal;
        case NodeKind::greater:
            return Comparison::greater;
        case NodeKind::greater_equal:
            return Comparison::greater_equal;
        default:
            return Comparison::equal;
    }
}

bool is_order(Comparison comparison) {
    return comparison != Comparison::equal && comparison != Comparison::not_equal;
}

bool add_test(const Node& node, Arena& arena, std::vector<Test>& tests) {
    if (node.kind == NodeKind::list) {
        return std::all_of(node.children.begin(), node.children.end(), [&](const Node* child) {
            return child->kind != NodeKind::list && add_test(*child, arena, tests);
        });
    }
    Test test;
    const Value* a = nullptr;
    const Value* b = nullptr;
    if (node.kind == NodeKind::range) {
        a = constant_of(*node.children[0]);
        b = constant_of(*node.children[1]);
        if (!b || !is_scalar(*b)) return false;
        test.comparison = Comparison::range;
        test.low_closed = node.low_closed;
        test.high_closed = node.high_closed;
        test.b = value::copy(*b, arena);
    } else if (node.kind == NodeKind::unary_compare) {
        a = constant_of(*node.children[0]);
        test.comparison = comparison_of(node.op);
    } else {
        a = constant_of(node);
    }
    if (!a || !(is_scalar(*a) || (a->is_null() && !is_order(test.comparison)))) return false;
    test.a = value::copy(*a, arena);
    tests.push_back(test);
    return true;
}

}  // namespace

bool read_plain(std::string_view text, TypeRef type, Arena& arena, PlainCell& out) {
    Reader reader{text};
    if (reader.accept("-") && reader.at_end()) {
        out.any = true;
        return true;
    }
    reader.rest = text;
    if (!type) return false;
    bool texts = type->kind == TypeKind::string || type->kind == TypeKind::enumeration;
    if (!texts && type->kind != TypeKind::number) return false;
    do {
        Test test;
        if (texts ? !reader.text(arena, test.a) || !is_value_of(type, test.a) : !read_number_test(reader, test))
            return false;
        out.tests.push_back(test);
    } while (reader.accept(","));
    return reader.at_end();
}

bool plain_of(const Node& root, Arena& arena, PlainCell& out) {
    if (root.kind == NodeKind::dash) {
        out.any = true;
        return true;
    }
    const Node* tests = &root;
    if (root.kind == NodeKind::call && root.text == "not" && root.children.size() == 1) {
        out.negated = true;
        tests = root.children[0];
    }
    if (tests->kind != NodeKind::in || tests->children.empty() || tests->children[0]->kind != NodeKind::input)
        return false;
    for (size_t i = 1; i < tests->children.size(); ++i) {
        if (!add_test(*tests->children[i], arena, out.tests)) return false;
    }
    return true;
}

std::optional<Value> read_literal(std::string_view text, TypeRef type, Arena& arena) {
    if (!type) return std::nullopt;
    Reader reader{text};
    Value value;
    if (type->kind == TypeKind::number && reader.number(value) && reader.at_end()) return value;
    reader.rest = text;
    if (type->kind != TypeKind::string && type->kind != TypeKind::enumeration) return std::nullopt;
    if (reader.text(arena, value) && reader.at_end() && is_value_of(type, value)) return value;
    return std::nullopt;
}

}  // namespace leat::decision
