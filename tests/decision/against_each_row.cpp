// Random tables: index and key comparisons against asking feel's machine about every cell of every row.
#include <fmt/format.h>

#include <map>
#include <random>

#include "decision/steps.hpp"
#include "fixture.hpp"

using namespace leat;
using namespace leat::decision;
using feel::TypeKind;

namespace {

struct Mixed : Fields {
    feel::EnumType grades{"grade", {{"gold", {}}, {"silver", {}}, {"bronze", {}}}};
    feel::TypeRef num = types().basic(TypeKind::number), str = types().basic(TypeKind::string);
    Mixed() {
        add("n", num);
        add("m", types().money("CNY", 2));
        add("s", str);
        add("g", types().enumeration(&grades));
        add("d", types().basic(TypeKind::date));
        add("b", types().basic(TypeKind::boolean));
        add("any", types().basic(TypeKind::any));
        add("limit", num);
        add("t", types().basic(TypeKind::time));
        add("at", types().basic(TypeKind::date_time));
    }
};

class Generator {
 public:
    Generator(uint32_t seed, int spread) : random(seed), spread_(spread) {}

    uint32_t pick(uint32_t below) { return static_cast<uint32_t>(random() % below); }
    bool chance(uint32_t percent) { return pick(100) < percent; }

    std::string number_text() {
        std::string text = fmt::format("{}{}", chance(15) ? "-" : "", pick(static_cast<uint32_t>(spread_)));
        if (chance(25)) text += fmt::format(".{}", 1 + pick(99));
        if (chance(2)) text = "123456789012345678901234567890";  // too large for a key
        if (chance(2)) text = "0.0000000000000001";              // too fine for one
        return text;
    }
    std::string string_text() { return fmt::format("\"k{}\"", pick(static_cast<uint32_t>(spread_))); }
    std::string date_text() { return fmt::format("@\"2026-{:02}-{:02}\"", 1 + pick(12), 1 + pick(28)); }
    std::string grade_text() {
        static const char* const kGrades[] = {"gold", "silver", "\"bronze\"", "\"gold\""};
        return kGrades[pick(4)];
    }

    // Few moments, some within the same second, some in other zones, some years far away.
    std::string moment() {
        return fmt::format("{:02}:{:02}:0{}{}{}", pick(24), 30 * pick(2), pick(2), chance(30) ? ".5" : "",
                           chance(30)   ? "+02:00"
                           : chance(50) ? "Z"
                                        : "");
    }
    std::string instant() {
        return fmt::format("{}-0{}-01T{}", chance(5) ? "9999" : chance(5) ? "1066" : "2026", 1 + pick(3), moment());
    }
    std::string time_text() { return fmt::format("@\"{}\"", moment()); }
    std::string instant_text() { return fmt::format("@\"{}\"", instant()); }

    template <class Make>
    std::string ordered_test(const Make& make) {
        static const char* const kSigns[] = {"<", "<=", ">", ">=", "!=", ""};
        if (chance(45)) {
            std::string a = make(), b = make();
            return fmt::format("{}{}..{}{}", chance(50) ? "[" : "(", a, b, chance(50) ? "]" : ")");
        }
        return fmt::format("{} {}", kSigns[pick(6)], make());
    }
    template <class One>
    std::string cell(const One& one) {
        if (chance(20)) return "-";
        if (chance(3)) return "null";
        std::string text = one();
        for (uint32_t more = chance(15) ? 1 + pick(3) : 0; more > 0; --more)
            text += ", " + (chance(10) ? "null" : one());
        return chance(8) ? fmt::format("not({})", text) : text;
    }
    std::string cell_of(size_t column) {
        switch (column) {
            case 0:
                return chance(5) ? "> limit" : cell([&] { return ordered_test([&] { return number_text(); }); });
            case 1:
                return chance(5) ? "? < limit * 2" : cell([&] { return ordered_test([&] { return number_text(); }); });
            case 2:
                return cell([&] { return string_text(); });
            case 3:
                return cell([&] { return grade_text(); });
            case 4:
                return cell([&] { return ordered_test([&] { return date_text(); }); });
            case 5: {
                static const char* const kTruths[] = {"-", "?", "true", "false", "not(true)", "false, null"};
                return kTruths[pick(6)];
            }
            case 8:
                return cell([&] { return ordered_test([&] { return time_text(); }); });
            case 9:
                return cell([&] { return ordered_test([&] { return instant_text(); }); });
            default:
                return cell([&] { return chance(60) ? string_text() : number_text(); });
        }
    }
    Value value_of(size_t column, Arena& arena) {
        if (chance(8)) return Value();
        switch (column) {
            case 0:
            case 1:
            case 7: {
                std::string text = number_text();
                return Value::number(*Decimal::parse(chance(20) ? text + "e-3" : text));
            }
            case 2:
                return Value::string(arena.copy(fmt::format("k{}", pick(static_cast<uint32_t>(spread_) + 2))));
            case 3:
                return Value::string(chance(50) ? "gold" : "bronze");
            case 4:
                return Value::of(*Date::of(2026, 1 + static_cast<int>(pick(12)), 1 + static_cast<int>(pick(28))));
            case 5:
                return Value::boolean(chance(50));
            case 8:
                return Value::of(*value::Time::parse(moment()));
            case 9:
                return Value::of(*value::DateTime::parse(instant()));
            default:
                return chance(50) ? value_of(2, arena) : chance(50) ? value_of(0, arena) : value_of(5, arena);
        }
    }

 private:
    std::mt19937 random;
    int spread_;
};

// Every distinct cell of a column, compiled for the machine.
class Oracle {
 public:
    Oracle(const Table& table, const Fields& fields) : source_(table.source()) {
        Diagnostics diagnostics;
        for (size_t c = 0; c < source_.inputs.size(); ++c) {
            for (const TableRow& row : source_.rows) {
                auto& known = cells_[{c, row.inputs[c].text}];
                if (!known) {
                    known = feel::compile_unary_tests(row.inputs[c], source_.inputs[c].type, fields, {}, diagnostics);
                    REQUIRE(known);
                }
            }
        }
    }
    std::vector<uint32_t> matching(feel::Frame& frame, const std::vector<Value>& values) const {
        std::vector<uint32_t> rows;
        for (uint32_t r = 0; r < source_.rows.size(); ++r) {
            bool all = true;
            for (size_t c = 0; c < source_.inputs.size() && all; ++c) {
                all = cells_.at({c, source_.rows[r].inputs[c].text})->evaluate(frame, values[c]).is_true();
            }
            if (all) rows.push_back(r);
        }
        return rows;
    }

 private:
    const TableSource& source_;
    std::map<std::pair<size_t, std::string>, std::unique_ptr<feel::Expression>> cells_;
};

// Whether the quick door answers; then it says what the other one does.
bool answers_quickly(const Table& table, const std::vector<Value>& row, const Value& expected) {
    std::vector<uint32_t> fields;
    for (const Table::Place& place : table.quick_columns()) {
        REQUIRE(place.field);
        fields.push_back(place.index);
    }
    if (fields.empty()) return false;
    const Value* quick = table.quick(row.data(), fields.data());
    if (quick == nullptr) return false;
    REQUIRE(value::identical(*quick, expected));
    return true;
}

}  // namespace

TEST_CASE("the quick door leaves to the other what is not plain") {
    Mixed mixed;
    const std::string text = "s | n | -> out\n\"华东\" | < 10 | 1\n\"east\" | - | 2\n";
    auto table = compiled(table_of(text, Hit::first, {mixed.num}), mixed);
    Asked a;
    std::vector<Value> row(10);
    auto says = [&](Value s, Value n) {
        row[2] = s;
        row[0] = n;
        return answers_quickly(*table, row, a.ask(*table, row));
    };
    CHECK(says(Value::string("华东"), Value::number(3)));
    CHECK(says(Value::string("east"), Value::number(*Decimal::parse("1e300"))));
    CHECK(says(Value::string("west"), Value::number(3)));        // no row
    CHECK_FALSE(says(Value::string("华南"), Value::number(3)));  // might be no UTF-8
    CHECK_FALSE(says(Value::string("\xff"), Value::number(3)));
    CHECK_FALSE(says(Value::string("east"), Value()));
    CHECK_FALSE(says(Value(), Value::number(3)));
    for (Hit hit : {Hit::rule_order, Hit::collect_sum, Hit::collect_count})
        CHECK(compiled(table_of(text, hit, {mixed.num}), mixed)->quick_columns().empty());
    CHECK(compiled(table_of("n | -> out\n> limit | 1\n", Hit::first, {mixed.num}), mixed)->quick_columns().empty());
    CHECK(compiled(table_of("n | -> out\n> 1 | limit\n", Hit::first, {mixed.num}), mixed)->quick_columns().empty());
    CHECK(compiled(table_of("n + 1 | -> out\n> 1 | 1\n", Hit::first, {mixed.num}), mixed)->quick_columns().empty());
}

TEST_CASE("random tables answer as trying each row does") {
    uint32_t seed = GENERATE(5u, 20261121u);
    CAPTURE(seed);
    size_t matched = 0, quickly = 0;
    for (uint32_t round = 0; round < 60; ++round) {
        CAPTURE(round);
        Mixed mixed;
        int spread = round % 3 == 0 ? 8 : round % 3 == 1 ? 200 : 5000;
        Generator g(seed + round * 101, spread);
        size_t row_count = round % 4 == 0 ? 1 + g.pick(12) : round % 4 == 3 ? 1500 : 1 + g.pick(300);
        std::vector<size_t> columns;
        for (size_t c = 0; c < 10; ++c) {
            if (c != 7 && g.chance(40)) columns.push_back(c);
        }
        static const char* const kNames[] = {"n", "m", "s", "g", "d", "b", "any", "limit", "t", "at"};
        std::string text;
        for (size_t c : columns) text += fmt::format("{} | ", kNames[c]);
        text += "-> out\n";
        for (size_t r = 0; r < row_count; ++r) {
            for (size_t c : columns) text += fmt::format("{} | ", g.cell_of(c));
            text += fmt::format("{}\n", r);
        }
        auto all = compiled(table_of(text, Hit::rule_order, {mixed.num}), mixed);
        auto first = compiled(table_of(text, Hit::first, {mixed.num}), mixed);
        auto unique = compiled(table_of(text, Hit::unique, {mixed.num}), mixed);
        Oracle oracle(*all, mixed);
        Asked a;
        for (int i = 0; i < 40; ++i) {
            std::vector<Value> row, inputs;
            for (size_t c = 0; c < 10; ++c) row.push_back(g.value_of(c, a.arena));
            for (size_t c : columns) inputs.push_back(row[c]);
            Value listed = a.ask(*all, row, true);
            std::vector<uint32_t> expected = oracle.matching(a.frame, inputs);
            std::string shown;
            for (const Value& value : inputs) value::append_json(shown, value), shown += ' ';
            CAPTURE(shown, text.size() < 2000 ? text : "");
            REQUIRE(a.match.rows == expected);
            REQUIRE(listed.as_list().size() == expected.size());
            Value one = first->decide(a.frame);
            REQUIRE(one.is_null() == expected.empty());
            if (!expected.empty()) REQUIRE(one.as_number() == Decimal(expected[0]));
            matched += expected.size();
            quickly += answers_quickly(*first, row, one) + answers_quickly(*unique, row, unique->decide(a.frame));
        }
    }
    CHECK(matched > 1000);  // else the inputs miss every row
    CHECK(quickly > 200);
}

TEST_CASE("large tables with one selective column each keep their candidates few") {
    // Not timed: the fuel that a decision takes is the number of rows tried.
    Mixed mixed;
    auto worst = [&](const std::string& text, const std::vector<std::vector<Value>>& asked) {
        auto table = compiled(table_of(text, Hit::first, {mixed.num}), mixed);
        uint64_t most = 0;
        for (const auto& row : asked) {
            Asked a;
            uint64_t steps = 1'000'000;
            a.frame.steps_left = &steps;
            a.ask(*table, row);
            most = std::max(most, 1'000'000 - steps);
        }
        return most;
    };
    std::mt19937 random(1);
    std::string by_text = "s | n | -> out\n", by_interval = "s | n | -> out\n";
    for (int r = 0; r < 20000; ++r) {
        int low = static_cast<int>(random() % 1000000);
        by_text += fmt::format("\"p{}\" | >= {} | {}\n", random() % 2000, low, r);
        by_interval += fmt::format("- | [{}..{}) | {}\n", low, low + 1 + static_cast<int>(random() % 2500), r);
    }
    std::vector<std::vector<Value>> asked;
    for (int i = 0; i < 50; ++i) {
        std::vector<Value> row(8);
        row[0] = Value::number(static_cast<int64_t>(random() % 1000000));
        row[2] = Value::string("p77");
        asked.push_back(row);
    }
    CHECK(worst(by_text, asked) < 60);
    CHECK(worst(by_interval, asked) < 200);
}

TEST_CASE("a key finds its place among starts, near ones and far ones") {
    std::mt19937_64 random(3);
    for (int round = 0; round < 200; ++round) {
        std::vector<int64_t> starts;
        size_t count = random() % 200;
        for (size_t i = 0; i < count; ++i) {
            auto one = static_cast<int64_t>(random());
            // Clusters and outliers.
            starts.push_back(round % 3 == 0 ? one : one % (round % 3 == 1 ? 500 : 1'000'000));
            if (random() % 40 == 0) starts.push_back(random() % 2 ? INT64_MAX : INT64_MIN);
        }
        std::sort(starts.begin(), starts.end());
        starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
        Steps steps(starts);
        std::vector<int64_t> keys = {INT64_MIN, INT64_MAX, 0, -1, static_cast<int64_t>(random())};
        for (int64_t start : starts) {
            keys.push_back(start);
            if (start != INT64_MAX) keys.push_back(start + 1);
            if (start != INT64_MIN) keys.push_back(start - 1);
        }
        for (int64_t key : keys) {
            auto expected = std::upper_bound(starts.begin(), starts.end(), key) - starts.begin();
            REQUIRE(steps.piece(key) == expected);
        }
    }
}
