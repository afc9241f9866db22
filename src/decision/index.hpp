// Which rows are worth trying. Inside this room only.
//
// A tree over the rows: an inner node takes one column whose cells tell rows apart well, cuts its keys into buckets
// (one a text or number where cells are equalities; a stretch of the axis where they are intervals), and keeps the rows
// that any input may meet (`-`, formulas, very wide intervals) in a `wild` branch, which goes on with other columns. A
// bucket that is still large goes on likewise. So one look-up a node, and a leaf is a short list of rows in table
// order. The index only proposes: every proposed row is tried in full.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "decision/column.hpp"
#include "decision/grid.hpp"
#include "decision/steps.hpp"

namespace leat::decision {

class Index {
 public:
    // A row worth trying, with what Probe says of its columns.
    struct Entry {
        uint32_t row = 0;
        uint32_t bits = 0;
    };

    void build(const Grid& grid, const std::vector<Column>& columns);
    // Puts each row's bits beside it.
    void give_bits(const std::vector<uint32_t>& bits_of_row);

    // Calls use(entries) with lists of rows, each ascending, that together hold every row that can match; use answers
    // nothing. No row is in two of them.
    template <class Use>
    void candidates(const Key* keys, const Use& use) const {
        walk(root_, keys, use);
    }
    size_t bytes() const {
        size_t bytes = nodes_.size() * sizeof(Node) + offsets_.size() * sizeof(uint32_t) + rows_.size() * sizeof(Entry);
        for (const Steps& steps : steps_) bytes += sizeof(Steps) + steps.bytes();
        return bytes;
    }

 private:
    friend class IndexBuilder;
    static constexpr uint32_t kNone = UINT32_MAX;
    static constexpr uint32_t kNodeBit = 1u << 31;  // a bucket with this one entry goes on at that node

    struct Node {
        uint32_t column = kNone;  // kNone: a leaf
        uint32_t first = 0;       // leaf: its rows in rows_; else its buckets in offsets_ (count + 1 of them)
        uint32_t count = 0;
        uint32_t steps = 0;  // its buckets' lowest keys, in steps_
        uint32_t wild = kNone;
    };

    template <class Use>
    void walk(uint32_t at, const Key* keys, const Use& use) const;
    template <class Use>
    void visit_bucket(const Node& node, const Key* keys, const Use& use) const;

    uint32_t root_ = kNone;
    std::vector<Node> nodes_;
    std::vector<Steps> steps_;
    std::vector<uint32_t> offsets_;  // into rows_
    std::vector<Entry> rows_;
};

template <class Use>
void Index::visit_bucket(const Node& node, const Key* keys, const Use& use) const {
    uint32_t bucket = steps_[node.steps].piece(keys[node.column].key);
    if (bucket == 0) return;  // below all
    uint32_t begin = offsets_[node.first + bucket - 1], end = offsets_[node.first + bucket];
    if (begin == end) return;
    if ((rows_[begin].row & kNodeBit) == 0) {
        use(std::span<const Entry>(rows_.data() + begin, end - begin));
        return;
    }
    walk(rows_[begin].row & ~kNodeBit, keys, use);
}

template <class Use>
void Index::walk(uint32_t at, const Key* keys, const Use& use) const {
    while (at != kNone) {
        const Node& node = nodes_[at];
        if (node.column == kNone) {
            if (node.count > 0) use(std::span<const Entry>(rows_.data() + node.first, node.count));
            return;
        }
        if (keys[node.column].state == Key::State::key) visit_bucket(node, keys, use);
        at = node.wild;
    }
}

}  // namespace leat::decision
