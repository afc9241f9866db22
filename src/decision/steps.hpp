// Where a key lies among ascending starts. Inside this room only.
//
// A guide cuts the axis into equal slots and remembers which starts each holds, so that the search is over one or two
// of them instead of all, however many there are.
#pragma once
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace leat::decision {

class Steps {
 public:
    Steps() = default;
    explicit Steps(std::vector<int64_t> ascending) : starts_(std::move(ascending)) { make_guide(); }

    // How many starts are not above the key.
    uint32_t piece(int64_t key) const {
        if (starts_.empty() || key < starts_[0]) return 0;
        uint64_t slot = (static_cast<uint64_t>(key) - static_cast<uint64_t>(starts_[0])) >> shift_;
        if (slot + 1 >= guide_.size()) return static_cast<uint32_t>(starts_.size());
        uint32_t low = guide_[slot], size = guide_[slot + 1] - low;
        for (; size > 4; size -= size / 2) {
            uint32_t half = size / 2;
            if (starts_[low + half - 1] <= key) low += half;
        }
        while (size > 0 && starts_[low] <= key) ++low, --size;
        return low;
    }
    const std::vector<int64_t>& starts() const { return starts_; }
    size_t bytes() const { return starts_.size() * sizeof(int64_t) + guide_.size() * sizeof(uint32_t); }

 private:
    void make_guide();
    std::vector<int64_t> starts_;
    std::vector<uint32_t> guide_;  // a slot's first start; one more at the end
    uint32_t shift_ = 0;
};

}  // namespace leat::decision
