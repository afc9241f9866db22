// JSON fields as people write them, and groups that an extension adds.
#include "base/json.hpp"
#include "catch.hpp"
#include "form/form.hpp"
#include "program/load.hpp"

using namespace leat;

namespace {

constexpr const char* kSheet = R"(
leat: 1
app: sheets
language: zh
---
entity: 表单
fields:
  规格: {type: json, required: true}
  备用: json
  缺省: {type: json, default: '= [1, "二"]'}
  名称: string
  明细: {type: list, fields: {参数: json, 数量: integer}}
form: {groups: [{title: 基本, fields: [名称]}, {title: {zh: 其他, en: Other}, fields: [备用]}]}
---
flow: 流程
of: 表单
events: {送出: {allow: [], payload: {内容: json}}}
states: {开: {on: {送出: 关}}, 关: {type: final}}
)";

Json made(const std::string& more = "", const std::string& event = "") {
    Diagnostics diagnostics;
    base::Sources sources;
    auto program = program::load({{"app.yaml", kSheet + more}}, {}, {}, diagnostics, sources);
    for (const auto& one : diagnostics.all()) UNSCOPED_INFO(base::format(one, sources));
    REQUIRE(program);
    const auto& entity = *program->find_entity("表单");
    form::Subject subject{*program, entity, query::AccessScope::everything()};
    subject.creating = event.empty();
    form::Options options;
    options.event = event;
    auto text = form::make(subject, options);
    REQUIRE(text);
    return *parse_json(*text);
}

Json schema_of(const Json& form, const char* field) {
    const Json* found = form.find("schema")->find("properties")->find(field);
    REQUIRE(found);
    return *found;
}

}  // namespace

TEST_CASE("a JSON field is a text area of JSON, and what comes back is read") {
    const Json form = made();
    CHECK(
        base::to_text(schema_of(form, "规格")) ==
        R"({"title":"规格","type":"string","contentMediaType":"application/json","minLength":1,"x-leat-type":"json"})");
    CHECK(schema_of(form, "缺省").find("default")->text == R"([1,"二"])");
    CHECK(form.find("uiSchema")->find("规格")->find("ui:widget")->text == "textarea");
    CHECK(base::to_text(*form.find("layout")).find(R"("options":{"multi":true})") != std::string::npos);
    CHECK(schema_of(form, "明细").find("items")->find("properties")->find("参数"));
    auto input = form::input_of(
        form,
        *parse_json(
            R"({"规格":" {\"a\":[1.50,null,\"中\"]} ","备用":"\"一个词\"","明细":[{"参数":"[true]","数量":1},{"数量":2}]})"));
    REQUIRE(input);
    CHECK(base::to_text(*input->find("record")) ==
          R"({"备用":"一个词","规格":{"a":[1.50,null,"中"]},"明细":[{"参数":[true],"数量":1},{"数量":2}]})");
    const Json event = made("", "送出");
    auto sent = form::input_of(event, *parse_json(R"({"event":{"内容":"{\"x\":1}"}})"));
    REQUIRE(sent);
    CHECK(base::to_text(*sent->find("event")) == R"({"内容":{"x":1}})");
}

TEST_CASE("text that is no JSON is a mistake at its place") {
    const Json form = made();
    struct Case {
        const char *data, *pointer;
    };
    for (const Case& one : {Case{R"({"规格":"{a:1}"})", "/规格"},
                            {R"({"规格":"1","备用":"中文"})", "/备用"},
                            {R"({"规格":"1","明细":[{"参数":"[]"},{"参数":"[1,"}]})", "/明细/1/参数"}}) {
        INFO(one.data);
        auto input = form::input_of(form, *parse_json(one.data));
        REQUIRE_FALSE(input);
        CHECK(input.error().code == "form.json");
        CHECK(input.error().status == Status::usage);
        CHECK(input.error().message.starts_with(std::string(one.pointer) + ": "));
        std::string failure;
        base::JsonWriter(failure).begin_object().key("message").string(input.error().message).end_object();
        auto errors = form::errors_of(*parse_json(failure));
        REQUIRE(errors);
        Json told = *parse_json(*errors);
        CHECK(told.find("additionalErrors")->items[0].find("instancePath")->text == one.pointer);
        CHECK(told.find("messages")->items.empty());
    }
}

TEST_CASE("of a present record a JSON field goes back only where it says something else") {
    Json form = made();
    for (auto& [name, value] : form.members) {
        if (name == "mode") value.text = "edit";
        if (name == "data") value = *parse_json(R"({"规格":"{\"a\":1,\"b\":[2]}","备用":"[1]"})");
    }
    auto same = form::input_of(form, *parse_json(R"({"规格":"{ \"b\": [2.0], \"a\": 1 }","备用":"[1]"})"));
    REQUIRE(same);
    CHECK(base::to_text(*same) == R"({"record":{}})");
    auto other = form::input_of(form, *parse_json(R"({"规格":"{\"a\":2}"})"));
    REQUIRE(other);
    CHECK(base::to_text(*other) == R"({"record":{"备用":null,"规格":{"a":2}}})");
}

TEST_CASE("an extension adds groups to a form, and fields to those that are there") {
    const Json form = made(
        "---\nextend: 表单\nfields: {颜色: string, 重量: integer, 产地: string}\n"
        "form: {groups: [{title: 基本, fields: [颜色]}, {title: 物流, fields: [重量]}]}\n");
    const Json& groups = *form.find("uiSchema")->find("ui:options")->find("groups");
    REQUIRE(groups.items.size() == 4);
    CHECK(base::to_text(groups.items[0]) == R"({"title":"基本","fields":["名称","颜色"]})");
    CHECK(base::to_text(groups.items[1]) == R"({"title":"其他","fields":["备用"]})");
    CHECK(base::to_text(groups.items[2]) == R"({"title":"物流","fields":["重量"]})");
    CHECK(base::to_text(groups.items[3]) == R"({"title":"","fields":["规格","缺省","明细","产地"]})");

    auto problem = [](const std::string& more) {
        Diagnostics diagnostics;
        base::Sources sources;
        auto program = program::load({{"app.yaml", kSheet + more}}, {}, {}, diagnostics, sources);
        CHECK_FALSE(program);
        return diagnostics.all().empty() ? std::string() : diagnostics.all()[0].message;
    };
    CHECK(problem("---\nextend: 表单\nform: {groups: [{title: 物流, fields: [名称]}]}\n") ==
          "'名称' stands in the form twice");
    CHECK(problem("---\nextend: 表单\nform: {groups: [{title: 物流, fields: [没有]}]}\n").find("没有") !=
          std::string::npos);
    CHECK(problem("---\nextend: 流程\nform: {groups: [{title: 物流, fields: [名称]}]}\n") != "");
}
