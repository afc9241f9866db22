/* FEEL by itself: contexts of JSON and FEEL, declared types, values, reasons, limits. */
#include "capi_test.h"

static leat_feel *made(const leat_program *program, const char *expression, uint64_t flags, const char *types) {
    leat_feel *feel = NULL;
    leat_error *error = NULL;
    leat_feel_options options;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.flags = flags;
    options.types = S(types);
    options.now = S("2026-11-21T20:00:00Z");
    options.timezone = S("Asia/Shanghai");
    OK(leat_feel_new(&feel, program, S(expression), &options, &error));
    return feel;
}

/* Whether the answer holds the text. */
static int answers(leat_feel *feel, const char *context, const char *expected) {
    leat_text *out = NULL;
    leat_error *error = NULL;
    int good;
    OK(leat_feel_eval(&out, feel, S(context), &error));
    good = holds(leat_text_str(out), expected);
    if (!good) fprintf(stderr, "answered %s\n", leat_text_str(out).data);
    leat_text_free(out);
    return good;
}

static int once(const char *expression, uint64_t flags, const char *context, const char *expected) {
    leat_feel *feel = made(NULL, expression, flags, NULL);
    int good = answers(feel, context, expected);
    leat_feel_free(feel);
    return good;
}

static void contexts(void) {
    leat_feel *feel = made(NULL, "合计 * (1 + tax rate)", 0, NULL);
    leat_text *out = NULL;
    leat_error *error = NULL;
    CHECK(answers(feel, "{\"合计\": 100, \"tax rate\": 0.06}", "{\"value\":106,\"null_reasons\":[]}"));
    CHECK(answers(feel, "{\"合计\": 200, \"tax rate\": 0.5}", "\"value\":300"));
    CHECK(answers(feel, "{合计: 10, tax rate: 2 / 4}", "\"value\":15")); /* a FEEL context */
    FAILS(leat_feel_eval(&out, feel, S("{\"合计\": 1, \"tax rate\": \"x\"}"), &error), LEAT_E_PROGRAM,
          "program.invalid"); /* another shape, and one that is wrong */
    FAILS(leat_feel_eval(&out, feel, S("[1]"), &error), LEAT_E_USAGE, "input.shape");
    FAILS(leat_feel_eval(&out, feel, S("{\"a\": "), &error), LEAT_E_USAGE, "input.context");
    CHECK(answers(feel, "{\"合计\": 100, \"tax rate\": 1}", "\"value\":200"));
    CHECK(answers(feel, "{\"合计\": 100, \"tax rate\": null}", "'tax rate' is null in the context"));
    CHECK(answers(feel, "{\"合计\": 100, \"tax rate\": 2}", "\"value\":300"));
    leat_feel_free(feel);
    CHECK(once("date(due) > today()", 0, "{\"due\": \"2026-11-22\"}", "\"value\":false")); /* it is the 22nd there */
    CHECK(once("due - @\"P1D\"", LEAT_FEEL_KINDS, "{due: @\"2026-01-01\"}",
               "\"value\":\"2025-12-31\",\"kinds\":\"date\""));
    CHECK(once("{a: [1, \"x\", null], b: [1..2]}", LEAT_FEEL_KINDS, "",
               "\"kinds\":{\"a\":[\"number\",\"string\",\"null\"],\"b\":\"range\"}"));
}

static void reasons(void) {
    CHECK(
        once("{a: 1 / x,\n b: [number(\"y\")]}", 0, "{\"x\": 0}", "{\"path\":\"a\",\"code\":\"feel.divide_by_zero\""));
    CHECK(once("{a: 1,\n b: [2, number(\"y\")]}", 0, "{\"x\": 0}", "{\"path\":\"b[2]\""));
    CHECK(once("{a: 1,\n b: 1 / x}", 0, "{\"x\": 0}", "\"line\":2,\"column\":5"));
    CHECK(once("x + 1", LEAT_FEEL_LENIENT, "{\"x\": null}", "'x' is null in the context"));
    CHECK(once("y + 1", LEAT_FEEL_LENIENT, "{\"x\": 1}", "\"value\":null,\"null_reasons\":[{"));
    CHECK(once("\"a\" + 1", LEAT_FEEL_LENIENT, "", "\"value\":null,\"null_reasons\":[{"));
    CHECK(once("null", 0, "", "\"code\":\"null\""));
    CHECK(once("if x > 1 then x * 2 else 0", LEAT_FEEL_EXPLAIN, "{\"x\": 5}", "{\"text\":\"x * 2\",\"value\":10}"));
}

static void declared(void) {
    leat_error *error = NULL;
    leat_text *out = NULL;
    leat_value inputs[2], answer;
    leat_feel *feel = made(NULL, "due + @\"P1D\" * days", 0, "{\"due\": \"date\", \"days\": \"number\"}");
    leat_feel_options options;
    CHECK(answers(feel, "{\"due\": \"2026-01-01\", \"days\": 2}", "\"value\":\"2026-01-03\""));
    CHECK(answers(feel, "{\"days\": 2}", "'due' is null in the context"));
    FAILS(leat_feel_eval(&out, feel, S("{\"day\": 2}"), &error), LEAT_E_USAGE, "input.unknown_field");
    CHECK(leat_feel_input_count(feel) == 2 && same(leat_feel_input_name(feel, 1), "days"));
    CHECK(leat_feel_input_name(feel, 2).size == 0);
    inputs[0] = leat_value_date(20454);
    inputs[1] = leat_value_integer(1);
    OK(leat_feel_eval_values(&answer, feel, inputs, 2, &error));
    CHECK(answer.kind == LEAT_KIND_DATE && answer.as.integer == 20455);
    CHECK(leat_feel_null_reason(feel).size == 0);
    inputs[1] = leat_value_null();
    OK(leat_feel_eval_values(&answer, feel, inputs, 2, &error));
    CHECK(answer.kind == LEAT_KIND_NULL && holds(leat_feel_null_reason(feel), "'days'"));
    FAILS(leat_feel_eval_values(&answer, feel, inputs, 1, &error), LEAT_E_USAGE, "usage.input_count");
    FAILS(leat_feel_eval_values(&answer, NULL, inputs, 1, &error), LEAT_E_USAGE, "usage.null");
    leat_feel_free(feel);

    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.types = S("{\"x\": \"number\"}");
    FAILS(leat_feel_new(&feel, NULL, S("x + upper case(x)"), &options, &error), LEAT_E_PROGRAM, "program.invalid");
    CHECK(feel == NULL);
    FAILS(leat_feel_new(&feel, NULL, S("x + y"), &options, &error), LEAT_E_PROGRAM, "program.invalid");
    options.types = S("{\"x\": \"numbre\"}");
    FAILS(leat_feel_new(&feel, NULL, S("x"), &options, &error), LEAT_E_USAGE, "feel.type.unknown");
    options.types = S("[]");
    FAILS(leat_feel_new(&feel, NULL, S("x"), &options, &error), LEAT_E_USAGE, "input.shape");
    options.types = S("");
    options.flags = 1u << 20;
    FAILS(leat_feel_new(&feel, NULL, S("x"), &options, &error), LEAT_E_USAGE, "usage.flags");
    options.flags = 0;
    options.timezone = S("Atlantis");
    FAILS(leat_feel_new(&feel, NULL, S("x"), &options, &error), LEAT_E_USAGE, "value.zone");
    options.timezone = S("");
    options.now = S("yesterday");
    FAILS(leat_feel_new(&feel, NULL, S("x"), &options, &error), LEAT_E_USAGE, "input.type");
    FAILS(leat_feel_new(&feel, NULL, S(""), NULL, &error), LEAT_E_USAGE, "usage.empty");
    CHECK(leat_feel_input_count(NULL) == 0 && leat_feel_null_reason(NULL).size == 0);
    leat_feel_free(NULL);
}

static void limits(void) {
    leat_error *error = NULL;
    leat_text *out = NULL;
    leat_feel *feel = NULL;
    leat_feel_options options;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.steps_max = 1000;
    OK(leat_feel_new(&feel, NULL, S("for i in 1..100000 return i"), &options, &error));
    FAILS(leat_feel_eval(&out, feel, S(""), &error), LEAT_E_LIMIT, "limit.steps");
    leat_feel_free(feel);
    options.steps_max = 0;
    options.list_items_max = 10;
    OK(leat_feel_new(&feel, NULL, S("for i in 1..1000 return i"), &options, &error));
    FAILS(leat_feel_eval(&out, feel, S(""), &error), LEAT_E_LIMIT, "limit.list");
    leat_feel_free(feel);
    options.list_items_max = 0;
    options.memory_bytes_max = 1 << 16;
    OK(leat_feel_new(&feel, NULL, S("count(for i in 1..100000 return string(i))"), &options, &error));
    FAILS(leat_feel_eval(&out, feel, S(""), &error), LEAT_E_LIMIT, "limit.memory");
    leat_feel_free(feel);
    options.memory_bytes_max = 0;
    options.depth_max = 4;
    OK(leat_feel_new(&feel, NULL, S("x"), &options, &error));
    FAILS(leat_feel_eval(&out, feel, S("{\"x\":[[[[[[[1]]]]]]]}"), &error), LEAT_E_LIMIT, "limit.depth");
    leat_feel_free(feel);
    OK(leat_feel_new(&feel, NULL, S("[[[[[[[1]]]]]]]"), &options, &error));
    FAILS(leat_feel_eval(&out, feel, S(""), &error), LEAT_E_PROGRAM, "program.invalid");
    leat_feel_free(feel);
    options.depth_max = 0;
    options.source_bytes_max = 3;
    FAILS(leat_feel_new(&feel, NULL, S("1 + 1"), &options, &error), LEAT_E_LIMIT, "limit.source");
}

static void programs(void) {
    static const char *const kText =
        "leat: 1\napp: a\n---\nfunctions:\n  twice: {params: {x: number}, formula: x * 2}\n---\n"
        "decision: rate\ninputs: {x: integer}\nlogic: twice(x) + 1\n---\nentity: e\nfields: {a: integer}\n";
    leat_source source;
    leat_program *program = NULL;
    leat_feel *feel = NULL;
    leat_error *error = NULL;
    leat_text *out = NULL;
    source.name = S("a.yaml");
    source.text = S(kText);
    OK(leat_program_load(&program, &source, 1, NULL, &error));
    feel = made(program, "rate(n) + twice(1)", 0, NULL);
    leat_program_free(program);
    CHECK(answers(feel, "{\"n\": 4}", "\"value\":11"));
    leat_feel_free(feel);
    OK(leat_program_load(&program, &source, 1, NULL, &error));
    feel = made(program, "count(records.e)", 0, NULL);
    FAILS(leat_feel_eval(&out, feel, S(""), &error), LEAT_E_PROGRAM, "decision.unbound");
    leat_feel_free(feel);
    leat_program_free(program);
}

int main(void) {
    contexts();
    reasons();
    declared();
    limits();
    programs();
    return 0;
}
