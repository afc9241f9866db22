#include "base/arena.hpp"

#include <algorithm>
#include <new>

#include <fmt/format.h>

namespace leat::base {

namespace {
constexpr size_t kFirstBlock = 16u << 10;
constexpr size_t kLargestStep = 4u << 20;  // blocks double up to here, so that a big command wastes little
}  // namespace

void* Arena::allocate_block(size_t size, size_t alignment) {
    size_t needed = size + alignment;
    size_t room = bytes_ < bytes_max_ ? bytes_max_ - bytes_ : 0;
    if (needed < size || needed > room) {
        throw LimitError("limit.memory",
                         fmt::format("the command needs more than {} bytes of memory; let it do less at once, "
                                     "or raise the limit memory_bytes_max",
                                     bytes_max_));
    }
    size_t wanted = sizes_.empty() ? kFirstBlock : std::min(sizes_.back() * 2, kLargestStep);
    size_t block = std::max(needed, std::min(wanted, room));
    blocks_.reserve(blocks_.size() + 1);
    sizes_.reserve(sizes_.size() + 1);
    blocks_.push_back(std::unique_ptr<char[]>(new char[block]));
    sizes_.push_back(block);
    bytes_ += block;
    block_ = blocks_.back().get();
    block_size_ = block;
    used_ = 0;
    // new char[] is aligned for every fundamental type; a stricter wish is met by the spare bytes.
    auto address = reinterpret_cast<uintptr_t>(block_);
    size_t skip = (alignment - address % alignment) % alignment;
    used_ = skip + size;
    return block_ + skip;
}

void Arena::reset() {
    if (blocks_.size() > 1) {
        size_t largest = static_cast<size_t>(std::max_element(sizes_.begin(), sizes_.end()) - sizes_.begin());
        std::unique_ptr<char[]> kept = std::move(blocks_[largest]);
        size_t size = sizes_[largest];
        blocks_.clear();
        sizes_.clear();
        blocks_.push_back(std::move(kept));
        sizes_.push_back(size);
        bytes_ = size;
        block_ = blocks_.back().get();
        block_size_ = size;
    }
    used_ = 0;
}

}  // namespace leat::base
