#include "exchange/csv_reader.hpp"

#include <fmt/format.h>

namespace leat::exchange {

Result<void> CsvReader::read_cell(CsvCell& cell) {
    cell.text.clear();
    cell.quoted = source_.peek() == '"';
    if (cell.quoted) {
        source_.get();
        while (true) {
            int byte = source_.get();
            if (byte < 0) {
                LEAT_CHECK(source_.finish());
                return make_error(Status::usage, "csv.syntax",
                                  fmt::format("line {}: a quote that opens in this row is never closed; write a quote "
                                              "inside a cell twice",
                                              row_line_));
            }
            if (byte == '"') {
                if (source_.peek() != '"') break;
                source_.get();
            }
            if (byte == '\n') ++line_;
            cell.text += static_cast<char>(byte);
        }
    }
    // What follows a closing quote, or a cell without quotes, is taken as it stands.
    while (true) {
        std::string_view ready = source_.ready();
        if (ready.empty()) return {};
        size_t end = 0;
        while (end < ready.size() && ready[end] != delimiter_ && ready[end] != '\n' && ready[end] != '\r') ++end;
        cell.text.append(ready.substr(0, end));
        source_.take(end);
        if (end < ready.size()) return {};
    }
}

Result<bool> CsvReader::next(std::vector<CsvCell>& cells, size_t& count) {
    while (true) {
        count = 0;
        if (source_.peek() < 0) {
            LEAT_CHECK(source_.finish());
            return false;
        }
        row_line_ = line_;
        while (true) {
            if (count == cells.size()) cells.emplace_back();
            LEAT_CHECK(read_cell(cells[count]));
            ++count;
            int end = source_.get();
            if (end == delimiter_) continue;
            if (end < 0) LEAT_CHECK(source_.finish());
            if (end == '\r' && source_.peek() == '\n') source_.get();
            ++line_;
            break;
        }
        if (count > 1 || cells[0].quoted || !cells[0].text.empty()) return true;
    }
}

}  // namespace leat::exchange
