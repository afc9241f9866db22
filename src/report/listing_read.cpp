// A listing from its JSON: names become paths, texts become conditions.
#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.hpp"
#include "report/listing.hpp"
#include "report/listing_parts.hpp"

namespace leat::report {

using program::Entity;
using program::Field;
using program::FieldKind;
using record::Path;

namespace {

constexpr int64_t kLimitMax = 10'000;

Error shape(std::string_view key, std::string_view wanted) {
    return make_error(Status::usage, "query.shape", fmt::format("'{}' of a query is {}", key, wanted));
}

Error unknown_field(const Entity& entity, std::string_view name) {
    std::vector<std::string> names;
    for (const Field& field : entity.fields) names.push_back(field.name);
    std::string near = base::nearest(name, names);
    return make_error(Status::usage, "query.field",
                      fmt::format("{} has no field '{}'{}", entity.name, name,
                                  near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
}

// The number of a record stands for the key of those that have none.
program::FieldId keyed(const Entity& entity, program::FieldId field) {
    bool has_key = entity.explicit_key || !entity.key_parts.empty();
    return field == program::kKey && !has_key ? program::FieldId{program::kId} : field;
}

Result<NamedPath> path_of(const program::Program& program, const Entity& entity, std::string_view name) {
    NamedPath out;
    out.name = name;
    const Entity* at = &entity;
    size_t dot = name.find('.');
    if (dot != std::string_view::npos) {
        std::string_view reference = name.substr(0, dot);
        const Field* field = entity.find(reference);
        if (!field) return unknown_field(entity, reference);
        if (field->kind != FieldKind::ref)
            return make_error(
                Status::usage, "query.field",
                fmt::format("'{}' of {} is no reference: '{}' leads nowhere", reference, entity.name, name));
        out.path.through = field->id;
        at = &program.entities[field->to];
        name = name.substr(dot + 1);
        if (name.find('.') != std::string_view::npos)
            return make_error(Status::usage, "query.field",
                              fmt::format("'{}' is more than one reference away", out.name));
    }
    const Field* field = at->find(name);
    if (!field) return unknown_field(*at, name);
    out.path.field = keyed(*at, field->id);
    return out;
}

bool comparable(const Field& field) {
    return field.kind != FieldKind::duration && field.kind != FieldKind::list && field.kind != FieldKind::json &&
           field.kind != FieldKind::file;
}

// Whoever orders or groups by a reference means the record's key.
NamedPath by_key(const program::Program& program, const Entity& entity, NamedPath path) {
    const Field& field = field_of(program, entity, path.path);
    if (field.kind != FieldKind::ref || path.path.through != program::kNone) return path;
    path.path = {keyed(program.entities[field.to], program::kKey), field.id};
    return path;
}

Result<ListingMeasure> measure_of(const program::Program& program, const Entity& entity, std::string_view name,
                                  std::string_view text) {
    static constexpr std::pair<std::string_view, MeasureKind> kKinds[] = {{"count", MeasureKind::count},
                                                                          {"sum", MeasureKind::sum},
                                                                          {"avg", MeasureKind::average},
                                                                          {"min", MeasureKind::min},
                                                                          {"max", MeasureKind::max}};
    auto wrong = [&] {
        return make_error(Status::usage, "query.measure",
                          fmt::format("the measure '{}' is 'count', or count, sum, avg, min or max of a field, as in "
                                      "'sum(amount)': '{}' is none of these",
                                      name, text));
    };
    ListingMeasure out;
    out.name = name;
    if (text == "count") return out;
    size_t open = text.find('(');
    if (open == std::string_view::npos || text.back() != ')') return wrong();
    auto kind = std::find_if(std::begin(kKinds), std::end(kKinds),
                             [&](const auto& one) { return one.first == text.substr(0, open); });
    if (kind == std::end(kKinds)) return wrong();
    out.kind = kind->second;
    LEAT_TRY(out.of, path_of(program, entity, text.substr(open + 1, text.size() - open - 2)));
    const Field& field = field_of(program, entity, out.of.path);
    bool number =
        field.kind == FieldKind::integer || field.kind == FieldKind::decimal || field.kind == FieldKind::money;
    bool sums = out.kind == MeasureKind::sum || out.kind == MeasureKind::average;
    if ((sums && !number) || !comparable(field) || (field.kind == FieldKind::ref && out.kind != MeasureKind::count))
        return make_error(Status::usage, "query.measure",
                          fmt::format("'{}' cannot be measured by '{}'", out.of.name, kind->first));
    return out;
}

Result<void> read_sort(const program::Program& program, const Json& json, Listing& out) {
    if (json.kind != Json::Kind::array) return shape("sort", "a list of names, each with '-' before it to descend");
    for (const Json& item : json.items) {
        if (item.kind != Json::Kind::string) return shape("sort", "a list of names");
        ListingSort sort;
        std::string_view name = item.text;
        sort.descending = !name.empty() && name[0] == '-';
        if (sort.descending) name.remove_prefix(1);
        sort.by.name = name;
        if (out.grouped) {
            bool known =
                std::any_of(out.group.begin(), out.group.end(), [&](const auto& g) { return g.name == name; }) ||
                std::any_of(out.measures.begin(), out.measures.end(), [&](const auto& m) { return m.name == name; });
            if (!known)
                return make_error(Status::usage, "query.sort",
                                  fmt::format("'{}' is neither a group nor a measure of this query", name));
        } else {
            LEAT_TRY(sort.by, path_of(program, *out.entity, name));
            sort.by = by_key(program, *out.entity, std::move(sort.by));
            if (!comparable(field_of(program, *out.entity, sort.by.path)))
                return make_error(Status::usage, "query.sort", fmt::format("'{}' has no order", name));
        }
        out.sort.push_back(std::move(sort));
    }
    return {};
}

Result<void> read_groups(const program::Program& program, const Json& query, Listing& out) {
    if (const Json* group = query.find("group")) {
        if (group->kind != Json::Kind::array) return shape("group", "a list of fields");
        for (const Json& item : group->items) {
            LEAT_TRY(auto path, path_of(program, *out.entity, item.text));
            path = by_key(program, *out.entity, std::move(path));
            if (!comparable(field_of(program, *out.entity, path.path)))
                return make_error(Status::usage, "query.field", fmt::format("'{}' cannot be grouped by", item.text));
            out.group.push_back(std::move(path));
        }
    }
    const Json* measures = query.find("measures");
    if (!measures) {
        out.measures.push_back({"count", MeasureKind::rows, {}});
        return {};
    }
    if (measures->kind != Json::Kind::object) return shape("measures", "an object of names and measures");
    for (const auto& [name, json] : measures->members) {
        LEAT_TRY(auto measure, measure_of(program, *out.entity, name, json.text));
        // Amounts in several currencies have no sum.
        const Field* field =
            measure.kind == MeasureKind::rows ? nullptr : &field_of(program, *out.entity, measure.of.path);
        if (field && field->currency_field != program::kNone && measure.kind != MeasureKind::count) {
            Path currency{field->currency_field, measure.of.path.through};
            if (std::none_of(out.group.begin(), out.group.end(), [&](const auto& g) { return g.path == currency; }))
                return make_error(Status::usage, "query.measure",
                                  fmt::format("'{}' has amounts in several currencies: group by '{}'", measure.of.name,
                                              field_of(program, *out.entity, currency).name));
        }
        out.measures.push_back(std::move(measure));
    }
    return {};
}

Result<void> read_search(const Json& json, Listing& out) {
    if (json.kind != Json::Kind::string) return shape("search", "a text");
    if (out.entity->search.empty())
        return make_error(
            Status::usage, "query.search",
            fmt::format("{} has no full text: its definition says which fields, 'search: [name]'", out.entity->name));
    // Every word is looked for; Chinese needs no spaces, and has none.
    size_t begin = 0;
    const std::string& text = json.text;
    while (begin < text.size()) {
        size_t end = text.find_first_of(" \t\r\n", begin);
        if (end == std::string::npos) end = text.size();
        if (end > begin) out.search.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return {};
}

}  // namespace

const Field& field_of(const program::Program& program, const Entity& entity, const Path& path) {
    if (path.through == program::kNone) return entity.fields[path.field];
    return program.entities[entity.fields[path.through].to].fields[path.field];
}

Result<std::unique_ptr<feel::Expression>> compile_condition(const program::Program& program, program::EntityId entity,
                                                            std::string_view where) {
    Diagnostics diagnostics;
    base::Sources sources;
    Text text;
    text.text = where;
    text.span.source = sources.add("where", std::string(where));
    text.span.begin = {1, 1};
    text.line_starts = {{1, 1}};
    auto scope = program.scope_of(entity);
    feel::CompileOptions options;
    options.expected = scope->types().basic(feel::TypeKind::boolean);
    options.self = scope->types().record(entity);
    auto condition = feel::compile(text, *scope, options, diagnostics);
    if (condition) return condition;
    Error error = make_error(Status::usage, "where.invalid",
                             fmt::format("the condition '{}' does not compile: {}", where,
                                         diagnostics.all().empty() ? "" : diagnostics.all().front().message));
    error.diagnostics = diagnostics.take();
    return error;
}

Result<Listing> read_listing(record::Records& records, const Entity& entity, std::string_view query_json) {
    const auto& program = records.program();
    LEAT_TRY(Json query, parse_json(query_json.empty() ? "{}" : query_json));
    if (query.kind != Json::Kind::object) return make_error(Status::usage, "query.shape", "a query is a JSON object");
    static constexpr std::string_view kKeys[] = {"where", "search", "sort",  "limit",
                                                 "after", "fields", "group", "measures"};
    for (const auto& [name, json] : query.members)
        if (std::find(std::begin(kKeys), std::end(kKeys), name) == std::end(kKeys))
            return make_error(Status::usage, "query.shape",
                              fmt::format("a query has no '{}': it has {}", name, fmt::join(kKeys, ", ")));
    Listing out;
    out.entity = &entity;
    out.grouped = query.find("group") || query.find("measures");
    if (out.grouped && (query.find("fields") || query.find("after")))
        return make_error(Status::usage, "query.shape", "groups have neither 'fields' nor 'after'");
    if (out.grouped) LEAT_CHECK(read_groups(program, query, out));
    if (const Json* where = query.find("where"); where && !where->text.empty()) {
        if (where->kind != Json::Kind::string) return shape("where", "a FEEL condition");
        LEAT_TRY(out.where, compile_condition(program, entity.id, where->text));
    }
    if (const Json* search = query.find("search")) LEAT_CHECK(read_search(*search, out));
    if (const Json* sort = query.find("sort")) LEAT_CHECK(read_sort(program, *sort, out));
    if (const Json* limit = query.find("limit")) {
        auto number = limit->kind == Json::Kind::number ? Decimal::parse(limit->text) : std::nullopt;
        auto whole = number ? number->to_int64() : std::nullopt;
        if (!whole || *whole < 1 || *whole > kLimitMax)
            return shape("limit", fmt::format("a whole number from 1 to {}", kLimitMax));
        out.limit = *whole;
    }
    if (const Json* after = query.find("after"); after && !after->is_null()) {
        if (after->kind != Json::Kind::string) return shape("after", "the text that 'next' was");
        out.after = after->text;
    }
    if (const Json* fields = query.find("fields")) {
        if (fields->kind != Json::Kind::array || fields->items.empty()) return shape("fields", "a list of fields");
        for (const Json& item : fields->items) {
            LEAT_TRY(auto path, path_of(program, entity, item.text));
            out.fields.push_back(std::move(path));
        }
    }
    return out;
}

}  // namespace leat::report
