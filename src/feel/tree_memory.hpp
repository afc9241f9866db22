// The memory of a tree: nodes, their lists and texts, one after the other in few blocks, freed together. Programs hold
// thousands of trees, most tiny: the first block holds about ten nodes.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>

namespace leat::feel {

class TreeMemory {
 public:
    TreeMemory() = default;
    TreeMemory(const TreeMemory&) = delete;
    TreeMemory& operator=(const TreeMemory&) = delete;
    ~TreeMemory() {
        while (blocks_) {
            Block* block = blocks_;
            blocks_ = block->next;
            ::operator delete(block);
        }
    }
    // Aligned for pointers and values.
    void* take(size_t size) {
        size = (size + kAlignment - 1) & ~(kAlignment - 1);
        if (size > left_) grow(size);
        char* at = at_;
        at_ += size;
        left_ -= size;
        return at;
    }
    template <class T>
    T* array(size_t count) {
        static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= kAlignment);
        return static_cast<T*>(take(count * sizeof(T)));
    }
    std::string_view copy(std::string_view text) {
        char* data = array<char>(text.size() + 1);
        if (!text.empty()) std::memcpy(data, text.data(), text.size());
        data[text.size()] = '\0';
        return {data, text.size()};
    }

 private:
    static constexpr size_t kAlignment = 8;
    static constexpr size_t kFirstBlock = 2560, kNextBlock = 8192;  // with the block's head
    struct Block {
        Block* next;
    };
    [[gnu::noinline]] void grow(size_t size) {
        size_t bytes = std::max(blocks_ ? kNextBlock : kFirstBlock, size + sizeof(Block));
        auto* block = static_cast<Block*>(::operator new(bytes));
        block->next = blocks_;
        blocks_ = block;
        at_ = reinterpret_cast<char*>(block + 1);
        left_ = bytes - sizeof(Block);
    }

    Block* blocks_ = nullptr;
    char* at_ = nullptr;
    size_t left_ = 0;
};

// A list in a tree's memory, with a vector's ways. What it outgrows is left behind in the memory. Two words wide, since
// each node has several: the memory stands in place of the items as long as there is no room for any, then in front of
// them.
template <class T>
class TreeList {
    static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= sizeof(TreeMemory*));

 public:
    explicit TreeList(TreeMemory& memory) : at_(&memory) {}
    TreeList(const TreeList&) = default;  // the same items
    TreeList& operator=(const TreeList&) = default;
    TreeList& operator=(std::initializer_list<T> items) {
        assign(items);
        return *this;
    }
    template <class Range>
    void assign(const Range& items) {
        reserve(items.size());
        std::copy(std::begin(items), std::end(items), begin());
        size_ = static_cast<uint32_t>(items.size());
    }
    void push_back(const T& item) {
        if (size_ == capacity_) {
            const T kept = item;  // may be one of the list's own
            reserve(size_ == 0 ? 4 : size_t{size_} * 2);
            begin()[size_++] = kept;
            return;
        }
        begin()[size_++] = item;
    }
    // One more item, to be filled in place.
    T& add() {
        if (size_ == capacity_) reserve(size_ == 0 ? 4 : size_t{size_} * 2);
        return begin()[size_++];
    }
    // A text would have to be kept first: TreeMemory::copy().
    template <class Text>
    requires std::is_same_v<std::remove_cvref_t<Text>, std::string>
    void push_back(Text&&) = delete;
    void push_front(T item) {
        push_back(item);
        std::rotate(begin(), end() - 1, end());
    }
    void resize(size_t size, T item = {}) {
        reserve(size);
        while (size_ < size) begin()[size_++] = item;
        size_ = static_cast<uint32_t>(size);
    }
    void reserve(size_t size) {
        if (size > capacity_) grow(size);
    }
    void clear() { size_ = 0; }
    size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    T& operator[](size_t i) { return begin()[i]; }
    const T& operator[](size_t i) const { return begin()[i]; }
    const T* data() const { return begin(); }
    T& front() { return *begin(); }
    const T& front() const { return *begin(); }
    T& back() { return end()[-1]; }
    const T& back() const { return end()[-1]; }
    // Of an empty list no items, though they point somewhere.
    T* begin() { return static_cast<T*>(at_); }
    T* end() { return begin() + size_; }
    const T* begin() const { return static_cast<const T*>(at_); }
    const T* end() const { return begin() + size_; }

 private:
    // Apart, since it is rarer than what stands around it.
    [[gnu::noinline]] void grow(size_t size) {
        TreeMemory* memory = capacity_ == 0 ? static_cast<TreeMemory*>(at_) : static_cast<TreeMemory**>(at_)[-1];
        auto* room = static_cast<TreeMemory**>(memory->take(sizeof memory + size * sizeof(T)));
        *room++ = memory;
        if (size_ > 0) std::memcpy(static_cast<void*>(room), at_, size_ * sizeof(T));
        at_ = room;
        capacity_ = static_cast<uint32_t>(size);
    }

    void* at_;
    uint32_t size_ = 0, capacity_ = 0;
};

}  // namespace leat::feel
