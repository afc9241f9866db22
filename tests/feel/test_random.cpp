// Two ways, one answer: random expressions run by the machine and by a plain walk over the typed tree.
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>

#include "catch.hpp"
#include "feel/ast.hpp"
#include "feel/expression.hpp"
#include "random_expressions.hpp"

using namespace leat;
using feel::ast::Node;
using feel::ast::NodeKind;
using random_expressions::LocalScope;
using random_expressions::Writer;

namespace {

// The plain walk. Three-valued logic and nulls as DMN's tables have them; values as the tree says.
class Walk {
 public:
    Walk(const Value* locals, Arena& arena) : locals_(locals), arena_(arena) {}

    Value eval(const Node* n) {
        auto child = [&](size_t i) { return eval(n->children[i]); };
        switch (n->kind) {
            case NodeKind::literal:
                return n->constant;
            case NodeKind::name:
                return locals_[n->binding.index];
            case NodeKind::local:
            case NodeKind::item:
                return slots_.at(n->index);
            case NodeKind::member:
                return member(child(0), std::string(n->text));
            case NodeKind::negate: {
                Value v = child(0);
                return v.is_null() ? v : Value::number(v.as_number().negate());
            }
            case NodeKind::add:
            case NodeKind::subtract:
            case NodeKind::multiply:
            case NodeKind::divide:
                return arithmetic(n->kind, child(0), child(1));
            case NodeKind::logical_and: {
                Value l = child(0), r = child(1);
                if (l.is_false() || r.is_false()) return Value::boolean(false);
                return l.is_true() && r.is_true() ? Value::boolean(true) : Value();
            }
            case NodeKind::logical_or:
                return either(child(0), child(1));
            case NodeKind::between:
                return both(compare(NodeKind::greater_equal, child(0), child(1)),
                            compare(NodeKind::less_equal, child(0), child(2)));
            case NodeKind::in: {
                Value v = child(0), any = Value::boolean(false);
                for (size_t i = 1; i < n->children.size(); i++) any = either(any, test(v, n->children[i]));
                return any;
            }
            case NodeKind::if_else:
                return child(0).is_true() ? child(1) : child(2);
            case NodeKind::for_each:
                return loop(n);
            case NodeKind::some:
            case NodeKind::every:
                return quantified(n);
            case NodeKind::filter:
                return filter(n);
            case NodeKind::index:
                return index(child(0), child(1));
            case NodeKind::list: {
                std::vector<Value> items;
                for (const Node* c : n->children) items.push_back(eval(c));
                return make(items);
            }
            case NodeKind::call:
                return call(n);
            default:
                return compare(n->kind, child(0), child(1));
        }
    }

 private:
    Value make(const std::vector<Value>& items) {
        Value* copy = arena_.array<Value>(items.size());
        std::copy(items.begin(), items.end(), copy);
        return Value::list(copy, items.size());
    }
    static Value both(const Value& l, const Value& r) {
        if (l.is_false() || r.is_false()) return Value::boolean(false);
        return l.is_true() && r.is_true() ? Value::boolean(true) : Value();
    }
    static Value either(const Value& l, const Value& r) {
        if (l.is_true() || r.is_true()) return Value::boolean(true);
        return l.is_false() && r.is_false() ? Value::boolean(false) : Value();
    }
    Value member(const Value& object, const std::string& name) {
        if (object.kind != Kind::list) {
            const Value* found = object.is_null() ? nullptr : object.context->find(name);
            return found ? *found : Value();
        }
        std::vector<Value> items;
        for (const Value& item : object.as_list()) items.push_back(member(item, name));
        return make(items);
    }
    Value arithmetic(NodeKind kind, const Value& l, const Value& r) {
        if (l.is_null() || r.is_null()) return Value();
        if (l.kind == Kind::string)
            return Value::string(arena_.copy(std::string(l.as_string()) + std::string(r.as_string())));
        std::optional<Decimal> result;
        if (kind == NodeKind::add) result = Decimal::add(l.as_number(), r.as_number());
        if (kind == NodeKind::subtract) result = Decimal::subtract(l.as_number(), r.as_number());
        if (kind == NodeKind::multiply) result = Decimal::multiply(l.as_number(), r.as_number());
        if (kind == NodeKind::divide) result = Decimal::divide(l.as_number(), r.as_number());
        return result ? Value::number(*result) : Value();
    }
    static Value compare(NodeKind kind, const Value& l, const Value& r) {
        if (kind == NodeKind::equal || kind == NodeKind::not_equal) {
            bool same = l.is_null() || r.is_null() ? l.is_null() && r.is_null() : value::identical(l, r);
            return Value::boolean(same == (kind == NodeKind::equal));
        }
        if (l.is_null() || r.is_null()) return Value();
        auto order = *value::compare(l, r);
        if (kind == NodeKind::less) return Value::boolean(order < 0);
        if (kind == NodeKind::less_equal) return Value::boolean(order <= 0);
        if (kind == NodeKind::greater) return Value::boolean(order > 0);
        return Value::boolean(order >= 0);
    }
    Value test(const Value& v, const Node* n) {
        if (n->kind == NodeKind::unary_compare) return compare(n->op, v, eval(n->children[0]));
        if (n->kind == NodeKind::range) {
            Value low = compare(n->low_closed ? NodeKind::greater_equal : NodeKind::greater, v, eval(n->children[0]));
            return both(low, compare(n->high_closed ? NodeKind::less_equal : NodeKind::less, v, eval(n->children[1])));
        }
        if (n->kind == NodeKind::list) {
            Value any = Value::boolean(false);
            for (const Node* c : n->children) any = either(any, test(v, c));
            return any;
        }
        Value t = eval(n);
        if (t.kind != Kind::list) return compare(NodeKind::equal, v, t);
        for (const Value& item : t.as_list()) {
            if (compare(NodeKind::equal, v, item).is_true()) return Value::boolean(true);
        }
        return Value::boolean(false);
    }
    // The items that a domain runs over; false for null.
    bool domain(const Node* n, std::vector<Value>& items) {
        if (n->kind == NodeKind::range) {
            auto low = eval(n->children[0]).as_number().to_int64(), high = eval(n->children[1]).as_number().to_int64();
            for (int64_t i = *low; i <= *high; i++) items.push_back(Value::number(Decimal(i)));
            return true;
        }
        Value list = eval(n);
        if (list.is_null()) return false;
        items.assign(list.as_list().begin(), list.as_list().end());
        return true;
    }
    Value loop(const Node* n) {
        std::vector<Value> items, out;
        if (!domain(n->children[0], items)) return Value();
        for (const Value& item : items) {
            slots_[n->index] = item;
            out.push_back(eval(n->children[1]));
        }
        return make(out);
    }
    Value quantified(const Node* n) {
        std::vector<Value> items;
        if (!domain(n->children[0], items)) return Value();
        Value result = Value::boolean(n->kind == NodeKind::every);
        for (const Value& item : items) {
            slots_[n->index] = item;
            Value c = eval(n->children[1]);
            result = n->kind == NodeKind::some ? either(result, c) : both(result, c);
        }
        return result;
    }
    Value filter(const Node* n) {
        std::vector<Value> items, out;
        if (!domain(n->children[0], items)) return Value();
        for (const Value& item : items) {
            slots_[n->index] = item;
            if (eval(n->children[1]).is_true()) out.push_back(item);
        }
        return make(out);
    }
    Value index(const Value& list, const Value& at) {
        if (list.is_null() || at.is_null()) return Value();
        auto whole = at.as_number().to_int64();
        if (!whole || *whole == 0) return Value();
        int64_t place = *whole > 0 ? *whole - 1 : static_cast<int64_t>(list.aux) + *whole;
        return place >= 0 && place < static_cast<int64_t>(list.aux) ? list.items[place] : Value();
    }
    Value call(const Node* n) {
        std::vector<Value> v;
        for (const Node* c : n->children) v.push_back(eval(c));
        if (n->text == "not") return v[0].kind == Kind::boolean ? Value::boolean(!v[0].is_true()) : Value();
        if (n->text == "get or else") return v[0].is_null() ? v[1] : v[0];
        if (n->text == "concatenate") {
            if (v[0].is_null() || v[1].is_null()) return Value();
            std::vector<Value> all(v[0].as_list().begin(), v[0].as_list().end());
            all.insert(all.end(), v[1].as_list().begin(), v[1].as_list().end());
            return make(all);
        }
        if (v[0].is_null()) return Value();
        if (n->text == "string length") {
            int64_t count = 0;
            for (char c : v[0].as_string()) count += (c & 0xC0) != 0x80;
            return Value::number(Decimal(count));
        }
        auto items = v[0].as_list();
        if (n->text == "count") return Value::number(Decimal(static_cast<int64_t>(items.size())));
        if (n->text == "list contains") {
            for (const Value& item : items) {
                if (compare(NodeKind::equal, item, v[1]).is_true()) return Value::boolean(true);
            }
            return Value::boolean(false);
        }
        Value out = items.empty() ? Value() : items[0];
        for (size_t i = 1; i < items.size(); i++) {
            if (out.is_null() || items[i].is_null()) return Value();
            if (n->text == "sum")
                out = arithmetic(NodeKind::add, out, items[i]);
            else if (compare(n->text == "min" ? NodeKind::less : NodeKind::greater, items[i], out).is_true())
                out = items[i];
        }
        return out;
    }

    const Value* locals_;
    Arena& arena_;
    std::map<uint32_t, Value> slots_;
};

}  // namespace

TEST_CASE("feel: the machine agrees with a walk over the tree") {
    const char* given = std::getenv("LEAT_TEST_SEED");
    uint64_t seed = given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
    std::cout << "feel random seed " << seed << " (LEAT_TEST_SEED repeats it)\n";
    LocalScope scope;
    std::mt19937_64 random(seed);
    Writer writer(seed);
    int compiled = 0;
    for (int i = 0; i < 3000; i++) {
        Text source;
        int depth = 1 + static_cast<int>(random() % 3);
        source.text = random() % 2 == 0   ? writer.boolean(depth)
                      : random() % 2 == 0 ? writer.number(depth)
                                          : writer.list(depth);
        INFO("seed " << seed << ": " << source.text);
        Diagnostics diagnostics;
        auto expression = feel::compile(source, scope, {}, diagnostics);
        if (!expression) {
            INFO(diagnostics.all()[0].message);
            FAIL("does not compile");
        }
        compiled++;
        Arena arena;
        auto maybe = [&](Value value) { return random() % 4 == 0 ? Value() : value; };
        Value xs[] = {maybe(Value::number(Decimal(1))), Value::number(Decimal(5)),
                      maybe(Value::number(Decimal::make(25, -1)))};
        value::ContextEntry entries[3][2];
        value::ContextData data[3];
        Value cs[3];
        for (int c = 0; c < 3; c++) {
            entries[c][0] = {"v", maybe(Value::number(Decimal(c)))};
            entries[c][1] = {"w", maybe(Value::string("x"))};
            data[c] = {entries[c], 2};
            cs[c] = Value::context_of(&data[c]);
        }
        Value locals[] = {maybe(Value::number(Decimal(2))), maybe(Value::number(Decimal::make(-15, -1))),
                          maybe(Value::string("x")),        maybe(Value::boolean(random() % 2 == 0)),
                          maybe(Value::list(xs, 3)),        maybe(Value::list(cs, 3))};
        feel::Frame frame;
        frame.locals = locals;
        frame.arena = &arena;
        Value got = expression->evaluate(frame);
        Value wanted = Walk(locals, arena).eval(expression->tree());
        INFO("machine " << value::to_text(got) << ", walk " << value::to_text(wanted));
        REQUIRE(value::identical(got, wanted));
        // The checker's promise: what it calls non-null is not null.
        if (!expression->type()->nullable) REQUIRE_FALSE(got.is_null());
    }
    CHECK(compiled == 3000);
}
