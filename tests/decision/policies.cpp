// Every hit policy, what it answers for nothing, one, several and conflicting rows, and what is explained.
#include "fixture.hpp"

using namespace leat;
using namespace leat::decision;
using feel::TypeKind;

namespace {

struct Shop : Fields {
    feel::TypeRef num = types().basic(TypeKind::number), str = types().basic(TypeKind::string);
    Shop() {
        add("x", num);
        add("s", str);
    }
    std::unique_ptr<Table> table(const std::string& text, Hit hit, std::vector<feel::TypeRef> outputs,
                                 std::vector<std::vector<std::string>> allowed = {}) {
        TableSource source = table_of(text, hit, outputs);
        source.allowed = std::move(allowed);
        return compiled(std::move(source), *this);
    }
};

const char* const kOverlapping =
    "x | s | -> out\n"
    "< 10 | - | \"low\"\n"
    ">= 5 | \"a\", \"b\" | \"mid\"\n"
    "[3..7] | - | \"low\"\n"
    "> 100 | \"z\" | \"high\"";

std::vector<uint32_t> rows(std::initializer_list<uint32_t> list) {
    return list;
}

}  // namespace

TEST_CASE("unique: one row or a conflict that names them") {
    Shop shop;
    Asked a;
    auto t = shop.table(kOverlapping, Hit::unique, {shop.str});
    CHECK(a.text(*t, {number("9"), Value::string("q")}) == "\"low\"");
    CHECK(a.text(*t, {number("101"), Value::string("z")}) == "\"high\"");
    Value none = a.ask(*t, {number("50"), Value::string("q")});
    REQUIRE(none.is_null());
    CHECK(none.null_reason->code == "decision.none");
    Value conflict = a.ask(*t, {number("6"), Value::string("a")}, true);
    REQUIRE(conflict.is_null());
    CHECK(conflict.null_reason->code == "decision.conflict");
    CHECK(conflict.null_reason->text == "rows 1, 2, 3 of decision 't' match at once, but its hit policy is unique");
    CHECK(a.match.conflict);
    CHECK(a.match.rows == rows({0, 1, 2}));
}

TEST_CASE("any: rows may overlap as long as they agree") {
    Shop shop;
    Asked a;
    auto t = shop.table(kOverlapping, Hit::any, {shop.str});
    CHECK(a.text(*t, {number("4"), Value::string("q")}) == "\"low\"");  // rows 1 and 3 agree
    a.ask(*t, {number("4"), Value::string("q")}, true);
    CHECK_FALSE(a.match.conflict);
    CHECK(a.match.rows == rows({0, 2}));
    Value conflict = a.ask(*t, {number("6"), Value::string("b")}, true);
    CHECK(conflict.null_reason->code == "decision.conflict");
    CHECK(std::string(conflict.null_reason->text).find("different outputs") != std::string::npos);
    CHECK(a.match.conflict);
}

TEST_CASE("first: the first in table order") {
    Shop shop;
    Asked a;
    auto t = shop.table(kOverlapping, Hit::first, {shop.str});
    CHECK(a.text(*t, {number("6"), Value::string("a")}) == "\"low\"");
    CHECK(a.text(*t, {number("12"), Value::string("a")}) == "\"mid\"");
    CHECK(a.ask(*t, {number("12"), Value::string("q")}).null_reason->code == "decision.none");
    CHECK(a.ask(*t, {number("6"), Value::string("a")}, true).as_string() == "low");
    CHECK(a.match.rows == rows({0}));
    CHECK_FALSE(a.match.conflict);
}

TEST_CASE("rule order and collect: lists in table order, empty for nothing") {
    Shop shop;
    Asked a;
    for (Hit hit : {Hit::rule_order, Hit::collect}) {
        auto t = shop.table(kOverlapping, hit, {shop.str});
        CHECK(a.text(*t, {number("6"), Value::string("a")}) == R"(["low","mid","low"])");
        CHECK(a.text(*t, {number("50"), Value::string("q")}) == "[]");
        CHECK(t->type()->kind == TypeKind::list);
    }
}

TEST_CASE("priority and output order go by the listed values, then by table order") {
    Shop shop;
    Asked a;
    const char* text =
        "x | -> grade | -> why\n"
        "> 0 | \"c\" | \"row 1\"\n"
        "> 1 | \"a\" | \"row 2\"\n"
        "> 2 | \"b\" | \"row 3\"\n"
        "> 3 | \"a\" | \"row 4\"\n"
        "> 4 | if x > 5 then \"a\" else \"unlisted\" | \"row 5\"";
    std::vector<std::vector<std::string>> allowed = {{"a", "b", "c"}, {}};
    auto t = shop.table(text, Hit::priority, {shop.str, shop.str}, allowed);
    CHECK(a.text(*t, {number("1"), Value()}) == R"({"grade":"c","why":"row 1"})");
    CHECK(a.text(*t, {number("4"), Value()}) == R"({"grade":"a","why":"row 2"})");
    CHECK(a.ask(*t, {number("0"), Value()}).null_reason->code == "decision.none");
    auto o = shop.table(text, Hit::output_order, {shop.str, shop.str}, allowed);
    auto order = [&](const char* x) {
        std::string out;
        for (const Value& item : a.ask(*o, {number(x), Value()}).as_list()) {
            out += std::string(item.context->find("why")->as_string()).substr(4);
        }
        return out;
    };
    CHECK(order("4") == "2431");
    CHECK(order("5") == "24315");  // what is not listed comes last
    CHECK(order("6") == "24531");
    CHECK(order("0") == "");
}

TEST_CASE("collect with aggregates") {
    Shop shop;
    Asked a;
    const char* text =
        "x | -> points\n"
        "> 0 | 20\n"
        "> 1 | 30.5\n"
        "> 2 | x * 2\n"
        "> 9 | null";
    auto ask = [&](Hit hit, const char* x) { return a.text(*shop.table(text, hit, {shop.num}), {number(x), Value()}); };
    CHECK(ask(Hit::collect_sum, "2") == "50.5");
    CHECK(ask(Hit::collect_sum, "3") == "56.5");
    CHECK(ask(Hit::collect_sum, "0") == "null");
    CHECK(ask(Hit::collect_sum, "10") == "null");  // as sum([20, 30.5, 20, null]) is
    CHECK(ask(Hit::collect_min, "3") == "6");
    CHECK(ask(Hit::collect_max, "3") == "30.5");
    CHECK(ask(Hit::collect_max, "0") == "null");
    CHECK(ask(Hit::collect_count, "3") == "3");
    CHECK(ask(Hit::collect_count, "0") == "0");
    CHECK(ask(Hit::collect, "2") == "[20,30.5]");
}

TEST_CASE("null: a null cell takes null only, no value test takes it, not() does") {
    Shop shop;
    Asked a;
    auto t = shop.table(
        "x | s | -> out\n"
        "null | - | \"no x\"\n"
        "< 5 | not(\"a\") | \"small, not a\"\n"
        "- | null, \"b\" | \"b or none\"\n"
        "!= null | - | \"x\"",
        Hit::rule_order, {shop.str});
    CHECK(a.text(*t, {Value(), Value::string("a")}) == R"(["no x"])");
    CHECK(a.text(*t, {Value(), Value()}) == R"(["no x","b or none"])");
    CHECK(a.text(*t, {number("1"), Value()}) == R"(["small, not a","b or none","x"])");
    CHECK(a.text(*t, {number("1"), Value::string("a")}) == R"(["x"])");
    CHECK_FALSE(t->reads_null_unsafe());  // both columns have a row for null
    CHECK(shop.table("x | -> out\n< 5 | \"a\"\n> 7 | \"b\"", Hit::unique, {shop.str})->reads_null_unsafe());
    CHECK_FALSE(shop.table("x | -> out\n< 5 | \"a\"\n- | \"b\"", Hit::first, {shop.str})->reads_null_unsafe());
}

TEST_CASE("hit policies are spelled as DMN spells them") {
    Hit hit = Hit::any;
    for (const char* name : {"unique", "any", "first", "priority", "rule order", "output order", "collect",
                             "collect sum", "collect min", "collect max", "collect count"}) {
        REQUIRE(parse_hit(name, hit));
        CHECK(hit_name(hit) == name);
    }
    hit = Hit::any;
    CHECK_FALSE(parse_hit("Unique", hit));
    CHECK_FALSE(parse_hit("", hit));
    CHECK(hit == Hit::any);
}

TEST_CASE("a table takes fuel and stops when it is used up") {
    Shop shop;
    Asked a;
    auto t = shop.table(kOverlapping, Hit::unique, {shop.str});
    uint64_t steps = 3;
    a.frame.steps_left = &steps;
    CHECK_THROWS_AS(a.ask(*t, {number("9"), Value::string("q")}), LimitError);
    CHECK(steps == 0);
}
