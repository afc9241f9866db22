// What a representative bundle of sections becomes in the model, and that texts know their places.
#include "catch.hpp"
#include "yaml/yaml.hpp"

using namespace leat;
using namespace leat::model;

namespace {

struct Loaded {
    Sources sources;
    Diagnostics diagnostics;
    Model model;
    bool good = false;
};

Loaded load(const std::string& text, const yaml::FileReader& files = {}, const Limits& limits = {}) {
    Loaded loaded;
    loaded.good = yaml::load(text, "defs/test.yaml", files, limits, loaded.sources, loaded.model, loaded.diagnostics);
    return loaded;
}

Loaded load_good(const std::string& text, const yaml::FileReader& files = {}) {
    Loaded loaded = load(text, files);
    std::string all;
    for (const Diagnostic& diagnostic : loaded.diagnostics.all()) all += base::format(diagnostic, loaded.sources);
    INFO(all);
    REQUIRE(loaded.good);
    return loaded;
}

// The source characters that bytes [begin, end) of a text stand at.
std::string source_of(const Loaded& loaded, const Text& text, size_t begin, size_t end) {
    Span span = text.at(begin, end);
    std::string line(loaded.sources.line(span.source, span.begin.line));
    REQUIRE(span.begin.line == span.end.line);
    auto offset = [&](uint32_t column) {
        size_t at = 0;
        for (uint32_t i = 1; i < column && at < line.size(); ++i) {
            ++at;
            while (at < line.size() && (static_cast<unsigned char>(line[at]) & 0xC0) == 0x80) ++at;
        }
        return at;
    };
    return line.substr(offset(span.begin.column), offset(span.end.column) - offset(span.begin.column));
}

void check_word(const Loaded& loaded, const Text& text, const std::string& word) {
    size_t at = text.text.find(word);
    INFO(text.text);
    REQUIRE(at != std::string::npos);
    CHECK(source_of(loaded, text, at, at + word.size()) == word);
}

}  // namespace

TEST_CASE("app and plural sections") {
    Loaded loaded = load_good(R"yaml(leat: 1
app: crm
title: {zh: 客户, en: Customers}
version: 1.10
language: zh
timezone: Asia/Shanghai
---
roles: {sales: 销售, head: {title: {zh: 总监, en: Head}, includes: [sales]}}
settings:
  rate: {type: decimal, value: 0.95, allow: [head]}
  limit: {type: money, value: {2025-01-01: 500000, 2026-01-01: = 2 * 200000}, allow: head}
functions:
  double: {params: {x: number}, returns: number, formula: = x * 2}
  look_up: {params: {ip: string}, returns: string}
calendars:
  office: {week: {mon-fri: ["09:00-12:00", "13:00-17:00"], sat: "09:00-12:00"}, exceptions: {2026-10-01: [], 2026-10-10: ["09:00-12:00"]}}
)yaml");
    const Model& model = loaded.model;
    CHECK(model.app.app.text == "crm");
    CHECK(model.app.version.text == "1.10");
    REQUIRE(model.app.title.texts.size() == 2);
    CHECK(model.app.title.texts[1].first == "en");
    REQUIRE(model.roles.size() == 2);
    CHECK(model.roles[0].title.texts[0].second.text == "销售");
    CHECK(model.roles[1].includes[0].text == "sales");
    REQUIRE(model.settings.size() == 2);
    CHECK(model.settings[0].values[0].valid_from.empty());
    CHECK(model.settings[0].values[0].value.text.text == "0.95");
    REQUIRE(model.settings[1].values.size() == 2);
    CHECK(model.settings[1].values[1].valid_from.text == "2026-01-01");
    CHECK(model.settings[1].values[1].value.is_expression);
    CHECK(model.settings[1].values[1].value.text.text == "2 * 200000");
    CHECK(model.settings[1].allow[0].text == "head");
    CHECK(model.functions[0].formula.text == "x * 2");
    CHECK(model.functions[0].params[0].type_implied);
    CHECK(model.functions[1].formula.empty());
    REQUIRE(model.calendars[0].exceptions.size() == 2);
    CHECK(model.calendars[0].week[1].hours[0].text == "09:00-12:00");
    CHECK(model.calendars[0].exceptions[0].hours.empty());
    CHECK_FALSE(model.calendars[0].exceptions[0].workday);
    CHECK(model.calendars[0].exceptions[1].workday);
}

TEST_CASE("entities: short forms, enums, lines, access") {
    Loaded loaded = load_good(R"yaml(entity: deal
key: "D-{seq:5}"
fields:
  name: string
  level: {type: enum, enum: [low, high], default: = if big then "high" else "low"}
  region: {type: enum, enum: {east: 华东, north: {zh: 华北, en: North}}}
  lines: {type: list, fields: {product: {type: ref, to: product}, price: {type: money, minimum: 0}}}
  code: {type: string, default: 007, unique: true}
  note: {type: text, required_if: level = "high"}
unique: [[name, region], code]
constraints:
  - {assert: count(lines) > 0, message: {zh: 没有明细, en: No lines}, if: level = "high", id: lines}
  - {required: [name, code]}
access:
  sales: {add: true, read: owner = actor, fields: {code: mask}}
)yaml");
    const Entity& deal = loaded.model.entities.at(0);
    CHECK(deal.key.text == "D-{seq:5}");
    REQUIRE(deal.fields.size() == 6);
    CHECK(deal.fields[0].type_implied);
    CHECK(deal.fields[1].default_value.is_expression);
    CHECK(deal.fields[1].enumeration[1].value.text == "high");
    CHECK(deal.fields[2].enumeration[0].title.texts[0].second.text == "华东");
    CHECK(deal.fields[2].enumeration[1].title.texts[1].first == "en");
    CHECK(deal.fields[3].fields[1].minimum.text == "0");
    CHECK(deal.fields[4].default_value.text.text == "007");
    CHECK_FALSE(deal.fields[4].default_value.is_expression);
    CHECK(deal.unique[0].fields.size() == 2);
    CHECK(deal.unique[1].fields[0].text == "code");
    CHECK(deal.constraints[0].if_.text == "level = \"high\"");
    CHECK(deal.constraints[1].required.size() == 2);
    CHECK(deal.access[0].read.text == "owner = actor");
    CHECK(deal.access[0].fields[0].right.text == "mask");
    check_word(loaded, deal.fields[1].default_value.text, "big");
    check_word(loaded, deal.fields[5].required_if, "level");
}

TEST_CASE("flows: events, delays, states, transitions, approvals") {
    Loaded loaded = load_good(R"yaml(flow: life
of: deal
field: stage
initial: open
delays: {stalled: {for: = settings.stall, repeat: P1D office, times: 3}, closing: {at: close_on - @"P3D"}}
events: {go: [sales], stop: [], pay: {allow: = actor = owner, payload: {amount: {type: money, required: true}}}, end: sales}
states:
  open:
    title: {zh: 开, en: Open}
    entry: [{set: {x: = 1, y: text}}, {let: {a: x + 1}}, {notify: = owner, text: "Hello {name}"}]
    exit_criteria: [{assert: x > 0}]
    fields: {code: required}
    always: {target: done, guard: x > 9}
    after: {P30D: lapsed, stalled: {do: [{task: Call, to: = owner, due: P2D office}]}}
    on:
      go: [{target: ask, guard: "need(this, 1)", message: No}, other]
      stop: {do: [{log: stopped}], criteria: skip, reenter: true}
  ask:
    approve: {by: {role: = who(this), near: owner}, mode: any, within: PT8H office, return: {to: [open], redo: jump}, forbid: [owner]}
    on: {approved: done, rejected: open}
  chain: {approve: {by: {manager_of: owner, until: head}}}
  both: {type: parallel, states: {law: {approve: {by: legal}}, money: {approve: {by: [finance, boss]}}}, onDone: done}
  wait: {invoke: {src: erp.check, input: {id: = key}, onDone: done, onError: {target: open}}}
  other: {}
  lapsed: {type: final, outcome: lost}
  done: {type: final}
on: {stop: lapsed}
)yaml");
    const Flow& flow = loaded.model.flows.at(0);
    CHECK(flow.delays[0].for_.is_expression);
    CHECK(flow.delays[0].times.text.text == "3");
    CHECK(flow.delays[1].at.text == "close_on - @\"P3D\"");
    REQUIRE(flow.events.size() == 4);
    CHECK(flow.events[1].allow.empty());
    CHECK(flow.events[2].allow_if.text == "actor = owner");
    CHECK(flow.events[2].payload[0].required.text == "true");
    CHECK(flow.events[3].allow[0].text == "sales");
    REQUIRE(flow.states.size() == 8);
    const State& open = flow.states[0];
    CHECK(open.entry[0].kind == Step::Kind::set);
    CHECK(open.entry[0].assignments[0].value.is_expression);
    CHECK_FALSE(open.entry[0].assignments[1].value.is_expression);
    CHECK(open.entry[1].assignments[0].value.is_expression);
    CHECK(open.entry[2].target.text.text == "owner");
    CHECK(open.always[0].guard.text == "x > 9");
    CHECK(open.after[0].event.text == "P30D");
    CHECK(open.after[0].transitions[0].target.text.text == "lapsed");
    CHECK(open.after[1].transitions[0].target.empty());
    CHECK(open.after[1].transitions[0].do_[0].due.text.text == "P2D office");
    CHECK(open.fields[0].right.text == "required");
    const auto& go = open.on[0].transitions;
    REQUIRE(go.size() == 2);
    CHECK(go[0].guard.text == "need(this, 1)");
    CHECK(go[0].message.texts[0].second.text == "No");
    CHECK(go[1].target.text.text == "other");
    CHECK(open.on[1].transitions[0].criteria.text == "skip");
    check_word(loaded, go[0].guard, "this");
    check_word(loaded, flow.events[2].allow_if, "owner");
    const Approve& ask = *flow.states[1].approve;
    CHECK(ask.by.roles[0].is_expression);
    CHECK(ask.by.near.text == "owner");
    CHECK(ask.has_return);
    CHECK(ask.return_to[0].text == "open");
    CHECK(ask.forbid[0].text == "owner");
    CHECK(flow.states[2].approve->by.manager_of.text == "owner");
    CHECK_FALSE(flow.states[2].approve->by.until.is_expression);
    CHECK(flow.states[3].states[1].approve->by.roles.size() == 2);
    CHECK(flow.states[3].on_done->target.text.text == "done");
    CHECK(flow.states[4].invoke[0].src.text == "erp.check");
    CHECK(flow.states[4].invoke[0].on_error->target.text.text == "open");
    CHECK(flow.on[0].event.text == "stop");
}

TEST_CASE("steps of every kind") {
    Loaded loaded = load_good(R"yaml(rule: r
of: deal
when: {becomes: x > 1}
order: 5
do:
  - {create: order, copy: [owner, lines], set: {deal: = this}, as: made}
  - {append: made.lines, set: {x: 1}}
  - {update: this, as: s, set: {x: = s.x + 1}}
  - {delete: old_one}
  - foreach: lines
    as: line
    do: [{if: line.x > 1, then: [{raise: go}], else: [{send: stop, to: = this, after: P1D, id: later, with: {a: 1}}]}]
  - {cancel_send: later}
  - {call: erp.create_order, with: {deal: = key}, as: answer}
  - {assign: owner_of}
  - {draw: code}
  - {run: sub, with: {a: 1}}
  - {assert: x > 0, message: {zh: 不, en: No}}
  - {notify: sales, notice: hello, with: {a: = 1}}
)yaml");
    const Rule& rule = loaded.model.rules.at(0);
    CHECK(rule.when == Rule::When::becomes);
    CHECK(rule.argument.text == "x > 1");
    CHECK(rule.order.text == "5");
    REQUIRE(rule.do_.size() == 12);
    CHECK(rule.do_[0].kind == Step::Kind::create);
    CHECK(rule.do_[0].copy.size() == 2);
    CHECK(rule.do_[0].as.text == "made");
    CHECK(rule.do_[1].target.is_expression);
    CHECK(rule.do_[2].kind == Step::Kind::update);
    CHECK(rule.do_[4].do_[0].kind == Step::Kind::if_);
    CHECK(rule.do_[4].do_[0].then[0].kind == Step::Kind::raise);
    CHECK(rule.do_[4].do_[0].else_[0].after.text.text == "P1D");
    CHECK(rule.do_[6].kind == Step::Kind::call);
    CHECK(rule.do_[10].message.texts.size() == 2);
    CHECK(rule.do_[11].notice.text.text == "hello");
}

TEST_CASE("rules say when") {
    auto when = [](const std::string& text) {
        return load_good("rule: r\nof: a\nwhen: " + text + "\ndo: [{log: x}]").model.rules.at(0);
    };
    CHECK(when("created").when == Rule::When::created);
    CHECK(when("changed").changed_fields.empty());
    CHECK(when("deleted").when == Rule::When::deleted);
    CHECK(when("{changed: [a, b]}").changed_fields.size() == 2);
    CHECK(when("{entered: won}").argument.text == "won");
    CHECK(when("{left: won}").when == Rule::When::left);
    CHECK(when("{message: mes.progress}").argument.text == "mes.progress");
    CHECK(when("{every: P1D}").when == Rule::When::every);
}

TEST_CASE("slas, messages, connectors, reports, notices, assignments") {
    Loaded loaded = load_good(R"yaml(sla: first
of: lead
start: status = "open"
stop: status in ["a", "b"]
within: = target(this)
warn: [50%, 80%]
on: {warning: [{notify: = owner, notice: n}], breach: [{log: late}]}
---
message: mes.progress
payload: {no: {type: string, required: true}}
to: = records.order[no = event.no]
send: progress
expires: P7D
---
connector: erp
operations: {create: {input: {no: string}, output: {ok: boolean}, retry: 3, unknown: ask}}
---
report: board
from: deal
params: {start: date}
where: stage = "won"
group: {rep: owner}
measures: {deals: count(rows), amount: {title: 金额, formula: sum(rows.amount), format: money}}
sort: [-amount, rep]
limit: 10
---
notice: n
channels: [email]
subject: {zh: 你好, en: Hello}
text: "{name}"
---
assignment: lead_owner
of: lead
pools: [{role: east, if: region = "east"}, sales]
pick: least_loaded
load: count(records.lead[owner = candidate])
)yaml");
    const Model& model = loaded.model;
    CHECK(model.slas[0].within.is_expression);
    CHECK(model.slas[0].warn[1].text == "80%");
    CHECK(model.slas[0].on_breach.size() == 1);
    CHECK(model.messages[0].to.text.text == "records.order[no = event.no]");
    CHECK(model.messages[0].name.text == "mes.progress");
    CHECK(model.connectors[0].operations[0].output[0].name.text == "ok");
    CHECK(model.reports[0].measures[0].formula.text == "count(rows)");
    CHECK(model.reports[0].measures[1].title.texts[0].second.text == "金额");
    CHECK(model.reports[0].group[0].expression.text == "owner");
    CHECK(model.reports[0].sort[0].text == "-amount");
    CHECK(model.notices[0].subject.texts.size() == 2);
    CHECK(model.assignments[0].pools[1].role.text == "sales");
    check_word(loaded, model.slas[0].stop, "status");
    check_word(loaded, model.assignments[0].load, "candidate");
}

TEST_CASE("rules, boxes and scorecards know where their texts are") {
    Loaded loaded = load_good(R"yaml(decision: level
inputs: {amount: integer}
outputs: {level: string}
table:
  - {when: {amount: "> 500"}, then: '"高"'}
  - when:
      amount: <= 500
    then: {level: '"low"'}
    annotation: the rest
---
decision: boxed
inputs: {amount: integer}
logic:
  context: {twice: amount * 2, list: [1, {value: 贰 + 1, type: number}]}
  result: {for: x, in: list, return: x + twice}
---
scorecard: card
of: lead
characteristics:
  size: {attributes: [{when: "> 5", points: 10 + 1, reason: {zh: 大}}], baseline: 12}
bands: {good: "> 3"}
reasons: 1
---
service: both
decisions: [level, boxed]
)yaml");
    const Decision& level = loaded.model.decisions.at(0);
    REQUIRE(level.columns.size() == 3);
    CHECK(level.columns[1].header.text == "level");
    CHECK(level.rows.at(0).cells[0].span.begin.line == 5);
    check_word(loaded, level.rows[0].cells[0], "500");
    check_word(loaded, level.rows[0].cells[1], "高");
    check_word(loaded, level.rows[1].cells[0], "500");
    CHECK(level.rows[1].cells[2].text == "the rest");
    const Boxed& logic = loaded.model.decisions.at(1).logic;
    REQUIRE(logic.kind == Boxed::Kind::context);
    REQUIRE(logic.children.size() == 3);
    CHECK(logic.names[2].text.empty());
    check_word(loaded, logic.children[0].text, "amount");
    check_word(loaded, logic.children[1].children.at(1).text, "贰");
    CHECK(logic.children[1].children[1].type.text == "number");
    CHECK(logic.children[2].kind == Boxed::Kind::for_each);
    const Scorecard& card = loaded.model.scorecards.at(0);
    check_word(loaded, card.characteristics.at(0).attributes.at(0).points, "10");
    check_word(loaded, card.bands.at(0).when, "3");
    CHECK(loaded.model.services.at(0).decisions.size() == 2);
}

TEST_CASE("decision tables know where each cell is") {
    Loaded loaded = load_good(R"yaml(decision: level
of: deal
outputs: {level: role}
hit: first
default: = null
table: |
  | 地区 | size > 2 | -> level | // why |
  | 华东 | true     | head     | a\|b   |

  | -    | -        | null     |        |
---
decision: from_file
of: deal
outputs: {level: role}
file: sub/levels.csv
)yaml",
                              [](const std::string& from, const std::string& path) -> std::optional<std::string> {
                                  CHECK(from == "defs/test.yaml");
                                  CHECK(path == "sub/levels.csv");
                                  return "\xef\xbb\xbf地区,size,-> level,// why\r\n华东, > 3 ,head,\"a, b\"\r\n";
                              });
    const Decision& level = loaded.model.decisions.at(0);
    REQUIRE(level.columns.size() == 4);
    CHECK(level.columns[0].kind == TableColumn::Kind::input);
    CHECK(level.columns[2].kind == TableColumn::Kind::output);
    CHECK(level.columns[2].header.text == "level");
    CHECK(level.columns[3].kind == TableColumn::Kind::annotation);
    REQUIRE(level.rows.size() == 2);
    CHECK(level.rows[0].cells[3].text == "a|b");
    CHECK(level.rows[1].cells[2].text == "null");
    CHECK(level.rows[1].span.begin.line == 10);
    check_word(loaded, level.columns[1].header, "size");
    check_word(loaded, level.columns[2].header, "level");
    check_word(loaded, level.rows[0].cells[1], "true");
    check_word(loaded, level.rows[0].cells[2], "head");
    const Decision& file = loaded.model.decisions.at(1);
    CHECK(loaded.sources.name(file.rows.at(0).span.source) == "defs/sub/levels.csv");
    CHECK(file.rows[0].cells[1].text == "> 3");
    CHECK(file.rows[0].cells[3].text == "a, b");
    check_word(loaded, file.rows[0].cells[1], "> 3");
    check_word(loaded, file.rows[0].cells[2], "head");
    check_word(loaded, file.columns[2].header, "level");
}

TEST_CASE("an expression's places survive quotes, folds, blocks and the leading =") {
    Loaded loaded = load_good(
        "rule: 名\nof: a\nwhen: created\nif: a and\n  中文 = 1 and\n    last\ndo:\n"
        "  - {if: '名 = ''x'' or next', then: [{set: {x: \"=  first + 中 + second\"}}]}\n"
        "  - if: |\n      one\n        two and\n\n      three\n    then: [{log: x}]\n"
        "  - if: >-\n      uno\n      dos\n    then: [{log: x}]\n"
        "  - if: \"eins\n      zwei\"\n    then: [{log: = drei}]\n");
    const Rule& rule = loaded.model.rules.at(0);
    CHECK(rule.if_.text == "a and\n中文 = 1 and\nlast");
    check_word(loaded, rule.if_, "中文");
    check_word(loaded, rule.if_, "last");
    check_word(loaded, rule.do_[0].then[0].assignments[0].value.text, "first");
    check_word(loaded, rule.do_[0].then[0].assignments[0].value.text, "second");
    for (const char* word : {"one", "two", "three"}) check_word(loaded, rule.do_[1].target.text, word);
    for (const char* word : {"uno", "dos"}) check_word(loaded, rule.do_[2].target.text, word);
    for (const char* word : {"eins", "zwei"}) check_word(loaded, rule.do_[3].target.text, word);
    check_word(loaded, rule.do_[3].then[0].target.text, "drei");
    CHECK(rule.do_[3].then[0].target.text.text == "drei");
}

TEST_CASE("scalars are text until their key reads them") {
    Loaded loaded = load_good(
        "settings: {a: {type: string, value: no}, b: {type: string, value: 1.10}, c: {type: string, value: 12:30:00}, "
        "d: {type: string, value: null}, e: {type: string, value: ~}, f: {type: string, value: '= x'}}");
    CHECK(loaded.model.settings[0].values[0].value.text.text == "no");
    CHECK(loaded.model.settings[1].values[0].value.text.text == "1.10");
    CHECK(loaded.model.settings[2].values[0].value.text.text == "12:30:00");
    CHECK(loaded.model.settings[3].values[0].value.text.text == "null");
    CHECK(loaded.model.settings[4].values[0].value.text.text == "~");
    CHECK(loaded.model.settings[5].values[0].value.is_expression);
}

TEST_CASE("files include one another relative to themselves, once") {
    std::vector<std::string> asked;
    auto files = [&](const std::string& from, const std::string& path) -> std::optional<std::string> {
        asked.push_back(from + " > " + path);
        if (path == "sub/a.yaml") return "include: [b.yaml, ../b.yaml]\n---\nentity: a\nfields: {x: string}\n";
        if (path == "b.yaml" || path == "../b.yaml")
            return "entity: " + std::string(path == "b.yaml" ? "b" : "top") + "\nfields: {x: string}\n";
        return std::nullopt;
    };
    Loaded loaded = load_good("leat: 1\napp: x\ninclude: [sub/a.yaml, b.yaml]\n", files);
    CHECK(loaded.model.entities.size() == 3);
    CHECK(asked == std::vector<std::string>{"defs/test.yaml > sub/a.yaml", "defs/sub/a.yaml > b.yaml",
                                            "defs/sub/a.yaml > ../b.yaml"});
    CHECK_FALSE(load("include: a.yaml\n").good);
}

TEST_CASE("limits and hostile input are errors, never crashes") {
    Limits small;
    small.source_bytes_max = 10;
    CHECK(load("entity: customer\n", {}, small).diagnostics.all().at(0).code == "limit.size");
    CHECK(load(std::string(100000, '[')).diagnostics.all().at(0).code == "yaml.depth");
    CHECK(load(std::string(100000, '{')).diagnostics.all().at(0).code == "yaml.depth");
    std::string dashes;
    for (int i = 0; i < 20000; ++i) dashes += "- ";
    CHECK(load(dashes + "x").diagnostics.all().at(0).code == "yaml.depth");
    CHECK(load(std::string("entity: a\0b", 11)).diagnostics.all().at(0).code == "yaml.encoding");
    CHECK(load("").good);
    CHECK(load("---\n---\n# nothing\n").good);
    std::string many = "entity: a\nfields:\n";
    for (int i = 0; i < 1000; ++i) many += "  f" + std::to_string(i) + ": {typ: x}\n";
    Loaded loaded = load(many);
    CHECK(loaded.diagnostics.error_count() == 1000);
    CHECK(loaded.diagnostics.all().size() == Diagnostics::kMax);
}

TEST_CASE("an escape is one character of a text and two of its source") {
    Loaded loaded = load_good(
        "rule: r\nof: a\nwhen: created\ndo:\n"
        "  - {if: \"a = \\\"x\\\" and \\u4e2d = 1 and last\", then: [{log: x}]}\n"
        "  - {if: 'a = ''中'' and next', then: [{set: {x: \"= \\\"q\\\" + tail\"}}]}\n");
    const Rule& rule = loaded.model.rules.at(0);
    check_word(loaded, rule.do_[0].target.text, "last");
    check_word(loaded, rule.do_[1].target.text, "next");
    check_word(loaded, rule.do_[1].then[0].assignments[0].value.text, "tail");
}

TEST_CASE("long lines, long tables and many keys are read in one pass") {
    std::string items = "entity: a\nunique: [[";
    for (int i = 0; i < 100000; ++i) items += "x, ";
    Loaded loaded = load_good(items + "y]]\nfields: {x: string}\n");
    CHECK(loaded.model.entities[0].unique[0].fields.back().span.begin.column == 300011);
    std::string table = "decision: d\nof: a\noutputs: {x: text}\ntable: |\n  | a | -> x |\n";
    for (int i = 0; i < 20000; ++i) table += "  | 1 | 2 |\n";
    Loaded long_table = load_good(table);
    CHECK(long_table.model.decisions[0].rows.back().cells[1].span.begin.line == 20005);
    Limits small;
    small.list_items_max = 1000;
    CHECK(load(items + "y]]\n", {}, small).diagnostics.all().at(0).code == "limit.size");
}
