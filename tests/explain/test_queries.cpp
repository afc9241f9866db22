// Queries, views, shares, working as somebody else: what each answers, and what each refuses.
#include <fmt/format.h>

#include "engine/fixture.hpp"
#include "explain/may.hpp"
#include "explain/sql.hpp"

using namespace leat;
using namespace leat::test;

namespace {

constexpr const char* kNotes = R"(
leat: 1
app: notes
language: en
currency: CNY
---
roles:
  clerk: Clerk
  boss: {title: Boss, includes: [clerk], impersonate: true}
  guest: Guest
---
entity: customer
key: "{name}"
fields: {name: {type: string, required: true}, region: {type: enum, enum: [east, north]}}
access: {clerk: {add: true, read: true}}
---
entity: note
key: "N-{seq}"
fields:
  customer: {type: ref, to: customer}
  owner: {type: ref, to: user}
  subject: {type: string, title: {en: Subject, zh: 主题}}
  body: {type: text}
  price: {type: money}
  weight: {type: decimal, scale: 3}
  done: {type: boolean}
  on: {type: date}
  lines: {type: list, fields: {product: {type: string}}}
  doubled: {type: money, formula: price * 2}
  late: {type: boolean, formula: on < today()}
display: subject
search: [subject, body]
index: [price]
access:
  clerk: {add: true, read: owner = actor, write: owner = actor, share: owner = actor}
  boss: {read: true, delete: true, fields: {body: none}}
---
flow: life
of: note
field: status
events: {close: [clerk]}
states:
  open: {on: {close: {target: done, do: [{task: "Look at it", to: boss}, {notify: boss, text: closed}]}}}
  done: {type: final}
)";

struct Notes : Fixture {
    Notes() : Fixture(kNotes) {
        user("ann", R"(["clerk"])");
        user("bob", R"(["boss"])", R"(,"manager":"ann")");
        user("gus", "[]");
        for (const char* name : {"Acme", "Beta"})
            done(system->create(
                "customer", fmt::format(R"({{"name":"{}","region":"{}"}})", name, name[0] == 'A' ? "east" : "north")));
        add("ann", "Acme", "Zürich and 上海", "合同已经签订", "10.50");
        add("ann", "Beta", "Second", "a 100% sure_thing", "2.25");
        add("bob", "Acme", "Third", "", "");
        add("bob", "Beta", "", "上海", "2.25");
    }
    void add(const char* owner, const char* customer, const char* subject, const char* body, const char* price) {
        std::string json = fmt::format(
            R"({{"owner":"{}","customer":"{}","lines":[{{"product":"p"}},{{"product":"q"}}])", owner, customer);
        if (*subject) json += fmt::format(R"(,"subject":"{}")", subject);
        if (*body) json += fmt::format(R"(,"body":"{}")", body);
        if (*price) json += fmt::format(R"(,"price":{},"done":true)", price);
        done(system->create("note", json + "}"));
    }
    std::string keys(engine::Session& session, const std::string& query) {
        auto text = session.query("note", query);
        if (!text) return text.error().code;
        Json answer = json(std::move(text));
        std::string out;
        for (const Json& item : answer.find("records")->items) out += item.find("key")->text.substr(2) + " ";
        return out;
    }
    std::string raw(const std::string& query) {
        auto text = system->query("note", query);
        return text ? *text : text.error().code + ": " + text.error().message;
    }
};

}  // namespace

TEST_CASE("a query filters, orders, pages and shows fields") {
    Notes s;
    CHECK(s.keys(*s.system, "") == "1 2 3 4 ");
    CHECK(s.keys(*s.system, R"({"where":"price > 2 and customer.region = \"north\""})") == "2 4 ");
    CHECK(s.keys(*s.system, R"({"sort":["price"]})") == "3 2 4 1 ");
    CHECK(s.keys(*s.system, R"({"sort":["-price"]})") == "1 2 4 3 ");
    CHECK(s.keys(*s.system, R"({"sort":["-customer.name","-price","key"]})") == "2 4 1 3 ");
    CHECK(s.keys(*s.system, R"({"sort":["customer"]})") == "1 3 2 4 ");
    CHECK(s.keys(*s.system, R"({"sort":["-doubled"],"limit":2})") == "1 2 ");
    CHECK(s.raw(R"({"fields":["price","customer.region","owner"],"limit":1})").substr(0, 98) ==
          R"({"records":[{"id":1,"key":"N-1","price":10.50,"customer.region":"east","owner":"ann"}],"next":"5b3)");
    // Computed on reading: the engine orders and pages by what no column holds.
    Json first = Fixture::json(s.system->query("note", R"({"sort":["late"],"limit":3})"));
    REQUIRE_FALSE(first.find("next")->is_null());
    CHECK(s.keys(*s.system, R"({"sort":["late"],"limit":3,"after":")" + first.find("next")->text + "\"}") == "4 ");
}

TEST_CASE("pages follow each other without gaps, whatever the order") {
    Notes s;
    for (int i = 0; i < 23; ++i) s.add(i % 2 ? "ann" : "bob", "Acme", "x", "", std::to_string(i % 4).c_str());
    for (const char* sort : {"", "price", "-price", "customer.region", "-on", "-done\",\"price"}) {
        std::string all =
            s.keys(*s.system, fmt::format(R"({{"limit":100,"sort":[{}]}})", *sort ? fmt::format("\"{}\"", sort) : ""));
        std::string paged, after;
        for (int page = 0; page < 30; ++page) {
            std::string query = fmt::format(R"({{"limit":4,"sort":[{}]{}}})", *sort ? fmt::format("\"{}\"", sort) : "",
                                            after.empty() ? "" : fmt::format(R"(,"after":"{}")", after));
            paged += s.keys(*s.system, query);
            Json answer = Fixture::json(s.system->query("note", query));
            if (answer.find("next")->is_null()) break;
            after = answer.find("next")->text;
        }
        INFO(sort);
        CHECK(paged == all);
    }
}

TEST_CASE("groups count, add up and bound, in SQL as in the engine") {
    Notes s;
    const std::string measures =
        R"j("measures":{"n":"count","priced":"count(price)","sum":"sum(price)","mean":"avg(price)","least":"min(price)","first":"min(subject)"})j";
    std::string expected =
        R"({"groups":[{"customer.region":"east","n":2,"priced":1,"sum":10.50,"mean":10.50,"least":10.50,"first":"Third"},)"
        R"({"customer.region":"north","n":2,"priced":2,"sum":4.50,"mean":2.25,"least":2.25,"first":"Second"}],"more":false})";
    CHECK(s.raw(R"({"group":["customer.region"],)" + measures + "}") == expected);
    // A condition that SQL does not do makes the engine add up; the answer is the same.
    CHECK(s.raw(R"j({"group":["customer.region"],"where":"string length(key) > 0",)j" + measures + "}") == expected);
    CHECK(s.raw(R"({"measures":{"n":"count"},"where":"price > 1000"})") == R"({"groups":[{"n":0}],"more":false})");
    CHECK(s.raw(R"j({"group":["owner"],"measures":{"sum":"sum(price)"},"sort":["-sum"]})j") ==
          R"({"groups":[{"owner":"ann","sum":12.75},{"owner":"bob","sum":2.25}],"more":false})");
}

TEST_CASE("the full text finds words of any language and length, and follows every change") {
    Notes s;
    auto found = [&](const std::string& words) { return s.keys(*s.system, "{\"search\":\"" + words + "\"}"); };
    CHECK(found("zürich") == "1 ");
    CHECK(found("ZÜRICH 合同已") == "1 ");
    CHECK(found("上海") == "1 4 ");  // two characters: not in the index, and found all the same
    CHECK(found("海") == "1 4 ");
    CHECK(found("0%") == "2 ");
    CHECK(found("e_t") == "2 ");
    CHECK(found("x") == "");
    CHECK(found("合同未") == "");
    Fixture::done(s.system->patch("note", "N-4", R"({"body":"北京分公司"})"));
    CHECK(found("上海") == "1 ");
    CHECK(found("北京分") == "4 ");
    Fixture::done(s.system->remove("note", "N-4"));
    CHECK(found("北京分") == "");
    REQUIRE(s.system->begin_batch());
    Fixture::done(s.system->create("note", R"({"subject":"never kept"})"));
    REQUIRE(s.system->rollback_batch());
    CHECK(found("never") == "");
    CHECK(found("\\\"") == "");
    // Hidden from the boss: the body, so nothing is found in it.
    auto bob = s.as("bob");
    CHECK(s.keys(*bob, R"({"search":"sure"})") == "");
    CHECK(s.keys(*bob, R"({"search":"Third"})") == "3 ");
    CHECK(s.system->query("customer", R"({"search":"a"})").error().code == "query.search");
}

TEST_CASE("what a query cannot ask is said") {
    Notes s;
    const std::pair<const char*, const char*> cases[] = {{R"({"wher":"x"})", "query.shape"},
                                                         {R"({"where":"prise > 1"})", "where.invalid"},
                                                         {R"({"sort":["prise"]})", "query.field"},
                                                         {R"({"sort":["lines"]})", "query.sort"},
                                                         {R"({"fields":["customer.owner.name"]})", "query.field"},
                                                         {R"({"fields":["price.name"]})", "query.field"},
                                                         {R"({"limit":0})", "query.shape"},
                                                         {R"({"limit":1.5})", "query.shape"},
                                                         {R"({"after":"zz"})", "query.after"},
                                                         {R"({"after":"5b5d"})", "query.after"},
                                                         {R"j({"measures":{"a":"sum(subject)"}})j", "query.measure"},
                                                         {R"({"measures":{"a":"total"}})", "query.measure"},
                                                         {R"({"group":["lines"]})", "query.field"},
                                                         {R"({"group":["price"],"fields":["price"]})", "query.shape"},
                                                         {R"([])", "query.shape"},
                                                         {R"({"group":["price"],"sort":["on"]})", "query.sort"}};
    for (const auto& [query, code] : cases) {
        INFO(query);
        auto answer = s.system->query("note", query);
        REQUIRE_FALSE(answer);
        CHECK(answer.error().code == code);
    }
}

TEST_CASE("a record is shared for reading or writing, and taken back") {
    Notes s;
    auto ann = s.as("ann");
    auto gus = s.as("gus");
    CHECK(gus->show("note", "N-1").error().code == "record.not_found");
    CHECK(Fixture::refused(s.as("bob")->share("note", "N-1", "user:gus", "read"))[0].code == "access.share");
    auto shared = Fixture::done(ann->share("note", "N-1", "user:gus", "read"));
    CHECK(shared.sequence > 0);
    Json shown = Fixture::json(gus->show("note", "N-1"));
    CHECK(shown.find("subject")->text == "Zürich and 上海");
    CHECK(shown.find("body") == nullptr);  // denied to some role, and gus has none of his own
    CHECK(s.keys(*gus, "") == "1 ");
    CHECK(Fixture::refused(gus->patch("note", "N-1", R"({"subject":"mine"})"))[0].code == "access.row");
    Fixture::done(ann->share("note", "N-1", "user:gus", "write"));
    Fixture::done(gus->patch("note", "N-1", R"({"subject":"mine"})"));
    CHECK(Fixture::refused(gus->patch("note", "N-1", R"({"body":"mine"})"))[0].code == "access.field");
    CHECK(Fixture::refused(gus->share("note", "N-1", "user:gus", "write"))[0].code == "access.share");
    CHECK_FALSE(Fixture::json(gus->view("note", "N-1", 10)).find("shares"));
    CHECK(Fixture::json(ann->view("note", "N-1", 10)).find("shares")->items.at(0).find("with")->text == "user:gus");
    Fixture::done(ann->share("note", "N-1", "user:gus", "none"));
    CHECK(gus->show("note", "N-1").error().code == "record.not_found");
    // Nothing changed: nothing is logged.
    CHECK(Fixture::done(ann->share("note", "N-1", "user:gus", "none")).sequence == 0);
    Fixture::done(ann->share("note", "N-2", "role:boss", "read"));
    CHECK(ann->share("note", "N-1", "gus", "read").error().code == "share.holder");
    CHECK(ann->share("note", "N-1", "role:bos", "read").error().code == "share.holder");
    CHECK(ann->share("note", "N-1", "user:gus", "all").error().code == "share.right");
    CHECK(s.system->share("customer", "Acme", "user:gus", "read").error().code == "share.undeclared");
    // A record that goes takes its shares along.
    Fixture::done(s.system->remove("note", "N-2"));
    auto rows = s.engine->connection().prepare("SELECT count(*) FROM leat_share");
    REQUIRE(rows);
    REQUIRE(*rows->step());
    CHECK(rows->integer(0) == 0);
}

TEST_CASE("working as somebody else needs the right, and both are in the log") {
    Notes s;
    CHECK(s.engine->session("ann", "bob").error().code == "access.impersonate");
    CHECK(s.engine->session("bob", "system").error().code == "access.impersonate");
    CHECK(s.engine->session("bob", "nobody").error().code == "actor.unknown");
    auto other = s.engine->session("bob", "ann");
    REQUIRE(other);
    CHECK((*other)->actor() == "ann");
    CHECK(s.keys(**other, "") == "1 2 ");  // ann's rights, and no others
    Fixture::done((*other)->patch("note", "N-1", R"({"subject":"changed"})"));
    Json log = Fixture::json(s.system->log("note", "N-1", 0, 10));
    const Json& last = log.find("log")->items.back();
    CHECK(last.find("actor")->text == "ann");
    CHECK(last.find("by")->text == "bob");
    Json all = Fixture::json(s.system->log("", "", 1, 1000));
    const Json& opened = all.find("log")->items.at(all.find("log")->items.size() - 2);
    CHECK(opened.find("actor")->text == "bob");
    CHECK(opened.find("command")->find("as")->text == "ann");
    CHECK(Fixture::json(s.as("ann")->log("note", "N-1", 0, 10)).find("log")->items.back().find("by")->text == "bob");
    CHECK(s.engine->verify()->first_bad == 0);
}

TEST_CASE("a view has everything around a record that the reader may see") {
    Notes s;
    auto ann = s.as("ann");
    Fixture::done(ann->send("note", "N-1", "close", ""));
    Json view = Fixture::json(ann->view("note", "N-1", 10));
    CHECK(view.find("title")->text == "Zürich and 上海");
    CHECK(view.find("record")->find("lines")->items.size() == 2);
    CHECK(view.find("states")->items.at(0).find("state")->text == "done");
    CHECK(view.find("references")->items.at(0).find("record")->find("region")->text == "east");
    CHECK(view.find("tasks")->items.at(0).find("title")->text == "hidden");  // it is the boss's
    CHECK(view.find("messages")->items.size() == 1);
    CHECK(view.find("messages")->items.at(0).find("payload") == nullptr);
    CHECK(view.find("timeline")->items.size() == 4);
    Json customer = Fixture::json(ann->view("customer", "Acme", 1));
    REQUIRE(customer.find("referring")->items.size() == 1);
    const Json& notes = customer.find("referring")->items[0];
    CHECK(notes.find("field")->text == "customer");
    CHECK(notes.find("records")->items.size() == 1);  // of ann's: bob's is not counted either
    CHECK_FALSE(notes.find("more")->boolean);
    Json everything = Fixture::json(s.system->view("customer", "Acme", 1));
    CHECK(everything.find("referring")->items.at(0).find("more")->boolean);
    CHECK(everything.find("referring")->items.at(0).find("records")->items.at(0).find("key")->text == "N-3");
    CHECK(s.as("gus")->view("note", "N-1", 10).error().code == "record.not_found");
}

TEST_CASE("may names the role, the rule and the condition") {
    Notes s;
    auto may = [&](const char* user, const char* right, const char* key, const char* field = "") {
        return Fixture::json(explain::may(*s.system, user, right, "note", key, field));
    };
    Json no = may("ann", "read", "N-3");
    CHECK_FALSE(no.find("may")->boolean);
    const Json& rule = no.find("because")->items.at(0);
    CHECK(rule.find("role")->text == "clerk");
    CHECK(rule.find("rule")->text == "note.access.clerk");
    CHECK(rule.find("condition")->text == "owner = actor");
    CHECK(rule.find("values")->find("owner")->text == "bob");
    Json through = may("bob", "share", "N-3");
    CHECK(through.find("may")->boolean);
    CHECK(through.find("because")->items.at(0).find("through")->text == "boss");
    CHECK_FALSE(may("bob", "read", "N-1", "body").find("may")->boolean);
    CHECK(may("bob", "read", "N-3", "body").find("may")->boolean);  // his own, by the clerk's rule
    CHECK_FALSE(may("ann", "write", "N-1", "doubled").find("may")->boolean);
    CHECK(may("ann", "read", "").find("may")->is_null());
    CHECK(may("ann", "add", "").find("may")->boolean);
    CHECK_FALSE(may("gus", "read", "").find("may")->boolean);
    CHECK(may("ann", "send close", "N-1").find("may")->boolean);
    CHECK_FALSE(may("gus", "send close", "N-1").find("may")->boolean);
    CHECK(may("system", "delete", "N-1").find("may")->boolean);
    Json who = Fixture::json(explain::who_may(*s.system, "read", "note", "N-1", "body"));
    REQUIRE(who.find("users")->items.size() == 1);
    CHECK(who.find("users")->items[0].find("user")->text == "ann");
    auto ann = s.as("ann");
    CHECK(explain::may(*ann, "", "write", "note", "N-1", "")->find("\"may\":true") != std::string::npos);
    CHECK(explain::may(*ann, "bob", "write", "note", "N-1", "").error().code == "access.may");
    CHECK(explain::who_may(*ann, "write", "note", "N-1", "").error().code == "access.may");
    CHECK(explain::may(*ann, "", "write", "note", "N-3", "").error().code == "record.not_found");
    CHECK(explain::may(*s.system, "ann", "reed", "note", "", "").error().code == "may.right");
    CHECK(explain::may(*s.system, "ann", "send fly", "note", "", "").error().code == "event.unknown");
    CHECK(explain::may(*s.system, "ann", "read", "note", "", "prise").error().code == "field.unknown");
    CHECK(explain::may(*s.system, "joe", "read", "note", "", "").error().code == "actor.unknown");
}

TEST_CASE("explain-sql shows statements with the reader's rights, and what the engine does") {
    Notes s;
    Json plan = Fixture::json(explain::explain_sql(*s.system, "note", "price = 5"));
    CHECK(plan.find("compiled")->boolean);
    CHECK_THAT(plan.find("queries")->items.at(0).find("plan")->items.at(0).text, Catch::Contains("note_price_i"));
    Json mine = Fixture::json(explain::explain_sql(*s.as("ann"), "note", "price > 5"));
    CHECK_THAT(mine.find("queries")->items.at(0).find("sql")->text, Catch::Contains("\"owner\" IS ?"));
    Json computed = Fixture::json(explain::explain_sql(*s.system, "note", "late and price > 5"));
    CHECK_FALSE(computed.find("compiled")->boolean);
    CHECK(computed.find("queries")->items.at(0).find("engine")->items.at(0).find("text")->text == "late");
    Json collections = Fixture::json(
        explain::explain_sql(*s.system, "", "count(records.note[done]) + count(records.customer[name = \"x\"])"));
    CHECK(collections.find("queries")->items.size() == 2);
    CHECK(explain::explain_sql(*s.system, "note", "price >").error().code == "where.invalid");
    CHECK(explain::explain_sql(*s.system, "nota", "true").error().code == "entity.unknown");
}
