#include "catch.hpp"
#include "loading.hpp"
#include "program/load.hpp"

using namespace leat;
using namespace leat::program;
using namespace leat::program::test;

namespace {

// Evaluates over nothing but constants and locals.
Value run(const feel::Expression& expression, Arena& arena, const Value* row = nullptr, const Value* locals = nullptr) {
    feel::Frame frame;
    frame.row = row;
    frame.locals = locals;
    frame.arena = &arena;
    return expression.evaluate(frame);
}

}  // namespace

TEST_CASE("rows begin with what every record has") {
    Loaded loaded = load_deal(
        "---\nflow: f\nof: deal\nfield: stage\nevents: {go: [sales]}\nstates: {a: {on: {go: b}}, b: {type: final, "
        "title: 完}}\n");
    INFO(loaded.text());
    REQUIRE(loaded.program);
    const Program& program = *loaded.program;
    const Entity& deal = *program.find_entity("deal");
    std::vector<std::string> names;
    for (const Field& field : deal.fields) {
        CHECK(&deal.fields[field.id] == &field);
        CHECK(field.empty.name == field.name);
        names.push_back(field.name);
    }
    CHECK(names == std::vector<std::string>{"id", "key", "version", "created_at", "created_by", "updated_at",
                                            "updated_by", "name", "owner", "amount", "region", "stage", "stage_since",
                                            "stage_entries", "stage_version"});
    CHECK(deal.find("stage")->enumeration->items.size() == 2);
    CHECK(deal.find("stage")->enumeration->items[1].titles == std::vector<std::string>{"完"});
    CHECK(program.user == 0);
    CHECK(program.entities[0].explicit_key);
    CHECK(program.entities[0].find("roles")->scalar_list);
    CHECK_FALSE(deal.explicit_key);
    CHECK(program.find_role("boss")->includes.size() == 2);
    Arena arena;
    CHECK(run(*deal.find("amount")->default_value, arena).as_number() == Decimal(0));
    CHECK(run(*program.entities[0].find("active")->default_value, arena).is_true());
}

TEST_CASE("keys are parsed into parts") {
    Loaded loaded = load_text(
        "{leat: 1, app: t}\n---\nentity: a\nkey: \"A{{-{yyyy}{yy}{MM}{dd}-{seq:5}\"\nfields: {x: string}\n---\nentity: "
        "b\nkey: \"{code}\"\n"
        "fields: {code: {type: string, required: true}}\n---\nentity: c\nkey: \"{b.code}@{n + 1}\"\nfields: {b: {type: "
        "ref, to: b}, n: integer}\n");
    INFO(loaded.text());
    REQUIRE(loaded.program);
    const auto& a = loaded.program->find_entity("a")->key_parts;
    using Kind = KeyPart::Kind;
    std::vector<Kind> kinds;
    for (const KeyPart& part : a) kinds.push_back(part.kind);
    CHECK(kinds == std::vector<Kind>{Kind::literal, Kind::year4, Kind::year2, Kind::month, Kind::day, Kind::literal,
                                     Kind::sequence});
    CHECK(a[0].literal == "A{-");
    CHECK(a.back().width == 5);
    CHECK(loaded.program->find_entity("b")->key_parts.size() == 1);
    CHECK(loaded.program->find_entity("c")->key_parts.size() == 3);
}

TEST_CASE("settings are typed and dated") {
    Loaded loaded = load_deal(
        "---\nsettings:\n  limit: {title: 起点, type: money, allow: [boss], value: {2026-01-01: 400000, 2025-01-01: "
        "500000}}\n"
        "  ratio: {type: decimal, value: 0.955}\n  wait: {type: duration, value: P7D office}\n  kind: {type: enum, "
        "enum: [a, b], value: b}\n  who: {type: role, value: boss}\n");
    INFO(loaded.text());
    // A setting of type enum would need its values: the model has none.
    CHECK_FALSE(loaded.program);
    loaded = load_deal(
        "---\nsettings:\n  limit: {title: 起点, type: money, allow: [boss], value: {2026-01-01: 400000, 2025-01-01: "
        "500000}}\n"
        "  ratio: {type: decimal, value: 0.955}\n  wait: {type: duration, value: P7D office}\n  who: {type: role, "
        "value: boss}\n");
    INFO(loaded.text());
    REQUIRE(loaded.program);
    const Setting& limit = *loaded.program->find_setting("limit");
    REQUIRE(limit.values.size() == 2);
    CHECK(limit.values[0].valid_from_days == INT64_MIN);
    CHECK(limit.values[0].value.as_number() == Decimal(500000));
    CHECK(limit.values[1].valid_from_days == value::Date::of(2026, 1, 1)->days);
    CHECK(loaded.program->find_setting("ratio")->values[0].value.as_number().to_string() == "0.955");
    const Value& wait = loaded.program->find_setting("wait")->values[0].value;
    CHECK(wait.calendar() == 1);
    CHECK(wait.whole_days());
}

TEST_CASE("approvals answer their own state and outwards") {
    Loaded loaded = load_deal(
        "---\nflow: f\nof: deal\nfield: stage\nevents: {go: [sales], lose: [sales]}\nstates:\n"
        "  ask: {approve: {by: boss, mode: vote, pass: '> 50%', within: PT8H office, timeout: reject, empty: reject, "
        "self: forbid, forbid: [owner]}, on: {approved: both, rejected: no}}\n"
        "  both:\n    type: parallel\n    states:\n      law: {approve: {by: boss}}\n      money: {approve: {by: "
        "{users: = owner.manager}}, on: {rejected: {do: [{set: {name: refused}}]}}}\n"
        "    on: {rejected: no}\n    onDone: yes_\n  yes_: {type: final}\n  no: {type: final, outcome: lost}\non: "
        "{lose: no}\n");
    INFO(loaded.text());
    REQUIRE(loaded.program);
    const Flow& flow = loaded.program->flows[0];
    const StatePart& ask = flow.states[flow.chart.find("ask")];
    CHECK(ask.approval->policy.mode == approval::Mode::vote);
    CHECK(ask.approval->timeout == OnTimeout::reject);
    CHECK(ask.approval->empty == OnEmpty::reject);
    CHECK(ask.approval->self == OnSelf::forbid);
    CHECK(ask.approval->within.constant.calendar() == 1);
    CHECK(flow.chart.states[flow.chart.find("ask")].type == flow::StateType::atomic);
    CHECK(flow.events[ask.approved].origin == EventOrigin::approval);
    CHECK(flow.find_event("approved") == flow::kNone);
    CHECK_FALSE(flow.flat);

    flow::StateId both = flow.chart.find("both"), law = flow.chart.find("law"), money = flow.chart.find("money");
    auto hears = [&](flow::StateId state, flow::EventId event) {
        for (uint32_t number : flow.chart.states[state].transitions) {
            if (flow.chart.transitions[number].event == event) return true;
        }
        return false;
    };
    CHECK(hears(both, flow.states[law].rejected));
    CHECK(hears(both, flow.states[money].rejected));
    CHECK(hears(money, flow.states[money].rejected));
    CHECK_FALSE(hears(money, flow.states[law].rejected));
    CHECK_FALSE(hears(law, flow.states[money].approved));
    CHECK(hears(flow.chart.find("law.pending"), flow.states[law].approved));
    CHECK(flow.chart.states[flow.chart.find("law.approved")].type == flow::StateType::final);
    for (uint32_t number : flow.chart.states[both].transitions)
        CHECK(flow.transitions[number].at.rfind("f.both.", 0) == 0);
}

TEST_CASE("steps know their locals, targets and places") {
    Loaded loaded = load_deal(
        "---\nentity: order\nfields:\n  deal: {type: ref, to: deal, required: true}\n  name: {type: string}\n  lines: "
        "{type: list, fields: {what: {type: string}}}\n"
        "---\nflow: f\nof: deal\nfield: stage\nevents: {go: [sales], poke: []}\nstates:\n  a:\n    on:\n      go:\n    "
        "    target: b\n        do:\n"
        "          - {let: {half: amount / 2}}\n"
        "          - {create: order, copy: [name], set: {deal: = this}, as: made}\n"
        "          - {append: made.lines, set: {what: = name}}\n"
        "          - foreach: records.order[deal = this]\n            as: one\n            do: [{update: one, as: o, "
        "set: {name: = o.name + name}}, {delete: one}]\n"
        "          - {if: half > 10, then: [{raise: poke}], else: [{send: poke, to: = this}]}\n"
        "          - {task: \"Call {name}\", to: boss, due: P2D office}\n          - {notify: = owner, text: \"Hello "
        "{name}\"}\n"
        "          - {assert: half < 1000000, message: too much}\n          - {log: \"went {half}\"}\n"
        "  b: {type: final}\n");
    INFO(loaded.text());
    REQUIRE(loaded.program);
    const Flow& flow = loaded.program->flows[0];
    const Steps& steps = flow.transitions[0].steps;
    REQUIRE(steps.size() == 9);
    CHECK(steps[0].assignments[0].local == kFirstLocal);
    CHECK(steps[1].local == kFirstLocal + 1);
    CHECK(steps[1].copy.size() == 1);
    CHECK(steps[2].entity == loaded.program->find_entity("order.lines")->id);
    CHECK(steps[3].local == kFirstLocal + 2);
    CHECK(steps[3].do_[0].local == kFirstLocal + 3);
    CHECK(steps[3].do_[0].at == "f.a.on.go[1].do[4].do[1]");
    CHECK(steps[4].then[0].event == flow.find_event("poke"));
    CHECK(steps[4].else_[0].entity == flow.entity);
    CHECK(steps[5].role != kNone);
    CHECK(steps[5].due.constant.whole_days());
    CHECK(loaded.program->locals_max == kFirstLocal + 4);
}

TEST_CASE("timers, delays and done") {
    Loaded loaded = load_deal(
        "---\nflow: f\nof: deal\nfield: stage\ndelays: {stalled: {for: P7D office, repeat: P1D, times: 3}, due: {at: "
        "'date(created_at) + @\"P30D\"'}}\nevents: {go: [sales]}\nstates:\n"
        "  a: {after: {stalled: {do: [{notify: = owner, text: hurry}]}, P90D: b}, on: {go: c}}\n"
        "  c: {states: {d: {after: {due: e}}, e: {type: final}}, onDone: b}\n  b: {type: final}\n");
    INFO(loaded.text());
    REQUIRE(loaded.program);
    const Flow& flow = loaded.program->flows[0];
    REQUIRE(flow.timers.size() == 3);
    CHECK(flow.timers[0].name == "a.stalled");
    CHECK(flow.timers[0].times.constant.as_number() == Decimal(3));
    CHECK(flow.timers[1].wait.duration.constant.as_days_duration().seconds == 90 * 86400);
    CHECK(flow.timers[2].at);
    CHECK(flow.events[flow.timers[2].event].state == flow.chart.find("d"));
    CHECK(flow.states[flow.chart.find("a")].timers.size() == 2);
    bool done = false;
    for (const Event& event : flow.events)
        done = done || (event.origin == EventOrigin::done && event.state == flow.chart.find("c"));
    CHECK(done);
    CHECK(loaded.program->find_entity("deal")->find("stage_configuration")->id == flow.configuration_field);
}

TEST_CASE("rules, messages, notices, connectors, SLAs, reports, assignments") {
    Loaded loaded = load_deal(
        "---\nflow: f\nof: deal\nfield: stage\nevents: {go: [sales], paid: {payload: {sum: {type: money, required: "
        "true}}}}\nstates: {a: {on: {go: b, paid: b}}, b: {type: final}}\n"
        "---\nrule: late\norder: 200\nof: deal\nwhen: {becomes: amount > 100}\nif: old.amount < 50\ndo: [{notify: "
        "boss, notice: hello, with: {deal: = this}}]\n"
        "---\nrule: first\nof: deal\nwhen: {entered: b}\ndo: [{call: erp.make, with: {name: = name}}, {assign: "
        "owners}]\n"
        "---\nmessage: erp.paid\npayload: {no: {type: string, required: true}, sum: {type: money, required: "
        "true}}\nto: = records.deal[name = event.no]\nsend: paid\nexpires: P7D\n"
        "---\nnotice: hello\nchannels: [mail]\nsubject: {zh: 你好, en: Hello}\ntext: \"{params.deal.name}\"\nparams: "
        "{deal: {type: ref, to: deal, required: true}}\n"
        "---\nconnector: erp\noperations: {make: {input: {name: {type: string, required: true}}}}\n"
        "---\nsla: answer\nof: deal\nstart: stage = \"a\"\nstop: stage = \"b\"\nwithin: PT5M\nwarn: [80%, 50%]\non: "
        "{breach: [{notify: = owner.manager, text: late}]}\n"
        "---\nreport: board\nfrom: deal\nparams: {start: {type: date, required: true}}\nwhere: date(created_at) >= "
        "params.start\ngroup: {rep: owner}\n"
        "measures: {n: count(rows), amount: {title: 金额, formula: sum(rows.amount), format: money}, each: 'if rep = "
        "null then null else sum(rows.amount) / count(rows)'}\nsort: [-amount, rep]\nlimit: 10\n"
        "---\nassignment: owners\nof: deal\npools: [{role: boss, if: region = \"east\"}, {role: sales}]\npick: "
        "least_loaded\nload: count(records.deal[owner = candidate and stage = \"a\"])\n");
    INFO(loaded.text());
    REQUIRE(loaded.program);
    const Program& program = *loaded.program;
    const Entity& deal = *program.find_entity("deal");
    REQUIRE(deal.rules.size() == 2);
    CHECK(program.rules[deal.rules[0]].shape.name == "first");
    CHECK(program.rules[deal.rules[0]].state == program.flows[0].chart.find("b"));
    CHECK(program.rules[deal.rules[1]].if_);
    CHECK(program.find_message("erp.paid")->entity == deal.id);
    CHECK(program.find_message("erp.paid")->expires.present);
    CHECK(program.notices[0].subject.texts.size() == 2);
    CHECK(program.notices[0].subject.texts[0].first == "en");
    CHECK(program.operations[0].name == "erp.make");
    CHECK(program.slas[0].warn_percent == std::vector<int32_t>{50, 80});
    const Report& board = *program.find_report("board");
    CHECK(board.sort == std::vector<std::pair<uint32_t, bool>>{{2, true}, {0, false}});
    CHECK(board.limit == 10u);
    CHECK(program.assignments[0].field == deal.find("owner")->id);
    CHECK(program.assignments[0].pools.size() == 2);
}

TEST_CASE("decisions are typed, dated ones and their formulas virtual") {
    Loaded loaded = load_deal(
        "---\ndecision: who\nof: deal\noutputs: {who: role}\nhit: first\ntable: |\n  | amount | region     | -> who | "
        "// why |\n  | > 100  | east, west | boss   | big    |\n  | -      | -          | null   |        |\n"
        "---\ndecision: rate\ninputs: {size: integer}\noutputs: {rate: {type: decimal, scale: 3}}\nhit: "
        "first\ndefault: 0.5\ntable: |\n  | size | valid_from | valid_to   | -> rate |\n  | > 1  | 2025-01-01 | "
        "2025-12-31 | 0.1     |\n",
        "  chief: {type: role, formula: who(this)}\n  cut: {type: decimal, formula: rate(amount)}\n");
    INFO(loaded.text());
    REQUIRE(loaded.program);
    const Entity& deal = *loaded.program->find_entity("deal");
    CHECK(deal.find("chief")->formula_kind == FormulaKind::row);
    CHECK(deal.find("cut")->formula_kind == FormulaKind::computed);
    const Decision& rate = loaded.program->decisions[loaded.program->find_decision("rate")];
    CHECK(rate.dated);
    CHECK(rate.table->source().outputs[0].default_value.text == "0.5");
    CHECK(rate.table->source().inputs.size() == 2);  // both ends of the period are one
}

TEST_CASE("an order is split over the stocks that have it") {
    Loaded loaded = load_deal(
        "---\nfunctions:\n  allocate:\n    params: {need: number, sources: list<stock>}\n    formula: |\n      for s "
        "in sources return {\n"
        "        stock: s,\n        take: max(0, min(s.available, need - get or else(sum(partial.take), 0)))\n      }\n"
        "---\nentity: stock\nkey: \"{product}@{place}\"\nunique: [[product, place]]\nfields: {product: {type: string, "
        "required: true}, place: {type: string, required: true},\n"
        "  on_hand: {type: integer, default: 0}, reserved: {type: integer, default: 0}, available: {type: integer, "
        "formula: on_hand - reserved}}\n"
        "---\nrule: split\nof: deal\nwhen: created\ndo:\n"
        "  - let: {sources: \"sort(records.stock[product = this.name and available > 0], function(a, b) a.place < "
        "b.place)\"}\n"
        "  - foreach: allocate(amount, sources)[take > 0]\n    as: part\n    do: [{update: part.stock, as: s, set: "
        "{reserved: = s.reserved + part.take}}]\n"
        "  - {foreach: distinct values(records.stock.place), as: place, do: [{log: \"{place}\"}]}\n");
    INFO(loaded.text());
    REQUIRE(loaded.program);
    const Steps& steps = loaded.program->rules[0].steps;
    REQUIRE(steps.size() == 3);
    CHECK(steps[1].do_[0].entity == loaded.program->find_entity("stock")->id);
    CHECK(loaded.program->functions[0].params.size() == 2);
}

TEST_CASE("the hash is over names and texts") {
    std::vector<Source> a = {{"a", "bc"}}, b = {{"ab", "c"}}, c = {{"a", "b"}, {"c", ""}};
    CHECK(definition_hash(a) == definition_hash(a));
    CHECK(definition_hash(a) != definition_hash(b));
    CHECK(definition_hash(a) != definition_hash(c));
    CHECK(definition_hash({}) == base::sha256(""));
}

TEST_CASE("names of one record for expressions compiled later") {
    Loaded loaded = load_deal("");
    REQUIRE(loaded.program);
    auto scope = loaded.program->scope_of(loaded.program->find_entity("deal")->id);
    Diagnostics diagnostics;
    Text text;
    text.text = "amount > 10 and actor = owner";
    feel::CompileOptions options;
    options.self = scope->find("this")->type;
    CHECK(feel::compile(text, *scope, options, diagnostics));
    text.text = "amunt > 10";
    CHECK_FALSE(feel::compile(text, *scope, options, diagnostics));
    REQUIRE(diagnostics.all().size() == 1);
    CHECK(diagnostics.all()[0].hint == "did you mean 'amount'?");
}

TEST_CASE("a model built by code gets the same checks") {
    model::Model model;
    model.app.app.text = "by_hand";
    model::Entity entity;
    entity.name.text = "thing";
    model::Field field;
    field.name.text = "size";
    field.type.text = "intger";
    entity.fields.push_back(field);
    model.entities.push_back(entity);
    Diagnostics diagnostics;
    CHECK_FALSE(compile(model, base::Sources(), LoadOptions(), diagnostics));
    REQUIRE(diagnostics.all().size() == 1);
    CHECK(diagnostics.all()[0].code == "program.type.unknown");
    model.entities[0].fields[0].type.text = "integer";
    Diagnostics none;
    auto program = compile(model, base::Sources(), LoadOptions(), none);
    REQUIRE(program);
    CHECK(program->app_name == "by_hand");
    CHECK(program->find_entity("thing")->find("size")->kind == FieldKind::integer);
}
