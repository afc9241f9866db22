/* The host's own connection: its tables and Leat's commit together or not at all. */
#include <sqlite3.h>

#include "capi_test.h"

static int64_t count(sqlite3 *db, const char *sql) {
    sqlite3_stmt *statement = NULL;
    int64_t result;
    CHECK(sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW);
    result = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return result;
}
static void run(sqlite3 *db, const char *sql) {
    CHECK(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK);
}

int main(void) {
    leat_program *program = shop();
    leat_engine *engine = NULL;
    leat_session *session;
    leat_error *error = NULL;
    leat_engine_options options;
    sqlite3 *db = NULL;
    char key[32];
    CHECK(sqlite3_open(":memory:", &db) == SQLITE_OK);
    run(db, "CREATE TABLE ledger (text TEXT)");
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.joined_sqlite3 = db;
    OK(leat_engine_open(&engine, program, &options, &error));
    session = open_session(engine, "system");

    run(db, "BEGIN");
    run(db, "INSERT INTO ledger VALUES ('with an order')");
    make_order(session, "joined", "1", key);
    run(db, "ROLLBACK");
    CHECK(count(db, "SELECT count(*) FROM ledger") == 0 && count(db, "SELECT count(*) FROM \"order\"") == 0);
    run(db, "BEGIN");
    run(db, "INSERT INTO ledger VALUES ('with an order')");
    make_order(session, "joined", "1", key);
    run(db, "COMMIT");
    CHECK(count(db, "SELECT count(*) FROM ledger") == 1 && count(db, "SELECT count(*) FROM \"order\"") == 1);

    leat_session_free(session);
    leat_engine_free(engine);
    leat_program_free(program);
    CHECK(sqlite3_close(db) == SQLITE_OK); /* nothing of Leat's is left on it */
    return 0;
}
