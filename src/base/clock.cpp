#include "base/clock.hpp"

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <system_error>

#include <pthread.h>
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

// Counts forks: a child must not give out what its parent has drawn ahead.
std::atomic<uint32_t> forks{0};

// A call of the operating system costs more than a salt's bytes: some are drawn ahead, each thread's for itself.
class SystemRandom final : public Random {
 public:
    SystemRandom() {
        if (pthread_atfork(nullptr, nullptr, [] { forks.fetch_add(1, std::memory_order_relaxed); }) != 0)
            throw std::system_error(ENOMEM, std::generic_category(), "no memory to watch for forks");
    }
    void fill(void* data, size_t size) override {
        struct Ahead {
            char bytes[512];
            size_t left = 0;
            uint32_t forks = 0;
        };
        thread_local Ahead ahead;
        if (size > sizeof ahead.bytes / 4) return draw(data, size);
        const uint32_t now = forks.load(std::memory_order_relaxed);
        if (ahead.left < size || ahead.forks != now) {
            draw(ahead.bytes, sizeof ahead.bytes);
            ahead.left = sizeof ahead.bytes;
            ahead.forks = now;
        }
        ahead.left -= size;
        std::memcpy(data, ahead.bytes + ahead.left, size);
        std::memset(ahead.bytes + ahead.left, 0, size);  // given once, and kept nowhere here
    }

 private:
    static void draw(void* data, size_t size) {
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
