// Mixins, extensions, texts in other languages; the mistakes that fields can have.
#include "catch.hpp"
#include "loading.hpp"

using namespace leat;
using namespace leat::program;
using namespace leat::program::test;

namespace {

void expect(const std::string& more, const std::string& code, const std::string& part, const std::string& fields = "") {
    Loaded loaded = load_deal(more, fields);
    INFO(more << fields);
    INFO(loaded.text());
    CHECK_FALSE(loaded.program);
    CHECK(loaded.told("[" + code + "]"));
    CHECK(loaded.told(part));
}

void field(const std::string& text, const std::string& code, const std::string& part) {
    expect("", code, part, "  more: {" + text + "}\n");
}

const std::string kFlow =
    "---\nflow: pipeline\nof: deal\nfield: stage\nevents: {win: [sales], lose: [sales]}\nstates:\n"
    "  open: {title: Open, exit_criteria: [{assert: amount > 0, message: No amount}], on: {win: won}}\n"
    "  won: {type: final}\n  lost: {type: final, outcome: lost}\non: {lose: lost}\n";

}  // namespace

TEST_CASE("constraints of fields are checked at load") {
    field("type: string, pattern: '(a'", "program.pattern", "the pattern has a '(' without its ')'");
    field("type: string, pattern: '(?i)a'", "program.pattern", "patterns are ECMAScript's");
    field("type: integer, pattern: a", "program.key", "'pattern' is for type string or text");
    field("type: string, format: zip", "program.format", "one of email, idn-email, phone");
    field("type: date, format: email", "program.key", "'format' is for type string or text");
    field("type: decimal, digits: 40", "program.literal", "digits");
    field("type: decimal, digits: 3, scale: 4", "program.digits", "3 digits in all are fewer than 4");
    field("type: decimal, scale: 20", "program.digits", "say how many with 'digits'");
    field("type: string, digits: 4", "program.key", "'digits' is for type integer, decimal or money");
    field("type: string, minLength: 3, maxLength: 2", "program.bounds", "at least 3 and at most 2 characters");
    field("type: list, of: string, minItems: 3, maxItems: 2", "program.bounds", "at least 3 and at most 2 items");
    field("type: integer, series: 'A{seq}'", "program.key", "'series' is for type string");
    field("type: string, series: 'A{seq}', default: x", "program.key", "has no default");
    field("type: string, series: 'A{seq}', formula: name", "program.key", "has no formula");
    field("type: string, series: 'A{yyyy}'", "program.key_template", "has no '{seq}'");
    field("type: string, series: '{seq}{seq}'", "program.key_template", "a series has one '{seq}' at most");
    field("type: string, series: '{nmae}{seq}'", "feel.name.unknown", "did you mean 'name'?");
    field("type: list, of: ref", "program.key", "name the entity: {type: list, of: user}");
    field("type: list, of: list", "program.key", "cannot be a list of list");
    field("type: list, of: string, by: owner", "program.key", "'by' names a ref");
    field("type: list, of: enum", "program.enum.empty", "lists no values");
    field("type: list, of: money, currency: amount", "program.currency", "neither a currency code");
    field("type: string, on_delete: clear", "program.key", "'on_delete' is for refs");
    field("type: ref, to: user, on_delete: drop", "yaml.word.unknown", "restrict");
    field("type: ref, to: user, required: true, on_delete: clear", "program.on_delete",
          "is required and cannot be cleared");
    field("type: list, of: user, on_delete: cascade", "program.on_delete", "restrict or clear");
    expect("---\nrule: r\nof: deal\nwhen: created\ndo: [{draw: name}]", "program.step.draw", "no series");
    expect("---\nrule: r\nof: deal\nwhen: created\ndo: [{set: {number: X}}]", "program.step.set",
           "drawn from its series", "  number: {type: string, series: 'N{seq}'}\n");
    expect("---\nmessage: m\npayload: {a: {type: string, series: 'N{seq}'}}", "program.key",
           "belongs to an entity's field");
}

TEST_CASE("duplicate rules are checked at load") {
    std::string entity =
        "---\nentity: lead\nfields: {name: string, size: integer, tags: {type: list, of: string}}\nduplicates: [";
    expect(entity + "{match: [nmae]}]", "program.field.unknown", "did you mean 'name'?");
    expect(entity + "{match: [name], similarity: 1.2}]", "program.duplicates", "above 0 and up to 1");
    expect(entity + "{match: [name], similarity: high}]", "program.duplicates", "above 0 and up to 1");
    expect(entity + "{match: [size], similarity: 0.5}]", "program.duplicates", "only texts are similar");
    expect(entity + "{match: [tags]}]", "program.duplicates", "a list or JSON");
    expect(entity + "{similarity: 0.5}]", "yaml.key.missing", "match");
    expect(entity + "{match: [name], if: size}]", "feel.type.mismatch", "boolean");
}

TEST_CASE("mixins bring fields and constraints") {
    Loaded loaded = load_deal(
        "---\nmixins:\n  address:\n    fields: {street: string, city: {type: string, required: true}}\n"
        "    constraints: [{assert: 'street = null or city != street', message: Odd}]\n"
        "  lines: {fields: {items: {type: list, fields: {what: string}}}}\n"
        "---\nentity: shop\nuses: [address, lines]\nfields: {name: string}\nconstraints: [{required: [name]}]\n"
        "---\nentity: home\nuses: address\n");
    INFO(loaded.text());
    REQUIRE(loaded.program);
    const Entity* shop = loaded.program->find_entity("shop");
    REQUIRE(shop);
    CHECK(shop->find("city")->required);
    CHECK(shop->find("items")->owned);
    REQUIRE(shop->constraints.size() == 2);
    CHECK(shop->constraints[1].at == "shop.constraints[2]");
    CHECK(loaded.program->find_entity("home")->find("street") != nullptr);

    std::string mixins = "---\nmixins: {address: {fields: {city: string}}}\n";
    expect(mixins + "---\nentity: home\nuses: [adress]", "program.mixin.unknown", "did you mean 'address'?");
    expect(mixins + "---\nentity: home\nuses: [address, address]", "program.duplicate",
           "uses the mixin 'address' already");
    expect(mixins + "---\nentity: home\nuses: [address]\nfields: {city: string}", "program.duplicate",
           "first defined here");
    expect("---\nmixins: {a: {field: {x: string}}}", "yaml.key.unknown", "did you mean 'fields'?");
    expect("---\nmixins: {a: {fields: {x: strin}}}\n---\nentity: e\nuses: a", "program.type.unknown",
           "did you mean 'string'?");
}

TEST_CASE("extensions only add") {
    Loaded loaded =
        load_deal(kFlow +
                  "---\nextend: deal\nfields: {rival: string}\nunique: [rival]\nconstraints: [{required: [name]}]\n"
                  "access: {sales: {read: true}}\n"
                  "---\nextend: pipeline\nevents: {hold: [sales]}\nstates:\n  held: {on: {win: won}}\n"
                  "  open: {on: {hold: held}, exit_criteria: [{required: [rival]}]}\n"
                  "---\nextend: user\nfields: {nickname: string}\n");
    INFO(loaded.text());
    REQUIRE(loaded.program);
    const Entity* deal = loaded.program->find_entity("deal");
    CHECK(deal->find("rival"));
    CHECK(deal->unique.size() == 1);
    CHECK(loaded.program->find_entity("user")->find("nickname"));
    const Flow* flow = loaded.program->find_flow("pipeline");
    REQUIRE(flow);
    auto open = flow->chart.find("open");
    CHECK(flow->states[open].exit_criteria.size() == 2);
    CHECK(flow->chart.find("held") != flow::kNone);

    expect("---\nextend: daal\nfields: {a: string}", "program.entity.unknown", "did you mean 'deal'?");
    expect("---\nextend: deal\nkey: X", "yaml.key.unknown", "key");
    expect("---\nextend: deal", "yaml.extend.empty", "adds nothing to 'deal'");
    expect("---\nextend: deal\nfields: {name: string}", "program.duplicate", "first defined here");
    expect(kFlow + "---\nextend: pipelin\nevents: {a: [sales]}", "program.flow.unknown", "did you mean 'pipeline'?");
    expect(kFlow + "---\nextend: pipeline\nstates: {open: {type: final}}", "program.extend", "only adds");
    expect(kFlow + "---\nextend: pipeline\nstates: {open: {title: Offen}}", "program.extend", "only adds");
}

TEST_CASE("texts in other languages find their places") {
    Loaded loaded = load_deal(kFlow +
                              "---\ntexts: de\ndeal: Geschäft\ndeal.amount: Betrag\ndeal.region.east: Osten\n"
                              "pipeline.open: Offen\npipeline.open.exit_criteria[1]: 'Kein Betrag: {name}'\n"
                              "pipeline.events.win: Gewonnen\nroles.sales: Vertrieb\n");
    INFO(loaded.text());
    REQUIRE(loaded.program);
    const Entity* deal = loaded.program->find_entity("deal");
    CHECK(deal->title.in("de") == "Geschäft");
    CHECK(deal->find("amount")->title.in("de") == "Betrag");
    const Flow* flow = loaded.program->find_flow("pipeline");
    auto open = flow->chart.find("open");
    CHECK(flow->states[open].title.in("de") == "Offen");
    CHECK(flow->states[open].title.in("en") == "Open");
    REQUIRE(flow->states[open].exit_criteria[0].message.in("de"));

    expect("---\ntexts: de\ndeal.amuont: Betrag", "program.texts.unknown", "did you mean 'deal.amount'?");
    expect("---\ntexts: zh\nroles.sales: 销售\n---\ntexts: zh\nroles.sales: 销售", "program.texts.twice",
           "has a text in 'zh' already");
    expect(kFlow + "---\ntexts: en\npipeline.open: Opened", "program.texts.twice", "has a text in 'en' already");
    expect("---\ntexts: German\ndeal: x", "yaml.language", "'German' is not a language code");
    expect("---\ntexts: {de: {deal: x}}", "yaml.type", "a language");
    expect("---\ntexts: de\ndeal: [x]", "yaml.type", "deal");
    expect(kFlow + "---\ntexts: de\npipeline.open.exit_criteria[1]: 'Kein Betrag: {nmae}'", "feel.name.unknown",
           "did you mean 'name'?");
    // An entity and a flow of one name: the kind tells them apart.
    std::string same = "---\nflow: deal\nof: deal\nfield: stage\nstates: {a: {type: final}}\n";
    expect(same + "---\ntexts: de\ndeal: Geschäft", "program.texts.unknown", "write 'entity.deal' or 'flow.deal'");
    Loaded both = load_deal(same + "---\ntexts: de\nentity.deal: Geschäft\nflow.deal: Ablauf\ndeal.a: A\n");
    INFO(both.text());
    REQUIRE(both.program);
    CHECK(both.program->find_flow("deal")->title.in("de") == "Ablauf");
}

TEST_CASE("formulas in a circle are told, through lists and references, too") {
    expect("", "program.formula.cycle", "a",
           "  a: {type: integer, formula: b + 1}\n  b: {type: integer, formula: a + 1}\n");
    expect(
        "---\nentity: part\nfields:\n  deal: {type: ref, to: deal}\n  twice: {type: integer, formula: half * 2}\n"
        "  half: {type: integer, formula: twice / 2}",
        "program.formula.cycle", "part");
    expect("", "program.formula.cycle", "lines",
           "  total: {type: money, formula: sum(lines.share)}\n"
           "  lines: {type: list, fields: {share: {type: money, formula: deal.total / 2}}}\n");
    expect(
        "---\nentity: node\nfields:\n  parent: {type: ref, to: node}\n  children: {type: list, of: node, by: parent}\n"
        "  weight: {type: integer, formula: sum(children.weight)}",
        "program.formula.cycle", "node");
}

TEST_CASE("what is computed on reading may not carry indexes, constraints, keys, access, duplicates or unique") {
    std::string fields = "  left: {type: integer, formula: day of year(today())}\n";
    for (const char* more : {"---\nextend: deal\nindex: [left]", "---\nextend: deal\nunique: [left]",
                             "---\nextend: deal\nconstraints: [{assert: left > 1}]",
                             "---\nextend: deal\naccess: {sales: {read: left > 1}}",
                             "---\nrule: r\nof: deal\nwhen: {changed: left}\ndo: [{log: x}]"})
        expect(more, "program.formula.computed", "left", fields);
    expect("---\nextend: deal\nduplicates: [{match: [left]}]", "program.duplicates", "computed on reading", fields);
}

TEST_CASE("under() asks for two records of one tree") {
    for (const char* good : {"under(owner.department, actor.department)", "under(owner, actor)",
                             "not(under(actor.department, owner.department)) and under(owner, owner.manager)"}) {
        Loaded fine = load_deal(
            std::string("---\nextend: deal\naccess: {sales: {write: '") + good +
            "'}}\n");
        INFO(fine.text());
        CHECK(fine.program);
    }
    auto wrong = [](const std::string& condition, const std::string& part) {
        expect(
            "---\nextend: deal\nfields: {part_of: {type: ref, to: deal}, other: {type: "
            "ref, to: "
            "deal}}\naccess: {sales: {write: '" +
                condition + "'}}\n",
            "program.type", part);
    };
    wrong("under(owner.name, actor.name)", "asks for records");
    wrong("under(owner, actor.department)", "two records of one entity");
    wrong("under(part_of, other)", "no single reference to itself");
    expect("---\nextend: deal\naccess: {sales: {write: under(actor)}}\n", "feel.argument", "other");
    // A formula that asks it depends on other records: it is computed on reading.
    expect(
        "---\nextend: deal\nfields: {mine: {type: boolean, formula: \"under(owner, "
        "owner.manager)\"}}\nindex: [mine]\n",
        "program.formula.computed", "mine");
    // An application's own function of that name stays its own.
    Loaded own = load_deal(
        "---\nfunctions: {under: {params: {a: number, b: number}, returns: boolean, formula: a < b}}\n---\nextend: "
        "deal\nconstraints: [{assert: \"under(1, 2)\"}]\n");
    INFO(own.text());
    CHECK(own.program);
}

TEST_CASE("a default of a file names one, and a list inside a list is told once") {
    expect("", "program.literal", "SHA-256", "  paper: {type: file, default: abc}\n");
    Loaded inner = load_deal(
        "---\nextend: deal\nfields: {rows: {type: list, fields: {inner: {type: list, fields: {a: string}}}}}\n");
    CHECK_FALSE(inner.program);
    size_t told = 0;
    for (size_t at = 0; (at = inner.text().find("not built", at)) != std::string::npos; ++at) ++told;
    CHECK(told == 1);
}
