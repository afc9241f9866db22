// Simple unary tests: cells of numbers and texts as they stand, `> 5`, `[0..100), 150`, `"a", "b"`, most cells of most
// tables (DMN 1.5, 9.2, S-FEEL's "simple unary tests"). Their tokens are made into the checked tree at once.
#pragma once
#include <vector>

#include "feel/ast.hpp"
#include "feel/lexer.hpp"
#include "feel/parser.hpp"
#include "feel/type.hpp"

namespace leat::feel {

// The very tree that Parser and Checker make of these tokens for a column of type `input`, types included. nullptr
// where the cell is anything else, or wrong: then they have the word.
ast::Node* simple_tests(const std::vector<Token>& tokens, TypeRef input, Tree& tree, Types& types);

}  // namespace leat::feel
