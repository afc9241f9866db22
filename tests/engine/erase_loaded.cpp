// Erasing a person whose record came with many others: by a load, with files, with numbers of a series.
#include <filesystem>
#include <fstream>

#include "base/digest.hpp"
#include "engine/fixture.hpp"
#include "engine/load.hpp"
#include "engine/load_texts.hpp"
#include "store/temporary_folder.hpp"

using namespace leat;
using record::LoadColumn;
using test::Fixture;
using test::LoadTexts;

namespace {

constexpr const char* kPeople = R"(
leat: 1
app: people
language: en
---
entity: 客户
key: "{编码}"
fields:
  编码: {type: string, required: true}
  姓名: {type: string, required: true, personal: true}
  电话: {type: string, personal: true}
  城市: string
---
entity: letter
fields: {to: {type: ref, to: 客户}, text: {type: string, personal: true}}
)";

bool holds(const std::string& folder, const std::string& text) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file()) continue;
        std::ifstream file(entry.path(), std::ios::binary);
        std::string bytes{std::istreambuf_iterator<char>(file), {}};
        if (bytes.find(text) != std::string::npos) return true;
    }
    return false;
}

// Four people, loaded as one chunk.
struct People {
    store::TemporaryFolder folder;
    std::string place = std::filesystem::path(folder.file("x")).parent_path().string();
    Fixture s{kPeople, folder.file("people.db")};
    int64_t row = 0;  // of the log

    People() {
        const auto& entity = *s.program->find_entity("客户");
        LoadTexts codes({"C1", "C2", "C3", "C4"}), names({"王小明独特", "李四", "欧阳修独特", "赵六"}),
            phones({"13800000001", "13800000002", "13800000003", "13800000004"}),
            towns({"上海", "北京", "广州", "深圳"});
        std::vector<LoadColumn> columns;
        for (auto [name, texts] : {std::pair("编码", &codes), {"姓名", &names}, {"电话", &phones}, {"城市", &towns}}) {
            LoadColumn column;
            column.field = entity.find(name)->id;
            column.kind = LoadColumn::Kind::string;
            column.values = texts->bytes.data();
            column.offsets = texts->offsets.data();
            columns.push_back(column);
        }
        Json answer = Fixture::json(s.system->load(entity.id, columns, 4, {}));
        REQUIRE(answer.find("created")->text == "4");
        REQUIRE(answer.find("one_by_one")->text == "");
        row = std::stoll(answer.find("first_sequence")->text);
    }
    journal::Verification verified() {
        auto found = s.engine->verify();
        if (!found) FAIL(test::describe(found.error()));
        return *found;
    }
    void tamper(const std::string& sql) {
        auto done = s.engine->connection().execute(sql);
        if (!done) FAIL(done.error().message);
    }
};

}  // namespace

TEST_CASE("a person who came by a load is in no byte of the file once erased, and the rest of the load is as it was") {
    People people;
    auto& s = people.s;
    Fixture::done(s.system->create("letter", R"({"to":"C1","text":"致王小明独特"})"));
    CHECK(people.verified().loads == 1);
    CHECK(holds(people.place, "王小明独特"));
    Fixture::done(s.system->erase("客户", "C1", "request"));
    CHECK_FALSE(holds(people.place, "王小明独特"));
    CHECK_FALSE(holds(people.place, "13800000001"));
    CHECK(holds(people.place, "欧阳修独特"));
    CHECK(people.verified().problem == "");
    CHECK(s.field("客户", "C1", "姓名") == "erased");
    CHECK(s.field("客户", "C1", "城市") == "上海");
    CHECK(s.field("客户", "C3", "电话") == "13800000003");
    // Nothing that could be compared with guesses is left.
    {
        auto salts = s.engine->connection().prepare("SELECT count(*) FROM leat_load WHERE salt IS NOT NULL");
        REQUIRE(salts);
        REQUIRE(salts->step());
        CHECK(salts->integer(0) == 0);
    }
    // Its history begins with what is left of it; the others' with what they were made with.
    Json log = Fixture::json(s.system->log("客户", "C1", 0, 100));
    CHECK(log.find("log")->items.size() == 2);
    CHECK(base::to_text(log).find("独特") == std::string::npos);
    log = Fixture::json(s.system->log("客户", "C3", 0, 100));
    CHECK(base::to_text(log).find("欧阳修独特") != std::string::npos);

    // One who was changed in between, and one who was deleted.
    Fixture::done(s.system->patch("客户", "C3", R"({"姓名":"欧阳改名"})"));
    Fixture::done(s.system->erase("客户", "C3", "request"));
    for (const char* text : {"欧阳修独特", "欧阳改名", "13800000003"}) CHECK_FALSE(holds(people.place, text));
    CHECK(people.verified().problem == "");
    Fixture::done(s.system->remove("客户", "C4"));
    CHECK(people.verified().problem == "");
    s.system.reset();
    s.engine.reset();
    s.open(people.folder.file("people.db"));
    CHECK(people.verified().problem == "");
    CHECK_FALSE(holds(people.place, "王小明独特"));
}

TEST_CASE("a load is still compared when commands have changed or deleted some of its records") {
    People people;
    auto& s = people.s;
    Fixture::done(s.system->patch("客户", "C2", R"({"城市":"天津"})"));
    Fixture::done(s.system->patch("客户", "C2", R"({"城市":null,"姓名":"李四改"})"));
    Fixture::done(s.system->remove("客户", "C4"));
    auto found = people.verified();
    CHECK(found.problem == "");
    CHECK(found.loads == 1);
    CHECK(found.loads_changed == 0);
    // Who was not touched by a command, and of who was what was not.
    for (const char* sql : {"UPDATE 客户 SET 城市 = 'X' WHERE id = 1", "UPDATE 客户 SET 电话 = 'X' WHERE id = 2"}) {
        INFO(sql);
        REQUIRE(s.engine->connection().execute("SAVEPOINT tampering"));
        people.tamper(sql);
        found = people.verified();
        CHECK(found.first_bad == people.row);
        CHECK_THAT(found.problem, Catch::Contains("客户"));
        REQUIRE(s.engine->connection().execute("ROLLBACK TO tampering; RELEASE tampering"));
    }
    CHECK(people.verified().problem == "");
}

TEST_CASE("erasing lets go of files, of required ones as well, and leaves numbers that name nobody") {
    store::TemporaryFolder folder;
    std::string place = std::filesystem::path(folder.file("x")).parent_path().string();
    Fixture s(R"(
leat: 1
app: people
language: en
---
entity: person
fields:
  name: {type: string, required: true, personal: true}
  number: {type: string, series: "N{seq}", required: true, unique: true}
  card: {type: string, series: "CARD{seq}", required: true, unique: true, personal: true}
  photo: {type: file, required: true, personal: true}
  papers: {type: list, of: file, personal: true}
  contract: file
)",
              folder.file("people.db"));
    auto put = [&](const std::string& bytes, const std::string& name) {
        auto digest = s.system->put_file(bytes);
        if (!digest) FAIL(test::describe(digest.error()));
        return *digest + "/" + name;
    };
    const std::string photo = put("bytes of a face", "安娜照片.jpg"), papers = put("bytes of papers", "证件.pdf"),
                      contract = put("bytes of a contract", "合同.pdf");
    Fixture::done(s.system->create("person", R"({"name":"Anna Personalia","photo":")" + photo + R"(","papers":[")" +
                                                 papers + R"("],"contract":")" + contract + "\"}"));
    Fixture::done(s.system->create("person", R"({"name":"Bert","photo":")" + photo + "\"}"));
    Fixture::done(s.system->erase("person", "1", "request"));
    CHECK(s.field("person", "1", "number") == "N1");
    CHECK(s.field("person", "1", "card") == "erased 1");
    CHECK(s.field("person", "1", "photo") == "null");
    CHECK(s.field("person", "1", "contract") == contract);
    s.clock.now += 86'400'000'000;
    auto dropped = s.engine->drop_unused_files(0);
    REQUIRE(dropped);
    CHECK(*dropped == 1);  // the papers; Bert has the same photo
    CHECK_FALSE(holds(place, "bytes of papers"));
    CHECK_FALSE(holds(place, "证件.pdf"));
    CHECK_FALSE(holds(place, "Anna Personalia"));
    CHECK(holds(place, "bytes of a face"));
    CHECK(s.engine->verify()->problem == "");
    // Numbers go on, and the record is still one that can be worked with, once it is whole again.
    Fixture::done(s.system->create("person", R"({"name":"Carl","photo":")" + photo + "\"}"));
    CHECK(s.field("person", "3", "number") == "N3");
    CHECK(s.field("person", "3", "card") == "CARD3");
    Fixture::done(s.system->patch("person", "1", R"({"photo":")" + photo + "\"}"));
}
