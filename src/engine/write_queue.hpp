// The fair queue of an engine's writers: tickets, served in order (SEMANTICS 3).
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

namespace leat::engine {

class WriteQueue {
 public:
    void lock() {
        std::unique_lock<std::mutex> guard(mutex_);
        uint64_t mine = next_++;
        turn_.wait(guard, [&] { return serving_ == mine; });
        holder_ = std::this_thread::get_id();
    }
    void unlock() {
        {
            std::lock_guard<std::mutex> guard(mutex_);
            holder_ = std::thread::id();
            ++serving_;
        }
        turn_.notify_all();
    }
    // Whether this thread has the turn: waiting for it would never end.
    bool held_here() const { return holder_.load() == std::this_thread::get_id(); }

 private:
    std::mutex mutex_;
    std::condition_variable turn_;
    uint64_t next_ = 0, serving_ = 0;
    std::atomic<std::thread::id> holder_{};
};

}  // namespace leat::engine
