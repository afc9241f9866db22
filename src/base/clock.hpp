// What the engine asks of the world besides SQLite: the time and random bytes. Both are injected, so that a test, a
// simulation or a replay owns them. std::chrono::system_clock appears in clock.cpp and nowhere else.
#pragma once
#include <cstddef>
#include <cstdint>

namespace leat::base {

class Clock {
 public:
    virtual ~Clock() = default;
    virtual int64_t now_us() = 0;  // microseconds since 1970-01-01T00:00:00Z
};

class Random {
 public:
    virtual ~Random() = default;
    virtual void fill(void* data, size_t size) = 0;
};

Clock& system_clock();
Random& system_random();  // the operating system's

// A repeatable source for tests and simulations (splitmix64); not for secrets.
class SeededRandom final : public Random {
 public:
    explicit SeededRandom(uint64_t seed) : state_(seed) {}
    void fill(void* data, size_t size) override;

 private:
    uint64_t state_;
};

}  // namespace leat::base

namespace leat {
using base::Clock;
using base::Random;
}  // namespace leat
