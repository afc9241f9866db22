// CSV as RFC 4180 has it, UTF-8 with or without a byte order mark.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace leat::base {

struct CsvRow {
    uint32_t line = 0;  // of the file, one-based, where the row begins
    std::vector<std::string> cells;
};

struct Csv {
    std::vector<std::string> header;
    std::vector<CsvRow> rows;
    int column(std::string_view name) const;  // -1: none
};

// Errors: usage with code "csv.syntax" (an unclosed quote; names the line) and "csv.empty".
// A row with more or fewer cells than the header is kept as it is: the caller reports it.
Result<Csv> parse_csv(std::string_view text);
// One cell, quoted where it must be.
std::string csv_cell(std::string_view text);

}  // namespace leat::base
