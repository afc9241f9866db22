#include "decision/explain.hpp"
#include "value/value_json.hpp"

namespace leat::decision {

namespace {

void write_rows(JsonBuffer& json, std::span<const uint32_t> rows) {
    json.begin_array();
    for (uint32_t row : rows) json.number(static_cast<int64_t>(row) + 1);
    json.end_array();
}

void write_row(JsonBuffer& json, const ExplainedRow& row, const TableSource& source) {
    json.begin_object().key("row").number(static_cast<int64_t>(row.row) + 1);
    const std::string& annotation = source.rows[row.row].annotation;
    if (!annotation.empty()) json.key("annotation").string(annotation);
    json.key("cells").begin_array();
    for (const ExplainedCell& cell : row.cells) {
        json.begin_object().key("input").string(source.inputs[cell.column].expression.text);
        json.key("cell").string(cell.text).key("holds").boolean(cell.holds).end_object();
    }
    json.end_array();
    if (!row.outputs.empty()) {
        json.key("outputs").begin_object();
        for (size_t o = 0; o < row.outputs.size(); ++o) {
            json.key(source.outputs[o].name);
            value::write_json(json, row.outputs[o]);
        }
        json.end_object();
    } else {
        json.key("failed").number(static_cast<int64_t>(row.failed));
    }
    json.end_object();
}

}  // namespace

void write_json(JsonBuffer& json, const Explanation& explanation, const Table& table) {
    const TableSource& source = table.source();
    json.key("decision").string(source.name).key("hit").string(hit_name(source.hit));
    json.key("inputs").begin_array();
    for (size_t c = 0; c < explanation.inputs.size(); ++c) {
        json.begin_object().key("input").string(source.inputs[c].expression.text).key("value");
        value::write_json(json, explanation.inputs[c]);
        json.end_object();
    }
    json.end_array();
    json.key("not_allowed").begin_array();
    for (uint32_t column : explanation.not_allowed) json.string(source.inputs[column].expression.text);
    json.end_array();
    json.key("conflict").boolean(explanation.conflict).key("default_used").boolean(explanation.default_used);
    json.key("used");
    write_rows(json, explanation.used);
    json.key("matched").begin_array();
    for (const ExplainedRow& row : explanation.matched) write_row(json, row, source);
    json.end_array();
    json.key("nearest").begin_array();
    for (const ExplainedRow& row : explanation.nearest) write_row(json, row, source);
    json.end_array();
}

std::string to_json(const Explanation& explanation, const Table& table) {
    JsonBuffer json;
    json.begin_object();
    write_json(json, explanation, table);
    json.end_object();
    return std::string(json.view());
}

}  // namespace leat::decision
