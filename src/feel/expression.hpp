// feel: OMG DMN 1.5 FEEL, compiled. Text → lexer → parser → checker (types, names) → compiler → a compact program for
// a stack or register machine. Pure: no I/O, no clock, no entities (feel/scope.hpp is how it asks).
//
// Start reading here: compile() and Expression::evaluate(). ast.hpp has the typed tree that query planning reads.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/diagnostic.hpp"
#include "base/limits.hpp"
#include "feel/scope.hpp"
#include "feel/type.hpp"

namespace leat::feel {

namespace ast {
struct Node;
}
struct Code;

// What an expression reads: for dependency order, edges, locks, and what may be stored.
struct Read {
    uint32_t entity = 0;
    uint32_t field = 0;
    bool through_reference = false;  // not a field of `this`
};
struct Reads {
    std::vector<Read> fields;           // of `this` by entity of the scope's record type, and through references
    std::vector<uint32_t> collections;  // entities read through records.X or reverse lists
    std::vector<uint32_t> objects;      // class ids of objects read (settings …)
    std::vector<uint32_t> functions;    // Binding::function indexes called
    bool clock = false;                 // today() or now()
};

class Expression {
 public:
    Expression();
    ~Expression();
    Expression(Expression&&) noexcept;
    Expression& operator=(Expression&&) noexcept;

    // The value; nulls say why (NullReason). Never throws but LimitError. Thread-safe on distinct frames.
    Value evaluate(Frame& frame) const;
    // For unary tests: the input is `?`.
    Value evaluate(Frame& frame, const Value& input) const;

    TypeRef type() const;  // static type of the result
    const Reads& reads() const;
    const ast::Node* tree() const;  // typed; lives as long as the expression
    const std::vector<std::unique_ptr<CollectionQuery>>& queries() const;
    const Text& source() const;
    bool is_constant() const;

 private:
    friend struct Compilation;
    std::unique_ptr<Code> code_;
};

struct CompileOptions {
    TypeRef expected = nullptr;            // the type that the place wants; nullptr: any. A mismatch is a diagnostic.
    TypeRef self = nullptr;                // type of `this`, when there is one (record of an entity)
    bool warn_nullable_condition = false;  // guards, criteria, asserts: warn where the result may be null
    bool lenient = false;  // DMN's way: a type error or an unknown name is null when it runs, not an error at load
    bool warn_unknown_names = false;  // and yet an unknown name, outside of filters, is a warning
    Limits limits;
};

// nullptr after adding at least one error to `diagnostics`. Codes: feel.syntax, feel.name.unknown, feel.type.mismatch,
// feel.argument, feel.enum.unknown, feel.money.mixed, feel.limit … each with the span inside source.
std::unique_ptr<Expression> compile(const Text& source, const Scope& scope, const CompileOptions& options,
                                    Diagnostics& diagnostics);

// A decision table's input cell: `-`, literals, comparisons, ranges, lists of them, `not(…)`, or a boolean expression
// with `?`. `input` is the type of the column. In a column of enum (or role) type bare names are its values.
std::unique_ptr<Expression> compile_unary_tests(const Text& source, TypeRef input, const Scope& scope,
                                                const CompileOptions& options, Diagnostics& diagnostics);

// A text with {expression:format}: formats money, date, datetime, percent, number, duration; none: FEEL's string().
// {{ and }} are literal braces. An empty template renders "".
class Template {
 public:
    std::string render(Frame& frame) const;
    bool is_constant() const;
    const Reads& reads() const { return reads_; }

 private:
    friend std::unique_ptr<Template> compile_template(const Text&, const Scope&, const CompileOptions&, Diagnostics&);
    struct Part {
        std::string literal;
        std::unique_ptr<Expression> expression;
        std::string format;
    };
    std::vector<Part> parts_;
    Reads reads_;
};
std::unique_ptr<Template> compile_template(const Text& source, const Scope& scope, const CompileOptions& options,
                                           Diagnostics& diagnostics);

}  // namespace leat::feel
