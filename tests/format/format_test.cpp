#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "catch.hpp"
#include "format/format.hpp"

using namespace leat;

namespace {

std::string formatted(const std::string& text) {
    Result<std::string> once = format::format(text);
    if (!once) {
        std::string all = once.error().code + " " + once.error().message;
        for (const Diagnostic& diagnostic : once.error().diagnostics) all += "\n" + diagnostic.message;
        FAIL(all);
    }
    Result<std::string> twice = format::format(*once);
    REQUIRE(twice);
    CHECK(*twice == *once);
    return *once;
}

}  // namespace

TEST_CASE("indentation is two spaces a level, lists deeper than their key") {
    CHECK(
        formatted("entity: a\nfields:\n    x:\n          type: string\n    y: integer\nunique:\n- [x]\n-   [x, y]\n") ==
        "entity: a\nfields:\n  x:\n    type: string\n  y: integer\nunique:\n  - [x]\n  - [x, y]\n");
    CHECK(formatted("rule: r\ndo:\n-   create: a\n    set:\n        x: 1\n-  foreach: b\n   do:\n   - set: {x: 2}\n") ==
          "rule: r\ndo:\n  - create: a\n    set:\n      x: 1\n  - foreach: b\n    do:\n      - set: {x: 2}\n");
    CHECK(formatted("a:\n- - x\n  - y\n-\n  k: 1\n  l: 2\n") == "a:\n  - - x\n    - y\n  -\n    k: 1\n    l: 2\n");
}

TEST_CASE("brackets have no inner spaces and commas one after") {
    CHECK(formatted("a: { x: 1,y: [ a ,b ] , z: {} }\n") == "a: {x: 1, y: [a, b], z: {}}\n");
    CHECK(formatted("a: {title: 标题,  type: integer}\n") == "a: {title: 标题,  type: integer}\n");
    CHECK(formatted("a: {\"x\":1, y: \"a,b { c }\" }\nb : 2\n") == "a: {\"x\": 1, y: \"a,b { c }\"}\nb: 2\n");
    CHECK(formatted("a: {x: 1,  # why\n    y: 2}\n") == "a: {x: 1,  # why\n    y: 2}\n");
}

TEST_CASE("comments and single blank lines stay") {
    CHECK(formatted("# head\n\n\n\na:\n    # about x\n    x: 1   # one\n\n    # last\n# end\nb: 2\n\n\n") ==
          "# head\n\na:\n  # about x\n  x: 1   # one\n\n  # last\n# end\nb: 2\n");
    CHECK(formatted("a: 1   \n---   \nb: 2") == "a: 1\n---\nb: 2\n");
    CHECK(formatted("\xef\xbb\xbf"
                    "a: 1\r\nb: 2\r\n") == "a: 1\nb: 2\n");
}

TEST_CASE("texts of several lines keep what they say") {
    CHECK(formatted("f:\n    formula: |\n          for x in y\n            return x\n\n          end\n    g: 1\n") ==
          "f:\n  formula: |\n    for x in y\n      return x\n\n    end\n  g: 1\n");
    CHECK(formatted("f:\n    text: >\n       one\n       two\n") == "f:\n  text: >\n    one\n    two\n");
    CHECK(formatted("f:\n    if: a and\n        b\n    q: \"x\n\n      y\"\n") ==
          "f:\n  if: a and\n      b\n  q: \"x\n\n    y\"\n");
    CHECK(formatted("f:\n    keep: |2-\n        two\n    g: 1\n") == "f:\n  keep: |2-\n      two\n  g: 1\n");
}

TEST_CASE("tables align by display width") {
    CHECK(formatted("decision: d\ntable: |\n    | region | -> level | // 说明 |\n    |---|---|---|\n    | 华东 | 1 | "
                    "大单且低于8折 |\n    | a\\|b |-| x|\n") ==
          "decision: d\n"
          "table: |\n"
          "  | region | -> level | // 说明       |\n"
          "  | ------ | -------- | ------------- |\n"
          "  | 华东   | 1        | 大单且低于8折 |\n"
          "  | a\\|b   | -        | x             |\n");
    CHECK(formatted("decision: d\ntable: |\n  | a | b |\n  | 1 |\n") ==
          "decision: d\ntable: |\n  | a | b |\n  | 1 |\n");
}

TEST_CASE("a value that a comma broke is quoted") {
    CHECK(formatted("a: {by: = f(a, b), mode: any}\n") == "a: {by: \"= f(a, b)\", mode: any}\n");
    CHECK(formatted("a: {guard: f(\"x\", b) > 1}\nl: [g(1, 2), x]\n") ==
          "a: {guard: 'f(\"x\", b) > 1'}\nl: [\"g(1, 2)\", x]\n");
}

TEST_CASE("a file that cannot be read is left alone, with its mistakes") {
    Result<std::string> bad = format::format("a: [1\nb: 2\n", "x.yaml");
    REQUIRE_FALSE(bad);
    CHECK(bad.error().code == "format.syntax");
    REQUIRE(bad.error().diagnostics.size() == 1);
    CHECK(bad.error().diagnostics[0].span.begin.line == 1);
    CHECK_FALSE(format::format("a: 1\na: 2\n"));
    CHECK(formatted("") == "");
    CHECK(formatted("# only a comment\n") == "# only a comment\n");
}

TEST_CASE("the design's definitions format to something that stays") {
    const char* set = std::getenv("LEAT_SHARED_DIR");
    std::string folder = (set != nullptr ? std::string(set) : LEAT_SOURCE_DIR "/../shared") + "/north_star";
    if (!std::filesystem::exists(folder)) {
        WARN("not run: " << folder << " is absent (set LEAT_SHARED_DIR)");
        return;
    }
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        std::ifstream file(entry.path());
        std::ostringstream text;
        text << file.rdbuf();
        INFO(entry.path().string());
        CHECK(!formatted(text.str()).empty());
    }
}
