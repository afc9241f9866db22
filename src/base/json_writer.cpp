#include <charconv>
#include <cstdint>
#include <cstring>

#include "base/json.hpp"
#include "base/json_escape.hpp"

namespace leat::base {

namespace {

// How many characters from `at` on need no escape, as far as eight at once tell.
size_t plain_from(std::string_view text, size_t at) {
    size_t begin = at;
    for (; at + 8 <= text.size(); at += 8) {
        uint64_t bytes;
        std::memcpy(&bytes, text.data() + at, sizeof bytes);
        if (any_needs_escape(bytes)) break;
    }
    return at - begin;
}

// Whether no character of a text needs an escape. What is left of whole words is looked at in one that overlaps the
// last.
bool all_plain(std::string_view text) {
    if (text.size() < 8) {
        for (char c : text)
            if (needs_escape(static_cast<unsigned char>(c))) return false;
        return true;
    }
    uint64_t bytes;
    for (size_t at = 0; at + 8 <= text.size(); at += 8) {
        std::memcpy(&bytes, text.data() + at, sizeof bytes);
        if (any_needs_escape(bytes)) return false;
    }
    std::memcpy(&bytes, text.data() + text.size() - 8, sizeof bytes);
    return !any_needs_escape(bytes);
}

void append_escaped(std::string& out, std::string_view text) {
    out += '"';
    if (all_plain(text)) {  // as most are
        out += text;
        out += '"';
        return;
    }
    size_t plain = 0;  // where the run of characters that need no escape begins
    for (size_t i = plain_from(text, 0); i < text.size(); ++i) {
        auto c = static_cast<unsigned char>(text[i]);
        if (!needs_escape(c)) continue;
        out.append(text, plain, i - plain);
        plain = i + 1;
        char escape[kEscapeMost];
        out.append(escape, write_escape(c, escape));
        i += plain_from(text, i + 1);
    }
    out.append(text, plain, text.size() - plain);
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
