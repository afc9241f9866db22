// What must be filled in from now on: numbers of a series, defaults, values that a migration says.
#include <fmt/format.h>

#include "deploy/app.hpp"

using namespace leat;
using deploy::Change;
using test::deployed;
using test::find;
using test::Fixture;
using test::notes;
using test::planned;

namespace {

constexpr int64_t kDay = 86'400'000'000;

std::string migration(const std::string& body) {
    return "---\nmigration: there\nfrom: [\"1\"]\n" + body + "\n";
}

}  // namespace

TEST_CASE("a required series numbers the records that are there, in the order of their creation") {
    Fixture s(notes("标题: string"));
    s.clock.now += 363 * kDay;  // 2026-12-30
    for (const char* title : {"甲", "乙", "丙"}) {
        Fixture::done(s.system->create("note", fmt::format(R"({{"标题":"{}"}})", title)));
        s.clock.now += kDay;
    }
    Fixture::done(s.system->patch("note", "1", R"({"标题":"changed last"})"));
    Fixture::done(s.system->remove("note", "2"));
    s.clock.now += 40 * kDay;
    const std::string next =
        notes("标题: string, 编号: {type: string, series: \"N-{yyyy}-{seq:3}\", required: true, unique: true}");
    auto plan = planned(s, next);
    INFO(plan.to_json());
    CHECK_FALSE(plan.blocked());
    const Change* told = find(plan, Change::Kind::changed, "field note.编号");
    REQUIRE(told);
    CHECK(told->affected == 2);
    CHECK(told->message == "records get their numbers, in the order of their creation: N-2026-001 to N-2027-001");
    CHECK(find(plan, Change::Kind::added, "field note.编号")->message == "existing records get numbers");
    deployed(s, next);
    CHECK(s.field("note", "1", "编号") == "N-2026-001");
    CHECK(s.field("note", "3", "编号") == "N-2027-001");
    Fixture::done(s.system->create("note", "{}"));  // the rehearsals took no number
    CHECK(s.field("note", "4", "编号") == "N-2027-002");
    const Json log = Fixture::json(s.system->log("note", "3", 0, 100));
    CHECK(log.find("log")->items.size() == 2);

    // What undoing takes away comes back with the next deployment, and no number is given twice.
    deploy::Options options;
    options.drop = {"*"};
    Fixture::done(deploy::undo(*s.engine, "system", options));
    Fixture::done(deploy::undo(*s.engine, "system", options));
    s.system = s.as("system");
    CHECK(s.field("note", "1", "编号") == "N-2026-001");
    Fixture::done(s.system->create("note", "{}"));
    CHECK(s.field("note", "5", "编号") == "N-2027-003");
    CHECK(s.engine->verify()->first_bad == 0);
}

TEST_CASE("a series asked for by a condition numbers those that meet it, and keeps what is there") {
    Fixture s(notes("paid: boolean, number: string"));
    Fixture::done(s.system->create("note", R"({"paid":true})"));
    Fixture::done(s.system->create("note", R"({"paid":false})"));
    Fixture::done(s.system->create("note", R"({"paid":true,"number":"old"})"));
    Fixture::done(s.system->create("note", R"({"paid":true})"));
    const std::string next = notes(
        "paid: boolean, due: {type: boolean, default: true}, number: {type: string, series: \"R{yy}{seq}\", "
        "required_if: paid and due}");
    auto plan = planned(s, next);
    INFO(plan.to_json());
    CHECK_FALSE(plan.blocked());
    CHECK(find(plan, Change::Kind::changed, "field note.number")->affected == 2);
    deployed(s, next);
    CHECK(s.field("note", "1", "number") == "R261");
    CHECK(s.field("note", "2", "number") == "null");
    CHECK(s.field("note", "3", "number") == "old");
    CHECK(s.field("note", "4", "number") == "R262");
    // The same definitions once more, with something else new, draw nothing again.
    CHECK_FALSE(find(planned(s, next + "---\nsettings: {more: {type: integer, value: 1}}\n"), Change::Kind::changed,
                     "field note.number"));
}

TEST_CASE("a series whose number cannot be made names the records") {
    Fixture s(notes("site: string"));
    Fixture::done(s.system->create("note", R"({"site":"A"})"));
    Fixture::done(s.system->create("note", "{}"));
    const std::string next = notes("site: string, number: {type: string, series: \"{site}-{seq}\", required: true}");
    auto plan = planned(s, next);
    INFO(plan.to_json());
    CHECK(plan.blocked());
    const Change* series = find(plan, Change::Kind::narrowed, "series note.number");
    REQUIRE(series);
    CHECK(series->keys == std::vector<std::string>{"2"});
    CHECK(series->affected == 1);
    Fixture::refused(deploy::deploy(*s.engine, test::load(next), "system"));
    Fixture::done(s.system->patch("note", "2", R"({"site":"B"})"));
    deployed(s, next);
    CHECK(s.field("note", "2", "number") == "B-1");

    // Numbers that would be there twice block as any that must be unique.
    Fixture twice(notes("number: string"));
    Fixture::done(twice.system->create("note", R"({"number":"N1"})"));
    Fixture::done(twice.system->create("note", "{}"));
    plan = planned(twice, notes("number: {type: string, series: \"N{seq}\", required: true, unique: true}"));
    INFO(plan.to_json());
    CHECK(plan.blocked());
}

TEST_CASE("what is required from now on says the way out") {
    Fixture s(notes("size: integer, kept: string"));
    Fixture::done(s.system->create("note", R"({"size":3})"));
    Fixture::done(s.system->create("note", R"({"size":30,"kept":"k"})"));
    auto message = [&](Change::Kind kind, const std::string& fields, const std::string& what,
                       const std::string& more = "") {
        auto plan = planned(s, notes(fields) + more);
        INFO(plan.to_json());
        const Change* change = find(plan, kind, what);
        REQUIRE(change);
        CHECK(change->blocks == plan.blocked());
        return (change->blocks ? "blocked: " : "") + change->message;
    };
    const std::string both = "size: integer, kept: string, ";
    using Kind = Change::Kind;
    CHECK(message(Kind::added, both + "word: {type: string, required: true}", "field note.word") ==
          "blocked: existing records have no value for it: give it a default or a formula, or set it in a migration");
    CHECK(message(Kind::added, both + "word: {type: string, required: true, default: w}", "field note.word") ==
          "existing records get its default");
    CHECK(message(Kind::added, both + "word: {type: integer, required: true, formula: size * 2}", "field note.word") ==
          "is computed for every record");
    CHECK(message(Kind::added, both + "word: {type: string, required: true}", "field note.word",
                  migration("set: {note: {word: string(size)}}")) == "gets what the migration says");
    CHECK(
        message(Kind::added, both + "word: {type: string, required: true, unique: true, default: w}", "field note.word")
            .starts_with("blocked: existing records cannot have what they would get: "));
    CHECK(message(Kind::narrowed, "size: integer, kept: {type: string, required: true}", "field note.kept") ==
          "blocked: what it asks for becomes stricter; records have no value: fill it in first, give it a default, or "
          "set it in a migration");
    CHECK(message(Kind::changed, "size: integer, kept: {type: string, required: true, default: k}",
                  "field note.kept") == "records where it is empty get its default");
    CHECK(message(Kind::narrowed, "size: {type: integer, maximum: 5}, kept: string", "field note.size")
              .starts_with("blocked: what it asks for becomes stricter; records do not meet it ("));
    deployed(s, notes("size: integer, kept: {type: string, required: true, default: k}"));
    CHECK(s.field("note", "1", "kept") == "k");
}
