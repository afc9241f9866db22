// The JSON Schema (draft 2020-12) of a form's document.
#include <fmt/format.h>

#include "base/json.hpp"
#include "form/number_pattern.hpp"
#include "form/plan.hpp"

namespace leat::form {

using program::Field;
using program::FieldKind;

namespace {

constexpr int kColumnDigits = 18;  // of a number in a column

std::string quoted(std::string_view text) {
    std::string out;
    JsonWriter(out).string(text);
    return out;
}

// One property's members, without the braces around them.
class Printer {
 public:
    Printer(const Subject& subject, const Plan& plan, std::string& out) : subject_(subject), plan_(plan), json_(out) {}

    void property(const Property& one) {
        const Field& field = *one.field;
        json_.begin_object().key("title").string(one.title);
        if (!one.description.empty()) json_.key("description").string(one.description);
        if (one.masked)
            json_.key("type").string("string");
        else if (field.kind == FieldKind::list)
            list(one);
        else
            scalar(field, field.kind, one);
        if (one.read_only || one.masked) json_.key("readOnly").boolean(true);
        if (!one.default_json.empty()) json_.key("default").raw(one.default_json);
        told(one);
        json_.end_object();
    }

 private:
    void told(const Property& one) {
        const Field& field = *one.field;
        json_.key("x-leat-type").string(program::kind_name(field.kind));
        if (one.masked) json_.key("x-leat-masked").boolean(true);
        if (field.kind == FieldKind::ref || (field.scalar_list && field.item_kind == FieldKind::ref))
            json_.key("x-leat-ref").string(subject_.program.entities[field.to].name);
        if (!field.unit.empty()) json_.key("x-leat-unit").string(field.unit);
        if (field.kind == FieldKind::money) {
            if (field.currency_field != program::kNone)
                json_.key("x-leat-currency_field").string(currency_field(field));
            else
                json_.key("x-leat-currency").string(field.currency);
        }
        for (const auto& [key, feel] : one.told) json_.key("x-leat-" + key).string(feel);
        if (one.by_server.empty()) return;
        json_.key("x-leat-server").begin_array();
        for (const auto& key : one.by_server) json_.string(key);
        json_.end_array();
    }

    std::string currency_field(const Field& field) const {
        for (const auto& entity : subject_.program.entities)
            if (field.id < entity.fields.size() && &entity.fields[field.id] == &field)
                return entity.fields[field.currency_field].name;
        return {};
    }

    void list(const Property& one) {
        const Field& field = *one.field;
        json_.key("type").string("array");
        if (!one.read_only) {
            if (field.min_items) json_.key("minItems").number(*field.min_items);
            if (field.max_items) json_.key("maxItems").number(*field.max_items);
            if (one.required && !field.min_items) json_.key("minItems").number(1);
        }
        json_.key("items");
        if (one.lines) {
            json_.raw(object(one.items, ""));
            return;
        }
        json_.begin_object();
        Property item;
        item.choices = one.choices;
        item.read_only = one.read_only;
        scalar(field, field.item_kind, item);
        json_.end_object();
    }

    void scalar(const Field& field, FieldKind kind, const Property& one) {
        if (!one.choices.empty()) {
            json_.key("type").string("string").key("oneOf").begin_array();
            for (const auto& [value, title] : one.choices)
                json_.begin_object().key("const").string(value).key("title").string(title).end_object();
            json_.end_array();
            return;
        }
        bool in_list = field.kind == FieldKind::list;
        switch (kind) {
            case FieldKind::boolean:
                json_.key("type").string("boolean");
                return;
            case FieldKind::integer:
                json_.key("type").string("integer");
                if (!one.read_only) bounds(field);
                return;
            case FieldKind::decimal:
            case FieldKind::money:
                if (plan_.numbers || in_list) {
                    json_.key("type").string("number");
                    if (!one.read_only) bounds(field);
                } else {
                    json_.key("type").string("string");
                    if (!one.read_only) decimal_text(field);
                }
                return;
            case FieldKind::date:
                json_.key("type").string("string").key("format").string("date");
                return;
            case FieldKind::datetime:
                json_.key("type").string("string").key("format").string("date-time");
                return;
            case FieldKind::time:
                // Not format "time": RFC 3339's wants an offset, and times of a business have none.
                json_.key("type").string("string").key("pattern").string(
                    "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2}|@.+)?$");
                return;
            case FieldKind::duration:
                json_.key("type").string("string");
                duration();
                return;
            case FieldKind::json:
                // As people write it; what comes back is read, and refused at its place where it is none.
                json_.key("type").string("string").key("contentMediaType").string("application/json");
                if (!one.read_only && one.required) json_.key("minLength").number(1);
                return;
            default:
                json_.key("type").string("string");
                if (!one.read_only) text(field, kind, one.required);
        }
    }

    // ISO 8601's where there are no working calendars; else theirs may follow: "P2D office".
    void duration() {
        if (subject_.program.calendars.empty()) {
            json_.key("format").string("duration");
            return;
        }
        std::string names;
        for (const auto& calendar : subject_.program.calendars) names += (names.empty() ? "" : "|") + calendar.name();
        json_.key("pattern").string(fmt::format("^-?P([0-9]+[YMWD]|T[0-9])[0-9YMWDTHS.]*( ({}))?$", names));
    }

    void bounds(const Field& field) {
        auto bound = [&](const char* key, const std::optional<Decimal>& value) {
            if (value) json_.key(key).number(value->to_string());
        };
        bound("minimum", field.minimum);
        bound("maximum", field.maximum);
        bound("exclusiveMinimum", field.exclusive_minimum);
        bound("exclusiveMaximum", field.exclusive_maximum);
    }

    // A decimal as text: its shape, and beside it what bounds it.
    void decimal_text(const Field& field) {
        Bounds bounds;
        bounds.low = field.minimum;
        if (field.exclusive_minimum && (!bounds.low || *field.exclusive_minimum >= *bounds.low)) {
            bounds.low = field.exclusive_minimum;
            bounds.low_open = true;
        }
        bounds.high = field.maximum;
        if (field.exclusive_maximum && (!bounds.high || *field.exclusive_maximum <= *bounds.high)) {
            bounds.high = field.exclusive_maximum;
            bounds.high_open = true;
        }
        json_.key("pattern").string(
            decimal_pattern(field.digits > 0 ? field.digits : kColumnDigits, field.scale, bounds));
        bool low = bounds.low && !(bounds.low->is_zero() && !bounds.low_open);  // no sign says "not below zero"
        if (!low && !bounds.high) return;
        json_.key("allOf").begin_array();
        if (low)
            json_.begin_object().key("pattern").string(at_least_pattern(*bounds.low, bounds.low_open)).end_object();
        if (bounds.high)
            json_.begin_object().key("pattern").string(at_most_pattern(*bounds.high, bounds.high_open)).end_object();
        json_.end_array();
    }

    void text(const Field& field, FieldKind kind, bool required) {
        bool words = kind == FieldKind::string || kind == FieldKind::text;
        if (words && field.min_length)
            json_.key("minLength").number(*field.min_length);
        else if (required)
            json_.key("minLength").number(1);  // an empty text is nothing filled in
        if (words && field.max_length) json_.key("maxLength").number(*field.max_length);
        std::vector<std::string> patterns;
        if (!field.pattern.empty()) patterns.push_back(field.pattern);
        format(field.format, patterns);
        if (patterns.size() == 1) {
            json_.key("pattern").string(patterns[0]);
        } else if (!patterns.empty()) {
            json_.key("allOf").begin_array();
            for (const auto& one : patterns) json_.begin_object().key("pattern").string(one).end_object();
            json_.end_array();
        }
    }

    // JSON Schema's formats as such, ours as patterns.
    void format(const std::string& name, std::vector<std::string>& patterns) {
        if (name.empty()) return;
        if (name == "phone")
            patterns.emplace_back("^\\+?([ ()./-]*[0-9]){2,15}[ ()./-]*(\\s?(;ext=|ext\\.?|x|转)\\s?[0-9]{1,11})?$");
        else if (name == "url")
            patterns.emplace_back("^[Hh][Tt][Tt][Pp][Ss]?://[^/?#\\s]");
        else
            json_.key("format").string(name);
        json_.key("x-leat-format").string(name);
    }

 public:
    // The schema of a document of these properties. `also`: a further member of "properties", or "".
    std::string object(const std::vector<Property>& properties, std::string_view also) {
        std::string always(also), required, conditions;
        auto add = [](std::string& to, const std::string& one) { to += (to.empty() ? "" : ",") + one; };
        for (const Property& one : properties) {
            std::string text;
            Printer(subject_, plan_, text).property(one);
            std::string name = quoted(one.field->name);
            std::string member = fmt::format("{}:{}", name, text);
            if (one.visible_when.empty())
                add(always, member);
            else
                add(conditions,
                    fmt::format("{{\"if\":{},\"then\":{{\"properties\":{{{}}}}}}}", one.visible_when, member));
            if (one.required) add(required, name);
            for (const auto& when : one.required_when)
                add(conditions, fmt::format("{{\"if\":{},\"then\":{{\"required\":[{}]}}}}", when, name));
        }
        std::string out = fmt::format("{{\"type\":\"object\",\"properties\":{{{}}}", always);
        if (!required.empty()) out += fmt::format(",\"required\":[{}]", required);
        if (!conditions.empty()) out += fmt::format(",\"allOf\":[{}]", conditions);
        return out + "}";
    }

 private:
    const Subject& subject_;
    const Plan& plan_;
    JsonWriter json_;
};

}  // namespace

std::string schema_of(const Subject& subject, const Plan& plan) {
    std::string unused;
    Printer printer(subject, plan, unused);
    // An event's payload stands beside the record's fields, as in FEEL.
    std::string payload = plan.event ? fmt::format("\"event\":{}", printer.object(plan.payload, "")) : std::string();
    std::string body = printer.object(plan.properties, payload);
    return fmt::format("{{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"title\":{},{}",
                       quoted(plan.title), body.substr(1));
}

}  // namespace leat::form
