#include "decision/texts.hpp"

namespace leat::decision {

int64_t Texts::add(std::string_view text) {
    if (int64_t known = find(text); known != kNone) return known;
    if ((texts_.size() + 1) * 2 > slots_.size()) grow();
    texts_.push_back(text);
    uint64_t mixed = hash(text);
    size_t at = mixed & mask_;
    while (slots_[at].number != 0) at = (at + 1) & mask_;
    slots_[at] = {static_cast<uint32_t>(mixed >> 32), static_cast<uint32_t>(texts_.size())};
    return static_cast<int64_t>(texts_.size() - 1);
}

void Texts::grow() {
    std::vector<Slot> old(slots_.empty() ? 16 : slots_.size() * 2);
    old.swap(slots_);
    mask_ = slots_.size() - 1;
    for (size_t number = 0; number < texts_.size(); ++number) {
        uint64_t mixed = hash(texts_[number]);
        size_t at = mixed & mask_;
        while (slots_[at].number != 0) at = (at + 1) & mask_;
        slots_[at] = {static_cast<uint32_t>(mixed >> 32), static_cast<uint32_t>(number + 1)};
    }
}

}  // namespace leat::decision
