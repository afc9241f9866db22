// Cells that are read straight into the checked tree, against the way through parser and checker.
#include <cstdlib>
#include <iostream>
#include <random>

#include "catch.hpp"
#include "fake_scope.hpp"
#include "feel/ast.hpp"
#include "feel/simple_tests.hpp"

using namespace fake;
using feel::ast::Node;

namespace {

void same_tree(const Node* a, const Node* b) {
    CHECK(a->kind == b->kind);
    CHECK(a->op == b->op);
    CHECK(a->low_closed == b->low_closed);
    CHECK(a->high_closed == b->high_closed);
    CHECK(a->height == b->height);
    CHECK(a->begin == b->begin);
    CHECK(a->end == b->end);
    CHECK(a->text == b->text);
    CHECK(a->type == b->type);
    CHECK(value::identical(a->constant, b->constant));
    REQUIRE(a->children.size() == b->children.size());
    for (size_t i = 0; i < a->children.size(); i++) same_tree(a->children[i], b->children[i]);
}

// Whether the cell was a simple one; the two ways are compared.
bool compare(World& world, const std::string& cell, TypeRef type) {
    INFO(cell << " in a column of " << feel::describe(type));
    feel::Lexer lexer;
    feel::Tree tree;
    bool simple = lexer.run(cell) && feel::simple_tests(lexer.tokens(), type, tree, world.scope.types());
    feel::CompileOptions options;
    Diagnostics first, second;
    Text text = text_of(cell);
    auto made = feel::compile_unary_tests(text, type, world.scope, options, first);
    options.warn_nullable_condition = true;  // which only the checker can tell
    auto checked = feel::compile_unary_tests(text, type, world.scope, options, second);
    REQUIRE((made != nullptr) == (checked != nullptr));
    if (!made) {
        CHECK_FALSE(simple);
        CHECK(first.all()[0].message == second.all()[0].message);
        return false;
    }
    same_tree(made->tree(), checked->tree());
    CHECK(made->type() == checked->type());
    CHECK(made->is_constant() == checked->is_constant());
    for (const Value& input : {Value(), Value::number(Decimal(5)), Value::number(*Decimal::parse("-2.5")),
                               Value::number(Decimal(100)), Value::string("华东"), Value::string("5")}) {
        feel::Frame frame = world.frame();
        CHECK(value::identical(made->evaluate(frame, input), checked->evaluate(frame, input)));
    }
    return simple;
}

}  // namespace

TEST_CASE("feel: simple cells are what parser and checker make of them") {
    World world;
    feel::Types& types = world.scope.types();
    TypeRef number = types.basic(TypeKind::number, false), text = types.basic(TypeKind::string);
    CHECK(compare(world, "[0..100), 150, > 1000", number));
    CHECK(compare(world, "-5", types.basic(TypeKind::number)));
    CHECK(compare(world, "]-2.5 .. 1e2[ , != 7, = -1, <= .5 // 说明", types.money("CNY", 2)));
    CHECK(compare(world, R"("华东", "a\"b")", text));
    CHECK(compare(world, R"("5", 5, (1..6])", types.basic(TypeKind::any)));
    // Anything else is left to them, wrong ones included.
    for (const char* cell :
         {"-", "not(1)", "5 + 1", "[1, 2]", "[1..2] in ?", "(> 5)", "1,", "[1..2", "> 1 2", "--5", "null", "\"a\"",
          "1 2", "[5..?]", "> \"a\"", "99999999999999999999999999999999999999e9999"})
        CHECK_FALSE(compare(world, cell, number));
    for (const char* cell : {"5", "[1..2]", "> \"a\"", "starts with(?, \"a\")", "\"a\" + \"b\"", "\"a"})
        CHECK_FALSE(compare(world, cell, text));
    CHECK_FALSE(compare(world, "open, won", world.scope.status_type()));
}

TEST_CASE("feel: random cells are what parser and checker make of them", "[random]") {
    const char* given = std::getenv("LEAT_TEST_SEED");
    uint64_t seed = given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
    std::cout << "simple tests seed " << seed << " (LEAT_TEST_SEED repeats it)\n";
    std::mt19937_64 random(seed);
    World world;
    feel::Types& types = world.scope.types();
    const TypeRef columns[] = {types.basic(TypeKind::number), types.basic(TypeKind::number, false),
                               types.basic(TypeKind::string), types.basic(TypeKind::any), types.money("CNY", 2)};
    const char* pieces[] = {"1",  "5",  "-",  "100.50", "\"华东\"", "\"\"", "[",  "(",    "]",      ")", "..",
                            ", ", ", ", "> ", "<=",     "!=",       "= ",   "? ", "null", "not(5)", " "};
    const char* tests[] = {"1",   "-2.5",    "[1..5)",   "(-3 .. 100]", "]1..5[",
                           "> 5", "!= -2.5", "\"华东\"", "\"5\"",       "= 5"};
    int simple = 0;
    for (int i = 0; i < 4000; i++) {
        std::string cell;
        bool broken = random() % 3 == 0;
        for (uint64_t n = 1 + random() % 5; n > 0; n--) {
            if (broken)
                cell += pieces[random() % std::size(pieces)];
            else
                cell += (cell.empty() ? "" : ", ") + std::string(tests[random() % std::size(tests)]);
        }
        simple += compare(world, cell, columns[random() % std::size(columns)]);
    }
    CHECK(simple > 400);
}
