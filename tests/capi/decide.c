/* Decisions by themselves: as JSON, as values, as columns. */
#include "capi_test.h"

static const char *const kShop =
    "leat: 1\n"
    "app: decisions\n"
    "language: en\n"
    "---\n"
    "entity: deal\n"
    "fields: {amount: {type: money}, region: {type: enum, enum: [east, west]}, signed_on: {type: date}}\n"
    "---\n"
    "settings: {floor: {type: decimal, value: 5}}\n"
    "---\n"
    "functions:\n"
    "  twice: {params: {x: number}, returns: number, formula: x * 2}\n"
    "  ask: {params: {x: number}, returns: number}\n"
    "---\n"
    "decision: rate\n"
    "inputs: {amount: {type: decimal, scale: 2}, region: {type: string}}\n"
    "outputs: {rate: {type: decimal, scale: 2}, why: {type: string}}\n"
    "hit: first\n"
    "table: |\n"
    "  | amount  | region | -> rate | -> why |\n"
    "  | < 100   | -      | 0       | \"small\" |\n"
    "  | < twice(500) | \"east\", \"华东\" | 0.1 | \"east\" |\n"
    "  | -       | null   | null    | null |\n"
    "---\n"
    "decision: labels\n"
    "inputs: {amount: {type: decimal, scale: 2}}\n"
    "outputs: {label: {type: string}}\n"
    "hit: collect\n"
    "table: |\n"
    "  | amount | -> label |\n"
    "  | > 1    | \"one\"  |\n"
    "  | > 2    | \"two\"  |\n"
    "---\n"
    "decision: season\n"
    "inputs: {amount: {type: decimal, scale: 2}}\n"
    "outputs: {rate: {type: decimal, scale: 2}}\n"
    "hit: first\n"
    "table: |\n"
    "  | valid_from | valid_to   | amount | -> rate |\n"
    "  | 2026-01-01 | 2026-06-30 | > 0    | 1       |\n"
    "  | 2026-07-01 | -          | > 0    | 2       |\n"
    "---\n"
    "decision: of_deal\n"
    "of: deal\n"
    "outputs: {level: integer}\n"
    "hit: first\n"
    "table: |\n"
    "  | amount | region | -> level |\n"
    "  | >= 10  | west   | 1        |\n"
    "  | -      | -      | 2        |\n"
    "---\n"
    "decision: with_floor\n"
    "inputs: {amount: {type: decimal, scale: 2}}\n"
    "outputs: {ok: boolean}\n"
    "hit: first\n"
    "table: |\n"
    "  | amount           | -> ok |\n"
    "  | > settings.floor | true  |\n"
    "  | -                | false |\n"
    "---\n"
    "decision: with_host\n"
    "inputs: {amount: {type: decimal, scale: 2}}\n"
    "outputs: {ok: boolean}\n"
    "hit: first\n"
    "table: |\n"
    "  | ask(amount) | -> ok |\n"
    "  | > 2         | true  |\n"
    "  | -           | false |\n"
    "---\n"
    "decision: band\n"
    "inputs: {region: {type: string}, amount: {type: integer}, vip: {type: boolean}, day: {type: date}}\n"
    "outputs: {band: {type: string}}\n"
    "hit: first\n"
    "table: |\n"
    "  | amount | region | vip  | day | -> band |\n"
    "  | < 100  | \"华东\" | -    | -   | \"小\"  |\n"
    "  | < 100  | -      | true | -   | \"vip\" |\n"
    "  | >= 100 | \"east\", \"west\" | - | - | \"large\" |\n"
    "  | -      | null   | -    | -   | \"none\" |\n"
    "---\n"
    "decision: endless\n"
    "inputs: {amount: {type: decimal, scale: 2}}\n"
    "outputs: {n: {type: decimal, scale: 2}}\n"
    "hit: first\n"
    "table: |\n"
    "  | amount | -> n |\n"
    "  | > 9    | count(for i in 1..amount, j in 1..amount return i) |\n"
    "  | -      | 1    |\n";

static leat_program *load(void) {
    leat_program *program = NULL;
    leat_error *error = NULL;
    leat_source source;
    source.name = S("decisions.yaml");
    source.text = S(kShop);
    OK(leat_program_load(&program, &source, 1, NULL, &error));
    return program;
}

static void check_json(const leat_program *program, const char *name, const char *inputs,
                       const leat_decide_options *options, const char *expected) {
    leat_text *out = NULL;
    leat_error *error = NULL;
    OK(leat_decide(&out, program, S(name), S(inputs), options, &error));
    if (!holds(leat_text_str(out), expected)) {
        fprintf(stderr, "%s %s: %s lacks %s\n", name, inputs, leat_text_str(out).data, expected);
        exit(1);
    }
    leat_text_free(out);
}

static leat_decide_options options_of(uint64_t flags) {
    leat_decide_options options;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.flags = flags;
    return options;
}

static void test_json(const leat_program *program) {
    leat_text *out = NULL;
    leat_error *error = NULL;
    leat_decide_options options = options_of(LEAT_DECIDE_EXPLAIN | LEAT_DECIDE_NEAREST | LEAT_DECIDE_TEXT);
    check_json(program, "rate", "{\"amount\":50,\"region\":\"west\"}", NULL,
               "{\"answer\":{\"rate\":0,\"why\":\"small\"}}");
    check_json(program, "rate", "{\"amount\":\"999.99\",\"region\":\"华东\"}", NULL, "\"why\":\"east\"");
    check_json(program, "rate", "{\"amount\":2000,\"region\":\"east\"}", NULL,
               "{\"answer\":null,\"reason\":{\"code\":\"decision.none\",\"text\":");
    check_json(program, "labels", "[{\"amount\":2},{\"amount\":3},{}]", NULL,
               "[{\"answer\":[\"one\"]},{\"answer\":[\"one\",\"two\"]},{\"answer\":[]}]");
    check_json(program, "of_deal", "{\"amount\":10,\"region\":\"west\"}", NULL, "{\"answer\":1}");
    check_json(program, "rate", "{\"amount\":500,\"region\":\"east\"}", &options, "\"used\":[2]");
    check_json(program, "rate", "{\"amount\":500,\"region\":\"east\"}", &options,
               "{\"row\":1,\"cells\":[{\"input\":\"amount\",\"cell\":\"< 100\",\"holds\":false}");
    check_json(program, "rate", "{\"amount\":500,\"region\":\"east\"}", &options, "row 2 matches: rate = 0.1");
    options = options_of(0);
    options.as_of = S("2026-06-30");
    check_json(program, "season", "{\"amount\":1}", &options, "{\"answer\":1}");
    options.as_of = S("2026-07-01");
    check_json(program, "season", "{\"amount\":1}", &options, "{\"answer\":2}");

    FAILS(leat_decide(&out, program, S("season"), S("{\"amount\":1}"), (options.as_of = S("soon"), &options), &error),
          LEAT_E_USAGE, "input.type");
    options.as_of = S("2026-07-01");
    FAILS(leat_decide(&out, program, S("rate"), S("{}"), &options, &error), LEAT_E_USAGE, "decision.as_of");
    FAILS(leat_decide(&out, program, S("rat"), S("{}"), NULL, &error), LEAT_E_NOT_FOUND, "decision.unknown");
    FAILS(leat_decide(&out, program, S("with_floor"), S("{}"), NULL, &error), LEAT_E_PROGRAM, "decision.unbound");
    FAILS(leat_decide(&out, program, S("with_host"), S("{}"), NULL, &error), LEAT_E_PROGRAM, "decision.unbound");
    FAILS(leat_decide(&out, program, S("rate"), S("{\"amonut\":1}"), NULL, &error), LEAT_E_USAGE,
          "input.unknown_field");
    FAILS(leat_decide(&out, program, S("rate"), S("{\"amount\":true}"), NULL, &error), LEAT_E_USAGE, "input.type");
    FAILS(leat_decide(&out, program, S("of_deal"), S("{\"region\":\"esat\"}"), NULL, &error), LEAT_E_USAGE,
          "input.enum");
    FAILS(leat_decide(&out, program, S("rate"), S("3"), NULL, &error), LEAT_E_USAGE, "input.shape");
    FAILS(leat_decide(&out, program, S("rate"), S("{"), NULL, &error), LEAT_E_USAGE, "json.syntax");
    options = options_of(1 << 20);
    FAILS(leat_decide(&out, program, S("rate"), S("{}"), &options, &error), LEAT_E_USAGE, "usage.flags");
    options = options_of(0);
    options.eval_steps_max = 100;
    FAILS(leat_decide(&out, program, S("endless"), S("{\"amount\":999}"), &options, &error), LEAT_E_LIMIT,
          "limit.steps");
    CHECK(out == NULL);
}

static void test_values(const leat_program *program) {
    leat_decision *rate = NULL, *labels = NULL, *deal = NULL, *season = NULL;
    leat_scratch *scratch = NULL;
    leat_error *error = NULL;
    leat_value inputs[2], out[2];
    OK(leat_decision_new(&rate, program, S("rate"), &error));
    OK(leat_decision_new(&labels, program, S("labels"), &error));
    OK(leat_decision_new(&deal, program, S("of_deal"), &error));
    OK(leat_decision_new(&season, program, S("season"), &error));
    OK(leat_scratch_new(&scratch, &error));
    CHECK(leat_decision_input_count(rate) == 2 && same(leat_decision_input_name(rate, 1), "region") &&
          leat_decision_input_index(rate, S("region")) == 1 && leat_decision_input_index(rate, S("x")) == LEAT_NONE &&
          leat_decision_input_name(rate, 2).size == 0 && leat_decision_input_count(NULL) == 0);
    CHECK(leat_decision_output_count(rate) == 2 && same(leat_decision_output_name(rate, 0), "rate"));
    inputs[0] = leat_value_integer(500);
    inputs[1] = leat_value_string(S("east"));
    OK(leat_decide_values(out, rate, scratch, inputs, 2, &error));
    CHECK(out[0].kind == LEAT_KIND_NUMBER && out[0].scale == 1 && out[0].as.number.low == 1);
    CHECK(out[1].kind == LEAT_KIND_STRING && out[1].size == 4 && leat_scratch_null_reason(scratch, 0).size == 0);
    inputs[1] = leat_value_string(S("north"));
    OK(leat_decide_values(out, rate, scratch, inputs, 2, &error));
    CHECK(out[0].kind == LEAT_KIND_NULL && holds(leat_scratch_null_reason(scratch, 0), "no row of decision 'rate'"));
    inputs[1] = leat_value_null();
    OK(leat_decide_values(out, rate, scratch, inputs, 2, &error));
    CHECK(out[0].kind == LEAT_KIND_NULL && out[1].kind == LEAT_KIND_NULL);

    inputs[0] = leat_value_decimal(205, 2);
    OK(leat_decide_values(out, labels, scratch, inputs, 1, &error)); /* the scratch serves another decision */
    CHECK(out[0].kind == LEAT_KIND_LIST && out[0].size == 2 && out[0].as.items[1].size == 3);
    CHECK(leat_decision_input_count(deal) == 2);
    inputs[leat_decision_input_index(deal, S("amount"))] = leat_value_integer(10);
    inputs[leat_decision_input_index(deal, S("region"))] = leat_value_string(S("west"));
    OK(leat_decide_values(out, deal, scratch, inputs, 2, &error));
    CHECK(out[0].as.number.low == 1);

    OK(leat_scratch_set_now(scratch, 1782777600LL * 1000000, &error)); /* 2026-06-30 */
    inputs[0] = leat_value_integer(1);
    OK(leat_decide_values(out, season, scratch, inputs, 1, &error));
    CHECK(out[0].as.number.low == 1);
    OK(leat_scratch_set_now(scratch, LEAT_NEVER, &error));
    OK(leat_decide_values(out, season, scratch, inputs, 1, &error));

    FAILS(leat_decide_values(out, rate, scratch, inputs, 1, &error), LEAT_E_USAGE, "usage.input_count");
    inputs[0] = leat_value_boolean(true);
    FAILS(leat_decide_values(out, rate, scratch, inputs, 2, &error), LEAT_E_USAGE, "value.kind");
    FAILS(leat_decide_values(NULL, rate, scratch, inputs, 2, &error), LEAT_E_USAGE, "usage.null");
    FAILS(leat_decide_values(out, rate, NULL, inputs, 2, &error), LEAT_E_USAGE, "usage.null");
    leat_scratch_free(scratch);
    leat_scratch_free(NULL);
    leat_decision_free(rate);
    leat_decision_free(labels);
    leat_decision_free(deal);
    leat_decision_free(season);
    leat_decision_free(NULL);
}

static leat_column column(uint8_t kind, const void *values) {
    leat_column made;
    memset(&made, 0, sizeof made);
    made.kind = kind;
    made.values = values;
    return made;
}

static void test_columns(const leat_program *program) {
    leat_decision *rate = NULL, *endless = NULL;
    leat_scratch *scratch = NULL;
    leat_error *error = NULL;
    int64_t amounts[4] = {5000, 50000, 50000, 50000};
    uint32_t offsets[5] = {0, 4, 8, 14, 14};
    uint8_t valid[1] = {7};
    leat_column columns[2];
    leat_value out[8], mixed[4];
    OK(leat_decision_new(&rate, program, S("rate"), &error));
    OK(leat_decision_new(&endless, program, S("endless"), &error));
    OK(leat_scratch_new(&scratch, &error));
    columns[0] = column(LEAT_KIND_NUMBER, amounts);
    columns[0].scale = 2;
    columns[1] = column(LEAT_KIND_STRING, "westeast华东");
    columns[1].offsets = offsets;
    columns[1].valid = valid; /* the last is null */
    OK(leat_decide_columns(out, rate, scratch, columns, 2, 4, &error));
    CHECK(out[1].size == 5 && memcmp(out[1].as.text, "small", 5) == 0);
    CHECK(out[3].size == 4 && out[5].size == 4);
    CHECK(out[6].kind == LEAT_KIND_NULL && out[7].kind == LEAT_KIND_NULL);
    mixed[0] = leat_value_integer(1);
    mixed[1] = leat_value_integer(9999999);
    mixed[2] = leat_value_null();
    columns[0] = column(LEAT_COLUMN_VALUES, mixed);
    OK(leat_decide_columns(out, endless, scratch, columns, 1, 3, &error));
    CHECK(out[0].kind == LEAT_KIND_NUMBER && out[1].kind == LEAT_KIND_NULL && out[2].kind == LEAT_KIND_NUMBER);
    CHECK(leat_scratch_null_reason(scratch, 1).size > 0 && leat_scratch_null_reason(scratch, 2).size == 0 &&
          leat_scratch_null_reason(scratch, 3).size == 0);
    OK(leat_decide_columns(NULL, endless, scratch, columns, 1, 0, &error));

    offsets[2] = 2;
    columns[0] = column(LEAT_KIND_NUMBER, amounts);
    FAILS(leat_decide_columns(out, rate, scratch, columns, 2, 4, &error), LEAT_E_USAGE, "usage.offsets");
    columns[0].kind = 77;
    FAILS(leat_decide_columns(out, rate, scratch, columns, 2, 4, &error), LEAT_E_USAGE, "value.kind");
    columns[0] = column(LEAT_KIND_NUMBER, NULL);
    FAILS(leat_decide_columns(out, rate, scratch, columns, 2, 4, &error), LEAT_E_USAGE, "usage.null");
    FAILS(leat_decide_columns(out, rate, scratch, columns, 1, 4, &error), LEAT_E_USAGE, "usage.input_count");
    leat_scratch_free(scratch);
    leat_decision_free(rate);
    leat_decision_free(endless);
}

/* Constants alone decide: the same answers by values and by columns, and an explanation for who asks. */
static void test_constants(const leat_program *program) {
    leat_decision *band = NULL;
    leat_scratch *scratch = NULL;
    leat_error *error = NULL;
    leat_text *why = NULL;
    static const char *const wanted[6] = {"小", "vip", "large", NULL, "none", "large"};
    int64_t amounts[6] = {5, 5, 100, 100, 7, 200}, days[6] = {1, 2, 3, 4, 5, 6};
    uint32_t offsets[7] = {0, 6, 10, 14, 20, 20, 24};
    uint8_t vips[6] = {1, 1, 0, 0, 0, 1}, valid[1] = {0x2f};
    leat_column columns[4];
    leat_value out[6], inputs[4];
    int i;
    OK(leat_decision_new(&band, program, S("band"), &error));
    OK(leat_scratch_new(&scratch, &error));
    columns[0] = column(LEAT_KIND_STRING, "华东eastwest华南east");
    columns[0].offsets = offsets;
    columns[0].valid = valid; /* the fifth is null */
    columns[1] = column(LEAT_KIND_NUMBER, amounts);
    columns[2] = column(LEAT_KIND_BOOLEAN, vips);
    columns[3] = column(LEAT_KIND_DATE, days);
    OK(leat_decide_columns(out, band, scratch, columns, 4, 6, &error));
    for (i = 0; i < 6; ++i) {
        leat_value one;
        CHECK(wanted[i] == NULL ? out[i].kind == LEAT_KIND_NULL
                                : out[i].kind == LEAT_KIND_STRING && out[i].size == strlen(wanted[i]) &&
                                      memcmp(out[i].as.text, wanted[i], out[i].size) == 0);
        CHECK((leat_scratch_null_reason(scratch, (size_t)i).size > 0) == (wanted[i] == NULL));
        inputs[0] =
            leat_value_string((leat_str){(const char *)columns[0].values + offsets[i], offsets[i + 1] - offsets[i]});
        if (i == 4) inputs[0] = leat_value_null();
        inputs[1] = leat_value_integer(amounts[i]);
        inputs[2] = leat_value_boolean(vips[i] != 0);
        inputs[3] = leat_value_date(days[i]);
        one = out[i];
        OK(leat_decide_values(out + i, band, scratch, inputs, 4, &error));
        CHECK(out[i].kind == one.kind && out[i].size == one.size &&
              (one.kind == LEAT_KIND_NULL || memcmp(out[i].as.text, one.as.text, one.size) == 0));
        CHECK((leat_scratch_null_reason(scratch, 0).size > 0) == (wanted[i] == NULL));
        OK(leat_decide_columns(out, band, scratch, columns, 4, 6, &error));
    }
    OK(leat_decision_explain(&why, band, scratch, inputs, 4, 0, &error));
    CHECK(!holds(leat_text_str(why), "\"text\":"));
    leat_text_free(why);
    OK(leat_decision_explain(&why, band, scratch, inputs, 4, LEAT_DECIDE_TEXT, &error));
    CHECK(holds(leat_text_str(why), "\"answer\":\"large\"") && holds(leat_text_str(why), "\"used\":[3]") &&
          holds(leat_text_str(why), "\"nearest\":[]") && holds(leat_text_str(why), "row 3 matches: band = "));
    leat_text_free(why);
    OK(leat_decision_explain(&why, band, scratch, inputs, 4, LEAT_DECIDE_NEAREST | LEAT_DECIDE_KINDS, &error));
    CHECK(holds(leat_text_str(why), "\"nearest\":[{\"row\":") && holds(leat_text_str(why), "\"kinds\":"));
    leat_text_free(why);
    FAILS(leat_decision_explain(&why, band, scratch, inputs, 4, 64, &error), LEAT_E_USAGE, "usage.flags");
    CHECK(why == NULL);
    FAILS(leat_decision_explain(&why, band, scratch, inputs, 3, 0, &error), LEAT_E_USAGE, "usage.input_count");
    FAILS(leat_decision_explain(NULL, band, scratch, inputs, 4, 0, &error), LEAT_E_USAGE, "usage.null");
    inputs[0] = leat_value_string(S("\xff"));
    FAILS(leat_decide_values(out, band, scratch, inputs, 4, &error), LEAT_E_USAGE, "usage.utf8");
    inputs[0] = leat_value_integer(3);
    FAILS(leat_decide_values(out, band, scratch, inputs, 4, &error), LEAT_E_USAGE, "value.kind");
    leat_scratch_free(scratch);
    leat_decision_free(band);
}

int main(void) {
    leat_program *program = load();
    leat_error *error = NULL;
    leat_decision *rate = NULL;
    leat_scratch *scratch = NULL;
    leat_value inputs[2], out[2];
    test_json(program);
    test_values(program);
    test_columns(program);
    test_constants(program);
    FAILS(leat_decision_new(&rate, program, S("with_floor"), &error), LEAT_E_PROGRAM, "decision.unbound");
    OK(leat_decision_new(&rate, program, S("rate"), &error));
    leat_program_free(program); /* a decision keeps what it needs */
    OK(leat_scratch_new(&scratch, &error));
    inputs[0] = leat_value_integer(5);
    inputs[1] = leat_value_null();
    OK(leat_decide_values(out, rate, scratch, inputs, 2, &error));
    CHECK(out[1].size == 5);
    leat_decision_free(rate);
    leat_scratch_free(scratch);
    return 0;
}
