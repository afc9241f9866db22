// Commands in a batch fail alone: whatever was written of one is undone, the batch goes on.
#include "engine/fixture.hpp"
#include "engine/sales.hpp"

using namespace leat;
using test::Fixture;

namespace {

const char* kDeals = R"(
leat: 1
app: deals
language: en
timezone: Asia/Shanghai
---
roles: {sales: Sales}
---
entity: note
fields:
  deal: {type: ref, to: deal, required: true}
  text: string
access: {sales: {read: true, add: true}}
---
entity: deal
key: "D-{number}"
fields:
  number: {type: string, required: true}
  code:   {type: string, unique: true}
  amount: {type: money, default: 0}
  notes:  {type: list, of: note, by: deal}
constraints: [{assert: amount < 1000, message: too much}]
access: {sales: {read: true, write: true, add: true}}
---
connector: erp
operations: {notify: {input: {deal: string}}}
---
flow: deal_flow
of: deal
field: stage
events: {submit: [sales], back: [sales], note: [sales]}
states:
  open: {on: {submit: {target: sent, do: [{call: erp.notify, with: {deal: = key}}, {notify: "=actor", text: "Sent {key}"}]}}}
  sent:
    on:
      back: {target: open, do: [{call: erp.notify, with: {deal: = key}}]}
      note: {do: [{create: note, set: {deal: =this, text: "{key}"}}]}
)";

// All that the file holds, as text.
std::string content(store::Connection& connection) {
    std::vector<std::string> tables;
    auto names = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
    REQUIRE(names);
    while (*names->step()) tables.emplace_back(names->text(0));
    std::string out;
    for (const std::string& table : tables) {
        auto rows = connection.prepare("SELECT * FROM " + store::quote_identifier(table));
        REQUIRE(rows);
        while (*rows->step()) {
            out += table;
            for (int i = 0; i < rows->column_count(); ++i) {
                out += '|';
                out += rows->blob(i);
            }
            out += '\n';
        }
    }
    return out;
}

struct Deals : Fixture {
    std::unique_ptr<engine::Session> ann;
    Deals() : Fixture(kDeals) {
        user("ann", R"(["sales"])");
        ann = as("ann");
        for (const char* number : {"1", "2", "3"})
            done(ann->create("deal", std::string(R"({"number":")") + number + R"(","code":"c)" + number + "\"}"));
    }
    store::Connection& connection() { return engine->connection(); }
};

}  // namespace

TEST_CASE("in a batch the n-th write of a command fails, and nothing of that command is left") {
    const std::vector<std::function<Result<engine::Outcome>(engine::Session&)>> commands = {
        [](auto& ann) { return ann.send("deal", "D-2", "submit", ""); },
        [](auto& ann) { return ann.patch("deal", "D-2", R"({"amount":5,"code":"new"})"); },
        [](auto& ann) { return ann.send("deal", "D-1", "note", ""); },
        [](auto& ann) { return ann.create("deal", R"({"number":"9"})"); },
    };
    for (size_t which = 0; which < commands.size(); ++which) {
        Deals s;
        const int64_t rows = s.engine->verify()->rows;
        REQUIRE(s.ann->begin_batch());
        Fixture::done(s.ann->send("deal", "D-1", "submit", ""));
        bool done = false;
        uint64_t nth = 1;
        for (; nth < 50; ++nth) {
            CAPTURE(which, nth);
            const std::string before = content(s.connection());
            s.connection().fail_write(nth);
            auto outcome = commands[which](*s.ann);
            s.connection().fail_write(0);
            done = static_cast<bool>(outcome);
            if (done) break;
            CHECK(outcome.error().code == "store.full");
            REQUIRE(content(s.connection()) == before);
        }
        REQUIRE(done);
        CHECK(nth > 2);  // the record and the log at least
        Fixture::done(s.ann->send("deal", "D-3", "submit", ""));
        REQUIRE(s.ann->commit_batch());
        auto verified = s.engine->verify();
        CHECK(verified->first_bad == 0);
        CHECK(verified->rows == rows + 3);
        CHECK(s.field("deal", "D-3", "stage") == "sent");
    }
}

TEST_CASE("in a batch a refused command leaves nothing, whether it had written or not") {
    Deals s;
    REQUIRE(s.ann->begin_batch());
    Fixture::done(s.ann->patch("deal", "D-1", R"({"amount":5})"));
    const std::string before = content(s.connection());
    CHECK(Fixture::refused(s.ann->patch("deal", "D-2", R"({"amount":1000})"))[0].code == "constraint");
    CHECK(Fixture::refused(s.ann->send("deal", "D-2", "back", ""))[0].code == "event.unexpected");
    // Another one's code: asked of the file, for which the change is written first.
    CHECK(Fixture::refused(s.ann->patch("deal", "D-2", R"({"amount":6,"code":"c3"})"))[0].code == "constraint");
    CHECK(content(s.connection()) == before);
    REQUIRE(s.ann->commit_batch());
    CHECK(s.field("deal", "D-1", "amount") == "5.00");
    CHECK(s.engine->verify()->first_bad == 0);
}

TEST_CASE("where a command of a batch cannot be undone by itself the batch is lost, and says so") {
    Deals s;
    const std::string before = content(s.connection());
    // What a disk that is full for good does: neither the change nor its undoing can be written.
    REQUIRE(
        s.connection().execute("CREATE TEMP TRIGGER no_log BEFORE INSERT ON leat_log WHEN NEW.command LIKE '%D-2%' "
                               "BEGIN SELECT RAISE(ABORT, 'no log'); END;"
                               "CREATE TEMP TRIGGER no_undo BEFORE DELETE ON leat_outbox BEGIN SELECT RAISE(ABORT, "
                               "'no undo'); END"));
    REQUIRE(s.ann->begin_batch());
    Fixture::done(s.ann->send("deal", "D-1", "submit", ""));
    auto failed = s.ann->send("deal", "D-2", "submit", "");
    REQUIRE_FALSE(failed);
    CHECK(failed.error().code == "store.constraint");
    auto next = s.ann->send("deal", "D-3", "submit", "");
    REQUIRE_FALSE(next);
    CHECK(next.error().code == "store.rolled_back");
    auto committed = s.ann->commit_batch();
    REQUIRE_FALSE(committed);
    CHECK(committed.error().code == "store.rolled_back");
    CHECK(content(s.connection()) == before);
    Fixture::done(s.ann->send("deal", "D-3", "submit", ""));
    CHECK(s.engine->verify()->first_bad == 0);
}

TEST_CASE("a failing write in a batch undoes a command that makes records, opens tasks and draws numbers") {
    Fixture s(test::kSales);
    s.user("ann", R"(["sales"])");
    auto ann = s.as("ann");
    Fixture::done(ann->create("customer", R"({"name":"ACME"})"));
    std::string key =
        Fixture::done(ann->create("deal", R"({"name":"n","owner":"ann","customer":"ACME","demo_on":"2026-01-02",
        "lines":[{"product":"p","quantity":2,"price":10}]})"))
            .key;
    REQUIRE(ann->begin_batch());
    for (const char* event : {"quote", "submit", "sign"}) {
        uint64_t nth = 1;
        for (; nth < 100; ++nth) {
            CAPTURE(event, nth);
            const std::string before = content(s.engine->connection());
            s.engine->connection().fail_write(nth);
            auto outcome = ann->send("deal", key, event, "");
            s.engine->connection().fail_write(0);
            if (outcome) {
                REQUIRE_FALSE(outcome->refused);
                break;
            }
            REQUIRE(content(s.engine->connection()) == before);
        }
        CHECK(nth > 2);
        REQUIRE(nth < 100);
    }
    REQUIRE(ann->commit_batch());
    CHECK(s.field("order", "SO-00001", "total") == "20.00");
    CHECK(s.engine->verify()->first_bad == 0);
}
