#include "base/json_buffer.hpp"

#include <algorithm>

#include "base/json_escape.hpp"

namespace leat::base {

void JsonBuffer::grow(size_t bytes) {
    size_t used = static_cast<size_t>(at_ - begin_);
    size_t size = std::max(used + bytes, static_cast<size_t>(end_ - begin_) * 2);
    std::unique_ptr<char[]> larger(new char[size]);  // not filled: it is written anyway
    std::memcpy(larger.get(), begin_, used);
    larger_ = std::move(larger);
    begin_ = larger_.get();
    at_ = begin_ + used;
    end_ = begin_ + size;
}

void JsonBuffer::escaped(std::string_view text) {
    constexpr size_t kWord = sizeof(uint64_t);
    const char *from = text.data(), *last = from + text.size();
    room(text.size() + kEscapeMost + kWord);
    while (from != last) {
        // Copied while they are looked at; those that do not count are written over.
        size_t count = std::min(static_cast<size_t>(last - from), kWord);
        uint64_t bytes = first_bytes(from, count);
        std::memcpy(at_, &bytes, kWord);
        size_t plain = plain_bytes(bytes, count);
        from += plain;
        at_ += plain;
        if (plain == count) continue;
        at_ += write_escape(static_cast<unsigned char>(*from++), at_);
        room(static_cast<size_t>(last - from) + kEscapeMost + kWord);
    }
}

}  // namespace leat::base
