#include <algorithm>

#include <fmt/format.h>

#include "base/csv.hpp"
#include "base/utf8.hpp"
#include "yaml/sections.hpp"

namespace leat::yaml {

using namespace model;

namespace {

void trim(std::string_view text, size_t& begin, size_t& end) {
    while (begin < end && (text[begin] == ' ' || text[begin] == '\t')) ++begin;
    while (end > begin && (text[end - 1] == ' ' || text[end - 1] == '\t')) --end;
}

// "\|" in a cell is a bar that belongs to it.
void unescape_bars(std::string& text) {
    for (size_t at = text.find("\\|"); at != std::string::npos; at = text.find("\\|", at + 1)) text.erase(at, 1);
}

// The cells of one line of a pipe table; false when it does not begin and end with a bar.
bool split_row(const Text& table, size_t begin, size_t end, std::vector<Text>& cells) {
    std::string_view text = table.text;
    trim(text, begin, end);
    if (begin >= end || text[begin] != '|') return false;
    size_t cell = begin + 1;
    for (size_t i = begin + 1; i < end; ++i) {
        if (text[i] == '\\' && i + 1 < end) {
            ++i;
            continue;
        }
        if (text[i] != '|') continue;
        size_t first = cell;
        size_t last = i;
        trim(text, first, last);
        Text part = cut(table, first, last - first);
        unescape_bars(part.text);
        cells.push_back(std::move(part));
        cell = i + 1;
    }
    return cell == end;
}

// Line `line` of a block text, bytes [begin, end): without looking at the lines before it, since tables may be long.
Text line_of(const Text& text, size_t begin, size_t end, size_t line) {
    Text row;
    row.text = text.text.substr(begin, end - begin);
    row.quoted = text.quoted;
    row.line_starts = {line < text.line_starts.size() ? text.line_starts[line] : text.span.end};
    row.span.source = text.span.source;
    row.span = row.at(0, row.text.size());
    return row;
}

// |---|:--| under a header, as Markdown wants it.
bool is_rule(const std::vector<Text>& cells) {
    return std::all_of(cells.begin(), cells.end(), [](const Text& cell) {
        return cell.text.size() >= 2 && cell.text.find_first_not_of("-:") == std::string::npos &&
               cell.text.find("--") != std::string::npos;
    });
}

// "-> name" is an output, "// name" an annotation, anything else an input.
TableColumn header_cell(const Text& cell) {
    TableColumn column;
    column.header = cell;
    for (auto [mark, kind] :
         {std::pair{"->", TableColumn::Kind::output}, std::pair{"//", TableColumn::Kind::annotation}}) {
        if (cell.text.compare(0, 2, mark) != 0) continue;
        size_t begin = std::min(cell.text.find_first_not_of(' ', 2), cell.text.size());
        column.kind = kind;
        column.header = cut(cell, begin, cell.text.size() - begin);
    }
    return column;
}

void check_columns(Reader& reader, Span span, const Decision& decision) {
    bool has_output = false;
    for (const TableColumn& column : decision.columns) {
        has_output = has_output || column.kind == TableColumn::Kind::output;
        if (column.header.text.empty()) {
            reader.error("yaml.table.header", column.header.span, "a column has no header",
                         "an input is an expression, an output '-> name', an annotation '// name'");
        }
    }
    if (!has_output)
        reader.error("yaml.table.output", span, "the table has no output column",
                     "mark outputs in the header: '-> name'");
}

void add_row(Reader& reader, std::vector<Text> cells, Span span, Decision& decision) {
    if (cells.size() != decision.columns.size()) {
        reader.error("yaml.table.cells", span,
                     fmt::format("this row has {} cells, the header {}", cells.size(), decision.columns.size()),
                     "write '-' for any; a '|' inside a cell is '\\|'");
        return;
    }
    for (size_t i = 0; i < cells.size(); ++i) {
        if (!cells[i].text.empty() || decision.columns[i].kind == TableColumn::Kind::annotation) continue;
        bool input = decision.columns[i].kind == TableColumn::Kind::input;
        Span place = cells[i].span;
        reader.error("yaml.table.empty_cell", place,
                     fmt::format("the cell under '{}' is empty", decision.columns[i].header.text),
                     input ? "write '-' for any" : "write 'null' for nothing");
    }
    decision.rows.push_back({std::move(cells), span});
}

}  // namespace

void read_pipe_table(Reader& reader, const Text& text, Decision& decision) {
    decision.columns.clear();
    decision.rows.clear();
    bool block = text.line_starts.size() > 1;
    size_t line = 0;
    for (size_t begin = 0; begin < text.text.size(); ++line) {
        size_t end = std::min(text.text.find('\n', begin), text.text.size());
        Text row = block ? line_of(text, begin, end, line) : cut(text, begin, end - begin);
        begin = end + 1;
        size_t first = 0;
        size_t last = row.text.size();
        trim(row.text, first, last);
        if (first == last) continue;
        Span span = row.at(first, last);
        std::vector<Text> cells;
        if (!split_row(row, first, last, cells)) {
            reader.error("yaml.table.row", span, "a table row begins and ends with '|'",
                         block ? "" : "write the table as a block: 'table: |' and the rows below it");
            continue;
        }
        if (decision.columns.empty()) {
            for (const Text& cell : cells) decision.columns.push_back(header_cell(cell));
            check_columns(reader, span, decision);
        } else if (!is_rule(cells)) {
            add_row(reader, std::move(cells), span, decision);
        }
    }
    if (decision.columns.empty()) reader.error("yaml.table.row", text.span, "the table is empty");
}

std::vector<Text> place_csv_cells(const Sources& sources, uint32_t source, uint32_t line,
                                  const std::vector<std::string>& cells) {
    std::string_view raw = sources.line(source, line);
    std::vector<Text> out;
    size_t at = 0;
    for (const std::string& cell : cells) {
        Text text;
        text.text = cell;
        size_t begin = std::min(at, raw.size());
        bool quoted = begin < raw.size() && raw[begin] == '"';
        for (bool inside = false; at < raw.size() && (inside || raw[at] != ','); ++at) {
            if (raw[at] == '"') inside = !inside;
        }
        size_t end = std::min(at, raw.size());
        auto column = [&](size_t offset) {
            return static_cast<uint32_t>(base::count_code_points(raw.substr(0, offset)) + 1);
        };
        text.span = {source, {line, column(begin)}, {line, column(end)}};
        text.line_starts = {{line, column(begin) + (quoted ? 1u : 0u)}};
        text.quoted = quoted;
        size_t first = 0;
        size_t last = cell.size();
        trim(cell, first, last);
        Span whole = text.span;
        if (last - first < cell.size()) text = cut(text, first, last - first);
        if (text.text.empty()) text.span = whole;
        out.push_back(std::move(text));
        ++at;
    }
    return out;
}

void read_csv_table(Reader& reader, const Text& path, Decision& decision) {
    decision.columns.clear();
    decision.rows.clear();
    uint32_t source = reader.open_file(path);
    if (source == 0) return;
    Result<base::Csv> csv = base::parse_csv(reader.sources().text(source));
    if (!csv) {
        reader.error(csv.error().code, {source, {1, 1}, {1, 1}}, csv.error().message);
        return;
    }
    for (const Text& cell : place_csv_cells(reader.sources(), source, 1, csv->header))
        decision.columns.push_back(header_cell(cell));
    Span header{source, {1, 1}, {1, 1}};
    check_columns(reader, header, decision);
    for (const base::CsvRow& row : csv->rows) {
        std::vector<Text> cells = place_csv_cells(reader.sources(), source, row.line, row.cells);
        Span span{source, cells.front().span.begin, cells.back().span.end};
        add_row(reader, std::move(cells), span, decision);
    }
}

const Table<Decision>& decision_table() {
    using D = K<Decision>;
    static const std::vector<std::string> kHits = {"unique",        "any",         "first",       "priority",
                                                   "collect",       "collect sum", "collect min", "collect max",
                                                   "collect count", "rule order",  "output order"};
    static const Table<Decision> table(
        "a decision",
        section_keys<Decision>(
            "decision",
            {D::text("of", &Decision::of),
             D::custom("inputs", schema::ref("fields"),
                       [](Reader& r, const Node& n, Decision& d) { read_fields(r, n, "inputs", d.inputs); }),
             D::required(
                 D::custom("outputs", schema::ref("fields"),
                           [](Reader& r, const Node& n, Decision& d) { read_fields(r, n, "outputs", d.outputs); })),
             D::word("hit", &Decision::hit, kHits), D::feel("as_of", &Decision::as_of),
             D::operand("default", &Decision::default_value),
             D::custom("table", schema::ref("text"),
                       [](Reader& r, const Node& n, Decision& d) {
                           if (n.kind == Node::Kind::scalar) {
                               read_pipe_table(r, n.text, d);
                           } else {
                               r.wrong_shape(n, "table", "a pipe table",
                                             "write 'table: |' and the rows below it: | input | -> output |");
                           }
                       }),
             D::text("file", &Decision::file)}));
    return table;
}

void finish_decision(Reader& reader, const Node& node, Decision& decision) {
    if (node.damaged) return;
    const Span& place = decision.name.span;
    bool has_of = node.find("of") != nullptr;
    bool has_table = node.find("table") != nullptr;
    if (has_of == (node.find("inputs") != nullptr)) {
        reader.error("yaml.key.missing", place,
                     has_of ? "a decision has either 'of' or 'inputs', not both"
                            : "a decision needs 'of' (an entity) or 'inputs'");
    }
    if (has_table == (node.find("file") != nullptr)) {
        reader.error("yaml.key.missing", place,
                     has_table ? "a decision has either 'table' or 'file', not both"
                               : "a decision needs 'table' or 'file' (a CSV)");
    } else if (!decision.file.empty()) {
        read_csv_table(reader, decision.file, decision);
    }
}

}  // namespace leat::yaml
