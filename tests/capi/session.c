/* The convenient door: commands, refusals, versions, batches and reads. */
#include "capi_test.h"

static void test_life(leat_session *session) {
    leat_outcome *outcome = NULL;
    leat_error *error = NULL;
    leat_text *text = NULL;
    char key[32];
    int64_t version;
    make_order(session, "bolts", "12.50", key);
    CHECK(strcmp(key, "SO-0001") == 0);
    OK(leat_session_show(&text, session, S("order"), S(key), &error));
    CHECK(holds(leat_text_str(text), "\"total\":25") && holds(leat_text_str(text), "\"status\":\"open\""));
    leat_text_free(text);

    OK(leat_session_patch(&outcome, session, S("order"), S(key), S("{\"due_on\":\"2026-12-01\"}"), 0, &error));
    CHECK(!leat_outcome_refused(outcome) && same(leat_outcome_entity(outcome), "order") &&
          same(leat_outcome_key(outcome), key));
    version = leat_outcome_version(outcome);
    CHECK(version > 0 && leat_outcome_sequence(outcome) == version && holds(leat_outcome_json(outcome), "2026-12-01"));
    leat_outcome_free(outcome);
    FAILS(leat_session_patch(&outcome, session, S("order"), S(key), S("{\"due_on\":null}"), version - 1, &error),
          LEAT_E_CONFLICT, "record.version");
    CHECK(outcome == NULL);
    OK(leat_session_send(&outcome, session, S("order"), S(key), S("confirm"), S(""), version, &error));
    CHECK(!leat_outcome_refused(outcome) && holds(leat_outcome_json(outcome), "\"order_flow\":\"confirmed\""));
    leat_outcome_free(outcome);
    OK(leat_session_send(&outcome, session, S("order"), S(key), S("order_flow.pay"), S("{\"amount\":25}"), 0, &error));
    CHECK(!leat_outcome_refused(outcome) && holds(leat_outcome_json(outcome), "\"order_flow\":\"done\""));
    leat_outcome_free(outcome);
    OK(leat_session_why(&text, session, S("order"), S(key), S("confirm"), &error));
    CHECK(holds(leat_text_str(text), "\"possible\":false"));
    leat_text_free(text);
    OK(leat_session_diagram(&text, session, S("order"), S(key), S(""), LEAT_DIAGRAM_MERMAID, NULL, &error));
    CHECK(holds(leat_text_str(text), "class done active"));
    leat_text_free(text);
    FAILS(leat_session_diagram(&text, session, S("order"), S(key), S("other"), LEAT_DIAGRAM_DOT, NULL, &error),
          LEAT_E_NOT_FOUND, "flow.unknown");
    CHECK(text == NULL);
    OK(leat_session_log(&text, session, S("order"), S(key), 0, 0, &error));
    CHECK(holds(leat_text_str(text), "\"operation\":\"create\""));
    leat_text_free(text);
    OK(leat_session_report(&text, session, S("by_status"), S(""), &error));
    CHECK(holds(leat_text_str(text), "done"));
    leat_text_free(text);
}

static void test_form(leat_session *session) {
    leat_outcome *outcome = NULL;
    leat_error *error = NULL;
    leat_text *form = NULL, *input = NULL, *errors = NULL;
    char key[32];
    make_order(session, "nuts", "2.50", key);
    leat_form_options wanted = {0};
    wanted.struct_size = sizeof wanted;
    OK(leat_session_form(&form, session, S("order"), S(key), &wanted, &error));
    CHECK(holds(leat_text_str(form), "\"mode\":\"edit\"") && holds(leat_text_str(form), "\"total\":\"5.00\""));
    CHECK(holds(leat_text_str(form), "\"price\":\"2.50\""));
    OK(leat_form_input(&input, leat_text_str(form), S("{\"name\":\"screws\",\"ratio\":\"1.0000\",\"total\":\"9\"}"),
                       &error));
    CHECK(holds(leat_text_str(input), "\"name\":\"screws\"") && !holds(leat_text_str(input), "ratio") &&
          !holds(leat_text_str(input), "total"));
    leat_text_free(input);
    leat_text_free(form);
    wanted.event = S("pay");
    OK(leat_session_form(&form, session, S("order"), S(key), &wanted, &error));
    CHECK(holds(leat_text_str(form), "\"required\":[\"amount\"]"));
    OK(leat_form_input(&input, leat_text_str(form), S("{\"event\":{\"amount\":\"1\"}}"), &error));
    CHECK(holds(leat_text_str(input), "{\"record\":{},\"event\":{\"amount\":\"1\"}}"));
    leat_text_free(input);
    leat_text_free(form);
    FAILS(leat_session_form(&form, session, S("order"), S(""), &wanted, &error), LEAT_E_USAGE, "form.event");
    wanted.role = S("clerk");
    FAILS(leat_session_form(&form, session, S("order"), S(key), &wanted, &error), LEAT_E_USAGE, "form.role");
    FAILS(leat_session_form(&form, session, S("order"), S("SO-9999"), NULL, &error), LEAT_E_NOT_FOUND,
          "record.not_found");
    CHECK(form == NULL);
    OK(leat_session_form(&form, session, S("order"), S(""), NULL, &error));
    CHECK(holds(leat_text_str(form), "\"mode\":\"create\"") && holds(leat_text_str(form), "\"urgent\":false"));
    leat_text_free(form);

    OK(leat_session_create(&outcome, session, S("order"),
                           S("{\"name\":\"n\",\"lines\":[{\"product\":\"a\",\"quantity\":1,\"price\":1},{\"product\":"
                             "\"b\",\"price\":1}]}"),
                           &error));
    CHECK(leat_outcome_refused(outcome) && same(leat_outcome_refusal_field(outcome, 0, 0), "quantity"));
    CHECK(leat_outcome_refusal_pointer_count(outcome, 0) == 1 &&
          same(leat_outcome_refusal_pointer(outcome, 0, 0), "/lines/1/quantity"));
    CHECK(leat_outcome_refusal_pointer(outcome, 0, 1).size == 0 && leat_outcome_refusal_pointer_count(outcome, 1) == 0);
    CHECK(holds(leat_outcome_json(outcome), "\"pointers\":[\"/lines/1/quantity\"]"));
    OK(leat_form_errors(&errors, leat_outcome_json(outcome), &error));
    CHECK(holds(leat_text_str(errors), "{\"lines\":{\"1\":{\"quantity\":{\"__errors\":["));
    leat_text_free(errors);
    leat_outcome_free(outcome);
    CHECK(leat_session_create(&outcome, session, S("order"), S("{\"lines\":[{\"quantity\":\"x\"}]}"), &error) ==
          LEAT_E_USAGE);
    CHECK(holds(leat_error_message(error), "/lines/0/quantity: "));
    leat_error_free(error);
}

static void test_refused(leat_session *session) {
    leat_outcome *outcome = NULL;
    leat_error *error = NULL;
    OK(leat_session_create(&outcome, session, S("order"), S("{\"name\":\"empty\"}"), &error));
    char key[32];
    snprintf(key, sizeof key, "%s", leat_outcome_key(outcome).data);
    leat_outcome_free(outcome);
    OK(leat_session_set_language(session, S("zh"), &error));
    OK(leat_session_send(&outcome, session, S("order"), S(key), S("confirm"), S(""), 0, &error));
    CHECK(leat_outcome_refused(outcome) && leat_outcome_sequence(outcome) == 0 &&
          leat_outcome_refusal_count(outcome) == 1);
    CHECK(same(leat_outcome_refusal_code(outcome, 0), "criteria.exit"));
    CHECK(same(leat_outcome_refusal_at(outcome, 0), "order_flow.open.exit_criteria[1]"));
    CHECK(same(leat_outcome_refusal_message(outcome, 0), "订单没有明细"));
    CHECK(leat_outcome_refusal_field_count(outcome, 0) == 1 &&
          same(leat_outcome_refusal_field(outcome, 0, 0), "lines"));
    CHECK(leat_outcome_refusal_field(outcome, 0, 9).size == 0 && leat_outcome_refusal_code(outcome, 9).size == 0);
    leat_outcome_free(outcome);
    OK(leat_session_set_language(session, S(""), &error));
    OK(leat_session_create(&outcome, session, S("order"), S(""), &error));
    CHECK(leat_outcome_refused(outcome));
    leat_outcome_free(outcome);
}

static void test_failed(leat_engine *engine, leat_session *session) {
    leat_outcome *outcome = NULL;
    leat_error *error = NULL;
    leat_text *text = NULL;
    leat_session *other = NULL;
    int64_t id = 7;
    FAILS(leat_session_show(&text, session, S("order"), S("SO-9999"), &error), LEAT_E_NOT_FOUND, "record.not_found");
    FAILS(leat_session_show(&text, session, S("ordr"), S("SO-0001"), &error), LEAT_E_NOT_FOUND, "entity.unknown");
    FAILS(leat_session_create(&outcome, session, S("order"), S("{\"name\":"), &error), LEAT_E_USAGE, "json.syntax");
    FAILS(leat_session_create(&outcome, session, S(""), S(""), &error), LEAT_E_USAGE, "usage.empty");
    FAILS(leat_session_create(&outcome, NULL, S("order"), S(""), &error), LEAT_E_USAGE, "usage.null");
    FAILS(leat_session_patch(&outcome, session, S("order"), S("SO-0001"), S(""), -1, &error), LEAT_E_USAGE,
          "usage.version");
    FAILS(leat_session_list(&text, session, S("order"), S(""), 0, -1, &error), LEAT_E_USAGE, "usage.limit");
    CHECK(leat_session_list(&text, session, S("order"), S("nme = 1"), 0, 0, &error) == LEAT_E_USAGE &&
          leat_error_diagnostic_count(error) == 1);
    leat_error_free(error);
    error = NULL;
    FAILS(leat_session_open(&other, engine, S("nobody"), &error), LEAT_E_NOT_FOUND, "actor.unknown");
    FAILS(leat_session_id_of(&id, session, S("order"), S("SO-9999"), &error), LEAT_E_NOT_FOUND, "record.not_found");
    CHECK(id == 0);
}

static void test_batch(leat_session *session) {
    leat_error *error = NULL;
    leat_text *text = NULL;
    char key[32];
    OK(leat_batch_begin(session, &error));
    make_order(session, "undone", "1", key);
    OK(leat_batch_rollback(session, &error));
    FAILS(leat_session_show(&text, session, S("order"), S(key), &error), LEAT_E_NOT_FOUND, "record.not_found");
    OK(leat_batch_begin(session, &error));
    make_order(session, "kept", "1", key);
    OK(leat_batch_commit(session, &error));
    OK(leat_session_show(&text, session, S("order"), S(key), &error));
    leat_text_free(text);
    CHECK(leat_batch_commit(session, &error) == LEAT_E_USAGE);
    leat_error_free(error);
}

static void test_reads(leat_session *session) {
    leat_error *error = NULL;
    leat_text *text = NULL;
    OK(leat_session_list(&text, session, S("order"), S("name = \"kept\""), 0, 1, &error));
    CHECK(holds(leat_text_str(text), "\"kept\"") && holds(leat_text_str(text), "\"next\":null"));
    leat_text_free(text);
    OK(leat_session_tasks(&text, session, true, 0, &error));
    leat_text_free(text);
    OK(leat_session_slas(&text, session, &error));
    leat_text_free(text);
    OK(leat_session_sla_report(&text, session, S("2026-01-01"), S(""), S("month"), &error));
    CHECK(holds(leat_text_str(text), "\"periods\":["));
    leat_text_free(text);
    FAILS(leat_session_sla_report(&text, session, S("soon"), S(""), S(""), &error), LEAT_E_USAGE, "sla.period");
    OK(leat_session_outbox(&text, session, S(""), 0, &error));
    CHECK(holds(leat_text_str(text), "carrier.book"));
    leat_text_free(text);
    OK(leat_session_incidents(&text, session, true, 0, &error));
    leat_text_free(text);
    OK(leat_session_settings(&text, session, &error));
    CHECK(holds(leat_text_str(text), "free_limit"));
    leat_text_free(text);
    CHECK(same(leat_session_actor(session), "system"));
}

static void test_approval(leat_session *session) {
    leat_outcome *outcome = NULL;
    leat_error *error = NULL;
    leat_text *text = NULL;
    char key[32];
    const char *task;
    OK(leat_session_create(&outcome, session, S("user"), S("{\"key\":\"bo\",\"name\":\"Bo\",\"roles\":[\"boss\"]}"),
                           &error));
    CHECK(!leat_outcome_refused(outcome));
    leat_outcome_free(outcome);
    make_order(session, "dear", "900", key);
    OK(leat_session_send(&outcome, session, S("order"), S(key), S("confirm"), S(""), 0, &error));
    CHECK(!leat_outcome_refused(outcome) && holds(leat_outcome_json(outcome), "approval"));
    leat_outcome_free(outcome);
    OK(leat_session_tasks(&text, session, true, 0, &error));
    task = strstr(leat_text_str(text).data, "\"task\":");
    CHECK(task != NULL);
    OK(leat_session_complete_task(&outcome, session, atoll(task + 7), S("approve"), S("fine"), S(""), &error));
    leat_text_free(text);
    CHECK(!leat_outcome_refused(outcome) && holds(leat_outcome_json(outcome), "confirmed"));
    leat_outcome_free(outcome);
    OK(leat_session_change_setting(&outcome, session, S("free_limit"), S(""), S("5000"), &error));
    CHECK(!leat_outcome_refused(outcome));
    leat_outcome_free(outcome);
    make_order(session, "dear too", "900", key);
    OK(leat_session_send(&outcome, session, S("order"), S(key), S("confirm"), S(""), 0, &error));
    CHECK(holds(leat_outcome_json(outcome), "confirmed"));
    leat_outcome_free(outcome);
    make_order(session, "gone", "1", key);
    OK(leat_session_delete(&outcome, session, S("order"), S(key), 0, &error));
    CHECK(!leat_outcome_refused(outcome));
    leat_outcome_free(outcome);
    FAILS(leat_session_show(&text, session, S("order"), S(key), &error), LEAT_E_NOT_FOUND, "record.not_found");
}

/* After test_approval, which makes the user bo. */
static void test_rights(leat_engine *engine, leat_session *session) {
    leat_outcome *outcome = NULL;
    leat_error *error = NULL;
    leat_text *text = NULL;
    leat_session *other = NULL;
    OK(leat_session_query(&text, session, S("order"),
                          S("{\"where\":\"total > 0\",\"sort\":[\"-total\"],\"fields\":[\"name\"],\"limit\":1}"),
                          &error));
    CHECK(holds(leat_text_str(text), "{\"records\":[{\"id\":") && holds(leat_text_str(text), "\"next\":"));
    leat_text_free(text);
    OK(leat_session_query(&text, session, S("order"), S("{\"search\":\"OLT\"}"), &error));
    CHECK(holds(leat_text_str(text), "bolts"));
    leat_text_free(text);
    OK(leat_session_query(&text, session, S("order"), S("{\"group\":[\"status\"],\"measures\":{\"n\":\"count\"}}"),
                          &error));
    CHECK(holds(leat_text_str(text), "\"status\":\"done\",\"n\":"));
    leat_text_free(text);
    FAILS(leat_session_query(&text, session, S("order"), S("{\"sort\":[\"nam\"]}"), &error), LEAT_E_USAGE,
          "query.field");
    OK(leat_session_view(&text, session, S("order"), S("SO-0001"), 0, &error));
    CHECK(holds(leat_text_str(text), "\"timeline\":[{\"what\":\"change\""));
    leat_text_free(text);
    OK(leat_session_explain_sql(&text, session, S("order"), S("total > 5"), &error));
    CHECK(holds(leat_text_str(text), "\"compiled\":true"));
    leat_text_free(text);
    OK(leat_session_create(&outcome, session, S("user"), S("{\"key\":\"cy\",\"name\":\"Cy\",\"roles\":[]}"), &error));
    leat_outcome_free(outcome);
    OK(leat_session_may(&text, session, S("cy"), S("read"), S("order"), S("SO-0001"), S(""), &error));
    CHECK(holds(leat_text_str(text), "\"may\":false"));
    leat_text_free(text);
    OK(leat_session_share(&outcome, session, S("order"), S("SO-0001"), S("user:cy"), S("read"), &error));
    CHECK(leat_outcome_sequence(outcome) > 0);
    leat_outcome_free(outcome);
    OK(leat_session_may(&text, session, S("cy"), S("read"), S("order"), S("SO-0001"), S("name"), &error));
    CHECK(holds(leat_text_str(text), "\"share\":\"user:cy\""));
    leat_text_free(text);
    OK(leat_session_who_may(&text, session, S("read"), S("order"), S("SO-0001"), S(""), &error));
    CHECK(holds(leat_text_str(text), "\"user\":\"bo\"") && holds(leat_text_str(text), "\"user\":\"cy\""));
    leat_text_free(text);
    FAILS(leat_session_open_as(&other, engine, S("cy"), S("bo"), &error), LEAT_E_USAGE, "access.impersonate");
    CHECK(other == NULL);
    OK(leat_session_open_as(&other, engine, S("bo"), S("cy"), &error));
    CHECK(same(leat_session_actor(other), "cy"));
    OK(leat_session_show(&text, other, S("order"), S("SO-0001"), &error));
    leat_text_free(text);
    FAILS(leat_session_show(&text, other, S("order"), S("SO-0002"), &error), LEAT_E_NOT_FOUND, "record.not_found");
    leat_session_free(other);
}

/* Out of order, with a reason: suspend, resume, jump, and finding what stands still. */
static void test_administer(leat_engine *engine, leat_session *session) {
    leat_outcome *outcome = NULL;
    leat_error *error = NULL;
    leat_text *text = NULL;
    leat_session *bo = NULL;
    char key[32];
    make_order(session, "held", "1", key);
    FAILS(leat_session_suspend(&outcome, session, S("order"), S(key), S(" "), &error), LEAT_E_USAGE, "admin.reason");
    OK(leat_session_open(&bo, engine, S("bo"), &error));
    OK(leat_session_suspend(&outcome, bo, S("order"), S(key), S("just so"), &error));
    CHECK(leat_outcome_refused(outcome) && same(leat_outcome_refusal_code(outcome, 0), "access.admin"));
    leat_outcome_free(outcome);
    OK(leat_session_stuck(&text, session, 0, &error));
    CHECK(!holds(leat_text_str(text), "\"suspended\""));
    leat_text_free(text);

    OK(leat_session_suspend(&outcome, session, S("order"), S(key), S("客户要求暂停"), &error));
    CHECK(!leat_outcome_refused(outcome) && leat_outcome_sequence(outcome) > 0);
    leat_outcome_free(outcome);
    OK(leat_session_send(&outcome, session, S("order"), S(key), S("tick"), S(""), 0, &error));
    CHECK(leat_outcome_refused(outcome) && same(leat_outcome_refusal_code(outcome, 0), "record.suspended") &&
          holds(leat_outcome_refusal_message(outcome, 0), "客户要求暂停"));
    leat_outcome_free(outcome);
    OK(leat_session_suspend(&outcome, session, S("order"), S(key), S("again"), &error));
    CHECK(leat_outcome_refused(outcome) && same(leat_outcome_refusal_code(outcome, 0), "record.suspended"));
    leat_outcome_free(outcome);
    OK(leat_session_jump(&outcome, session, S("order"), S(key), S("order_flow"), S("void"), S("by order"), &error));
    CHECK(leat_outcome_refused(outcome));
    leat_outcome_free(outcome);
    OK(leat_session_stuck(&text, session, 10, &error));
    CHECK(holds(leat_text_str(text), key) && holds(leat_text_str(text), "\"reason\":\"suspended\"") &&
          holds(leat_text_str(text), "客户要求暂停"));
    leat_text_free(text);

    OK(leat_session_resume(&outcome, session, S("order"), S(key), S("settled"), &error));
    CHECK(!leat_outcome_refused(outcome));
    leat_outcome_free(outcome);
    OK(leat_session_resume(&outcome, session, S("order"), S(key), S("settled"), &error));
    CHECK(leat_outcome_refused(outcome) && same(leat_outcome_refusal_code(outcome, 0), "record.not_suspended"));
    leat_outcome_free(outcome);
    FAILS(leat_session_jump(&outcome, session, S("order"), S(key), S("order_flow"), S("voit"), S("x"), &error),
          LEAT_E_NOT_FOUND, "state.unknown");
    FAILS(leat_session_jump(&outcome, session, S("order"), S(key), S("no_flow"), S("void"), S("x"), &error),
          LEAT_E_NOT_FOUND, "flow.unknown");
    FAILS(leat_session_jump(&outcome, session, S("order"), S("SO-9999"), S("order_flow"), S("void"), S("x"), &error),
          LEAT_E_NOT_FOUND, "record.not_found");
    FAILS(leat_session_jump(&outcome, session, S("order"), S(key), S("order_flow"), S("void"), S(""), &error),
          LEAT_E_USAGE, "admin.reason");
    OK(leat_session_jump(&outcome, session, S("order"), S(key), S("order_flow"), S("void"), S("客户已撤单"), &error));
    CHECK(!leat_outcome_refused(outcome) && holds(leat_outcome_json(outcome), "\"order_flow\":\"void\""));
    leat_outcome_free(outcome);
    OK(leat_session_log(&text, session, S("order"), S(key), 0, 0, &error));
    CHECK(holds(leat_text_str(text), "客户已撤单") && holds(leat_text_str(text), "\"do\":\"jump\""));
    leat_text_free(text);
    leat_session_free(bo);
}

int main(void) {
    leat_program *program = shop();
    leat_engine *engine = shop_engine(program);
    leat_session *session = open_session(engine, "system");
    leat_program_free(program);
    test_life(session);
    test_refused(session);
    test_failed(engine, session);
    test_batch(session);
    test_reads(session);
    test_approval(session);
    test_rights(engine, session);
    test_administer(engine, session);
    test_form(session);
    leat_engine_free(engine); /* before its session: it goes with it */
    test_batch(session);
    leat_session_free(session);
    leat_session_free(NULL);
    leat_engine_free(NULL);
    leat_outcome_free(NULL);
    leat_text_free(NULL);
    return 0;
}
