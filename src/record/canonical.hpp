// The canonical form of rows, which the digest of a load covers (docs/file_format.md). Internal to this room.
#pragma once
#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>

#include "query/select.hpp"

namespace leat::record {

// Of each column n, i and 8 bytes, or t, 4 bytes of length and the bytes; all little end first.
class Canonical {
 public:
    void add(const query::Parameter& value) {
        char* at = room(1 + sizeof(uint64_t) + value.text.size());
        if (value.kind == query::Parameter::Kind::integer) {
            *at = 'i';
            put(at + 1, static_cast<uint64_t>(value.integer));
            size_ += 1 + sizeof(uint64_t);
        } else if (value.kind == query::Parameter::Kind::text) {
            *at = 't';
            put(at + 1, static_cast<uint32_t>(value.text.size()));
            if (!value.text.empty()) std::memcpy(at + 1 + sizeof(uint32_t), value.text.data(), value.text.size());
            size_ += 1 + sizeof(uint32_t) + value.text.size();
        } else {
            *at = 'n';
            ++size_;
        }
    }
    std::string_view view() const { return {bytes_.get(), size_}; }
    size_t size() const { return size_; }
    void cut(size_t size) { size_ = size; }  // to an earlier size
    void clear() { size_ = 0; }

 private:
    template <class Number>
    static void put(char* at, Number number) {
        for (size_t i = 0; i < sizeof number; ++i) at[i] = static_cast<char>(number >> (8 * i));
    }
    char* room(size_t bytes) {
        if (room_ - size_ < bytes) {
            room_ = std::max(size_ + bytes, room_ * 2 + 1024);
            std::unique_ptr<char[]> larger(new char[room_]);
            if (size_ > 0) std::memcpy(larger.get(), bytes_.get(), size_);
            bytes_ = std::move(larger);
        }
        return bytes_.get() + size_;
    }

    std::unique_ptr<char[]> bytes_;
    size_t size_ = 0, room_ = 0;
};

}  // namespace leat::record
