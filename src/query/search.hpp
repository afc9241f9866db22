// The full text of an entity: an FTS5 index with the trigram tokenizer, which knows Chinese as well as Latin letters.
// It keeps no text of its own but reads the entity's table, and triggers of that table keep it true whoever writes.
#pragma once
#include <span>
#include <string>
#include <string_view>

namespace leat::query {

// "leat_text_customer" of the table "customer".
std::string search_table(std::string_view table);
// CREATE VIRTUAL TABLE of these columns; the text also tells whether an existing one is up to date.
std::string print_create_search(std::string_view table, std::span<const std::string_view> columns);
// Of the index that a file has: its text, one row, by the name of its table (?1).
std::string print_search_definition();
// The three triggers, and filling it with what the table holds already.
std::string print_search_triggers(std::string_view table, std::span<const std::string_view> columns);
std::string print_rebuild_search(std::string_view table);
// All of it in one piece, without what was deleted.
std::string print_merge_search(std::string_view table);
// The index and its triggers, where they are (IF EXISTS).
std::string print_drop_search(std::string_view table);
// A query of FTS5 that finds what contains this text, of three characters or more.
std::string search_phrase(std::string_view text);
// A pattern for Op::like that matches what contains this text.
std::string like_pattern(std::string_view text);

}  // namespace leat::query
