/* What hosts compiled against 0.1 rely on: values of constants, layout of frozen structs, places of fields in growing
 * ones (their size may only grow). Before 1.0 a change here is allowed with a new soname; afterwards this file is never
 * edited. */
#include <leat/leat.h>

#define FROZEN(name, condition) typedef char frozen_##name[(condition) ? 1 : -1]
#define VALUE(constant, value) typedef char frozen_##constant[(constant) == (value) ? 1 : -1]
#define PLACE(type, field, at) FROZEN(type##_##field, offsetof(type, field) == (at))

VALUE(LEAT_OK, 0);
VALUE(LEAT_E_USAGE, -1);
VALUE(LEAT_E_PROGRAM, -2);
VALUE(LEAT_E_NOT_FOUND, -3);
VALUE(LEAT_E_CONFLICT, -4);
VALUE(LEAT_E_STORE, -5);
VALUE(LEAT_E_LIMIT, -6);
VALUE(LEAT_E_HOST, -7);
VALUE(LEAT_E_MEMORY, -8);
VALUE(LEAT_E_INTERNAL, -9);
VALUE(LEAT_SEVERITY_ERROR, 0);
VALUE(LEAT_SEVERITY_WARNING, 1);
VALUE(LEAT_SEVERITY_NOTE, 2);
VALUE(LEAT_PROGRAM_STRICT, 1);
VALUE(LEAT_FORMAT_CSV, 1);
VALUE(LEAT_DIAGRAM_MERMAID, 1);
VALUE(LEAT_DIAGRAM_DOT, 2);
VALUE(LEAT_DIAGRAM_SVG, 3);
VALUE(LEAT_DIAGRAM_LEFT_TO_RIGHT, 1);
VALUE(LEAT_DIAGRAM_NO_GUARDS, 2);
VALUE(LEAT_FORMAT_JSON_LINES, 2);
VALUE(LEAT_ENGINE_READ_ONLY, 1);
VALUE(LEAT_ENGINE_FULL_DURABILITY, 2);
VALUE(LEAT_ENGINE_NO_DEPLOY, 4);
VALUE(LEAT_ENGINE_NO_CREATE, 8);
FROZEN(never, LEAT_NEVER == INT64_MAX);
FROZEN(none, LEAT_NONE == UINT32_MAX);
FROZEN(no_event, LEAT_NO_EVENT == UINT64_MAX);
VALUE(LEAT_SEND_JSON, 1);
VALUE(LEAT_TRUTH_NO, 0);
VALUE(LEAT_TRUTH_YES, 1);
VALUE(LEAT_TRUTH_NULL, 2);
VALUE(LEAT_KIND_NULL, 0);
VALUE(LEAT_KIND_BOOLEAN, 1);
VALUE(LEAT_KIND_NUMBER, 2);
VALUE(LEAT_KIND_STRING, 3);
VALUE(LEAT_KIND_DATE, 4);
VALUE(LEAT_KIND_TIME, 5);
VALUE(LEAT_KIND_DATE_TIME, 6);
VALUE(LEAT_KIND_DAYS_DURATION, 7);
VALUE(LEAT_KIND_MONTHS_DURATION, 8);
VALUE(LEAT_KIND_LIST, 9);
VALUE(LEAT_KIND_RECORD, 13);
VALUE(LEAT_DECIDE_EXPLAIN, 1);
VALUE(LEAT_DECIDE_NEAREST, 2);
VALUE(LEAT_COLUMN_VALUES, 255);

FROZEN(status, sizeof(leat_status) == 4);
FROZEN(str, sizeof(leat_str) == 2 * sizeof(void *));
PLACE(leat_str, data, 0);
FROZEN(source, sizeof(leat_source) == 4 * sizeof(void *));
PLACE(leat_source, text, 2 * sizeof(void *));
FROZEN(value, sizeof(leat_value) == 24);
PLACE(leat_value, kind, 0);
PLACE(leat_value, scale, 2);
PLACE(leat_value, size, 4);
PLACE(leat_value, as, 8);
FROZEN(column, sizeof(leat_column) == 32);
PLACE(leat_column, kind, 0);
PLACE(leat_column, scale, 2);
PLACE(leat_column, values, 8);
PLACE(leat_column, offsets, 16);
PLACE(leat_column, valid, 24);

FROZEN(clock, sizeof(leat_clock) >= 32);
PLACE(leat_clock, now_us, 8);
PLACE(leat_clock, user_data, 16);
PLACE(leat_clock, destroy, 24);
FROZEN(random, sizeof(leat_random) >= 32);
PLACE(leat_random, fill, 8);
PLACE(leat_random, user_data, 16);
PLACE(leat_random, destroy, 24);
FROZEN(program_options, sizeof(leat_program_options) >= 56);
PLACE(leat_program_options, flags, 8);
PLACE(leat_program_options, read_file, 16);
PLACE(leat_program_options, user_data, 24);
PLACE(leat_program_options, destroy, 32);
PLACE(leat_program_options, source_bytes_max, 40);
PLACE(leat_program_options, depth_max, 48);
FROZEN(engine_options, sizeof(leat_engine_options) >= 144);
PLACE(leat_engine_options, flags, 8);
PLACE(leat_engine_options, store_path, 16);
PLACE(leat_engine_options, joined_sqlite3, 32);
PLACE(leat_engine_options, clock, 40);
PLACE(leat_engine_options, random, 48);
PLACE(leat_engine_options, language, 56);
PLACE(leat_engine_options, busy_timeout_ms, 72);
PLACE(leat_engine_options, eval_steps_max, 80);
PLACE(leat_engine_options, records_max, 88);
PLACE(leat_engine_options, microsteps_max, 96);
PLACE(leat_engine_options, rounds_max, 104);
PLACE(leat_engine_options, memory_bytes_max, 112);
PLACE(leat_engine_options, depth_max, 120);
PLACE(leat_engine_options, input_bytes_max, 128);
PLACE(leat_engine_options, list_items_max, 136);
FROZEN(decide_options, sizeof(leat_decide_options) >= 48);
PLACE(leat_decide_options, flags, 8);
PLACE(leat_decide_options, as_of, 16);
PLACE(leat_decide_options, nearest_max, 32);
PLACE(leat_decide_options, eval_steps_max, 40);
FROZEN(diagram_options, sizeof(leat_diagram_options) >= 32);
PLACE(leat_diagram_options, flags, 8);
PLACE(leat_diagram_options, language, 16);
FROZEN(form_options, sizeof(leat_form_options) >= 88);
PLACE(leat_form_options, flags, 8);
PLACE(leat_form_options, language, 16);
PLACE(leat_form_options, event, 32);
PLACE(leat_form_options, role, 48);
PLACE(leat_form_options, state, 64);
PLACE(leat_form_options, choices_max, 80);
FROZEN(due_counts, sizeof(leat_due_counts) >= 56);
PLACE(leat_due_counts, fired, 8);
PLACE(leat_due_counts, stale, 16);
PLACE(leat_due_counts, incidents, 24);
PLACE(leat_due_counts, expired, 32);
PLACE(leat_due_counts, lateness_us_max, 40);
PLACE(leat_due_counts, more, 48);
FROZEN(delivery_counts, sizeof(leat_delivery_counts) >= 40);
PLACE(leat_delivery_counts, done, 8);
PLACE(leat_delivery_counts, failed, 16);
PLACE(leat_delivery_counts, unknown, 24);
PLACE(leat_delivery_counts, more, 32);

int main(void) {
    return leat_version_number() >= 100 ? 0 : 1;
}
