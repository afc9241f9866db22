// Lists, contexts, filters, and the queries that filters over records.X become.
#include <fmt/format.h>

#include <algorithm>

#include "feel/checker.hpp"
#include "feel/type_text.hpp"

namespace leat::feel {

using ast::Node;
using ast::NodeKind;

namespace {

bool depends(const Node* node, uint32_t slot) {
    if ((node->kind == NodeKind::item || node->kind == NodeKind::local) && node->index >= slot) return true;
    return std::any_of(node->children.begin(), node->children.end(),
                       [&](const Node* child) { return depends(child, slot); });
}

// Slots are numbered in order of binding, so everything bound inside a filter has a slot from the item's on.
void collect_parameters(const Node* node, uint32_t slot, std::vector<const Node*>& out) {
    if (node->kind == NodeKind::literal || node->kind == NodeKind::dash || node->kind == NodeKind::input) return;
    if (node->kind == NodeKind::name && node->binding.kind == Binding::Kind::constant) return;
    // The ends of ranges, the operands of tests and the items of lists are values of their own to a query.
    bool parts = node->kind == NodeKind::range || node->kind == NodeKind::list || node->kind == NodeKind::unary_compare;
    if (!parts && !depends(node, slot)) {
        out.push_back(node);
        return;
    }
    if (node->kind == NodeKind::function_definition) return;
    for (const Node* child : node->children) collect_parameters(child, slot, out);
}

}  // namespace

TypeRef Checker::check_filter(Node* node) {
    TypeRef source = check_raw(node->children[0]);
    bool collection = source->kind == TypeKind::collection;
    TypeRef item = any();
    if (collection)
        item = types_.record(source->class_id, false);
    else if (source->kind == TypeKind::list)
        item = source->element ? source->element : any();
    else if (source->kind != TypeKind::any && source->kind != TypeKind::null) {
        // x[true] of a single value: DMN makes it a list of one; here it is nearly always a mistake.
        if (!options_.lenient) {
            error("feel.type.mismatch", node->children[0],
                  fmt::format("a filter needs a list, this is {}", describe(source)));
            return any();
        }
        item = source;
    }
    node->index = slots_++;
    items_.push_back({item, node->index, locals_.size()});
    TypeRef condition = check(node->children[1]);
    items_.pop_back();
    if (condition->kind == TypeKind::number && !node->strict) {
        as_value(node->children[0]);
        node->kind = NodeKind::index;
        make_part(node);
        return types_.with_nullable(item, true);
    }
    if (collection) {
        want_boolean(node->children[1], "the condition of this filter");
        make_query(node, source->class_id, node->children[1], node->index);
        return types_.list(item, false);
    }
    if (condition->kind != TypeKind::any) {
        want_boolean(node->children[1], "the condition of this filter");
        return types_.list(item, source->nullable && source->kind != TypeKind::any);
    }
    return any();  // a number would be an index: known when it runs
}

void Checker::make_query(Node* node, uint32_t entity, const Node* filter, uint32_t slot) {
    auto query = std::make_unique<CollectionQuery>();
    query->entity = entity;
    query->filter = filter;
    if (filter) collect_parameters(filter, slot, query->parameters);
    node->has_query = true;
    query_of_[node] = static_cast<uint32_t>(queries_.size());
    queries_.push_back(std::move(query));
    reads_.collections.push_back(entity);
}

// a.f or a.r.f of the parameter in `slot`, as the key of an order.
static std::optional<CollectionQuery::Key> key_of(const Node* node, uint32_t slot) {
    if (node->kind != NodeKind::member || !node->by_index) return std::nullopt;
    CollectionQuery::Key key;
    key.field = node->index;
    const Node* object = node->children[0];
    if (object->kind == NodeKind::member && object->by_index) {
        key.through = object->index;
        object = object->children[0];
    }
    if (object->kind != NodeKind::local || object->index != slot) return std::nullopt;
    return key;
}

// What the two sides of a comparison of a sort's function have in common: a.f and b.f, or the other way around.
static std::optional<CollectionQuery::Key> compared(const Node* node, uint32_t slot, bool& swapped) {
    auto left = key_of(node->children[0], slot), right = key_of(node->children[1], slot + 1);
    swapped = !left || !right;
    if (swapped) {
        left = key_of(node->children[1], slot);
        right = key_of(node->children[0], slot + 1);
    }
    if (!left || !right || left->field != right->field || left->through != right->through) return std::nullopt;
    return left;
}

// a.f < b.f, and a.f < b.f or (a.f = b.f and …): the keys of an order; false where it is anything else.
static bool order_of(const Node* node, uint32_t slot, std::vector<CollectionQuery::Key>& out) {
    bool swapped = false;
    if (node->kind == NodeKind::less || node->kind == NodeKind::greater) {
        auto key = compared(node, slot, swapped);
        if (!key) return false;
        key->descending = (node->kind == NodeKind::greater) != swapped;
        out.push_back(*key);
        return true;
    }
    if (node->kind != NodeKind::logical_or || node->children[1]->kind != NodeKind::logical_and) return false;
    const Node* tie = node->children[1]->children[0];
    if (!order_of(node->children[0], slot, out) || out.size() != 1 || tie->kind != NodeKind::equal) return false;
    auto key = compared(tie, slot, swapped);
    std::vector<CollectionQuery::Key> rest;
    if (!key || key->field != out[0].field || key->through != out[0].through) return false;
    if (!order_of(node->children[1]->children[1], slot, rest)) return false;
    out.insert(out.end(), rest.begin(), rest.end());
    return true;
}

static std::optional<uint64_t> positive(const Node* node) {
    if (node->kind != NodeKind::literal || node->constant.kind != Kind::number) return std::nullopt;
    auto number = node->constant.as_number().to_int64();
    if (!number || *number < 1) return std::nullopt;
    return static_cast<uint64_t>(*number);
}

// Of sort, sublist and [1] over a collection: a query that answers the whole at once, where the host can.
void Checker::make_part(Node* node) {
    const Node* list = node->children[0];
    if (!list->has_query) return;
    const CollectionQuery& whole = *queries_[query_of_.at(list)];
    CollectionQuery part;
    part.entity = whole.entity;
    part.filter = whole.filter;
    part.parameters = whole.parameters;
    part.order = whole.order;
    part.part = true;
    bool cut = whole.limit != UINT64_MAX;
    if (node->kind == NodeKind::index) {
        auto at = positive(node->children[1]);
        if (!at || cut) return;
        part.skip = *at - 1;
        part.limit = 1;
    } else if (node->text == "sublist") {
        auto start = node->children.size() == 3 ? positive(node->children[1]) : std::nullopt;
        auto length = start ? positive(node->children[2]) : std::nullopt;
        if (!length || cut) return;
        part.skip = *start - 1;
        part.limit = *length;
    } else {
        const Node* function = node->children.size() == 2 ? node->children[1] : nullptr;
        if (!function || function->kind != NodeKind::function_definition || function->names.size() != 2) return;
        if (whole.part || !order_of(function->children[0], function->index, part.order)) return;
    }
    node->has_query = true;
    query_of_[node] = static_cast<uint32_t>(queries_.size());
    queries_.push_back(std::make_unique<CollectionQuery>(std::move(part)));
}

TypeRef Checker::check_list(Node* node) {
    TypeRef element = nullptr;
    for (Node*& child : node->children) {
        TypeRef type = check(child);
        element = element ? join(element, type) : type;
    }
    return types_.list(element ? element : any(), false);
}

TypeRef Checker::check_context(Node* node) {
    std::vector<Member> members;
    size_t before = locals_.size();
    node->index = slots_;
    slots_ += static_cast<uint32_t>(node->children.size());
    bool boxed = !node->names.empty() && node->names.back().empty();
    for (size_t i = 0; i < node->children.size(); i++) {
        TypeRef type = check(node->children[i]);
        if (boxed && i + 1 == node->children.size()) {
            locals_.resize(before);
            return type;
        }
        uint32_t slot = node->index + static_cast<uint32_t>(i);
        members.push_back({std::string(node->names[i]), static_cast<uint32_t>(i), type});
        locals_.push_back({node->names[i], type, slot});
    }
    locals_.resize(before);
    return types_.context(std::move(members), false);
}

// The type that the text names; nullptr after an error.
TypeRef Checker::type_named(const Node* node, std::string_view text) {
    TypeRef type = parse_type(text, scope_);
    if (type) return type;
    std::string name(text.substr(0, text.find('<')));
    std::string near = base::nearest(name, type_names());
    bool known = near == name;
    error("feel.name.unknown", node, fmt::format("there is no type '{}'", text),
          known          ? "write list<number>, range<date>, context<a: string> or function<number>->string"
          : near.empty() ? ""
                         : fmt::format("did you mean '{}'?", near));
    return nullptr;
}

TypeRef Checker::check_instance(Node* node) {
    check(node->children[0]);
    node->declared = type_named(node, node->text);
    return basic(TypeKind::boolean, false);
}

// The value of a part with a declared type. What surely has another type is a mistake; what may have it is converted
// when it runs.
TypeRef Checker::check_coerce(Node* node) {
    TypeRef from = check(node->children[0]);
    TypeRef to = node->declared;
    TypeRef item = from->kind == TypeKind::list && to->kind != TypeKind::list ? from->element : from;
    TypeRef wanted = to->kind == TypeKind::list && from->kind != TypeKind::list ? to->element : to;
    bool date = item && wanted && item->kind == TypeKind::date && wanted->kind == TypeKind::date_time;
    if (item && wanted && !date && !assignable(item, wanted)) {
        error("feel.type.mismatch", node->children[0],
              fmt::format("{} is declared here, this is {}", describe(to), describe(from)));
    }
    return options_.lenient || to->allowed ? types_.with_nullable(to, true) : types_.with_nullable(to, from->nullable);
}

// What an embedded part sees: the names that the boxes around it bring, then the scope's.
class PlaceScope final : public Scope {
 public:
    explicit PlaceScope(const Checker& checker) : checker_(checker), phrases_(checker.scope_.phrases()) {
        for (const Checker::Local& local : checker.locals_) {
            if (is_phrase(local.name)) phrases_.emplace_back(local.name);
        }
    }
    std::optional<Binding> find(std::string_view name) const override {
        for (auto local = checker_.locals_.rbegin(); local != checker_.locals_.rend(); ++local) {
            if (local->name != name) continue;
            Binding binding;
            binding.kind = Binding::Kind::local;
            binding.type = local->type;
            return binding;
        }
        return checker_.scope_.find(name);
    }
    std::optional<Member> member(TypeRef type, std::string_view name) const override {
        return checker_.scope_.member(type, name);
    }
    std::vector<std::string> names(TypeRef type) const override {
        std::vector<std::string> all = checker_.scope_.names(type);
        if (type) return all;
        for (const Checker::Local& local : checker_.locals_) all.emplace_back(local.name);
        return all;
    }
    std::optional<uint32_t> calendar(std::string_view name) const override { return checker_.scope_.calendar(name); }
    Types& types() const override { return checker_.types_; }
    const std::vector<std::string>& phrases() const override { return phrases_; }
    TypeRef named_type(std::string_view name) const override { return checker_.scope_.named_type(name); }

 private:
    const Checker& checker_;
    std::vector<std::string> phrases_;
};

TypeRef Checker::check_embedded(Node* node) {
    PlaceScope names(*this);
    size_t errors = diagnostics_.error_count();
    std::optional<Embedded> made = host_->compile_embedded(node->index, names, diagnostics_);
    if (!made) {
        failed_ |= diagnostics_.error_count() > errors;
        return give_up(node);
    }
    Node* callee = tree_.make(NodeKind::name, node->begin, node->begin);
    callee->binding.kind = Binding::Kind::function;
    callee->binding.index = made->function;
    callee->type = any();
    reads_.functions.push_back(made->function);
    node->kind = NodeKind::call;
    node->children = {callee};
    for (const std::string& name : made->reads) {
        Node* argument = tree_.make(NodeKind::name, node->begin, node->begin);
        argument->text = tree_.keep(name);
        check(argument);
        node->children.push_back(argument);
    }
    return made->type ? made->type : any();
}

}  // namespace leat::feel
