// Value: what FEEL computes with. 24 bytes, trivially copyable; texts, lists and contexts point into an arena (a
// command's, or a program's for constants) and live as long as it does.
//
// A null may say why it is null (null_reason): "field 'amount' is empty" survives arithmetic and comparison, so that
// a guard that comes out null can name the empty field (SEMANTICS 1.4).
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/arena.hpp"
#include "value/decimal.hpp"
#include "value/temporal.hpp"

namespace leat::value {

// Reaches the C ABI as leat_value.kind: numbers are frozen.
enum class Kind : uint8_t {
    null = 0,
    boolean = 1,
    number = 2,
    string = 3,
    date = 4,
    time = 5,
    date_time = 6,
    days_duration = 7,
    months_duration = 8,
    list = 9,
    context = 10,
    range = 11,
    function = 12,
    record = 13,  // a record of an entity: class_id says which, id() its row; `row` may point at loaded fields
    object = 14,  // something with members that the host resolves: settings, records, params
};

struct Value;
struct ContextData;
struct RangeData;

// Why a value is null: the first cause is kept.
struct NullReason {
    std::string_view code;        // "empty" for an empty field; else "feel.divide_by_zero", "feel.conversion" …
    std::string_view name;        // the field, for "empty"
    std::string_view text;        // a sentence in English
    uint32_t begin = 0, end = 0;  // the place in the expression's text
};

struct Value {
    Kind kind = Kind::null;
    uint8_t flags = 0;     // durations: kWholeDays; boolean: the value; date_time/time: ZoneKind
    int16_t exponent = 0;  // of a number
    uint32_t aux = 0;      // string bytes, list items; record/object: class id; durations: 1 + calendar; date_time: ns
    union {
        struct {
            uint64_t low;
            uint64_t high;
        } bits;              // number: the coefficient in two's complement; temporal values: see value.cpp
        const char* text;    // string, UTF-8, `aux` bytes
        const Value* items;  // list
        const ContextData* context;
        const RangeData* range;
        const void* function;           // feel::Function
        const NullReason* null_reason;  // null: may be nullptr
        struct {
            int64_t id;
            const Value* row;  // the record's fields when they are at hand, else nullptr
        } record;
    };

    static constexpr uint8_t kWholeDays = 1;  // "P7D office": working days, not 168 hours

    Value() : bits{0, 0} {}
    static Value null(const NullReason* reason = nullptr) {
        Value v;
        v.bits = {0, 0};
        v.null_reason = reason;
        return v;
    }
    static Value boolean(bool b) {
        Value v;
        v.kind = Kind::boolean;
        v.flags = b;
        return v;
    }
    static Value number(Decimal d) {
        Value v;
        v.kind = Kind::number;
        v.exponent = static_cast<int16_t>(d.exponent());
        auto c = static_cast<unsigned __int128>(d.coefficient());
        v.bits = {static_cast<uint64_t>(c), static_cast<uint64_t>(c >> 64)};
        return v;
    }
    static Value string(std::string_view text_in_arena) {
        Value v;
        v.kind = Kind::string;
        v.aux = static_cast<uint32_t>(text_in_arena.size());
        v.text = text_in_arena.data();
        return v;
    }
    static Value list(const Value* items, size_t count) {
        Value v;
        v.kind = Kind::list;
        v.aux = static_cast<uint32_t>(count);
        v.items = items;
        return v;
    }
    static Value context_of(const ContextData* data) {
        Value v;
        v.kind = Kind::context;
        v.context = data;
        return v;
    }
    static Value range_of(const RangeData* data) {
        Value v;
        v.kind = Kind::range;
        v.range = data;
        return v;
    }
    static Value record_of(uint32_t entity, int64_t id, const Value* row = nullptr) {
        Value v;
        v.kind = Kind::record;
        v.aux = entity;
        v.record = {id, row};
        return v;
    }
    static Value object_of(uint32_t class_id, int64_t id = 0) {
        Value v;
        v.kind = Kind::object;
        v.aux = class_id;
        v.record = {id, nullptr};
        return v;
    }
    static Value of(Date date);
    static Value of(const Time& time);
    static Value of(const DateTime& date_time);
    static Value of(DaysDuration duration, uint32_t calendar = 0, bool whole_days = false);  // calendar: 1 + index
    static Value of(MonthsDuration duration, uint32_t calendar = 0);

    bool is_null() const { return kind == Kind::null; }
    bool is_true() const { return kind == Kind::boolean && flags != 0; }
    bool is_false() const { return kind == Kind::boolean && flags == 0; }
    Decimal as_number() const {
        auto c = static_cast<unsigned __int128>(bits.high) << 64 | bits.low;
        return Decimal::make(static_cast<__int128>(c), exponent);
    }
    std::string_view as_string() const { return {text, aux}; }
    std::span<const Value> as_list() const { return {items, aux}; }
    Date as_date() const;
    Time as_time() const;
    DateTime as_date_time() const;
    DaysDuration as_days_duration() const;
    MonthsDuration as_months_duration() const;
    uint32_t calendar() const { return aux; }               // of a duration: 1 + index, 0 none
    bool whole_days() const { return flags & kWholeDays; }  // of a days duration with a calendar
};
static_assert(sizeof(Value) == 24);
static_assert(std::is_trivially_copyable_v<Value>);

struct ContextEntry {
    std::string_view name;
    Value value;
};
struct ContextData {
    const ContextEntry* entries;  // in order
    uint32_t count;
    const Value* find(std::string_view name) const;
};
struct RangeData {
    Value low, high;  // null: unbounded
    bool low_closed, high_closed;
    bool single = false;  // (= 5) as a value: a test for one value, which FEEL keeps apart from [5..5]
};

// FEEL's "=": nullopt where the kinds cannot be compared (then FEEL says null). null = null is true. Times and
// dates with times compare as whole seconds of UTC; lists and contexts element by element, three-valued.
std::optional<bool> equal(const Value& a, const Value& b);
// FEEL's order; nullopt where there is none. Exact, also for times; texts order by code point.
std::optional<std::strong_ordering> compare(const Value& a, const Value& b);
// A total order and exact identity (number 1.0 == 1, null == null, kinds by number): for tests, maps and change
// detection.
bool identical(const Value& a, const Value& b);

// FEEL's string(): what `{name}` in a text shows. null gives "". Numbers keep their scale, strings inside lists and
// contexts are quoted, a record is its id.
std::string to_text(const Value& value);
// Canonical JSON: numbers canonical, temporal values as ISO text, a record as its id, durations as ISO text (with
// " NAME" when they carry a calendar: not here, the caller knows names), ranges as FEEL text, functions as null.
void append_json(std::string& out, const Value& value);
// A deep copy into another arena; a record's `row` is not taken along.
Value copy(const Value& value, Arena& arena);

}  // namespace leat::value

namespace leat {
using value::Kind;
using value::NullReason;
using value::Value;
}  // namespace leat
