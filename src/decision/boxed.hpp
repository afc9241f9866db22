// Boxed expressions (DMN 1.5, 10.2.2) as written, compiled: one feel expression, decision tables inside it.
//
// A table is compiled against the names of its place and called by the machine as a function of the environment, whose
// arguments are the values of the names that it reads. Whoever compiles says which functions those are and calls
// call_table() for them. Start at compile_boxed().
#pragma once
#include <memory>
#include <span>
#include <vector>

#include "decision/table.hpp"
#include "feel/parts.hpp"
#include "model/model.hpp"

namespace leat::decision {

class BoxedHost {
 public:
    virtual ~BoxedHost() = default;
    // A declared type by its name; any for an empty one, nullptr after an error.
    virtual feel::TypeRef type(const Text& name, Diagnostics& diagnostics) = 0;
    // The allowed values of that type as unary tests, from which an output's order of priority comes where it lists
    // none itself; nullptr: none.
    virtual const Text* allowed_values(const Text& type) = 0;
    // Keeps the table; answers the function that the environment is to be called with.
    virtual uint32_t add_table(std::unique_ptr<Table> table) = 0;
};

// nullptr after at least one error: feel's, the tables', dmn.type. `name` is what the tables are called in messages.
// Warns (dmn.external) of a function in another language, which answers null.
std::unique_ptr<feel::Expression> compile_boxed(const model::Boxed& box, const std::string& name,
                                                const feel::Scope& scope, const feel::CompileOptions& options,
                                                BoxedHost& host, Diagnostics& diagnostics);

// A box that is a table and nothing else, compiled without a detour; nullptr after an error.
std::unique_ptr<Table> compile_table(const model::DecisionTable& table, const std::string& name,
                                     const feel::Scope& scope, const feel::CompileOptions& options, BoxedHost& host,
                                     Diagnostics& diagnostics);

// The part of an expression that a box is: a table an embedded one, a relation the list of its rows.
feel::Part::Kind part_kind(model::Boxed::Kind box);

// What a table inside an expression answers for the values of the names that it reads. `frame` is the caller's.
Value call_table(const Table& table, std::span<const Value> arguments, feel::Frame& frame, Match* match = nullptr);

// Names of members that the box's value may have, of entries, columns and outputs, that are no single words.
void add_phrases(const model::Boxed& box, std::vector<std::string>& out);

}  // namespace leat::decision
