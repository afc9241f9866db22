/* leat.h: Leat, an embeddable engine for business processes. This header is the whole contract.
 *
 * Rules that hold for every function, so that they are said once:
 *
 * - Results come first (`T **out` is given to the caller and NULL after a failure; free it with leat_T_free, which
 *   accepts NULL). A returned pointer or leat_str is lent: it lives until its parent changes or is freed.
 * - Fallible functions return leat_status (0 is success, failures are negative, the set may grow) and take
 *   `leat_error **error` last. It may be NULL; else it is set to NULL on success and to an owned error on failure.
 * - A command that a guard, a rule, an access right or a missing approval refuses has NOT failed: the call succeeds and
 *   the outcome says that it was refused, and why.
 * - Text is UTF-8 with a size and need not end in NUL. Text that the library lends does end in NUL, as a courtesy.
 *   {NULL, 0} is the empty text. JSON numbers are decimals and are never read as binary floating point; put long ones
 *   in quotes if a tool on the way would round them. Instants in JSON are "2026-11-21T08:00:00.000000Z".
 * - Threads: an argument that is const may be shared between threads; one that is not const belongs to one thread at a
 *   time. The two exceptions say so: leat_session_open and leat_session_interrupt. The library starts no threads.
 * - Callbacks come with `user_data` and `destroy`, which may be NULL. destroy runs exactly once: when the library has
 * no more use for user_data, or at once when the registration fails. A callback may not use any session or pump of the
 * engine that calls it; doing so answers LEAT_E_USAGE with code "engine.in_callback".
 * - Structs that start with struct_size may grow at their end. Set all of it to zero, then struct_size to the sizeof
 * that you compiled with. Zero in a field always means "the built-in choice". A struct longer than the library knows is
 *   accepted only if its unknown tail is zero. All others (leat_str, leat_source, leat_value) are frozen.
 * - Programs survive fork(); in a child an inherited engine answers LEAT_E_USAGE with code "engine.forked", and freeing
 *   it there releases nothing that belongs to the parent.
 */
#ifndef LEAT_LEAT_H
#define LEAT_LEAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__GNUC__) || defined(__clang__)
#define LEAT_API __attribute__((visibility("default")))
#else
#define LEAT_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Version ---------------------------------------------------------------------------------------------------- */

/* major * 10000 + minor * 100 + patch, of this header. */
#define LEAT_VERSION_NUMBER 100

/* The same of the library that runs. */
LEAT_API uint32_t leat_version_number(void);

/* ---- Types ------------------------------------------------------------------------------------------------------ */

typedef struct leat_program leat_program; /* compiled definitions; immutable, share freely                          */
typedef struct leat_engine leat_engine;   /* one program over one store                                             */
typedef struct leat_session leat_session; /* one actor; one thread at a time                                        */
typedef struct leat_outcome leat_outcome; /* what a command did, or why it was refused                              */
typedef struct leat_text leat_text;       /* an owned text, mostly a JSON answer; immutable                         */
typedef struct leat_error leat_error;     /* an owned failure; immutable, may move between threads                  */
typedef struct leat_diagnostic leat_diagnostic; /* one finding in definitions; lent by an error or a program        */
typedef struct leat_call leat_call;         /* what a callback is asked; lives only while the callback runs           */
typedef struct leat_frame leat_frame;       /* the fields of one record, for bound guards                             */
typedef struct leat_guard leat_guard;       /* a compiled condition; immutable                                        */
typedef struct leat_decision leat_decision; /* a decision of a program, by itself; immutable                    */
typedef struct leat_scratch leat_scratch;   /* memory that decisions use again and again; one thread at a time  */
typedef struct leat_feel leat_feel;         /* a compiled expression over contexts, with memory of its own            */

/* A view of UTF-8 text. Frozen. */
typedef struct leat_str {
    const char *data;
    size_t size;
} leat_str;

/* The view of a text that ends in NUL; NULL gives the empty text. */
static inline leat_str leat_str_of(const char *text) {
    leat_str view;
    view.data = text;
    view.size = text == NULL ? 0 : strlen(text);
    return view;
}

typedef int32_t leat_status;
enum {
    LEAT_OK = 0,
    LEAT_E_USAGE = -1,     /* the caller broke a rule of this page, or an input has the wrong shape                  */
    LEAT_E_PROGRAM = -2,   /* definitions have errors: see the error's diagnostics                                   */
    LEAT_E_NOT_FOUND = -3, /* no such entity, record, report … or the actor may not know of it                       */
    LEAT_E_CONFLICT = -4,  /* somebody else was first: a stale version, a busy file, changed definitions             */
    LEAT_E_STORE = -5,   /* the file: full disk, damage, another application's database …                          */
    LEAT_E_LIMIT = -6,   /* a limit on steps, records, memory, depth or size was met                               */
    LEAT_E_HOST = -7,    /* a callback failed                                                                      */
    LEAT_E_MEMORY = -8,  /* out of memory                                                                          */
    LEAT_E_INTERNAL = -9 /* a fault of the library; please report it with the message                              */
};

/* ---- Owned texts ------------------------------------------------------------------------------------------------ */

LEAT_API leat_str leat_text_str(const leat_text *text); /* lent; empty for NULL */
LEAT_API void leat_text_free(leat_text *text);

/* ---- Errors and diagnostics ------------------------------------------------------------------------------------- */

LEAT_API leat_status leat_error_status(const leat_error *error);
/* Stable and dotted, for programs: "store.busy", "feel.type.mismatch". */
LEAT_API leat_str leat_error_code(const leat_error *error);
/* One sentence for people: the thing, the place, the way out. */
LEAT_API leat_str leat_error_message(const leat_error *error);
/* The message and, below it, every diagnostic as compilers print them: file:line:column, source line, caret, hint. */
LEAT_API leat_str leat_error_text(const leat_error *error);
LEAT_API size_t leat_error_diagnostic_count(const leat_error *error);
/* Lent; NULL when index is out of range. */
LEAT_API const leat_diagnostic *leat_error_diagnostic(const leat_error *error, size_t index);
LEAT_API void leat_error_free(leat_error *error);

enum { LEAT_SEVERITY_ERROR = 0, LEAT_SEVERITY_WARNING = 1, LEAT_SEVERITY_NOTE = 2 };

LEAT_API int32_t leat_diagnostic_severity(const leat_diagnostic *diagnostic);
LEAT_API leat_str leat_diagnostic_code(const leat_diagnostic *diagnostic);
LEAT_API leat_str leat_diagnostic_message(const leat_diagnostic *diagnostic);
LEAT_API leat_str leat_diagnostic_hint(const leat_diagnostic *diagnostic);   /* "did you mean …"; may be empty */
LEAT_API leat_str leat_diagnostic_source(const leat_diagnostic *diagnostic); /* the source's name; may be empty */
/* From 1; 0 when there is no place. Columns count characters (code points). The end is one past the last character. */
LEAT_API uint32_t leat_diagnostic_line(const leat_diagnostic *diagnostic);
LEAT_API uint32_t leat_diagnostic_column(const leat_diagnostic *diagnostic);
LEAT_API uint32_t leat_diagnostic_end_line(const leat_diagnostic *diagnostic);
LEAT_API uint32_t leat_diagnostic_end_column(const leat_diagnostic *diagnostic);
/* As compilers print it, with source line, caret, hint and notes; ends in a line end. */
LEAT_API leat_str leat_diagnostic_text(const leat_diagnostic *diagnostic);

/* ---- Programs: definitions, compiled ---------------------------------------------------------------------------- */

/* One text of YAML definitions and the name that messages call it by. Frozen. */
typedef struct leat_source {
    leat_str name;
    leat_str text;
} leat_source;

/* A callback's body: reads leat_call_*, answers with leat_call_answer, returns LEAT_OK; or returns a failure, better
 * after leat_call_fail has said why. C++ hosts: exceptions must not leave it. */
typedef leat_status (*leat_call_fn)(void *user_data, leat_call *call);

enum { LEAT_PROGRAM_STRICT = 1 }; /* warnings become errors */

typedef struct leat_program_options {
    size_t struct_size;
    uint64_t flags; /* LEAT_PROGRAM_… */
    /* Reads a file that definitions name (include, holidays, a decision's table). leat_call_name is the path as
     * written, leat_call_input the name of the source that names it; the answer is the content; LEAT_E_NOT_FOUND says
     * that there is none. NULL: leat_program_load knows no files, leat_program_load_file reads beside the given file.
     */
    leat_call_fn read_file;
    void *user_data;
    void (*destroy)(void *user_data); /* before the load returns */
    uint64_t source_bytes_max;        /* of one file; 0: 16 MiB  */
    uint64_t depth_max;               /* of nesting; 0: 64       */
} leat_program_options;

/* Compiles definitions from texts, in order, as one program. options may be NULL. Fails with LEAT_E_PROGRAM and all
 * diagnostics at once; warnings of a program that loads are kept with it. */
LEAT_API leat_status leat_program_load(leat_program **out, const leat_source *sources, size_t source_count,
                                       const leat_program_options *options, leat_error **error);
/* The same from a file, or from every *.yaml of a folder in the order of their names. */
LEAT_API leat_status leat_program_load_file(leat_program **out, leat_str path, const leat_program_options *options,
                                            leat_error **error);
/* A program may be freed while engines still use it: they keep what they need. */
LEAT_API void leat_program_free(leat_program *program);

LEAT_API size_t leat_program_warning_count(const leat_program *program);
LEAT_API const leat_diagnostic *leat_program_warning(const leat_program *program,
                                                     size_t index); /* NULL: out of range */
/* All warnings as compilers print them; empty when there are none. */
LEAT_API leat_str leat_program_warnings_text(const leat_program *program);
/* The definition hash (SHA-256 of all sources), 64 hexadecimal digits: what a file says that it runs. */
LEAT_API leat_str leat_program_hash(const leat_program *program);
LEAT_API leat_str leat_program_name(const leat_program *program);    /* `app` */
LEAT_API leat_str leat_program_version(const leat_program *program); /* `version` */
/* What the definitions contain, as JSON: {"app","version","language","currency","timezone","hash","title",
 * "roles":[{"name","title","includes"}],
 * "entities":[{"id","name","table","title","owner","fields":[FIELD…],"flows":[name…]}],
 * "flows":[{"name","title","of","field","states":[{"name","title","parent","type","outcome"}],
 *           "events":[{"name","title","origin","allow":[role…],"payload":[FIELD…]}]}],
 * "reports":[{"name","title","from","params":[FIELD…],"columns":[{"name","title","measure","format"}]}],
 * "messages":[{"name","payload":[FIELD…]}], "operations":[name…], "notices":[name…], "functions":[{"name","kind"}],
 * "decisions":[{"name","title","kind" (table, logic, scorecard, service),"of","inputs":[FIELD…],"outputs":[FIELD…],
 *               "requires":[name…]}],
 * "settings":[{"name","title","kind","scale","allow":[role…]}],
 * "models":[{"name","namespace","inputs":[{"name","type"}],"decisions":[{"name","type","requires":[name…]}],
 *           "services":[{"name","type","parameters":[name…]}],"knowledge":[{"name","type"}]}] (of DMN),
 * "in_engine":[{"source","line","column","text","why"}] (parts of conditions on collections that SQL does not do),
 * "sources":[name…]} where FIELD is
 * {"name","title","kind",
 * "origin","required","unique","formula","scale","currency","to","owned","enum":[{"value","title"}]} and a title is
 * {language: text}. Keys that do not apply are left out. */
LEAT_API leat_status leat_program_describe(leat_text **out, const leat_program *program, leat_error **error);

/* The same definitions in the house style: comments, order and meaning are kept. */
LEAT_API leat_status leat_format(leat_text **out, leat_str yaml, leat_str source_name, leat_error **error);

enum { LEAT_FORMAT_CSV = 1, LEAT_FORMAT_JSON_LINES = 2 };

/* Reads a table of records of an entity, to be created or patched row by row by the caller. Writes nothing and drops
 * nothing silently: {"rows":[{"line","key","input":{field: value}}], "problems":[{"line","field","message"}],
 * "unused_columns":[name]}; rows with problems are not in rows. mapping_json, or empty: {"columns":{column: field,
 * "key" or "" to leave it out}, "replace":[{"field","from","to"}], "constants":{field: text}}; a column without an
 * entry is matched by the field's name or title. */
LEAT_API leat_status leat_import_plan(leat_text **out, const leat_program *program, leat_str entity, leat_str table,
                                      int32_t format, leat_str mapping_json, leat_error **error);

/* ---- Diagrams of flows ------------------------------------------------------------------------------------------ */

enum {
    LEAT_DIAGRAM_MERMAID = 1, /* a stateDiagram-v2                                                                  */
    LEAT_DIAGRAM_DOT = 2,     /* Graphviz's language                                                                */
    LEAT_DIAGRAM_SVG = 3      /* drawn by Graphviz's program `dot`, which the library starts; LEAT_E_NOT_FOUND
                               * "diagram.dot" where it is not installed                                            */
};
enum {
    LEAT_DIAGRAM_LEFT_TO_RIGHT = 1, /* else from the top down   */
    LEAT_DIAGRAM_NO_GUARDS = 2      /* labels without conditions */
};

typedef struct leat_diagram_options {
    size_t struct_size;
    uint64_t flags;    /* LEAT_DIAGRAM_… */
    leat_str language; /* of titles; empty: the application's (of a session: the session's) */
} leat_diagram_options;

/* A flow's states and transitions as a picture's text. options may be NULL. */
LEAT_API leat_status leat_program_diagram(leat_text **out, const leat_program *program, leat_str flow, int32_t format,
                                          const leat_diagram_options *options, leat_error **error);

/* ---- Forms ------------------------------------------------------------------------------------------------------ */

enum { LEAT_FORM_NUMBERS = 1 /* decimals and money as JSON numbers; else as texts, which no reader rounds */ };

typedef struct leat_form_options {
    size_t struct_size;
    uint64_t flags;      /* LEAT_FORM_… */
    leat_str language;   /* of titles; empty: the application's (of a session: the session's) */
    leat_str event;      /* a form for an event, NAME or FLOW.NAME: its payload, and fields that its criteria demand */
    leat_str role;       /* leat_program_form: for holders of this role; empty: for who may do everything */
    leat_str state;      /* leat_program_form: in this state, NAME or FLOW.NAME; empty: to create a record */
    int64_t choices_max; /* references list their records where there are at most so many; 0: 100, -1: never */
} leat_form_options;

/* What a renderer needs for a form of an entity, {"entity","mode","language","schema","uiSchema","layout","data"}: a
 * JSON Schema (2020-12) with titles, types, constraints, required and read-only fields and conditions;
 * react-jsonschema-form's uiSchema; JSON Forms' layout; docs/forms.md has all of it. From the definitions alone: rights
 * that depend on a record are taken as given, "data" is empty. options may be NULL. LEAT_E_NOT_FOUND "form.nothing"
 * where the role may see nothing. */
LEAT_API leat_status leat_program_form(leat_text **out, const leat_program *program, leat_str entity,
                                       const leat_form_options *options, leat_error **error);
/* What of a document that a form's reader submitted a command takes, {"record": {…}, "event": {…}}: without what is
 * read-only or no part of the form, of a present record only what was changed, null for what was emptied. form_json is
 * what leat_session_form or leat_program_form answered. */
LEAT_API leat_status leat_form_input(leat_text **out, leat_str form_json, leat_str data_json, leat_error **error);
/* The reasons of a refused outcome (leat_outcome_json), or a failure as {"message": …}, where renderers show them:
 * {"extraErrors": … for react-jsonschema-form, "additionalErrors": […] for JSON Forms, "messages": […] of no field}. */
LEAT_API leat_status leat_form_errors(leat_text **out, leat_str outcome_json, leat_error **error);

/* ---- SCXML ------------------------------------------------------------------------------------------------------ */

/* A flow as an SCXML document (W3C, 2015) with FEEL as its data model; docs/scxml.md says what is in it. */
LEAT_API leat_status leat_scxml_export(leat_text **out, const leat_program *program, leat_str flow, leat_error **error);
/* Definitions in YAML of the flow in an SCXML document. Fails with LEAT_E_PROGRAM and all diagnostics at once. */
LEAT_API leat_status leat_scxml_import(leat_text **out, leat_str scxml, leat_str source_name, leat_error **error);

/* ---- Event logs ------------------------------------------------------------------------------------------------- */

/* Plays an event log (a file: CSV or XES, also compressed with gzip) through a flow: which cases conform, where others
 * deviate first and what was expected there, how long the states took. mapping: YAML or JSON that says which columns
 * and activities are what, or empty; its keys and the answer's members are in docs/replay.md. The log is read as a
 * stream. */
LEAT_API leat_status leat_replay(leat_text **out, const leat_program *program, leat_str flow, leat_str log_path,
                                 leat_str mapping, leat_error **error);

/* ---- Callbacks: what is asked, and the answer -------------------------------------------------------------------- */

LEAT_API leat_str leat_call_name(const leat_call *call);  /* function, topic ("erp.create_order") or path          */
LEAT_API leat_str leat_call_input(const leat_call *call); /* JSON: an array of arguments, or the item's payload    */
/* Of a delivery: the stable number of the effect (receivers recognise repeats by it) and the attempt, from 1. Else 0.
 */
LEAT_API int64_t leat_call_id(const leat_call *call);
LEAT_API int64_t leat_call_attempt(const leat_call *call);
/* The answer, copied: a function's value as JSON, a delivery's receipt, a file's content. A later one replaces it. */
LEAT_API leat_status leat_call_answer(leat_call *call, leat_str answer);
/* Why the callback fails, copied; it becomes part of the error's message. Answers LEAT_E_HOST, to be returned. */
LEAT_API leat_status leat_call_fail(leat_call *call, leat_str message);

/* ---- Engines ---------------------------------------------------------------------------------------------------- */

/* Lets a test, a simulation or a replay own the time. */
typedef struct leat_clock {
    size_t struct_size;
    int64_t (*now_us)(void *user_data); /* microseconds since 1970-01-01T00:00:00Z */
    void *user_data;
    void (*destroy)(void *user_data); /* exactly once, also when the call that takes the clock fails */
} leat_clock;

/* Lets a test or a replay own the random bytes (salts of the log, ids). */
typedef struct leat_random {
    size_t struct_size;
    void (*fill)(void *user_data, void *data, size_t size);
    void *user_data;
    void (*destroy)(void *user_data); /* as of the clock */
} leat_random;

enum {
    LEAT_ENGINE_READ_ONLY = 1,       /* no command is accepted                                                      */
    LEAT_ENGINE_FULL_DURABILITY = 2, /* each commit survives power loss (else the last ones may be lost, in order)  */
    LEAT_ENGINE_NO_DEPLOY = 4,       /* an empty file is refused instead of taking the program's definitions        */
    LEAT_ENGINE_NO_CREATE = 8        /* a missing file is refused instead of made                                   */
};

typedef struct leat_engine_options {
    size_t struct_size;
    uint64_t flags;      /* LEAT_ENGINE_… */
    leat_str store_path; /* the file; ":memory:" for a private store in memory */
    /* The host's own connection (sqlite3 *) instead of store_path, of the very SQLite library that Leat is linked to.
     * Leat works in savepoints on it, changes no setting and never closes it; it must outlive the engine. */
    void *joined_sqlite3;
    const leat_clock *clock;   /* NULL: the system's; copied */
    const leat_random *random; /* NULL: the system's; copied */
    leat_str language;         /* of messages; empty: the application's */
    uint64_t busy_timeout_ms;  /* waiting for another process; 0: 5,000 */
    uint64_t eval_steps_max;   /* limits, of one command; 0: built in. FEEL steps: 10,000,000 */
    uint64_t records_max;      /* records touched: 10,000 */
    uint64_t microsteps_max;   /* of one event: 1,000 */
    uint64_t rounds_max;       /* of formulas and rules: 100 */
    uint64_t memory_bytes_max; /* 256 MiB */
    uint64_t depth_max;        /* of JSON input: 64 */
    uint64_t input_bytes_max;  /* of one JSON input: 16 MiB */
    uint64_t list_items_max;   /* of one list value: 1,000,000 */
    /* Where the contents of files are, each under its SHA-256; it is made when the first one comes. Empty: in the
     * store. */
    leat_str files_folder;
} leat_engine_options;

/* Opens a store. program NULL: the definitions stored in the file. A file whose definitions differ from the program's
 * fails with LEAT_E_CONFLICT "engine.definitions_changed": open it without a program and leat_engine_deploy. */
LEAT_API leat_status leat_engine_open(leat_engine **out, const leat_program *program,
                                      const leat_engine_options *options, leat_error **error);
/* May come before the engine's sessions are freed: the engine goes when the last of them goes. Not from a callback. */
LEAT_API void leat_engine_free(leat_engine *engine);
/* The program that runs, as an owned handle. */
LEAT_API leat_status leat_engine_program(leat_program **out, const leat_engine *engine, leat_error **error);

/* Answers a look-up declared under `functions:` without a formula. A second registration of a name replaces the first.
 */
LEAT_API leat_status leat_engine_on_function(leat_engine *engine, leat_str name, leat_call_fn run, void *user_data,
                                             void (*destroy)(void *user_data), leat_error **error);
/* Delivers outbox items of a topic: "erp.create_order", "erp.*" or "notice.*"; the most exact registration is asked.
 * A failure is kept with the item, which is tried again later with growing delay. */
LEAT_API leat_status leat_engine_on_delivery(leat_engine *engine, leat_str topic, leat_call_fn run, void *user_data,
                                             void (*destroy)(void *user_data), leat_error **error);

typedef struct leat_due_counts {
    size_t struct_size;
    int64_t fired;           /* timers that did something                  */
    int64_t stale;           /* timers whose state had been left           */
    int64_t incidents;       /* timers that failed and became incidents    */
    int64_t expired;         /* messages                                   */
    int64_t lateness_us_max; /* of the latest one                          */
    int64_t more;            /* 1: the bound was met, more are due         */
} leat_due_counts;

typedef struct leat_delivery_counts {
    size_t struct_size;
    int64_t done;
    int64_t failed;  /* kept, tried again later                        */
    int64_t unknown; /* claimed earlier and never answered: look at them */
    int64_t more;    /* 1: the bound was met, more are waiting          */
} leat_delivery_counts;

#define LEAT_NEVER INT64_MAX

/* The host's pumps: call them when it suits. Each due timer is a command of its own. At most `max` items; out may be
 * NULL, else its struct_size must be set. */
LEAT_API leat_status leat_engine_run_due(leat_due_counts *out, leat_engine *engine, int64_t max, leat_error **error);
/* When the next timer falls due, in microseconds since 1970 UTC; LEAT_NEVER when none is set. */
LEAT_API leat_status leat_engine_next_due(int64_t *out, leat_engine *engine, leat_error **error);
/* Claims outbox items, asks their callbacks outside any transaction, and keeps what they answer. */
LEAT_API leat_status leat_engine_deliver(leat_delivery_counts *out, leat_engine *engine, int64_t max,
                                         leat_error **error);
/* A message from outside, by the name that definitions give it. The same (name, id) again is recognised and has no
 * effect. */
LEAT_API leat_status leat_engine_receive(leat_outcome **out, leat_engine *engine, leat_str name, leat_str id,
                                         leat_str payload_json, leat_error **error);
/* Recomputes the whole log: {"ok":bool,"rows":n,"first_bad":sequence or 0,"problem":text,"head":hash in hex,"sealed":of
 * these rows in archives,"missing":[paths of archives that are not there and were passed over]}, and where
 * there are loads "loads": those whose records are as they were loaded but for what commands changed, "loads_changed":
 * those that cannot be compared any more (a record was erased, a deployment converted a column). A broken chain is an answer, not a failure. */
LEAT_API leat_status leat_engine_verify(leat_text **out, leat_engine *engine, leat_error **error);
/* For outbox items whose delivery is "unknown" or "failed" and that somebody has looked into: "done" (with a receipt),
 * "retry" or "failed". */
LEAT_API leat_status leat_engine_resolve_delivery(leat_engine *engine, int64_t id, leat_str decision, leat_str receipt,
                                                  leat_error **error);
/* For incidents that somebody has dealt with: "retried" or "dismissed". */
LEAT_API leat_status leat_engine_close_incident(leat_engine *engine, int64_t id, leat_str status, leat_error **error);
/* Drops the files that no record names and that were put longer ago than older_than_us; how many. What was put to be
 * named by a command that is still to come should be younger. */
LEAT_API leat_status leat_engine_drop_unused_files(int64_t *out, leat_engine *engine, int64_t older_than_us,
                                                   leat_error **error);
/* What leat_engine_deploy would do, as JSON; changes nothing. */
LEAT_API leat_status leat_engine_plan(leat_text **out, leat_engine *engine, const leat_program *program,
                                      leat_error **error);
/* Replaces the definitions in the file: adds tables and columns, checks every live state, logs. Refused where data
 * would be lost or an instance stranded. Open sessions go on under the new definitions; the numbers of the fast door
 * are to be looked up again. */
LEAT_API leat_status leat_engine_deploy(leat_outcome **out, leat_engine *engine, const leat_program *program,
                                        leat_str actor, leat_error **error);

/* How newer definitions come into a file that has data. */
typedef struct leat_deploy_options {
    size_t struct_size;
    uint64_t flags; /* 0 */
    /* What may be lost, as plans name it under "drop", one a line: "field order.note\nentity memo"; "*": anything. */
    leat_str drop;
    /* Flows whose running records go on in the new version, by the names of their states, one a line; "*": all. Without
     * this they stay on the version they began with, unless the definitions map their states. */
    leat_str move;
    leat_str backup; /* path of a new file for a copy of the database as it was before; empty: none is made */
} leat_deploy_options;

/* leat_engine_plan and leat_engine_deploy with options, which may be NULL. The plan is
 * {"blocked":bool,"changes":[{"kind" (added, removed, changed, renamed, widened, narrowed, moved,
 * stays),"what","message","blocks":bool,"affected": so many records,"drop": what to allow for it,"records": some of
 * their keys}]}; all of it is tried and undone, so its counts are true. The deployment is one transaction, after the
 * backup, without which nothing happens. Refused with a refusal per change that blocks (deploy.blocked). */
LEAT_API leat_status leat_engine_plan_with(leat_text **out, leat_engine *engine, const leat_program *program,
                                           const leat_deploy_options *options, leat_error **error);
LEAT_API leat_status leat_engine_deploy_with(leat_outcome **out, leat_engine *engine, const leat_program *program,
                                             leat_str actor, const leat_deploy_options *options, leat_error **error);
/* Back to the definitions before the last deployment, with the states and values it took away; they are those of the
 * engine from then on. Refused, with the records named, where what was done since stands in the way. LEAT_E_NOT_FOUND
 * "deploy.nothing_to_undo". */
LEAT_API leat_status leat_engine_undo_deploy(leat_outcome **out, leat_engine *engine, leat_str actor,
                                             const leat_deploy_options *options, leat_error **error);
/* A copy of the database in a new file at `path`, also while others read and write. LEAT_E_USAGE "store.backup_exists".
 */
LEAT_API leat_status leat_engine_backup(leat_engine *engine, leat_str path, leat_error **error);
/* Moves the log's rows from before this moment into an archive file beside the database, or in `folder` (may be empty):
 * never the last row, nor what open approvals need. The outcome's JSON has "rows" and "archive" (its path; null when
 * there was nothing to move). Archives are read where they were written; leat_engine_verify goes through them. */
LEAT_API leat_status leat_engine_seal(leat_outcome **out, leat_engine *engine, int64_t before_us, leat_str folder,
                                      leat_error **error);
/* What the definitions say of how long data are kept, for a host's nightly job: erases what is personal in the records
 * whose `retention` is over, as leat_session_erase does, in one command; then moves the log's rows that are older than
 * the app's `keep_log` into an archive, as leat_engine_seal does. The outcome's JSON has "erased" (records whose
 * retention was over), "records" and "log_rows" (that anything was erased in), "rows" and "archive" (of the seal).
 * LEAT_E_USAGE "retention.none" where the definitions say nothing of it, "erase.joined". */
LEAT_API leat_status leat_engine_retain(leat_outcome **out, leat_engine *engine, leat_str folder, leat_error **error);
/* {"archives":[{"first","last","path","until"}]}: rows, file, and the time of the last row. */
LEAT_API leat_status leat_engine_archives(leat_text **out, leat_engine *engine, leat_error **error);

/* ---- Sessions --------------------------------------------------------------------------------------------------- */

/* actor: the key of a record of `user`, or "system" (the host itself, which may do everything). Thread-safe: several
 * threads may open sessions of one engine at once. */
LEAT_API leat_status leat_session_open(leat_session **out, leat_engine *engine, leat_str actor, leat_error **error);
/* `actor` works as the user `as`, with that user's rights and no others: for holders of a role with `impersonate`, and
 * the system; else LEAT_E_USAGE "access.impersonate". Opening it is a logged command of the actor's, and the log of
 * every command names both. The rules of threads are leat_session_open's. */
LEAT_API leat_status leat_session_open_as(leat_session **out, leat_engine *engine, leat_str actor, leat_str as,
                                          leat_error **error);
LEAT_API void leat_session_free(leat_session *session);
/* From any thread, while the session lives: its running command or read ends with LEAT_E_STORE "store.interrupted" and
 * changes nothing. */
LEAT_API void leat_session_interrupt(leat_session *session);
LEAT_API leat_str leat_session_actor(const leat_session *session);
/* Of messages and titles from now on: "zh", "en". Empty: the application's. */
LEAT_API leat_status leat_session_set_language(leat_session *session, leat_str language, leat_error **error);

/* Commands. Inputs are JSON objects {field: value}; empty is {}. `version`: 0, or the version that the record must
 * still have, else LEAT_E_CONFLICT "record.version". Each command is one transaction, unless a batch is open. */
LEAT_API leat_status leat_session_create(leat_outcome **out, leat_session *session, leat_str entity,
                                         leat_str input_json, leat_error **error);
LEAT_API leat_status leat_session_patch(leat_outcome **out, leat_session *session, leat_str entity, leat_str key,
                                        leat_str input_json, int64_t version, leat_error **error);
LEAT_API leat_status leat_session_delete(leat_outcome **out, leat_session *session, leat_str entity, leat_str key,
                                         int64_t version, leat_error **error);
/* Sends a declared event ("sign", or "sales_flow.sign") to a record. */
LEAT_API leat_status leat_session_send(leat_outcome **out, leat_session *session, leat_str entity, leat_str key,
                                       leat_str event, leat_str input_json, int64_t version, leat_error **error);
/* decision: "approve" or "reject" for approvals, "done" for to-dos. */
LEAT_API leat_status leat_session_complete_task(leat_outcome **out, leat_session *session, int64_t task,
                                                leat_str decision, leat_str comment, leat_str input_json,
                                                leat_error **error);
/* Out of order, by the system or a user with the role `administrator`; `reason` is logged and may not be empty.
 * A suspended record refuses commands with "record.suspended", and its timers and the events that others send it wait
 * until it is resumed. A jump leaves all states of a flow and enters `state`; guards and criteria are not asked. */
LEAT_API leat_status leat_session_suspend(leat_outcome **out, leat_session *session, leat_str entity, leat_str key,
                                          leat_str reason, leat_error **error);
LEAT_API leat_status leat_session_resume(leat_outcome **out, leat_session *session, leat_str entity, leat_str key,
                                         leat_str reason, leat_error **error);
LEAT_API leat_status leat_session_jump(leat_outcome **out, leat_session *session, leat_str entity, leat_str key,
                                       leat_str flow, leat_str state, leat_str reason, leat_error **error);
/* Erases what fields call `personal` of a record and of those that refer to it: in rows, log, archives, tasks,
 * deliveries and messages. What was erased is nowhere in the file afterwards, which is written anew; the log still
 * verifies. For the system and the role `administrator`, with a reason that is logged (it should name nobody). Backups
 * are the host's. LEAT_E_USAGE "erase.nothing", "erase.joined"; LEAT_E_NOT_FOUND "journal.archive". */
LEAT_API leat_status leat_session_erase(leat_outcome **out, leat_session *session, leat_str entity, leat_str key,
                                        leat_str reason, leat_error **error);
/* Opens one record to a holder, "user:KEY" or "role:NAME", for "read" or "write"; "none" revokes it. For those to whom
 * the entity's access gives `share`, and no more than they have themselves. */
LEAT_API leat_status leat_session_share(leat_outcome **out, leat_session *session, leat_str entity, leat_str key,
                                        leat_str holder, leat_str right, leat_error **error);
/* Makes one record of two: `other` is deleted, what referred to it refers to `key`, and its lines join those of `key`.
 * Fields of `key` stay as they are; those that are empty there, and those that take_json (a JSON array of names, or
 * empty) lists, are the other's. Needs the right to write the one and to delete the other; one command in the log.
 * version: 0 (any) or the one that `key` must have. Failures: "merge.same", "merge.lines", "input.unknown_field". */
LEAT_API leat_status leat_session_merge(leat_outcome **out, leat_session *session, leat_str entity, leat_str key,
                                        leat_str other, leat_str take_json, int64_t version, leat_error **error);
/* Keeps bytes and answers their SHA-256 in hexadecimal digits, which a field of type file then holds, perhaps with "/"
 * and a name behind it. The same bytes are kept once. Failures: "file.write" for the folder. */
LEAT_API leat_status leat_session_put_file(leat_text **out, leat_session *session, const void *bytes, size_t size,
                                           leat_error **error);
/* The bytes of a file that a field of this record, or of a line of it, names, as far as the actor may read that field.
 * sha256: its digits, or the field's whole value. Failures: LEAT_E_NOT_FOUND "file.unknown"; "file.damaged". */
LEAT_API leat_status leat_session_get_file(leat_text **out, leat_session *session, leat_str entity, leat_str key,
                                           leat_str sha256, leat_error **error);
/* valid_from: an ISO date, or empty for always. value: text as definitions would write it ("0.9", "P7D office"). */
LEAT_API leat_status leat_session_change_setting(leat_outcome **out, leat_session *session, leat_str name,
                                                 leat_str valid_from, leat_str value, leat_error **error);

/* Several commands of a session, one commit. A refused command is undone alone; a failed one leaves the batch open,
 * or loses it: what follows then answers "store.rolled_back". Freeing the session rolls an open batch back. */
LEAT_API leat_status leat_batch_begin(leat_session *session, leat_error **error);
LEAT_API leat_status leat_batch_commit(leat_session *session, leat_error **error);
LEAT_API leat_status leat_batch_rollback(leat_session *session, leat_error **error);

/* ---- Tables in and out ---- */

enum {
    LEAT_IMPORT_DRY_RUN = 1,        /* everything is checked, nothing is kept                                       */
    LEAT_IMPORT_ALL_OR_NOTHING = 2, /* one transaction; nothing is kept where a row is rejected                     */
    LEAT_IMPORT_RESTART = 4         /* forget how far this job had come                                             */
};

typedef struct leat_import_options {
    size_t struct_size;
    uint64_t flags;        /* LEAT_IMPORT_… */
    leat_str table;        /* the table itself, or */
    leat_str path;         /* the file that holds it, plain or compressed with gzip */
    leat_str mapping_json; /* how columns become fields, docs/import.md; empty: by name or title */
    leat_str job;          /* a name: done once, however often it is asked for. Empty: made of table and mapping */
    leat_str report_path;  /* a file for the rejected rows, CSV or (*.jsonl) JSON Lines; empty: none */
    uint64_t records_per_transaction; /* 0: 1,000 */
    /* After each transaction; leat_call_input is {"job","rows","records","created","changed","unchanged","rejected"}.
     * NULL: none. A failure stops the import; what is committed stays. */
    leat_call_fn progress;
    void *user_data;
    void (*destroy)(void *user_data); /* before the call returns */
} leat_import_options;

/* Imports a table (format: LEAT_FORMAT_…) with the actor's rights: each record is a command, some of them a
 * transaction. A row that is refused or cannot be read is rejected, with the others going on; what else fails (a full
 * disk, leat_session_interrupt) stops the import, and the same call later goes on where the last transaction ended.
 * {"job","source" (SHA-256),"rows","records","created","changed","unchanged","rejected","rejections":[{"row","line",
 * "field","code","message"}] (the first 1,000),"more_rejections","unused_columns","dry_run","kept","resumed_at",
 * "already"}. Inside a batch its transaction is the host's. Errors: "import.…", "csv.…", LEAT_E_CONFLICT "import.job"
 * where the job's name is another table's. */
LEAT_API leat_status leat_session_import(leat_text **out, leat_session *session, leat_str entity, int32_t format,
                                         const leat_import_options *options, leat_error **error);

enum {
    LEAT_EXPORT_BYTE_ORDER_MARK = 1, /* for spreadsheet programs that guess encodings                               */
    LEAT_EXPORT_UNGUARDED = 2        /* CSV: texts that a spreadsheet would run as formulas get no ' before them    */
};

typedef struct leat_export_options {
    size_t struct_size;
    uint64_t flags;  /* LEAT_EXPORT_… */
    leat_str fields; /* with commas: "key,name,amount"; in CSV also "lines.code": a row a line. Empty: all */
    leat_str where;  /* a FEEL condition over the record; empty: all */
    leat_str sort;   /* fields with commas, "-" before one that descends; empty: creation order */
    leat_str path;   /* a file, put in its place once the export is logged; empty: none */
    /* Takes the bytes as leat_call_input, piece by piece; may be NULL. Without it and without a path they are in the
     * answer, as "text". */
    leat_call_fn write;
    void *user_data;
    void (*destroy)(void *user_data); /* before the call returns */
} leat_export_options;

/* Records that the actor may read and export, with the fields that he may read (masked ones "***"), as one consistent
 * view has them. Logged as a command with the count of rows and the SHA-256 of the bytes: {"rows","withheld" (readable,
 * not exportable),"bytes","sha256","sequence"}. options may be NULL. LEAT_E_USAGE "access.export" for who has no such
 * right on the entity at all, "export.batch" inside a batch, "export.field", "where.invalid". */
LEAT_API leat_status leat_session_export(leat_text **out, leat_session *session, leat_str entity, int32_t format,
                                         const leat_export_options *options, leat_error **error);

/* Reads answer JSON, cut to what the actor may see. A record that may not be read is LEAT_E_NOT_FOUND. A `limit` of 0
 * is the built-in one (100). */
LEAT_API leat_status leat_session_show(leat_text **out, leat_session *session, leat_str entity, leat_str key,
                                       leat_error **error);
/* where: a FEEL condition over the record; empty: all. {"records":[…],"next":id or null}; pass next as after_id to go
 * on, first 0. */
LEAT_API leat_status leat_session_list(leat_text **out, leat_session *session, leat_str entity, leat_str where,
                                       int64_t after_id, int64_t limit, leat_error **error);
/* Records as a JSON object asks for them; every key may be left out:
 *   where    a FEEL condition over the record
 *   search   words, all of which are in some field of the entity's full text (`search:`)
 *   sort     ["-amount", "customer.name"]: fields, '-' descends; empty values come first, last where it descends
 *   limit    up to 10,000 (100); after: what `next` was, with the same sort
 *   fields   ["key", "amount", "customer.name"]: fields, and those one reference away; without it all of them
 * answers {"records":[…],"next":text or null}. With either of
 *   group    ["region"], and measures {"deals":"count","total":"sum(amount)"}: count, count(f), sum, avg, min, max
 * it answers {"groups":[{"region":…,"deals":…,"total":…}],"more":false}. What is hidden from the actor is null in all
 * of it: it matches nothing, orders as empty and is in no sum. */
LEAT_API leat_status leat_session_query(leat_text **out, leat_session *session, leat_str entity, leat_str query_json,
                                        leat_error **error);
/* A record with all around it: {"entity","key","title","record","states","references","referring","tasks","messages",
 * "slas","shares","timeline"}, at most `limit` of each, the newest first. */
LEAT_API leat_status leat_session_view(leat_text **out, leat_session *session, leat_str entity, leat_str key,
                                       int64_t limit, leat_error **error);
/* Whether a user may, and why: right is "read", "write", "add", "delete", "export", "print", "share" or "send EVENT";
 * user empty: the actor; key empty: any record; field empty: the record. {"user","right","may": true, false or null (it
 * depends on the record),"roles","because":[{"role","through","rule","condition","answer","values","field"}, {"share",
 * "right"}, {"task"}, {"state","field"} …]}. Others than himself an actor asks about as the system, as `administrator`
 * or with a role that has `impersonate`. */
LEAT_API leat_status leat_session_may(leat_text **out, leat_session *session, leat_str user, leat_str right,
                                      leat_str entity, leat_str key, leat_str field, leat_error **error);
/* The active users who may, or may depending on the record: {"right",…,"users":[{"user","name","may","because"}]}. */
LEAT_API leat_status leat_session_who_may(leat_text **out, leat_session *session, leat_str right, leat_str entity,
                                          leat_str key, leat_str field, leat_error **error);
/* What SQL an expression becomes: {"compiled","queries":[{"entity","sql","plan":[…],"engine":[{"text","why"}]}]}, one
 * for each records.X[…]; and first, for a condition over records of `entity` (may be empty), the one that lists them.
 * `plan` is SQLite's, `engine` what it is not asked. */
LEAT_API leat_status leat_session_explain_sql(leat_text **out, leat_session *session, leat_str entity,
                                              leat_str expression, leat_error **error);
/* Open tasks of the actor, or of everybody (for those who may see them). */
LEAT_API leat_status leat_session_tasks(leat_text **out, leat_session *session, bool everybody, int64_t limit,
                                        leat_error **error);
/* Records that may be the same thing as this one or, with an empty key, as a record with the fields of input_json would
 * be, by the `duplicates` rules of the entity: [{"key","display","similarity","rule","id","fields":[name…]}], the
 * likest first. similarity is 1.000 where all that the rule matches is the same but for spelling; limit 0: 20. */
LEAT_API leat_status leat_session_duplicates(leat_text **out, leat_session *session, leat_str entity, leat_str key,
                                             leat_str input_json, int64_t limit, leat_error **error);
LEAT_API leat_status leat_session_report(leat_text **out, leat_session *session, leat_str name, leat_str params_json,
                                         leat_error **error);
/* The log of one record, or (entity empty) of everything from sequence `from` on. */
LEAT_API leat_status leat_session_log(leat_text **out, leat_session *session, leat_str entity, leat_str key,
                                      int64_t from, int64_t limit, leat_error **error);
/* Why an event can or cannot be sent now: conditions with their values, who may act, what stands in the way. Empty: the
 * same of each event that the record's states know. */
LEAT_API leat_status leat_session_why(leat_text **out, leat_session *session, leat_str entity, leat_str key,
                                      leat_str event, leat_error **error);
/* A record's flow with the states that it is in highlighted; flow empty: the only one of its entity. Nothing is
 * highlighted where the actor may not read the flow's state. options may be NULL. */
LEAT_API leat_status leat_session_diagram(leat_text **out, leat_session *session, leat_str entity, leat_str key,
                                          leat_str flow, int32_t format, const leat_diagram_options *options,
                                          leat_error **error);
/* A form (see leat_program_form) for the actor, with the record's data, or (key empty) to create one, with its
 * defaults. The options' role and state must be empty. options may be NULL. */
LEAT_API leat_status leat_session_form(leat_text **out, leat_session *session, leat_str entity, leat_str key,
                                       const leat_form_options *options, leat_error **error);
LEAT_API leat_status leat_session_slas(leat_text **out, leat_session *session, leat_error **error);
/* Service levels kept, breached and cancelled, each counted when that was decided, and started:
 * {"periods":[{"sla","title", "period","started","kept","breached","cancelled"}]}. from and to are dates in the app's
 * time zone, to is not included; empty: without bound. by: "year", "month", "week" (from Monday), "day", or empty for
 * one period over all. */
LEAT_API leat_status leat_session_sla_report(leat_text **out, leat_session *session, leat_str from, leat_str to,
                                             leat_str by, leat_error **error);
/* status: "planned", "claimed", "done", "failed", "unknown", or empty for all. */
LEAT_API leat_status leat_session_outbox(leat_text **out, leat_session *session, leat_str status, int64_t limit,
                                         leat_error **error);
/* Records that stand still: {"stuck": [{entity, key, flow, state, since, reason, detail}], "more": …}, reason one of
 * suspended, incident, delivery, nothing_to_wait_for. Of records the actor may read. */
LEAT_API leat_status leat_session_stuck(leat_text **out, leat_session *session, int64_t limit, leat_error **error);
LEAT_API leat_status leat_session_incidents(leat_text **out, leat_session *session, bool open_only, int64_t limit,
                                            leat_error **error);
LEAT_API leat_status leat_session_settings(leat_text **out, leat_session *session, leat_error **error);

/* ---- Outcomes --------------------------------------------------------------------------------------------------- */

/* An empty outcome, to be filled again and again by leat_session_send_event. */
LEAT_API leat_status leat_outcome_new(leat_outcome **out, leat_error **error);
LEAT_API void leat_outcome_free(leat_outcome *outcome);

LEAT_API bool leat_outcome_refused(const leat_outcome *outcome);
LEAT_API int64_t
leat_outcome_sequence(const leat_outcome *outcome); /* of its log row; 0: refused, or nothing changed */
LEAT_API leat_str leat_outcome_entity(const leat_outcome *outcome);
LEAT_API leat_str leat_outcome_key(const leat_outcome *outcome);
LEAT_API int64_t leat_outcome_id(const leat_outcome *outcome);      /* of the record, for the fast door */
LEAT_API int64_t leat_outcome_version(const leat_outcome *outcome); /* of the record, for expected versions */
LEAT_API size_t leat_outcome_refusal_count(const leat_outcome *outcome);
/* A stable code ("criteria.exit"), the place in the definitions, the message in the session's language. Empty when
 * index is out of range. */
LEAT_API leat_str leat_outcome_refusal_code(const leat_outcome *outcome, size_t index);
LEAT_API leat_str leat_outcome_refusal_at(const leat_outcome *outcome, size_t index);
LEAT_API leat_str leat_outcome_refusal_message(const leat_outcome *outcome, size_t index);
LEAT_API size_t leat_outcome_refusal_field_count(const leat_outcome *outcome, size_t index);
LEAT_API leat_str leat_outcome_refusal_field(const leat_outcome *outcome, size_t index, size_t field_index);
/* Where those fields are in the document of the command's record, JSON Pointers (RFC 6901): "/lines/2/quantity", lines
 * counted from 0; "/event/reason" for what an event brings along. None for fields of other records. */
LEAT_API size_t leat_outcome_refusal_pointer_count(const leat_outcome *outcome, size_t index);
LEAT_API leat_str leat_outcome_refusal_pointer(const leat_outcome *outcome, size_t index, size_t pointer_index);
/* The whole story, cut to what the actor may see: {"refused","sequence","entity","key","version","state","changed",
 * "raised","tasks","calls","notices","refusals"}. */
LEAT_API leat_str leat_outcome_json(const leat_outcome *outcome);

/* ---- The fast door: numbers instead of names, values instead of JSON ----------------------------------------------
 */

enum {
    LEAT_KIND_NULL = 0,
    LEAT_KIND_BOOLEAN = 1,         /* as.integer: 0 or 1                                                            */
    LEAT_KIND_NUMBER = 2,          /* as.number: coefficient in two's complement; the value is it / 10^scale         */
    LEAT_KIND_STRING = 3,          /* as.text, size bytes                                                           */
    LEAT_KIND_DATE = 4,            /* as.integer: days since 1970-01-01                                             */
    LEAT_KIND_TIME = 5,            /* as.integer: microseconds of the day                                           */
    LEAT_KIND_DATE_TIME = 6,       /* as.instant: microseconds since 1970 UTC and zone, size bytes; none: UTC       */
    LEAT_KIND_DAYS_DURATION = 7,   /* as.integer: microseconds                                                      */
    LEAT_KIND_MONTHS_DURATION = 8, /* as.integer: months                                                            */
    LEAT_KIND_LIST = 9,            /* as.items, size values                                                         */
    LEAT_KIND_RECORD = 13          /* as.integer: the record's id; size: its entity's id                            */
};

/* One FEEL value in 24 bytes. Frozen. What it points at belongs to whoever made the value. */
typedef struct leat_value {
    uint8_t kind;
    uint8_t reserved; /* 0 */
    int16_t scale;
    uint32_t size;
    union {
        int64_t integer;
        struct {
            uint64_t low;
            uint64_t high;
        } number;
        const char *text;
        struct {
            int64_t us;
            const char *zone; /* an IANA name */
        } instant;
        const struct leat_value *items;
    } as;
} leat_value;

static inline leat_value leat_value_null(void) {
    leat_value v;
    memset(&v, 0, sizeof v);
    return v;
}
static inline leat_value leat_value_of(uint8_t kind, int64_t integer) {
    leat_value v = leat_value_null();
    v.kind = kind;
    v.as.integer = integer;
    return v;
}
static inline leat_value leat_value_boolean(bool b) {
    return leat_value_of(LEAT_KIND_BOOLEAN, b ? 1 : 0);
}
/* coefficient / 10^scale: (1250, 2) is 12.50. */
static inline leat_value leat_value_decimal(int64_t coefficient, int16_t scale) {
    leat_value v = leat_value_null();
    v.kind = LEAT_KIND_NUMBER;
    v.scale = scale;
    v.as.number.low = (uint64_t)coefficient;
    v.as.number.high = coefficient < 0 ? UINT64_MAX : 0;
    return v;
}
static inline leat_value leat_value_integer(int64_t integer) {
    return leat_value_decimal(integer, 0);
}
/* Text longer than 4 GiB is cut to nothing and refused later. */
static inline leat_value leat_value_string(leat_str text) {
    leat_value v = leat_value_null();
    v.kind = LEAT_KIND_STRING;
    v.size = text.size > UINT32_MAX ? 0 : (uint32_t)text.size;
    v.as.text = text.size > UINT32_MAX ? NULL : text.data;
    return v;
}
static inline leat_value leat_value_date(int64_t days) {
    return leat_value_of(LEAT_KIND_DATE, days);
}
static inline leat_value leat_value_time(int64_t microseconds) {
    return leat_value_of(LEAT_KIND_TIME, microseconds);
}
static inline leat_value leat_value_days_duration(int64_t microseconds) {
    return leat_value_of(LEAT_KIND_DAYS_DURATION, microseconds);
}
static inline leat_value leat_value_months_duration(int64_t months) {
    return leat_value_of(LEAT_KIND_MONTHS_DURATION, months);
}
static inline leat_value leat_value_instant(int64_t microseconds, leat_str zone) {
    leat_value v = leat_value_null();
    v.kind = LEAT_KIND_DATE_TIME;
    v.size = zone.size > UINT32_MAX ? 0 : (uint32_t)zone.size;
    v.as.instant.us = microseconds;
    v.as.instant.zone = zone.data;
    return v;
}
static inline leat_value leat_value_list(const leat_value *items, uint32_t count) {
    leat_value v = leat_value_null();
    v.kind = LEAT_KIND_LIST;
    v.size = count;
    v.as.items = items;
    return v;
}
static inline leat_value leat_value_record(uint32_t entity, int64_t id) {
    leat_value v = leat_value_of(LEAT_KIND_RECORD, id);
    v.size = entity;
    return v;
}

#define LEAT_NONE UINT32_MAX
#define LEAT_NO_EVENT UINT64_MAX

/* Names to numbers, once; they hold for this program (and every engine that runs it). LEAT_NONE or LEAT_NO_EVENT when
 * there is no such name. */
LEAT_API uint32_t leat_entity_id(const leat_program *program, leat_str name);
/* Also "id", "key", "version", "created_at" …, and the state columns of flows. */
LEAT_API uint32_t leat_field_id(const leat_program *program, uint32_t entity, leat_str name);
/* "sign", or "sales_flow.sign"; the first flow of the entity that declares it. */
LEAT_API uint64_t leat_event_id(const leat_program *program, uint32_t entity, leat_str name);
/* How many values the payload has, and the place of one of them (LEAT_NONE: no such). */
LEAT_API uint32_t leat_event_payload_count(const leat_program *program, uint64_t event);
LEAT_API uint32_t leat_event_payload_index(const leat_program *program, uint64_t event, leat_str name);

/* The number of a record by its key. */
LEAT_API leat_status leat_session_id_of(int64_t *out, leat_session *session, leat_str entity, leat_str key,
                                        leat_error **error);

enum { LEAT_SEND_JSON = 1 }; /* fill leat_outcome_json, too */

/* leat_session_send by numbers. `payload` holds one value per payload field, nulls included; count 0: all null. The
 * outcome is the caller's and is overwritten. */
LEAT_API leat_status leat_session_send_event(leat_outcome *outcome, leat_session *session, uint32_t entity, int64_t id,
                                             uint64_t event, const leat_value *payload, size_t payload_count,
                                             int64_t version, uint64_t flags, leat_error **error);
/* Fields of a record into out[0 … count). What the values point at is lent until the next call on this session. version
 * may be NULL. */
LEAT_API leat_status leat_session_read_fields(leat_value *out, int64_t *version, leat_session *session, uint32_t entity,
                                              int64_t id, const uint32_t *fields, size_t count, leat_error **error);

/* Bound evaluation: a condition over the fields of one record that need not be in any store. */
LEAT_API leat_status leat_frame_new(leat_frame **out, const leat_program *program, uint32_t entity, leat_error **error);
/* Copies the value in. Frames start with every field null. */
LEAT_API leat_status leat_frame_set(leat_frame *frame, uint32_t field, const leat_value *value, leat_error **error);
/* Why the last evaluation in this frame came out null ("field 'amount' is empty"); empty when it did not. */
LEAT_API leat_str leat_frame_null_reason(const leat_frame *frame);
LEAT_API void leat_frame_free(leat_frame *frame);

enum { LEAT_TRUTH_NO = 0, LEAT_TRUTH_YES = 1, LEAT_TRUTH_NULL = 2 };

/* Compiles a FEEL condition over an entity's own fields. What only an engine can answer (records, settings, references,
 * functions, today()) is refused with LEAT_E_PROGRAM "guard.unbound". */
LEAT_API leat_status leat_guard_new(leat_guard **out, const leat_program *program, uint32_t entity, leat_str feel,
                                    leat_error **error);
/* out: LEAT_TRUTH_…; null means that the condition cannot be decided and never that it holds. */
LEAT_API leat_status leat_guard_eval(int32_t *out, const leat_guard *guard, leat_frame *frame, leat_error **error);
LEAT_API void leat_guard_free(leat_guard *guard);

/* ---- Decisions by themselves: no engine, no store ----------------------------------------------------------------
 *
 * A decision whose answer depends on its inputs alone: a table or graph, the decisions and formulas that it calls, and
 * the date. What only an engine can answer (records, settings, references, functions of the host) is refused with
 * LEAT_E_PROGRAM "decision.unbound", which names it. */

enum {
    LEAT_DECIDE_EXPLAIN = 1, /* also say which rows matched, how each cell fared, what the input values were        */
    LEAT_DECIDE_NEAREST = 2, /* and which rows missed by the fewest cells; looks at every row                       */
    LEAT_DECIDE_KINDS = 4,   /* answers say what each value is: "kinds", as of leat_feel_eval */
    LEAT_DECIDE_TEXT = 8     /* also explain, and say it in English: "text"                                         */
};

typedef struct leat_decide_options {
    size_t struct_size;
    uint64_t flags;       /* LEAT_DECIDE_… */
    leat_str as_of;       /* a date, what today() answers: "2026-11-21"; empty: the system's clock                   */
    uint64_t nearest_max; /* rows under LEAT_DECIDE_NEAREST; 0: 3 */
    uint64_t eval_steps_max; /* 0: 10,000,000 for each decision */
} leat_decide_options;

/* Decides by name. `inputs` is an object with a value per input (of a decision `of` an entity: per field that it
 * reads); what is missing is null. The answer is {"answer": …}, with "reason" {code, text} where it is null for a
 * reason, and "explanation" and "text" (the same in English) where their flags ask for them. An array of such objects
 * decides for each and answers an array. options may be NULL. A decision or decision service of a DMN model is "Model
 * name/Decision name", or its bare name where only one model has it. Its inputs are values for inputs of that model, or
 * for decisions, which are then not evaluated; an imported model's stand in an object under the import's name. */
LEAT_API leat_status leat_decide(leat_text **out, const leat_program *program, leat_str decision, leat_str inputs,
                                 const leat_decide_options *options, leat_error **error);

/* The same in an engine, where everything may be read that the actor may see: of the record `key` for a decision `of`
 * an entity, else with `inputs`; the other is empty. `eval_steps_max` is the engine's. */
LEAT_API leat_status leat_session_decide(leat_text **out, leat_session *session, leat_str decision, leat_str key,
                                         leat_str inputs, const leat_decide_options *options, leat_error **error);

/* The same in numbers and values. A decision keeps what it needs of the program, which may be freed before it. Those of
 * DMN models have no such form (LEAT_E_USAGE "decision.of_model"): leat_decide() answers them. */
LEAT_API leat_status leat_decision_new(leat_decision **out, const leat_program *program, leat_str name,
                                       leat_error **error);
LEAT_API void leat_decision_free(leat_decision *decision);
/* Its inputs in order: as declared, or the fields that it reads of its entity. Empty, LEAT_NONE: no such. */
LEAT_API uint32_t leat_decision_input_count(const leat_decision *decision);
LEAT_API leat_str leat_decision_input_name(const leat_decision *decision, uint32_t index);
LEAT_API uint32_t leat_decision_input_index(const leat_decision *decision, leat_str name);
LEAT_API uint32_t leat_decision_output_count(const leat_decision *decision);
LEAT_API leat_str leat_decision_output_name(const leat_decision *decision, uint32_t index);

LEAT_API leat_status leat_scratch_new(leat_scratch **out, leat_error **error);
/* What today() and now() answer, in microseconds since 1970 UTC; LEAT_NEVER: the system's clock, as at first. */
LEAT_API leat_status leat_scratch_set_now(leat_scratch *scratch, int64_t now_us, leat_error **error);
/* Why answer `index` of the last call in this scratch is null; empty when it is not. */
LEAT_API leat_str leat_scratch_null_reason(const leat_scratch *scratch, size_t index);
LEAT_API void leat_scratch_free(leat_scratch *scratch);

/* Decides once: one value per input, one place of `out` per output. A decision that answers a list gives each output a
 * list of its values. What the answers point at is lent until the scratch is used again, and may be text of the inputs.
 * A value of another kind than its input's type is LEAT_E_USAGE "value.kind". */
LEAT_API leat_status leat_decide_values(leat_value *out, const leat_decision *decision, leat_scratch *scratch,
                                        const leat_value *inputs, size_t input_count, leat_error **error);

/* Why leat_decide_values answers as it does for the same inputs: what leat_decide answers with LEAT_DECIDE_EXPLAIN.
 * Deciding records nothing for it and so costs the same whether anybody asks or not; a decision is explained when
 * somebody does. flags: 0, or LEAT_DECIDE_NEAREST (three rows), LEAT_DECIDE_KINDS, LEAT_DECIDE_TEXT. */
LEAT_API leat_status leat_decision_explain(leat_text **out, const leat_decision *decision, leat_scratch *scratch,
                                           const leat_value *inputs, size_t input_count, uint64_t flags,
                                           leat_error **error);

enum { LEAT_COLUMN_VALUES = 255 }; /* a column whose `values` are leat_value, of any kinds */

/* The values of one input for many decisions. Frozen. */
typedef struct leat_column {
    uint8_t kind; /* of all values: LEAT_KIND_BOOLEAN … LEAT_KIND_MONTHS_DURATION, or LEAT_COLUMN_VALUES          */
    uint8_t reserved;   /* 0 */
    int16_t scale;      /* numbers: a value is its integer / 10^scale                                                 */
    uint32_t reserved2; /* 0 */
    const void *values; /* booleans: uint8_t; texts: their bytes; else int64_t as leat_value has them (instants: UTC) */
    const uint32_t *offsets; /* texts: value i is bytes offsets[i] … offsets[i + 1]; else NULL                        */
    const uint8_t *valid;    /* bit i % 8 of byte i / 8 is 0 where value i is null; NULL: none is                     */
} leat_column;

/* Decides row_count times. The answer of row i and output o goes to out[i * output_count + o], lent as above. A
 * decision that meets a limit is null with the reason, and the others go on. */
LEAT_API leat_status leat_decide_columns(leat_value *out, const leat_decision *decision, leat_scratch *scratch,
                                         const leat_column *inputs, size_t input_count, size_t row_count,
                                         leat_error **error);
/* ---- Loads by columns ---- */

enum { LEAT_LOAD_ALL_OR_NOTHING = 1 }; /* nothing is kept where a record is rejected */

typedef struct leat_load_options {
    size_t struct_size;
    uint64_t flags;               /* LEAT_LOAD_… */
    uint64_t records_per_command; /* a row of the log each; 0, and at most: the engine's limit on records (10,000) */
} leat_load_options;

/* Creates row_count records in one transaction (or in the batch that is open), with the actor's rights and all checks
 * of leat_session_create. fields[i] is the field of columns[i]; kinds are LEAT_KIND_BOOLEAN …
 * LEAT_KIND_MONTHS_DURATION, and LEAT_KIND_RECORD for ids of the records referred to; texts are read as JSON inputs are
 * (keys of references, values of enums, ISO dates). A null is a field that is not given. Rejected records are left out.
 * options may be NULL.
 * {"created","rejected","rejections":[{"row" (from 0),"field","code","message"}] (the first 1,000),"more_rejections",
 * "kept","first_id","last_id","first_sequence","last_sequence","one_by_one"}: empty, or why making such a record does
 * more than write its own row (a flow starts, rules run …), so that each was a command of its own. LEAT_E_USAGE
 * "load.field": such a field takes no column. */
LEAT_API leat_status leat_session_load(leat_text **out, leat_session *session, uint32_t entity, const uint32_t *fields,
                                       const leat_column *columns, size_t column_count, size_t row_count,
                                       const leat_load_options *options, leat_error **error);

/* ---- FEEL by itself: expressions over contexts ------------------------------------------------------------------- */

enum {
    /* DMN's untyped evaluation: what does not fit (a text plus a number, an unknown name) is null and not an error. */
    LEAT_FEEL_LENIENT = 1,
    LEAT_FEEL_KINDS = 2,  /* answers say what each value is: "kinds"                                                  */
    LEAT_FEEL_EXPLAIN = 4 /* answers say what the parts of the expression came to: "parts"                            */
};

typedef struct leat_feel_options {
    size_t struct_size;
    uint64_t flags; /* LEAT_FEEL_… */
    /* The types of the context's entries, as a JSON object {"amount": "number", "lines": "list<context<price:
     * number>>"}: everything is checked at once, and contexts are converted to them (texts to dates, too). Empty: names
     * and types are those of each context as it comes, and one of another shape compiles anew. */
    leat_str types;
    leat_str now;      /* what now() and today() answer: "2026-11-21T08:00:00Z"; empty: the system's clock           */
    leat_str timezone; /* an IANA name; empty: the program's, or UTC                                                 */
    uint64_t steps_max, list_items_max, source_bytes_max, depth_max, memory_bytes_max; /* 0: the built-in limits     */
} leat_feel_options;

/* Compiles an expression. program may be NULL; else its decisions, functions and calendars are known, as far as they
 * need no engine (else LEAT_E_PROGRAM "decision.unbound"). options may be NULL. Errors of the expression are
 * LEAT_E_PROGRAM with diagnostics: at once where types are declared, else at the first evaluation. */
LEAT_API leat_status leat_feel_new(leat_feel **out, const leat_program *program, leat_str expression,
                                   const leat_feel_options *options, leat_error **error);
LEAT_API void leat_feel_free(leat_feel *feel);

/* Evaluates. context: a JSON object, or a FEEL context ({due: @"2026-12-01"}); empty: {}. The answer is {"value": …,
 * "null_reasons": [{"path", "code", "text", "line", "column", "end_line", "end_column"}]}: why the value, or a part of
 * it at `path`, is null, without places where they are not known; with LEAT_FEEL_KINDS also "kinds": the shape of value
 * with each scalar's kind in its place ("number", "string", "boolean", "date", "time", "date and time", "days and time
 * duration", "years and months duration", "range", "function", "null"); with LEAT_FEEL_EXPLAIN also "parts": [{"text",
 * "value"}]. */
LEAT_API leat_status leat_feel_eval(leat_text **out, leat_feel *feel, leat_str context, leat_error **error);

/* The declared entries in order. Empty: no such. */
LEAT_API uint32_t leat_feel_input_count(const leat_feel *feel);
LEAT_API leat_str leat_feel_input_name(const leat_feel *feel, uint32_t index);
/* Evaluates with one value per declared entry. What the answer points at is lent until the next evaluation, and may be
 * text of the inputs. Contexts, ranges and functions have no leat_value: LEAT_E_USAGE "value.kind". */
LEAT_API leat_status leat_feel_eval_values(leat_value *out, leat_feel *feel, const leat_value *inputs,
                                           size_t input_count, leat_error **error);
/* Why the last answer is null ("divided by zero"); empty when it is not. Lent until the next evaluation. */
LEAT_API leat_str leat_feel_null_reason(const leat_feel *feel);

#ifdef __cplusplus
}
#endif

#endif
