#include "base/csv.hpp"

#include <fmt/format.h>

namespace leat::base {

namespace {

// Reads one row from text[at…]; answers false at an unclosed quote.
bool read_row(std::string_view text, size_t& at, uint32_t& line, std::vector<std::string>& cells) {
    cells.clear();
    std::string cell;
    for (;;) {
        if (at < text.size() && text[at] == '"') {
            for (++at;; ++at) {
                if (at >= text.size()) return false;
                if (text[at] == '"') {
                    if (at + 1 < text.size() && text[at + 1] == '"') {
                        ++at;
                    } else {
                        ++at;
                        break;
                    }
                }
                if (text[at] == '\n') ++line;
                cell += text[at];
            }
        }
        // What follows a closing quote, or a cell without quotes, is taken as it stands.
        while (at < text.size() && text[at] != ',' && text[at] != '\n' && text[at] != '\r') cell += text[at++];
        cells.push_back(std::move(cell));
        cell.clear();
        if (at >= text.size()) return true;
        char end = text[at++];
        if (end == ',') continue;
        if (end == '\r' && at < text.size() && text[at] == '\n') ++at;
        ++line;
        return true;
    }
}

}  // namespace

int Csv::column(std::string_view name) const {
    for (size_t i = 0; i < header.size(); ++i) {
        if (header[i] == name) return static_cast<int>(i);
    }
    return -1;
}

Result<Csv> parse_csv(std::string_view text) {
    if (text.substr(0, 3) == "\xef\xbb\xbf") text.remove_prefix(3);
    Csv csv;
    size_t at = 0;
    uint32_t line = 1;
    bool first = true;
    while (at < text.size()) {
        CsvRow row;
        row.line = line;
        if (!read_row(text, at, line, row.cells)) {
            return make_error(
                Status::usage, "csv.syntax",
                fmt::format("line {}: a quote that opens in this row is never closed; write a quote inside a "
                            "cell twice",
                            row.line));
        }
        if (row.cells.size() == 1 && row.cells[0].empty()) continue;  // an empty line is no row
        if (first) {
            csv.header = std::move(row.cells);
            first = false;
        } else {
            csv.rows.push_back(std::move(row));
        }
    }
    if (first)
        return make_error(Status::usage, "csv.empty", "the CSV text is empty; its first line must name the columns");
    return csv;
}

std::string csv_cell(std::string_view text) {
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
    std::string out = "\"";
    for (char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    out += '"';
    return out;
}

}  // namespace leat::base
