#include "decision/pieces.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace leat::decision {

namespace {

constexpr int64_t kNano = 1'000'000'000;
constexpr int64_t kDayNano = 86'400 * kNano;
constexpr value::Zone kUtc{value::ZoneKind::offset, 0};
constexpr int64_t kOtherText = -1;  // the key of every text that no cell names

int64_t round_up(int64_t key, int64_t step) {
    int64_t rest = key % step;
    if (rest == 0) return key;
    return rest > 0 ? key - rest + step : key - rest;
}

int64_t round_down(int64_t key, int64_t step) {
    int64_t rest = key % step;
    return rest >= 0 ? key - rest : key - rest - step;
}

// An ascending list of disjoint intervals against one interval.
bool meets(const std::vector<Interval>& list, const Interval& one) {
    return std::any_of(list.begin(), list.end(),
                       [&](const Interval& i) { return i.low <= one.high && one.low <= i.high; });
}

std::vector<Interval> all_of(const Column& column, uint32_t cell) {
    std::vector<Interval> list;
    if (column.cell(cell).kind != Cell::Kind::keys) return {{kLowest, kHighest}};
    column.each_interval(column.cell(cell), [&](const Interval& interval) { list.push_back(interval); });
    return list;
}

std::vector<Interval> common(const std::vector<Interval>& a, const std::vector<Interval>& b) {
    std::vector<Interval> out;
    for (const Interval& x : a) {
        for (const Interval& y : b) {
            Interval both{std::max(x.low, y.low), std::min(x.high, y.high)};
            if (both.low <= both.high) out.push_back(both);
        }
    }
    return out;
}

}  // namespace

Pieces::Pieces(const Column& column) : column_(column) {
    find_step();
    std::vector<Interval> domain = domain_of_type();
    unknown_domain_ = column.cell(column.allowed).kind == Cell::Kind::machine;
    if (column.allowed != Column::kAny && !unknown_domain_) domain = common(domain, all_of(column, column.allowed));
    // Cut where some cell begins or ends.
    std::vector<int64_t> borders;
    auto add = [&](const Interval& interval) {
        borders.push_back(interval.low);
        if (interval.high != kHighest) borders.push_back(interval.high + 1);
    };
    for (const Interval& interval : domain) add(interval);
    for (uint32_t cell = 1; cell < column.size(); ++cell) {
        if (column.cell(cell).kind == Cell::Kind::keys) column.each_interval(column.cell(cell), add);
    }
    std::sort(borders.begin(), borders.end());
    borders.erase(std::unique(borders.begin(), borders.end()), borders.end());
    for (size_t i = 0; i < borders.size(); ++i) {
        Interval piece{borders[i], i + 1 < borders.size() ? borders[i + 1] - 1 : kHighest};
        if (meets(domain, piece) && holds_value(piece)) pieces_.push_back(piece);
    }
    ranges_.resize(column.size());
    for (uint32_t cell = 0; cell < column.size(); ++cell) {
        for (const Interval& interval : all_of(column, cell)) {
            auto before = [](const Interval& piece, int64_t key) { return piece.high < key; };
            auto first = std::lower_bound(pieces_.begin(), pieces_.end(), interval.low, before);
            auto end = first;
            while (end != pieces_.end() && end->high <= interval.high) ++end;
            if (first == end) continue;
            ranges_[cell].push_back(
                {static_cast<uint32_t>(first - pieces_.begin()), static_cast<uint32_t>(end - pieces_.begin() - 1)});
        }
    }
}

void Pieces::find_step() {
    int scale = column_.type->scale;
    if (column_.domain() != Domain::number || scale < 0 || scale > column_.scale()) return;
    step_ = 2;
    for (int i = scale; i < column_.scale(); ++i) step_ *= 10;
}

std::vector<Interval> Pieces::domain_of_type() const {
    if (column_.domain() == Domain::boolean) return {{0, 1}};
    if (column_.domain() == Domain::time) return {{0, kDayNano - 1}};
    if (column_.domain() != Domain::text) return {{kLowest, kHighest}};
    std::vector<Interval> list;
    const feel::EnumType* items = column_.type->enumeration;
    if (items == nullptr || !other_text().empty()) list.push_back({kOtherText, kOtherText});
    for (size_t key = 0; key < column_.texts().size(); ++key) {
        if (items && items->find(column_.texts()[key]) < 0) continue;
        list.push_back({static_cast<int64_t>(key), static_cast<int64_t>(key)});
    }
    return list;
}

bool Pieces::holds_value(const Interval& interval) const {
    if (step_ == 1 || interval.low == kLowest || interval.high == kHighest) return true;
    return round_up(interval.low, step_) <= interval.high;
}

// A text that no cell names; of an enum one of its items, "" when all are named.
std::string Pieces::other_text() const {
    if (const feel::EnumType* items = column_.type->enumeration) {
        for (const feel::EnumItem& item : items->items) {
            if (column_.texts().find(item.value) < 0) return item.value;
        }
        return {};
    }
    std::string text = "other";
    while (column_.texts().find(text) >= 0) text += "_";
    return text;
}

std::string Pieces::number_text(const Interval& interval) const {
    int64_t step = std::max<int64_t>(step_, 2);
    int64_t key = 0;
    if (!interval.has(0)) key = interval.low > 0 ? round_up(interval.low, step) : round_down(interval.high, step);
    if (interval.has(key)) return Decimal::make(key / 2, -column_.scale()).to_canonical();
    // Between two neighbours of the scale: the middle.
    key = interval.low > 0 ? interval.low : interval.high;
    return Decimal::make(__int128{key} * 5, -column_.scale() - 1).to_canonical();
}

std::string Pieces::text_of(const Interval& interval) const {
    int64_t near = interval.low != kLowest ? interval.low : interval.high != kHighest ? interval.high : 0;
    switch (column_.domain()) {
        case Domain::number:
            return number_text(interval);
        case Domain::text: {
            std::string text = near < 0 ? other_text() : std::string(column_.texts()[static_cast<size_t>(near)]);
            std::string quoted;
            value::append_json(quoted, Value::string(text));  // FEEL escapes as JSON does
            return quoted;
        }
        case Domain::date:
            return fmt::format("@\"{}\"", value::Date{near}.to_string());
        case Domain::boolean:
            return near == 0 ? "false" : "true";
        case Domain::months:
            return fmt::format("@\"{}\"", value::MonthsDuration{near}.to_string());
        case Domain::time:
            return fmt::format("@\"{}\"", value::Time{std::clamp<int64_t>(near, 0, kDayNano - 1), kUtc}.to_string());
        case Domain::date_time: {
            int64_t second = near / kNano - (near % kNano < 0);
            value::DateTime instant{second, static_cast<int32_t>(near - second * kNano), kUtc};
            return fmt::format("@\"{}\"", instant.to_string());
        }
        case Domain::none:
            break;
    }
    return "null";
}

std::string Pieces::witness(uint32_t piece) const {
    return text_of(pieces_[piece]);
}

std::string Pieces::outside(uint32_t cell) const {
    if (column_.allowed == Column::kAny || unknown_domain_ || column_.cell(cell).kind != Cell::Kind::keys) return {};
    std::vector<Interval> allowed = all_of(column_, column_.allowed), named = all_of(column_, cell);
    bool texts = column_.domain() == Domain::text;
    // not("a") names no text that it takes.
    if (texts && meets(named, {kOtherText, kOtherText})) return {};
    for (const Interval& interval : named) {
        if (!meets(allowed, interval)) return text_of(interval);
        for (int64_t key = interval.low; texts && key <= interval.high; ++key) {
            if (!meets(allowed, {key, key})) return text_of({key, key});
        }
    }
    return {};
}

}  // namespace leat::decision
