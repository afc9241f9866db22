// Broken files answer with diagnostics, never with a crash. Seeded; LEAT_SEED takes a seed back.
#include <cstdlib>

#include "base/clock.hpp"
#include "catch.hpp"
#include "yaml/yaml.hpp"

using namespace leat;

namespace {

const std::string kText = R"yaml(leat: 1
app: x
title: {zh: 从线索, en: Lead}
---
roles: {sales: 销售, head: {title: 总监, includes: [sales]}}
calendars: {office: {week: {mon-fri: ["09:00-12:00"]}, exceptions: holidays.csv}}
settings: {limit: {type: money, value: {2025-01-01: 5, 2026-01-01: 6}}}
---
entity: deal
fields:
  name: {type: string, required: true}
  lines: {type: list, fields: {price: {type: money}}}
access: {sales: {read: owner = actor}}
---
decision: d
of: deal
outputs: {x: role}
table: |
  | a | -> x | // why |
  | - | null | 好    |
---
flow: f
of: deal
events: {go: [sales]}
states:
  a:
    entry: [{set: {x: "= a + 1"}}, {notify: = owner, text: '你好'}]
    on: {go: [{target: b, guard: "f(a, b)"}, b]}
  b: {type: final}   # end
)yaml";

uint64_t seed() {
    const char* set = std::getenv("LEAT_SEED");
    return set != nullptr ? std::strtoull(set, nullptr, 10) : 20260101;
}

}  // namespace

TEST_CASE("mutated definitions never crash the loader") {
    INFO("LEAT_SEED=" << seed());
    base::SeededRandom random(seed());
    auto draw = [&](size_t below) {
        uint32_t value = 0;
        random.fill(&value, sizeof value);
        return value % below;
    };
    const std::string signs = "{}[]:,'\"|>-#&*!%@`=()\n\t \\\x01\xe4\xff?~<0a";
    size_t refused = 0;
    for (int round = 0; round < 3000; ++round) {
        std::string text = kText;
        for (size_t count = 1 + draw(4); count > 0; --count) {
            size_t at = draw(text.size());
            switch (draw(4)) {
                case 0:
                    text.erase(at, 1 + draw(6));
                    break;
                case 1:
                    text.insert(at, 1, signs[draw(signs.size())]);
                    break;
                case 2:
                    text[at] = signs[draw(signs.size())];
                    break;
                default:
                    text.insert(at, text.substr(draw(text.size()), draw(30)));
                    break;
            }
        }
        Sources sources;
        Diagnostics diagnostics;
        model::Model model;
        auto files = [](const std::string&, const std::string&) {
            return std::optional<std::string>("date,kind\n2026-01-01,holiday\n");
        };
        bool good = yaml::load(text, "m.yaml", files, Limits{}, sources, model, diagnostics);
        CHECK(good == !diagnostics.has_errors());
        if (!good) ++refused;
        for (const Diagnostic& diagnostic : diagnostics.take()) {
            if (base::format(diagnostic, sources).empty() || diagnostic.code.empty() || diagnostic.span.source == 0)
                FAIL(text);
        }
    }
    CHECK(refused > 1000);
}
