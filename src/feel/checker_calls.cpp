// Calls: built-ins by signature, the scope's functions and function values by parameters; and expressions that bind
// names: function, for, some, every.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "feel/checker.hpp"
#include "feel/regex.hpp"
#include "feel/type_text.hpp"

namespace leat::feel {

using ast::Node;
using ast::NodeKind;

namespace {

// Whether an argument of this static type can be right for a parameter.
bool fits(TypeKind parameter, TypeRef argument) {
    if (parameter == TypeKind::any || argument->kind == TypeKind::any || argument->kind == TypeKind::null) return true;
    if (parameter == argument->kind) return true;
    switch (parameter) {
        case TypeKind::string:
            return argument->kind == TypeKind::enumeration;
        case TypeKind::list:
            return argument->kind == TypeKind::collection;
        case TypeKind::context:
            return argument->kind == TypeKind::record || argument->kind == TypeKind::object;
        case TypeKind::duration:
            return argument->kind == TypeKind::days_duration || argument->kind == TypeKind::months_duration;
        case TypeKind::days_duration:
        case TypeKind::months_duration:
            return argument->kind == TypeKind::duration;
        default:
            return false;
    }
}

const char* kind_name(TypeKind kind) {
    switch (kind) {
        case TypeKind::boolean:
            return "a boolean";
        case TypeKind::number:
            return "a number";
        case TypeKind::string:
            return "a string";
        case TypeKind::date:
            return "a date";
        case TypeKind::time:
            return "a time";
        case TypeKind::date_time:
            return "a date and time";
        case TypeKind::days_duration:
            return "a days and time duration";
        case TypeKind::months_duration:
            return "a years and months duration";
        case TypeKind::duration:
            return "a duration";
        case TypeKind::list:
            return "a list";
        case TypeKind::context:
            return "a context";
        case TypeKind::range:
            return "a range";
        case TypeKind::function:
            return "a function";
        default:
            return "a value";
    }
}

bool same_names(const Builtin& a, const Builtin& b) {
    return std::equal(a.parameters.begin(), a.parameters.end(), b.parameters.begin(), b.parameters.end(),
                      [](const BuiltinParameter& x, const BuiltinParameter& y) { return x.name == y.name; });
}

}  // namespace

TypeRef Checker::check_call(Node*& node) {
    if (!node->text.empty()) {
        // A function that the application declares hides a built-in of the same name.
        bool bound = std::any_of(locals_.begin(), locals_.end(), [&](const Local& l) { return l.name == node->text; });
        auto own = scope_.find(node->text);
        bool hides =
            own && (own->kind == Binding::Kind::function || (own->type && own->type->kind == TypeKind::function));
        if (!hides && !(bound && options_.lenient)) return check_builtin(node);
        Node* callee = tree_.make(NodeKind::name, node->begin, node->begin + static_cast<uint32_t>(node->text.size()));
        callee->text = std::exchange(node->text, {});
        node->children.push_front(callee);
    }
    Node* callee = node->children[0];
    if (callee->kind == NodeKind::name) {
        bool local =
            std::any_of(locals_.begin(), locals_.end(), [&](const Local& l) { return l.name == callee->text; });
        // LANGUAGE 1: the name before '(' is the function, also where a field has the same name.
        if (!local && items_.empty() && !scope_.find(callee->text)) {
            std::vector<std::string> names = scope_.names(nullptr);
            for (const Builtin& candidate : builtins()) names.push_back(candidate.name);
            std::string near = base::nearest(callee->text, names);
            error("feel.name.unknown", callee, fmt::format("there is no function '{}'", callee->text),
                  near.empty() ? "" : fmt::format("did you mean '{}'?", near));
            for (size_t i = 1; i < node->children.size(); i++) check(node->children[i]);
            callee->type = any();
            return give_up(node);
        }
    }
    return check_function_value_call(node);
}

// What was reported, or let pass as null in lenient mode.
TypeRef Checker::give_up(Node* node) {
    node->kind = NodeKind::literal;
    node->constant = Value();
    node->children.clear();
    if (!excuse_.text.empty()) {
        node->constant = Value::null(tree_.arena.make<NullReason>(
            NullReason{excuse_.code, {}, tree_.keep(excuse_.text), excuse_.begin, excuse_.end}));
        excuse_ = {};
    }
    return any();
}

bool Checker::order_named(Node* node, const std::vector<std::string>& names, const std::vector<bool>& optional,
                          std::string_view function) {
    size_t first = node->text.empty() ? 1 : 0;
    std::vector<Node*> ordered(node->children.begin(), node->children.begin() + static_cast<ptrdiff_t>(first));
    size_t given = 0, last = 0;
    std::vector<Node*> found(names.size(), nullptr);
    for (size_t i = 0; i < names.size(); i++) {
        for (size_t k = 0; k < node->argument_names.size(); k++) {
            if (node->argument_names[k] != names[i]) continue;
            if (found[i]) {
                error("feel.argument", node, fmt::format("'{}' is given twice", names[i]));
                return false;
            }
            found[i] = node->children[first + k];
            given++;
            last = i + 1;
        }
        if (!found[i] && !optional[i]) {
            error("feel.argument", node, fmt::format("{} needs '{}'", function, names[i]));
            return false;
        }
        if (!optional[i]) last = std::max(last, i + 1);
    }
    if (given != node->argument_names.size()) {
        for (std::string_view name : node->argument_names) {
            if (std::find(names.begin(), names.end(), name) != names.end()) continue;
            std::string near = base::nearest(name, names);
            error("feel.argument", node, fmt::format("{} has no parameter '{}'", function, name),
                  near.empty() ? fmt::format("its parameters are: {}", fmt::join(names, ", "))
                               : fmt::format("did you mean '{}'?", near));
            break;
        }
        return false;
    }
    for (size_t i = 0; i < last; i++) {
        if (!found[i]) {
            found[i] = tree_.literal(Value(), node->end, node->end);
            found[i]->type = basic(TypeKind::null, true);
        }
        ordered.push_back(found[i]);
    }
    node->children.assign(ordered);
    node->argument_names.clear();
    return true;
}

bool Checker::match(const Builtin& candidate, const Node* node, bool report) {
    size_t count = node->children.size();
    if (!candidate.takes(count)) {
        if (report) {
            std::vector<std::string> shown;
            for (const BuiltinParameter& parameter : candidate.parameters)
                shown.push_back(parameter.name + (parameter.optional ? "?" : ""));
            error("feel.argument", node,
                  fmt::format("{}({}) is called with {} argument{}", candidate.name, fmt::join(shown, ", "), count,
                              count == 1 ? "" : "s"));
        }
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const BuiltinParameter& parameter = candidate.parameters[std::min(i, candidate.parameters.size() - 1)];
        TypeRef type = node->children[i]->type;
        if (fits(parameter.kind, type)) continue;
        if (report) {
            error("feel.type.mismatch", node->children[i],
                  fmt::format("{} wants {} as '{}', this is {}", candidate.name, kind_name(parameter.kind),
                              parameter.name, describe(type)));
        }
        return false;
    }
    return true;
}

// A pattern that is written out in an expression over a record: what is wrong with it would make every answer null.
// Expressions evaluated by themselves give that null, with its reason.
void Checker::check_pattern(const Node* node) {
    bool cuts = node->text == "replace" || node->text == "split";
    if (options_.lenient || !options_.self || !(cuts || node->text == "matches" || node->text == "extract")) return;
    auto text_at = [&](size_t i) -> const Value* {
        bool text = i < node->children.size() && node->children[i]->kind == NodeKind::literal &&
                    node->children[i]->constant.kind == Kind::string;
        return text ? &node->children[i]->constant : nullptr;
    };
    const size_t flags_at = node->text == "replace" ? 3 : 2;
    const Value* pattern = text_at(1);
    const Value* letters = text_at(flags_at);
    if (!pattern || (node->children.size() > flags_at && !letters)) return;
    auto flags = RegexFlags::parse(letters ? letters->as_string() : std::string_view());
    if (!flags) {
        error("feel.regex", node->children[flags_at], "the flags of a pattern are s, m, i, x and q");
        return;
    }
    try {
        std::string fault;
        auto regex = Regex::get(pattern->as_string(), *flags, fault);
        if (!regex)
            error("feel.regex", node->children[1], fmt::format("the pattern {}", fault));
        else if (cuts && regex->matches_nothing())
            error("feel.regex", node->children[1],
                  fmt::format("the pattern matches a text without characters: nothing can be {}",
                              node->text == "split" ? "split" : "replaced"));
    } catch (const LimitError&) {
        return;  // too much work for an empty text: said when it runs
    }
}

TypeRef Checker::builtin_type(const Builtin& candidate, Node* node) {
    check_pattern(node);
    node->index = static_cast<uint32_t>(&candidate - builtins().data());
    reads_.clock |= candidate.clock;
    std::vector<TypeRef> arguments;
    bool nullable = candidate.result_nullable;
    for (size_t i = 0; i < node->children.size(); i++) {
        TypeRef type = node->children[i]->type;
        arguments.push_back(type);
        const BuiltinParameter& parameter = candidate.parameters[std::min(i, candidate.parameters.size() - 1)];
        nullable |= type->nullable && !parameter.nullable;
    }
    if (candidate.type) return candidate.type(Call{candidate, arguments, types_});
    return basic(candidate.result, nullable);
}

TypeRef Checker::check_builtin(Node* node) {
    auto first = static_cast<size_t>(find_builtin(node->text));
    const auto& table = builtins();
    size_t end = first;
    while (end < table.size() && table[end].name == node->text) end++;
    if (node->text == "convert") return check_convert(node, table[first]);
    bool counts = node->text == "count" && node->children.size() == 1;
    for (Node*& child : node->children) {
        bool lambda = &child != &node->children[0] && child->kind == NodeKind::function_definition &&
                      node->children[0]->type && node->children[0]->type->kind == TypeKind::list;
        lambda_item_ = lambda ? node->children[0]->type->element : nullptr;
        check(child);
        lambda_item_ = nullptr;
        if (counts && child->has_query && !queries_[query_of_.at(child)]->part)
            queries_[query_of_.at(child)]->want = CollectionQuery::Want::count;
    }
    if (node->text == "not" && node->children.size() == 1) want_boolean(node->children[0], "the argument of 'not'");
    size_t chosen = first;
    bool named = !node->argument_names.empty();
    if (named) {
        bool found = false;
        for (size_t i = first; i < end; i++) {
            bool all =
                std::all_of(node->argument_names.begin(), node->argument_names.end(), [&](std::string_view name) {
                    return std::any_of(table[i].parameters.begin(), table[i].parameters.end(),
                                       [&](const BuiltinParameter& p) { return p.name == name; });
                });
            if (!all || table[i].parameters.size() < node->argument_names.size()) continue;
            if (!found) chosen = i;
            found = true;
            // before(point, range) and before(range, point) have the same names: the order in the call chooses.
            bool in_order = std::equal(node->argument_names.begin(), node->argument_names.end(),
                                       table[i].parameters.begin(), table[i].parameters.end(),
                                       [](std::string_view name, const BuiltinParameter& p) { return name == p.name; });
            if (!in_order) continue;
            chosen = i;
            break;
        }
        std::vector<std::string> names;
        std::vector<bool> optional;
        for (const BuiltinParameter& parameter : table[chosen].parameters) {
            names.push_back(parameter.name);
            optional.push_back(parameter.optional || parameter.omissible);
        }
        if (!order_named(node, names, optional, node->text)) return give_up(node);
        while (node->children.size() < table[chosen].required()) {
            node->children.push_back(tree_.literal(Value(), node->end, node->end));
            node->children.back()->type = basic(TypeKind::null, true);
        }
    }
    size_t nearest_count = chosen;
    for (size_t i = chosen; i < end; i++) {
        if (named && !same_names(table[i], table[chosen])) continue;
        if (match(table[i], node, false)) {
            if (node->text == "sort" || node->text == "sublist") make_part(node);
            return builtin_type(table[i], node);
        }
        if (table[i].takes(node->children.size())) nearest_count = i;
    }
    match(table[nearest_count], node, true);
    // The names choose the overload: arguments that only another one takes are wrong, whatever its code accepts.
    for (size_t i = first; named && i < end; i++) {
        if (!same_names(table[i], table[chosen]) && match(table[i], node, false)) return give_up(node);
    }
    const Builtin& closest = table[nearest_count];
    if (!closest.takes(node->children.size())) return give_up(node);
    builtin_type(closest, node);  // lenient: wrong types answer null when it runs
    return any();
}

// convert(amount, from, to, on) is amount * exchange_rate(from, to, on): rates are the application's.
TypeRef Checker::check_convert(Node* node, const Builtin& signature) {
    std::vector<std::string> names;
    for (const BuiltinParameter& parameter : signature.parameters) names.push_back(parameter.name);
    if (!node->argument_names.empty() && !order_named(node, names, std::vector<bool>(names.size(), false), node->text))
        return give_up(node);
    if (node->children.size() != names.size()) {
        for (Node*& child : node->children) check(child);
        match(signature, node, true);
        return give_up(node);
    }
    auto rate = scope_.find("exchange_rate");
    if (!rate || rate->kind != Binding::Kind::function) {
        for (Node*& child : node->children) check(child);
        error("feel.name.unknown", node, "convert() asks the function 'exchange_rate', which is not declared",
              "declare functions: {exchange_rate: {params: {from: string, to: string, on: date}, returns: number}}");
        return give_up(node);
    }
    Node* callee = tree_.make(NodeKind::name, node->begin, node->begin);
    callee->text = "exchange_rate";
    Node* call = tree_.make(NodeKind::call, node->begin, node->end);
    call->children = {callee, node->children[1], node->children[2], node->children[3]};
    Node* amount = node->children[0];
    const Node* from = node->children[1];
    const Node* to = node->children[2];
    node->kind = NodeKind::multiply;
    node->text = {};
    node->children = {amount, call};
    TypeRef given = check(node->children[0]), factor = check(node->children[1]);
    if (given->kind != TypeKind::number && given->kind != TypeKind::any) {
        error("feel.type.mismatch", amount, fmt::format("convert takes an amount, this is {}", describe(given)));
        return any();
    }
    auto code = [](const Node* currency) {
        bool known = currency->kind == NodeKind::literal && currency->constant.kind == Kind::string;
        return known ? std::string(currency->constant.as_string()) : std::string();
    };
    bool other =
        !code(from).empty() && !given->currency.empty() && given->currency != "*" && given->currency != code(from);
    if (other)
        error("feel.money.mixed", from, fmt::format("the amount is in {}, not in {}", given->currency, code(from)));
    bool nullable = given->nullable || factor->nullable;
    return code(to).empty() ? basic(TypeKind::number, nullable) : types_.money(code(to), -1, nullable);
}

bool Checker::arguments_fit(Node* node, const std::vector<Member>& parameters, const std::string& name) {
    size_t count = node->children.size() - 1;
    if (count != parameters.size()) {
        std::vector<std::string> shown;
        for (const Member& parameter : parameters) shown.push_back(parameter.name);
        error("feel.argument", node,
              fmt::format("{}({}) is called with {} argument{}", name, fmt::join(shown, ", "), count,
                          count == 1 ? "" : "s"));
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        Node* argument = node->children[i + 1];
        TypeRef wanted = parameters[i].type;
        if (!wanted) continue;
        if (!assignable(argument->type, wanted)) {
            error("feel.type.mismatch", argument,
                  fmt::format("{} wants {} as '{}', this is {}", name, describe(wanted), parameters[i].name,
                              describe(argument->type)));
            return false;
        }
        if (wanted->kind == TypeKind::enumeration) check_enum_values(argument, wanted->enumeration);
    }
    return true;
}

TypeRef Checker::check_function_value_call(Node* node) {
    TypeRef callee = check(node->children[0]);
    for (size_t i = 1; i < node->children.size(); i++) check(node->children[i]);
    if (callee->kind == TypeKind::any || callee->kind == TypeKind::null) return any();
    std::string name = source_.text.substr(node->children[0]->begin, node->children[0]->end - node->children[0]->begin);
    if (callee->kind != TypeKind::function) {
        error("feel.type.mismatch", node->children[0],
              fmt::format("'{}' is {}, not a function", name, describe(callee)));
        return any();
    }
    if (!node->argument_names.empty()) {
        std::vector<std::string> names;
        for (const Member& parameter : callee->parameters) names.push_back(parameter.name);
        if (!order_named(node, names, std::vector<bool>(names.size(), false), name)) return give_up(node);
    }
    if (!arguments_fit(node, callee->parameters, name)) return any();
    return callee->result ? callee->result : any();
}

// LANGUAGE 2: a local may not shadow a field, so that adding a field never changes what an expression means.
void Checker::check_shadow(const Node* node, std::string_view name) {
    auto known = scope_.find(name);
    if (!known || known->kind != Binding::Kind::field) return;
    error("feel.name.shadow", node, fmt::format("the variable '{}' has the name of a field", name),
          "give it another name");
}

TypeRef Checker::check_function(Node* node) {
    node->index = slots_;
    std::vector<Member> parameters;
    size_t before = locals_.size();
    for (size_t i = 0; i < node->names.size(); i++) {
        check_shadow(node, node->names[i]);
        TypeRef type = any();
        std::string_view text = node->argument_names[i];
        if (node->parameter_types.size() == i)
            node->parameter_types.push_back(text.empty() ? nullptr : type_named(node, text));
        if (node->parameter_types[i]) type = node->parameter_types[i];
        // sort(list, function(a, b) …): the parameters are the list's items.
        else if (text.empty() && lambda_item_)
            type = lambda_item_;
        parameters.push_back({std::string(node->names[i]), 0, type});
        locals_.push_back({node->names[i], type, slots_++});
    }
    TypeRef outer = std::exchange(lambda_item_, nullptr);
    TypeRef result = check(node->children[0]);
    lambda_item_ = outer;
    locals_.resize(before);
    return types_.function(std::move(parameters), result);
}

bool Checker::check_iterators(Node* node) {
    size_t count = node->names.size();
    node->index = slots_;
    slots_ += static_cast<uint32_t>(count) + 1;  // and `partial`
    for (size_t i = 0; i < count; i++) {
        check_shadow(node, node->names[i]);
        TypeRef domain = check(node->children[i]);
        TypeRef item = any();
        switch (domain->kind) {
            case TypeKind::list:
                item = domain->element ? domain->element : any();
                break;
            case TypeKind::range:
                item = domain->element ? domain->element : any();
                break;
            case TypeKind::any:
            case TypeKind::null:
                break;
            default:
                if (!options_.lenient) {
                    error("feel.type.mismatch", node->children[i],
                          fmt::format("'{}' runs over a list, this is {}", node->names[i], describe(domain)));
                }
                item = types_.with_nullable(domain, true);
        }
        locals_.push_back({node->names[i], item, node->index + static_cast<uint32_t>(i)});
    }
    return true;
}

TypeRef Checker::check_for(Node* node) {
    size_t before = locals_.size();
    check_iterators(node);
    // What `partial` holds is what the body makes: dynamic, since the one depends on the other.
    locals_.push_back({"partial", types_.list(any(), false), node->index + static_cast<uint32_t>(node->names.size())});
    TypeRef body = check(node->children.back());
    locals_.resize(before);
    bool nullable = false;
    for (size_t i = 0; i + 1 < node->children.size(); i++) nullable |= node->children[i]->type->nullable;
    return types_.list(body, nullable);
}

TypeRef Checker::check_quantified(Node* node) {
    size_t before = locals_.size();
    check_iterators(node);
    check(node->children.back());
    want_boolean(node->children.back(), "the condition after 'satisfies'");
    locals_.resize(before);
    bool nullable = false;
    for (const Node* child : node->children) nullable |= child->type->nullable;
    return basic(TypeKind::boolean, nullable);
}

}  // namespace leat::feel
