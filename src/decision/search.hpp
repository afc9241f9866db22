// One decision's inputs against the rows. Inside this room only.
#pragma once
#include <algorithm>
#include <bit>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <vector>

#include "decision/column.hpp"
#include "decision/index.hpp"
#include "decision/masks.hpp"
#include "decision/probe.hpp"

namespace leat::decision {

inline constexpr size_t kInline = 16;  // columns and rows that need no memory of the arena

// A few items on the stack, more in the arena. None is made before it is written.
template <class T>
class Scratch {
 public:
    static_assert(std::is_trivially_copyable_v<T>);
    Scratch(size_t count, Arena& arena)
        : data_(count <= kInline ? reinterpret_cast<T*>(here_) : arena.array<T>(count)) {}
    T& operator[](size_t i) { return data_[i]; }
    T* data() { return data_; }

 private:
    alignas(T) unsigned char here_[kInline * sizeof(T)];
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

// The rows of a table, ready to be searched.
struct Shape {
    const Grid& grid;
    const std::vector<Column>& columns;
    const std::vector<uint32_t>& order;
    const Index& index;
    const RowMasks& masks;
    const Probe& probe;
};

// Takes the steps of a search from the frame's fuel.
inline void charge(feel::Frame& frame, size_t steps) {
    if (!frame.steps_left) return;
    if (*frame.steps_left < steps) {
        *frame.steps_left = 0;
        throw LimitError("limit.steps", "the decision needs more evaluation steps than a command may take");
    }
    *frame.steps_left -= steps;
}

// What one decision knows of a column's formulas by now.
struct Memo {
    uint64_t known = 0, yes = 0;
};

// One decision's inputs against the rows.
class Search {
 public:
    // `inputs` points at a value per column: values just written cost dearly to copy.
    Search(const Shape& shape, feel::Frame& frame, const Value* const* inputs)
        : shape_(shape), frame_(frame), inputs_(inputs), keys_(shape.columns.size(), *frame.arena) {}

    // The first row that matches; kNobody: none.
    static constexpr uint32_t kNobody = UINT32_MAX;
    uint32_t first() {
        if (shape_.masks.usable()) {
            uint64_t rows = small_rows();
            return rows == 0 ? kNobody : static_cast<uint32_t>(std::countr_zero(rows));
        }
        begin();
        uint32_t best = kNobody;
        shape_.index.candidates(keys_.data(), [&](std::span<const Index::Entry> entries) {
            tried_ += entries.size();
            for (const Index::Entry& entry : entries) {
                if (entry.row >= best) break;
                if (matches(entry)) best = entry.row;
            }
        });
        return best;
    }
    // All of them, in table order.
    void all(RowList& list) {
        if (shape_.masks.usable()) {
            for (uint64_t rows = small_rows(); rows != 0; rows &= rows - 1)
                list.add(static_cast<uint32_t>(std::countr_zero(rows)));
            return;
        }
        begin();
        shape_.index.candidates(keys_.data(), [&](std::span<const Index::Entry> entries) {
            tried_ += entries.size();
            for (const Index::Entry& entry : entries) {
                if (matches(entry)) list.add(entry.row);
            }
        });
        list.sort();
    }
    size_t tried() const { return tried_; }

 private:
    uint64_t small_rows() {
        tried_ += shape_.grid.rows;
        make_keys();
        uint64_t rows = shape_.masks.rows(keys_.data()), unsure = rows & shape_.masks.unsure();
        for (; unsure != 0; unsure &= unsure - 1) {
            uint64_t bit = unsure & (~unsure + 1);
            if (!formulas_hold(static_cast<uint32_t>(std::countr_zero(unsure)))) rows &= ~bit;
        }
        return rows;
    }
    void make_keys() {
        for (size_t i = 0; i < shape_.columns.size(); ++i) new (&keys_[i]) Key(shape_.columns[i].key_of(*inputs_[i]));
    }
    void begin() {
        make_keys();
        probed_ = shape_.probe.usable() && shape_.probe.prepare(keys_.data(), input_);
    }
    bool matches(const Index::Entry& entry) {
        if (!probed_) return cells_hold(entry.row);
        Verdict verdict = shape_.probe.row(entry.row, entry.bits, input_);
        return verdict == Verdict::yes || (verdict == Verdict::ask && cells_hold(entry.row));
    }
    bool cells_hold(uint32_t row) {
        const uint32_t* cells = shape_.grid.row(row);
        for (uint32_t column : shape_.order) {
            if (cells[column] == Column::kAny) continue;
            const Column& one = shape_.columns[column];
            bool formula = one.cell(cells[column]).kind == Cell::Kind::machine;
            if (formula ? !formula_holds(column, cells[column])
                        : !one.matches(cells[column], keys_[column], *inputs_[column], frame_))
                return false;
        }
        return true;
    }
    bool formulas_hold(uint32_t row) {
        const uint32_t* cells = shape_.grid.row(row);
        for (uint32_t column : shape_.order) {
            bool formula = shape_.columns[column].cell(cells[column]).kind == Cell::Kind::machine;
            if (formula && !formula_holds(column, cells[column])) return false;
        }
        return true;
    }
    // Rows often share their formulas: each of a column's first cells is asked once.
    bool formula_holds(uint32_t column, uint32_t cell) {
        const Column& one = shape_.columns[column];
        if (cell >= 64) return one.matches(cell, Key(), *inputs_[column], frame_);
        if (!memos_) {
            memos_ = frame_.arena->array<Memo>(shape_.columns.size());
            std::uninitialized_value_construct_n(memos_, shape_.columns.size());
        }
        Memo& memo = memos_[column];
        uint64_t bit = uint64_t{1} << cell;
        if ((memo.known & bit) == 0) {
            memo.known |= bit;
            if (one.matches(cell, Key(), *inputs_[column], frame_)) memo.yes |= bit;
        }
        return (memo.yes & bit) != 0;
    }

    const Shape& shape_;
    feel::Frame& frame_;
    const Value* const* inputs_;
    Scratch<Key> keys_;
    Memo* memos_ = nullptr;
    Probe::Input input_;
    bool probed_ = false;
    size_t tried_ = 1;
};

}  // namespace leat::decision
