// A durable transition through the C ABI (authorise, load, guard over a 1,000-row decision table, state change, log,
// one outbox item, commit) against the bare three statements of a hand-written one: UPDATE, log INSERT, outbox INSERT.
// Same PRAGMAs (WAL, NORMAL, 4 KiB pages, 64 MiB cache, checkpoints at 64 MiB), same number of rows, no index but the
// primary keys on either side.
#include <fmt/format.h>
#include <sqlite3.h>
#include <leat/leat.hpp>

#include <cstdlib>
#include <filesystem>
#include <random>

#include "measure.hpp"

namespace {

std::string definitions() {
    std::string yaml = R"(
leat: 1
app: bench
language: en
---
roles: {sales: Sales}
---
entity: deal
fields:
  name:   {type: string, required: true}
  region: {type: string}
  amount: {type: money, default: 0}
  note:   {type: string}
access: {sales: {read: true, write: true}}
---
flow: deal_flow
of: deal
field: stage
events: {submit: [sales], back: [sales]}
states:
  open:  {on: {submit: {target: sent, guard: level(this) != null and amount > 0, do: [{call: erp.notify, with: {deal: = key, amount: = amount}}]}}}
  sent:  {on: {back: {target: open, guard: level(this) != null, do: [{call: erp.notify, with: {deal: = key, amount: = amount}}]}}}
  final: {type: final}
on: {submit: final}
---
connector: erp
operations: {notify: {input: {deal: string, amount: money}}}
---
decision: level
of: deal
outputs: {level: integer}
hit: first
table: |
  | region | amount | -> level |
)";
    for (int i = 0; i < 1000; ++i)
        yaml += fmt::format("  | \"r{}\" | [{}..{}) | {} |\n", i % 50, i / 50 * 1000, (i / 50 + 1) * 1000, i);
    return yaml;
}

void check(int code, sqlite3* db, int wanted = SQLITE_OK) {
    if (code == wanted) return;
    std::fprintf(stderr, "sqlite: %s\n", sqlite3_errmsg(db));
    std::exit(1);
}

class Bare {
 public:
    Bare(const std::string& path, int rows) {
        check(sqlite3_open(path.c_str(), &db_), db_);
        execute(
            "PRAGMA page_size=4096; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536; "
            "PRAGMA temp_store=MEMORY; PRAGMA wal_autocheckpoint=16384");  // as Leat has them
        execute(
            "CREATE TABLE deal(id INTEGER PRIMARY KEY, stage TEXT, version INTEGER, updated_at TEXT, name TEXT, region "
            "TEXT, amount INTEGER, note TEXT) STRICT;"
            "CREATE TABLE log(seq INTEGER PRIMARY KEY, deal INTEGER, time TEXT, actor TEXT, event TEXT, payload TEXT) "
            "STRICT;"
            "CREATE TABLE outbox(id INTEGER PRIMARY KEY, time TEXT, topic TEXT, payload TEXT, status INTEGER) STRICT");
        execute("BEGIN");
        auto* insert = prepare(
            "INSERT INTO deal VALUES(?1, 'open', 0, '2026-01-01T00:00:00.000000Z', 'Deal', 'r1', 100000, 'a note of "
            "some length')");
        for (int i = 1; i <= rows; ++i) {
            sqlite3_bind_int64(insert, 1, i);
            check(sqlite3_step(insert), db_, SQLITE_DONE);
            sqlite3_reset(insert);
        }
        sqlite3_finalize(insert);
        execute("COMMIT");
        begin_ = prepare("BEGIN IMMEDIATE");
        commit_ = prepare("COMMIT");
        update_ = prepare("UPDATE deal SET stage=?2, version=version+1, updated_at=?3 WHERE id=?1");
        log_ = prepare("INSERT INTO log(deal,time,actor,event,payload) VALUES(?1,?2,'ann','submit',?3)");
        outbox_ = prepare("INSERT INTO outbox(time,topic,payload,status) VALUES(?1,'erp.notify',?2,0)");
    }
    ~Bare() {
        for (auto* one : {begin_, commit_, update_, log_, outbox_}) sqlite3_finalize(one);
        sqlite3_close(db_);
    }
    void begin() { once(begin_); }
    void commit() { once(commit_); }
    void transition(int64_t id, bool open) {
        static const std::string kPayload(160, 'p');
        static const char* kTime = "2026-01-01T00:00:00.000000Z";
        sqlite3_bind_int64(update_, 1, id);
        sqlite3_bind_text(update_, 2, open ? "sent" : "open", 4, SQLITE_STATIC);
        sqlite3_bind_text(update_, 3, kTime, 27, SQLITE_STATIC);
        once(update_);
        sqlite3_bind_int64(log_, 1, id);
        sqlite3_bind_text(log_, 2, kTime, 27, SQLITE_STATIC);
        sqlite3_bind_text(log_, 3, kPayload.data(), 160, SQLITE_STATIC);
        once(log_);
        sqlite3_bind_text(outbox_, 1, kTime, 27, SQLITE_STATIC);
        sqlite3_bind_text(outbox_, 2, kPayload.data(), 160, SQLITE_STATIC);
        once(outbox_);
    }

 private:
    void execute(const char* sql) { check(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr), db_); }
    sqlite3_stmt* prepare(const char* sql) {
        sqlite3_stmt* statement = nullptr;
        check(sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr), db_);
        return statement;
    }
    void once(sqlite3_stmt* statement) {
        check(sqlite3_step(statement), db_, SQLITE_DONE);
        sqlite3_reset(statement);
    }
    sqlite3* db_ = nullptr;
    sqlite3_stmt *begin_ = nullptr, *commit_ = nullptr, *update_ = nullptr, *log_ = nullptr, *outbox_ = nullptr;
};

struct Leat {
    leat::Program program;
    leat::Engine engine;
    leat::Session system, ann;
    uint32_t entity;
    uint64_t submit, back;
    leat_outcome* outcome = nullptr;

    Leat(const std::string& path, int rows)
        : program(leat::Program::load({{"bench.yaml", definitions()}})),
          engine(leat::Engine::open(&program, options(path))),
          system(engine.session("system")),
          ann(make_ann()) {
        system.begin();
        for (int i = 1; i <= rows; ++i) {
            auto made = system.create(
                "deal", R"({"name":"Deal","region":"r1","amount":1000.00,"note":"a note of some length"})");
            if (made.refused()) std::exit((std::fprintf(stderr, "%s\n", std::string(made.json()).c_str()), 1));
        }
        system.commit();
        entity = program.entity_id("deal");
        submit = program.event_id(entity, "submit");
        back = program.event_id(entity, "back");
        leat::detail::check([&](leat_error** error) { return leat_outcome_new(&outcome, error); });
    }
    ~Leat() { leat_outcome_free(outcome); }
    static leat::EngineOptions options(const std::string& path) {
        leat::EngineOptions options;
        options.path = path;
        return options;
    }
    leat::Session make_ann() {
        system.create("user", R"({"key":"ann","name":"Ann","roles":["sales"]})");
        return engine.session("ann");
    }
    bool transition(int64_t id, bool open) {
        leat::detail::check([&](leat_error** error) {
            return leat_session_send_event(outcome, ann.get(), entity, id, open ? submit : back, nullptr, 0, 0, 0,
                                           error);
        });
        return !leat_outcome_refused(outcome);
    }
};

}  // namespace

int main(int argc, char** argv) {
    const bool quick = leat::bench::quick(argc, argv);
    const int rows = quick ? 200 : 20'000;
    const long count = quick ? 200 : 20'000;
    auto folder = std::filesystem::temp_directory_path() / fmt::format("leat-bench-{}", std::random_device{}());
    std::filesystem::create_directories(folder);
    {
        Leat leat((folder / "leat.db").string(), rows);
        Bare bare((folder / "bare.db").string(), rows);
        // Each side flips its own records; one commit a transition, then a thousand.
        for (long batch : {1L, 1000L}) {
            std::mt19937 random(42), other(42);
            std::vector<bool> leat_open(static_cast<size_t>(rows) + 1, true), bare_open = leat_open;
            std::vector<leat::bench::Side> sides(2);
            sides[0].engine = "leat";
            sides[0].run = [&] {
                for (long i = 0; i < count; ++i) {
                    auto id = 1 + static_cast<int64_t>(random() % static_cast<unsigned>(rows));
                    if (batch > 1 && i % batch == 0) leat.ann.begin();
                    if (!leat.transition(id, leat_open[static_cast<size_t>(id)])) ++sides[0].wrong;
                    leat_open[static_cast<size_t>(id)] = !leat_open[static_cast<size_t>(id)];
                    if (batch > 1 && (i % batch == batch - 1 || i == count - 1)) leat.ann.commit();
                }
            };
            sides[1].engine = "bare";
            sides[1].run = [&] {
                for (long i = 0; i < count; ++i) {
                    auto id = 1 + static_cast<int64_t>(other() % static_cast<unsigned>(rows));
                    if (i % batch == 0) bare.begin();
                    bare.transition(id, bare_open[static_cast<size_t>(id)]);
                    bare_open[static_cast<size_t>(id)] = !bare_open[static_cast<size_t>(id)];
                    if (i % batch == batch - 1 || i == count - 1) bare.commit();
                }
            };
            std::string name = fmt::format("durable_transition_{}", batch);
            leat::bench::measure(name, count, quick ? 1 : 5, sides);
            leat::bench::print_ratio(name.c_str(), sides[0], sides[1]);
            if (sides[0].wrong) return 1;
            // Back to the start for the next batch size.
            for (int64_t id = 1; id <= rows; ++id)
                if (!leat_open[static_cast<size_t>(id)]) leat.transition(id, false);
        }
        std::string verified = leat.engine.verify();
        std::printf("%s\n", verified.c_str());
        if (verified.find("\"ok\":true") == std::string::npos) return 1;
    }
    std::filesystem::remove_all(folder);
    return 0;
}
