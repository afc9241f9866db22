// Candidates found by the engine, with what SQLite looks up, are those of comparing each with each.
#include <algorithm>
#include <map>
#include <random>

#include <fmt/format.h>

#include "engine/fixture.hpp"
#include "record/likeness.hpp"

using namespace leat;
using test::Fixture;

namespace {

constexpr const char* kThings = R"(
leat: 1
app: things
language: en
currency: CNY
---
entity: thing
fields:
  名称: {type: string}
  kind: {type: enum, enum: [a, b, c]}
  on: date
  at: datetime
  amount: money
  wide: {type: decimal, digits: 30, scale: 4}
  flag: boolean
  parent: {type: ref, to: thing}
index: [[kind, on]]
duplicates:
  - {match: [名称, kind]}
  - {match: [on, amount, kind]}
  - {match: [at, flag], if: amount > 1}
  - {match: [名称], similarity: 0.4}
  - {match: [名称, parent]}
  - {match: [wide]}
)";

struct Thing {
    std::map<std::string, std::string> values;  // JSON; a null is not in it
};

// In thousandths; 0: not alike.
int alike(const Thing& a, const Thing& b, const std::vector<std::string>& match, int similarity) {
    int lowest = 1000;
    for (const std::string& name : match) {
        auto x = a.values.find(name), y = b.values.find(name);
        if (x == a.values.end() || y == b.values.end()) return 0;
        if (name != "名称") {
            if (x->second != y->second) return 0;
            continue;
        }
        const std::string left = x->second.substr(1, x->second.size() - 2),
                          right = y->second.substr(1, y->second.size() - 2);
        if (record::plain_letters(left).empty()) return 0;
        lowest =
            std::min(lowest, similarity ? record::similarity_permille(record::trigrams(left), record::trigrams(right))
                             : record::plain_letters(left) == record::plain_letters(right) ? 1000
                                                                                           : 0);
    }
    return lowest >= (similarity ? similarity : 1000) ? lowest : 0;
}

}  // namespace

TEST_CASE("candidates are those that comparing each with each finds") {
    const unsigned seed = std::random_device{}();
    INFO("seed " << seed);
    std::mt19937 random(seed);
    auto pick = [&](size_t n) { return static_cast<size_t>(random() % n); };
    const std::vector<std::string> names = {"东方贸易",     "东方 贸易", "东方贸易公司", "ACME Ltd", "acme, LTD",
                                            "Acme Trading", "—",         "Ａcme Ltd"};
    Fixture s(kThings);
    std::vector<Thing> things;
    REQUIRE(s.system->begin_batch());
    for (int i = 0; i < 70; ++i) {
        Thing thing;
        auto maybe = [&](const char* name, const std::string& json) {
            if (pick(5)) thing.values[name] = json;
        };
        maybe("名称", "\"" + names[pick(names.size())] + "\"");
        maybe("kind", std::string("\"") + "abc"[pick(3)] + "\"");
        maybe("on", fmt::format("\"2026-01-0{}\"", 1 + pick(2)));
        maybe("at", fmt::format("\"2026-01-01T0{}:00:00Z\"", pick(3)));
        maybe("amount", fmt::format("\"{}.50\"", pick(3)));
        maybe("wide", fmt::format("\"{}.5000\"", pick(3)));
        maybe("flag", pick(2) ? "true" : "false");
        if (i > 0) maybe("parent", fmt::format("\"{}\"", 1 + pick(std::min<size_t>(static_cast<size_t>(i), 3))));
        std::string json;
        for (const auto& [name, value] : thing.values)
            json += fmt::format("{}\"{}\":{}", json.empty() ? "" : ",", name, value);
        Fixture::done(s.system->create("thing", "{" + json + "}"));
        things.push_back(std::move(thing));
    }
    REQUIRE(s.system->commit_batch());
    size_t pairs = 0;
    for (size_t i = 0; i < things.size(); ++i) {
        std::map<std::string, int> expected;
        auto amount = [](const Thing& one) {
            auto at = one.values.find("amount");
            return at == one.values.end() ? 0 : std::stoi(at->second.substr(1));
        };
        for (size_t j = 0; j < things.size(); ++j) {
            if (i == j) continue;
            const Thing &a = things[i], &b = things[j];
            int best =
                std::max({alike(a, b, {"名称", "kind"}, 0), alike(a, b, {"on", "amount", "kind"}, 0),
                          alike(a, b, {"名称"}, 400), alike(a, b, {"名称", "parent"}, 0), alike(a, b, {"wide"}, 0)});
            if (amount(a) >= 1 && amount(b) >= 1) best = std::max(best, alike(a, b, {"at", "flag"}, 0));
            if (best) expected[std::to_string(j + 1)] = best;
        }
        std::map<std::string, int> found;
        for (const Json& one : Fixture::json(s.system->duplicates("thing", std::to_string(i + 1), "", 1'000)).items)
            found[one.find("key")->text] = static_cast<int>(std::stod(one.find("similarity")->text) * 1000 + 0.5);
        INFO("thing " << i + 1);
        CHECK(found == expected);
        pairs += expected.size();
    }
    CHECK(pairs > 100);
}
