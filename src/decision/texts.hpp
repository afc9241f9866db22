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
        uint64_t mixed = hash(text);
        auto mark = static_cast<uint32_t>(mixed >> 32);
        for (size_t at = mixed & mask_;; at = (at + 1) & mask_) {
            const Slot& slot = slots_[at];
            if (slot.number == 0) return kNone;
            if (slot.mark == mark && same(texts_[slot.number - 1], text)) return slot.number - 1;
        }
    }
    // The text must outlive this.
    int64_t add(std::string_view text);
    std::string_view operator[](size_t number) const { return texts_[number]; }
    size_t size() const { return texts_.size(); }
    size_t bytes() const { return slots_.size() * sizeof(Slot) + texts_.size() * sizeof(std::string_view); }

 private:
    struct Slot {
        uint32_t mark = 0;
        uint32_t number = 0;  // plus one; 0: free
    };
    static uint64_t load(const char* data, size_t size) {
        uint64_t bits = 0;
        std::memcpy(&bits, data, size);
        return bits;
    }
    // Most texts are short: two loads that may overlap, no call.
    static bool same(std::string_view a, std::string_view b) {
        size_t size = a.size();
        if (size != b.size()) return false;
        if (size == 0) return true;
        if (size > 16) return std::memcmp(a.data(), b.data(), size) == 0;
        if (size >= 8)
            return load(a.data(), 8) == load(b.data(), 8) &&
                   load(a.data() + size - 8, 8) == load(b.data() + size - 8, 8);
        if (size >= 4)
            return load(a.data(), 4) == load(b.data(), 4) &&
                   load(a.data() + size - 4, 4) == load(b.data() + size - 4, 4);
        return a[0] == b[0] && a[size / 2] == b[size / 2] && a[size - 1] == b[size - 1];
    }
    static uint64_t mix(uint64_t a, uint64_t b) {
        auto product = static_cast<unsigned __int128>(a ^ 0x9e3779b97f4a7c15u) * (b ^ 0xe7037ed1a0b428dbu);
        return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
    }
    static uint64_t hash(std::string_view text);
    void grow();

    std::vector<Slot> slots_;
    size_t mask_ = 0;
    std::vector<std::string_view> texts_;
};

// Short texts in one step: the first and the last bytes, which may overlap.
inline uint64_t Texts::hash(std::string_view text) {
    const char* data = text.data();
    size_t size = text.size();
    if (size <= 16) {
        if (size >= 8) return mix(load(data, 8) ^ size, load(data + size - 8, 8));
        if (size >= 4) return mix(load(data, 4) ^ size, load(data + size - 4, 4));
        if (size == 0) return mix(0, 0);
        uint64_t bits = static_cast<uint64_t>(static_cast<unsigned char>(data[0])) << 16 |
                        static_cast<uint64_t>(static_cast<unsigned char>(data[size / 2])) << 8 |
                        static_cast<unsigned char>(data[size - 1]);
        return mix(bits ^ size, bits);
    }
    uint64_t state = size;
    size_t at = 0;
    for (; at + 16 <= size; at += 16) state = mix(state ^ load(data + at, 8), load(data + at + 8, 8));
    return mix(state ^ load(data + size - 16, 8), load(data + size - 8, 8));
}

}  // namespace leat::decision
