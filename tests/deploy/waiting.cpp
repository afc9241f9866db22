// Timers that wait for somebody follow what is renamed; undoing says what it cannot bring back; plans of files that may
// only be read.
#include <filesystem>

#include "deploy/app.hpp"
#include "store/temporary_folder.hpp"

using namespace leat;
using deploy::Change;
using test::deployed;
using test::find;
using test::Fixture;
using test::notes;
using test::planned;

namespace {

constexpr int64_t kDay = 86'400'000'000;

// A delay that cannot fire while there is no size, and a flow of that name and first state.
std::string delayed(const std::string& flow, const std::string& state, const std::string& was = "") {
    std::string text =
        notes("text: string, size: integer",
              state + ": {" + was +
                  "after: {wait: {target: late, guard: size > 0}}, on: {go: done}}\n  late: {on: {go: done}}\n  "
                  "done: {type: final}");
    text.insert(text.find("events:"),
                (flow == "note_flow" ? "" : "was: note_flow\n") + std::string("delays: {wait: {for: P1D}}\n"));
    text.replace(text.find("flow: note_flow"), 15, "flow: " + flow);
    return text;
}

int64_t incident(Fixture& s, const std::string& place) {
    auto open = Fixture::json(s.system->incidents(true, 10)).find("incidents")->items;
    REQUIRE(open.size() == 1);
    CHECK(open[0].find("place")->text == place);
    return *Decimal::parse(open[0].find("incident")->text)->to_int64();
}

}  // namespace

TEST_CASE("a timer that failed is found by its incident after its flow or its state was renamed") {
    for (const char* flow : {"note_flow", "流程"})
        for (const char* state : {"open", "开始"}) {
            INFO(flow << " " << state);
            Fixture s(delayed("note_flow", "open"));
            Fixture::done(s.system->create("note", "{}"));
            s.clock.now += kDay;
            CHECK(s.engine->run_due(10)->incidents == 1);
            incident(s, "note_flow.open.wait");
            const std::string place = std::string(flow) + "." + state + ".wait";
            deployed(s, delayed(flow, state, std::string(state) == "open" ? "" : "was: open, "));
            Fixture::done(s.system->patch("note", "1", R"({"size":1})"));
            REQUIRE(s.engine->close_incident(incident(s, place), "retried"));
            CHECK(s.engine->run_due(10)->fired == 1);
            CHECK(s.field("note", "1", "status") == "late");
        }
}

TEST_CASE("undoing brings parked timers and their incidents back to where they were") {
    Fixture s(delayed("note_flow", "open"));
    Fixture::done(s.system->create("note", "{}"));
    s.clock.now += kDay;
    CHECK(s.engine->run_due(10)->incidents == 1);
    deployed(s, delayed("flow_of_notes", "begin", "was: open, "));
    incident(s, "flow_of_notes.begin.wait");
    Fixture::done(deploy::undo(*s.engine, "system"));
    s.system = s.as("system");
    Fixture::done(s.system->patch("note", "1", R"({"size":1})"));
    REQUIRE(s.engine->close_incident(incident(s, "note_flow.open.wait"), "retried"));
    CHECK(s.engine->run_due(10)->fired == 1);
    CHECK(s.field("note", "1", "status") == "late");
}

TEST_CASE("what fell due for a suspended record waits under the new names, and goes back with an undo") {
    for (bool back : {false, true}) {
        Fixture s(delayed("note_flow", "open"));
        Fixture::done(s.system->create("note", R"({"size":1})"));
        Fixture::done(s.system->suspend("note", "1", "on holiday"));
        s.clock.now += 2 * kDay;
        CHECK(s.engine->run_due(10)->fired == 0);  // it is held
        deployed(s, delayed("flow_of_notes", "begin", "was: open, "));
        if (back) {
            Fixture::done(deploy::undo(*s.engine, "system"));
            s.system = s.as("system");
            CHECK(s.field("note", "1", "status") == "open");
        }
        CHECK(s.engine->run_due(10)->fired == 0);
        Fixture::done(s.system->resume("note", "1", "back"));
        CHECK(s.engine->run_due(10)->fired == 1);
        CHECK(s.field("note", "1", "status") == "late");
    }
}

TEST_CASE("undoing says which records it cannot bring back, and where they are") {
    store::TemporaryFolder folder;
    const std::string memo = "---\nentity: 备忘\nfields: {text: string, note: {type: ref, to: note}}\n";
    Fixture s(notes("text: string") + memo, folder.file("notes.db"));
    Fixture::done(s.system->create("note", R"({"text":"n"})"));
    Fixture::done(s.system->create("备忘", R"({"text":"a","note":"1"})"));
    Fixture::done(s.system->create("备忘", R"({"text":"b"})"));
    auto plan = planned(s, notes("text: string"));
    const Change* goes = find(plan, Change::Kind::removed, "entity 备忘");
    REQUIRE(goes);
    CHECK(goes->affected == 2);
    CHECK(goes->message ==
          "its table goes, with its records; undoing will not bring them back: they are in a backup only");
    deploy::Options options;
    options.drop = {"entity 备忘"};
    options.backup = folder.file("之前.db");
    deployed(s, notes("text: string"), options);

    auto refused = Fixture::refused(deploy::undo(*s.engine, "system"));
    REQUIRE(refused.size() == 1);
    CHECK(refused[0].at == "entity 备忘");
    INFO(refused[0].message);
    CHECK(refused[0].message.find("'" + options.backup + "'") != std::string::npos);
    CHECK(refused[0].message.find("(2 records)") != std::string::npos);
    CHECK(refused[0].message.find("drop 'entity 备忘'") != std::string::npos);
    deploy::Options without;
    without.drop = {"entity 备忘"};
    Fixture::done(deploy::undo(*s.engine, "system", without));
    s.system = s.as("system");
    CHECK(Fixture::json(s.system->list("备忘", "", 0, 10)).find("records")->items.empty());
    Fixture copy(notes("text: string") + memo, options.backup);
    CHECK(copy.field("备忘", "2", "text") == "b");
    // An entity without records is dropped and comes back without a word.
    deployed(s, notes("text: string"));
    Fixture::done(deploy::undo(*s.engine, "system"));
}

TEST_CASE("a plan of a file that may only be read, or that another process writes") {
    store::TemporaryFolder folder;
    const std::string path = folder.file("notes.db");
    const std::string before = notes("text: string, size: integer");
    const std::string next = notes("body: {type: string, was: text}, size: {type: integer, required: true}");
    {
        Fixture s(before, path);
        Fixture::done(s.system->create("note", R"({"text":"客户"})"));
        Fixture::done(s.system->create("note", R"({"text":"b","size":1})"));
        const std::string told = planned(s, next).to_json();
        s.system.reset();
        s.engine.reset();
        engine::Options options;
        options.store.path = path;
        options.store.read_only = true;
        auto opened = engine::Engine::open(nullptr, options);
        REQUIRE(opened);
        auto plan = deploy::plan(**opened, test::load(next));
        if (!plan) FAIL(test::describe(plan.error()));
        CHECK(plan->to_json() == told);
        CHECK(plan->blocked());
        CHECK(find(*plan, Change::Kind::narrowed, "field note.size")->keys == std::vector<std::string>{"1"});
        auto written = deploy::deploy(**opened, test::load(before + "---\nroles: {more: More}\n"), "system");
        REQUIRE_FALSE(written);
        CHECK(written.error().code == "store.readonly");
    }
    Fixture s(before, path);
    CHECK(s.field("note", "1", "text") == "客户");
    store::OpenOptions other;
    other.path = path;
    auto writer = store::Connection::open(other);
    REQUIRE(writer);
    engine::Options options;
    options.store.path = path;
    options.store.busy_timeout_ms = 1;
    auto impatient = engine::Engine::open(test::load(before), options);
    REQUIRE(impatient);
    REQUIRE((*writer)->begin_write());
    auto plan = deploy::plan(**impatient, test::load(next));
    if (!plan) FAIL(test::describe(plan.error()));
    CHECK(plan->blocked());
    auto deployed =
        deploy::deploy(**impatient, test::load(notes("text: string, size: integer, more: string")), "system");
    REQUIRE_FALSE(deployed);
    CHECK(deployed.error().code == "store.busy");
    (*writer)->rollback();
}
