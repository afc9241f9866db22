// app, roles, calendars and settings.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "program/compiler.hpp"

namespace leat::program {

namespace {

bool parse_rounding(std::string_view text, Rounding& out) {
    static constexpr std::array<std::pair<std::string_view, Rounding>, 7> kNames = {{{"half_even", Rounding::half_even},
                                                                                     {"half_up", Rounding::half_up},
                                                                                     {"half_down", Rounding::half_down},
                                                                                     {"up", Rounding::up},
                                                                                     {"down", Rounding::down},
                                                                                     {"ceiling", Rounding::ceiling},
                                                                                     {"floor", Rounding::floor}}};
    for (const auto& [name, rounding] : kNames) {
        if (name != text) continue;
        out = rounding;
        return true;
    }
    return false;
}

}  // namespace

void Compiler::application() {
    const model::App& app = model_.app;
    program_.app_name = app.name.text.empty() ? app.app.text : app.name.text;
    program_.app_version = app.version.text;
    program_.language = app.language.text.empty() ? "en" : app.language.text;
    program_.title = titles(app.title);
    program_.currency = app.currency.text;
    if (!app.currency.empty() && !is_currency_code(app.currency.text)) {
        error("program.currency", app.currency.span, fmt::format("'{}' is no currency code", app.currency.text),
              "a code is three capital letters, as in CNY");
    }
    std::string zone = app.timezone.text.empty() ? "UTC" : app.timezone.text;
    if (auto id = value::zone_id(zone)) {
        program_.time_zone.kind = ZoneKind::zone;
        program_.time_zone.offset = *id;
    } else {
        error("program.timezone", app.timezone.span, fmt::format("there is no time zone '{}'", zone),
              "a time zone is an IANA name, as in Asia/Shanghai");
    }
    if (!app.rounding.empty() && !parse_rounding(app.rounding.text, program_.rounding)) {
        error("program.rounding", app.rounding.span, fmt::format("there is no rounding '{}'", app.rounding.text),
              "one of half_up, half_even, half_down, up, down, ceiling, floor");
    }
}

void Compiler::roles() {
    std::map<std::string, Span, std::less<>> known;
    auto enumeration = std::make_unique<feel::EnumType>();
    enumeration->name = "role";
    for (const model::Role& source : model_.roles) {
        if (!declare(known, source.name, "role")) continue;
        Role role;
        role.name = source.name.text;
        role.title = titles(source.title);
        role.impersonate = source.impersonate.text == "true";
        feel::EnumItem item{role.name, {}};
        for (const auto& [language, text] : role.title.texts) item.titles.push_back(text);
        enumeration->items.push_back(std::move(item));
        program_.roles.push_back(std::move(role));
    }
    role_enum_ = enumeration.get();
    program_.enumerations.push_back(std::move(enumeration));
    include_roles();
}

// The closure of `includes`, itself first; a cycle is an error at the role that closes it.
void Compiler::include_roles() {
    std::vector<std::vector<RoleId>> direct(program_.roles.size());
    for (const model::Role& source : model_.roles) {
        RoleId id = 0;
        if (!program_.find_role(source.name.text, &id)) continue;
        for (const Text& name : source.includes) {
            if (auto included = role_named(name)) direct[id].push_back(*included);
        }
    }
    for (RoleId id = 0; id < program_.roles.size(); ++id) {
        std::vector<RoleId>& all = program_.roles[id].includes;
        all.push_back(id);
        for (size_t next = 0; next < all.size(); ++next) {
            for (RoleId included : direct[all[next]]) {
                if (included == id) {
                    auto source = std::find_if(model_.roles.begin(), model_.roles.end(), [&](const model::Role& r) {
                        return r.name.text == program_.roles[id].name;
                    });
                    error("program.role.cycle", source->name.span,
                          fmt::format("role '{}' includes itself through '{}'", program_.roles[id].name,
                                      program_.roles[all[next]].name));
                    direct[all[next]].clear();
                    break;
                }
                if (std::find(all.begin(), all.end(), included) == all.end()) all.push_back(included);
            }
        }
    }
}

void Compiler::calendars() {
    std::map<std::string, Span, std::less<>> known;
    for (const model::Calendar& source : model_.calendars) {
        if (!declare(known, source.name, "calendar")) continue;
        if (!is_identifier(source.name.text)) {
            error("program.name", source.name.span, fmt::format("'{}' cannot be a name", source.name.text));
        }
        int32_t zone = program_.time_zone.offset;
        if (!source.timezone.empty()) {
            if (auto id = value::zone_id(source.timezone.text)) {
                zone = *id;
            } else {
                error("program.timezone", source.timezone.span,
                      fmt::format("there is no time zone '{}'", source.timezone.text));
            }
        }
        calendar::Calendar calendar(source.name.text, zone);
        for (const model::CalendarWeek& week : source.week) {
            std::vector<std::string> hours;
            for (const Text& text : week.hours) hours.push_back(text.text);
            value::Date from{INT64_MIN};
            if (!week.valid_from.empty()) {
                auto date = value::Date::parse(week.valid_from.text);
                if (!date) {
                    error("program.literal", week.valid_from.span, fmt::format("'{}' is no date", week.valid_from.text),
                          "a week is days and their hours, or a date from which it holds, as 2027-01-01, and these");
                    continue;
                }
                from = *date;
            }
            if (auto set = calendar.set_week(week.days.text, hours, from); !set) {
                bool days = set.error().code == "calendar.days" || week.hours.empty();
                error(set.error().code, days ? week.days.span : week.hours.front().span, set.error().message);
            }
        }
        calendar_exceptions(source, calendar);
        program_.calendars.push_back(std::move(calendar));
    }
}

void Compiler::calendar_exceptions(const model::Calendar& source, calendar::Calendar& calendar) {
    for (const model::CalendarException& exception : source.exceptions) {
        auto date = value::Date::parse(exception.date.text);
        if (!date) {
            error("program.literal", exception.date.span, fmt::format("'{}' is no date", exception.date.text),
                  "write it as 2026-10-01");
            continue;
        }
        std::vector<std::string> hours;
        for (const Text& text : exception.hours) hours.push_back(text.text);
        auto set =
            exception.workday && hours.empty() ? calendar.set_workday(*date) : calendar.set_exception(*date, hours);
        if (!set) error(set.error().code, exception.date.span, set.error().message);
    }
}

void Compiler::settings() {
    std::map<std::string, Span, std::less<>> known;
    for (const model::Setting& source : model_.settings) {
        if (!declare(known, source.name, "setting")) continue;
        Setting out;
        out.name = source.name.text;
        out.title = titles(source.title);
        if (!is_identifier(out.name))
            error("program.name", source.name.span, fmt::format("'{}' cannot be a name", out.name));
        setting(source, out);
        for (const Text& role : source.allow) {
            if (auto id = role_named(role)) out.allow.push_back(*id);
        }
        if (!out.type) out.type = types_.basic(feel::TypeKind::any);
        program_.settings.push_back(std::move(out));
    }
}

void Compiler::setting(const model::Setting& source, Setting& out) {
    model::Field field;
    field.name = source.name;
    field.type = source.type;
    field.span = source.span;
    Field shaped;
    if (source.type.empty()) {
        error("program.type.missing", source.name.span, fmt::format("setting '{}' needs a type", out.name),
              "for example 'type: decimal'");
        return;
    }
    if (!shape(field, "settings." + out.name, nullptr, shaped)) return;
    out.kind = shaped.kind;
    out.scale = shaped.scale;
    out.type = types_.with_nullable(shaped.type, false);
    if (out.kind == FieldKind::decimal) {
        // A setting is no column: it keeps the digits it is given.
        shaped.scale = out.scale = 18;
        out.type = types_.basic(feel::TypeKind::number, false);
    }
    if (source.values.empty()) {
        error("program.setting.value", source.name.span, fmt::format("setting '{}' needs a value", out.name));
    }
    for (const model::SettingValue& value : source.values) {
        SettingValue entry;
        if (!value.valid_from.empty()) {
            auto date = value::Date::parse(value.valid_from.text);
            if (!date) {
                error("program.literal", value.valid_from.span, fmt::format("'{}' is no date", value.valid_from.text),
                      "write it as 2026-01-01");
                continue;
            }
            entry.valid_from_days = date->days;
        }
        if (value.value.is_expression) {
            error("program.setting.value", value.value.text.span, "a setting's value is a constant",
                  "a formula belongs into 'functions:'");
        } else if (auto constant = literal(value.value.text, shaped)) {
            entry.value = *constant;
            out.values.push_back(entry);
        }
    }
    std::stable_sort(out.values.begin(), out.values.end(), [](const SettingValue& a, const SettingValue& b) {
        return a.valid_from_days < b.valid_from_days;
    });
    // The earliest value also holds before its date.
    if (!out.values.empty()) out.values.front().valid_from_days = INT64_MIN;
}

}  // namespace leat::program
