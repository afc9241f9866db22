// The built-in functions: one row each with the signature the checker reads and the code the machine calls.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "feel/evaluation.hpp"
#include "feel/type.hpp"
#include "value/value.hpp"

namespace leat::feel {

struct Builtin;

// What a built-in's type rule sees: the static types of the arguments as written.
struct Call {
    const Builtin& builtin;
    std::span<const TypeRef> arguments;
    Types& types;
};

using BuiltinCode = Value (*)(Evaluation&, std::span<const Value>);
using BuiltinType = TypeRef (*)(const Call&);

struct BuiltinParameter {
    std::string name;
    TypeKind kind = TypeKind::any;  // any: anything
    bool optional = false;
    bool nullable = false;   // a null argument is meant: no "may be null" follows from it
    bool omissible = false;  // a call with named parameters may leave it out; it is null then
};

struct Builtin {
    std::string name;
    std::vector<BuiltinParameter> parameters;
    bool variadic = false;  // the last parameter repeats
    TypeKind result = TypeKind::any;
    bool result_nullable = true;  // even when no argument is
    BuiltinType type = nullptr;   // overrides result
    BuiltinCode code = nullptr;
    bool clock = false;

    size_t required() const;
    bool takes(size_t count) const { return count >= required() && (variadic || count <= parameters.size()); }
};

// All of them. A name may stand for several (date of a text, of year-month-day): overloads are neighbours.
const std::vector<Builtin>& builtins();
// The first overload's index, or -1.
int find_builtin(std::string_view name);
// The longest built-in name in words.
constexpr size_t kBuiltinWordsMax = 6;

// One row of the table: "substring(string: string, start position: number, length?: number): string".
// `?` after a parameter: it may be left out, `??`: by calls with named parameters only.
// `!` after the result: never null when no argument is. `...` after the last parameter: it repeats. `~` before a
// type: a null argument has a meaning of its own.
Builtin builtin(std::string_view signature, BuiltinCode code, BuiltinType type = nullptr);

void add_number_functions(std::vector<Builtin>& table);
void add_string_functions(std::vector<Builtin>& table);
void add_regex_functions(std::vector<Builtin>& table);
void add_list_functions(std::vector<Builtin>& table);
void add_temporal_functions(std::vector<Builtin>& table);
void add_range_functions(std::vector<Builtin>& table);
void add_amount_functions(std::vector<Builtin>& table);
void add_other_functions(std::vector<Builtin>& table);

}  // namespace leat::feel
