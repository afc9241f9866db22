// Settings as data: the definition's values, with what business people changed since over them.
#include <fmt/format.h>

#include <algorithm>

#include "catalog/catalog.hpp"
#include "engine/parts.hpp"
#include "feel/duration_literal.hpp"

namespace leat::engine {

using program::FieldKind;

Result<Value> read_setting(const program::Program& program, const program::Setting& setting, std::string_view text,
                           Arena& arena) {
    auto wrong = [&](std::string_view want) {
        return make_error(Status::usage, "setting.value",
                          fmt::format("'{}' is no value for setting '{}': {} is wanted", text, setting.name, want));
    };
    switch (setting.kind) {
        case FieldKind::integer:
        case FieldKind::decimal:
        case FieldKind::money: {
            auto number = Decimal::parse(text);
            if (!number) return wrong("a number");
            if (setting.kind == FieldKind::integer && !number->is_integer()) return wrong("a whole number");
            return Value::number(*number);
        }
        case FieldKind::boolean:
            if (text != "true" && text != "false") return wrong("true or false");
            return Value::boolean(text == "true");
        case FieldKind::date: {
            auto date = Date::parse(text);
            if (!date) return wrong("a date such as 2026-11-21");
            return Value::of(*date);
        }
        case FieldKind::datetime: {
            auto instant = DateTime::parse(text);
            if (!instant) return wrong("a date and time such as 2026-11-21T09:00:00+08:00");
            return Value::of(*instant);
        }
        case FieldKind::duration: {
            std::string problem;
            auto scope = program.scope_of(program.user);
            auto duration = feel::parse_duration_literal(text, *scope, &problem);
            if (!duration) return wrong(problem.empty() ? "a duration such as PT8H or P7D office" : problem);
            return *duration;
        }
        default:
            if (setting.type && setting.type->enumeration && setting.type->enumeration->find(text) < 0)
                return wrong("one of its listed values");
            return Value::string(arena.copy(text));
    }
}

Result<void> SettingsNow::read(const program::Program& program, store::Connection& connection) {
    arena_.reset();
    values_.clear();
    for (const auto& setting : program.settings) values_.push_back(setting.values);
    LEAT_TRY(auto changed, catalog::settings(connection));
    for (const auto& row : changed) {
        uint32_t index = 0;
        const auto* setting = program.find_setting(row.name, &index);
        if (!setting) continue;  // of older definitions
        LEAT_TRY(Value value, read_setting(program, *setting, row.value, arena_));
        int64_t from = INT64_MIN;
        if (!row.valid_from.empty()) {
            auto date = Date::parse(row.valid_from);
            if (!date)
                return make_error(Status::store, "store.corrupt",
                                  fmt::format("leat_setting has the date '{}'", row.valid_from));
            from = date->days;
        }
        auto& values = values_[index];
        // A value without a date is the new start: it replaces all that held before today.
        if (from == INT64_MIN) values.clear();
        auto at = std::lower_bound(values.begin(), values.end(), from,
                                   [](const auto& v, int64_t day) { return v.valid_from_days < day; });
        if (at != values.end() && at->valid_from_days == from)
            at->value = value;
        else
            values.insert(at, {from, value});
    }
    return {};
}

Value SettingsNow::at(uint32_t index, int64_t day) const {
    const auto& values = values_[index];
    if (values.empty()) return Value::null();
    const program::SettingValue* best = &values.front();  // the earliest also holds before its date
    for (const auto& value : values)
        if (value.valid_from_days <= day) best = &value;
    return best->value;
}

}  // namespace leat::engine
