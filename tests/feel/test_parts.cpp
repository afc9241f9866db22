// Boxed expressions, declared types, and names of several words.
#include <string>

#include "catch.hpp"
#include "fake_scope.hpp"
#include "feel/coerce.hpp"
#include "feel/parts.hpp"
#include "feel/standalone.hpp"
#include "feel/type_text.hpp"

using namespace leat;
using namespace leat::feel;

namespace {

Text text_of(const std::string& text) {
    Text out;
    out.text = text;
    out.span.begin = {1, 1};
    return out;
}
Part expression(const std::string& text, TypeRef type = nullptr) {
    Part part;
    part.text = text_of(text);
    part.type = type;
    return part;
}
Part box(Part::Kind kind, std::vector<std::string> names, std::vector<Part> children) {
    Part part;
    part.kind = kind;
    part.names = std::move(names);
    part.children = std::move(children);
    return part;
}

// Names that a model brings: locals by number.
class ModelScope final : public Scope {
 public:
    explicit ModelScope(std::vector<std::string> locals) : locals_(std::move(locals)) {
        for (const std::string& name : locals_) {
            if (is_phrase(name)) phrases_.push_back(name);
        }
    }
    std::optional<Binding> find(std::string_view name) const override {
        for (size_t i = 0; i < locals_.size(); i++) {
            if (locals_[i] != name) continue;
            Binding binding;
            binding.index = static_cast<uint32_t>(i);
            binding.type = types_.basic(TypeKind::any);
            return binding;
        }
        return std::nullopt;
    }
    std::optional<Member> member(TypeRef, std::string_view) const override { return std::nullopt; }
    std::vector<std::string> names(TypeRef) const override { return locals_; }
    std::optional<uint32_t> calendar(std::string_view) const override { return std::nullopt; }
    Types& types() const override { return types_; }
    const std::vector<std::string>& phrases() const override { return phrases_; }
    TypeRef named_type(std::string_view name) const override {
        return name == "tAge" ? types_.basic(TypeKind::number) : nullptr;
    }

 private:
    std::vector<std::string> locals_, phrases_;
    mutable Types types_;
};

class Adder final : public Environment {
 public:
    Value member(const Value&, uint32_t, Frame&) override { return Value(); }
    bool query(const CollectionQuery&, std::span<const Value>, Frame&, Value&) override { return false; }
    Value call(uint32_t function, std::span<const Value> arguments, Frame&) override {
        Decimal sum(static_cast<int64_t>(function));
        for (const Value& argument : arguments) sum = *Decimal::add(sum, argument.as_number());
        return Value::number(sum);
    }
    int64_t now_us() override { return 0; }
    value::Zone time_zone() override { return {ZoneKind::offset, 0}; }
};

// Embeds "the sum of these names and 1000".
class AdderHost final : public EmbeddedHost {
 public:
    explicit AdderHost(std::vector<std::string> reads) : reads_(std::move(reads)) {}
    std::optional<Embedded> compile_embedded(uint32_t embedded, const Scope& names, Diagnostics& diagnostics) override {
        for (const std::string& name : reads_) {
            if (names.find(name)) continue;
            diagnostics.error("test.name", {}, "no " + name);
            return std::nullopt;
        }
        return Embedded{embedded, reads_, nullptr};
    }

 private:
    std::vector<std::string> reads_;
};

struct Run {
    std::string text;
    std::string problem;
};
Run run(const Part& part, const Scope& scope, std::vector<Value> locals = {}, EmbeddedHost* host = nullptr,
        bool lenient = true) {
    CompileOptions options;
    options.lenient = lenient;
    Diagnostics diagnostics;
    auto compiled = compile_parts(part, host, scope, options, diagnostics);
    if (!compiled) return {"", diagnostics.all().empty() ? "nothing said" : diagnostics.all()[0].code};
    Arena arena;
    Adder environment;
    Frame frame;
    frame.environment = &environment;
    frame.arena = &arena;
    frame.locals = locals.data();
    return {value::to_text(compiled->evaluate(frame)), ""};
}
Value number(int64_t n) {
    return Value::number(Decimal(n));
}

std::string lenient(const std::string& text) {
    Arena arena;
    StandaloneOptions options;
    options.lenient = true;
    auto value = evaluate_text(text, Value(), nullptr, arena, options);
    return value ? (value->is_null() ? "null" : value::to_text(*value)) : "error " + value.error().code;
}

}  // namespace

TEST_CASE("names of several words are taken by the longest match", "[feel]") {
    CHECK(lenient("{first name: 1, last name: first name + 1}.last name") == "2");
    CHECK(lenient("{a: 1, b: 2, a-b: 9, x: a-b}.x") == "9");
    CHECK(lenient("{a: 1, b: 2, x: a-b}.x") == "-1");
    CHECK(lenient("{a+b: 3, a: 4, y: a+b + a}.y") == "7");
    CHECK(lenient("{Date and Time: 3, y: Date and Time * 2}.y") == "6");
    CHECK(lenient("for one item in [1, 2] return one item * 2") == "[2, 4]");
    CHECK(lenient("(function(the amount, tax rate) the amount * tax rate)(2, 3)") == "6");
    CHECK(lenient("some big one in [1, 5] satisfies big one > 4") == "true");
    CHECK(lenient("{\"月 薪\": 5, y: 月 薪 + 1}.y") == "6");
    CHECK(lenient("{person's age: 7, y: person's age}.y") == "7");
    CHECK(lenient("{person’s age: 7, y: person’s age}.y") == "7");
    CHECK(lenient("{Decision 1: 7, y: Decision   1}.y") == "7");
    CHECK(lenient("no such name") == "null");
    CHECK(lenient("1 ’ 2") == "error feel.syntax");
    // Where words are names, words side by side are a mistake.
    Arena arena;
    CHECK(evaluate_text("no such", Value(), nullptr, arena).error().code == "feel.syntax");
}

TEST_CASE("in a filter the members of the item come first, then the names outside", "[feel]") {
    CHECK(lenient("{limit: 2, all: [{n: 1}, {n: 3}], r: all[n > limit].n}.r") == "[3]");
    CHECK(lenient("{n: 100, all: [{n: 1}, {n: 3}], r: all[n > 2].n}.r") == "[3]");
    CHECK(lenient("{k: 2, all: [{n: 1, k: 0}, {n: 3}, 7], r: count(all[k = 2])}.r") == "2");
    CHECK(lenient("for x in [1, 2, 3] return [{x: 2}][x = 2]") == lenient("for y in [1, 2, 3] return [{x: 2}][x = 2]"));
}

TEST_CASE("functions take named arguments and declared types", "[feel]") {
    CHECK(lenient("{f: function(a, b) a - b, r: f(b: 1, a: 5)}.r") == "4");
    CHECK(lenient("{f: function(a, b) a - b, r: f(b: 1, c: 5)}.r") == "null");
    CHECK(lenient("(function(a: number) a)([4])") == "4");
    CHECK(lenient("(function(a: list<number>) count(a))(4)") == "1");
    CHECK(lenient("(function(a: string) 1)(4)") == "null");
    CHECK(lenient("(function(a: context<n: number>) a.n)({n: 1, m: 2})") == "1");
    CHECK(lenient("(function(a: context<n: number>) a.n)({m: 2})") == "null");
    CHECK(lenient("(function(a: number) a > 0) instance of function<number>->boolean") == "true");
    CHECK(lenient("(function(a: number) a > 0) instance of function<string>->boolean") == "false");
    CHECK(lenient("[1, \"a\"] instance of list<number>") == "false");
    CHECK(lenient("[1..2] instance of range<number>") == "true");
    CHECK(lenient("(= 10) = [10..10]") == "false");
    CHECK(lenient("10 in (= 10)") == "true");
    CHECK(lenient("{a: null} instance of context<a: string>") == "true");
}

TEST_CASE("boxes share scopes and one expression", "[feel]") {
    ModelScope scope({"Monthly Salary", "risk"});
    std::vector<Value> locals = {number(100), number(2)};
    Part annual = box(Part::Kind::context, {"year", "taxed pay", ""},
                      {expression("Monthly Salary * 12"), expression("year * 0.5"), expression("taxed pay + risk")});
    CHECK(run(annual, scope, locals).text == "602.0");
    annual.names[2] = "sum";
    CHECK(run(annual, scope, locals).text == "{year: 1200, \"taxed pay\": 600.0, sum: 602.0}");

    Part function = box(Part::Kind::function, {"n"}, {expression("n + risk")});
    function.types = {scope.named_type("tAge")};
    Part call = box(Part::Kind::invocation, {"n"}, {expression("40")});
    call.text = text_of("add");
    CHECK(run(box(Part::Kind::context, {"add", ""}, {function, call}), scope, locals).text == "42");
    call.children[0] = expression("\"x\"");
    CHECK(run(box(Part::Kind::context, {"add", ""}, {function, call}), scope, locals).text == "");

    Part built = box(Part::Kind::invocation, {"n"}, {expression("-2")});
    built.text = text_of("abs");
    CHECK(run(built, scope).text == "2");

    CHECK(run(box(Part::Kind::conditional, {}, {expression("risk > 1"), expression("\"high\""), expression("1")}),
              scope, locals)
              .text == "high");
    CHECK(run(box(Part::Kind::filter, {}, {expression("[{n: 1}, {n: 5}]"), expression("n > risk")}), scope, locals)
              .text == "[{n: 5}]");
    CHECK(run(box(Part::Kind::for_each, {"i"}, {expression("1..3"), expression("i * risk")}), scope, locals).text ==
          "[2, 4, 6]");
    CHECK(run(box(Part::Kind::every, {"i"}, {expression("[3, 4]"), expression("i > risk")}), scope, locals).text ==
          "true");
    Part none;
    none.kind = Part::Kind::nothing;
    CHECK(run(box(Part::Kind::list, {}, {expression("1"), none}), scope).text == "[1, null]");
}

TEST_CASE("a part is coerced to its declared type", "[feel]") {
    ModelScope scope({});
    Types& types = scope.types();
    TypeRef number_type = types.basic(TypeKind::number), text = types.basic(TypeKind::string);
    CHECK(run(expression("[1]", number_type), scope).text == "1");
    CHECK(run(expression("1", types.list(number_type)), scope).text == "[1]");
    CHECK(run(expression("[1, \"a\"]", types.list(number_type)), scope).text == "");
    CHECK(run(expression("1", text), scope).text == "");
    CHECK(run(expression("date(\"2026-01-02\")", types.basic(TypeKind::date_time)), scope).text ==
          "2026-01-02T00:00:00Z");
    // What can never be of the type is an error where types are checked.
    CHECK(run(expression("1", text), scope, {}, nullptr, false).problem == "feel.type.mismatch");
    CHECK(run(expression("[1]", number_type), scope, {}, nullptr, false).text == "1");
}

TEST_CASE("an embedded part reads the names of its place", "[feel]") {
    ModelScope scope({"risk"});
    Part table;
    table.kind = Part::Kind::embedded;
    table.embedded = 1000;
    AdderHost host({"own part", "risk"});
    Part part = box(Part::Kind::context, {"own part", ""}, {expression("30"), table});
    CHECK(run(part, scope, {number(4)}, &host).text == "1034");
    AdderHost unknown({"nobody"});
    CHECK(run(part, scope, {number(4)}, &unknown, false).problem == "test.name");
}

TEST_CASE("mistakes in boxes keep their places", "[feel]") {
    ModelScope scope({});
    Part bad = expression("1 + ");
    bad.text.line_starts = {{7, 3}};
    Part part = box(Part::Kind::list, {}, {expression("1"), bad});
    CompileOptions options;
    Diagnostics diagnostics;
    CHECK(compile_parts(part, nullptr, scope, options, diagnostics) == nullptr);
    REQUIRE(diagnostics.all().size() == 1);
    CHECK(diagnostics.all()[0].span.begin.line == 7);
    CHECK(run(box(Part::Kind::context, {"a", "a"}, {expression("1"), expression("2")}), scope).problem ==
          "feel.context.twice");
    Part deep = expression("1");
    for (int i = 0; i < 100; i++) deep = box(Part::Kind::list, {}, {deep});
    CHECK(run(deep, scope).problem == "feel.limit");
}
