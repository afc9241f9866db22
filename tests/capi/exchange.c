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

int main(void) {
    leat_program *program = shop();
    leat_engine *engine = shop_engine(program);
    leat_session *session = open_session(engine, "system");
    test_import(session);
    test_export(session);
    leat_session_free(session);
    leat_engine_free(engine);
    leat_program_free(program);
    return 0;
}
