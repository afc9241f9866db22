// Whole models, from XML to answers.
#include "models.hpp"

namespace leat {

TEST_CASE("a name with a point is one name") {
    Models models(definitions(R"(
<decision id="d" name="D"><knowledgeRequirement><requiredKnowledge href="#b"/></knowledgeRequirement>
<invocation><literalExpression><text>B</text></literalExpression>
<binding><parameter name="P.G"/><literalExpression><text>"x"</text></literalExpression></binding></invocation></decision>
<businessKnowledgeModel id="b" name="B"><encapsulatedLogic><formalParameter name="P.G" typeRef="string"/>
<decisionTable><input><inputExpression><text>P.G</text></inputExpression></input><output/>
<rule><inputEntry><text>"x"</text></inputEntry><outputEntry><text>P.G + "!"</text></outputEntry></rule>
</decisionTable></encapsulatedLogic></businessKnowledgeModel>)"));
    CHECK(models.decide("D") == "x!");
}

}  // namespace leat
