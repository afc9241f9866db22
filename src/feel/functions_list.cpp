// Lists: aggregates, membership, order.
#include <algorithm>
#include <vector>

#include "feel/arguments.hpp"
#include "feel/functions.hpp"
#include "feel/operations.hpp"
#include "feel/quick_arithmetic.hpp"

namespace leat::feel {

namespace {

using Arguments = std::span<const Value>;

// min(1, 2, 3) as min([1, 2, 3]): the only argument, or all of them.
bool spread(Evaluation& evaluation, Arguments arguments, std::span<const Value>& items, Value& out) {
    if (arguments.size() == 1 && arguments[0].kind == Kind::list) {
        items = arguments[0].as_list();
    } else if (arguments.size() == 1 && arguments[0].is_null()) {
        out = null_argument(evaluation, arguments[0]);
        return false;
    } else {
        items = arguments;
    }
    evaluation.charge(items.size());
    return true;
}

// What has no other reason to be null is so because of an argument or an item that is.
template <BuiltinCode Code>
Value explained(Evaluation& evaluation, Arguments arguments) {
    Value result = Code(evaluation, arguments);
    if (!result.is_null() || result.null_reason) return result;
    return evaluation.fail("feel.argument", "an argument is null, or an item of the list is");
}

Value count(Evaluation& evaluation, Arguments arguments) {
    Value single;
    std::span<const Value> items;
    if (!want_list(arguments[0], single, items)) return null_argument(evaluation, arguments[0]);
    return Value::number(Decimal(static_cast<int64_t>(items.size())));
}

template <bool Largest>
Value extreme(Evaluation& evaluation, Arguments arguments) {
    std::span<const Value> items;
    Value out;
    if (!spread(evaluation, arguments, items, out)) return out;
    if (items.empty()) return evaluation.fail("empty", "the list is empty");
    out = items[0];
    if (items.size() == 1 && !out.is_null() && !value::compare(out, out))
        return evaluation.fail("feel.argument", "the values of min and max have an order");
    for (const Value& item : items.subspan(1)) {
        Value better = compare(evaluation, Largest ? Comparison::greater : Comparison::less, item, out);
        if (better.is_null()) return better;
        if (better.is_true()) out = item;
    }
    return out;
}

bool measurable(const Value& value) {
    return value.is_null() || value.kind == Kind::number || value.kind == Kind::days_duration ||
           value.kind == Kind::months_duration;
}

Value sum(Evaluation& evaluation, Arguments arguments) {
    std::span<const Value> items;
    Value out;
    if (!spread(evaluation, arguments, items, out)) return out;
    if (items.empty()) return evaluation.fail("empty", "the list is empty");
    out = items[0];
    if (!measurable(out)) return evaluation.fail("feel.argument", "sum takes numbers or durations");
    for (const Value& item : items.subspan(1)) {
        if (compute_into<Arithmetic::add>(out, out, item)) continue;
        out = add(evaluation, out, item);
        if (out.is_null()) break;
    }
    return out;
}

Value mean(Evaluation& evaluation, Arguments arguments) {
    std::span<const Value> items;
    Value out;
    if (!spread(evaluation, arguments, items, out)) return out;
    Value total = sum(evaluation, arguments);
    if (total.is_null()) return total;
    return divide(evaluation, total, Value::number(Decimal(static_cast<int64_t>(items.size()))));
}

Value product(Evaluation& evaluation, Arguments arguments) {
    std::span<const Value> items;
    Value out;
    if (!spread(evaluation, arguments, items, out)) return out;
    if (items.empty()) return evaluation.fail("empty", "the list is empty");
    out = Value::number(Decimal(1));
    for (const Value& item : items) {
        if (!item.is_null() && item.kind != Kind::number)
            return evaluation.fail("feel.argument", "product takes numbers");
        out = multiply(evaluation, out, item);
    }
    return out;
}

// The items in order; a null, or two that have no order, make the result null.
bool ordered(Evaluation& evaluation, std::span<const Value> items, std::vector<Value>& out, Value& bad) {
    out.assign(items.begin(), items.end());
    for (const Value& item : out) {
        bad = compare(evaluation, Comparison::less, item, out[0]);
        if (bad.is_null()) return false;
    }
    std::stable_sort(out.begin(), out.end(), [](const Value& a, const Value& b) { return *value::compare(a, b) < 0; });
    return true;
}

Value median(Evaluation& evaluation, Arguments arguments) {
    std::span<const Value> items;
    Value bad;
    if (!spread(evaluation, arguments, items, bad)) return bad;
    if (items.empty()) return evaluation.fail("empty", "the list is empty");
    if (!measurable(items[0])) return evaluation.fail("feel.argument", "median takes numbers or durations");
    std::vector<Value> sorted;
    if (!ordered(evaluation, items, sorted, bad)) return bad;
    size_t middle = sorted.size() / 2;
    if (sorted.size() % 2 == 1) return sorted[middle];
    Value both = add(evaluation, sorted[middle - 1], sorted[middle]);
    return both.is_null() ? both : divide(evaluation, both, Value::number(Decimal(2)));
}

// percentile(list, 0.9): the nearest rank, so that the answer is one of the items.
Value percentile(Evaluation& evaluation, Arguments arguments) {
    Value single, share;
    std::span<const Value> items;
    if (!want_list(arguments[0], single, items)) return null_argument(evaluation, arguments[0]);
    if (!want(evaluation, arguments[1], Kind::number, share)) return share;
    Decimal part = share.as_number();
    if (part.is_negative() || part > Decimal(1))
        return evaluation.fail("feel.argument", "a percentile is between 0 and 1");
    if (items.empty()) return evaluation.fail("empty", "the list is empty");
    std::vector<Value> sorted;
    Value bad;
    evaluation.charge(items.size());
    if (!ordered(evaluation, items, sorted, bad)) return bad;
    auto rank = Decimal::multiply(part, Decimal(static_cast<int64_t>(sorted.size())));
    auto whole = rank ? rank->rescale(0, Rounding::ceiling) : std::nullopt;
    int64_t at = whole ? whole->to_int64().value_or(1) : 1;
    return sorted[static_cast<size_t>(std::max<int64_t>(at, 1) - 1)];
}

Value stddev(Evaluation& evaluation, Arguments arguments) {
    std::span<const Value> items;
    Value out;
    if (!spread(evaluation, arguments, items, out)) return out;
    if (items.size() < 2) return evaluation.fail("empty", "the standard deviation needs two numbers");
    Value average = mean(evaluation, arguments);
    Value total = Value::number(Decimal(0));
    for (const Value& item : items) {
        Value off = subtract(evaluation, item, average);
        total = add(evaluation, total, multiply(evaluation, off, off));
    }
    if (total.kind != Kind::number)
        return total.is_null() ? total : evaluation.fail("feel.argument", "stddev takes numbers");
    Value variance = divide(evaluation, total, Value::number(Decimal(static_cast<int64_t>(items.size()) - 1)));
    return power(evaluation, variance, Value::number(Decimal::make(5, -1)));
}

Value mode(Evaluation& evaluation, Arguments arguments) {
    std::span<const Value> items;
    Value bad;
    if (!spread(evaluation, arguments, items, bad)) return bad;
    std::vector<Value> sorted;
    if (items.empty()) return Value::list(nullptr, 0);
    if (!measurable(items[0])) return evaluation.fail("feel.argument", "mode takes numbers or durations");
    if (!ordered(evaluation, items, sorted, bad)) return bad;
    size_t best = 0;
    ListBuilder out(evaluation);
    for (int pass = 0; pass < 2; pass++) {
        for (size_t from = 0; from < sorted.size();) {
            size_t to = from;
            while (to < sorted.size() && *value::compare(sorted[from], sorted[to]) == 0) to++;
            if (pass == 0)
                best = std::max(best, to - from);
            else if (to - from == best)
                out.push(sorted[from]);
            from = to;
        }
    }
    return out.list();
}

template <bool All>
Value quantify(Evaluation& evaluation, Arguments arguments) {
    std::span<const Value> items;
    Value out;
    if (!spread(evaluation, arguments, items, out)) return out;
    out = Value::boolean(All);
    for (const Value& item : items) {
        Value boolean = item;
        if (!item.is_null() && item.kind != Kind::boolean)
            boolean = evaluation.fail("feel.argument", "all() and any() take booleans");
        out = All ? logical_and(out, boolean) : logical_or(out, boolean);
        if (All ? out.is_false() : out.is_true()) return out;
    }
    return out;
}

bool same(const Value& a, const Value& b) {
    auto equal = value::equal(a, b);
    return equal && *equal;
}

Value list_contains(Evaluation& evaluation, Arguments arguments) {
    Value single;
    std::span<const Value> items;
    if (!want_list(arguments[0], single, items)) return null_argument(evaluation, arguments[0]);
    evaluation.charge(Bulk::of(arguments[0]));
    return Value::boolean(
        std::any_of(items.begin(), items.end(), [&](const Value& item) { return same(item, arguments[1]); }));
}

Value index_of(Evaluation& evaluation, Arguments arguments) {
    Value single;
    std::span<const Value> items;
    if (!want_list(arguments[0], single, items)) return null_argument(evaluation, arguments[0]);
    evaluation.charge(Bulk::of(arguments[0]));
    ListBuilder out(evaluation);
    for (size_t i = 0; i < items.size(); i++) {
        if (same(items[i], arguments[1])) out.push(Value::number(Decimal(static_cast<int64_t>(i) + 1)));
    }
    return out.list();
}

Value append(Evaluation& evaluation, Arguments arguments) {
    Value single;
    std::span<const Value> items;
    if (!want_list(arguments[0], single, items)) return null_argument(evaluation, arguments[0]);
    evaluation.charge(items.size());
    ListBuilder out(evaluation, items.size() + arguments.size() - 1);
    for (const Value& item : items) out.push(item);
    for (const Value& item : arguments.subspan(1)) out.push(item);
    return out.list();
}

template <bool Distinct>
Value concatenate(Evaluation& evaluation, Arguments arguments) {
    ListBuilder out(evaluation);
    for (const Value& argument : arguments) {
        Value single;
        std::span<const Value> items;
        if (!want_list(argument, single, items)) return null_argument(evaluation, argument);
        for (const Value& item : items) {
            evaluation.charge(Distinct ? (out.size() + 1) * Bulk::of(item) : 1);
            bool seen = false;
            if (Distinct) {
                for (const Value& other : out.list().as_list()) seen |= same(other, item);
            }
            if (!seen) out.push(item);
        }
    }
    return out.list();
}

Value duplicate_values(Evaluation& evaluation, Arguments arguments) {
    Value single;
    std::span<const Value> items;
    if (!want_list(arguments[0], single, items)) return null_argument(evaluation, arguments[0]);
    ListBuilder out(evaluation);
    for (size_t i = 0; i < items.size(); i++) {
        evaluation.charge(items.size() * Bulk::of(items[i]));
        auto twice =
            std::count_if(items.begin(), items.end(), [&](const Value& other) { return same(other, items[i]); }) > 1;
        auto listed = out.list().as_list();
        if (twice &&
            std::none_of(listed.begin(), listed.end(), [&](const Value& other) { return same(other, items[i]); }))
            out.push(items[i]);
    }
    return out.list();
}

void flatten_into(Evaluation& evaluation, const Value& value, ListBuilder& out) {
    evaluation.charge(1);
    if (value.kind != Kind::list) {
        out.push(value);
        return;
    }
    for (const Value& item : value.as_list()) flatten_into(evaluation, item, out);
}

Value flatten(Evaluation& evaluation, Arguments arguments) {
    if (arguments[0].is_null()) return null_argument(evaluation, arguments[0]);
    ListBuilder out(evaluation);
    flatten_into(evaluation, arguments[0], out);
    return out.list();
}

Value reverse(Evaluation& evaluation, Arguments arguments) {
    Value single;
    std::span<const Value> items;
    if (!want_list(arguments[0], single, items)) return null_argument(evaluation, arguments[0]);
    evaluation.charge(items.size());
    Value* copy = evaluation.arena.array<Value>(items.size());
    std::reverse_copy(items.begin(), items.end(), copy);
    return make_list(copy, items.size());
}

// A position from 1, or from the end when negative, as an offset into `count` items; false when there is none.
bool offset_of(int64_t position, size_t count, size_t& offset) {
    auto size = static_cast<int64_t>(count);
    if (position == 0 || position > size || position < -size) return false;
    offset = static_cast<size_t>(position > 0 ? position - 1 : size + position);
    return true;
}

Value sublist(Evaluation& evaluation, Arguments arguments) {
    Value single, bad;
    std::span<const Value> items;
    if (!want_list(arguments[0], single, items)) return null_argument(evaluation, arguments[0]);
    int64_t start = 0, length = INT64_MAX;
    if (!want_whole(evaluation, arguments[1], start, bad)) return bad;
    if (arguments.size() > 2 && !want_whole(evaluation, arguments[2], length, bad)) return bad;
    size_t from = 0;
    if (!offset_of(start, items.size(), from))
        return evaluation.fail("feel.index", "the list has no item at this index");
    if (length < 0) return evaluation.fail("feel.argument", "a length is not negative");
    size_t count = std::min<size_t>(items.size() - from, static_cast<size_t>(length));
    Value* copy = evaluation.arena.array<Value>(count);
    std::copy_n(items.begin() + static_cast<ptrdiff_t>(from), count, copy);
    return make_list(copy, count);
}

Value remove_item(Evaluation& evaluation, Arguments arguments) {
    Value single, bad;
    std::span<const Value> items;
    if (!want_list(arguments[0], single, items)) return null_argument(evaluation, arguments[0]);
    int64_t position = 0;
    size_t at = 0;
    if (!want_whole(evaluation, arguments[1], position, bad)) return bad;
    if (!offset_of(position, items.size(), at))
        return evaluation.fail("feel.index", "the list has no item at this index");
    ListBuilder out(evaluation, items.size());
    for (size_t i = 0; i < items.size(); i++) {
        if (i != at) out.push(items[i]);
    }
    return out.list();
}

Value insert_before(Evaluation& evaluation, Arguments arguments) {
    Value single, bad;
    std::span<const Value> items;
    if (!want_list(arguments[0], single, items)) return null_argument(evaluation, arguments[0]);
    int64_t position = 0;
    size_t at = 0;
    if (!want_whole(evaluation, arguments[1], position, bad)) return bad;
    if (!offset_of(position, items.size(), at))
        return evaluation.fail("feel.index", "the list has no item at this index");
    ListBuilder out(evaluation, items.size() + 1);
    for (size_t i = 0; i < items.size(); i++) {
        if (i == at) out.push(arguments[2]);
        out.push(items[i]);
    }
    return out.list();
}

// list replace(list, position or function(item, new) boolean, new item)
Value list_replace(Evaluation& evaluation, Arguments arguments) {
    Value single, bad;
    std::span<const Value> items;
    if (!want_list(arguments[0], single, items)) return null_argument(evaluation, arguments[0]);
    ListBuilder out(evaluation, items.size());
    if (arguments[1].kind == Kind::function) {
        for (const Value& item : items) {
            evaluation.charge(1);
            Value pair[2] = {item, arguments[2]};
            Value chosen = evaluation.call(arguments[1], pair);
            if (chosen.kind != Kind::boolean)
                return chosen.is_null() ? chosen
                                        : evaluation.fail("feel.argument", "list replace asks for true or false");
            out.push(chosen.is_true() ? arguments[2] : item);
        }
        return out.list();
    }
    int64_t position = 0;
    size_t at = 0;
    if (!want_whole(evaluation, arguments[1], position, bad)) return bad;
    if (!offset_of(position, items.size(), at))
        return evaluation.fail("feel.index", "the list has no item at this index");
    for (size_t i = 0; i < items.size(); i++) out.push(i == at ? arguments[2] : items[i]);
    return out.list();
}

// A merge sort of our own: std::sort may read out of bounds under a comparison that is no order, and users write it.
Value merge_sort(Evaluation& evaluation, std::span<const Value> items, const Value* before) {
    size_t count = items.size();
    Value* from = evaluation.arena.array<Value>(count);
    Value* to = evaluation.arena.array<Value>(count);
    std::copy(items.begin(), items.end(), from);
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t start = 0; start < count; start += 2 * width) {
            size_t left = start, middle = std::min(start + width, count), right = middle,
                   end = std::min(start + 2 * width, count);
            for (size_t out = start; out < end; out++) {
                bool take_right = left >= middle;
                if (!take_right && right < end) {
                    evaluation.charge(2);
                    Value pair[2] = {from[right], from[left]};
                    Value answer = before ? evaluation.call(*before, pair)
                                          : compare(evaluation, Comparison::less, pair[0], pair[1]);
                    if (answer.kind != Kind::boolean)
                        return answer.is_null()
                                   ? answer
                                   : evaluation.fail("feel.argument", "the order of sort answers true or false");
                    take_right = answer.is_true();
                }
                to[out] = take_right ? from[right++] : from[left++];
            }
        }
        std::swap(from, to);
    }
    return make_list(from, count);
}

Value sort(Evaluation& evaluation, Arguments arguments) {
    Value single;
    std::span<const Value> items;
    if (!want_list(arguments[0], single, items)) return null_argument(evaluation, arguments[0]);
    return merge_sort(evaluation, items, arguments.size() > 1 && !arguments[1].is_null() ? &arguments[1] : nullptr);
}

TypeRef element_of(TypeRef type, Types& types) {
    if (type->kind == TypeKind::list) return type->element ? type->element : types.basic(TypeKind::any);
    return type;
}

TypeRef item_type(const Call& call) {
    // An empty list has no smallest item; several arguments always have one.
    TypeRef type = element_of(call.arguments[0], call.types);
    bool nullable = call.arguments.size() == 1;
    for (TypeRef argument : call.arguments) nullable |= argument->nullable;
    if (call.arguments.size() > 1) {
        for (TypeRef argument : call.arguments) {
            if (argument->kind != type->kind) return call.types.basic(TypeKind::any);
            if (argument->currency != type->currency && !argument->currency.empty()) type = argument;
        }
    }
    return call.types.with_nullable(type, nullable);
}

TypeRef same_list(const Call& call) {
    TypeRef type = call.arguments[0];
    if (type->kind == TypeKind::list) return type;
    return call.types.list(type, type->nullable);
}

TypeRef grown_list(const Call& call) {
    TypeRef element = element_of(call.arguments[0], call.types);
    bool nullable = call.arguments[0]->nullable;
    for (size_t i = 1; i < call.arguments.size(); i++) {
        TypeRef other = call.arguments[i];
        if (call.builtin.name != "append") {
            nullable |= other->nullable;
            other = element_of(other, call.types);
        }
        if (other != element) {
            bool alike = other->kind == element->kind && other->class_id == element->class_id &&
                         other->kind != TypeKind::context && other->kind != TypeKind::list;
            element = alike ? call.types.with_nullable(element, element->nullable || other->nullable)
                            : call.types.basic(TypeKind::any);
        }
    }
    return call.types.list(element, nullable);
}

TypeRef flat_list(const Call& call) {
    TypeRef element = element_of(call.arguments[0], call.types);
    while (element->kind == TypeKind::list)
        element = element->element ? element->element : call.types.basic(TypeKind::any);
    return call.types.list(element, call.arguments[0]->nullable);
}

TypeRef number_list(const Call& call) {
    return call.types.list(call.types.basic(TypeKind::number, false), call.arguments[0]->nullable);
}

}  // namespace

void add_list_functions(std::vector<Builtin>& table) {
    table.push_back(builtin("count(list: list): number!", count));
    table.push_back(builtin("min(list: list): any", explained<extreme<false>>, item_type));
    table.push_back(builtin("min(values: any...): any", explained<extreme<false>>, item_type));
    table.push_back(builtin("max(list: list): any", explained<extreme<true>>, item_type));
    table.push_back(builtin("max(values: any...): any", explained<extreme<true>>, item_type));
    table.push_back(builtin("sum(list: list): any", explained<sum>, item_type));
    table.push_back(builtin("sum(values: number...): any", explained<sum>, item_type));
    table.push_back(builtin("sum(values: duration...): any", explained<sum>, item_type));
    table.push_back(builtin("mean(list: list): any", explained<mean>, item_type));
    table.push_back(builtin("mean(values: number...): any", explained<mean>, item_type));
    table.push_back(builtin("median(list: list): any", explained<median>, item_type));
    table.push_back(builtin("median(values: number...): any", explained<median>, item_type));
    table.push_back(builtin("percentile(list: list, share: number): any", explained<percentile>, item_type));
    table.push_back(builtin("product(list: list): any", explained<product>, item_type));
    table.push_back(builtin("product(values: number...): any", explained<product>, item_type));
    table.push_back(builtin("stddev(list: list): number", explained<stddev>));
    table.push_back(builtin("stddev(values: number...): number", explained<stddev>));
    table.push_back(builtin("mode(list: list): list", explained<mode>, same_list));
    table.push_back(builtin("mode(values: number...): list", explained<mode>, same_list));
    table.push_back(builtin("all(list: list): boolean", explained<quantify<true>>));
    table.push_back(builtin("all(values: boolean...): boolean!", explained<quantify<true>>));
    table.push_back(builtin("any(list: list): boolean", explained<quantify<false>>));
    table.push_back(builtin("any(values: boolean...): boolean!", explained<quantify<false>>));
    table.push_back(builtin("list contains(list: list, element: ~any): boolean!", list_contains));
    table.push_back(builtin("index of(list: list, match: ~any): list!", index_of, number_list));
    table.push_back(builtin("append(list: list, item: ~any...): list!", append, grown_list));
    table.push_back(builtin("concatenate(list: list...): list!", concatenate<false>, grown_list));
    table.push_back(builtin("union(list: list...): list!", concatenate<true>, grown_list));
    table.push_back(builtin("distinct values(list: list): list!", concatenate<true>, same_list));
    table.push_back(builtin("duplicate values(list: list): list!", duplicate_values, same_list));
    table.push_back(builtin("flatten(list: list): list!", flatten, flat_list));
    table.push_back(builtin("reverse(list: list): list!", reverse, same_list));
    table.push_back(builtin("sublist(list: list, start position: number, length?: number): list", sublist, same_list));
    table.push_back(builtin("remove(list: list, position: number): list", remove_item, same_list));
    table.push_back(builtin("insert before(list: list, position: number, newItem: ~any): list", insert_before));
    table.push_back(
        builtin("list replace(list: list, position: number, newItem: ~any): list", explained<list_replace>));
    table.push_back(builtin("list replace(list: list, match: function, newItem: ~any): list", explained<list_replace>));
    table.push_back(builtin("sort(list: list, precedes?: ~function): list", explained<sort>, same_list));
}

}  // namespace leat::feel
