// What feel asks of whoever compiles and runs an expression. feel knows no entities, no database and no clock: names
// come from a Scope at load, members, collections and functions from an Environment at run time.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.hpp"
#include "feel/type.hpp"
#include "value/value.hpp"

namespace leat::feel {

namespace ast {
struct Node;
}

// What a name stands for, found once at load.
struct Binding {
    enum class Kind : uint8_t {
        field,     // of `this`: Frame::row[index]
        self,      // `this`
        local,     // Frame::locals[index]: event, old, actor, params, rows, a step's `as` and `let`
        object,    // settings, records: Value::object_of(index)
        constant,  // a value known at load (an enum value or role written as a bare name in a table)
        function,  // Environment::call(index, …): decisions, `functions:` entries, host functions
    };
    Kind kind = Kind::local;
    uint32_t index = 0;
    TypeRef type = nullptr;
    Value constant;
};

// Whether a name is more than one word, so that a scope has to tell it among its phrases().
bool is_phrase(std::string_view name);

class Scope {
 public:
    virtual ~Scope() = default;
    // A bare name at the outermost level; nullopt when there is none. Never asked for names that the expression
    // itself binds (for, some, every, function parameters, item, contexts).
    virtual std::optional<Binding> find(std::string_view name) const = 0;
    // A member of a record, collection (its records' fields) or object type.
    virtual std::optional<Member> member(TypeRef type, std::string_view name) const = 0;
    // All names that find() or member() knows, for "did you mean" (type nullptr: bare names).
    virtual std::vector<std::string> names(TypeRef type) const = 0;
    // Index of a named working-time calendar ("office"), for `P7D office`.
    virtual std::optional<uint32_t> calendar(std::string_view name) const = 0;
    virtual Types& types() const = 0;
    // Names that are no single word ("Monthly Salary", "a-b"), bare or of any member that an expression here may
    // meet: the parser takes the longest one that the text spells (DMN 1.5, 10.3.1.5). Names of an application's
    // definitions are single words.
    virtual const std::vector<std::string>& phrases() const;
    // A type by name, for `instance of tPerson` and function(a: tPerson): item definitions. nullptr: no such.
    virtual TypeRef named_type(std::string_view name) const;
};

// A collection with its filter, records.order[…]. The host compiles what it can into SQL and says so when it runs.
struct CollectionQuery {
    enum class Want : uint8_t { list, count };
    uint32_t entity = 0;
    Want want = Want::list;                    // count: under count(…), the answer may be a number
    const ast::Node* filter = nullptr;         // typed tree over `item`; nullptr: every record
    std::vector<const ast::Node*> parameters;  // maximal subtrees of the filter that do not depend on the item
    // A part of a collection: sort(records.X[…], function(a, b) a.f < b.f), and what [1] and sublist take of it. The
    // host answers it whole (true), or says false at once and looks at nothing: the machine then evaluates it plainly.
    struct Key {
        uint32_t field = 0;    // of the item, or of the record that its field `through` points at
        int64_t through = -1;  // -1: the item's own
        bool descending = false;
    };
    bool part = false;
    std::vector<Key> order;              // from the most significant one; none: creation order
    uint64_t skip = 0;                   // items before the first
    uint64_t limit = UINT64_MAX;         // and how many from there on
    mutable const void* plan = nullptr;  // the host's compiled form, set once before the program is shared
};

struct Frame;

class Environment {
 public:
    virtual ~Environment() = default;
    // A member of a record whose row is not at hand, or of an object (settings.x).
    virtual Value member(const Value& object, uint32_t index, Frame& frame) = 0;
    // Runs a query with the values of its parameters. True: `out` is the filtered list (or count); false: `out` is
    // every record of the entity, in creation order, and the machine applies the filter itself. Of a part: true, the
    // list with its order and bounds (never an empty one); false, and `out` is not looked at.
    virtual bool query(const CollectionQuery& query, std::span<const Value> parameters, Frame& frame, Value& out) = 0;
    virtual Value call(uint32_t function, std::span<const Value> arguments, Frame& frame) = 0;
    virtual int64_t now_us() = 0;         // the command's time
    virtual value::Zone time_zone() = 0;  // of today() and now()
};

// Everything one evaluation works on. Cheap to make; one evaluation at a time.
struct Frame {
    const Value* row = nullptr;     // fields of `this`
    Value self;                     // `this`
    const Value* locals = nullptr;  // a function value reads those of the frame that made it, also when called later
    Environment* environment = nullptr;
    Arena* arena = nullptr;
    uint64_t* steps_left = nullptr;  // fuel; LimitError("limit.steps", …) at zero; nullptr: unlimited
    uint32_t depth = 0;              // of calls under way; an environment that evaluates anew for a call passes it on
};

// Calls inside each other, of function values and of the environment: well inside a thread's stack.
inline constexpr uint32_t kCallDepthMax = 200;

}  // namespace leat::feel
