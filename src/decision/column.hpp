// One input column, compiled. Inside this room only.
//
// Constants of a column become 64-bit keys: numbers scaled to the column's finest constant, days of dates, nanoseconds
// of times and instants, numbers given to texts. A cell is then a set of closed key intervals, and one input value is
// turned into its key once a decision. So every plain cell costs two integer comparisons, whatever it says.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "decision/cell.hpp"
#include "decision/table.hpp"
#include "decision/texts.hpp"

namespace leat::decision {

enum class Domain : uint8_t { none, number, text, date, boolean, months, time, date_time };

inline constexpr int64_t kPowers[] = {1,
                                      10,
                                      100,
                                      1'000,
                                      10'000,
                                      100'000,
                                      1'000'000,
                                      10'000'000,
                                      100'000'000,
                                      1'000'000'000,
                                      10'000'000'000,
                                      100'000'000'000,
                                      1'000'000'000'000,
                                      10'000'000'000'000,
                                      100'000'000'000'000,
                                      1'000'000'000'000'000,
                                      10'000'000'000'000'000,
                                      100'000'000'000'000'000,
                                      1'000'000'000'000'000'000};
inline constexpr int kPowersMax = 18;
// Keys of numbers are doubled (an input between two keys is odd), so constants stay well below half of 64 bits.
inline constexpr int64_t kNumberMax = int64_t{1} << 60;

// 2 * floor(number * 10^scale), plus one when something was cut: exact against every constant of the column, whose
// keys are even. Numbers beyond all constants saturate.
int64_t wide_number_key(Decimal number, int scale);

// The same, quickly where the coefficient has 64 bits.
inline int64_t number_key(const Value& number, int scale) {
    auto low = static_cast<int64_t>(number.bits.low);
    int shift = scale + number.exponent;
    bool narrow = number.bits.high == static_cast<uint64_t>(low >> 63);
    if (narrow && shift >= 0 && shift <= kPowersMax) {
        int64_t scaled;
        if (!__builtin_mul_overflow(low, kPowers[shift], &scaled) && scaled <= kNumberMax && scaled >= -kNumberMax)
            return scaled * 2;
    } else if (narrow && shift < 0 && shift >= -kPowersMax) {
        int64_t power = kPowers[-shift], floor = low / power, rest = low % power;
        if (rest < 0) --floor;
        if (floor <= kNumberMax && floor >= -kNumberMax) return floor * 2 + (rest != 0);
    }
    return wide_number_key(number.as_number(), scale);
}

// An input value as a column sees it.
struct Key {
    enum class State : uint8_t { key, null, other };  // other: of a kind that no constant of the column has
    State state = State::other;
    int64_t key = 0;
};

struct Interval {
    int64_t low = 1, high = 0;  // closed; low > high: empty
    bool has(int64_t key) const { return low <= key && key <= high; }
};
inline constexpr int64_t kLowest = INT64_MIN, kHighest = INT64_MAX;

struct Cell {
    enum class Kind : uint8_t { any, keys, machine };
    Interval first;
    uint32_t more = 0;  // keys: where further intervals begin in Column::intervals; machine: index of expressions
    uint16_t more_count = 0;
    Kind kind = Kind::any;
    bool null : 1 = false;   // keys: matches null
    bool other : 1 = false;  // keys: matches values of other kinds
};

class Column {
 public:
    static constexpr uint32_t kAny = 0;  // number of the cell `-`
    static constexpr uint32_t kBad = UINT32_MAX;

    feel::TypeRef type = nullptr;
    std::unique_ptr<feel::Expression> input;
    int64_t field = -1;       // the input is this field of the row and needs no machine
    int64_t local = -1;       // the same of a local
    uint32_t allowed = kAny;  // the cell of the values that the column allows

    Column() { cells_.emplace_back(); }
    // The number of the cell with that text; kBad after a diagnostic. `row_text` must outlive the column.
    uint32_t add(const Text& row_text, const feel::Scope& scope, const feel::CompileOptions& options, Arena& arena,
                 Diagnostics& diagnostics);
    // After cells of `seen` rows were added, where there are `rows`: makes room at once for what seems to come.
    void expect(size_t seen, size_t rows);
    // After the last add(): gives keys to all plain cells. False after a diagnostic.
    bool finish(const feel::Scope& scope, const feel::CompileOptions& options, Diagnostics& diagnostics);

    Key key_of(const Value& value) const {
        if (value.kind == Kind::string && domain_ == Domain::text)
            return {Key::State::key, texts_.find(value.as_string())};
        if (value.kind == Kind::number && domain_ == Domain::number)
            return {Key::State::key, number_key(value, scale_)};
        return other_key_of(value);
    }
    bool matches(uint32_t cell, const Key& key, const Value& value, feel::Frame& frame) const;

    size_t size() const { return cells_.size(); }
    size_t bytes() const;  // of cells, keys and texts; formulas not counted
    const Cell& cell(uint32_t number) const { return cells_[number]; }
    // The intervals of a keyed cell, the first one included.
    template <class Use>
    void each_interval(const Cell& cell, const Use& use) const {
        if (cell.first.low <= cell.first.high) use(cell.first);
        for (uint32_t i = 0; i < cell.more_count; ++i) use(intervals_[cell.more + i]);
    }
    Domain domain() const { return domain_; }
    int scale() const { return scale_; }  // of numbers: an even key is 2 * value * 10^scale, an odd one lies between
    const Texts& texts() const { return texts_; }
    bool has_keys() const { return domain_ != Domain::none; }
    bool has_machine() const { return !expressions_.empty(); }
    const std::vector<std::unique_ptr<feel::Expression>>& expressions() const { return expressions_; }

 private:
    struct Pending {  // a plain cell between add() and finish()
        uint32_t cell;
        uint32_t tests, test_count;
        bool negated;
        const Text* text;
    };
    Key other_key_of(const Value& value) const;
    uint32_t add_machine(std::unique_ptr<feel::Expression> expression);
    void choose_domain();
    bool in_domain(const Test& test) const;
    bool fits(const Test& test) const;
    int64_t key_of_constant(const Value& value);
    Interval interval_of(const Test& test);
    void set_intervals(Cell& cell, std::vector<Interval>& intervals);
    void give_keys(const Pending& pending);

    Domain domain_ = Domain::none;
    int scale_ = 0;  // of numbers
    std::vector<Cell> cells_;
    std::vector<Interval> intervals_;
    std::vector<std::unique_ptr<feel::Expression>> expressions_;
    Texts texts_;
    Texts written_;                  // while cells are added: their texts
    std::vector<uint32_t> of_text_;  // the cell of each
    PlainCell plain_;                // the one that is read, used again
    std::vector<Pending> pending_;
    std::vector<Test> tests_;
};

inline bool Column::matches(uint32_t number, const Key& key, const Value& value, feel::Frame& frame) const {
    const Cell& cell = cells_[number];
    if (cell.kind == Cell::Kind::any) return true;
    if (cell.kind == Cell::Kind::machine) return expressions_[cell.more]->evaluate(frame, value).is_true();
    if (key.state != Key::State::key) return key.state == Key::State::null ? cell.null : cell.other;
    if (cell.first.has(key.key)) return true;
    for (uint32_t i = 0; i < cell.more_count; ++i) {
        if (intervals_[cell.more + i].has(key.key)) return true;
    }
    return false;
}

}  // namespace leat::decision
