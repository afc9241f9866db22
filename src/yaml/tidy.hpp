// Checks of a whole tree that need no knowledge of sections, and the cuts that keep one mistake from being told twice.
#pragma once
#include "yaml/node.hpp"
#include "yaml/places.hpp"

namespace leat::yaml {

// Reports and removes duplicate keys, merge keys, keys that are not text, empty values and values broken by an unquoted
// comma (which are put together again).
void clean(Node& node, Diagnostics& diagnostics);

}  // namespace leat::yaml
