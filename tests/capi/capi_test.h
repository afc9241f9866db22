/* What the C tests share: checks that say where, and an engine over tests/capi/shop.yaml in memory whose clock stands.
 */
#ifndef LEAT_CAPI_TEST_H
#define LEAT_CAPI_TEST_H

#include <leat/leat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                              \
    do {                                                                              \
        if (!(condition)) {                                                           \
            fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition); \
            exit(1);                                                                  \
        }                                                                             \
    } while (0)

/* Runs a call that must succeed; `error` is the variable that its last argument points at. */
#define OK(call)                                                                             \
    do {                                                                                     \
        leat_status ok_status = (call);                                                      \
        if (ok_status != LEAT_OK || error != NULL) {                                         \
            fprintf(stderr, "%s:%d: %s: %d %s\n", __FILE__, __LINE__, #call, (int)ok_status, \
                    leat_error_text(error).data);                                            \
            exit(1);                                                                         \
        }                                                                                    \
    } while (0)

/* Runs a call that must fail with a status and a code, and frees the error. */
#define FAILS(call, expected_status, expected_code)                                                              \
    do {                                                                                                         \
        leat_status bad_status = (call);                                                                         \
        if (bad_status != (expected_status) || error == NULL || !same(leat_error_code(error), expected_code) ||  \
            leat_error_message(error).size == 0) {                                                               \
            fprintf(stderr, "%s:%d: %s: %d %s: %s\n", __FILE__, __LINE__, #call, (int)bad_status,                \
                    error ? leat_error_code(error).data : "no error", error ? leat_error_text(error).data : ""); \
            exit(1);                                                                                             \
        }                                                                                                        \
        leat_error_free(error);                                                                                  \
        error = NULL;                                                                                            \
    } while (0)

static inline leat_str S(const char *text) {
    return leat_str_of(text);
}
static inline int same(leat_str a, const char *b) {
    return a.size == strlen(b) && memcmp(a.data, b, a.size) == 0;
}
static inline int holds(leat_str a, const char *b) {
    return strstr(a.data, b) != NULL;
}

static inline leat_program *shop(void) {
    leat_program *program = NULL;
    leat_error *error = NULL;
    OK(leat_program_load_file(&program, S(LEAT_CAPI_DIR "/shop.yaml"), NULL, &error));
    return program;
}

/* 2026-11-21T00:00:00Z; tests move it. */
static int64_t test_now_us = 1795219200LL * 1000000;
static inline int64_t test_clock(void *user_data) {
    (void)user_data;
    return test_now_us;
}

static inline leat_engine *shop_engine(const leat_program *program) {
    leat_engine *engine = NULL;
    leat_error *error = NULL;
    leat_clock clock;
    leat_engine_options options;
    memset(&clock, 0, sizeof clock);
    clock.struct_size = sizeof clock;
    clock.now_us = test_clock;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.store_path = S(":memory:");
    options.clock = &clock;
    OK(leat_engine_open(&engine, program, &options, &error));
    return engine;
}

static inline leat_session *open_session(leat_engine *engine, const char *actor) {
    leat_session *session = NULL;
    leat_error *error = NULL;
    OK(leat_session_open(&session, engine, S(actor), &error));
    return session;
}

/* Creates an order with one line of that price; the key goes to `key` (32 bytes), the id is answered. */
static inline int64_t make_order(leat_session *session, const char *name, const char *price, char *key) {
    leat_outcome *outcome = NULL;
    leat_error *error = NULL;
    char input[256];
    int64_t id;
    snprintf(input, sizeof input, "{\"name\":\"%s\",\"lines\":[{\"product\":\"bolt\",\"quantity\":2,\"price\":%s}]}",
             name, price);
    OK(leat_session_create(&outcome, session, S("order"), S(input), &error));
    if (leat_outcome_refused(outcome)) {
        fprintf(stderr, "refused: %s\n", leat_outcome_json(outcome).data);
        exit(1);
    }
    snprintf(key, 32, "%s", leat_outcome_key(outcome).data);
    id = leat_outcome_id(outcome);
    leat_outcome_free(outcome);
    return id;
}

#endif
