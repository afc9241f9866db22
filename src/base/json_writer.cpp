#include <charconv>
#include <cstdint>
#include <cstring>

#include "base/json.hpp"
#include "base/json_escape.hpp"

namespace leat::base {

namespace {

// How many characters stand before the first that needs an escape, looked at by words.
size_t plain_run(std::string_view text) {
    constexpr size_t kWord = sizeof(uint64_t);
    size_t at = 0;
    while (at < text.size()) {
        size_t count = std::min(text.size() - at, kWord);
        size_t plain = plain_bytes(first_bytes(text.data() + at, count), count);
        at += plain;
        if (plain < count) break;
    }
    return at;
}

void append_escaped(std::string& out, std::string_view text) {
    out += '"';
    while (true) {
        size_t plain = plain_run(text);
        out.append(text, 0, plain);
        if (plain == text.size()) break;
        char escape[kEscapeMost];
        out.append(escape, write_escape(static_cast<unsigned char>(text[plain]), escape));
        text.remove_prefix(plain + 1);
    }
    out += '"';
}

}  // namespace

void JsonWriter::separate() {
    if (comma_) out_ += ',';
    comma_ = true;
}

JsonWriter& JsonWriter::begin_object() {
    separate();
    out_ += '{';
    comma_ = false;
    return *this;
}

JsonWriter& JsonWriter::end_object() {
    out_ += '}';
    comma_ = true;
    return *this;
}

JsonWriter& JsonWriter::begin_array() {
    separate();
    out_ += '[';
    comma_ = false;
    return *this;
}

JsonWriter& JsonWriter::end_array() {
    out_ += ']';
    comma_ = true;
    return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
    separate();
    append_escaped(out_, name);
    out_ += ':';
    comma_ = false;
    return *this;
}

JsonWriter& JsonWriter::string(std::string_view text) {
    separate();
    append_escaped(out_, text);
    return *this;
}

JsonWriter& JsonWriter::number(std::string_view text) {
    separate();
    out_ += text;
    return *this;
}

JsonWriter& JsonWriter::number(int64_t value) {
    separate();
    char digits[24];
    out_.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
    return *this;
}

JsonWriter& JsonWriter::boolean(bool value) {
    separate();
    out_ += value ? "true" : "false";
    return *this;
}

JsonWriter& JsonWriter::null() {
    separate();
    out_ += "null";
    return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
    separate();
    out_ += json;
    return *this;
}

JsonWriter& JsonWriter::value(const Json& json) {
    switch (json.kind) {
        case Json::Kind::null:
            return null();
        case Json::Kind::boolean:
            return boolean(json.boolean);
        case Json::Kind::number:
            return number(std::string_view(json.text));
        case Json::Kind::string:
            return string(json.text);
        case Json::Kind::array:
            begin_array();
            for (const Json& item : json.items) value(item);
            return end_array();
        case Json::Kind::object:
            begin_object();
            for (const auto& member : json.members) key(member.first).value(member.second);
            return end_object();
    }
    return *this;
}

std::string to_text(const Json& json) {
    std::string out;
    JsonWriter(out).value(json);
    return out;
}

}  // namespace leat::base
