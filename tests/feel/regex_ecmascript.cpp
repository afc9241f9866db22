#include <string>
#include <vector>

#include "base/arena.hpp"
#include "catch.hpp"
#include "feel/regex.hpp"

using leat::feel::Regex;

namespace {

bool found(const std::string& pattern, const std::string& text) {
    std::string fault;
    auto regex = Regex::make_ecmascript(pattern, fault);
    INFO(pattern << ": " << fault);
    REQUIRE(regex);
    std::vector<Regex::Span> spans;
    uint64_t work = 0;
    return regex->search(text, 0, spans, work);
}

std::string fault_of(const std::string& pattern) {
    std::string fault;
    INFO(pattern);
    CHECK_FALSE(Regex::make_ecmascript(pattern, fault));
    return fault;
}

}  // namespace

TEST_CASE("patterns are ECMAScript's") {
    struct {
        const char* pattern;
        std::vector<std::string> yes, no;
    } cases[] = {
        {"^\\d{6}$", {"100080"}, {"10008", "1000800", "１０００８０", "100080\n"}},
        {"b", {"abc", "b"}, {"ac", ""}},
        {"^[\\u4e00-\\u9fa5]{2,4}$", {"王小明", "欧阳锋"}, {"王", "Wang", "王小明王小明"}},
        {"^\\p{Script=Han}+$", {"漢字"}, {"kana", "かな"}},
        {"^\\p{Lu}\\P{Lu}$", {"Aa", "Äb"}, {"aa", "AA"}},
        {"^(?<y>\\d{4})-\\k<y>$", {"2026-2026"}, {"2026-2027"}},
        {"^(a)?\\1$", {"aa", ""}, {"a"}},
        {"^[^\\s]+$",
         {"a"},
         {"a b",
          "a\xC2\xA0"
          "b",
          "a\xE3\x80\x80"
          "b"}},
        {"^\\S+\\s\\S+$",
         {"a\xE3\x80\x80"
          "b",
          "a b"},
         {"ab"}},
        {"^.$", {"王", "😀"}, {"", "ab", "\n", "\xE2\x80\xA8"}},
        {"^\\uD83D\\uDE00$", {"😀"}, {"😁"}},
        {"^\\u{1F600}$", {"😀"}, {"😁"}},
        {"^[[]$", {"["}, {"]"}},
        {"^[\\]\\-a]$", {"]", "-", "a"}, {"b"}},
        {"^[a-]$", {"a", "-"}, {"b"}},
        {"^[^]$", {"a", "\n"}, {""}},
        {"[]", {}, {"", "a"}},
        {"^(?!00)\\d\\d$", {"01", "10"}, {"00"}},
        {"(?<=￥)\\d", {"￥5"}, {"$5"}},
        {"^a{2}b{1,}c{0,1}?$", {"aab", "aabbc"}, {"ab", "aac"}},
        {"\\bfoo\\b", {"a foo b"}, {"afoo", "foot"}},
        {"^\\x41\\cJ\\0\\/$", {std::string("A\n\0/", 4)}, {"A"}},
        {"^(?:a|b|)$", {"a", "b", ""}, {"c"}},
        {"^[\\b]$", {"\b"}, {"b"}},
        {"^[\\w.]+$", {"a_1."}, {"ä"}},
        {"^[^\\S\\d]$", {" "}, {"1", "a"}},
        {"^[:alpha:]$", {"a", ":"}, {"b"}},
        {"^\\v$", {"\v"}, {"\n"}},
    };
    for (const auto& one : cases) {
        for (const std::string& text : one.yes) {
            INFO(one.pattern << " is in '" << text << "'");
            CHECK(found(one.pattern, text));
        }
        for (const std::string& text : one.no) {
            INFO(one.pattern << " is not in '" << text << "'");
            CHECK_FALSE(found(one.pattern, text));
        }
    }
}

TEST_CASE("what is no ECMAScript pattern says why") {
    CHECK(fault_of("(") == "has a '(' without its ')'; write '\\(' for the character");
    CHECK(fault_of(")") == "has a ')' without its '('; write '\\)' for the character");
    CHECK(fault_of("[a") == "has a '[' without its ']'; write '\\[' for the character");
    CHECK(fault_of("a{") == "has a '{' that is no repetition; write '\\{' for the character");
    CHECK(fault_of("a}") == "has a '}' by itself; write '\\}' for the character");
    CHECK(fault_of("+a") == "has a '+' with nothing before it; write '\\+' for the character");
    CHECK(fault_of("a++") == "repeats a repetition with '+'");
    CHECK(fault_of("a{3,2}") == "repeats at least 3 and at most 2 times");
    CHECK(fault_of("a{99999}") == "repeats more than 65535 times");
    CHECK(fault_of("^*") == "repeats an assertion with '*'");
    CHECK(fault_of("(?=a)+") == "repeats an assertion with '+'");
    CHECK(fault_of("(?i)a") == "has the group '(?i', which ECMAScript does not know");
    CHECK(fault_of("(?>a)") == "has the group '(?>', which ECMAScript does not know");
    CHECK(fault_of("(*ACCEPT)") == "has the group '(*A', which ECMAScript does not know");
    CHECK(fault_of("(?<1>a)") == "names a group '1': letters, digits and '_', 32 at most");
    CHECK(fault_of("\\A") == "has the escape '\\A', which ECMAScript does not know");
    CHECK(fault_of("\\") == "ends in a '\\'");
    CHECK(fault_of("[\\") == "ends in a '\\'");
    CHECK(fault_of("\\1") == "refers to group 1, and has 0");
    CHECK(fault_of("\\01") == "has an octal escape; write '\\x' and two digits");
    CHECK(fault_of("\\u12") == "has an escape that wants 4 hexadecimal digits");
    CHECK(fault_of("\\ud83d") == "has half of a surrogate pair, which is no character");
    CHECK(fault_of("\\u{110000}") == "has a '\\u{' that names no character");
    CHECK(fault_of("[b-a]") == "has a range that ends before it begins");
    CHECK(fault_of("[a-\\d]") == "has a range with a set of characters at its end");
    CHECK(fault_of("\\p{Colour=Red}") == "asks for the property 'Colour=Red', which there is not");
    CHECK(fault_of("\\pL") == "has a '\\p' without '{name}'");
    CHECK(fault_of("\\p{Nonsense}").rfind("cannot be used: ", 0) == 0);
    CHECK(fault_of("(?<a>x)(?<a>y)").rfind("cannot be used: ", 0) == 0);
    CHECK(fault_of(std::string(200, '(')) == "nests its groups more than 100 deep");
    CHECK(fault_of(std::string(20'000, 'a')) == "is longer than 16384 bytes");
    CHECK(fault_of("\xFF") == "is not UTF-8");
}

TEST_CASE("a pattern that runs away ends") {
    std::string fault;
    auto regex = Regex::make_ecmascript("^(a+)+$", fault);
    REQUIRE(regex);
    std::vector<Regex::Span> spans;
    uint64_t work = 0;
    CHECK_THROWS_AS(regex->search(std::string(40, 'a') + "b", 0, spans, work), leat::LimitError);
}
