// Two ways, one answer: conditions by their shortcut and by the machine, over rows with empty fields, numbers of other
// scales and values of other kinds.
#include <cstdlib>
#include <iostream>
#include <random>

#include "catch.hpp"
#include "fake_scope.hpp"
#include "feel/shortcut.hpp"

using namespace fake;
using feel::Shortcut;

namespace {

// A condition over the fields of an order, as somebody may write it.
class Conditions {
 public:
    explicit Conditions(uint64_t seed) : random_(seed) {}

    std::string next(int depth) {
        if (depth > 0 && pick(3) > 0) {
            if (pick(4) == 0) return "not(" + next(depth - 1) + ")";
            return "(" + next(depth - 1) + (pick(2) ? " and " : " or ") + next(depth - 1) + ")";
        }
        static const char* const kRelations[] = {"=", "!=", "<", "<=", ">", ">="};
        std::string relation = kRelations[pick(6)];
        switch (pick(12)) {
            case 0:
                return "amount " + relation + " " + number();
            case 1:
                return number() + " " + relation + " this.ratio";
            case 2:
                return "placed_on " + relation + " @\"2026-11-2" + std::to_string(pick(4)) + "\"";
            case 3:
                return std::string("note ") + (pick(2) ? "=" : "!=") + " " + text();
            case 4:
                return "note in (" + text() + ", " + text() + ", " + text() + ")";
            case 5:
                return "amount in [" + number() + ".." + number() + "]";
            case 6:
                return "ratio in (< " + number() + ", " + number() + ", ]" + number() + ".." + number() + "[)";
            case 7:
                return "amount between " + number() + " and " + number();
            case 8:
                return std::string(pick(2) ? "note" : "amount") + (pick(2) ? " = null" : " != null");
            case 9:
                return "threshold " + relation + " ratio";
            case 10:
                return "status in [\"open\", \"won\"]";
            default:
                return "ratio " + relation + " amount / 1000";  // not of comparisons alone
        }
    }
    // A row's value: usual, empty, of another scale, large, or of another kind.
    Value value(Value usual, const NullReason* empty) {
        switch (pick(9)) {
            case 0:
                return Value::null(empty);
            case 1:
                return Value::string("open");
            case 2:
                return Value::number(Decimal::make(static_cast<__int128>(pick(3)) << 70, -2));
            case 3:
                return Value::number(
                    Decimal::make(9 * (static_cast<int64_t>(pick(3)) - 1), static_cast<int>(pick(5)) - 2));
            default:
                return usual;
        }
    }
    uint32_t pick(uint32_t count) { return static_cast<uint32_t>(random_() % count); }

 private:
    std::string number() {
        static const char* const kNumbers[] = {"0",  "0.9",  "1000",   "1000.00", "0.90001",
                                               "-3", "1e30", "900e-3", "999.999"};
        return kNumbers[pick(9)];
    }
    std::string text() {
        static const char* const kTexts[] = {"\"\"", "\"a\"", "\"open\"", "\"a longer text than most\"", "\"华东\""};
        return kTexts[pick(5)];
    }
    std::mt19937_64 random_;
};

}  // namespace

TEST_CASE("feel: a condition's shortcut answers what the machine does") {
    const char* given = std::getenv("LEAT_TEST_SEED");
    uint64_t seed = given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
    std::cout << "feel shortcut seed " << seed << " (LEAT_TEST_SEED repeats it)\n";
    Conditions conditions(seed);
    World world;
    feel::CompileOptions machine_only;  // without a record there is no shortcut
    size_t decided = 0, left = 0;
    for (int round = 0; round < 3000; round++) {
        std::string source = conditions.next(3);
        INFO(source << " seed " << seed);
        auto quick = world.compile(source);
        auto plain = feel::compile(text_of(source), world.scope, machine_only, world.diagnostics);
        REQUIRE(quick);
        REQUIRE(plain);
        REQUIRE(feel::shortcut_of(*plain) == nullptr);
        for (int row = 0; row < 10; row++) {
            world.row[kAmount] = conditions.value(money(100000), &world.empty_amount);
            world.row[kRatio] = conditions.value(Value::number(Decimal::make(9000, -4)), nullptr);
            world.row[kNote] = conditions.value(Value::string("a"), &world.empty_note);
            world.row[kPlacedOn] = conditions.value(Value::of(*Date::of(2026, 11, 21)), nullptr);
            feel::Frame frame = world.frame();
            Value expected = plain->evaluate(frame), found = quick->evaluate(frame);
            CHECK(value::identical(expected, found));
            const Shortcut* shortcut = feel::shortcut_of(*quick);
            if (!shortcut) continue;
            auto answer = shortcut->decide(world.row.data(), world.locals.data());
            (answer == Shortcut::Answer::unknown ? left : decided)++;
            if (answer != Shortcut::Answer::unknown) CHECK(expected.is_true() == (answer == Shortcut::Answer::yes));
            if (expected.is_null()) CHECK(answer == Shortcut::Answer::unknown);
        }
    }
    CHECK(decided > 1000);
    CHECK(left > 1000);
}

TEST_CASE("feel: an empty field in a shortcut still says why") {
    World world;
    world.row[kAmount] = Value::null(&world.empty_amount);
    auto condition = world.compile("amount > 5 and status = \"open\"");
    REQUIRE(condition);
    REQUIRE(feel::shortcut_of(*condition));
    feel::Frame frame = world.frame();
    Value value = condition->evaluate(frame);
    REQUIRE(value.is_null());
    REQUIRE(value.null_reason);
    CHECK(value.null_reason->name == "amount");
    // What needs no machine is told by what it is made of.
    for (const char* source : {"amount > 5", "5 < amount", "not(status = \"won\")", "note = null", "amount in (1, 2)",
                               "status in [\"open\"] or placed_on <= @\"2026-01-01\"", "amount between 1 and 2"})
        CHECK(feel::shortcut_of(*world.compile(source)) != nullptr);
    for (const char* source : {"amount + 1 > 5", "customer.name = \"Ada\"", "count(lines) > 1", "note < \"b\"",
                               "count(records.order[amount > 5]) > 0", "amount > ratio * 2"})
        CHECK(feel::shortcut_of(*world.compile(source)) == nullptr);
}
