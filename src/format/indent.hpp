// What formatting does to lines: two spaces a level, blank lines, trailing spaces.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "yaml/node.hpp"

namespace leat::format {

std::string indent_lines(std::string_view text, const std::vector<yaml::Node>& documents);

}  // namespace leat::format
