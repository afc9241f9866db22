// One running evaluation, as operations and built-in functions see it: memory, fuel, and how to say why a result is
// null.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "feel/scope.hpp"
#include "value/value.hpp"

namespace leat::feel {

struct Code;

class Evaluation {
 public:
    Evaluation(const Code& program, Frame& running) : code(program), frame(running), arena(*running.arena) {}

    // A null that says why; `code` and `text` must be literals (they are not copied).
    Value fail(std::string_view reason_code, std::string_view text);
    // The same with a text made at run time.
    Value fail_copy(std::string_view reason_code, const std::string& text);
    // The null that explains a result computed from these: the first null argument with a reason, else the first null.
    static Value null_of(const Value& a, const Value& b);
    // Uses up fuel; throws LimitError("limit.steps", …) when there is none.
    void charge(uint64_t steps);
    // Throws LimitError("limit.list", …) when a list would hold more than the limit.
    void check_list_size(uint64_t items) const;
    // Calls a function value with arguments.
    Value call(const Value& function, std::span<const Value> arguments);

    const Code& code;
    Frame& frame;
    Arena& arena;
    uint32_t begin = 0, end = 0;  // the place in the text of what runs

 private:
    friend class Machine;
};

// How much a value holds when it is written out in full, in units of 16 bytes, and how deep it nests. Values share
// their parts, so a short loop can make one that is astronomically large to print, compare or copy: lists and contexts
// made here carry their bulk (in flags: eighths of its logarithm) and depth (in exponent), and both are bounded.
class Bulk {
 public:
    void add(const Value& part);
    // Marks the list or context that was made of the parts; throws LimitError("limit.memory" or "limit.depth").
    Value mark(Value whole) const;
    static uint64_t of(const Value& value);

 private:
    uint64_t units_ = 1;
    int depth_ = 0;
};

// A list over items that stay where they are, and a context over entries, with their bulk.
Value make_list(const Value* items, size_t count);
Value make_context(Arena& arena, const value::ContextEntry* entries, size_t count);

// A list that grows in the arena; list() is valid also after more is pushed.
class ListBuilder {
 public:
    explicit ListBuilder(Evaluation& evaluation, size_t capacity = 0);
    void push(const Value& value);
    Value list() const { return bulk_.mark(Value::list(items_, count_)); }
    size_t size() const { return count_; }

 private:
    Evaluation& evaluation_;
    Value* items_ = nullptr;
    size_t count_ = 0;
    size_t capacity_ = 0;
    Bulk bulk_;
};

}  // namespace leat::feel
