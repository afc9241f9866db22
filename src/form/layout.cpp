// How a form looks: react-jsonschema-form's uiSchema and JSON Forms' layout of the same plan.
#include <fmt/format.h>

#include "base/json.hpp"
#include "form/plan.hpp"

namespace leat::form {

using program::FieldKind;

namespace {

bool chinese(const Plan& plan) {
    return plan.language.substr(0, 2) == "zh";
}

std::string_view widget(const Property& one) {
    if (one.hidden) return "hidden";
    if (one.masked || !one.choices.empty()) return "";
    switch (one.field->kind) {
        case FieldKind::text:
        case FieldKind::json:
            return "textarea";
        case FieldKind::date:
            return "date";
        case FieldKind::datetime:
            return "date-time";
        case FieldKind::time:
            return "time";
        default:
            return "";
    }
}

void order(JsonWriter& json, const std::vector<Property>& properties, bool event) {
    json.key("ui:order").begin_array();
    for (const Property& one : properties) json.string(one.field->name);
    if (event) json.string("event");
    json.string("*").end_array();
}

void ui(JsonWriter& json, const Property& one) {
    json.key(one.field->name).begin_object();
    if (auto name = widget(one); !name.empty()) json.key("ui:widget").string(name);
    if (one.read_only || one.masked) json.key("ui:readonly").boolean(true);
    bool number = one.field->kind == FieldKind::decimal || one.field->kind == FieldKind::money;
    if (number && !one.read_only && !one.masked)
        json.key("ui:placeholder").string(Decimal::make(0, -one.field->scale).to_string());
    std::string help = one.field->unit;
    if (one.field->kind == FieldKind::money && help.empty())
        help = one.field->currency == "*" ? "" : one.field->currency;
    if (!help.empty() && !one.masked) json.key("ui:help").string(help);
    if (one.lines) {
        // Lines are in the order in which they were made: to move one is to make it anew.
        json.key("ui:options").begin_object().key("orderable").boolean(false);
        if (one.read_only) json.key("addable").boolean(false).key("removable").boolean(false);
        json.end_object().key("items").begin_object();
        order(json, one.items, false);
        for (const Property& item : one.items) ui(json, item);
        json.end_object();
    }
    json.end_object();
}

void control(JsonWriter& json, const Property& one, const std::string& scope) {
    json.begin_object().key("type").string("Control").key("scope").string(
        fmt::format("#{}/properties/{}", scope, one.field->name));
    json.key("label").string(one.title);
    bool read_only = one.read_only || one.masked;
    std::string_view format = one.field->kind == FieldKind::time ? "time" : "";
    bool multi = (one.field->kind == FieldKind::text || one.field->kind == FieldKind::json) && !one.masked;
    if (read_only || multi || !format.empty() || one.lines) {
        json.key("options").begin_object();
        if (read_only) json.key("readonly").boolean(true);
        if (multi) json.key("multi").boolean(true);
        if (!format.empty()) json.key("format").string(format);
        if (one.lines) {
            json.key("detail").begin_object().key("type").string("HorizontalLayout").key("elements").begin_array();
            for (const Property& item : one.items)
                if (!item.hidden) control(json, item, "");
            json.end_array().end_object();
        }
        json.end_object();
    }
    if (!one.visible_when.empty())
        json.key("rule")
            .begin_object()
            .key("effect")
            .string("SHOW")
            .key("condition")
            .begin_object()
            .key("scope")
            .string("#")
            .key("schema")
            .raw(one.visible_when)
            .end_object()
            .end_object();
    json.end_object();
}

}  // namespace

std::string ui_schema_of(const Plan& plan) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    order(json, plan.properties, plan.event != nullptr);
    // Its own members know no groups; a template of the host's may draw them.
    json.key("ui:options").begin_object().key("groups").begin_array();
    for (const Group& group : plan.groups) {
        json.begin_object().key("title").string(group.title).key("fields").begin_array();
        for (size_t i = group.begin; i < group.end; ++i) json.string(plan.properties[i].field->name);
        json.end_array().end_object();
    }
    json.end_array().end_object();
    std::string submit = plan.event ? plan.title : chinese(plan) ? "保存" : "Save";
    json.key("ui:submitButtonOptions").begin_object().key("submitText").string(submit).end_object();
    for (const Property& one : plan.properties) ui(json, one);
    if (plan.event) {
        json.key("event").begin_object();
        order(json, plan.payload, false);
        for (const Property& one : plan.payload) ui(json, one);
        json.end_object();
    }
    json.end_object();
    return out;
}

std::string layout_of(const Plan& plan) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().key("type").string("VerticalLayout").key("elements").begin_array();
    for (const Group& group : plan.groups) {
        if (!group.title.empty())
            json.begin_object()
                .key("type")
                .string("Group")
                .key("label")
                .string(group.title)
                .key("elements")
                .begin_array();
        for (size_t i = group.begin; i < group.end; ++i)
            if (!plan.properties[i].hidden) control(json, plan.properties[i], "");
        if (!group.title.empty()) json.end_array().end_object();
    }
    for (const Property& one : plan.payload) control(json, one, "/properties/event");
    json.end_array().end_object();
    return out;
}

}  // namespace leat::form
