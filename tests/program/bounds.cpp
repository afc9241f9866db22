#include "catch.hpp"
#include "loading.hpp"

using namespace leat;
using namespace leat::program;
using namespace leat::program::test;

namespace {

std::string repeat(const std::string& text, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) {
        std::string one = text;
        for (size_t at = one.find('#'); at != std::string::npos; at = one.find('#'))
            one.replace(at, 1, std::to_string(i));
        out += one;
    }
    return out;
}

}  // namespace

TEST_CASE("an application has bounds, and says so") {
    Loaded fields =
        load_text("{leat: 1, app: t}\n---\nentity: wide\nfields:\n" + repeat("  f#: {type: integer}\n", 1100));
    CHECK_FALSE(fields.program);
    CHECK(fields.told("there are more than 1000 fields in one entity"));
    Loaded lists = load_text("{leat: 1, app: t}\n---\nfunctions: {f: {params: {a: \"" + repeat("list<", 40) + "number" +
                             repeat(">", 40) + "\"}, formula: a}}\n");
    CHECK_FALSE(lists.program);
    CHECK(lists.told("8 deep at most"));
}

TEST_CASE("many mistakes are told up to a bound") {
    Loaded loaded = load_text("{leat: 1, app: t}\n---\nentity: e\nfields:\n" +
                              repeat("  f#: {type: integer, formula: nothing_# + 1}\n", 900));
    CHECK_FALSE(loaded.program);
    CHECK(loaded.diagnostics.all().size() == Diagnostics::kMax);
}

TEST_CASE("a formula of thousands of terms compiles or is refused, it never crashes") {
    std::string sum = "1";
    for (int i = 0; i < 20'000; ++i) sum += " + 1";
    Loaded loaded =
        load_text("{leat: 1, app: t}\n---\nentity: e\nfields: {f: {type: integer, formula: " + sum + "}}\n");
    if (!loaded.program) CHECK(loaded.told("limit"));
}

TEST_CASE("functions that only call each other in a long chain load") {
    Loaded loaded = load_text("{leat: 1, app: t}\n---\nfunctions:\n  g0: {params: {x: number}, formula: x}\n" + [] {
        std::string out;
        for (int i = 1; i < 300; ++i) {
            out +=
                "  g" + std::to_string(i) + ": {params: {x: number}, formula: g" + std::to_string(i - 1) + "(x) + 1}\n";
        }
        return out;
    }());
    INFO(loaded.text());
    CHECK(loaded.program);
}

TEST_CASE("extensions add fields, rights and flow parts") {
    model::Model model;
    model::Entity user;
    user.is_extend = true;
    user.name.text = "user";
    model::Field field;
    field.name.text = "nickname";
    field.type.text = "string";
    user.fields.push_back(field);
    model.entities.push_back(user);
    model::Flow flow;
    flow.name.text = "f";
    flow.of.text = "user";
    model::State state;
    state.name.text = "a";
    flow.states.push_back(state);
    model.flows.push_back(flow);
    flow.is_extend = true;
    flow.states[0].name.text = "b";
    model.flows.push_back(flow);
    Diagnostics diagnostics;
    auto program = compile(model, base::Sources(), LoadOptions(), diagnostics);
    REQUIRE(program);
    CHECK(program->entities[program->user].find("nickname"));
    CHECK(program->flows[0].chart.find("b") != flow::kNone);

    model.flows[1].name.text = "g";
    model.entities[0].name.text = "usr";
    Diagnostics wrong;
    CHECK_FALSE(compile(model, base::Sources(), LoadOptions(), wrong));
    REQUIRE(wrong.all().size() == 2);
    CHECK(wrong.all()[0].hint == "did you mean 'user'?");
    CHECK(wrong.all()[1].code == "program.flow.unknown");
}

TEST_CASE("definitions cut off anywhere give diagnostics or a program") {
    std::string whole =
        "{leat: 1, app: t, currency: CNY}\n---\nroles: {boss: Boss}\n---\nentity: deal\nkey: "
        "\"D-{yyyy}-{seq:3}\"\nfields:\n  owner: {type: ref, to: user}\n"
        "  lines: {type: list, fields: {price: {type: money, required: true}, half: {type: money, formula: price / 2 + "
        "deal.total}}}\n"
        "  total: {type: money, formula: sum(lines.price), default: 0}\naccess: {boss: {read: owner = "
        "actor}}\n---\ndecision: who\nof: deal\noutputs: {who: role}\nhit: first\n"
        "table: |\n  | total | -> who |\n  | > 5   | boss   |\n---\nflow: f\nof: deal\nfield: stage\nevents: {go: "
        "{allow: [boss], payload: {n: integer}}}\nstates:\n"
        "  a: {on: {go: {target: b, guard: event.n > total, do: [{let: {x: 1}}, {notify: boss, text: \"{x}\"}]}}}\n"
        "  b: {approve: {by: {role: = who(this), near: owner}, within: PT8H}, on: {approved: c, rejected: a}}\n  c: "
        "{type: final}\n";
    size_t programs = 0;
    for (size_t size = 0; size <= whole.size(); ++size) {
        Loaded loaded = load_text(whole.substr(0, size));
        CHECK((loaded.program || loaded.diagnostics.has_errors()));
        programs += loaded.program != nullptr;
    }
    CHECK(load_text(whole).program);
    CHECK(programs > 0);
}
