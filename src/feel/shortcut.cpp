#include "feel/shortcut.hpp"

#include <algorithm>
#include <optional>

#include "feel/quick_compare.hpp"

namespace leat::feel {

using ast::Node;
using ast::NodeKind;

namespace {

constexpr uint32_t kConstants = 0, kRow = 1, kLocals = 2;  // spaces
constexpr uint32_t kSpaceShift = 30, kIndexMask = (1u << kSpaceShift) - 1;
constexpr uint8_t kLess = 1, kEqual = 2, kGreater = 4;

uint8_t relation_of(NodeKind kind) {
    switch (kind) {
        case NodeKind::equal:
            return kEqual;
        case NodeKind::not_equal:
            return kLess | kGreater;
        case NodeKind::less:
            return kLess;
        case NodeKind::less_equal:
            return kLess | kEqual;
        case NodeKind::greater:
            return kGreater;
        case NodeKind::greater_equal:
            return kGreater | kEqual;
        default:
            return 0;
    }
}

// -1, 0, 1 as the bit of a relation.
bool holds(uint8_t relation, int order) {
    return (relation >> (order + 1)) & 1;
}

// A field of the record or a local of the frame, in place.
std::optional<uint32_t> place_of(const Node* node) {
    if (node->kind == NodeKind::name && node->binding.kind == Binding::Kind::field)
        return kRow << kSpaceShift | node->binding.index;
    if (node->kind == NodeKind::name && node->binding.kind == Binding::Kind::local)
        return kLocals << kSpaceShift | node->binding.index;
    if (node->kind == NodeKind::member && node->by_index && node->children[0]->kind == NodeKind::name &&
        node->children[0]->binding.kind == Binding::Kind::self)
        return kRow << kSpaceShift | node->index;
    return std::nullopt;
}

bool is_text(TypeRef type) {
    return type->kind == TypeKind::string || type->kind == TypeKind::enumeration;
}

const Value* constant_of(const Node* node) {
    if (node->kind == NodeKind::literal) return &node->constant;
    if (node->kind == NodeKind::name && node->binding.kind == Binding::Kind::constant) return &node->binding.constant;
    return nullptr;
}

}  // namespace

class ShortcutBuilder {
 public:
    explicit ShortcutBuilder(Shortcut& shortcut) : tests_(shortcut.tests_), constants_(shortcut.constants_) {}

    bool build(const Node* root) {
        uint32_t no = label();
        if (!condition(root, false, no)) return false;
        add({Shortcut::Test::yes});
        here(no);
        add({Shortcut::Test::no});
        for (Shortcut::Test& test : tests_) {
            if (test.kind != Shortcut::Test::yes && test.kind != Shortcut::Test::no) test.target = labels_[test.target];
        }
        return true;
    }

 private:
    using Test = Shortcut::Test;

    uint32_t label() {
        labels_.push_back(0);
        return static_cast<uint32_t>(labels_.size() - 1);
    }
    void here(uint32_t label) { labels_[label] = static_cast<uint32_t>(tests_.size()); }
    void add(const Test& test) { tests_.push_back(test); }
    uint32_t constant(const Value& value) {
        constants_.push_back(value);
        return kConstants << kSpaceShift | static_cast<uint32_t>(constants_.size() - 1);
    }

    // Jumps to `target` when the condition is `sense`, else goes on behind it. False: no shortcut can say.
    bool condition(const Node* node, bool sense, uint32_t target) {
        switch (node->kind) {
            case NodeKind::logical_and:
            case NodeKind::logical_or: {
                bool decided = node->kind == NodeKind::logical_or;  // the left side's truth that decides the whole
                if (sense == decided)
                    return condition(node->children[0], sense, target) && condition(node->children[1], sense, target);
                uint32_t end = label();
                if (!condition(node->children[0], decided, end) || !condition(node->children[1], sense, target))
                    return false;
                here(end);
                return true;
            }
            case NodeKind::call:
                return node->text == "not" && node->children.size() == 1 &&
                       condition(node->children[0], !sense, target);
            case NodeKind::between:
                return between(node->children[0], node->children[1], node->children[2], true, true, sense, target);
            case NodeKind::in:
                return in(node, sense, target);
            default:
                break;
        }
        if (uint8_t relation = relation_of(node->kind))
            return compare(node->children[0], relation, node->children[1], sense, target);
        auto place = place_of(node);
        if (!place || node->type->kind != TypeKind::boolean) return false;
        add({Test::flag, sense, 0, 0, *place, 0, target});
        return true;
    }

    bool compare(const Node* left, uint8_t relation, const Node* right, bool sense, uint32_t target) {
        auto place = place_of(left);
        if (!place) {
            if (!place_of(right)) return false;
            uint8_t mirrored =
                static_cast<uint8_t>((relation & kEqual) | (relation & kLess) << 2 | (relation & kGreater) >> 2);
            return compare(right, mirrored, left, sense, target);
        }
        const Value* value = constant_of(right);
        bool equality = relation == kEqual || relation == (kLess | kGreater);
        if (value && value->is_null()) {
            if (!equality) return false;
            add({Test::missing, sense == (relation == kEqual), 0, 0, *place, 0, target});
            return true;
        }
        auto other = place_of(right);
        if (!value && !other) return false;
        TypeKind kind = left->type->kind;
        if (kind == TypeKind::number && right->type->kind == TypeKind::number) {
            uint32_t operand = other ? *other : constant(to_scale(*value, left->type->scale));
            add({Test::number, sense, relation, 0, *place, operand, target});
            return true;
        }
        if (kind == TypeKind::date && right->type->kind == TypeKind::date) {
            add({Test::date, sense, relation, 0, *place, other ? *other : constant(*value), target});
            return true;
        }
        if (!equality || !is_text(left->type) || !is_text(right->type)) return false;
        add({Test::text, sense == (relation == kEqual), 0, 0, *place, other ? *other : constant(*value), target});
        return true;
    }

    // The number with the field's own digits, so that nothing has to be brought to one scale when it runs.
    static Value to_scale(const Value& number, int scale) {
        if (number.kind != Kind::number || scale < 0 || number.exponent <= -scale) return number;
        auto same = number.as_number().rescale(scale);
        return same ? Value::number(*same) : number;
    }

    bool between(const Node* value, const Node* low, const Node* high, bool low_closed, bool high_closed, bool sense,
                 uint32_t target) {
        auto above = static_cast<uint8_t>(low_closed ? kGreater | kEqual : kGreater);
        auto below = static_cast<uint8_t>(high_closed ? kLess | kEqual : kLess);
        // A missing end is no comparison with null.
        if (low->type->kind == TypeKind::null || high->type->kind == TypeKind::null) return false;
        if (!sense) return compare(value, above, low, false, target) && compare(value, below, high, false, target);
        uint32_t end = label();
        if (!compare(value, above, low, false, end) || !compare(value, below, high, true, target)) return false;
        here(end);
        return true;
    }

    bool in(const Node* node, bool sense, uint32_t target) {
        std::vector<const Node*> tests;
        for (size_t i = 1; i < node->children.size(); i++) {
            const Node* test = node->children[i];
            if (test->kind == NodeKind::list)
                tests.insert(tests.end(), test->children.begin(), test->children.end());
            else
                tests.push_back(test);
        }
        if (tests.empty()) return false;
        if (one_text(node->children[0], tests, sense, target)) return true;
        // Any of them: like a chain of `or`.
        uint32_t end = sense ? target : label();
        for (size_t i = 0; i < tests.size(); i++) {
            bool last = i + 1 == tests.size();
            if (!test(node->children[0], tests[i], last ? sense : true, last ? target : end)) return false;
        }
        if (!sense) here(end);
        return true;
    }

    bool one_text(const Node* value, const std::vector<const Node*>& tests, bool sense, uint32_t target) {
        auto place = place_of(value);
        bool texts = std::all_of(tests.begin(), tests.end(), [](const Node* test) {
            const Value* constant = constant_of(test);
            return constant && constant->kind == Kind::string;
        });
        if (!place || !texts || tests.size() > UINT16_MAX) return false;
        uint32_t first = static_cast<uint32_t>(constants_.size());
        for (const Node* test : tests) constant(*constant_of(test));
        add({Test::one_text, sense, 0, static_cast<uint16_t>(tests.size()), *place, kConstants << kSpaceShift | first,
             target});
        return true;
    }

    bool test(const Node* value, const Node* test, bool sense, uint32_t target) {
        if (test->kind == NodeKind::unary_compare)
            return compare(value, relation_of(test->op), test->children[0], sense, target);
        if (test->kind == NodeKind::range)
            return between(value, test->children[0], test->children[1], test->low_closed, test->high_closed, sense,
                           target);
        const Value* constant = constant_of(test);
        return constant && !constant->is_null() && compare(value, kEqual, test, sense, target);
    }

    std::vector<Test>& tests_;
    std::vector<Value>& constants_;
    std::vector<uint32_t> labels_;  // where each label stands
};

std::unique_ptr<Shortcut> Shortcut::of(const Node* root) {
    std::unique_ptr<Shortcut> made(new Shortcut);
    if (!ShortcutBuilder(*made).build(root)) return nullptr;
    return made;
}

Shortcut::Answer Shortcut::decide(const Value* row, const Value* locals) const {
    const Value* spaces[] = {constants_.data(), row, locals};
    auto operand = [&](uint32_t bits) -> const Value& { return spaces[bits >> kSpaceShift][bits & kIndexMask]; };
    const Test* first = tests_.data();
    const Test* test = first;
    while (true) {
        bool truth = false;
        switch (test->kind) {
            case Test::number: {
                const Value &left = operand(test->left), &right = operand(test->right);
                if (left.kind != Kind::number || right.kind != Kind::number) return Answer::unknown;
                truth = holds(test->relation, compare_numbers(left, right));
                break;
            }
            case Test::date: {
                const Value &left = operand(test->left), &right = operand(test->right);
                if (left.kind != Kind::date || right.kind != Kind::date) return Answer::unknown;
                auto a = static_cast<int64_t>(left.bits.low), b = static_cast<int64_t>(right.bits.low);
                truth = holds(test->relation, a < b ? -1 : a > b);
                break;
            }
            case Test::text: {
                const Value &left = operand(test->left), &right = operand(test->right);
                if (left.kind != Kind::string || right.kind != Kind::string) return Answer::unknown;
                truth = same_text(left, right);
                break;
            }
            case Test::one_text: {
                const Value &left = operand(test->left), *right = &operand(test->right);
                if (left.kind != Kind::string) return Answer::unknown;
                for (uint16_t i = 0; i < test->count && !truth; i++) truth = same_text(left, right[i]);
                break;
            }
            case Test::flag: {
                const Value& left = operand(test->left);
                if (left.kind != Kind::boolean) return Answer::unknown;
                truth = left.flags != 0;
                break;
            }
            case Test::missing:
                truth = operand(test->left).is_null();
                break;
            case Test::yes:
                return Answer::yes;
            case Test::no:
                return Answer::no;
        }
        if (truth == test->sense)
            test = first + test->target;
        else
            ++test;
    }
}

}  // namespace leat::feel
