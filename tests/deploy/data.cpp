// What becomes of values: renamed, widened, narrowed, dropped, set, computed.
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

std::string migration(const std::string& body) {
    return "---\nmigration: there\nfrom: [\"1\"]\n" + body + "\n";
}

}  // namespace

TEST_CASE("renamed fields, values and entities keep what they hold") {
    Fixture s(notes("text: string, kind: {type: enum, enum: [memo, letter]}, size: integer"));
    Fixture::done(s.system->create("note", R"({"text":"客户","kind":"memo","size":3})"));
    const std::string next = notes(
        "body: {type: string, was: text}, kind: {type: enum, enum: {note: {was: memo}, letter: Letter}}, size: "
        "integer");
    auto plan = planned(s, next);
    CHECK_FALSE(plan.blocked());
    CHECK(find(plan, Change::Kind::renamed, "field note.body")->affected == 1);
    CHECK(find(plan, Change::Kind::renamed, "value note.kind.note"));
    CHECK(s.field("note", "1", "text") == "客户");  // a plan changes nothing
    deployed(s, next);
    CHECK(s.field("note", "1", "body") == "客户");
    CHECK(s.field("note", "1", "kind") == "note");
    Fixture::done(s.system->patch("note", "1", R"({"body":"b"})"));

    // The entity, by a migration; a reference and its history follow.
    std::string entity = next;
    entity.replace(entity.find("entity: note\n"), 13, "entity: letter\nwas: note\n");
    entity.replace(entity.find("of: note\n"), 9, "of: letter\n");
    entity.replace(entity.find("body: {type: string, was: text}"), 31, "body: string");
    entity.replace(entity.find("{was: memo}"), 11, "Note");
    plan = planned(s, entity);
    CHECK(find(plan, Change::Kind::renamed, "entity letter")->affected == 1);
    deployed(s, entity);
    CHECK(s.field("letter", "1", "body") == "b");
    Fixture::done(s.system->send("letter", "1", "go", "{}"));
    auto log = Fixture::json(s.system->log("letter", "1", 0, 100));
    CHECK(log.find("log")->items.size() == 3);
    Fixture::done(s.system->create("letter", R"({"body":"c"})"));
    CHECK(s.field("letter", "2", "body") == "c");
}

TEST_CASE("wider types take every value over") {
    Fixture s(
        notes("a: integer, b: {type: decimal, scale: 1}, c: {type: string, maxLength: 5}, d: date, e: {type: enum, "
              "enum: [x]}, f: boolean, g: integer"));
    Fixture::done(s.system->create("note", R"({"a":3,"b":1.5,"c":"abc","d":"2026-01-31","e":"x","f":true,"g":7})"));
    Fixture::done(s.system->create("note", "{}"));
    const std::string next = notes(
        "a: {type: decimal, scale: 2}, b: {type: decimal, scale: 3}, c: {type: text, maxLength: 9}, d: datetime, e: "
        "{type: "
        "enum, enum: [x, y]}, f: string, g: string");
    auto plan = planned(s, next);
    INFO(plan.to_json());
    CHECK_FALSE(plan.blocked());
    for (const char* field : {"a", "b", "c", "d", "e", "f", "g"})
        CHECK(find(plan, Change::Kind::widened, std::string("field note.") + field));
    deployed(s, next);
    CHECK(s.field("note", "1", "a") == "3.00");
    CHECK(s.field("note", "1", "b") == "1.500");
    CHECK(s.field("note", "1", "c") == "abc");
    CHECK(s.field("note", "1", "d") == "2026-01-31T00:00:00.000000Z");
    CHECK(s.field("note", "1", "e") == "x");
    CHECK(s.field("note", "1", "f") == "true");
    CHECK(s.field("note", "1", "g") == "7");
    CHECK(s.field("note", "2", "a") == "null");
    Fixture::done(s.system->patch("note", "1", R"({"a":1.25,"e":"y"})"));
}

TEST_CASE("narrower definitions go ahead where no record minds, and name those that do") {
    Fixture s(notes("text: string, size: {type: decimal, scale: 2}, kind: {type: enum, enum: [a, b]}"));
    Fixture::done(s.system->create("note", R"({"text":"abc","size":2.00,"kind":"a"})"));
    const std::string next = notes(
        "text: {type: string, maxLength: 3, required: true, unique: true}, size: integer, kind: {type: enum, enum: "
        "[a]}",
        "open: {on: {go: done}}\n  done: {type: final}", "constraints: [{assert: size > 1, message: too small}]\n");
    auto plan = planned(s, next);
    INFO(plan.to_json());
    CHECK_FALSE(plan.blocked());
    CHECK(find(plan, Change::Kind::narrowed, "field note.text")->message.find("no record breaks it") !=
          std::string::npos);

    Fixture::done(s.system->create("note", R"({"text":"abcd","size":2.50,"kind":"b"})"));
    Fixture::done(s.system->create("note", R"({"text":"abc","size":1.00})"));
    Fixture::done(s.system->create("note", R"({"size":5})"));
    plan = planned(s, next);
    CHECK(plan.blocked());
    const Change* text = find(plan, Change::Kind::narrowed, "field note.text");
    REQUIRE(text);
    CHECK(text->blocks);
    CHECK(text->affected == 4);  // too long, empty, and the two that are alike
    CHECK(text->keys == std::vector<std::string>{"1", "2", "3", "4"});
    CHECK(find(plan, Change::Kind::narrowed, "rule note.constraints[1]")->keys == std::vector<std::string>{"3"});
    auto refusals = Fixture::refused(deploy::deploy(*s.engine, test::load(next), "system"));
    CHECK(refusals.size() >= 4);
    CHECK(s.field("note", "2", "size") == "2.50");

    // Told what may be lost, it goes ahead with the others mended.
    Fixture::done(s.system->patch("note", "2", R"({"text":"xyz"})"));
    Fixture::done(s.system->patch("note", "3", R"({"text":"def","size":3})"));
    Fixture::done(s.system->patch("note", "4", R"({"text":"ghi"})"));
    deploy::Options options;
    Fixture::refused(deploy::deploy(*s.engine, test::load(next), "system", options));
    options.drop = {"field note.size", "field note.kind"};
    deployed(s, next, options);
    CHECK(s.field("note", "2", "size") == "3");  // as the application rounds
    CHECK(s.field("note", "2", "kind") == "null");
    CHECK(s.field("note", "1", "kind") == "a");
    Fixture::refused(s.system->create("note", R"({"text":"abc","size":2})"));
}

TEST_CASE("lists are converted item by item, and an enum's list is only narrower where values go") {
    Fixture s(
        notes("标签: {type: list, of: enum, enum: [a, b]}, word: string, size: integer, days: {type: list, of: date}"));
    Fixture::done(s.system->create("note", R"({"标签":["a","b"],"word":"7","size":3,"days":["2026-01-31"]})"));
    Fixture::done(s.system->create("note", R"({"标签":["b"],"word":"x"})"));
    auto of = [&](const char* key, const char* field) {
        return base::to_text(*Fixture::json(s.system->show("note", key)).find(field));
    };
    CHECK(planned(s, notes("标签: {type: list, of: enum, enum: [c, a, b]}, word: string, size: integer, days: {type: "
                           "list, of: date}, "
                           "more: string"))
              .changes.size() == 2);  // one value more, and the field
    auto plan =
        planned(s, notes("标签: {type: list, of: enum, enum: [b]}, word: {type: list, of: integer}, size: {type: "
                         "list, of: string}, days: {type: list, of: string}"));
    INFO(plan.to_json());
    CHECK(plan.blocked());  // "a" and "x" would go
    deploy::Options options;
    options.drop = {"field note.标签", "field note.word"};
    deployed(s,
             notes("标签: {type: list, of: enum, enum: [b]}, word: {type: list, of: integer}, size: {type: list, of: "
                   "string}, days: {type: list, of: string}"),
             options);
    CHECK(of("1", "标签") == R"(["b"])");
    CHECK(of("1", "word") == "[7]");
    CHECK(of("2", "word") == "[]");
    CHECK(of("1", "size") == R"(["3"])");
    CHECK(of("1", "days") == R"(["2026-01-31"])");
    Fixture::done(s.system->patch("note", "1", R"({"size":["4","五"],"word":[8]})"));
    options.drop = {"*"};
    Fixture::done(deploy::undo(*s.engine, "system", options));
    s.system = s.as("system");
    CHECK(of("2", "标签") == R"(["b"])");
    CHECK(of("2", "word") == R"("x")");
}

TEST_CASE("nothing is dropped that was not named; what goes comes back by undoing") {
    Fixture s(notes("text: string, size: integer, extra: {type: list, fields: {word: string}}"));
    Fixture::done(s.system->create("note", R"({"text":"a","size":3,"extra":[{"word":"w"}]})"));
    const std::string next = notes("text: string");
    auto plan = planned(s, next);
    CHECK(find(plan, Change::Kind::removed, "field note.size")->drop == "field note.size");
    CHECK(find(plan, Change::Kind::removed, "entity note.extra")->affected == 1);
    deploy::Options options;
    options.drop = {"field note.size"};
    Fixture::refused(deploy::deploy(*s.engine, test::load(next), "system", options));
    options.drop.push_back("entity note.extra");
    deployed(s, next, options);
    CHECK(s.field("note", "1", "size") == "(absent)");
    Fixture::done(s.system->patch("note", "1", R"({"text":"b"})"));
    Fixture::done(s.system->create("note", R"({"text":"new"})"));

    // The line itself is gone for good, which has to be said.
    CHECK(Fixture::refused(deploy::undo(*s.engine, "system")).at(0).at == "entity note.extra");
    options.drop = {"entity note.extra"};
    Fixture::done(deploy::undo(*s.engine, "system", options));
    s.system = s.as("system");
    CHECK(s.field("note", "1", "size") == "3");
    CHECK(s.field("note", "1", "text") == "b");
    CHECK(s.field("note", "2", "text") == "new");
    CHECK(s.engine->verify()->first_bad == 0);
    auto again = deploy::undo(*s.engine, "system");  // the undoing is a deployment as well
    REQUIRE(again);
}

TEST_CASE("new required fields get values from a default or a migration; formulas are computed for all") {
    Fixture s(
        notes("price: {type: decimal, scale: 2}, count: integer, total: {type: decimal, scale: 2, formula: price * "
              "count}"));
    Fixture::done(s.system->create("note", R"({"price":1.50,"count":4})"));
    Fixture::done(s.system->create("note", R"({"price":2,"count":1})"));
    CHECK(s.field("note", "1", "total") == "6.00");
    const std::string fields =
        "price: {type: decimal, scale: 2}, count: integer, label: {type: string, required: true}, colour: {type: "
        "string, "
        "required: true, default: red}, total: {type: decimal, scale: 2, formula: price * count * 2}, half: {type: "
        "decimal, scale: 2, formula: total / 2}";
    auto plan = planned(s, notes(fields));
    CHECK(plan.blocked());
    CHECK(find(plan, Change::Kind::added, "field note.label")->affected == 2);
    const std::string next =
        notes(fields) + migration("set: {note: {label: 'if count > 2 then \"many\" else \"few\"', price: price + 1}}");
    plan = planned(s, next);
    INFO(plan.to_json());
    CHECK_FALSE(plan.blocked());
    deployed(s, next);
    CHECK(s.field("note", "1", "label") == "many");
    CHECK(s.field("note", "2", "label") == "few");
    CHECK(s.field("note", "2", "colour") == "red");
    CHECK(s.field("note", "1", "price") == "2.50");
    CHECK(s.field("note", "1", "total") == "20.00");
    CHECK(s.field("note", "1", "half") == "10.00");

    // A formula over the record as it was that does not fit it is told at its place.
    auto wrong = deploy::plan(*s.engine, test::load(notes(fields) + migration("set: {note: {label: nothing}}")));
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().code == "deploy.migration");
}

TEST_CASE("a deployment of more records than a command may touch") {
    Fixture s(notes("text: string"));
    for (int i = 0; i < 6; ++i) {
        REQUIRE(s.system->begin_batch());
        for (int j = 0; j < 2'000; ++j) REQUIRE(s.system->create("note", R"({"text":"t"})"));
        REQUIRE(s.system->commit_batch());
    }
    deployed(s, notes("text: string, colour: {type: string, default: red}"));
    CHECK(s.field("note", "12000", "colour") == "red");
}

TEST_CASE("a backup comes first, and nothing happens without it") {
    store::TemporaryFolder folder;
    Fixture s(notes("text: string"), folder.file("notes.db"));
    Fixture::done(s.system->create("note", R"({"text":"a"})"));
    deploy::Options options;
    options.backup = folder.file("missing/before.db");
    auto refused = deploy::deploy(*s.engine, test::load(notes("text: string, more: string")), "system", options);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "store.missing");
    CHECK(s.field("note", "1", "more") == "(absent)");

    options.backup = folder.file("before.db");
    deployed(s, notes("text: string, more: string"), options);
    CHECK(s.field("note", "1", "more") == "null");
    Fixture copy(notes("text: string"), options.backup);
    CHECK(copy.field("note", "1", "text") == "a");
    CHECK(copy.engine->verify()->first_bad == 0);
    auto twice = deploy::deploy(*s.engine, test::load(notes("text: string")), "system", options);
    REQUIRE_FALSE(twice);
    CHECK(twice.error().code == "store.backup_exists");
}
