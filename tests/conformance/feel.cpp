// The suite `feel`: a JSON object a line with an expression, typed inputs and the value it must have.
//
// Every row is evaluated as DMN has it (lenient: a type error is null), its inputs and its result coerced to their
// declared types. Numbers compare within 1e-8, lists and contexts
// part by part, everything else by value. Rows in feel_skip.txt are not run; each has its reason there.
#include <fstream>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "answers.hpp"
#include "base/arena.hpp"
#include "base/json.hpp"
#include "feel/standalone.hpp"
#include "item_types.hpp"
#include "report.hpp"
#include "value/value.hpp"

namespace leat::conformance {

namespace {

const Json& member(const Json& object, std::string_view name) {
    const Json* found = object.find(name);
    if (!found) throw std::runtime_error(fmt::format("a case has no '{}'", name));
    return *found;
}

Value read_value(const Json& json, Arena& arena);

Value read_list(const Json& json, Arena& arena) {
    const Json& items = member(json, "items");
    auto* values = arena.array<Value>(items.items.size());
    for (size_t i = 0; i < items.items.size(); ++i) values[i] = read_value(items.items[i], arena);
    return Value::list(values, items.items.size());
}

Value read_context(const Json& json, Arena& arena) {
    const auto& members = member(json, "entries").members;
    auto* entries = arena.array<value::ContextEntry>(members.size());
    for (size_t i = 0; i < members.size(); ++i)
        entries[i] = {arena.copy(members[i].first), read_value(members[i].second, arena)};
    return Value::context_of(
        arena.make<value::ContextData>(value::ContextData{entries, static_cast<uint32_t>(members.size())}));
}

template <class Parsed>
Value must(const std::optional<Parsed>& parsed, const std::string& text) {
    if (!parsed) throw std::runtime_error(fmt::format("the value '{}' cannot be read", text));
    if constexpr (std::is_same_v<Parsed, Decimal>) return Value::number(*parsed);
    if constexpr (!std::is_same_v<Parsed, Decimal>) return Value::of(*parsed);
}

// {"type": …, "value": …}: a duration's text says which kind it is.
Value read_value(const Json& json, Arena& arena) {
    const std::string& type = member(json, "type").text;
    if (type == "null") return Value();
    if (type == "list") return read_list(json, arena);
    if (type == "context") return read_context(json, arena);
    const Json& value = member(json, "value");
    if (type == "boolean") return Value::boolean(value.boolean || value.text == "true");
    if (type == "number") return must(Decimal::parse(value.text), value.text);
    if (type == "string") return Value::string(arena.copy(value.text));
    if (type == "date") return must(Date::parse(value.text), value.text);
    if (type == "time") return must(Time::parse(value.text), value.text);
    if (type == "date and time") return must(DateTime::parse(value.text), value.text);
    if (type != "duration") throw std::runtime_error(fmt::format("there is no type '{}'", type));
    auto duration = value::parse_duration(value.text);
    if (duration && duration->months) return Value::of(*duration->months);
    return must(duration ? duration->days : std::nullopt, value.text);
}

// The declared type of an input or a result: a definition of its own, or a name; nullptr when there is neither.
feel::TypeRef declared(const Json& about, std::string_view type, std::string_view type_ref, ItemTypes& types) {
    if (const Json* definition = about.find(type)) return types.define(*definition);
    const Json* name = about.find(type_ref);
    return name && !name->is_null() ? types.named(name->text) : nullptr;
}

// Empty when the row is answered as it must be.
std::string judge(const Json& row) {
    Arena arena;
    const Json& feel = member(row, "feel");
    const std::string& text = member(feel, "text").text;
    Json inputs;
    inputs.kind = Json::Kind::object;
    inputs.members.emplace_back("entries", member(row, "inputs"));
    Value context = read_context(inputs, arena);
    Value wanted = read_value(member(row, "expected"), arena);
    feel::StandaloneOptions options;
    options.lenient = true;
    ItemTypes types;
    if (const Json* definitions = feel.find("types")) {
        for (const Json& definition : definitions->items) types.define(definition);
        options.types = types.defined();
    }
    for (const Json& input : member(feel, "inputs").items) {
        feel::TypeRef type = declared(input, "type", "typeRef", types);
        if (type) options.inputs.push_back({member(input, "name").text, 0, type});
    }
    options.result = declared(feel, "resultType", "resultTypeRef", types);
    auto got = feel::evaluate_text(text, context, nullptr, arena, options);
    Value answer = got ? *got : Value();
    std::string note = got ? std::string() : fmt::format(" [{}: {}]", got.error().code, got.error().message);
    if (!got && got.error().status == Status::limit) return fmt::format("{}{}", text, note);
    if (same(wanted, answer)) return {};
    return fmt::format("{} -> {}, got {}{}", text, shown(wanted), shown(answer), note);
}

// "ID | reason" a line; '#' begins a comment.
std::map<std::string, std::string> read_skips(const std::string& path) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error(fmt::format("{} cannot be read", path));
    std::map<std::string, std::string> skips;
    for (std::string line; std::getline(file, line);) {
        size_t bar = line.find(" | ");
        if (line.empty() || line[0] == '#') continue;
        if (bar == std::string::npos) throw std::runtime_error(fmt::format("{}: '{}' has no reason", path, line));
        skips.emplace(line.substr(0, bar), line.substr(bar + 3));
    }
    return skips;
}

}  // namespace

int run_feel(const std::string& path) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error(fmt::format("{} cannot be read", path));
    std::map<std::string, std::string> skips = read_skips(LEAT_CONFORMANCE_SOURCE "/feel_skip.txt");
    Report report("feel");
    int number = 0;
    for (std::string line; std::getline(file, line);) {
        ++number;
        if (line.empty()) continue;
        auto row = parse_json(line);
        if (!row) throw std::runtime_error(fmt::format("line {}: {}", number, row.error().message));
        const std::string& id = member(*row, "id").text;
        Group& group = report.group(member(*row, "dir").text);
        std::string failure;
        try {
            failure = judge(*row);
        } catch (const std::runtime_error& error) {
            failure = error.what();
        }
        auto skip = skips.find(id);
        if (skip != skips.end() && failure.empty()) {
            failure = "stands in feel_skip.txt and passes: take it out";
        } else if (skip != skips.end()) {
            ++group.skipped[skip->second];
            continue;
        }
        if (failure.empty()) {
            ++group.passed;
        } else {
            ++group.failed;
            group.failures.push_back(fmt::format("{}: {}", id, failure));
        }
    }
    return report.print();
}

}  // namespace leat::conformance
