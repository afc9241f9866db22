#include "decision/texts.hpp"

#include <bit>

namespace leat::decision {

namespace {
constexpr size_t kSlotsMin = 4;
constexpr size_t kFew = 64;  // slots of small tables are filled more: there speed is the same, and memory is not

// How many texts so many slots are for.
size_t room_of(size_t slots) {
    return slots <= kFew ? slots / 4 * 3 : slots / 2;
}

}  // namespace

int64_t Texts::add(std::string_view text) {
    if (int64_t known = find(text); known != kNone) return known;
    texts_.push_back(text);
    if (texts_.size() > room_of(slots_.size()))
        resize(slots_.empty() ? kSlotsMin : slots_.size() * 2);
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

void Texts::reserve(size_t count) {
    texts_.reserve(count);
    if (count > room_of(slots_.size())) resize(std::bit_ceil(count * 2));
}

void Texts::resize(size_t slots) {
    slots_.assign(slots, {});
    mask_ = slots - 1;
    for (size_t number = 0; number < texts_.size(); ++number) place(number);
}

}  // namespace leat::decision
