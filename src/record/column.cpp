#include "record/column.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "value/instant.hpp"

namespace leat::record {

using program::Field;
using program::FieldKind;
using query::Parameter;

namespace {

std::optional<int64_t> small(std::optional<Decimal> number) {
    if (!number) return std::nullopt;
    __int128 c = number->coefficient();
    if (c > INT64_MAX || c < INT64_MIN) return std::nullopt;
    return static_cast<int64_t>(c);
}

void append_item(std::string& out, const program::Program& program, const Value& item) {
    switch (item.kind) {
        case Kind::date:
        case Kind::time:
        case Kind::date_time:
        case Kind::days_duration:
        case Kind::months_duration:
            base::JsonWriter(out).string(scalar_text(program, item));
            return;
        case Kind::number:
            out += item.as_number().to_string();
            return;
        default:
            value::append_json(out, item);
    }
}

std::string list_text(const program::Program& program, const Value& list) {
    std::string out = "[";
    for (const Value& item : list.as_list()) {
        if (out.size() > 1) out += ',';
        append_item(out, program, item);
    }
    return out + ']';
}

std::optional<Value> item_of_json(const program::Program& program, const Field& field, const Json& json, Arena& arena) {
    switch (json.kind) {
        case Json::Kind::null:
            return Value();
        case Json::Kind::boolean:
            return Value::boolean(json.boolean);
        case Json::Kind::number:
            if (field.item_kind == FieldKind::ref) {
                auto number = Decimal::parse(json.text);
                auto id = number ? number->to_int64() : std::nullopt;
                if (!id) return std::nullopt;
                return Value::record_of(field.to, *id);
            }
            return scalar_from_text(program, FieldKind::decimal, json.text, arena);
        case Json::Kind::string:
            return scalar_from_text(program, field.item_kind, json.text, arena);
        default:
            return value_of_json(json, arena);
    }
}

std::optional<Value> list_of_text(const program::Program& program, const Field& field, std::string_view text,
                                  Arena& arena) {
    auto json = base::parse_json(text);
    if (!json || json->kind != Json::Kind::array) return std::nullopt;
    Value* items = arena.array<Value>(json->items.size());
    for (size_t i = 0; i < json->items.size(); ++i) {
        auto item = item_of_json(program, field, json->items[i], arena);
        if (!item) return std::nullopt;
        items[i] = *item;
    }
    return Value::list(items, json->items.size());
}

std::optional<Value> parse_text(const program::Program& program, const Field& field, std::string_view text,
                                Arena& arena) {
    if (field.kind == FieldKind::list) return list_of_text(program, field, text, arena);
    if (field.kind == FieldKind::json) {
        auto json = base::parse_json(text);
        if (!json) return std::nullopt;
        return value_of_json(*json, arena);
    }
    return scalar_from_text(program, field.kind, text, arena);
}

}  // namespace

// Of ten, as far as 128 bits go.
static constexpr std::array<__int128, 39> kPowers = [] {
    std::array<__int128, 39> powers{1};
    for (size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
    return powers;
}();

int digits_kept(const Field& field) {
    if (field.digits != 0) return field.digits;
    return field.kind == FieldKind::integer ? 19 : 18;  // an integer without `digits` is what 64 bits hold
}

bool fits_digits(const Field& field, Decimal number) {
    if (field.kind == FieldKind::integer && field.digits == 0) return number.to_int64().has_value();
    const int digits = digits_kept(field);
    if (digits >= static_cast<int>(kPowers.size())) return true;  // more than a coefficient has
    const __int128 coefficient = number.coefficient(), end = kPowers[static_cast<size_t>(std::max(digits, 0))];
    return coefficient < end && coefficient > -end;
}

bool stored_year(Date date) {
    static const int64_t kFirst = Date::of(1, 1, 1)->days, kLast = Date::of(9999, 12, 31)->days;
    return date.days >= kFirst && date.days <= kLast;
}

std::string duration_text(const program::Program& program, const Value& duration) {
    if (duration.calendar() == 0 || duration.calendar() > program.calendars.size()) return value::to_text(duration);
    const std::string& calendar = program.calendars[duration.calendar() - 1].name();
    if (duration.kind == Kind::days_duration && !duration.whole_days()) {
        auto days = duration.as_days_duration();
        // Normalised text would turn PT168H into P7D, which counts working days instead of working time.
        if (days.nanoseconds == 0 && days.seconds % 86'400 == 0)
            return fmt::format("PT{}H {}", days.seconds / 3600, calendar);
    }
    return value::to_text(duration) + " " + calendar;
}

std::optional<Value> parse_duration_text(const program::Program& program, std::string_view text) {
    uint32_t calendar = 0;
    if (size_t space = text.find(' '); space != std::string_view::npos) {
        std::string_view name = text.substr(space + 1);
        for (uint32_t i = 0; i < program.calendars.size() && calendar == 0; ++i) {
            if (program.calendars[i].name() == name) calendar = i + 1;
        }
        if (calendar == 0) return std::nullopt;
        text = text.substr(0, space);
    }
    auto parsed = value::parse_duration(text);
    if (!parsed) return std::nullopt;
    if (parsed->months) return Value::of(*parsed->months, calendar);
    return Value::of(*parsed->days, calendar, calendar != 0 && !parsed->has_time_part);
}

Value instant_value(const program::Program& program, int64_t utc_us) {
    return Value::of(DateTime::from_utc_us(utc_us, program.time_zone));
}

std::optional<Value> scalar_from_text(const program::Program& program, FieldKind kind, std::string_view text,
                                      Arena& arena) {
    auto wrap = [](const auto& parsed) -> std::optional<Value> {
        if (!parsed) return std::nullopt;
        return Value::of(*parsed);
    };
    switch (kind) {
        case FieldKind::integer:
        case FieldKind::decimal:
        case FieldKind::money: {
            auto number = Decimal::parse(text);
            if (!number) return std::nullopt;
            return Value::number(*number);
        }
        case FieldKind::boolean:
            if (text == "true" || text == "false") return Value::boolean(text == "true");
            return std::nullopt;
        case FieldKind::date:
            return wrap(Date::parse(text));
        case FieldKind::time:
            return wrap(Time::parse(text));
        case FieldKind::datetime: {
            if (auto instant = value::parse_instant(text)) return instant_value(program, *instant);
            auto local = DateTime::parse(text);
            if (!local) return std::nullopt;
            if (local->zone.kind == ZoneKind::local) local->zone = program.time_zone;
            return instant_value(program, local->utc_us());
        }
        case FieldKind::duration:
            return parse_duration_text(program, text);
        default:
            return Value::string(arena.copy(text));
    }
}

std::string scalar_text(const program::Program& program, const Value& value) {
    switch (value.kind) {
        case Kind::date_time:
            return value::format_instant(value.as_date_time().utc_us());
        case Kind::days_duration:
        case Kind::months_duration:
            return duration_text(program, value);
        default:
            return value::to_text(value);
    }
}

Value value_of_json(const Json& json, Arena& arena) {
    switch (json.kind) {
        case Json::Kind::null:
            return Value();
        case Json::Kind::boolean:
            return Value::boolean(json.boolean);
        case Json::Kind::number: {
            auto number = Decimal::parse(json.text);
            return number ? Value::number(*number) : Value::string(arena.copy(json.text));
        }
        case Json::Kind::string:
            return Value::string(arena.copy(json.text));
        case Json::Kind::array: {
            Value* items = arena.array<Value>(json.items.size());
            for (size_t i = 0; i < json.items.size(); ++i) items[i] = value_of_json(json.items[i], arena);
            return Value::list(items, json.items.size());
        }
        case Json::Kind::object:
            break;
    }
    auto* entries = arena.array<value::ContextEntry>(json.members.size());
    for (size_t i = 0; i < json.members.size(); ++i) {
        entries[i] = {arena.copy(json.members[i].first), value_of_json(json.members[i].second, arena)};
    }
    return Value::context_of(arena.make<value::ContextData>(entries, static_cast<uint32_t>(json.members.size())));
}

Parameter to_column(const program::Program& program, const Field& field, const Value& value, Arena& arena) {
    if (value.is_null()) return {};
    switch (field.kind) {
        case FieldKind::boolean:
            return Parameter::of(static_cast<int64_t>(value.is_true()));
        case FieldKind::integer:
        case FieldKind::decimal:
        case FieldKind::money: {
            if (field.wide) {
                auto whole = value.as_number().rescale(field.scale);
                return whole ? Parameter::of(arena.copy(whole->to_string())) : Parameter{};
            }
            auto scaled = small(value.as_number().rescale(field.scale));
            return scaled ? Parameter::of(*scaled) : Parameter{};
        }
        case FieldKind::ref:
            return Parameter::of(value.record.id);
        case FieldKind::list:
            return Parameter::of(arena.copy(list_text(program, value)));
        case FieldKind::json: {
            std::string text;
            value::append_json(text, value);
            return Parameter::of(arena.copy(text));
        }
        default:
            break;
    }
    if (value.kind == Kind::string) return Parameter::of(value.as_string());
    if (value.kind == Kind::date_time) {
        value::InstantText text;
        return Parameter::of(arena.copy(value::format_instant(value.as_date_time().utc_us(), text)));
    }
    return Parameter::of(arena.copy(scalar_text(program, value)));
}

Result<Value> from_column(const program::Program& program, const Field& field, const store::Statement& statement,
                          int column, Arena& arena) {
    const FieldKind kind = field.wide ? FieldKind::text : field.kind;
    const bool integer = kind == FieldKind::integer || kind == FieldKind::decimal || kind == FieldKind::money ||
                         kind == FieldKind::boolean || kind == FieldKind::ref;
    std::string_view text;
    if (!integer) text = statement.text(column);
    if (text.data() == nullptr && statement.is_null(column)) return Value::null(&field.empty);
    switch (kind) {
        case FieldKind::integer:
            return Value::number(Decimal(statement.integer(column)));
        case FieldKind::decimal:
        case FieldKind::money:
            return Value::number(Decimal::make(statement.integer(column), -field.scale));
        case FieldKind::boolean:
            return Value::boolean(statement.integer(column) != 0);
        case FieldKind::ref:
            return Value::record_of(field.to, statement.integer(column));
        default:
            break;
    }
    if (auto value = parse_text(program, field, text, arena)) return *value;
    return make_error(
        Status::store, "store.corrupt",
        fmt::format("column '{}' holds '{}', which this field never writes: was the file changed by another program?",
                    field.name, text.substr(0, 60)));
}

}  // namespace leat::record
