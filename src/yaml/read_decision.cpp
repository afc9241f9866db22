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

namespace {

// One rule of a table that is written as a list of them.
struct RuleDraft {
    std::vector<std::pair<Text, Text>> when, then;
    Text annotation;
    Span span;
};

void read_cells(Reader& reader, const Node& node, std::string_view key, std::vector<std::pair<Text, Text>>& cells) {
    if (!reader.is_map(node, key)) return;
    for (const auto& [name, value] : node.entries) cells.emplace_back(name.text, reader.feel(value, name.text.text));
}

const Table<RuleDraft>& table_rule_table() {
    using R = K<RuleDraft>;
    static const Table<RuleDraft> table(
        "a rule of a table",
        {R::custom("when", schema::map_of("feel"),
                   [](Reader& r, const Node& n, RuleDraft& rule) { read_cells(r, n, "when", rule.when); }),
         R::required(R::custom("then", schema::any_of({schema::ref("feel"), schema::map_of("feel")}),
                               [](Reader& r, const Node& n, RuleDraft& rule) {
                                   // A text alone is the answer of the only output.
                                   if (n.kind == Node::Kind::scalar)
                                       rule.then.emplace_back(Text{}, r.feel(n, "then"));
                                   else
                                       read_cells(r, n, "then", rule.then);
                               })),
         R::text("annotation", &RuleDraft::annotation)});
    return table;
}

size_t column_of(Decision& decision, TableColumn::Kind kind, const Text& header) {
    for (size_t i = 0; i < decision.columns.size(); ++i) {
        if (decision.columns[i].kind == kind && decision.columns[i].header.text == header.text) return i;
    }
    decision.columns.push_back({kind, header});
    return decision.columns.size() - 1;
}

const Text* cell_under(const std::vector<std::pair<Text, Text>>& cells, const Text& header) {
    for (const auto& [name, value] : cells) {
        if (name.text == header.text) return &value;
    }
    return nullptr;
}

// `then: value` is the only output that other rules name.
void name_bare_values(std::vector<RuleDraft>& rules) {
    const Text* name = nullptr;
    for (const RuleDraft& rule : rules) {
        for (const auto& [header, cell] : rule.then) {
            if (header.text.empty()) continue;
            if (name && name->text != header.text) return;
            name = &header;
        }
    }
    if (!name) return;
    const Text only = *name;
    for (RuleDraft& rule : rules) {
        if (rule.then.size() == 1 && rule.then[0].first.text.empty()) rule.then[0].first = only;
    }
}

// Columns stand in the order in which rules first name them; an input that a rule leaves out is any.
void read_rule_list(Reader& reader, const Node& node, Decision& decision) {
    std::vector<RuleDraft> rules;
    for (const Node& item : node.items) {
        RuleDraft rule;
        rule.span = item.span;
        table_rule_table().read(reader, item, rule);
        if (item.kind == Node::Kind::map && !item.damaged) rules.push_back(std::move(rule));
    }
    name_bare_values(rules);
    bool annotated = false;
    for (const RuleDraft& rule : rules) {
        for (const auto& [header, cell] : rule.when) column_of(decision, TableColumn::Kind::input, header);
        annotated = annotated || !rule.annotation.text.empty();
    }
    for (const RuleDraft& rule : rules) {
        for (const auto& [header, cell] : rule.then) column_of(decision, TableColumn::Kind::output, header);
    }
    if (annotated) decision.columns.push_back({TableColumn::Kind::annotation, {}});
    for (RuleDraft& rule : rules) {
        TableRow row;
        row.span = rule.span;
        for (const TableColumn& column : decision.columns) {
            Text cell;
            cell.span = rule.span;
            if (column.kind == TableColumn::Kind::annotation) {
                cell = rule.annotation;
            } else if (column.kind == TableColumn::Kind::input) {
                if (const Text* given = cell_under(rule.when, column.header)) {
                    cell = *given;
                } else {
                    cell.text = "-";
                }
            } else if (const Text* given = cell_under(rule.then, column.header)) {
                cell = *given;
            } else {
                reader.error("yaml.table.empty_cell", rule.span,
                             column.header.text.empty()
                                 ? "this rule's 'then' names its outputs, others are only a value"
                                 : fmt::format("this rule says nothing of '{}' under 'then'", column.header.text),
                             "write 'null' for nothing");
                cell.text = "null";
            }
            row.cells.push_back(std::move(cell));
        }
        decision.rows.push_back(std::move(row));
    }
    if (node.items.empty() && !node.damaged) reader.error("yaml.table.row", node.span, "the table is empty");
}

// `default`: one value, or a value for each output.
void read_default(Reader& reader, const Node& node, Decision& decision) {
    if (node.kind != Node::Kind::map) {
        decision.default_value = reader.operand(node, "default");
        return;
    }
    for (const auto& [output, value] : node.entries)
        decision.default_outputs.emplace_back(output.text, reader.operand(value, output.text.text));
}

}  // namespace

void read_table(Reader& reader, const Node& node, Decision& decision) {
    decision.columns.clear();
    decision.rows.clear();
    if (node.kind == Node::Kind::scalar) {
        read_pipe_table(reader, node.text, decision);
    } else if (node.kind == Node::Kind::list) {
        read_rule_list(reader, node, decision);
    } else {
        reader.wrong_shape(node, "table", "a pipe table or a list of rules",
                           "write 'table: |' and the rows below it: | input | -> output |; or items "
                           "'- {when: {input: …}, then: {output: …}}'");
    }
}

const std::vector<const KeyInfo*>& table_rule_keys() {
    return table_rule_table().keys();
}

const std::vector<std::string>& hit_words() {
    static const std::vector<std::string> kHits = {"unique",        "any",         "first",       "priority",
                                                   "collect",       "collect sum", "collect min", "collect max",
                                                   "collect count", "rule order",  "output order"};
    return kHits;
}

const Table<Decision>& decision_table() {
    using D = K<Decision>;
    static const Table<Decision> table(
        "a decision",
        section_keys<Decision>(
            "decision",
            {D::text("of", &Decision::of),
             D::custom("inputs", schema::ref("fields"),
                       [](Reader& r, const Node& n, Decision& d) { read_fields(r, n, "inputs", d.inputs); }),
             D::custom("outputs", schema::ref("fields"),
                       [](Reader& r, const Node& n, Decision& d) { read_fields(r, n, "outputs", d.outputs); }),
             D::names("requires", &Decision::requirements), D::word("hit", &Decision::hit, hit_words()),
             D::feel("as_of", &Decision::as_of),
             D::custom("default", schema::any_of({schema::ref("value"), schema::map_of("value")}), read_default),
             D::custom("table", schema::ref("decision_table"), read_table),
             D::custom("logic", schema::ref("boxed"),
                       [](Reader& r, const Node& n, Decision& d) { d.logic = read_boxed(r, n); }),
             D::text("type", &Decision::type), D::names("allow", &Decision::allow), D::text("file", &Decision::file)}));
    return table;
}

void finish_decision(Reader& reader, const Node& node, Decision& decision) {
    if (node.damaged) return;
    const Span& place = decision.name.span;
    bool has_of = node.find("of") != nullptr;
    bool has_inputs = node.find("inputs") != nullptr;
    std::vector<std::string_view> bodies;
    for (std::string_view body : {"table", "file", "logic"}) {
        if (node.find(body) != nullptr) bodies.push_back(body);
    }
    bool has_logic = node.find("logic") != nullptr;
    if (has_of && has_inputs) {
        reader.error("yaml.key.missing", place, "a decision has either 'of' or 'inputs', not both");
    } else if (!has_of && !has_inputs && !has_logic && node.find("requires") == nullptr) {
        reader.error("yaml.key.missing", place, "a decision needs 'of' (an entity) or 'inputs'");
    }
    if (bodies.size() > 1) {
        reader.error("yaml.key.missing", place,
                     fmt::format("a decision has either '{}' or '{}', not both", bodies[0], bodies[1]));
    } else if (bodies.empty()) {
        reader.error("yaml.key.missing", place, "a decision needs 'table', 'file' (a CSV) or 'logic'");
    }
    if (!has_logic && node.find("outputs") == nullptr)
        reader.error("yaml.key.missing", place, "a decision with a table needs 'outputs'");
    if (bodies.size() == 1 && !decision.file.empty()) read_csv_table(reader, decision.file, decision);
    // `then: value` is the answer of the only output.
    for (TableColumn& column : decision.columns) {
        if (column.kind != TableColumn::Kind::output || !column.header.text.empty()) continue;
        if (decision.outputs.size() == 1)
            column.header = decision.outputs.front().name;
        else
            reader.error("yaml.table.output", decision.rows.front().span,
                         "'then' is only a value, and the decision has several outputs",
                         "write 'then: {output: value}'");
    }
}

}  // namespace leat::yaml
