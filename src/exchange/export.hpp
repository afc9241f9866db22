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
    // "amount", "key", in CSV also "lines.code": a row a line then. Empty: key, declared fields and states; in JSON
    // Lines owned lists, too.
    std::vector<std::string> fields;
    const feel::Expression* where = nullptr;  // a condition over the record; nullptr: all
    bool byte_order_mark = false;             // for spreadsheet programs that guess encodings
    bool guard = true;                        // texts that a spreadsheet would run get a ' (cell.hpp)
};

// Writes records one by one. Fields that may not be read are empty, masked ones "***". No value is an empty cell, an
// empty text is "" in quotes; in JSON Lines null and "".
class RecordWriter {
 public:
    // Error: usage "export.field". The entity and the program must outlive it.
    static Result<RecordWriter> make(const program::Program& program, const program::Entity& entity,
                                     const ExportOptions& options);
    void begin(std::string& out) const;  // a byte order mark, the header
    Result<void> append(record::Records& records, record::Row& row, const query::AccessScope& scope,
                        std::string& out) const;

 private:
    struct Column {
        program::FieldId field;
        const program::Field* list;  // of whose lines; nullptr: of the record
    };
    RecordWriter(const program::Program& program, const program::Entity& entity, const ExportOptions& options)
        : program_(program), entity_(entity), format_(options.format), options_(options) {}
    Result<void> choose();
    Result<void> add_column(const std::string& name);
    Result<void> append_cell(record::Records& records, record::Row& row, program::FieldId field,
                             const query::AccessScope& scope, std::string& out) const;
    Result<void> append_member(record::Records& records, record::Row& row, const program::Field& field,
                               const query::AccessScope& scope, std::string& out) const;
    Result<void> append_lines(record::Records& records, record::Row& row, const program::Field& list,
                              const query::AccessScope& scope, std::string& out) const;
    const program::Program& program_;
    const program::Entity& entity_;
    Format format_;
    ExportOptions options_;
    std::vector<Column> columns_;
    const program::Field* list_ = nullptr;
};

struct Export {
    std::string text;
    uint64_t rows = 0;
    uint64_t withheld = 0;  // that the actor may read but not export
};

// What one record means to an export: whether it goes out. Hidden from the condition is no match.
enum class Verdict : uint8_t { out, withheld, no_match };
Verdict judge(record::Records& records, record::Row& row, const feel::Expression* where,
              const query::AccessScope& scope);

// In creation order, all in memory. Errors: usage "export.field", limits, store.
Result<Export> export_rows(record::Records& records, const program::Entity& entity, const ExportOptions& options,
                           const query::AccessScope& scope);

}  // namespace leat::exchange
