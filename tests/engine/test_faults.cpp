// The n-th write fails, for n = 1, 2, 3 … until the command passes: each time nothing of it is left.
#include <unistd.h>

#include <filesystem>

#include "catalog/catalog.hpp"
#include "engine/fixture.hpp"
#include "engine/sales.hpp"

using namespace leat;
using test::Fixture;

namespace {

struct Scratch {
    std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("leat-faults-" + std::to_string(::getpid()));
    Scratch() { std::filesystem::create_directories(folder); }
    ~Scratch() { std::filesystem::remove_all(folder); }
    std::string file(const std::string& name) const { return (folder / name).string(); }
};

std::string signable_deal(Fixture& s) {
    s.user("ann", R"(["sales"])");
    auto ann = s.as("ann");
    Fixture::done(ann->create("customer", R"({"name":"ACME"})"));
    std::string key =
        Fixture::done(ann->create("deal", R"({"name":"n","owner":"ann","customer":"ACME","demo_on":"2026-01-02",
        "lines":[{"product":"p","quantity":2,"price":10}]})"))
            .key;
    Fixture::done(ann->send("deal", key, "quote", ""));
    Fixture::done(ann->send("deal", key, "submit", ""));
    return key;
}

}  // namespace

TEST_CASE("a failing write leaves nothing of its command") {
    Scratch scratch;
    Fixture s(test::kSales, scratch.file("a.db"));
    std::string key = signable_deal(s);
    auto ann = s.as("ann");
    const int64_t rows = s.engine->verify()->rows;
    bool done = false;
    uint64_t n = 1;
    for (; !done && n < 100; ++n) {
        s.engine->connection().fail_write(n);
        auto outcome = ann->send("deal", key, "sign", "");
        s.engine->connection().fail_write(0);
        done = static_cast<bool>(outcome);
        if (done) break;
        INFO("write " << n << ": " << outcome.error().message);
        CHECK(outcome.error().code == "store.full");
        CHECK(s.field("deal", key, "stage") == "review");
        CHECK(Fixture::json(s.system->list("order", "", 0, 10)).find("records")->items.empty());
        auto verified = s.engine->verify();
        REQUIRE(verified);
        CHECK(verified->first_bad == 0);
        CHECK(verified->rows == rows);
    }
    REQUIRE(done);
    CHECK(n > 5);  // order, lines, deal, outbox, log, commit
    CHECK(s.field("order", "SO-00001", "total") == "20.00");
    CHECK(s.engine->verify()->rows == rows + 1);
}

TEST_CASE("a file is found again as it was left, and by its own definitions") {
    Scratch scratch;
    std::string key;
    {
        Fixture s(test::kSales, scratch.file("b.db"));
        key = signable_deal(s);
    }
    engine::Options options;
    options.store.path = scratch.file("b.db");
    auto opened = engine::Engine::open(nullptr, options);
    if (!opened) FAIL(test::describe(opened.error()));
    auto session = (*opened)->session("ann");
    REQUIRE(session);
    Fixture::done((*session)->send("deal", key, "sign", ""));
    CHECK((*opened)->verify()->first_bad == 0);
    // Other definitions are refused until they are deployed.
    auto other = test::load(std::string(test::kSales) + "---\nroles: {extra: Extra}\n");
    auto refused = engine::Engine::open(other, options);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "engine.definitions_changed");
}

TEST_CASE("other time zone rules than the file last saw are logged, once") {
    Scratch scratch;
    Fixture s(test::kSales, scratch.file("z.db"));
    const int64_t rows = s.engine->verify()->rows;
    REQUIRE(catalog::put(s.engine->connection(), "tzdata", "1999z"));
    for (int i = 0; i < 2; ++i) s.open(scratch.file("z.db"));
    auto log = s.system->log("", "", rows + 1, 10);
    REQUIRE(log);
    CHECK(log->find("\"do\":\"tzdata\",\"from\":\"1999z\"") != std::string::npos);
    CHECK(s.engine->verify()->rows == rows + 1);
}

TEST_CASE("a second writer waits its turn, and is told when it waited too long") {
    Scratch scratch;
    Fixture s(test::kSales, scratch.file("c.db"));
    s.user("ann", R"(["sales"])");
    engine::Options options;
    options.store.path = scratch.file("c.db");
    options.store.busy_timeout_ms = 1;
    options.clock = &s.clock;
    auto other = engine::Engine::open(s.program, options);
    if (!other) FAIL(test::describe(other.error()));
    auto theirs = (*other)->session("system");
    REQUIRE(theirs);
    REQUIRE(s.system->begin_batch());
    Fixture::done(s.system->create("customer", R"({"name":"one"})"));
    auto busy = (*theirs)->create("customer", R"({"name":"two"})");
    REQUIRE_FALSE(busy);
    CHECK(busy.error().code == "store.busy");
    REQUIRE(s.system->commit_batch());
    Fixture::done((*theirs)->create("customer", R"({"name":"two"})"));
    // The first engine sees what the other wrote, and its chain goes on behind it.
    Fixture::done(s.system->create("customer", R"({"name":"three"})"));
    CHECK(s.engine->verify()->first_bad == 0);
    CHECK(Fixture::json(s.system->list("customer", "", 0, 10)).find("records")->items.size() == 3);
}
