// Whatever is done to the log behind the journal's back, verify names the first row that shows it.
#include <fmt/format.h>

#include "catch.hpp"
#include "journal/journal.hpp"
#include "store/temporary_folder.hpp"

using namespace leat;
using namespace leat::journal;
using store::code_of;
using store::good;
using store::integer;
using store::open_in_memory;

namespace {

constexpr int64_t kRows = 5;

std::unique_ptr<store::Connection> small_log() {
    auto connection = open_in_memory();
    good(Journal::create_tables(*connection));
    Journal journal(*connection);
    Head head;
    base::SeededRandom random(7);
    for (int64_t i = 1; i <= kRows; ++i) {
        Entry entry;
        entry.time_us = 1'763'712'000'000'000 + i;
        entry.actor = "anna";
        entry.roles = "[\"sales\"]";
        entry.definition = "d1";
        entry.command = R"({"do":"patch"})";
        entry.drawn = "null";
        entry.cause = "[1]";
        entry.segments = {{"order", 1, "客1", i - 1, i == 1 ? "create" : "update", R"({"n":[1,2]})"},
                          {"line", i, "", 0, "create", "{}"}};
        good(journal.append(head, entry, random));
    }
    good(connection->execute("CREATE TEMP TABLE kept AS SELECT * FROM leat_log"));
    return connection;
}

void restore(store::Connection& connection) {
    good(connection.execute("DELETE FROM leat_log; INSERT INTO leat_log SELECT * FROM kept"));
}

const char* const kTexts[] = {"time", "actor", "roles", "definition", "command", "drawn", "cause", "segments", "hash"};

std::string bytes_of(store::Connection& connection, const std::string& column, int64_t sequence) {
    auto one = good(connection.prepare(fmt::format("SELECT CAST({} AS BLOB) FROM leat_log WHERE seq = ?1", column)));
    one.bind(1, sequence);
    REQUIRE(good(one.step()));
    return std::string(one.blob(0));
}

void write_bytes(store::Connection& connection, const std::string& column, int64_t sequence, const std::string& bytes) {
    auto write = good(connection.prepare(fmt::format("UPDATE leat_log SET {0} = {1} WHERE seq = ?2", column,
                                                     column == "hash" ? "?1" : "CAST(?1 AS TEXT)")));
    write.bind_blob(1, bytes);
    write.bind(2, sequence);
    good(write.step());
}

}  // namespace

TEST_CASE("every altered byte of every column of every row is found") {
    auto connection = small_log();
    REQUIRE(good(verify(*connection)).rows == kRows);
    int64_t altered = 0;
    for (int64_t sequence = 1; sequence <= kRows; ++sequence) {
        for (std::string column : kTexts) {
            std::string bytes = bytes_of(*connection, column, sequence);
            for (size_t i = 0; i < bytes.size(); ++i) {
                for (int bit : {0, 5, 7}) {
                    std::string changed = bytes;
                    changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
                    write_bytes(*connection, column, sequence, changed);
                    Verification found = good(verify(*connection));
                    if (found.first_bad != sequence)
                        FAIL(fmt::format("row {} {} byte {} bit {}: {}", sequence, column, i, bit, found.first_bad));
                    ++altered;
                }
            }
            for (std::string changed :
                 {std::string(), bytes + " ", bytes + "0", bytes.substr(0, bytes.size() - 1), " " + bytes}) {
                write_bytes(*connection, column, sequence, changed);
                CHECK(good(verify(*connection)).first_bad == sequence);
            }
            write_bytes(*connection, column, sequence, bytes);
        }
    }
    CHECK(altered > 5'000);
    CHECK(good(verify(*connection)).rows == kRows);
}

TEST_CASE("rows that go, come or change places are found") {
    auto connection = small_log();
    base::Digest whole = good(verify(*connection)).head;
    auto after = [&](const std::string& sql) {
        restore(*connection);
        good(connection->execute(sql));
        Verification found = good(verify(*connection));
        CAPTURE(sql);
        CHECK((found.first_bad == 0) == found.problem.empty());
        if (found.first_bad) CHECK(found.rows == found.first_bad - 1);
        return found.first_bad;
    };
    CHECK(after("SELECT 1") == 0);
    for (int64_t sequence = 1; sequence < kRows; ++sequence) {
        CHECK(after(fmt::format("DELETE FROM leat_log WHERE seq = {}", sequence)) == sequence);
        // Gone, and the rest moved up:
        CHECK(after(fmt::format(
                  "DELETE FROM leat_log WHERE seq = {0}; UPDATE leat_log SET seq = -(seq - 1) WHERE seq > {0};"
                  "UPDATE leat_log SET seq = -seq WHERE seq < 0",
                  sequence)) == sequence);
        CHECK(after(fmt::format(
                  "UPDATE leat_log SET seq = -1 WHERE seq = {0}; UPDATE leat_log SET seq = {0} WHERE seq = {1};"
                  "UPDATE leat_log SET seq = {1} WHERE seq = -1",
                  sequence, sequence + 1)) == sequence);
    }
    CHECK(after("INSERT INTO leat_log SELECT 6, chain, time, actor, roles, definition, salt, command, drawn, cause, "
                "segments, hash "
                "FROM leat_log WHERE seq = 5") == 6);
    CHECK(after("UPDATE leat_log SET chain = 1 WHERE seq = 3") == 3);
    for (int sequence : {0, -1}) {
        CHECK(after(fmt::format(
                  "INSERT INTO leat_log SELECT {}, chain, time, actor, roles, definition, salt, command, drawn, cause, "
                  "segments, hash FROM leat_log WHERE seq = 1",
                  sequence)) == 1);
        CHECK(good(verify(*connection)).problem.find("was inserted") != std::string::npos);
    }

    // Cut off at the end, the shorter chain holds: that is what heads are kept elsewhere for.
    restore(*connection);
    good(connection->execute("DELETE FROM leat_log WHERE seq = 5"));
    Verification shorter = good(verify(*connection));
    CHECK(shorter.first_bad == 0);
    CHECK(shorter.rows == 4);
    CHECK(shorter.head != whole);
}

TEST_CASE("text cannot move from one column to the next under the same bytes") {
    auto connection = small_log();
    good(connection->execute("UPDATE leat_log SET drawn = 'null,\"cause\":[1]', cause = '' WHERE seq = 2"));
    CHECK(good(verify(*connection)).first_bad == 2);
    restore(*connection);
    // Two segments as one: their digests would have to be one too.
    good(connection->execute(
        "UPDATE leat_log SET segments = replace(segments, '},{\"salt\"', ',{\"salt\"') WHERE seq = 2"));
    CHECK(good(verify(*connection)).first_bad == 2);
    restore(*connection);
    good(connection->execute(
        "UPDATE leat_log SET segments = '[' || substr(segments, instr(segments, '},{') + 2) WHERE seq = 2"));
    CHECK(good(verify(*connection)).first_bad == 2);
}
