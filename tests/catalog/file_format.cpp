// docs/file_format.md is true: its tables list every column of ours, its SQL runs, and its program, which knows nothing
// of Leat, verifies a log that the journal wrote.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>

#include "catalog/catalog.hpp"
#include "catch.hpp"
#include "file/file.hpp"
#include "inbox/inbox.hpp"
#include "journal/journal.hpp"
#include "outbox/outbox.hpp"
#include "store/temporary_folder.hpp"
#include "task/task.hpp"
#include "timer/timer.hpp"

using namespace leat;
using store::good;

namespace {

std::string page() {
    std::ifstream file(LEAT_SOURCE_DIR "/docs/file_format.md", std::ios::binary);
    REQUIRE(file.good());
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> blocks(const std::string& text, const std::string& language) {
    std::vector<std::string> found;
    const std::string begin = "```" + language + "\n";
    for (size_t at = text.find(begin); at != std::string::npos; at = text.find(begin, at)) {
        at += begin.size();
        found.push_back(text.substr(at, text.find("```", at) - at));
    }
    return found;
}

// The lines "| name | TYPE | …" under a heading.
std::map<std::string, std::string> documented(const std::string& text, const std::string& table) {
    std::map<std::string, std::string> columns;
    size_t at = text.find("### " + table + "\n");
    if (at == std::string::npos) return columns;
    size_t end = text.find("\n### ", at);
    while ((at = text.find("\n| ", at)) < end) {
        at += 3;
        size_t name_end = text.find(" | ", at);
        std::string type = text.substr(name_end + 3, text.find(" |", name_end + 3) - name_end - 3);
        if (type == "INTEGER" || type == "TEXT" || type == "BLOB") columns[text.substr(at, name_end - at)] = type;
    }
    return columns;
}

void create_all(store::Connection& connection) {
    good(catalog::create_tables(connection));
    good(journal::Journal::create_tables(connection));
    good(task::create_tables(connection));
    good(timer::create_tables(connection));
    good(outbox::create_tables(connection));
    good(inbox::create_tables(connection));
    good(file::create_tables(connection));
}

void fill_log(store::Connection& connection) {
    journal::Journal journal(connection);
    journal::Head head;
    base::SeededRandom random(3);
    for (int64_t i = 1; i <= 20; ++i) {
        journal::Entry entry;
        entry.time_us = 1'763'712'000'000'000 + i * 999'999;
        entry.actor = "王芳\t\"\\\x01\x7f\n é";
        entry.roles = "[\"sales\"]";
        entry.definition = "d1";
        entry.command = R"({"do":"send","input":{"note":"}],[{","amount":"10.50"}})";
        entry.drawn = i % 2 ? "null" : R"([{"function":"region","answer":"华东"}])";
        entry.cause = "null";
        if (i % 3)
            entry.segments.push_back({"opportunity", i, "客\"户", i - 1, "update", R"({"note":["\u0001}","\\\""]})"});
        if (i % 2) entry.segments.push_back({"order", i, "", 0, "create", "{}"});
        good(journal.append(head, entry, random));
    }
}

std::string run(const std::string& command) {
    FILE* pipe = popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::string output;
    char buffer[1'000];
    for (size_t count; (count = fread(buffer, 1, sizeof buffer, pipe)) > 0;) output.append(buffer, count);
    pclose(pipe);
    return output;
}

}  // namespace

TEST_CASE("the page on the file format lists every table and column") {
    std::string text = page();
    auto connection = store::open_in_memory();
    create_all(*connection);
    auto columns = good(
        connection->prepare("SELECT t.name, c.name, c.type FROM pragma_table_list AS t, pragma_table_info(t.name) AS c "
                            "WHERE t.name LIKE 'leat%' AND t.type = 'table' ORDER BY t.name"));
    std::map<std::string, std::map<std::string, std::string>> real;
    while (good(columns.step())) real[std::string(columns.text(0))][std::string(columns.text(1))] = columns.text(2);
    REQUIRE(real.size() >= 12);
    for (auto& [table, of_table] : real) {
        CAPTURE(table);
        CHECK(documented(text, table) == of_table);
    }
    CHECK(integer(*connection,
                  "SELECT count(*) FROM pragma_table_list WHERE name LIKE 'leat%' AND type = 'table' AND NOT strict") ==
          0);
}

TEST_CASE("the SQL on the page runs") {
    auto connection = store::open_in_memory();
    create_all(*connection);
    fill_log(*connection);
    auto sql = blocks(page(), "sql");
    REQUIRE(sql.size() >= 3);
    for (const std::string& block : sql) {
        CAPTURE(block);
        good(connection->execute(block));
    }
    auto won = good(connection->prepare("SELECT amount, customer FROM opportunity_v WHERE stage = 'won'"));
    REQUIRE(good(won.step()));
    CHECK(won.text(0) == "10.50");
    CHECK(won.text(1) == "C-1");
}

TEST_CASE("the program on the page verifies a log, and finds an altered row") {
    std::string python = "/usr/bin/python3";
    if (!std::filesystem::exists(python)) {
        WARN("there is no " + python + ": the program of docs/file_format.md was not run");
        return;
    }
    store::TemporaryFolder folder;
    auto programs = blocks(page(), "python");
    REQUIRE(programs.size() == 1);
    std::ofstream(folder.file("verify.py")) << programs[0];
    std::string path = folder.file("x.db");
    auto connection = store::open(path);
    create_all(*connection);
    fill_log(*connection);
    auto ours = good(journal::verify(*connection));
    REQUIRE(ours.first_bad == 0);
    std::string command = python + " " + folder.file("verify.py") + " " + path + " 2>&1";
    CHECK(run(command) == "20 rows hold, head " + base::to_hex(ours.head) + "\n");
    good(connection->execute("UPDATE leat_log SET segments = replace(segments, 'u0001', 'u0002') WHERE seq = 7"));
    CHECK(run(command) == "row 7 does not hold\n");
    CHECK(good(journal::verify(*connection)).first_bad == 7);
}
