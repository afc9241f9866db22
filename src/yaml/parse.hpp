// From the text of a file to its documents as trees; every fault of YAML itself is reported here.
#pragma once
#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"
#include "base/limits.hpp"
#include "yaml/node.hpp"

namespace leat::yaml {

// The text as the parser wants it: without a byte order mark, line ends as "\n". Places do not change by it.
std::string normalize(std::string_view text);

// The documents of `source`, whose text must be normalized. A document with a syntax error is left out and the next
// one is read all the same; duplicate keys, empty values, anchors, aliases, tags and merge keys are reported and cut.
std::vector<Node> parse(const Sources& sources, uint32_t source, const Limits& limits, Diagnostics& diagnostics);

}  // namespace leat::yaml
