// Large tables: one row against an input, within a cache line. Inside this room only.
//
// Columns with few distinct borders share a word of bits: each of their pieces has one, set where the row's cell holds,
// and an input sets one bit a column, so that all of them are compared at once. These words stand in the index, beside
// the rows it proposes. Other columns have the low and the high end of their cell, or, where cells are single texts,
// its number: a few words of 32 bits a row, side by side.
#pragma once
#include <cstdint>
#include <vector>

#include "decision/column.hpp"
#include "decision/grid.hpp"
#include "decision/steps.hpp"

namespace leat::decision {

enum class Verdict : uint8_t { no, yes, ask };  // ask: what the words hold fits, but a cell needs a closer look

// Keys of a column as 32 bits: in the same order, and a key lies within a cell just where its place lies within the
// cell's. They are distances from the lowest border where the borders are near enough, else numbers of pieces.
class Axis {
 public:
    explicit Axis(const Column& column);
    uint32_t place(int64_t key) const {
        if (ranked_) return steps_.piece(key);
        if (key < base_) return 0;
        uint64_t distance = static_cast<uint64_t>(key) - static_cast<uint64_t>(base_);
        return distance < kBeyond ? static_cast<uint32_t>(distance) : kBeyond;
    }
    uint32_t low_of(const Interval& cell) const { return cell.low == kLowest ? 0 : place(cell.low); }
    uint32_t high_of(const Interval& cell) const { return cell.high == kHighest ? UINT32_MAX : place(cell.high); }
    size_t bytes() const { return steps_.bytes(); }

 private:
    static constexpr uint32_t kBeyond = UINT32_MAX - 1;
    bool ranked_ = false;
    int64_t base_ = 0;
    Steps steps_;
};

class Probe {
 public:
    static constexpr size_t kColumnsMax = 16;  // in words of their own; with more of them the table does without
    static constexpr uint32_t kAsk = uint32_t{1} << 31;

    // Answers the bits of each row; empty where the table has to do without.
    std::vector<uint32_t> build(const Grid& grid, const std::vector<Column>& columns,
                                const std::vector<uint32_t>& order);
    bool usable() const { return usable_; }
    size_t bytes() const;

    struct Input {
        uint32_t bits = 0;
        uint32_t spans[kColumnsMax];
        uint32_t points[kColumnsMax];
    };
    // False where an input is null or of another kind in a column that has no bits for that: then each cell is asked.
    bool prepare(const Key* keys, Input& out) const;
    // Of a row with these bits.
    Verdict row(uint32_t row, uint32_t bits, const Input& input) const;

 private:
    static constexpr uint32_t kAnyPoint = UINT32_MAX;

    struct Bits {
        uint32_t column;
        uint32_t first;   // its lowest bit: below all starts; then one a start, then null, then other
        uint32_t pieces;  // where null's is
        bool texts;       // keys are small numbers from -1: no search
        Steps steps;
    };
    struct Span {
        uint32_t column;
        Axis axis;
    };
    void add_bits(const Grid& grid, const Column& column, const Bits& bits, const std::vector<int64_t>& starts,
                  std::vector<uint32_t>& rows) const;
    void fill_words(const Grid& grid, const std::vector<Column>& columns, std::vector<uint32_t>& rows);

    bool usable_ = false;
    std::vector<Bits> bits_;
    std::vector<Span> spans_;
    std::vector<uint32_t> points_;  // columns
    std::vector<uint32_t> words_;
    size_t stride_ = 0;
};

inline Verdict Probe::row(uint32_t row, uint32_t bits, const Input& input) const {
    if ((bits & input.bits) != input.bits) return Verdict::no;
    const uint32_t* word = words_.data() + size_t{row} * stride_;
    const size_t spans = spans_.size(), points = points_.size();
    for (size_t i = 0; i < spans; ++i, word += 2) {
        if (input.spans[i] < word[0] || input.spans[i] > word[1]) return Verdict::no;
    }
    for (size_t i = 0; i < points; ++i) {
        if (word[i] != kAnyPoint && word[i] != input.points[i]) return Verdict::no;
    }
    return (bits & kAsk) != 0 ? Verdict::ask : Verdict::yes;
}

inline bool Probe::prepare(const Key* keys, Input& out) const {
    uint32_t set = 0;
    for (const Bits& bits : bits_) {
        const Key& key = keys[bits.column];
        uint32_t place = bits.pieces + (key.state == Key::State::null ? 0 : 1);
        if (key.state == Key::State::key)
            place = bits.texts ? static_cast<uint32_t>(key.key + 1) : bits.steps.piece(key.key);
        set |= uint32_t{1} << (bits.first + place);
    }
    out.bits = set;
    for (size_t i = 0; i < spans_.size(); ++i) {
        const Key& key = keys[spans_[i].column];
        if (key.state != Key::State::key) return false;
        out.spans[i] = spans_[i].axis.place(key.key);
    }
    for (size_t i = 0; i < points_.size(); ++i) {
        const Key& key = keys[points_[i]];
        if (key.state != Key::State::key) return false;
        out.points[i] = key.key < 0 ? kAnyPoint - 1 : static_cast<uint32_t>(key.key);
    }
    return true;
}

}  // namespace leat::decision
