// Values on their way into columns and back: wide decimals, currencies of records, lengths in code points, the first
// and the last day.
#include <random>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "fixture.hpp"

using namespace leat;
using namespace leat::test;

namespace {

std::string failure(const Result<engine::Outcome>& outcome) {
    if (!outcome) return outcome.error().code;
    return outcome->refused ? "refused: " + outcome->refusals[0].message : "(none)";
}

// The text of |coefficient| < 10^digits with `scale` digits after the point.
std::string random_decimal(std::mt19937& random, int digits, int scale) {
    std::string text;
    int size = 1 + static_cast<int>(random() % static_cast<unsigned>(digits));
    for (int i = 0; i < size; ++i) text += static_cast<char>('0' + random() % 10);
    while (static_cast<int>(text.size()) <= scale) text.insert(0, "0");
    size_t whole = text.size() - static_cast<size_t>(scale);
    std::string front = text.substr(0, whole);
    front.erase(0, std::min(front.find_first_not_of('0'), front.size() - 1));
    std::string out = front + (scale ? "." + text.substr(whole) : "");
    bool zero = out.find_first_not_of("0.") == std::string::npos;
    return random() % 2 && !zero ? "-" + out : out;
}

}  // namespace

TEST_CASE("decimals of every width come back as they went in, and one digit more is refused") {
    unsigned seed = std::random_device{}();
    INFO("seed " << seed);
    std::mt19937 random(seed);
    std::string yaml = "leat: 1\napp: wide\nlanguage: en\n---\nentity: row\nfields:\n";
    std::vector<std::pair<int, int>> shapes;
    for (int digits : {1, 2, 17, 18, 19, 20, 33, 34})
        for (int scale : {0, 1, digits / 2, digits}) {
            yaml += fmt::format("  f{}: {{type: decimal, digits: {}, scale: {}}}\n", shapes.size(), digits,
                                std::min(scale, digits));
            shapes.emplace_back(digits, std::min(scale, digits));
        }
    Fixture f(yaml);
    f.done(f.system->create("row", "{}"));
    for (int round = 0; round < 8; ++round) {
        std::vector<std::string> given;
        std::string input;
        for (size_t i = 0; i < shapes.size(); ++i) {
            given.push_back(random_decimal(random, shapes[i].first, shapes[i].second));
            input += fmt::format("{}\"f{}\":\"{}\"", i ? "," : "{", i, given.back());
        }
        f.done(f.system->patch("row", "1", input + "}"));
        auto shown = f.json(f.system->show("row", "1"));
        for (size_t i = 0; i < shapes.size(); ++i) CHECK(shown.find(fmt::format("f{}", i))->text == given[i]);
    }
    for (size_t i = 0; i < shapes.size(); ++i) {
        auto [digits, scale] = shapes[i];
        std::string most(static_cast<size_t>(digits - scale), '9');
        std::string over = "1" + std::string(static_cast<size_t>(digits - scale), '0');
        if (most.empty()) most = "0";
        std::string fraction = scale ? "." + std::string(static_cast<size_t>(scale), '9') : "";
        auto set = [&](const std::string& value) {
            return failure(f.system->patch("row", "1", fmt::format("{{\"f{}\":\"{}\"}}", i, value)));
        };
        INFO(digits << " digits, " << scale << " after the point");
        CHECK(set(most + fraction) == "(none)");
        CHECK(set("-" + most + fraction) == "(none)");
        CHECK(set(over) == "input.range");
        CHECK(set("-" + over) == "input.range");
        // Rounding may need one digit more than there is. (34 digits are all that a number has.)
        if (digits < 34) CHECK(set(most + (scale ? fraction : ".") + "9") == "input.range");
        CHECK(f.json(f.system->show("row", "1")).find(fmt::format("f{}", i))->text == "-" + most + fraction);
    }
}

TEST_CASE("amounts are rounded to the digits of the currency that their record names") {
    Fixture f(R"(leat: 1
app: money
language: en
currency: CNY
rounding: half_up
---
entity: deal
fields:
  currency: {type: string}
  code: {type: enum, enum: [CNY, JPY, KWD]}
  amount: {type: money, currency: currency}
  dinars: {type: money, currency: code, scale: 3}
  half: {type: money, currency: currency, formula: amount / 2}
)");
    f.done(f.system->create("deal", R"({"amount":"10.555","currency":"JPY","code":"KWD","dinars":"1.2345"})"));
    CHECK(f.field("deal", "1", "amount") == "11.00");
    CHECK(f.field("deal", "1", "half") == "6.00");
    CHECK(f.field("deal", "1", "dinars") == "1.235");
    f.done(f.system->patch("deal", "1", R"({"currency":"CNY","amount":"10.555"})"));
    CHECK(f.field("deal", "1", "amount") == "10.56");
    CHECK(f.field("deal", "1", "half") == "5.28");
    f.done(f.system->patch("deal", "1", R"({"currency":"JPY"})"));  // what is there is rounded, too
    CHECK(f.field("deal", "1", "amount") == "11.00");
    CHECK(f.field("deal", "1", "half") == "6.00");
    f.done(f.system->patch("deal", "1", R"({"currency":"CNY"})"));
    CHECK(f.field("deal", "1", "half") == "5.50");
    CHECK(failure(f.system->patch("deal", "1", R"({"currency":"KWD"})")) ==
          "refused: amount keeps too few digits after the point for KWD");
    f.done(f.system->patch("deal", "1", R"({"code":"JPY"})"));
    CHECK(f.field("deal", "1", "dinars") == "1.000");
    f.done(f.system->patch("deal", "1", R"({"currency":null})"));
    CHECK(f.field("deal", "1", "amount") == "11.00");
}

TEST_CASE("lengths count code points, dates go from 0001 to 9999") {
    Fixture f(R"(leat: 1
app: edges
language: en
timezone: Asia/Shanghai
---
entity: row
fields:
  name: {type: string, minLength: 2, maxLength: 3}
  day: {type: date}
  at: {type: datetime}
  tags: {type: list, of: string, maxLength: 2}
)");
    f.done(f.system->create("row", "{}"));
    auto set = [&](const std::string& field, const std::string& value) {
        return failure(f.system->patch("row", "1", "{\"" + field + "\":\"" + value + "\"}"));
    };
    CHECK(set("name", "王") == "refused: name must have at least 2 characters");
    CHECK(set("name", "王小") == "(none)");
    CHECK(set("name", "𠮷野家") == "(none)");
    CHECK(set("name", "😀😀😀") == "(none)");
    CHECK(set("name", "😀😀😀😀") == "refused: name must have at most 3 characters");
    CHECK(set("name", "e\\u0301a") == "(none)");  // two code points make this é
    CHECK(set("name", "\\ud83d") != "(none)");    // half a character is no text
    CHECK(failure(f.system->patch("row", "1", R"({"tags":["东西","南北南"]})")) ==
          "refused: tags must have at most 2 characters");
    CHECK(set("day", "0001-01-01") == "(none)");
    CHECK(f.field("row", "1", "day") == "0001-01-01");
    CHECK(set("day", "9999-12-31") == "(none)");
    CHECK(set("day", "0000-12-31") == "input.range");
    CHECK(set("day", "10000-01-01") == "input.range");
    CHECK(set("day", "2026-02-29") == "input.type");
    CHECK(set("day", "2024-02-29") == "(none)");
    CHECK(set("at", "0001-01-02T00:00:00Z") == "(none)");
    CHECK(f.field("row", "1", "at") == "0001-01-02T00:00:00.000000Z");
    CHECK(set("at", "9999-12-30T00:00:00Z") == "(none)");
    CHECK(set("at", "10000-01-02T00:00:00Z") == "input.range");
    CHECK(set("at", "0000-12-30T00:00:00Z") == "input.range");
    CHECK(set("at", "2026-03-01T12:00:00.1234567+08:00") == "(none)");  // parts of a microsecond are cut
    CHECK(f.field("row", "1", "at") == "2026-03-01T04:00:00.123456Z");
}

TEST_CASE("moments may leave the seconds out, as inputs of browsers do") {
    Fixture f(
        "leat: 1\napp: moments\nlanguage: en\ntimezone: Asia/Shanghai\n---\nentity: row\nfields: {上班: time, at: "
        "datetime, "
        "times: {type: list, of: time}}\n");
    f.done(f.system->create("row", R"({"上班":"09:30","at":"2026-11-22T10:00","times":["08:00","17:30:15"]})"));
    CHECK(f.field("row", "1", "上班") == "09:30:00");
    CHECK(f.field("row", "1", "at") == "2026-11-22T02:00:00.000000Z");
    CHECK(base::to_text(*f.json(f.system->show("row", "1")).find("times")) == R"(["08:00:00","17:30:15"])");
    f.done(f.system->patch("row", "1", R"({"上班":"09:30Z","at":"2026-11-22T10:00+01:00"})"));
    CHECK(f.field("row", "1", "at") == "2026-11-22T09:00:00.000000Z");
    for (const char* wrong : {R"({"上班":"9:30"})", R"({"上班":"09:60"})", R"({"上班":"09"})", R"({"上班":"09:30:"})",
                              R"({"at":"2026-11-22 10:00"})", R"({"at":"2026-11-22T25:00"})", R"({"at":"09:30"})",
                              R"({"上班":"上午九点半"})"}) {
        INFO(wrong);
        CHECK(failure(f.system->patch("row", "1", wrong)) == "input.type");
    }
}
