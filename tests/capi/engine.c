/* Opening, options, pumps, messages, verification, deployment. */
#include <unistd.h>

#include "capi_test.h"

static leat_engine_options defaults(void) {
    leat_engine_options options;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.store_path = S(":memory:");
    return options;
}

static int destroyed;
static void count_destroyed(void *user_data) {
    (void)user_data;
    ++destroyed;
}
static void fill_seven(void *user_data, void *data, size_t size) {
    (void)user_data;
    memset(data, 7, size);
}

static void test_options(const leat_program *program) {
    leat_engine *engine = NULL;
    leat_error *error = NULL;
    leat_engine_options options = defaults();
    leat_clock clock;
    leat_random random;
    FAILS(leat_engine_open(&engine, program, NULL, &error), LEAT_E_USAGE, "usage.null");
    options.struct_size = 3;
    FAILS(leat_engine_open(&engine, program, &options, &error), LEAT_E_USAGE, "usage.struct_size");
    options = defaults();
    options.store_path = S("");
    FAILS(leat_engine_open(&engine, program, &options, &error), LEAT_E_USAGE, "usage.store_path");
    options = defaults();
    options.flags = 1u << 30;
    FAILS(leat_engine_open(&engine, program, &options, &error), LEAT_E_USAGE, "usage.flags");
    options = defaults();
    options.store_path = S("/dev/null/folder/x.db");
    FAILS(leat_engine_open(&engine, program, &options, &error), LEAT_E_NOT_FOUND, "store.missing");
    CHECK(engine == NULL);

    memset(&clock, 0, sizeof clock);
    clock.struct_size = sizeof clock;
    clock.destroy = count_destroyed;
    memset(&random, 0, sizeof random);
    random.struct_size = sizeof random;
    random.fill = fill_seven;
    random.destroy = count_destroyed;
    options = defaults();
    options.clock = &clock;
    options.random = &random;
    FAILS(leat_engine_open(&engine, program, &options, &error), LEAT_E_USAGE,
          "usage.null"); /* a clock without now_us */
    CHECK(destroyed == 2);
    clock.now_us = test_clock;
    options.flags = 1u << 30;
    FAILS(leat_engine_open(&engine, program, &options, &error), LEAT_E_USAGE, "usage.flags");
    CHECK(destroyed == 4);
    options.flags = 0;
    OK(leat_engine_open(&engine, program, &options, &error));
    CHECK(destroyed == 4);
    leat_engine_free(engine);
    CHECK(destroyed == 6);
}

static void test_limits(const leat_program *program) {
    leat_engine *engine = NULL;
    leat_session *session;
    leat_outcome *outcome = NULL;
    leat_error *error = NULL;
    leat_engine_options options = defaults();
    options.input_bytes_max = 20;
    options.depth_max = 2;
    OK(leat_engine_open(&engine, program, &options, &error));
    session = open_session(engine, "system");
    FAILS(leat_session_create(&outcome, session, S("order"), S("{\"name\":\"longer than twenty bytes\"}"), &error),
          LEAT_E_LIMIT, "limit.input");
    FAILS(leat_session_create(&outcome, session, S("order"), S("{\"name\":[[\"[[\"]]}"), &error), LEAT_E_LIMIT,
          "limit.depth");
    leat_session_free(session);
    leat_engine_free(engine);
}

static void test_pumps(leat_engine *engine, leat_session *session) {
    leat_error *error = NULL;
    leat_outcome *outcome = NULL;
    leat_text *text = NULL;
    leat_due_counts due;
    int64_t next = 0;
    char key[32], message[64];
    memset(&due, 0, sizeof due);
    FAILS(leat_engine_run_due(&due, engine, 1, &error), LEAT_E_USAGE, "usage.struct_size");
    due.struct_size = sizeof due;
    OK(leat_engine_next_due(&next, engine, &error));
    CHECK(next == LEAT_NEVER);
    make_order(session, "late", "1", key);
    OK(leat_engine_next_due(&next, engine, &error));
    CHECK(next == test_now_us + 7 * 86400LL * 1000000);
    OK(leat_engine_run_due(&due, engine, 10, &error));
    CHECK(due.fired == 0);
    test_now_us = next + 5;
    OK(leat_engine_run_due(&due, engine, 10, &error));
    CHECK(due.fired == 1 && due.lateness_us_max == 5 && due.more == 0 && due.struct_size == sizeof due);
    OK(leat_engine_run_due(NULL, engine, 10, &error));
    FAILS(leat_engine_run_due(NULL, engine, -1, &error), LEAT_E_USAGE, "usage.max");

    OK(leat_session_send(&outcome, session, S("order"), S(key), S("confirm"), S(""), 0, &error));
    CHECK(!leat_outcome_refused(outcome));
    leat_outcome_free(outcome);
    snprintf(message, sizeof message, "{\"order\":\"%s\"}", key);
    OK(leat_engine_receive(&outcome, engine, S("carrier.shipped"), S("m-1"), S(message), &error));
    CHECK(!leat_outcome_refused(outcome));
    leat_outcome_free(outcome);
    OK(leat_engine_receive(&outcome, engine, S("carrier.shipped"), S("m-1"), S(message), &error));
    leat_outcome_free(outcome);
    CHECK(leat_engine_receive(&outcome, engine, S("carrier.shiped"), S("m-2"), S(message), &error) ==
              LEAT_E_NOT_FOUND &&
          outcome == NULL);
    leat_error_free(error);
    error = NULL;
    OK(leat_engine_verify(&text, engine, &error));
    CHECK(holds(leat_text_str(text), "{\"ok\":true,\"rows\":") && holds(leat_text_str(text), "\"first_bad\":0"));
    leat_text_free(text);
    CHECK(leat_engine_close_incident(engine, 99, S("dismissed"), &error) != LEAT_OK);
    leat_error_free(error);
    error = NULL;
    CHECK(leat_engine_resolve_delivery(engine, 99, S("done"), S(""), &error) != LEAT_OK);
    leat_error_free(error);
}

static char *read_whole(const char *path) {
    static char text[16384];
    FILE *file = fopen(path, "rb");
    size_t size;
    CHECK(file != NULL);
    size = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[size] = 0;
    return text;
}

/* Loses a field, is undone; then a backup, an archive, an erasure that finds nothing personal. */
static void test_past(leat_engine *engine, const char *folder) {
    char backup[96], text_of[256];
    leat_program *narrow = NULL;
    leat_error *error = NULL;
    leat_outcome *outcome = NULL;
    leat_text *text = NULL;
    leat_session *session = open_session(engine, "system");
    leat_source sources[2];
    leat_deploy_options options = {0};
    options.struct_size = sizeof options;
    OK(leat_session_create(&outcome, session, S("shelf"), S("{\"place\":\"here\"}"), &error));
    leat_outcome_free(outcome);
    sources[0].name = S("shop.yaml");
    sources[0].text = S(read_whole(LEAT_CAPI_DIR "/shop.yaml"));
    sources[1].name = S("more.yaml");
    sources[1].text = S("entity: shelf\nfields: {spot: string}\n");
    OK(leat_program_load(&narrow, sources, 2, NULL, &error));
    OK(leat_engine_plan_with(&text, engine, narrow, &options, &error));
    CHECK(holds(leat_text_str(text), "\"blocked\":true") && holds(leat_text_str(text), "\"drop\":\"field shelf.place\""));
    leat_text_free(text);
    OK(leat_engine_deploy_with(&outcome, engine, narrow, S("system"), NULL, &error));
    CHECK(leat_outcome_refused(outcome) && same(leat_outcome_refusal_code(outcome, 0), "deploy.blocked"));
    leat_outcome_free(outcome);
    options.drop = S("field shelf.place\n");
    snprintf(backup, sizeof backup, "%s/before.db", folder);
    options.backup = S(backup);
    OK(leat_engine_deploy_with(&outcome, engine, narrow, S("system"), &options, &error));
    CHECK(!leat_outcome_refused(outcome));
    leat_outcome_free(outcome);
    FAILS(leat_engine_backup(engine, S(backup), &error), LEAT_E_USAGE, "store.backup_exists");
    unlink(backup);
    OK(leat_engine_backup(engine, S(backup), &error));
    unlink(backup);
    options.backup = S("");
    options.drop = S("*");
    OK(leat_engine_undo_deploy(&outcome, engine, S("system"), &options, &error));
    CHECK(!leat_outcome_refused(outcome));
    leat_outcome_free(outcome);
    OK(leat_session_show(&text, session, S("shelf"), S("1"), &error));
    CHECK(holds(leat_text_str(text), "\"place\":\"here\""));
    leat_text_free(text);
    OK(leat_engine_seal(&outcome, engine, INT64_MAX / 2, S(""), &error));
    CHECK(holds(leat_outcome_json(outcome), "\"archive\":\"shop.log-1-"));
    leat_outcome_free(outcome);
    FAILS(leat_engine_retain(&outcome, engine, S(""), &error), LEAT_E_USAGE, "retention.none");
    OK(leat_engine_archives(&text, engine, &error));
    CHECK(holds(leat_text_str(text), "\"first\":1"));
    {
        const char *at = strstr(leat_text_str(text).data, "shop.log-1-");
        snprintf(text_of, sizeof text_of, "%s/%.*s", folder, (int)(strchr(at, '"') - at), at);
    }
    leat_text_free(text);
    FAILS(leat_session_erase(&outcome, session, S("shelf"), S("1"), S("asked"), &error), LEAT_E_USAGE, "erase.nothing");
    FAILS(leat_session_erase(&outcome, session, S("shelf"), S("1"), S(""), &error), LEAT_E_USAGE, "admin.reason");
    options.flags = 1;
    FAILS(leat_engine_plan_with(&text, engine, narrow, &options, &error), LEAT_E_USAGE, "usage.flags");
    leat_session_free(session);
    leat_program_free(narrow);
    unlink(text_of);
}

static void test_deploy(const leat_program *program) {
    char path[] = "/tmp/leat_capi_XXXXXX", file[64];
    leat_engine *engine = NULL;
    leat_program *wider = NULL, *stored = NULL;
    leat_error *error = NULL;
    leat_outcome *outcome = NULL;
    leat_text *text = NULL;
    leat_engine_options options = defaults();
    leat_source sources[2];
    CHECK(mkdtemp(path) != NULL);
    snprintf(file, sizeof file, "%s/shop.db", path);
    options.store_path = S(file);
    options.flags = LEAT_ENGINE_NO_CREATE;
    FAILS(leat_engine_open(&engine, program, &options, &error), LEAT_E_NOT_FOUND, "store.missing");
    options.flags = 0;
    OK(leat_engine_open(&engine, program, &options, &error));
    leat_engine_free(engine);

    sources[0].name = S("shop.yaml");
    sources[0].text = S(read_whole(LEAT_CAPI_DIR "/shop.yaml"));
    sources[1].name = S("more.yaml");
    sources[1].text = S("entity: shelf\nfields: {place: string}\n");
    OK(leat_program_load(&wider, sources, 2, NULL, &error));
    FAILS(leat_engine_open(&engine, wider, &options, &error), LEAT_E_CONFLICT, "engine.definitions_changed");
    OK(leat_engine_open(&engine, NULL, &options, &error));
    OK(leat_engine_program(&stored, engine, &error));
    CHECK(strcmp(leat_program_hash(stored).data, leat_program_hash(program).data) == 0);
    leat_program_free(stored);
    OK(leat_engine_plan(&text, engine, wider, &error));
    CHECK(holds(leat_text_str(text), "shelf"));
    leat_text_free(text);
    OK(leat_engine_deploy(&outcome, engine, wider, S("system"), &error));
    CHECK(!leat_outcome_refused(outcome));
    leat_outcome_free(outcome);
    leat_engine_free(engine);
    OK(leat_engine_open(&engine, wider, &options, &error));
    test_past(engine, path);
    leat_engine_free(engine);
    leat_program_free(wider);
    unlink(file);
    rmdir(path);
}

int main(void) {
    leat_program *program = shop();
    leat_engine *engine = shop_engine(program);
    leat_session *session = open_session(engine, "system");
    test_options(program);
    test_limits(program);
    test_pumps(engine, session);
    test_deploy(program);
    leat_session_free(session);
    leat_engine_free(engine);
    leat_program_free(program);
    return 0;
}
