#include "decision/index.hpp"

#include <algorithm>

namespace leat::decision {

namespace {

constexpr size_t kLeafRows = 16;        // shorter lists are tried as they are
constexpr size_t kBucketRows = 128;     // longer buckets go on with another column
constexpr size_t kSample = 1024;        // rows looked at to choose a column
constexpr double kUseless = 0.6;        // a column that leaves more than this share of rows is no help
constexpr uint32_t kBucketsOfRow = 16;  // a row in more buckets than this counts as wild
constexpr size_t kEntriesOfRow = 6;     // bound on the whole index

}  // namespace

class IndexBuilder {
 public:
    IndexBuilder(const Grid& grid, const std::vector<Column>& columns, Index& index)
        : grid_(grid), columns_(columns), index_(index), entries_max_(kEntriesOfRow * grid.rows + 1024) {}

    uint32_t build(const std::vector<uint32_t>& rows, std::vector<bool> open) {
        uint32_t column = rows.size() > kLeafRows ? choose(rows, open) : Index::kNone;
        Buckets buckets;
        if (column == Index::kNone || !cut(rows, column, buckets)) return leaf(rows);
        open[column] = false;
        uint32_t at = static_cast<uint32_t>(index_.nodes_.size());
        index_.nodes_.emplace_back();
        fill(at, column, buckets, open);
        if (!buckets.wild.empty()) {
            uint32_t wild = build(buckets.wild, open);
            index_.nodes_[at].wild = wild;
        }
        return at;
    }

 private:
    struct Buckets {
        std::vector<int64_t> starts;
        std::vector<uint32_t> offsets;  // into rows
        std::vector<uint32_t> rows;
        std::vector<uint32_t> wild;
    };
    struct Stretch {
        uint32_t row, first, last;  // segments, later buckets
    };

    const Cell& cell(uint32_t row, uint32_t column) const { return columns_[column].cell(grid_.row(row)[column]); }
    static bool is_wild(const Cell& cell) { return cell.kind != Cell::Kind::keys || cell.null || cell.other; }

    uint32_t leaf(const std::vector<uint32_t>& rows) {
        Index::Node node;
        node.first = static_cast<uint32_t>(index_.rows_.size());
        node.count = static_cast<uint32_t>(rows.size());
        for (uint32_t row : rows) index_.rows_.push_back({row, 0});
        index_.nodes_.push_back(node);
        return static_cast<uint32_t>(index_.nodes_.size() - 1);
    }

    // The column that leaves the smallest share of the rows to an input, judged by a sample of the rows themselves.
    uint32_t choose(const std::vector<uint32_t>& rows, const std::vector<bool>& open) const {
        uint32_t best = Index::kNone;
        double best_share = kUseless;
        for (uint32_t column = 0; column < grid_.columns; ++column) {
            if (!open[column] || !columns_[column].has_keys()) continue;
            double left = share(rows, column);
            if (left < best_share) {
                best_share = left;
                best = column;
            }
        }
        return best;
    }

    double share(const std::vector<uint32_t>& rows, uint32_t column) const {
        std::vector<int64_t> lows, highs, points;
        size_t step = std::max<size_t>(1, rows.size() / kSample), seen = 0, wild = 0;
        for (size_t i = 0; i < rows.size(); i += step, ++seen) {
            const Cell& c = cell(rows[i], column);
            if (is_wild(c)) {
                ++wild;
                continue;
            }
            columns_[column].each_interval(c, [&](const Interval& interval) {
                lows.push_back(interval.low);
                highs.push_back(interval.high);
            });
            if (c.first.low <= c.first.high) points.push_back(c.first.low != kLowest ? c.first.low : c.first.high);
        }
        if (points.empty()) return 1;
        std::sort(lows.begin(), lows.end());
        std::sort(highs.begin(), highs.end());
        double met = 0;
        for (int64_t point : points) {
            auto begun = std::upper_bound(lows.begin(), lows.end(), point) - lows.begin();
            auto ended = std::lower_bound(highs.begin(), highs.end(), point) - highs.begin();
            met += static_cast<double>(begun - ended - 1);  // without the point's own row
        }
        return (met / static_cast<double>(points.size()) + static_cast<double>(wild)) / static_cast<double>(seen);
    }

    // Sorts the rows into buckets of one column. False when that would break the bound on the index.
    bool cut(const std::vector<uint32_t>& rows, uint32_t column, Buckets& out) const {
        std::vector<int64_t> borders;  // where a segment begins: between two of them no cell changes
        borders.reserve(2 * rows.size());
        auto each = [&](uint32_t row, const auto& use) { columns_[column].each_interval(cell(row, column), use); };
        for (uint32_t row : rows) {
            if (is_wild(cell(row, column))) continue;
            each(row, [&](const Interval& interval) {
                borders.push_back(interval.low);
                if (interval.high != kHighest) borders.push_back(interval.high + 1);
            });
        }
        std::sort(borders.begin(), borders.end());
        borders.erase(std::unique(borders.begin(), borders.end()), borders.end());
        const Steps segments(borders);
        auto segment = [&](int64_t key) { return segments.piece(key) - 1; };
        std::vector<Stretch> stretches;
        stretches.reserve(rows.size());
        for (uint32_t row : rows) {
            if (is_wild(cell(row, column))) continue;
            each(row, [&](const Interval& interval) {
                stretches.push_back({row, segment(interval.low), segment(interval.high)});
            });
        }
        uint32_t width = bucket_width(stretches);
        for (Stretch& stretch : stretches) stretch = {stretch.row, stretch.first / width, stretch.last / width};
        for (size_t i = 0; i < borders.size(); i += width) out.starts.push_back(borders[i]);
        return distribute(rows, column, stretches, out);
    }

    // Segments a bucket, so that the row in the middle lies in about two or three buckets.
    static uint32_t bucket_width(const std::vector<Stretch>& stretches) {
        std::vector<uint32_t> spans;
        for (const Stretch& stretch : stretches) spans.push_back(stretch.last - stretch.first + 1);
        if (spans.empty()) return 1;
        auto middle = spans.begin() + static_cast<std::ptrdiff_t>(spans.size() / 2);
        std::nth_element(spans.begin(), middle, spans.end());
        return *middle <= 4 ? 1 : *middle / 2;
    }

    bool distribute(const std::vector<uint32_t>& rows, uint32_t column, const std::vector<Stretch>& stretches,
                    Buckets& out) const {
        // Stretches of one row are neighbours and ascend, so its buckets are counted and filled once each.
        std::vector<uint32_t> counts(out.starts.size() + 1, 0);
        std::vector<bool> wide(stretches.size(), false);
        auto run_end = [&](size_t i) {
            size_t end = i;
            while (end < stretches.size() && stretches[end].row == stretches[i].row) ++end;
            return end;
        };
        auto each_bucket = [&](size_t begin, size_t end, const auto& use) {
            uint32_t next = 0;
            for (size_t i = begin; i < end; ++i) {
                for (uint32_t b = std::max(next, stretches[i].first); b <= stretches[i].last; ++b) use(b);
                next = stretches[i].last + 1;
            }
        };
        size_t entries = 0;
        for (size_t i = 0, end; i < stretches.size(); i = end) {
            end = run_end(i);
            size_t size = 0;
            for (size_t k = i; k < end; ++k) size += stretches[k].last - stretches[k].first + 1;
            wide[i] = size > kBucketsOfRow;
            if (wide[i]) continue;
            each_bucket(i, end, [&](uint32_t b) { ++counts[b + 1], ++entries; });
        }
        if (index_.rows_.size() + entries > entries_max_) return false;
        for (size_t b = 1; b < counts.size(); ++b) counts[b] += counts[b - 1];
        out.offsets = counts;
        out.rows.resize(entries);
        size_t i = 0;
        for (uint32_t row : rows) {
            if (is_wild(cell(row, column))) {
                out.wild.push_back(row);
                continue;
            }
            if (i >= stretches.size() || stretches[i].row != row) continue;  // an empty cell: nothing can match
            size_t end = run_end(i);
            if (wide[i])
                out.wild.push_back(row);
            else
                each_bucket(i, end, [&](uint32_t b) { out.rows[counts[b]++] = row; });
            i = end;
        }
        return out.wild.size() < rows.size();
    }

    // Large buckets become nodes of their own first; then the lists of this node stand together.
    void fill(uint32_t at, uint32_t column, Buckets& buckets, const std::vector<bool>& open) {
        size_t count = buckets.starts.size();
        std::vector<uint32_t> inner(count, Index::kNone);
        bool more = std::find(open.begin(), open.end(), true) != open.end();
        for (size_t b = 0; more && b < count; ++b) {
            size_t begin = buckets.offsets[b], end = buckets.offsets[b + 1];
            if (end - begin <= kBucketRows) continue;
            std::vector<uint32_t> rows(buckets.rows.begin() + static_cast<std::ptrdiff_t>(begin),
                                       buckets.rows.begin() + static_cast<std::ptrdiff_t>(end));
            if (choose(rows, open) != Index::kNone) inner[b] = build(rows, open);
        }
        Index::Node& node = index_.nodes_[at];
        node.column = column;
        node.count = static_cast<uint32_t>(count);
        node.first = static_cast<uint32_t>(index_.offsets_.size());
        node.steps = static_cast<uint32_t>(index_.steps_.size());
        index_.steps_.emplace_back(std::move(buckets.starts));
        for (size_t b = 0; b < count; ++b) {
            index_.offsets_.push_back(static_cast<uint32_t>(index_.rows_.size()));
            if (inner[b] != Index::kNone) {
                index_.rows_.push_back({inner[b] | Index::kNodeBit, 0});
                continue;
            }
            for (uint32_t i = buckets.offsets[b]; i < buckets.offsets[b + 1]; ++i)
                index_.rows_.push_back({buckets.rows[i], 0});
        }
        index_.offsets_.push_back(static_cast<uint32_t>(index_.rows_.size()));
    }

    const Grid& grid_;
    const std::vector<Column>& columns_;
    Index& index_;
    size_t entries_max_;
};

void Index::give_bits(const std::vector<uint32_t>& bits_of_row) {
    if (bits_of_row.empty()) return;
    for (Entry& entry : rows_) {
        if ((entry.row & kNodeBit) == 0) entry.bits = bits_of_row[entry.row];
    }
}

void Index::build(const Grid& grid, const std::vector<Column>& columns) {
    *this = {};
    std::vector<uint32_t> rows(grid.rows);
    for (uint32_t row = 0; row < grid.rows; ++row) rows[row] = row;
    root_ = IndexBuilder(grid, columns, *this).build(rows, std::vector<bool>(columns.size(), true));
    // What grew by doubling is no larger than it must be.
    rows_.shrink_to_fit();
    offsets_.shrink_to_fit();
}

}  // namespace leat::decision
