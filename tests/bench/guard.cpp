// A guard on a bound record through the C ABI against the same condition in C++ over a map record (field name to value,
// doubles), which is how a host without an engine would write it.
#include <leat/leat.hpp>

#include <random>
#include <string>
#include <unordered_map>
#include <variant>

#include "measure.hpp"

namespace {

constexpr const char* kDefinitions = R"(
leat: 1
app: bench
language: en
---
entity: deal
fields: {amount: {type: money}, discount: {type: decimal, scale: 4}, region: {type: string}}
)";

using Field = std::variant<std::monostate, bool, double, std::string>;
using Record = std::unordered_map<std::string, Field>;

}  // namespace

int main(int argc, char** argv) {
    const bool quick = leat::bench::quick(argc, argv);
    constexpr int kRecords = 1000;
    auto program = leat::Program::load({{"bench.yaml", kDefinitions}});
    uint32_t entity = program.entity_id("deal");
    uint32_t amount = program.field_id(entity, "amount"), discount = program.field_id(entity, "discount"),
             region = program.field_id(entity, "region");
    leat_guard* guard = nullptr;
    leat::detail::check([&](leat_error** error) {
        return leat_guard_new(&guard, program.get(), entity,
                              leat_str_of("amount > 500000 and discount > 0.2 and region in (\"East\", \"South\")"),
                              error);
    });
    const char* regions[] = {"East", "South", "West", "North"};
    std::mt19937 random(7);
    std::vector<Record> records;
    std::vector<leat_frame*> frames;
    for (int i = 0; i < kRecords; ++i) {
        auto cents = static_cast<int64_t>(random() % 100'000'000);
        auto ratio = static_cast<int64_t>(random() % 5000);
        const char* name = regions[random() % 4];
        records.push_back({{"amount", static_cast<double>(cents) / 100},
                           {"discount", static_cast<double>(ratio) / 10000},
                           {"region", std::string(name)}});
        leat_frame* frame = nullptr;
        leat::detail::check([&](leat_error** error) { return leat_frame_new(&frame, program.get(), entity, error); });
        leat_value values[] = {leat_value_decimal(cents, 2), leat_value_decimal(ratio, 4),
                               leat_value_string(leat_str_of(name))};
        uint32_t fields[] = {amount, discount, region};
        for (int f = 0; f < 3; ++f)
            leat::detail::check(
                [&](leat_error** error) { return leat_frame_set(frame, fields[f], &values[f], error); });
        frames.push_back(frame);
    }
    auto native = [](const Record& record) {
        if (!(std::get<double>(record.find("amount")->second) > 500000) ||
            !(std::get<double>(record.find("discount")->second) > 0.2))
            return false;
        const auto& where = std::get<std::string>(record.find("region")->second);
        return where == "East" || where == "South";
    };
    const long rounds = quick ? 1 : 2000;
    volatile long sink = 0;
    std::vector<leat::bench::Side> sides(2);
    sides[0].engine = "leat";
    sides[0].run = [&] {
        int32_t truth = 0;
        for (long r = 0; r < rounds; ++r)
            for (auto* frame : frames) {
                if (leat_guard_eval(&truth, guard, frame, nullptr) != LEAT_OK) ++sides[0].wrong;
                sink = sink + (truth == LEAT_TRUTH_YES);
            }
    };
    sides[1].engine = "c++-on-map-record";
    sides[1].run = [&] {
        for (long r = 0; r < rounds; ++r)
            for (const auto& record : records) sink = sink + native(record);
    };
    for (int i = 0; i < kRecords; ++i) {
        int32_t truth = 0;
        leat_guard_eval(&truth, guard, frames[static_cast<size_t>(i)], nullptr);
        if ((truth == LEAT_TRUTH_YES) != native(records[static_cast<size_t>(i)])) ++sides[0].wrong;
    }
    leat::bench::measure("guard", rounds * kRecords, quick ? 1 : 5, sides, leat::bench::cpu_seconds);
    leat::bench::print_ratio("guard", sides[0], sides[1]);
    for (auto* frame : frames) leat_frame_free(frame);
    leat_guard_free(guard);
    return sides[0].wrong ? 1 : 0;
}
