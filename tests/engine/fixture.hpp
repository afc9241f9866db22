// A small application on an in-memory or file store, with a clock and a random source of the test's own.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "base/json.hpp"
#include "catch.hpp"
#include "engine/engine.hpp"
#include "program/load.hpp"

namespace leat::test {

class FixedClock final : public Clock {
 public:
    int64_t now = 1'767'225'600'000'000;  // 2026-01-01T00:00:00Z
    int64_t now_us() override { return now; }
};

inline std::string describe(const Error& error, const base::Sources& sources = {}) {
    std::string text = error.code + ": " + error.message;
    for (const auto& one : error.diagnostics) text += "\n" + base::format(one, sources);
    return text;
}

inline std::shared_ptr<const program::Program> load(const std::string& yaml,
                                                    const std::map<std::string, std::string>& files = {}) {
    Diagnostics diagnostics;
    base::Sources sources;
    auto reader = [&](const std::string&, const std::string& path) -> std::optional<std::string> {
        auto at = files.find(path);
        if (at == files.end()) return std::nullopt;
        return at->second;
    };
    auto program = program::load({{"app.yaml", yaml}}, reader, {}, diagnostics, sources);
    if (!program) {
        std::string all;
        for (const auto& one : diagnostics.all()) all += base::format(one, sources);
        FAIL(all);
    }
    return std::shared_ptr<const program::Program>(std::move(program));
}

struct Fixture {
    FixedClock clock;
    base::SeededRandom random{42};
    std::shared_ptr<const program::Program> program;
    std::shared_ptr<engine::Engine> engine;
    std::unique_ptr<engine::Session> system;

    explicit Fixture(const std::string& yaml,
                     const std::string& path = ":memory:", const std::map<std::string, std::string>& files = {})
        : program(load(yaml, files)) {
        open(path);
    }
    void open(const std::string& path) {
        engine::Options options;
        options.store.path = path;
        options.clock = &clock;
        options.random = &random;
        options.language = "en";
        auto opened = engine::Engine::open(program, options);
        if (!opened) FAIL(describe(opened.error()));
        engine = *opened;
        system = as("system");
    }
    std::unique_ptr<engine::Session> as(const std::string& actor) {
        auto session = engine->session(actor);
        if (!session) FAIL(describe(session.error()));
        return std::move(*session);
    }
    void user(const std::string& key, const std::string& roles_json, const std::string& more = "") {
        done(system->create("user",
                            "{\"key\":\"" + key + "\",\"name\":\"" + key + "\",\"roles\":" + roles_json + more + "}"));
    }
    // The outcome of a command that must have been done.
    static engine::Outcome done(Result<engine::Outcome> outcome) {
        if (!outcome) FAIL(describe(outcome.error()));
        if (outcome->refused) FAIL(outcome->json);
        return std::move(*outcome);
    }
    static std::vector<engine::Refusal> refused(Result<engine::Outcome> outcome) {
        if (!outcome) FAIL(describe(outcome.error()));
        if (!outcome->refused) FAIL("was not refused: " + outcome->json);
        return outcome->refusals;
    }
    static Json json(Result<std::string> text) {
        if (!text) FAIL(describe(text.error()));
        auto parsed = parse_json(*text);
        if (!parsed) FAIL(*text);
        return std::move(*parsed);
    }
    std::string field(const std::string& entity, const std::string& key, const std::string& name) {
        Json record = json(system->show(entity, key));
        const Json* value = record.find(name);
        if (!value) return "(absent)";
        return value->is_null()                     ? "null"
               : value->kind == Json::Kind::boolean ? (value->boolean ? "true" : "false")
                                                    : value->text;
    }
};

}  // namespace leat::test
