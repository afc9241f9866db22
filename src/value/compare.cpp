// Equality and order of values.
#include "value/value.hpp"

namespace leat::value {

namespace {

int64_t floor_seconds(int64_t nanoseconds) {
    constexpr int64_t kNano = 1'000'000'000;
    return nanoseconds / kNano - (nanoseconds % kNano < 0);
}

// Three-valued "and" of one more part: false wins, then unknown.
void conjoin(std::optional<bool>& all, std::optional<bool> part) {
    if (all == std::optional<bool>(false)) return;
    if (!part || !*part) all = part;
}

std::optional<bool> equal_lists(const Value& a, const Value& b) {
    if (a.aux != b.aux) return false;
    std::optional<bool> all = true;
    for (uint32_t i = 0; i < a.aux; ++i) conjoin(all, equal(a.items[i], b.items[i]));
    return all;
}

std::optional<bool> equal_contexts(const ContextData& a, const ContextData& b) {
    if (a.count != b.count) return false;
    std::optional<bool> all = true;
    for (uint32_t i = 0; i < a.count; ++i) {
        const Value* other = b.find(a.entries[i].name);
        if (!other) return false;
        conjoin(all, equal(a.entries[i].value, *other));
    }
    return all;
}

std::optional<bool> equal_ranges(const RangeData& a, const RangeData& b) {
    if (a.single != b.single) return false;
    if (a.low_closed != b.low_closed || a.high_closed != b.high_closed) return false;
    std::optional<bool> all = true;
    conjoin(all, equal(a.low, b.low));
    conjoin(all, equal(a.high, b.high));
    return all;
}

std::strong_ordering order(const DateTime& a, const DateTime& b) {
    auto seconds = a.utc_seconds() <=> b.utc_seconds();
    return seconds != 0 ? seconds : a.nanoseconds <=> b.nanoseconds;
}

bool identical_contexts(const ContextData& a, const ContextData& b) {
    if (a.count != b.count) return false;
    for (uint32_t i = 0; i < a.count; ++i) {
        const Value* other = b.find(a.entries[i].name);
        if (!other || !identical(a.entries[i].value, *other)) return false;
    }
    return true;
}

}  // namespace

std::optional<bool> equal(const Value& a, const Value& b) {
    if (a.is_null() || b.is_null()) return a.is_null() && b.is_null();
    if (a.kind != b.kind) return std::nullopt;
    switch (a.kind) {
        case Kind::null:
            return true;
        case Kind::boolean:
            return a.flags == b.flags;
        case Kind::number:
            return a.as_number() == b.as_number();
        case Kind::string:
            return a.as_string() == b.as_string();
        case Kind::date:
            return a.as_date() == b.as_date();
        case Kind::time:
            return floor_seconds(a.as_time().utc_nanoseconds()) == floor_seconds(b.as_time().utc_nanoseconds());
        case Kind::date_time:
            return a.as_date_time().utc_seconds() == b.as_date_time().utc_seconds();
        case Kind::days_duration:
            return a.as_days_duration() == b.as_days_duration();
        case Kind::months_duration:
            return a.as_months_duration() == b.as_months_duration();
        case Kind::list:
            return equal_lists(a, b);
        case Kind::context:
            return equal_contexts(*a.context, *b.context);
        case Kind::range:
            return equal_ranges(*a.range, *b.range);
        case Kind::function:
            return a.function == b.function ? std::optional<bool>(true) : std::nullopt;
        case Kind::record:
        case Kind::object:
            return a.aux == b.aux && a.record.id == b.record.id;
    }
    return std::nullopt;
}

std::optional<std::strong_ordering> compare(const Value& a, const Value& b) {
    if (a.kind != b.kind) return std::nullopt;
    switch (a.kind) {
        case Kind::number:
            return Decimal::compare(a.as_number(), b.as_number());
        case Kind::string:
            return a.as_string() <=> b.as_string();  // bytes of UTF-8 order as code points do
        case Kind::date:
            return a.as_date() <=> b.as_date();
        case Kind::time:
            return a.as_time().utc_nanoseconds() <=> b.as_time().utc_nanoseconds();
        case Kind::date_time:
            return order(a.as_date_time(), b.as_date_time());
        case Kind::days_duration:
            return a.as_days_duration() <=> b.as_days_duration();
        case Kind::months_duration:
            return a.as_months_duration() <=> b.as_months_duration();
        default:
            return std::nullopt;
    }
}

bool identical(const Value& a, const Value& b) {
    if (a.kind != b.kind) return false;
    switch (a.kind) {
        case Kind::null:
            return true;
        case Kind::boolean:
            return a.flags == b.flags;
        case Kind::number:
            return a.as_number() == b.as_number();
        case Kind::string:
            return a.as_string() == b.as_string();
        case Kind::date:
        case Kind::time:
        case Kind::date_time:
        case Kind::days_duration:
        case Kind::months_duration:
            return a.bits.low == b.bits.low && a.bits.high == b.bits.high && a.aux == b.aux && a.flags == b.flags;
        case Kind::list:
            if (a.aux != b.aux) return false;
            for (uint32_t i = 0; i < a.aux; ++i) {
                if (!identical(a.items[i], b.items[i])) return false;
            }
            return true;
        case Kind::context:
            return identical_contexts(*a.context, *b.context);
        case Kind::range:
            return a.range->single == b.range->single && a.range->low_closed == b.range->low_closed &&
                   a.range->high_closed == b.range->high_closed && identical(a.range->low, b.range->low) &&
                   identical(a.range->high, b.range->high);
        case Kind::function:
            return a.function == b.function;
        case Kind::record:
        case Kind::object:
            return a.aux == b.aux && a.record.id == b.record.id;
    }
    return false;
}

}  // namespace leat::value
