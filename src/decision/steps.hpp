// Where a key lies among ascending starts. Inside this room only.
//
// A guide cuts the axis into equal slots and remembers which starts each holds, so that the search is over one or two
// of them instead of all, however many there are. Starts without gaps, as of numbered texts, need no search.
#pragma once
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace leat::decision {

class Steps {
 public:
    Steps() = default;
    explicit Steps(std::vector<int64_t> ascending) { make(std::move(ascending)); }

    // How many starts are not above the key.
    uint32_t piece(int64_t key) const {
        if (count_ == 0 || key < first_) return 0;
        uint64_t slot = (static_cast<uint64_t>(key) - static_cast<uint64_t>(first_)) >> shift_;
        if (slot >= slots_) return count_;
        if (guide_.empty()) return static_cast<uint32_t>(slot) + 1;
        uint32_t low = guide_[slot], size = guide_[slot + 1] - low;
        for (; size > 4; size -= size / 2) {
            uint32_t half = size / 2;
            if (starts_[low + half - 1] <= key) low += half;
        }
        while (size > 0 && starts_[low] <= key) ++low, --size;
        return low;
    }
    uint32_t count() const { return count_; }
    size_t bytes() const { return starts_.size() * sizeof(int64_t) + guide_.size() * sizeof(uint32_t); }

 private:
    void make(std::vector<int64_t> ascending);
    int64_t first_ = 0;
    uint64_t slots_ = 0;  // beyond them: after all starts
    uint32_t shift_ = 0, count_ = 0;
    std::vector<int64_t> starts_;  // empty, as the guide, where the starts have no gaps
    std::vector<uint32_t> guide_;  // a slot's first start; one more at the end
};

}  // namespace leat::decision
