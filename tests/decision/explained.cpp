// Defaults, many decisions at once, and why an answer came out.
#include <fmt/format.h>

#include "decision/explain.hpp"
#include "fixture.hpp"

using namespace leat;
using namespace leat::decision;
using feel::TypeKind;

namespace {

struct Shop : Fields {
    feel::TypeRef num = types().basic(TypeKind::number), str = types().basic(TypeKind::string);
    Shop() {
        add("amount", num);
        add("region", str);
    }
};

std::vector<uint32_t> numbers(std::span<const uint32_t> rows) {
    return {rows.begin(), rows.end()};
}

constexpr const char* kDiscounts =
    "amount | region | -> rate\n"
    "< 100 | - | 0\n"
    "[100..1000) | \"east\" | 0.1\n"
    "[100..1000) | \"west\" | 0.2\n"
    ">= 1000 | not(\"east\") | 0.3";

TableSource with_defaults(TableSource source, const std::vector<std::string>& defaults) {
    for (size_t i = 0; i < defaults.size(); ++i) {
        if (!defaults[i].empty()) source.outputs[i].default_value = text_at(defaults[i], 1, 1);
    }
    return source;
}

}  // namespace

TEST_CASE("where no row matches the outputs have their defaults") {
    Shop shop;
    Asked a;
    auto one = compiled(with_defaults(table_of("amount | -> x\n> 5 | 1", Hit::unique, {shop.num}), {"-1"}), shop);
    CHECK(a.text(*one, {number("6"), Value()}) == "1");
    CHECK(a.text(*one, {number("5"), Value()}) == "-1");
    Match match;
    std::vector<Value> row = {number("5"), Value()};
    a.frame.row = row.data();
    one->decide(a.frame, &match);
    CHECK(match.default_used);
    CHECK(match.rows.empty());

    auto two =
        compiled(with_defaults(table_of("amount | -> x | -> y\n> 5 | 1 | \"a\"", Hit::first, {shop.num, shop.str}),
                               {"", "\"none \" + region"}),
                 shop);
    CHECK(a.text(*two, {number("5"), Value::string("east")}) == R"({"x":null,"y":"none east"})");

    for (bool letter : {false, true}) {
        TableSource source = with_defaults(table_of("amount | -> x\n> 5 | 1", Hit::collect, {shop.num}), {"0"});
        source.none_is_null = letter;
        CHECK(a.text(*compiled(source, shop), {number("5"), Value()}) == (letter ? "0" : "[0]"));
        source.outputs[0].default_value = {};
        CHECK(a.text(*compiled(source, shop), {number("5"), Value()}) == (letter ? "null" : "[]"));
        source.hit = Hit::collect_count;
        CHECK(a.text(*compiled(source, shop), {number("5"), Value()}) == (letter ? "null" : "0"));
    }
    auto sum = compiled(with_defaults(table_of("amount | -> x\n> 5 | 1", Hit::collect_sum, {shop.num}), {"7"}), shop);
    CHECK(a.text(*sum, {number("5"), Value()}) == "7");
    auto clash =
        compiled(with_defaults(table_of("amount | -> x\n> 5 | 1\n> 6 | 2", Hit::unique, {shop.num}), {"7"}), shop);
    CHECK(a.ask(*clash, {number("8"), Value()}).null_reason->code == "decision.conflict");
}

TEST_CASE("a default must fit its output") {
    Shop shop;
    Diagnostics diagnostics;
    CHECK_FALSE(compile(with_defaults(table_of("amount | -> x\n> 5 | 1", Hit::first, {shop.num}), {"\"text\""}), shop,
                        {}, diagnostics));
    CHECK(diagnostics.all().front().code == "feel.type.mismatch");
}

TEST_CASE("many decisions answer what one after the other does") {
    Shop shop;
    Asked a;
    auto t = compiled(table_of(kDiscounts, Hit::unique, {shop.num}), shop);
    std::vector<Value> amounts, regions, rows;
    for (int i = 0; i < 40; ++i) {
        amounts.push_back(i % 7 == 0 ? Value() : Value::number(i * 50));
        regions.push_back(Value::string(i % 3 == 0 ? "east" : i % 3 == 1 ? "west" : "north"));
        rows.push_back(amounts.back());
        rows.push_back(regions.back());
    }
    std::vector<Value> by_column(40), by_row(40);
    std::vector<std::span<const Value>> columns = {amounts, regions};
    t->decide_many(a.frame, columns, by_column);
    t->decide_many(a.frame, rows, by_row);
    size_t answered = 0;
    for (size_t i = 0; i < 40; ++i) {
        Value one = t->decide(a.frame, std::span<const Value>(rows).subspan(i * 2, 2));
        CHECK(value::identical(one, by_column[i]));
        CHECK(value::identical(one, by_row[i]));
        answered += !one.is_null();
    }
    CHECK(answered > 10);
}

TEST_CASE("of many decisions one that meets a limit is null with the reason, the others go on") {
    Shop shop;
    Asked a;
    auto t = compiled(table_of("amount | -> n\n> 10 | count(for i in 1..amount * 10000 return i)\n<= 10 | amount",
                               Hit::first, {shop.num}),
                      shop);
    uint64_t steps = 1000;
    a.frame.steps_left = &steps;
    std::vector<Value> row = {number("3"), Value()};
    a.frame.row = row.data();
    std::vector<Value> inputs = {number("1"), number("11"), number("2")}, answers(3);
    t->decide_many(a.frame, inputs, answers);
    CHECK(answers[0].as_number() == Decimal(3));
    REQUIRE(answers[1].is_null());
    CHECK(answers[1].null_reason->code == "limit.steps");
    CHECK(answers[2].as_number() == Decimal(3));
}

TEST_CASE("a constant that takes long is no burden at load: whoever asks pays with his fuel") {
    Shop shop;
    Asked a;
    auto t = compiled(table_of("amount | -> n\n- | count(for i in 1..100000 return i)", Hit::first, {shop.num}), shop);
    CHECK(a.text(*t, {number("3"), Value()}) == "100000");
    uint64_t steps = 1000;
    a.frame.steps_left = &steps;
    CHECK_THROWS_AS(a.ask(*t, {number("3"), Value()}), LimitError);
}

TEST_CASE("an explanation holds inputs, rows, cells and the nearest misses") {
    Shop shop;
    Asked a;
    TableSource source = table_of(kDiscounts, Hit::unique, {shop.num});
    source.inputs[1].allowed = text_at("\"east\", \"west\"", 1, 1);
    source.rows[2].annotation = "the west pays less";
    auto t = compiled(source, shop);
    std::vector<Value> inputs = {number("500"), Value::string("west")};
    Explanation e = explain(*t, a.frame, inputs);
    CHECK(e.answer.as_number() == *Decimal::parse("0.2"));
    CHECK(numbers(e.used) == std::vector<uint32_t>{2});
    REQUIRE(e.matched.size() == 1);
    CHECK(e.matched[0].cells[1].text == "\"west\"");
    CHECK(e.matched[0].cells[1].holds);
    CHECK(e.matched[0].outputs[0].as_number() == *Decimal::parse("0.2"));
    CHECK(e.not_allowed.empty());
    REQUIRE(e.nearest.size() == 3);  // each fails in one cell
    CHECK(e.nearest[0].row == 0);
    CHECK(e.nearest[0].failed == 1);
    CHECK_FALSE(e.nearest[0].cells[0].holds);
    CHECK(e.nearest[0].cells[1].holds);
    CHECK(describe(e, *t) ==
          "decision 't' (hit policy unique) answers 0.2 by row 3\n"
          "input amount = 500\n"
          "input region = \"west\"\n"
          "row 3 matches: rate = 0.2\n"
          "  why: the west pays less\n"
          "  amount is 500, which meets '[100..1000)'\n"
          "  region is \"west\", which meets '\"west\"'\n"
          "nearest misses:\n"
          "row 1 fails in 1 cell\n"
          "  amount is 500, which does not meet '< 100'\n"
          "row 2 fails in 1 cell\n"
          "  region is \"west\", which does not meet '\"east\"'\n"
          "row 4 fails in 1 cell\n"
          "  amount is 500, which does not meet '>= 1000'\n");
}

TEST_CASE("an explanation of no row, of a conflict, and of a value that is not allowed") {
    Shop shop;
    Asked a;
    TableSource source = table_of(kDiscounts, Hit::unique, {shop.num});
    source.inputs[1].allowed = text_at("\"east\", \"west\"", 1, 1);
    auto t = compiled(source, shop);
    std::vector<Value> inputs = {number("2000"), Value::string("east")};
    Explanation none = explain(*t, a.frame, inputs, 1);
    CHECK(none.answer.is_null());
    CHECK(none.matched.empty());
    CHECK(none.used.empty());
    REQUIRE(none.nearest.size() == 1);
    CHECK(none.nearest[0].row == 0);  // rows 1, 2 and 4 all fail in one cell; table order decides
    CHECK(explain(*t, a.frame, inputs, 0).nearest.empty());
    inputs = {number("5"), Value::string("moon")};
    Explanation odd = explain(*t, a.frame, inputs);
    CHECK(numbers(odd.not_allowed) == std::vector<uint32_t>{1});
    CHECK(describe(odd, *t).find("region is \"moon\", which its allowed values '\"east\", \"west\"' do not hold") !=
          std::string::npos);
    auto clash = compiled(table_of("amount | -> x\n> 1 | 1\n> 2 | 2\n> 9 | 3", Hit::unique, {shop.num}), shop);
    inputs = {number("5")};
    Explanation conflict = explain(*clash, a.frame, inputs);
    CHECK(conflict.conflict);
    CHECK(conflict.matched.size() == 2);
    CHECK(conflict.used.empty());
    CHECK(describe(conflict, *clash).find("rows 1, 2 of decision 't' match at once") == 0);
}

TEST_CASE("an explanation names the rows in the order in which the policy uses them") {
    Shop shop;
    Asked a;
    TableSource source =
        table_of("amount | -> x\n> 1 | \"b\"\n> 2 | \"a\"\n> 3 | \"b\"", Hit::output_order, {shop.str});
    source.allowed = {{"a", "b"}};
    std::vector<Value> inputs = {number("5")};
    CHECK(numbers(explain(*compiled(source, shop), a.frame, inputs).used) == std::vector<uint32_t>{1, 0, 2});
    source.hit = Hit::priority;
    Explanation e = explain(*compiled(source, shop), a.frame, inputs);
    CHECK(numbers(e.used) == std::vector<uint32_t>{1});
    CHECK(e.matched.size() == 3);
    source.hit = Hit::first;
    e = explain(*compiled(source, shop), a.frame, inputs);
    CHECK(numbers(e.used) == std::vector<uint32_t>{0});
    CHECK(e.matched.size() == 3);  // also those that it passes over
}
