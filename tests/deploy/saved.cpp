// Files of every released format open, verify and go on. tests/saved/ holds them as SQL, to be read in reviews;
// `leat_test_deploy [.save]` writes the one of the present format anew.
#include <filesystem>
#include <fstream>
#include <set>

#include <fmt/format.h>

#include "catalog/catalog.hpp"
#include "deploy/app.hpp"
#include "store/temporary_folder.hpp"

using namespace leat;
using test::Fixture;

namespace {

constexpr const char* kApp = R"(leat: 1
app: 样本
version: "1"
language: en
currency: CNY
---
roles: {clerk: Clerk}
---
settings: {limit: {type: decimal, value: 100, allow: [clerk]}}
---
entity: customer
key: "C-{seq:3}"
fields: {name: {type: string, personal: true}}
access: {clerk: {add: true, read: true, write: true}}
---
entity: order
key: "SO-{yyyy}-{seq:4}"
fields:
  customer: {type: ref, to: customer}
  note: text
  due: date
  rush: {type: boolean, default: false}
  kind: {type: enum, enum: [normal, urgent]}
  lines: {type: list, fields: {product: string, price: {type: money}, count: integer, total: {type: money, formula: price * count}}}
  total: {type: money, formula: sum(lines.total)}
access: {clerk: {add: true, read: true, write: true}}
---
flow: order_flow
of: order
field: stage
events: {submit: [clerk], pay: [clerk]}
states:
  draft: {on: {submit: check}}
  check: {approve: {by: clerk}, on: {approved: open, rejected: draft}}
  open: {after: {P10D: late}, states: {billed: {on: {pay: paid}}, paid: {}}}
  late: {on: {pay: done}}
  done: {type: final}
)";

std::string folder() {
    return LEAT_SOURCE_DIR "/tests/saved";
}

// Everything in the file as statements that make it again.
std::string dump(store::Connection& connection) {
    std::string out = "PRAGMA application_id = 1281712500;\n";
    std::vector<std::pair<std::string, std::string>> tables;
    std::vector<std::string> later;
    {
        auto rows =
            store::good(connection.prepare("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY "
                                           "type = 'table' DESC, type, name"));
        while (store::good(rows.step())) {
            if (rows.text(0) == "table")
                tables.emplace_back(rows.text(1), rows.text(2));
            else
                later.emplace_back(std::string(rows.text(2)) + ";\n");
        }
    }
    for (const auto& [name, sql] : tables) {
        // SQLite makes its own table of counters, and fills it while rows go in.
        out += name == "sqlite_sequence" ? "DELETE FROM sqlite_sequence;\n" : sql + ";\n";
        std::vector<std::string> columns;
        {
            auto rows = store::good(connection.prepare("SELECT name FROM pragma_table_info(?1)"));
            rows.bind(1, name);
            while (store::good(rows.step()))
                columns.emplace_back("quote(" + store::quote_identifier(rows.text(0)) + ")");
        }
        auto rows = store::good(connection.prepare(
            fmt::format("SELECT {} FROM {} ORDER BY 1", fmt::join(columns, ", "), store::quote_identifier(name))));
        while (store::good(rows.step())) {
            out += "INSERT INTO " + store::quote_identifier(name) + " VALUES (";
            for (size_t i = 0; i < columns.size(); ++i) {
                if (i) out += ", ";
                out += rows.text(static_cast<int>(i));
            }
            out += ");\n";
        }
    }
    for (const auto& sql : later) out += sql;
    return out;
}

// Orders in several states, a task, a timer, a changed setting, a deletion, and a second version of the flow.
std::string make() {
    store::TemporaryFolder place;
    Fixture s(kApp, place.file("saved.db"));
    s.user("王芳", R"(["clerk"])");
    Fixture::done(s.system->create("customer", R"({"name":"甲公司 \"A\""})"));
    for (int i = 1; i <= 4; ++i)
        Fixture::done(s.system->create(
            "order",
            fmt::format(
                R"({{"customer":"C-001","kind":"urgent","due":"2026-03-0{0}","lines":[{{"product":"bolt","price":1.2{0},"count":{0}}}]}})",
                i)));
    Fixture::done(s.system->send("order", "SO-2026-0002", "submit", "{}"));
    Fixture::done(s.system->send("order", "SO-2026-0003", "submit", "{}"));
    auto fang = s.as("王芳");
    auto tasks = Fixture::json(fang->tasks(false, 10));
    const auto id = *Decimal::parse(tasks.find("tasks")->items.back().find("task")->text)->to_int64();
    Fixture::done(fang->complete_task(id, "approve", "同意"));
    Fixture::done(fang->change_setting("limit", "2026-02-01", "120"));
    Fixture::done(s.system->remove("order", "SO-2026-0004"));
    std::string next = kApp;
    next.replace(next.find("draft: {on: {submit: check}}"), 28,
                 "draft: {on: {submit: {target: check, guard: total > 0}}}");
    test::deployed(s, next);
    return dump(s.engine->connection());
}

void rebuild(const std::string& sql, const std::string& path) {
    auto connection = store::open(path);
    store::good(connection->begin_write());
    store::good(connection->execute(sql));
    store::good(connection->commit());
}

// Opens it with its own definitions, looks, and goes on.
void go_on(const std::string& path) {
    Fixture s(kApp);  // for its clock and random source
    s.system.reset();
    s.engine.reset();
    s.program = nullptr;
    s.open(path);
    auto verified = *s.engine->verify();
    CHECK(verified.problem == "");
    CHECK(verified.rows >= 10);
    CHECK(s.field("order", "SO-2026-0003", "stage") == "open");
    CHECK(s.field("order", "SO-2026-0003", "total") == "3.69");
    CHECK(s.field("customer", "C-001", "name") == "甲公司 \"A\"");
    Fixture::done(s.system->send("order", "SO-2026-0003", "pay", "{}"));
    Fixture::done(s.system->send("order", "SO-2026-0001", "submit", "{}"));
    Fixture::done(s.system->patch("order", "SO-2026-0001", R"({"note":"on"})"));
    auto tasks = Fixture::json(s.system->tasks(true, 10));
    CHECK(tasks.find("tasks")->items.size() == 2);
    s.clock.now += int64_t{11} * 86'400'000'000;
    CHECK(s.engine->run_due(10)->fired == 1);
    CHECK(s.field("order", "SO-2026-0003", "stage") == "late");
    Fixture::done(s.system->create("order", "{}"));
    CHECK(s.field("order", "SO-2026-0005", "stage") == "draft");
    CHECK(s.engine->verify()->first_bad == 0);
}

}  // namespace

TEST_CASE("saved files of every format open, verify and go on") {
    size_t found = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder())) {
        if (entry.path().extension() != ".sql") continue;
        CAPTURE(entry.path().filename().string());
        std::ifstream file(entry.path(), std::ios::binary);
        std::string sql{std::istreambuf_iterator<char>(file), {}};
        store::TemporaryFolder place;
        rebuild(sql, place.file("saved.db"));
        go_on(place.file("saved.db"));
        ++found;
    }
    CHECK(found >= 1);
}

TEST_CASE("the present format is saved") {
    std::ifstream file(fmt::format("{}/format_{}.sql", folder(), catalog::kFormatVersion), std::ios::binary);
    std::string saved{std::istreambuf_iterator<char>(file), {}};
    // Zones come with the system, so the two may differ there.
    auto without_zones = [](std::string text) {
        for (size_t at; (at = text.find("tzdata")) != std::string::npos;) {
            size_t begin = text.rfind('\n', at) + 1;
            text.erase(begin, text.find('\n', at) + 1 - begin);
        }
        return text;
    };
    auto tables = [](const std::string& text) {
        std::set<std::string> out;
        for (size_t at = 0; (at = text.find("CREATE ", at)) != std::string::npos; ++at)
            if (at == 0 || text[at - 1] == '\n') out.insert(text.substr(at, text.find(";\n", at) - at));
        return out;
    };
    INFO(
        "the file format has changed: raise catalog::kFormatVersion once there is a release, and run "
        "`leat_test_deploy \"[.save]\"`");
    CHECK(tables(without_zones(saved)) == tables(without_zones(make())));
}

TEST_CASE("save the present format", "[.save]") {
    std::ofstream file(fmt::format("{}/format_{}.sql", folder(), catalog::kFormatVersion), std::ios::binary);
    file << make();
    CHECK(file.good());
}
