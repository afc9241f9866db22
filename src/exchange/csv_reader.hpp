// CSV as RFC 4180 has it, row by row from a stream, telling cells in quotes from others: `""` is an empty text, nothing
// at all is no value. Inside this room only.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "exchange/source.hpp"

namespace leat::exchange {

struct CsvCell {
    std::string text;
    bool quoted = false;
};

class CsvReader {
 public:
    CsvReader(Source& source, char delimiter) : source_(source), delimiter_(delimiter) {}
    // The next row that is no empty line; false at the end. The first `count` of `cells` are the row's: their memory is
    // used again. Errors: usage "csv.syntax" (a quote that is never closed), and the source's.
    Result<bool> next(std::vector<CsvCell>& cells, size_t& count);
    uint64_t line() const { return row_line_; }  // of the file, from 1, where that row begins

 private:
    Result<void> read_cell(CsvCell& cell);
    Source& source_;
    char delimiter_;
    uint64_t line_ = 1, row_line_ = 1;
};

}  // namespace leat::exchange
