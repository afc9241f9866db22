// Scorecards against adding up by hand, on random cards and inputs. The seed is printed; LEAT_SEED gives it back.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "catch.hpp"
#include "loading.hpp"
#include "program/decide.hpp"

using namespace leat;
using namespace leat::program;

namespace {

class Nothing final : public feel::Environment {
 public:
    Value member(const Value&, uint32_t, feel::Frame&) override { return Value(); }
    bool query(const feel::CollectionQuery&, std::span<const Value>, feel::Frame&, Value& out) override {
        out = Value::list(nullptr, 0);
        return false;
    }
    Value call(uint32_t, std::span<const Value>, feel::Frame&) override { return Value(); }
    int64_t now_us() override { return 0; }
    value::Zone time_zone() override { return {value::ZoneKind::offset, 0}; }
};

struct Attribute {
    int64_t at_least, points;
};
struct Card {
    int64_t initial;
    std::vector<std::vector<Attribute>> characteristics;  // falling at_least; the last one takes everything
    size_t reasons;
};

std::string yaml_of(const Card& card) {
    std::string out = "{leat: 1, app: test, language: en}\n---\nscorecard: s\ninputs: {";
    for (size_t i = 0; i < card.characteristics.size(); ++i) out += fmt::format("{}x{}: integer", i ? ", " : "", i);
    out += fmt::format("}}\ninitial: {}\nreasons: {}\ncharacteristics:\n", card.initial, card.reasons);
    for (size_t i = 0; i < card.characteristics.size(); ++i) {
        out += fmt::format("  x{}:\n    attributes:\n", i);
        const auto& attributes = card.characteristics[i];
        for (size_t a = 0; a < attributes.size(); ++a) {
            std::string when = a + 1 == attributes.size() ? "-" : fmt::format(">= {}", attributes[a].at_least);
            out +=
                fmt::format("      - {{when: \"{}\", points: {}, reason: r{}_{}}}\n", when, attributes[a].points, i, a);
        }
    }
    return out;
}

std::string by_hand(const Card& card, const std::vector<int64_t>& inputs) {
    int64_t score = card.initial;
    std::vector<std::pair<int64_t, std::string>> losses;
    for (size_t i = 0; i < inputs.size(); ++i) {
        const auto& attributes = card.characteristics[i];
        size_t hit = 0;
        while (hit + 1 < attributes.size() && inputs[i] < attributes[hit].at_least) ++hit;
        score += attributes[hit].points;
        int64_t best = attributes[0].points;
        for (const Attribute& one : attributes) best = std::max(best, one.points);
        if (best > attributes[hit].points)
            losses.emplace_back(best - attributes[hit].points, fmt::format("r{}_{}", i, hit));
    }
    std::stable_sort(losses.begin(), losses.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    std::string out = fmt::format("{{\"score\":{},\"reasons\":[", score);
    for (size_t i = 0; i < losses.size() && i < card.reasons; ++i)
        out += fmt::format("{}\"{}\"", i ? "," : "", losses[i].second);
    return out + "]}";
}

}  // namespace

TEST_CASE("scorecards add up as people do") {
    const char* given = std::getenv("LEAT_SEED");
    uint64_t seed = given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
    INFO("seed " << seed);
    std::mt19937_64 random(seed);
    auto pick = [&](int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(random); };
    for (int round = 0; round < 30; ++round) {
        Card card{pick(-50, 50), {}, static_cast<size_t>(pick(1, 4))};
        for (int64_t c = pick(1, 6); c > 0; --c) {
            std::vector<Attribute> attributes;
            int64_t bound = pick(50, 100);
            for (int64_t a = pick(1, 5); a > 0; --a) {
                attributes.push_back({bound, pick(-30, 30)});
                bound -= pick(1, 20);
            }
            card.characteristics.push_back(std::move(attributes));
        }
        test::Loaded loaded = test::load_text(yaml_of(card));
        INFO(loaded.text());
        REQUIRE(loaded.program);
        for (int ask = 0; ask < 40; ++ask) {
            std::vector<int64_t> inputs;
            std::vector<Value> values;
            for (size_t i = 0; i < card.characteristics.size(); ++i) {
                inputs.push_back(pick(0, 110));
                values.push_back(Value::number(inputs.back()));
            }
            Arena arena;
            Nothing nothing;
            feel::Frame frame;
            frame.arena = &arena;
            frame.environment = &nothing;
            std::string answer;
            value::append_json(answer, decide(*loaded.program, 0, frame, values));
            INFO(yaml_of(card));
            REQUIRE(answer == by_hand(card, inputs));
        }
    }
}
