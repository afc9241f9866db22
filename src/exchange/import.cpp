#include "exchange/import.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "exchange/record_reader.hpp"

namespace leat::exchange {

Result<Format> format_of(std::string_view file_name) {
    std::string name(file_name);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    std::string_view end = name;
    if (end.ends_with(".gz")) end.remove_suffix(3);
    if (end.ends_with(".csv")) return Format::csv;
    if (end.ends_with(".jsonl") || end.ends_with(".ndjson")) return Format::json_lines;
    return make_error(Status::usage, "import.format",
                      fmt::format("'{}' is neither .csv nor .jsonl: the name of a file says what it holds", file_name));
}

Result<ImportPlan> read_rows(const program::Program& program, const program::Entity& entity, std::string_view text,
                             Format format, const Mapping& mapping) {
    LEAT_TRY(auto reader, RecordReader::open(program, entity, {text, {}}, format, mapping));
    ImportPlan plan;
    ImportedRecord record;
    while (true) {
        LEAT_TRY(bool more, reader->next(record));
        if (!more) break;
        if (record.problems.empty())
            plan.rows.push_back(
                {static_cast<uint32_t>(record.line), std::move(record.key), base::to_text(record.input)});
        for (auto& problem : record.problems) plan.problems.push_back(std::move(problem));
    }
    plan.unused_columns = reader->unused_columns();
    return plan;
}

}  // namespace leat::exchange
