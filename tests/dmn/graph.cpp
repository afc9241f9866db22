// Whole models, from XML to answers.
#include "models.hpp"

namespace leat {
namespace {

std::string input(const std::string& name, const std::string& type = "") {
    return "<inputData id=\"i_" + name + "\" name=\"" + name + "\"><variable name=\"" + name + "\"" +
           (type.empty() ? "" : " typeRef=\"" + type + "\"") + "/></inputData>";
}
std::string needs_input(const std::string& name) {
    return "<informationRequirement><requiredInput href=\"#i_" + name + "\"/></informationRequirement>";
}
std::string needs(const std::string& id) {
    return "<informationRequirement><requiredDecision href=\"#" + id + "\"/></informationRequirement>";
}
std::string calls(const std::string& id) {
    return "<knowledgeRequirement><requiredKnowledge href=\"#" + id + "\"/></knowledgeRequirement>";
}
std::string decision_of(const std::string& name, const std::string& rest, const std::string& type = "") {
    return "<decision id=\"" + name + "\" name=\"" + name + "\"><variable name=\"" + name + "\"" +
           (type.empty() ? "" : " typeRef=\"" + type + "\"") + "/>" + rest + "</decision>";
}
std::string knowledge(const std::string& name, const std::string& parameters, const std::string& rest,
                      const std::string& before = "") {
    std::string formal;
    for (size_t at = 0; at < parameters.size();) {
        size_t comma = std::min(parameters.find(',', at), parameters.size());
        formal += "<formalParameter name=\"" + parameters.substr(at, comma - at) + "\"/>";
        at = comma + 1;
    }
    return "<businessKnowledgeModel id=\"" + name + "\" name=\"" + name + "\">" + before + "<encapsulatedLogic>" +
           formal + rest + "</encapsulatedLogic></businessKnowledgeModel>";
}

}  // namespace

TEST_CASE("a name with a point is one name where it is in scope, and a path elsewhere") {
    Models models(definitions(input("P") + R"(
<decision id="d" name="D">)" + needs_input("P") +
                              calls("B") + R"(
<invocation><literalExpression><text>B</text></literalExpression>
<binding><parameter name="P.G"/><literalExpression><text>P.G</text></literalExpression></binding></invocation></decision>
<businessKnowledgeModel id="B" name="B"><encapsulatedLogic><formalParameter name="P.G" typeRef="string"/>
<decisionTable><input><inputExpression><text>P.G</text></inputExpression></input><output/>
<rule><inputEntry><text>"x"</text></inputEntry><outputEntry><text>P.G + "!"</text></outputEntry></rule>
</decisionTable></encapsulatedLogic></businessKnowledgeModel>)"));
    CHECK(models.decide("D", "{P: {G: \"x\"}}") == "x!");
}

TEST_CASE("decisions get their inputs and other decisions by names with spaces, each computed once") {
    Models models(definitions(
        input("Monthly income", "number") +
        decision_of("Yearly income", needs_input("Monthly income") + literal("Monthly income * 12")) +
        decision_of("Net-worth", needs("Yearly income") + literal("Yearly income - 1")) +
        decision_of("Both", needs("Yearly income") + needs("Net-worth") + literal("[Yearly income, Net-worth]"))));
    models.explain = true;
    CHECK(models.decide("Both", "{Monthly income: 10}") == "[120, 119]");
    std::vector<std::string> names;
    for (const auto& step : models.explanation) names.push_back(models.graph->elements()[step.element].name);
    CHECK(names == std::vector<std::string>{"Monthly income", "Yearly income", "Net-worth", "Both"});
    CHECK(models.decide("Both", "{Yearly income: 1}") == "[1, 0]");  // a required decision that is given
    CHECK(models.decide("Yearly income") == "null: the input 'Monthly income' was not given");
    CHECK_THAT(models.decide("Both", "{Monthly incomes: 1}"),
               Catch::Matchers::Contains("dmn.input: ") && Catch::Matchers::Contains("did you mean 'Monthly income'?"));
    CHECK_THAT(models.decide("Bothh"), Catch::Matchers::Contains("did you mean 'Both'?"));
}

TEST_CASE("values are converted to declared types at every boundary") {
    Models models(definitions(
        R"(
<itemDefinition name="tGrade"><typeRef>string</typeRef><allowedValues><text>"a","b"</text></allowedValues></itemDefinition>
<itemDefinition name="tBest"><typeRef>tGrade</typeRef><allowedValues><text>"a","c"</text></allowedValues></itemDefinition>
<itemDefinition name="tFew" isCollection="true"><typeRef>number</typeRef><allowedValues><text>&gt; 0</text></allowedValues>
  <typeConstraint><text>count(?) &lt; 3</text></typeConstraint></itemDefinition>
<itemDefinition name="tPerson"><itemComponent name="name"><typeRef>string</typeRef></itemComponent>
  <itemComponent name="friends" isCollection="true"><typeRef>tPerson</typeRef></itemComponent></itemDefinition>)" +
        input("G", "tGrade") + input("B", "tBest") + input("F", "tFew") + input("P", "tPerson") +
        decision_of("g", needs_input("G") + literal("G")) + decision_of("best", needs_input("B") + literal("B")) +
        decision_of("few", needs_input("F") + literal("F")) +
        decision_of("friend", needs_input("P") + literal("P.friends[1].name")) +
        decision_of("text", literal("1", "string"), "string") + decision_of("one", literal("[5]"), "number") +
        decision_of("is", needs_input("G") + literal("G instance of tGrade"))));
    CHECK(models.decide("g", "{G: \"a\"}") == "a");
    CHECK_THAT(models.decide("g", "{G: \"x\"}"), Catch::Matchers::Contains("none of the values that are allowed"));
    CHECK(models.decide("best", "{B: \"a\"}") == "a");
    CHECK_THAT(models.decide("best", "{B: \"b\"}"), Catch::Matchers::StartsWith("null: "));
    CHECK_THAT(models.decide("best", "{B: \"c\"}"), Catch::Matchers::StartsWith("null: "));
    CHECK(models.decide("few", "{F: [1, 2]}") == "[1, 2]");
    CHECK_THAT(models.decide("few", "{F: [1, -2]}"), Catch::Matchers::StartsWith("null: "));
    CHECK_THAT(models.decide("few", "{F: [1, 2, 3]}"), Catch::Matchers::StartsWith("null: "));
    CHECK(models.decide("friend", "{P: {name: \"A\", friends: [{name: \"B\", friends: []}]}}") == "B");
    CHECK_THAT(models.decide("text"), Catch::Matchers::StartsWith("null: "));
    CHECK(models.decide("one") == "5");
    CHECK(models.decide("is", "{G: \"a\"}") == "true");
    CHECK_THAT(
        models.decide("friend", R"({P: {name: "A", friends: [{name: "B", friends: [{name: 1, friends: []}]}]}})"),
        Catch::Matchers::StartsWith("null: "));
}

TEST_CASE("knowledge models are functions: values, recursive, with parameters by name") {
    Models models(definitions(
        knowledge("fac", "n", literal("if n &lt;= 1 then 1 else n * fac(n - 1)")) +
        knowledge("even", "n", literal("if n = 0 then true else odd(n - 1)"), calls("odd")) +
        knowledge("odd", "n", literal("if n = 0 then false else even(n - 1)"), calls("even")) +
        knowledge("adder", "a", literal("function(b) a + b")) + knowledge("for ever", "n", literal("for ever(n)")) +
        decision_of("f", calls("fac") + literal("fac(5)")) + decision_of("e", calls("even") + literal("even(7)")) +
        decision_of("add", calls("adder") + literal("adder(2)(3)")) +
        decision_of("named", calls("fac") + literal("fac(n: 3)")) +
        decision_of("misnamed", calls("fac") + literal("fac(m: 3)")) +
        decision_of("sorted", calls("down") + literal("sort([1, 3, 2], down)")) +
        knowledge("down", "a,b", literal("a &gt; b")) + decision_of("out of scope", literal("fac(5)")) +
        decision_of("endless", calls("for ever") + literal("for ever(1)")) +
        decision_of("built in", calls("twice") + literal("twice(abs)")) +
        knowledge("twice", "f", literal("f(-2) + f(2)"))));
    CHECK(models.decide("f") == "120");
    CHECK(models.decide("e") == "false");
    CHECK(models.decide("add") == "5");
    CHECK(models.decide("named") == "6");
    CHECK_THAT(models.decide("misnamed"), Catch::Matchers::StartsWith("null"));
    CHECK(models.decide("sorted") == "[3, 2, 1]");
    CHECK_THAT(models.decide("out of scope"), Catch::Matchers::StartsWith("null"));
    CHECK_THAT(models.decide("endless"), Catch::Matchers::StartsWith("limit.depth"));
    CHECK(models.decide("built in") == "4");
}

TEST_CASE("a knowledge model's variable has a function's type, or that of its answers") {
    std::string item =
        "<itemDefinition name=\"tF\"><functionItem outputTypeRef=\"number\"><parameters name=\"n\"/>"
        "</functionItem></itemDefinition>";
    auto model = [&](const std::string& type, const std::string& answer) {
        std::string function = knowledge("f", "n", literal(answer));
        function.insert(function.find("<encapsulatedLogic>"), "<variable name=\"f\" typeRef=\"" + type + "\"/>");
        return Models(definitions(item + function + decision_of("D", calls("f") + literal("f(2)")))).decide("D");
    };
    CHECK(model("tF", "n * 2") == "4");
    CHECK(model("number", "n * 2") == "4");
    CHECK_THAT(model("tF", "\"x\""), Catch::Matchers::StartsWith("null: "));
    CHECK_THAT(model("number", "\"x\""), Catch::Matchers::StartsWith("null: "));
}

TEST_CASE("a table inside a function inside a table keeps every name") {
    std::string table =
        R"(<decisionTable hitPolicy="FIRST"><input><inputExpression><text>n</text></inputExpression></input>
<output/><rule><inputEntry><text>0</text></inputEntry><outputEntry><text>0</text></outputEntry></rule>
<rule><inputEntry><text>-</text></inputEntry><outputEntry><text>n + down(n - 1)</text></outputEntry></rule></decisionTable>)";
    std::string makes = R"(<decisionTable><input><inputExpression><text>Base</text></inputExpression></input>
<output/><rule><inputEntry><text>&gt; 0</text></inputEntry><outputEntry><text>function(x) x + Base</text></outputEntry></rule></decisionTable>)";
    Models models(definitions(
        input("Base", "number") + knowledge("down", "n", table) +
        knowledge("ever", "n", R"(<decisionTable><input><inputExpression><text>n</text></inputExpression></input>
<output/><rule><inputEntry><text>-</text></inputEntry><outputEntry><text>ever(n)</text></outputEntry></rule></decisionTable>)") +
        decision_of("sum", calls("down") + literal("down(10)")) +
        decision_of("endless", calls("ever") + literal("ever(1)")) + decision_of("maker", needs_input("Base") + makes) +
        decision_of("boxed maker", needs_input("Base") + "<context><contextEntry><variable name=\"Base\"/>" +
                                       literal("100") + "</contextEntry><contextEntry>" + makes +
                                       "</contextEntry></context>") +
        decision_of("use", needs("maker") + needs("boxed maker") + literal("[maker(1), boxed maker(1)]"))));
    CHECK(models.decide("sum") == "55");
    CHECK(models.decide("use", "{Base: 10}") == "[11, 101]");
    CHECK_THAT(models.decide("endless"), Catch::Matchers::StartsWith("limit.depth"));
    models.explain = true;
    CHECK(models.decide("use", "{Base: 10}") == "[11, 101]");
    size_t tables = 0;
    for (const auto& step : models.explanation) {
        if (!step.table) continue;
        ++tables;
        REQUIRE(step.why.used.size() == 1);
        CHECK(step.why.used[0] == 0);
        REQUIRE(step.why.inputs.size() == 1);
    }
    CHECK(tables == 2);
}

TEST_CASE("hit policies answer as DMN has them") {
    auto model = [](const std::string& hit, const std::string& outputs, const std::string& cells_1,
                    const std::string& cells_2) {
        auto cells = [](const std::string& texts) {
            std::string out;
            for (size_t at = 0; at < texts.size();) {
                size_t end = std::min(texts.find('|', at), texts.size());
                out += "<outputEntry><text>" + texts.substr(at, end - at) + "</text></outputEntry>";
                at = end + 1;
            }
            return out;
        };
        return Models(
            definitions(input("x", "number") +
                        decision_of("D", needs_input("x") + "<decisionTable " + hit +
                                             "><input><inputExpression typeRef=\"number\"><text>x</text>" +
                                             "</inputExpression></input>" + outputs +
                                             "<rule><inputEntry><text>&gt; 0</text></inputEntry>" + cells(cells_1) +
                                             "</rule><rule><inputEntry><text>&gt; 10</text></inputEntry>" +
                                             cells(cells_2) + "</rule></decisionTable>")));
    };
    std::string one = "<output/>", two = "<output name=\"a\"/><output name=\"b c\"/>";
    CHECK(model("", one, "1", "2").decide("D", "{x: 5}") == "1");
    CHECK_THAT(model("", one, "1", "2").decide("D", "{x: 15}"), Catch::Matchers::StartsWith("null: "));
    CHECK(model("hitPolicy=\"ANY\"", one, "1", "1").decide("D", "{x: 15}") == "1");
    CHECK(model("hitPolicy=\"FIRST\"", two, "1|2", "3|4").decide("D", "{x: 15}") == "{a: 1, \"b c\": 2}");
    CHECK(model("hitPolicy=\"RULE ORDER\"", one, "1", "2").decide("D", "{x: 15}") == "[1, 2]");
    CHECK(model("hitPolicy=\"COLLECT\" aggregation=\"SUM\"", one, "1", "2").decide("D", "{x: 15}") == "3");
    CHECK(model("hitPolicy=\"COLLECT\" aggregation=\"COUNT\"", one, "1", "2").decide("D", "{x: 15}") == "2");
    CHECK(model("hitPolicy=\"COLLECT\" aggregation=\"MIN\"", one, "1", "2").decide("D", "{x: 15}") == "1");
    CHECK(model("hitPolicy=\"COLLECT\" aggregation=\"MAX\"", one, "1", "2").decide("D", "{x: 15}") == "2");
    CHECK_THAT(model("hitPolicy=\"COLLECT\"", one, "1", "2").decide("D", "{x: 0}"),
               Catch::Matchers::StartsWith("null"));
    std::string ranked = "<output><outputValues><text>\"high\",\"low\"</text></outputValues></output>";
    CHECK(model("hitPolicy=\"PRIORITY\"", ranked, "\"low\"", "\"high\"").decide("D", "{x: 15}") == "high");
    CHECK(model("hitPolicy=\"OUTPUT ORDER\"", ranked, "\"low\"", "\"high\"").decide("D", "{x: 15}") ==
          "[\"high\", \"low\"]");
    std::string fallen = "<output><defaultOutputEntry><text>9</text></defaultOutputEntry></output>";
    CHECK(model("", fallen, "1", "2").decide("D", "{x: 0}") == "9");
    CHECK_THAT(model("hitPolicy=\"PRIORITY\"", one, "1", "2").faults(), Catch::Matchers::Contains("decision.priority"));
    CHECK_THAT(model("hitPolicy=\"BEST\"", one, "1", "2").faults(),
               Catch::Matchers::Contains("there is no hit policy 'best'"));
}

TEST_CASE("an output's order of priority may come from its type") {
    Models models(definitions(R"(
<itemDefinition name="tRisk"><typeRef>string</typeRef><allowedValues><text>"high","low"</text></allowedValues></itemDefinition>
)" + decision_of("D",
                 R"(<decisionTable hitPolicy="PRIORITY"><input><inputExpression><text>1</text></inputExpression></input>
<output typeRef="tRisk"/><rule><inputEntry><text>-</text></inputEntry><outputEntry><text>"low"</text></outputEntry></rule>
<rule><inputEntry><text>1</text></inputEntry><outputEntry><text>"high"</text></outputEntry></rule></decisionTable>)")));
    CHECK(models.decide("D") == "high");
}

TEST_CASE("every kind of box") {
    auto boxed = [](const std::string& logic, const std::string& type = "") {
        return Models(definitions(decision_of("D", logic, type))).decide("D");
    };
    auto entry = [](const std::string& name, const std::string& logic, const std::string& type = "") {
        std::string ref = type.empty() ? "" : " typeRef=\"" + type + "\"";
        std::string variable = name.empty() ? "" : "<variable name=\"" + name + "\"" + ref + "/>";
        return "<contextEntry>" + variable + logic + "</contextEntry>";
    };
    CHECK(boxed("<context>" + entry("first sum", literal("1 + 1")) + entry("b", literal("first sum * 2")) +
                "</context>") == "{\"first sum\": 2, b: 4}");
    CHECK(boxed("<context>" + entry("a", literal("1")) + entry("", literal("a + 1")) + "</context>") == "2");
    CHECK(boxed("<context>" + entry("a", literal("1"), "string") + "</context>") == "{a: null}");
    CHECK(boxed("<context>" +
                entry("f",
                      "<functionDefinition><formalParameter name=\"x\"/>" + literal("x + 1") + "</functionDefinition>",
                      "number") +
                entry("", literal("f(1)")) + "</context>") == "2");
    CHECK(boxed("<list>" + literal("1") + "<list/>" + "</list>") == "[1, []]");
    CHECK(boxed("<relation><column name=\"a b\" typeRef=\"number\"/><column name=\"c\"/><row>" + literal("1") +
                literal("2") + "</row><row>" + literal("\"x\"") + literal("3") + "</row></relation>") ==
          "[{\"a b\": 1, c: 2}, {\"a b\": null, c: 3}]");
    CHECK(boxed("<conditional><if>" + literal("1 &lt; 2") + "</if><then>" + literal("\"yes\"") + "</then><else>" +
                literal("\"no\"") + "</else></conditional>") == "yes");
    CHECK_THAT(boxed("<conditional><if>" + literal("1") + "</if><then>" + literal("1") + "</then><else>" +
                     literal("2") + "</else></conditional>"),
               Catch::Matchers::StartsWith("null: "));
    CHECK(boxed("<filter><in>" + literal("[{a: 1}, {a: 2}]") + "</in><match>" + literal("a &gt; 1") +
                "</match></filter>") == "[{a: 2}]");
    CHECK_THAT(boxed("<filter><in>" + literal("[1, 2]") + "</in><match>" + literal("1") + "</match></filter>"),
               Catch::Matchers::StartsWith("null: "));
    CHECK(boxed("<for iteratorVariable=\"n\"><in>" + literal("1..3") + "</in><return>" + literal("n * n") +
                "</return></for>") == "[1, 4, 9]");
    CHECK(boxed("<some iteratorVariable=\"n\"><in>" + literal("[1, 2]") + "</in><satisfies>" + literal("n = 2") +
                "</satisfies></some>") == "true");
    CHECK(boxed("<every iteratorVariable=\"n\"><in>" + literal("[1, 2]") + "</in><satisfies>" + literal("n = 2") +
                "</satisfies></every>") == "false");
    CHECK(boxed("<invocation>" + literal("max") + "<binding><parameter name=\"list\"/>" + literal("[1, 2]") +
                "</binding></invocation>") == "2");
    CHECK(boxed("<invocation><functionDefinition><formalParameter name=\"x\"/>" + literal("x * 2") +
                "</functionDefinition><binding><parameter name=\"x\"/>" + literal("4") + "</binding></invocation>") ==
          "8");
    CHECK(boxed("") == "null: 'D' has no logic");
    CHECK(boxed(literal("today() instance of date")) == "true");
}

TEST_CASE("functions of Java that models call, and those that are not here") {
    auto call = [](const std::string& java, const std::string& signature, const std::string& parameters,
                   const std::string& invocation, const std::string& kind = "Java") {
        auto entry = [](const std::string& name, const std::string& text) {
            return "<contextEntry><variable name=\"" + name + "\"/>" + literal("\"" + text + "\"") + "</contextEntry>";
        };
        std::string mapping = "<context>" + entry("class", java) + entry("method signature", signature) + "</context>";
        std::string function = knowledge("f", parameters, mapping);
        size_t at = function.find("<encapsulatedLogic") + std::string("<encapsulatedLogic").size();
        function.insert(at, " kind=\"" + kind + "\"");
        return Models(definitions(function + decision_of("D", calls("f") + literal(invocation))));
    };
    CHECK(call("java.lang.Math", "cos(double)", "an angle", "f(0)").decide("D") == "1");
    CHECK(call("java.lang.Math", "max(int, int)", "a,b", "f(2.7, 1)").decide("D") == "2");
    CHECK(call("java.lang.Math", "pow(double,double)", "a,b", "f(2, 10)").decide("D") == "1024");
    CHECK(call("java.lang.Math", "floorMod(long,long)", "a,b", "f(-1, 3)").decide("D") == "2");
    CHECK(call("java.lang.String", "valueOf(double)", "a", "f(1)").decide("D") == "1.0");
    CHECK(call("java.lang.String", "format(java.lang.String, [Ljava.lang.Object;)", "a,b",
               "f(\"%s is %.2f%n\", [\"x\", 1.005])")
              .decide("D") == "x is 1.01\n");
    CHECK(call("java.lang.Integer", "parseInt(java.lang.String)", "a", "f(\"42\")").decide("D") == "42");
    CHECK_THAT(call("java.lang.Math", "cos(double)", "a", "f(\"x\")").decide("D"),
               Catch::Matchers::StartsWith("null: "));
    CHECK_THAT(call("java.lang.Math", "cos(int)", "a", "f(0)").decide("D"),
               Catch::Matchers::Contains("java.lang.Math.cos(int) cannot be called"));
    CHECK_THAT(call("java.lang.Math", "log(double)", "a", "f(-1)").decide("D"), Catch::Matchers::StartsWith("null"));
    CHECK_THAT(call("java.lang.Math", "floorDiv(long,long)", "a,b", "f(1, 0)").decide("D"),
               Catch::Matchers::StartsWith("null: "));
    Models other = call("com.example.Tax", "rate(double)", "a", "f(1)");
    CHECK_THAT(other.decide("D"), Catch::Matchers::Contains("com.example.Tax.rate(double) cannot be called"));
    CHECK_THAT(other.faults(), Catch::Matchers::Contains("warning[dmn.external]"));
    Models pmml(definitions(decision_of("D", "<functionDefinition kind=\"PMML\"/>")));
    CHECK_THAT(pmml.faults(), Catch::Matchers::Contains("a function of kind PMML"));
    Models text(definitions(decision_of("D", literal("(function(a: number) external {java: {class: \"java.lang.Math\", "
                                                     "method signature: \"sqrt(double)\"}})(16)"))));
    CHECK(text.decide("D") == "4");
}

TEST_CASE("decision services: alone, called, and with what they are given") {
    std::string service = R"(<decisionService id="S" name="S"><variable name="S"/><outputDecision href="#out"/>
<encapsulatedDecision href="#inner"/><inputDecision href="#given"/><inputData href="#i_x"/></decisionService>
<decisionService id="T" name="T"><outputDecision href="#out"/><outputDecision href="#inner"/><inputData href="#i_x"/></decisionService>)";
    Models models(
        definitions(input("x", "number") + service + decision_of("given", literal("1000")) +
                    decision_of("inner", needs_input("x") + literal("x * 2")) +
                    decision_of("out", needs("inner") + needs("given") + literal("inner + given")) +
                    decision_of("caller", needs_input("x") + needs("given") + calls("S") +
                                              literal("[S(1, 10), S(given: 20, x: 2), x, given, S(\"a\", 1)]"))));
    CHECK(models.decide("S", "{x: 1, given: 5}") == "7");
    CHECK_THAT(models.decide("S", "{x: 1}"),
               Catch::Matchers::StartsWith("null"));  // an input decision is not evaluated
    CHECK(models.decide("T", "{x: 1}") == "{out: 1002, inner: 2}");
    CHECK(models.decide("out", "{x: 1}") == "1002");
    CHECK(models.decide("caller", "{x: 7}") == "[12, 24, 7, 1000, null]");
    CHECK(models.graph->find("S") != decision::Graph::kNone);
}

TEST_CASE("models import models, under names, without names, and nested") {
    std::string base = definitions(
        "<itemDefinition name=\"tAge\"><typeRef>number</typeRef><allowedValues><text>[0..150]</text>"
        "</allowedValues></itemDefinition>" +
            input("Age", "tAge") + decision_of("Adult", needs_input("Age") + literal("Age &gt;= 18")) +
            knowledge("double it", "n", literal("n * 2")),
        "Base", "urn:base");
    auto importing = [](const std::string& name, const std::string& rest, const std::string& model,
                        const std::string& space, const std::string& of = "urn:base") {
        return definitions("<import namespace=\"" + of + "\" name=\"" + name +
                               "\" importType=\"https://www.omg.org/spec/DMN/20230324/MODEL/\"/>" + rest,
                           model, space);
    };
    std::string rest =
        input("Other", "the base.tAge") +
        "<decision id=\"D\" name=\"D\"><informationRequirement><requiredDecision href=\"urn:base#Adult\"/>"
        "</informationRequirement><informationRequirement><requiredInput "
        "href=\"urn:base#i_Age\"/></informationRequirement>"
        "<knowledgeRequirement><requiredKnowledge href=\"urn:base#double it\"/></knowledgeRequirement>";
    Models named({importing("the base",
                            rest + needs_input("Other") +
                                literal("[the base.Adult, the base.Age, the base.double it(4), Other]") + "</decision>",
                            "Top", "urn:top"),
                  base});
    CHECK(named.decide("D", "{the base: {Age: 20}, Other: 3}") == "[true, 20, 8, 3]");
    CHECK(named.decide("D", "{Age: 20, Other: 300}") == "[true, 20, 8, null]");
    CHECK(named.decide("Base/Adult", "{Age: 2}") == "false");
    CHECK_THAT(named.decide("D", "{the base: {Agee: 20}}"), Catch::Matchers::Contains("did you mean 'Age'?"));

    std::string bare =
        "<decision id=\"D\" name=\"D\"><informationRequirement><requiredDecision href=\"urn:base#Adult\"/>"
        "</informationRequirement><knowledgeRequirement><requiredKnowledge href=\"urn:base#double "
        "it\"/></knowledgeRequirement>";
    Models plain(
        {importing("", bare + literal("if Adult then double it(1) else 0") + "</decision>", "Top", "urn:top"), base});
    CHECK(plain.decide("D", "{Age: 20}") == "2");

    Models nested({importing("mid", bare + literal("mid.base.Adult") + "</decision>", "Top", "urn:top", "urn:mid"),
                   importing("base", "", "Mid", "urn:mid"), base});
    CHECK(nested.decide("D", "{mid: {base: {Age: 20}}}") == "true");

    Models missing(importing("b", "", "Top", "urn:top"));
    CHECK_THAT(missing.faults(), Catch::Matchers::Contains("error[dmn.import]"));
}

TEST_CASE("names of members are found through decisions, types and tables") {
    Models models(
        definitions(decision_of("c", "<context><contextEntry><variable name=\"first name\"/>" + literal("\"A\"") +
                                         "</contextEntry></context>") +
                    decision_of("d", literal("{last-name: \"B\"}")) +
                    decision_of("t",
                                "<decisionTable><input><inputExpression><text>1</text></inputExpression></"
                                "input><output name=\"the a\"/><output name=\"b\"/>"
                                "<rule><inputEntry><text>-</text></inputEntry><outputEntry><text>1</text></"
                                "outputEntry><outputEntry><text>2</text></outputEntry></rule></decisionTable>") +
                    decision_of("D", needs("c") + needs("d") + needs("t") +
                                         literal("[c.first name, d.last-name, t.the a, t.the a-t.b]"))));
    CHECK(models.decide("D") == "[\"A\", \"B\", 1, -1]");
}

TEST_CASE("what is wrong in a model is told where it is") {
    auto fault = [](const std::string& content) { return Models(definitions(content)).faults(); };
    CHECK_THAT(fault(decision_of("D", needs("nobody") + literal("1"))),
               Catch::Matchers::Contains("m0.dmn:2:") && Catch::Matchers::Contains("error[dmn.reference]"));
    CHECK_THAT(fault(decision_of(
                   "D", "<informationRequirement><requiredDecision href=\"urn:x#a\"/></informationRequirement>")),
               Catch::Matchers::Contains("no model with the namespace 'urn:x'"));
    CHECK_THAT(fault(decision_of("D", calls("E")) + decision_of("E", literal("1"))),
               Catch::Matchers::Contains("'E' is a decision, which cannot be required here"));
    CHECK_THAT(fault(decision_of("D", needs("E")) + decision_of("E", needs("D"))),
               Catch::Matchers::Contains("error[dmn.cycle]") && Catch::Matchers::Contains("'D' needs 'E' needs 'D'"));
    CHECK_THAT(fault(decision_of("D", "") + decision_of("D", "")), Catch::Matchers::Contains("error[dmn.duplicate]"));
    CHECK_THAT(fault(input("a", "numbr")),
               Catch::Matchers::Contains("error[dmn.type]") && Catch::Matchers::Contains("did you mean 'number'?"));
    CHECK_THAT(fault("<itemDefinition name=\"a\"/><itemDefinition name=\"a\"/>"),
               Catch::Matchers::Contains("dmn.duplicate"));
    CHECK_THAT(fault("<decisionService id=\"s\" name=\"S\"/>"), Catch::Matchers::Contains("error[dmn.service]"));
    CHECK_THAT(fault(decision_of("D", literal("1 +"))), Catch::Matchers::Contains("error[feel.syntax]"));
    CHECK_THAT(fault("<itemDefinition name=\"a\"><typeRef>b</typeRef></itemDefinition>"
                     "<itemDefinition name=\"b\" isCollection=\"true\"><typeRef>a</typeRef></itemDefinition>"),
               Catch::Matchers::Contains("error[dmn.cycle]"));
    Models two({definitions("", "A", "urn:a"), definitions("", "B", "urn:a")});
    CHECK_THAT(two.faults(), Catch::Matchers::Contains("two models have the namespace 'urn:a'"));
    std::string deep;
    for (int i = 0; i < 400; ++i)
        deep += "<itemDefinition name=\"t" + std::to_string(i) + "\"><typeRef>t" + std::to_string(i + 1) +
                "</typeRef></itemDefinition>";
    CHECK_THAT(fault(deep), Catch::Matchers::Contains("error[dmn.limit]"));
}

TEST_CASE("a name that is not required is a warning with its place") {
    Models models(definitions(
        input("Monthly income") + input("Other") +
        decision_of("D", needs_input("Monthly income") + literal("if Monthly incom &gt; 1\n then Other else 0")) +
        decision_of("E", needs_input("Other") + literal("count(Other[x &gt; 1 and y])"))));
    REQUIRE(models.graph);
    std::string faults = models.faults();
    CHECK_THAT(faults, Catch::Matchers::Contains("warning[feel.name.unknown]: there is no 'Monthly incom' here"));
    CHECK_THAT(faults, Catch::Matchers::Contains("did you mean 'Monthly income'?"));
    CHECK_THAT(faults,
               Catch::Matchers::Contains("m0.dmn:3:7: warning") && Catch::Matchers::Contains("no 'Other' here"));
    CHECK_THAT(faults, !Catch::Matchers::Contains("'y'"));
    CHECK_THAT(models.decide("D", "{Monthly income: 2}"), Catch::Matchers::StartsWith("0"));
}

TEST_CASE("where the suite is run a decision that cannot be compiled is null and says why") {
    Models models(definitions(decision_of("D", literal("1 +")) + decision_of("E", needs("D") + literal("D = null"))),
                  true);
    REQUIRE(models.graph);
    CHECK_THAT(models.decide("D"), Catch::Matchers::StartsWith("null: 'D' cannot be evaluated: "));
    CHECK(models.decide("E") == "true");
    CHECK_THAT(models.faults(), Catch::Matchers::Contains("warning[feel.syntax]"));
}

TEST_CASE("names of decisions in several models") {
    Models models({definitions(decision_of("D", literal("1")), "A", "urn:a"),
                   definitions(decision_of("D", literal("2")), "B", "urn:b")});
    CHECK(models.decide("B/D") == "2");
    CHECK_THAT(models.decide("D"), Catch::Matchers::Contains("several models have a decision 'D'"));
}

TEST_CASE("texts of JSON become what the declared types say") {
    Models models(definitions(
        "<itemDefinition name=\"tStay\"><itemComponent name=\"from\"><typeRef>date</typeRef></itemComponent>"
        "<itemComponent name=\"times\" isCollection=\"true\"><typeRef>time</typeRef></itemComponent></itemDefinition>" +
        input("Stay", "tStay") + input("Wait", "days and time duration") + input("At", "dateTime") +
        decision_of("D", needs_input("Stay") + needs_input("Wait") + needs_input("At") +
                             literal("[Stay.from.year, Stay.times[1].hour, Wait.hours, At.month]"))));
    models.json = true;
    CHECK(models.decide(
              "D", R"({Stay: {from: "2026-11-22", times: ["08:00:00"]}, Wait: "PT5H", At: "2026-03-01T00:00:00Z"})") ==
          "[2026, 8, 5, 3]");
    CHECK_THAT(models.decide("D", R"({Stay: {from: "soon", times: []}, Wait: "PT5H", At: null})"),
               Catch::Matchers::Contains("null"));
}

TEST_CASE("a long chain of decisions and a limit of steps") {
    std::string chain = decision_of("d0", literal("0"));
    for (int i = 1; i < 3000; ++i) {
        std::string before = "d" + std::to_string(i - 1);
        chain += decision_of("d" + std::to_string(i), needs(before) + literal(before + " + 1"));
    }
    Models models(definitions(chain));
    CHECK(models.decide("d2999") == "2999");
    Arena arena;
    decision::GraphRun run;
    run.arena = &arena;
    run.steps_max = 100;
    auto answer = models.graph->decide("d2999", Value(), run);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == "limit.steps");
}

TEST_CASE("a recursive knowledge model over tables of contexts") {
    auto entry = [](const std::string& name, const std::string& logic) {
        return "<contextEntry>" + (name.empty() ? "" : "<variable name=\"" + name + "\"/>") + literal(logic) +
               "</contextEntry>";
    };
    std::string call = R"(<invocation><literalExpression><text>Seat All</text></literalExpression>
<binding><parameter name="Waiting List"/><literalExpression><text>Waiting List</text></literalExpression></binding>
<binding><parameter name="Taken Seats"/><literalExpression><text>[]</text></literalExpression></binding>
<binding><parameter name="All Seats"/><literalExpression><text>All Seats</text></literalExpression></binding></invocation>)";
    Models models(definitions(
        input("Waiting List") + input("All Seats") +
        knowledge("Is Free", "seat,Taken Seats", literal("not(list contains(Taken Seats.seat number, seat.number))")) +
        knowledge("Seat All", "Waiting List,Taken Seats,All Seats",
                  "<context>" + entry("First Guest", "Waiting List[1]") +
                      entry("Best Seat",
                            "sort(All Seats[row-class = First Guest.row-class and Is Free(item, Taken Seats)],"
                            " function(a, b) a.number &lt; b.number)[1]") +
                      entry("Now Taken",
                            "append(Taken Seats, {guest: First Guest.full name, seat number: Best Seat.number})") +
                      entry("Others", "remove(Waiting List, 1)") +
                      entry("", "if count(Others) &gt; 0 then Seat All(Others, Now Taken, All Seats) else Now Taken") +
                      "</context>",
                  calls("Seat All") + calls("Is Free")) +
        decision_of("Seating", needs_input("Waiting List") + needs_input("All Seats") + calls("Seat All") + call) +
        "<itemDefinition name=\"tGuest\"><itemComponent name=\"full name\"/><itemComponent "
        "name=\"row-class\"/></itemDefinition>"));
    INFO(models.faults());
    CHECK(
        models.decide("Seating", R"({Waiting List: [{full name: "A", row-class: 1}, {full name: "B", row-class: 2},
        {full name: "C", row-class: 1}], All Seats: [{number: 3, row-class: 1}, {number: 1, row-class: 1}, {number: 2, row-class: 2}]})") ==
        "[{guest: \"A\", \"seat number\": 1}, {guest: \"B\", \"seat number\": 2}, {guest: \"C\", \"seat number\": 3}]");
}

}  // namespace leat
