#include <leat/leat.h>
#include <stdio.h>

int main(void) {
    leat_source source = {{"a.yaml", 6}, {"leat: 1\napp: a\n", 15}};
    leat_program *program = NULL;
    leat_error *error = NULL;
    leat_status status = leat_program_load(&program, &source, 1, NULL, &error);
    printf("%s\n", status == LEAT_OK ? leat_program_name(program).data : leat_error_text(error).data);
    leat_program_free(program);
    leat_error_free(error);
    return leat_version_number() == LEAT_VERSION_NUMBER ? 0 : 1;
}
