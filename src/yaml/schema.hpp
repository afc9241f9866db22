// The JSON Schema of the dialect (2020-12), one document a section: for editors, and for people who generate
// definitions.
#pragma once
#include <string>

namespace leat::yaml {

// Printed from the same tables of keys that the readers use, so that it cannot say anything else. FEEL keys are marked
// "x-feel": true; keys that are FEEL only with a leading "=" are marked "x-feel": "=". Indented, ends in a newline.
std::string schema_json();

}  // namespace leat::yaml
