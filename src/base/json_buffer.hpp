// JSON for answers that are made by the million: JsonWriter's words over a buffer of its own, with keys that are
// constants of the program copied as they stand.
#pragma once
#include <charconv>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace leat::base {

class JsonBuffer {
 public:
    JsonBuffer() : begin_(first_), at_(first_), end_(first_ + sizeof first_) {}
    JsonBuffer(const JsonBuffer&) = delete;
    JsonBuffer& operator=(const JsonBuffer&) = delete;

    // What is written so far; until the next word.
    std::string_view view() const { return {begin_, static_cast<size_t>(at_ - begin_)}; }

    JsonBuffer& begin_object() { return open('{'); }
    JsonBuffer& end_object() { return close('}'); }
    JsonBuffer& begin_array() { return open('['); }
    JsonBuffer& end_array() { return close(']'); }
    // A constant, in which nothing needs an escape.
    template <size_t Size>
    JsonBuffer& key(const char (&name)[Size]) {
        room(Size + 3);
        if (comma_) *at_++ = ',';
        *at_++ = '"';
        put<Size - 1>(name);
        put<2>("\":");
        comma_ = false;
        return *this;
    }
    JsonBuffer& key(std::string_view name) {
        string(name);
        room(1);
        *at_++ = ':';
        comma_ = false;
        return *this;
    }
    JsonBuffer& string(std::string_view text) {
        room(2);
        separate();
        *at_++ = '"';
        escaped(text);
        room(1);
        *at_++ = '"';
        return *this;
    }
    JsonBuffer& number(int64_t value) {
        constexpr size_t kDigits = 20;
        room(kDigits + 1);
        separate();
        at_ = std::to_chars(at_, at_ + kDigits, value).ptr;
        return *this;
    }
    JsonBuffer& boolean(bool value) {
        room(6);
        separate();
        if (value)
            put<4>("true");
        else
            put<5>("false");
        return *this;
    }
    JsonBuffer& null() {
        room(5);
        separate();
        put<4>("null");
        return *this;
    }
    // What a value begins with, as it stands: `{"input":"region","cell":`. The next word follows it without a comma.
    JsonBuffer& begin_with(std::string_view json) {
        raw(json);
        comma_ = false;
        return *this;
    }
    // And what it ends with: `,"holds":true}`.
    template <size_t Size>
    JsonBuffer& end_with(const char (&json)[Size]) {
        room(Size);
        put<Size - 1>(json);
        comma_ = true;
        return *this;
    }
    // A whole value that is JSON already.
    JsonBuffer& raw(std::string_view json) {
        room(json.size() + 1);
        separate();
        copy(json);
        return *this;
    }

 private:
    // A call of memcpy costs more than most of these copies: two that may overlap.
    void copy(std::string_view text) {
        const char* from = text.data();
        const size_t size = text.size();
        if (size >= 16 && size <= 32) {
            twice<16>(from, size);
        } else if (size > 32 && size <= 64) {
            twice<32>(from, size);
        } else {
            std::memcpy(at_, from, size);
        }
        at_ += size;
    }
    template <size_t Half>
    void twice(const char* from, size_t size) {
        std::memcpy(at_, from, Half);
        std::memcpy(at_ + size - Half, from + size - Half, Half);
    }
    JsonBuffer& open(char bracket) {
        room(2);
        separate();
        *at_++ = bracket;
        comma_ = false;
        return *this;
    }
    JsonBuffer& close(char bracket) {
        room(1);
        *at_++ = bracket;
        comma_ = true;
        return *this;
    }
    void separate() {
        if (comma_) *at_++ = ',';
        comma_ = true;
    }
    template <size_t Count>
    void put(const char* text) {
        std::memcpy(at_, text, Count);
        at_ += Count;
    }
    void room(size_t bytes) {
        if (static_cast<size_t>(end_ - at_) < bytes) grow(bytes);
    }
    void grow(size_t bytes);
    void escaped(std::string_view text);

    char first_[4096];  // most answers, also explained ones
    std::unique_ptr<char[]> larger_;
    char *begin_, *at_, *end_;
    bool comma_ = false;
};

}  // namespace leat::base

namespace leat {
using base::JsonBuffer;
}  // namespace leat
