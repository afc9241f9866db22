// Records that may be one thing twice, and one taking the other's place; the contents of files.
#include <filesystem>
#include <random>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include "base/digest.hpp"

#include "fixture.hpp"
#include "record/likeness.hpp"
#include "store/temporary_folder.hpp"

using namespace leat;
using namespace leat::test;

namespace {

const std::string kCustomers = R"(leat: 1
app: customers
language: en
currency: CNY
---
roles: {clerk: Clerk, boss: {title: Boss, includes: [clerk]}}
---
entity: customer
display: name
fields:
  name: {type: string, required: true}
  phone: {type: string, format: phone}
  city: {type: enum, enum: [beijing, shanghai]}
  code: {type: string, unique: true}
  secret: {type: string}
  active: {type: boolean, default: true}
  parent: {type: ref, to: customer}
  tags: {type: list, of: string}
  contacts: {type: list, fields: {who: {type: string}}}
  orders: {type: list, of: order, by: customer}
  spent: {type: money, formula: sum(orders.amount), default: 0}
  number: {type: string, series: "C{seq:3}"}
duplicates:
  - {match: [phone], id: same phone}
  - {match: [name], similarity: 0.5, if: active}
  - {match: [secret]}
access:
  clerk: {read: true, add: true, write: true, fields: {secret: none}}
  boss: {read: true, add: true, write: true, delete: true, fields: {secret: write}}
---
entity: order
fields:
  customer: {type: ref, to: customer, required: true, on_delete: cascade}
  also: {type: list, of: customer}
  amount: {type: money, default: 0}
access: {clerk: {read: true}}
---
flow: order_flow
of: order
field: status
events: {ask: [clerk]}
states:
  open: {on: {ask: {target: asking, guard: customer != null}}}
  asking: {approve: {by: boss}, on: {approved: done}}
  done: {type: final}
)";

std::vector<std::string> found(engine::Session& session, const std::string& key, const std::string& input = "") {
    std::vector<std::string> out;
    for (const Json& one : Fixture::json(session.duplicates("customer", key, input, 0)).items) {
        const Json* id = one.find("id");
        out.push_back(one.find("key")->text + " " + (id ? id->text : one.find("rule")->text) + " " +
                      one.find("similarity")->text);
    }
    return out;
}

using Found = std::vector<std::string>;

}  // namespace

TEST_CASE("likeness sets spelling aside and works for Chinese") {
    using namespace leat::record;
    auto like = [](std::string_view a, std::string_view b) { return similarity_permille(trigrams(a), trigrams(b)); };
    CHECK(like("word", "two words") == 363);  // pg_trgm's own example: 4 of 11
    CHECK(like("上海东方贸易有限公司", "上海东方贸易公司") == 538);
    CHECK(like("王小明", "王小明") == 1000);
    CHECK(like("ＡＢＣ 公司", "abc公司") < 1000);
    CHECK(like("abc", "ＡＢＣ") == 1000);
    CHECK(like("", "a") == 0);
    CHECK(like("。", "。") == 0);
    CHECK(plain_letters("Ａcme, Inc.（上海）") == plain_letters("acme INC 上海"));
    CHECK(plain_letters("Straße") == plain_letters("STRAßE"));
    CHECK(same_phone("+86 138 0013 8000", "13800138000"));
    CHECK(same_phone("010-6552 9988", "+86 (10) 65529988"));
    CHECK(same_phone("１３８００１３８０００", "138-0013-8000"));
    CHECK_FALSE(same_phone("13800138000", "13800138001"));
    CHECK_FALSE(same_phone("", ""));
    CHECK_FALSE(same_phone("110", "65529110"));
}

TEST_CASE("duplicate rules find candidates that the reader may know") {
    Fixture f(kCustomers);
    f.user("ann", R"(["clerk"])");
    auto ann = f.as("ann");
    auto make = [&](const char* json) { f.done(f.system->create("customer", json)); };
    make(R"({"name":"上海东方贸易有限公司","phone":"+86 21 5888 1234","secret":"s1"})");
    make(R"({"name":"上海东方贸易公司","phone":"58881234"})");
    make(R"({"name":"北京西部贸易","secret":"S-1"})");
    make(R"({"name":"上海东方贸易有限公司","active":false})");
    CHECK(found(*f.system, "1") == Found{"2 same phone 1.000", "3 customer.duplicates[3] 1.000"});
    CHECK(found(*ann, "1") == Found{"2 same phone 1.000"});  // not what is hidden from her
    CHECK(found(*f.system, "", R"({"name":"上海 东方贸易 公司。"})") ==
          Found{"2 customer.duplicates[2] 1.000", "1 customer.duplicates[2] 0.538"});
    CHECK(found(*f.system, "", R"({"name":"上海东方贸易公司","active":false})").empty());
    CHECK(found(*f.system, "", R"({"phone":"021-58881234","name":"x"})") ==
          Found{"1 same phone 1.000", "2 same phone 1.000"});
    CHECK(found(*f.system, "", "{}").empty());
    auto shown = Fixture::json(f.system->duplicates("customer", "2", "", 1));
    REQUIRE(shown.items.size() == 1);
    CHECK(shown.items[0].find("display")->text == "上海东方贸易有限公司");
    auto none = f.system->duplicates("order", "", "", 0);
    REQUIRE_FALSE(none);
    CHECK(none.error().code == "duplicates.none");
    CHECK(f.system->duplicates("customer", "9", "", 0).error().code == "record.not_found");
    CHECK(f.system->duplicates("customer", "", R"({"nmae":"x"})", 0).error().message.find("did you mean 'name'?") !=
          std::string::npos);
    // Asking changed nothing.
    CHECK(f.json(f.system->list("customer", "", 0, 10)).find("records")->items.size() == 4);
}

TEST_CASE("merging re-points references, keeps the survivor's fields and fills its empty ones") {
    Fixture f(kCustomers);
    f.user("ann", R"(["clerk"])");
    f.user("bob", R"(["boss"])");
    auto make = [&](const char* entity, const char* json) { f.done(f.system->create(entity, json)); };
    make("customer", R"({"name":"A","phone":"5551234","tags":["x"],"contacts":[{"who":"a"}]})");
    make("customer",
         R"({"name":"B","city":"shanghai","code":"K7","phone":"5559999","contacts":[{"who":"b"},{"who":"c"}]})");
    make("customer", R"({"name":"C","parent":"2"})");
    f.done(f.system->patch("customer", "1", R"({"parent":"2"})"));
    make("order", R"({"customer":"2","amount":10,"also":["2","1","3"]})");
    make("order", R"({"customer":"1","amount":5,"also":["2"]})");
    auto ann = f.as("ann"), bob = f.as("bob");
    CHECK(Fixture::refused(ann->merge("customer", "1", "2", "")).at(0).code == "access.row");  // may not delete
    CHECK(f.system->merge("customer", "1", "1", "").error().code == "merge.same");
    CHECK(f.system->merge("customer", "1", "7", "").error().code == "record.not_found");
    CHECK(f.system->merge("customer", "1", "2", R"(["nmae"])").error().code == "input.unknown_field");
    CHECK(f.system->merge("customer", "1", "2", R"(["spent"])").error().code == "input.read_only");
    CHECK(f.system->merge("customer", "1", "2", R"({"a":1})").error().code == "input.shape");
    CHECK(f.system->merge("customer", "1", "2", "", 1).error().code == "record.version");
    auto done = f.done(bob->merge("customer", "1", "2", R"(["phone"])"));
    CHECK(done.key == "1");
    CHECK(f.field("customer", "1", "name") == "A");
    CHECK(f.field("customer", "1", "phone") == "5559999");
    CHECK(f.field("customer", "1", "city") == "shanghai");
    CHECK(f.field("customer", "1", "code") == "K7");
    CHECK(f.field("customer", "1", "parent") == "null");  // its own duplicate
    CHECK(f.field("customer", "1", "spent") == "15.00");
    CHECK(f.field("customer", "3", "parent") == "1");
    auto merged = f.json(f.system->show("customer", "1"));
    CHECK(merged.find("contacts")->items.size() == 3);
    CHECK(merged.find("tags")->items.size() == 1);
    auto order = f.json(f.system->show("order", "1"));
    CHECK(order.find("customer")->text == "1");
    REQUIRE(order.find("also")->items.size() == 2);  // named once
    CHECK(order.find("also")->items[0].text == "1");
    CHECK(order.find("also")->items[1].text == "3");
    CHECK_FALSE(f.system->show("customer", "2"));
    // One command of the log, and a chain that holds.
    auto log = f.json(f.system->log("", "", done.sequence, 5));
    CHECK(f.engine->verify()->first_bad == 0);
    // What an approval was shown may not change under it.
    make("customer", R"({"name":"D"})");
    make("order", R"({"customer":"4"})");
    f.done(ann->send("order", "3", "ask", ""));
    CHECK(Fixture::refused(bob->merge("customer", "1", "4", "")).at(0).code == "approval.pending");
    CHECK(f.field("order", "3", "customer") == "4");
}

TEST_CASE("files are kept by their digest and read by who may read a field that names them") {
    const std::string yaml = R"(leat: 1
app: files
language: en
---
roles: {clerk: Clerk}
---
entity: contract
fields:
  title: {type: string}
  scan: {type: file}
  secret: {type: file}
  more: {type: list, of: file}
  pages: {type: list, fields: {picture: {type: file, required: true}}}
access: {clerk: {read: 'title = "open"', fields: {secret: none}}}
)";
    std::string bytes = std::string("\0\xFF%PDF", 6) + "报价单";
    std::string digest = base::to_hex(base::sha256(bytes));
    store::TemporaryFolder folder;
    for (bool in_folder : {false, true}) {
        INFO((in_folder ? "in a folder" : "in the store"));
        Fixture f(yaml);
        if (in_folder) {
            engine::Options options;
            options.store.path = ":memory:";
            options.clock = &f.clock;
            options.random = &f.random;
            options.language = "en";
            options.files_folder = folder.file("files");
            f.system.reset();
            auto opened = engine::Engine::open(f.program, options);
            REQUIRE(opened);
            f.engine = *opened;
            f.system = f.as("system");
        }
        f.user("ann", R"(["clerk"])");
        auto ann = f.as("ann");
        auto put = [&](std::string_view content) {
            auto made = f.system->put_file(content);
            if (!made) FAIL(describe(made.error()));
            return *made;
        };
        CHECK(put(bytes) == digest);
        CHECK(put(bytes) == digest);
        std::string empty = put("");
        std::string hidden = put("hidden"), page = put("page"), lonely = put("lonely");
        if (in_folder)
            CHECK(std::filesystem::exists(folder.file("files/" + digest.substr(0, 2) + "/" + digest.substr(2))));
        f.done(f.system->create("contract",
                                fmt::format(R"({{"title":"open","scan":"{}/报价 单.pdf","secret":"{}","more":["{}"],
            "pages":[{{"picture":"{}"}}]}})",
                                            digest, hidden, empty, page)));
        CHECK(f.field("contract", "1", "scan") == digest + "/报价 单.pdf");
        auto get = [&](engine::Session& session, const std::string& what) {
            auto got = session.get_file("contract", "1", what);
            return got ? *got : "(" + got.error().code + ")";
        };
        CHECK(get(*ann, digest) == bytes);
        CHECK(get(*ann, digest + "/报价 单.pdf") == bytes);
        CHECK(get(*ann, empty).empty());
        CHECK(get(*ann, page) == "page");
        CHECK(get(*ann, hidden) == "(file.unknown)");
        CHECK(get(*f.system, hidden) == "hidden");
        CHECK(get(*ann, lonely) == "(file.unknown)");
        CHECK(get(*ann, "x") == "(file.unknown)");
        // What no file is, and one that nobody put.
        auto wrong = f.system->patch("contract", "1", R"({"scan":"scan.pdf"})");
        REQUIRE_FALSE(wrong);
        CHECK(wrong.error().code == "input.type");
        auto refusal =
            Fixture::refused(f.system->patch("contract", "1", "{\"scan\":\"" + std::string(64, 'a') + "\"}"));
        CHECK(refusal.at(0).message == "there is no file " + std::string(64, 'a') + ": put it first");
        CHECK(refusal.at(0).fields == std::vector<std::string>{"scan"});
        // What the record does not show is not there.
        f.done(f.system->patch("contract", "1", R"({"title":"closed"})"));
        CHECK(get(*ann, digest) == "(record.not_found)");
        // Young ones stay, used ones stay, the others go.
        CHECK(*f.engine->drop_unused_files(1'000'000) == 0);
        f.clock.now += 2'000'000;
        CHECK(*f.engine->drop_unused_files(1'000'000) == 1);
        CHECK(*f.engine->drop_unused_files(0) == 0);
        CHECK(get(*f.system, digest) == bytes);
        CHECK(f.engine->drop_unused_files(-1).error().code == "usage.age");
        if (in_folder) {
            std::filesystem::remove(folder.file("files/" + digest.substr(0, 2) + "/" + digest.substr(2)));
            CHECK(get(*f.system, digest) == "(file.damaged)");
        }
        CHECK(f.engine->verify()->first_bad == 0);
    }
}
