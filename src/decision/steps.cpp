#include "decision/steps.hpp"

namespace leat::decision {

void Steps::make_guide() {
    if (starts_.empty()) return;
    auto first = static_cast<uint64_t>(starts_.front());
    uint64_t span = static_cast<uint64_t>(starts_.back()) - first;
    while (span >> shift_ >= 2 * starts_.size()) ++shift_;
    guide_.assign((span >> shift_) + 2, 0);
    for (int64_t start : starts_) ++guide_[((static_cast<uint64_t>(start) - first) >> shift_) + 1];
    for (size_t slot = 1; slot < guide_.size(); ++slot) guide_[slot] += guide_[slot - 1];
}

}  // namespace leat::decision
