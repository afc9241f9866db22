/* Programs survive fork(); an engine in a child answers an error, and freeing it there harms nobody. */
#include <sys/wait.h>
#include <unistd.h>

#include "capi_test.h"

int main(void) {
    leat_program *program = shop();
    leat_engine *engine = shop_engine(program);
    leat_session *session = open_session(engine, "system");
    leat_error *error = NULL;
    leat_text *text = NULL;
    char key[32];
    int status = 0;
    pid_t child;
    make_order(session, "before", "1", key);
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        leat_engine *own;
        leat_session *mine;
        FAILS(leat_session_show(&text, session, S("order"), S(key), &error), LEAT_E_USAGE, "engine.forked");
        FAILS(leat_engine_verify(&text, engine, &error), LEAT_E_USAGE, "engine.forked");
        leat_session_free(session);
        leat_engine_free(engine);
        own = shop_engine(program);
        mine = open_session(own, "system");
        make_order(mine, "in the child", "1", key);
        leat_session_free(mine);
        leat_engine_free(own);
        leat_program_free(program);
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    OK(leat_session_show(&text, session, S("order"), S(key), &error));
    leat_text_free(text);
    leat_session_free(session);
    leat_engine_free(engine);
    leat_program_free(program);
    return 0;
}
