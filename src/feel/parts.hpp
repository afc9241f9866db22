// Expressions made of parts: DMN's boxed expressions (DMN 1.5, 10.2.2), one tree of texts compiled as one expression.
//
// A boxed context is compiled as FEEL's context literal is, a boxed conditional as `if`, and so on, with the names that
// each box brings in scope of the boxes inside it. What feel knows nothing of (a decision table) is an embedded part:
// its host compiles it against the names of its place and says which function the machine is to call.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "feel/expression.hpp"

namespace leat::feel {

struct Part {
    enum class Kind : uint8_t {
        expression,   // text
        context,      // children under names; a last child named "" is the result, else the context itself is
        list,         // children
        invocation,   // text is the callee; children are the arguments, names their parameters
        function,     // names and types are the parameters; children[0] is the body
        conditional,  // children: if, then, else
        filter,       // children: in, match (the item's members are names there, and `item`)
        for_each,     // names[0] runs over children[0] (a list or a range); children[1] is what each gives
        some,         // names[0], children: in, satisfies
        every,        // the same
        embedded,     // `embedded` is the host's number for it
        nothing,      // a box without an expression: null
    };
    Kind kind = Kind::expression;
    Text text;
    TypeRef type = nullptr;  // declared: the part's value is coerced to it (feel/coerce.hpp); nullptr: as it comes
    std::vector<std::string> names;
    std::vector<TypeRef>
        types;  // of a function's parameters (nullptr: any); of a context's entries: none, see children
    std::vector<Part> children;
    uint32_t embedded = 0;
    Span span;
};

// What an embedded part became: a function of the environment (Environment::call) whose arguments are these names.
struct Embedded {
    uint32_t function = 0;
    std::vector<std::string> reads;  // names of its place, in the order of the arguments
    TypeRef type = nullptr;          // of its answer; nullptr: any
};

class EmbeddedHost {
 public:
    virtual ~EmbeddedHost() = default;
    // `names` knows every name in scope at the part's place, those of enclosing boxes included (as locals, whose
    // Binding::index means nothing: the host gives them places of its own, in the order of Embedded::reads). Answers
    // nullopt after adding an error.
    virtual std::optional<Embedded> compile_embedded(uint32_t embedded, const Scope& names,
                                                     Diagnostics& diagnostics) = 0;
};

// As compile(), for a tree of parts. `host` may be nullptr where no part is embedded.
std::unique_ptr<Expression> compile_parts(const Part& part, EmbeddedHost* host, const Scope& scope,
                                          const CompileOptions& options, Diagnostics& diagnostics);

}  // namespace leat::feel
