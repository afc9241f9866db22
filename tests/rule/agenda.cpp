#include "rule/agenda.hpp"

#include "catch.hpp"

using namespace leat::rule;

TEST_CASE("rules run by order, then name, then as declared") {
    std::vector<RuleShape> rules = {{"b", 100, Trigger::changed},
                                    {"late", 200, Trigger::created},
                                    {"a", 100, Trigger::becomes},
                                    {"first", -1, Trigger::changed},
                                    {"a", 100, Trigger::deleted}};
    CHECK(firing_order(rules) == std::vector<uint32_t>{3, 2, 4, 0, 1});
    CHECK(firing_order({}).empty());
}

TEST_CASE("becomes fires on the rising edge only, and again after it fell") {
    Seen seen;
    CHECK_FALSE(edge(seen, false));
    CHECK(edge(seen, true));
    CHECK_FALSE(edge(seen, true));
    CHECK_FALSE(edge(seen, false));
    CHECK(edge(seen, true));
    Seen true_before{false, true};  // a record that already satisfied the condition when the command began
    CHECK_FALSE(edge(true_before, true));
}
