// Values on their way into fields: from FEEL (coerce) and from JSON (from_json).
#include <fmt/format.h>

#include "base/text_form.hpp"
#include "base/utf8.hpp"
#include "feel/quick_compare.hpp"
#include "record/parts.hpp"

namespace leat::record {

using program::Field;
using program::FieldKind;

namespace {

std::string_view wanted(FieldKind kind) {
    switch (kind) {
        case FieldKind::string:
        case FieldKind::text:
            return "a text";
        case FieldKind::file:
            return "the SHA-256 of a file that was put, perhaps with '/' and a name";
        case FieldKind::integer:
            return "a whole number";
        case FieldKind::decimal:
            return "a number";
        case FieldKind::money:
            return "an amount";
        case FieldKind::boolean:
            return "true or false";
        case FieldKind::date:
            return "a date such as 2026-11-21";
        case FieldKind::time:
            return "a time such as 08:30:00";
        case FieldKind::datetime:
            return "a date and time such as 2026-11-21T08:30:00Z";
        case FieldKind::duration:
            return "a duration such as P3D or PT8H";
        case FieldKind::enumeration:
            return "one of its values";
        case FieldKind::role:
            return "the name of a role";
        case FieldKind::ref:
            return "a record";
        case FieldKind::list:
            return "a list";
        case FieldKind::json:
            return "JSON";
    }
    return "another value";
}

std::string shown(const Value& value) {
    std::string text = value::to_text(value);
    if (text.size() > 60) {
        size_t cut = 57;
        while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;
        text = text.substr(0, cut) + "...";
    }
    return text;
}

Error wrong_type(const Field& field, const Value& value) {
    return make_error(Status::usage, "record.type",
                      fmt::format("field '{}' takes {}, not '{}'", field.name, wanted(field.kind), shown(value)));
}

std::string enum_problem(const Field& field, std::string_view text) {
    std::string values;
    for (size_t i = 0; i < field.enumeration->items.size(); ++i) {
        const auto& item = field.enumeration->items[i];
        for (const std::string& title : item.titles) {
            if (title == text)
                return fmt::format("'{}' is the title of \"{}\": write that for field '{}'", text, item.value,
                                   field.name);
        }
        values += fmt::format("{}{}", i ? ", " : "", item.value);
    }
    return fmt::format("field '{}' has no value '{}'; it takes {}", field.name, text, values);
}

// Whether a number is what the column keeps as it stands: of its scale, and of few digits. Most are, and need no
// Decimal.
bool is_of_column(const Field& field, const Value& number) {
    constexpr int kFew = 12;
    const int scale = field.kind == FieldKind::integer ? 0 : field.scale;
    const auto coefficient = static_cast<int64_t>(number.bits.low);
    return number.exponent == -scale && feel::fits_64(number) && coefficient < feel::kPowersOfTen[kFew] &&
           coefficient > -feel::kPowersOfTen[kFew] && digits_kept(field) >= kFew;
}

Result<Value> coerce_number(const Field& field, const Value& value, Rounding rounding) {
    if (value.kind != Kind::number) return wrong_type(field, value);
    if (is_of_column(field, value)) return value;
    Decimal number = value.as_number();
    if (field.kind == FieldKind::integer && !number.is_integer()) {
        return make_error(Status::usage, "record.type",
                          fmt::format("field '{}' takes a whole number, not {}", field.name, number.to_string()));
    }
    auto scaled = number.rescale(field.kind == FieldKind::integer ? 0 : field.scale, rounding);
    if (scaled && fits_digits(field, *scaled)) return Value::number(*scaled);
    return make_error(Status::usage, "record.range",
                      fmt::format("{} has too many digits for field '{}' ({}, {} of them after the point)",
                                  number.to_string(), field.name, digits_kept(field), field.scale));
}

Error out_of_years(const Field& field, const Value& value) {
    return make_error(Status::usage, "record.range",
                      fmt::format("{} does not fit field '{}': stored dates lie in the years 0001 to 9999",
                                  shown(value), field.name));
}

std::string_view json_kind(const Json& json) {
    switch (json.kind) {
        case Json::Kind::null:
            return "null";
        case Json::Kind::boolean:
            return json.boolean ? "true" : "false";
        case Json::Kind::number:
            return json.text;
        case Json::Kind::string:
            return json.text;
        case Json::Kind::array:
            return "a JSON array";
        case Json::Kind::object:
            return "a JSON object";
    }
    return "";
}

Error wrong_input(const Field& field, const Json& json) {
    std::string given(json_kind(json).substr(0, 60));
    if (json.kind == Json::Kind::string) given = "'" + given + "'";
    return make_error(Status::usage, "input.type",
                      fmt::format("field '{}' takes {}, not {}", field.name, wanted(field.kind), given));
}

}  // namespace

// What each item of a list is, as a field.
static Field item_of(const Field& field) {
    Field item;
    item.name = field.name;
    item.kind = field.item_kind;
    item.scale = field.scale;
    item.currency = field.currency;
    item.to = field.to;
    item.enumeration = field.enumeration;
    return item;
}

// A list of scalars, item by item, as a field of the item's kind would take them.
static Result<Value> coerce_list(Records& records, const Field& field, const Value& value) {
    if (value.kind != Kind::list || !field.scalar_list) return wrong_type(field, value);
    Field item = item_of(field);
    auto* items = records.arena().array<Value>(value.as_list().size());
    for (size_t i = 0; i < value.as_list().size(); ++i) {
        const Value& given = value.as_list()[i];
        // A decimal list declares no scale of its own: its numbers are JSON and stay as they are.
        if (item.kind == FieldKind::decimal && given.kind == Kind::number) {
            items[i] = given;
            continue;
        }
        LEAT_TRY(Value stored, records.coerce(item, given));
        items[i] = stored.is_null() ? Value() : stored;
    }
    return Value::list(items, value.as_list().size());
}

Result<Value> Records::coerce(const Field& field, const Value& value) {
    if (value.is_null()) return Value::null(&field.empty);
    switch (field.kind) {
        case FieldKind::integer:
        case FieldKind::decimal:
        case FieldKind::money:
            return coerce_number(field, value, program_.rounding);
        case FieldKind::boolean:
            if (value.kind == Kind::boolean) return value;
            return wrong_type(field, value);
        case FieldKind::string:
        case FieldKind::text:
            if (value.kind == Kind::string) return value;
            return wrong_type(field, value);
        case FieldKind::file: {
            auto digest = value.kind == Kind::string ? base::file_digest(value.as_string()) : std::nullopt;
            if (!digest) return wrong_type(field, value);
            *digest += value.as_string().substr(digest->size());
            return Value::string(arena_.copy(*digest));
        }
        case FieldKind::enumeration:
            if (value.kind != Kind::string) return wrong_type(field, value);
            if (field.enumeration && field.enumeration->find(value.as_string()) < 0) {
                return make_error(Status::usage, "record.enum", enum_problem(field, value.as_string()));
            }
            return value;
        case FieldKind::role:
            if (value.kind != Kind::string || !program_.find_role(value.as_string())) return wrong_type(field, value);
            return value;
        case FieldKind::ref:
            if (value.kind != Kind::record || value.aux != field.to) return wrong_type(field, value);
            return Value::record_of(field.to, value.record.id);
        case FieldKind::list:
            return coerce_list(*this, field, value);
        case FieldKind::json:
            return value;
        default:
            break;
    }
    Value read = value;
    if (value.kind == Kind::string) {
        auto parsed = scalar_from_text(program_, field.kind, value.as_string(), arena_);
        if (!parsed) return wrong_type(field, value);
        read = *parsed;
    }
    if (field.kind == FieldKind::date && read.kind == Kind::date) {
        if (!stored_year(read.as_date())) return out_of_years(field, value);
        return read;
    }
    if (field.kind == FieldKind::datetime && read.kind == Kind::date_time) {
        DateTime instant = read.as_date_time();
        if (instant.zone.kind == ZoneKind::local) instant.zone = program_.time_zone;
        Value stored = instant_value(program_, instant.utc_us());
        if (!stored_year(instant.date())) return out_of_years(field, value);
        return stored;
    }
    bool fits = field.kind == FieldKind::time ? read.kind == Kind::time
                                              : read.kind == Kind::days_duration || read.kind == Kind::months_duration;
    if (field.kind == FieldKind::date || field.kind == FieldKind::datetime || !fits) return wrong_type(field, value);
    return read;
}

// The record that a reference names: by key, or {"id": n}.
static Result<Value> reference(Records& records, const Field& field, const Json& json) {
    const auto& target = records.program().entities[field.to];
    if (json.kind == Json::Kind::string) {
        LEAT_TRY(Row * row, records.find(field.to, json.text));
        if (row) return Value::record_of(field.to, row->id);
        return make_error(Status::usage, "input.unknown_reference",
                          fmt::format("field '{}': there is no {} with key '{}'", field.name, target.name, json.text));
    }
    const Json* number = json.kind == Json::Kind::object ? json.find("id") : nullptr;
    auto decimal = number && number->kind == Json::Kind::number ? Decimal::parse(number->text) : std::nullopt;
    auto id = decimal ? decimal->to_int64() : std::nullopt;
    if (!id || json.members.size() != 1) {
        Error problem = wrong_input(field, json);
        problem.message += fmt::format("; write the key of a {} as text", target.name);
        return problem;
    }
    LEAT_TRY(Row * row, records.get(field.to, *id));
    if (row) return Value::record_of(field.to, row->id);
    return make_error(Status::usage, "input.unknown_reference",
                      fmt::format("field '{}': there is no {} with id {}", field.name, target.name, *id));
}

static Result<Value> list_of_json(Records& records, const Field& field, const Json& json) {
    if (json.kind != Json::Kind::array || !field.scalar_list) return wrong_input(field, json);
    Field item = item_of(field);
    auto* items = records.arena().array<Value>(json.items.size());
    for (size_t i = 0; i < json.items.size(); ++i) {
        if (json.items[i].is_null())
            return make_error(Status::usage, "input.type", fmt::format("field '{}': a list takes no null", field.name));
        if (item.kind == FieldKind::decimal && json.items[i].kind == Json::Kind::number) {
            items[i] = value_of_json(json.items[i], records.arena());
            continue;
        }
        LEAT_TRY(items[i], records.from_json(item, json.items[i]));
    }
    return Value::list(items, json.items.size());
}

// "09:30" and "2026-11-21T09:30" as inputs of browsers have them, with the seconds that ISO 8601 lets them leave out.
static std::string with_seconds(FieldKind kind, const std::string& text) {
    const size_t hour = kind == FieldKind::time ? 0 : 11;
    if ((kind != FieldKind::time && kind != FieldKind::datetime) || text.size() < hour + 5) return text;
    const bool minutes =
        text[hour + 2] == ':' && (hour == 0 || text[hour - 1] == 'T') &&
        std::string_view("Z+-@").find(text.size() == hour + 5 ? 'Z' : text[hour + 5]) != std::string_view::npos;
    return minutes ? text.substr(0, hour + 5) + ":00" + text.substr(hour + 5) : text;
}

Result<Value> Records::from_json(const Field& field, const Json& json) {
    if (field.kind == FieldKind::json) return json.is_null() ? Value::null(&field.empty) : value_of_json(json, arena_);
    if (json.is_null()) return Value::null(&field.empty);
    if (field.kind == FieldKind::ref) return reference(*this, field, json);
    if (field.kind == FieldKind::list) return list_of_json(*this, field, json);
    if (json.kind == Json::Kind::boolean) {
        if (field.kind != FieldKind::boolean) return wrong_input(field, json);
        return Value::boolean(json.boolean);
    }
    bool number =
        field.kind == FieldKind::integer || field.kind == FieldKind::decimal || field.kind == FieldKind::money;
    // Decimals may come as texts, since JSON's numbers are not safe in every language.
    if (json.kind != Json::Kind::string && !(number && json.kind == Json::Kind::number))
        return wrong_input(field, json);
    if (field.kind == FieldKind::boolean) return wrong_input(field, json);
    if (!base::valid_utf8(json.text))
        return make_error(Status::usage, "input.utf8", fmt::format("field '{}': the text is not UTF-8", field.name));
    auto parsed = scalar_from_text(program_, field.kind, with_seconds(field.kind, json.text), arena_);
    if (!parsed) return wrong_input(field, json);
    auto stored = coerce(field, *parsed);
    if (!stored && stored.error().code == "record.type") stored.error().code = "input.type";
    if (!stored && stored.error().code == "record.enum") stored.error().code = "input.enum";
    if (!stored && stored.error().code == "record.range") stored.error().code = "input.range";
    return stored;
}

}  // namespace leat::record
