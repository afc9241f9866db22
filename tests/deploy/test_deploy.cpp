#include "deploy/deploy.hpp"

#include "deploy/app.hpp"

using namespace leat;
using test::Fixture;
using test::notes;

namespace {

constexpr const char* kSame = "---\nmigration: there\nfrom: [\"1\"]\nmap: {note_flow: same}\n";
constexpr const char* kText = "text: {type: string}, size: {type: integer}";

}  // namespace

TEST_CASE("what is new is added: records keep their data and get defaults") {
    Fixture s(notes(kText));
    Fixture::done(s.system->create("note", R"({"text":"a","size":3})"));
    auto next =
        test::load(notes(std::string(kText) + ", colour: {type: string, default: red}, extra: {type: decimal}"));
    auto plan = deploy::plan(*s.engine, next);
    REQUIRE(plan);
    CHECK_FALSE(plan->blocked());
    CHECK(plan->changes.size() == 2);
    auto outcome = deploy::deploy(*s.engine, next, "system");
    if (!outcome) FAIL(test::describe(outcome.error()));
    CHECK_FALSE(outcome->refused);
    CHECK(s.field("note", "1", "text") == "a");
    CHECK(s.field("note", "1", "colour") == "red");
    CHECK(s.field("note", "1", "extra") == "null");
    Fixture::done(s.system->patch("note", "1", R"({"extra":1.5})"));
    CHECK(s.engine->verify()->first_bad == 0);
}

TEST_CASE("what would lose data or strand a record is refused, with counts, and changes nothing") {
    Fixture s(notes(kText));
    Fixture::done(s.system->create("note", R"({"text":"a","size":3})"));
    auto check = [&](const std::string& yaml, const std::string& what) {
        INFO(what);
        auto outcome = deploy::deploy(*s.engine, test::load(yaml), "system");
        if (!outcome) FAIL(test::describe(outcome.error()));
        REQUIRE(outcome->refused);
        CHECK(outcome->refusals.at(0).at == what);
        CHECK(outcome->refusals.at(0).message.find("(1 records") != std::string::npos);
    };
    check(notes("text: {type: string}"), "field note.size");
    check(notes(std::string(kText) + ", must: {type: string, required: true}"), "field note.must");
    check(notes(kText, "fresh: {on: {go: done}}\n  done: {type: final}") + kSame, "state note_flow.open");
    CHECK(s.field("note", "1", "size") == "3");
    Fixture::done(s.system->patch("note", "1", R"({"size":4})"));
}

TEST_CASE("a field without values may go") {
    Fixture s(notes(kText));
    Fixture::done(s.system->create("note", R"({"text":"a"})"));
    auto outcome = deploy::deploy(*s.engine, test::load(notes("text: {type: string}")), "system");
    REQUIRE(outcome);
    CHECK_FALSE(outcome->refused);
}
