#include "exchange/import.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/csv.hpp"
#include "base/json.hpp"
#include "base/utf8.hpp"
#include "exchange/cell.hpp"

namespace leat::exchange {

using program::Entity;
using program::Field;

namespace {

// Where a column goes.
struct Target {
    const Field* field = nullptr;
    bool key = false;
    bool used() const { return field || key; }
};

std::vector<std::string> field_names(const Entity& entity) {
    std::vector<std::string> names = {"key"};
    for (const Field& field : entity.fields) {
        if (importable(field)) names.push_back(field.name);
    }
    return names;
}

const Field* by_title(const Entity& entity, std::string_view title) {
    for (const Field& field : entity.fields) {
        if (!importable(field)) continue;
        for (const auto& [language, text] : field.title.texts) {
            if (text == title) return &field;
        }
    }
    return nullptr;
}

Result<Target> target_named(const Entity& entity, const std::string& name) {
    if (name == "key") return Target{nullptr, true};
    const Field* field = entity.find(name);
    if (field && importable(*field)) return Target{field, false};
    std::string near = base::nearest(name, field_names(entity));
    std::string why = field ? "is computed or kept by Leat and cannot be imported" : "does not exist";
    return make_error(Status::usage, "import.field",
                      fmt::format("field '{}' of {} {}{}", name, entity.name, why,
                                  near.empty() || field ? "" : fmt::format("; did you mean '{}'?", near)));
}

class Reader {
 public:
    Reader(const program::Program& program, const Entity& entity, const Mapping& mapping)
        : program_(program), entity_(entity), mapping_(mapping) {}

    Result<ImportPlan> csv(std::string_view text) {
        LEAT_TRY(auto parsed, base::parse_csv(text));
        LEAT_CHECK(match(parsed.header));
        for (const base::CsvRow& row : parsed.rows) csv_row(row, parsed.header);
        return std::move(plan_);
    }

    Result<ImportPlan> json_lines(std::string_view text) {
        if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
        for (const auto& column : mapping_.columns) {
            if (!column.field.empty()) LEAT_CHECK(target_named(entity_, column.field));
        }
        LEAT_CHECK(check_mapping());
        uint32_t line = 0;
        while (!text.empty()) {
            ++line;
            size_t end = std::min(text.find('\n'), text.size());
            std::string_view row = text.substr(0, end);
            text.remove_prefix(std::min(end + 1, text.size()));
            if (row.find_first_not_of(" \t\r") != std::string_view::npos) LEAT_CHECK(json_row(row, line));
        }
        return std::move(plan_);
    }

 private:
    Result<void> check_mapping() const {
        for (const auto& replacement : mapping_.replacements) LEAT_CHECK(target_named(entity_, replacement.field));
        for (const auto& constant : mapping_.constants) LEAT_CHECK(target_named(entity_, constant.field));
        return {};
    }

    // What the mapping says of a column; nullptr: nothing.
    const Mapping::Column* mapped(std::string_view column) const {
        for (const auto& entry : mapping_.columns) {
            if (entry.column == column) return &entry;
        }
        return nullptr;
    }

    Result<Target> target_of(const std::string& column, bool& left_out) const {
        left_out = false;
        if (const auto* entry = mapped(column)) {
            left_out = entry->field.empty();
            if (left_out) return Target{};
            return target_named(entity_, entry->field);
        }
        if (column == "key") return Target{nullptr, true};
        const Field* field = entity_.find(column);
        if (!field || !importable(*field)) field = by_title(entity_, column);
        return Target{field, false};
    }

    Result<void> match(const std::vector<std::string>& header) {
        for (const auto& entry : mapping_.columns) {
            if (std::find(header.begin(), header.end(), entry.column) != header.end()) continue;
            std::string near = base::nearest(entry.column, header);
            return make_error(Status::usage, "import.column",
                              fmt::format("the file has no column '{}'{}", entry.column,
                                          near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
        }
        LEAT_CHECK(check_mapping());
        for (size_t i = 0; i < header.size(); ++i) {
            bool left_out = false;
            LEAT_TRY(Target target, target_of(header[i], left_out));
            for (size_t j = 0; j < i; ++j) {
                if (!target.used() || targets_[j].key != target.key || targets_[j].field != target.field) continue;
                return make_error(Status::usage, "import.duplicate",
                                  fmt::format("columns '{}' and '{}' both feed field '{}'", header[j], header[i],
                                              target.key ? "key" : target.field->name));
            }
            if (!target.used() && !left_out) plan_.unused_columns.push_back(header[i]);
            targets_.push_back(target);
        }
        return {};
    }

    std::string replaced(std::string_view field, std::string_view text) const {
        for (const auto& replacement : mapping_.replacements) {
            if (replacement.field == field && replacement.from == text) return replacement.to;
        }
        return std::string(text);
    }

    void problem(uint32_t line, std::string field, std::string message) {
        plan_.problems.push_back({line, std::move(field), std::move(message)});
        broken_ = true;
    }

    void csv_row(const base::CsvRow& row, const std::vector<std::string>& header) {
        broken_ = false;
        ImportRow out;
        out.line = row.line;
        Json input;
        input.kind = Json::Kind::object;
        if (row.cells.size() != header.size()) {
            problem(row.line, "", fmt::format("the row has {} cells, the header {}", row.cells.size(), header.size()));
            return;
        }
        for (size_t i = 0; i < row.cells.size(); ++i) {
            if (!targets_[i].used()) continue;
            const std::string name = targets_[i].key ? "key" : targets_[i].field->name;
            if (!base::valid_utf8(row.cells[i])) {
                problem(row.line, name, fmt::format("column '{}' is not UTF-8 text", header[i]));
                continue;
            }
            std::string text = replaced(name, row.cells[i]);
            if (text.empty()) continue;
            if (targets_[i].key)
                out.key = text;
            else
                add_cell(input, *targets_[i].field, text, row.line);
        }
        finish(std::move(out), std::move(input));
    }

    void add_cell(Json& input, const Field& field, const std::string& text, uint32_t line) {
        auto value = json_of_cell(program_, field, text);
        if (!value) return problem(line, field.name, std::move(value.error().message));
        input.members.emplace_back(field.name, std::move(*value));
    }

    void finish(ImportRow row, Json input) {
        for (const auto& constant : mapping_.constants) {
            if (constant.field == "key") {
                if (row.key.empty()) row.key = constant.value;
            } else if (!input.find(constant.field)) {
                add_cell(input, *entity_.find(constant.field), constant.value, row.line);
            }
        }
        if (broken_) return;
        if (row.key.empty()) row.key = key_of(input);
        row.input = base::to_text(input);
        plan_.rows.push_back(std::move(row));
    }

    // The key that a record of this input will have, where the entity makes keys of nothing but texts of the record
    // ("{isbn}"): so a second import finds the records of the first. "" where that cannot be known.
    std::string key_of(const Json& input) const {
        std::string_view source = entity_.key_source;
        std::string key;
        while (!source.empty()) {
            size_t open = source.find('{');
            key += source.substr(0, open);
            if (open == std::string_view::npos) break;
            size_t close = source.find('}', open);
            if (close == std::string_view::npos) return {};
            std::string_view name = source.substr(open + 1, close - open - 1);
            const Field* field = entity_.find(name);
            const Json* value = input.find(name);
            if (!field || !value || value->kind != Json::Kind::string) return {};
            using Kind = program::FieldKind;
            if (field->kind != Kind::string && field->kind != Kind::text && field->kind != Kind::enumeration) return {};
            key += value->text;
            source.remove_prefix(close + 1);
        }
        return key;
    }

    Result<void> json_row(std::string_view text, uint32_t line) {
        broken_ = false;
        auto json = base::parse_json(text);
        if (!json || json->kind != Json::Kind::object) {
            problem(line, "", json ? "a line is one JSON object" : json.error().message);
            return {};
        }
        ImportRow out;
        out.line = line;
        Json input;
        input.kind = Json::Kind::object;
        for (auto& [name, value] : json->members) {
            bool left_out = false;
            LEAT_TRY(Target target, target_of(name, left_out));
            if (!target.used()) {
                if (!left_out && std::find(plan_.unused_columns.begin(), plan_.unused_columns.end(), name) ==
                                     plan_.unused_columns.end()) {
                    plan_.unused_columns.push_back(name);
                }
                continue;
            }
            std::string field = target.key ? "key" : target.field->name;
            if (value.kind == Json::Kind::string) {
                value.text = replaced(field, value.text);
                if (value.text.empty()) continue;
            }
            if (target.key) {
                if (value.kind != Json::Kind::string && value.kind != Json::Kind::number) {
                    problem(line, field, "a key is a text");
                    continue;
                }
                out.key = value.text;
            } else if (input.find(field)) {
                problem(line, field, fmt::format("two members feed field '{}'", field));
            } else {
                input.members.emplace_back(field, std::move(value));
            }
        }
        finish(std::move(out), std::move(input));
        return {};
    }

    const program::Program& program_;
    const Entity& entity_;
    const Mapping& mapping_;
    std::vector<Target> targets_;
    ImportPlan plan_;
    bool broken_ = false;
};

}  // namespace

Result<Format> format_of(std::string_view file_name) {
    size_t dot = file_name.rfind('.');
    std::string end(dot == std::string_view::npos ? std::string_view{} : file_name.substr(dot + 1));
    std::transform(end.begin(), end.end(), end.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (end == "csv") return Format::csv;
    if (end == "jsonl" || end == "ndjson") return Format::json_lines;
    return make_error(Status::usage, "import.format",
                      fmt::format("'{}' is neither .csv nor .jsonl: the name of a file says what it holds", file_name));
}

Result<ImportPlan> read_rows(const program::Program& program, const Entity& entity, std::string_view text,
                             Format format, const Mapping& mapping) {
    Reader reader(program, entity, mapping);
    return format == Format::csv ? reader.csv(text) : reader.json_lines(text);
}

}  // namespace leat::exchange
