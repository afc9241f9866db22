#include "capi/value.hpp"

#include <fmt/format.h>

#include "capi/guard.hpp"

namespace leat::capi {

namespace {

constexpr int kDepthMax = 64;  // of lists in lists: conversion recurses
constexpr int64_t kMicro = 1'000'000;
constexpr int64_t kDayUs = 86'400 * kMicro;

constexpr __int128 coefficient_end() {
    __int128 end = 1;
    for (int i = 0; i < Decimal::kDigitsMax; ++i) end *= 10;
    return end;
}
constexpr __int128 kCoefficientEnd = coefficient_end();

[[noreturn]] void bad(const char* code, std::string message) {
    throw ArgumentError(code, std::move(message));
}

std::string_view text_of(const char* data, uint32_t size, const char* what) {
    return text(leat_str{data, size}, what);
}

Decimal number_of(const leat_value& given) {
    auto bits = static_cast<unsigned __int128>(given.as.number.high) << 64 | given.as.number.low;
    auto coefficient = static_cast<__int128>(bits);
    if (coefficient >= kCoefficientEnd || coefficient <= -kCoefficientEnd)
        bad("value.number", "a number's coefficient has at most 34 digits");
    if (-given.scale < Decimal::kExponentMin || -given.scale > Decimal::kExponentMax)
        bad("value.number", "a number's scale is out of range");
    return Decimal::make(coefficient, -given.scale);
}

Value instant_of(const leat_value& given) {
    std::string_view name = text_of(given.as.instant.zone, given.size, "zone");
    value::Zone zone{value::ZoneKind::offset, 0};
    if (!name.empty()) {
        auto id = value::zone_id(name);
        if (!id) bad("value.zone", fmt::format("there is no time zone '{}'", name));
        zone = {value::ZoneKind::zone, *id};
    }
    return Value::of(value::DateTime::from_utc_us(given.as.instant.us, zone));
}

int64_t floor_div(int64_t a, int64_t b) {
    return a / b - (a % b < 0 ? 1 : 0);
}

int64_t days_in_microseconds(value::DaysDuration duration) {
    __int128 us = static_cast<__int128>(duration.seconds) * kMicro + duration.nanoseconds / 1000;
    if (us > INT64_MAX || us < INT64_MIN)
        throw Failure(Status::limit, "value.duration", "a duration is too long for microseconds in 64 bits");
    return static_cast<int64_t>(us);
}

}  // namespace

Value to_value(const leat_value& given, Arena& arena, int depth) {
    if (depth > kDepthMax) bad("value.depth", "lists are nested too deeply");
    switch (given.kind) {
        case LEAT_KIND_NULL:
            return Value::null();
        case LEAT_KIND_BOOLEAN:
            return Value::boolean(given.as.integer != 0);
        case LEAT_KIND_NUMBER:
            return Value::number(number_of(given));
        case LEAT_KIND_STRING:
            return Value::string(arena.copy(text_of(given.as.text, given.size, "value")));
        case LEAT_KIND_DATE: {
            value::Date date{given.as.integer};
            if (!date.in_range()) bad("value.date", "a date is out of range");
            return Value::of(date);
        }
        case LEAT_KIND_TIME:
            if (given.as.integer < 0 || given.as.integer >= kDayUs)
                bad("value.time", "a time of day is from 0 to 86,399,999,999 microseconds");
            return Value::of(value::Time{given.as.integer * 1000, {}});
        case LEAT_KIND_DATE_TIME:
            return instant_of(given);
        case LEAT_KIND_DAYS_DURATION: {
            int64_t seconds = floor_div(given.as.integer, kMicro);
            return Value::of(
                value::DaysDuration{seconds, static_cast<int32_t>(given.as.integer - seconds * kMicro) * 1000});
        }
        case LEAT_KIND_MONTHS_DURATION:
            return Value::of(value::MonthsDuration{given.as.integer});
        case LEAT_KIND_LIST: {
            if (given.size != 0) required(given.as.items, "items");
            Value* items = arena.array<Value>(given.size);
            for (uint32_t i = 0; i < given.size; ++i) items[i] = to_value(given.as.items[i], arena, depth + 1);
            return Value::list(items, given.size);
        }
        case LEAT_KIND_RECORD:
            return Value::record_of(given.size, given.as.integer);
        default:
            bad("value.kind", fmt::format("{} is no LEAT_KIND", given.kind));
    }
}

Value lend_value(const leat_value& given, Arena& arena) {
    if (given.kind == LEAT_KIND_STRING) return Value::string(text_of(given.as.text, given.size, "value"));
    return to_value(given, arena);
}

leat_value from_value(const Value& value, Arena& arena, int depth) {
    if (depth > kDepthMax) throw Failure(Status::limit, "value.depth", "lists are nested too deeply");
    switch (value.kind) {
        case Kind::null:
            return leat_value_null();
        case Kind::boolean:
            return leat_value_boolean(value.is_true());
        case Kind::number: {
            leat_value out = leat_value_null();
            out.kind = LEAT_KIND_NUMBER;
            out.scale = static_cast<int16_t>(-value.exponent);
            out.as.number.low = value.bits.low;
            out.as.number.high = value.bits.high;
            return out;
        }
        case Kind::string:
            return leat_value_string(lend(value.as_string()));
        case Kind::date:
            return leat_value_date(value.as_date().days);
        case Kind::time:
            return leat_value_time(value.as_time().nanoseconds / 1000);
        case Kind::date_time: {
            value::DateTime at = value.as_date_time();
            std::string_view zone =
                at.zone.kind == value::ZoneKind::zone ? value::zone_name(at.zone.offset) : std::string_view{};
            return leat_value_instant(at.utc_us(), lend(zone));
        }
        case Kind::days_duration:
            return leat_value_days_duration(days_in_microseconds(value.as_days_duration()));
        case Kind::months_duration:
            return leat_value_months_duration(value.as_months_duration().months);
        case Kind::list: {
            auto* items = arena.array<leat_value>(value.aux);
            for (uint32_t i = 0; i < value.aux; ++i) items[i] = from_value(value.items[i], arena, depth + 1);
            return leat_value_list(items, value.aux);
        }
        case Kind::record:
            return leat_value_record(value.aux, value.record.id);
        default:
            throw Failure(Status::usage, "value.kind",
                          "contexts, ranges and functions have no leat_value; read them as JSON");
    }
}

}  // namespace leat::capi
