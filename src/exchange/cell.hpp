// One cell of a table as the JSON that a field takes. Internal to this room.
#pragma once
#include <string>

#include "base/json.hpp"
#include "base/result.hpp"
#include "exchange/import.hpp"
#include "program/program.hpp"

namespace leat::exchange {

// Declared fields that are not formulas and not reverse lists.
bool importable(const program::Field& field);
// Enum titles become values, "yes/no/1/0/是/否" booleans, "a; b" a list; numbers may have thousands separators in
// quotes. Error: usage "import.cell", one sentence.
Result<Json> json_of_cell(const program::Program& program, const program::Field& field, const std::string& text);

// The text of a cell that is written another way, as this room reads it: dates ISO, numbers with a point. Error: usage
// "import.cell".
Result<std::string> formatted_cell(const program::Field& field, const Mapping::ColumnFormat& format,
                                   const std::string& text);

// Whether a cell of this field is text that a spreadsheet might take for a formula: texts, keys, JSON.
bool is_text(const program::Field& field);
// A spreadsheet runs what begins with =, +, -, @, a tab or a line end. Such a text is written with a ' before it, and
// so is one that begins with ' and then one of these, so that reading takes exactly one away again
// (docs/decisions/spreadsheet_formulas.md).
std::string guarded(std::string text);
std::string unguarded(std::string text);

}  // namespace leat::exchange
