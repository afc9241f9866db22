#include "decision/masks.hpp"

#include <algorithm>

namespace leat::decision {

std::vector<int64_t> starts_of(const Column& column) {
    std::vector<int64_t> starts;
    for (uint32_t number = 1; number < column.size(); ++number) {
        const Cell& cell = column.cell(number);
        if (cell.kind != Cell::Kind::keys) continue;
        column.each_interval(cell, [&](const Interval& interval) {
            if (interval.low != kLowest) starts.push_back(interval.low);
            if (interval.high != kHighest) starts.push_back(interval.high + 1);
        });
    }
    std::sort(starts.begin(), starts.end());
    starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
    return starts;
}

void RowMasks::build(const Grid& grid, const std::vector<Column>& columns, const std::vector<uint32_t>& order) {
    *this = {};
    if (grid.rows == 0 || grid.rows > kRowsMax) return;
    usable_ = true;
    every_ = grid.rows == 64 ? UINT64_MAX : (uint64_t{1} << grid.rows) - 1;
    for (uint32_t c : order) {
        const Column& column = columns[c];
        Part part{};
        part.column = c;
        part.texts = column.domain() == Domain::text;
        part.masks = static_cast<uint32_t>(masks_.size());
        std::vector<int64_t> starts;
        if (part.texts) {
            // One piece a text; the first is every other one, whose key is -1.
            for (size_t key = 0; key < column.texts().size(); ++key) starts.push_back(static_cast<int64_t>(key));
        } else {
            starts = starts_of(column);
        }
        masks_.resize(masks_.size() + starts.size() + 1, 0);
        bool telling = false;
        for (uint32_t r = 0; r < grid.rows; ++r) {
            const Cell& cell = column.cell(grid.row(r)[c]);
            uint64_t bit = uint64_t{1} << r;
            telling = telling || cell.kind == Cell::Kind::keys;
            if (cell.kind == Cell::Kind::machine) unsure_ |= bit;
            if (cell.kind != Cell::Kind::keys || cell.null) part.null |= bit;
            if (cell.kind != Cell::Kind::keys || cell.other) part.other |= bit;
            for (size_t piece = 0; piece <= starts.size(); ++piece) {
                int64_t key = piece > 0 ? starts[piece - 1] : part.texts ? Texts::kNone : kLowest;
                bool holds = cell.kind != Cell::Kind::keys;
                if (!holds) column.each_interval(cell, [&](const Interval& interval) { holds |= interval.has(key); });
                if (holds) masks_[part.masks + piece] |= bit;
            }
        }
        if (!telling) {
            masks_.resize(part.masks);
            continue;
        }
        if (!part.texts) part.steps = Steps(std::move(starts));
        parts_.push_back(std::move(part));
    }
}

}  // namespace leat::decision
