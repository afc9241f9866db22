// Two entities, a settings object and a function, as program would offer them: order (with lines and a customer) and
// customer (with the reverse list orders).
#pragma once
#include <map>
#include <string>
#include <vector>

#include "feel/expression.hpp"
#include "feel/scope.hpp"

namespace fake {

using namespace leat;
using feel::Binding;
using feel::Member;
using feel::TypeKind;
using feel::TypeRef;

enum Entity : uint32_t { kOrder = 1, kCustomer = 2, kLine = 3 };
enum Object : uint32_t { kRecords = 10, kSettings = 11 };
// Fields of order, by place in the row.
enum Field : uint32_t { kAmount, kStatus, kBuyer, kPlacedOn, kRatio, kLines, kNote, kPriceEur, kStall, kCount };

class Scope final : public feel::Scope {
 public:
    Scope() {
        status_ = {"order.status", {{"open", {"进行中", "Open"}}, {"won", {"成交"}}, {"lost", {"输单"}}}};
        region_ = {"customer.region", {{"east", {"华东"}}, {"north", {"华北"}}}};
        TypeRef text = types_.basic(TypeKind::string);
        fields_[kOrder] = {
            {"amount", kAmount, types_.money("CNY", 2)},
            {"status", kStatus, types_.enumeration(&status_, false)},
            {"customer", kBuyer, types_.record(kCustomer)},
            {"placed_on", kPlacedOn, types_.basic(TypeKind::date, false)},
            {"ratio", kRatio, types_.decimal(4, false)},
            {"lines", kLines, types_.list(types_.record(kLine, false), false)},
            {"note", kNote, text},
            {"price_eur", kPriceEur, types_.money("EUR", 2, false)},
            {"stall", kStall, types_.basic(TypeKind::duration, false)},
        };
        fields_[kCustomer] = {
            {"name", 0, types_.basic(TypeKind::string, false)},
            {"region", 1, types_.enumeration(&region_)},
            {"orders", 2, types_.list(types_.record(kOrder, false), false)},
        };
        fields_[kLine] = {{"product", 0, text},
                          {"quantity", 1, types_.decimal(3, false)},
                          {"amount", 2, types_.money("CNY", 2, false)}};
        fields_[kRecords] = {{"order", kOrder, types_.collection(kOrder)},
                             {"customer", kCustomer, types_.collection(kCustomer)}};
        fields_[kSettings] = {{"limit", 0, types_.money("CNY", 2, false)},
                              {"stall", 1, types_.basic(TypeKind::duration, false)}};
    }

    std::optional<Binding> find(std::string_view name) const override {
        Binding binding;
        if (name == "this") {
            binding.kind = Binding::Kind::self;
            binding.type = types_.record(kOrder, false);
            return binding;
        }
        for (auto [object, id] : {std::pair("records", kRecords), std::pair("settings", kSettings)}) {
            if (name != object) continue;
            binding.kind = Binding::Kind::object;
            binding.index = id;
            binding.type = types_.object(id);
            return binding;
        }
        if (name == "threshold") {
            binding.kind = Binding::Kind::local;
            binding.index = 0;
            binding.type = types_.basic(TypeKind::number, false);
            return binding;
        }
        if (name == "score") {
            binding.kind = Binding::Kind::function;
            binding.index = 7;
            binding.type =
                types_.function({{"order", 0, types_.record(kOrder)}}, types_.basic(TypeKind::number, false));
            return binding;
        }
        if (name == "exchange_rate") {
            TypeRef text = types_.basic(TypeKind::string);
            binding.kind = Binding::Kind::function;
            binding.index = 8;
            binding.type =
                types_.function({{"from", 0, text}, {"to", 1, text}, {"on", 2, types_.basic(TypeKind::date)}},
                                types_.basic(TypeKind::number, false));
            return binding;
        }
        for (const Member& field : fields_.at(kOrder)) {
            if (field.name != name) continue;
            binding.kind = Binding::Kind::field;
            binding.index = field.index;
            binding.type = field.type;
            return binding;
        }
        return std::nullopt;
    }
    std::optional<Member> member(TypeRef type, std::string_view name) const override {
        auto found = fields_.find(type->class_id);
        if (found == fields_.end()) return std::nullopt;
        for (const Member& field : found->second) {
            if (field.name == name) return field;
        }
        return std::nullopt;
    }
    std::vector<std::string> names(TypeRef type) const override {
        std::vector<std::string> all;
        uint32_t id = type ? type->class_id : static_cast<uint32_t>(kOrder);
        auto found = fields_.find(id);
        if (found != fields_.end()) {
            for (const Member& field : found->second) all.push_back(field.name);
        }
        if (!type) all.insert(all.end(), {"this", "records", "settings", "score", "threshold"});
        return all;
    }
    std::optional<uint32_t> calendar(std::string_view name) const override {
        return name == "office" ? std::optional<uint32_t>(4) : std::nullopt;
    }
    feel::Types& types() const override { return types_; }
    TypeRef status_type() const { return types_.enumeration(&status_, false); }

 private:
    mutable feel::Types types_;
    feel::EnumType status_, region_;
    std::map<uint32_t, std::vector<Member>> fields_;
};

// Rows of memory behind record ids; records of order are 1…; queries are answered only when asked to.
class Environment final : public feel::Environment {
 public:
    Value member(const Value& object, uint32_t index, feel::Frame&) override {
        members++;
        if (object.kind == Kind::object) return settings.at(index);
        return rows.at({object.aux, object.record.id}).at(index);
    }
    bool query(const feel::CollectionQuery& query, std::span<const Value> values, feel::Frame& frame,
               Value& out) override {
        queries++;
        parameters.assign(values.begin(), values.end());
        want = query.want;
        if (count_answer >= 0 && query.want == feel::CollectionQuery::Want::count) {
            out = Value::number(Decimal(count_answer));
            return true;
        }
        std::vector<Value> all;
        for (const auto& [id, row] : rows) {
            if (id.first == query.entity && (!filters || id.second == 1))
                all.push_back(Value::record_of(id.first, id.second));
        }
        Value* items = frame.arena->array<Value>(all.size());
        std::copy(all.begin(), all.end(), items);
        out = Value::list(items, all.size());
        return filters;
    }
    Value call(uint32_t function, std::span<const Value> arguments, feel::Frame&) override {
        called = function;
        if (function == 8) return Value::number(*Decimal::parse("7.25"));
        return Value::number(Decimal(arguments[0].kind == Kind::record ? arguments[0].record.id * 10 : 0));
    }
    int64_t now_us() override { return 1'800'000'000'000'000; }  // 2027-01-15T08:00:00Z
    value::Zone time_zone() override { return {ZoneKind::offset, 8 * 3600}; }

    std::map<std::pair<uint32_t, int64_t>, std::vector<Value>> rows;
    std::vector<Value> settings;
    std::vector<Value> parameters;
    feel::CollectionQuery::Want want = feel::CollectionQuery::Want::list;
    bool filters = false;
    int64_t count_answer = -1;
    int members = 0, queries = 0;
    uint32_t called = 0;
};

inline Text text_of(std::string_view source) {
    Text text;
    text.text = std::string(source);
    text.span.begin = {1, 1};
    text.line_starts = {{1, 1}};
    return text;
}

inline Value money(int64_t cents) {
    return Value::number(Decimal::make(cents, -2));
}

// One order (id 1) with all its fields, its customer, and a second order.
struct World {
    Scope scope;
    Environment environment;
    Arena arena;
    Diagnostics diagnostics;
    NullReason empty_note{"empty", "note", "field 'note' is empty"};
    NullReason empty_amount{"empty", "amount", "field 'amount' is empty"};
    std::vector<Value> row;
    std::vector<Value> locals{Value::number(Decimal(5))};
    std::vector<Value> lines;

    World() {
        environment.rows[{kCustomer, 1}] = {Value::string("Ada"), Value::string("east"), Value::list(nullptr, 0)};
        environment.rows[{kLine, 1}] = {Value::string("bolt"), Value::number(Decimal(2)), money(500)};
        environment.rows[{kLine, 2}] = {Value::string("nut"), Value::number(Decimal(3)), money(300)};
        lines = {Value::record_of(kLine, 1), Value::record_of(kLine, 2)};
        row = {money(100000),
               Value::string("open"),
               Value::record_of(kCustomer, 1),
               Value::of(*Date::of(2026, 11, 21)),
               Value::number(Decimal::make(9000, -4)),
               Value::list(lines.data(), 2),
               Value::null(&empty_note),
               money(100),
               Value::of(value::DaysDuration{86400, 0})};
        environment.rows[{kOrder, 1}] = row;
        auto other = row;
        other[kAmount] = Value::null(&empty_amount);
        other[kStatus] = Value::string("won");
        environment.rows[{kOrder, 2}] = other;
        environment.settings = {money(50000), Value::of(value::DaysDuration{7 * 86400, 0}, 5, true)};
    }
    std::unique_ptr<feel::Expression> compile(std::string_view source, TypeRef expected = nullptr, bool warn = false) {
        diagnostics = {};
        feel::CompileOptions options;
        options.self = scope.types().record(kOrder, false);
        options.expected = expected;
        options.warn_nullable_condition = warn;
        return feel::compile(text_of(source), scope, options, diagnostics);
    }
    feel::Frame frame() {
        feel::Frame frame;
        frame.row = row.data();
        frame.self = Value::record_of(kOrder, 1, row.data());
        frame.locals = locals.data();
        frame.environment = &environment;
        frame.arena = &arena;
        return frame;
    }
    std::string show(std::string_view source) {
        auto expression = compile(source);
        if (!expression)
            return "error " + diagnostics.all()[0].code + " " + diagnostics.all()[0].message + " | " +
                   diagnostics.all()[0].hint;
        feel::Frame running = frame();
        Value value = expression->evaluate(running);
        return value.is_null() ? "null" : value::to_text(value);
    }
    // "code@column hint" of the first diagnostic, or "" when it compiles without any.
    std::string fault(std::string_view source, TypeRef expected = nullptr, bool warn = false) {
        compile(source, expected, warn);
        if (diagnostics.all().empty()) return "";
        const Diagnostic& first = diagnostics.all()[0];
        return first.code + "@" + std::to_string(first.span.begin.column) +
               (first.hint.empty() ? "" : " " + first.hint);
    }
};

}  // namespace fake
