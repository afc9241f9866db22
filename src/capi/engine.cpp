#include "engine/engine.hpp"

#include <pthread.h>

#include <algorithm>
#include <atomic>

#include <fmt/format.h>

#include "capi/capi.hpp"

namespace leat::capi {

namespace {

constexpr uint64_t kEngineFlags =
    LEAT_ENGINE_READ_ONLY | LEAT_ENGINE_FULL_DURABILITY | LEAT_ENGINE_NO_DEPLOY | LEAT_ENGINE_NO_CREATE;

std::atomic<uint64_t> forks{0};

// Counting in the child costs a command one load where asking for the process id would cost it a system call.
void watch_forks() {
    static const int registered =
        pthread_atfork(nullptr, nullptr, [] { forks.fetch_add(1, std::memory_order_relaxed); });
    if (registered != 0) throw std::bad_alloc();  // its only failure
}

template <class T>
void limit(T& place, uint64_t value) {
    if (value != 0)
        place = static_cast<T>(std::min<uint64_t>(value, static_cast<uint64_t>(std::numeric_limits<T>::max())));
}

engine::Options to_options(const leat_engine_options& given, EngineBox& box) {
    if ((given.flags & ~kEngineFlags) != 0) throw ArgumentError("usage.flags", "unknown flags in the engine's options");
    engine::Options options;
    options.joined = static_cast<sqlite3*>(given.joined_sqlite3);
    options.store.path = text(given.store_path, "store_path");
    if (options.store.path.empty() == (options.joined == nullptr)) {
        throw ArgumentError("usage.store_path", "set either store_path or joined_sqlite3");
    }
    options.store.read_only = (given.flags & LEAT_ENGINE_READ_ONLY) != 0;
    options.store.create = (given.flags & (LEAT_ENGINE_NO_CREATE | LEAT_ENGINE_READ_ONLY)) == 0;
    if ((given.flags & LEAT_ENGINE_FULL_DURABILITY) != 0) options.store.durability = store::Durability::full;
    options.deploy_first = (given.flags & LEAT_ENGINE_NO_DEPLOY) == 0;
    limit(options.store.busy_timeout_ms, given.busy_timeout_ms);
    limit(options.limits.steps_max, given.eval_steps_max);
    limit(options.limits.records_max, given.records_max);
    limit(options.limits.microsteps_max, given.microsteps_max);
    limit(options.limits.rounds_max, given.rounds_max);
    limit(options.limits.memory_bytes_max, given.memory_bytes_max);
    limit(options.limits.depth_max, given.depth_max);
    limit(options.limits.input_bytes_max, given.input_bytes_max);
    limit(options.limits.list_items_max, given.list_items_max);
    options.language = text(given.language, "language");
    options.files_folder = text(given.files_folder, "files_folder");
    box.limits = options.limits;
    options.clock = box.clock.get();
    options.random = box.random.get();
    return options;
}

// From here on destroy of clock and random is the box's duty; what is wrong with the structs is told afterwards.
void take_sources(const leat_engine_options& given, EngineBox& box) {
    auto clock = read_struct(given.clock, "clock");
    HostData clock_data(clock.user_data, clock.destroy);
    auto random = read_struct(given.random, "random");
    HostData random_data(random.user_data, random.destroy);
    if (given.clock != nullptr) box.clock = std::make_unique<HostClock>(clock.now_us, std::move(clock_data));
    if (given.random != nullptr) box.random = std::make_unique<HostRandom>(random.fill, std::move(random_data));
    refuse_unknown(given.clock, sizeof clock, "clock");
    refuse_unknown(given.random, sizeof random, "random");
    if (given.clock != nullptr && clock.now_us == nullptr) throw ArgumentError("usage.null", "'clock' needs now_us");
    if (given.random != nullptr && random.fill == nullptr) throw ArgumentError("usage.null", "'random' needs fill");
}

}  // namespace

uint64_t fork_count() {
    return forks.load(std::memory_order_relaxed);
}
bool forked(const EngineBox& box) {
    return box.forks != fork_count();
}

namespace {

void check(const EngineBox& box) {
    if (forked(box))
        throw ArgumentError("engine.forked", "this engine was opened before fork(); a child opens its own");
    if (in_callback(&box)) {
        throw ArgumentError("engine.in_callback",
                            "a callback may not use the engine that calls it; do it after the callback has returned");
    }
}

}  // namespace

std::shared_ptr<EngineBox> enter(const leat_engine* engine) {
    std::shared_ptr<EngineBox> box = required(engine, "engine").box;
    check(*box);
    return box;
}

engine::Session& enter(leat_session* session) {
    leat_session& handle = required(session, "session");
    check(*handle.box);
    return *handle.session;
}

std::string_view input(const EngineBox& box, leat_str view, const char* name) {
    if (view.size > box.limits.input_bytes_max) {
        throw Failure(Status::limit, "limit.input",
                      fmt::format("'{}' has {} bytes; the limit is {}", name, view.size, box.limits.input_bytes_max));
    }
    std::string_view json = text(view, name);
    uint64_t depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < json.size(); ++i) {
        char c = json[i];
        if (c == '\\') {
            ++i;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (!quoted && (c == '{' || c == '[') && ++depth > box.limits.depth_max) {
            throw Failure(Status::limit, "limit.depth",
                          fmt::format("'{}' is nested more than {} levels deep", name, box.limits.depth_max));
        } else if (!quoted && (c == '}' || c == ']') && depth > 0) {
            --depth;
        }
    }
    return json;
}

}  // namespace leat::capi

using namespace leat::capi;
using leat::Result;

extern "C" {

LEAT_API leat_status leat_engine_open(leat_engine** out, const leat_program* program,
                                      const leat_engine_options* options, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto given = read_struct(&required(options, "options"), "options");
        auto box = std::make_shared<EngineBox>();
        take_sources(given, *box);
        auto& place = cleared(out);
        refuse_unknown(options, sizeof given, "options");
        watch_forks();
        box->forks = fork_count();
        auto handle = std::make_unique<leat_engine>();
        LEAT_TRY(box->engine,
                 leat::engine::Engine::open(program == nullptr ? nullptr : program->program, to_options(given, *box)));
        handle->box = std::move(box);
        place = handle.release();
        return {};
    });
}

LEAT_API void leat_engine_free(leat_engine* engine) {
    if (engine == nullptr) return;
    // Closing SQLite in a child would remove the parent's log file under it.
    if (forked(*engine->box)) new (std::nothrow) std::shared_ptr<EngineBox>(engine->box);
    delete engine;
}

LEAT_API leat_status leat_engine_program(leat_program** out, const leat_engine* engine, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        place = wrap(required(engine, "engine").box->engine->shared_program(), "").release();
        return {};
    });
}

LEAT_API leat_status leat_engine_on_function(leat_engine* engine, leat_str name, leat_call_fn run, void* user_data,
                                             void (*destroy)(void*), leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        HostData data(user_data, destroy);
        auto box = enter(engine);
        auto callback = std::make_shared<HostCallback>(run, std::move(data), box.get());
        std::string called(required_text(name, "name"));
        if (run == nullptr) throw ArgumentError("usage.null", "'run' must not be NULL");
        return box->engine->on_function(called, [callback, called](std::string_view arguments) -> Result<std::string> {
            leat_call call;
            call.name = called;
            call.input = arguments;
            call.answer = "null";
            return callback->ask(call);
        });
    });
}

LEAT_API leat_status leat_engine_on_delivery(leat_engine* engine, leat_str topic, leat_call_fn run, void* user_data,
                                             void (*destroy)(void*), leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        HostData data(user_data, destroy);
        auto box = enter(engine);
        auto callback = std::make_shared<HostCallback>(run, std::move(data), box.get());
        std::string_view called = required_text(topic, "topic");
        if (run == nullptr) throw ArgumentError("usage.null", "'run' must not be NULL");
        return box->engine->on_delivery(called,
                                        [callback](const leat::engine::Delivery& delivery) -> Result<std::string> {
                                            leat_call call;
                                            call.name = delivery.topic;
                                            call.input = delivery.payload;
                                            call.id = delivery.id;
                                            call.attempt = delivery.attempt;
                                            return callback->ask(call);
                                        });
    });
}

}  // extern "C"
