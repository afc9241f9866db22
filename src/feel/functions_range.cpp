// range() and the functions that compare points and intervals (DMN 1.5, 10.3.4.9 and 10.3.4.12).
#include <fmt/format.h>

#include "feel/arguments.hpp"
#include "feel/functions.hpp"
#include "feel/lexer.hpp"
#include "feel/operations.hpp"

namespace leat::feel {

namespace {

using Arguments = std::span<const Value>;

// A point is an interval of itself alone; a missing end lies beyond every point.
struct End {
    Value value;
    int beyond = 0;  // -1: before everything, 1: after everything
    bool included = true;
};
struct Interval {
    End start, end;
    bool point = false;
};

// Thrown by order() and caught in relate(): the first pair without an order makes the answer null.
struct NoOrder {
    Value null;
};

std::strong_ordering order(Evaluation& evaluation, const End& a, const End& b) {
    if (a.beyond != 0 || b.beyond != 0) return a.beyond <=> b.beyond;
    Value equal = compare(evaluation, Comparison::equal, a.value, b.value);
    if (equal.is_null()) throw NoOrder{equal};
    if (equal.is_true()) return std::strong_ordering::equal;
    Value less = compare(evaluation, Comparison::less, a.value, b.value);
    if (less.is_null()) throw NoOrder{less};
    return less.is_true() ? std::strong_ordering::less : std::strong_ordering::greater;
}

// The two intervals and how their ends lie to each other.
struct Pair {
    const Interval &a, &b;
    std::strong_ordering starts, ends, end_start, start_end;  // a's first
};

bool before(const Pair& p) {
    return p.end_start < 0 || (p.end_start == 0 && !(p.a.end.included && p.b.start.included));
}
bool after(const Pair& p) {
    return p.start_end > 0 || (p.start_end == 0 && !(p.a.start.included && p.b.end.included));
}
bool meets(const Pair& p) {
    return p.end_start == 0 && p.a.end.included && p.b.start.included;
}
bool met_by(const Pair& p) {
    return p.start_end == 0 && p.a.start.included && p.b.end.included;
}
// a's start is not later than b's, seen as sets; and the three others.
bool starts_early(const Pair& p) {
    return p.starts < 0 || (p.starts == 0 && (p.a.start.included || !p.b.start.included));
}
bool starts_late(const Pair& p) {
    return p.starts > 0 || (p.starts == 0 && (p.b.start.included || !p.a.start.included));
}
bool ends_late(const Pair& p) {
    return p.ends > 0 || (p.ends == 0 && (p.a.end.included || !p.b.end.included));
}
bool ends_early(const Pair& p) {
    return p.ends < 0 || (p.ends == 0 && (p.b.end.included || !p.a.end.included));
}
bool same_start(const Pair& p) {
    return p.starts == 0 && p.a.start.included == p.b.start.included;
}
bool same_end(const Pair& p) {
    return p.ends == 0 && p.a.end.included == p.b.end.included;
}
bool overlaps(const Pair& p) {
    return !before(p) && !after(p);
}
bool overlaps_before(const Pair& p) {
    return !starts_late(p) && !before(p) && ends_early(p);
}
bool overlaps_after(const Pair& p) {
    return !starts_early(p) && !after(p) && ends_late(p);
}
bool finishes(const Pair& p) {
    return same_end(p) && starts_late(p);
}
bool finished_by(const Pair& p) {
    return same_end(p) && starts_early(p);
}
bool includes(const Pair& p) {
    return starts_early(p) && ends_late(p);
}
bool during(const Pair& p) {
    return starts_late(p) && ends_early(p);
}
bool starts(const Pair& p) {
    return same_start(p) && ends_early(p);
}
bool started_by(const Pair& p) {
    return same_start(p) && ends_late(p);
}
bool coincides(const Pair& p) {
    return same_start(p) && same_end(p);
}

Interval interval_of(const Value& value) {
    Interval interval;
    if (value.kind != Kind::range) {
        interval.start.value = interval.end.value = value;
        interval.point = true;
        return interval;
    }
    const value::RangeData& range = *value.range;
    interval.start = {range.low, range.low.is_null() ? -1 : 0, range.low_closed};
    interval.end = {range.high, range.high.is_null() ? 1 : 0, range.high_closed};
    return interval;
}

// What stands at a place of the function: DMN has each of them for some combinations only.
enum class Takes { anything, range };

template <bool (*Relation)(const Pair&), Takes First, Takes Second, bool SameKind>
Value relate(Evaluation& evaluation, Arguments arguments) {
    const Value &first = only(arguments[0]), &second = only(arguments[1]);
    if (first.is_null() || second.is_null()) return null_argument(evaluation, Evaluation::null_of(first, second));
    Interval a = interval_of(first), b = interval_of(second);
    if ((First == Takes::range && a.point) || (Second == Takes::range && b.point))
        return evaluation.fail("feel.argument", "the function takes a range where a point was given");
    if (SameKind && a.point != b.point)
        return evaluation.fail("feel.argument", "the function takes two points or two ranges");
    try {
        Pair pair{a,
                  b,
                  order(evaluation, a.start, b.start),
                  order(evaluation, a.end, b.end),
                  order(evaluation, a.end, b.start),
                  order(evaluation, a.start, b.end)};
        return Value::boolean(Relation(pair));
    } catch (const NoOrder& none) {
        return none.null;
    }
}

// Reads the text of range(): brackets, "..", and ends that are literals or date("…") and its kin.
class RangeReader {
 public:
    explicit RangeReader(const std::vector<Token>& tokens) : tokens_(tokens) {}

    // False: the text is no range.
    bool read(value::RangeData& range) {
        if (!bracket(range.low_closed, "[", "(", "]")) return false;
        bool low = !next_is("..") && endpoint(range.low);
        if (!low && !next_is("..")) return false;
        at_++;
        bool high = !next_is("]") && !next_is(")") && !next_is("[");
        if (high && !endpoint(range.high)) return false;
        if (!bracket(range.high_closed, "]", ")", "[")) return false;
        // Only an open side may have no end, and one end there must be.
        return (low || !range.low_closed) && (high || !range.high_closed) && (low || high) &&
               tokens_[at_].kind == TokenKind::end;
    }

 private:
    bool next_is(std::string_view symbol) const {
        return tokens_[at_].kind == TokenKind::symbol && tokens_[at_].text == symbol;
    }
    bool bracket(bool& closed, std::string_view including, std::string_view excluding, std::string_view turned) {
        closed = next_is(including);
        if (!closed && !next_is(excluding) && !next_is(turned)) return false;
        at_++;
        return true;
    }

    bool endpoint(Value& out) {
        bool minus = next_is("-");
        if (minus) at_++;
        const Token& token = tokens_[at_];
        switch (token.kind) {
            case TokenKind::number: {
                auto number = Decimal::parse(token.text);
                if (!number) return false;
                at_++;
                out = Value::number(minus ? number->negate() : *number);
                return true;
            }
            case TokenKind::string:
                at_++;
                out = Value::string(token.text);
                return !minus;
            case TokenKind::temporal:
                at_++;
                return !minus && temporal(token.text, "", out);
            case TokenKind::word:
                return !minus && call(out);
            default:
                return false;
        }
    }

    // date("…"), time("…"), date and time("…"), duration("…")
    bool call(Value& out) {
        std::string name;
        for (; tokens_[at_].kind == TokenKind::word; at_++) {
            if (!name.empty()) name += ' ';
            name += tokens_[at_].text;
        }
        if (!next_is("(")) return false;
        const Token& text = tokens_[++at_];
        if (text.kind != TokenKind::string) return false;
        at_++;
        if (!next_is(")")) return false;
        at_++;
        return temporal(text.text, name, out);
    }

    // By the name of the function, or whatever it is when that is empty.
    static bool temporal(std::string_view text, std::string_view name, Value& out) {
        auto date = name.empty() || name == "date" ? Date::parse(text) : std::nullopt;
        auto moment = name.empty() || name == "date and time" ? DateTime::parse(text) : std::nullopt;
        auto time = name.empty() || name == "time" ? Time::parse(text) : std::nullopt;
        auto duration = name.empty() || name == "duration" ? value::parse_duration(text) : std::nullopt;
        if (date)
            out = Value::of(*date);
        else if (moment)
            out = Value::of(*moment);
        else if (time)
            out = Value::of(*time);
        else if (duration)
            out = duration->days ? Value::of(*duration->days) : Value::of(*duration->months);
        return !out.is_null();
    }

    const std::vector<Token>& tokens_;
    size_t at_ = 0;
};

Value to_range(Evaluation& evaluation, Arguments arguments) {
    const Value& from = only(arguments[0]);
    if (from.is_null()) return null_argument(evaluation, from);
    if (from.kind != Kind::string) return evaluation.fail("feel.argument", "range() takes a text");
    evaluation.charge(1 + from.aux / 16);
    Lexer lexer;
    value::RangeData range{Value(), Value(), false, false};
    if (!lexer.run(from.as_string()) || !RangeReader(lexer.tokens()).read(range))
        return evaluation.fail("feel.conversion",
                               "the text is not a range: write \"[1..9]\", with literals as its ends");
    if (!range.low.is_null() && !range.high.is_null()) {
        Value ordered = compare(evaluation, Comparison::less_equal, range.low, range.high);
        if (ordered.is_null()) return ordered;
        if (ordered.is_false()) return evaluation.fail("feel.conversion", "the range ends before it starts");
    }
    // A text's bytes are the lexer's.
    for (Value* end : {&range.low, &range.high}) {
        if (end->kind == Kind::string) *end = Value::string(evaluation.arena.copy(end->as_string()));
    }
    return Value::range_of(evaluation.arena.make<value::RangeData>(range));
}

template <bool (*Relation)(const Pair&)>
void add_mixed(std::vector<Builtin>& table, const std::string& name) {
    constexpr auto kAny = Takes::anything, kRange = Takes::range;
    table.push_back(builtin(name + "(point1: any, point2: any): boolean", relate<Relation, kAny, kAny, false>));
    table.push_back(builtin(name + "(point: any, range: range): boolean", relate<Relation, kAny, kRange, false>));
    table.push_back(builtin(name + "(range: range, point: any): boolean", relate<Relation, kRange, kAny, false>));
    table.push_back(builtin(name + "(range1: range, range2: range): boolean", relate<Relation, kRange, kRange, true>));
}

template <bool (*Relation)(const Pair&)>
void add_ranges(std::vector<Builtin>& table, const std::string& name) {
    table.push_back(
        builtin(name + "(range1: range, range2: range): boolean", relate<Relation, Takes::range, Takes::range, true>));
}

// The point first, or the range first; and two ranges.
template <bool (*Relation)(const Pair&), bool PointFirst>
void add_inside(std::vector<Builtin>& table, const std::string& name) {
    constexpr auto kFirst = PointFirst ? Takes::anything : Takes::range;
    constexpr auto kSecond = PointFirst ? Takes::range : Takes::anything;
    table.push_back(
        builtin(name + (PointFirst ? "(point: any, range: range): boolean" : "(range: range, point: any): boolean"),
                relate<Relation, kFirst, kSecond, false>));
    add_ranges<Relation>(table, name);
}

}  // namespace

void add_range_functions(std::vector<Builtin>& table) {
    table.push_back(builtin("range(from: string): range", to_range));
    add_mixed<before>(table, "before");
    add_mixed<after>(table, "after");
    add_ranges<meets>(table, "meets");
    add_ranges<met_by>(table, "met by");
    add_ranges<overlaps>(table, "overlaps");
    add_ranges<overlaps_before>(table, "overlaps before");
    add_ranges<overlaps_after>(table, "overlaps after");
    add_inside<finishes, true>(table, "finishes");
    add_inside<finished_by, false>(table, "finished by");
    add_inside<includes, false>(table, "includes");
    add_inside<during, true>(table, "during");
    add_inside<starts, true>(table, "starts");
    add_inside<started_by, false>(table, "started by");
    constexpr auto kAny = Takes::anything, kRange = Takes::range;
    table.push_back(builtin("coincides(point1: any, point2: any): boolean", relate<coincides, kAny, kAny, true>));
    table.push_back(
        builtin("coincides(range1: range, range2: range): boolean", relate<coincides, kRange, kRange, true>));
}

}  // namespace leat::feel
