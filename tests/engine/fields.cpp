// Fields at work: wide numbers, patterns, series, lists of single values, what a deletion does to references.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "fixture.hpp"

using namespace leat;
using namespace leat::test;

namespace {

const std::string kHead =
    "leat: 1\napp: fields\nlanguage: en\ncurrency: CNY\ntimezone: Asia/Shanghai\n---\n"
    "roles: {clerk: Clerk}\n---\n";

std::string code(const Result<engine::Outcome>& outcome) {
    return outcome ? "(none)" : outcome.error().code;
}

// The only refusal, as "field: message".
std::string said(Result<engine::Outcome> outcome) {
    auto refusals = Fixture::refused(std::move(outcome));
    REQUIRE(refusals.size() == 1);
    return fmt::format("{}: {}", fmt::join(refusals[0].fields, ","), refusals[0].message);
}

}  // namespace

TEST_CASE("numbers of up to 34 digits are exact, and never compared in SQL") {
    Fixture f(kHead + R"(
entity: holding
fields:
  shares: {type: decimal, digits: 34, scale: 8, unique: true, maximum: 20000000000000000000000000}
  hash: {type: integer, digits: 30}
  small: {type: decimal, digits: 5}
  worth: {type: money, digits: 25}
  twice: {type: decimal, digits: 34, scale: 8, formula: shares * 2}
access: {clerk: {read: true}}
)");
    f.done(f.system->create("holding",
                            R"({"shares":"12345678901234567890123456.12345678","hash":"123456789012345678901234567890",
        "small":123.45,"worth":"99999999999999999999999.99"})"));
    CHECK(f.field("holding", "1", "shares") == "12345678901234567890123456.12345678");
    CHECK(f.field("holding", "1", "twice") == "24691357802469135780246912.24691356");
    CHECK(f.field("holding", "1", "hash") == "123456789012345678901234567890");
    CHECK(f.field("holding", "1", "worth") == "99999999999999999999999.99");
    f.done(f.system->create("holding", R"({"shares":9,"hash":-5})"));
    CHECK(f.field("holding", "2", "shares") == "9.00000000");
    CHECK(f.field("holding", "2", "hash") == "-5");
    // As texts, "9…" would come after "123…".
    auto listed = f.json(f.system->list("holding", "shares < 10", 0, 10));
    REQUIRE(listed.find("records")->items.size() == 1);
    CHECK(listed.find("records")->items[0].find("key")->text == "2");
    CHECK(code(f.system->create("holding", R"({"small":1234.5})")) == "input.range");
    CHECK(code(f.system->create("holding", R"({"small":999.996})")) == "input.range");
    CHECK(code(f.system->create("holding", R"({"hash":"1234567890123456789012345678901"})")) == "input.range");
    CHECK(code(f.system->create("holding", R"({"hash":1.5})")) == "input.type");
    CHECK(said(f.system->create("holding", R"({"shares":"9.000000001"})")) ==
          "shares: shares is used already by holding 2");
    CHECK(said(f.system->patch("holding", "2", R"({"shares":"20000000000000000000000000.5"})")) ==
          "shares: shares must not be greater than 20000000000000000000000000");
    CHECK(f.field("holding", "2", "shares") == "9.00000000");
}

TEST_CASE("patterns, formats and bounds hold for texts and for the items of lists") {
    Fixture f(kHead + R"(
entity: person
fields:
  id_card: {type: string, pattern: '^\d{17}[\dX]$', title: {en: ID card, zh: 身份证号}}
  mails: {type: list, of: string, format: email, maxItems: 2, minItems: 1}
  grades: {type: list, of: integer, minimum: 1, maximum: 6}
  name: {type: string, minLength: 2, maxLength: 4}
  runaway: {type: string, pattern: '^(a+)+$'}
)");
    f.done(f.system->create(
        "person", R"({"id_card":"11010519491231002X","mails":["a@b.cn","c@d.cn"],"grades":[1,6],"name":"王小明"})"));
    CHECK(said(f.system->patch("person", "1", R"({"id_card":"1101"})")) ==
          "id_card: ID card does not match ^\\d{17}[\\dX]$");
    CHECK(said(f.system->patch("person", "1", R"({"mails":["nobody","nowhere"]})")) ==
          "mails: mails is not an e-mail address");
    CHECK(said(f.system->patch("person", "1", R"({"mails":["a@b.cn","c@d.cn","e@f.cn"]})")) ==
          "mails: mails must have at most 2 items");
    CHECK(said(f.system->patch("person", "1", R"({"mails":[]})")) == "mails: mails must have at least 1 items");
    CHECK(said(f.system->patch("person", "1", R"({"grades":[1,7]})")) == "grades: grades must not be greater than 6");
    CHECK(said(f.system->patch("person", "1", R"({"name":"王"})")) == "name: name must have at least 2 characters");
    CHECK(said(f.system->patch("person", "1", R"({"name":"欧阳小明明"})")) ==
          "name: name must have at most 4 characters");
    CHECK(code(f.system->patch("person", "1", R"({"runaway":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"})")) ==
          "limit.regex");
    auto zh = f.as("system");
    zh->set_language("zh");
    CHECK(said(zh->patch("person", "1", R"({"id_card":"1"})")) == "id_card: 身份证号不符合格式 ^\\d{17}[\\dX]$");
    CHECK(f.field("person", "1", "id_card") == "11010519491231002X");
}

TEST_CASE("fields are required and closed where their conditions say so") {
    Fixture f(kHead + R"(
entity: claim
fields:
  amount: {type: money, default: 0}
  reason: {type: string, required_if: amount > 100}
  account: {type: string, readonly_if: paid}
  paid: {type: boolean, default: false}
constraints:
  - {assert: amount >= 0, message: {en: "Not {amount}", zh: "金额不能为{amount}"}}
  - {assert: account != "X" or amount = 0, if: account != null, message: X is for nothing}
access: {clerk: {add: true, read: true, write: true}}
)");
    f.user("ann", R"(["clerk"])");
    auto ann = f.as("ann");
    f.done(ann->create("claim", R"({"amount":100})"));
    CHECK(said(ann->patch("claim", "1", R"({"amount":101})")) == "reason: reason must not be empty");
    CHECK(said(ann->patch("claim", "1", R"({"amount":101,"reason":""})")) == "reason: reason must not be empty");
    f.done(ann->patch("claim", "1", R"({"amount":101,"reason":"taxi","account":"A"})"));
    CHECK(said(ann->patch("claim", "1", R"({"amount":-1})")) == "amount: Not -1.00");
    CHECK(said(ann->patch("claim", "1", R"({"account":"X"})")) == "amount,account: X is for nothing");
    f.done(ann->patch("claim", "1", R"({"paid":true})"));
    CHECK(Fixture::refused(ann->patch("claim", "1", R"({"account":"B"})")).at(0).code == "access.field");
    CHECK(f.field("claim", "1", "account") == "A");
    CHECK(f.field("claim", "1", "amount") == "101.00");
}

TEST_CASE("what comes with an event is bound, too") {
    Fixture f(kHead + R"(
entity: job
fields: {name: {type: string}}
---
flow: job_flow
of: job
field: status
events:
  rate:
    allow: [clerk]
    payload: {stars: {type: integer, minimum: 1, maximum: 5, required: true}, zip: {type: string, pattern: '^\d{6}$'},
              mails: {type: list, of: string, format: email, maxItems: 1}}
states:
  open: {on: {rate: done}}
  done: {type: final}
)");
    f.done(f.system->create("job", "{}"));
    auto refusals = Fixture::refused(f.system->send("job", "1", "rate", R"({"stars":6})"));
    REQUIRE(refusals.size() == 1);
    CHECK(refusals[0].at == "rate.stars");
    CHECK(refusals[0].message == "stars must not be greater than 5");
    CHECK(said(f.system->send("job", "1", "rate", R"({"stars":5,"zip":"12"})")) == "zip: zip does not match ^\\d{6}$");
    CHECK(said(f.system->send("job", "1", "rate", R"({"stars":5,"mails":["a@b.c","d@e.f"]})")) ==
          "mails: mails must have at most 1 items");
    CHECK(f.field("job", "1", "status") == "open");
    f.done(f.system->send("job", "1", "rate", R"({"stars":5,"zip":"100080","mails":["a@b.c"]})"));
    CHECK(f.field("job", "1", "status") == "done");
}

TEST_CASE("a series is drawn when its field is required, without gaps") {
    Fixture f(kHead + R"(
entity: invoice
fields:
  kind: {type: enum, enum: [a, b], default: a}
  entry: {type: string, series: "E{seq:4}", required: true}
  number: {type: string, series: "INV-{kind}-{yyyy}-{seq:3}", required_if: issued, unique: true}
  issued: {type: boolean, default: false}
  amount: {type: money, minimum: 0}
  label: {type: string, formula: 'get or else("No. " + number, "draft")'}
---
entity: rma
fields: {code: {type: string, series: "RMA{yy}{seq:6}"}}
---
flow: rma_flow
of: rma
field: status
events: {authorise: [clerk]}
states:
  open: {on: {authorise: done}}
  done: {type: final, entry: [{draw: code}, {draw: code}]}
)");
    f.done(f.system->create("invoice", "{}"));
    f.done(f.system->create("invoice", "{}"));
    CHECK(f.field("invoice", "1", "entry") == "E0001");
    CHECK(f.field("invoice", "2", "entry") == "E0002");
    CHECK(f.field("invoice", "1", "number") == "null");
    CHECK(f.field("invoice", "1", "label") == "draft");
    // A refused command gives its number back.
    f.refused(f.system->patch("invoice", "2", R"({"issued":true,"amount":-1})"));
    f.done(f.system->patch("invoice", "2", R"({"issued":true})"));
    CHECK(f.field("invoice", "2", "number") == "INV-a-2026-001");
    CHECK(f.field("invoice", "2", "label") == "No. INV-a-2026-001");
    f.done(f.system->patch("invoice", "1", R"({"issued":true,"kind":"b"})"));
    CHECK(f.field("invoice", "1", "number") == "INV-b-2026-001");
    // It stays once it is drawn.
    f.done(f.system->patch("invoice", "1", R"({"issued":false,"kind":"a"})"));
    CHECK(f.field("invoice", "1", "number") == "INV-b-2026-001");
    auto set = f.system->patch("invoice", "1", R"({"number":"X"})");
    REQUIRE_FALSE(set);
    CHECK(set.error().code == "input.read_only");
    CHECK(set.error().message.find("drawn from its series") != std::string::npos);
    f.done(f.system->create("rma", "{}"));
    CHECK(f.field("rma", "1", "code") == "null");
    f.done(f.system->send("rma", "1", "authorise", ""));
    CHECK(f.field("rma", "1", "code") == "RMA26000001");
}

TEST_CASE("lists of enums, amounts, references and roles") {
    Fixture f(kHead + R"(
entity: project
fields:
  name: {type: string}
  colours: {type: list, of: enum, enum: {red: {en: Red, zh: 红}, blue: 蓝}}
  parts: {type: list, of: money, currency: JPY}
  members: {type: list, of: user, on_delete: clear}
  related: {type: list, of: project}
  readers: {type: list, of: role}
  sum: {type: money, currency: JPY, formula: sum(parts), default: 0}
  names: {type: string, formula: 'string join(members.name, "、")'}
access: {clerk: {read: 'list contains(members, actor)'}}
)");
    f.user("ann", R"(["clerk"])");
    f.user("bob", R"(["clerk"])");
    f.done(f.system->create(
        "project",
        R"({"name":"one","colours":["red","blue"],"parts":["100","0.5",7],"members":["ann","bob"],"readers":["clerk"]})"));
    f.done(f.system->create("project", R"({"name":"two","related":["1"],"members":["bob"]})"));
    auto one = f.json(f.system->show("project", "1"));
    CHECK(one.find("members")->items[1].text == "bob");
    CHECK(one.find("parts")->items[1].text == "1");  // half a yen is none
    CHECK(one.find("sum")->text == "108");
    CHECK(one.find("names")->text == "ann、bob");
    CHECK(one.find("colours")->items[0].text == "red");
    CHECK(code(f.system->patch("project", "1", R"({"colours":["green"]})")) == "input.enum");
    CHECK(code(f.system->patch("project", "1", R"({"colours":["红"]})")) == "input.enum");
    CHECK(code(f.system->patch("project", "1", R"({"members":["carl"]})")) == "input.unknown_reference");
    CHECK(code(f.system->patch("project", "1", R"({"members":"ann"})")) == "input.type");
    CHECK(code(f.system->patch("project", "1", R"({"readers":["king"]})")) == "input.type");
    // Rows by membership, through SQL.
    auto ann = f.as("ann");
    CHECK(f.json(ann->list("project", "", 0, 10)).find("records")->items.size() == 1);
    CHECK(f.json(f.system->list("project", R"(list contains(colours, "blue"))", 0, 10)).find("records")->items.size() ==
          1);
    CHECK(f.json(f.system->list("project", R"(not(list contains(colours, "red")))", 0, 10))
              .find("records")
              ->items.empty());
    // Who is deleted goes off the lists that say so; others hold him.
    f.done(f.system->remove("user", "ann"));
    CHECK(f.json(f.system->show("project", "1")).find("members")->items.size() == 1);
    CHECK(f.field("project", "1", "names") == "bob");
    auto held = Fixture::refused(f.system->remove("project", "1"));
    CHECK(held.at(0).at == "project.related");
    CHECK(held.at(0).message == "it cannot be deleted: project 2 refers to it");
    f.done(f.system->patch("project", "2", R"({"related":[]})"));
    f.done(f.system->remove("project", "1"));
}

TEST_CASE("a deletion cascades, clears or is refused as each reference says") {
    Fixture f(kHead + R"(
entity: customer
fields:
  name: {type: string}
  spent: {type: money, formula: sum(visits.cost), default: 0}
  visits: {type: list, of: visit, by: customer}
  next: {type: ref, to: customer, on_delete: cascade}
---
entity: visit
fields:
  customer: {type: ref, to: customer, on_delete: cascade}
  guide: {type: ref, to: guide, on_delete: clear}
  cost: {type: money, default: 0}
  notes: {type: list, fields: {text: {type: string}}}
---
entity: guide
fields: {name: {type: string}, led: {type: integer, formula: count(tours)}, tours: {type: list, of: visit, by: guide}}
---
entity: bill
fields: {visit: {type: ref, to: visit}}
)");
    f.done(f.system->create("customer", R"({"name":"a"})"));
    f.done(f.system->create("guide", R"({"name":"g"})"));
    for (int i = 0; i < 3; ++i)
        f.done(f.system->create("visit", R"({"customer":"1","guide":"1","cost":10,"notes":[{"text":"x"}]})"));
    CHECK(f.field("customer", "1", "spent") == "30.00");
    f.done(f.system->remove("guide", "1"));
    CHECK(f.field("visit", "2", "guide") == "null");
    f.done(f.system->create("bill", R"({"visit":"2"})"));
    auto held = Fixture::refused(f.system->remove("customer", "1"));
    REQUIRE(held.size() == 1);
    CHECK(held[0].at == "bill.visit");
    CHECK(f.field("visit", "1", "cost") == "10.00");  // nothing is half done
    f.done(f.system->remove("bill", "1"));
    auto gone = f.done(f.system->remove("customer", "1"));
    CHECK_FALSE(f.system->show("visit", "1"));
    CHECK_FALSE(f.system->show("visit", "3"));
    CHECK(gone.json.find("\"visit.notes\"") != std::string::npos);
    auto verified = f.engine->verify();
    REQUIRE(verified);
    CHECK(verified->first_bad == 0);
    // A chain as long as a command may be is gone through without recursion; a longer one is refused whole.
    auto chain = [&](int64_t length) {
        REQUIRE(f.system->begin_batch());
        std::string previous;
        std::string first;
        for (int64_t i = 0; i < length; ++i) {
            auto made =
                f.done(f.system->create("customer", previous.empty() ? "{}" : "{\"next\":\"" + previous + "\"}"));
            previous = made.key;
            if (first.empty()) first = previous;
        }
        REQUIRE(f.system->commit_batch());
        return first;
    };
    std::string first = chain(3000);
    f.done(f.system->remove("customer", first));
    CHECK(f.json(f.system->list("customer", "", 0, 10)).find("records")->items.empty());
}
