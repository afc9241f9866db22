// Arena: the one counted memory of a command (SEMANTICS 1.8). Values point into it and die with it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace leat::base {

// Thrown where a limit is met in the depth of an evaluation; the unit of work and the C ABI's guard() turn it into
// Status::limit with this code and message. Never crosses the C ABI.
class LimitError : public std::exception {
 public:
    LimitError(std::string code, std::string message) : code_(std::move(code)), message_(std::move(message)) {}
    const char* what() const noexcept override { return message_.c_str(); }
    const std::string& code() const { return code_; }

 private:
    std::string code_;
    std::string message_;
};

class Arena {
 public:
    explicit Arena(size_t bytes_max = 256u << 20) : bytes_max_(bytes_max) {}
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    // Memory for `size` bytes; throws LimitError("limit.memory", …) beyond the bound.
    void* allocate(size_t size, size_t alignment = alignof(std::max_align_t)) {
        size_t aligned = (used_ + alignment - 1) & ~(alignment - 1);
        if (size <= block_size_ && aligned <= block_size_ - size) {
            used_ = aligned + size;
            return block_ + aligned;
        }
        return allocate_block(size, alignment);
    }
    template <class T>
    T* array(size_t count) {
        static_assert(std::is_trivially_destructible_v<T>, "an arena runs no destructors");
        return static_cast<T*>(allocate(count * sizeof(T), alignof(T)));
    }
    template <class T, class... A>
    T* make(A&&... arguments) {
        static_assert(std::is_trivially_destructible_v<T>, "an arena runs no destructors");
        return new (allocate(sizeof(T), alignof(T))) T{std::forward<A>(arguments)...};
    }
    std::string_view copy(std::string_view text) {
        char* data = array<char>(text.size() + 1);
        if (!text.empty()) std::memcpy(data, text.data(), text.size());
        data[text.size()] = '\0';
        return {data, text.size()};
    }
    // Forgets everything but keeps the largest block, so that a warmed-up arena allocates nothing.
    void reset();
    size_t bytes() const { return bytes_; }

 private:
    void* allocate_block(size_t size, size_t alignment);

    char* block_ = nullptr;
    size_t block_size_ = 0;
    size_t used_ = 0;
    size_t bytes_ = 0;  // of all blocks
    size_t bytes_max_;
    std::vector<std::unique_ptr<char[]>> blocks_;
    std::vector<size_t> sizes_;
};

}  // namespace leat::base

namespace leat {
using base::Arena;
using base::LimitError;
}  // namespace leat
