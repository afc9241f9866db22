#include "decision/steps.hpp"

namespace leat::decision {

namespace {
constexpr uint64_t kSlotsOfStart = 4;  // most slots then hold no start, which the search need not look at
constexpr uint32_t kFew = 64;          // starts that are few have a slot each: small tables stay small
}  // namespace

void Steps::make(std::vector<int64_t> ascending) {
    if (ascending.empty()) return;
    count_ = static_cast<uint32_t>(ascending.size());
    first_ = ascending.front();
    auto first = static_cast<uint64_t>(first_);
    uint64_t span = static_cast<uint64_t>(ascending.back()) - first;
    if (span + 1 == count_) {
        slots_ = count_;
        return;
    }
    starts_ = std::move(ascending);
    const uint64_t slots_max = count_ > kFew ? kSlotsOfStart * count_ : count_;
    while (span >> shift_ >= slots_max) ++shift_;
    slots_ = (span >> shift_) + 1;
    guide_.assign(slots_ + 1, 0);
    for (int64_t start : starts_) ++guide_[((static_cast<uint64_t>(start) - first) >> shift_) + 1];
    for (size_t slot = 1; slot < guide_.size(); ++slot) guide_[slot] += guide_[slot - 1];
}

}  // namespace leat::decision
