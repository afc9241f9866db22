// Reading the library's JSON answers, to print them.
#pragma once
#include <rapidjson/document.h>

#include <string>
#include <string_view>

#include "shell/table.hpp"

namespace leat::shell {

// Numbers stay text, as exact as they came.
rapidjson::Document parse(std::string_view json);
// A value as a cell: texts and numbers as they are, null "", lists and objects as JSON.
std::string cell(const rapidjson::Value& value);
std::string json_text(std::string_view text);  // a JSON string
std::string member(const rapidjson::Value& object, const char* name);
// A list of objects as a table of these members.
Table table_of(const rapidjson::Value& list, const std::vector<const char*>& members);

}  // namespace leat::shell
