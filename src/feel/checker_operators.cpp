// Operators: arithmetic over numbers, money, dates and durations; comparisons; three-valued logic; `in`.
#include <fmt/format.h>

#include "feel/checker.hpp"

namespace leat::feel {

using ast::Node;
using ast::NodeKind;

namespace {

bool is_open(TypeRef type) {
    return type->kind == TypeKind::any || type->kind == TypeKind::null;
}

bool is_duration(TypeRef type) {
    return type->kind == TypeKind::days_duration || type->kind == TypeKind::months_duration ||
           type->kind == TypeKind::duration;
}

bool is_text(TypeRef type) {
    return type->kind == TypeKind::string || type->kind == TypeKind::enumeration;
}

const char* sign_of(NodeKind kind) {
    switch (kind) {
        case NodeKind::add:
            return "+";
        case NodeKind::subtract:
            return "-";
        case NodeKind::multiply:
            return "*";
        case NodeKind::divide:
            return "/";
        case NodeKind::power:
            return "**";
        case NodeKind::equal:
            return "=";
        case NodeKind::not_equal:
            return "!=";
        case NodeKind::less:
            return "<";
        case NodeKind::less_equal:
            return "<=";
        case NodeKind::greater:
            return ">";
        case NodeKind::greater_equal:
            return ">=";
        default:
            return "?";
    }
}

bool mixes(TypeRef a, TypeRef b) {
    return a->kind == TypeKind::number && b->kind == TypeKind::number && !a->currency.empty() && !b->currency.empty() &&
           a->currency != b->currency;
}

}  // namespace

void Checker::mixed_money(const Node* node, TypeRef a, TypeRef b) {
    auto name = [](TypeRef type) {
        return type->currency == "*" ? std::string("a currency of its own field") : type->currency;
    };
    error("feel.money.mixed", node, fmt::format("this mixes {} and {}", name(a), name(b)),
          "convert one side first: convert(amount, from, to, on)");
}

TypeRef Checker::add_numbers(Node* node, TypeRef a, TypeRef b) {
    if (mixes(a, b)) mixed_money(node, a, b);
    bool nullable = a->nullable || b->nullable;
    TypeRef money = !a->currency.empty() ? a : b;
    if (!money->currency.empty()) return types_.money(money->currency, money->scale, nullable);
    return basic(TypeKind::number, nullable);
}

TypeRef Checker::add_or_subtract(Node* node, TypeRef a, TypeRef b) {
    bool nullable = a->nullable || b->nullable;
    bool add = node->kind == NodeKind::add;
    if (a->kind == TypeKind::number && b->kind == TypeKind::number) return add_numbers(node, a, b);
    if (add && is_text(a) && is_text(b)) return basic(TypeKind::string, nullable);
    if (is_duration(a) && is_duration(b)) {
        if (a->kind == b->kind) return basic(a->kind, nullable);
        if (a->kind == TypeKind::duration || b->kind == TypeKind::duration) return basic(TypeKind::duration, true);
        return nullptr;
    }
    bool point_a = a->kind == TypeKind::date || a->kind == TypeKind::date_time || a->kind == TypeKind::time;
    bool point_b = b->kind == TypeKind::date || b->kind == TypeKind::date_time || b->kind == TypeKind::time;
    if (point_a && is_duration(b) && !(a->kind == TypeKind::time && b->kind == TypeKind::months_duration))
        return basic(a->kind, nullable);
    if (add && point_b && is_duration(a) && !(b->kind == TypeKind::time && a->kind == TypeKind::months_duration))
        return basic(b->kind, nullable);
    if (!add && point_a && point_b) {
        bool times = a->kind == TypeKind::time || b->kind == TypeKind::time;
        if (a->kind == b->kind || !times) return basic(TypeKind::days_duration, nullable);
    }
    return nullptr;
}

TypeRef Checker::multiply_or_divide(Node* node, TypeRef a, TypeRef b) {
    bool multiply = node->kind == NodeKind::multiply;
    const Node* divisor = node->children[1];
    bool safe = multiply || (divisor->kind == NodeKind::literal && divisor->constant.kind == Kind::number &&
                             !divisor->constant.as_number().is_zero());
    bool nullable = a->nullable || b->nullable || !safe;
    if (a->kind == TypeKind::number && b->kind == TypeKind::number) {
        if (multiply) {
            TypeRef money = !a->currency.empty() ? a : b;
            if (!money->currency.empty() && (a->currency.empty() || b->currency.empty()))
                return types_.money(money->currency, -1, nullable);
        } else if (!a->currency.empty()) {
            if (b->currency.empty()) return types_.money(a->currency, -1, nullable);
            if (mixes(a, b)) mixed_money(node, a, b);
        }
        return basic(TypeKind::number, nullable);
    }
    if (is_duration(a) && b->kind == TypeKind::number) return basic(a->kind, nullable);
    if (multiply && a->kind == TypeKind::number && is_duration(b)) return basic(b->kind, nullable);
    if (!multiply && is_duration(a) && is_duration(b)) {
        bool known = a->kind != TypeKind::duration && b->kind != TypeKind::duration;
        if (!known || a->kind == b->kind) return basic(TypeKind::number, true);
    }
    return nullptr;
}

TypeRef Checker::check_arithmetic(Node* node) {
    TypeRef a = check(node->children[0]);
    TypeRef b = check(node->children[1]);
    if (a->kind == TypeKind::any || b->kind == TypeKind::any) return any();
    if (a->kind == TypeKind::null || b->kind == TypeKind::null) return basic(TypeKind::null, true);
    TypeRef type = nullptr;
    switch (node->kind) {
        case NodeKind::add:
        case NodeKind::subtract:
            type = add_or_subtract(node, a, b);
            break;
        case NodeKind::multiply:
        case NodeKind::divide:
            type = multiply_or_divide(node, a, b);
            break;
        default:
            if (a->kind == TypeKind::number && b->kind == TypeKind::number) type = basic(TypeKind::number, true);
            break;
    }
    if (type) return type;
    std::string hint;
    if (node->kind == NodeKind::add && (is_text(a) || is_text(b))) hint = "write string(…) to join it to a text";
    bool point = a->kind == TypeKind::date || a->kind == TypeKind::date_time;
    if (point && b->kind == TypeKind::number) hint = "write a number of days as @\"P7D\"";
    error("feel.type.mismatch", node,
          fmt::format("'{}' cannot take {} and {}", sign_of(node->kind), describe(a), describe(b)), hint);
    return any();
}

TypeRef Checker::check_negate(Node*& node) {
    TypeRef type = check(node->children[0]);
    if (is_open(type)) return type;
    if (type->kind != TypeKind::number && !is_duration(type)) {
        error("feel.type.mismatch", node, fmt::format("'-' cannot take {}", describe(type)));
        return any();
    }
    const Node* operand = node->children[0];
    if (operand->kind == NodeKind::literal && operand->constant.kind == Kind::number) {
        node->kind = NodeKind::literal;
        node->constant = Value::number(operand->constant.as_number().negate());
        node->children.clear();
    }
    return type;
}

void Checker::check_enum_value(const Node* node, const EnumType* enumeration) {
    if (!enumeration || node->kind != NodeKind::literal || node->constant.kind != Kind::string) return;
    std::string text(node->constant.as_string());
    if (enumeration->find(text) >= 0) return;
    std::vector<std::string> values;
    std::string hint;
    for (const EnumItem& item : enumeration->items) {
        values.push_back(item.value);
        for (const std::string& title : item.titles) {
            if (title == text) hint = fmt::format("'{}' is the title of \"{}\"", title, item.value);
        }
    }
    if (hint.empty()) {
        std::string near = base::nearest(text, values);
        if (!near.empty())
            hint = fmt::format("did you mean \"{}\"?", near);
        else
            hint = fmt::format("it is one of: {}", fmt::join(values, ", "));
    }
    error("feel.enum.unknown", node, fmt::format("\"{}\" is not a value of {}", text, enumeration->name), hint);
}

// Literals that end up as values of an enum: also behind `if`, `get or else` and in lists.
void Checker::check_enum_values(const Node* node, const EnumType* enumeration) {
    if (node->kind == NodeKind::if_else) {
        check_enum_values(node->children[1], enumeration);
        check_enum_values(node->children[2], enumeration);
    } else if ((node->kind == NodeKind::call && node->text == "get or else") || node->kind == NodeKind::list) {
        for (const Node* child : node->children) check_enum_values(child, enumeration);
    } else {
        check_enum_value(node, enumeration);
    }
}

bool Checker::ordered_type(const Node* place, const Node* operand, TypeRef type) {
    switch (type->kind) {
        case TypeKind::enumeration:
            error("feel.type.mismatch", place, fmt::format("the values of {} have no order", describe(type)),
                  "compare with '=' or 'in'");
            return false;
        case TypeKind::boolean:
        case TypeKind::list:
        case TypeKind::context:
        case TypeKind::record:
        case TypeKind::object:
        case TypeKind::collection:
        case TypeKind::range:
        case TypeKind::function:
            error("feel.type.mismatch", operand, fmt::format("a {} has no order", describe(type)), "compare with '='");
            return false;
        default:
            return true;
    }
}

bool Checker::comparable(const Node* place, const Node* left, TypeRef a, const Node* right, TypeRef b, bool ordered) {
    if (a->kind == TypeKind::number && b->kind == TypeKind::number && a->currency.empty()) return true;
    if (ordered && (!ordered_type(place, left, a) || !ordered_type(place, right, b))) return false;
    if (is_open(a) || is_open(b)) return true;
    if (a->kind == TypeKind::enumeration && b->kind != TypeKind::list) check_enum_values(right, a->enumeration);
    if (b->kind == TypeKind::enumeration && a->kind != TypeKind::list) check_enum_values(left, b->enumeration);
    bool same = a->kind == b->kind || (is_text(a) && is_text(b));
    if (!same && is_duration(a) && is_duration(b))
        same = a->kind == TypeKind::duration || b->kind == TypeKind::duration;
    if (same && a->kind == TypeKind::record && a->class_id != b->class_id) {
        error("feel.type.mismatch", place, "these two are records of different entities and never equal");
        return false;
    }
    if (same && mixes(a, b)) {
        mixed_money(place, a, b);
        return false;
    }
    if (same && a->kind == TypeKind::enumeration && b->kind == TypeKind::enumeration && a->enumeration &&
        b->enumeration && a->enumeration != b->enumeration) {
        bool shared = false;
        for (const EnumItem& item : a->enumeration->items) shared |= b->enumeration->find(item.value) >= 0;
        if (!shared) {
            error("feel.type.mismatch", place,
                  fmt::format("{} and {} have no value in common", describe(a), describe(b)));
            return false;
        }
    }
    if (same) return true;
    std::string hint;
    bool point_a = a->kind == TypeKind::date || a->kind == TypeKind::date_time;
    bool point_b = b->kind == TypeKind::date || b->kind == TypeKind::date_time;
    if (point_a && point_b)
        hint = "write date(…) around the date and time";
    else if ((point_a && b->kind == TypeKind::string) || (point_b && a->kind == TypeKind::string))
        hint = "write the date as @\"2026-01-31\"";
    else if (a->kind == TypeKind::list || b->kind == TypeKind::list)
        hint = "take one item with [1], or ask with 'list contains' or 'some'";
    else if (is_text(a) && b->kind == TypeKind::number)
        hint = "write the number in quotes, or number(…) around the text";
    else if (is_text(b) && a->kind == TypeKind::number)
        hint = "write the number without quotes";
    else if (a->kind == TypeKind::record || b->kind == TypeKind::record)
        hint = "compare with a record, or with one of its fields";
    error("feel.type.mismatch", place, fmt::format("{} and {} cannot be compared", describe(a), describe(b)), hint);
    return false;
}

TypeRef Checker::check_comparison(Node* node) {
    TypeRef a = check(node->children[0]);
    TypeRef b = check(node->children[1]);
    bool ordered = node->kind != NodeKind::equal && node->kind != NodeKind::not_equal;
    comparable(node, node->children[0], a, node->children[1], b, ordered);
    bool nullable = ordered ? a->nullable || b->nullable : a->kind == TypeKind::any || b->kind == TypeKind::any;
    return basic(TypeKind::boolean, nullable);
}

bool Checker::want_boolean(const Node* node, const char* what) {
    if (is_open(node->type) || node->type->kind == TypeKind::boolean) return true;
    std::string hint;
    if (node->type->kind == TypeKind::list)
        hint = "write count(…) > 0";
    else if (node->type->kind == TypeKind::record)
        hint = "write … != null";
    error("feel.type.mismatch", node, fmt::format("{} is {}, not true or false", what, describe(node->type)), hint);
    return false;
}

TypeRef Checker::check_logical(Node* node) {
    bool conjunction = node->kind == NodeKind::logical_and;
    TypeRef a = check(node->children[0]);
    want_boolean(node->children[0], conjunction ? "a side of 'and'" : "a side of 'or'");
    size_t known = known_.size();
    learn(node->children[0], conjunction);
    TypeRef b = check(node->children[1]);
    known_.resize(known);
    want_boolean(node->children[1], conjunction ? "a side of 'and'" : "a side of 'or'");
    return basic(TypeKind::boolean, a->nullable || b->nullable);
}

TypeRef Checker::check_between(Node* node) {
    TypeRef value = check(node->children[0]);
    bool nullable = value->nullable;
    for (size_t i = 1; i < 3; i++) {
        TypeRef bound = check(node->children[i]);
        nullable |= bound->nullable;
        comparable(node, node->children[0], value, node->children[i], bound, true);
    }
    return basic(TypeKind::boolean, nullable);
}

TypeRef Checker::check_range(Node* node) {
    // (= 5) has one operand as both ends.
    bool single = node->children[0] == node->children[1];
    TypeRef low = check(node->children[0]);
    if (single) node->children[1] = node->children[0];
    TypeRef high = single ? low : check(node->children[1]);
    comparable(node, node->children[0], low, node->children[1], high, true);
    for (size_t i = 0; i < 2; i++) {
        const Node* end = node->children[i];
        if (end->kind != NodeKind::literal || !end->constant.is_null() || !end->text.empty()) continue;
        error("feel.type.mismatch", end, "a range's end is not null",
              i == 0 ? "write (< …) for a range without a low end" : "write (> …) for a range without a high end");
    }
    TypeRef element = is_open(low) ? high : low;
    return types_.range(is_open(element) ? nullptr : types_.with_nullable(element, false), false);
}

// One test of `in`: a comparison, a range, a list of them, a boolean over `?`, or a value to equal.
bool Checker::check_test(Node*& test, const Node* value, TypeRef input, bool& nullable) {
    if (test->kind == NodeKind::unary_compare) {
        TypeRef operand = check(test->children[0]);
        bool ordered = test->op != NodeKind::equal && test->op != NodeKind::not_equal;
        test->type = basic(TypeKind::boolean, ordered && (operand->nullable || input->nullable));
        nullable |= test->type->nullable;
        return comparable(test, value, input, test->children[0], operand, ordered);
    }
    if (test->kind == NodeKind::list) {
        TypeRef element = nullptr;
        bool ok = true;
        for (Node*& child : test->children) {
            ok &= check_test(child, value, input, nullable);
            element = element ? join(element, child->type) : child->type;
        }
        test->type = types_.list(element ? element : any(), false);
        return ok;
    }
    TypeRef type = check(test);
    return check_test_value(test, value, input, type, nullable);
}

bool Checker::check_test_value(Node* test, const Node* value, TypeRef input, TypeRef type, bool& nullable) {
    // What the test is compared with: the items of a list, the ends of a range, or itself.
    if (type->kind == TypeKind::list && input->kind != TypeKind::list) {
        nullable |= type->nullable;
        if (!type->element) return true;
        return check_test_value(test, value, input, type->element, nullable);
    }
    if (type->kind == TypeKind::list && input->kind == TypeKind::list) return true;
    if (type->kind == TypeKind::range && input->kind != TypeKind::range) {
        nullable |= input->nullable || type->nullable;
        if (test->kind == NodeKind::range) {
            for (const Node* bound : test->children)
                nullable |= bound->type->nullable && bound->type->kind != TypeKind::null;
        }
        return !type->element || comparable(test, value, input, test, type->element, true);
    }
    // In a cell a boolean may be a condition over `?`; it is one wherever the input is not boolean itself.
    if (value->kind == NodeKind::input && type->kind == TypeKind::boolean && input->kind != TypeKind::boolean) {
        nullable |= type->nullable;
        return true;
    }
    if (type->kind == TypeKind::any) nullable = true;
    return comparable(test, value, input, test, type, false);
}

TypeRef Checker::check_in(Node* node) {
    TypeRef input = check(node->children[0]);
    bool nullable = false;
    for (size_t i = 1; i < node->children.size(); i++)
        check_test(node->children[i], node->children[0], input, nullable);
    return basic(TypeKind::boolean, nullable);
}

TypeRef Checker::check_if(Node* node) {
    check(node->children[0]);
    want_boolean(node->children[0], "the condition of 'if'");
    size_t known = known_.size();
    learn(node->children[0], true);
    TypeRef yes = check(node->children[1]);
    known_.resize(known);
    learn(node->children[0], false);
    TypeRef no = check(node->children[2]);
    known_.resize(known);
    return join(yes, no);
}

// The least type that both have.
TypeRef Checker::join(TypeRef a, TypeRef b) {
    if (a == b) return a;
    bool nullable = a->nullable || b->nullable;
    if (a->kind == TypeKind::null) return types_.with_nullable(b, true);
    if (b->kind == TypeKind::null) return types_.with_nullable(a, true);
    if (a->kind == TypeKind::number && b->kind == TypeKind::number) {
        if (a->currency == b->currency)
            return types_.money(a->currency, a->scale == b->scale ? a->scale : -1, nullable);
        if (a->currency.empty() || b->currency.empty())
            return types_.money(a->currency.empty() ? b->currency : a->currency, -1, nullable);
        return basic(TypeKind::number, nullable);
    }
    if (is_text(a) && is_text(b)) {
        if (a->enumeration && a->enumeration == b->enumeration) return types_.enumeration(a->enumeration, nullable);
        return basic(TypeKind::string, nullable);
    }
    if (is_duration(a) && is_duration(b)) return basic(a->kind == b->kind ? a->kind : TypeKind::duration, nullable);
    if (a->kind != b->kind) return any();
    switch (a->kind) {
        case TypeKind::list:
            return types_.list(a->element && b->element ? join(a->element, b->element) : any(), nullable);
        case TypeKind::range:
            return types_.range(a->element && b->element ? join(a->element, b->element) : nullptr, nullable);
        case TypeKind::record:
            return a->class_id == b->class_id ? types_.record(a->class_id, nullable) : any();
        case TypeKind::context: {
            if (a->members.size() != b->members.size()) return basic(TypeKind::context, nullable);
            std::vector<Member> members = a->members;
            for (Member& member : members) {
                const Member* other = nullptr;
                for (const Member& candidate : b->members) {
                    if (candidate.name == member.name) other = &candidate;
                }
                if (!other) return basic(TypeKind::context, nullable);
                member.type = join(member.type, other->type);
            }
            return types_.context(std::move(members), nullable);
        }
        case TypeKind::function:
        case TypeKind::object:
        case TypeKind::collection:
            return any();
        default:
            return basic(a->kind, nullable);
    }
}

bool Checker::assignable(TypeRef from, TypeRef to) const {
    if (is_open(from) || is_open(to) || from == to) return true;
    if (is_text(from) && is_text(to)) return true;
    if (is_duration(from) && is_duration(to))
        return from->kind == to->kind || from->kind == TypeKind::duration || to->kind == TypeKind::duration;
    if (from->kind != to->kind) return false;
    if (from->kind == TypeKind::record) return from->class_id == to->class_id;
    if (from->kind == TypeKind::list || from->kind == TypeKind::range)
        return !from->element || !to->element || assignable(from->element, to->element);
    return true;
}

void Checker::check_expected(const Node* node, TypeRef expected) {
    if (!assignable(node->type, expected)) {
        std::string hint;
        if (expected->kind == TypeKind::boolean && node->type->kind == TypeKind::list) hint = "write count(…) > 0";
        const bool list_of_it =
            node->type->kind == TypeKind::list && node->type->element && node->type->element->kind == expected->kind;
        if (expected->kind == TypeKind::number && list_of_it)
            hint = "write sum(…), or another function of lists, around it";
        if (expected->kind == TypeKind::date && node->type->kind == TypeKind::date_time)
            hint = "write date(…) around it";
        if (is_text(expected) && node->type->kind == TypeKind::number) hint = "write string(…) around it";
        error("feel.type.mismatch", node,
              fmt::format("{} is wanted here, this is {}", describe(expected), describe(node->type)), hint);
        return;
    }
    if (mixes(node->type, expected)) mixed_money(node, node->type, expected);
    TypeRef item = expected->kind == TypeKind::list && expected->element ? expected->element : expected;
    if (item->kind == TypeKind::enumeration) check_enum_values(node, item->enumeration);
}

}  // namespace leat::feel
