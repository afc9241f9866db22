// Programs from the definitions that a file keeps.
#pragma once
#include <memory>
#include <string_view>
#include <vector>

#include "base/limits.hpp"
#include "program/program.hpp"
#include "store/store.hpp"

namespace leat::engine {

// The deployed definitions; or those with this hash. Errors: not_found engine.no_definitions,
// catalog.definition_unknown; program engine.stored_definitions with what is wrong.
Result<std::shared_ptr<const program::Program>> stored_program(store::Connection& connection, const Limits& limits,
                                                               std::string_view hash = {});
// The same definitions with former versions of flows beside the present ones. Error: program engine.former_flow with
// what is wrong.
Result<std::shared_ptr<const program::Program>> with_flows(std::shared_ptr<const program::Program> program,
                                                           std::vector<program::PinnedFlow> pinned,
                                                           const Limits& limits);
Result<std::shared_ptr<const program::Program>> with_former_flows(std::shared_ptr<const program::Program> program,
                                                                  store::Connection& connection, const Limits& limits);
// A former version as the file keeps it.
Result<program::PinnedFlow> former_flow(store::Connection& connection, std::string_view flow, int64_t version,
                                        std::string_view definition, std::string_view former_name);

}  // namespace leat::engine
