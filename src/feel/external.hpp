// Functions in another language (DMN 1.5, 10.3.2.13.3): methods of Java's Math, String and of its numbers' classes,
// which models of Java engines call, are here; any other one answers null and says which.
#pragma once
#include <string_view>
#include <vector>

#include "feel/functions.hpp"

namespace leat::feel {

// The built-in that calls them, with the mapping ({java: {class, method signature}}) and the arguments; no text can
// spell its name.
inline constexpr std::string_view kExternal = " external";

bool has_external_class(std::string_view java_class);
void add_external_function(std::vector<Builtin>& table);

}  // namespace leat::feel
