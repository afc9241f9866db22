#include "exchange/export.hpp"

#include <fmt/format.h>

#include "base/csv.hpp"

namespace leat::exchange {

using program::Field;
using program::FieldKind;
using program::FieldRight;
using program::Origin;

static Result<std::vector<program::FieldId>> columns_of(const program::Entity& entity, const ExportOptions& options) {
    std::vector<program::FieldId> out;
    if (options.fields.empty()) {
        out.push_back(program::kKey);
        for (const Field& field : entity.fields) {
            bool shown =
                field.origin == Origin::declared || field.origin == Origin::state || field.origin == Origin::owner;
            bool tabular = field.kind != FieldKind::list || field.scalar_list;
            if (shown && tabular && field.id >= program::kFirstField) out.push_back(field.id);
        }
        return out;
    }
    for (const std::string& name : options.fields) {
        const Field* field = entity.find(name);
        if (!field) {
            std::vector<std::string> names;
            for (const Field& one : entity.fields) names.push_back(one.name);
            std::string near = base::nearest(name, names);
            return make_error(Status::usage, "export.field",
                              fmt::format("{} has no field '{}'{}", entity.name, name,
                                          near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
        }
        out.push_back(field->id);
    }
    return out;
}

Result<Export> export_rows(record::Records& records, const program::Entity& entity, const ExportOptions& options,
                           const query::AccessScope& scope) {
    LEAT_TRY(auto columns, columns_of(entity, options));
    Export out;
    if (options.byte_order_mark) out.text = "\xEF\xBB\xBF";
    bool csv = options.format == Format::csv;
    if (csv) {
        for (size_t i = 0; i < columns.size(); ++i)
            out.text += (i ? "," : "") + base::csv_cell(entity.fields[columns[i]].name);
        out.text += "\r\n";
    }
    auto write = [&](record::Row& row) -> Result<void> {
        if (!csv) {
            LEAT_CHECK(records.append_json(row, scope, out.text));
            out.text += '\n';
            return {};
        }
        for (size_t i = 0; i < columns.size(); ++i) {
            if (i) out.text += ',';
            bool built_in = columns[i] < program::kFirstField;
            FieldRight right = built_in ? FieldRight::read : records.field_right(row, columns[i], scope, false);
            if (right == FieldRight::none) continue;
            if (right == FieldRight::mask) {
                out.text += "***";
                continue;
            }
            LEAT_TRY(std::string text, records.text_of(row, columns[i]));
            out.text += base::csv_cell(text);
        }
        out.text += "\r\n";
        return {};
    };
    Result<void> inner;
    auto done = records.scan(entity.id, options.where, nullptr, scope, [&](record::Row& row) {
        if (options.where && !records.sees(row, options.where->reads(), scope)) return true;  // hidden: no match
        if (!records.may(row, scope, &program::AccessRule::export_)) {
            ++out.withheld;
            return true;
        }
        inner = write(row);
        ++out.rows;
        return static_cast<bool>(inner);
    });
    if (!inner) return std::move(inner.error());
    if (!done) return std::move(done.error());
    return out;
}

}  // namespace leat::exchange
