#include <fmt/format.h>

#include "capi/capi.hpp"

namespace leat::capi {

namespace {

// The callbacks that run on this thread, innermost first.
struct Running {
    const EngineBox* box;
    const Running* outer;
};
thread_local const Running* running = nullptr;

class Enter {
 public:
    explicit Enter(const EngineBox* box) : entry_{box, running} { running = &entry_; }
    ~Enter() { running = entry_.outer; }
    Enter(const Enter&) = delete;

 private:
    Running entry_;
};

}  // namespace

bool in_callback(const EngineBox* box) {
    for (const Running* entry = running; entry != nullptr; entry = entry->outer)
        if (entry->box == box) return true;
    return false;
}

Result<std::string> HostCallback::ask(leat_call& call) const {
    leat_status status = LEAT_E_HOST;
    try {
        Enter inside(box_);
        status = run_(data_.get(), &call);
    } catch (const std::exception& e) {  // a C++ host that forgot: its message is worth keeping
        call.failure = e.what();
    } catch (...) {
        call.failure = "it threw an exception of an unknown type";
    }
    if (status == LEAT_OK) return std::move(call.answer);
    std::string reason = call.failure.empty() ? fmt::format("status {}", status) : call.failure;
    Status kept = status == LEAT_E_NOT_FOUND ? Status::not_found : Status::host;
    return make_error(kept, "host.failed", fmt::format("the host's callback for '{}' failed: {}", call.name, reason));
}

}  // namespace leat::capi

using leat::capi::lend;

extern "C" {

LEAT_API leat_str leat_call_name(const leat_call* call) {
    return call == nullptr ? leat_str{"", 0} : lend(call->name);
}
LEAT_API leat_str leat_call_input(const leat_call* call) {
    return call == nullptr ? leat_str{"", 0} : lend(call->input);
}
LEAT_API int64_t leat_call_id(const leat_call* call) {
    return call == nullptr ? 0 : call->id;
}
LEAT_API int64_t leat_call_attempt(const leat_call* call) {
    return call == nullptr ? 0 : call->attempt;
}

LEAT_API leat_status leat_call_answer(leat_call* call, leat_str answer) {
    return leat::capi::guard(nullptr, [&]() -> leat::Result<void> {
        leat::capi::required(call, "call").answer = leat::capi::text(answer, "answer");
        return {};
    });
}

LEAT_API leat_status leat_call_fail(leat_call* call, leat_str message) {
    leat_status status = leat::capi::guard(nullptr, [&]() -> leat::Result<void> {
        leat::capi::required(call, "call").failure = leat::capi::text(message, "message");
        return {};
    });
    return status == LEAT_OK ? static_cast<leat_status>(LEAT_E_HOST) : status;
}

}  // extern "C"
