/* The fast door: ids, values, reusable outcomes, field reads, bound guards. */
#include "capi_test.h"

static void test_ids(const leat_program *program) {
    uint32_t order = leat_entity_id(program, S("order"));
    uint64_t pay = leat_event_id(program, order, S("pay"));
    CHECK(order != LEAT_NONE && leat_entity_id(program, S("ordr")) == LEAT_NONE &&
          leat_entity_id(NULL, S("order")) == LEAT_NONE);
    CHECK(leat_field_id(program, order, S("total")) != LEAT_NONE &&
          leat_field_id(program, order, S("status")) != LEAT_NONE);
    CHECK(leat_field_id(program, order, S("ttal")) == LEAT_NONE &&
          leat_field_id(program, 9999, S("total")) == LEAT_NONE);
    CHECK(pay != LEAT_NO_EVENT && pay == leat_event_id(program, order, S("order_flow.pay")));
    CHECK(leat_event_id(program, order, S("other_flow.pay")) == LEAT_NO_EVENT &&
          leat_event_id(program, order, S("py")) == LEAT_NO_EVENT);
    CHECK(leat_event_payload_count(program, pay) == 2 && leat_event_payload_index(program, pay, S("amount")) == 0);
    CHECK(leat_event_payload_index(program, pay, S("amnt")) == LEAT_NONE &&
          leat_event_payload_count(program, LEAT_NO_EVENT) == 0);
}

static void test_send(const leat_program *program, leat_session *session) {
    leat_error *error = NULL;
    leat_outcome *outcome = NULL;
    leat_value payload[2], values[3], bad;
    uint32_t order = leat_entity_id(program, S("order")), fields[3];
    uint64_t confirm = leat_event_id(program, order, S("confirm")), pay = leat_event_id(program, order, S("pay"));
    int64_t id, version = 0, found = 0;
    char key[32];
    id = make_order(session, "bolts", "10", key);
    OK(leat_session_id_of(&found, session, S("order"), S(key), &error));
    CHECK(found == id);
    OK(leat_outcome_new(&outcome, &error));
    CHECK(!leat_outcome_refused(outcome) && leat_outcome_json(outcome).size == 0);
    OK(leat_session_send_event(outcome, session, order, id, confirm, NULL, 0, 0, 0, &error));
    CHECK(!leat_outcome_refused(outcome) && leat_outcome_version(outcome) > 0 && leat_outcome_json(outcome).size == 0);

    payload[0] = leat_value_decimal(1999, 2);
    payload[1] = leat_value_null();
    OK(leat_session_send_event(outcome, session, order, id, pay, payload, 2, 0, LEAT_SEND_JSON, &error));
    CHECK(leat_outcome_refused(outcome) && same(leat_outcome_refusal_code(outcome, 0), "guard.none"));
    CHECK(holds(leat_outcome_json(outcome), "\"refused\":true"));
    FAILS(leat_session_send_event(outcome, session, order, id, pay, payload, 1, 0, 0, &error), LEAT_E_USAGE,
          "usage.payload");
    FAILS(leat_session_send_event(outcome, session, order, id, pay, NULL, 2, 0, 0, &error), LEAT_E_USAGE, "usage.null");
    FAILS(leat_session_send_event(outcome, session, order, id, 77, payload, 2, 0, 0, &error), LEAT_E_USAGE,
          "usage.event");
    FAILS(leat_session_send_event(outcome, session, 77, id, pay, payload, 2, 0, 0, &error), LEAT_E_USAGE,
          "usage.entity");
    FAILS(leat_session_send_event(outcome, session, order, 777, pay, payload, 2, 0, 0, &error), LEAT_E_NOT_FOUND,
          "record.not_found");
    bad = leat_value_of(99, 0);
    payload[1] = bad;
    FAILS(leat_session_send_event(outcome, session, order, id, pay, payload, 2, 0, 0, &error), LEAT_E_USAGE,
          "value.kind");
    payload[0] = leat_value_integer(20);
    payload[1] = leat_value_string(S("谢谢"));
    OK(leat_session_send_event(outcome, session, order, id, pay, payload, 2, leat_outcome_version(outcome), 0, &error));
    CHECK(!leat_outcome_refused(outcome));

    fields[0] = leat_field_id(program, order, S("total"));
    fields[1] = leat_field_id(program, order, S("status"));
    fields[2] = leat_field_id(program, order, S("due_on"));
    OK(leat_session_read_fields(values, &version, session, order, id, fields, 3, &error));
    CHECK(version == leat_outcome_version(outcome));
    CHECK(values[0].kind == LEAT_KIND_NUMBER && values[0].as.number.high == 0);
    CHECK(values[0].scale == 2 ? values[0].as.number.low == 2000 : values[0].as.number.low == 20);
    CHECK(values[1].kind == LEAT_KIND_STRING && values[1].size == 4 && memcmp(values[1].as.text, "done", 4) == 0);
    CHECK(values[2].kind == LEAT_KIND_NULL);
    fields[0] = 9999;
    FAILS(leat_session_read_fields(values, NULL, session, order, id, fields, 1, &error), LEAT_E_USAGE, "usage.field");
    leat_outcome_free(outcome);
}

static int32_t eval(const leat_program *program, leat_frame *frame, const char *feel) {
    leat_guard *guard = NULL;
    leat_error *error = NULL;
    int32_t truth = -1;
    OK(leat_guard_new(&guard, program, leat_entity_id(program, S("order")), S(feel), &error));
    OK(leat_guard_eval(&truth, guard, frame, &error));
    leat_guard_free(guard);
    return truth;
}

static void test_guards(const leat_program *program) {
    leat_error *error = NULL;
    leat_frame *frame = NULL;
    leat_guard *guard = NULL;
    leat_value value;
    uint32_t order = leat_entity_id(program, S("order"));
    OK(leat_frame_new(&frame, program, order, &error));
    CHECK(eval(program, frame, "ratio < 0.95") == LEAT_TRUTH_NULL && holds(leat_frame_null_reason(frame), "ratio"));
    value = leat_value_decimal(94999, 5);
    OK(leat_frame_set(frame, leat_field_id(program, order, S("ratio")), &value, &error));
    CHECK(eval(program, frame, "ratio < 0.95") == LEAT_TRUTH_YES &&
          eval(program, frame, "ratio >= 0.95") == LEAT_TRUTH_NO);
    CHECK(leat_frame_null_reason(frame).size == 0);
    value = leat_value_string(S("螺栓"));
    OK(leat_frame_set(frame, leat_field_id(program, order, S("name")), &value, &error));
    CHECK(eval(program, frame, "name = \"螺栓\" and string length(name) = 2") == LEAT_TRUTH_YES);
    value = leat_value_date(20000);
    OK(leat_frame_set(frame, leat_field_id(program, order, S("due_on")), &value, &error));
    CHECK(eval(program, frame, "due_on = @\"2024-10-04\"") == LEAT_TRUTH_YES);
    value = leat_value_instant(1728000000LL * 1000000, S("Asia/Shanghai"));
    OK(leat_frame_set(frame, leat_field_id(program, order, S("call_at")), &value, &error));
    CHECK(eval(program, frame, "call_at = @\"2024-10-04T08:00:00@Asia/Shanghai\"") == LEAT_TRUTH_YES);
    value = leat_value_days_duration(-1500000);
    OK(leat_frame_set(frame, leat_field_id(program, order, S("grace")), &value, &error));
    value = leat_value_instant(0, S("Mars/Olympus"));
    FAILS(leat_frame_set(frame, leat_field_id(program, order, S("call_at")), &value, &error), LEAT_E_USAGE,
          "value.zone");
    value = leat_value_time(-1);
    FAILS(leat_frame_set(frame, leat_field_id(program, order, S("call_at")), &value, &error), LEAT_E_USAGE,
          "value.time");
    value = leat_value_decimal(1, 30000);
    FAILS(leat_frame_set(frame, leat_field_id(program, order, S("ratio")), &value, &error), LEAT_E_USAGE,
          "value.number");
    FAILS(leat_frame_set(frame, 9999, &value, &error), LEAT_E_USAGE, "usage.field");
    CHECK(leat_guard_new(&guard, program, order, S("rato < 1"), &error) == LEAT_E_PROGRAM && guard == NULL);
    CHECK(holds(leat_error_text(error), "<guard>:1:1") && holds(leat_error_text(error), "ratio"));
    leat_error_free(error);
    error = NULL;
    FAILS(leat_guard_new(&guard, program, order, S("total > settings.free_limit"), &error), LEAT_E_PROGRAM,
          "guard.unbound");
    FAILS(leat_guard_new(&guard, program, order, S("due_on < today()"), &error), LEAT_E_PROGRAM, "guard.unbound");
    FAILS(leat_guard_new(&guard, program, order, S("count(records.order) > 1"), &error), LEAT_E_PROGRAM,
          "guard.unbound");
    FAILS(leat_guard_new(&guard, program, order, S("under(this, this)"), &error), LEAT_E_PROGRAM, "guard.unbound");
    FAILS(leat_guard_new(&guard, program, 9999, S("true"), &error), LEAT_E_USAGE, "usage.entity");
    leat_frame_free(frame);
    leat_frame_free(NULL);
    leat_guard_free(NULL);
}

int main(void) {
    leat_program *program = shop();
    leat_engine *engine = shop_engine(program);
    leat_session *session = open_session(engine, "system");
    test_ids(program);
    test_send(program, session);
    test_guards(program);
    leat_session_free(session);
    leat_engine_free(engine);
    leat_program_free(program);
    return 0;
}
