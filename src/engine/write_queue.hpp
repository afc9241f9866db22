// The fair queue of an engine's writers: tickets, served in order (SEMANTICS 3).
#pragma once
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace leat::engine {

class WriteQueue {
 public:
    void lock() {
        std::unique_lock<std::mutex> guard(mutex_);
        uint64_t mine = next_++;
        turn_.wait(guard, [&] { return serving_ == mine; });
    }
    void unlock() {
        {
            std::lock_guard<std::mutex> guard(mutex_);
            ++serving_;
        }
        turn_.notify_all();
    }

 private:
    std::mutex mutex_;
    std::condition_variable turn_;
    uint64_t next_ = 0, serving_ = 0;
};

}  // namespace leat::engine
