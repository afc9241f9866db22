// Boxed expressions into the tree that the checker and the compiler know. Inside this room only.
#pragma once
#include "feel/parser.hpp"
#include "feel/parts.hpp"

namespace leat::feel {

// The tree of all parts, and in `source` their texts one after the other, which the nodes' places refer to. nullptr
// after at least one error.
ast::Node* build_parts(const Part& part, const Scope& scope, const CompileOptions& options, Diagnostics& diagnostics,
                       Tree& tree, Text& source);

}  // namespace leat::feel
