#include "form/condition.hpp"

#include <fmt/format.h>

#include <vector>

#include "base/json.hpp"
#include "form/number_pattern.hpp"
#include "record/column.hpp"

namespace leat::form {

using feel::Binding;
using feel::ast::Node;
using feel::ast::NodeKind;
using program::Field;
using program::FieldKind;

namespace {

bool numeric(FieldKind kind) {
    return kind == FieldKind::integer || kind == FieldKind::decimal || kind == FieldKind::money;
}
// Kinds whose values are equal when their JSON is.
bool literal_kind(FieldKind kind) {
    return kind == FieldKind::string || kind == FieldKind::text || kind == FieldKind::enumeration ||
           kind == FieldKind::role || kind == FieldKind::boolean || kind == FieldKind::date;
}

NodeKind mirrored(NodeKind kind) {
    switch (kind) {
        case NodeKind::less:
            return NodeKind::greater;
        case NodeKind::less_equal:
            return NodeKind::greater_equal;
        case NodeKind::greater:
            return NodeKind::less;
        case NodeKind::greater_equal:
            return NodeKind::less_equal;
        default:
            return kind;
    }
}

class Translator {
 public:
    explicit Translator(const ConditionOf& of) : of_(of) {}

    std::optional<std::string> node(const Node* node) {
        switch (node->kind) {
            case NodeKind::logical_and:
            case NodeKind::logical_or: {
                auto left = this->node(node->children[0]);
                auto right = left ? this->node(node->children[1]) : std::nullopt;
                if (!right) return std::nullopt;
                return fmt::format("{{\"{}\":[{},{}]}}", node->kind == NodeKind::logical_and ? "allOf" : "anyOf", *left,
                                   *right);
            }
            case NodeKind::equal:
            case NodeKind::not_equal:
            case NodeKind::less:
            case NodeKind::less_equal:
            case NodeKind::greater:
            case NodeKind::greater_equal:
                return comparison(node->kind, node->children[0], node->children[1]);
            case NodeKind::between: {
                Bounds bounds;
                bounds.low = number_of(node->children[1]);
                bounds.high = number_of(node->children[2]);
                return bounds.low && bounds.high ? range(node->children[0], bounds) : std::nullopt;
            }
            case NodeKind::in:
                return in(node);
            case NodeKind::call:
                if (node->text != "not" || node->children.size() != 1 || !two_valued(node->children[0]))
                    return std::nullopt;
                if (auto inner = this->node(node->children[0])) return negated(*inner);
                return std::nullopt;
            case NodeKind::literal:
                if (node->constant.kind != Kind::boolean) return std::nullopt;
                return node->constant.is_true() ? "true" : "false";
            default: {
                const Field* field = field_of(node);
                if (!field || field->kind != FieldKind::boolean) return std::nullopt;
                return equal(*field, Value::boolean(true));
            }
        }
    }

 private:
    static std::string negated(const std::string& schema) { return fmt::format("{{\"not\":{}}}", schema); }

    // Whether a condition is never null, so that not() of it is its opposite: equality has an answer for nulls.
    bool two_valued(const Node* node) const {
        if (node->kind == NodeKind::logical_and || node->kind == NodeKind::logical_or)
            return two_valued(node->children[0]) && two_valued(node->children[1]);
        return node->kind == NodeKind::equal || node->kind == NodeKind::not_equal;
    }

    const Field* field_of(const Node* node) const {
        const auto& fields = of_.entity.fields;
        uint32_t index = 0;
        if (node->kind == NodeKind::name && node->binding.kind == Binding::Kind::field) {
            index = node->binding.index;
        } else if (node->kind == NodeKind::member && node->by_index && node->children[0]->kind == NodeKind::name &&
                   node->children[0]->binding.kind == Binding::Kind::self) {
            index = node->index;
        } else {
            return nullptr;
        }
        if (index >= fields.size() || !of_.in_document(fields[index])) return nullptr;
        return &fields[index];
    }

    static std::optional<Value> value_of(const Node* node) {
        if (node->kind == NodeKind::literal) return node->constant;
        if (node->kind == NodeKind::name && node->binding.kind == Binding::Kind::constant)
            return node->binding.constant;
        if (node->kind == NodeKind::negate && node->children[0]->kind == NodeKind::literal &&
            node->children[0]->constant.kind == Kind::number)
            return Value::number(node->children[0]->constant.as_number().negate());
        return std::nullopt;
    }
    static std::optional<Decimal> number_of(const Node* node) {
        auto value = value_of(node);
        if (!value || value->kind != Kind::number) return std::nullopt;
        return value->as_number();
    }

    std::optional<std::string> comparison(NodeKind kind, const Node* left, const Node* right) {
        const Field* field = field_of(left);
        if (!field) {
            std::swap(left, right);
            kind = mirrored(kind);
            field = field_of(left);
        }
        auto value = field ? value_of(right) : std::nullopt;
        if (!value) return std::nullopt;
        if (kind == NodeKind::equal) return equal(*field, *value);
        if (kind == NodeKind::not_equal) {
            auto same = equal(*field, *value);
            return same ? std::optional(negated(*same)) : std::nullopt;
        }
        if (value->kind != Kind::number) return std::nullopt;
        Bounds bounds;
        if (kind == NodeKind::less || kind == NodeKind::less_equal) {
            bounds.high = value->as_number();
            bounds.high_open = kind == NodeKind::less;
        } else {
            bounds.low = value->as_number();
            bounds.low_open = kind == NodeKind::greater;
        }
        return range(left, bounds);
    }

    std::optional<std::string> in(const Node* node) {
        std::string any;
        for (size_t i = 1; i < node->children.size(); ++i) {
            const Node* test = node->children[i];
            std::vector<const Node*> parts{test};
            if (test->kind == NodeKind::list) parts = {test->children.begin(), test->children.end()};
            for (const Node* part : parts) {
                auto one = in_one(node->children[0], part);
                if (!one) return std::nullopt;
                any += (any.empty() ? "" : ",") + *one;
            }
        }
        return fmt::format("{{\"anyOf\":[{}]}}", any.empty() ? "false" : any);
    }

    std::optional<std::string> in_one(const Node* subject, const Node* test) {
        if (test->kind == NodeKind::unary_compare) return comparison(test->op, subject, test->children[0]);
        if (test->kind == NodeKind::range) {
            Bounds bounds;
            bounds.low = number_of(test->children[0]);
            bounds.high = number_of(test->children[1]);
            bounds.low_open = !test->low_closed;
            bounds.high_open = !test->high_closed;
            return bounds.low && bounds.high ? range(subject, bounds) : std::nullopt;
        }
        return comparison(NodeKind::equal, subject, test);
    }

    std::optional<std::string> equal(const Field& field, const Value& value) {
        if (value.is_null()) return negated(fmt::format("{{\"required\":[{}]}}", quoted(field.name)));
        if (numeric(field.kind) && value.kind == Kind::number) {
            Bounds bounds;
            bounds.low = bounds.high = value.as_number();
            return range_of(field, bounds);
        }
        bool fits = field.kind == FieldKind::boolean ? value.kind == Kind::boolean
                    : field.kind == FieldKind::date  ? value.kind == Kind::date
                                                     : value.kind == Kind::string;
        if (!literal_kind(field.kind) || !fits) return std::nullopt;
        auto standing = default_of(field);
        return leaf(field, fmt::format("{{\"const\":{}}}", json_of(of_.program, field, value, of_.numbers)),
                    standing && value::identical(*standing, value));
    }

    std::optional<std::string> range(const Node* subject, const Bounds& bounds) {
        const Field* field = field_of(subject);
        return field ? range_of(*field, bounds) : std::nullopt;
    }

    std::optional<std::string> range_of(const Field& field, const Bounds& bounds) {
        if (!numeric(field.kind)) return std::nullopt;
        std::string parts;
        auto add = [&](std::string part) { parts += (parts.empty() ? "" : ",") + part; };
        bool texts = field.kind != FieldKind::integer && !of_.numbers;
        if (bounds.low) {
            if (texts)
                add(fmt::format("{{\"pattern\":{}}}", quoted(at_least_pattern(*bounds.low, bounds.low_open))));
            else
                add(fmt::format("{{\"{}\":{}}}", bounds.low_open ? "exclusiveMinimum" : "minimum",
                                bounds.low->to_string()));
        }
        if (bounds.high) {
            if (texts)
                add(fmt::format("{{\"pattern\":{}}}", quoted(at_most_pattern(*bounds.high, bounds.high_open))));
            else
                add(fmt::format("{{\"{}\":{}}}", bounds.high_open ? "exclusiveMaximum" : "maximum",
                                bounds.high->to_string()));
        }
        auto standing = default_of(field);
        bool within = standing && standing->kind == Kind::number;
        if (within && bounds.low)
            within = bounds.low_open ? standing->as_number() > *bounds.low : standing->as_number() >= *bounds.low;
        if (within && bounds.high)
            within = bounds.high_open ? standing->as_number() < *bounds.high : standing->as_number() <= *bounds.high;
        return leaf(field, fmt::format("{{\"allOf\":[{}]}}", parts), within);
    }

    static std::string quoted(std::string_view text) {
        std::string out;
        JsonWriter(out).string(text);
        return out;
    }

    std::optional<Value> default_of(const Field& field) {
        return field.default_value ? constant_of(*field.default_value, arena_) : std::nullopt;
    }

    // `absent`: what the condition says of a document without the field.
    static std::string leaf(const Field& field, const std::string& schema, bool absent) {
        std::string name = quoted(field.name);
        std::string out = fmt::format("{{\"properties\":{{{}:{}}}", name, schema);
        if (!absent) out += fmt::format(",\"required\":[{}]", name);
        return out + "}";
    }

    const ConditionOf& of_;
    Arena arena_{1u << 20};
};

}  // namespace

std::optional<std::string> condition_schema(const feel::Expression& condition, const ConditionOf& of) {
    return Translator(of).node(condition.tree());
}

std::optional<Value> constant_of(const feel::Expression& expression, Arena& arena) {
    if (!expression.is_constant()) return std::nullopt;
    feel::Frame frame;
    frame.arena = &arena;
    return expression.evaluate(frame);
}

std::string json_of(const program::Program& program, const Field& field, const Value& value, bool numbers) {
    std::string out;
    JsonWriter json(out);
    switch (value.kind) {
        case Kind::null:
            json.null();
            break;
        case Kind::boolean:
            json.boolean(value.is_true());
            break;
        case Kind::number: {
            Decimal number = value.as_number();
            bool text = !numbers && (field.kind == FieldKind::decimal || field.kind == FieldKind::money);
            if (text) {
                json.string(number.rescale(field.scale, program.rounding).value_or(number).to_string());
            } else {
                json.number(number.to_string());
            }
            break;
        }
        case Kind::list: {
            json.begin_array();
            for (const Value& item : value.as_list()) json.raw(json_of(program, field, item, true));
            json.end_array();
            break;
        }
        default:
            json.string(record::scalar_text(program, value));
    }
    return out;
}

}  // namespace leat::form
