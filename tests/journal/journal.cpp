#include <fmt/format.h>

#include "base/json.hpp"
#include "catch.hpp"
#include "journal/journal.hpp"
#include "store/temporary_folder.hpp"
#include "value/temporal.hpp"

using namespace leat;
using namespace leat::journal;
using store::code_of;
using store::good;
using store::integer;
using store::open_in_memory;

namespace {

constexpr int64_t kStart_us = 1'763'712'000'000'000;  // 2025-11-21T08:00:00Z

struct Log {
    std::unique_ptr<store::Connection> connection = open_in_memory();
    Journal journal{*connection};
    Head head;
    base::SeededRandom random{42};
    std::string definition = std::string(64, 'a');

    Log() { good(Journal::create_tables(*connection)); }

    Entry entry(std::vector<Segment> segments = {}) {
        Entry entry;
        entry.time_us = kStart_us + head.sequence * 1'000'000;
        entry.actor = "王芳 \"W\"";
        entry.roles = R"(["sales","manager"])";
        entry.definition = definition;
        entry.command = R"({"do":"send","entity":"order","key":"SO-1","event":"sign","input":{"note":"a \"b\" {["}})";
        entry.drawn = "null";
        entry.cause = "null";
        entry.segments = std::move(segments);
        return entry;
    }
    void append(std::vector<Segment> segments = {}) { good(journal.append(head, entry(std::move(segments)), random)); }
    // Four rows: the first creates two records, the third touches none.
    void fill() {
        append({{"order", 1, "SO-1", 0, "create", R"({"amount":[null,"10.00"],"stage":[null,"new"]})"},
                {"customer", 7, "客户", 0, "create", R"({"name":[null,"]}\"{["]})"}});
        append({{"order", 1, "SO-1", 1, "update", R"({"stage":["new","won"]})"}});
        append();
        append({{"order", 2, "SO-2", 0, "create", "{}"},
                {"order", 1, "SO-1", 2, "update", R"({"amount":["10.00","9.50"]})"}});
    }
    Verification verify() { return good(journal::verify(*connection)); }
};

}  // namespace

TEST_CASE("an empty log holds") {
    Log log;
    CHECK(good(log.journal.head()).sequence == 0);
    Verification verification = log.verify();
    CHECK(verification.rows == 0);
    CHECK(verification.first_bad == 0);
    CHECK(verification.head == base::Digest{});
    CHECK(good(journal::read(*log.connection, 1, 10)).empty());
}

TEST_CASE("rows are appended, read back and verified") {
    Log log;
    log.fill();
    Head stored = good(log.journal.head());
    CHECK(stored.sequence == 4);
    CHECK(stored.time_us == kStart_us + 3'000'000);
    CHECK(stored.hash == log.head.hash);
    Verification verification = log.verify();
    CHECK(verification.problem == "");
    CHECK(verification.first_bad == 0);
    CHECK(verification.rows == 4);
    CHECK(verification.head == log.head.hash);

    auto rows = good(journal::read(*log.connection, 2, 2));
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].sequence == 2);
    CHECK(rows[0].time == "2025-11-21T08:00:01.000000Z");
    CHECK(rows[0].actor == "王芳 \"W\"");
    CHECK(rows[0].hash.size() == 64);
    CHECK(rows[1].segments == "[]");
    auto segments = good(parse_json(rows[0].segments));
    REQUIRE(segments.items.size() == 1);
    CHECK(segments.items[0].members.front().first == "salt");
    CHECK(segments.items[0].members.front().second.text.size() == 32);
    CHECK(segments.items[0].find("changes")->find("stage")->items[1].text == "won");
}

// The algorithm of docs/file_format.md written down a second time, to the byte.
TEST_CASE("the hashes are those that the file format promises") {
    Log log;
    log.append(
        {{"order", 1, "SO-1", 0, "create", R"({"amount":[null,"10.00"]})"}, {"order", 2, "", 0, "create", "{}"}});
    auto row = good(journal::read(*log.connection, 1, 1))[0];
    base::SeededRandom random{42};
    std::string hashed(32, '\0');
    hashed +=
        R"({"seq":1,"chain":0,"time":"2025-11-21T08:00:00.000000Z","actor":"王芳 \"W\"","roles":["sales","manager"],)";
    hashed += "\"definition\":\"" + log.definition + "\"}";
    uint8_t body_salt[16];
    random.fill(body_salt, sizeof body_salt);
    std::string body(reinterpret_cast<const char*>(body_salt), sizeof body_salt);
    body += "{\"command\":" + row.command + ",\"drawn\":null,\"cause\":null}";
    base::Digest body_digest = base::sha256(body);
    hashed.append(reinterpret_cast<const char*>(body_digest.data()), body_digest.size());
    std::string segments = "[";
    for (std::string text :
         {R"("entity":"order","id":1,"key":"SO-1","prev":0,"op":"create","changes":{"amount":[null,"10.00"]}})",
          R"("entity":"order","id":2,"key":"","prev":0,"op":"create","changes":{}})"}) {
        uint8_t salt[16];
        random.fill(salt, sizeof salt);
        base::Digest digest = base::sha256(std::string(reinterpret_cast<char*>(salt), 16) + "{" + text);
        hashed.append(reinterpret_cast<char*>(digest.data()), digest.size());
        segments += (segments.size() > 1 ? "," : "") + ("{\"salt\":\"" + base::to_hex(salt, 16) + "\"," + text);
    }
    CHECK(row.segments == segments + "]");
    CHECK(row.hash == base::to_hex(base::sha256(hashed)));
}

TEST_CASE("the history of one record is walked from its newest row") {
    Log log;
    log.fill();
    auto history = good(read_record(*log.connection, {"order"}, 1, 4, 100));
    REQUIRE(history.size() == 3);
    CHECK(history[0].sequence == 1);
    CHECK(history[2].sequence == 4);
    auto newest = good(read_record(*log.connection, {"order"}, 1, 4, 2));
    REQUIRE(newest.size() == 2);
    CHECK(newest[0].sequence == 2);
    CHECK(good(read_record(*log.connection, {"order"}, 9, 0, 2)).empty());
    CHECK(code_of(read_record(*log.connection, {"order"}, 9, 4, 2)) == "store.corrupt");
    CHECK(code_of(read_record(*log.connection, {"order"}, 1, 5, 2)) == "store.corrupt");
    good(log.connection->execute("DELETE FROM leat_log WHERE seq = 2"));
    CHECK(code_of(read_record(*log.connection, {"order"}, 1, 4, 100)) == "store.corrupt");
    good(log.connection->execute("UPDATE leat_log SET segments = '[{]' WHERE seq = 4"));
    CHECK(code_of(read_record(*log.connection, {"order"}, 1, 4, 100)) == "store.corrupt");
}

TEST_CASE("what the caller does wrong is refused, and the head stays") {
    Log log;
    log.fill();
    Head before = log.head;
    Entry early = log.entry();
    early.time_us = before.time_us - 1;
    CHECK(code_of(log.journal.append(log.head, early, log.random)) == "journal.time");
    for (std::string_view text :
         {"", "nul,", "{", "{}}", "{]", "[1", "\"a", "1,2", "{} ", "\"a\"\"b\"", "null,\"cause\":null"}) {
        CAPTURE(text);
        Entry entry = log.entry();
        entry.command = text;
        CHECK(code_of(log.journal.append(log.head, entry, log.random)) == "journal.malformed");
        entry = log.entry();
        entry.roles = text;
        CHECK(code_of(log.journal.append(log.head, entry, log.random)) == "journal.malformed");
        entry = log.entry();
        entry.drawn = text;
        CHECK(code_of(log.journal.append(log.head, entry, log.random)) == "journal.malformed");
        entry = log.entry();
        entry.cause = text;
        CHECK(code_of(log.journal.append(log.head, entry, log.random)) == "journal.malformed");
        entry = log.entry({{"order", 1, "SO-1", 4, "update", text}});
        CHECK(code_of(log.journal.append(log.head, entry, log.random)) == "journal.malformed");
    }
    log.connection->fail_write(1);
    CHECK(code_of(log.journal.append(log.head, log.entry(), log.random)) == "store.full");
    CHECK(log.head.sequence == before.sequence);
    CHECK(log.head.hash == before.hash);
    Head stale = before;
    log.append();
    CHECK(code_of(log.journal.append(stale, log.entry(), log.random)) == "store.constraint");  // another wrote row 5
    CHECK(log.verify().rows == 5);
}
