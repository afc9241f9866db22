// Full text and shares through deployments, and what erasing leaves in the index: nothing.
#include <fstream>
#include <iterator>

#include "deploy/app.hpp"
#include "store/temporary_folder.hpp"

using namespace leat;
using test::deployed;
using test::Fixture;

namespace {

std::string letters(const std::string& entity, const std::string& fields, const std::string& search) {
    return "leat: 1\napp: letters\nversion: " + std::to_string(fields.size() + search.size() + entity.size()) +
           "\nlanguage: en\n---\nroles: {clerk: Clerk}\n---\nentity: " + entity + "\nfields: {" + fields + "}\n" +
           (search.empty() ? "" : "search: [" + search + "]\n") + "access: {clerk: {read: false, share: true}}\n";
}

size_t found(Fixture& s, const char* entity, const std::string& words) {
    return Fixture::json(s.system->query(entity, "{\"search\":\"" + words + "\"}")).find("records")->items.size();
}

}  // namespace

TEST_CASE("the full text and shares follow their records through deployments") {
    Fixture s(letters("letter", "subject: string, body: text", ""));
    s.user("kim", "[]");
    Fixture::done(s.system->create("letter", R"({"subject":"订单已签收","body":"Dear Sir"})"));
    Fixture::done(s.system->share("letter", "1", "user:kim", "read"));
    // Declared later, it has what the table holds already.
    deployed(s, letters("letter", "subject: string, body: text", "subject"));
    CHECK(found(s, "letter", "已签收") == 1);
    CHECK(found(s, "letter", "dear") == 0);
    deployed(s, letters("letter", "subject: string, body: text", "subject, body"));
    CHECK(found(s, "letter", "dear") == 1);
    // Renamed and dropped fields, which its triggers named.
    deployed(s, letters("letter", "title: {type: string, was: subject}, body: text", "title, body"));
    CHECK(found(s, "letter", "已签收") == 1);
    Fixture::done(s.system->patch("letter", "1", R"({"title":"另一封信"})"));
    CHECK(found(s, "letter", "已签收") == 0);
    CHECK(found(s, "letter", "另一封") == 1);
    // The entity itself: its shares, too.
    std::string renamed = letters("message", "title: string, body: text", "title, body");
    renamed.replace(renamed.find("entity: message\n"), 16, "entity: message\nwas: letter\n");
    deployed(s, renamed);
    CHECK(found(s, "message", "另一封") == 1);
    CHECK(s.as("kim")->show("message", "1"));
    Fixture::done(s.system->create("message", R"({"title":"third one"})"));
    CHECK(found(s, "message", "third") == 1);
    auto left = s.engine->connection().prepare(
        "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'leat_text_letter%' OR sql LIKE '%leat_text_letter%'");
    REQUIRE(left);
    REQUIRE(*left->step());
    CHECK(left->integer(0) == 0);
    CHECK(s.engine->verify()->first_bad == 0);
}

TEST_CASE("an erased text is nowhere in the file, the index included") {
    store::TemporaryFolder folder;
    const std::string path = folder.file("letters.db");
    Fixture s(letters("letter", "subject: {type: string, personal: true}, body: text", "subject"), path);
    for (int i = 0; i < 30; ++i)
        Fixture::done(s.system->create("letter", R"({"subject":"Quixotic Xylophone","body":"b"})"));
    CHECK(found(s, "letter", "xylo") == 30);
    for (int i = 1; i <= 30; ++i) Fixture::done(s.system->erase("letter", std::to_string(i), "request"));
    CHECK(found(s, "letter", "xylo") == 0);
    std::ifstream file(path, std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(file), {}};
    CHECK(bytes.find("Xylophone") == std::string::npos);
    // The trigrams of the index stand in order, each with what it does not share with the one before.
    auto terms = s.engine->connection().execute(
        "CREATE VIRTUAL TABLE temp.terms USING fts5vocab('main', 'leat_text_letter', 'row')");
    REQUIRE(terms);
    auto left = s.engine->connection().prepare("SELECT count(*) FROM temp.terms WHERE term = 'xyl'");
    REQUIRE(left);
    REQUIRE(*left->step());
    CHECK(left->integer(0) == 0);
}
