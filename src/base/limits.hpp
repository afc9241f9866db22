// Limits: a bound on everything an input or a definition can make grow, each with its reason.
#pragma once
#include <cstdint>

namespace leat::base {

struct Limits {
    uint64_t steps_max = 10'000'000;         // evaluation steps of one command: a formula can never hang a host
    uint32_t records_max = 10'000;           // records one command may touch (SEMANTICS 1.7)
    uint32_t microsteps_max = 1'000;         // of one macrostep: a cycle of eventless transitions is an error
    uint32_t rounds_max = 100;               // of formulas and rules until nothing changes
    uint64_t memory_bytes_max = 256u << 20;  // of one command's arena
    uint32_t depth_max = 64;                 // nesting of YAML, JSON input and expressions
    uint64_t source_bytes_max = 16u << 20;   // of one definition file
    uint64_t input_bytes_max = 16u << 20;    // of one JSON input
    uint32_t list_items_max = 1'000'000;     // of one list value
};

}  // namespace leat::base

namespace leat {
using base::Limits;
}
