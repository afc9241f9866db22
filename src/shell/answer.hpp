// Reading the library's JSON answers, to print them.
#pragma once
#include <rapidjson/document.h>

#include <string>
#include <string_view>
#include <vector>

#include "shell/table.hpp"

namespace leat::shell {

// Numbers stay text, as exact as they came.
rapidjson::Document parse(std::string_view json);
// A value as a cell: texts and numbers as they are, null "", lists and objects as JSON.
std::string cell(const rapidjson::Value& value);
std::string json_text(std::string_view text);  // a JSON string
std::string member(const rapidjson::Value& object, const char* name);
// Who did what a row of the log says, "ann", or "ann (by bob)" where bob worked as her.
std::string actor_of(const rapidjson::Value& row);
// Parts of JSON as they stand, numbers and all: the value of a member ("" when there is none), the items of a list.
std::string_view raw_member(std::string_view object, std::string_view name);
std::vector<std::string_view> raw_items(std::string_view list);
// A text without its quotes, anything else as it stands.
std::string raw_cell(std::string_view json);
// A list of objects as a table of these members.
Table table_of(const rapidjson::Value& list, const std::vector<const char*>& members);

}  // namespace leat::shell
