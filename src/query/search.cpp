#include "query/search.hpp"

#include <fmt/format.h>

#include "store/store.hpp"

namespace leat::query {

using store::quote_identifier;

namespace {

std::string listed(std::string_view prefix, std::span<const std::string_view> columns) {
    std::string out;
    for (std::string_view column : columns) out += fmt::format(", {}{}", prefix, quote_identifier(column));
    return out;
}

std::string trigger(std::string_view table, std::string_view what) {
    return quote_identifier(fmt::format("{}_{}", search_table(table), what));
}

}  // namespace

std::string search_table(std::string_view table) {
    return fmt::format("leat_text_{}", table);
}

std::string print_create_search(std::string_view table, std::span<const std::string_view> columns) {
    std::string names = listed("", columns);
    std::string content(table);
    for (size_t at = 0; (at = content.find('\'', at)) != std::string::npos; at += 2) content.insert(at, 1, '\'');
    return fmt::format("CREATE VIRTUAL TABLE {} USING fts5({}, content='{}', content_rowid='id', tokenize='trigram')",
                       quote_identifier(search_table(table)), names.substr(2), content);
}

std::string print_search_definition() {
    return "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1";
}

std::string print_search_triggers(std::string_view table, std::span<const std::string_view> columns) {
    std::string text = quote_identifier(search_table(table)), rows = quote_identifier(table);
    std::string names = listed("", columns);
    std::string forget = fmt::format("INSERT INTO {0} ({0}, rowid{1}) VALUES ('delete', old.\"id\"{2});", text, names,
                                     listed("old.", columns));
    std::string learn =
        fmt::format("INSERT INTO {} (rowid{}) VALUES (new.\"id\"{});", text, names, listed("new.", columns));
    return fmt::format(
        "CREATE TRIGGER {0} AFTER INSERT ON {3} BEGIN {4} END; CREATE TRIGGER {1} AFTER DELETE ON {3} BEGIN {5} END; "
        "CREATE TRIGGER {2} AFTER UPDATE OF {6} ON {3} BEGIN {5} {4} END;",
        trigger(table, "insert"), trigger(table, "delete"), trigger(table, "update"), rows, learn, forget,
        names.substr(2));
}

std::string print_rebuild_search(std::string_view table) {
    std::string text = quote_identifier(search_table(table));
    return fmt::format("INSERT INTO {0} ({0}) VALUES ('rebuild')", text);
}

std::string print_merge_search(std::string_view table) {
    std::string text = quote_identifier(search_table(table));
    return fmt::format("INSERT INTO {0} ({0}) VALUES ('optimize')", text);
}

std::string print_drop_search(std::string_view table) {
    return fmt::format(
        "DROP TRIGGER IF EXISTS {}; DROP TRIGGER IF EXISTS {}; DROP TRIGGER IF EXISTS {}; DROP TABLE IF "
        "EXISTS {};",
        trigger(table, "insert"), trigger(table, "delete"), trigger(table, "update"),
        quote_identifier(search_table(table)));
}

std::string search_phrase(std::string_view text) {
    std::string out = "\"";
    for (char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + '"';
}

std::string like_pattern(std::string_view text) {
    std::string out = "%";
    for (char c : text) {
        if (c == '%' || c == '_' || c == '\\') out += '\\';
        out += c;
    }
    return out + '%';
}

}  // namespace leat::query
