// The numbers of the fast door. An event's is its flow's in the upper half and its own within the flow in the lower.
#pragma once
#include <cstdint>

#include "program/program.hpp"

namespace leat::capi {

// nullptr when the program has no such event.
const program::Event* find_event(const program::Program& program, uint64_t event, uint32_t* flow);

}  // namespace leat::capi
