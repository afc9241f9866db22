// Small tables: which rows match, all at once. Inside this room only.
//
// Every column is cut where a cell changes its mind; each piece has a word of 64 bits that says which rows hold there.
// The rows that match an input are the words of its pieces, joined by "and".
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "decision/column.hpp"
#include "decision/index.hpp"
#include "decision/steps.hpp"

namespace leat::decision {

// Where the cells of a column begin and end, ascending.
std::vector<int64_t> starts_of(const Column& column);

class RowMasks {
 public:
    static constexpr uint32_t kRowsMax = 64;

    void build(const Grid& grid, const std::vector<Column>& columns, const std::vector<uint32_t>& order);
    bool usable() const { return usable_; }
    // The rows that match, as bits; a key per column. Where a row is in unsure(), its formulas have not been asked.
    uint64_t rows(const Key* keys) const;
    uint64_t unsure() const { return unsure_; }
    size_t bytes() const {
        size_t bytes = masks_.size() * sizeof(uint64_t);
        for (const Part& part : parts_) bytes += sizeof(Part) + part.steps.bytes();
        return bytes;
    }

 private:
    struct Part {
        uint32_t column;
        uint32_t masks;  // where its own begin, one a piece
        bool texts;      // keys are small numbers from -1: no search
        uint64_t null, other;
        Steps steps;
    };
    bool usable_ = false;
    uint64_t every_ = 0, unsure_ = 0;
    std::vector<Part> parts_;  // of columns that tell rows apart, the telling ones first
    std::vector<uint64_t> masks_;
};

inline uint64_t RowMasks::rows(const Key* keys) const {
    uint64_t rows = every_;
    for (const Part& part : parts_) {
        const Key& key = keys[part.column];
        if (key.state == Key::State::key) {
            uint32_t piece = part.texts ? static_cast<uint32_t>(key.key + 1) : part.steps.piece(key.key);
            rows &= masks_[part.masks + piece];
        } else {
            rows &= key.state == Key::State::null ? part.null : part.other;
        }
    }
    return rows;
}

}  // namespace leat::decision
