// One cell of a table as the JSON that a field takes. Internal to this room.
#pragma once
#include <string>

#include "base/json.hpp"
#include "base/result.hpp"
#include "program/program.hpp"

namespace leat::exchange {

// Declared fields that are not formulas and not reverse lists.
bool importable(const program::Field& field);
// Enum titles become values, "yes/no/1/0/是/否" booleans, "a; b" a list; numbers may have thousands separators in
// quotes. Error: usage "import.cell", one sentence.
Result<Json> json_of_cell(const program::Program& program, const program::Field& field, const std::string& text);

}  // namespace leat::exchange
