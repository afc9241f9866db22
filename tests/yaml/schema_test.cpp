// schemas/leat.schema.json is what the readers' own tables print.
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/json.hpp"
#include "catch.hpp"
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
    CHECK(reference("transition", "target") == "#/$defs/value");
    CHECK(reference("field", "required_if") == "#/$defs/feel");
    CHECK(reference("field", "default") == "#/$defs/value");
    CHECK(reference("section_report", "where") == "#/$defs/feel");
    CHECK(schema->find("$defs")->find("feel")->find("x-feel")->boolean);
}
