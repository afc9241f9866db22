// Regular expressions: translation, bounds, the store of compiled patterns. Plain cases are in regex.txt.
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <random>
#include <thread>

#include "base/utf8.hpp"
#include "catch.hpp"
#include "feel/regex.hpp"
#include "feel/standalone.hpp"

using namespace leat;
using feel::Regex;
using feel::RegexFlags;

namespace {

std::string repeat(const std::string& text, int count) {
    std::string out;
    for (int i = 0; i < count; i++) out += text;
    return out;
}

// "found", "none", the fault, or the limit's code.
std::string search(const std::string& pattern, const std::string& text, const std::string& letters = "") {
    std::string fault;
    auto regex = Regex::get(pattern, *RegexFlags::parse(letters), fault);
    if (!regex) return fault;
    std::vector<Regex::Span> spans;
    uint64_t work = 0;
    try {
        return regex->search(text, 0, spans, work) ? "found" : "none";
    } catch (const LimitError& limit) {
        return limit.code();
    }
}

std::string evaluate(const std::string& source, uint64_t steps = 10'000'000) {
    Arena arena(64u << 20);
    feel::StandaloneOptions options;
    options.limits.steps_max = steps;
    auto result = feel::evaluate_text(source, Value(), nullptr, arena, options);
    return result ? value::to_text(*result) : result.error().code;
}

}  // namespace

TEST_CASE("regex: a search is bounded") {
    std::string many = repeat("a", 30);
    CHECK(search("^(a+)+$", many) == "found");
    CHECK(search("^(a+)+$", many + "b") == "limit.regex");
    CHECK(search("^(a|aa)+$", repeat("a", 60) + "b") == "limit.regex");
    CHECK(search("(.*)(.*)(.*)(.*)(.*)[xy]$", repeat("a", 3000)) == "limit.regex");
    // The square of a long text: neither PCRE2's match limit nor its count of steps sees this.
    CHECK(search("a*[bc]", repeat("a", 200'000)) == "limit.regex");
    CHECK(search("a*[bc]", repeat("a", 1000)) == "none");
    CHECK(search("[ab]*[cd]", repeat("ab", 100'000)) == "limit.regex");
    CHECK(search("c", repeat("ab", 1'000'000)) == "none");
    CHECK(search("^([a-z]+-)*[a-z]+$", repeat("abc-", 20'000) + "abc") == "found");
}

TEST_CASE("regex: a pattern is bounded") {
    CHECK(search(repeat("(", 90) + repeat(")", 90), "") == "found");
    CHECK(search(repeat("(", 100'000), "") == "is longer than 16384 bytes");
    CHECK(search(repeat("(", 10'000), "") == "nests too deeply");
    CHECK(search(repeat("[a-", 5'000), "") == "nests too deeply");
    CHECK(search("((((a{1000}){1000}){1000}){1000})", "a").substr(0, 14) == "cannot be used");
    CHECK(search("a{65535}", "a") == "none");
}

TEST_CASE("regex: searches cost steps") {
    CHECK(evaluate("count(for x in 1..1000 return matches(\"abc\", \"b\"))") == "1000");
    CHECK(evaluate("count(for x in 1..1000 return matches(\"aaaaaaaaaaaaaaaaaaaaa!\", \"^(a|aa)+$\"))", 1'000'000) ==
          "limit.steps");
    CHECK(evaluate("matches(\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\", \"^(a|aa)+$\")") == "limit.regex");
    CHECK(evaluate("string length(replace(string join(for x in 1..9000 return \"aaaaaaaaaa\"), \"a\", \"" +
                   repeat("$0", 400) + "\"))") == "36000000");
    CHECK(evaluate("string length(replace(string join(for x in 1..90000 return \"aaaaaaaaaa\"), \"a\", \"" +
                       repeat("$0", 400) + "\"))",
                   1'000'000'000) == "limit.memory");
}

TEST_CASE("regex: a text that is not UTF-8 matches nothing") {
    CHECK(search(".", "\xff\xfe") == "none");
    CHECK(search("", std::string("a\0b", 3)) == "found");
    CHECK(search("a.b", std::string("a\0b", 3)) == "found");
}

TEST_CASE("regex: blocks and sets") {
    auto block = feel::unicode_block("Hiragana");
    REQUIRE(block);
    CHECK(block->first == 0x3040);
    CHECK(block->last == 0x309F);
    CHECK_FALSE(feel::unicode_block("hiragana"));
    CHECK_FALSE(feel::unicode_block(""));
    // A set and its complement part the code points, alone and inside a class.
    for (const char* letters : {"sS", "dD", "wW", "iI", "cC"}) {
        for (char32_t point : {U'a', U'Z', U'_', U':', U'-', U'7', U' ', U'\n', U'\u00A0', U'\u00B7', U'中', U'\u2040',
                               U'\uFFFD', U'\U0001F600', U'\U000EFFFF', U'\U0010FFFF', U'٣', U'+', U'!'}) {
            std::string text;
            base::append_utf8(text, point);
            std::string set = std::string("\\") + letters[0], complement = std::string("\\") + letters[1];
            INFO(set << " of U+" << std::hex << static_cast<uint32_t>(point));
            bool in = search("^" + set + "$", text) == "found";
            CHECK((search("^" + complement + "$", text) == "found") != in);
            CHECK((search("^[" + set + "]$", text) == "found") == in);
            CHECK((search("^[^" + set + "]$", text) == "found") != in);
            CHECK((search("^[^" + complement + "]$", text) == "found") == in);
            CHECK(search("^[" + set + complement + "]$", text) == "found");
        }
    }
}

TEST_CASE("regex: more patterns than are kept, from several threads") {
    std::vector<std::thread> threads;
    std::vector<int> wrong(4, 0);
    for (size_t t = 0; t < wrong.size(); t++) {
        threads.emplace_back([&wrong, t] {
            for (int i = 0; i < 600; i++) {
                std::string number = std::to_string(i * 7 % 500);
                if (search("^n" + number + "$", "n" + number) != "found") wrong[t]++;
                if (search("^n" + number + "$", "n" + number + "x") != "none") wrong[t]++;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(wrong == std::vector<int>(4, 0));
}

TEST_CASE("regex: random patterns are a pattern or a fault") {
    const char* given = std::getenv("LEAT_TEST_SEED");
    uint64_t seed = given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
    INFO("seed " << seed << " (LEAT_TEST_SEED repeats it)");
    std::mt19937_64 random(seed);
    static const std::string kPieces[] = {"a",  "b",   "中",  ".",   "^",       "$",      "(", ")",  "(?:", "|", "[",
                                          "]",  "[^",  "-",   "-[",  "{2}",     "{1,3}",  "?", "*",  "+",   "{", "}",
                                          "\\", "\\d", "\\",  "\\1", "\\p{Lu}", "\\i",    "1", " ",  "\\]", ",", "&&",
                                          "\n", "\\w", "\\-", "\\C", "\\P{N}",  "\\s\\S", "😀", "\\$"};
    int good = 0, bad = 0;
    for (int i = 0; i < 20'000; i++) {
        std::string pattern, flags;
        for (uint64_t n = random() % 9; n > 0; n--) pattern += kPieces[random() % std::size(kPieces)];
        for (char c : std::string("smix")) {
            if (random() % 4 == 0) flags += c;
        }
        INFO(pattern << " flags " << flags);
        auto translation = feel::translate_regex(pattern, *RegexFlags::parse(flags));
        std::string answer = search(pattern, "ab中A1-😀\n^$", flags);
        bool searched = answer == "found" || answer == "none" || answer == "limit.regex";
        // What XPath's grammar takes, PCRE2 compiles: nothing that the translation lets pass is an error there.
        CHECK(searched == translation.fault.empty());
        (searched ? good : bad)++;
    }
    CHECK(good > 1000);
    CHECK(bad > 1000);
}

TEST_CASE("regex: a plain pattern finds what the search engine finds") {
    const char* given = std::getenv("LEAT_TEST_SEED");
    uint64_t seed = given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
    std::cout << "plain pattern seed " << seed << " (LEAT_TEST_SEED repeats it)\n";
    std::mt19937_64 random(seed);
    const char* patterns[] = {
        "-",       ",",       "ab",     "\\.",   "\\\\n",         "a\\.b", "、",   "[0-9]",    "[^0-9]",
        "[^0-9]+", "[a-cX]+", "[^a-c]", "\\s",   "\\s+",          "\\S",   "\\S+", "[\\s,;]+", "[^\\s]",
        "[\\-+]",  "[.]",     "[^.@]+", "[\\]]", "[a-zA-Z0-9_]+", "~",     "#",    "é"};
    const char* pieces[] = {"a",        "b",       "ab", "X", "0", "9", "-", "+", ".", ",",  ";",  " ",
                            "\t",       "\n",      "\\", "]", "@", "_", "~", "#", "é", "、", "华", "\xF0\x9F\x98\x80",
                            "\xC2\x85", "\xC2\xA0"};
    for (const char* pattern : patterns) {
        REQUIRE(feel::PlainPattern::of(pattern, RegexFlags{}));
        std::string fault;
        auto plain = Regex::get(pattern, RegexFlags{}, fault);
        auto engine = Regex::get("(?:" + std::string(pattern) + ")", RegexFlags{}, fault);
        REQUIRE(plain);
        REQUIRE(engine);
        CHECK_FALSE(plain->matches_nothing());
        CHECK(plain->groups() == 0);
        for (int round = 0; round < 200; round++) {
            std::string text;
            for (size_t parts = random() % 12; parts > 0; parts--) text += pieces[random() % std::size(pieces)];
            INFO(pattern << " in " << text << " seed " << seed);
            std::vector<Regex::Span> a, b;
            uint64_t work = 0;
            size_t at = 0;
            while (true) {
                bool found = plain->search(text, at, a, work);
                REQUIRE(found == engine->search(text, at, b, work));
                if (!found) break;
                REQUIRE(a.size() == b.size());
                REQUIRE(a[0].begin == b[0].begin);
                REQUIRE(a[0].end == b[0].end);
                at = a[0].end;
            }
        }
        std::vector<Regex::Span> spans;
        uint64_t work = 0;
        CHECK_FALSE(plain->search("a-\xFF, 1", 0, spans, work));  // no text
    }
    for (const char* pattern :
         {"",   "a+", "[a-c-[b]]", "[z-a]", "[a",     "a]",    "[]", "[^]",   "(a)",  "a|b", "\\d",
          "^a", "a$", ".",         "[a-]",  "[0-9-]", "[A-z]", "\\", "[\\d]", "a{2}", "\\1", "[+-.]"})
        CHECK_FALSE(feel::PlainPattern::of(pattern, RegexFlags{}));
    CHECK(feel::PlainPattern::of("a.b(", *RegexFlags::parse("q")));
    CHECK_FALSE(feel::PlainPattern::of("a", *RegexFlags::parse("i")));
    CHECK_FALSE(feel::PlainPattern::of("a b", *RegexFlags::parse("x")));
}
