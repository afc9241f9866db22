// Expressions and decisions without an engine: what they may not read, and the environment that answers the rest.
#pragma once
#include <set>
#include <string>

#include "program/program.hpp"

namespace leat::capi {

// What an expression needs, decisions and formulas that it calls looked through.
struct Needs {
    std::string engine;            // what only an engine knows, in words; "": it may run alone
    bool clock = false;            // today() or now()
    std::set<uint32_t> fields;     // of the record at hand
    std::set<uint32_t> functions;  // Binding::function numbers called
};
// `self`: the entity whose fields are at hand, or nullptr.
Needs needs_of(const feel::Reads& reads, const program::Program& program, const program::Entity* self);

// Answers what may run alone.
class Alone final : public feel::Environment {
 public:
    Alone(const program::Program& program, int64_t now_us) : program_(program), now_us_(now_us) {}
    Value member(const Value& object, uint32_t index, feel::Frame& frame) override;
    bool query(const feel::CollectionQuery& query, std::span<const Value> parameters, feel::Frame& frame,
               Value& out) override;
    Value call(uint32_t function, std::span<const Value> arguments, feel::Frame& frame) override;
    int64_t now_us() override { return now_us_; }
    value::Zone time_zone() override { return program_.time_zone; }

 private:
    const program::Program& program_;
    int64_t now_us_;
    uint32_t depth_ = 0;  // of calls within calls
};

}  // namespace leat::capi
