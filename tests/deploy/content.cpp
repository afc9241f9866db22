// What deployments do to records that were loaded, that hold files or numbers of series, and whose person was erased.
#include "deploy/app.hpp"
#include "engine/load.hpp"

using namespace leat;
using deploy::Change;
using test::deployed;
using test::find;
using test::Fixture;
using test::notes;
using test::planned;

namespace {

// An entity that takes loads by columns, which one with a flow does not.
std::string sheet(const std::string& fields, const std::string& name = "sheet", const std::string& more = "") {
    return notes("text: string") + "---\nentity: " + name + "\n" + more + "fields: {" + fields + "}\n";
}

void load_sizes(Fixture& s, std::vector<int64_t> sizes) {
    const auto& entity = *s.engine->program().find_entity("sheet");
    record::LoadColumn column;
    column.field = entity.find("size")->id;
    column.kind = record::LoadColumn::Kind::number;
    column.values = sizes.data();
    Json answer = Fixture::json(s.system->load(entity.id, {&column, 1}, sizes.size(), {}));
    REQUIRE(answer.find("one_by_one")->text == "");
    REQUIRE(answer.find("created")->text == std::to_string(sizes.size()));
}

}  // namespace

TEST_CASE("loads hold through deployments: compared where nothing of theirs was converted, and never a false alarm") {
    struct Case {
        const char* what;
        std::string next;
        int64_t loads, changed;
    };
    const std::string fields = "size: {type: decimal, scale: 1}, kind: {type: enum, enum: [a, b], default: a}";
    const Case cases[] = {
        {"one field more", sheet(fields + ", 备注: string"), 1, 0},
        {"more digits", sheet("size: {type: decimal, scale: 3}, kind: {type: enum, enum: [a, b], default: a}"), 0, 1},
        {"a value renamed",
         sheet("size: {type: decimal, scale: 1}, kind: {type: enum, enum: {c: {was: a}, b: B}, default: c}"), 0, 1},
        {"a field renamed",
         sheet("尺寸: {was: size, type: decimal, scale: 1}, kind: {type: enum, enum: [a, b], default: a}"), 0, 1},
        {"the entity renamed", sheet(fields, "页", "was: sheet\n"), 1, 0},
        {"a formula", sheet(fields + ", twice: {type: decimal, scale: 1, formula: size * 2}"), 1, 0},
    };
    for (const Case& one : cases) {
        INFO(one.what);
        Fixture s(sheet(fields));
        load_sizes(s, {1, 2, 3});
        CHECK(s.engine->verify()->loads == 1);
        deployed(s, one.next);
        auto verified = s.engine->verify();
        CHECK(verified->problem == "");
        CHECK(verified->loads == one.loads);
        CHECK(verified->loads_changed == one.changed);
        const std::string entity = s.engine->program().find_entity("sheet") ? "sheet" : "页";
        Fixture::done(s.system->remove(entity, "2"));
        CHECK(s.engine->verify()->problem == "");
        CHECK(s.engine->verify()->loads == one.loads);
        deploy::Options options;
        options.drop = {"*"};
        Fixture::done(deploy::undo(*s.engine, "system", options));
        CHECK(s.engine->verify()->problem == "");
    }
}

TEST_CASE("loaded records are moved, filled and numbered as others are") {
    Fixture s(sheet("size: integer"));
    load_sizes(s, {7, 8});
    Fixture::done(s.system->create("sheet", R"({"size":9})"));
    deployed(s, sheet("size: {type: decimal, scale: 2}, colour: {type: string, required: true, default: red}, number: "
                      "{type: string, series: \"S-{yyyy}-{seq:2}\", required: true}"));
    CHECK(s.field("sheet", "1", "size") == "7.00");
    CHECK(s.field("sheet", "1", "number") == "S-2026-01");
    CHECK(s.field("sheet", "2", "colour") == "red");
    CHECK(s.field("sheet", "3", "number") == "S-2026-03");
    CHECK(s.engine->verify()->problem == "");
    Json log = Fixture::json(s.system->log("sheet", "2", 0, 10));
    CHECK(log.find("log")->items.size() == 2);
    CHECK(base::to_text(*log.find("log")->items[0].find("changes")).find("\"size\"") != std::string::npos);
}

TEST_CASE("files keep their names and their bytes through renaming, lists and back") {
    Fixture s(notes("text: string, 附件: file"));
    auto digest = s.system->put_file("the bytes");
    REQUIRE(digest);
    const std::string name = *digest + "/报价单.pdf";
    Fixture::done(s.system->create("note", "{\"附件\":\"" + name + "\"}"));
    Fixture::done(s.system->create("note", "{}"));
    const std::string next = notes("text: string, files: {was: 附件, type: list, of: file}");
    auto plan = planned(s, next);
    INFO(plan.to_json());
    CHECK_FALSE(plan.blocked());
    CHECK(find(plan, Change::Kind::widened, "field note.files"));
    deployed(s, next);
    CHECK(base::to_text(*Fixture::json(s.system->show("note", "1")).find("files")) == "[\"" + name + "\"]");
    s.clock.now += 86'400'000'000;
    CHECK(*s.engine->drop_unused_files(0) == 0);
    auto bytes = s.system->get_file("note", "1", *digest);
    REQUIRE(bytes);
    CHECK(*bytes == "the bytes");
    Fixture::done(deploy::undo(*s.engine, "system"));
    s.system = s.as("system");
    CHECK(s.field("note", "1", "附件") == name);
    // To a text: the digest and the name stay. Of a text: what names no file is lost only when told.
    deployed(s, notes("text: string, 附件: string"));
    CHECK(s.field("note", "1", "附件") == name);
    Fixture::done(s.system->patch("note", "2", R"({"附件":"no file"})"));
    plan = planned(s, notes("text: string, 附件: file"));
    INFO(plan.to_json());
    CHECK(plan.blocked());
    deploy::Options options;
    options.drop = {"field note.附件"};
    deployed(s, notes("text: string, 附件: file"), options);
    CHECK(s.field("note", "1", "附件") == name);
    CHECK(s.field("note", "2", "附件") == "null");
}

TEST_CASE("series that are renamed or given another form go on counting; erased records stay erased through undo") {
    const std::string people = "name: {type: string, personal: true}, ";
    Fixture s(notes(people +
                    "number: {type: string, series: \"N{seq}\", required: true}, gone: {type: string, personal: true}"));
    for (const char* name : {"Anna", "Bert"})
        Fixture::done(s.system->create("note", std::string(R"({"name":")") + name + R"(","gone":"secret"})"));
    deploy::Options options;
    options.drop = {"*"};
    deployed(s, notes(people + "编号: {was: number, type: string, series: \"N{seq}\", required: true}"), options);
    Fixture::done(s.system->create("note", "{}"));
    CHECK(s.field("note", "1", "编号") == "N1");
    CHECK(s.field("note", "3", "编号") == "N3");
    // What undoing would bring back of an erased person is gone as well.
    Fixture::done(s.system->erase("note", "1", "request"));
    Fixture::done(deploy::undo(*s.engine, "system", options));
    s.system = s.as("system");
    CHECK(s.field("note", "1", "gone") == "null");
    CHECK(s.field("note", "2", "gone") == "secret");
    CHECK(s.field("note", "1", "number") == "N1");
    Fixture::done(s.system->create("note", "{}"));
    CHECK(s.field("note", "4", "number") == "N4");
    CHECK(s.engine->verify()->problem == "");
}
