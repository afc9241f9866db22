#include "record/translate.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace leat::record {

using feel::Binding;
using feel::ast::Node;
using feel::ast::NodeKind;
using program::Field;
using program::FieldKind;
using query::Op;
using query::Parameter;
using query::Predicate;

namespace {

constexpr std::string_view kNoShape = "this form has no counterpart in SQL";
constexpr size_t kItemsMax = 200;  // of a list in `in`: more is quicker in memory, and SQLite bounds the depth

Predicate always() {
    return {};
}
Predicate never() {
    Predicate p;
    p.op = Op::any;
    return p;
}
Predicate unknown() {
    Predicate p;
    p.op = Op::unknown;
    return p;
}

std::optional<Op> op_of(NodeKind kind) {
    switch (kind) {
        case NodeKind::equal:
            return Op::equal;
        case NodeKind::not_equal:
            return Op::not_equal;
        case NodeKind::less:
            return Op::less;
        case NodeKind::less_equal:
            return Op::less_equal;
        case NodeKind::greater:
            return Op::greater;
        case NodeKind::greater_equal:
            return Op::greater_equal;
        default:
            return std::nullopt;
    }
}

Op mirrored(Op op) {
    switch (op) {
        case Op::less:
            return Op::greater;
        case Op::less_equal:
            return Op::greater_equal;
        case Op::greater:
            return Op::less;
        case Op::greater_equal:
            return Op::less_equal;
        default:
            return op;
    }
}

bool ordering(Op op) {
    return op != Op::equal && op != Op::not_equal;
}
bool numeric(FieldKind kind) {
    return kind == FieldKind::integer || kind == FieldKind::decimal || kind == FieldKind::money;
}
bool textual(FieldKind kind) {
    return kind == FieldKind::string || kind == FieldKind::text || kind == FieldKind::enumeration ||
           kind == FieldKind::role || kind == FieldKind::file;
}

bool stored_years(int64_t days) {
    return days >= -719'162 && days <= 2'932'896;
}  // 0001-01-01 … 9999-12-31

// Whether two columns compare in SQL as their values do in FEEL.
bool same_shape(const Field& a, const Field& b, Op op) {
    if (numeric(a.kind) && numeric(b.kind)) return a.scale == b.scale;
    if (textual(a.kind) && textual(b.kind)) return true;
    if (a.kind != b.kind) return false;
    if (a.kind == FieldKind::ref) return a.to == b.to && !ordering(op);
    if (a.kind == FieldKind::boolean) return !ordering(op);
    return a.kind == FieldKind::date || a.kind == FieldKind::datetime;
}

}  // namespace

Translation Translator::translate(const Node* condition) {
    Translation out;
    if (condition) conjunction(condition, out);
    std::sort(through_.begin(), through_.end());
    through_.erase(std::unique(through_.begin(), through_.end()), through_.end());
    out.through = through_;
    return out;
}

void Translator::conjunction(const Node* node, Translation& out) {
    if (node->kind == NodeKind::logical_and) {
        conjunction(node->children[0], out);
        conjunction(node->children[1], out);
        return;
    }
    size_t before = through_.size();
    if (auto predicate = exact(node)) {
        out.predicate.children.push_back(std::move(*predicate));
        return;
    }
    through_.resize(before);
    out.exact = false;
    out.left.push_back(node);
}

std::string Translator::why_not(const Node* part) {
    switch (part->kind) {
        case NodeKind::add:
        case NodeKind::subtract:
        case NodeKind::multiply:
        case NodeKind::divide:
        case NodeKind::power:
        case NodeKind::negate:
            return "arithmetic is done in decimals, not by SQLite";
        case NodeKind::call:
            if (part->text == "not" || part->text == "contains" || part->text == "starts with") break;
            return part->text.empty() ? "a function is called"
                                      : fmt::format("{}() has no counterpart in SQL", part->text);
        case NodeKind::if_else:
        case NodeKind::for_each:
        case NodeKind::some:
        case NodeKind::every:
        case NodeKind::filter:
        case NodeKind::index:
        case NodeKind::context:
            return "loops, branches and lists are evaluated by the engine";
        case NodeKind::member: {
            if (const Field* field = own_field(part)) {
                if (plans_.of(entity_).column_of[field->id] >= 0) break;
                return "'" + field->name + "' is no column: it is computed on reading, or a list";
            }
            if (column(part) || !part->by_index) break;
            const Node* object = part->children[0];
            if (own_field(object))
                return fmt::format("'{}' is no column of what '{}' points at", part->text, object->text);
            if (object->kind == NodeKind::member) return "more than one reference away";
            break;
        }
        case NodeKind::name:
            if (const Field* field = own_field(part); field && plans_.of(entity_).column_of[field->id] < 0)
                return "'" + field->name + "' is no column: it is computed on reading, or a list";
            break;
        default:
            break;
    }
    for (const Node* child : part->children) {
        std::string why = why_not(child);
        if (why != kNoShape) return why;
    }
    return std::string(kNoShape);
}

std::optional<query::Column> Translator::column_of(program::FieldId id, program::FieldId through) {
    const program::Entity* entity = &program_.entities[entity_];
    query::Column out;
    if (through != program::kNone) {
        const Field& reference = entity->fields[through];
        if (reference.kind != FieldKind::ref || plans_.of(entity_).column_of[through] < 0) return std::nullopt;
        entity = &program_.entities[reference.to];
        out.through = column_name(reference);
        out.target_table = entity->table;
    }
    const EntityPlan& plan = plans_.of(entity->id);
    // A record without a key of its own has the text of its id; a wide number is text, which orders otherwise.
    if (plan.column_of[id] < 0 || entity->fields[id].wide) return std::nullopt;
    out.name = column_name(entity->fields[id]);
    return out;
}

std::optional<query::Column> Translator::ordered(program::FieldId id, program::FieldId through) {
    const auto& own = program_.entities[entity_].fields;
    const Field& field = through == program::kNone ? own[id] : program_.entities[own[through].to].fields[id];
    bool orders = numeric(field.kind) || field.kind == FieldKind::date || field.kind == FieldKind::datetime ||
                  field.kind == FieldKind::string || field.kind == FieldKind::text;
    return orders ? column_of(id, through) : std::nullopt;
}

std::optional<Predicate> Translator::exact(const Node* node) {
    if (node->kind == NodeKind::logical_and || node->kind == NodeKind::logical_or) {
        auto left = exact(node->children[0]);
        auto right = left ? exact(node->children[1]) : std::nullopt;
        if (!right) return std::nullopt;
        Predicate p;
        p.op = node->kind == NodeKind::logical_and ? Op::all : Op::any;
        p.children.push_back(std::move(*left));
        p.children.push_back(std::move(*right));
        return p;
    }
    if (auto op = op_of(node->kind)) return comparison(*op, node->children[0], node->children[1]);
    if (node->kind == NodeKind::between) {
        auto low = comparison(Op::greater_equal, node->children[0], node->children[1]);
        auto high = low ? comparison(Op::less_equal, node->children[0], node->children[2]) : std::nullopt;
        if (!high) return std::nullopt;
        Predicate p;
        p.children.push_back(std::move(*low));
        p.children.push_back(std::move(*high));
        return p;
    }
    if (node->kind == NodeKind::in) return in(node);
    if (node->kind == NodeKind::call) {
        if (auto p = call(node)) return p;
    }
    auto found = term(node);
    if (!found) return std::nullopt;
    if (found->field) {
        if (found->field->kind != FieldKind::boolean) return std::nullopt;
        Predicate p;
        p.op = Op::truth;
        p.left.column = found->column;
        return p;
    }
    if (found->value.kind == Kind::boolean) return found->value.is_true() ? always() : never();
    if (found->value.is_null()) return unknown();
    return std::nullopt;
}

const Field* Translator::own_field(const Node* node) const {
    const auto& fields = program_.entities[entity_].fields;
    if (subject_ == Subject::self && node->kind == NodeKind::name && node->binding.kind == Binding::Kind::field) {
        return &fields[node->binding.index];
    }
    if (node->kind != NodeKind::member || !node->by_index) return nullptr;
    const Node* object = node->children[0];
    bool of_subject = subject_ == Subject::item
                          ? object->kind == NodeKind::item
                          : object->kind == NodeKind::name && object->binding.kind == Binding::Kind::self;
    return of_subject ? &fields[node->index] : nullptr;
}

std::optional<Translator::Term> Translator::column(const Node* node) {
    if (const Field* field = own_field(node)) {
        // A wide number is text there, which orders otherwise (SEMANTICS 8).
        if (plans_.of(entity_).column_of[field->id] < 0 || field->wide) return std::nullopt;
        Term out;
        out.field = field;
        out.column.name = column_name(*field);
        return out;
    }
    if (node->kind != NodeKind::member || !node->by_index) return std::nullopt;
    const Field* reference = own_field(node->children[0]);
    if (!reference || reference->kind != FieldKind::ref || plans_.of(entity_).column_of[reference->id] < 0)
        return std::nullopt;
    const EntityPlan& target = plans_.of(reference->to);
    if (target.column_of[node->index] < 0 || target.entity.fields[node->index].wide) return std::nullopt;
    Term out;
    out.field = &target.entity.fields[node->index];
    out.column = {column_name(*out.field), column_name(*reference), target.entity.table};
    out.through = reference->to;
    return out;
}

std::optional<Translator::Term> Translator::term(const Node* node) {
    Term out;
    if (node->kind == NodeKind::literal) {
        out.value = node->constant;
        return out;
    }
    if (node->kind == NodeKind::name && node->binding.kind == Binding::Kind::constant) {
        out.value = node->binding.constant;
        return out;
    }
    if (auto found = column(node)) {
        if (found->through != program::kNone) through_.push_back(found->through);
        return found;
    }
    auto value = parameter_(node);
    if (!value) return std::nullopt;
    out.value = *value;
    return out;
}

Predicate Translator::make(Op op, const Term& column, Parameter parameter) {
    Predicate p;
    p.op = op;
    p.left.column = column.column;
    p.right.parameter = parameter;
    return p;
}

std::optional<Predicate> Translator::comparison(Op op, const Node* left, const Node* right) {
    auto a = term(left);
    auto b = a ? term(right) : std::nullopt;
    if (!b || (!a->field && !b->field)) return std::nullopt;
    if (!a->field) {
        std::swap(a, b);
        op = mirrored(op);
    }
    if (!b->field) return against(op, *a, b->value);
    if (a->field->kind == FieldKind::datetime && !ordering(op)) return std::nullopt;  // see against()
    if (!same_shape(*a->field, *b->field, op)) return std::nullopt;
    Predicate p;
    p.op = op;
    p.left.column = a->column;
    p.right.column = b->column;
    return p;
}

std::optional<Predicate> Translator::against(Op op, const Term& column, const Value& value) {
    const Field& field = *column.field;
    if (value.is_null()) return ordering(op) ? unknown() : make(op, column, {});
    if (numeric(field.kind) && value.kind == Kind::number) return against_number(op, column, value.as_number());
    if (field.kind == FieldKind::ref && value.kind == Kind::record) {
        if (ordering(op)) return std::nullopt;
        if (value.aux != field.to) return op == Op::equal ? never() : always();
        return make(op, column, Parameter::of(value.record.id));
    }
    // FEEL's `=` looks at whole seconds only, columns hold microseconds.
    if (field.kind == FieldKind::datetime && !ordering(op)) return std::nullopt;
    auto parameter = encode(field, value);
    if (!parameter || (field.kind == FieldKind::boolean && ordering(op))) return std::nullopt;
    return make(op, column, *parameter);
}

// Columns hold whole numbers of units: a number between two of them equals none and orders as its neighbours.
std::optional<Predicate> Translator::against_number(Op op, const Term& column, Decimal number) {
    int scale = column.field->scale;
    auto floor = number.rescale(scale, Rounding::floor);
    if (!floor || floor->coefficient() > INT64_MAX - 1 || floor->coefficient() < INT64_MIN) return std::nullopt;
    auto units = static_cast<int64_t>(floor->coefficient());
    if (*floor == number) return make(op, column, Parameter::of(units));
    switch (op) {
        case Op::equal:
            return never();
        case Op::not_equal:
            return always();
        case Op::less:
        case Op::less_equal:
            return make(Op::less_equal, column, Parameter::of(units));
        default:
            return make(Op::greater, column, Parameter::of(units));
    }
}

// The parameter that compares with the column as the value does with the field; nullopt: none does. Numbers apart.
std::optional<Parameter> Translator::encode(const Field& field, const Value& value) {
    if (textual(field.kind) && value.kind == Kind::string) return Parameter::of(value.as_string());
    if (field.kind == FieldKind::boolean && value.kind == Kind::boolean)
        return Parameter::of(static_cast<int64_t>(value.is_true()));
    if (field.kind == FieldKind::date && value.kind == Kind::date) {
        if (!stored_years(value.as_date().days)) return std::nullopt;
        return Parameter::of(arena_.copy(value.as_date().to_string()));
    }
    if (field.kind == FieldKind::datetime && value.kind == Kind::date_time) {
        DateTime instant = value.as_date_time();
        // Local times, parts of a microsecond and far years have no place among fixed-width instants.
        if (instant.zone.kind == ZoneKind::local || instant.nanoseconds % 1000 != 0 ||
            !stored_years(instant.date().days - 2) || !stored_years(instant.date().days + 2)) {
            return std::nullopt;
        }
        return Parameter::of(arena_.copy(value::format_instant(instant.utc_us())));
    }
    return std::nullopt;
}

std::optional<Predicate> Translator::in(const Node* node) {
    auto subject = term(node->children[0]);
    if (!subject || !subject->field) return std::nullopt;
    Predicate p;
    p.op = Op::any;
    for (size_t i = 1; i < node->children.size(); ++i) {
        auto test = in_test(*subject, node->children[i]);
        if (!test) return std::nullopt;
        p.children.push_back(std::move(*test));
    }
    return p;
}

std::optional<Predicate> Translator::in_test(const Term& column, const Node* test) {
    if (test->kind == NodeKind::unary_compare) {
        auto op = op_of(test->op);
        auto operand = op ? term(test->children[0]) : std::nullopt;
        if (!operand || operand->field) return std::nullopt;
        return against(*op, column, operand->value);
    }
    if (test->kind == NodeKind::range) {
        auto low = term(test->children[0]);
        auto high = low ? term(test->children[1]) : std::nullopt;
        if (!high || low->field || high->field) return std::nullopt;
        return in_range(column, low->value, test->low_closed, high->value, test->high_closed);
    }
    if (test->kind == NodeKind::list) {
        if (test->children.size() > kItemsMax) return std::nullopt;
        Predicate p;
        p.op = Op::any;
        for (const Node* item : test->children) {
            auto one = in_test(column, item);
            if (!one) return std::nullopt;
            p.children.push_back(std::move(*one));
        }
        return p;
    }
    auto value = term(test);
    if (!value || value->field) return std::nullopt;
    return in_value(column, value->value);
}

std::optional<Predicate> Translator::in_value(const Term& column, const Value& test) {
    if (test.kind == Kind::range) {
        return in_range(column, test.range->low, test.range->low_closed, test.range->high, test.range->high_closed);
    }
    if (test.kind != Kind::list) return against(Op::equal, column, test);
    if (test.as_list().size() > kItemsMax) return std::nullopt;
    Predicate p;
    p.op = Op::any;
    for (const Value& item : test.as_list()) {
        if (item.kind == Kind::list) return std::nullopt;
        auto one = in_value(column, item);
        if (!one) return std::nullopt;
        p.children.push_back(std::move(*one));
    }
    return p;
}

std::optional<Predicate> Translator::in_range(const Term& column, const Value& low, bool low_closed, const Value& high,
                                              bool high_closed) {
    Predicate p;
    if (!low.is_null()) {
        auto above = against(low_closed ? Op::greater_equal : Op::greater, column, low);
        if (!above) return std::nullopt;
        p.children.push_back(std::move(*above));
    }
    if (!high.is_null()) {
        auto below = against(high_closed ? Op::less_equal : Op::less, column, high);
        if (!below) return std::nullopt;
        p.children.push_back(std::move(*below));
    }
    if (p.children.empty()) {
        // Unbounded on both sides: true of everything but null, whose answer is null.
        Predicate self;
        self.op = Op::less_equal;
        self.left.column = self.right.column = column.column;
        return self;
    }
    return p;
}

// Of a list that is a column of JSON: references as ids, texts as they are. An empty list answers false, none null.
std::optional<Predicate> Translator::list_contains(const Node* node) {
    auto list = term(node->children[0]);
    auto item = list && list->field && list->field->scalar_list ? term(node->children[1]) : std::nullopt;
    if (!item || item->field || item->value.is_null()) return std::nullopt;
    const Field& field = *list->field;
    Predicate has;
    if (field.item_kind == FieldKind::ref && item->value.kind == Kind::record) {
        if (item->value.aux != field.to) return std::nullopt;
        has = make(Op::has_item, *list, Parameter::of(item->value.record.id));
    } else if (textual(field.item_kind) && item->value.kind == Kind::string) {
        has = make(Op::has_item, *list, Parameter::of(item->value.as_string()));
    } else {
        return std::nullopt;
    }
    // json_each of null has no rows, where FEEL's answer is null.
    Predicate there, missing, out;
    there.children = {make(Op::not_equal, *list, {}), std::move(has)};
    missing.children = {make(Op::equal, *list, {}), unknown()};
    out.op = Op::any;
    out.children = {std::move(there), std::move(missing)};
    return out;
}

// A tree of references, followed by a recursive query: downwards from the record that is known.
std::optional<Predicate> Translator::under(const Node* node) {
    // A record of a column, the record at hand itself, or one that is known.
    auto record = [&](const Node* part) -> std::optional<Term> {
        const bool subject = subject_ == Subject::item
                                 ? part->kind == NodeKind::item
                                 : part->kind == NodeKind::name && part->binding.kind == Binding::Kind::self;
        if (!subject) return term(part);
        Term own;
        own.field = &program_.entities[entity_].fields[program::kId];
        own.column.name = "id";
        return own;
    };
    auto lower = record(node->children[1]);
    auto upper = lower ? record(node->children[2]) : std::nullopt;
    if (!upper || !lower->field == !upper->field) return std::nullopt;
    const Term& column = lower->field ? *lower : *upper;
    const Value& value = lower->field ? upper->value : lower->value;
    if (value.is_null()) return unknown();
    const bool own = column.field->id == program::kId && column.column.through.empty();
    if (value.kind != Kind::record || (!own && column.field->kind != FieldKind::ref) ||
        value.aux != (own ? entity_ : column.field->to))
        return std::nullopt;
    const program::Entity& tree = program_.entities[value.aux];
    const program::FieldId parent = program::tree_field(tree);
    if (parent == program::kNone) return std::nullopt;
    Predicate p = make(lower->field ? Op::below : Op::above, column, Parameter::of(value.record.id)), of;
    of.left.column = query::Column{column_name(tree.fields[parent]), {}, tree.table};
    p.children.push_back(std::move(of));
    through_.push_back(value.aux);
    return p;
}

std::optional<Predicate> Translator::call(const Node* node) {
    if (node->text.empty() && node->children.size() == 3 && node->children[0]->kind == NodeKind::name &&
        node->children[0]->binding.kind == feel::Binding::Kind::function &&
        program_.functions[node->children[0]->binding.index].kind == program::Function::Kind::under)
        return under(node);
    if (node->text == "not" && node->children.size() == 1) {
        auto inner = exact(node->children[0]);
        if (!inner) return std::nullopt;
        Predicate p;
        p.op = Op::negate;
        p.children.push_back(std::move(*inner));
        return p;
    }
    if (node->text == "list contains" && node->children.size() == 2) return list_contains(node);
    bool contains = node->text == "contains", starts = node->text == "starts with";
    if ((!contains && !starts) || node->children.size() != 2) return std::nullopt;
    auto text = term(node->children[0]);
    auto part = text ? term(node->children[1]) : std::nullopt;
    if (!part || !text->field || part->field || !textual(text->field->kind)) return std::nullopt;
    if (part->value.is_null()) return unknown();
    if (part->value.kind != Kind::string) return std::nullopt;
    return make(contains ? Op::contains : Op::starts_with, *text, Parameter::of(part->value.as_string()));
}

}  // namespace leat::record
