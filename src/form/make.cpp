// A form put together, with the document as it is.
#include <fmt/format.h>

#include "base/json.hpp"
#include "form/plan.hpp"

namespace leat::form {

using program::Field;
using program::FieldKind;

namespace {

// What a record's JSON holds of these properties, as the document has it. Nulls are left out: a renderer knows only
// what is there and what is not.
void document(JsonWriter& json, const std::vector<Property>& properties, const Json& record, bool numbers,
              bool creating) {
    json.begin_object();
    for (const Property& one : properties) {
        const Json* value = record.find(one.field->name);
        if (!value || value->is_null()) continue;
        // A renderer begins a list that is not there with the lines that it must have at least.
        if (creating && value->kind == Json::Kind::array && value->items.empty()) continue;
        json.key(one.field->name);
        bool text = !numbers && value->kind == Json::Kind::number &&
                    (one.field->kind == FieldKind::decimal || one.field->kind == FieldKind::money);
        if (one.lines && value->kind == Json::Kind::array) {
            json.begin_array();
            for (const Json& line : value->items) document(json, one.items, line, numbers, creating);
            json.end_array();
        } else if (text) {
            auto number = Decimal::parse(value->text);
            auto scaled = number ? number->rescale(one.field->scale) : std::nullopt;
            json.string(scaled ? scaled->to_string() : value->text);
        } else if (one.field->kind == FieldKind::json && !one.masked) {
            json.string(base::to_text(*value));
        } else {
            json.value(*value);
        }
    }
    json.end_object();
}

}  // namespace

Result<std::string> data_of(const Subject& subject, const Plan& plan) {
    if (!subject.row) return std::string("{}");
    // A record that is to be made has no conditions to be judged by: the plan says what of it is shown.
    auto scope = subject.creating ? query::AccessScope::everything() : subject.scope;
    std::string text;
    LEAT_CHECK(subject.records->append_json(*subject.row, scope, text));
    LEAT_TRY(Json record, parse_json(text));
    std::string out;
    JsonWriter json(out);
    document(json, plan.properties, record, plan.numbers, plan.creating);
    return out;
}

Result<std::string> make(const Subject& subject, const Options& options) {
    LEAT_TRY(Plan made, plan(subject, options));
    std::string out;
    JsonWriter json(out);
    json.begin_object().key("entity").string(subject.entity.name);
    bool present = subject.row && !subject.creating;
    if (present) json.key("key").string(subject.row->key()).key("version").number(subject.row->version);
    json.key("mode").string(made.event ? "event" : subject.creating ? "create" : "edit");
    if (made.event) json.key("event").string(options.event);
    json.key("language").string(made.language);
    json.key("schema").raw(schema_of(subject, made));
    json.key("uiSchema").raw(ui_schema_of(made));
    json.key("layout").raw(layout_of(made));
    LEAT_TRY(std::string data, data_of(subject, made));
    json.key("data").raw(data);
    json.end_object();
    return out;
}

}  // namespace leat::form
