// format: definitions in their usual dress, comments kept (`leat fmt`). It may move white space and add quotes; it
// never changes what a file says: the trees before and after are compared before anything is answered.
//
// Start reading at format(): edits.hpp is what happens within lines, indent.hpp what happens to lines.
#pragma once
#include <string>
#include <string_view>

#include "base/diagnostic.hpp"
#include "base/result.hpp"

namespace leat::format {

// The formatted text: two spaces a level, spaces inside brackets as in {a: 1, b: [x, y]}, tables aligned by display
// width, values that an unquoted comma broke quoted, no trailing spaces, no two blank lines in a row. The order of
// keys, comments, blank lines and line breaks stay. Formatting twice is formatting once. A file with syntax errors is
// not touched: usage "format.syntax", with diagnostics that name `source_name`.
Result<std::string> format(std::string_view yaml_text, const std::string& source_name = "definitions");

}  // namespace leat::format
