// The texts that a column's cells name, numbered. Inside this room only.
//
// Open addressing, because an input is looked up once a decision and a standard map spends more on that than all else.
#pragma once
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace leat::decision {

class Texts {
 public:
    static constexpr int64_t kNone = -1;

    // The number of the text, from 0; kNone for one that was never added.
    int64_t find(std::string_view text) const {
        if (texts_.empty()) return kNone;
        uint64_t head = head_of(text), mixed = hash(text, head);
        auto size = static_cast<uint32_t>(text.size());
        for (size_t at = mixed & mask_;; at = (at + 1) & mask_) {
            const Slot& slot = slots_[at];
            if (slot.number == 0) return kNone;
            if (slot.head != head || slot.size != size) continue;
            // A short text is its head.
            if (size <= 8 || std::memcmp(texts_[slot.number - 1].data(), text.data(), size) == 0)
                return slot.number - 1;
        }
    }
    // The text must outlive this.
    int64_t add(std::string_view text);
    // Room for so many without growing.
    void reserve(size_t count);
    std::string_view operator[](size_t number) const { return texts_[number]; }
    size_t size() const { return texts_.size(); }
    size_t index_bytes() const { return slots_.size() * sizeof(Slot); }
    size_t bytes() const { return texts_.size() * sizeof(std::string_view); }  // of the list of texts

 private:
    struct Slot {
        uint64_t head = 0;
        uint32_t size = 0;
        uint32_t number = 0;  // plus one; 0: free
    };
    template <class Word>
    static uint64_t load(const char* data) {
        Word bits;
        std::memcpy(&bits, data, sizeof bits);
        return bits;
    }
    // The first eight bytes; of a shorter text all of them, in loads that may overlap.
    static uint64_t head_of(std::string_view text) {
        const char* data = text.data();
        size_t size = text.size();
        if (size >= 8) return load<uint64_t>(data);
        if (size >= 4) return load<uint32_t>(data) | load<uint32_t>(data + size - 4) << 32;
        if (size == 0) return 0;
        return load<uint8_t>(data) | load<uint8_t>(data + size / 2) << 8 | load<uint8_t>(data + size - 1) << 16;
    }
    static uint64_t mix(uint64_t a, uint64_t b) {
        auto product = static_cast<unsigned __int128>(a ^ 0x9e3779b97f4a7c15u) * (b ^ 0xe7037ed1a0b428dbu);
        return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
    }
    static uint64_t hash(std::string_view text, uint64_t head) {
        uint64_t state = mix(head, text.size());
        for (size_t at = 8; at < text.size(); at += 8) {
            // The last one reaches back.
            size_t from = at + 8 <= text.size() ? at : text.size() - 8;
            state = mix(state, load<uint64_t>(text.data() + from));
        }
        return state;
    }
    void resize(size_t slots);
    void place(size_t number);

    std::vector<Slot> slots_;
    size_t mask_ = 0;
    std::vector<std::string_view> texts_;
};

}  // namespace leat::decision
