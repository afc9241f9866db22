#include "exchange/import.hpp"

#include <fmt/format.h>

#include "base/json.hpp"
#include "capi/capi.hpp"

namespace leat::capi {

namespace {

using exchange::ImportPlan;
using exchange::Mapping;

[[noreturn]] void bad_mapping(const char* what) {
    throw ArgumentError("import.mapping", fmt::format("the mapping's {}; see leat_import_plan", what));
}

const std::string& text_member(const Json& object, std::string_view name, const char* what) {
    const Json* found = object.find(name);
    if (found == nullptr || found->kind != Json::Kind::string) bad_mapping(what);
    return found->text;
}

void read_replacements(const Json& given, Mapping& mapping) {
    constexpr const char* kWhat = "'replace' is a list of {field, from, to}, all texts";
    if (given.kind != Json::Kind::array) bad_mapping(kWhat);
    for (const Json& item : given.items) {
        mapping.replacements.push_back(
            {text_member(item, "field", kWhat), text_member(item, "from", kWhat), text_member(item, "to", kWhat)});
    }
}

Result<Mapping> read_mapping(std::string_view json) {
    Mapping mapping;
    if (json.empty()) return mapping;
    LEAT_TRY(Json given, parse_json(json));
    if (given.kind != Json::Kind::object) bad_mapping("JSON is an object");
    for (const auto& [name, part] : given.members) {
        if (name == "replace") {
            read_replacements(part, mapping);
            continue;
        }
        if (name != "columns" && name != "constants") bad_mapping("keys are columns, replace and constants");
        if (part.kind != Json::Kind::object) bad_mapping("'columns' and 'constants' are objects of texts");
        for (const auto& [from, to] : part.members) {
            if (to.kind != Json::Kind::string) bad_mapping("'columns' and 'constants' are objects of texts");
            if (name == "columns") mapping.columns.push_back({from, to.text});
            if (name == "constants") mapping.constants.push_back({from, to.text});
        }
    }
    return mapping;
}

exchange::Format format_of(int32_t format) {
    if (format == LEAT_FORMAT_CSV) return exchange::Format::csv;
    if (format == LEAT_FORMAT_JSON_LINES) return exchange::Format::json_lines;
    throw ArgumentError("import.format", fmt::format("{} is no LEAT_FORMAT", format));
}

void write(const ImportPlan& plan, std::string& out) {
    JsonWriter json(out);
    json.begin_object().key("rows").begin_array();
    for (const auto& row : plan.rows) {
        json.begin_object().key("line").number(static_cast<int64_t>(row.line));
        if (!row.key.empty()) json.key("key").string(row.key);
        json.key("input").raw(row.input).end_object();
    }
    json.end_array().key("problems").begin_array();
    for (const auto& problem : plan.problems) {
        json.begin_object().key("line").number(static_cast<int64_t>(problem.line)).key("field").string(problem.field);
        json.key("message").string(problem.message).end_object();
    }
    json.end_array().key("unused_columns").begin_array();
    for (const auto& column : plan.unused_columns) json.string(column);
    json.end_array().end_object();
}

}  // namespace

}  // namespace leat::capi

extern "C" LEAT_API leat_status leat_import_plan(leat_text** out, const leat_program* program, leat_str entity,
                                                 leat_str table, int32_t format, leat_str mapping_json,
                                                 leat_error** error) {
    using namespace leat::capi;
    return guard(error, [&]() -> leat::Result<void> {
        auto& place = cleared(out);
        const auto& bound = *required(program, "program").program;
        std::string_view name = required_text(entity, "entity");
        const auto* found = bound.find_entity(name);
        if (found == nullptr)
            return leat::make_error(leat::Status::not_found, "entity.unknown",
                                    fmt::format("there is no entity '{}'", name));
        LEAT_TRY(Mapping mapping, read_mapping(text(mapping_json, "mapping_json")));
        auto made = std::make_unique<leat_text>();
        LEAT_TRY(ImportPlan plan,
                 leat::exchange::read_rows(bound, *found, text(table, "table"), format_of(format), mapping));
        write(plan, made->text);
        place = made.release();
        return {};
    });
}
