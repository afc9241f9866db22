// Large tables: one row against an input, within one or two cache lines. Inside this room only.
//
// A row is a few words side by side. Columns with few distinct borders share one word: each of their pieces has a bit,
// set where the row's cell holds, and an input sets one bit a column, so that all of them are compared at once. Other
// columns have the low and the high key of their cell, or, where cells are single texts, its number.
#pragma once
#include <cstdint>
#include <vector>

#include "decision/column.hpp"
#include "decision/index.hpp"
#include "decision/steps.hpp"

namespace leat::decision {

enum class Verdict : uint8_t { no, yes, ask };  // ask: what the words hold fits, but a cell needs a closer look

class Probe {
 public:
    static constexpr size_t kColumnsMax = 16;  // in words of their own; with more of them the table does without

    void build(const Grid& grid, const std::vector<Column>& columns, const std::vector<uint32_t>& order);
    bool usable() const { return stride_ != 0; }
    size_t bytes() const { return words_.size() * sizeof(uint64_t); }

    struct Input {
        uint64_t bits = 0;
        int64_t spans[kColumnsMax];
        uint32_t points[kColumnsMax];
    };
    // False where an input is null or of another kind in a column that has no bits for that: then each cell is asked.
    bool prepare(const Key* keys, Input& out) const;
    Verdict row(uint32_t row, const Input& input) const;

 private:
    static constexpr uint64_t kAsk = uint64_t{1} << 63;
    static constexpr uint32_t kAnyPoint = UINT32_MAX;

    struct Bits {
        uint32_t column;
        uint32_t first;  // its lowest bit: below all starts; then one a start, then null, then other
        Steps steps;
    };
    void fill_bits(const Grid& grid, const Column& column, const Bits& bits);

    std::vector<Bits> bits_;
    std::vector<uint32_t> spans_, points_;  // columns
    std::vector<uint64_t> words_;
    size_t stride_ = 0;
};

inline Verdict Probe::row(uint32_t row, const Input& input) const {
    const uint64_t* word = words_.data() + size_t{row} * stride_;
    uint64_t bits = *word++;
    if ((bits & input.bits) != input.bits) return Verdict::no;
    for (size_t i = 0; i < spans_.size(); ++i, word += 2) {
        int64_t key = input.spans[i];
        if (key < static_cast<int64_t>(word[0]) || key > static_cast<int64_t>(word[1])) return Verdict::no;
    }
    for (size_t i = 0; i < points_.size(); ++i) {
        auto point = static_cast<uint32_t>(word[i / 2] >> (i % 2 * 32));
        if (point != kAnyPoint && point != input.points[i]) return Verdict::no;
    }
    return (bits & kAsk) != 0 ? Verdict::ask : Verdict::yes;
}

}  // namespace leat::decision
