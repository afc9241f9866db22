// capi: leat.h, implemented. Checks arguments, turns everything that may be thrown into a status, converts between the
// C types and ours; it decides nothing and computes nothing.
//
// Start reading at guard.hpp: every exported body goes through guard(). Then this page: what the handles hold. One file
// here is one part of leat.h, under the same name.
#pragma once
#include <leat/leat.h>

#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "capi/guard.hpp"
#include "capi/host.hpp"
#include "engine/engine.hpp"
#include "program/program.hpp"
#include "yaml/yaml.hpp"

struct leat_text {
    std::string text;
};

struct leat_program {
    std::shared_ptr<const leat::program::Program> program;
    std::vector<leat_diagnostic> warnings;
    std::string warnings_text, hash;
};

struct leat_outcome {
    leat::engine::Outcome outcome;
};

namespace leat::capi {

// What an engine handle and its sessions share; the last of them frees it. The clock and the random source outlive the
// engine that uses them: members are destroyed from the last to the first.
struct EngineBox {
    std::unique_ptr<HostClock> clock;
    std::unique_ptr<HostRandom> random;
    uint64_t forks = 0;  // fork_count() when it was opened
    Limits limits;
    std::shared_ptr<engine::Engine> engine;
};

}  // namespace leat::capi

struct leat_engine {
    std::shared_ptr<leat::capi::EngineBox> box;
};

struct leat_session {
    std::shared_ptr<leat::capi::EngineBox> box;
    std::unique_ptr<leat::engine::Session> session;
    leat::Arena arena;                // of values in and out of the fast door, until the next call
    std::vector<leat::Value> values;  // the same
};

namespace leat::capi {

// The engine or session behind a handle, ready to be used: not NULL, not inherited over a fork, not called from one of
// its own callbacks. Throws ArgumentError.
std::shared_ptr<EngineBox> enter(const leat_engine* engine);
engine::Session& enter(leat_session* session);

// A JSON input, within the engine's limits on size and depth. Throws ArgumentError, or Failure "limit.input",
// "limit.depth".
std::string_view input(const EngineBox& box, leat_str view, const char* name);

// How often this process has been born by fork() since the library was loaded.
uint64_t fork_count();
bool forked(const EngineBox& box);

// By name. Error: not_found "flow.unknown".
Result<const program::Flow*> flow_named(const program::Program& program, std::string_view name);

// A handle for a program. `prefix`: as of to_c().
std::unique_ptr<leat_program> wrap(std::shared_ptr<const program::Program> program, const std::string& prefix);
yaml::FileReader reader_of(const HostCallback& callback);

// Copies of findings, printed while their sources are at hand. `prefix` goes before relative source names.
std::vector<leat_diagnostic> to_c(const std::vector<Diagnostic>& diagnostics, const base::Sources& sources,
                                  const std::string& prefix);
std::string join_texts(const std::vector<leat_diagnostic>& diagnostics);

}  // namespace leat::capi
