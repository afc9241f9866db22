// Stored formulas and roll-ups: rounding, chains over rows, random histories against computing everything anew.
#include <random>

#include "shop.hpp"

using namespace shop;

namespace {

Decimal number(Row& row, program::FieldId field) {
    return row.fields[field].as_number();
}

std::string all_rows(Shop& shop, std::string_view entity) {
    std::string out;
    must(shop.records->scan(shop.entity(entity), nullptr, nullptr, query::AccessScope::everything(), [&](Row& row) {
        for (const auto& field : shop.program->entities[row.entity].fields) {
            if (field.id < program::kFirstField || !field.stored) continue;
            out += field.name + "=" + must(shop.records->text_of(row, field.id)) + " ";
        }
        out += "\n";
        return true;
    }));
    return out;
}

}  // namespace

TEST_CASE("lines are rounded before totals, half up to the cent") {
    Shop shop;
    Row& order = shop.make("order");
    Row& a = shop.line(order, "0.335", "1");
    Row& b = shop.line(order, "0.335", "1");
    Row& c = shop.line(order, "-0.335", "1");
    must(shop.records->settle());
    CHECK(shop.text(a, "amount") == "0.34");
    CHECK(shop.text(c, "amount") == "-0.34");
    CHECK(shop.text(order, "amount") == "0.34");
    CHECK(shop.text(order, "double_amount") == "0.68");
    shop.set(order, "rate", "0.9");
    must(shop.records->settle());
    CHECK(shop.text(b, "amount") == "0.30");  // 0.3015
    CHECK(shop.text(order, "amount") == "0.30");
}

TEST_CASE("a change runs through lines, totals and other records' roll-ups") {
    Shop shop;
    shop.customer("a");
    shop.customer("b");
    Row& order = shop.make("order");
    shop.set(order, "customer", "\"C-a\"");
    shop.line(order, "2", "10");
    shop.commit();
    CHECK(shop.text(*shop.find("customer", "C-a"), "total") == "20.00");
    Row* loaded = shop.find("order", "1");
    shop.set(*loaded, "rate", "0.5");
    shop.commit();
    CHECK(shop.sql("SELECT total FROM customer_v ORDER BY id") == "10.00\n0.00");
    // Moving to another customer changes both.
    shop.set(*shop.find("order", "1"), "customer", "\"C-b\"");
    shop.commit();
    CHECK(shop.sql("SELECT total FROM customer_v ORDER BY id") == "0.00\n10.00");
    must(shop.records->remove(*shop.find("order", "1")));
    shop.commit();
    CHECK(shop.sql("SELECT total FROM customer_v ORDER BY id") == "0.00\n0.00");
}

TEST_CASE("a formula without its input is null for a reason, its default replaces null") {
    Shop shop;
    Row& order = shop.make("order");
    Row& line = shop.make("order.lines");
    shop.records->set(line, shop.program->entities[line.entity].owner_field, Value::record_of(order.entity, order.id));
    must(shop.records->settle());
    const Value& amount = line.fields[shop.field(line, "amount").id];
    REQUIRE(amount.is_null());
    REQUIRE(amount.null_reason);
    CHECK(amount.null_reason->name == "quantity");
    CHECK(shop.text(order, "amount") == "0.00");
}

TEST_CASE("a formula beyond its column is null and says so") {
    Shop shop;
    Row& order = shop.make("order");
    Row& line = shop.line(order, "999999999999", "9999999999999");
    must(shop.records->settle());
    const Value& amount = line.fields[shop.field(line, "amount").id];
    REQUIRE(amount.is_null());
    CHECK(amount.null_reason->code == "record.range");
}

TEST_CASE("virtual fields follow what they read, within a command too") {
    Shop shop;
    Row& order = shop.make("order");
    shop.line(order, "1", "100");
    must(shop.records->settle());
    CHECK(shop.text(order, "taxed") == "113.00");
    shop.set(order, "rate", "2");
    must(shop.records->settle());
    CHECK(shop.text(order, "taxed") == "226.00");
    auto expression = shop.compile("order", "count(lines) * 1000 + taxed");
    auto frame = shop.records->frame(&order, nullptr, &expression->reads());
    CHECK(expression->evaluate(frame).as_number() == *Decimal::parse("1226"));
    shop.line(order, "1", "1");
    must(shop.records->settle());
    frame = shop.records->frame(&order, nullptr);
    CHECK(expression->evaluate(frame).as_number() == *Decimal::parse("2228.26"));
    CHECK(shop.sql("SELECT count(*) FROM pragma_table_info('order') WHERE name = 'taxed'") == "0");
}

TEST_CASE("formulas that take too many steps end the command") {
    Shop shop;
    Row& order = shop.make("order");
    for (int i = 0; i < 50; ++i) shop.line(order, "1", "1");
    shop.records->steps_left = 100;
    CHECK_THROWS_AS(shop.records->settle(), LimitError);
    shop.rollback();
}

TEST_CASE("roll-ups after random histories equal computing everything anew") {
    unsigned seed = std::random_device{}();
    INFO("seed " << seed);
    std::mt19937 random(seed);
    auto pick = [&](size_t n) { return static_cast<size_t>(random() % n); };
    auto text = [&](int low, int high, int scale) {
        return Decimal::make(low + static_cast<int>(random() % static_cast<unsigned>(high - low)), -scale).to_string();
    };
    Shop shop;
    for (const char* name : {"a", "b", "c"}) shop.customer(name);
    shop.commit();
    auto line_entity = shop.entity("order.lines");
    for (int command = 0; command < 60; ++command) {
        for (size_t step = 0, steps = 1 + pick(6); step < steps; ++step) {
            std::vector<Row*> orders, lines;
            auto collect = [&](program::EntityId entity, std::vector<Row*>& out) {
                must(shop.records->scan(entity, nullptr, nullptr, query::AccessScope::everything(), [&](Row& row) {
                    out.push_back(&row);
                    return true;
                }));
            };
            collect(shop.entity("order"), orders);
            collect(line_entity, lines);
            size_t what = pick(8);
            if (what == 0 || orders.empty()) {
                Row& order = shop.make("order");
                if (pick(4)) shop.set(order, "customer", std::string("\"C-") + "abc"[pick(3)] + "\"");
            } else if (what <= 2) {
                shop.line(*orders[pick(orders.size())], text(-9999, 9999, 3), text(-99999, 99999, 2));
            } else if (what == 3) {
                shop.set(*orders[pick(orders.size())], "rate", pick(9) ? text(0, 20000, 4) : "null");
            } else if (what == 4) {
                shop.set(*orders[pick(orders.size())], "customer",
                         pick(5) ? std::string("\"C-") + "abc"[pick(3)] + "\"" : "null");
            } else if (what == 5 && !lines.empty()) {
                shop.set(*lines[pick(lines.size())], "price", text(-99999, 99999, 2));
            } else if (what == 6 && !lines.empty()) {
                Row& line = *lines[pick(lines.size())];
                if (pick(2))
                    must(shop.records->remove(line));
                else
                    shop.records->set(line, shop.program->entities[line_entity].owner_field,
                                      Value::record_of(orders[0]->entity, orders[pick(orders.size())]->id));
            } else if (what == 7 && pick(3) == 0) {
                must(shop.records->remove(*orders[pick(orders.size())]));
            }
            if (pick(2)) must(shop.records->settle());
        }
        if (pick(6) == 0)
            shop.rollback();
        else
            shop.commit();
    }
    // Plain recomputation, in Decimal, from the columns that were typed in.
    std::map<int64_t, Decimal> totals;
    size_t seen = 0;
    must(shop.records->scan(shop.entity("order"), nullptr, nullptr, query::AccessScope::everything(), [&](Row& order) {
        const Value& rate = order.fields[shop.field(order, "rate").id];
        Decimal sum = 0;
        bool all = true;
        for (Row* line : must(shop.records->list(order, shop.field(order, "lines").id))) {
            Decimal product = *Decimal::multiply(number(*line, shop.field(*line, "quantity").id),
                                                 number(*line, shop.field(*line, "price").id));
            const Value& stored = line->fields[shop.field(*line, "amount").id];
            ++seen;
            if (rate.is_null()) {
                CHECK(stored.is_null());
                all = false;
                continue;
            }
            Decimal amount = *Decimal::multiply(product, rate.as_number())->rescale(2, Rounding::half_up);
            CHECK(stored.as_number() == amount);
            sum = *Decimal::add(sum, amount);
        }
        if (!all) sum = 0;  // a sum over a null is null, and the default replaces it
        CHECK(number(order, shop.field(order, "amount").id) == sum);
        CHECK(number(order, shop.field(order, "double_amount").id) == *Decimal::multiply(sum, 2));
        const Value& customer = order.fields[shop.field(order, "customer").id];
        if (!customer.is_null()) totals[customer.record.id] = *Decimal::add(totals[customer.record.id], sum);
        return true;
    }));
    CHECK(seen > 0);
    for (int64_t id = 1; id <= 3; ++id) {
        Row* customer = must(shop.records->get(shop.entity("customer"), id));
        CHECK(number(*customer, shop.field(*customer, "total").id) == totals[id]);
    }
    CHECK_FALSE(all_rows(shop, "customer").empty());
}
