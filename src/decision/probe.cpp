#include "decision/probe.hpp"

#include <algorithm>

#include "decision/masks.hpp"

namespace leat::decision {

namespace {

constexpr uint32_t kBitsMax = 31;  // the last says "ask"
constexpr uint32_t kBitsOfColumn = 24;
constexpr size_t kCellsOfFewPieces = 4096;  // a column with more cells is not looked at for few borders

bool is_point(const Cell& cell) {
    return cell.kind == Cell::Kind::any || (cell.kind == Cell::Kind::keys && cell.more_count == 0 && !cell.null &&
                                            !cell.other && cell.first.low == cell.first.high);
}

bool is_asked(const Grid& grid, uint32_t column) {
    for (uint32_t r = 0; r < grid.rows; ++r) {
        if (grid.row(r)[column] != Column::kAny) return true;
    }
    return false;
}

}  // namespace

Axis::Axis(const Column& column) {
    constexpr uint64_t kNear = UINT32_MAX - 8;
    int64_t least = kHighest, greatest = kLowest;
    for (uint32_t number = 1; number < column.size(); ++number) {
        if (column.cell(number).kind != Cell::Kind::keys) continue;
        column.each_interval(column.cell(number), [&](const Interval& interval) {
            for (int64_t border : {interval.low, interval.high}) {
                if (border == kLowest || border == kHighest) continue;
                least = std::min(least, border);
                greatest = std::max(greatest, border);
            }
        });
    }
    if (least > greatest) return;  // no cell has a border
    // No border may be at the lowest place, or at the one beyond all.
    if (least > kLowest && static_cast<uint64_t>(greatest) - static_cast<uint64_t>(least) < kNear) {
        base_ = least - 1;
        return;
    }
    ranked_ = true;
    steps_ = Steps(starts_of(column));
}

std::vector<uint32_t> Probe::build(const Grid& grid, const std::vector<Column>& columns,
                                   const std::vector<uint32_t>& order) {
    *this = {};
    std::vector<uint32_t> asked;  // a column of dashes says nothing
    for (uint32_t c : order) {
        if (is_asked(grid, c)) asked.push_back(c);
    }
    std::vector<std::vector<int64_t>> starts(columns.size());
    std::vector<uint32_t> pieces(columns.size(), UINT32_MAX / 2);
    for (uint32_t c : asked) {
        if (columns[c].size() > kCellsOfFewPieces) continue;
        bool texts = columns[c].domain() == Domain::text;
        starts[c] = starts_of(columns[c]);
        pieces[c] = static_cast<uint32_t>(texts ? columns[c].texts().size() : starts[c].size()) + 1;
    }
    std::vector<uint32_t> by_size(asked);
    std::stable_sort(by_size.begin(), by_size.end(), [&](uint32_t a, uint32_t b) { return pieces[a] < pieces[b]; });
    uint32_t used = 0;
    std::vector<bool> has_bits(columns.size(), false);
    std::vector<uint32_t> rows(grid.rows, 0);
    for (uint32_t c : by_size) {
        if (pieces[c] + 2 > kBitsOfColumn || used + pieces[c] + 2 > kBitsMax) continue;
        bool texts = columns[c].domain() == Domain::text;
        bits_.push_back({c, used, pieces[c], texts, Steps()});
        add_bits(grid, columns[c], bits_.back(), starts[c], rows);
        if (!texts) bits_.back().steps = Steps(std::move(starts[c]));
        used += pieces[c] + 2;
        has_bits[c] = true;
    }
    for (uint32_t c : asked) {
        if (has_bits[c]) continue;
        bool points = columns[c].domain() == Domain::text;
        for (uint32_t cell = 0; points && cell < columns[c].size(); ++cell) points = is_point(columns[c].cell(cell));
        if (points)
            points_.push_back(c);
        else
            spans_.push_back({c, Axis(columns[c])});
    }
    if (spans_.size() > kColumnsMax || points_.size() > kColumnsMax) {
        *this = {};
        return {};
    }
    usable_ = true;
    fill_words(grid, columns, rows);
    return rows;
}

void Probe::fill_words(const Grid& grid, const std::vector<Column>& columns, std::vector<uint32_t>& rows) {
    stride_ = spans_.size() * 2 + points_.size();
    words_.resize(stride_ * grid.rows);
    uint32_t* word = words_.data();
    for (uint32_t r = 0; r < grid.rows; ++r) {
        for (const Span& span : spans_) {
            const Cell& cell = columns[span.column].cell(grid.row(r)[span.column]);
            bool whole = cell.kind != Cell::Kind::keys || cell.more_count > 0, none = cell.first.low > cell.first.high;
            if (whole && cell.kind != Cell::Kind::any) rows[r] |= kAsk;
            *word++ = whole ? 0 : none ? 1 : span.axis.low_of(cell.first);
            *word++ = whole ? UINT32_MAX : none ? 0 : span.axis.high_of(cell.first);
        }
        for (uint32_t column : points_) {
            const Cell& cell = columns[column].cell(grid.row(r)[column]);
            *word++ = cell.kind == Cell::Kind::any ? kAnyPoint : static_cast<uint32_t>(cell.first.low);
        }
    }
}

void Probe::add_bits(const Grid& grid, const Column& column, const Bits& bits, const std::vector<int64_t>& starts,
                     std::vector<uint32_t>& rows) const {
    std::vector<uint32_t> of_cell(column.size(), 0);
    for (uint32_t number = 0; number < column.size(); ++number) {
        const Cell& cell = column.cell(number);
        bool always = cell.kind != Cell::Kind::keys;
        uint32_t& word = of_cell[number];
        for (uint32_t piece = 0; piece < bits.pieces; ++piece) {
            int64_t key = bits.texts ? int64_t{piece} - 1 : piece > 0 ? starts[piece - 1] : kLowest;
            bool holds = always;
            if (!always) column.each_interval(cell, [&](const Interval& interval) { holds |= interval.has(key); });
            if (holds) word |= uint32_t{1} << (bits.first + piece);
        }
        if (always || cell.null) word |= uint32_t{1} << (bits.first + bits.pieces);
        if (always || cell.other) word |= uint32_t{1} << (bits.first + bits.pieces + 1);
        if (cell.kind == Cell::Kind::machine) word |= kAsk;
    }
    // A row holds where all of its cells do; columns have bits of their own.
    for (uint32_t r = 0; r < grid.rows; ++r) rows[r] |= of_cell[grid.row(r)[bits.column]];
}

size_t Probe::bytes() const {
    size_t bytes = words_.size() * sizeof(uint32_t);
    for (const Bits& bits : bits_) bytes += sizeof bits + bits.steps.bytes();
    for (const Span& span : spans_) bytes += sizeof span + span.axis.bytes();
    return bytes;
}

}  // namespace leat::decision
