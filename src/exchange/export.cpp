#include "exchange/export.hpp"

#include <fmt/format.h>

#include "base/csv.hpp"
#include "exchange/cell.hpp"

namespace leat::exchange {

using program::Field;
using program::FieldKind;
using program::FieldRight;
using program::Origin;
using record::Row;

Result<RecordWriter> RecordWriter::make(const program::Program& program, const program::Entity& entity,
                                        const ExportOptions& options) {
    RecordWriter writer(program, entity, options);
    LEAT_CHECK(writer.choose());
    return writer;
}

static Error no_field(const program::Entity& entity, std::string_view name) {
    std::vector<std::string> names;
    for (const Field& one : entity.fields) names.push_back(one.name);
    std::string near = base::nearest(std::string(name), names);
    return make_error(Status::usage, "export.field",
                      fmt::format("{} has no field '{}'{}", entity.name, name,
                                  near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
}

Result<void> RecordWriter::add_column(const std::string& name) {
    size_t dot = name.find('.');
    if (dot == std::string::npos) {
        const Field* field = entity_.find(name);
        if (!field) return no_field(entity_, name);
        bool lines = field->kind == FieldKind::list && !field->scalar_list;
        if (lines && format_ == Format::csv)
            return make_error(
                Status::usage, "export.field",
                fmt::format("'{0}' of {1} holds records: name fields of them, such as '{0}.key'", name, entity_.name));
        columns_.push_back({field->id, nullptr});
        return {};
    }
    const Field* list = entity_.find(std::string_view(name).substr(0, dot));
    if (!list || !list->owned) return no_field(entity_, std::string_view(name).substr(0, dot));
    if (format_ != Format::csv)
        return make_error(
            Status::usage, "export.field",
            fmt::format("JSON Lines have all lines of '{}' inside of the record: name the list", list->name));
    if (list_ && list_ != list)
        return make_error(
            Status::usage, "export.field",
            fmt::format("rows can be lines of one list, not of '{}' and '{}' at once", list_->name, list->name));
    list_ = list;
    const auto& lines = program_.entities[list->to];
    const Field* field = lines.find(std::string_view(name).substr(dot + 1));
    if (!field || field->owned) return no_field(lines, std::string_view(name).substr(dot + 1));
    columns_.push_back({field->id, list});
    return {};
}

Result<void> RecordWriter::choose() {
    for (const std::string& name : options_.fields) LEAT_CHECK(add_column(name));
    if (!options_.fields.empty()) return {};
    columns_.push_back({program::kKey, nullptr});
    for (const Field& field : entity_.fields) {
        bool shown = field.origin == Origin::declared || field.origin == Origin::state || field.origin == Origin::owner;
        bool tabular = field.kind != FieldKind::list || field.scalar_list;
        bool lines = field.owned && format_ == Format::json_lines;
        if (shown && (tabular || lines) && field.id >= program::kFirstField) columns_.push_back({field.id, nullptr});
    }
    return {};
}

void RecordWriter::begin(std::string& out) const {
    if (options_.byte_order_mark) out += "\xEF\xBB\xBF";
    if (format_ != Format::csv) return;
    for (size_t i = 0; i < columns_.size(); ++i) {
        if (i) out += ',';
        const auto& [field, list] = columns_[i];
        out += base::csv_cell(list ? list->name + "." + program_.entities[list->to].fields[field].name
                                   : entity_.fields[field].name);
    }
    out += "\r\n";
}

Result<void> RecordWriter::append_cell(record::Records& records, Row& row, program::FieldId id,
                                       const query::AccessScope& scope, std::string& out) const {
    const Field& field = program_.entities[row.entity].fields[id];
    FieldRight right = id < program::kFirstField ? FieldRight::read : records.field_right(row, id, scope, false);
    if (right == FieldRight::none) return {};
    if (right == FieldRight::mask) {
        out += "***";
        return {};
    }
    std::string text;
    if (field.kind == FieldKind::json && !row.fields[id].is_null()) {
        value::append_json(text, row.fields[id]);
    } else {
        LEAT_TRY(text, records.text_of(row, id));
    }
    if (text.empty() && !row.fields[id].is_null()) {
        out += "\"\"";
        return {};
    }
    if (options_.guard && is_text(field)) text = guarded(std::move(text));
    out += base::csv_cell(text);
    return {};
}

Result<void> RecordWriter::append_lines(record::Records& records, Row& row, const Field& list,
                                        const query::AccessScope& scope, std::string& out) const {
    LEAT_TRY(auto lines, records.list(row, list.id));
    const auto& entity = program_.entities[list.to];
    out += '[';
    for (size_t i = 0; i < lines.size(); ++i) {
        out += i ? ",{" : "{";
        bool comma = false;
        for (const Field& field : entity.fields) {
            if (field.id < program::kFirstField || field.origin != Origin::declared ||
                records.field_right(*lines[i], field.id, scope, false) == FieldRight::none)
                continue;
            if (field.kind == FieldKind::list && !field.owned && !field.scalar_list) continue;
            if (comma) out += ',';
            comma = true;
            LEAT_CHECK(append_member(records, *lines[i], field, scope, out));
        }
        out += '}';
    }
    out += ']';
    return {};
}

Result<void> RecordWriter::append_member(record::Records& records, Row& row, const Field& field,
                                         const query::AccessScope& scope, std::string& out) const {
    base::JsonWriter(out).string(field.name);
    out += ':';
    FieldRight right =
        field.id < program::kFirstField ? FieldRight::read : records.field_right(row, field.id, scope, false);
    if (right == FieldRight::mask) {
        out += "\"***\"";
        return {};
    }
    if (field.owned) return append_lines(records, row, field, scope, out);
    return records.append_json_of(row, field.id, out);
}

Result<void> RecordWriter::append(record::Records& records, Row& row, const query::AccessScope& scope,
                                  std::string& out) const {
    if (format_ == Format::json_lines) {
        out += '{';
        bool comma = false;
        for (const auto& column : columns_) {
            const Field& field = entity_.fields[column.field];
            if (field.id >= program::kFirstField &&
                records.field_right(row, field.id, scope, false) == FieldRight::none)
                continue;
            if (comma) out += ',';
            comma = true;
            LEAT_CHECK(append_member(records, row, field, scope, out));
        }
        out += "}\n";
        return {};
    }
    std::vector<Row*> lines = {nullptr};
    if (list_ && records.field_right(row, list_->id, scope, false) >= FieldRight::read) {
        LEAT_TRY(lines, records.list(row, list_->id));
        if (lines.empty()) lines.push_back(nullptr);
    }
    for (Row* line : lines) {
        for (size_t i = 0; i < columns_.size(); ++i) {
            if (i) out += ',';
            Row* from = columns_[i].list ? line : &row;
            if (from) LEAT_CHECK(append_cell(records, *from, columns_[i].field, scope, out));
        }
        out += "\r\n";
    }
    return {};
}

Verdict judge(record::Records& records, Row& row, const feel::Expression* where, const query::AccessScope& scope) {
    if (where && !records.sees(row, where->reads(), scope)) return Verdict::no_match;
    if (!records.may(row, scope, &program::AccessRule::export_)) return Verdict::withheld;
    return Verdict::out;
}

Result<Export> export_rows(record::Records& records, const program::Entity& entity, const ExportOptions& options,
                           const query::AccessScope& scope) {
    LEAT_TRY(auto writer, RecordWriter::make(records.program(), entity, options));
    Export out;
    writer.begin(out.text);
    Result<void> inner;
    auto done = records.scan(entity.id, options.where, nullptr, scope, [&](Row& row) {
        Verdict verdict = judge(records, row, options.where, scope);
        if (verdict == Verdict::withheld) ++out.withheld;
        if (verdict != Verdict::out) return true;
        inner = writer.append(records, row, scope, out.text);
        ++out.rows;
        return static_cast<bool>(inner);
    });
    if (!inner) return std::move(inner.error());
    if (!done) return std::move(done.error());
    return out;
}

}  // namespace leat::exchange
