// Forms from the definitions alone, by role and state; what of them comes back; refusals at their fields.
#include "form/form.hpp"

#include <cstdlib>
#include <random>
#include <regex>
#include <string>

#include "catch.hpp"
#include "form/condition.hpp"
#include "form/number_pattern.hpp"
#include "program/load.hpp"

using namespace leat;

namespace {

std::unique_ptr<program::Program> load(const std::string& text) {
    Diagnostics diagnostics;
    base::Sources sources;
    auto program = program::load({{"app.yaml", text}}, {}, {}, diagnostics, sources);
    for (const auto& one : diagnostics.all()) INFO(base::format(one, sources));
    REQUIRE(program);
    return program;
}

const std::string kShop = R"(
leat: 1
app: shop
language: en
currency: CNY
---
roles: {clerk: Clerk, boss: {title: Boss, includes: [clerk]}, stranger: Stranger}
calendars: {office: {week: {mon-fri: ["09:00-17:00"]}}}
---
entity: order
title: {en: Order, zh: 订单}
fields:
  name: {type: string, required: true, minLength: 2, maxLength: 30, title: {en: Name, zh: 名称}, description: {en: Of the order}}
  size: {type: enum, enum: {small: {en: Small, zh: 小}, big: {en: Big, zh: 大}}, default: small}
  count: {type: integer, minimum: 1, exclusiveMaximum: 10}
  rate: {type: decimal, scale: 3, exclusiveMinimum: 0, maximum: 12.5, unit: kg}
  limit: {type: money, default: 5}
  open_at: time
  patience: duration
  seen_at: datetime
  secret: string
  card: string
  gift: {type: boolean, visible_if: 'size = "big" and (count >= 5 or rate in [1..2])'}
  why: {type: text, required_if: limit > 100, visible_if: not(name = "x")}
  far: {type: string, visible_if: string length(name) > 3, readonly_if: secret = "s"}
  twice: {type: integer, formula: count * 2}
  tags: {type: list, of: string, minItems: 1}
  lines: {type: list, minItems: 1, fields: {what: {type: string, required: true}, n: {type: integer, default: 1}, twice: {type: integer, formula: n * 2}}}
form:
  groups: [{title: {en: First, zh: 第一}, fields: [lines, name]}, {fields: [size]}]
access:
  clerk: {add: true, read: true, write: true, fields: {secret: none, card: mask, seen_at: read}}
  boss: {write: true, fields: {secret: write}}
---
flow: order_flow
of: order
field: status
events: {go: {allow: [clerk], title: {en: Off, zh: 出发}, payload: {by: {type: string, required: true}, fee: money}}}
states:
  draft: {exit_criteria: [{required: [count]}, {required: [open_at], if: size = "big"}], on: {go: [{target: ready, guard: limit > 1}, {target: done}]}}
  ready: {fields: {rate: required, name: read}, entry_criteria: [{required: [why]}], on: {go: done}}
  done: {type: final}
)";

struct Form {
    Json json;
    std::string text;
    // The value at a JSON Pointer; fails the test where there is none.
    const Json& at(std::string_view pointer) const {
        const Json* place = &json;
        while (!pointer.empty()) {
            size_t end = std::min(pointer.find('/', 1), pointer.size());
            std::string name(pointer.substr(1, end - 1));
            INFO(pointer << " of " << text);
            bool list = place->kind == Json::Kind::array;
            const Json* next = list ? &place->items.at(std::stoul(name)) : place->find(name);
            REQUIRE(next);
            place = next;
            pointer.remove_prefix(end);
        }
        return *place;
    }
    std::string of(std::string_view pointer) const { return base::to_text(at(pointer)); }
    bool has(std::string_view name) const { return at("/schema/properties").find(name) != nullptr; }
};

Form made(const program::Program& program, std::string_view role, std::string_view state, form::Options options = {}) {
    const auto& entity = *program.find_entity("order");
    auto scope = role.empty() ? query::AccessScope::everything()
                              : query::AccessScope::of("", 0, program.find_role(role)->includes);
    form::Subject subject{program, entity, scope};
    subject.creating = state.empty();
    if (!state.empty()) {
        auto known = form::state_named(program, entity, state);
        REQUIRE(known);
        subject.states.push_back(*known);
    }
    auto text = form::make(subject, options);
    INFO((text ? std::string() : text.error().message));
    REQUIRE(text);
    auto json = parse_json(*text);
    REQUIRE(json);
    return {*json, *text};
}

}  // namespace

TEST_CASE("a form's schema has types, constraints, titles and defaults") {
    auto program = load(kShop);
    Form form = made(*program, "", "");
    CHECK(form.of("/schema/$schema") == R"("https://json-schema.org/draft/2020-12/schema")");
    CHECK(form.of("/mode") == R"("create")");
    CHECK(form.of("/schema/title") == R"("Order")");
    CHECK(
        form.of("/schema/properties/name") ==
        R"({"title":"Name","description":"Of the order","type":"string","minLength":2,"maxLength":30,"x-leat-type":"string"})");
    CHECK(form.of("/schema/properties/size/oneOf") ==
          R"([{"const":"small","title":"Small"},{"const":"big","title":"Big"}])");
    CHECK(form.of("/schema/properties/size/default") == R"("small")");
    CHECK(form.of("/schema/properties/count") ==
          R"({"title":"count","type":"integer","minimum":1,"exclusiveMaximum":10,"x-leat-type":"integer"})");
    CHECK(form.of("/schema/properties/rate/pattern") == R"x("^(0|[1-9][0-9]{0,14})(\\.[0-9]{1,3})?$")x");
    CHECK(form.at("/schema/properties/rate/allOf").items.size() == 2);
    CHECK(form.of("/schema/properties/rate/x-leat-unit") == R"("kg")");
    CHECK(form.of("/schema/properties/limit/default") == R"("5.00")");
    CHECK(form.of("/schema/properties/limit/x-leat-currency") == R"("CNY")");
    CHECK(form.of("/schema/properties/seen_at/format") == R"("date-time")");
    CHECK(form.of("/schema/properties/tags") ==
          R"({"title":"tags","type":"array","minItems":1,"items":{"type":"string"},"x-leat-type":"list"})");
    CHECK(form.of("/schema/properties/lines/items/required") == R"(["what"])");
    CHECK(form.of("/schema/properties/lines/items/properties/n/default") == "1");
    CHECK(form.of("/schema/properties/lines/items/properties/twice/readOnly") == "true");
    CHECK(form.of("/schema/properties/twice/readOnly") == "true");
    CHECK(form.of("/schema/required") == R"(["lines","name","tags"])");
    CHECK(std::regex_match("P2D office", std::regex(form.at("/schema/properties/patience/pattern").text)));
    CHECK_FALSE(std::regex_match("P2D home", std::regex(form.at("/schema/properties/patience/pattern").text)));
    CHECK(std::regex_match("08:30:00", std::regex(form.at("/schema/properties/open_at/pattern").text)));
    CHECK_FALSE(std::regex_match("24:30:00", std::regex(form.at("/schema/properties/open_at/pattern").text)));
    CHECK_FALSE(form.has("id"));
    CHECK_FALSE(form.has("status"));  // there is none before there is a record
}

TEST_CASE("a form in another language, and with numbers") {
    auto program = load(kShop);
    form::Options options;
    options.language = "zh";
    options.numbers = true;
    Form form = made(*program, "", "", options);
    CHECK(form.of("/schema/title") == R"("订单")");
    CHECK(form.of("/schema/properties/name/title") == R"("名称")");
    CHECK(form.of("/schema/properties/size/oneOf/1/title") == R"("大")");
    CHECK(form.of("/schema/properties/rate/type") == R"("number")");
    CHECK(form.of("/schema/properties/rate/exclusiveMinimum") == "0");
    CHECK(form.of("/schema/properties/rate/maximum") == "12.5");
    CHECK(form.of("/schema/properties/limit/default") == "5");
    CHECK(form.of("/layout/elements/0/label") == R"("第一")");
    CHECK(form.of("/uiSchema/ui:submitButtonOptions/submitText") == R"("保存")");
}

TEST_CASE("what a role may do makes fields missing, masked or read-only") {
    auto program = load(kShop);
    Form clerk = made(*program, "clerk", "draft");
    CHECK_FALSE(clerk.has("secret"));
    CHECK(clerk.text.find("secret") == std::string::npos);  // nor is the condition told that reads it
    CHECK(clerk.of("/schema/properties/card") ==
          R"({"title":"card","type":"string","readOnly":true,"x-leat-type":"string","x-leat-masked":true})");
    CHECK(clerk.of("/schema/properties/seen_at/readOnly") == "true");
    CHECK(clerk.at("/schema/properties/name").find("readOnly") == nullptr);
    CHECK(clerk.of("/schema/properties/status/readOnly") == "true");
    Form boss = made(*program, "boss", "draft");
    CHECK(boss.at("/schema/properties/secret").find("readOnly") == nullptr);
    CHECK(boss.of("/schema/properties/far/x-leat-readonly_if") == R"x("secret = \"s\"")x");

    auto subject = form::Subject{*program, *program->find_entity("order"),
                                 query::AccessScope::of("", 0, program->find_role("stranger")->includes)};
    auto nothing = form::make(subject, {});
    REQUIRE_FALSE(nothing);
    CHECK(nothing.error().code == "form.nothing");
}

TEST_CASE("a state narrows and demands") {
    auto program = load(kShop);
    Form ready = made(*program, "clerk", "ready");
    CHECK(ready.of("/schema/properties/name/readOnly") == "true");
    CHECK(ready.of("/uiSchema/name/ui:readonly") == "true");
    CHECK(ready.of("/schema/required") == R"(["lines","rate","why","tags"])");
    CHECK(made(*program, "clerk", "order_flow.draft").of("/schema/required") == R"(["lines","name","tags"])");
    auto unknown = form::state_named(*program, *program->find_entity("order"), "gone");
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().code == "state.unknown");
}

TEST_CASE("conditions are schemas where they have such a shape, and told where they have not") {
    auto program = load(kShop);
    Form form = made(*program, "", "");
    CHECK_FALSE(form.has("gift"));  // only where its condition holds
    const Json& all = form.at("/schema/allOf");
    REQUIRE(all.items.size() == 3);
    std::string gift = base::to_text(all.items[0]);
    CHECK(gift.find(R"({"properties":{"size":{"const":"big"}},"required":["size"]})") != std::string::npos);
    CHECK(gift.find(R"({"properties":{"count":{"allOf":[{"minimum":5}]}},"required":["count"]})") != std::string::npos);
    CHECK(gift.find(R"("then":{"properties":{"gift":)") != std::string::npos);
    std::string why = base::to_text(all.items[1]);
    CHECK(why.find(R"({"not":{"properties":{"name":{"const":"x"}},"required":["name"]}})") != std::string::npos);
    CHECK(base::to_text(all.items[2]).find(R"("then":{"required":["why"]})") != std::string::npos);
    // A default counts as being there.
    CHECK(base::to_text(all.items[2]).find(R"("required":["limit"])") != std::string::npos);
    CHECK(form.of("/schema/properties/far/x-leat-visible_if") == R"("string length(name) > 3")");
    CHECK(form.of("/schema/properties/far/x-leat-server") == R"(["readonly_if","visible_if"])");
    // The layout of JSON Forms shows and hides by the same schema.
    CHECK(form.text.find(R"("rule":{"effect":"SHOW","condition":{"scope":"#","schema":{"allOf":[)") !=
          std::string::npos);
}

TEST_CASE("the order and the groups of a form are the entity's") {
    auto program = load(kShop);
    Form form = made(*program, "", "");
    CHECK(form.of("/uiSchema/ui:order/0") == R"("lines")");
    CHECK(form.of("/uiSchema/ui:order/1") == R"("name")");
    CHECK(form.of("/uiSchema/ui:order/2") == R"("size")");
    CHECK(form.of("/uiSchema/ui:order/3") == R"("count")");
    CHECK(form.of("/uiSchema/ui:options/groups/0") == R"({"title":"First","fields":["lines","name"]})");
    CHECK(form.of("/layout/elements/0/type") == R"("Group")");
    CHECK(form.of("/layout/elements/0/elements/1/scope") == R"("#/properties/name")");
    CHECK(form.of("/layout/elements/0/elements/0/options/detail/elements/0/scope") == R"("#/properties/what")");
    CHECK(form.of("/layout/elements/1/scope") == R"("#/properties/size")");  // a group without a title
    CHECK(form.of("/uiSchema/why/ui:widget") == R"("textarea")");
}

TEST_CASE("a form for an event has its payload, and what its criteria demand") {
    auto program = load(kShop);
    form::Options options;
    options.event = "go";
    Form form = made(*program, "clerk", "draft", options);
    CHECK(form.of("/mode") == R"("event")");
    CHECK(form.of("/schema/title") == R"("Off")");
    CHECK(form.of("/schema/properties/event/required") == R"(["by"])");
    CHECK(form.has("count"));
    CHECK(form.has("rate"));        // of one way only: the guard chooses when the event comes
    CHECK_FALSE(form.has("name"));  // nothing asks for it
    CHECK(form.of("/schema/required") == R"(["count"])");
    CHECK(form.of("/layout/elements/2/scope").find("#/properties/") == 1);
    CHECK(form.text.find(R"("#/properties/event/properties/by")") != std::string::npos);
    options.event = "order_flow.go";
    CHECK(made(*program, "clerk", "ready", options).at("/schema/properties").members.size() == 1);
    options.event = "stop";
    auto subject = form::Subject{*program, *program->find_entity("order"), query::AccessScope::everything()};
    auto unknown = form::make(subject, options);
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().code == "event.unknown");
}

TEST_CASE("only what a reader could fill in becomes input") {
    auto program = load(kShop);
    Form form = made(*program, "clerk", "");
    auto data = parse_json(
        R"({"name":"n","card":"***","seen_at":"x","twice":4,"gift":true,"why":"","other":1,"lines":[{"what":"a","n":null,"twice":9,"id":3}]})");
    auto input = form::input_of(form.json, *data);
    REQUIRE(input);
    CHECK(base::to_text(*input) == R"({"record":{"lines":[{"what":"a"}],"name":"n","gift":true}})");
    auto wrong = form::input_of(*parse_json("{}"), *data);
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().code == "form.shape");
}

TEST_CASE("of a present record only what was changed becomes input") {
    auto form = parse_json(
        R"({"mode":"edit","schema":{"properties":{"a":{},"b":{},"c":{},"n":{},"d":{"readOnly":true},
            "lines":{"items":{"properties":{"x":{},"y":{"readOnly":true}}}}}},
            "data":{"a":"1","b":"2","n":1.50,"d":"4","lines":[{"x":"1","y":"2"}]}})");
    REQUIRE(form);
    auto same = form::input_of(*form, *parse_json(R"({"a":"1","b":"2","n":1.5,"d":"5","lines":[{"x":"1","y":"3"}]})"));
    REQUIRE(same);
    CHECK(base::to_text(*same) == R"({"record":{}})");
    auto other = form::input_of(*form, *parse_json(R"({"b":"3","c":"4","n":1.5,"lines":[{"x":"2"},{"x":"3"}]})"));
    REQUIRE(other);
    CHECK(base::to_text(*other) == R"({"record":{"a":null,"b":"3","c":"4","lines":[{"x":"2"},{"x":"3"}]}})");
}

TEST_CASE("refusals and failures stand at their fields") {
    auto outcome = parse_json(
        R"({"refused":true,"refusals":[{"code":"constraint","message":"taken","fields":["serial"],"pointers":["/lines/1/serial"]},
            {"code":"guard.none","message":"no","fields":["a","b"],"pointers":["/a","/b"]},{"code":"access.row","message":"","fields":[]}]})");
    auto errors = form::errors_of(*outcome);
    REQUIRE(errors);
    auto json = parse_json(*errors);
    REQUIRE(json);
    CHECK(
        base::to_text(*json->find("extraErrors")) ==
        R"({"__errors":["access.row"],"lines":{"1":{"serial":{"__errors":["taken"]}}},"a":{"__errors":["no"]},"b":{"__errors":["no"]}})");
    CHECK(json->find("additionalErrors")->items.size() == 4);
    CHECK(json->find("additionalErrors")->items[0].find("instancePath")->text == "/lines/1/serial");
    CHECK(base::to_text(*json->find("messages")) == R"(["access.row"])");
    auto failure = form::errors_of(
        *parse_json(R"({"code":"input.type","message":"/lines/0/n: field 'n' takes a whole number, not 'x'"})"));
    REQUIRE(failure);
    CHECK(failure->find(R"({"lines":{"0":{"n":{"__errors":["field 'n' takes a whole number, not 'x'"]}}}})") !=
          std::string::npos);
    CHECK_FALSE(form::errors_of(*parse_json("[]")));
}

TEST_CASE("patterns bound decimals as comparison does") {
    const char* set = std::getenv("LEAT_SEED");
    unsigned seed = set ? static_cast<unsigned>(std::stoul(set)) : std::random_device{}();
    INFO("LEAT_SEED=" << seed);
    std::mt19937 draw(seed);
    auto number = [&](int digits) {
        int scale = static_cast<int>(draw() % 4);
        int64_t coefficient = 0;
        for (int i = static_cast<int>(draw() % static_cast<unsigned>(digits)); i >= 0; --i)
            coefficient = coefficient * 10 + static_cast<int64_t>(draw() % 3 == 0 ? draw() % 2 * 9 : draw() % 10);
        return Decimal::make(draw() % 2 ? coefficient : -coefficient, -scale);
    };
    for (int round = 0; round < 60; ++round) {
        Decimal bound = number(5);
        std::regex at_least(form::at_least_pattern(bound, false)), more(form::at_least_pattern(bound, true));
        std::regex at_most(form::at_most_pattern(bound, false)), less(form::at_most_pattern(bound, true));
        form::Bounds bounds;
        std::regex shape(form::decimal_pattern(18, 4, bounds));
        for (int i = 0; i < 120; ++i) {
            Decimal value = i == 0 ? bound : i < 40 ? bound.add(bound, number(2)).value_or(bound) : number(6);
            std::string text = value.to_string();
            if (draw() % 3 == 0) text = value.rescale(4)->to_string();
            INFO(text << " and " << bound.to_string());
            CHECK(std::regex_match(text, shape));
            CHECK(std::regex_match(text, at_least) == (value >= bound));
            CHECK(std::regex_match(text, more) == (value > bound));
            CHECK(std::regex_match(text, at_most) == (value <= bound));
            CHECK(std::regex_match(text, less) == (value < bound));
        }
    }
    for (const char* text : {"01", "1.", ".5", "1,5", "+1", "1e3", "", "--1", "1.23456"})
        CHECK_FALSE(std::regex_match(text, std::regex(form::decimal_pattern(18, 4, {}))));
    form::Bounds positive;
    positive.low = Decimal(0);
    CHECK_FALSE(std::regex_match("-1", std::regex(form::decimal_pattern(18, 2, positive))));
    CHECK(std::regex_match("0", std::regex(form::decimal_pattern(2, 2, {}))));
    CHECK_FALSE(std::regex_match("1", std::regex(form::decimal_pattern(2, 2, {}))));
}
