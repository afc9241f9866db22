/* DMN models through the C ABI: as sources, as included files, described, decided. */
#include "capi_test.h"

static const char *const kModel =
    "<definitions xmlns=\"https://www.omg.org/spec/DMN/20230324/MODEL/\" name=\"Stay\" namespace=\"urn:stay\">"
    "<import namespace=\"urn:rates\" name=\"rates\"/>"
    "<inputData id=\"f\" name=\"From\"><variable name=\"From\" typeRef=\"date\"/></inputData>"
    "<decision id=\"m\" name=\"Month of arrival\"><variable name=\"Month of arrival\" typeRef=\"number\"/>"
    "<informationRequirement><requiredInput href=\"#f\"/></informationRequirement>"
    "<literalExpression><text>From.month</text></literalExpression></decision>"
    "<decision id=\"p\" name=\"Price\"><informationRequirement><requiredDecision href=\"#m\"/></informationRequirement>"
    "<knowledgeRequirement><requiredKnowledge href=\"urn:rates#r\"/></knowledgeRequirement>"
    "<literalExpression><text>rates.Rate(Month of arrival)</text></literalExpression></decision>"
    "<decision id=\"t\" name=\"Today\"><literalExpression><text>string(today())</text></literalExpression></decision>"
    "</definitions>";
static const char *const kRates =
    "<definitions xmlns=\"https://www.omg.org/spec/DMN/20230324/MODEL/\" name=\"Rates\" namespace=\"urn:rates\">"
    "<businessKnowledgeModel id=\"r\" name=\"Rate\"><encapsulatedLogic><formalParameter name=\"month\"/>"
    "<decisionTable><input><inputExpression><text>month</text></inputExpression></input><output/>"
    "<rule><inputEntry><text>[6..8]</text></inputEntry><outputEntry><text>200</text></outputEntry></rule>"
    "<rule><inputEntry><text>not([6..8])</text></inputEntry><outputEntry><text>100</text></outputEntry></rule>"
    "</decisionTable></encapsulatedLogic></businessKnowledgeModel></definitions>";

static const leat_program *program;

static void decides(const char *decision, const char *inputs, const leat_decide_options *options,
                    const char *expected) {
    leat_error *error = NULL;
    leat_text *out = NULL;
    OK(leat_decide(&out, program, S(decision), S(inputs), options, &error));
    if (!holds(leat_text_str(out), expected)) fprintf(stderr, "%s\n", leat_text_str(out).data);
    CHECK(holds(leat_text_str(out), expected));
    leat_text_free(out);
}

static leat_status read_model(void *user_data, leat_call *call) {
    (void)user_data;
    return leat_call_answer(call, S(strcmp(leat_call_name(call).data, "rates.dmn") == 0 ? kRates : kModel));
}

int main(void) {
    leat_error *error = NULL;
    leat_text *out = NULL;
    leat_program *loaded = NULL;
    leat_decision *prepared = NULL;
    leat_source sources[2];
    leat_decide_options options = {0};
    sources[0].name = S("stay.dmn");
    sources[0].text = S(kModel);
    sources[1].name = S("rates.dmn");
    sources[1].text = S(kRates);
    FAILS(leat_program_load(&loaded, sources, 1, NULL, &error), LEAT_E_PROGRAM, "program.invalid");
    OK(leat_program_load(&loaded, sources, 2, NULL, &error));
    program = loaded;
    CHECK(holds(leat_program_name(program), "Stay"));
    OK(leat_program_describe(&out, program, &error));
    CHECK(holds(leat_text_str(out),
                "{\"name\":\"Stay\",\"namespace\":\"urn:stay\",\"inputs\":[{\"name\":\"From\",\"type\":\"date\"}]"));
    CHECK(holds(leat_text_str(out), "{\"name\":\"Price\",\"requires\":[\"Month of arrival\"]}"));
    CHECK(holds(leat_text_str(out), "\"knowledge\":[{\"name\":\"Rate\"}]"));
    leat_text_free(out);

    decides("Price", "{\"From\":\"2026-07-01\"}", NULL, "{\"answer\":200}");
    decides("Stay/Price", "[{\"From\":\"2026-01-01\"},{\"Month of arrival\":6}]", NULL,
            "[{\"answer\":100},{\"answer\":200}]");
    decides("Price", "{\"From\":\"soon\"}", NULL, "\"answer\":null");
    decides("Month of arrival", "", NULL, "the input 'From' was not given");
    options.struct_size = sizeof options;
    options.as_of = S("2026-11-21");
    decides("Today", "", &options, "{\"answer\":\"2026-11-21\"}");
    options.flags = LEAT_DECIDE_EXPLAIN | LEAT_DECIDE_NEAREST | LEAT_DECIDE_TEXT;
    decides("Price", "{\"Month of arrival\":7}", &options, "\"kind\":\"table\"");
    decides("Price", "{\"Month of arrival\":7}", &options, "decision 'Price' is 200");
    FAILS(leat_decide(&out, program, S("Pric"), S(""), NULL, &error), LEAT_E_NOT_FOUND, "decision.unknown");
    FAILS(leat_decide(&out, program, S("Stay/Pric"), S(""), NULL, &error), LEAT_E_NOT_FOUND, "decision.unknown");
    FAILS(leat_decision_new(&prepared, program, S("Price"), &error), LEAT_E_USAGE, "decision.of_model");
    FAILS(leat_decision_new(&prepared, program, S("Stay/Price"), &error), LEAT_E_USAGE, "decision.of_model");
    FAILS(leat_decision_new(&prepared, program, S("Pric"), &error), LEAT_E_NOT_FOUND, "decision.unknown");
    FAILS(leat_decide(&out, program, S("Price"), S("{\"Form\":1}"), NULL, &error), LEAT_E_USAGE, "dmn.input");
    FAILS(leat_decide(&out, program, S("Price"), S("1"), NULL, &error), LEAT_E_USAGE, "input.shape");
    options.eval_steps_max = 1;
    FAILS(leat_decide(&out, program, S("Price"), S("{\"From\":\"2026-07-01\"}"), &options, &error), LEAT_E_LIMIT,
          "limit.steps");
    leat_program_free(loaded);

    {
        leat_program_options files = {0};
        leat_engine *engine = NULL;
        leat_session *session = NULL;
        files.struct_size = sizeof files;
        files.read_file = read_model;
        sources[0].name = S("app.yaml");
        sources[0].text = S("leat: 1\napp: hotel\ninclude: [models/stay.dmn, rates.dmn]\n");
        OK(leat_program_load(&loaded, sources, 1, &files, &error));
        program = loaded;
        decides("Price", "{\"From\":\"2026-07-01\"}", NULL, "200");
        engine = shop_engine(program);
        session = open_session(engine, "system");
        OK(leat_session_decide(&out, session, S("Price"), S(""), S("{\"From\":\"2026-07-01\"}"), NULL, &error));
        CHECK(holds(leat_text_str(out), "{\"answer\":200}"));
        leat_text_free(out);
        FAILS(leat_session_decide(&out, session, S("Price"), S("1"), S(""), NULL, &error), LEAT_E_USAGE,
              "decision.record");
        leat_session_free(session);
        leat_engine_free(engine);
        leat_program_free(loaded);
        sources[0].text =
            S("leat: 1\napp: hotel\ninclude: [stay.dmn, rates.dmn]\n---\ndecision: Today\ninputs: {x: integer}\n"
              "outputs: {y: integer}\ntable: |\n  | x | -> y |\n  | 1 | 2 |\n");
        FAILS(leat_program_load(&loaded, sources, 1, &files, &error), LEAT_E_PROGRAM, "program.invalid");
    }
    return 0;
}
