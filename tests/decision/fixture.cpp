#include "fixture.hpp"

namespace leat::decision {

namespace {

struct CellText {
    std::string text;
    uint32_t column;
};

std::vector<CellText> split(const std::string& line) {
    std::vector<CellText> cells;
    for (size_t begin = 0; begin <= line.size();) {
        size_t end = std::min(line.find('|', begin), line.size());
        size_t first = line.find_first_not_of(' ', begin), last = line.find_last_not_of(' ', end - 1);
        if (first == std::string::npos || first >= end) {
            cells.push_back({"", static_cast<uint32_t>(begin + 1)});
        } else {
            cells.push_back({line.substr(first, last - first + 1), static_cast<uint32_t>(first + 1)});
        }
        begin = end + 1;
    }
    return cells;
}

}  // namespace

TableSource table_of(const std::string& text, Hit hit, const std::vector<feel::TypeRef>& output_types) {
    TableSource source;
    source.name = "t";
    source.hit = hit;
    source.span = {1, {1, 1}, {1, 2}};
    uint32_t line_number = 0;
    size_t inputs = 0;
    for (size_t begin = 0; begin < text.size();) {
        size_t end = std::min(text.find('\n', begin), text.size());
        std::vector<CellText> cells = split(text.substr(begin, end - begin));
        begin = end + 1;
        ++line_number;
        if (line_number == 1) {
            for (const CellText& cell : cells) {
                if (cell.text.rfind("->", 0) != 0) {
                    source.inputs.push_back({text_at(cell.text, 1, cell.column), nullptr});
                    continue;
                }
                size_t number = source.outputs.size();
                source.outputs.push_back(
                    {cell.text.substr(3), output_types.at(number), {1, {1, cell.column}, {1, cell.column + 1}}});
            }
            inputs = source.inputs.size();
            continue;
        }
        TableRow row;
        row.span = {1, {line_number, 1}, {line_number, 2}};
        for (size_t i = 0; i < cells.size(); ++i) {
            (i < inputs ? row.inputs : row.outputs).push_back(text_at(cells[i].text, line_number, cells[i].column));
        }
        source.rows.push_back(std::move(row));
    }
    return source;
}

std::unique_ptr<Table> compiled(TableSource source, const Fields& fields) {
    Diagnostics diagnostics;
    feel::CompileOptions options;
    options.self = fields.types().record(0);
    std::unique_ptr<Table> table = compile(std::move(source), fields, options, diagnostics);
    for (const Diagnostic& d : diagnostics.all()) {
        if (d.severity == Severity::error)
            UNSCOPED_INFO(d.code << ": " << d.message << " at line " << d.span.begin.line);
    }
    REQUIRE(table);
    return table;
}

}  // namespace leat::decision
