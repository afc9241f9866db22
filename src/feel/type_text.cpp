#include "feel/type_text.hpp"

#include <algorithm>
#include <utility>

namespace leat::feel {

namespace {

constexpr std::pair<std::string_view, TypeKind> kNames[] = {
    {"Any", TypeKind::any},
    {"Null", TypeKind::null},
    {"number", TypeKind::number},
    {"string", TypeKind::string},
    {"boolean", TypeKind::boolean},
    {"date", TypeKind::date},
    {"time", TypeKind::time},
    {"date and time", TypeKind::date_time},
    {"days and time duration", TypeKind::days_duration},
    {"years and months duration", TypeKind::months_duration},
    {"list", TypeKind::list},
    {"context", TypeKind::context},
    {"range", TypeKind::range},
    {"function", TypeKind::function},
    // As typeRef attributes spell them.
    {"dateTime", TypeKind::date_time},
    {"dayTimeDuration", TypeKind::days_duration},
    {"yearMonthDuration", TypeKind::months_duration},
};

constexpr int kDepthMax = 64;

std::string_view trim(std::string_view text) {
    constexpr std::string_view kBlank = " \t\r\n";
    size_t first = text.find_first_not_of(kBlank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

// Where the '>' stands that closes the '<' at `open`; "->" closes nothing. npos: nowhere.
size_t closing(std::string_view text, size_t open) {
    int depth = 0;
    for (size_t i = open; i < text.size(); i++) {
        if (text[i] == '<') depth++;
        if (text[i] == '>' && text[i - 1] != '-' && --depth == 0) return i;
    }
    return std::string_view::npos;
}

// The next part up to a comma outside of <…>; `rest` loses it.
std::string_view next_part(std::string_view& rest) {
    int depth = 0;
    size_t i = 0;
    for (; i < rest.size(); i++) {
        if (rest[i] == '<') depth++;
        if (rest[i] == '>' && (i == 0 || rest[i - 1] != '-')) depth--;
        if (rest[i] == ',' && depth == 0) break;
    }
    std::string_view part = trim(rest.substr(0, i));
    rest.remove_prefix(std::min(i + 1, rest.size()));
    return part;
}

TypeRef parse(std::string_view text, const Scope& scope, int depth);

TypeRef parse_context(std::string_view inside, const Scope& scope, int depth) {
    std::vector<Member> members;
    for (std::string_view rest = inside; !trim(rest).empty();) {
        std::string_view part = next_part(rest);
        size_t colon = part.find(':');
        if (colon == std::string_view::npos) return nullptr;
        TypeRef type = parse(part.substr(colon + 1), scope, depth);
        if (!type) return nullptr;
        members.push_back({std::string(trim(part.substr(0, colon))), static_cast<uint32_t>(members.size()), type});
    }
    return scope.types().context(std::move(members));
}

TypeRef parse_function(std::string_view inside, std::string_view after, const Scope& scope, int depth) {
    if (!after.starts_with("->")) return nullptr;
    std::vector<Member> parameters;
    for (std::string_view rest = inside; !trim(rest).empty();) {
        TypeRef type = parse(next_part(rest), scope, depth);
        if (!type) return nullptr;
        parameters.push_back({"", static_cast<uint32_t>(parameters.size()), type});
    }
    TypeRef result = parse(after.substr(2), scope, depth);
    return result ? scope.types().function(std::move(parameters), result) : nullptr;
}

TypeRef parse(std::string_view text, const Scope& scope, int depth) {
    text = trim(text);
    if (text.empty() || depth > kDepthMax) return nullptr;
    size_t open = text.find('<');
    if (open == std::string_view::npos) {
        for (const auto& [name, kind] : kNames) {
            if (name == text) return scope.types().basic(kind);
        }
        return scope.named_type(text);
    }
    size_t close = closing(text, open);
    if (close == std::string_view::npos) return nullptr;
    std::string_view name = trim(text.substr(0, open)), inside = text.substr(open + 1, close - open - 1);
    std::string_view after = trim(text.substr(close + 1));
    if (name == "function") return parse_function(inside, after, scope, depth + 1);
    if (!after.empty()) return nullptr;
    if (name == "context") return parse_context(inside, scope, depth + 1);
    TypeRef element = parse(inside, scope, depth + 1);
    if (!element) return nullptr;
    if (name == "list") return scope.types().list(element);
    if (name == "range") return scope.types().range(element);
    return nullptr;
}

bool scalar_conforms(TypeRef from, TypeRef to) {
    if (from->kind == to->kind) return true;
    auto text = [](TypeRef type) { return type->kind == TypeKind::string || type->kind == TypeKind::enumeration; };
    if (text(from) && text(to)) return true;
    return to->kind == TypeKind::duration &&
           (from->kind == TypeKind::days_duration || from->kind == TypeKind::months_duration);
}

}  // namespace

TypeRef parse_type(std::string_view text, const Scope& scope) {
    return parse(text, scope, 0);
}

std::vector<std::string> type_names() {
    std::vector<std::string> names;
    for (const auto& [name, kind] : kNames) names.emplace_back(name);
    return names;
}

bool conforms(TypeRef from, TypeRef to) {
    if (!to || to->kind == TypeKind::any || from == to) return true;
    if (!from || from->kind == TypeKind::any) return false;
    if (from->kind == TypeKind::null) return true;
    if (!scalar_conforms(from, to)) return false;
    switch (to->kind) {
        case TypeKind::list:
        case TypeKind::range:
            return conforms(from->element, to->element);
        case TypeKind::context:
            return std::all_of(to->members.begin(), to->members.end(), [&](const Member& wanted) {
                return std::any_of(from->members.begin(), from->members.end(), [&](const Member& member) {
                    return member.name == wanted.name && conforms(member.type, wanted.type);
                });
            });
        case TypeKind::function:
            if (!to->result && to->parameters.empty()) return true;  // any function
            if (from->parameters.size() != to->parameters.size()) return false;
            for (size_t i = 0; i < to->parameters.size(); i++) {
                if (!conforms(to->parameters[i].type, from->parameters[i].type)) return false;
            }
            return conforms(from->result, to->result);
        default:
            return true;
    }
}

}  // namespace leat::feel
