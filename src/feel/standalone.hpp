// FEEL without entities: an expression over a context of values, for the shell, tests and conformance suites.
#pragma once
#include <string_view>
#include <vector>

#include "base/arena.hpp"
#include "base/limits.hpp"
#include "base/result.hpp"
#include "feel/scope.hpp"
#include "value/value.hpp"

namespace leat::feel {

struct StandaloneOptions {
    bool lenient = false;      // DMN's way: a type error or an unknown name is null
    TypeRef result = nullptr;  // the declared type, which the value is coerced to
    // Declared types of the context's entries, which are coerced to them; others are typed from their values.
    std::vector<Member> inputs;
    std::vector<Member> types;  // named types, for `instance of` and functions' parameters
    Limits limits;
};

// The value of `expression` where the entries of `context` (or null: none) are the names in scope, typed from their
// values. The result lives in `arena`. `environment` answers now() and today(); nullptr: the epoch in UTC.
// Errors: program with code and diagnostics of the first fault (source 0), limit with a limit's code.
Result<Value> evaluate_text(std::string_view expression, const Value& context, Environment* environment, Arena& arena,
                            const StandaloneOptions& options = {});

// The deep static type of a value: contexts with their members, lists with the type that their items share.
TypeRef deep_type_of(const Value& value, Types& types);

}  // namespace leat::feel
