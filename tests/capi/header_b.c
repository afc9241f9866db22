#include <leat/leat.h>

int header_b(void);
int header_b(void) {
    leat_value value = leat_value_integer(INT64_MIN);
    if (value.as.number.high != UINT64_MAX) return 0;
    return sizeof(leat_value);
}
