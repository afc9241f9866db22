// What imports and exports share at the boundary.
#pragma once
#include <leat/leat.h>

#include "exchange/import.hpp"

namespace leat::capi {

// Throws ArgumentError "import.format" for what is no LEAT_FORMAT.
exchange::Format format_of(int32_t format);

}  // namespace leat::capi
