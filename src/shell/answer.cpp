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

namespace {

// One past the JSON value that begins at `at`; the text is what the library wrote, without spaces.
size_t end_of(std::string_view json, size_t at) {
    int depth = 0;
    for (bool quoted = false; at < json.size(); ++at) {
        char c = json[at];
        if (quoted) {
            if (c == '\\')
                ++at;
            else if (c == '"')
                quoted = false;
            continue;
        }
        if (depth == 0 && (c == ',' || c == '}' || c == ']' || c == ':')) return at;
        if (c == '"') quoted = true;
        if (c == '{' || c == '[') ++depth;
        if (c == '}' || c == ']') --depth;
    }
    return at;
}

}  // namespace

std::string_view raw_member(std::string_view object, std::string_view name) {
    for (size_t at = 1; at + 1 < object.size();) {
        size_t key_end = end_of(object, at);
        size_t value_end = end_of(object, key_end + 1);
        if (object.substr(at, key_end - at) == json_text(name))
            return object.substr(key_end + 1, value_end - key_end - 1);
        at = value_end + 1;
    }
    return {};
}

std::vector<std::string_view> raw_items(std::string_view list) {
    std::vector<std::string_view> items;
    for (size_t at = 1; at + 1 < list.size();) {
        size_t end = end_of(list, at);
        items.push_back(list.substr(at, end - at));
        at = end + 1;
    }
    return items;
}

std::string raw_cell(std::string_view json) {
    return !json.empty() && json.front() == '"' ? cell(parse(json)) : std::string(json);
}

std::string json_text(std::string_view text) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
    return buffer.GetString();
}

std::string actor_of(const rapidjson::Value& row) {
    std::string by = row.HasMember("by") ? member(row, "by") : "";
    return by.empty() ? member(row, "actor") : member(row, "actor") + " (by " + by + ")";
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
