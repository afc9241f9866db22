// A column cut into pieces within which no cell changes its mind. Inside this room only.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "decision/column.hpp"
#include "decision/index.hpp"

namespace leat::decision {

struct PieceRange {
    uint32_t first = 0, last = 0;  // closed
};

// The values that a column may have, null aside: those of its type that its allowed values hold. Where constants say
// nothing (no cell compares with one), all of them are one piece.
class Pieces {
 public:
    explicit Pieces(const Column& column);

    uint32_t count() const { return static_cast<uint32_t>(pieces_.size()); }
    // Where a cell holds, ascending; of a formula and of `-` everywhere.
    const std::vector<PieceRange>& of(uint32_t cell) const { return ranges_[cell]; }
    bool certain(uint32_t cell) const { return column_.cell(cell).kind != Cell::Kind::machine; }
    // A value of that piece as FEEL text.
    std::string witness(uint32_t piece) const;
    // A value that the cell names, whole or in part, and that the column does not allow; "" when there is none.
    std::string outside(uint32_t cell) const;
    // Whether the allowed values are a formula, which nothing here knows.
    bool unknown_domain() const { return unknown_domain_; }

 private:
    void find_step();
    std::vector<Interval> domain_of_type() const;
    bool holds_value(const Interval& interval) const;
    std::string text_of(const Interval& interval) const;
    std::string number_text(const Interval& interval) const;
    std::string other_text() const;

    const Column& column_;
    std::vector<Interval> pieces_;
    std::vector<std::vector<PieceRange>> ranges_;  // by cell
    int64_t step_ = 1;                             // of numbers: keys of values of the column's type are its multiples
    bool unknown_domain_ = false;
};

}  // namespace leat::decision
