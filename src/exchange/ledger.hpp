// The ledger of imports: how far each has come, in the same file and the same transaction as its records. So an import
// that was cut off goes on where it stopped, with nothing done twice and nothing left out.
//
//   leat_import(job, entity, source, mapping, status, records, created, changed, unchanged, rejected, started_us)
//   leat_import_rejection(job, number, line_row, line, field, code, message)
//
// Rejections stay only as long as their import is not finished: they may quote what people wrote.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/import.hpp"
#include "store/store.hpp"

namespace leat::exchange {

struct ImportJob {
    std::string job;
    std::string entity;
    std::string source;   // SHA-256 of the table's bytes
    std::string mapping;  // SHA-256 of the mapping and the format
    bool done = false;
    int64_t records = 0;  // taken so far, rejected ones too
    int64_t created = 0, changed = 0, unchanged = 0, rejected = 0;
    int64_t rejections = 0;  // rows of leat_import_rejection so far
    int64_t started_us = 0;
};

Result<void> create_import_tables(store::Connection& connection);
Result<std::optional<ImportJob>> find_import(store::Connection& connection, std::string_view job);
Result<void> put_import(store::Connection& connection, const ImportJob& job);
Result<void> add_rejection(store::Connection& connection, ImportJob& job, const ImportProblem& problem);
// In the order of the table's rows.
Result<std::vector<ImportProblem>> rejections(store::Connection& connection, std::string_view job);
Result<void> clear_rejections(store::Connection& connection, std::string_view job);

// The rejected rows as a file: CSV, or JSON Lines where the name says so. Error: store "import.report".
Result<void> write_report(const std::string& path, const std::vector<ImportProblem>& problems);

}  // namespace leat::exchange
