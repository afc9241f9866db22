// schemas/leat.schema.json is what the readers' own tables print.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/json.hpp"
#include "catch.hpp"
#include "yaml/parse.hpp"
#include "yaml/schema.hpp"

using namespace leat;

namespace {

std::string slurp(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

void collect_refs(const Json& json, std::vector<std::string>& refs) {
    for (const auto& [name, value] : json.members) {
        if (name == "$ref") refs.push_back(value.text);
        collect_refs(value, refs);
    }
    for (const Json& item : json.items) collect_refs(item, refs);
}

// As much of JSON Schema as the dialect's schema uses, over our own trees.
class Validator {
 public:
    explicit Validator(const Json& root) : root_(root) {}
    bool valid(const Json& schema, const yaml::Node& node) const {
        if (const Json* ref = schema.find("$ref")) return valid(*root_.find("$defs")->find(ref->text.substr(8)), node);
        if (const Json* any = schema.find("anyOf")) {
            return std::any_of(any->items.begin(), any->items.end(),
                               [&](const Json& item) { return valid(item, node); });
        }
        if (const Json* words = schema.find("enum")) {
            return std::any_of(words->items.begin(), words->items.end(),
                               [&](const Json& word) { return word.text == node.text.text; });
        }
        const std::string& type = schema.find("type")->text;
        if (type == "object") return valid_map(schema, node);
        if (type == "array") {
            if (node.kind != yaml::Node::Kind::list) return false;
            return std::all_of(node.items.begin(), node.items.end(),
                               [&](const yaml::Node& item) { return valid(*schema.find("items"), item); });
        }
        if (node.kind != yaml::Node::Kind::scalar) return false;
        if (type == "boolean") return node.text.text == "true" || node.text.text == "false";
        if (type == "integer") return node.text.text.find_first_not_of("-0123456789") == std::string::npos;
        return true;
    }

 private:
    bool valid_map(const Json& schema, const yaml::Node& node) const {
        if (node.kind != yaml::Node::Kind::map) return false;
        const Json* properties = schema.find("properties");
        const Json* more = schema.find("additionalProperties");
        for (const auto& [key, value] : node.entries) {
            const Json* of_key = properties == nullptr ? nullptr : properties->find(key.text.text);
            if (of_key == nullptr) of_key = more->kind == Json::Kind::object ? more : nullptr;
            if (of_key == nullptr || !valid(*of_key, value)) return false;
        }
        const Json* required = schema.find("required");
        if (required == nullptr) return true;
        return std::all_of(required->items.begin(), required->items.end(),
                           [&](const Json& key) { return node.find(key.text) != nullptr; });
    }
    const Json& root_;
};

std::vector<yaml::Node> documents_of(const std::string& text) {
    Sources sources;
    Diagnostics diagnostics;
    return yaml::parse(sources, sources.add("test.yaml", yaml::normalize(text)), Limits{}, diagnostics);
}

}  // namespace

TEST_CASE("the committed schema is the one that the tables of keys print") {
    std::string path = LEAT_SOURCE_DIR "/schemas/leat.schema.json";
    if (std::getenv("LEAT_APPROVE") != nullptr) std::ofstream(path, std::ios::binary) << yaml::schema_json();
    INFO("regenerate it with: LEAT_APPROVE=1 leat_test_yaml");
    CHECK((slurp(path) == yaml::schema_json()));
}

TEST_CASE("the schema is JSON whose references all lead somewhere") {
    Result<Json> schema = parse_json(yaml::schema_json());
    REQUIRE(schema);
    const Json* definitions = schema->find("$defs");
    REQUIRE(definitions != nullptr);
    std::vector<std::string> refs;
    collect_refs(*schema, refs);
    CHECK(refs.size() > 100);
    for (const std::string& ref : refs) {
        INFO(ref);
        REQUIRE(ref.substr(0, 8) == "#/$defs/");
        CHECK(definitions->find(ref.substr(8)) != nullptr);
    }
}

TEST_CASE("the schema marks the keys that hold FEEL") {
    Result<Json> schema = parse_json(yaml::schema_json());
    REQUIRE(schema);
    auto reference = [&](const char* definition, const char* key) {
        const Json* found = schema->find("$defs")->find(definition);
        if (found->find("anyOf") != nullptr) found = &found->find("anyOf")->items.back();
        return found->find("properties")->find(key)->find("$ref")->text;
    };
    CHECK(reference("transition", "guard") == "#/$defs/feel");
    CHECK(reference("delay", "for") == "#/$defs/value");
    CHECK(reference("field", "required_if") == "#/$defs/feel");
    CHECK(reference("field", "default") == "#/$defs/value");
    CHECK(reference("section_report", "where") == "#/$defs/feel");
    CHECK(schema->find("$defs")->find("feel")->find("x-feel")->boolean);
}

TEST_CASE("the schema takes what the loader takes, and not what it refuses") {
    Result<Json> schema = parse_json(yaml::schema_json());
    REQUIRE(schema);
    Validator validator(*schema);
    auto valid = [&](const std::string& text) { return validator.valid(*schema, documents_of(text).at(0)); };
    CHECK(valid("entity: a\nfields: {x: string, y: {type: integer, required: true}}"));
    CHECK_FALSE(valid("entity: a\nfelds: {x: string}"));
    CHECK_FALSE(valid("entity: a\nfields: {x: {type: integer, required: yes}}"));
    CHECK_FALSE(valid("flow: f\nof: a"));
    CHECK_FALSE(valid("flow: f\nof: a\nstates: {s: {entry: [{create: b, task: c}]}}"));
    CHECK(
        valid("flow: f\nof: a\nstates: {s: {entry: [{create: b, set: {x: = 1}}], on: {go: s, to: [{target: s, guard: "
              "x}]}}}"));

    CHECK(valid(
        "decision: d\ninputs: {x: integer}\nlogic: {context: {a: {if: x > 1, then: [1, x], else: b}}, result: a}"));
    CHECK(valid(
        "decision: d\nof: a\noutputs: {y: integer}\ntable: [{when: {x: 1}, then: 2, annotation: n}, {then: {y: 3}}]"));
    CHECK_FALSE(valid("decision: d\nlogic: {contxt: {a: 1}}"));
    CHECK_FALSE(valid("decision: d\noutputs: {y: integer}\ntable: [{if: {x: 1}, then: 2}]"));
    CHECK(valid(
        "scorecard: s\nof: a\ncharacteristics: {c: {attributes: [{when: \"> 1\", points: 2, reason: {zh: 少}}]}}\n"
        "bands: {good: \"> 1\"}\nreasons: 2"));
    CHECK_FALSE(valid("scorecard: s\ncharacteristics: {c: {points: 2}}"));
    CHECK(valid("service: s\ndecisions: [a, b]"));
    CHECK_FALSE(valid("service: s"));

    const char* set = std::getenv("LEAT_SHARED_DIR");
    std::string path = (set != nullptr ? std::string(set) : LEAT_SOURCE_DIR "/../shared") + "/north_star/app.yaml";
    if (!std::filesystem::exists(path)) {
        WARN("not run on the design's application: " << path << " is absent (set LEAT_SHARED_DIR)");
        return;
    }
    for (const yaml::Node& document : documents_of(slurp(path))) {
        INFO("document at line " << document.span.begin.line);
        CHECK(validator.valid(*schema, document));
    }
}
