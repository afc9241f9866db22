// A small application for the tests of records: every kind of field, lines, reverse lists, rights, a decision.
#pragma once
#include <map>
#include <string>

#include "catch.hpp"
#include "program/load.hpp"
#include "record/records.hpp"

namespace shop {

using namespace leat;
using record::Records;
using record::Row;

inline const char* kDefinitions = R"(leat: 1
app: shop
version: 1.0.0
language: zh
timezone: Asia/Shanghai
currency: CNY
---
calendars: {office: {week: {mon-fri: ["09:00-12:00", "13:30-18:00"]}}}
roles: {sales: 销售, manager: {title: 经理, includes: [sales]}, audit: 审计, clerk: 文员}
settings:
  vat: {title: 税率, type: decimal, allow: [manager], value: 0.13}
---
entity: customer
title: 客户
key: "C-{name}"
fields:
  name: {type: string, required: true, unique: true, maxLength: 20, title: {zh: 名称, en: Name}}
  region: {type: enum, enum: {east: 华东, north: 华北}}
  owner: {type: ref, to: user}
  orders: {type: list, of: order, by: customer}
  total: {type: money, formula: sum(orders.amount), default: 0}
  secret: {type: string}
access:
  sales: {add: true, read: owner = actor, write: owner = actor, fields: {secret: none}}
  manager: {read: true, fields: {secret: mask}}
  audit: {read: region = "east"}
---
entity: order
title: 订单
fields:
  customer: {type: ref, to: customer}
  rate: {type: decimal, scale: 4, default: 1, minimum: 0.01, title: {zh: 折扣, en: Discount}}
  lines:
    type: list
    minItems: 0
    fields:
      product: {type: string, required: true}
      quantity: {type: decimal, scale: 3, required: true}
      price: {type: money, required: true}
      amount: {type: money, formula: quantity * price * order.rate}
  amount: {type: money, formula: sum(lines.amount), default: 0}
  double_amount: {type: money, formula: amount * 2}
  taxed: {type: money, formula: amount * (1 + settings.vat)}
  due: {type: date}
  at_time: {type: time}
  paid_at: {type: datetime}
  limit: {type: duration}
  urgent: {type: boolean}
  pieces: {type: integer, maximum: 100}
  note: {type: text}
  mail: {type: string, format: email}
  phone: {type: string, format: phone}
  tags: {type: list, of: string}
  extra: {type: json}
  reason: {type: string, required_if: rate < 0.8}
constraints:
  - {assert: "pieces = null or pieces > 0", message: {zh: 件数必须为正, en: Pieces must be positive}}
  - {assert: "if due = null then true else rate > 0.1"}
index: [due, [pieces, due]]
access:
  sales: {read: customer.owner = actor, write: customer.owner = actor}
  manager: {read: true, write: true}
)";

class Host final : public record::Host {
 public:
    explicit Host(const program::Program& program) : program_(program) {}
    int64_t now_us() override { return 1'800'000'000'000'000; }
    Value setting(uint32_t index, int64_t, Arena&) override { return program_.settings[index].values.front().value; }
    Value host_function(uint32_t, std::span<const Value>, Arena&) override { return Value(); }

 private:
    const program::Program& program_;
};

inline std::unique_ptr<program::Program> load(const std::string& text) {
    Diagnostics diagnostics;
    Sources printing;
    auto none = [](const std::string&, const std::string&) -> std::optional<std::string> { return std::nullopt; };
    auto program = program::load({{"shop.yaml", text}}, none, {}, diagnostics, printing);
    std::string problems;
    for (const Diagnostic& d : diagnostics.all()) {
        if (d.severity == Severity::error) problems += base::format(d, printing);
    }
    INFO(problems);
    REQUIRE(program != nullptr);
    return program;
}

template <class T>
T must(Result<T> result) {
    if (!result) FAIL(result.error().code << ": " << result.error().message);
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

// One store and one command at a time over it.
class Shop {
 public:
    explicit Shop(const std::string& definitions = kDefinitions)
        : program(load(definitions)), host(*program), cache(*program) {
        store::OpenOptions options;
        options.path = ":memory:";
        connection = must(store::Connection::open(options));
        must(connection->begin_write());
        must(record::create_entity_tables(*program, *connection));
        must(connection->commit());
        begin();
    }

    void begin() {
        if (!connection->in_transaction()) must(connection->begin_write());
        records.reset();
        arena = std::make_unique<Arena>();
        records = std::make_unique<Records>(*program, *connection, *arena, limits, host);
        records->use(cache);
    }
    // Writes everything, commits, and starts afresh.
    void commit() {
        must(records->settle());
        ++sequence;
        must(records->write_all(sequence, 1'750'000'000'123'456 + sequence, "tester"));
        must(connection->commit());
        begin();
    }
    void rollback() {
        connection->rollback();
        begin();
    }

    program::EntityId entity(std::string_view name) const { return program->find_entity(name)->id; }
    const program::Field& field(const Row& row, std::string_view name) const {
        return *program->entities[row.entity].find(name);
    }
    Row& make(std::string_view name) {
        Row& row = *must(records->create(entity(name)));
        must(records->apply_defaults(row));
        return row;
    }
    Result<void> put(Row& row, std::string_view name, const std::string& json) {
        auto parsed = parse_json(json);
        if (!parsed) return parsed.error();
        auto value = records->from_json(field(row, name), *parsed);
        if (!value) return value.error();
        records->set(row, field(row, name).id, *value);
        return {};
    }
    void set(Row& row, std::string_view name, const std::string& json) { must(put(row, name, json)); }
    Row& line(Row& order, const std::string& quantity, const std::string& price) {
        Row& made = make("order.lines");
        records->set(made, program->entities[made.entity].owner_field, Value::record_of(order.entity, order.id));
        set(made, "product", "\"p\"");
        set(made, "quantity", quantity);
        set(made, "price", price);
        return made;
    }
    Row& customer(const std::string& name) {
        Row& made = make("customer");
        set(made, "name", "\"" + name + "\"");
        records->set(made, program::kKey, Value::string(arena->copy("C-" + name)));
        return made;
    }
    Row& user(const std::string& key) {
        Row& made = make("user");
        records->set(made, program::kKey, Value::string(arena->copy(key)));
        set(made, "name", "\"" + key + "\"");
        return made;
    }
    Row* find(std::string_view name, std::string_view key) { return must(records->find(entity(name), key)); }
    std::string text(Row& row, std::string_view name) { return must(records->text_of(row, field(row, name).id)); }
    std::string sql(const std::string& statement) {
        auto prepared = must(connection->prepare(statement));
        std::string out;
        while (must(prepared.step())) {
            for (int i = 0; i < prepared.column_count(); ++i) {
                out += i ? "|" : out.empty() ? "" : "\n";
                out += prepared.is_null(i) ? std::string_view("null") : prepared.text(i);
            }
        }
        return out;
    }
    // An expression over a record, compiled as the engine would.
    std::unique_ptr<feel::Expression> compile(std::string_view of, const std::string& text) {
        auto scope = program->scope_of(entity(of));
        feel::CompileOptions options;
        options.self = program->types.record(entity(of), false);
        Diagnostics diagnostics;
        Text source;
        source.text = text;
        auto out = feel::compile(source, *scope, options, diagnostics);
        std::string problems;
        for (const Diagnostic& d : diagnostics.all()) problems += d.message + "\n";
        INFO(text << "\n" << problems);
        REQUIRE(out != nullptr);
        return out;
    }

    std::unique_ptr<program::Program> program;
    Host host;
    record::PlanCache cache;
    Limits limits;
    std::unique_ptr<store::Connection> connection;
    std::unique_ptr<Arena> arena;
    std::unique_ptr<Records> records;
    int64_t sequence = 0;
};

}  // namespace shop
