// Processes that die or write at the same time: what was acknowledged stays, and there is one chain.
#include <csignal>
#include <random>

#include <sys/wait.h>
#include <unistd.h>

#include "catch.hpp"
#include "journal/journal.hpp"
#include "store/temporary_folder.hpp"

using namespace leat;
using namespace leat::journal;
using store::good;

namespace {

Result<void> append_one(store::Connection& connection, base::Random& random) {
    LEAT_CHECK(connection.begin_write());
    Journal journal(connection);
    auto body = [&]() -> Result<void> {
        LEAT_TRY(Head head, journal.head());
        Entry entry;
        entry.time_us = head.time_us + 1;
        entry.roles = "[]";
        entry.command = "{}";
        entry.drawn = entry.cause = "null";
        entry.segments = {{"order", 1, "SO-1", head.sequence, "update", "{}"}};
        LEAT_CHECK(journal.append(head, entry, random));
        return connection.commit();
    };
    auto done = body();
    if (!done) connection.rollback();
    return done;
}

// Appends `count` rows and writes a byte after each commit; ends the process, with 0 when all went well.
[[noreturn]] void child(const std::string& path, int count, int acknowledge, uint64_t seed) {
    store::OpenOptions options;
    options.path = path;
    options.busy_timeout_ms = 60'000;
    base::SeededRandom random(seed);
    auto connection = store::Connection::open(options);
    if (!connection) _exit(1);
    for (int i = 0; i < count; ++i) {
        if (!append_one(**connection, random)) _exit(2);
        if (write(acknowledge, "+", 1) != 1) _exit(3);
    }
    _exit(0);
}

struct Pipe {
    int ends[2];
    Pipe() { REQUIRE(pipe(ends) == 0); }
    ~Pipe() {
        close(ends[0]);
        close_writer();
    }
    void close_writer() {
        if (ends[1] >= 0) close(ends[1]);
        ends[1] = -1;
    }
};

void create(const std::string& path) {
    auto connection = store::open(path);
    good(Journal::create_tables(*connection));
}

}  // namespace

TEST_CASE("a process killed at any moment loses nothing that it acknowledged") {
    uint32_t seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    store::TemporaryFolder folder;
    std::string path = folder.file("x.db");
    create(path);
    int64_t acknowledged = 0;
    for (int life = 0; life < 15; ++life) {
        Pipe pipe;
        pid_t process = fork();
        REQUIRE(process >= 0);
        if (process == 0) child(path, 1'000'000, pipe.ends[1], seed + static_cast<uint32_t>(life));
        int64_t until = acknowledged + 1 + static_cast<int64_t>(random() % 40);
        char byte;
        while (acknowledged < until && read(pipe.ends[0], &byte, 1) == 1) ++acknowledged;
        REQUIRE(kill(process, SIGKILL) == 0);
        REQUIRE(waitpid(process, nullptr, 0) == process);
        pipe.close_writer();
        while (read(pipe.ends[0], &byte, 1) == 1) ++acknowledged;

        auto connection = store::open(path);
        auto verification = good(verify(*connection));
        CHECK(verification.problem == "");
        CHECK(verification.rows >= acknowledged);
        CHECK(verification.rows <= acknowledged + 1);  // committed, and killed before it could say so
        CHECK(good(Journal(*connection).head()).hash == verification.head);
        acknowledged = verification.rows;
    }
}

TEST_CASE("two processes write one chain") {
    store::TemporaryFolder folder;
    std::string path = folder.file("x.db");
    create(path);
    Pipe pipe;
    pid_t processes[2];
    for (int i = 0; i < 2; ++i) {
        processes[i] = fork();
        REQUIRE(processes[i] >= 0);
        if (processes[i] == 0) child(path, 100, pipe.ends[1], static_cast<uint64_t>(i));
    }
    for (pid_t process : processes) {
        int status = -1;
        REQUIRE(waitpid(process, &status, 0) == process);
        CHECK(status == 0);
    }
    auto connection = store::open(path);
    auto verification = good(verify(*connection));
    CHECK(verification.problem == "");
    CHECK(verification.rows == 200);
    CHECK(good(read_record(*connection, {"order"}, 1, 200, 1'000)).size() == 200);
}
