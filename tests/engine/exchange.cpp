// Imports and exports through a session: rights, rejections, resuming, and that what goes out comes back equal.
#include "engine/exchange.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "base/digest.hpp"
#include "fixture.hpp"

using namespace leat;
using namespace leat::test;

namespace {

const char* kShop = R"(
leat: 1
app: shop
language: en
timezone: UTC
currency: CNY
---
roles: {clerk: Clerk, reader: Reader, exporter: Exporter}
---
entity: customer
key: "{code}"
fields:
  code:  {type: string, required: true}
  email: {type: string, unique: true}
  name:  {title: {zh: 名称}, type: string}
  secret: string
access:
  clerk: {add: true, read: true, write: code != "locked"}
  reader: {read: true, fields: {secret: none}}
  exporter: {read: true, export: name != "hidden", fields: {secret: mask}}
---
entity: order
key: "{number}"
fields:
  number:   {type: string, required: true}
  placed:   datetime
  customer: {type: ref, to: customer}
  note:     string
  remark:   text
  rate:     {type: decimal, scale: 4, minimum: 0}
  size:     {type: enum, enum: {small: 小, big: Big}}
  tags:     {type: list, of: string}
  extra:    json
  urgent:   {type: boolean}
  grace:    duration
  lines:    {type: list, fields: {code: {type: string, required: true}, quantity: {type: integer, required: true}, price: {type: decimal, scale: 3, required: true}, amount: {type: decimal, scale: 3, formula: quantity * price}}}
  total:    {type: decimal, scale: 3, formula: sum(lines.amount), default: 0}
access: {clerk: {add: true, read: true, write: true}, exporter: {read: true, export: true}}
)";

engine::ImportOptions csv(std::string_view text, std::string_view mapping = {}) {
    engine::ImportOptions options;
    options.text = text;
    options.mapping = mapping;
    return options;
}

Json imported(engine::Session& session, std::string_view entity, const engine::ImportOptions& options) {
    auto answer = session.import_records(entity, options);
    if (!answer) FAIL(describe(answer.error()));
    auto json = parse_json(*answer);
    REQUIRE(json);
    return std::move(*json);
}

std::string text_of(const Json& json, std::string_view name) {
    const Json* found = json.find(name);
    REQUIRE(found);
    return found->kind == Json::Kind::boolean ? (found->boolean ? "true" : "false") : found->text;
}

// "created changed unchanged rejected"
std::string counts(const Json& json) {
    return text_of(json, "created") + " " + text_of(json, "changed") + " " + text_of(json, "unchanged") + " " +
           text_of(json, "rejected");
}

std::string rejected(const Json& json) {
    std::string out;
    for (const Json& one : json.find("rejections")->items)
        out += text_of(one, "row") + " " + text_of(one, "field") + " " + text_of(one, "code") + "\n";
    return out;
}

struct Exported {
    std::string text;
    Json answer;
};

Exported exported(engine::Session& session, std::string_view entity, engine::ExportOptions options = {}) {
    Exported out;
    options.sink = [&](std::string_view bytes) -> Result<void> {
        out.text += bytes;
        return {};
    };
    auto answer = session.export_records(entity, options);
    if (!answer) FAIL(describe(answer.error()));
    out.answer = std::move(*parse_json(*answer));
    return out;
}

int64_t last_sequence(engine::Session& session) {
    auto log = parse_json(*session.log("", "", 1, 100000));
    return static_cast<int64_t>(log->find("log")->items.size());
}

struct Folder {
    std::filesystem::path path;
    Folder() {
        path = std::filesystem::temp_directory_path() / ("leat-exchange-" + std::to_string(std::random_device{}()));
        std::filesystem::create_directories(path);
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::string at(const char* name) const { return (path / name).string(); }
};

std::string content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("rows become records through the actor's rights, and every rejected row says why") {
    Fixture shop(kShop);
    shop.user("li", R"(["clerk"])");
    shop.user("wang", R"(["reader"])");
    auto li = shop.as("li");
    auto answer =
        imported(*li, "customer",
                 csv("code,email,名称,colour\nC-1,a@x.cn,\"远东, 公司\",red\n,b@x.cn,B,\nC-3,a@x.cn,C,\nC-4,,D,\n"));
    CHECK(counts(answer) == "2 0 0 2");
    CHECK(rejected(answer) == "2 code null\n3 email constraint\n");
    CHECK(answer.find("unused_columns")->items[0].text == "colour");
    CHECK(text_of(*parse_json(*li->show("customer", "C-1")), "name") == "远东, 公司");
    auto wang = shop.as("wang");
    CHECK(rejected(imported(*wang, "customer", csv("code\nC-9\n"))) == "1  access.row\n");
    CHECK(shop.system->show("customer", "C-9").error().code == "record.not_found");
    auto verified = shop.engine->verify();
    REQUIRE(verified);
    CHECK(verified->first_bad == 0);
}

TEST_CASE("upsert changes what is there, update makes nothing new, and equal rows change nothing") {
    Fixture shop(kShop);
    imported(*shop.system, "customer", csv("code,email,name\nA,a@x,One\nB,b@x,Two\n"));
    CHECK(counts(imported(*shop.system, "customer", csv("code,name\nA,Uno\nB,Two\nC,Tre\n", R"({"mode":"upsert"})"))) ==
          "1 1 1 0");
    CHECK(text_of(*parse_json(*shop.system->show("customer", "A")), "email") == "a@x");
    auto answer = imported(*shop.system, "customer",
                           csv("email,name\nb@x,Due\nq@x,Quattro\n,Cinque\n", R"({"mode":"update","match":"email"})"));
    CHECK(counts(answer) == "0 1 0 2");
    CHECK(rejected(answer) == "2  record.not_found\n3  import.match\n");
    imported(*shop.system, "customer", csv("code,email\nB,\n", R"({"mode":"upsert","empty":"clear"})"));
    CHECK(parse_json(*shop.system->show("customer", "B"))->find("email")->is_null());
}

TEST_CASE("lines are grouped under their record, also when they do not stand together") {
    Fixture shop(kShop);
    imported(*shop.system, "customer", csv("code,email\nC-1,a@x\n"));
    const char* rows =
        "No,Date,Who,Item,Qty,Price\n"
        "1,01.12.2026 08:26,a@x,x,2,\"1.000,50\"\n"
        "1,01.12.2026 08:26,a@x,y,1,3\n"
        "2,02.12.2026 09:00,a@x,z,-1,\"0,125\"\n"
        "1,01.12.2026 08:26,a@x,w,1,1\n"
        "3,02.12.2026 09:00,nobody,z,1,1\n"
        "4,02.12.2026 09:00,a@x,z,many,1\n"
        "4,02.12.2026 09:00,a@x,z,1,1\n"
        "5,02.12.2026 09:00,a@x,,,\n"
        "6,01.12.2026 09:00,a@x,p,1,1\n"
        "6,02.12.2026 09:00,a@x,q,1,1\n";
    const char* mapping = R"({"columns":{"No":"number","Date":"placed","Who":"customer","Item":"lines.code",
        "Qty":"lines.quantity","Price":"lines.price"},"group":"No","refs":{"customer":"email"},
        "formats":{"Date":"dd.MM.yyyy HH:mm","Price":{"decimal":","}},
        "formulas":{"note":"= \"from \" + Who"}})";
    auto answer = imported(*shop.system, "order", csv(rows, mapping));
    CHECK(counts(answer) == "3 0 0 3");
    CHECK(rejected(answer) == "5  input.unknown_reference\n6 lines.quantity import.cell\n10 placed import.differs\n");
    auto first = parse_json(*shop.system->show("order", "1"));
    CHECK(first->find("lines")->items.size() == 3);
    CHECK(text_of(*first, "total") == "2005.000");
    CHECK(text_of(*first, "placed") == "2026-12-01T08:26:00.000000Z");
    CHECK(text_of(*first, "note") == "from a@x");
    CHECK(text_of(*first, "customer") == "C-1");
    CHECK(parse_json(*shop.system->show("order", "5"))->find("lines")->items.empty());
    auto settled =
        imported(*shop.system, "order",
                 csv("No,D,I\n6,2026-12-01,p\n6,2026-12-02,q\n",
                     R"({"columns":{"No":"number","D":"placed","I":"lines.code"},"group":["No"],"differs":"first",
                                    "formats":{"D":"yyyy-MM-dd"},"constants":{"lines.quantity":"1","lines.price":"2"}})"));
    CHECK(counts(settled) == "1 0 0 0");
    CHECK(text_of(*parse_json(*shop.system->show("order", "6")), "total") == "4.000");
}

TEST_CASE("a dry run checks everything and keeps nothing; all or nothing keeps all or nothing") {
    Fixture shop(kShop);
    auto before = last_sequence(*shop.system);
    auto options = csv("code,email\nA,a@x\nB,a@x\n");
    options.dry_run = true;
    auto answer = imported(*shop.system, "customer", options);
    CHECK(counts(answer) == "1 0 0 1");
    CHECK(text_of(answer, "kept") == "false");
    CHECK(last_sequence(*shop.system) == before);
    options.dry_run = false;
    options.all_or_nothing = true;
    CHECK(text_of(imported(*shop.system, "customer", options), "kept") == "false");
    CHECK(last_sequence(*shop.system) == before);
    options.text = "code,email\nA,a@x\nB,b@x\n";
    CHECK(text_of(imported(*shop.system, "customer", options), "kept") == "true");
    CHECK(last_sequence(*shop.system) == before + 3);  // two records, and the import itself
    REQUIRE(shop.system->begin_batch());
    CHECK(shop.system->import_records("customer", options).error().code == "import.batch");
    options.all_or_nothing = false;
    options.text = "code\nD\n";
    CHECK(counts(imported(*shop.system, "customer", options)) == "1 0 0 0");
    REQUIRE(shop.system->rollback_batch());
    CHECK(shop.system->show("customer", "D").error().code == "record.not_found");
}

TEST_CASE("an import that was stopped goes on where it stopped, at every record") {
    std::string text = "code,email\n";
    for (int i = 1; i <= 9; ++i) text += fmt::format("C-{},{}\n", i, i % 4 == 0 ? "same@x" : fmt::format("{}@x", i));
    for (int stop = 0; stop < 5; ++stop) {
        Fixture shop(kShop);
        auto options = csv(text);
        options.chunk = 2;
        int asked = 0;
        options.progress = [&](const std::string& json) -> Result<void> {
            CHECK(json.find("\"records\":") != std::string::npos);
            if (asked++ == stop) return make_error(Status::host, "host.failed", "stopped");
            return {};
        };
        auto first = shop.system->import_records("customer", options);
        if (stop < 4) {
            REQUIRE_FALSE(first);
            CHECK(first.error().code == "host.failed");
        }
        options.progress = nullptr;
        auto again = imported(*shop.system, "customer", options);
        if (stop < 4) {
            CHECK(counts(again) == "8 0 0 1");
            CHECK(text_of(again, "resumed_at") == std::to_string(2 * (stop + 1)));
            CHECK(rejected(again) == "8 email constraint\n");
        }
        auto list = parse_json(*shop.system->list("customer", "", 0, 100));
        CHECK(list->find("records")->items.size() == 8);
    }
}

TEST_CASE("a named job is done once, and another table may not take its name") {
    Fixture shop(kShop);
    auto options = csv("code\nA\n");
    options.job = "night";
    CHECK(text_of(imported(*shop.system, "customer", options), "already") == "false");
    auto again = imported(*shop.system, "customer", options);
    CHECK(text_of(again, "already") == "true");
    CHECK(counts(again) == "1 0 0 0");
    options.text = "code\nB\n";
    CHECK(shop.system->import_records("customer", options).error().code == "import.job");
    options.restart = true;
    CHECK(counts(imported(*shop.system, "customer", options)) == "1 0 0 0");
}

TEST_CASE("a full disk at any write leaves the import where its last transaction ended") {
    std::string text = "code,email\n";
    for (int i = 1; i <= 6; ++i) text += fmt::format("C-{},{}@x\n", i, i);
    bool finished = false;
    for (uint64_t nth = 1; nth < 200 && !finished; ++nth) {
        Fixture shop(kShop);
        auto options = csv(text);
        options.chunk = 2;
        shop.engine->connection().fail_write(nth);
        auto first = shop.system->import_records("customer", options);
        finished = static_cast<bool>(first);
        if (!finished) CHECK(first.error().status == Status::store);
        shop.engine->connection().fail_write(0);
        imported(*shop.system, "customer", options);
        auto list = parse_json(*shop.system->list("customer", "", 0, 100));
        CHECK(list->find("records")->items.size() == 6);
        CHECK(shop.engine->verify()->first_bad == 0);
    }
    CHECK(finished);
}

TEST_CASE(
    "tables in other encodings, with other separators, from compressed files, and a report of what was rejected") {
    Fixture shop(kShop);
    Folder folder;
    std::string gb = "code;name\nA;\xd4\xb6\xb6\xab\nB;\xff\xff\n";  // 远东 in GB18030, and no text at all
    CHECK(shop.system->import_records("customer", csv(gb, R"({"delimiter":";","encoding":"GB18030"})")).error().code ==
          "import.encoding");
    CHECK(shop.system->import_records("customer", csv(gb, R"({"encoding":"NIX"})")).error().code == "import.encoding");
    gb = gb.substr(0, gb.find('B'));
    CHECK(counts(imported(*shop.system, "customer", csv(gb, R"({"delimiter":";","encoding":"GB18030"})"))) ==
          "1 0 0 0");
    CHECK(text_of(*parse_json(*shop.system->show("customer", "A")), "name") == "远东");
    CHECK(rejected(imported(*shop.system, "customer", csv("code,name\nX,\xff\n"))) == "1 name import.encoding\n");
    std::string wide(
        "\xff\xfe"
        "c\0o\0d\0e\0\n\0"
        "W\0\x1c\x4e\n\0",
        18);
    CHECK(counts(imported(*shop.system, "customer", csv(wide))) == "1 0 0 0");
    CHECK(shop.system->show("customer", "W东"));

    std::ofstream(folder.at("t.csv")) << "code,email\nE,e@x\nF,e@x\n=G,e@x\n";
    engine::ImportOptions options;
    options.path = folder.at("t.csv");
    for (const char* name : {"r.csv", "r.jsonl"}) {
        options.report = folder.at(name);
        options.dry_run = true;
        CHECK(counts(imported(*shop.system, "customer", options)) == "1 0 0 2");
        std::string report = content(options.report);
        CHECK_THAT(report, Catch::Contains("constraint") && Catch::Contains("email"));
        CHECK(std::count(report.begin(), report.end(), '\n') == (options.report.ends_with("csv") ? 3 : 2));
    }
    options.report = folder.at("no/such/folder.csv");
    CHECK(shop.system->import_records("customer", options).error().code == "import.report");
    options.path = folder.at("none.csv");
    CHECK(shop.system->import_records("customer", options).error().code == "import.file");
}

TEST_CASE("exports are the actor's: rows, fields and the right itself; each is logged with its rows and digest") {
    Fixture shop(kShop);
    shop.user("li", R"(["reader"])");
    shop.user("ex", R"(["exporter"])");
    imported(*shop.system, "customer", csv("code,name,secret\nA,=1+1,s\nB,hidden,t\nC,,u\nD,\"\",v\n"));
    auto li = shop.as("li");
    CHECK(li->export_records("customer", {}).error().code == "access.export");
    auto ex = shop.as("ex");
    auto out = exported(*ex, "customer");
    CHECK(out.text == "key,code,email,name,secret\r\nA,A,,'=1+1,***\r\nC,C,,,***\r\nD,D,,\"\",***\r\n");
    CHECK(text_of(out.answer, "rows") == "3");
    CHECK(text_of(out.answer, "withheld") == "1");
    CHECK(text_of(out.answer, "sha256") == base::to_hex(base::sha256(out.text)));
    auto log = *shop.system->log("", "", std::stoll(text_of(out.answer, "sequence")), 1);
    CHECK_THAT(log, Catch::Contains("\"do\":\"export\"") && Catch::Contains(text_of(out.answer, "sha256")) &&
                        Catch::Contains("\"ex\""));
    engine::ExportOptions options;
    options.sort = {"-name", "key"};
    options.fields = {"key"};
    CHECK(exported(*shop.system, "customer", options).text == "key\r\nB\r\nA\r\nD\r\nC\r\n");
    options.where = "name = \"hidden\"";
    options.unguarded = true;
    options.byte_order_mark = true;
    CHECK(exported(*shop.system, "customer", options).text == "\xEF\xBB\xBFkey\r\nB\r\n");
    options.where = "name =";
    CHECK(shop.system->export_records("customer", options).error().code == "where.invalid");
    options.where = "";
    options.fields = {"nme"};
    CHECK(shop.system->export_records("customer", options).error().code == "export.field");
    options.fields = {};
    options.sort = {"lines"};
    CHECK(shop.system->export_records("order", options).error().code == "export.field");
    options.sort = {};
    Folder folder;
    options.path = folder.at("out.csv");
    options.unguarded = options.byte_order_mark = false;
    REQUIRE(shop.system->export_records("customer", options));
    CHECK_THAT(content(options.path), Catch::StartsWith("key,") && Catch::Contains("hidden"));
    options.path = folder.at("no/out.csv");
    CHECK(shop.system->export_records("customer", options).error().code == "export.file");
    CHECK_FALSE(std::filesystem::exists(folder.at("out.csv.leat-part")));
    REQUIRE(shop.system->begin_batch());
    CHECK(shop.system->export_records("customer", {}).error().code == "export.batch");
}

// Whatever texts, numbers, nulls and lines there are: what an export writes, an import reads as the same.
TEST_CASE("what is exported imports again equal") {
    const char* given = std::getenv("LEAT_SEED");
    const unsigned seed = given ? static_cast<unsigned>(std::stoul(given)) : std::random_device{}();
    INFO("LEAT_SEED=" << seed);
    std::mt19937 random(seed);
    auto any = [&](size_t n) { return random() % n; };
    const std::vector<std::string> pieces = {"",  "a",  "远东", "\"", "\n", "\r\n", ",", ";",  "=1",   "+",  "-", "@",
                                             "'", "''", " ",    "\t", "{}", "😀",    "|", "\\", "null", "'=", "#"};
    auto text = [&]() -> std::string {
        std::string out;
        for (size_t i = any(4); i > 0; --i) out += pieces[any(pieces.size())];
        std::string json;
        JsonWriter(json).string(out);
        return json;
    };
    Fixture from(kShop);
    imported(*from.system, "customer", csv("code\nC-1\n'=C\n"));
    const int count = 300;
    for (int i = 0; i < count; ++i) {
        std::string input = fmt::format("{{\"number\":\"N-{}\"", i);
        auto maybe = [&](const char* field, const std::string& json) {
            if (any(3)) input += fmt::format(",\"{}\":{}", field, any(5) ? json : "null");
        };
        maybe("note", text());
        maybe("remark", text());
        maybe("rate", fmt::format("\"{}.{}\"", any(1000), any(10000)));
        maybe("customer", any(2) ? "\"C-1\"" : "\"=C\"");
        maybe("size", any(2) ? "\"small\"" : "\"big\"");
        maybe("tags", fmt::format("[{},{}]", text(), text()));
        maybe("extra", fmt::format("{{\"x\":{},\"y\":[1,-2.50,null,true]}}", text()));
        maybe("urgent", any(2) ? "true" : "false");
        maybe("grace", any(2) ? "\"P3D\"" : "\"PT5H30M\"");
        maybe("placed", fmt::format("\"2026-0{}-1{}T10:00:0{}.000001Z\"", 1 + any(9), any(10), any(10)));
        input += ",\"lines\":[";
        for (size_t l = any(4), n = 0; n < l; ++n)
            input += fmt::format("{}{{\"code\":{},\"quantity\":{},\"price\":\"{}.{:03}\"}}", n ? "," : "",
                                 fmt::format("\"c{}\"", n), static_cast<int>(any(100)) - 50, any(100), any(1000));
        Fixture::done(from.system->create("order", input + "]}"));
    }
    engine::ExportOptions all;
    all.format = exchange::Format::json_lines;
    const std::string before = exported(*from.system, "order", all).text;
    CHECK(std::count(before.begin(), before.end(), '\n') == count);
    // JSON Lines have everything; CSV everything with a row a line.
    for (bool lines : {true, false}) {
        Fixture to(kShop);
        imported(*to.system, "customer", csv("code\nC-1\n'=C\n"));
        engine::ImportOptions options;
        std::string out = before;
        options.format = exchange::Format::json_lines;
        if (!lines) {
            engine::ExportOptions as_csv;
            as_csv.fields = {"number", "placed", "customer", "note",  "remark",     "rate",           "size",
                             "tags",   "extra",  "urgent",   "grace", "lines.code", "lines.quantity", "lines.price"};
            out = exported(*from.system, "order", as_csv).text;
            options.format = exchange::Format::csv;
            options.mapping = R"({"group":"number"})";
        }
        options.text = out;
        auto answer = imported(*to.system, "order", options);
        INFO(rejected(answer));
        CHECK(counts(answer) == fmt::format("{} 0 0 0", count));
        CHECK((exported(*to.system, "order", all).text == before));
    }
}
