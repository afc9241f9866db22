// Decisions of DMN models, asked by the formulas and guards of an application.
#include "engine/fixture.hpp"

using namespace leat;
using namespace leat::test;

namespace {

constexpr const char* kModel = R"xml(
<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="Credit" namespace="urn:credit">
  <inputData id="sum" name="Order sum"><variable name="Order sum" typeRef="number"/></inputData>
  <inputData id="kind" name="客户"><variable name="客户" typeRef="string"/></inputData>
  <decision id="risk" name="Risk"><variable name="Risk" typeRef="number"/>
    <informationRequirement><requiredInput href="#kind"/></informationRequirement>
    <literalExpression><text>if 客户 = "新" then 3 else 1</text></literalExpression></decision>
  <decision id="limit" name="Credit limit"><variable name="Credit limit" typeRef="number"/>
    <informationRequirement><requiredDecision href="#risk"/></informationRequirement>
    <informationRequirement><requiredInput href="#sum"/></informationRequirement>
    <literalExpression><text>Order sum / Risk</text></literalExpression></decision>
  <decision id="endless" name="Endless"><variable name="Endless" typeRef="number"/>
    <informationRequirement><requiredInput href="#sum"/></informationRequirement>
    <literalExpression><text>count(for i in 1..100000 return for j in 1..1000 return Order sum)</text></literalExpression>
  </decision>
</definitions>
)xml";

constexpr const char* kApp = R"yaml(
leat: 1
app: models
language: en
timezone: UTC
include: [credit.dmn]
---
entity: order
fields:
  customer: {type: string, default: 新, required: true}
  amount: {type: money, required: true}
  covered: {type: decimal, formula: 'Credit limit(客户: customer, Order sum: amount)'}
---
flow: order_flow
of: order
field: state
events: {ship: [staff], compute: [staff]}
states:
  open:
    on:
      ship: {target: sent, guard: "Credit limit(customer, amount) > 500", message: the limit does not do}
      compute: {target: sent, guard: Endless(amount) > 0}
  sent: {type: final}
---
roles: {staff: Staff}
)yaml";

bool without_dmn() {
    Diagnostics diagnostics;
    base::Sources sources;
    program::load({{"credit.dmn", kModel}}, nullptr, {}, diagnostics, sources);
    bool without = diagnostics.has_errors() && diagnostics.all()[0].code == "dmn.built_without";
    if (without) WARN("built without LEAT_DMN: left out");
    return without;
}

}  // namespace

TEST_CASE("formulas and guards ask a DMN model's decisions by name, with what those need") {
    if (without_dmn()) return;
    Fixture app(kApp, ":memory:", {{"credit.dmn", kModel}});
    app.done(app.system->create("order", R"({"amount": "900"})"));
    CHECK(app.field("order", "1", "covered") == "300.00");
    auto refusals = app.refused(app.system->send("order", "1", "ship", ""));
    REQUIRE(refusals.size() == 1);
    CHECK(refusals[0].message == "the limit does not do");
    // The command's fuel is one for the formulas and the models that they ask.
    auto endless = app.system->send("order", "1", "compute", "");
    REQUIRE_FALSE(endless);
    CHECK(endless.error().code == "limit.steps");
    CHECK(app.field("order", "1", "state") == "open");
    app.done(app.system->patch("order", "1", R"({"customer": "老"})"));
    CHECK(app.field("order", "1", "covered") == "900.00");
    app.done(app.system->send("order", "1", "ship", ""));
    CHECK(app.field("order", "1", "state") == "sent");
}

TEST_CASE("arguments of a model's decision are checked when definitions are loaded") {
    if (without_dmn()) return;
    auto told = [&](const std::string& formula) {
        Diagnostics diagnostics;
        base::Sources sources;
        auto files = [](const std::string&, const std::string&) { return std::optional<std::string>(kModel); };
        std::string text =
            "{leat: 1, app: a, include: [credit.dmn]}\n---\nentity: order\nfields: {n: {type: decimal, "
            "formula: '" +
            formula + "'}}\n";
        program::load({{"app.yaml", text}}, files, {}, diagnostics, sources);
        std::string all;
        for (const auto& one : diagnostics.all()) all += base::format(one, sources);
        return all;
    };
    CHECK(told("Risk(\"新\")").empty());
    CHECK_THAT(told("Risk(5)"), Catch::Contains("Risk wants string as '客户'"));
    CHECK_THAT(told("Risk()"), Catch::Contains("is called with 0 arguments"));
    CHECK_THAT(told("Credit limit(\"新\", Sum: 5)"), Catch::Contains("error["));
    CHECK_THAT(told("Credit limits(\"新\", 5)"), Catch::Contains("error["));
}
