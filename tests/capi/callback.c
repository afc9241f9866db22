/* Functions and deliveries: answers, failures, destroy exactly once, and no way back into the engine. */
#include "capi_test.h"

struct host {
    leat_engine *engine;
    leat_session *session;
    int asked, destroyed, fail;
    int64_t id, attempt;
};
static void destroy_host(void *user_data) {
    ++((struct host *)user_data)->destroyed;
}

static leat_status risk(void *user_data, leat_call *call) {
    struct host *host = (struct host *)user_data;
    leat_error *error = NULL;
    leat_text *text = NULL;
    leat_outcome *outcome = NULL;
    leat_session *other = NULL;
    ++host->asked;
    CHECK(same(leat_call_name(call), "risk") && same(leat_call_input(call), "[\"bolts\"]"));
    FAILS(leat_session_show(&text, host->session, S("order"), S("SO-0001"), &error), LEAT_E_USAGE,
          "engine.in_callback");
    FAILS(leat_session_create(&outcome, host->session, S("order"), S(""), &error), LEAT_E_USAGE, "engine.in_callback");
    FAILS(leat_session_open(&other, host->engine, S("system"), &error), LEAT_E_USAGE, "engine.in_callback");
    FAILS(leat_engine_run_due(NULL, host->engine, 1, &error), LEAT_E_USAGE, "engine.in_callback");
    if (host->fail == 1) return leat_call_fail(call, S("the risk service is asleep"));
    if (host->fail == 2) return LEAT_E_HOST;
    if (host->fail == 3) { /* as another thread would */
        leat_session_interrupt(host->session);
        return leat_call_answer(call, S("43"));
    }
    return leat_call_answer(call, S("42"));
}

static leat_status book(void *user_data, leat_call *call) {
    struct host *host = (struct host *)user_data;
    ++host->asked;
    CHECK(same(leat_call_name(call), "carrier.book") && holds(leat_call_input(call), "SO-"));
    host->id = leat_call_id(call);
    host->attempt = leat_call_attempt(call);
    if (host->fail == 1) return leat_call_fail(call, S("no lorry"));
    return leat_call_answer(call, S("lorry 7"));
}

static void test_function(struct host *host) {
    leat_outcome *outcome = NULL;
    leat_error *error = NULL;
    char key[32];
    make_order(host->session, "bolts", "1", key);
    CHECK(leat_session_send(&outcome, host->session, S("order"), S(key), S("assess"), S(""), 0, &error) !=
          LEAT_OK); /* nobody registered */
    leat_error_free(error);
    error = NULL;
    OK(leat_engine_on_function(host->engine, S("risk"), risk, host, destroy_host, &error));
    OK(leat_session_send(&outcome, host->session, S("order"), S(key), S("assess"), S(""), 0, &error));
    CHECK(!leat_outcome_refused(outcome) && holds(leat_outcome_json(outcome), "42") && host->asked >= 1);
    leat_outcome_free(outcome);
    for (host->fail = 1; host->fail <= 2; ++host->fail) {
        CHECK(leat_session_send(&outcome, host->session, S("order"), S(key), S("assess"), S(""), 0, &error) ==
                  LEAT_E_HOST &&
              outcome == NULL);
        CHECK(host->fail == 2 || holds(leat_error_message(error), "the risk service is asleep"));
        leat_error_free(error);
        error = NULL;
    }
    host->fail = 3;
    FAILS(leat_session_send(&outcome, host->session, S("order"), S(key), S("assess"), S(""), 0, &error), LEAT_E_STORE,
          "store.interrupted");
    host->fail = 0;
    OK(leat_session_send(&outcome, host->session, S("order"), S(key), S("tick"), S(""), 0,
                         &error)); /* nothing is left broken */
    CHECK(!leat_outcome_refused(outcome));
    leat_outcome_free(outcome);
    FAILS(leat_engine_on_function(host->engine, S(""), risk, host, destroy_host, &error), LEAT_E_USAGE, "usage.empty");
    CHECK(host->destroyed == 1);
    FAILS(leat_engine_on_function(host->engine, S("risk"), NULL, host, destroy_host, &error), LEAT_E_USAGE,
          "usage.null");
    CHECK(host->destroyed == 2);
    CHECK(leat_engine_on_function(host->engine, S("rsk"), risk, host, destroy_host, &error) != LEAT_OK);
    CHECK(host->destroyed == 3);
    leat_error_free(error);
    error = NULL;
    OK(leat_engine_on_function(host->engine, S("risk"), risk, host, destroy_host, &error));
    CHECK(host->destroyed == 4); /* the first registration is replaced */
}

static void test_delivery(struct host *host) {
    leat_outcome *outcome = NULL;
    leat_error *error = NULL;
    leat_text *text = NULL;
    leat_delivery_counts counts;
    char key[32];
    memset(&counts, 0, sizeof counts);
    counts.struct_size = sizeof counts;
    make_order(host->session, "bolts", "1", key);
    OK(leat_session_send(&outcome, host->session, S("order"), S(key), S("confirm"), S(""), 0, &error));
    leat_outcome_free(outcome);
    host->asked = 0;
    host->fail = 1;
    OK(leat_engine_on_delivery(host->engine, S("carrier.*"), book, host, destroy_host, &error));
    OK(leat_engine_deliver(&counts, host->engine, 10, &error));
    CHECK(counts.done == 0 && counts.failed == 1 && host->asked == 1 && host->attempt == 1 && host->id > 0);
    OK(leat_session_outbox(&text, host->session, S(""), 0, &error));
    CHECK(holds(leat_text_str(text), "no lorry"));
    leat_text_free(text);
    host->fail = 0;
    test_now_us += 86400LL * 1000000;
    OK(leat_engine_deliver(&counts, host->engine, 10, &error));
    CHECK(counts.done == 1 && counts.failed == 0 && host->asked == 2 && host->attempt == 2);
    OK(leat_session_outbox(&text, host->session, S("done"), 0, &error));
    CHECK(holds(leat_text_str(text), "lorry 7"));
    leat_text_free(text);
    OK(leat_engine_deliver(&counts, host->engine, 10, &error));
    CHECK(counts.done == 0 && host->asked == 2);
}

int main(void) {
    leat_program *program = shop();
    struct host host;
    memset(&host, 0, sizeof host);
    host.engine = shop_engine(program);
    host.session = open_session(host.engine, "system");
    test_function(&host);
    test_delivery(&host);
    CHECK(host.destroyed == 4);
    leat_engine_free(host.engine);
    CHECK(host.destroyed == 4);
    leat_session_free(host.session);
    CHECK(host.destroyed == 6);
    leat_program_free(program);
    return 0;
}
