// Decisions of DMN models by themselves.
#pragma once
#include <leat/leat.h>

#include <optional>
#include <string_view>

#include "base/json.hpp"
#include "program/program.hpp"

namespace leat::capi {

struct ModelOptions {
    bool explain = false, text = false;
    size_t nearest = 0;
    uint64_t steps_max = 0;
    int64_t now_us = 0;
};

// The decision or service of the program's models that the name means, when the definitions have none of that name.
// Throws Failure "dmn.decision" where several models have it.
std::optional<uint32_t> model_decision(const program::Program& program, std::string_view name);

// Adds {"answer": …} to the JSON, as leat_decide says it. Throws Failure, ArgumentError, LimitError.
void decide_model(JsonBuffer& json, const program::Program& program, uint32_t element, const Json& inputs,
                  const ModelOptions& options);

}  // namespace leat::capi
