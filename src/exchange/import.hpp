// exchange: records in and out as CSV and JSON Lines.
//
// Importing is planning: read_rows() turns a text into one JSON object a row, ready for create or patch, and names
// every row and cell that cannot be. It is pure: no store, no rights, nothing written; whoever imports runs the
// commands and reports rows by their line. Nothing is dropped silently: what is not used is listed. Start reading at
// read_rows(); export.hpp is the way out.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "program/program.hpp"

namespace leat::exchange {

enum class Format : uint8_t { csv, json_lines };

// By the file's name: .csv, .jsonl, .ndjson. Error: usage "import.format".
Result<Format> format_of(std::string_view file_name);

// How columns become fields. A column without an entry is matched by the field's name, else by one of its titles.
struct Mapping {
    struct Column {
        std::string column;
        std::string field;  // a field's name, "key", or "" to leave the column out on purpose
    };
    struct Replacement {
        std::string field;
        std::string from, to;  // a cell that is exactly `from` is read as `to`; to "": as empty
    };
    struct Constant {
        std::string field;
        std::string value;  // for every row whose input has no such field
    };
    std::vector<Column> columns;
    std::vector<Replacement> replacements;
    std::vector<Constant> constants;
};

struct ImportRow {
    uint32_t line = 0;  // of the file, one-based
    std::string key;    // of the column mapped to "key"; "" none
    std::string input;  // a JSON object {field: value}; empty cells are left out
};

struct ImportProblem {
    uint32_t line = 0;
    std::string field;    // "" the whole row
    std::string message;  // one sentence
};

struct ImportPlan {
    std::vector<ImportRow> rows;
    std::vector<ImportProblem> problems;      // their rows are not in `rows`
    std::vector<std::string> unused_columns;  // matched by no field and not left out on purpose
};

// Errors: usage: the text is no CSV at all (csv.syntax, csv.empty), a mapping names a column or field that does not
// exist
// ("import.column", "import.field"), or two columns feed one field ("import.duplicate").
Result<ImportPlan> read_rows(const program::Program& program, const program::Entity& entity, std::string_view text,
                             Format format, const Mapping& mapping);

}  // namespace leat::exchange
