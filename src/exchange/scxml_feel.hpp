// ECMAScript expressions of SCXML documents as FEEL. Inside this room only.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace leat::exchange {

// Literals, names, arithmetic, comparisons, && || !, In('state') and _event.data.x; nullopt for anything else.
std::optional<std::string> feel_of_ecmascript(std::string_view text);

}  // namespace leat::exchange
