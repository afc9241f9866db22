/* Tables in and out: imports with rejections and progress, exports with their digest. */
#include "capi_test.h"

struct counted {
    int calls, destroyed;
    size_t bytes;
    int fail;
};

static leat_status count_call(void *user_data, leat_call *call) {
    struct counted *counted = user_data;
    ++counted->calls;
    counted->bytes += leat_call_input(call).size;
    if (counted->fail) return leat_call_fail(call, S("enough"));
    return leat_call_answer(call, S(""));
}

static void destroy_counted(void *user_data) {
    ++((struct counted *)user_data)->destroyed;
}

static void test_import(leat_session *session) {
    leat_import_options options;
    leat_error *error = NULL;
    leat_text *text = NULL;
    struct counted counted = {0, 0, 0, 0};
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.table = S("order,product,quantity,price\nA,bolt,2,1.50\nA,nut,1,2\nB,,1,1\nC,nut,x,1\nC,nut,1,1\n");
    options.mapping_json =
        S("{\"columns\":{\"order\":\"name\",\"product\":\"lines.product\",\"quantity\":"
          "\"lines.quantity\",\"price\":\"lines.price\"},\"group\":\"order\"}");
    options.progress = count_call;
    options.user_data = &counted;
    options.destroy = destroy_counted;
    options.records_per_transaction = 1;
    options.flags = LEAT_IMPORT_DRY_RUN;
    OK(leat_session_import(&text, session, S("order"), LEAT_FORMAT_CSV, &options, &error));
    CHECK(holds(leat_text_str(text), "\"created\":1,") && holds(leat_text_str(text), "\"kept\":false"));
    CHECK(counted.calls == 1 && counted.destroyed == 1);
    leat_text_free(text);
    options.flags = 0;
    OK(leat_session_import(&text, session, S("order"), LEAT_FORMAT_CSV, &options, &error));
    CHECK(holds(leat_text_str(text), "\"created\":1,") && holds(leat_text_str(text), "\"rejected\":2,"));
    CHECK(holds(leat_text_str(text), "\"field\":\"lines.quantity\",\"code\":\"import.cell\""));
    CHECK(holds(leat_text_str(text), "\"row\":4,\"line\":5"));
    CHECK(counted.calls == 5 && counted.destroyed == 2);
    leat_text_free(text);

    counted.fail = 1;
    options.job = S("again");
    FAILS(leat_session_import(&text, session, S("order"), LEAT_FORMAT_CSV, &options, &error), LEAT_E_HOST,
          "host.failed");
    CHECK(text == NULL && counted.destroyed == 3);
    counted.fail = 0;
    OK(leat_session_import(&text, session, S("order"), LEAT_FORMAT_CSV, &options, &error));
    CHECK(holds(leat_text_str(text), "\"resumed_at\":1,"));
    leat_text_free(text);
    options.path = S("both.csv");
    FAILS(leat_session_import(&text, session, S("order"), LEAT_FORMAT_CSV, &options, &error), LEAT_E_USAGE,
          "usage.table");
    options.table = S("");
    FAILS(leat_session_import(&text, session, S("order"), LEAT_FORMAT_CSV, &options, &error), LEAT_E_NOT_FOUND,
          "import.file");
    FAILS(leat_session_import(&text, session, S("order"), 7, &options, &error), LEAT_E_USAGE, "import.format");
    options.flags = 64;
    FAILS(leat_session_import(&text, session, S("order"), 1, &options, &error), LEAT_E_USAGE, "usage.flags");
    FAILS(leat_session_import(&text, session, S("order"), 1, NULL, &error), LEAT_E_USAGE, "usage.null");
    CHECK(counted.destroyed == 8);
}

static void test_export(leat_session *session) {
    leat_export_options options;
    leat_error *error = NULL;
    leat_text *text = NULL;
    struct counted counted = {0, 0, 0, 0};
    OK(leat_session_export(&text, session, S("order"), LEAT_FORMAT_JSON_LINES, NULL, &error));
    CHECK(holds(leat_text_str(text), "\"rows\":2,") && holds(leat_text_str(text), "bolt"));
    leat_text_free(text);
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.fields = S("name, lines.product");
    options.where = S("total > 1");
    options.sort = S("-key");
    OK(leat_session_export(&text, session, S("order"), LEAT_FORMAT_CSV, &options, &error));
    CHECK(holds(leat_text_str(text), "\"text\":\"name,lines.product\\r\\nA,bolt\\r\\nA,nut\\r\\nA,bolt"));
    leat_text_free(text);
    options.write = count_call;
    options.user_data = &counted;
    options.destroy = destroy_counted;
    OK(leat_session_export(&text, session, S("order"), LEAT_FORMAT_CSV, &options, &error));
    CHECK(counted.calls == 1 && counted.destroyed == 1 && counted.bytes > 40);
    CHECK(!holds(leat_text_str(text), "\"text\"") && holds(leat_text_str(text), "\"sha256\":\""));
    leat_text_free(text);
    counted.fail = 1;
    FAILS(leat_session_export(&text, session, S("order"), LEAT_FORMAT_CSV, &options, &error), LEAT_E_HOST,
          "host.failed");
    options.fields = S("nme");
    FAILS(leat_session_export(&text, session, S("order"), LEAT_FORMAT_CSV, &options, &error), LEAT_E_USAGE,
          "export.field");
    CHECK(text == NULL && counted.destroyed == 3);
}

static void test_load(void) {
    static const char *kDefinitions =
        "leat: 1\napp: load\nlanguage: en\n---\nentity: good\nfields:\n  name: {type: string, required: true}\n"
        "  price: {type: decimal, scale: 2}\n  day: date\n  twice: {type: decimal, scale: 2, formula: price * 2}\n";
    leat_source source;
    leat_program *program = NULL;
    leat_error *error = NULL;
    leat_text *text = NULL;
    uint32_t entity, fields[3], offsets[] = {0, 3, 3, 6};
    int64_t price[] = {125, 1, 7}, day[] = {0, 20454, 1};
    uint8_t valid[] = {3};
    leat_column columns[3];
    leat_load_options options;
    source.name = S("load.yaml");
    source.text = S(kDefinitions);
    OK(leat_program_load(&program, &source, 1, NULL, &error));
    leat_engine *engine = shop_engine(program);
    leat_session *session = open_session(engine, "system");
    entity = leat_entity_id(program, S("good"));
    fields[0] = leat_field_id(program, entity, S("name"));
    fields[1] = leat_field_id(program, entity, S("price"));
    fields[2] = leat_field_id(program, entity, S("day"));
    memset(columns, 0, sizeof columns);
    columns[0].kind = LEAT_KIND_STRING;
    columns[0].values = "nutbox";
    columns[0].offsets = offsets;
    columns[1].kind = LEAT_KIND_NUMBER;
    columns[1].scale = 1;
    columns[1].values = price;
    columns[1].valid = valid;
    columns[2].kind = LEAT_KIND_DATE;
    columns[2].values = day;
    OK(leat_session_load(&text, session, entity, fields, columns, 3, 3, NULL, &error));
    CHECK(holds(leat_text_str(text), "\"created\":2,\"rejected\":1,") &&
          holds(leat_text_str(text), "\"one_by_one\":\"\""));
    CHECK(holds(leat_text_str(text), "{\"row\":1,\"field\":\"name\",\"code\":\"constraint\""));
    leat_text_free(text);
    OK(leat_session_show(&text, session, S("good"), S("1"), &error));
    CHECK(holds(leat_text_str(text), "\"price\":12.50,\"day\":\"1970-01-01\",\"twice\":25.00"));
    leat_text_free(text);
    OK(leat_engine_verify(&text, engine, &error));
    CHECK(holds(leat_text_str(text), "\"loads\":1,\"loads_changed\":0"));
    leat_text_free(text);
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.flags = LEAT_LOAD_ALL_OR_NOTHING;
    options.records_per_command = 1;
    OK(leat_session_load(&text, session, entity, fields, columns, 3, 3, &options, &error));
    CHECK(holds(leat_text_str(text), "\"kept\":false"));
    leat_text_free(text);
    OK(leat_session_load(&text, session, entity, fields, columns, 0, 0, NULL, &error));
    leat_text_free(text);
    offsets[1] = 9;
    FAILS(leat_session_load(&text, session, entity, fields, columns, 3, 3, NULL, &error), LEAT_E_USAGE,
          "usage.offsets");
    columns[0].kind = LEAT_KIND_LIST;
    FAILS(leat_session_load(&text, session, entity, fields, columns, 3, 3, NULL, &error), LEAT_E_USAGE, "value.kind");
    fields[1] = LEAT_NONE;
    FAILS(leat_session_load(&text, session, entity, fields + 1, columns + 1, 2, 3, NULL, &error), LEAT_E_USAGE,
          "load.field");
    FAILS(leat_session_load(&text, session, LEAT_NONE, fields, columns, 0, 3, NULL, &error), LEAT_E_USAGE,
          "entity.unknown");
    options.flags = 2;
    FAILS(leat_session_load(&text, session, entity, fields, columns, 0, 3, &options, &error), LEAT_E_USAGE,
          "usage.flags");
    FAILS(leat_session_load(&text, session, entity, NULL, columns, 1, 3, NULL, &error), LEAT_E_USAGE, "usage.null");
    leat_session_free(session);
    leat_engine_free(engine);
    leat_program_free(program);
}

int main(void) {
    leat_program *program = shop();
    leat_engine *engine = shop_engine(program);
    leat_session *session = open_session(engine, "system");
    test_import(session);
    test_export(session);
    test_load();
    leat_session_free(session);
    leat_engine_free(engine);
    leat_program_free(program);
    return 0;
}
