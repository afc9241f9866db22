#include "decision/probe.hpp"

#include <algorithm>

#include "decision/masks.hpp"

namespace leat::decision {

namespace {

constexpr uint32_t kBitsMax = 63;  // the last says "ask"
constexpr uint32_t kBitsOfColumn = 40;
constexpr uint32_t kUnknownText = UINT32_MAX - 1;

bool is_point(const Cell& cell) {
    return cell.kind == Cell::Kind::any || (cell.kind == Cell::Kind::keys && cell.more_count == 0 && !cell.null &&
                                            !cell.other && cell.first.low == cell.first.high);
}

}  // namespace

void Probe::build(const Grid& grid, const std::vector<Column>& columns, const std::vector<uint32_t>& order) {
    *this = {};
    std::vector<std::vector<int64_t>> starts;
    for (const Column& column : columns) starts.push_back(starts_of(column));
    std::vector<uint32_t> by_size(order);
    std::stable_sort(by_size.begin(), by_size.end(),
                     [&](uint32_t a, uint32_t b) { return starts[a].size() < starts[b].size(); });
    uint32_t used = 0;
    std::vector<bool> has_bits(columns.size(), false);
    for (uint32_t c : by_size) {
        auto count = static_cast<uint32_t>(starts[c].size());
        if (count + 3 > kBitsOfColumn || used + count + 3 > kBitsMax) continue;
        bits_.push_back({c, used, Steps(std::move(starts[c]))});
        used += count + 3;
        has_bits[c] = true;
    }
    for (uint32_t c : order) {
        if (has_bits[c]) continue;
        bool points = columns[c].domain() == Domain::text;
        for (uint32_t cell = 0; points && cell < columns[c].size(); ++cell) points = is_point(columns[c].cell(cell));
        (points ? points_ : spans_).push_back(c);
    }
    if (spans_.size() > kColumnsMax || points_.size() > kColumnsMax) {
        *this = {};
        return;
    }
    stride_ = 1 + spans_.size() * 2 + (points_.size() + 1) / 2;
    words_.assign(stride_ * grid.rows, 0);
    for (const Bits& bits : bits_) fill_bits(grid, columns[bits.column], bits);
    for (uint32_t r = 0; r < grid.rows; ++r) {
        uint64_t* row = words_.data() + size_t{r} * stride_;
        for (size_t i = 0; i < spans_.size(); ++i) {
            const Cell& cell = columns[spans_[i]].cell(grid.row(r)[spans_[i]]);
            bool whole = cell.kind != Cell::Kind::keys || cell.more_count > 0;
            if (whole && cell.kind != Cell::Kind::any) row[0] |= kAsk;
            row[1 + i * 2] = static_cast<uint64_t>(whole ? kLowest : cell.first.low);
            row[2 + i * 2] = static_cast<uint64_t>(whole ? kHighest : cell.first.high);
        }
        uint64_t* points = row + 1 + spans_.size() * 2;
        for (size_t i = 0; i < points_.size(); ++i) {
            const Cell& cell = columns[points_[i]].cell(grid.row(r)[points_[i]]);
            uint32_t point = cell.kind == Cell::Kind::any ? kAnyPoint : static_cast<uint32_t>(cell.first.low);
            points[i / 2] |= uint64_t{point} << (i % 2 * 32);
        }
    }
}

void Probe::fill_bits(const Grid& grid, const Column& column, const Bits& bits) {
    std::vector<uint64_t> of_cell(column.size(), 0);
    const std::vector<int64_t>& starts = bits.steps.starts();
    for (uint32_t number = 0; number < column.size(); ++number) {
        const Cell& cell = column.cell(number);
        bool always = cell.kind != Cell::Kind::keys;
        uint64_t& word = of_cell[number];
        for (uint32_t piece = 0; piece <= starts.size(); ++piece) {
            int64_t key = piece > 0 ? starts[piece - 1] : kLowest;
            bool holds = always;
            if (!always) column.each_interval(cell, [&](const Interval& interval) { holds |= interval.has(key); });
            if (holds) word |= uint64_t{1} << (bits.first + piece);
        }
        if (always || cell.null) word |= uint64_t{1} << (bits.first + starts.size() + 1);
        if (always || cell.other) word |= uint64_t{1} << (bits.first + starts.size() + 2);
        if (cell.kind == Cell::Kind::machine) word |= kAsk;
    }
    for (uint32_t r = 0; r < grid.rows; ++r) words_[size_t{r} * stride_] |= of_cell[grid.row(r)[bits.column]];
}

bool Probe::prepare(const Key* keys, Input& out) const {
    for (size_t i = 0; i < spans_.size(); ++i) {
        if (keys[spans_[i]].state != Key::State::key) return false;
        out.spans[i] = keys[spans_[i]].key;
    }
    for (size_t i = 0; i < points_.size(); ++i) {
        const Key& key = keys[points_[i]];
        if (key.state != Key::State::key) return false;
        out.points[i] = key.key < 0 ? kUnknownText : static_cast<uint32_t>(key.key);
    }
    uint64_t set = 0;
    for (const Bits& bits : bits_) {
        const Key& key = keys[bits.column];
        size_t place = bits.steps.starts().size() + (key.state == Key::State::null ? 1 : 2);
        if (key.state == Key::State::key) place = bits.steps.piece(key.key);
        set |= uint64_t{1} << (bits.first + place);
    }
    out.bits = set;
    return true;
}

}  // namespace leat::decision
