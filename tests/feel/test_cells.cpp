// Table cells, templates and durations.
#include "catch.hpp"
#include "fake_scope.hpp"
#include "feel/duration_literal.hpp"

using namespace fake;

namespace {

// "true", "false", "null", or the first fault.
std::string cell(World& world, std::string_view source, TypeRef type, const Value& input) {
    world.diagnostics = {};
    feel::CompileOptions options;
    options.self = world.scope.types().record(kOrder, false);
    auto tests = feel::compile_unary_tests(text_of(source), type, world.scope, options, world.diagnostics);
    if (!tests) return world.diagnostics.all()[0].code + " " + world.diagnostics.all()[0].hint;
    feel::Frame frame = world.frame();
    Value value = tests->evaluate(frame, input);
    return value.is_null() ? "null" : value::to_text(value);
}

}  // namespace

TEST_CASE("feel: cells of a decision table") {
    World world;
    TypeRef number = world.scope.types().basic(TypeKind::number, false);
    TypeRef nullable = world.scope.types().basic(TypeKind::number);
    auto on = [&](std::string_view source, int64_t value) {
        return cell(world, source, number, Value::number(Decimal(value)));
    };
    CHECK(on("-", 3) == "true");
    CHECK(on(">= settings.limit", 500) == "true");
    CHECK(on("< 0.8", 1) == "false");
    CHECK(on("[1..5)", 5) == "false");
    CHECK(on("[1..5)", 1) == "true");
    CHECK(on("(1..5]", 5) == "true");
    CHECK(on("1, 3, 5", 3) == "true");
    CHECK(on("not(1, 2)", 3) == "true");
    CHECK(on("not(1, 2)", 2) == "false");
    CHECK(on("< 2, > 4", 3) == "false");
    CHECK(on("? > 1 and ? < 4", 3) == "true");
    CHECK(on("modulo(?, 2) = 0", 3) == "false");
    CHECK(on("threshold", 5) == "true");
    CHECK(on("!= 5", 5) == "false");
    CHECK(on("[1, 2, 3]", 2) == "true");
    CHECK(on("\"x\"", 3) == "feel.type.mismatch write the number without quotes");
    CHECK(cell(world, "null", nullable, Value()) == "true");
    CHECK(cell(world, "> 3", nullable, Value()) == "null");
    CHECK(cell(world, "-", nullable, Value()) == "true");
    TypeRef text = world.scope.types().basic(TypeKind::string, false);
    CHECK(cell(world, "\"a\",\"b\"", text, Value::string("b")) == "true");
    CHECK(cell(world, "starts with(?, \"a\")", text, Value::string("abc")) == "true");
    TypeRef boolean = world.scope.types().basic(TypeKind::boolean, false);
    CHECK(cell(world, "true", boolean, Value::boolean(true)) == "true");
    CHECK(cell(world, "false", boolean, Value::boolean(true)) == "false");
    CHECK(cell(world, "false", boolean, Value::boolean(false)) == "true");
    CHECK(cell(world, "not(true)", boolean, Value::boolean(false)) == "true");
    TypeRef status = world.scope.status_type();
    CHECK(cell(world, "open, won", status, Value::string("won")) == "true");
    CHECK(cell(world, "not(open)", status, Value::string("open")) == "false");
    CHECK(cell(world, "\"lost\"", status, Value::string("lost")) == "true");
    CHECK(cell(world, "opne", status, Value::string("lost")) == "feel.name.unknown did you mean 'open'?");
    CHECK(cell(world, "成交", status, Value::string("lost")) == "feel.enum.unknown '成交' is the title of \"won\"");
    CHECK(cell(world, "", status, Value()).substr(0, 11) == "feel.syntax");
}

TEST_CASE("feel: texts with expressions in them") {
    World world;
    auto render = [&](std::string_view source) {
        world.diagnostics = {};
        auto made = feel::compile_template(text_of(source), world.scope, {}, world.diagnostics);
        if (!made)
            return world.diagnostics.all()[0].code + "@" + std::to_string(world.diagnostics.all()[0].span.begin.column);
        feel::Frame frame = world.frame();
        return made->render(frame);
    };
    CHECK(render("") == "");
    CHECK(render("首期款至少 {amount * 1234.5:money} 元") == "首期款至少 1,234,500.00 元");
    CHECK(render("{customer.name}: {ratio:percent}, {note}.") == "Ada: 90%, .");
    CHECK(render("{{{status}}}") == "{open}");
    CHECK(render("{now():datetime} {now():date} {@\"P2DT3H5M\":duration}") == "2027-01-15 16:00 2027-01-15 2d 03:05");
    CHECK(render("{1234567:number} {-1234.5:money} {@\"P14M\":duration}") == "1,234,567 -1,234.50 1y 2m");
    CHECK(render("{{a: 1}}") == "{a: 1}");
    CHECK(render("{if ratio > 1 then \"}\" else \"{:\"}") == "{:");
    CHECK(render("{{x: {({x: 1}).x:number}}}") == "{x: 1}");
    CHECK(render("金额 {amuont}") == "feel.name.unknown@5");
    CHECK(render("a } b") == "feel.template@3");
    CHECK(render("a { b") == "feel.template@3");
    CHECK(render("{amount:mony}") == "feel.template@9");
    auto made = feel::compile_template(text_of("no braces"), world.scope, {}, world.diagnostics);
    REQUIRE(made);
    CHECK(made->is_constant());
}

TEST_CASE("feel: durations with calendars") {
    World world;
    std::string problem;
    auto days = feel::parse_duration_literal("P7D office", world.scope, &problem);
    REQUIRE(days);
    CHECK(days->calendar() == 5);
    CHECK(days->whole_days());
    auto hours = feel::parse_duration_literal("PT8H office", world.scope);
    REQUIRE(hours);
    CHECK(hours->calendar() == 5);
    CHECK_FALSE(hours->whole_days());
    auto months = feel::parse_duration_literal("P1M office", world.scope);
    REQUIRE(months);
    CHECK(months->kind == Kind::months_duration);
    CHECK(months->calendar() == 5);
    auto plain = feel::parse_duration_literal("P1DT2H", world.scope);
    REQUIRE(plain);
    CHECK(plain->calendar() == 0);
    CHECK_FALSE(feel::parse_duration_literal("P1DT2H office", world.scope, &problem));
    CHECK(problem.find("mixes") != std::string::npos);
    CHECK_FALSE(feel::parse_duration_literal("P7D ofice", world.scope, &problem));
    CHECK(problem == "there is no calendar 'ofice'");
    CHECK_FALSE(feel::parse_duration_literal("7 days", world.scope, &problem));
    CHECK(world.show("@\"P7D office\" = settings.stall") == "true");
    CHECK(world.show("@\"P7D\" = settings.stall") == "false");
    CHECK(world.show("@\"P8D\" > settings.stall") == "null");
    CHECK(world.show("now() + settings.stall") == "null");
    CHECK(world.show("@\"P7D office\" + @\"P1D office\" > settings.stall") == "true");
    CHECK(world.fault("@\"P7D ofice\"") == "feel.syntax@1");
}
