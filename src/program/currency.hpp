// Currencies, as far as amounts need them.
#pragma once
#include <string_view>

namespace leat::program {

// Digits after the point of a currency (ISO 4217); 2 for a code that is not known.
int currency_digits(std::string_view code);
// Three capital letters.
bool is_currency_code(std::string_view text);

}  // namespace leat::program
