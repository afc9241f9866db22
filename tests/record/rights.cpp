// The end state's constraints in two languages, and rights by row, field and role.
#include "shop.hpp"

using namespace shop;

namespace {

std::string messages(Shop& shop, std::string_view language) {
    std::string out;
    for (const auto& v : must(shop.records->check(language))) out += v.code + " " + v.at + ": " + v.message + "\n";
    return out;
}

}  // namespace

TEST_CASE("constraints speak Chinese and English") {
    Shop shop;
    Row& customer = shop.make("customer");
    must(shop.records->settle());
    CHECK(messages(shop, "zh") == "constraint customer.name: 名称不能为空\n");
    CHECK(messages(shop, "en") == "constraint customer.name: Name must not be empty\n");
    shop.set(customer, "name", "\"一二三四五六七八九十一二三四五六七八九十\"");
    CHECK(messages(shop, "zh").empty());
    shop.set(customer, "name", "\"一二三四五六七八九十一二三四五六七八九十一\"");
    CHECK(messages(shop, "en") == "constraint customer.name: Name must have at most 20 characters\n");
}

TEST_CASE("bounds, formats, required_if and asserts") {
    Shop shop;
    Row& order = shop.make("order");
    must(shop.records->settle());
    CHECK(messages(shop, "en").empty());
    shop.set(order, "rate", "0");
    shop.set(order, "pieces", "0");
    shop.set(order, "mail", "\"nobody at home\"");
    shop.set(order, "phone", "\"12x\"");
    CHECK(messages(shop, "en") ==
          "constraint order.rate: Discount must not be less than 0.01\n"
          "constraint order.mail: mail is not an e-mail address\n"
          "constraint order.phone: phone is not a telephone number\n"
          "constraint order.reason: reason must not be empty\n"
          "constraint order.constraints[1]: Pieces must be positive\n");
    CHECK_THAT(messages(shop, "zh"), Catch::Contains("折扣不能小于 0.01") && Catch::Contains("件数必须为正"));
    shop.set(order, "rate", "1");
    shop.set(order, "pieces", "101");
    shop.set(order, "mail", "\"li@example.com\"");
    shop.set(order, "phone", "\"+86 10 6552-9988\"");
    CHECK(messages(shop, "en") == "constraint order.pieces: pieces must not be greater than 100\n");
    // A null assert decides nothing: it refuses and names the empty field.
    shop.set(order, "pieces", "null");
    shop.set(order, "due", "\"2026-01-01\"");
    shop.set(order, "rate", "null");
    CHECK_THAT(messages(shop, "en"), Catch::Contains("null order.constraints[2]: Discount is empty"));
}

TEST_CASE("unique values, in the file and among pending rows") {
    Shop shop;
    shop.customer("a");
    shop.commit();
    Row& again = shop.make("customer");
    shop.set(again, "name", "\"a\"");
    shop.records->set(again, program::kKey, Value::string("C-x"));
    must(shop.records->settle());
    CHECK(messages(shop, "en") == "constraint customer.name: Name is used already by customer C-a\n");
    CHECK(messages(shop, "zh") == "constraint customer.name: 名称已被使用：customer C-a\n");
    // Swapping within one command is no conflict at its end.
    shop.set(*shop.find("customer", "C-a"), "name", "\"b\"");
    CHECK(messages(shop, "en").empty());
    Row& third = shop.customer("c");
    shop.records->set(third, program::kKey, Value::string("C-x"));
    CHECK_THAT(messages(shop, "en"), Catch::Contains("customer.key"));
    shop.rollback();
}

TEST_CASE("a record that others point at is not deleted") {
    Shop shop;
    shop.customer("a");
    Row& order = shop.make("order");
    shop.set(order, "customer", "\"C-a\"");
    shop.commit();
    must(shop.records->remove(*shop.find("customer", "C-a")));
    CHECK(messages(shop, "en") == "constraint order.customer: it cannot be deleted: order 1 refers to it\n");
    shop.set(*shop.find("order", "1"), "customer", "null");
    CHECK(messages(shop, "en").empty());
    shop.rollback();
    Row* loaded = shop.find("order", "1");
    Row& fresh = shop.customer("b");
    shop.set(*loaded, "customer", "\"C-b\"");
    must(shop.records->remove(fresh));
    CHECK_THAT(messages(shop, "en"), Catch::Contains("customer refers to the deleted record"));
    shop.rollback();
}

TEST_CASE("roles add up, null grants nothing, lines follow their owner") {
    Shop shop;
    shop.user("li");
    shop.user("wu");
    struct Given {
        const char* name;
        const char* owner;
        const char* region;
    };
    const Given customers[] = {{"a", "li", "east"}, {"b", "wu", "east"}, {"c", "", "north"}, {"d", "", ""}};
    for (const Given& given : customers) {
        Row& row = shop.customer(given.name);
        if (*given.owner) shop.set(row, "owner", std::string("\"") + given.owner + "\"");
        if (*given.region) shop.set(row, "region", std::string("\"") + given.region + "\"");
        shop.set(row, "secret", "\"s\"");
        Row& order = shop.make("order");
        shop.set(order, "customer", std::string("\"C-") + given.name + "\"");
        shop.line(order, "1", "1");
    }
    shop.commit();
    program::RoleId sales, manager, audit, clerk;
    for (auto [name, id] : {std::pair{"sales", &sales}, {"manager", &manager}, {"audit", &audit}, {"clerk", &clerk}}) {
        REQUIRE(shop.program->find_role(name, id));
    }
    auto seen = [&](const char* entity, const char* user, std::vector<uint32_t> roles) {
        auto scope = query::AccessScope::of(user, user[0] == 'l' ? 1 : 2, std::move(roles));
        std::string scanned, asked;
        must(shop.records->scan(shop.entity(entity), nullptr, nullptr, scope, [&](Row& row) {
            scanned += std::to_string(row.id);
            return true;
        }));
        must(shop.records->scan(shop.entity(entity), nullptr, nullptr, query::AccessScope::everything(), [&](Row& row) {
            if (shop.records->may(row, scope, &program::AccessRule::read)) asked += std::to_string(row.id);
            return true;
        }));
        CHECK(scanned == asked);
        return scanned;
    };
    for (const char* entity : {"customer", "order", "order.lines"}) {
        INFO(entity);
        CHECK(seen(entity, "li", {clerk}).empty());
        CHECK(seen(entity, "li", {}).empty());
        CHECK(seen(entity, "li", {sales}) == "1");
        CHECK(seen(entity, "wu", {sales}) == "2");
        CHECK(seen(entity, "wu", {manager}) == "1234");
    }
    CHECK(seen("customer", "wu", {audit}) == "12");
    CHECK(seen("customer", "li", {sales, audit}) == "12");

    Row* mine = shop.find("customer", "C-a");
    auto secret = shop.field(*mine, "secret").id, name = shop.field(*mine, "name").id,
         total = shop.field(*mine, "total").id;
    auto right = [&](program::FieldId field, std::vector<uint32_t> roles, bool write) {
        return shop.records->field_right(*mine, field, query::AccessScope::of("li", 1, std::move(roles)), write);
    };
    using program::FieldRight;
    CHECK(right(secret, {sales}, false) == FieldRight::none);
    CHECK(right(secret, {manager}, false) == FieldRight::mask);
    CHECK(right(secret, {audit}, false) == FieldRight::read);
    CHECK(right(secret, {sales, manager}, false) == FieldRight::mask);
    CHECK(right(name, {sales}, true) == FieldRight::write);
    CHECK(right(name, {manager}, true) == FieldRight::read);
    CHECK(right(total, {sales}, true) == FieldRight::read);  // a formula is nobody's to write
    CHECK(right(name, {clerk}, true) == FieldRight::none);

    auto json = [&](Row& row, std::vector<uint32_t> roles) {
        std::string out;
        must(shop.records->append_json(row, query::AccessScope::of("li", 1, std::move(roles)), out));
        return out;
    };
    CHECK(
        json(*mine, {sales}) ==
        "{\"id\":1,\"key\":\"C-a\",\"version\":1,\"name\":\"a\",\"region\":\"east\",\"owner\":\"li\",\"total\":1.00}");
    CHECK_THAT(json(*mine, {manager}), Catch::Contains("\"secret\":\"***\""));
    std::string order = json(*shop.find("order", "1"), {manager});
    CHECK_THAT(order, Catch::Contains("\"lines\":[{\"id\":1,\"key\":\"1\",\"version\":1,\"product\":\"p\",\"quantity\":"
                                      "1.000,\"price\":1.00,\"amount\":1.00}]"));
    CHECK_THAT(order, Catch::Contains("\"taxed\":1.13") && Catch::Contains("\"due\":null") &&
                          Catch::Contains("\"customer\":\"C-a\""));
}
