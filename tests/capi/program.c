/* Loading definitions: texts, files, callbacks, diagnostics, description, formatting. */
#include "capi_test.h"

static const char kHead[] = "leat: 1\napp: tiny\nlanguage: en\ntimezone: UTC\ncurrency: EUR\n---\n";

static leat_status load(leat_program **out, const char *text, const leat_program_options *options, leat_error **error) {
    static char whole[4096];
    leat_source source;
    snprintf(whole, sizeof whole, "%s%s", kHead, text);
    source.name = S("tiny.yaml");
    source.text = S(whole);
    return leat_program_load(out, &source, 1, options, error);
}

static void test_mistakes(void) {
    leat_program *program = (leat_program *)8;
    leat_error *error = NULL;
    const leat_diagnostic *first;
    CHECK(load(&program, "entity: thing\nfields:\n  a: {type: integr}\n  b: {type: integer, formula: aa + 1}\n", NULL,
               &error) == LEAT_E_PROGRAM);
    CHECK(program == NULL && error != NULL);
    CHECK(leat_error_status(error) == LEAT_E_PROGRAM && same(leat_error_code(error), "program.invalid"));
    CHECK(leat_error_diagnostic_count(error) >= 1);
    first = leat_error_diagnostic(error, 0);
    CHECK(leat_diagnostic_severity(first) == LEAT_SEVERITY_ERROR && leat_diagnostic_code(first).size > 0);
    CHECK(same(leat_diagnostic_source(first), "tiny.yaml") && leat_diagnostic_line(first) == 9 &&
          leat_diagnostic_column(first) > 1);
    CHECK(leat_diagnostic_end_line(first) == 9 && leat_diagnostic_end_column(first) > leat_diagnostic_column(first));
    CHECK(holds(leat_diagnostic_text(first), "tiny.yaml:9:") && holds(leat_diagnostic_text(first), "^"));
    CHECK(holds(leat_error_text(error), "tiny.yaml:9:"));
    CHECK(leat_error_diagnostic(error, 1000) == NULL);
    leat_error_free(error);
    CHECK(load(&program, "entity: thing\nfields: {a: {type: integr}}\n", NULL, NULL) == LEAT_E_PROGRAM);
}

static void test_no_app(void) {
    leat_program *program;
    leat_error *error = NULL;
    leat_source source;
    source.name = S("tiny.yaml");
    source.text = S("roles: {boss: Boss}");
    CHECK(leat_program_load(&program, &source, 1, NULL, &error) == LEAT_E_PROGRAM);
    CHECK(same(leat_diagnostic_code(leat_error_diagnostic(error, 0)), "program.app"));
    leat_error_free(error);
}

static void test_arguments(void) {
    leat_program *program = NULL;
    leat_error *error = NULL;
    leat_source source;
    leat_program_options options;
    unsigned char longer[sizeof options + 8];
    size_t size = sizeof longer;
    memset(&source, 0, sizeof source);
    FAILS(leat_program_load(NULL, &source, 1, NULL, &error), LEAT_E_USAGE, "usage.null");
    FAILS(leat_program_load(&program, NULL, 1, NULL, &error), LEAT_E_USAGE, "usage.null");
    FAILS(leat_program_load(&program, &source, 0, NULL, &error), LEAT_E_USAGE, "usage.empty");
    source.text.size = 5;
    FAILS(leat_program_load(&program, &source, 1, NULL, &error), LEAT_E_USAGE, "usage.null");
    source.text = S("leat: 1");
    source.name.data = "\xff";
    source.name.size = 1;
    FAILS(leat_program_load(&program, &source, 1, NULL, &error), LEAT_E_USAGE, "usage.utf8");
    memset(&options, 0, sizeof options);
    FAILS(load(&program, "", &options, &error), LEAT_E_USAGE, "usage.struct_size");
    options.struct_size = sizeof options;
    options.flags = 1u << 20;
    FAILS(load(&program, "", &options, &error), LEAT_E_USAGE, "usage.flags");
    /* A newer caller: fine as long as what we do not know is zero. */
    memset(longer, 0, sizeof longer);
    memcpy(longer, &size, sizeof size);
    OK(load(&program, "entity: thing\nfields: {a: integer}\n", (const leat_program_options *)(void *)longer, &error));
    leat_program_free(program);
    longer[sizeof longer - 1] = 1;
    FAILS(load(&program, "", (const leat_program_options *)(void *)longer, &error), LEAT_E_USAGE, "usage.struct_size");
    FAILS(leat_program_load_file(&program, S(LEAT_CAPI_DIR "/missing.yaml"), NULL, &error), LEAT_E_NOT_FOUND,
          "source.not_found");
    FAILS(leat_program_load_file(&program, S(""), NULL, &error), LEAT_E_USAGE, "usage.empty");
    leat_program_free(NULL);
    leat_error_free(NULL);
}

struct reader {
    int asked, destroyed;
};
static leat_status read_part(void *user_data, leat_call *call) {
    struct reader *reader = (struct reader *)user_data;
    ++reader->asked;
    CHECK(same(leat_call_input(call), "tiny.yaml"));
    if (!same(leat_call_name(call), "part.yaml")) return LEAT_E_NOT_FOUND;
    return leat_call_answer(call, S("entity: part\nfields: {a: integer}\n"));
}
static void destroy_reader(void *user_data) {
    ++((struct reader *)user_data)->destroyed;
}

static void test_reader(void) {
    leat_program *program = NULL;
    leat_error *error = NULL;
    leat_program_options options;
    struct reader reader = {0, 0};
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.read_file = read_part;
    options.user_data = &reader;
    options.destroy = destroy_reader;
    OK(load(&program, "include: [part.yaml]\n", &options, &error));
    CHECK(reader.asked == 1 && reader.destroyed == 1);
    CHECK(leat_entity_id(program, S("part")) != LEAT_NONE && leat_entity_id(program, S("other")) == LEAT_NONE);
    leat_program_free(program);
    FAILS(load(&program, "include: [gone.yaml]\n", &options, &error), LEAT_E_PROGRAM, "program.invalid");
    CHECK(reader.destroyed == 2);
    FAILS(leat_program_load(&program, NULL, 1, &options, &error), LEAT_E_USAGE, "usage.null");
    CHECK(reader.destroyed == 3);
}

static void test_answers(void) {
    leat_program *program = shop();
    leat_error *error = NULL;
    leat_text *text = NULL;
    CHECK(same(leat_program_name(program), "shop") && same(leat_program_version(program), "1.0.0"));
    CHECK(leat_program_hash(program).size == 64);
    CHECK(leat_program_warning(program, leat_program_warning_count(program)) == NULL);
    OK(leat_program_describe(&text, program, &error));
    CHECK(holds(leat_text_str(text), "\"name\":\"due_on\",\"kind\":\"date\""));
    CHECK(holds(leat_text_str(text), "\"field\":\"status\"") && holds(leat_text_str(text), "小店"));
    leat_text_free(text);
    OK(leat_format(&text, S("a: {b: 1,c: 2}\n"), S("x.yaml"), &error));
    CHECK(same(leat_text_str(text), "a: {b: 1, c: 2}\n"));
    leat_text_free(text);
    CHECK(leat_format(&text, S("a: [1\n"), S("x.yaml"), &error) == LEAT_E_USAGE && text == NULL);
    CHECK(holds(leat_error_text(error), "x.yaml:"));
    leat_error_free(error);
    error = NULL;
    OK(leat_import_plan(&text, program, S("order"), S("Name,colour\nbolts,red\n,blue\n"), LEAT_FORMAT_CSV,
                        S("{\"columns\":{\"Name\":\"name\"}}"), &error));
    CHECK(holds(leat_text_str(text), "{\"line\":2,\"input\":{\"name\":\"bolts\"}}"));
    CHECK(holds(leat_text_str(text), "\"unused_columns\":[\"colour\"]"));
    leat_text_free(text);
    leat_diagram_options options = {0};
    options.struct_size = sizeof options;
    options.language = S("zh");
    options.flags = LEAT_DIAGRAM_LEFT_TO_RIGHT | LEAT_DIAGRAM_NO_GUARDS;
    OK(leat_program_diagram(&text, program, S("order_flow"), LEAT_DIAGRAM_DOT, &options, &error));
    CHECK(holds(leat_text_str(text), "rankdir=LR") && !holds(leat_text_str(text), "free_limit"));
    leat_text_free(text);
    FAILS(leat_program_diagram(&text, program, S("order_flow"), 9, NULL, &error), LEAT_E_USAGE, "diagram.format");
    FAILS(leat_program_diagram(&text, program, S("order_flw"), 1, NULL, &error), LEAT_E_NOT_FOUND, "flow.unknown");
    leat_form_options wanted = {0};
    wanted.struct_size = sizeof wanted;
    wanted.role = S("clerk");
    wanted.state = S("order_flow.open");
    wanted.language = S("zh");
    wanted.flags = LEAT_FORM_NUMBERS;
    OK(leat_program_form(&text, program, S("order"), &wanted, &error));
    CHECK(holds(leat_text_str(text), "\"title\":\"订单\"") && holds(leat_text_str(text), "\"type\":\"number\""));
    CHECK(holds(leat_text_str(text), "\"status\":{\"title\":\"status\",\"type\":\"string\",\"oneOf\":"));
    leat_text_free(text);
    OK(leat_program_form(&text, program, S("order"), NULL, &error));
    CHECK(holds(leat_text_str(text), "\"mode\":\"create\"") && holds(leat_text_str(text), "\"x-leat-ref\":\"user\""));
    leat_text_free(text);
    FAILS(leat_program_form(&text, program, S("ordr"), NULL, &error), LEAT_E_NOT_FOUND, "entity.unknown");
    FAILS(leat_program_form(&text, program, S("order.lines"), NULL, &error), LEAT_E_NOT_FOUND, "entity.unknown");
    wanted.state = S("gone");
    FAILS(leat_program_form(&text, program, S("order"), &wanted, &error), LEAT_E_NOT_FOUND, "state.unknown");
    wanted.role = S("clrk");
    FAILS(leat_program_form(&text, program, S("order"), &wanted, &error), LEAT_E_NOT_FOUND, "role.unknown");
    wanted.choices_max = -2;
    FAILS(leat_program_form(&text, program, S("order"), &wanted, &error), LEAT_E_USAGE, "form.choices");
    wanted.flags = 2;
    FAILS(leat_program_form(&text, program, S("order"), &wanted, &error), LEAT_E_USAGE, "usage.flags");
    FAILS(leat_form_input(&text, S("{}"), S("{}"), &error), LEAT_E_USAGE, "form.shape");
    FAILS(leat_form_input(&text, S("{"), S("{}"), &error), LEAT_E_USAGE, "json.syntax");
    FAILS(leat_form_errors(&text, S("[]"), &error), LEAT_E_USAGE, "form.shape");
    leat_text *yaml = NULL;
#if LEAT_SCXML
    OK(leat_scxml_export(&text, program, S("order_flow"), &error));
    CHECK(holds(leat_text_str(text), "<state id=\"confirmed\">"));
    OK(leat_scxml_import(&yaml, S("<scxml initial='a'><final id='a'/></scxml>"), S("a.scxml"), &error));
    CHECK(holds(leat_text_str(yaml), "initial: a"));
    leat_text_free(yaml);
    leat_text_free(text);
    FAILS(leat_scxml_import(&yaml, S("<scxml initial='b'><final id='a'/></scxml>"), S("a.scxml"), &error),
          LEAT_E_PROGRAM, "scxml.invalid");
#else
    FAILS(leat_scxml_export(&text, program, S("order_flow"), &error), LEAT_E_USAGE, "scxml.not_built");
#endif
    CHECK(yaml == NULL);
    OK(leat_replay(&text, program, S("order_flow"), S(LEAT_CAPI_DIR "/events.csv"),
                   S("{\"events\":{\"paid\":\"pay\"}}"), &error));
    CHECK(holds(leat_text_str(text), "\"cases\":2,\"conforming\":1,"));
    leat_text_free(text);
    FAILS(leat_replay(&text, program, S("order_flow"), S("no.csv"), S(""), &error), LEAT_E_NOT_FOUND, "log.not_found");
    FAILS(leat_replay(&text, program, S("order_flow"), S("no.csv"), S("evnts: {}"), &error), LEAT_E_USAGE,
          "replay.mapping");
    FAILS(leat_replay(&text, program, S("flow"), S("no.csv"), S(""), &error), LEAT_E_NOT_FOUND, "flow.unknown");
    options.flags = 4;
    FAILS(leat_program_diagram(&text, program, S("order_flow"), 1, &options, &error), LEAT_E_USAGE, "usage.flags");
    FAILS(leat_import_plan(&text, program, S("order"), S("Name\n"), 9, S(""), &error), LEAT_E_USAGE, "import.format");
    FAILS(leat_import_plan(&text, program, S("order"), S("Name\n"), LEAT_FORMAT_CSV, S("{\"colums\":{}}"), &error),
          LEAT_E_USAGE, "import.mapping");
    FAILS(leat_import_plan(&text, program, S("ordr"), S("Name\n"), LEAT_FORMAT_CSV, S(""), &error), LEAT_E_NOT_FOUND,
          "entity.unknown");
    leat_program_free(program);
}

int main(void) {
    test_mistakes();
    test_no_app();
    test_arguments();
    test_reader();
    test_answers();
    return 0;
}
