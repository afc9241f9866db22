#include "feel/functions.hpp"

#include <algorithm>
#include <cassert>
#include <unordered_map>

#include "feel/external.hpp"

namespace leat::feel {

namespace {

TypeKind kind_of(std::string_view name) {
    if (name == "boolean") return TypeKind::boolean;
    if (name == "number") return TypeKind::number;
    if (name == "string") return TypeKind::string;
    if (name == "date") return TypeKind::date;
    if (name == "time") return TypeKind::time;
    if (name == "datetime") return TypeKind::date_time;
    if (name == "days") return TypeKind::days_duration;
    if (name == "months") return TypeKind::months_duration;
    if (name == "duration") return TypeKind::duration;
    if (name == "list") return TypeKind::list;
    if (name == "context") return TypeKind::context;
    if (name == "range") return TypeKind::range;
    if (name == "function") return TypeKind::function;
    assert(name == "any" && "a type of the table");
    return TypeKind::any;
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

}  // namespace

size_t Builtin::required() const {
    return static_cast<size_t>(
        std::count_if(parameters.begin(), parameters.end(), [](const BuiltinParameter& p) { return !p.optional; }));
}

Builtin builtin(std::string_view signature, BuiltinCode code, BuiltinType type) {
    Builtin made;
    size_t open = signature.find('('), close = signature.rfind(')');
    made.name = std::string(signature.substr(0, open));
    made.code = code;
    made.type = type;
    std::string_view result = trim(signature.substr(signature.find(':', close) + 1));
    if (result.ends_with('!')) {
        made.result_nullable = false;
        result.remove_suffix(1);
    }
    made.result = kind_of(result);
    std::string_view rest = signature.substr(open + 1, close - open - 1);
    while (!trim(rest).empty()) {
        size_t comma = std::min(rest.find(','), rest.size());
        std::string_view part = trim(rest.substr(0, comma));
        rest.remove_prefix(std::min(comma + 1, rest.size()));
        if (part.ends_with("...")) {
            made.variadic = true;
            part.remove_suffix(3);
        }
        BuiltinParameter parameter;
        size_t colon = part.find(':');
        std::string_view name = trim(part.substr(0, colon)), kind = trim(part.substr(colon + 1));
        if (name.ends_with("??")) {
            parameter.omissible = true;
            name.remove_suffix(2);
        } else if (name.ends_with('?')) {
            parameter.optional = true;
            name.remove_suffix(1);
        }
        if (kind.starts_with('~')) {
            parameter.nullable = true;
            kind.remove_prefix(1);
        }
        parameter.name = std::string(name);
        parameter.kind = kind_of(kind);
        made.parameters.push_back(std::move(parameter));
    }
    return made;
}

const std::vector<Builtin>& builtins() {
    static const std::vector<Builtin> table = [] {
        std::vector<Builtin> made;
        add_number_functions(made);
        add_string_functions(made);
        add_regex_functions(made);
        add_list_functions(made);
        add_temporal_functions(made);
        add_range_functions(made);
        add_amount_functions(made);
        add_other_functions(made);
        add_external_function(made);
        return made;
    }();
    return table;
}

int find_builtin(std::string_view name) {
    static const std::unordered_map<std::string_view, int> index = [] {
        std::unordered_map<std::string_view, int> made;
        const auto& table = builtins();
        for (size_t i = 0; i < table.size(); i++) made.try_emplace(table[i].name, static_cast<int>(i));
        return made;
    }();
    auto found = index.find(name);
    return found == index.end() ? -1 : found->second;
}

}  // namespace leat::feel
