// Conditions of definitions as JSON Schema of the record's document, where they have such a shape: comparisons of one
// field with constants, and, or, not over those. What else there is the server has to judge.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "feel/ast.hpp"
#include "program/program.hpp"

namespace leat::form {

struct ConditionOf {
    const program::Program& program;
    const program::Entity& entity;
    bool numbers = false;                                    // see Options
    std::function<bool(const program::Field&)> in_document;  // whether the document has the field, unmasked
};

// A schema that the document meets exactly where the condition is true; nullopt: it has no such shape, or reads what
// the document does not have. A field with a constant default counts as having it when it is absent.
std::optional<std::string> condition_schema(const feel::Expression& condition, const ConditionOf& of);

// The value of a constant expression, as long as the arena; nullopt: it is none.
std::optional<Value> constant_of(const feel::Expression& expression, Arena& arena);
// A field's value as the document has it. Null is "null".
std::string json_of(const program::Program& program, const program::Field& field, const Value& value, bool numbers);

}  // namespace leat::form
