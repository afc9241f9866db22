// Decisions as definitions write them: rules as lists, requirements, boxed logic, scorecards, services, dates.
#include <cstring>

#include "catch.hpp"
#include "feel/standalone.hpp"
#include "loading.hpp"
#include "program/decide.hpp"

using namespace leat;
using namespace leat::program;
using test::load_text;
using test::Loaded;

namespace {

// An environment without a database: functions and decisions of the program, a fixed day.
class Calls final : public feel::Environment {
 public:
    explicit Calls(const Program& program) : program_(program) {}
    Value member(const Value&, uint32_t, feel::Frame&) override { return Value(); }
    bool query(const feel::CollectionQuery&, std::span<const Value>, feel::Frame&, Value& out) override {
        out = Value::list(nullptr, 0);
        return false;
    }
    Value call(uint32_t number, std::span<const Value> arguments, feel::Frame& running) override {
        const Function& function = program_.functions[number];
        if (function.kind == Function::Kind::table)
            return decide_embedded(program_, function.number, running, arguments);
        if (function.kind == Function::Kind::decision) return decide(program_, function.number, running, arguments);
        auto* locals = running.arena->array<Value>(program_.locals_max);
        std::fill_n(locals, program_.locals_max, Value());
        std::copy(arguments.begin(), arguments.end(), locals + kFirstLocal);
        feel::Frame frame = running;
        frame.locals = locals;
        return function.formula->evaluate(frame);
    }
    int64_t now_us() override { return now; }
    value::Zone time_zone() override { return {value::ZoneKind::offset, 0}; }

    int64_t now = 0;

 private:
    const Program& program_;
};

struct Asked {
    std::string json;
    std::string reason;  // of a null
    std::string told;
};

// The answer for inputs that are written as one FEEL list.
Asked ask(const Loaded& loaded, std::string_view name, const std::string& inputs, bool trace = false,
          std::string_view day = "2026-07-01") {
    REQUIRE(loaded.program);
    Arena arena;
    uint32_t number = loaded.program->find_decision(name);
    REQUIRE(number != kNone);
    auto list = feel::evaluate_text("[" + inputs + "]", Value(), nullptr, arena);
    REQUIRE(list);
    Calls calls(*loaded.program);
    calls.now = int64_t{value::Date::parse(day)->days} * 86'400'000'000;
    feel::Frame frame;
    frame.arena = &arena;
    frame.environment = &calls;
    std::vector<DecisionStep> steps;
    Tracing tracing{&steps};
    Value value = decide(*loaded.program, number, frame, list->as_list(), trace ? &tracing : nullptr);
    Asked out;
    value::append_json(out.json, value);
    if (value.is_null() && value.null_reason) out.reason = value.null_reason->text;
    if (trace) out.told = describe(*loaded.program, steps);
    return out;
}

std::string answer(const Loaded& loaded, std::string_view name, const std::string& inputs) {
    return ask(loaded, name, inputs).json;
}

Loaded load(const std::string& sections) {
    Loaded loaded = load_text("{leat: 1, app: test, language: en, currency: CNY}\n---\n" + sections);
    INFO(loaded.text());
    REQUIRE(loaded.program);
    return loaded;
}

Loaded load_bad(const std::string& sections) {
    Loaded loaded = load_text("{leat: 1, app: test, language: en, currency: CNY}\n---\n" + sections);
    CHECK_FALSE(loaded.program);
    INFO(loaded.text());
    return loaded;
}

}  // namespace

TEST_CASE("rules as a list are the table that a pipe table would be") {
    Loaded loaded = load(R"yaml(decision: level
inputs: {amount: integer, region: {type: enum, enum: [east, west]}}
outputs: {level: {type: enum, enum: [high, low]}, 折扣: decimal}
hit: first
default: {level: low, 折扣: = 0.5 / 2}
table:
  - {when: {amount: "> 500", region: east}, then: {level: high, 折扣: 0.1}, annotation: big}
  - when: {region: east}
    then: {折扣: 0.2, level: low}
)yaml");
    CHECK(answer(loaded, "level", "501, \"east\"") == "{\"level\":\"high\",\"折扣\":0.1}");
    CHECK(answer(loaded, "level", "500, \"east\"") == "{\"level\":\"low\",\"折扣\":0.2}");
    CHECK(answer(loaded, "level", "null, \"west\"") == "{\"level\":\"low\",\"折扣\":0.25}");
    const auto& rows = loaded.program->decisions[0].table->source().rows;
    CHECK(rows[0].annotation == "big");
    CHECK(rows[1].inputs[0].text == "-");

    Loaded one = load(R"yaml(decision: fee
inputs: {amount: integer}
outputs: {fee: integer}
default: 9
table:
  - {when: {amount: "< 10"}, then: 1}
  - {when: {amount: ">= 10"}, then: amount * 2}
)yaml");
    CHECK(answer(one, "fee", "9") == "1");
    CHECK(answer(one, "fee", "10") == "20");
    CHECK(answer(one, "fee", "null") == "9");
}

TEST_CASE("mistakes in rules that are a list are told at their place") {
    Loaded loaded = load_bad(R"yaml(decision: a
inputs: {x: integer}
outputs: {y: integer, z: integer}
table:
  - {when: {x: 1}, then: {y: 1}}
  - {when: {x: 2}, then: 3}
  - {if: {x: 2}, then: {y: 1, z: 2}}
  - {when: {q: 1}, then: {y: 1, z: 2}}
  - {when: {x: 1}}
  - {when: {x: 1}, then: {y: 1, z: 2, w: 3}}
)yaml");
    CHECK(loaded.told("says nothing of 'z' under 'then'"));
    CHECK(loaded.told("'when'") == false);
    CHECK(loaded.told("a rule of a table needs 'then'"));
    CHECK(loaded.told("'if'"));
}

TEST_CASE("a decision requires others: their answers are names, their inputs are its own") {
    Loaded loaded = load(R"yaml(decision: base
inputs: {age: integer}
outputs: {base: integer}
table: |
  | age   | -> base |
  | < 18  | 1       |
  | >= 18 | 2       |
---
decision: extra
requires: base
inputs: {vip: boolean}
logic: "if vip then base * 10 else base"
---
decision: total
requires: [base, extra]
outputs: {total: integer}
table: |
  | extra | base | -> total     |
  | > 5   | -    | extra + base |
  | <= 5  | 2    | 50           |
  | <= 5  | 1    | age          |
)yaml");
    const Decision& total = loaded.program->decisions[loaded.program->find_decision("total")];
    REQUIRE(total.inputs.size() == 2);
    CHECK(total.inputs[0].name == "age");
    CHECK(total.inputs[1].name == "vip");
    CHECK(total.requirements.size() == 2);
    CHECK(answer(loaded, "extra", "true, 20") == "20");
    CHECK(answer(loaded, "total", "20, true") == "22");
    CHECK(answer(loaded, "total", "20, false") == "50");
    CHECK(answer(loaded, "total", "7, false") == "7");

    Asked told = ask(loaded, "total", "20, true", true);
    INFO(told.told);
    CHECK(told.json == "22");
    CHECK(told.told.find("  input age = 20\n") != std::string::npos);
    CHECK(told.told.find("extra: 20") != std::string::npos);
    CHECK(told.told.find("total: 22") != std::string::npos);
}

TEST_CASE("an input's default stands in for null") {
    Loaded loaded = load(
        "decision: a\ninputs: {x: {type: integer, default: 5}}\nlogic: x + 1\n---\ndecision: b\nrequires: "
        "a\ninputs: {x: integer}\nlogic: \"{a: a, x: x}\"\n");
    CHECK(answer(loaded, "a", "null") == "6");
    CHECK(answer(loaded, "a", "1") == "2");
    CHECK(answer(loaded, "b", "null") == "{\"a\":6,\"x\":null}");
}

TEST_CASE("requirements that cannot be met are errors at load") {
    Loaded cycle = load_bad(
        "decision: a\nrequires: [b]\nlogic: b\n---\ndecision: b\nrequires: c\nlogic: c\n---\ndecision: c\nrequires: "
        "[a]\n"
        "logic: a\n");
    CHECK(cycle.told("program.decision.cycle"));
    CHECK(cycle.told("a → b → c → a"));

    Loaded unknown = load_bad("decision: a\nrequires: [lvel]\nlogic: 1\n---\ndecision: level\nlogic: 2\n");
    CHECK(unknown.told("there is no decision 'lvel'"));
    CHECK(unknown.told("did you mean 'level'?"));

    Loaded differs = load_bad(
        "decision: a\ninputs: {x: string}\nrequires: b\nlogic: b\n---\ndecision: b\ninputs: {x: integer}\nlogic: x\n");
    CHECK(differs.told("'x' is another kind of value here"));

    Loaded record = load_bad(
        "entity: lead\nfields: {size: integer}\n---\ndecision: a\ninputs: {x: integer}\nrequires: b\nlogic: b\n---\n"
        "decision: b\nof: lead\nlogic: size\n---\ndecision: c\nof: lead\nrequires: d\nlogic: d\n---\ndecision: d\n"
        "inputs: {sise: integer}\nlogic: sise\n");
    CHECK(record.told("'b' is asked with a record of lead"));
    CHECK(record.told("whose input 'sise' is no field of lead"));

    Loaded itself = load_bad("decision: a\ninputs: {x: integer}\nlogic: a(x)\n");
    CHECK(itself.told("program.function.cycle"));
}

TEST_CASE("a chain of decisions has a bound") {
    std::string text = "decision: d0\ninputs: {x: integer}\nlogic: x\n";
    for (int i = 1; i <= 201; ++i)
        text += "---\ndecision: d" + std::to_string(i) + "\nrequires: d" + std::to_string(i - 1) + "\nlogic: d" +
                std::to_string(i - 1) + " + 1\n";
    Loaded long_one = load_bad(text);
    CHECK(long_one.codes() == std::vector<std::string>{"807: program.limit"});
    Loaded good = load(text.substr(0, text.rfind("---")));
    CHECK(answer(good, "d200", "1") == "201");
}

TEST_CASE("boxed logic of every kind") {
    Loaded loaded = load(R"yaml(decision: boxes
inputs: {amount: decimal, names: {type: list, of: string}}
logic:
  context:
    twice: {function: n * 2, params: {n: number}}
    rates: {relation: {columns: [kind, rate], rows: [['"a"', 0.1], ['"b"', 0.2]]}}
    list: [1, amount, {value: amount + 1, type: number}]
    called: {call: twice, with: {n: amount}}
    chosen: {if: amount > 10, then: '"big"', else: {context: {small: "true"}}}
    kept: {filter: rates, match: rate > 0.1}
    each: {for: one, in: names, return: upper case(one)}
    any: {some: r, in: rates, satisfies: r.rate = 0.2}
    all: {every: r, in: rates, satisfies: r.rate = 0.2}
    graded:
      table: |
        | amount | called | -> grade |
        | < 5    | -      | "low"    |
        | >= 5   | > 10   | "high"   |
      outputs: {grade: string}
      default: '"mid"'
  result: {context: {list: list, called: called, chosen: chosen, kept: count(kept), each: each, any: any, all: all, graded: graded}}
)yaml");
    CHECK(answer(loaded, "boxes", "6, [\"a\", \"é\"]") ==
          "{\"list\":[1,6,7],\"called\":12,\"chosen\":{\"small\":true},\"kept\":1,\"each\":[\"A\",\"É\"],\"any\":true,"
          "\"all\":false,\"graded\":\"high\"}");
    Asked told = ask(loaded, "boxes", "6, []", true);
    INFO(told.told);
    CHECK(told.told.find("row 2 matches: grade = \"high\"") != std::string::npos);
    CHECK(answer(loaded, "boxes", "5, []").find("\"graded\":\"mid\"") != std::string::npos);
}

TEST_CASE("a box says what is wrong with it") {
    Loaded loaded = load_bad(R"yaml(decision: a
inputs: {x: integer}
logic:
  context:
    one: {if: x > 1, then: 2}
    two: {for: i, in: [1], return: i, match: 3}
    three: {list: [1], context: {a: 1}}
    four: {a: 1}
    five: {relation: {columns: [a, b], rows: [[1]]}}
)yaml");
    CHECK(loaded.told("'if' needs 'else'"));
    CHECK(loaded.told("'match' does not go with 'for'"));
    CHECK(loaded.told("at once"));
    CHECK(loaded.told("1 cells, the relation has 2 columns"));
    CHECK(loaded.told("yaml.key.unknown"));
}

TEST_CASE("logic is typed, by what is declared and by itself") {
    Loaded declared =
        load("decision: a\ninputs: {x: integer}\ntype: string\nlogic: \"if x > 1 then \\\"y\\\" else null\"\n");
    CHECK(declared.program->decisions[0].type->kind == feel::TypeKind::string);
    Loaded mismatch = load_bad("decision: a\ninputs: {x: integer}\ntype: string\nlogic: x + 1\n");
    CHECK(mismatch.told("feel.type.mismatch"));
    Loaded own = load("decision: a\ninputs: {x: integer}\nlogic: x + 1\n---\ndecision: b\nrequires: a\nlogic: a * 2\n");
    CHECK(own.program->decisions[1].type->kind == feel::TypeKind::number);
    Loaded wrong = load_bad(
        "decision: a\ninputs: {x: integer}\nlogic: x + 1\n---\ndecision: b\nrequires: a\nlogic: upper case(a)\n");
    CHECK(wrong.told("upper case"));
}

TEST_CASE("functions may be boxed, and boxes call functions and decisions") {
    Loaded loaded = load(R"yaml(functions:
  grade:
    params: {points: number}
    returns: string
    logic:
      table: |
        | points | -> grade |
        | < 50   | "poor"   |
        | >= 50  | "good"   |
---
decision: report
inputs: {points: integer}
logic: {context: {whole: grade(points), half: {call: grade, with: {points: points / 2}}}}
)yaml");
    CHECK(answer(loaded, "report", "60") == "{\"whole\":\"good\",\"half\":\"poor\"}");
}

TEST_CASE("a scorecard adds points, names the band and says where points were lost") {
    Loaded loaded = load(R"yaml(scorecard: lead_score
title: {en: Lead score, zh: 线索评分}
inputs: {budget: decimal, source: string, size: integer}
initial: 10
characteristics:
  budget:
    attributes:
      - {when: "> 100000", points: 30.5}
      - {when: "> 1000", points: 10, reason: 预算不足}
      - {when: "-", points: 0, reason: no budget}
  source:
    baseline: 25
    reason: source
    attributes:
      - {when: '"fair", "web"', points: 20}
      - {when: "-", points: 5}
  staff:
    input: size
    attributes:
      - {when: "null", points: 0, reason: size unknown}
      - {when: ">= 0", points: 1}
bands: {hot: ">= 60", warm: "[30..60)", cold: "< 30"}
reasons: 2
)yaml");
    CHECK(answer(loaded, "lead_score", "200000, \"fair\", 5") ==
          "{\"score\":61.5,\"band\":\"hot\",\"reasons\":[\"source\"]}");
    CHECK(answer(loaded, "lead_score", "2000, \"x\", null") ==
          "{\"score\":25,\"band\":\"cold\",\"reasons\":[\"预算不足\",\"source\"]}");
    CHECK(answer(loaded, "lead_score", "null, null, 1") ==
          "{\"score\":16,\"band\":\"cold\",\"reasons\":[\"no budget\",\"source\"]}");
    Asked none = ask(loaded, "lead_score", "1, \"x\", -4", true);
    CHECK(none.json == "null");
    CHECK(none.reason == "no attribute of 'staff' takes -4");
    Asked told = ask(loaded, "lead_score", "2000, \"x\", 1", true);
    INFO(told.told);
    CHECK(told.told.find("budget is 2000: attribute 2 gives 10, 20.5 below the baseline") != std::string::npos);

    Loaded computed = load_bad(
        "scorecard: s\ninputs: {x: integer}\ncharacteristics: {x: {attributes: [{when: \"-\", "
        "points: x * 2}]}}\n");
    CHECK(computed.told("program.scorecard.baseline"));
    Loaded unknown = load_bad(
        "scorecard: s\ninputs: {x: integer}\ncharacteristics: {y: {attributes: [{when: \"-\", "
        "points: 2}]}}\n---\ndecision: d\ninputs: {x: integer}\nrequires: s\nlogic: s.bnd\n");
    CHECK(unknown.told("feel.name.unknown"));
}

TEST_CASE("a service asks decisions together; one of them is its answer") {
    Loaded loaded = load(R"yaml(decision: fee
inputs: {amount: integer}
logic: amount / 100
---
decision: tax
requires: fee
inputs: {rate: decimal}
logic: fee * rate
---
service: costs
decisions: [fee, tax]
---
service: only_tax
decisions: tax
---
decision: user
inputs: {x: integer}
logic: costs(x, 0.5).tax + only_tax(0.5, x)
)yaml");
    CHECK(answer(loaded, "costs", "200, 0.5") == "{\"fee\":2,\"tax\":1}");
    CHECK(answer(loaded, "only_tax", "0.5, 200") == "1");
    CHECK(answer(loaded, "user", "200") == "2");
}

TEST_CASE("rows with dates are those of the day that is asked about") {
    Loaded loaded = load(R"yaml(decision: rate
inputs: {kind: {type: enum, enum: [a, b]}}
outputs: {rate: decimal}
allow: [gaps]
table: |
  | valid_from | valid_to   | kind | -> rate |
  | -          | 2026-06-30 | a    | 0.1     |
  | 2026-07-01 | -          | a    | 0.2     |
  | -          | -          | b    | 0.3     |
---
decision: doubled
requires: rate
logic: rate * 2
)yaml");
    CHECK(loaded.program->decisions[1].dated);
    CHECK(ask(loaded, "rate", "\"a\"", false, "2026-06-30").json == "0.1");
    CHECK(ask(loaded, "rate", "\"a\"", false, "2026-07-01").json == "0.2");
    CHECK(ask(loaded, "doubled", "\"a\"", false, "2025-01-01").json == "0.2");
    CHECK(ask(loaded, "rate", "\"b\"", false, "2020-01-01").json == "0.3");
}

TEST_CASE("what is wrong with a table as a whole is a warning, unless it is meant") {
    const std::string table = R"yaml(
  | age      | region     | -> base |
  | < 18     | east       | 1       |
  | [16..20) | -          | 2       |
  | > 25     | east, west | 3       |
  | -5       | east       | 3       |
)yaml";
    const std::string head =
        "inputs: {age: {type: integer, minimum: 0, required: true}, region: {type: enum, enum: [east, west], required: "
        "true}}\noutputs: {base: integer}\n";
    Loaded loaded = load("decision: base\n" + head + "table: |" + table);
    CHECK(loaded.codes() == std::vector<std::string>{"7: program.decision.gap", "8: program.decision.overlap",
                                                     "11: program.decision.outside_allowed"});
    CHECK(loaded.told("no row takes age = 0, region = \"west\""));
    CHECK(loaded.told("rows 1 and 2 both take age = 16, region = \"east\""));
    CHECK(loaded.told("-5 is not among its allowed values '>= 0'"));
    CHECK(
        load("decision: base\n" + head + "allow: [gaps, overlaps, outside_allowed]\ntable: |" + table).codes().empty());
    CHECK(load("decision: base\ndefault: 0\n" + head + "allow: [overlaps, outside_allowed]\ntable: |" + table)
              .codes()
              .empty());
    Loaded strict = load_text("{leat: 1, app: test}\n---\ndecision: base\n" + head + "table: |" + table, true);
    CHECK_FALSE(strict.program);

    Loaded behind = load(
        "decision: d\ninputs: {x: integer}\noutputs: {y: integer}\nhit: first\ntable: |\n  | x | -> y |\n"
        "  | - | 1    |\n  | 1 | 2    |\n");
    CHECK(behind.codes() == std::vector<std::string>{"10: decision.row.unreachable"});  // told once
    Loaded formulas = load(
        "decision: d\ninputs: {x: {type: integer, required: true}, y: integer}\noutputs: {z: integer}\n"
        "table: |\n  | x   | -> z |\n  | > y | 1    |\n  | < y | 2    |\n");
    CHECK(formulas.codes().empty());  // nobody can know
    Loaded bands = load(
        "scorecard: s\ninputs: {x: {type: integer, required: true}}\ncharacteristics: {x: {attributes: [{when: "
        "\"> 1\", points: 1}]}}\nbands: {a: \"> 0\", b: \">= 0\"}\n");
    CHECK(bands.told("characteristic 'x' of 's' has no answer"));
    CHECK(bands.told("the bands of 's'"));
    CHECK(bands.told("program.decision.overlap"));
}

TEST_CASE("a table that is too large to be checked to the end says so") {
    std::string rows = "table: |\n  | x | -> y |\n";
    for (int i = 0; i < 3000; ++i) rows += "  | > " + std::to_string(i) + " | 1 |\n";
    const std::string head = "inputs: {x: {type: integer, required: true}}\noutputs: {y: integer}\ndefault: 0\n";
    Loaded loaded = load("decision: steps\n" + head + rows);
    INFO(loaded.text().substr(0, 400));
    CHECK(loaded.codes() == std::vector<std::string>{"3: program.decision.unchecked"});
    CHECK(loaded.told("whether rows overlap was not looked at to the end: that takes more than 4000000 comparisons"));
    CHECK(load("decision: steps\nallow: [unchecked]\n" + head + rows).codes() == std::vector<std::string>());
}

TEST_CASE("versions of rows in time are one column, so that they do not overlap") {
    Loaded loaded = load(R"yaml(decision: rate
inputs: {kind: {type: enum, enum: [a, b], required: true}}
outputs: {rate: decimal}
table: |
  | valid_from | valid_to   | kind | -> rate |
  | -          | 2026-06-30 | a    | 0.1     |
  | 2026-07-01 | -          | a    | 0.2     |
  | -          | -          | b    | 0.3     |
)yaml");
    INFO(loaded.text());
    CHECK(loaded.codes().empty());
}

TEST_CASE("allowed values and findings are for decisions, by names that there are") {
    Loaded loaded = load_bad(
        "entity: e\nfields: {x: {type: integer, allowed: '> 1'}}\n---\ndecision: d\ninputs: {x: {type: integer, "
        "allowed: "
        "'> 1'}}\noutputs: {y: integer}\nallow: [gapes]\ntable: |\n  | x | -> y |\n  | - | 1    |\n");
    CHECK(loaded.told("'allowed' belongs to an input of a decision"));
    CHECK(loaded.told("there is no finding 'gapes'"));
    CHECK(loaded.told("did you mean 'gaps'?"));
}
