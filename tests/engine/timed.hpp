// A clock that is moved by hand, and a pump that runs until nothing is due.
#pragma once
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "engine/fixture.hpp"
#include "value/temporal.hpp"

namespace leat::test {

inline constexpr int64_t kSecond = 1'000'000, kMinute = 60 * kSecond, kHour = 60 * kMinute, kDay = 24 * kHour;

// A store's file, gone before and after.
struct ScratchFile {
    std::string path;
    explicit ScratchFile(const std::string& name)
        : path((std::filesystem::temp_directory_path() / fmt::format("leat-{}-{}.db", name, ::getpid())).string()) {
        remove();
    }
    ~ScratchFile() { remove(); }
    ScratchFile(const ScratchFile&) = delete;
    ScratchFile& operator=(const ScratchFile&) = delete;

 private:
    void remove() const {
        for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path + end);
    }
};

struct Timed : Fixture {
    using Fixture::Fixture;
    void to(const char* instant) {
        auto parsed = value::parse_instant(instant);
        REQUIRE(parsed);
        clock.now = *parsed;
    }
    engine::RunDue pump() {
        engine::RunDue all;
        for (;;) {
            auto done = engine->run_due(7);
            if (!done) FAIL(describe(done.error()));
            all.fired += done->fired;
            all.stale += done->stale;
            all.incidents += done->incidents;
            all.expired += done->expired;
            all.lateness_us_max = std::max(all.lateness_us_max, done->lateness_us_max);
            if (!done->more) return all;
        }
    }
    engine::RunDue after(int64_t microseconds) {
        clock.now += microseconds;
        return pump();
    }
    std::string make(const std::string& entity, const std::string& input = "{}") {
        return done(system->create(entity, input)).key;
    }
    void patch(const std::string& entity, const std::string& key, const std::string& input) {
        done(system->patch(entity, key, input));
    }
    void send(const std::string& entity, const std::string& key, const std::string& event,
              const std::string& input = "") {
        done(system->send(entity, key, event, input));
    }
    std::string next() {
        auto due = engine->next_due_us();
        REQUIRE(due);
        return *due ? value::format_instant(**due).substr(0, 16) : "none";
    }
    int64_t log_rows() { return engine->verify()->rows; }
};

}  // namespace leat::test
