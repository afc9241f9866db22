// JSON in and out; the only room that includes RapidJSON. Numbers stay text, so that decimals stay exact.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace leat::base {

struct Json {
    enum class Kind : uint8_t { null, boolean, number, string, array, object };
    Kind kind = Kind::null;
    bool boolean = false;
    std::string text;  // of a number (as written) or a string
    std::vector<Json> items;
    struct Member;  // name and value; a class of its own because a std::pair may not be made of an unfinished Json
    std::vector<Member> members;  // in order; duplicate names are a parse error

    const Json* find(std::string_view name) const;  // a member, or nullptr
    bool is_null() const { return kind == Kind::null; }
};

struct Json::Member {
    Member(std::string name, Json value) : first(std::move(name)), second(std::move(value)) {}
    std::string first;
    Json second;
};

// Errors: usage with code "json.syntax" (offset in the message), "json.duplicate", "limit.depth", "limit.size".
// A number may have any count of digits but must lie below 1e308 (RapidJSON's bound, not Decimal's); no byte order
// mark.
Result<Json> parse_json(std::string_view text, uint32_t depth_max = 64);

// Appends JSON to a string; commas are its own business. Strings are escaped as canonical JSON (only what must be).
class JsonWriter {
 public:
    explicit JsonWriter(std::string& out) : out_(out) {}
    JsonWriter& begin_object();
    JsonWriter& end_object();
    JsonWriter& begin_array();
    JsonWriter& end_array();
    JsonWriter& key(std::string_view name);
    JsonWriter& string(std::string_view text);
    JsonWriter& number(std::string_view text);  // already JSON number text
    JsonWriter& number(int64_t value);
    JsonWriter& boolean(bool value);
    JsonWriter& null();
    JsonWriter& raw(std::string_view json);  // a whole value, already JSON
    JsonWriter& value(const Json& json);

 private:
    void separate();
    std::string& out_;
    bool comma_ = false;
};

std::string to_text(const Json& json);

}  // namespace leat::base

namespace leat {
using base::Json;
using base::JsonWriter;
using base::parse_json;
}  // namespace leat
