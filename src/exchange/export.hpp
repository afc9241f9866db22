// Records on their way out, as an actor may see and export them.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/import.hpp"
#include "query/access_scope.hpp"
#include "record/records.hpp"

namespace leat::exchange {

struct ExportOptions {
    Format format = Format::csv;
    std::vector<std::string> fields;          // CSV's columns; empty: all declared fields and states that have one
    const feel::Expression* where = nullptr;  // a condition over the record; nullptr: all
    bool byte_order_mark = false;             // for spreadsheet programs that guess encodings
};

struct Export {
    std::string text;
    uint64_t rows = 0;
    uint64_t withheld = 0;  // that the actor may read but not export
};

// In creation order. Fields that may not be read are empty, masked ones "***". Errors: usage "export.field", limits,
// store.
Result<Export> export_rows(record::Records& records, const program::Entity& entity, const ExportOptions& options,
                           const query::AccessScope& scope);

}  // namespace leat::exchange
