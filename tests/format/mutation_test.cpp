// Whatever can be read is formatted, says the same afterwards, and formatting it again changes nothing. Seeded;
// LEAT_SEED takes a seed back.
#include <cstdlib>

#include "base/clock.hpp"
#include "catch.hpp"
#include "format/format.hpp"

using namespace leat;

namespace {

const std::string kText = R"yaml(# head
leat: 1

title: {zh: 从线索,en: Lead}   # two
---
entity: deal
fields:
    name: { type: string, required: true }
    lines:
        type: list
        # the lines
        fields: {price: {type: money,
                 minimum: 0}, x: [a,b ]}
    note: {formula: |}
unique:
- [a, b]
-   [c]
---
decision: d
table: |
     | a | -> x | // 说明 |
     | - | null | 好    |

     | b | c | d |
---
flow: f
states:
  a:
    entry:
    - set: {x: "= a + 1"}
      as: y

    - notify: = owner
      text: '你好
        there'
    if: a and
      b
    folded: >-
        one
          two

        three
  # about b
  b: {type: final}   # end
)yaml";

}  // namespace

TEST_CASE("formatting is safe and stays, whatever the file") {
    const char* set = std::getenv("LEAT_SEED");
    uint64_t seed = set != nullptr ? std::strtoull(set, nullptr, 10) : 20260101;
    base::SeededRandom random(seed);
    auto draw = [&](size_t below) {
        uint32_t value = 0;
        random.fill(&value, sizeof value);
        return value % below;
    };
    std::string start = kText;
    start.replace(start.find("{formula: |}"), 12, "x");
    const std::string signs = "{}[]:,'\"|>-#\n  \n  ab\n    ";
    size_t formatted = 0;
    for (int round = 0; round < 4000; ++round) {
        std::string text = start;
        for (size_t count = draw(4); count > 0; --count) {
            size_t at = draw(text.size());
            switch (draw(4)) {
                case 0:
                    text.erase(at, 1 + draw(4));
                    break;
                case 1:
                    text.insert(at, 1, signs[draw(signs.size())]);
                    break;
                case 2:
                    text.insert(at, draw(3), ' ');
                    break;
                default:
                    text.insert(at, "\n" + std::string(draw(8), ' '));
                    break;
            }
        }
        INFO("LEAT_SEED=" << seed << " round " << round << "\n" << text);
        Result<std::string> once = format::format(text);
        if (!once) {
            CHECK(once.error().code == "format.syntax");
            continue;
        }
        ++formatted;
        Result<std::string> twice = format::format(*once);
        REQUIRE(twice);
        INFO("once:\n" << *once);
        CHECK((*twice == *once));
    }
    CHECK(formatted > 1000);
}
