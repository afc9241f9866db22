#include "yaml/schema.hpp"

#include <fmt/format.h>

#include "yaml/sections.hpp"

namespace leat::yaml {

namespace {

using Keys = std::vector<const KeyInfo*>;

std::string object(const Keys& keys) {
    std::string properties;
    std::string required;
    for (const KeyInfo* key : keys) {
        if (!key->built) continue;
        properties += fmt::format("{}\"{}\":{}", properties.empty() ? "" : ",", key->name, key->schema);
        if (key->required) required += fmt::format("{}\"{}\"", required.empty() ? "" : ",", key->name);
    }
    return fmt::format("{{\"type\":\"object\",\"properties\":{{{}}},{}\"additionalProperties\":false}}", properties,
                       required.empty() ? "" : fmt::format("\"required\":[{}],", required));
}

std::string object_or(const char* other, const Keys& keys) {
    return schema::any_of({schema::ref(other), object(keys)});
}

// Indents compact JSON by two spaces; the text has no quotes or brackets inside strings but its own.
std::string indented(const std::string& json) {
    std::string out;
    size_t depth = 0;
    bool quoted = false;
    auto line = [&] { out.append("\n").append(depth * 2, ' '); };
    for (size_t i = 0; i < json.size(); ++i) {
        char c = json[i];
        if (quoted || c == '"') {
            if (c == '"' && (i == 0 || json[i - 1] != '\\')) quoted = !quoted;
            out += c;
        } else if (c == '{' || c == '[') {
            out += c;
            bool empty = i + 1 < json.size() && (json[i + 1] == '}' || json[i + 1] == ']');
            if (empty) {
                out += json[++i];
                continue;
            }
            ++depth;
            line();
        } else if (c == '}' || c == ']') {
            --depth;
            line();
            out += c;
        } else {
            out += c;
            if (c == ',') line();
            if (c == ':') out += ' ';
        }
    }
    return out + "\n";
}

// Values. YAML scalars are text until their key's type reads them; a JSON Schema sees them as a YAML library would.
constexpr const char* kScalar = "\"type\":[\"string\",\"number\",\"boolean\"]";

void define_values(std::vector<std::pair<std::string, std::string>>& definitions) {
    auto define = [&](const char* name, std::string body) { definitions.emplace_back(name, std::move(body)); };
    define("text", fmt::format("{{{}}}", kScalar));
    define("boolean", "{\"type\":\"boolean\"}");
    define("integer", "{\"type\":\"integer\"}");
    define("feel", fmt::format("{{{},\"description\":\"a FEEL expression; a leading = is dropped\",\"x-feel\":true}}",
                               kScalar));
    define("value",
           fmt::format("{{{},\"description\":\"a literal, or a FEEL expression after =\",\"x-feel\":\"=\"}}", kScalar));
    define("localized",
           "{\"anyOf\":[{\"$ref\":\"#/$defs/text\"},{\"type\":\"object\",\"additionalProperties\":{\"$ref\":\"#/$defs/"
           "text\"}}]}");
    define("names", schema::one_or_list_of("text"));
    define("enum", schema::any_of({schema::list_of("text"), schema::map_of("localized")}));
    define("text_map", schema::map_of("text"));
    define("feel_map", schema::map_of("feel"));
    define("state_map", schema::any_of({schema::words({"same"}), schema::ref("text_map")}));
    define("indexes", schema::list_of("names"));
    define("rights",
           "{\"type\":\"object\",\"additionalProperties\":{\"enum\":[\"none\",\"mask\",\"read\",\"write\",\"required\"]"
           "}}");
}

void define_parts(std::vector<std::pair<std::string, std::string>>& definitions) {
    auto define = [&](const char* name, std::string body) { definitions.emplace_back(name, std::move(body)); };
    define("field", object_or("text", field_table().keys()));
    define("fields", schema::map_of("field"));
    define("criterion", object(criterion_table().keys()));
    define("access", object(access_table().keys()));
    define("duplicate", object(duplicate_table().keys()));
    define("mixin", object(mixin_table().keys()));
    define("form_group", object(form_group_table().keys()));
    define("form", object(form_table().keys()));
    define("retention", object(retention_table().keys()));
    define("step", step_schema());
    define("transition", object_or("value", transition_table().keys()));
    define("on", object(on_table().keys()));
    define("initial", object(initial_table().keys()));
    define("transitions", schema::one_or_list_of("transition"));
    define("event", object_or("names", event_table().keys()));
    define("delay", object(delay_table().keys()));
    define("state", object(state_table().keys()));
    define("approve", object(approve_table().keys()));
    define("approve_by", object(approve_by_table().keys()));
    define("approve_return", object(approve_return_table().keys()));
    define("escalation", object_or("value", escalation_table().keys()));
    define("invoke", object(invoke_table().keys()));
    define("when", object(when_table().keys()));
    define("sla_on", object(sla_on_table().keys()));
    define("operation", object(operation_table().keys()));
    define("pool", object_or("text", pool_table().keys()));
    define("pools", schema::list_of("pool"));
    define("measure", object_or("feel", measure_table().keys()));
    define("role", object_or("text", role_table().keys()));
    define("week", schema::map_of("names"));
    define("calendar", object(calendar_table().keys()));
    define("setting", object(setting_table().keys()));
    define("function", object(function_table().keys()));
    define("table_rule", object(table_rule_keys()));
    define("decision_table", schema::any_of({schema::ref("text"), schema::list_of("table_rule")}));
    define("boxed_relation", object(boxed_relation_keys()));
    define("boxed", schema::any_of({schema::ref("feel"), schema::list_of("boxed"), object(boxed_keys())}));
    define("score_attribute", object(score_attribute_table().keys()));
    define("characteristic", object(characteristic_table().keys()));
}

}  // namespace

std::string schema_json() {
    std::vector<std::pair<std::string, std::string>> definitions;
    define_values(definitions);
    define_parts(definitions);
    std::vector<std::string> sections;
    auto section = [&](const char* name, const Keys& keys) {
        std::string id = fmt::format("section_{}", name);
        definitions.emplace_back(id, object(keys));
        sections.push_back(schema::ref(id));
    };
    section("app", app_table().keys());
    section("entity", entity_table().keys());
    section("extend", extend_table().keys());
    section("decision", decision_table().keys());
    section("scorecard", scorecard_table().keys());
    section("service", service_table().keys());
    section("flow", flow_table().keys());
    section("rule", rule_table().keys());
    section("sla", sla_table().keys());
    section("message", message_table().keys());
    section("connector", connector_table().keys());
    section("assignment", assignment_table().keys());
    section("report", report_table().keys());
    section("notice", notice_table().keys());
    section("migration", migration_table().keys());
    definitions.emplace_back("sections_plural",
                             fmt::format("{{\"type\":\"object\",\"properties\":{{\"roles\":{},\"calendars\":{},"
                                         "\"settings\":{},\"functions\":{},\"mixins\":{},\"include\":{}}},"
                                         "\"minProperties\":1,\"additionalProperties\":false}}",
                                         schema::map_of("role"), schema::map_of("calendar"), schema::map_of("setting"),
                                         schema::map_of("function"), schema::map_of("mixin"), schema::ref("names")));
    sections.push_back(schema::ref("sections_plural"));
    definitions.emplace_back("section_texts", fmt::format("{{\"type\":\"object\",\"properties\":{{\"texts\":{0}}},"
                                                          "\"required\":[\"texts\"],\"additionalProperties\":{0}}}",
                                                          schema::ref("text")));
    sections.push_back(schema::ref("section_texts"));
    std::string all;
    for (const auto& [name, body] : definitions) all += fmt::format("{}\"{}\":{}", all.empty() ? "" : ",", name, body);
    return indented(fmt::format(
        "{{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"title\":\"Leat definitions\","
        "\"description\":\"One YAML document of a Leat definition file: a section, or several plural ones.\","
        "{},\"$defs\":{{{}}}}}",
        schema::any_of(sections).substr(1, schema::any_of(sections).size() - 2), all));
}

}  // namespace leat::yaml
