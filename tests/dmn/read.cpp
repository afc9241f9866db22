#include "models.hpp"

namespace leat {
namespace {

struct Reading {
    Sources sources;
    model::DmnModel model;
    Diagnostics diagnostics;
    bool ok = false;

    explicit Reading(const std::string& text, const Limits& limits = {}) {
        ok = dmn::read(text, "model.dmn", limits, sources, model, diagnostics);
    }
    std::string first() {
        auto all = diagnostics.take();
        return all.empty() ? "" : base::format(all[0], sources);
    }
};

std::string model_of(const std::string& logic) {
    return definitions("<decision id=\"d\" name=\"D\"><variable name=\"D\"/>" + logic + "</decision>");
}

}  // namespace

TEST_CASE("elements of a model and their references") {
    Reading read(definitions(R"(<import name="other" namespace="urn:o" importType="urn:x/DMN/"/>
<itemDefinition name="tRow" isCollection="true">
  <itemComponent name="monthly  income"><typeRef>number</typeRef>
    <allowedValues><text>&gt;= 0</text></allowedValues></itemComponent>
  <typeConstraint><text>count(?) &lt; 3</text></typeConstraint>
</itemDefinition>
<itemDefinition name="tF"><functionItem outputTypeRef="number"><parameters name="a" typeRef="string"/></functionItem></itemDefinition>
<inputData id="i" name="Rows"><variable name="Rows" typeRef="tRow"/></inputData>
<businessKnowledgeModel id="b" name="Twice"><encapsulatedLogic typeRef="number">
  <formalParameter name="n" typeRef="number"/><literalExpression><text>n * 2</text></literalExpression>
</encapsulatedLogic></businessKnowledgeModel>
<decision id="d" name="合计"><variable name="合计" typeRef="number"/>
  <informationRequirement><requiredInput href="#i"/></informationRequirement>
  <informationRequirement><requiredDecision href="urn:o#x"/></informationRequirement>
  <knowledgeRequirement><requiredKnowledge href="#b"/></knowledgeRequirement>
  <authorityRequirement><requiredAuthority href="#nobody"/></authorityRequirement>
  <literalExpression><text>sum(Rows.monthly income)</text></literalExpression></decision>
<decision id="e" name="Open"/>
<decisionService id="s" name="S"><outputDecision href="#d"/><inputData href="#i"/></decisionService>)"));
    INFO(read.first());
    REQUIRE(read.ok);
    const model::DmnModel& m = read.model;
    CHECK(m.name.text == "M");
    CHECK(m.space == "urn:m");
    REQUIRE(m.imports.size() == 1);
    CHECK(m.imports[0].name.text == "other");
    REQUIRE(m.items.size() == 2);
    CHECK(m.items[0].collection);
    CHECK(m.items[0].components[0].name.text == "monthly income");
    CHECK(m.items[0].components[0].allowed.text == ">= 0");
    CHECK(m.items[0].constraint.text == "count(?) < 3");
    CHECK(m.items[1].function);
    CHECK(m.items[1].type.text == "number");
    CHECK(m.items[1].components[0].name.text == "a");
    CHECK(m.inputs[0].type.text == "tRow");
    CHECK(m.knowledge[0].logic.kind == model::Boxed::Kind::function);
    CHECK(m.knowledge[0].logic.children[0].type.text == "number");
    REQUIRE(m.decisions.size() == 2);
    CHECK(m.decisions[0].name.text == "合计");
    REQUIRE(m.decisions[0].information.size() == 2);
    CHECK(m.decisions[0].information[1].space == "urn:o");
    CHECK(m.decisions[0].information[1].id == "x");
    CHECK(m.decisions[0].knowledge.size() == 1);
    CHECK(m.decisions[1].logic.kind == model::Boxed::Kind::nothing);
    CHECK(m.services[0].outputs[0].id == "d");
}

TEST_CASE("prefixes mean nothing, those of types in DMN 1.1 their namespace") {
    Reading read(R"(<s:definitions xmlns:s="http://www.omg.org/spec/DMN/20151101/dmn.xsd" name="M" namespace="urn:m"
 xmlns:feel="http://www.omg.org/spec/FEEL/20140401" xmlns:o="urn:o" expressionLanguage="http://www.omg.org/spec/FEEL/20140401">
<s:import name="other" namespace="urn:o" importType="http://www.omg.org/spec/DMN/20151101/dmn.xsd"/>
<s:inputData id="a" name="A"><s:variable name="A" typeRef="feel:number"/></s:inputData>
<s:inputData id="b" name="B"><s:variable name="B" typeRef="o:tB"/></s:inputData></s:definitions>)");
    INFO(read.first());
    REQUIRE(read.ok);
    CHECK(read.model.inputs[0].type.text == "number");
    CHECK(read.model.inputs[1].type.text == "other.tB");
}

TEST_CASE("each box is read with its parts") {
    using Box = model::Boxed::Kind;
    Reading context(model_of(R"(<context><contextEntry><variable name="a" typeRef="number"/>
<literalExpression typeRef="string"><text>1</text></literalExpression></contextEntry>
<contextEntry><list><literalExpression><text>a</text></literalExpression></list></contextEntry></context>)"));
    REQUIRE(context.ok);
    const model::Boxed& box = context.model.decisions[0].logic;
    REQUIRE(box.kind == Box::context);
    CHECK(box.names[0].text == "a");
    CHECK(box.names[1].text.empty());
    CHECK(box.children[0].type.text == "number");  // the entry's, around the expression's own
    CHECK(box.children[0].children[0].type.text == "string");
    CHECK(box.children[1].kind == Box::list);

    Reading relation(model_of(R"(<relation><column name="a" typeRef="number"/><column name="b"/>
<row><literalExpression><text>1</text></literalExpression><literalExpression><text>2</text></literalExpression></row></relation>)"));
    REQUIRE(relation.ok);
    CHECK(relation.model.decisions[0].logic.names.size() == 2);
    CHECK(relation.model.decisions[0].logic.children[0].children.size() == 2);

    Reading invocation(model_of(R"(<invocation><literalExpression><text>f</text></literalExpression>
<binding><parameter name="n"/><literalExpression><text>1</text></literalExpression></binding></invocation>)"));
    REQUIRE(invocation.ok);
    CHECK(invocation.model.decisions[0].logic.text.text == "f");
    CHECK(invocation.model.decisions[0].logic.names[0].text == "n");

    Reading loop(model_of(R"(<for iteratorVariable="x"><in><literalExpression><text>[1]</text></literalExpression></in>
<return><conditional><if><literalExpression><text>x = 1</text></literalExpression></if>
<then><literalExpression><text>1</text></literalExpression></then><else><literalExpression><text/></literalExpression></else>
</conditional></return></for>)"));
    REQUIRE(loop.ok);
    const model::Boxed& each = loop.model.decisions[0].logic;
    CHECK(each.kind == Box::for_each);
    REQUIRE(each.children[1].kind == Box::conditional);
    CHECK(each.children[1].children[2].kind == Box::nothing);

    Reading java(model_of(R"(<functionDefinition kind="Java"><formalParameter name="x"/></functionDefinition>)"));
    REQUIRE(java.ok);
    CHECK(java.model.decisions[0].logic.text.text == "Java");
}

TEST_CASE("a decision table with its columns, rules and comments") {
    Reading read(model_of(R"(<decisionTable hitPolicy="COLLECT" aggregation="SUM" typeRef="number">
<input><inputExpression typeRef="string"><text>Kind</text></inputExpression><inputValues><text>"a","b"</text></inputValues></input>
<output><outputValues><text>1,2</text></outputValues><defaultOutputEntry><text>0</text></defaultOutputEntry></output>
<annotation name="why"/>
<rule><inputEntry><text/></inputEntry><outputEntry><text>1</text></outputEntry><annotationEntry><text>all</text></annotationEntry></rule>
<rule><inputEntry><text>"a"</text></inputEntry><outputEntry><text></text></outputEntry></rule></decisionTable>)"));
    INFO(read.first());
    REQUIRE(read.ok);
    const model::Boxed& box = read.model.decisions[0].logic;
    CHECK(box.type.text == "number");
    REQUIRE(box.table);
    CHECK(box.table->hit.text == "collect sum");
    CHECK(box.table->inputs[0].header.text == "Kind");
    CHECK(box.table->inputs[0].allowed.text == "\"a\",\"b\"");
    CHECK(box.table->outputs[0].default_value.text == "0");
    CHECK(box.table->rows[0].cells[0].text == "-");
    CHECK(box.table->rows[1].cells[1].text == "null");
    CHECK(box.table->comments[0] == "all");
}

TEST_CASE("a place inside a text is found behind references, line ends and comments") {
    Reading read(model_of("<literalExpression><text>\n  1 &lt; a and\r\n  b</text></literalExpression>"));
    REQUIRE(read.ok);
    const Text& text = read.model.decisions[0].logic.text;
    CHECK(text.text == "1 < a and\n  b");
    Span a = text.at(4, 5);
    CHECK(a.begin.line == 3);
    CHECK(a.begin.column == 10);
    Span b = text.at(12, 13);
    CHECK(b.begin.line == 4);
    CHECK(b.begin.column == 3);

    Reading cut(model_of("<literalExpression><text>1<!-- one --> + <![CDATA[2 < 3]]></text></literalExpression>"));
    REQUIRE(cut.ok);
    CHECK(cut.model.decisions[0].logic.text.text == "1 + 2 < 3");
}

TEST_CASE("what cannot be read is told with its place") {
    auto fault = [](const std::string& text) {
        Reading read(text);
        REQUIRE_FALSE(read.ok);
        return read.first();
    };
    CHECK_THAT(fault("<definitions>\n<a></definitions>"),
               Catch::Matchers::Contains("model.dmn:2:") && Catch::Matchers::Contains("error[dmn.xml]"));
    CHECK_THAT(fault(""), Catch::Matchers::Contains("error[dmn.xml]"));
    CHECK_THAT(fault("<!DOCTYPE d [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>" + definitions("")),
               Catch::Matchers::Contains("has no document type"));
    CHECK_THAT(fault("<definitions name=\"\xff\"/>"), Catch::Matchers::Contains("dmn.encoding"));
    CHECK_THAT(fault("<html/>"), Catch::Matchers::Contains("error[dmn.root]"));
    CHECK_THAT(fault(definitions("<decision id=\"d\"/>")), Catch::Matchers::Contains("2:2: error[dmn.name]"));
    CHECK_THAT(fault(definitions("<decision name=\"d\"><informationRequirement><requiredInput href=\"i\"/>"
                                 "</informationRequirement></decision>")),
               Catch::Matchers::Contains("error[dmn.reference]"));
    CHECK_THAT(
        fault(model_of("<literalExpression expressionLanguage=\"urn:groovy\"><text>1</text></literalExpression>")),
        Catch::Matchers::Contains("error[dmn.language]"));
    CHECK_THAT(fault(model_of("<conditional><if/><then/></conditional>")),
               Catch::Matchers::Contains("<conditional> lacks its <else>"));
    CHECK_THAT(fault(model_of("<decisionTable><input><inputExpression><text>a</text></inputExpression></input><output/>"
                              "<rule><outputEntry><text>1</text></outputEntry></rule></decisionTable>")),
               Catch::Matchers::Contains("rule 1 has 0 input and 1 output entries, its table 1 and 1"));
    CHECK_THAT(fault(model_of("<context><contextEntry/><contextEntry/></context>")),
               Catch::Matchers::Contains("only the last entry"));
    std::string deep;
    for (int i = 0; i < 300; ++i) deep += "<list>";
    for (int i = 0; i < 300; ++i) deep += "</list>";
    CHECK_THAT(fault(model_of(deep)), Catch::Matchers::Contains("error[dmn.limit]"));
    Limits small;
    small.source_bytes_max = 10;
    Reading large(definitions(""), small);
    CHECK_FALSE(large.ok);
    CHECK_THAT(large.first(), Catch::Matchers::Contains("dmn.limit"));
}

}  // namespace leat
