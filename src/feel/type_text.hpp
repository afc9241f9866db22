// Types as FEEL writes them: "list<number>", "context<a: string>", "function<number>->Any", an item definition's name.
#pragma once
#include <string_view>

#include "feel/scope.hpp"
#include "feel/type.hpp"

namespace leat::feel {

// The type that the text names (DMN 1.5, grammar rules 46-49, and typeRef's spellings "dayTimeDuration",
// "yearMonthDuration", "dateTime"); other names are asked of the scope. nullptr: there is none.
TypeRef parse_type(std::string_view text, const Scope& scope);

// The names that parse_type() knows by itself, for "did you mean".
std::vector<std::string> type_names();

// DMN 1.5, 10.3.2.9.2: whether every value of `from` is one of `to`.
bool conforms(TypeRef from, TypeRef to);

}  // namespace leat::feel
