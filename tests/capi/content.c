/* Files under their digest, records that may be one thing twice, and merging them. */
#include "capi_test.h"

static const char *DEFINITIONS =
    "leat: 1\napp: content\nlanguage: en\n---\nroles: {clerk: Clerk}\n---\nentity: contact\ndisplay: name\nfields:\n"
    "  name: {type: string}\n  phone: {type: string, format: phone}\n  photo: {type: file}\n"
    "duplicates: [{match: [phone], id: same phone}]\naccess: {clerk: {read: true}}\n";

static leat_engine *open_engine(const leat_program *program) {
    leat_engine *engine = NULL;
    leat_error *error = NULL;
    leat_engine_options options;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.store_path = S(":memory:");
    OK(leat_engine_open(&engine, program, &options, &error));
    return engine;
}

static void make(leat_session *session, const char *json) {
    leat_outcome *outcome = NULL;
    leat_error *error = NULL;
    OK(leat_session_create(&outcome, session, S("contact"), S(json), &error));
    CHECK(!leat_outcome_refused(outcome));
    leat_outcome_free(outcome);
}

static void test_files(leat_engine *engine, leat_session *session) {
    static const char bytes[] = "\0\377PDF";
    leat_text *digest = NULL, *text = NULL;
    leat_error *error = NULL;
    int64_t dropped = -1;
    char input[256];
    OK(leat_session_put_file(&digest, session, bytes, sizeof bytes, &error));
    CHECK(leat_text_str(digest).size == 64);
    FAILS(leat_session_put_file(&text, session, NULL, 1, &error), LEAT_E_USAGE, "usage.null");
    CHECK(text == NULL);
    OK(leat_session_put_file(&text, session, NULL, 0, &error));
    leat_text_free(text);
    text = NULL;
    snprintf(input, sizeof input, "{\"name\":\"Li\",\"photo\":\"%s/li.jpg\"}", leat_text_str(digest).data);
    make(session, input);
    OK(leat_session_get_file(&text, session, S("contact"), S("1"), leat_text_str(digest), &error));
    CHECK(leat_text_str(text).size == sizeof bytes && memcmp(leat_text_str(text).data, bytes, sizeof bytes) == 0);
    leat_text_free(text);
    FAILS(leat_session_get_file(&text, session, S("contact"), S("1"), S("abc"), &error), LEAT_E_NOT_FOUND,
          "file.unknown");
    FAILS(leat_session_get_file(&text, session, S("contact"), S("9"), leat_text_str(digest), &error), LEAT_E_NOT_FOUND,
          "record.not_found");
    OK(leat_engine_drop_unused_files(&dropped, engine, 0, &error));
    CHECK(dropped == 0 || dropped == 1); /* the empty one, if the clock has moved */
    FAILS(leat_engine_drop_unused_files(&dropped, engine, -1, &error), LEAT_E_USAGE, "usage.age");
    FAILS(leat_engine_drop_unused_files(NULL, engine, 0, &error), LEAT_E_USAGE, "usage.null");
    leat_text_free(digest);
}

static void test_merge(leat_session *session) {
    leat_outcome *outcome = NULL;
    leat_text *text = NULL;
    leat_error *error = NULL;
    make(session, "{\"name\":\"Wang\",\"phone\":\"+86 138 0013 8000\"}");
    make(session, "{\"name\":\"W. Wang\",\"phone\":\"13800138000\"}");
    OK(leat_session_duplicates(&text, session, S("contact"), S("2"), S(""), 0, &error));
    CHECK(holds(leat_text_str(text), "\"key\":\"3\"") && holds(leat_text_str(text), "\"similarity\":1.000") &&
          holds(leat_text_str(text), "same phone"));
    leat_text_free(text);
    OK(leat_session_duplicates(&text, session, S("contact"), S(""), S("{\"phone\":\"1\"}"), 5, &error));
    CHECK(same(leat_text_str(text), "[]"));
    leat_text_free(text);
    FAILS(leat_session_duplicates(&text, session, S("contact"), S("2"), S(""), -1, &error), LEAT_E_USAGE, "usage.limit");
    FAILS(leat_session_merge(&outcome, session, S("contact"), S("2"), S("2"), S(""), 0, &error), LEAT_E_USAGE,
          "merge.same");
    FAILS(leat_session_merge(&outcome, session, S("contact"), S("2"), S("3"), S("[\"x\"]"), 0, &error), LEAT_E_USAGE,
          "input.unknown_field");
    FAILS(leat_session_merge(&outcome, session, S("contact"), S("2"), S(""), S(""), 0, &error), LEAT_E_USAGE,
          "usage.empty");
    OK(leat_session_merge(&outcome, session, S("contact"), S("2"), S("3"), S("[\"name\"]"), 0, &error));
    CHECK(!leat_outcome_refused(outcome) && same(leat_outcome_key(outcome), "2"));
    leat_outcome_free(outcome);
    OK(leat_session_show(&text, session, S("contact"), S("2"), &error));
    CHECK(holds(leat_text_str(text), "W. Wang") && holds(leat_text_str(text), "+86"));
    leat_text_free(text);
    FAILS(leat_session_show(&text, session, S("contact"), S("3"), &error), LEAT_E_NOT_FOUND, "record.not_found");
}

int main(void) {
    leat_program *program = NULL;
    leat_error *error = NULL;
    leat_engine *engine;
    leat_session *session;
    leat_source source;
    memset(&source, 0, sizeof source);
    source.name = S("content.yaml");
    source.text = S(DEFINITIONS);
    OK(leat_program_load(&program, &source, 1, NULL, &error));
    engine = open_engine(program);
    session = open_session(engine, "system");
    test_files(engine, session);
    test_merge(session);
    leat_session_free(session);
    leat_engine_free(engine);
    leat_program_free(program);
    return 0;
}
