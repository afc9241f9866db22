// What the host brings along: functions with user_data and destroy. Each is wrapped in an object whose destructor is
// the one place that runs destroy, so it runs exactly once however the call that took it ends.
#pragma once
#include <leat/leat.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.hpp"
#include "base/result.hpp"

// What a callback is asked; on the stack of the thread that asks.
struct leat_call {
    std::string_view name, input;
    int64_t id = 0, attempt = 0;
    std::string answer, failure;
};

namespace leat::capi {

struct EngineBox;

class HostData {
 public:
    using Destroy = void (*)(void*);
    HostData() = default;
    HostData(void* user_data, Destroy destroy) : user_data_(user_data), destroy_(destroy) {}
    HostData(HostData&& other) noexcept
        : user_data_(other.user_data_), destroy_(std::exchange(other.destroy_, nullptr)) {}
    HostData& operator=(HostData&&) = delete;
    ~HostData() {
        if (destroy_ != nullptr) destroy_(user_data_);
    }
    void* get() const { return user_data_; }

 private:
    void* user_data_ = nullptr;
    Destroy destroy_ = nullptr;
};

class HostClock final : public Clock {
 public:
    HostClock(int64_t (*now)(void*), HostData data) : now_(now), data_(std::move(data)) {}
    int64_t now_us() override { return now_(data_.get()); }

 private:
    int64_t (*now_)(void*);
    HostData data_;
};

class HostRandom final : public Random {
 public:
    HostRandom(void (*fill_bytes)(void*, void*, size_t), HostData data) : fill_(fill_bytes), data_(std::move(data)) {}
    void fill(void* data, size_t size) override { fill_(data_.get(), data, size); }

 private:
    void (*fill_)(void*, void*, size_t);
    HostData data_;
};

// A callback of one engine, or of none (box nullptr: a program's file reader).
class HostCallback {
 public:
    HostCallback(leat_call_fn run, HostData data, const EngineBox* box)
        : run_(run), data_(std::move(data)), box_(box) {}
    // Runs it on this thread. The answer, or the error that it reported: status host, code "host.failed"; its own
    // status when that was LEAT_E_NOT_FOUND.
    Result<std::string> ask(leat_call& call) const;

 private:
    leat_call_fn run_;
    HostData data_;
    const EngineBox* box_;
};

// Is this thread inside a callback of that engine?
bool in_callback(const EngineBox* box);

}  // namespace leat::capi
