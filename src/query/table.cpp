#include "query/table.hpp"

#include <fmt/format.h>

#include "store/store.hpp"

namespace leat::query {

namespace {

using store::quote_identifier;

std::string column_text(const ColumnDefinition& column) {
    std::string text = quote_identifier(column.name);
    text += column.type == ColumnDefinition::Type::integer ? " INTEGER" : " TEXT";
    if (column.primary_key) text += " PRIMARY KEY";
    if (!column.references.empty()) {
        text +=
            fmt::format(" REFERENCES {}(\"id\") DEFERRABLE INITIALLY DEFERRED", quote_identifier(column.references));
    }
    return text;
}

std::string shown(const ColumnDefinition& column) {
    std::string name = "t." + quote_identifier(column.name);
    switch (column.show) {
        case ColumnDefinition::Show::plain:
            return name;
        case ColumnDefinition::Show::scaled: {
            if (column.scale == 0) return fmt::format("CAST({} AS TEXT)", name);
            std::string power = "1" + std::string(static_cast<size_t>(column.scale), '0');
            return fmt::format(
                "CASE WHEN {0} IS NULL THEN NULL ELSE printf('%s%d.%0{1}d', CASE WHEN {0} < 0 THEN '-' ELSE '' END, "
                "abs({0}) / {2}, "
                "abs({0}) % {2}) END",
                name, column.scale, power);
        }
        case ColumnDefinition::Show::key:
            return fmt::format("(SELECT r.\"key\" FROM {} AS r WHERE r.\"id\" = {})",
                               quote_identifier(column.references), name);
    }
    return name;
}

std::string names(std::span<const std::string_view> columns) {
    std::string text;
    for (std::string_view column : columns) {
        if (!text.empty()) text += ", ";
        text += quote_identifier(column);
    }
    return text;
}

}  // namespace

std::string print_create_table(const TableDefinition& table) {
    std::string text = fmt::format("CREATE TABLE {} (", quote_identifier(table.name));
    for (size_t i = 0; i < table.columns.size(); ++i) {
        if (i) text += ", ";
        text += column_text(table.columns[i]);
    }
    return text + ") STRICT";
}

std::string print_add_column(const TableDefinition& table, const ColumnDefinition& column) {
    return fmt::format("ALTER TABLE {} ADD COLUMN {}", quote_identifier(table.name), column_text(column));
}

std::string print_create_index(const TableDefinition& table, const IndexDefinition& index) {
    std::vector<std::string_view> columns(index.columns.begin(), index.columns.end());
    return fmt::format("CREATE {}INDEX IF NOT EXISTS {} ON {} ({})", index.unique ? "UNIQUE " : "",
                       quote_identifier(index.name), quote_identifier(table.name), names(columns));
}

std::string print_create_view(const TableDefinition& table) {
    std::string text = fmt::format("CREATE VIEW {} AS SELECT ", quote_identifier(table.name + "_v"));
    for (size_t i = 0; i < table.columns.size(); ++i) {
        if (i) text += ", ";
        text += shown(table.columns[i]) + " AS " + quote_identifier(table.columns[i].name);
    }
    return text + fmt::format(" FROM {} AS t", quote_identifier(table.name));
}

std::string print_drop_view(const TableDefinition& table) {
    return fmt::format("DROP VIEW IF EXISTS {}", quote_identifier(table.name + "_v"));
}

std::string print_rename_table(std::string_view from, std::string_view to) {
    return fmt::format("ALTER TABLE {} RENAME TO {}", quote_identifier(from), quote_identifier(to));
}

std::string print_rename_column(std::string_view table, std::string_view from, std::string_view to) {
    return fmt::format("ALTER TABLE {} RENAME COLUMN {} TO {}", quote_identifier(table), quote_identifier(from),
                       quote_identifier(to));
}

std::string print_drop_column(std::string_view table, std::string_view column) {
    return fmt::format("ALTER TABLE {} DROP COLUMN {}", quote_identifier(table), quote_identifier(column));
}

std::string print_drop_table(std::string_view table) {
    return fmt::format("DROP TABLE {}", quote_identifier(table));
}

std::string print_drop_index(std::string_view index) {
    return fmt::format("DROP INDEX IF EXISTS {}", quote_identifier(index));
}

std::string print_keys_from_ids(std::string_view table) {
    return fmt::format("UPDATE {} SET \"key\" = CAST(\"id\" AS TEXT) WHERE \"key\" IS NULL", quote_identifier(table));
}

std::string print_insert(std::string_view table, std::span<const std::string_view> columns) {
    std::string marks;
    for (size_t i = 1; i <= columns.size(); ++i) marks += fmt::format("{}?{}", i == 1 ? "" : ", ", i);
    return fmt::format("INSERT INTO {} ({}) VALUES ({})", quote_identifier(table), names(columns), marks);
}

std::string print_update(std::string_view table, std::span<const std::string_view> columns) {
    std::string text = fmt::format("UPDATE {} SET ", quote_identifier(table));
    for (size_t i = 0; i < columns.size(); ++i) {
        text += fmt::format("{}{} = ?{}", i ? ", " : "", quote_identifier(columns[i]), i + 1);
    }
    return text + fmt::format(" WHERE \"id\" = ?{}", columns.size() + 1);
}

std::string print_delete(std::string_view table) {
    return fmt::format("DELETE FROM {} WHERE \"id\" = ?1", quote_identifier(table));
}

std::string print_max_id(std::string_view table) {
    return fmt::format("SELECT max(\"id\") FROM {}", quote_identifier(table));
}

std::string print_duplicate(std::string_view table, std::span<const std::string_view> columns) {
    std::string text = fmt::format("SELECT \"id\" FROM {} WHERE ", quote_identifier(table));
    for (size_t i = 0; i < columns.size(); ++i)
        text += fmt::format("{} = ?{} AND ", quote_identifier(columns[i]), i + 1);
    return text + fmt::format("\"id\" <> ?{} LIMIT 1", columns.size() + 1);
}

}  // namespace leat::query
