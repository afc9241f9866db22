// One decision's inputs against the rows. Inside this room only.
#pragma once
#include <algorithm>
#include <cstdint>
#include <new>
#include <span>
#include <vector>

#include "decision/column.hpp"
#include "decision/index.hpp"

namespace leat::decision {

inline constexpr size_t kInline = 16;  // columns and rows that need no memory of the arena

// A few items on the stack, more in the arena.
template <class T>
class Scratch {
 public:
    Scratch(size_t count, Arena& arena) : data_(count <= kInline ? here_ : arena.array<T>(count)) {
        for (size_t i = 0; count > kInline && i < count; ++i) new (data_ + i) T();
    }
    T& operator[](size_t i) { return data_[i]; }
    T* data() { return data_; }

 private:
    T here_[kInline];
    T* data_;
};

class RowList {
 public:
    explicit RowList(Arena& arena) : arena_(arena) {}
    void add(uint32_t row) {
        if (size_ == capacity_) grow();
        data_[size_++] = row;
    }
    // Lists of candidates come one after the other, each ascending.
    void sort() {
        if (!std::is_sorted(data_, data_ + size_)) std::sort(data_, data_ + size_);
    }
    std::span<const uint32_t> rows() const { return {data_, size_}; }
    std::span<uint32_t> rows() { return {data_, size_}; }

 private:
    void grow() {
        auto* larger = arena_.array<uint32_t>(capacity_ * 2);
        std::copy(data_, data_ + size_, larger);
        data_ = larger;
        capacity_ *= 2;
    }
    Arena& arena_;
    uint32_t here_[kInline];
    uint32_t* data_ = here_;
    size_t size_ = 0, capacity_ = kInline;
};

// What one decision knows of a column's few distinct cells by now.
struct Memo {
    uint64_t known = 0, yes = 0;
};

// One decision's inputs against the rows.
class Search {
 public:
    Search(const Grid& grid, const std::vector<Column>& columns, const std::vector<uint32_t>& order, feel::Frame& frame,
           std::span<const Value> inputs)
        : grid_(grid),
          columns_(columns),
          order_(order),
          frame_(frame),
          inputs_(inputs),
          keys_(columns.size(), *frame.arena),
          memos_(columns.size(), *frame.arena) {
        for (size_t i = 0; i < columns.size(); ++i) keys_[i] = columns[i].key_of(inputs[i]);
    }

    bool matches(uint32_t row) {
        const uint32_t* cells = grid_.row(row);
        for (uint32_t column : order_) {
            if (cells[column] != Column::kAny && !cell_matches(column, cells[column])) return false;
        }
        return true;
    }
    const Key* keys() { return keys_.data(); }

 private:
    bool cell_matches(uint32_t column, uint32_t cell) {
        const Column& shape = columns_[column];
        if (cell >= 64) return shape.matches(cell, keys_[column], inputs_[column], frame_);
        Memo& memo = memos_[column];
        uint64_t bit = uint64_t{1} << cell;
        if ((memo.known & bit) == 0) {
            memo.known |= bit;
            if (shape.matches(cell, keys_[column], inputs_[column], frame_)) memo.yes |= bit;
        }
        return (memo.yes & bit) != 0;
    }

    const Grid& grid_;
    const std::vector<Column>& columns_;
    const std::vector<uint32_t>& order_;
    feel::Frame& frame_;
    std::span<const Value> inputs_;
    Scratch<Key> keys_;
    Scratch<Memo> memos_;
};

}  // namespace leat::decision
