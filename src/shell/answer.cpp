#include "shell/answer.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <stdexcept>

namespace leat::shell {

namespace {

// Stands before the digits of a number, which are kept as a text: no text of the library's begins so.
constexpr char kNumber = '\x01';

// The same JSON with every number as such a text: exact, and still told apart from a text of digits.
std::string marked_numbers(std::string_view json) {
    std::string out;
    out.reserve(json.size() + json.size() / 8);
    bool quoted = false;
    for (size_t at = 0; at < json.size(); ++at) {
        const char c = json[at];
        if (quoted && c == '\\') {
            out += c;
            if (++at < json.size()) out += json[at];
            continue;
        }
        if (c == '"') quoted = !quoted;
        if (quoted || !(c == '-' || (c >= '0' && c <= '9'))) {
            out += c;
            continue;
        }
        const size_t end = std::min(json.find_first_not_of("+-.0123456789Ee", at), json.size());
        out += "\"\\u0001";
        out += json.substr(at, end - at);
        out += '"';
        at = end - 1;
    }
    return out;
}

bool is_number(const rapidjson::Value& value) {
    return value.IsString() && value.GetStringLength() > 0 && value.GetString()[0] == kNumber;
}

void write(const rapidjson::Value& value, std::string& out) {
    const char* separator = "";
    if (value.IsArray()) {
        out += '[';
        for (const auto& item : value.GetArray()) {
            out += separator;
            write(item, out);
            separator = ",";
        }
        out += ']';
    } else if (value.IsObject()) {
        out += '{';
        for (const auto& one : value.GetObject()) {
            out += separator;
            out += json_text({one.name.GetString(), one.name.GetStringLength()}) + ":";
            write(one.value, out);
            separator = ",";
        }
        out += '}';
    } else if (value.IsString() && !is_number(value)) {
        out += json_text({value.GetString(), value.GetStringLength()});
    } else {
        out += value.IsNull() ? "null" : cell(value);
    }
}

}  // namespace

rapidjson::Document parse(std::string_view json) {
    rapidjson::Document document;
    const std::string text = marked_numbers(json);
    document.Parse(text.data(), text.size());
    if (document.HasParseError()) throw std::runtime_error("the library answered something that is no JSON");
    return document;
}

std::string cell(const rapidjson::Value& value) {
    if (value.IsNull()) return "";
    if (value.IsString()) {
        const rapidjson::SizeType from = is_number(value) ? 1 : 0;
        return {value.GetString() + from, value.GetStringLength() - from};
    }
    if (value.IsBool()) return value.GetBool() ? "true" : "false";
    std::string out;
    write(value, out);
    return out;
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
