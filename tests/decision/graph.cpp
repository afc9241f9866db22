// Graphs of models made by hand: what is evaluated, how it is explained. tests/dmn has whole models from XML.
#include "decision/graph.hpp"

#include "catch.hpp"

namespace leat::decision {
namespace {

Text text(const std::string& content) {
    Text made;
    made.text = content;
    made.span.begin = made.span.end = {1, 1};
    return made;
}

model::Boxed literal(const std::string& content) {
    model::Boxed box;
    box.kind = model::Boxed::Kind::expression;
    box.text = text(content);
    return box;
}

template <class Element>
Element element(const std::string& name, const std::string& type = "") {
    Element made;
    made.name = made.variable = text(name);
    made.id = name;
    if (!type.empty()) made.type = text(type);
    return made;
}

// Amount and Kind decide a Rate by a table; Price is 100 of it.
model::DmnModel shop() {
    model::DmnModel model;
    model.name = text("Shop");
    model.space = "urn:shop";
    model.inputs = {element<model::DmnInput>("Amount", "number"), element<model::DmnInput>("Kind", "string")};
    auto rate = element<model::DmnDecision>("Rate", "number");
    rate.information = {{"", "Amount", {}}, {"", "Kind", {}}};
    rate.logic.kind = model::Boxed::Kind::table;
    rate.logic.table = std::make_shared<model::DecisionTable>();
    rate.logic.table->hit = text("first");
    rate.logic.table->inputs = {{text("Amount"), text("number"), {}, {}}, {text("Kind"), {}, {}, {}}};
    rate.logic.table->outputs = {{{}, {}, {}, {}}};
    rate.logic.table->rows = {{{text("> 10"), text("-"), text("0.9")}, {}},
                              {{text("-"), text("\"new\""), text("0.5")}, {}}};
    auto price = element<model::DmnDecision>("Price");
    price.information = {{"", "Rate", {}}};
    price.logic = literal("Rate * 100");
    model.decisions = {rate, price};
    return model;
}

struct Shop {
    model::DmnModel model = shop();
    Diagnostics diagnostics;
    std::unique_ptr<Graph> graph = compile({&model}, {}, diagnostics);
    Arena arena;
    std::vector<Evaluated> steps;

    Value decide(const std::string& name, Value amount, Value kind) {
        value::ContextEntry entries[] = {{"Amount", amount}, {"Kind", kind}};
        value::ContextData data{entries, 2};
        GraphRun run;
        run.arena = &arena;
        run.explanation = &steps;
        run.nearest = 1;
        steps.clear();
        auto answer = graph->decide(name, Value::context_of(&data), run);
        REQUIRE(answer);
        return *answer;
    }
};

}  // namespace

TEST_CASE("a graph made by hand decides and explains") {
    Shop shop;
    REQUIRE(shop.graph);
    CHECK(value::to_text(shop.decide("Price", Value::number(Decimal(20)), Value::string("old"))) == "90.0");
    std::string json = to_json(shop.steps, *shop.graph);
    CHECK_THAT(json, Catch::Matchers::StartsWith(
                         R"([{"decision":"Amount","model":"Shop","kind":"input","value":20},{"decision":"Kind")"));
    CHECK_THAT(json,
               Catch::Matchers::Contains(R"({"decision":"Rate","model":"Shop","kind":"table","value":0.9,"table":{)"));
    CHECK_THAT(json, Catch::Matchers::EndsWith(R"({"decision":"Price","model":"Shop","kind":"decision","value":90}])"));
    std::string told = describe(shop.steps, *shop.graph);
    CHECK_THAT(told, Catch::Matchers::Contains("input 'Kind' is \"old\"\n"));
    CHECK_THAT(told, Catch::Matchers::Contains("by row 1"));
    CHECK_THAT(told, Catch::Matchers::Contains("decision 'Price' is 90\n"));
}

TEST_CASE("a null in a graph keeps its first reason") {
    Shop shop;
    Value answer = shop.decide("Price", Value::number(Decimal(1)), Value::string("old"));
    REQUIRE(answer.is_null());
    REQUIRE(answer.null_reason);
    CHECK(answer.null_reason->code == "decision.none");
    CHECK_THAT(to_json(shop.steps, *shop.graph), Catch::Matchers::Contains(R"("reason":{"code":"decision.none")"));
    // What is no number is none when it is given.
    CHECK(shop.decide("Price", Value::string("many"), Value::string("new")).kind == Kind::number);
    CHECK(shop.steps[0].value.is_null());
    CHECK_THAT(describe(shop.steps, *shop.graph), Catch::Matchers::StartsWith("input 'Amount' is null: "));
}

TEST_CASE("a decision that is given is not evaluated") {
    Shop shop;
    GraphRun run;
    run.arena = &shop.arena;
    run.explanation = &shop.steps;
    std::vector<Given> given = {{shop.graph->find(0, "Rate"), Value::number(Decimal(2))}};
    auto answer = shop.graph->evaluate(shop.graph->find("Price"), given, run);
    REQUIRE(answer);
    CHECK(value::to_text(*answer) == "200");
    CHECK(shop.steps.size() == 2);
    CHECK(shop.graph->find("Rates") == Graph::kNone);
    CHECK(shop.graph->find("Shop/Rate") == shop.graph->find("Rate"));
    CHECK(shop.graph->find("Amount") == Graph::kNone);  // an input is no decision
}

}  // namespace leat::decision
