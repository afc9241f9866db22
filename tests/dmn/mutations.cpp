// Models with random damage: whatever is wrong is told, nothing crashes, hangs or grows without bound.
#include <cstdlib>
#include <random>

#include "models.hpp"

namespace leat {
namespace {

const char* const kModel = R"(<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="M" namespace="urn:m">
<itemDefinition name="tA"><itemComponent name="a b"><typeRef>number</typeRef><allowedValues><text>&gt; 0</text></allowedValues>
</itemComponent><itemComponent name="more" isCollection="true"><typeRef>tA</typeRef></itemComponent></itemDefinition>
<inputData id="i" name="In"><variable name="In" typeRef="tA"/></inputData>
<businessKnowledgeModel id="k" name="K"><encapsulatedLogic><formalParameter name="n" typeRef="number"/>
<context><contextEntry><variable name="x"/><literalExpression><text>n + 1</text></literalExpression></contextEntry>
<contextEntry><literalExpression><text>x * 2</text></literalExpression></contextEntry></context></encapsulatedLogic></businessKnowledgeModel>
<decision id="d" name="D"><variable name="D"/><informationRequirement><requiredInput href="#i"/></informationRequirement>
<knowledgeRequirement><requiredKnowledge href="#k"/></knowledgeRequirement>
<decisionTable hitPolicy="COLLECT" aggregation="SUM"><input><inputExpression typeRef="number"><text>In.a b</text></inputExpression></input>
<output name="r" typeRef="number"/><rule><inputEntry><text>[1..5)</text></inputEntry><outputEntry><text>K(3)</text></outputEntry></rule>
<rule><inputEntry><text>-</text></inputEntry><outputEntry><text>7</text></outputEntry></rule></decisionTable></decision>
<decision id="e" name="E"><informationRequirement><requiredDecision href="#d"/></informationRequirement>
<for iteratorVariable="q"><in><literalExpression><text>[1, 2, D]</text></literalExpression></in><return><conditional>
<if><literalExpression><text>q &gt; 1</text></literalExpression></if><then><list><literalExpression><text>q</text></literalExpression></list></then>
<else><relation><column name="c"/><row><literalExpression><text>0</text></literalExpression></row></relation></else></conditional></return></for></decision>
<decisionService id="s" name="S"><outputDecision href="#e"/><inputDecision href="#d"/></decisionService>
</definitions>)";

}  // namespace

TEST_CASE("damaged models are answered or told") {
    const char* given = std::getenv("LEAT_SEED");
    uint64_t seed = given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
    INFO("LEAT_SEED=" << seed);
    std::mt19937_64 random(seed);
    const std::string whole = kModel;
    REQUIRE(Models(whole).decide("E", "{In: {a b: 2, more: []}}") == "[[{c: 0}], [2], [15]]");
    size_t answered = 0;
    for (int round = 0; round < 1500; ++round) {
        std::string text = whole;
        for (uint64_t damages = 1 + random() % 3; damages > 0; --damages) {
            size_t at = random() % text.size(), from = random() % text.size();
            size_t length = std::min<size_t>(1 + random() % 60, text.size() - from);
            switch (random() % 4) {
                case 0:
                    text.erase(at, 1 + random() % 20);
                    break;
                case 1:
                    text.insert(at, text.substr(from, length));
                    break;
                case 2:
                    text[at] = static_cast<char>(random() % 256);
                    break;
                default:
                    text.insert(at, "<list><a x='&amp;'>");
            }
        }
        Models models(text, round % 2 == 0);
        if (!models.graph) {
            CHECK(models.diagnostics.has_errors());
            continue;
        }
        ++answered;
        for (const auto& element : models.graph->elements()) models.decide(element.name, "{In: {a b: 2, more: []}}");
    }
    CHECK(answered > 0);
}

}  // namespace leat
