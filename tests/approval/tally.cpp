#include "approval/approval.hpp"
#include "catch.hpp"

using namespace leat;
using namespace leat::approval;

namespace {

std::vector<Member> members(std::initializer_list<Vote> votes) {
    std::vector<Member> out;
    for (Vote vote : votes) out.push_back({vote, 1});
    return out;
}
constexpr Vote O = Vote::open, A = Vote::approved, R = Vote::rejected;

Policy of(Mode mode) {
    Policy policy;
    policy.mode = mode;
    return policy;
}

Policy passing(const char* text) {
    auto policy = parse_pass(text);
    REQUIRE(policy);
    return *policy;
}

// Whether a finished vote passes, in whole numbers: percent is in tenths.
bool passes(const std::vector<int>& weights, unsigned approved, int permille, bool inclusive, int needed) {
    int have = 0, total = 0, heads = 0;
    for (size_t i = 0; i < weights.size(); ++i) {
        total += weights[i];
        if (approved >> i & 1) have += weights[i], ++heads;
    }
    if (needed > 0) return heads >= needed;
    return inclusive ? have * 1000 >= permille * total : have * 1000 > permille * total;
}

// Decided means: every way in which the open votes can still go has the same end.
Verdict brute_force(const std::vector<Member>& list, const std::vector<int>& weights, int permille, bool inclusive,
                    int needed) {
    bool some_pass = false, some_fail = false;
    for (unsigned ways = 0; ways < 1u << list.size(); ++ways) {
        bool possible = true;
        for (size_t i = 0; i < list.size(); ++i) {
            bool yes = (ways >> i & 1) != 0;
            if ((list[i].vote == A && !yes) || (list[i].vote == R && yes)) possible = false;
        }
        if (!possible) continue;
        (passes(weights, ways, permille, inclusive, needed) ? some_pass : some_fail) = true;
    }
    if (some_pass && some_fail) return Verdict::open;
    return some_pass ? Verdict::approved : Verdict::rejected;
}

}  // namespace

TEST_CASE("any: the first decision wins either way") {
    CHECK(tally(of(Mode::any), members({O, O})) == Verdict::open);
    CHECK(tally(of(Mode::any), members({O, A})) == Verdict::approved);
    CHECK(tally(of(Mode::any), members({R, O})) == Verdict::rejected);
    CHECK(tally(of(Mode::any), members({A, R})) == Verdict::rejected);
}

TEST_CASE("all and sequence: the first refusal ends it, else everybody") {
    for (Mode mode : {Mode::all, Mode::sequence}) {
        CHECK(tally(of(mode), members({A, O})) == Verdict::open);
        CHECK(tally(of(mode), members({A, A})) == Verdict::approved);
        CHECK(tally(of(mode), members({O, R, O})) == Verdict::rejected);
    }
}

TEST_CASE("nobody decides nothing") {
    for (Mode mode : {Mode::any, Mode::all, Mode::vote, Mode::sequence}) {
        CHECK(tally(of(mode), {}) == Verdict::open);
        CHECK_FALSE(next(of(mode), {}));
    }
    CHECK(tally(of(Mode::vote), {{A, 0}, {R, 0}}) == Verdict::open);
}

TEST_CASE("sequence: whose turn it is") {
    CHECK(next(of(Mode::sequence), members({O, O})) == size_t{0});
    CHECK(next(of(Mode::sequence), members({A, O, O})) == size_t{1});
    CHECK_FALSE(next(of(Mode::sequence), members({A, A})));
    CHECK_FALSE(next(of(Mode::sequence), members({R, O})));
    CHECK_FALSE(next(of(Mode::all), members({O, O})));
}

TEST_CASE("vote: ends as soon as every continuation agrees, for all small votes") {
    struct Mark {
        const char* text;
        int permille;
        bool inclusive;
        int needed;
    };
    const Mark marks[] = {{"> 50%", 500, false, 0}, {">= 50%", 500, true, 0},   {"> 66.6%", 666, false, 0},
                          {"> 0%", 0, false, 0},    {">= 100%", 1000, true, 0}, {"1", 0, false, 1},
                          {"3", 0, false, 3}};
    const std::vector<std::vector<int>> weightings = {{1, 1, 1, 1, 1}, {5, 1, 1, 1, 1}, {2, 3, 2, 0, 1}};
    size_t checked = 0;
    for (const Mark& mark : marks) {
        Policy policy = passing(mark.text);
        for (const auto& all_weights : weightings) {
            for (size_t count = 1; count <= 5; ++count) {
                std::vector<int> weights(all_weights.begin(), all_weights.begin() + static_cast<std::ptrdiff_t>(count));
                unsigned states = 1;
                for (size_t i = 0; i < count; ++i) states *= 3;
                for (unsigned state = 0; state < states; ++state) {
                    std::vector<Member> list;
                    unsigned rest = state;
                    for (size_t i = 0; i < count; ++i, rest /= 3)
                        list.push_back({static_cast<Vote>(rest % 3), weights[i]});
                    CAPTURE(mark.text, count, state);
                    REQUIRE(tally(policy, list) ==
                            brute_force(list, weights, mark.permille, mark.inclusive, mark.needed));
                    ++checked;
                }
            }
        }
    }
    CHECK(checked == 7u * 3u * (3 + 9 + 27 + 81 + 243));
}

TEST_CASE("decimal weights count exactly") {
    std::vector<Member> list = {{A, *Decimal::parse("0.1")}, {A, *Decimal::parse("0.2")}, {O, *Decimal::parse("0.3")}};
    CHECK(tally(passing("> 50%"), list) == Verdict::open);  // 0.3 of 0.6 is not more than half
    CHECK(tally(passing(">= 50%"), list) == Verdict::approved);
}

TEST_CASE("passing marks") {
    Policy half = passing("> 50%");
    CHECK((half.mode == Mode::vote && half.pass_percent == Decimal(50) && !half.pass_inclusive && !half.pass_count));
    CHECK(passing(" >=66.7 % ").pass_percent == *Decimal::parse("66.7"));
    CHECK(passing(">= 60%").pass_inclusive);
    CHECK(passing("3").pass_count == int64_t{3});
    for (const char* wrong : {"", "50%", ">= 2/3", "> 3", "0", "-1", "> 100%", ">= 101%", ">= 0%", "> x%", "half",
                              "> %", "1.5", "> 1e1%", "99999999999999999999", "＞ 50%"}) {
        CAPTURE(wrong);
        auto policy = parse_pass(wrong);
        REQUIRE_FALSE(policy);
        CHECK(policy.error().status == Status::usage);
        CHECK(policy.error().code == "approval.pass");
        CHECK(policy.error().message.find("write '> 50%'") != std::string::npos);
    }
}
