#include "feel/checker.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace leat::feel {

using ast::Node;
using ast::NodeKind;

namespace {

// "amount", "event.amount", a local: what a null test proves something about.
bool is_path(const Node* node) {
    switch (node->kind) {
        case NodeKind::name:
        case NodeKind::item:
        case NodeKind::local:
        case NodeKind::input:
            return true;
        case NodeKind::member:
            return is_path(node->children[0]);
        default:
            return false;
    }
}

bool same_path(const Node* a, const Node* b) {
    // Locals and items share their numbers.
    auto slot = [](const Node* node) { return node->kind == NodeKind::item || node->kind == NodeKind::local; };
    if (slot(a) && slot(b)) return a->index == b->index;
    if (a->kind != b->kind) return false;
    if (a->kind == NodeKind::input) return true;
    if (a->kind == NodeKind::name) return a->text == b->text;
    return a->kind == NodeKind::member && a->text == b->text && same_path(a->children[0], b->children[0]);
}

}  // namespace

Checker::Checker(const Text& source, const Scope& scope, const CompileOptions& options, Diagnostics& diagnostics,
                 Tree& tree, Reads& reads, Queries& queries, EmbeddedHost* host)
    : source_(source),
      scope_(scope),
      options_(options),
      diagnostics_(diagnostics),
      tree_(tree),
      reads_(reads),
      queries_(queries),
      host_(host),
      types_(scope.types()) {}

void Checker::error(const char* code, const Node* node, std::string message, std::string hint) {
    if (options_.lenient) {
        // In a filter a name may be a member of the item, which only shows when it runs.
        if (options_.warn_unknown_names && items_.empty() && std::string_view(code) == "feel.name.unknown")
            diagnostics_.warning(code, source_.at(node->begin, node->end), message, std::move(hint));
        excuse_ = {code, std::move(message), node->begin, node->end};
        return;
    }
    failed_ = true;
    diagnostics_.error(code, source_.at(node->begin, node->end), std::move(message), std::move(hint));
}

bool Checker::run(Node*& root, TypeRef input) {
    input_ = input;
    check(root);
    if (failed_) return false;
    if (options_.expected) check_expected(root, options_.expected);
    if (options_.warn_nullable_condition && !failed_) warn_nullable(root);
    return !failed_;
}

TypeRef Checker::check(Node*& node) {
    if (node->kind == NodeKind::literal) return node->type = check_literal(node);
    check_raw(node);
    return as_value(node);
}

TypeRef Checker::as_value(Node* node) {
    if (node->type->kind == TypeKind::collection) {
        make_query(node, node->type->class_id, nullptr, 0);
        node->type = types_.list(types_.record(node->type->class_id, false), false);
    }
    return node->type;
}

TypeRef Checker::check_raw(Node*& node) {
    TypeRef type = dispatch(node);
    if (type->nullable && std::any_of(known_.begin(), known_.end(),
                                      [&](const Node* known) { return known == node || same_path(known, node); }))
        type = types_.with_nullable(type, false);
    node->type = type;
    return type;
}

TypeRef Checker::dispatch(Node*& node) {
    switch (node->kind) {
        case NodeKind::literal:
            return check_literal(node);
        case NodeKind::name:
            return check_name(node);
        case NodeKind::member:
            return check_member(node);
        case NodeKind::negate:
            return check_negate(node);
        case NodeKind::add:
        case NodeKind::subtract:
        case NodeKind::multiply:
        case NodeKind::divide:
        case NodeKind::power:
            return check_arithmetic(node);
        case NodeKind::equal:
        case NodeKind::not_equal:
        case NodeKind::less:
        case NodeKind::less_equal:
        case NodeKind::greater:
        case NodeKind::greater_equal:
            return check_comparison(node);
        case NodeKind::logical_and:
        case NodeKind::logical_or:
            return check_logical(node);
        case NodeKind::between:
            return check_between(node);
        case NodeKind::in:
            return check_in(node);
        case NodeKind::if_else:
            return check_if(node);
        case NodeKind::for_each:
            return check_for(node);
        case NodeKind::some:
        case NodeKind::every:
            return check_quantified(node);
        case NodeKind::filter:
        case NodeKind::index:
            return check_filter(node);
        case NodeKind::call:
            return check_call(node);
        case NodeKind::list:
            return check_list(node);
        case NodeKind::context:
            return check_context(node);
        case NodeKind::range:
            return check_range(node);
        case NodeKind::unary_compare: {
            // (< 5) as a value is a range; (!= 5) is none.
            if (node->op == NodeKind::not_equal) {
                error("feel.syntax", node, "'!=' needs a left side here");
                return any();
            }
            Node* operand = node->children[0];
            Node* none = tree_.literal(Value(), node->begin, node->begin);
            none->text = "unbounded";
            bool low = node->op == NodeKind::greater || node->op == NodeKind::greater_equal;
            bool closed = node->op != NodeKind::less && node->op != NodeKind::greater;
            bool both = node->op == NodeKind::equal;
            node->kind = NodeKind::range;
            node->text = both ? "=" : "";
            node->children = {low || both ? operand : none, low && !both ? none : operand};
            node->low_closed = closed && (low || both);
            node->high_closed = closed && (!low || both);
            return check_range(node);
        }
        case NodeKind::dash:
            return basic(TypeKind::boolean, false);
        case NodeKind::input:
            if (input_) return input_;
            error("feel.name.unknown", node, "'?' is the input of a table's column and has no meaning here");
            return any();
        case NodeKind::item:
        case NodeKind::local:
            return node->type;
        case NodeKind::instance_of:
            return check_instance(node);
        case NodeKind::function_definition:
            return check_function(node);
        case NodeKind::coerce:
            return check_coerce(node);
        case NodeKind::embedded:
            return check_embedded(node);
    }
    return any();
}

TypeRef type_of(const Value& value, Types& types) {
    switch (value.kind) {
        case Kind::null:
            return types.basic(TypeKind::null);
        case Kind::boolean:
            return types.basic(TypeKind::boolean, false);
        case Kind::number:
            return types.basic(TypeKind::number, false);
        case Kind::string:
            return types.basic(TypeKind::string, false);
        case Kind::date:
            return types.basic(TypeKind::date, false);
        case Kind::time:
            return types.basic(TypeKind::time, false);
        case Kind::date_time:
            return types.basic(TypeKind::date_time, false);
        case Kind::days_duration:
            return types.basic(TypeKind::days_duration, false);
        case Kind::months_duration:
            return types.basic(TypeKind::months_duration, false);
        default:
            return types.basic(TypeKind::any, false);
    }
}

TypeRef Checker::check_literal(Node* node) {
    return type_of(node->constant, types_);
}

TypeRef Checker::bind(Node* node, const Binding& binding) {
    node->binding = binding;
    switch (binding.kind) {
        case Binding::Kind::field:
            if (options_.self) reads_.fields.push_back({options_.self->class_id, binding.index, false});
            if (binding.type->kind == TypeKind::list && binding.type->element &&
                binding.type->element->kind == TypeKind::record) {
                reads_.collections.push_back(binding.type->element->class_id);
            }
            break;
        case Binding::Kind::function:
            reads_.functions.push_back(binding.index);
            break;
        default:
            break;
    }
    return binding.type ? binding.type : any();
}

// A bare name: the expression's own local, a scope's local, a member of the filter's item, anything else of the scope.
TypeRef Checker::check_name(Node*& node) {
    if (options_.lenient && !items_.empty()) return check_item_name(node, items_.size(), locals_.size());
    for (auto local = locals_.rbegin(); local != locals_.rend(); ++local) {
        if (local->name != node->text) continue;
        node->kind = NodeKind::local;
        node->index = local->slot;
        return local->type;
    }
    auto binding = scope_.find(node->text);
    if (binding && items_.empty()) ambiguous_value(node, *binding);
    if (binding && (binding->kind == Binding::Kind::local || items_.empty())) return bind(node, *binding);
    if (items_.empty()) return input_value(node) ? node->type : unknown_name(node);
    const Item& item = items_.back();
    if (node->text == "item") {
        node->kind = NodeKind::item;
        node->index = item.slot;
        return item.type;
    }
    // The item's member wins over constants, functions and objects, never over locals.
    bool member = false;
    if (item.type->kind == TypeKind::record || item.type->kind == TypeKind::object)
        member = scope_.member(item.type, node->text).has_value();
    if (item.type->kind == TypeKind::context) {
        for (const Member& entry : item.type->members) member |= entry.name == node->text;
    }
    bool open =
        item.type->kind == TypeKind::any || (item.type->kind == TypeKind::context && item.type->members.empty());
    bool outer_field = binding && binding->kind == Binding::Kind::field;
    if (!member && binding && !outer_field) return bind(node, *binding);
    if (!member && !open) return unknown_name(node);
    Node* object = tree_.make(NodeKind::item, node->begin, node->begin);
    object->index = item.slot;
    object->type = item.type;
    node->kind = NodeKind::member;
    node->children = {object};
    return check_member(node);
}

// DMN's way (10.3.2.5): inside a filter the members of the item come first, then what is outside. Where the item's type
// does not tell, the item itself does when it runs. Of the filters, `items` are looked at, of the locals `locals`.
TypeRef Checker::check_item_name(Node* node, size_t items, size_t locals) {
    if (items == 0) return check_outer_name(node, locals);
    const Item item = items_[items - 1];
    for (size_t i = locals; i > item.locals; i--) {
        if (locals_[i - 1].name == node->text) return check_outer_name(node, locals);
    }
    if (node->text == "item") {
        node->kind = NodeKind::item;
        node->index = item.slot;
        return node->type = item.type;
    }
    Node* object = tree_.make(NodeKind::item, node->begin, node->begin);
    object->index = item.slot;
    object->type = item.type;
    for (const Member& member : item.type->members) {
        if (item.type->kind != TypeKind::context || member.name != node->text) continue;
        node->kind = NodeKind::member;
        node->children = {object};
        return node->type = member.type ? member.type : any();
    }
    if (item.type->kind == TypeKind::record || item.type->kind == TypeKind::object) {
        if (scope_.member(item.type, node->text)) {
            node->kind = NodeKind::member;
            node->children = {object};
            return node->type = check_member(node);
        }
        return check_item_name(node, items - 1, item.locals);
    }
    if (item.type->kind != TypeKind::any && item.type->kind != TypeKind::context)
        return check_item_name(node, items - 1, item.locals);
    Node* outside = tree_.make(NodeKind::name, node->begin, node->end);
    outside->text = node->text;
    check_item_name(outside, items - 1, item.locals);
    node->kind = NodeKind::member;
    node->children = {object, outside};
    return node->type = any();
}

TypeRef Checker::check_outer_name(Node* node, size_t locals) {
    for (size_t i = locals; i > 0; i--) {
        if (locals_[i - 1].name != node->text) continue;
        node->kind = NodeKind::local;
        node->index = locals_[i - 1].slot;
        return node->type = locals_[i - 1].type;
    }
    if (auto binding = scope_.find(node->text)) return node->type = bind(node, *binding);
    return node->type = unknown_name(node);
}

// LANGUAGE 2: a value of the column that is also a field's name must be quoted.
void Checker::ambiguous_value(const Node* node, const Binding& binding) {
    bool value = input_ && input_->kind == TypeKind::enumeration && input_->enumeration &&
                 input_->enumeration->find(node->text) >= 0;
    if (!value || binding.kind == Binding::Kind::constant) return;
    error("feel.name.ambiguous", node,
          fmt::format("'{}' is both a value of {} and a name here", node->text, input_->enumeration->name),
          fmt::format("write \"{}\" for the value, or this.{} for the field", node->text, node->text));
}

// In a column of enum or role type bare names are its values.
bool Checker::input_value(Node* node) {
    if (!input_ || input_->kind != TypeKind::enumeration || !input_->enumeration ||
        input_->enumeration->find(node->text) < 0)
        return false;
    node->kind = NodeKind::literal;
    node->constant = Value::string(tree_.keep(node->text));
    node->type = types_.with_nullable(input_, false);
    return true;
}

TypeRef Checker::unknown_name(Node* node) {
    if (options_.lenient && find_builtin(node->text) >= 0) return builtin_value(node);
    std::vector<std::string> names;
    for (const Local& local : locals_) names.emplace_back(local.name);
    if (!items_.empty()) {
        TypeRef item = items_.back().type;
        auto outer = scope_.find(node->text);
        if (outer && outer->kind == Binding::Kind::field) {
            error("feel.name.unknown", node, fmt::format("the items of this filter have no '{}'", node->text),
                  fmt::format("write this.{} for the outer record", node->text));
            return give_up(node);
        }
        for (const std::string& name : scope_.names(item)) names.push_back(name);
        for (const Member& entry : item->members) names.push_back(entry.name);
    } else {
        for (const std::string& name : scope_.names(nullptr)) names.push_back(name);
    }
    if (input_ && input_->kind == TypeKind::enumeration && input_->enumeration) {
        for (const EnumItem& value : input_->enumeration->items) {
            names.push_back(value.value);
            for (const std::string& title : value.titles) {
                if (title != node->text) continue;
                error("feel.enum.unknown", node,
                      fmt::format("'{}' is not a value of {}", node->text, input_->enumeration->name),
                      fmt::format("'{}' is the title of \"{}\"", title, value.value));
                return give_up(node);
            }
        }
    }
    std::string near = base::nearest(node->text, names);
    if (near.empty() && find_builtin(node->text) >= 0) {
        error("feel.name.unknown", node, fmt::format("'{}' is a function: call it with (…)", node->text));
        return give_up(node);
    }
    error("feel.name.unknown", node, fmt::format("there is no '{}' here", node->text),
          near.empty() ? "" : fmt::format("did you mean '{}'?", near));
    return give_up(node);
}

// A built-in's name as a value (DMN: sort(list, fn), a knowledge model's parameter): the function that calls it with as
// many arguments as it needs.
TypeRef Checker::builtin_value(Node* node) {
    const Builtin& builtin = builtins()[static_cast<size_t>(find_builtin(node->text))];
    Node* call = tree_.make(NodeKind::call, node->begin, node->end);
    call->text = node->text;
    node->kind = NodeKind::function_definition;
    for (size_t i = 0; i < builtin.required(); i++) {
        node->names.push_back(std::string_view(builtin.parameters[i].name));
        Node* argument = tree_.make(NodeKind::name, node->begin, node->end);
        argument->text = builtin.parameters[i].name;
        call->children.push_back(argument);
    }
    node->argument_names.resize(node->names.size());
    node->parameter_types.resize(node->names.size(), nullptr);
    node->children = {call};
    node->height = static_cast<uint16_t>(node->height + 2);
    return check(node);
}

// What holds where `condition` is known to be `truth`.
void Checker::learn(const Node* condition, bool truth) {
    if (condition->kind == (truth ? NodeKind::logical_and : NodeKind::logical_or)) {
        learn(condition->children[0], truth);
        learn(condition->children[1], truth);
        return;
    }
    if (condition->kind == NodeKind::call && condition->text == "not" && condition->children.size() == 1) {
        learn(condition->children[0], !truth);
        return;
    }
    if (condition->kind == (truth ? NodeKind::not_equal : NodeKind::equal)) {
        for (int side = 0; side < 2; side++) {
            const Node* other = condition->children[1 - side];
            if (other->kind == NodeKind::literal && other->constant.is_null()) {
                if (is_path(condition->children[side])) known_.push_back(condition->children[side]);
            }
        }
        return;
    }
    if (truth && condition->kind == NodeKind::call && condition->text == "is defined" &&
        condition->children.size() == 1) {
        if (is_path(condition->children[0])) known_.push_back(condition->children[0]);
    }
    // A comparison that is true, or false, was not null: neither were its sides.
    bool ordered = condition->kind == NodeKind::less || condition->kind == NodeKind::less_equal ||
                   condition->kind == NodeKind::greater || condition->kind == NodeKind::greater_equal;
    if (truth && (ordered || condition->kind == NodeKind::equal)) {
        for (int side = 0; side < 2; side++) {
            const Node* other = condition->children[1 - side];
            bool other_null = condition->kind == NodeKind::equal && other->type->nullable;
            if (!other_null && is_path(condition->children[side])) known_.push_back(condition->children[side]);
        }
    }
}

const Node* Checker::nullable_cause(const Node* node) const {
    if (!node->type || !node->type->nullable) return nullptr;
    for (const Node* child : node->children) {
        if (const Node* cause = nullable_cause(child)) return cause;
    }
    bool named = node->kind == NodeKind::name || node->kind == NodeKind::member || node->kind == NodeKind::local ||
                 node->kind == NodeKind::item || node->kind == NodeKind::input || node->kind == NodeKind::call ||
                 node->kind == NodeKind::divide || node->kind == NodeKind::index;
    return named ? node : nullptr;
}

void Checker::warn_nullable(const Node* root) {
    if (!root->type->nullable || root->type->kind == TypeKind::any) return;
    const Node* cause = nullable_cause(root);
    if (!cause) return;
    std::string shown = source_.text.substr(cause->begin, cause->end - cause->begin);
    diagnostics_.warning(
        "feel.null.condition", source_.at(cause->begin, cause->end),
        fmt::format("'{}' may be empty, and an empty condition decides nothing: the command is refused", shown),
        fmt::format("make it required, test '{} != null', or write get or else({}, …)", shown, shown));
}

}  // namespace leat::feel
