// A small application in versions: notes with fields and a flow, as each test wants them.
#pragma once
#include "deploy/deploy.hpp"
#include "engine/fixture.hpp"

namespace leat::test {

inline std::string notes(const std::string& fields,
                         const std::string& states = "open: {on: {go: done}}\n  done: {type: final}",
                         const std::string& more = "", const std::string& events = "go: [writer]") {
    return "leat: 1\napp: notes\nversion: \"1\"\nlanguage: en\n---\nroles: {writer: Writer}\n---\nentity: note\n" +
           more + "fields: {" + fields +
           "}\naccess: {writer: {add: true, read: true, write: true}}\n---\nflow: note_flow\nof: note\nfield: "
           "status\nevents: {" +
           events + "}\nstates:\n  " + states + "\n";
}

inline deploy::Plan planned(Fixture& s, const std::string& yaml, const deploy::Options& options = {}) {
    auto plan = deploy::plan(*s.engine, load(yaml), options);
    if (!plan) FAIL(describe(plan.error()));
    return std::move(*plan);
}

inline const deploy::Change* find(const deploy::Plan& plan, deploy::Change::Kind kind, const std::string& what) {
    for (const auto& one : plan.changes)
        if (one.kind == kind && one.what == what) return &one;
    return nullptr;
}

inline engine::Outcome deployed(Fixture& s, const std::string& yaml, const deploy::Options& options = {}) {
    auto outcome = Fixture::done(deploy::deploy(*s.engine, load(yaml), "system", options));
    s.system = s.as("system");
    auto verified = s.engine->verify();
    if (!verified) FAIL(describe(verified.error()));
    INFO(verified->problem);
    CHECK(verified->first_bad == 0);
    return outcome;
}

}  // namespace leat::test
