// What is wrong in a table is said where it stands, all of it at once.
#include "fixture.hpp"

using namespace leat;
using namespace leat::decision;
using feel::TypeKind;

namespace {

struct Deals : Fields {
    feel::EnumType regions{"lead.region", {{"east", {"华东"}}, {"north", {"华北"}}}};
    feel::TypeRef region = types().enumeration(&regions), num = types().basic(TypeKind::number);
    Deals() {
        add("amount", num);
        add("region", region);
    }
    Diagnostics check(const std::string& text, Hit hit, std::vector<feel::TypeRef> outputs,
                      std::vector<std::vector<std::string>> allowed = {}, bool* made = nullptr) {
        TableSource source = table_of(text, hit, outputs);
        source.allowed = std::move(allowed);
        Diagnostics diagnostics;
        auto table = compile(std::move(source), *this, {}, diagnostics);
        if (made) *made = table != nullptr;
        CHECK((table != nullptr) == !diagnostics.has_errors());
        return diagnostics;
    }
};

bool has(const Diagnostics& diagnostics, const std::string& code, uint32_t line, uint32_t column) {
    for (const Diagnostic& d : diagnostics.all()) {
        if (d.code == code && d.span.begin.line == line && d.span.begin.column == column) return true;
    }
    for (const Diagnostic& d : diagnostics.all()) {
        UNSCOPED_INFO(d.code << " at " << d.span.begin.line << ":" << d.span.begin.column << " " << d.message);
    }
    return false;
}

}  // namespace

TEST_CASE("bad cells, unknown names and wrong types are reported each where it stands") {
    Deals deals;
    Diagnostics d = deals.check(
        "amount | region | -> out\n"
        ">= amonut | east | 1\n"
        "[1..  | - | 2\n"
        "\"x\" | \"华东\" | 3\n"
        "- | south | bonus\n"
        "[1..  | - | \"text\"",
        Hit::first, {deals.num});
    CHECK(has(d, "feel.name.unknown", 2, 4));
    CHECK(has(d, "feel.syntax", 3, 5));
    CHECK(has(d, "feel.syntax", 6, 5));  // the same text in another row: said again
    CHECK(has(d, "feel.type.mismatch", 4, 1));
    CHECK(has(d, "feel.enum.unknown", 4, 7));
    CHECK(has(d, "feel.name.unknown", 5, 5));
    CHECK(has(d, "feel.name.unknown", 5, 13));
    CHECK(has(d, "feel.type.mismatch", 6, 13));
    CHECK(d.error_count() == 8);
}

TEST_CASE("an unknown header is one error, not one a row") {
    Deals deals;
    Diagnostics d = deals.check("amonut | -> out\n> 1 | 1\n> 2 | 2", Hit::first, {deals.num});
    CHECK(d.error_count() == 1);
    CHECK(has(d, "feel.name.unknown", 1, 1));
}

TEST_CASE("rows must fit the header") {
    Deals deals;
    Diagnostics d = deals.check("amount | region | -> out\n1 | - | 1\n2\n3 | - | 3 | 4", Hit::first, {deals.num});
    CHECK(has(d, "decision.columns", 3, 1));
    CHECK(has(d, "decision.columns", 4, 1));
    CHECK(d.all().front().message == "row 2 of decision 't' has 1 input cell, its header has 2");
    CHECK(d.error_count() == 3);  // row 2 lacks an input and an output
}

TEST_CASE("outputs and hit policies must fit each other") {
    Deals deals;
    CHECK(has(deals.check("amount\n1", Hit::first, {}), "decision.outputs", 1, 1));
    CHECK(has(deals.check("amount | -> a | -> b\n1 | 1 | 2", Hit::collect_sum, {deals.num, deals.num}),
              "decision.outputs", 1, 17));
    CHECK(has(deals.check("amount | -> a\n1 | 1", Hit::priority, {deals.num}), "decision.priority", 1, 1));
    CHECK(has(deals.check("amount | -> a\n1 | region", Hit::collect_sum, {deals.region}), "decision.aggregate", 2, 5));
    CHECK(deals.check("amount | -> a | -> b\n1 | 1 | 2", Hit::collect_count, {deals.num, deals.num}).all().empty());
}

TEST_CASE("rows behind one that takes everything are warned of, an empty table too") {
    Deals deals;
    bool made = false;
    Diagnostics d = deals.check("amount | region | -> out\n> 1 | - | 1\n- | - | 2\n> 2 | - | 3", Hit::first,
                                {deals.num}, {}, &made);
    CHECK(made);
    CHECK(has(d, "decision.row.unreachable", 4, 1));
    CHECK(deals.check("amount | -> out\n> 1 | 1\n- | 2", Hit::first, {deals.num}).all().empty());
    CHECK(deals.check("amount | -> out\n- | 1\n> 1 | 2", Hit::collect, {deals.num}).all().empty());
    d = deals.check("amount | -> out", Hit::first, {deals.num}, {}, &made);
    CHECK(made);
    CHECK(has(d, "decision.empty", 1, 1));
}

TEST_CASE("types of answers") {
    Deals deals;
    auto type = [&](const char* text, Hit hit) { return compiled(table_of(text, hit, {deals.num}), deals)->type(); };
    CHECK_FALSE(type("amount | -> out\n> 1 | 1\n- | 2", Hit::first)->nullable);
    CHECK(type("amount | -> out\n> 1 | 1\n- | null", Hit::first)->nullable);
    CHECK(type("amount | -> out\n> 1 | 1", Hit::first)->nullable);
    CHECK(type("amount | -> out\n- | 1", Hit::unique)->nullable);
    CHECK_FALSE(type("amount | -> out\n> 1 | 1", Hit::collect_count)->nullable);
    CHECK_FALSE(type("amount | -> out\n> 1 | 1", Hit::collect)->nullable);
    auto two = compiled(table_of("amount | -> a | -> b\n> 1 | 1 | east", Hit::first, {deals.num, deals.region}), deals);
    REQUIRE(two->type()->kind == TypeKind::context);
    CHECK(two->type()->members[1].name == "b");
    Asked a;
    CHECK(a.text(*two, {number("2"), Value()}) == R"({"a":1,"b":"east"})");
}

TEST_CASE("more columns than fit on the stack, and a table without inputs") {
    Fields fields;
    std::string header, row;
    std::vector<Value> values;
    for (int i = 0; i < 40; ++i) {
        fields.add("f" + std::to_string(i), fields.types().basic(TypeKind::number));
        header += "f" + std::to_string(i) + " | ";
        row += ">= " + std::to_string(i) + " | ";
        values.push_back(Value::number(Decimal(i)));
    }
    Asked a;
    auto wide = compiled(
        table_of(header + "-> out\n" + row + "1", Hit::unique, {fields.types().basic(TypeKind::number)}), fields);
    CHECK(a.text(*wide, values) == "1");
    values[39] = number("38.9");
    CHECK(a.text(*wide, values) == "null");
    auto none = compiled(table_of("-> out\n7", Hit::unique, {fields.types().basic(TypeKind::number)}), fields);
    CHECK(a.text(*none, values) == "7");
}
