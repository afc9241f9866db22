// Running records and newer flows: they stay, or are moved, with their timers and tasks; and go back.
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

constexpr const char* kFields = "text: string, size: integer";
constexpr const char* kTwo = "open: {on: {go: review}}\n  review: {on: {go: done}}\n  done: {type: final}";

std::string migration(const std::string& body) {
    return "---\nmigration: there\nfrom: [\"1\"]\n" + body + "\n";
}

std::string state(Fixture& s, const std::string& key) {
    return s.field("note", key, "status");
}

}  // namespace

TEST_CASE("records that run stay on the version they began with; new ones take the new one") {
    store::TemporaryFolder folder;
    Fixture s(notes(kFields, kTwo), folder.file("notes.db"));
    Fixture::done(s.system->create("note", "{}"));
    // No review any more, and a guard.
    const std::string next = notes(kFields, "open: {on: {go: {target: done, guard: size > 1}}}\n  done: {type: final}");
    auto plan = planned(s, next);
    INFO(plan.to_json());
    CHECK_FALSE(plan.blocked());
    const Change* stays = find(plan, Change::Kind::stays, "flow note_flow");
    REQUIRE(stays);
    CHECK(stays->affected == 1);
    CHECK(stays->keys == std::vector<std::string>{"1"});
    deployed(s, next);
    Fixture::done(s.system->create("note", R"({"size":2})"));
    Fixture::done(s.system->send("note", "1", "go", "{}"));
    CHECK(state(s, "1") == "review");
    Fixture::done(s.system->send("note", "2", "go", "{}"));
    CHECK(state(s, "2") == "done");

    // Opened again, by the new definitions or by the file's own, each goes on as it was.
    for (bool own : {false, true}) {
        Fixture::done(s.system->create("note", "{}"));
        s.system.reset();
        s.engine.reset();
        s.program = own ? nullptr : test::load(next);
        s.open(folder.file("notes.db"));
        auto refused = Fixture::refused(s.system->send("note", own ? "4" : "3", "go", "{}"));
        CHECK(refused.at(0).code == "null");
    }
    Fixture::done(s.system->send("note", "1", "go", "{}"));
    CHECK(state(s, "1") == "done");
    // Nobody runs on the first version any more: it is not carried further.
    plan = planned(s, notes(kFields + std::string(", more: string"),
                            "open: {on: {go: {target: done, guard: size > 1}}}\n  done: {type: final}"));
    CHECK_FALSE(find(plan, Change::Kind::stays, "flow note_flow"));
}

TEST_CASE("a version that does not fit the new definitions must be migrated") {
    Fixture s(notes(kFields, "open: {on: {go: {target: done, guard: size > 1}}}\n  done: {type: final}"));
    Fixture::done(s.system->create("note", R"({"size":1})"));
    const std::string next =
        notes("text: string, big: boolean", "open: {on: {go: {target: done, guard: big}}}\n  done: {type: final}");
    deploy::Options options;
    options.drop = {"field note.size"};
    auto plan = planned(s, next, options);
    INFO(plan.to_json());
    CHECK(plan.blocked());
    CHECK(find(plan, Change::Kind::stays, "flow note_flow")->message.find("size") != std::string::npos);
    options.move = {"note_flow"};
    plan = planned(s, next, options);
    CHECK_FALSE(plan.blocked());
    CHECK(find(plan, Change::Kind::moved, "flow note_flow")->affected == 1);
    deployed(s, next + migration("set: {note: {big: size > 0}}"), options);
    Fixture::done(s.system->send("note", "1", "go", "{}"));
    CHECK(state(s, "1") == "done");
}

TEST_CASE("a mapping moves every record that runs, all or none, and undoing brings them back") {
    Fixture s(notes(kFields, kTwo));
    for (int i = 0; i < 3; ++i) Fixture::done(s.system->create("note", R"({"text":"n"})"));
    Fixture::done(s.system->send("note", "2", "go", "{}"));
    Fixture::done(s.system->send("note", "3", "go", "{}"));
    Fixture::done(s.system->send("note", "3", "go", "{}"));
    const std::string states =
        "fresh: {on: {go: work}}\n  work: {states: {law: {on: {go: money}}, money: {on: {go: done}}}}\n  done: {type: "
        "final}";
    auto plan = planned(s, notes(kFields, states) + migration("map: {note_flow: {open: fresh}}"));
    INFO(plan.to_json());
    CHECK(plan.blocked());
    const Change* lost = find(plan, Change::Kind::removed, "state note_flow.review");
    REQUIRE(lost);
    CHECK(lost->keys == std::vector<std::string>{"2"});

    const std::string next = notes(kFields, states) + migration("map: {note_flow: {open: fresh, review: law}}");
    deployed(s, next);
    CHECK(state(s, "1") == "fresh");
    CHECK(state(s, "2") == "work");
    CHECK(state(s, "3") == "done");
    auto history = Fixture::json(s.system->log("note", "2", 0, 100));
    CHECK(history.find("log")->items.back().find("command")->find("do")->text == "deploy");

    // One has gone on since: it is named, and nothing is undone.
    Fixture::done(s.system->send("note", "1", "go", "{}"));
    auto refused = Fixture::refused(deploy::undo(*s.engine, "system"));
    CHECK(refused.at(0).message.find(": 1)") != std::string::npos);
    CHECK(state(s, "2") == "work");
    Fixture::done(s.system->jump("note", "1", "note_flow", "fresh", "back again"));
}

TEST_CASE("undoing restores states, versions and what is pending") {
    Fixture s(
        notes(kFields,
              "open: {after: {P2D: late}, on: {go: review}}\n  review: {on: {go: done}}\n  late: {on: {go: done}}\n  "
              "done: {type: final}"));
    Fixture::done(s.system->create("note", R"({"text":"n"})"));
    auto due = *s.engine->next_due_us();
    REQUIRE(due);
    const std::string next = notes(kFields, "begin: {was: open, on: {go: done}}\n  done: {type: final}");
    auto plan = planned(s, next);
    INFO(plan.to_json());
    CHECK(find(plan, Change::Kind::renamed, "state note_flow.begin"));
    CHECK(find(plan, Change::Kind::moved, "flow note_flow")->affected == 1);
    deployed(s, next);
    CHECK(state(s, "1") == "begin");
    Fixture::done(s.system->patch("note", "1", R"({"text":"m"})"));  // does not stand in the way
    Fixture::done(deploy::undo(*s.engine, "system"));
    s.system = s.as("system");
    CHECK(state(s, "1") == "open");
    CHECK(s.field("note", "1", "text") == "m");
    CHECK(*s.engine->next_due_us() == due);
    s.clock.now += int64_t{3} * 86'400'000'000;
    CHECK(s.engine->run_due(10)->fired == 1);
    CHECK(state(s, "1") == "late");
    auto nothing = deploy::undo(*s.engine, "system");
    REQUIRE(nothing);  // the undoing itself can be undone
}

TEST_CASE("timers are kept, begun again, or keep their share") {
    auto with = [](const char* name, const char* wait) {
        return notes(kFields, std::string(name) + ": {after: {" + wait +
                                  ": late}}\n  late: {on: {go: done}}\n  done: {type: final}");
    };
    auto delayed = [](const char* name, const char* wait) {
        std::string text = notes(
            kFields, std::string(name) + ": {after: {wait: late}}\n  late: {on: {go: done}}\n  done: {type: final}");
        return text.insert(text.find("events:"), std::string("delays: {wait: {for: ") + wait + "}}\n");
    };
    const int64_t day = 86'400'000'000;
    struct Case {
        const char* timers;
        int64_t due_days;  // from the beginning; one day has passed when the deployment comes
    };
    for (const Case& one : {Case{"keep", 4}, Case{"restart", 9}, Case{"rescale", 7}}) {
        INFO(one.timers);
        Fixture s(delayed("open", "P4D"));
        int64_t begin = s.clock.now;
        Fixture::done(s.system->create("note", "{}"));
        s.clock.now += day;
        deployed(s, delayed("fresh", "P8D") +
                        migration(std::string("map: {note_flow: {open: fresh}}\ntimers: ") + one.timers));
        REQUIRE(*s.engine->next_due_us());
        CHECK(**s.engine->next_due_us() == begin + one.due_days * day);
        s.clock.now = begin + one.due_days * day + 1;
        CHECK(s.engine->run_due(10)->fired == 1);
        CHECK(state(s, "1") == "late");
    }
    // A delay that the state did not have counts from the deployment.
    Fixture s(notes(kFields, "open: {on: {go: done}}\n  done: {type: final}"));
    Fixture::done(s.system->create("note", "{}"));
    s.clock.now += day;
    deployed(s, with("open", "P1D") + migration("map: {note_flow: same}"));
    CHECK(**s.engine->next_due_us() == s.clock.now + day);
}

TEST_CASE("regions, and what stands outside of the new shape") {
    const std::string parallel =
        "open: {on: {go: both}}\n  both: {type: parallel, states: {a: {initial: a1, states: {a1: {on: {left: a2}}, a2: "
        "{type: final}}}, b: {initial: b1, states: {b1: {on: {right: b2}}, b2: {type: final}}}}, onDone: done}\n  "
        "done: "
        "{type: final}";
    const std::string events = "go: [writer], left: [writer], right: [writer]";
    Fixture s(notes(kFields, parallel, "", events));
    Fixture::done(s.system->create("note", "{}"));
    Fixture::done(s.system->send("note", "1", "go", "{}"));
    Fixture::done(s.system->send("note", "1", "left", "{}"));
    std::string three = parallel;
    three.replace(three.find("}, onDone"), 9,
                  ", c: {initial: c1, states: {c1: {on: {go: c2}}, c2: {type: final}}}}, onDone");
    deployed(s, notes(kFields, three, "", events) + migration("map: {note_flow: same}"));
    Fixture::done(s.system->send("note", "1", "right", "{}"));
    CHECK(state(s, "1") == "both");
    Fixture::done(s.system->send("note", "1", "go", "{}"));
    CHECK(state(s, "1") == "done");
}

TEST_CASE("open approvals go with their state") {
    const std::string states =
        "open: {on: {go: check}}\n  check: {approve: {by: writer}, on: {approved: done, rejected: open}}\n  done: "
        "{type: final}";
    Fixture s(notes(kFields, states));
    s.user("anna", R"(["writer"])");
    Fixture::done(s.system->create("note", "{}"));
    Fixture::done(s.system->send("note", "1", "go", "{}"));
    std::string next = states;
    next.replace(next.find("check"), 5, "vet");
    next.replace(next.find("check: {"), 8, "vet: {was: check, ");
    deployed(s, notes(kFields, next));
    auto tasks = Fixture::json(s.system->tasks(true, 10));
    REQUIRE(tasks.find("tasks")->items.size() == 1);
    int64_t id = *Decimal::parse(tasks.find("tasks")->items[0].find("task")->text)->to_int64();
    auto anna = s.as("anna");
    Fixture::done(anna->complete_task(id, "approve", ""));
    CHECK(state(s, "1") == "done");
}

TEST_CASE("what a flow remembers follows names that change") {
    auto app = [](const std::string& entity, const std::string& child, const std::string& was) {
        return "leat: 1\napp: parts\nversion: \"1\"\nlanguage: en\n---\nroles: {writer: Writer}\n---\nentity: " +
               entity + "\n" + (was.empty() ? "" : "was: " + was + "\n") +
               "fields: {a: string}\n---\nflow: main_flow\nof: " + entity +
               "\nevents: {stop: [writer], again: [writer]}\ndata: {made: 1}\nstates:\n  busy: {invoke: {src: " +
               child +
               ", id: part, onDone: done}, on: {stop: idle}}\n  idle: {on: {again: busy}}\n  done: {type: "
               "final}\n---\nflow: " +
               child + "\n" + (was.empty() ? "" : "was: part_flow\n") +
               "events: {finish: [writer]}\nstates: {open: {on: {finish: over}}, over: {type: final}}\n";
    };
    Fixture s(app("job", "part_flow", ""));
    Fixture::done(s.system->create("job", R"({"a":"x"})"));
    deployed(s, app("task_of_work", "piece_flow", "job") + migration("map: {main_flow: same}"));
    CHECK(s.field("task_of_work", "1", "state") == "busy");
    // The child still knows whose it is, and the parent its child.
    Fixture::done(s.system->send("piece_flow", "1", "finish", "{}"));
    CHECK(s.field("task_of_work", "1", "state") == "done");
}

TEST_CASE("states with columns of their own take them along") {
    const std::string events = "go: [writer], on_: [writer]";
    auto states = [](const std::string& inner, const std::string& was) {
        return "open: {on: {go: work}}\n  work: {field: part, states: {" + inner + ": {" + was +
               "on: {on_: last}}, last: {on: {go: done}}}}\n  done: {type: final}";
    };
    Fixture s(notes("text: string", states("first", ""), "", events));
    Fixture::done(s.system->create("note", "{}"));
    Fixture::done(s.system->send("note", "1", "go", "{}"));
    CHECK(s.field("note", "1", "part") == "first");
    deployed(s, notes("text: string", states("begin", "was: first, "), "", events));
    CHECK(s.field("note", "1", "status") == "work");
    CHECK(s.field("note", "1", "part") == "begin");
    Fixture::done(deploy::undo(*s.engine, "system"));
    s.system = s.as("system");
    CHECK(s.field("note", "1", "part") == "first");
    Fixture::done(s.system->send("note", "1", "on_", "{}"));
    CHECK(s.field("note", "1", "part") == "last");
}
