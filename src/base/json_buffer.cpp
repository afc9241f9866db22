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
    room(text.size() + kEscapeMost);
    const char *from = text.data(), *last = from + text.size();
    // Names and words: two looks that may overlap.
    if (text.size() >= 4 && text.size() <= 8) {
        uint32_t low, high;
        std::memcpy(&low, from, sizeof low);
        std::memcpy(&high, last - sizeof high, sizeof high);
        if (!any_needs_escape(low | uint64_t{high} << 32)) {
            std::memcpy(at_, &low, sizeof low);
            std::memcpy(at_ + text.size() - sizeof high, &high, sizeof high);
            at_ += text.size();
            return;
        }
    }
    while (true) {
        // Eight at a time, copied while they are looked at.
        for (uint64_t bytes; last - from >= 8; from += 8, at_ += 8) {
            std::memcpy(&bytes, from, sizeof bytes);
            if (any_needs_escape(bytes)) break;
            std::memcpy(at_, &bytes, sizeof bytes);
        }
        while (from != last && !needs_escape(static_cast<unsigned char>(*from))) *at_++ = *from++;
        if (from == last) return;
        at_ += write_escape(static_cast<unsigned char>(*from++), at_);
        room(static_cast<size_t>(last - from) + kEscapeMost);
    }
}

}  // namespace leat::base
