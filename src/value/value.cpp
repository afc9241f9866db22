// Value: its temporal constructors and accessors, copies and look-up.
//
// How the 16 bytes of `bits` and the rest hold temporal values:
//   date            low: days
//   time            low: nanoseconds of the day, high: zone offset or id, flags: ZoneKind
//   date and time   low: local seconds, aux: nanoseconds, high: zone offset or id, flags: ZoneKind
//   days duration   low: seconds, high: nanoseconds, aux: calendar, flags: kWholeDays
//   months duration low: months, aux: calendar
#include "value/value.hpp"

#include "value/same_text.hpp"

namespace leat::value {

Value Value::of(Date date) {
    Value v;
    v.kind = Kind::date;
    v.bits = {static_cast<uint64_t>(date.days), 0};
    return v;
}

Value Value::of(const Time& time) {
    Value v;
    v.kind = Kind::time;
    v.flags = static_cast<uint8_t>(time.zone.kind);
    v.bits = {static_cast<uint64_t>(time.nanoseconds), static_cast<uint64_t>(time.zone.offset)};
    return v;
}

Value Value::of(const DateTime& date_time) {
    Value v;
    v.kind = Kind::date_time;
    v.flags = static_cast<uint8_t>(date_time.zone.kind);
    v.aux = static_cast<uint32_t>(date_time.nanoseconds);
    v.bits = {static_cast<uint64_t>(date_time.seconds), static_cast<uint64_t>(date_time.zone.offset)};
    return v;
}

Value Value::of(DaysDuration duration, uint32_t calendar, bool whole_days) {
    Value v;
    v.kind = Kind::days_duration;
    v.flags = whole_days ? kWholeDays : 0;
    v.aux = calendar;
    v.bits = {static_cast<uint64_t>(duration.seconds), static_cast<uint64_t>(duration.nanoseconds)};
    return v;
}

Value Value::of(MonthsDuration duration, uint32_t calendar) {
    Value v;
    v.kind = Kind::months_duration;
    v.aux = calendar;
    v.bits = {static_cast<uint64_t>(duration.months), 0};
    return v;
}

Date Value::as_date() const {
    return {static_cast<int64_t>(bits.low)};
}

Time Value::as_time() const {
    return {static_cast<int64_t>(bits.low), {static_cast<ZoneKind>(flags), static_cast<int32_t>(bits.high)}};
}

DateTime Value::as_date_time() const {
    return {static_cast<int64_t>(bits.low),
            static_cast<int32_t>(aux),
            {static_cast<ZoneKind>(flags), static_cast<int32_t>(bits.high)}};
}

DaysDuration Value::as_days_duration() const {
    return {static_cast<int64_t>(bits.low), static_cast<int32_t>(bits.high)};
}

MonthsDuration Value::as_months_duration() const {
    return {static_cast<int64_t>(bits.low)};
}

const Value* ContextData::find(std::string_view name) const {
    for (uint32_t i = 0; i < count; ++i) {
        if (same_text(entries[i].name, name)) return &entries[i].value;
    }
    return nullptr;
}

namespace {

Value copy_null(const Value& value, Arena& arena) {
    if (!value.null_reason) return value;
    NullReason reason = *value.null_reason;
    reason.code = arena.copy(reason.code);
    reason.name = arena.copy(reason.name);
    reason.text = arena.copy(reason.text);
    return Value::null(arena.make<NullReason>(reason));
}

Value copy_context(const Value& value, Arena& arena) {
    const ContextData& from = *value.context;
    auto* entries = arena.array<ContextEntry>(from.count);
    for (uint32_t i = 0; i < from.count; ++i) {
        entries[i].name = arena.copy(from.entries[i].name);
        entries[i].value = copy(from.entries[i].value, arena);
    }
    return Value::context_of(arena.make<ContextData>(ContextData{entries, from.count}));
}

}  // namespace

Value copy(const Value& value, Arena& arena) {
    switch (value.kind) {
        case Kind::null:
            return copy_null(value, arena);
        case Kind::string:
            return Value::string(arena.copy(value.as_string()));
        case Kind::list: {
            auto* items = arena.array<Value>(value.aux);
            for (uint32_t i = 0; i < value.aux; ++i) items[i] = copy(value.items[i], arena);
            return Value::list(items, value.aux);
        }
        case Kind::context:
            return copy_context(value, arena);
        case Kind::range: {
            const RangeData& from = *value.range;
            RangeData to{copy(from.low, arena), copy(from.high, arena), from.low_closed, from.high_closed, from.single};
            return Value::range_of(arena.make<RangeData>(to));
        }
        case Kind::record:
            return Value::record_of(value.aux, value.record.id);  // its row stays in the first arena
        default:
            return value;
    }
}

}  // namespace leat::value
