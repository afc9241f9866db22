#include "decision/explain.hpp"
#include "decision/parts.hpp"
#include "value/value_json.hpp"

namespace leat::decision {

namespace {

void write_rows(JsonBuffer& json, std::span<const uint32_t> rows) {
    json.begin_array();
    for (uint32_t row : rows) json.number(static_cast<int64_t>(row) + 1);
    json.end_array();
}

}  // namespace

class ExplanationWriter {
 public:
    ExplanationWriter(JsonBuffer& json, const Table& table) : json_(json), parts_(*table.parts_) {}

    void write(const Explanation& explanation) {
        const TableSource& source = parts_.source;
        json_.key("decision").string(source.name).key("hit").string(hit_name(source.hit));
        json_.key("inputs").begin_array();
        for (size_t c = 0; c < explanation.inputs.size(); ++c) {
            json_.begin_with(parts_.json[c].value);
            value::write_json(json_, explanation.inputs[c]);
            json_.end_object();
        }
        json_.end_array();
        json_.key("not_allowed").begin_array();
        for (uint32_t column : explanation.not_allowed) json_.string(source.inputs[column].expression.text);
        json_.end_array();
        json_.key("conflict").boolean(explanation.conflict).key("default_used").boolean(explanation.default_used);
        json_.key("used");
        write_rows(json_, explanation.used);
        json_.key("matched").begin_array();
        for (const ExplainedRow& row : explanation.matched) write(row);
        json_.end_array();
        json_.key("nearest").begin_array();
        for (const ExplainedRow& row : explanation.nearest) write(row);
        json_.end_array();
    }

 private:
    void write(const ExplainedRow& row) {
        const TableSource& source = parts_.source;
        json_.begin_object().key("row").number(static_cast<int64_t>(row.row) + 1);
        const std::string& annotation = source.rows[row.row].annotation;
        if (!annotation.empty()) json_.key("annotation").string(annotation);
        json_.key("cells").begin_array();
        for (const ExplainedCell& cell : row.cells) {
            json_.begin_with(parts_.json[cell.column].cell).string(cell.text);
            if (cell.holds)
                json_.end_with(",\"holds\":true}");
            else
                json_.end_with(",\"holds\":false}");
        }
        json_.end_array();
        if (!row.outputs.empty()) {
            json_.key("outputs").begin_object();
            for (size_t o = 0; o < row.outputs.size(); ++o) {
                json_.key(source.outputs[o].name);
                value::write_json(json_, row.outputs[o]);
            }
            json_.end_object();
        } else {
            json_.key("failed").number(static_cast<int64_t>(row.failed));
        }
        json_.end_object();
    }

    JsonBuffer& json_;
    const Table::Parts& parts_;
};

void write_json(JsonBuffer& json, const Explanation& explanation, const Table& table) {
    ExplanationWriter(json, table).write(explanation);
}

std::string to_json(const Explanation& explanation, const Table& table) {
    JsonBuffer json;
    json.begin_object();
    write_json(json, explanation, table);
    json.end_object();
    return std::string(json.view());
}

}  // namespace leat::decision
