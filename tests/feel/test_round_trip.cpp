// What is parsed and written out again means the same, and is written the same way ever after.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "catch.hpp"
#include "feel/expression.hpp"
#include "random_expressions.hpp"
#include "tree_text.hpp"

using namespace leat;
using random_expressions::LocalScope;
using random_expressions::Writer;

namespace {

std::unique_ptr<feel::Expression> compile(const std::string& text, const feel::Scope& scope) {
    Text source;
    source.text = text;
    Diagnostics diagnostics;
    return feel::compile(source, scope, {}, diagnostics);
}

Value evaluate(const feel::Expression& expression, Arena& arena) {
    static const Value xs[] = {Value::number(Decimal(1)), Value(), Value::number(Decimal::make(25, -1))};
    static const value::ContextEntry entries[] = {{"v", Value::number(Decimal(3))}, {"w", Value::string("x")}};
    static const value::ContextData data{entries, 2};
    static const Value cs[] = {Value::context_of(&data)};
    static const Value locals[] = {Value::number(Decimal(2)), Value(),
                                   Value::string("x"),        Value::boolean(true),
                                   Value::list(xs, 3),        Value::list(cs, 1)};
    feel::Frame frame;
    frame.locals = locals;
    frame.arena = &arena;
    return expression.evaluate(frame);
}

// False when the text is no expression of the scope, or asks the time.
bool round_trip(const std::string& text, const feel::Scope& scope) {
    auto first = compile(text, scope);
    if (!first || first->reads().clock) return false;
    std::string written = tree_text::Printer().print(first->tree());
    INFO(text << "\nwritten " << written);
    auto second = compile(written, scope);
    REQUIRE(second);
    CHECK(tree_text::Printer().print(second->tree()) == written);
    Arena arena;
    Value a = evaluate(*first, arena), b = evaluate(*second, arena);
    if (a.kind == Kind::function) return b.kind == Kind::function;
    INFO(value::to_text(a) << " and " << value::to_text(b));
    CHECK(value::identical(a, b));
    return true;
}

}  // namespace

TEST_CASE("feel: random expressions survive being written out") {
    const char* given = std::getenv("LEAT_TEST_SEED");
    uint64_t seed = given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
    std::cout << "feel round trip seed " << seed << " (LEAT_TEST_SEED repeats it)\n";
    INFO("seed " << seed);
    LocalScope scope;
    Writer writer(seed);
    for (int i = 0; i < 1500; i++) {
        REQUIRE(round_trip(i % 3 == 0 ? writer.boolean(3) : i % 3 == 1 ? writer.number(3) : writer.list(3), scope));
    }
}

TEST_CASE("feel: the tables' expressions survive being written out") {
    LocalScope scope;
    int done = 0;
    for (const auto& entry : std::filesystem::directory_iterator(std::string(LEAT_SOURCE_DIR) + "/tests/feel")) {
        if (entry.path().extension() != ".txt") continue;
        std::ifstream file(entry.path());
        for (std::string line; std::getline(file, line);) {
            if (line.empty() || line[0] == '#') continue;
            done += round_trip(line.substr(0, line.find(" | ")), scope);
        }
    }
    CHECK(done > 400);
}
