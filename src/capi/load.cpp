#include <fmt/format.h>

#include "capi/capi.hpp"
#include "engine/load.hpp"

using namespace leat::capi;
using leat::Result;
using leat::record::LoadColumn;

namespace {

LoadColumn column_of(const leat_column& given, uint32_t field, size_t rows) {
    LoadColumn column;
    bool known =
        given.kind == LEAT_KIND_RECORD || (given.kind >= LEAT_KIND_BOOLEAN && given.kind <= LEAT_KIND_MONTHS_DURATION);
    if (!known) throw ArgumentError("value.kind", fmt::format("{} is no kind of a column to load", given.kind));
    if (given.scale < 0 || given.scale > 30)
        throw ArgumentError("value.number", fmt::format("{} is no scale of a column", given.scale));
    column.field = field;
    column.kind = static_cast<LoadColumn::Kind>(given.kind);
    column.scale = given.kind == LEAT_KIND_NUMBER ? given.scale : 0;
    if (rows != 0) required(static_cast<const char*>(given.values), "values");
    column.values = given.values;
    column.valid = given.valid;
    if (column.kind == LoadColumn::Kind::string) {
        column.offsets = &required(given.offsets, "offsets");
        for (size_t i = 0; i < rows; ++i)
            if (column.offsets[i] > column.offsets[i + 1])
                throw ArgumentError("usage.offsets", "the offsets of a column of texts must not fall");
    }
    return column;
}

}  // namespace

extern "C" LEAT_API leat_status leat_session_load(leat_text** out, leat_session* session, uint32_t entity,
                                                  const uint32_t* fields, const leat_column* columns,
                                                  size_t column_count, size_t row_count,
                                                  const leat_load_options* options, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        auto& running = enter(session);
        auto given = read_struct(options, "options");
        if (options != nullptr) refuse_unknown(options, sizeof given, "options");
        if ((given.flags & ~static_cast<uint64_t>(LEAT_LOAD_ALL_OR_NOTHING)) != 0)
            throw ArgumentError("usage.flags", "unknown flags");
        if (column_count != 0) {
            required(fields, "fields");
            required(columns, "columns");
        }
        std::vector<LoadColumn> all;
        for (size_t i = 0; i < column_count; ++i) all.push_back(column_of(columns[i], fields[i], row_count));
        leat::engine::LoadOptions asked;
        asked.chunk = given.records_per_command;
        asked.all_or_nothing = (given.flags & LEAT_LOAD_ALL_OR_NOTHING) != 0;
        auto made = std::make_unique<leat_text>();
        LEAT_TRY(made->text, running.load(entity, all, row_count, asked));
        place = made.release();
        return {};
    });
}
