#include "catch.hpp"
#include "loading.hpp"

using namespace leat;
using namespace leat::program;
using namespace leat::program::test;

namespace {

const std::string kOrder =
    "entity: order\nfields:\n"
    "  ratio: {type: decimal, scale: 4, default: 1}\n"
    "  lines: {type: list, fields: {price: {type: money, required: true}, quantity: {type: integer, required: true},\n"
    "          amount: {type: money, formula: price * quantity * order.ratio}, share: {type: decimal, formula: amount "
    "/ order.total}}}\n"
    "  total: {type: money, formula: sum(lines.amount), default: 0}\n"
    "  with_tax: {type: money, formula: total * 1.13}\n"
    "  payments: {type: list, of: payment, by: order}\n"
    "  paid: {type: money, formula: \"sum(payments[state = \\\"received\\\"].amount)\", default: 0}\n"
    "  open: {type: money, formula: total - paid}\n"
    "  age: {type: duration, formula: today() - date(created_at)}\n"
    "  late: {type: boolean, formula: age > @\"P30D\"}\n"
    "  limit: {type: money, formula: settings.limit}\n"
    "  level: {type: integer, formula: risk(this), default: 0}\n"
    "---\nentity: payment\nfields:\n  order: {type: ref, to: order, required: true}\n  amount: {type: money, required: "
    "true}\n"
    "  state: {type: enum, enum: [open, received], default: open}\n"
    "---\nsettings: {limit: {type: money, value: 100}}\n"
    "---\ndecision: risk\nof: order\noutputs: {points: integer}\nhit: collect sum\n"
    "table: |\n  | total  | -> points |\n  | > 1000 | 2         |\n  | > 5000 | 3         |\n";

const Field& field(const Program& program, const char* entity, const char* name) {
    return *program.find_entity(entity)->find(name);
}

std::vector<std::string> dependents(const Program& program, const std::vector<Dependent>& list) {
    std::vector<std::string> out;
    for (const Dependent& one : list) {
        const char* path = one.path == Dependent::Path::self    ? "self "
                           : one.path == Dependent::Path::lines ? "lines "
                                                                : "referenced ";
        out.push_back(path + program.entities[one.entity].name + "." +
                      program.entities[one.entity].fields[one.field].name);
    }
    std::sort(out.begin(), out.end());
    return out;
}

}  // namespace

TEST_CASE("formulas are told apart by what they read") {
    Loaded loaded = load_text("{leat: 1, app: t, currency: CNY}\n---\n" + kOrder);
    INFO(loaded.text());
    REQUIRE(loaded.program);
    const Program& program = *loaded.program;
    CHECK(field(program, "order.lines", "amount").formula_kind == FormulaKind::row);
    CHECK(field(program, "order.lines", "share").formula_kind == FormulaKind::row);
    CHECK(field(program, "order", "total").formula_kind == FormulaKind::roll_up);
    CHECK(field(program, "order", "with_tax").formula_kind == FormulaKind::row);
    CHECK(field(program, "order", "paid").formula_kind == FormulaKind::roll_up);
    CHECK(field(program, "order", "level").formula_kind == FormulaKind::row);
    for (const char* name : {"age", "late", "limit"}) {
        CHECK(field(program, "order", name).formula_kind == FormulaKind::computed);
        CHECK_FALSE(field(program, "order", name).stored);
    }
    CHECK(field(program, "order", "age").computed_because.find("clock") != std::string::npos);
}

TEST_CASE("ranks follow dependencies over all entities") {
    Loaded loaded = load_text("{leat: 1, app: t, currency: CNY}\n---\n" + kOrder);
    REQUIRE(loaded.program);
    const Program& program = *loaded.program;
    auto rank = [&](const char* entity, const char* name) { return field(program, entity, name).rank; };
    CHECK(rank("order.lines", "amount") < rank("order", "total"));
    CHECK(rank("order", "total") < rank("order.lines", "share"));
    CHECK(rank("order", "total") < rank("order", "with_tax"));
    CHECK(rank("order", "paid") < rank("order", "open"));
    CHECK(rank("order", "total") < rank("order", "level"));
    const Entity& order = *program.find_entity("order");
    for (size_t i = 1; i < order.formulas.size(); ++i) {
        CHECK(order.fields[order.formulas[i - 1]].rank <= order.fields[order.formulas[i]].rank);
    }
    std::vector<FieldId> computed = {order.find("age")->id, order.find("limit")->id, order.find("late")->id};
    CHECK(order.computed == computed);
}

TEST_CASE("what a change makes stale") {
    Loaded loaded = load_text("{leat: 1, app: t, currency: CNY}\n---\n" + kOrder);
    REQUIRE(loaded.program);
    const Program& program = *loaded.program;
    const Entity& order = *program.find_entity("order");
    const Entity& lines = *program.find_entity("order.lines");
    const Entity& payment = *program.find_entity("payment");
    using Names = std::vector<std::string>;
    CHECK(dependents(program, order.dependents[order.find("ratio")->id]) == Names{"lines order.lines.amount"});
    CHECK(dependents(program, order.dependents[order.find("total")->id]) ==
          Names{"lines order.lines.share", "self order.level", "self order.open", "self order.with_tax"});
    CHECK(dependents(program, lines.dependents[lines.find("amount")->id]) ==
          Names{"referenced order.total", "self order.lines.share"});
    CHECK(dependents(program, lines.row_dependents) == Names{"referenced order.total"});
    CHECK(lines.row_dependents[0].by == lines.owner_field);
    CHECK(dependents(program, payment.dependents[payment.find("state")->id]) == Names{"referenced order.paid"});
    CHECK(payment.row_dependents[0].by == payment.find("order")->id);
}

TEST_CASE("a formula's type is as nullable as what it reads") {
    Loaded loaded = load_text("{leat: 1, app: t, currency: CNY}\n---\n" + kOrder);
    REQUIRE(loaded.program);
    CHECK_FALSE(field(*loaded.program, "order", "total").type->nullable);
    CHECK_FALSE(field(*loaded.program, "order", "with_tax").type->nullable);
    CHECK_FALSE(field(*loaded.program, "order.lines", "amount").type->nullable);
    CHECK(field(*loaded.program, "order.lines", "share").type->nullable);  // a division
    CHECK(field(*loaded.program, "user", "email").type->nullable);
    CHECK_FALSE(field(*loaded.program, "user", "active").type->nullable);
}

TEST_CASE("a default that is an expression may be null itself") {
    Loaded loaded = load_text(
        "{leat: 1, app: t}\n---\nentity: e\nfields:\n  p: {type: ref, to: e}\n  a: {type: integer, default: = p.b}\n"
        "  b: {type: integer, default: = 1 + 2}\n  c: {type: integer, default: = c2}\n  c2: {type: integer, formula: "
        "c}\n");
    INFO(loaded.text());
    REQUIRE(loaded.program);
    CHECK(field(*loaded.program, "e", "a").type->nullable);
    CHECK_FALSE(field(*loaded.program, "e", "b").type->nullable);
    CHECK(field(*loaded.program, "e", "c").type->nullable);
    CHECK(field(*loaded.program, "e", "a").default_value);
}

TEST_CASE("a cycle of formulas is printed") {
    Loaded loaded = load_text(
        "{leat: 1, app: t, currency: CNY}\n---\nentity: order\nfields:\n"
        "  lines: {type: list, fields: {amount: {type: money, formula: order.total * 0.1}}}\n"
        "  total: {type: money, formula: sum(lines.amount)}\n  alone: {type: integer, formula: alone + 1}\n");
    CHECK_FALSE(loaded.program);
    INFO(loaded.text());
    CHECK(loaded.told("order.total → order.lines.amount → order.total"));
    CHECK(loaded.told("order.alone → order.alone"));
    CHECK(loaded.codes() == std::vector<std::string>{"6: program.formula.cycle", "7: program.formula.cycle"});
}

TEST_CASE("a decision that needs the formula that calls it is a cycle") {
    Loaded loaded = load_text(
        "{leat: 1, app: t}\n---\nentity: lead\nfields: {score: {type: integer, formula: points(this)}}\n---\n"
        "decision: points\nof: lead\noutputs: {points: integer}\nhit: first\ntable: |\n  | score | -> points |\n  | > "
        "1   | 2         |\n");
    CHECK_FALSE(loaded.program);
    CHECK(loaded.told("lead.score → lead.score"));
}

TEST_CASE("computed formulas may not stand where stored values must") {
    Loaded loaded = load_text(
        "{leat: 1, app: t}\nroles: {sales: Sales}\n---\nentity: lead\nfields:\n  made: {type: date}\n"
        "  age: {type: duration, formula: today() - made}\n  again: {type: boolean, formula: age > @\"P1D\", unique: "
        "true}\n"
        "index: [[age]]\nunique: [[made, age]]\nconstraints: [{assert: again}]\naccess: {sales: {read: again}}\n"
        "---\nrule: aged\nof: lead\nwhen: {changed: [age]}\ndo: [{set: {made: = today()}}]\n");
    CHECK_FALSE(loaded.program);
    INFO(loaded.text());
    size_t count = 0;
    for (const std::string& code : loaded.codes()) count += code.find("program.formula.computed") != std::string::npos;
    CHECK(count == 6);
    CHECK(loaded.told("'age' is computed on reading and cannot stand in an index: it reads the clock"));
}

TEST_CASE("formulas over other records, functions and keys are computed") {
    Loaded loaded = load_text(
        "{leat: 1, app: t}\n---\nfunctions:\n  plus: {params: {a: number, b: number}, formula: a + b}\n"
        "  open: {params: {u: user}, returns: integer, formula: 'count(records.task_item[owner = u])'}\n  region_of: "
        "{params: {ip: string}, returns: string}\n"
        "---\nentity: task_item\nkey: \"T-{seq}\"\nfields:\n  owner: {type: ref, to: user}\n  a: {type: integer, "
        "formula: 'plus(2, 3)'}\n"
        "  b: {type: integer, formula: open(owner)}\n  c: {type: string, formula: owner.name}\n  d: {type: string, "
        "formula: region_of(c)}\n"
        "  e: {type: string, formula: key}\n  f: {type: integer, formula: count(records.task_item)}\n  g: {type: "
        "string, formula: this.created_by}\n");
    INFO(loaded.text());
    REQUIRE(loaded.program);
    auto kind = [&](const char* name) { return field(*loaded.program, "task_item", name).formula_kind; };
    CHECK(kind("a") == FormulaKind::row);
    CHECK(kind("g") == FormulaKind::row);
    for (const char* name : {"b", "c", "d", "e", "f"}) CHECK(kind(name) == FormulaKind::computed);
}

TEST_CASE("a long chain of formulas loads") {
    std::string fields = "  f0: {type: integer, default: 1}\n";
    for (int i = 1; i < 400; ++i)
        fields += "  f" + std::to_string(i) + ": {type: integer, formula: f" + std::to_string(i - 1) + " + 1}\n";
    Loaded loaded = load_text("{leat: 1, app: t}\n---\nentity: e\nfields:\n" + fields);
    REQUIRE(loaded.program);
    CHECK(field(*loaded.program, "e", "f399").rank == 398);
}
