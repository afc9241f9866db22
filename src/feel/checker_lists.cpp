// Lists, contexts, filters, and the queries that filters over records.X become.
#include <fmt/format.h>

#include <algorithm>

#include "feel/checker.hpp"

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
    items_.push_back({item, node->index});
    TypeRef condition = check(node->children[1]);
    items_.pop_back();
    if (condition->kind == TypeKind::number) {
        as_value(node->children[0]);
        node->kind = NodeKind::index;
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
    for (size_t i = 0; i < node->children.size(); i++) {
        TypeRef type = check(node->children[i]);
        uint32_t slot = node->index + static_cast<uint32_t>(i);
        members.push_back({node->names[i], static_cast<uint32_t>(i), type});
        locals_.push_back({node->names[i], type, slot});
    }
    locals_.resize(before);
    return types_.context(std::move(members), false);
}

TypeRef Checker::check_instance(Node* node) {
    check(node->children[0]);
    static constexpr const char* kTypes[] = {"Any",
                                             "Null",
                                             "number",
                                             "string",
                                             "boolean",
                                             "date",
                                             "time",
                                             "date and time",
                                             "days and time duration",
                                             "years and months duration",
                                             "list",
                                             "context",
                                             "range",
                                             "function"};
    std::string name = node->text.substr(0, node->text.find('<'));
    std::vector<std::string> names(std::begin(kTypes), std::end(kTypes));
    if (std::find(names.begin(), names.end(), name) == names.end()) {
        std::string near = base::nearest(name, names);
        error("feel.name.unknown", node, fmt::format("there is no type '{}'", name),
              near.empty() ? "" : fmt::format("did you mean '{}'?", near));
    }
    return basic(TypeKind::boolean, false);
}

}  // namespace leat::feel
