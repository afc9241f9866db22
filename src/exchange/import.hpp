// exchange: records in and out as CSV and JSON Lines.
//
// Reading is planning: a RecordReader turns a table into one JSON object a record, ready for create or patch, and names
// every row and cell that cannot be. It is pure: no store, no rights, nothing written; whoever imports runs the
// commands and reports rows by their number and line. Nothing is dropped silently: what is not used is listed. Start
// reading at record_reader.hpp; ledger.hpp is how an import goes on after an interruption, export.hpp the way out.
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

// By the file's name: .csv, .jsonl, .ndjson, and these with .gz. Error: usage "import.format".
Result<Format> format_of(std::string_view file_name);

// How columns become fields. A column without an entry is matched by the field's name, else by one of its titles. A
// field is "name", "key", or "list.name": of the lines of an owned list.
struct Mapping {
    struct Column {
        std::string column;
        std::string field;  // "" to leave the column out on purpose
    };
    struct Replacement {
        std::string field;
        std::string from, to;  // a cell that is exactly `from` is read as `to`; to "": as empty
    };
    struct Constant {
        std::string field;
        std::string value;  // for every row whose input has no such field
    };
    struct Formula {
        std::string field;
        std::string feel;  // over the row: names are columns, values texts or null
    };
    // How a column writes its values.
    struct ColumnFormat {
        std::string column;
        std::string pattern;  // of dates and times: "dd.MM.yyyy HH:mm"; "" none
        std::string decimal = ".", thousands = ",";
        bool number = false;
    };
    struct Reference {
        std::string field, by;  // a reference is found by this field of its records instead of the key
    };
    enum class Mode : uint8_t { create, upsert, update };

    std::vector<Column> columns;
    std::vector<Replacement> replacements;
    std::vector<Constant> constants;
    std::vector<Formula> formulas;
    std::vector<ColumnFormat> formats;
    std::vector<Reference> references;
    std::vector<std::string> group;  // columns: rows that agree in them are one record with a line each
    bool first_wins = false;         // where rows of one record differ in the record's own fields; else it is rejected
    Mode mode = Mode::create;
    std::vector<std::string> match;  // fields that find the record to change; empty: the key
    std::string encoding;            // "": UTF-8, or what a byte order mark says
    char delimiter = ',';
    bool clear_empty = false;  // an empty cell empties the field, else it leaves it as it is
    bool unguard = true;       // "'=1" is the text "=1", as exports write it
    bool trim = false;         // white space around cells is dropped
};

// From JSON, docs/import.md has the keys; "" is {}. Error: usage "import.mapping".
Result<Mapping> read_mapping(std::string_view json);

struct ImportRow {
    uint32_t line = 0;  // of the file, one-based
    std::string key;    // of the column mapped to "key"; "" none
    std::string input;  // a JSON object {field: value}; empty cells are left out
};

struct ImportProblem {
    uint64_t line = 0;
    std::string field;    // "" the whole row
    std::string message;  // one sentence
    uint64_t row = 0;     // among the rows of data, from 1
    std::string code;     // of an error or a refusal; "import.cell" … for what cannot even be read
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
