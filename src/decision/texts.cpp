#include "decision/texts.hpp"

namespace leat::decision {

int64_t Texts::add(std::string_view text) {
    if (int64_t known = find(text); known != kNone) return known;
    texts_.push_back(text);
    if (texts_.size() * 2 > slots_.size())
        grow();
    else
        place(texts_.size() - 1);
    return static_cast<int64_t>(texts_.size() - 1);
}

void Texts::place(size_t number) {
    std::string_view text = texts_[number];
    uint64_t head = head_of(text);
    size_t at = hash(text, head) & mask_;
    while (slots_[at].number != 0) at = (at + 1) & mask_;
    slots_[at] = {head, static_cast<uint32_t>(text.size()), static_cast<uint32_t>(number + 1)};
}

void Texts::grow() {
    size_t size = slots_.empty() ? 16 : slots_.size() * 2;
    slots_.assign(size, {});
    mask_ = size - 1;
    for (size_t number = 0; number < texts_.size(); ++number) place(number);
}

}  // namespace leat::decision
