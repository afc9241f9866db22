// A bulk load of checked records through the C ABI (types, required fields, bounds, an enum, a reference, a default, a
// row formula, a constraint over two fields, a role's right to add, the log) against a bare SQLite bulk insert of the
// same rows into the same tables: the same DDL with the same indexes and foreign keys, the same PRAGMAs, one prepared
// INSERT, a commit every 50,000 rows on both sides. The bare side gets its dates and amounts ready made.
//
//   bench_bulk [--quick] [--rows N] [--rounds N]
#include <fmt/format.h>
#include <sqlite3.h>
#include <leat/leat.hpp>

#include <cstdlib>
#include <filesystem>
#include <random>

#include "measure.hpp"

namespace {

const char* kDefinitions = R"(
leat: 1
app: bench
language: en
currency: CNY
---
roles: {sales: Sales}
---
entity: customer
fields: {name: {type: string, required: true}}
access: {sales: {read: true}}
---
entity: sale
fields:
  name:     {type: string, required: true, maxLength: 40}
  region:   {type: enum, enum: [east, west, north, south], required: true}
  customer: {type: ref, to: customer, required: true}
  sold_on:  {type: date, required: true}
  quantity: {type: integer, required: true, minimum: 1}
  price:    {type: money, required: true, minimum: 0}
  amount:   {type: money, formula: quantity * price}
  score:    {type: decimal, scale: 4}
  active:   {type: boolean, default: true}
  note:     {type: text, maxLength: 200}
constraints:
  - {assert: quantity * price < 100000000, message: too much for one sale}
index: [[region, sold_on]]
access: {sales: {add: true, read: true}}
)";

constexpr size_t kCommit = 50'000;
constexpr int64_t kCustomers = 500;
const char* const kRegions[] = {"east", "west", "north", "south"};

[[noreturn]] void fail(const std::string& what) {
    std::fprintf(stderr, "%s\n", what.c_str());
    std::exit(1);
}

struct Texts {
    std::string bytes;
    std::vector<uint32_t> offsets{0};
    void add(std::string_view text) {
        bytes += text;
        offsets.push_back(static_cast<uint32_t>(bytes.size()));
    }
    leat_str at(size_t i) const { return {bytes.data() + offsets[i], offsets[i + 1] - offsets[i]}; }
};

// The rows of one commit; both sides read the same arrays.
struct Rows {
    Texts name, region, note, sold_text;
    std::vector<int64_t> customer, sold_on, quantity, price, amount, score;
    std::vector<uint8_t> score_valid;
    size_t count = 0;
};

std::vector<Rows> make_rows(size_t count) {
    std::mt19937 random(42);
    std::vector<Rows> all;
    for (size_t begin = 0; begin < count; begin += kCommit) {
        Rows rows;
        rows.count = std::min(kCommit, count - begin);
        rows.score_valid.assign((rows.count + 7) / 8, 0);
        for (size_t i = 0; i < rows.count; ++i) {
            rows.name.add(fmt::format("Sale number {}", begin + i));
            rows.region.add(kRegions[random() % 4]);
            rows.note.add("a short free-text note here");
            rows.customer.push_back(1 + static_cast<int64_t>(random() % kCustomers));
            int64_t day = static_cast<int64_t>(random() % 365);
            rows.sold_on.push_back(20'454 + day);  // from 2026-01-01 on
            static const int kMonths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
            int month = 0;
            while (day >= kMonths[month]) day -= kMonths[month++];
            rows.sold_text.add(fmt::format("2026-{:02}-{:02}", month + 1, day + 1));
            rows.quantity.push_back(1 + static_cast<int64_t>(random() % 1000));
            rows.price.push_back(static_cast<int64_t>(random() % 1'000'000));
            rows.amount.push_back(rows.quantity.back() * rows.price.back());
            rows.score.push_back(static_cast<int64_t>(random() % 1'000'000));
            if (random() % 4) rows.score_valid[i / 8] = static_cast<uint8_t>(rows.score_valid[i / 8] | 1u << (i % 8));
        }
        all.push_back(std::move(rows));
    }
    return all;
}

leat_column column(uint8_t kind, const void* values, int16_t scale = 0) {
    leat_column made = {};
    made.kind = kind;
    made.values = values;
    made.scale = scale;
    return made;
}

leat_column column(const Texts& texts) {
    leat_column made = column(LEAT_KIND_STRING, texts.bytes.data());
    made.offsets = texts.offsets.data();
    return made;
}

// An empty file of Leat's with its customers, and who loads.
struct Leat {
    leat::Program program;
    leat::Engine engine;
    leat::Session ann;
    explicit Leat(const std::string& path)
        : program(leat::Program::load({{"bench.yaml", kDefinitions}})),
          engine(leat::Engine::open(&program, options(path))),
          ann(prepare(engine)) {}
    static leat::EngineOptions options(const std::string& path) {
        leat::EngineOptions options;
        options.path = path;
        return options;
    }
    static leat::Session prepare(leat::Engine& engine) {
        auto system = engine.session("system");
        system.create("user", R"({"key":"ann","name":"Ann","roles":["sales"]})");
        system.begin();
        for (int64_t i = 1; i <= kCustomers; ++i)
            system.create("customer", fmt::format(R"({{"name":"Customer {}"}})", i));
        system.commit();
        return engine.session("ann");
    }
    long load(const Rows& rows) {
        const uint32_t entity = program.entity_id("sale");
        auto field = [&](const char* name) { return program.field_id(entity, name); };
        const uint32_t fields[] = {field("name"),     field("region"), field("customer"), field("sold_on"),
                                   field("quantity"), field("price"),  field("score"),    field("note")};
        leat_column columns[] = {column(rows.name),
                                 column(rows.region),
                                 column(LEAT_KIND_RECORD, rows.customer.data()),
                                 column(LEAT_KIND_DATE, rows.sold_on.data()),
                                 column(LEAT_KIND_NUMBER, rows.quantity.data()),
                                 column(LEAT_KIND_NUMBER, rows.price.data(), 2),
                                 column(LEAT_KIND_NUMBER, rows.score.data(), 4),
                                 column(rows.note)};
        columns[6].valid = rows.score_valid.data();
        std::string answer = ann.load(entity, fields, columns, 8, rows.count);
        if (answer.find(fmt::format("\"created\":{},\"rejected\":0,", rows.count)) == std::string::npos ||
            answer.find("\"one_by_one\":\"\"") == std::string::npos)
            fail(answer);
        return 0;
    }
};

class Bare {
 public:
    // The tables of `like`, a file of Leat's, with its customers.
    Bare(const std::string& path, const std::string& like) {
        check(sqlite3_open(path.c_str(), &db_));
        execute(
            "PRAGMA page_size=4096; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536; "
            "PRAGMA temp_store=MEMORY; PRAGMA wal_autocheckpoint=16384; PRAGMA foreign_keys=ON");
        execute(fmt::format("ATTACH '{}' AS leat", like));
        std::vector<std::string> statements;
        auto* schema = prepare(
            "SELECT sql FROM leat.sqlite_schema WHERE tbl_name IN ('customer', 'sale') AND type IN "
            "('table', 'index') AND sql NOT NULL ORDER BY type DESC");
        while (sqlite3_step(schema) == SQLITE_ROW)
            statements.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(schema, 0)));
        sqlite3_finalize(schema);
        for (const auto& one : statements) execute(one);
        execute("INSERT INTO main.customer SELECT * FROM leat.customer");
        execute("DETACH leat");
        insert_ = prepare(
            "INSERT INTO sale(id, leat_version, created_at, created_by, updated_at, updated_by, name, region, "
            "customer, sold_on, quantity, price, amount, score, active, note) VALUES (?1, ?2, ?3, ?4, ?5, ?6, "
            "?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)");
    }
    ~Bare() {
        sqlite3_finalize(insert_);
        sqlite3_close(db_);
    }
    void load(const Rows& rows) {
        static const char* kTime = "2026-01-01T00:00:00.000000Z";
        execute("BEGIN IMMEDIATE");
        sqlite3_bind_int64(insert_, 2, 7);
        for (int place : {3, 5}) sqlite3_bind_text(insert_, place, kTime, 27, SQLITE_STATIC);
        for (int place : {4, 6}) sqlite3_bind_text(insert_, place, "ann", 3, SQLITE_STATIC);
        sqlite3_bind_int64(insert_, 15, 1);
        auto text = [&](int place, const Texts& texts, size_t i) {
            leat_str one = texts.at(i);
            sqlite3_bind_text(insert_, place, one.data, static_cast<int>(one.size), SQLITE_STATIC);
        };
        for (size_t i = 0; i < rows.count; ++i) {
            sqlite3_bind_int64(insert_, 1, ++last_);
            text(7, rows.name, i);
            text(8, rows.region, i);
            sqlite3_bind_int64(insert_, 9, rows.customer[i]);
            text(10, rows.sold_text, i);
            sqlite3_bind_int64(insert_, 11, rows.quantity[i]);
            sqlite3_bind_int64(insert_, 12, rows.price[i]);
            sqlite3_bind_int64(insert_, 13, rows.amount[i]);
            if (rows.score_valid[i / 8] >> (i % 8) & 1)
                sqlite3_bind_int64(insert_, 14, rows.score[i]);
            else
                sqlite3_bind_null(insert_, 14);
            text(16, rows.note, i);
            if (sqlite3_step(insert_) != SQLITE_DONE) fail(sqlite3_errmsg(db_));
            sqlite3_reset(insert_);
        }
        execute("COMMIT");
    }
    std::string sums(const std::string& path) {
        execute(fmt::format("ATTACH '{}' AS leat", path));
        std::string out;
        for (const char* schema : {"main", "leat"}) {
            auto* sums =
                prepare(fmt::format("SELECT count(*), sum(amount), sum(score), min(sold_on), max(sold_on), "
                                    "sum(length(name) + length(note)), sum(customer), sum(active) FROM {}.sale",
                                    schema));
            check(sqlite3_step(sums), SQLITE_ROW);
            std::string line;
            for (int i = 0; i < 8; ++i)
                line += fmt::format("{} ", reinterpret_cast<const char*>(sqlite3_column_text(sums, i)));
            sqlite3_finalize(sums);
            if (!out.empty() && out != line) fail(fmt::format("the two sides differ: {} and {}", out, line));
            out = line;
        }
        return out;
    }

 private:
    void check(int code, int wanted = SQLITE_OK) {
        if (code != wanted) fail(sqlite3_errmsg(db_));
    }
    void execute(const std::string& sql) { check(sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr)); }
    sqlite3_stmt* prepare(const std::string& sql) {
        sqlite3_stmt* statement = nullptr;
        check(sqlite3_prepare_v3(db_, sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
        return statement;
    }
    sqlite3* db_ = nullptr;
    sqlite3_stmt* insert_ = nullptr;
    int64_t last_ = 0;
};

struct Time {
    double wall = 0, processor = 0;
};

template <class F>
void timed(Time& time, F&& work) {
    double wall = leat::bench::seconds_now(), processor = leat::bench::cpu_seconds();
    work();
    time.wall += leat::bench::seconds_now() - wall;
    time.processor += leat::bench::cpu_seconds() - processor;
}

long option(int argc, char** argv, const char* name, long otherwise) {
    for (int i = 1; i + 1 < argc; ++i)
        if (std::strcmp(argv[i], name) == 0) return std::atol(argv[i + 1]);
    return otherwise;
}

}  // namespace

int main(int argc, char** argv) {
    const bool quick = leat::bench::quick(argc, argv);
    const auto count = static_cast<size_t>(option(argc, argv, "--rows", quick ? 2'000 : 1'000'000));
    const long rounds = option(argc, argv, "--rounds", quick ? 1 : 5);
    const auto data = make_rows(count);
    std::vector<double> wall[2], processor[2];
    for (long round = 0; round <= (quick ? 0 : rounds); ++round) {
        auto folder = std::filesystem::temp_directory_path() / fmt::format("leat-bench-{}", std::random_device{}());
        std::filesystem::create_directories(folder);
        std::string ours = (folder / "leat.db").string();
        {
            Leat leat(ours);
            Bare bare((folder / "bare.db").string(), ours);
            Time times[2];
            // The sides take turns, commit by commit: what else the machine does hits both.
            for (const Rows& rows : data) {
                timed(times[0], [&] { leat.load(rows); });
                timed(times[1], [&] { bare.load(rows); });
            }
            for (int side = 0; side < 2; ++side) {
                if (round == 0 && !quick) continue;  // to warm up
                wall[side].push_back(times[side].wall);
                processor[side].push_back(times[side].processor);
            }
            if (round == 0) {
                std::string verified = leat.engine.verify();
                std::printf("%s\n%s\n", verified.c_str(), bare.sums(ours).c_str());
                if (verified.find("\"ok\":true") == std::string::npos) return 1;
            }
        }
        std::filesystem::remove_all(folder);
    }
    for (int side = 0; side < 2; ++side)
        std::printf("bulk_load,%s,%zu,%.0f,wrong=0\n", side ? "bare" : "leat", count,
                    static_cast<double>(count) / leat::bench::median(wall[side]));
    for (const auto& [what, both] : {std::pair{"wall", wall}, std::pair{"processor", processor}}) {
        std::vector<double> ratios;
        for (size_t i = 0; i < both[0].size(); ++i) ratios.push_back(both[0][i] / std::max(both[1][i], 1e-9));
        std::printf("bulk_load, %s time: leat takes %.3f times what bare SQLite takes (median of %zu rounds)\n", what,
                    leat::bench::median(ratios), ratios.size());
    }
    return 0;
}
