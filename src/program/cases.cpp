#include "program/cases.hpp"

#include <algorithm>
#include <compare>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "feel/ast.hpp"
#include "program/compiler.hpp"

namespace leat::program {

using feel::TypeKind;
using feel::ast::Node;
using feel::ast::NodeKind;

namespace {

// Guards asked, over all combinations: some milliseconds.
constexpr size_t kAsksMax = 50'000;
constexpr size_t kGuardsMax = 64;

enum class Truth : uint8_t { no, yes, null };

Truth operator!(Truth a) {
    return a == Truth::null ? a : a == Truth::yes ? Truth::no : Truth::yes;
}

// A value of a thing: one of its constants, or what lies beside them.
struct Cell {
    int place = 0;  // constant i stands at 2i + 1, what lies before it at 2i; of two things' order: -1, 0, 1
    bool null = false;
    Value shown;  // of this cell, for the witness
};

enum class Form : uint8_t { truth, ordered, listed, order_of_two };

struct Thing {
    std::string key, text;  // what makes it the same thing; as written
    Form form = Form::truth;
    feel::TypeRef type = nullptr;
    const Field* field = nullptr;  // of the record itself
    bool plain = false;            // a field, a member, something that is remembered
    std::string other;             // order_of_two: what it is compared with
    std::vector<Value> constants;
    std::vector<Cell> cells;
};

const Node& without_coercion(const Node& node) {
    const Node* at = &node;
    while (at->kind == NodeKind::coerce && at->children.size() == 1) at = at->children[0];
    return *at;
}

std::optional<Value> constant_of(const Node& wrapped) {
    const Node& node = without_coercion(wrapped);
    if (node.kind == NodeKind::literal) return node.constant;
    if (node.kind == NodeKind::name && node.binding.kind == feel::Binding::Kind::constant) return node.binding.constant;
    if (node.kind == NodeKind::call && node.text == "date" && node.children.size() == 1 &&
        node.children[0]->kind == NodeKind::literal && node.children[0]->constant.kind == Kind::string) {
        auto date = value::Date::parse(node.children[0]->constant.as_string());
        return date ? std::optional(Value::of(*date)) : std::nullopt;
    }
    if (node.kind != NodeKind::negate) return std::nullopt;
    auto operand = constant_of(*node.children[0]);
    if (!operand || operand->kind != Kind::number) return std::nullopt;
    return Value::number(operand->as_number().negate());
}

bool is_comparison(NodeKind kind) {
    return kind >= NodeKind::equal && kind <= NodeKind::greater_equal;
}

NodeKind turned(NodeKind op) {
    switch (op) {
        case NodeKind::less:
            return NodeKind::greater;
        case NodeKind::less_equal:
            return NodeKind::greater_equal;
        case NodeKind::greater:
            return NodeKind::less;
        case NodeKind::greater_equal:
            return NodeKind::less_equal;
        default:
            return op;
    }
}

bool holds(NodeKind op, int order) {
    switch (op) {
        case NodeKind::equal:
            return order == 0;
        case NodeKind::not_equal:
            return order != 0;
        case NodeKind::less:
            return order < 0;
        case NodeKind::less_equal:
            return order <= 0;
        case NodeKind::greater:
            return order > 0;
        default:
            return order >= 0;
    }
}

bool is_equality(NodeKind op) {
    return op == NodeKind::equal || op == NodeKind::not_equal;
}

bool has_order(const Value& value) {
    return value.kind == Kind::number || value.kind == Kind::date;
}

// One walk over the guards collects things and constants; then each combination of their cells is asked.
class Grid {
 public:
    Grid(const Program& program, EntityId entity) : program_(program), entity_(entity) {}

    bool add(const feel::Expression& guard) {
        source_ = &guard.source();
        return guard.tree() && collect(*guard.tree());
    }
    bool cut(size_t guards);
    Cases follow(const std::vector<const feel::Expression*>& guards);

 private:
    // What stands at a place of a guard; `other` where it is compared with another thing.
    using Place = std::pair<const Node*, const Node*>;
    Thing& thing(const Node& node, Form form, const Node* left = nullptr, const Node* right = nullptr);
    const Thing* find(const std::string& key) const;
    std::string key_of(const Node& node) const;
    std::string text_of(const Node& node) const { return source_->text.substr(node.begin, node.end - node.begin); }
    bool is_plain(const Node& node) const;
    const Field* field_of(const Node& node) const;

    bool collect(const Node& node);
    bool collect_comparison(const Node& left, const Node& right);
    bool collect_test(const Node& input, const Node& test);
    bool add_constant(const Node& node, const Value& constant);

    bool cut(Thing& thing) const;
    void cut_ordered(Thing& thing) const;
    void cut_listed(Thing& thing) const;
    std::optional<Value> between(const Thing& thing, const Value* low, const Value* high) const;
    bool allowed(const Thing& thing, const Value& value) const;
    bool independent() const;

    Truth ask(const Node& node) const;
    Truth ask_comparison(NodeKind op, const Node& left, const Node& right) const;
    Truth ask_constant(NodeKind op, const Node& node, const Value& constant) const;
    Truth ask_test(const Node& input, const Node& test) const;
    size_t number_of(const Node& node, const Node* other = nullptr) const {
        return places_.find({&without_coercion(node), other})->second;
    }
    const Cell& cell_of(size_t number) const { return things_[number].cells[at_[number]]; }
    std::string witness() const;

    const Program& program_;
    EntityId entity_;
    const Text* source_ = nullptr;  // of the guard that is walked
    std::vector<Thing> things_;
    std::map<Place, size_t> places_;
    std::vector<size_t> at_;  // parallel to things_: which cell
};

// Spaces say nothing, and `this.amount` is `amount`.
std::string Grid::key_of(const Node& wrapped) const {
    const Node& node = without_coercion(wrapped);
    if (const Field* field = field_of(node)) return fmt::format("#{}", field->id);
    std::string out;
    bool quoted = false;
    for (char c : text_of(node)) {
        if (c == '"') quoted = !quoted;
        if (quoted || (c != ' ' && c != '\n')) out += c;
    }
    return out;
}

const Field* Grid::field_of(const Node& node) const {
    const auto& fields = program_.entities[entity_].fields;
    if (node.kind == NodeKind::name && node.binding.kind == feel::Binding::Kind::field &&
        node.binding.index < fields.size())
        return &fields[node.binding.index];
    if (node.kind == NodeKind::member && node.by_index && node.index < fields.size() && !node.children.empty()) {
        const Node& owner = *node.children[0];
        if (owner.kind == NodeKind::name && owner.binding.kind == feel::Binding::Kind::self) return &fields[node.index];
    }
    return nullptr;
}

// Settings and payloads are read like fields; what is computed is not.
bool Grid::is_plain(const Node& wrapped) const {
    const Node& node = without_coercion(wrapped);
    if (const Field* field = field_of(node)) return !field->formula;
    if (node.kind == NodeKind::name) return node.binding.kind != feel::Binding::Kind::function;
    return node.kind == NodeKind::member && is_plain(*node.children[0]);
}

const Thing* Grid::find(const std::string& key) const {
    auto it = std::find_if(things_.begin(), things_.end(), [&](const Thing& one) { return one.key == key; });
    return it == things_.end() ? nullptr : &*it;
}

Thing& Grid::thing(const Node& wrapped, Form form, const Node* left, const Node* right) {
    const Node& node = without_coercion(wrapped);
    std::string key = key_of(node);
    auto it = std::find_if(things_.begin(), things_.end(), [&](const Thing& one) { return one.key == key; });
    auto number = static_cast<size_t>(it - things_.begin());
    places_[{left ? &without_coercion(*left) : &node, right}] = number;
    if (number < things_.size()) return things_[number];
    Thing made;
    made.key = std::move(key);
    made.text = text_of(node);
    made.form = form;
    made.type = node.type;
    made.field = field_of(node);
    made.plain = is_plain(node);
    return things_.emplace_back(std::move(made));
}

bool Grid::collect(const Node& wrapped) {
    const Node& node = without_coercion(wrapped);
    auto all = [&](size_t from) {
        return std::all_of(node.children.begin() + static_cast<std::ptrdiff_t>(from), node.children.end(),
                           [&](const Node* child) { return collect(*child); });
    };
    if (auto constant = constant_of(node)) return constant->kind == Kind::boolean || constant->is_null();
    if (node.kind == NodeKind::logical_and || node.kind == NodeKind::logical_or || node.kind == NodeKind::if_else)
        return all(0);
    if (node.kind == NodeKind::call && node.text == "not" && node.children.size() == 1) return all(0);
    if (is_comparison(node.kind)) return collect_comparison(*node.children[0], *node.children[1]);
    if (node.kind == NodeKind::between) {
        return collect_comparison(*node.children[0], *node.children[1]) &&
               collect_comparison(*node.children[0], *node.children[2]);
    }
    if (node.kind == NodeKind::in) {
        for (size_t i = 1; i < node.children.size(); ++i)
            if (!collect_test(*node.children[0], *node.children[i])) return false;
        return true;
    }
    const Thing& made = thing(node, Form::truth);
    return made.form == Form::truth;
}

bool Grid::collect_comparison(const Node& left, const Node& right) {
    auto a = constant_of(left), b = constant_of(right);
    if (a && b) return false;
    if (b) return add_constant(left, *b);
    if (a) return add_constant(right, *a);
    std::string x = key_of(left), y = key_of(right);
    if (x == y) return false;
    Thing& made = thing(x < y ? left : right, Form::order_of_two, &left, &right);
    if (made.other.empty() && made.constants.empty()) {
        made.other = std::max(x, y);
        made.text = text_of(x < y ? left : right) + "\n" + text_of(x < y ? right : left);
        made.plain = made.plain && is_plain(x < y ? right : left);
    }
    return made.form == Form::order_of_two && made.other == std::max(x, y);
}

bool Grid::collect_test(const Node& input, const Node& wrapped) {
    const Node& test = without_coercion(wrapped);
    if (test.kind == NodeKind::list) {
        return std::all_of(test.children.begin(), test.children.end(), [&](const Node* child) {
            return child->kind != NodeKind::list && collect_test(input, *child);
        });
    }
    if (test.kind == NodeKind::range) {
        for (const Node* end : test.children) {
            auto constant = constant_of(*end);
            if (!constant || !(has_order(*constant) || end->text == "unbounded")) return false;
            if (end->text != "unbounded" && !add_constant(input, *constant)) return false;
        }
        return true;
    }
    auto constant = constant_of(test.kind == NodeKind::unary_compare ? *test.children[0] : test);
    return constant && add_constant(input, *constant);
}

bool Grid::add_constant(const Node& node, const Value& constant) {
    bool ordered = has_order(constant);
    bool listed = constant.kind == Kind::string;
    Thing& made = thing(node, constant.kind == Kind::boolean ? Form::truth : listed ? Form::listed : Form::ordered);
    if (constant.is_null()) return made.form != Form::order_of_two;
    if (constant.kind == Kind::boolean) return made.form == Form::truth;
    if (made.form == Form::ordered && made.constants.empty() && listed) made.form = Form::listed;  // was only null yet
    if (made.form != (ordered ? Form::ordered : Form::listed) || !(ordered || listed)) return false;
    if (!made.constants.empty() && made.constants.front().kind != constant.kind) return false;
    bool known = std::any_of(made.constants.begin(), made.constants.end(),
                             [&](const Value& one) { return value::identical(one, constant); });
    if (!known) made.constants.push_back(constant);
    return true;
}

bool Grid::allowed(const Thing& thing, const Value& value) const {
    const Field* field = thing.field;
    if (value.kind != Kind::number) return true;
    Decimal number = value.as_number();
    if (thing.type && thing.type->scale >= 0) {
        auto rounded = number.rescale(thing.type->scale);
        if (!rounded || !(*rounded == number)) return false;
    }
    if (!field) return true;
    return !(field->minimum && number < *field->minimum) && !(field->maximum && number > *field->maximum) &&
           !(field->exclusive_minimum && number <= *field->exclusive_minimum) &&
           !(field->exclusive_maximum && number >= *field->exclusive_maximum);
}

// A value strictly between two, either of which may be missing; nullopt where there is none.
std::optional<Value> Grid::between(const Thing& thing, const Value* low, const Value* high) const {
    if ((low ? low : high)->kind == Kind::date) {
        value::Date date = low ? low->as_date() : high->as_date();
        date.days += low ? 1 : -1;
        if (low && high && date >= high->as_date()) return std::nullopt;
        return Value::of(date);
    }
    int scale = thing.type ? thing.type->scale : -1;
    Decimal step = Decimal::make(1, scale >= 0 ? -scale : 0);
    std::optional<Decimal> out;
    if (low && high && scale < 0) {
        auto sum = Decimal::add(low->as_number(), high->as_number());
        if (sum) out = Decimal::divide(*sum, Decimal::make(2, 0));
    } else if (low) {
        auto base = scale >= 0 ? low->as_number().rescale(scale, Rounding::floor) : low->as_number();
        if (base) out = Decimal::add(*base, step);
    } else {
        auto base = scale >= 0 ? high->as_number().rescale(scale, Rounding::ceiling) : high->as_number();
        if (base) out = Decimal::subtract(*base, step);
    }
    if (!out || (high && *out >= high->as_number())) return std::nullopt;
    return Value::number(*out);
}

void Grid::cut_ordered(Thing& thing) const {
    auto& constants = thing.constants;
    // A field's own bounds are cuts too, so that what lies beyond them falls out whole.
    if (thing.field && !constants.empty() && constants.front().kind == Kind::number) {
        for (const auto& bound : {thing.field->minimum, thing.field->maximum, thing.field->exclusive_minimum,
                                  thing.field->exclusive_maximum}) {
            if (!bound) continue;
            Value value = Value::number(*bound);
            bool known = std::any_of(constants.begin(), constants.end(),
                                     [&](const Value& one) { return value::identical(one, value); });
            if (!known) constants.push_back(value);
        }
    }
    std::sort(constants.begin(), constants.end(), [](const Value& a, const Value& b) {
        auto order = value::compare(a, b);
        return order && *order < 0;
    });
    auto count = static_cast<int>(constants.size());
    // Constants first: where a case is missing it is mostly on an edge.
    for (int i = 0; i < count; ++i)
        if (allowed(thing, constants[static_cast<size_t>(i)]))
            thing.cells.push_back({2 * i + 1, false, constants[static_cast<size_t>(i)]});
    for (int i = 0; i <= count; ++i) {
        const Value* low = i > 0 ? &constants[static_cast<size_t>(i) - 1] : nullptr;
        const Value* high = i < count ? &constants[static_cast<size_t>(i)] : nullptr;
        if (!low && !high) {
            thing.cells.push_back({0, false, Value::number(Decimal::make(0, 0))});
            break;
        }
        auto inner = between(thing, low, high);
        if (inner && allowed(thing, *inner)) thing.cells.push_back({2 * i, false, *inner});
    }
}

void Grid::cut_listed(Thing& thing) const {
    int place = 1;
    for (const Value& constant : thing.constants) {
        thing.cells.push_back({place, false, constant});
        place += 2;
    }
    if (thing.type && thing.type->kind == TypeKind::enumeration && thing.type->enumeration) {
        for (const feel::EnumItem& item : thing.type->enumeration->items) {
            bool known = std::any_of(thing.constants.begin(), thing.constants.end(),
                                     [&](const Value& one) { return one.as_string() == item.value; });
            if (!known) thing.cells.push_back({0, false, Value::string(item.value)});
        }
    } else {
        thing.cells.push_back({0, false, Value::string("something else")});
    }
}

bool Grid::cut(Thing& thing) const {
    switch (thing.form) {
        case Form::truth:
            thing.cells = {{1, false, Value::boolean(true)}, {0, false, Value::boolean(false)}};
            break;
        case Form::ordered:
            cut_ordered(thing);
            break;
        case Form::listed:
            cut_listed(thing);
            break;
        case Form::order_of_two:
            thing.cells = {{0, false, {}}, {-1, false, {}}, {1, false, {}}};
            break;
    }
    // What is never empty, or must not be, has no null. Last, since a real value is the better witness.
    if (!thing.type || thing.type->nullable) {
        Cell empty;
        empty.null = true;
        thing.cells.push_back(empty);
    }
    return !thing.cells.empty();
}

bool Grid::cut(size_t guards) {
    size_t combinations = 1;
    for (Thing& thing : things_) {
        if (!cut(thing)) return false;
        combinations *= thing.cells.size();
        if (combinations * guards > kAsksMax) return false;
    }
    at_.assign(things_.size(), 0);
    return true;
}

// Whether the values of one thing say nothing about those of another.
bool Grid::independent() const {
    for (const Thing& thing : things_) {
        bool alone = things_.size() == 1 && thing.form != Form::truth && thing.form != Form::order_of_two;
        bool formula = thing.field && thing.field->formula;
        if (!thing.plain && !(alone && formula)) return false;
        if (thing.form != Form::order_of_two) continue;
        if (find(thing.other)) return false;
        for (const Thing& other : things_)
            if (&other != &thing && other.other == thing.other) return false;
    }
    return true;
}

Truth Grid::ask_constant(NodeKind op, const Node& node, const Value& constant) const {
    size_t number = number_of(node);
    const Thing& thing = things_[number];
    const Cell& cell = cell_of(number);
    if (cell.null || constant.is_null()) {
        if (!is_equality(op)) return Truth::null;
        bool same = cell.null && constant.is_null();
        return same == (op == NodeKind::equal) ? Truth::yes : Truth::no;
    }
    if (thing.form == Form::truth) {
        bool same = (cell.place == 1) == constant.is_true();
        return is_equality(op) ? same == (op == NodeKind::equal) ? Truth::yes : Truth::no : Truth::null;
    }
    int place = 0;
    for (size_t i = 0; i < thing.constants.size(); ++i)
        if (value::identical(thing.constants[i], constant)) place = 2 * static_cast<int>(i) + 1;
    return holds(op, cell.place - place) ? Truth::yes : Truth::no;
}

Truth Grid::ask_comparison(NodeKind op, const Node& left, const Node& right) const {
    auto a = constant_of(left), b = constant_of(right);
    if (b) return ask_constant(op, left, *b);
    if (a) return ask_constant(turned(op), right, *a);
    size_t number = number_of(left, &right);
    const Cell& cell = cell_of(number);
    if (cell.null) return is_equality(op) ? (op == NodeKind::equal ? Truth::no : Truth::yes) : Truth::null;
    bool as_kept = key_of(left) == things_[number].key;
    return holds(as_kept ? op : turned(op), cell.place) ? Truth::yes : Truth::no;
}

Truth both(Truth a, Truth b) {
    if (a == Truth::no || b == Truth::no) return Truth::no;
    return a == Truth::yes && b == Truth::yes ? Truth::yes : Truth::null;
}

Truth either(Truth a, Truth b) {
    return !both(!a, !b);
}

Truth Grid::ask_test(const Node& input, const Node& wrapped) const {
    const Node& test = without_coercion(wrapped);
    if (test.kind == NodeKind::list) {
        Truth out = Truth::no;
        for (const Node* child : test.children) out = either(out, ask_test(input, *child));
        return out;
    }
    if (test.kind == NodeKind::range) {
        Truth low = Truth::yes, high = Truth::yes;
        if (test.children[0]->text != "unbounded")
            low = ask_constant(test.low_closed ? NodeKind::greater_equal : NodeKind::greater, input,
                               *constant_of(*test.children[0]));
        if (test.children[1]->text != "unbounded")
            high = ask_constant(test.high_closed ? NodeKind::less_equal : NodeKind::less, input,
                                *constant_of(*test.children[1]));
        return both(low, high);
    }
    if (test.kind == NodeKind::unary_compare) return ask_constant(test.op, input, *constant_of(*test.children[0]));
    return ask_constant(NodeKind::equal, input, *constant_of(test));
}

Truth Grid::ask(const Node& wrapped) const {
    const Node& node = without_coercion(wrapped);
    if (auto constant = constant_of(node))
        return constant->is_null() ? Truth::null : constant->is_true() ? Truth::yes : Truth::no;
    switch (node.kind) {
        case NodeKind::logical_and:
            return both(ask(*node.children[0]), ask(*node.children[1]));
        case NodeKind::logical_or:
            return either(ask(*node.children[0]), ask(*node.children[1]));
        case NodeKind::if_else:
            return ask(*node.children[ask(*node.children[0]) == Truth::yes ? 1 : 2]);
        case NodeKind::between:
            return both(ask_comparison(NodeKind::greater_equal, *node.children[0], *node.children[1]),
                        ask_comparison(NodeKind::less_equal, *node.children[0], *node.children[2]));
        case NodeKind::in: {
            Truth out = Truth::no;
            for (size_t i = 1; i < node.children.size(); ++i)
                out = either(out, ask_test(*node.children[0], *node.children[i]));
            return out;
        }
        default:
            break;
    }
    if (is_comparison(node.kind)) return ask_comparison(node.kind, *node.children[0], *node.children[1]);
    if (node.kind == NodeKind::call && node.text == "not" && node.children.size() == 1) return !ask(*node.children[0]);
    const Cell& cell = cell_of(number_of(node));
    return cell.null ? Truth::null : cell.place == 1 ? Truth::yes : Truth::no;
}

std::string Grid::witness() const {
    std::string out;
    for (size_t i = 0; i < things_.size(); ++i) {
        const Thing& thing = things_[i];
        const Cell& cell = thing.cells[at_[i]];
        if (!out.empty()) out += " and ";
        if (thing.form == Form::order_of_two) {
            size_t cut = thing.text.find('\n');
            const char* sign = cell.null ? "or" : cell.place == 0 ? "=" : cell.place < 0 ? "<" : ">";
            out += fmt::format("{} {} {}", thing.text.substr(0, cut), sign, thing.text.substr(cut + 1));
            if (cell.null) out += " is null";
        } else {
            out += fmt::format("{} = {}", thing.text, feel_text(cell.shown));
        }
    }
    return out;
}

Cases Grid::follow(const std::vector<const feel::Expression*>& guards) {
    Cases out;
    out.never_true.assign(guards.size(), true);
    out.never_asked.assign(guards.size(), true);
    out.followed = true;
    out.exact = independent();
    for (bool more = true; more;) {
        Truth before = Truth::no;
        for (size_t i = 0; i < guards.size(); ++i) {
            if (guards[i]) source_ = &guards[i]->source();
            Truth truth = guards[i] ? ask(*guards[i]->tree()) : Truth::yes;
            if (truth == Truth::yes) {
                out.never_true[i] = false;
                if (before == Truth::no) out.never_asked[i] = false;
            }
            if (before == Truth::no) before = truth;
        }
        if (before == Truth::no && !out.uncovered) out.uncovered = witness();
        more = false;
        for (size_t i = things_.size(); i-- > 0 && !more;) {
            more = ++at_[i] < things_[i].cells.size();
            if (!more) at_[i] = 0;
        }
    }
    return out;
}

}  // namespace

Cases follow_cases(const Program& program, EntityId entity, const std::vector<const feel::Expression*>& guards) {
    if (guards.size() > kGuardsMax) return {};
    Grid grid(program, entity);
    for (const feel::Expression* guard : guards)
        if (guard && !grid.add(*guard)) return {};
    if (!grid.cut(guards.size())) return {};
    return grid.follow(guards);
}

}  // namespace leat::program
