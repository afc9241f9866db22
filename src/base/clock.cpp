#include "base/clock.hpp"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <system_error>

#include <sys/random.h>

namespace leat::base {

namespace {

class SystemClock final : public Clock {
 public:
    int64_t now_us() override {
        auto since = std::chrono::system_clock::now().time_since_epoch();
        return std::chrono::duration_cast<std::chrono::microseconds>(since).count();
    }
};

class SystemRandom final : public Random {
 public:
    void fill(void* data, size_t size) override {
        char* at = static_cast<char*>(data);
        while (size > 0) {
            ssize_t count = getrandom(at, size, 0);
            if (count < 0) {
                if (errno == EINTR) continue;
                throw std::system_error(errno, std::generic_category(), "the operating system gave no random bytes");
            }
            at += count;
            size -= static_cast<size_t>(count);
        }
    }
};

}  // namespace

Clock& system_clock() {
    static SystemClock clock;
    return clock;
}

Random& system_random() {
    static SystemRandom random;
    return random;
}

void SeededRandom::fill(void* data, size_t size) {
    char* at = static_cast<char*>(data);
    while (size > 0) {
        state_ += 0x9e3779b97f4a7c15u;
        uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        z ^= z >> 31;
        char bytes[8];  // little-endian everywhere, so that a seed means the same on every machine
        for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(z >> (8 * i));
        size_t part = size < 8 ? size : 8;
        std::memcpy(at, bytes, part);
        at += part;
        size -= part;
    }
}

}  // namespace leat::base
