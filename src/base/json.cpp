#include "base/json.hpp"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include "base/limits.hpp"

namespace leat::base {

namespace {

constexpr unsigned kFlags = rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseValidateEncodingFlag;

// Builds a Json from RapidJSON's events. A member is kept beside the value under construction: its name is set first.
class Builder {
 public:
    using Size = rapidjson::SizeType;

    Builder(const rapidjson::MemoryStream& stream, uint32_t depth_max) : stream_(stream), depth_max_(depth_max) {}

    bool Null() { return put(Json{}) != nullptr; }
    bool Bool(bool value) {
        Json json;
        json.kind = Json::Kind::boolean;
        json.boolean = value;
        return put(std::move(json)) != nullptr;
    }
    bool RawNumber(const char* text, Size size, bool) { return put_text(Json::Kind::number, text, size); }
    bool String(const char* text, Size size, bool) { return put_text(Json::Kind::string, text, size); }
    // With numbers as strings RapidJSON calls none of these, but its reader must find them.
    bool Int(int) { return false; }
    bool Uint(unsigned) { return false; }
    bool Int64(int64_t) { return false; }
    bool Uint64(uint64_t) { return false; }
    bool Double(double) { return false; }
    bool StartObject() { return open(Json::Kind::object); }
    bool Key(const char* text, Size size, bool) {
        open_.back()->members.emplace_back(std::string(text, size), Json{});
        return true;
    }
    bool EndObject(Size) {
        const std::string* twice = duplicate(*open_.back());
        if (twice) {
            error_ =
                make_error(Status::usage, "json.duplicate",
                           fmt::format("the member \"{}\" stands twice in the object that ends at byte {}; keep one",
                                       *twice, stream_.Tell()));
            return false;
        }
        open_.pop_back();
        return true;
    }
    bool StartArray() { return open(Json::Kind::array); }
    bool EndArray(Size) {
        open_.pop_back();
        return true;
    }

    Json& root() { return root_; }
    bool failed() const { return !error_.code.empty(); }
    Error& error() { return error_; }

 private:
    Json* put(Json json) {
        if (open_.empty()) {
            root_ = std::move(json);
            return &root_;
        }
        Json& parent = *open_.back();
        if (parent.kind == Json::Kind::array) {
            parent.items.push_back(std::move(json));
            return &parent.items.back();
        }
        parent.members.back().second = std::move(json);
        return &parent.members.back().second;
    }
    bool put_text(Json::Kind kind, const char* text, Size size) {
        Json json;
        json.kind = kind;
        json.text.assign(text, size);
        return put(std::move(json)) != nullptr;
    }
    bool open(Json::Kind kind) {
        if (open_.size() >= depth_max_) {
            error_ =
                make_error(Status::limit, "limit.depth",
                           fmt::format("JSON is nested deeper than {} levels at byte {}", depth_max_, stream_.Tell()));
            return false;
        }
        Json json;
        json.kind = kind;
        open_.push_back(put(std::move(json)));
        return true;
    }
    static const std::string* duplicate(const Json& object) {
        const auto& members = object.members;
        if (members.size() <= 8) {
            for (size_t i = 1; i < members.size(); ++i) {
                for (size_t j = 0; j < i; ++j) {
                    if (members[i].first == members[j].first) return &members[i].first;
                }
            }
            return nullptr;
        }
        std::vector<const std::string*> names;
        names.reserve(members.size());
        for (const auto& member : members) names.push_back(&member.first);
        auto less = [](const std::string* a, const std::string* b) { return *a < *b; };
        std::sort(names.begin(), names.end(), less);
        auto same = [](const std::string* a, const std::string* b) { return *a == *b; };
        auto found = std::adjacent_find(names.begin(), names.end(), same);
        return found == names.end() ? nullptr : *found;
    }

    const rapidjson::MemoryStream& stream_;
    uint32_t depth_max_;
    Json root_;
    std::vector<Json*> open_;  // stable: a parent's vector does not grow while a child is open
    Error error_;
};

Error syntax_error(size_t offset, std::string_view reason) {
    return make_error(Status::usage, "json.syntax", fmt::format("not valid JSON at byte {}: {}", offset, reason));
}

}  // namespace

const Json* Json::find(std::string_view name) const {
    for (const auto& member : members) {
        if (member.first == name) return &member.second;
    }
    return nullptr;
}

Result<Json> parse_json(std::string_view text, uint32_t depth_max) {
    const uint64_t size_max = Limits{}.input_bytes_max;
    if (text.size() > size_max) {
        return make_error(Status::limit, "limit.size",
                          fmt::format("the JSON text has {} bytes; at most {} are read", text.size(), size_max));
    }
    if (text.substr(0, 3) == "\xef\xbb\xbf")
        return syntax_error(0, "it begins with a byte order mark; save it without one");
    // RapidJSON takes NUL for the end of its input and would overlook what follows.
    if (const void* nul = text.empty() ? nullptr : std::memchr(text.data(), 0, text.size())) {
        return syntax_error(static_cast<size_t>(static_cast<const char*>(nul) - text.data()), "a NUL byte");
    }
    rapidjson::MemoryStream stream(text.data(), text.size());
    Builder builder(stream, depth_max);
    rapidjson::Reader reader;
    rapidjson::ParseResult result = reader.Parse<kFlags>(stream, builder);
    if (builder.failed()) return std::move(builder.error());
    if (result.IsError()) {
        if (result.Code() == rapidjson::kParseErrorNumberTooBig) {
            return syntax_error(result.Offset(), "the number is beyond 1e308");
        }
        std::string reason = rapidjson::GetParseError_En(result.Code());
        while (!reason.empty() && reason.back() == '.') reason.pop_back();
        return syntax_error(result.Offset(), reason);
    }
    return std::move(builder.root());
}

}  // namespace leat::base
