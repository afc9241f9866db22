#include "base/json_buffer.hpp"

#include <algorithm>
#include <bit>

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

namespace {

// Up to eight bytes in their order, zeros behind them, without a look beyond.
uint64_t first_bytes(const char* from, size_t count) {
    uint64_t bytes = 0;
    if (std::endian::native != std::endian::little) {
        std::memcpy(&bytes, from, count);
        return bytes;
    }
    auto at = [&](size_t i) { return uint64_t{static_cast<unsigned char>(from[i])} << 8 * i; };
    if (count < 4) return at(0) | at(count / 2) | at(count - 1);
    uint32_t low, high;
    std::memcpy(&low, from, sizeof low);
    std::memcpy(&high, from + count - sizeof high, sizeof high);
    return low | uint64_t{high} << 8 * (count - sizeof high);
}

// How many of the first `count` of eight bytes need no escape, up to one that does.
size_t plain_bytes(uint64_t bytes, size_t count) {
    uint64_t escapes = escapes_of(bytes);
    if (escapes == 0) return count;
    if (std::endian::native == std::endian::little)
        return std::min(count, static_cast<size_t>(std::countr_zero(escapes)) / 8);
    unsigned char each[sizeof bytes];
    std::memcpy(each, &bytes, sizeof bytes);
    return static_cast<size_t>(std::find_if(each, each + count, needs_escape) - each);
}

}  // namespace

void JsonBuffer::escaped(std::string_view text) {
    constexpr size_t kWord = sizeof(uint64_t);
    const char *from = text.data(), *last = from + text.size();
    room(text.size() + kEscapeMost + kWord);
    while (from != last) {
        // Copied while they are looked at; those that do not count are written over.
        size_t count = std::min(static_cast<size_t>(last - from), kWord);
        uint64_t bytes = count == kWord ? 0 : first_bytes(from, count);
        if (count == kWord) std::memcpy(&bytes, from, kWord);
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
