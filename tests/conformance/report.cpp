#include "report.hpp"

#include <cstdio>

#include <fmt/format.h>

#include "base/json.hpp"

namespace leat::conformance {

namespace {

constexpr size_t kFailuresShown = 20;  // of a group

}  // namespace

uint64_t Group::skipped_total() const {
    uint64_t total = 0;
    for (const auto& reason : skipped) total += reason.second;
    return total;
}

Group& Report::group(const std::string& name) {
    for (Group& group : groups_) {
        if (group.name == name) return group;
    }
    groups_.push_back({});
    groups_.back().name = name;
    return groups_.back();
}

int Report::print() const {
    uint64_t passed = 0, failed = 0, skipped = 0;
    std::map<std::string, uint64_t> reasons;
    fmt::print("{:<32} {:>8} {:>8} {:>8}\n", "group", "passed", "failed", "skipped");
    for (const Group& group : groups_) {
        for (size_t i = 0; i < group.failures.size() && i < kFailuresShown; ++i)
            fmt::print("  FAILED {}\n", group.failures[i]);
        if (group.failures.size() > kFailuresShown)
            fmt::print("  … and {} more\n", group.failures.size() - kFailuresShown);
        fmt::print("{:<32} {:>8} {:>8} {:>8}\n", group.name, group.passed, group.failed, group.skipped_total());
        passed += group.passed;
        failed += group.failed;
        skipped += group.skipped_total();
        for (const auto& reason : group.skipped) reasons[reason.first] += reason.second;
    }
    if (!reasons.empty()) fmt::print("skipped because\n");
    for (const auto& reason : reasons) fmt::print("  {:>6}  {}\n", reason.second, reason.first);
    std::string json;
    base::JsonWriter writer(json);
    writer.begin_object().key("suite").string(suite_);
    writer.key("passed").number(static_cast<int64_t>(passed)).key("failed").number(static_cast<int64_t>(failed));
    writer.key("skipped").number(static_cast<int64_t>(skipped)).end_object();
    fmt::print("{}\n", json);
    return failed > 0 || passed == 0 ? 1 : 0;
}

}  // namespace leat::conformance
