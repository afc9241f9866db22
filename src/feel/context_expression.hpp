// An expression over contexts: compiled once, evaluated for one context after the other. What hosts use that have
// values and no records.
//
// The names of an expression are the entries of its context. Their types are declared, or taken from the first context
// and from every later one that is of another shape, which compiles anew.
#pragma once
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/arena.hpp"
#include "base/limits.hpp"
#include "base/result.hpp"
#include "feel/expression.hpp"

namespace leat::feel {

// Why a value, or a part of it, is null.
struct NullPlace {
    std::string path;  // in the value: "", "[2].price", counted from 1 as FEEL does
    std::string code, text;
    Span span;  // of what came out null, in the expression; line 0: not known
};

// A part of the expression and what it came to.
struct PartValue {
    std::string text;
    Value value;
};

class ContextExpression {
 public:
    struct Options {
        bool lenient = false;  // DMN's way: a type error or an unknown name is null
        bool declared = false;
        // declared: the entries' types as FEEL writes them ("number", "list<string>", "context<a: date>").
        std::vector<std::pair<std::string, std::string>> types;
        // Names and calendars besides those of the context; asked whenever something is compiled. Empty: none.
        std::function<std::unique_ptr<Scope>()> outer;
        // Asked of every compiled expression: whether it may read what it reads. Empty: it may.
        std::function<Result<void>(const Reads&)> check;
        Limits limits;
    };

    // Compiles at once when types are declared. Errors: program "program.invalid" with diagnostics.
    static Result<std::unique_ptr<ContextExpression>> make(std::string_view text, Options options);
    ~ContextExpression();

    // The value, in `arena`; entries of a declared context are coerced to their types. `context` is a context or null.
    // Errors: as make(), a limit, usage "input.unknown_field" for an entry that is not declared. A call invalidates the
    // values of the one before.
    Result<Value> evaluate(const Value& context, Environment& environment, Arena& arena);
    // The same with one value per declared entry.
    Result<Value> evaluate(std::span<const Value> values, Environment& environment, Arena& arena);

    bool declared() const { return options_.declared; }
    const std::vector<Member>& inputs() const { return members_; }
    // Every null in the value of the last evaluation, up to a hundred.
    std::vector<NullPlace> nulls(const Value& value) const;
    // What the parts of the expression came to in the last evaluation, those inside loops and functions left out.
    std::vector<PartValue> parts(Environment& environment, Arena& arena);

 private:
    ContextExpression(std::string_view text, Options options);
    class Names;
    Result<void> compile();
    bool fits(const Value& context) const;
    Result<Value> run(const Expression& expression, Environment& environment, Arena& arena);
    void add_nulls(const Value& value, const std::string& path, int depth, std::vector<NullPlace>& out) const;

    Options options_;
    Text source_;
    std::unique_ptr<Types> own_types_;  // made anew when another shape is compiled, so that they do not pile up
    std::vector<Member> members_;
    std::unique_ptr<Expression> expression_;
    std::vector<Value> locals_;
};

}  // namespace leat::feel
