#include "capi/capi.hpp"

extern "C" {

LEAT_API uint32_t leat_version_number(void) {
    return LEAT_VERSION_NUMBER;
}
LEAT_API leat_str leat_text_str(const leat_text* text) {
    return text == nullptr ? leat_str{"", 0} : leat::capi::lend(text->text);
}
LEAT_API void leat_text_free(leat_text* text) {
    delete text;
}

}  // extern "C"
