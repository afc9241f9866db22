// Texts in upper and lower case.
#pragma once
#include <string>
#include <string_view>

namespace leat::feel {

// By Unicode's full mappings, as XPath's fn:upper-case and fn:lower-case: no language's own rules.
std::string upper_case(std::string_view text);
std::string lower_case(std::string_view text);

}  // namespace leat::feel
