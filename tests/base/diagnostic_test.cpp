#include "base/diagnostic.hpp"

#include "base/result.hpp"
#include "catch.hpp"

using namespace leat;

TEST_CASE("Sources give lines without their ends", "[diagnostic]") {
    Sources sources;
    uint32_t a = sources.add("a.yaml", "one\r\ntwo\n\nlast");
    CHECK(a == 1);
    CHECK(sources.size() == 2);
    CHECK(sources.name(a) == "a.yaml");
    CHECK(sources.line(a, 1) == "one");
    CHECK(sources.line(a, 2) == "two");
    CHECK(sources.line(a, 3).empty());
    CHECK(sources.line(a, 4) == "last");
    CHECK(sources.line(a, 5).empty());
    CHECK(sources.line(a, 0).empty());
    CHECK(sources.line(7, 1).empty());
    CHECK(sources.name(7).empty());
}

TEST_CASE("A diagnostic shows its line with a caret under the span", "[diagnostic]") {
    Sources sources;
    uint32_t source = sources.add("app.yaml", "entity:\n  when: amont > 5\n");
    Diagnostic d{Severity::error,           "feel.name.unknown",      "there is no name 'amont'",
                 {source, {2, 9}, {2, 14}}, "did you mean 'amount'?", {}};
    d.notes.push_back({{source, {1, 1}, {1, 7}}, "of this entity"});
    CHECK(base::format(d, sources) ==
          "app.yaml:2:9: error[feel.name.unknown]: there is no name 'amont'\n"
          "  2 |   when: amont > 5\n"
          "    |         ^^^^^\n"
          "  hint: did you mean 'amount'?\n"
          "  app.yaml:1:1: note: of this entity\n"
          "  1 | entity:\n"
          "    | ^^^^^^\n");
}

TEST_CASE("Wide characters take two columns under the caret", "[diagnostic]") {
    Sources sources;
    uint32_t source = sources.add("a", "标题: 金额 > x");
    Diagnostic d{Severity::warning, "w", "m", {source, {1, 5}, {1, 7}}, "", {}};
    CHECK(base::format(d, sources) == "a:1:5: warning[w]: m\n  1 | 标题: 金额 > x\n    |       ^^^^\n");
}

TEST_CASE("Of a very long line the part around the span is shown", "[diagnostic]") {
    Sources sources;
    uint32_t source = sources.add("a", std::string(1000, 'x') + "额y" + std::string(1000, 'z'));
    auto shown = base::format({Severity::error, "c", "m", {source, {1, 1001}, {1, 1003}}, "", {}}, sources);
    CHECK(shown == "a:1:1001: error[c]: m\n  1 | ..." + std::string(60, 'x') + "额y" + std::string(58, 'z') +
                       "...\n    | " + std::string(63, ' ') + "^^^\n");
    shown = base::format({Severity::error, "c", "m", {source, {1, 1}, {1, 2000}}, "", {}}, sources);
    CHECK(shown == "a:1:1: error[c]: m\n  1 | " + std::string(120, 'x') + "...\n    | " + std::string(123, '^') + "\n");
}

TEST_CASE("Spans without width, over lines, beyond the line and without source", "[diagnostic]") {
    Sources sources;
    uint32_t source = sources.add("a", "ab\tcd\nef");
    auto shown = [&](Span span) { return base::format({Severity::error, "c", "m", span, "", {}}, sources); };
    CHECK(shown({source, {1, 2}, {1, 2}}) == "a:1:2: error[c]: m\n  1 | ab cd\n    |  ^\n");
    CHECK(shown({source, {1, 4}, {2, 1}}) == "a:1:4: error[c]: m\n  1 | ab cd\n    |    ^^\n");
    CHECK(shown({source, {1, 9}, {1, 10}}) == "a:1:9: error[c]: m\n  1 | ab cd\n    |      ^\n");
    CHECK(shown({source, {9, 1}, {9, 2}}) == "a:9:1: error[c]: m\n");
    CHECK(shown({}) == "error[c]: m\n");
    CHECK(shown({99, {1, 1}, {1, 2}}) == "error[c]: m\n");
}

TEST_CASE("Text knows where its bytes stand in the source", "[diagnostic]") {
    Text text;
    text.text = "金 + x\ny * z";
    text.span = {3, {10, 5}, {12, 9}};
    text.line_starts = {{11, 7}, {12, 7}};
    Span x = text.at(6, 7);
    CHECK(x.source == 3);
    CHECK(x.begin.line == 11);
    CHECK(x.begin.column == 11);
    CHECK(x.end.column == 12);
    Span z = text.at(12, 13);
    CHECK(z.begin.line == 12);
    CHECK(z.begin.column == 11);
    CHECK(text.at(100, 200).begin.line == 12);
    text.line_starts.clear();
    CHECK(text.at(6, 7).begin.line == 10);
    CHECK_FALSE(text.empty());
    CHECK(Text{}.empty());
}

TEST_CASE("Diagnostics are capped, counted and put in order", "[diagnostic]") {
    Diagnostics all;
    all.warning("w", {2, {1, 1}, {1, 2}}, "later file");
    CHECK_FALSE(all.has_errors());
    all.error("b", {1, {5, 3}, {5, 4}}, "second");
    all.error("a", {1, {5, 1}, {5, 4}}, "first", "hint");
    CHECK(all.error_count() == 2);
    auto taken = all.take();
    REQUIRE(taken.size() == 3);
    CHECK(taken[0].message == "first");
    CHECK(taken[1].message == "second");
    CHECK(taken[2].severity == Severity::warning);
    CHECK(all.all().empty());

    for (int i = 0; i < 300; ++i) all.error("x", {}, "m").notes.push_back({{}, "n"});
    CHECK(all.all().size() == Diagnostics::kMax);
    CHECK(all.error_count() == 300);
}

TEST_CASE("The nearest name is suggested only when it is near", "[diagnostic]") {
    std::vector<std::string> names{"amount", "owner", "price_ratio", "金额", "stage"};
    CHECK(base::nearest("amont", names) == "amount");
    CHECK(base::nearest("Amount", names) == "amount");
    CHECK(base::nearest("onwer", names) == "owner");
    CHECK(base::nearest("price_raito", names) == "price_ratio");
    CHECK(base::nearest("金客", names) == "金额");
    CHECK(base::nearest("zzz", names).empty());
    CHECK(base::nearest("", names).empty());
    CHECK(base::nearest("x", {}).empty());
    CHECK(base::nearest("a", {"b"}).empty());
}

namespace {
Result<int> half(int n) {
    if (n % 2 != 0) return make_error(Status::usage, "odd", "it is odd");
    return n / 2;
}
Result<std::string> quarter(int n) {
    LEAT_TRY(auto once, half(n));
    LEAT_TRY(auto twice, half(once));
    return std::to_string(twice);
}
Result<void> check(int n) {
    LEAT_CHECK(quarter(n));
    return {};
}
}  // namespace

TEST_CASE("Results hand errors on", "[result]") {
    CHECK(*quarter(8) == "2");
    CHECK(quarter(6).error().code == "odd");
    CHECK(check(8));
    CHECK(check(3).error().status == Status::usage);
}
