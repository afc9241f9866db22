#include "shell/answer.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <stdexcept>

namespace leat::shell {

rapidjson::Document parse(std::string_view json) {
    rapidjson::Document document;
    document.Parse<rapidjson::kParseNumbersAsStringsFlag>(json.data(), json.size());
    if (document.HasParseError()) throw std::runtime_error("the library answered something that is no JSON");
    return document;
}

std::string cell(const rapidjson::Value& value) {
    if (value.IsNull()) return "";
    if (value.IsString()) return {value.GetString(), value.GetStringLength()};
    if (value.IsBool()) return value.GetBool() ? "true" : "false";
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    value.Accept(writer);
    return buffer.GetString();
}

std::string json_text(std::string_view text) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
    return buffer.GetString();
}

std::string member(const rapidjson::Value& object, const char* name) {
    auto at = object.FindMember(name);
    return at == object.MemberEnd() ? std::string() : cell(at->value);
}

Table table_of(const rapidjson::Value& list, const std::vector<const char*>& members) {
    Table table;
    for (const char* name : members) table.header.emplace_back(name);
    for (const auto& item : list.GetArray()) {
        std::vector<std::string> row;
        for (const char* name : members) row.push_back(member(item, name));
        table.rows.push_back(std::move(row));
    }
    return table;
}

}  // namespace leat::shell
