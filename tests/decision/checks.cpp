// Gaps, overlaps, dead and masked rows: found exactly, each with a witness that a decision confirms.
#include <fmt/format.h>

#include <random>
#include <set>

#include "decision/check.hpp"
#include "decision/explain.hpp"
#include "feel/standalone.hpp"
#include "fixture.hpp"

using namespace leat;
using namespace leat::decision;
using feel::TypeKind;
using Found = Finding::Kind;

namespace {

struct Shop : Fields {
    feel::EnumType grades{"grade", {{"gold", {}}, {"silver", {}}, {"bronze", {}}}};
    feel::TypeRef num = types().basic(TypeKind::number), str = types().basic(TypeKind::string);
    Shop() {
        add("amount", num);
        add("whole", types().decimal(0));
        add("region", str);
        add("day", types().basic(TypeKind::date));
        add("vip", types().basic(TypeKind::boolean));
        add("grade", types().enumeration(&grades));
        add("limit", num);
    }
    std::vector<Finding> check(const std::string& text, Hit hit,
                               const std::vector<std::pair<size_t, std::string>>& allowed = {},
                               std::vector<std::vector<std::string>> outputs = {}) {
        TableSource source = table_of(text, hit, {num, num});
        for (const auto& [column, cell] : allowed) source.inputs[column].allowed = text_at(cell, 1, 1);
        if (!outputs.empty()) source.outputs[0].type = str;
        source.allowed = std::move(outputs);
        return decision::check(*compiled(std::move(source), *this));
    }
};

std::string join(const std::vector<std::string>& texts) {
    return fmt::format("{}", fmt::join(texts, " "));
}

Value value_of(const std::string& text, Arena& arena) {
    auto value = feel::evaluate_text(text, Value(), nullptr, arena);
    REQUIRE(value);
    return *value;
}

std::vector<uint32_t> rows(std::initializer_list<uint32_t> list) {
    return list;
}

}  // namespace

TEST_CASE("gaps: inputs that no row takes, with a witness") {
    Shop shop;
    auto found = shop.check("amount | region | -> x\n< 100 | - | 1\n> 100 | \"east\" | 2\n> 100 | not(\"east\") | 3",
                            Hit::unique);
    REQUIRE(found.size() == 1);
    CHECK(found[0].kind == Found::gap);
    CHECK(join(found[0].witness) == "100 \"other\"");
    CHECK(found[0].message == "no row takes amount = 100, region = \"other\"");
    CHECK(found[0].columns == rows({0, 1}));
    CHECK(shop.check("amount | -> x\n<= 100 | 1\n> 100 | 2", Hit::unique).empty());
    CHECK(shop.check("amount | -> x\n< 100 | 1\n- | 2", Hit::first).empty());
    // Whole numbers have nothing between 5 and 6, others have.
    CHECK(shop.check("whole | -> x\n<= 5 | 1\n>= 6 | 2", Hit::unique).empty());
    found = shop.check("amount | -> x\n<= 5 | 1\n>= 6 | 2", Hit::unique);
    REQUIRE(found.size() == 1);
    CHECK(join(found[0].witness) == "5.5");
    CHECK(shop.check("vip | -> x\ntrue | 1\nfalse | 2", Hit::unique).empty());
    found = shop.check("vip | -> x\ntrue | 1", Hit::unique);
    REQUIRE(found.size() == 1);
    CHECK(join(found[0].witness) == "false");
    found = shop.check("day | -> x\n< @\"2026-01-01\" | 1\n> @\"2026-01-01\" | 2", Hit::first);
    REQUIRE(found.size() == 1);
    CHECK(join(found[0].witness) == "@\"2026-01-01\"");
}

TEST_CASE("gaps: only values that are allowed count, and only policies that then answer nothing") {
    Shop shop;
    const char* regions = "region | -> x\n\"east\" | 1\n\"west\" | 2";
    REQUIRE(shop.check(regions, Hit::unique).size() == 1);
    CHECK(shop.check(regions, Hit::unique, {{0, "\"east\", \"west\""}}).empty());
    auto found = shop.check(regions, Hit::unique, {{0, "\"east\", \"west\", \"no\\\"rth\""}});
    REQUIRE(found.size() == 1);
    CHECK(join(found[0].witness) == "\"no\\\"rth\"");
    CHECK(shop.check("grade | -> x\ngold, silver | 1\nbronze | 2", Hit::unique).empty());
    found = shop.check("grade | -> x\ngold | 1\nbronze | 2", Hit::unique);
    REQUIRE(found.size() == 1);
    CHECK(join(found[0].witness) == "\"silver\"");
    CHECK(shop.check("amount | -> x\n[0..10] | 1\n(10..100] | 2", Hit::unique, {{0, "[0..100]"}}).empty());
    CHECK(shop.check(regions, Hit::collect).empty());
    CHECK(shop.check(regions, Hit::collect_count).empty());
    CHECK(shop.check(regions, Hit::collect_sum).size() == 1);
    TableSource source = table_of(regions, Hit::unique, {shop.num});
    source.outputs[0].default_value = text_at("0", 1, 1);
    CHECK(check(*compiled(std::move(source), shop)).empty());
}

TEST_CASE("overlaps of unique rows, conflicts of any rows") {
    Shop shop;
    const char* text = "amount | region | -> x\n<= 100 | - | 1\n>= 100 | \"east\" | 1\n>= 100 | not(\"east\") | 2";
    auto found = shop.check(text, Hit::unique);
    REQUIRE(found.size() == 2);
    CHECK(found[0].kind == Found::overlap);
    CHECK(found[0].rows == rows({0, 1}));
    CHECK(join(found[0].witness) == "100 \"east\"");
    CHECK(found[0].message == "rows 1 and 2 both take amount = 100, region = \"east\"");
    CHECK(found[1].rows == rows({0, 2}));
    found = shop.check(text, Hit::any);
    REQUIRE(found.size() == 1);
    CHECK(found[0].kind == Found::conflict);
    CHECK(found[0].rows == rows({0, 2}));
    CHECK(shop.check(text, Hit::first).empty());
    CHECK(shop.check(text, Hit::collect).empty());
}

TEST_CASE("dead rows of first, masked rows of priority, rows that nothing meets") {
    Shop shop;
    auto found = shop.check("amount | -> x\n< 10 | 1\n>= 5 | 2\n[3..20] | 3\n- | 4", Hit::first);
    REQUIRE(found.size() == 2);
    CHECK(found[0].kind == Found::dead_row);
    CHECK(found[0].rows == rows({2, 0, 1}));
    CHECK(found[0].message == "row 3 never decides: rows 1, 2 take everything that it takes");
    CHECK(found[1].rows.front() == 3);
    found = shop.check("amount | -> x\n> 1 | \"low\"\n> 2 | \"high\"\n> 3 | \"low\"\n- | \"low\"", Hit::priority, {},
                       {{"high", "low"}});
    REQUIRE(found.size() == 1);
    CHECK(found[0].kind == Found::masked_row);
    CHECK(found[0].rows == rows({2, 0, 1}));
    found = shop.check("whole | -> x\n(5..6) | 1\n- | 2", Hit::collect);
    REQUIRE(found.size() == 1);
    CHECK(found[0].kind == Found::dead_row);
    CHECK(found[0].message == "row 1 can never match: no whole meets '(5..6)'");
    CHECK(shop.check("amount | -> x\n(5..6) | 1\n- | 2", Hit::first).empty());
}

TEST_CASE("values outside of the allowed ones") {
    Shop shop;
    auto found = shop.check("region | amount | -> x\n\"esat\", \"east\" | - | 1\nnot(\"east\") | > 50 | 2\n- | 101 | 3",
                            Hit::collect, {{0, "\"east\", \"west\""}, {1, "[0..100]"}});
    REQUIRE(found.size() == 2);
    CHECK(found[0].kind == Found::outside_allowed);
    CHECK(found[0].rows == rows({0}));
    CHECK(found[0].witness[0] == "\"esat\"");
    CHECK(found[1].rows == rows({2}));
    CHECK(found[1].message ==
          "row 3 asks whether amount meets '101', but 101 is not among its allowed values '[0..100]'");
    found = shop.check("amount | -> x\n> 1 | \"gold\"\n- | \"tin\"", Hit::output_order, {}, {{"gold", "silver"}});
    REQUIRE(found.size() == 1);
    CHECK(found[0].kind == Found::outside_allowed);
    CHECK(found[0].message == "row 2 answers \"tin\", which is not among the values of output 'x'");
}

TEST_CASE("formulas leave questions open, and so does the bound on work") {
    Shop shop;
    auto found = shop.check("amount | limit | -> x\n> limit | - | 1\n<= 100 | < 5 | 2", Hit::unique);
    REQUIRE(found.size() == 2);
    for (const Finding& finding : found) CHECK((finding.kind == Found::unchecked && !finding.bounded));
    CHECK(found[0].message.find("no row") == std::string::npos);
    CHECK(found[1].message == "whether rows 1, 2 overlap depends on formulas");
    // What holds whatever the formula says is found all the same.
    found = shop.check("amount | vip | -> x\n> limit | true | 1\n- | true | 2", Hit::first);
    REQUIRE(found.size() == 1);
    CHECK(found[0].kind == Found::gap);
    CHECK(found[0].witness[1] == "false");
    found = shop.check("amount | -> x\n- | 1\n> limit | 2", Hit::first);
    REQUIRE(found.size() == 1);
    CHECK(found[0].kind == Found::dead_row);
    std::string large = "amount | whole | -> x\n";
    for (int i = 0; i < 300; ++i) large += fmt::format("> {} | < {} | {}\n", i, 300 - i, i);
    CheckLimits limits;
    limits.work_max = 5000;
    found = check(*compiled(table_of(large, Hit::unique, {shop.num}), shop), limits);
    CHECK(found.back().kind == Found::unchecked);
    CHECK(found.back().message ==
          "whether rows overlap was not looked at to the end: that takes more than 5000 comparisons of rows");
    CHECK(found.back().bounded);
}

TEST_CASE("findings are named, few of each kind") {
    Shop shop;
    for (Found kind : {Found::gap, Found::overlap, Found::conflict, Found::dead_row, Found::masked_row,
                       Found::outside_allowed, Found::unchecked}) {
        CHECK(parse_finding(finding_name(kind)) == kind);
    }
    CHECK_FALSE(parse_finding("gap"));
    std::string many = "amount | -> x\n";
    for (int i = 0; i < 100; ++i) many += fmt::format("{} | {}\n", i * 2, i);
    auto found = shop.check(many, Hit::unique);
    CHECK(found.size() == CheckLimits().findings_max);
    CHECK(shop.check("-> x\n1", Hit::unique).empty());
    CHECK(shop.check("-> x\n1\n2", Hit::unique).size() == 1);
}

namespace {

// Small tables over few constants, and every input that could tell them apart.
class Small {
 public:
    explicit Small(uint32_t seed) : random_(seed) {}
    uint32_t pick(uint32_t below) { return static_cast<uint32_t>(random_() % below); }

    std::string cell(size_t column) {
        if (pick(4) == 0) return "-";
        auto number = [&] { return std::to_string(pick(5)); };
        auto day = [&] { return fmt::format("@\"2026-01-0{}\"", 1 + pick(4)); };
        switch (column) {
            case 0:
                return ordered(number);
            case 1:
                return ordered(number);
            case 2: {
                static const char* const kCells[] = {"\"a\"", "\"b\"", "\"a\", \"b\"", "not(\"a\")",
                                                     "not(\"a\", \"c\")"};
                return kCells[pick(5)];
            }
            case 3:
                return ordered(day);
            case 4:
                return pick(2) ? "true" : "false";
            default: {
                static const char* const kCells[] = {"gold", "silver", "gold, bronze", "not(gold)"};
                return kCells[pick(4)];
            }
        }
    }
    static std::vector<std::string> grid(size_t column) {
        switch (column) {
            case 0:
                return {"-1", "0", "0.5", "1", "1.5", "2", "2.5", "3", "3.5", "4", "5"};
            case 1:
                return {"-1", "0", "1", "2", "3", "4", "5"};
            case 2:
                return {"\"a\"", "\"b\"", "\"c\"", "\"z\""};
            case 3:
                return {"@\"2025-12-31\"", "@\"2026-01-01\"", "@\"2026-01-02\"",
                        "@\"2026-01-03\"", "@\"2026-01-04\"", "@\"2026-01-05\""};
            case 4:
                return {"true", "false"};
            default:
                return {"\"gold\"", "\"silver\"", "\"bronze\""};
        }
    }

 private:
    template <class Make>
    std::string ordered(const Make& make) {
        static const char* const kSigns[] = {"<", "<=", ">", ">=", "=", "!="};
        if (pick(3) > 0) return fmt::format("{} {}", kSigns[pick(6)], make());
        return fmt::format("{}{}..{}{}", pick(2) ? "[" : "(", make(), make(), pick(2) ? "]" : ")");
    }
    std::mt19937 random_;
};

std::set<uint32_t> matching(const Table& table, feel::Frame& frame, std::span<const Value> inputs) {
    std::set<uint32_t> rows;
    for (const ExplainedRow& row : explain(table, frame, inputs, 0).matched) rows.insert(row.row);
    return rows;
}

// The rows that match each input of the grid.
std::vector<std::set<uint32_t>> brute(const Table& table, const std::vector<size_t>& columns, Arena& arena) {
    std::vector<std::vector<Value>> values;
    for (size_t c : columns) {
        values.emplace_back();
        for (const std::string& text : Small::grid(c)) values.back().push_back(value_of(text, arena));
    }
    std::vector<std::set<uint32_t>> all;
    std::vector<size_t> at(columns.size(), 0);
    feel::Frame frame;
    frame.arena = &arena;
    while (true) {
        std::vector<Value> inputs;
        for (size_t c = 0; c < at.size(); ++c) inputs.push_back(values[c][at[c]]);
        all.push_back(matching(table, frame, inputs));
        size_t c = 0;
        while (c < at.size() && ++at[c] == values[c].size()) at[c++] = 0;
        if (c == at.size()) return all;
    }
}

}  // namespace

TEST_CASE("random small tables: findings are what trying every input finds") {
    uint32_t seed = GENERATE(11u, 20261122u);
    CAPTURE(seed);
    static const char* const kNames[] = {"amount", "whole", "region", "day", "vip", "grade"};
    size_t gaps = 0, meetings = 0, covered = 0;
    for (uint32_t round = 0; round < 150; ++round) {
        Shop shop;
        Arena arena;
        Small small(seed + round);
        std::vector<size_t> columns;
        for (size_t c = 0; c < 6; ++c) {
            if (columns.size() < 3 && small.pick(2)) columns.push_back(c);
        }
        if (columns.empty()) columns.push_back(round % 6);
        std::string text;
        for (size_t c : columns) text += fmt::format("{} | ", kNames[c]);
        text += "-> x\n";
        uint32_t count = 1 + small.pick(7);
        for (uint32_t r = 0; r < count; ++r) {
            for (size_t c : columns) text += small.cell(c) + " | ";
            text += fmt::format("\"{}\"\n", small.pick(3));
        }
        Hit hit = std::vector<Hit>{Hit::unique, Hit::any, Hit::first, Hit::priority}[round % 4];
        CAPTURE(round, text, hit_name(hit));
        TableSource source = table_of(text, hit, {shop.str});
        source.allowed = {{"1", "0", "2"}};
        auto table = compiled(std::move(source), shop);
        CheckLimits limits;
        limits.findings_max = 10000;
        auto findings = check(*table, limits);
        auto inputs = brute(*table, columns, arena);

        std::set<std::pair<uint32_t, uint32_t>> pairs, expected;
        std::set<uint32_t> dead, expected_dead;
        size_t gap_count = 0;
        feel::Frame frame;
        frame.arena = &arena;
        for (const Finding& finding : findings) {
            CAPTURE(finding.message);
            std::vector<Value> witness;
            for (const std::string& shown : finding.witness) witness.push_back(value_of(shown, arena));
            Match match;
            if (!witness.empty()) table->decide(frame, witness, &match);
            std::set<uint32_t> matched;
            if (!witness.empty()) matched = matching(*table, frame, witness);
            REQUIRE(finding.kind != Found::unchecked);
            if (finding.kind == Found::gap) {
                ++gap_count;
                CHECK(matched.empty());
            } else if (finding.kind == Found::overlap || finding.kind == Found::conflict) {
                pairs.insert({finding.rows[0], finding.rows[1]});
                CHECK(match.conflict);
                CHECK(matched.count(finding.rows[0]) + matched.count(finding.rows[1]) == 2);
            } else {
                dead.insert(finding.rows[0]);
                if (!witness.empty()) CHECK(matched.count(finding.rows[0]) == 1);
            }
        }
        auto rank = [&](uint32_t row) {
            const std::string& output = table->source().rows[row].outputs[0].text;
            return output == "\"1\"" ? 0 : output == "\"0\"" ? 1 : 2;
        };
        auto first = [&](const std::set<uint32_t>& matched) {
            if (hit != Hit::priority) return *matched.begin();
            return *std::min_element(matched.begin(), matched.end(), [&](uint32_t a, uint32_t b) {
                return std::pair(rank(a), a) < std::pair(rank(b), b);
            });
        };
        bool gap = false;
        for (uint32_t r = 0; r < count; ++r) expected_dead.insert(r);
        for (const auto& matched : inputs) {
            gap = gap || matched.empty();
            for (uint32_t a : matched) {
                bool one_decides = hit == Hit::first || hit == Hit::priority;
                if (!one_decides || first(matched) == a) expected_dead.erase(a);
                for (uint32_t b : matched) {
                    bool differ = hit == Hit::unique || rank(a) != rank(b);
                    if (a < b && differ && !one_decides) expected.insert({a, b});
                }
            }
        }
        CHECK((gap_count > 0) == gap);
        CHECK(pairs == expected);
        CHECK(dead == expected_dead);
        gaps += gap;
        meetings += expected.size();
        covered += expected_dead.size();
    }
    CHECK(gaps > 50);
    CHECK(meetings > 50);
    CHECK(covered > 20);
}
