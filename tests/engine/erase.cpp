// Erasure and sealing: what is gone is gone from every byte, and the chain holds.
#include <filesystem>
#include <fstream>

#include "engine/fixture.hpp"
#include "store/temporary_folder.hpp"

using namespace leat;
using test::Fixture;

namespace {

constexpr const char* kPeople = R"(
leat: 1
app: people
language: en
---
roles: {clerk: Clerk, administrator: Administrator}
---
entity: person
key: "P-{seq:3}"
fields:
  name: {type: string, required: true, personal: true}
  mail: {type: string, unique: true, personal: true}
  town: string
  greeting: {type: string, formula: '"Dear " + name'}
  notes: {type: list, fields: {text: {type: string, personal: true}}}
access: {clerk: {add: true, read: true, write: true}}
---
entity: order
fields: {buyer: {type: ref, to: person}, contact: {type: string, personal: true}, amount: integer}
access: {clerk: {add: true, read: true, write: true}}
---
connector: post
operations: {letter: {input: {to: string}}}
---
flow: visit
of: person
events: {call: {allow: [clerk], payload: {words: string}}}
states:
  open:
    on:
      call:
        target: asked
        do:
          - {call: post.letter, with: {to: = name}}
          - {task: "ring {name}", to: clerk}
          - {send: later, after: P1D, with: {words: = event.words}}
  asked: {type: final}
)";

// Whether some file of the folder holds these bytes.
bool holds(const std::string& folder, const std::string& text) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        std::ifstream file(entry.path(), std::ios::binary);
        std::string bytes{std::istreambuf_iterator<char>(file), {}};
        if (bytes.find(text) != std::string::npos) return true;
    }
    return false;
}

struct People {
    store::TemporaryFolder folder;
    std::string place = std::filesystem::path(folder.file("x")).parent_path().string();
    std::string yaml = [] {
        std::string text = kPeople;
        return text.replace(text.find("events: {call:"), 14, "events: {later: {payload: {words: string}}, call:");
    }();
    Fixture s{yaml, folder.file("people.db")};

    People() {
        for (const char* name : {"Anneliese Oderbruch", "Zacharias Quillfeder"}) {
            std::string mail = std::string(name).substr(0, 4) + "@example.org";
            Fixture::done(s.system->create("person", R"({"name":")" + std::string(name) + R"(","mail":")" + mail +
                                                         R"(","town":"Lübeck","notes":[{"text":"likes )" + mail +
                                                         R"("}]})"));
        }
        Fixture::done(s.system->create("order", R"({"buyer":"P-001","contact":"ring Anneliese","amount":5})"));
        Fixture::done(s.system->create("order", R"({"buyer":"P-002","contact":"ring Zacharias","amount":6})"));
        Fixture::done(s.system->patch("person", "P-001", R"({"name":"Anneliese Schwertfeger","town":"Wismar"})"));
        Fixture::done(s.system->patch("person", "P-001", R"({"name":"Anneliese Oderbruch-Schwertfeger"})"));
        Fixture::done(s.system->send("person", "P-001", "call", R"({"words":"Geheimwort 中文"})"));
    }
    void gone() {
        for (const char* text : {"Anneliese", "Schwertfeger", "Oderbruch", "Anne@example", "Geheimwort"}) {
            INFO(text);
            CHECK_FALSE(holds(place, text));
        }
        CHECK(holds(place, "Zacharias Quillfeder"));
        auto verified = s.engine->verify();
        REQUIRE(verified);
        CHECK(verified->problem == "");
    }
};

}  // namespace

TEST_CASE("an erased person is in no byte of the file, and the chain verifies") {
    People people;
    auto& s = people.s;
    CHECK(holds(people.place, "Anneliese Schwertfeger"));
    auto outcome = Fixture::done(s.system->erase("person", "P-001", "request of 2026-01-05"));
    auto answer = *parse_json(outcome.json);
    CHECK(answer.find("records")->text == "3");  // the person, a line and an order
    people.gone();

    CHECK(s.field("person", "P-001", "name") == "erased");
    CHECK(s.field("person", "P-001", "mail") == "null");
    CHECK(s.field("person", "P-001", "greeting") == "Dear erased");
    CHECK(s.field("person", "P-001", "town") == "Wismar");
    CHECK(s.field("order", "1", "contact") == "null");
    CHECK(s.field("order", "1", "amount") == "5");
    CHECK(s.field("person", "P-002", "name") == "Zacharias Quillfeder");
    // Its history is still walked, without what it said; and it goes on.
    auto log = Fixture::json(s.system->log("person", "P-001", 0, 100));
    CHECK(log.find("log")->items.size() == 5);
    Fixture::done(s.system->patch("person", "P-001", R"({"town":"Rostock"})"));
    s.clock.now += int64_t{2} * 86'400'000'000;
    REQUIRE(s.engine->run_due(10));
    // Opened again, all of it still holds.
    s.system.reset();
    s.engine.reset();
    s.open(people.folder.file("people.db"));
    people.gone();
}

TEST_CASE("erasing reaches archives, and asks for those that are away") {
    People people;
    auto& s = people.s;
    s.clock.now += int64_t{400} * 86'400'000'000;
    Fixture::done(s.system->patch("person", "P-002", R"({"town":"Kiel"})"));
    auto sealed = s.engine->seal(s.clock.now - 86'400'000'000, "");
    if (!sealed) FAIL(test::describe(sealed.error()));
    auto answer = *parse_json(sealed->json);
    std::string path = people.folder.file(answer.find("archive")->text);
    CHECK(std::filesystem::exists(path));
    std::filesystem::rename(path, path + ".away");
    auto refused = s.system->erase("person", "P-001", "request");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "journal.archive");
    CHECK(s.field("person", "P-001", "name") == "Anneliese Oderbruch-Schwertfeger");
    std::filesystem::rename(path + ".away", path);
    Fixture::done(s.system->erase("person", "P-001", "request"));
    people.gone();
    CHECK(s.engine->verify()->sealed > 0);
}

TEST_CASE("erasing is for administrators, needs a reason, and something personal") {
    People people;
    auto& s = people.s;
    s.user("kim", R"(["clerk"])");
    auto kim = s.as("kim");
    CHECK(Fixture::refused(kim->erase("person", "P-001", "because")).at(0).code == "access.admin");
    auto unreasoned = s.system->erase("person", "P-001", " ");
    REQUIRE_FALSE(unreasoned);
    CHECK(unreasoned.error().code == "admin.reason");
    Fixture plain("leat: 1\napp: a\n---\nentity: thing\nfields: {a: string}\n");
    Fixture::done(plain.system->create("thing", "{}"));
    auto nothing = plain.system->erase("thing", "1", "because");
    REQUIRE_FALSE(nothing);
    CHECK(nothing.error().code == "erase.nothing");
}

TEST_CASE("sealed rows are in archives, read from there, and the chain goes through") {
    People people;
    auto& s = people.s;
    // An open task may ask the log who wanted it: what it points to stays.
    auto tasks = Fixture::json(s.system->tasks(true, 10));
    REQUIRE(tasks.find("tasks")->items.size() == 1);
    s.clock.now += 86'400'000'000;
    Fixture::done(s.system->patch("person", "P-001", R"({"town":"Bonn"})"));
    const int64_t before = s.engine->verify()->rows;
    CHECK(parse_json(s.engine->seal(s.clock.now, "")->json)->find("rows")->text == std::to_string(before - 2));
    Fixture::done(s.system->complete_task(*Decimal::parse(tasks.find("tasks")->items[0].find("task")->text)->to_int64(),
                                          "done", ""));
    const int64_t rows = s.engine->verify()->rows - (before - 2);
    CHECK(parse_json(s.engine->seal(s.clock.now - 86'400'000'000, "")->json)->find("rows")->text == "0");
    s.clock.now += int64_t{10} * 86'400'000'000;
    Fixture::done(s.system->patch("person", "P-001", R"({"town":"Kiel"})"));
    auto second = *parse_json(s.engine->seal(s.clock.now - 1, "")->json);
    CHECK(second.find("rows")->text == std::to_string(rows));
    auto archives = *s.engine->archives();
    REQUIRE(archives.size() == 2);
    auto verified = *s.engine->verify();
    CHECK(verified.first_bad == 0);
    CHECK(verified.rows == before - 2 + rows + 2);
    CHECK(verified.sealed == before - 2 + rows);
    CHECK(verified.missing.empty());
    // History goes back into the archives; the whole log begins there.
    CHECK(Fixture::json(s.system->log("person", "P-001", 0, 100)).find("log")->items.size() == 6);
    CHECK(Fixture::json(s.system->log("", "", 1, 3)).find("log")->items.size() == 3);

    // Away: told, passed over, and the rest still holds. Altered: named.
    std::string path = people.folder.file(archives[0].path);
    std::filesystem::rename(path, path + ".away");
    verified = *s.engine->verify();
    CHECK(verified.first_bad == 0);
    CHECK(verified.missing.size() == 1);
    CHECK(Fixture::json(s.system->log("person", "P-001", 0, 100)).find("log")->items.size() == 3);
    std::filesystem::rename(path + ".away", path);
    {
        store::OpenOptions options;
        options.path = path;
        options.application_id = 0x4c656141;
        auto archive = store::good(store::Connection::open(options));
        store::good(archive->execute("UPDATE leat_log SET actor = 'mallory' WHERE seq = 2"));
    }
    CHECK(s.engine->verify()->first_bad == 2);
}
