#include "value/value.hpp"

#include "base/json.hpp"
#include "catch.hpp"

using namespace leat;
using value::compare;
using value::equal;
using value::identical;

namespace {

Value num(const char* text) {
    return Value::number(*Decimal::parse(text));
}
Value date(const char* text) {
    return Value::of(*Date::parse(text));
}
Value time(const char* text) {
    return Value::of(*Time::parse(text));
}
Value moment(const char* text) {
    return Value::of(*DateTime::parse(text));
}
Value duration(const char* text) {
    auto parsed = *value::parse_duration(text);
    return parsed.days ? Value::of(*parsed.days) : Value::of(*parsed.months);
}
Value list(Arena& arena, std::initializer_list<Value> items) {
    auto* data = arena.array<Value>(items.size());
    std::copy(items.begin(), items.end(), data);
    return Value::list(data, items.size());
}
Value context(Arena& arena, std::initializer_list<value::ContextEntry> entries) {
    auto* data = arena.array<value::ContextEntry>(entries.size());
    std::copy(entries.begin(), entries.end(), data);
    return Value::context_of(
        arena.make<value::ContextData>(value::ContextData{data, static_cast<uint32_t>(entries.size())}));
}
Value range(Arena& arena, Value low, Value high, bool low_closed, bool high_closed) {
    return Value::range_of(arena.make<value::RangeData>(value::RangeData{low, high, low_closed, high_closed}));
}
std::string json(const Value& v) {
    std::string out;
    value::append_json(out, v);
    return out;
}
bool is_true(std::optional<bool> b) {
    return b && *b;
}
bool is_false(std::optional<bool> b) {
    return b && !*b;
}

}  // namespace

TEST_CASE("A value gives back what it was made of", "[value]") {
    CHECK(num("-1.50").as_number().to_string() == "-1.50");
    CHECK(num("-9999999999999999999999999999999999e-6176").as_number() ==
          *Decimal::parse("-9999999999999999999999999999999999e-6176"));
    CHECK(date("-999999999-01-01").as_date().to_string() == "-999999999-01-01");
    for (const char* text : {"23:59:59.999999999", "10:00:00-18:00", "10:00:00@Asia/Shanghai"})
        CHECK(time(text).as_time().to_string() == text);
    for (const char* text :
         {"-0044-03-15T10:00:00.5", "2026-11-21T10:00:00-05:00", "2026-11-21T10:00:00@Europe/Paris"}) {
        CHECK(moment(text).as_date_time().to_string() == text);
    }
    for (const char* text : {"-PT0.5S", "-P1D", "-P2Y", "P3M"}) CHECK(value::to_text(duration(text)) == text);
    Value working = Value::of(DaysDuration{7 * 86'400, 0}, 3, true);
    CHECK(working.calendar() == 3);
    CHECK(working.whole_days());
    CHECK(Value::record_of(4, -7).record.id == -7);
    CHECK(Value::boolean(true).is_true());
    CHECK(Value::boolean(false).is_false());
    CHECK_FALSE(Value().is_false());
}

TEST_CASE("FEEL's equality", "[value]") {
    Arena arena;
    CHECK(is_true(equal(Value(), Value())));
    CHECK(is_false(equal(Value(), num("0"))));
    CHECK(is_false(equal(Value::string("x"), Value())));
    CHECK(is_true(equal(num("1.0"), num("1"))));
    CHECK_FALSE(equal(num("1"), Value::string("1")));
    CHECK_FALSE(equal(Value::boolean(true), num("1")));
    CHECK(is_true(equal(Value::string("中"), Value::string("中"))));
    CHECK(is_false(equal(Value::string("foo"), Value::string("Foo"))));
    CHECK(is_true(equal(time("10:30:00.0001"), time("10:30:00.0002"))));
    CHECK(is_true(equal(time("10:30:00Z"), time("12:30:00+02:00"))));
    CHECK(is_false(equal(time("10:30:01"), time("10:30:00"))));
    CHECK(is_true(equal(moment("2018-02-08T00:00:00+01:00"), moment("2018-02-08T00:00:00@Europe/Paris"))));
    CHECK(is_true(equal(moment("2002-04-02T23:00:00-04:00"), moment("2002-04-03T02:00:00-01:00"))));
    CHECK(is_false(equal(moment("2018-12-08T00:00:00@Europe/Paris"), moment("2018-12-08T00:00:00@Asia/Dhaka"))));
    CHECK_FALSE(equal(date("2018-12-08"), moment("2018-12-08T00:00:00")));
    CHECK_FALSE(equal(duration("P1Y"), duration("P365D")));
    CHECK(is_true(equal(duration("P1Y"), duration("P12M"))));
    CHECK(is_true(
        equal(list(arena, {num("1"), list(arena, {num("2.0")})}), list(arena, {num("1.0"), list(arena, {num("2")})}))));
    CHECK(is_false(equal(list(arena, {num("1")}), list(arena, {num("1"), num("1")}))));
    CHECK(is_false(equal(list(arena, {Value::string("a"), num("1")}), list(arena, {num("1"), num("2")}))));
    CHECK_FALSE(equal(list(arena, {Value::string("a"), num("1")}), list(arena, {num("1"), num("1")})));
    CHECK_FALSE(equal(list(arena, {}), num("0")));
    Value ab = context(arena, {{"a", num("1")}, {"b", Value::string("x")}});
    CHECK(is_true(equal(ab, context(arena, {{"b", Value::string("x")}, {"a", num("1.0")}}))));
    CHECK(is_false(equal(ab, context(arena, {{"a", num("1")}, {"c", Value::string("x")}}))));
    CHECK(is_false(equal(ab, context(arena, {{"a", num("1")}}))));
    CHECK(is_true(
        equal(range(arena, num("1"), num("10"), true, false), range(arena, num("1"), num("10.0"), true, false))));
    CHECK(
        is_false(equal(range(arena, num("1"), num("10"), true, false), range(arena, num("1"), num("10"), true, true))));
    CHECK(is_false(
        equal(range(arena, Value(), num("10"), false, false), range(arena, num("1"), num("10"), false, false))));
    CHECK(is_true(equal(Value::record_of(1, 5), Value::record_of(1, 5))));
    CHECK(is_false(equal(Value::record_of(1, 5), Value::record_of(2, 5))));
}

TEST_CASE("FEEL's order", "[value]") {
    auto less = [](const Value& a, const Value& b) {
        auto one = compare(a, b), other = compare(b, a);
        return one && other && *one < 0 && *other > 0;
    };
    CHECK(less(num("0.9"), num("1")));
    CHECK(less(Value::string("a"), Value::string("b")));
    CHECK(less(Value::string("\xef\xbf\xbd"), Value::string("😀")));  // by code point
    CHECK(less(date("-0001-01-01"), date("0001-01-01")));
    CHECK(less(time("10:00:00+02:00"), time("09:00:00Z")));
    CHECK(less(moment("2026-01-01T00:00:00.1"), moment("2026-01-01T00:00:00.2")));
    CHECK(less(duration("-PT0.5S"), duration("PT0S")));
    CHECK(less(duration("P11M"), duration("P1Y")));
    CHECK_FALSE(compare(num("1"), Value::string("1")));
    CHECK_FALSE(compare(Value(), Value()));
    CHECK_FALSE(compare(Value::boolean(true), Value::boolean(false)));
    CHECK_FALSE(compare(duration("P1Y"), duration("P365D")));
}

TEST_CASE("Identity looks at representation, except for a number's scale", "[value]") {
    Arena arena;
    CHECK(identical(num("1.0"), num("1")));
    CHECK(identical(Value(), Value()));
    CHECK_FALSE(identical(Value(), num("0")));
    CHECK_FALSE(identical(time("10:30:00.0001"), time("10:30:00.0002")));
    CHECK_FALSE(identical(time("10:30:00"), time("10:30:00Z")));
    CHECK_FALSE(identical(moment("2002-04-02T23:00:00-04:00"), moment("2002-04-03T02:00:00-01:00")));
    CHECK(identical(moment("2002-04-02T23:00:00-04:00"), moment("2002-04-02T23:00:00-04:00")));
    CHECK_FALSE(identical(Value::of(DaysDuration{86'400, 0}, 1), Value::of(DaysDuration{86'400, 0}, 2)));
    CHECK(identical(list(arena, {num("1"), Value()}), list(arena, {num("1.0"), Value()})));
    CHECK_FALSE(identical(list(arena, {num("1")}), list(arena, {Value::string("1")})));
    CHECK(identical(context(arena, {{"a", num("1")}, {"b", Value()}}),
                    context(arena, {{"b", Value()}, {"a", num("1")}})));
    CHECK(identical(range(arena, Value(), num("1"), false, true), range(arena, Value(), num("1"), false, true)));
}

TEST_CASE("Values as FEEL text", "[value]") {
    Arena arena;
    CHECK(value::to_text(Value()).empty());
    CHECK(value::to_text(num("1.10")) == "1.10");
    CHECK(value::to_text(Value::boolean(false)) == "false");
    CHECK(value::to_text(Value::string("say \"hi\"")) == "say \"hi\"");
    CHECK(value::to_text(list(arena, {num("1"), Value::string("a\"b"), Value()})) == "[1, \"a\\\"b\", null]");
    CHECK(value::to_text(context(arena, {{"a", date("2026-11-21")}, {"b c", list(arena, {})}, {"金额", num("2")}})) ==
          "{a: 2026-11-21, \"b c\": [], 金额: 2}");
    CHECK(value::to_text(range(arena, num("1"), Value(), true, false)) == "[1..null)");
    CHECK(value::to_text(Value::record_of(2, 17)) == "17");
}

TEST_CASE("Values as canonical JSON", "[value]") {
    Arena arena;
    CHECK(json(Value()) == "null");
    CHECK(json(num("1.10")) == "1.1");
    CHECK(json(num("1e3")) == "1000");
    CHECK(json(num("-0.00")) == "0");
    CHECK(json(Value::boolean(true)) == "true");
    CHECK(json(Value::string("中\"\n")) == "\"中\\\"\\n\"");
    CHECK(json(moment("2026-11-21T08:00:00Z")) == "\"2026-11-21T08:00:00Z\"");
    CHECK(json(duration("PT36H")) == "\"P1DT12H\"");
    CHECK(json(duration("P14M")) == "\"P1Y2M\"");
    CHECK(json(Value::record_of(1, 9)) == "9");
    CHECK(json(range(arena, Value::string("a"), Value::string("b"), true, true)) == "\"[\\\"a\\\"..\\\"b\\\"]\"");
    Value nested = context(arena, {{"k\"", list(arena, {num("1"), Value(), list(arena, {}), context(arena, {})})},
                                   {"日", date("2026-11-21")}});
    CHECK(json(nested) == "{\"k\\\"\":[1,null,[],{}],\"日\":\"2026-11-21\"}");
    auto parsed = parse_json(json(nested));
    REQUIRE(parsed);
    CHECK(base::to_text(*parsed) == json(nested));
    for (const char* number : {"1e300", "-1e-300", "123456789012345678901234567890.1234"})
        CHECK(parse_json(json(num(number))));
}

TEST_CASE("A copy lives on without the arena it came from", "[value]") {
    Arena keep;
    Value copied;
    std::string before;
    {
        Arena passing;
        auto* reason = passing.make<NullReason>(
            NullReason{"empty", passing.copy("amount"), passing.copy("field 'amount' is empty"), 1, 7});
        Value original =
            context(passing, {{passing.copy("list"),
                               list(passing, {Value::string(passing.copy("text")), num("1.5"), date("2026-11-21")})},
                              {"range", range(passing, num("1"), Value::string(passing.copy("z")), true, false)},
                              {"why", Value::null(reason)},
                              {"record", Value::record_of(3, 8, reinterpret_cast<const Value*>(reason))}});
        before = json(original);
        copied = value::copy(original, keep);
        CHECK(identical(original, copied));
        // Spoil what the first arena held.
        size_t bytes = passing.bytes();
        passing.reset();
        std::memset(passing.array<char>(bytes / 4), 'x', bytes / 4);
    }
    CHECK(json(copied) == before);
    const Value* why = copied.context->find("why");
    REQUIRE(why);
    REQUIRE(why->null_reason);
    CHECK(why->null_reason->name == "amount");
    CHECK(why->null_reason->end == 7);
    CHECK(copied.context->find("record")->record.row == nullptr);
    CHECK(copied.context->find("none") == nullptr);
}
