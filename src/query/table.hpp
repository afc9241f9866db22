// Tables of entities: how they are made, and the statements that write their rows.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace leat::query {

// A column and how the view `<table>_v` shows it.
struct ColumnDefinition {
    enum class Type : uint8_t { integer, text };
    enum class Show : uint8_t {
        plain,
        scaled,  // an integer of `scale` digits after the point, as decimal text
        key,     // a reference, as the key of the row of `references`
    };
    std::string name;
    Type type = Type::text;
    bool primary_key = false;
    std::string references;  // a table; "": none. The foreign key is DEFERRABLE INITIALLY DEFERRED (SEMANTICS 1.2).
    Show show = Show::plain;
    int scale = 0;
};

struct IndexDefinition {
    std::string name;
    std::vector<std::string> columns;
    bool unique = false;
};

struct TableDefinition {
    std::string name;
    std::vector<ColumnDefinition> columns;
    std::vector<IndexDefinition> indexes;
};

// CREATE TABLE … STRICT: types and keys only, since half-built rows are flushed.
std::string print_create_table(const TableDefinition& table);
std::string print_add_column(const TableDefinition& table, const ColumnDefinition& column);
std::string print_create_index(const TableDefinition& table, const IndexDefinition& index);  // IF NOT EXISTS
std::string print_create_view(const TableDefinition& table);
std::string print_drop_view(const TableDefinition& table);  // IF EXISTS
std::string print_rename_table(std::string_view from, std::string_view to);
std::string print_rename_column(std::string_view table, std::string_view from, std::string_view to);
std::string print_drop_column(std::string_view table, std::string_view column);
std::string print_drop_table(std::string_view table);
std::string print_drop_index(std::string_view index);     // IF EXISTS
std::string print_keys_from_ids(std::string_view table);  // where the key is null

// Parameters in the order of the columns; then, where there is one, the id.
std::string print_insert(std::string_view table, std::span<const std::string_view> columns);
std::string print_update(std::string_view table, std::span<const std::string_view> columns);  // … WHERE id = last
std::string print_delete(std::string_view table);                                             // … WHERE id = ?1
std::string print_max_id(std::string_view table);  // one row, null when empty
// How many rows have these columns (never null here) and another id: the columns, then the id.
std::string print_duplicate(std::string_view table, std::span<const std::string_view> columns);

}  // namespace leat::query
