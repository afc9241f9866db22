#include "decision/column.hpp"

#include <algorithm>

namespace leat::decision {

using feel::TypeKind;

namespace {

constexpr int kScaleMax = 12;
constexpr __int128 kConstantMax = kNumberMax;
constexpr int64_t kFarKey = int64_t{1} << 62;

__int128 power_of_ten(int exponent) {
    __int128 power = kPowers[std::min(exponent, kPowersMax)];
    for (int i = kPowersMax; i < exponent; ++i) power *= 10;
    return power;
}

constexpr int64_t kNano = 1'000'000'000;
constexpr int64_t kFarSeconds = INT64_MAX / kNano - 1;  // 292 years from 1970

// Seconds and nanoseconds as one number; far ones saturate.
int64_t nanosecond_key(int64_t seconds, int64_t nanoseconds) {
    seconds = std::clamp(seconds, -kFarSeconds, kFarSeconds);
    return seconds * kNano + nanoseconds;
}

Domain domain_of(Kind kind) {
    switch (kind) {
        case Kind::number:
            return Domain::number;
        case Kind::string:
            return Domain::text;
        case Kind::date:
            return Domain::date;
        case Kind::boolean:
            return Domain::boolean;
        case Kind::months_duration:
            return Domain::months;
        case Kind::time:
            return Domain::time;
        case Kind::date_time:
            return Domain::date_time;
        default:
            return Domain::none;
    }
}

Domain domain_of(feel::TypeRef type) {
    switch (type->kind) {
        case TypeKind::number:
            return Domain::number;
        case TypeKind::string:
        case TypeKind::enumeration:
            return Domain::text;
        case TypeKind::date:
            return Domain::date;
        case TypeKind::boolean:
            return Domain::boolean;
        case TypeKind::months_duration:
            return Domain::months;
        case TypeKind::time:
            return Domain::time;
        case TypeKind::date_time:
            return Domain::date_time;
        default:
            return Domain::none;
    }
}

enum class Three : uint8_t { no, yes, null };

Three either(Three a, Three b) {
    if (a == Three::yes || b == Three::yes) return Three::yes;
    return a == Three::null || b == Three::null ? Three::null : Three::no;
}

bool met(Three truth, bool negated) {
    return truth == (negated ? Three::no : Three::yes);
}

// What a test says of null, and of a value of another kind.
Three of_null(const Test& test) {
    if (test.comparison == Comparison::equal) return test.a.is_null() ? Three::yes : Three::no;
    if (test.comparison == Comparison::not_equal) return test.a.is_null() ? Three::no : Three::yes;
    return Three::null;
}

Three of_other(const Test& test) {
    if (!test.a.is_null()) return Three::null;
    return test.comparison == Comparison::equal ? Three::no : Three::yes;
}

// Sorted, joined where they touch.
void normalise(std::vector<Interval>& intervals) {
    std::erase_if(intervals, [](const Interval& i) { return i.low > i.high; });
    std::sort(intervals.begin(), intervals.end(), [](const Interval& a, const Interval& b) { return a.low < b.low; });
    size_t kept = 0;
    for (const Interval& interval : intervals) {
        if (kept > 0 && (intervals[kept - 1].high == kHighest || interval.low <= intervals[kept - 1].high + 1)) {
            intervals[kept - 1].high = std::max(intervals[kept - 1].high, interval.high);
        } else {
            intervals[kept++] = interval;
        }
    }
    intervals.resize(kept);
}

std::vector<Interval> complement(const std::vector<Interval>& normalised) {
    std::vector<Interval> out;
    int64_t low = kLowest;
    for (const Interval& interval : normalised) {
        if (interval.low > low) out.push_back({low, interval.low - 1});
        if (interval.high == kHighest) return out;
        low = interval.high + 1;
    }
    out.push_back({low, kHighest});
    return out;
}

}  // namespace

// 2 * floor(number * 10^scale), plus one when something was cut: exact against every constant of the column, whose
// keys are even. Numbers beyond all constants saturate.
int64_t wide_number_key(Decimal number, int scale) {
    __int128 coefficient = number.coefficient();
    int shift = scale + number.exponent();
    if (coefficient == 0) return 0;
    bool minus = coefficient < 0;
    int64_t far = minus ? -kFarKey : kFarKey;
    if (shift >= 0) {
        if (shift > kPowersMax || coefficient > kConstantMax || coefficient < -kConstantMax) return far;
        __int128 scaled = coefficient * power_of_ten(shift);
        return scaled > kConstantMax || scaled < -kConstantMax ? far : static_cast<int64_t>(scaled * 2);
    }
    if (shift < -38) return minus ? -1 : 1;
    __int128 power = power_of_ten(-shift), floor = coefficient / power;
    bool cut = floor * power != coefficient;
    if (cut && minus) --floor;
    if (floor > kConstantMax || floor < -kConstantMax) return far;
    return static_cast<int64_t>(floor * 2) + cut;
}

uint32_t Column::add_machine(std::unique_ptr<feel::Expression> expression) {
    Cell cell;
    cell.kind = Cell::Kind::machine;
    cell.more = static_cast<uint32_t>(expressions_.size());
    expressions_.push_back(std::move(expression));
    cells_.push_back(cell);
    return static_cast<uint32_t>(cells_.size() - 1);
}

uint32_t Column::add(const Text& row_text, const feel::Scope& scope, const feel::CompileOptions& options, Arena& arena,
                     Diagnostics& diagnostics) {
    if (row_text.text == "-") return kAny;
    auto number = static_cast<size_t>(written_.add(row_text.text));
    if (number == of_text_.size()) of_text_.push_back(kBad);
    uint32_t& known = of_text_[number];
    // A text that was wrong before is compiled again, so that every place where it stands is reported.
    if (known != kBad) return known;
    PlainCell& plain = plain_;
    plain.clear();
    std::unique_ptr<feel::Expression> expression;
    bool is_plain = read_plain(row_text.text, type, arena, plain);
    if (!is_plain) {
        plain.clear();
        expression = feel::compile_unary_tests(row_text, type, scope, options, diagnostics);
        if (!expression) return kBad;
        is_plain = plain_of(*expression->tree(), arena, plain);
    }
    if (is_plain && plain.any) return known = kAny;
    if (!is_plain) return known = add_machine(std::move(expression));
    pending_.push_back({static_cast<uint32_t>(cells_.size()), static_cast<uint32_t>(tests_.size()),
                        static_cast<uint32_t>(plain.tests.size()), plain.negated, &row_text});
    tests_.insert(tests_.end(), plain.tests.begin(), plain.tests.end());
    cells_.emplace_back();
    return known = static_cast<uint32_t>(cells_.size() - 1);
}

void Column::expect(size_t seen, size_t rows) {
    if (of_text_.size() <= seen / 2) return;
    written_.reserve(rows);
    of_text_.reserve(rows);
    pending_.reserve(rows);
    tests_.reserve(tests_.size() * rows / seen);
    cells_.reserve(rows + 2);
}

void Column::choose_domain() {
    domain_ = domain_of(type);
    if (type->kind != TypeKind::any) return;
    for (const Test& test : tests_) {
        // A boolean in a column of unknown type is a condition in itself, which only the machine knows.
        if (domain_ == Domain::none && test.a.kind != Kind::boolean) domain_ = domain_of(test.a.kind);
    }
}

bool Column::in_domain(const Test& test) const {
    auto is_ours = [&](const Value& value) { return domain_of(value.kind) == domain_; };
    bool ordered = test.comparison != Comparison::equal && test.comparison != Comparison::not_equal;
    if (ordered && (domain_ == Domain::text || domain_ == Domain::boolean)) return false;
    if (test.comparison == Comparison::range && !is_ours(test.b)) return false;
    return is_ours(test.a) || (test.a.is_null() && !ordered);
}

// Whether the constants are exact keys at the column's scale.
bool Column::fits(const Test& test) const {
    auto fit = [&](const Value& value) {
        if (value.kind == Kind::months_duration) return value.calendar() == 0;
        if (value.kind == Kind::date_time) return std::abs(value.as_date_time().utc_seconds()) < kFarSeconds;
        if (value.kind != Kind::number) return true;
        Decimal number = value.as_number().reduce();
        __int128 size = number.coefficient() < 0 ? -number.coefficient() : number.coefficient();
        int shift = scale_ + number.exponent();
        return shift >= 0 && shift <= 18 && size <= kConstantMax && size * power_of_ten(shift) <= kConstantMax;
    };
    return fit(test.a) && (test.comparison != Comparison::range || fit(test.b));
}

int64_t Column::key_of_constant(const Value& value) {
    if (domain_ != Domain::text) return key_of(value).key;
    return texts_.add(value.as_string());
}

Interval Column::interval_of(const Test& test) {
    int64_t a = key_of_constant(test.a);
    switch (test.comparison) {
        case Comparison::less:
            return {kLowest, a - 1};
        case Comparison::less_equal:
            return {kLowest, a};
        case Comparison::greater:
            return {a + 1, kHighest};
        case Comparison::greater_equal:
            return {a, kHighest};
        case Comparison::range: {
            int64_t b = key_of_constant(test.b);
            return {test.low_closed ? a : a + 1, test.high_closed ? b : b - 1};
        }
        default:
            break;
    }
    // Times are equal within the same second.
    if (domain_ != Domain::time && domain_ != Domain::date_time) return {a, a};
    int64_t second = a / kNano - (a % kNano < 0);
    return {second * kNano, second * kNano + kNano - 1};
}

void Column::set_intervals(Cell& cell, std::vector<Interval>& intervals) {
    if (intervals.empty()) return;
    cell.first = intervals[0];
    cell.more = static_cast<uint32_t>(intervals_.size());
    cell.more_count = static_cast<uint16_t>(intervals.size() - 1);
    intervals_.insert(intervals_.end(), intervals.begin() + 1, intervals.end());
}

// The values of the column's kind that meet one of the tests (or none, when negated), as intervals; null and others
// apart.
void Column::give_keys(const Pending& pending) {
    Three null = Three::no, other = Three::no;
    std::vector<Interval> intervals;
    for (uint32_t i = pending.tests; i < pending.tests + pending.test_count; ++i) {
        const Test& test = tests_[i];
        null = either(null, of_null(test));
        other = either(other, of_other(test));
        bool outside = test.comparison == Comparison::not_equal;
        if (test.a.is_null()) {
            if (outside) intervals.push_back({kLowest, kHighest});
            continue;
        }
        Interval interval = interval_of(test);
        if (!outside) {
            intervals.push_back(interval);
        } else {
            intervals.push_back({kLowest, interval.low - 1});
            intervals.push_back({interval.high + 1, kHighest});
        }
    }
    normalise(intervals);
    if (pending.negated) intervals = complement(intervals);
    Cell& cell = cells_[pending.cell];
    cell.kind = Cell::Kind::keys;
    cell.null = met(null, pending.negated);
    cell.other = met(other, pending.negated);
    set_intervals(cell, intervals);
}

bool Column::finish(const feel::Scope& scope, const feel::CompileOptions& options, Diagnostics& diagnostics) {
    choose_domain();
    for (const Test& test : tests_) {
        auto widen = [&](const Value& value) {
            if (value.kind != Kind::number) return;
            scale_ = std::max(scale_, std::min(value.as_number().reduce().scale(), kScaleMax));
        };
        widen(test.a);
        if (test.comparison == Comparison::range) widen(test.b);
    }
    bool ok = true;
    for (const Pending& pending : pending_) {
        auto begin = tests_.begin() + pending.tests, end = begin + pending.test_count;
        bool keyed = pending.test_count <= UINT16_MAX / 2 &&
                     std::all_of(begin, end, [&](const Test& test) { return in_domain(test) && fits(test); });
        if (keyed && domain_ != Domain::none) {
            give_keys(pending);
            continue;
        }
        auto expression = feel::compile_unary_tests(*pending.text, type, scope, options, diagnostics);
        if (!expression) {
            ok = false;
            continue;
        }
        cells_[pending.cell].kind = Cell::Kind::machine;
        cells_[pending.cell].more = static_cast<uint32_t>(expressions_.size());
        expressions_.push_back(std::move(expression));
    }
    pending_ = {};
    tests_ = {};
    written_ = {};
    plain_ = {};
    of_text_ = {};
    cells_.shrink_to_fit();
    return ok;
}

size_t Column::bytes() const {
    return cells_.size() * sizeof(Cell) + intervals_.size() * sizeof(Interval) + texts_.bytes();
}

Key Column::other_key_of(const Value& value) const {
    if (value.is_null()) return {Key::State::null, 0};
    if (domain_ == Domain::none || domain_of(value.kind) != domain_) return {Key::State::other, 0};
    switch (domain_) {
        case Domain::date:
            return {Key::State::key, value.as_date().days};
        case Domain::boolean:
            return {Key::State::key, value.is_true()};
        case Domain::months:
            if (value.calendar() != 0) return {Key::State::other, 0};
            return {Key::State::key, std::clamp(value.as_months_duration().months, -kFarKey, kFarKey)};
        case Domain::time:
            return {Key::State::key, value.as_time().utc_nanoseconds()};
        case Domain::date_time: {
            value::DateTime instant = value.as_date_time();
            return {Key::State::key, nanosecond_key(instant.utc_seconds(), instant.nanoseconds)};
        }
        default:
            return {Key::State::other, 0};
    }
}

}  // namespace leat::decision
