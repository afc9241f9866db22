/* leat.h alone, twice, under the strictest flags, as C99 and C++11; header_b.c is the second translation unit. */
#include <leat/leat.h>

int header_b(void);

int main(void) {
    leat_value value = leat_value_decimal(-1250, 2);
    leat_str text = leat_str_of("a");
    return value.scale == 2 && text.size == 1 && leat_version_number() == LEAT_VERSION_NUMBER && header_b() == 24 ? 0
                                                                                                                  : 1;
}
