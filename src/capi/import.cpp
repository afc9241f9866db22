#include "exchange/import.hpp"

#include <fmt/format.h>

#include "base/json.hpp"
#include "capi/capi.hpp"
#include "capi/exchange.hpp"

namespace leat::capi {

namespace {

void write(const exchange::ImportPlan& plan, std::string& out) {
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

exchange::Format format_of(int32_t format) {
    if (format == LEAT_FORMAT_CSV) return exchange::Format::csv;
    if (format == LEAT_FORMAT_JSON_LINES) return exchange::Format::json_lines;
    throw ArgumentError("import.format", fmt::format("{} is no LEAT_FORMAT", format));
}

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
        LEAT_TRY(auto mapping, leat::exchange::read_mapping(text(mapping_json, "mapping_json")));
        auto made = std::make_unique<leat_text>();
        LEAT_TRY(auto plan, leat::exchange::read_rows(bound, *found, text(table, "table"), format_of(format), mapping));
        write(plan, made->text);
        place = made.release();
        return {};
    });
}
