// Nothing that is written can hang, overflow or allocate without bound; and plain conditions allocate nothing.
#include "catch.hpp"
#include "fake_scope.hpp"
#include "feel/standalone.hpp"

using namespace fake;

uint64_t allocation_count();

namespace {

std::string evaluate(const std::string& source, uint64_t steps = 1'000'000) {
    Arena arena(64u << 20);
    feel::StandaloneOptions options;
    options.limits.steps_max = steps;
    options.limits.list_items_max = 10'000;
    auto result = feel::evaluate_text(source, Value(), nullptr, arena, options);
    return result ? value::to_text(*result) : result.error().code;
}

std::string repeat(const std::string& text, int count) {
    std::string out;
    for (int i = 0; i < count; i++) out += text;
    return out;
}

}  // namespace

TEST_CASE("feel: nesting and size are bounded") {
    CHECK(evaluate(repeat("(", 50) + "1" + repeat(")", 50)) == "1");
    CHECK(evaluate(repeat("(", 100'000) + "1" + repeat(")", 100'000)) == "feel.limit");
    CHECK(evaluate(repeat("[", 100'000)) == "feel.limit");
    CHECK(evaluate(repeat("-", 100'000) + "1") == "feel.limit");
    CHECK(evaluate(repeat("{a: ", 100'000)) == "feel.limit");
    CHECK(evaluate(repeat("if true then ", 100'000)) == "feel.limit");
    CHECK(evaluate(repeat("for x in ", 100'000)) == "feel.limit");
    CHECK(evaluate(repeat("not(", 100'000)) == "feel.limit");
    CHECK(evaluate(repeat("function(x) ", 100'000) + "1") == "feel.limit");
    CHECK(evaluate("1" + repeat(" + 1", 900)) == "901");
    CHECK(evaluate("1" + repeat(" + 1", 100'000)) == "feel.limit");
    CHECK(evaluate("true" + repeat(" and true", 100'000)) == "feel.limit");
    CHECK(evaluate("[1]" + repeat("[1]", 100'000)) == "feel.limit");
    CHECK(evaluate("{a: 1}" + repeat(".a", 100'000)) == "feel.limit");
    CHECK(evaluate("1" + repeat(" in 1", 100'000)) == "feel.limit");
    feel::StandaloneOptions options;
    options.limits.source_bytes_max = 10;
    Arena arena;
    auto result = feel::evaluate_text("1 + 1 + 1 + 1", Value(), nullptr, arena, options);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == "feel.limit");
}

TEST_CASE("feel: running is bounded") {
    CHECK(evaluate("count(for x in 1..100000 return x)") == "limit.list");
    CHECK(evaluate("some x in 1..1000000000 satisfies x < 0") == "limit.steps");
    CHECK(evaluate("for x in 1..1000000, y in 1..1000000 return 1", 10'000) == "limit.steps");
    CHECK(evaluate("every x in 1..9000 satisfies sum(for y in 1..9000 return y) > 0") == "limit.steps");
    CHECK(evaluate("for x in 1..9223372036854775807 return x") == "");
    CHECK(evaluate("{f: function(g) g(g), y: f(f)}") == "limit.depth");
    CHECK(evaluate("count(for x in 1..9000 return 1)") == "9000");
    CHECK(evaluate("sort(for x in 1..9000 return 0 - x, function(a, b) true)[1]").size() > 0);
}

TEST_CASE("feel: values that share their parts cannot grow without bound") {
    CHECK(evaluate("count(for x in 1..5000 return [partial[-1]])").substr(0, 6) == "limit.");
    CHECK(evaluate("count(for x in 1..5000 return {a: partial[-1]})").substr(0, 6) == "limit.");
    CHECK(evaluate("count(for x in 1..5000 return reverse([partial[-1]]))").substr(0, 6) == "limit.");
    CHECK(evaluate("(for x in 1..100 return [partial[-1], partial[-1]])[-1] = 1") == "feel.type.mismatch");
    CHECK(evaluate("string(for x in 1..100 return [partial[-1], partial[-1]])") == "limit.memory");
    CHECK(evaluate("string length(string join(for x in 1..9000 return string(for y in 1..9000 return y)))",
                   1'000'000'000) == "limit.memory");
    CHECK(
        evaluate(
            "count(for x in 1..40 return \"ab\" + get or else(partial[-1], \"\") + get or else(partial[-1], \"\"))") ==
        "limit.memory");
}

TEST_CASE("feel: conditions allocate nothing") {
    World world;
    for (const char* source :
         {"amount >= 1000 and status = \"open\"", "ratio < 0.8 or amount > settings.limit",
          "amount * ratio - 10 > threshold", "status in (\"won\", \"open\") and placed_on > @\"2026-01-01\"",
          "customer.name = \"Ada\" and ratio in [0.5..1)", "if note = null then amount > 1 else false",
          "count(lines) > 1 and amount between 1 and 5000"}) {
        INFO(source);
        auto expression = world.compile(source);
        REQUIRE(expression);
        feel::Frame frame = world.frame();
        REQUIRE(expression->evaluate(frame).is_true() | true);
        size_t arena_before = world.arena.bytes();
        uint64_t before = allocation_count();
        int yes = 0;
        for (int i = 0; i < 1000; i++) yes += expression->evaluate(frame).is_true();
        uint64_t after = allocation_count();
        CHECK(after - before == 0);
        CHECK(world.arena.bytes() == arena_before);
        CHECK(yes % 1000 == 0);
    }
}
