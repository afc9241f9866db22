// Broken texts: every expression of the table, cut, doubled and mixed, is either an error with a place or has a value.
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>

#include "catch.hpp"
#include "fake_scope.hpp"
#include "feel/standalone.hpp"

using namespace leat;

namespace {

std::vector<std::string> expressions() {
    std::ifstream file(std::string(LEAT_SOURCE_DIR) + "/tests/feel/core.txt");
    std::vector<std::string> all = {
        "amount > 3 and count(records.order[customer = this.customer]) > 1", "lines[quantity > 2].product[1]",
        "every l in lines satisfies l.amount < settings.limit", "status in (\"open\", \"won\")"};
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line[0] == '#') continue;
        all.push_back(line.substr(0, line.find('|')));
    }
    return all;
}

}  // namespace

TEST_CASE("feel: broken texts") {
    const char* given = std::getenv("LEAT_TEST_SEED");
    uint64_t seed = given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
    std::cout << "feel mutation seed " << seed << " (LEAT_TEST_SEED repeats it)\n";
    std::mt19937_64 random(seed);
    std::vector<std::string> texts = expressions();
    auto any_text = [&]() -> const std::string& { return texts[random() % texts.size()]; };
    int values = 0, errors = 0;
    for (int i = 0; i < 4000; i++) {
        std::string text = any_text();
        for (uint64_t edits = 1 + random() % 3; edits > 0; edits--) {
            size_t at = random() % (text.size() + 1);
            size_t length = random() % 4;
            const std::string& other = any_text();
            size_t from = random() % other.size();
            switch (random() % 3) {
                case 0:
                    text.erase(at, length);
                    break;
                case 1:
                    text.insert(at, other.substr(from, 1 + random() % 12));
                    break;
                default:
                    text.replace(at, length, other.substr(from, length));
                    break;
            }
        }
        INFO("seed " << seed << ": " << text);
        feel::StandaloneOptions options;
        options.lenient = random() % 2 == 0;
        options.limits.steps_max = 100'000;
        options.limits.list_items_max = 10'000;
        Arena arena(16u << 20);
        auto result = feel::evaluate_text(text, Value(), nullptr, arena, options);
        if (result) {
            values++;
            value::to_text(*result);
        } else {
            errors++;
            REQUIRE_FALSE(result.error().code.empty());
            REQUIRE_FALSE(result.error().message.empty());
            if (result.error().status == Status::program) REQUIRE_FALSE(result.error().diagnostics.empty());
        }
        fake::World world;
        if (auto compiled = world.compile(text)) {
            uint64_t steps = 100'000;
            feel::Frame frame = world.frame();
            frame.steps_left = &steps;
            try {
                compiled->evaluate(frame);
            } catch (const LimitError& limit) {
                CHECK_FALSE(limit.code().empty());
            }
        } else {
            REQUIRE(world.diagnostics.has_errors());
        }
        world.diagnostics = {};
        auto cell = feel::compile_unary_tests(fake::text_of(text), world.scope.status_type(), world.scope, {},
                                              world.diagnostics);
        REQUIRE((cell != nullptr) != world.diagnostics.has_errors());
        feel::compile_template(fake::text_of("{" + text + "}"), world.scope, {}, world.diagnostics);
    }
    CHECK(values > 0);
    CHECK(errors > 0);
}
