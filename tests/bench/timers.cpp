// A million instances with one timer each: made, pending, fired; in time and in processor time, which a shared machine
// leaves alone. What pending timers cost is the ratio of the same work without them and with them.
#include <fmt/format.h>
#include <leat/leat.hpp>

#include <cstdlib>
#include <filesystem>
#include <random>

#include "measure.hpp"

namespace {

constexpr const char* kDefinitions = R"(
leat: 1
app: bench
language: en
---
roles: {sales: Sales}
---
entity: lead
fields: {name: {type: string, required: true}, reminders: {type: integer, default: 0}}
---
entity: note
fields: {text: {type: string}}
---
flow: lead_flow
of: lead
field: stage
states:
  open:  {after: {PT24H: {target: stale, do: [{set: {reminders: = reminders + 1}}]}}}
  stale: {type: final}
)";

}  // namespace

int main(int argc, char** argv) {
    const bool quick = leat::bench::quick(argc, argv);
    const int64_t count = quick ? 2'000 : 1'000'000;
    constexpr int64_t kHourUs = 3'600'000'000;
    auto folder = std::filesystem::temp_directory_path() / fmt::format("leat-timers-{}", std::random_device{}());
    std::filesystem::create_directories(folder);
    bool right = true;
    {
        int64_t now = 1'767'225'600'000'000;
        auto program = leat::Program::load({{"bench.yaml", kDefinitions}});
        leat::EngineOptions options;
        options.path = (folder / "a.db").string();
        options.clock = [&now] { return now; };
        auto engine = leat::Engine::open(&program, options);
        auto session = engine.session("system");
        auto rate = [](const char* what, int64_t times, const auto& run) {
            double begin = leat::bench::seconds_now(), worked = leat::bench::cpu_seconds();
            run();
            double taken = leat::bench::seconds_now() - begin;
            worked = leat::bench::cpu_seconds() - worked;
            std::printf("%s,leat,%lld,%.0f a second, %.1f s; of processor time %.0f a second, %.1f s\n", what,
                        static_cast<long long>(times), static_cast<double>(times) / taken, taken,
                        static_cast<double>(times) / worked, worked);
            return worked;
        };
        // Notes have no timer: what they cost before the million and with it.
        const int64_t notes = quick ? 200 : 20'000;
        auto write_notes = [&] {
            for (int64_t i = 0; i < notes; ++i) session.create("note", R"({"text":"a note"})");
        };
        write_notes();  // warm
        double without = rate("notes_without_timers", notes, write_notes);
        rate("create_with_timer", count, [&] {
            for (int64_t i = 0; i < count; ++i) {
                if (i % 1000 == 0) session.begin();
                session.create("lead", R"({"name":"Lead"})");
                if (i % 1000 == 999 || i == count - 1) session.commit();
                now += 1'000;
            }
        });
        double with = rate("notes_with_pending_timers", notes, write_notes);
        std::printf("notes with %lld pending timers take %.2f times what they take without\n",
                    static_cast<long long>(count), with / without);
        const int64_t pumps = quick ? 1'000 : 100'000;
        rate("pump_with_nothing_due", pumps, [&] {
            for (int64_t i = 0; i < pumps; ++i) right = engine.run_due().fired == 0 && right;
        });
        now += 48 * kHourUs;
        int64_t fired = 0;
        rate("fire", count, [&] {
            for (;;) {
                leat_due_counts done = engine.run_due(1'000);
                fired += done.fired;
                if (!done.more) break;
            }
        });
        right = right && fired == count && !engine.next_due_us();
        std::string verified = engine.verify();
        std::printf("%s\n", verified.c_str());
        right = right && verified.find("\"ok\":true") != std::string::npos;
    }
    std::filesystem::remove_all(folder);
    return right ? 0 : 1;
}
