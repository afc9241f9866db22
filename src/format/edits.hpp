// What formatting does within lines: spaces in brackets, tables, missing quotes.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "yaml/node.hpp"

namespace leat::format {

std::string edit_lines(std::string_view text, const std::vector<yaml::Node>& documents);

// The rows of a pipe table with its columns aligned, or the rows as they are when it is no regular table.
std::vector<std::string> align_table(const std::vector<std::string>& rows);
// Whether the scalar is a decision's table.
bool is_table(const yaml::Node& document, const yaml::Node& key);

}  // namespace leat::format
