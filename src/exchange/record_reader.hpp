// A table as records, one after the other, in memory that does not grow with the file.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/arena.hpp"
#include "base/json.hpp"
#include "exchange/csv_reader.hpp"
#include "exchange/import.hpp"
#include "feel/context_expression.hpp"

namespace leat::exchange {

struct ImportedRecord {
    uint64_t row = 0;   // of its first row, from 1
    uint64_t line = 0;  // of the file
    std::string key;
    Json input;                           // an object; lines are a list of objects
    std::vector<ImportProblem> problems;  // not empty: it cannot be imported
};

class RecordReader {
 public:
    // What is read: `path`, or `text` where it is empty; the caller's memory. Errors: as read_rows, and Source's.
    struct Input {
        std::string_view text;
        std::string path;
    };
    static Result<std::unique_ptr<RecordReader>> open(const program::Program& program, const program::Entity& entity,
                                                      const Input& input, Format format, const Mapping& mapping);
    ~RecordReader();
    // The next record; false at the end. Records of several rows come when their last row has been read.
    Result<bool> next(ImportedRecord& record);
    const std::vector<std::string>& unused_columns() const { return unused_; }
    uint64_t rows() const { return row_; }  // read so far

 private:
    // Where a column goes.
    struct Target {
        const program::Field* field = nullptr;
        const program::Field* list = nullptr;  // whose lines have that field; nullptr: the record itself
        bool key = false;
        const Mapping::ColumnFormat* format = nullptr;
        std::string path;  // "amount", "lines.code", "key"
        bool used() const { return field || key; }
    };
    struct Formula {
        Target target;
        std::unique_ptr<feel::ContextExpression> expression;
        std::string text;
    };
    // A row on its way into a record.
    struct Row {
        uint64_t row = 0, line = 0;
        std::string group, key;
        Json fields, line_fields;
        std::vector<ImportProblem> problems;
    };

    RecordReader(const program::Program& program, const program::Entity& entity, Format format, const Mapping& mapping);
    Result<Target> target_named(const std::string& name) const;
    Result<Target> target_of(const std::string& column, bool& left_out) const;
    const program::Field* by_title(std::string_view title) const;
    Result<void> check_mapping();
    Result<void> prepare(const Input& input);
    Result<void> read_header();
    Result<void> match(const std::vector<std::string>& header);
    Result<void> note_list(const Target& target);
    Result<void> count_runs(const Input& input);
    Result<bool> read_row(Row& row);
    Result<bool> read_csv_row(Row& row);
    Result<bool> read_json_row(Row& row);
    bool next_line(std::string& line);
    std::string replaced(const std::string& path, std::string text) const;
    void add_cell(Row& row, const Target& target, std::string text, bool quoted);
    void add_json(Row& row, const Target& target, Json value);
    void clean_lines(Json& lines, const program::Field& list);
    Result<void> add_formulas(Row& row, const std::vector<std::pair<std::string, const std::string*>>& cells);
    void add_constants(Row& row);
    void problem(Row& row, std::string field, std::string message, std::string code = "import.cell");
    void note_unused(const std::string& column);
    std::string group_of(const std::vector<CsvCell>& cells, size_t count) const;
    void begin(ImportedRecord& record, Row&& row);
    void join(ImportedRecord& record, Row&& row);
    void finish(ImportedRecord& record) const;
    std::string key_of(const Json& input) const;

    const program::Program& program_;
    const program::Entity& entity_;
    const Mapping& mapping_;
    Format format_;
    std::unique_ptr<Source> source_;
    std::unique_ptr<CsvReader> csv_;
    std::vector<std::string> header_;
    std::vector<Target> targets_;
    std::vector<size_t> group_columns_;
    std::vector<Formula> formulas_;
    std::vector<std::pair<Target, const Mapping::Constant*>> constants_;
    std::unordered_map<std::string, Target> json_targets_;
    const program::Field* list_ = nullptr;  // that rows are lines of
    std::vector<CsvCell> cells_;
    std::vector<std::string> unused_;
    uint64_t row_ = 0, line_ = 0;
    Arena arena_;
    // Rows of one record that do not stand together: how many runs of them are still to come, and what came so far.
    // By a hash: two groups of one hash merely wait for the end of the table.
    std::unordered_map<size_t, uint32_t> runs_;
    std::map<std::string, ImportedRecord> waiting_;
    Row ahead_;
    bool has_ahead_ = false;
};

}  // namespace leat::exchange
