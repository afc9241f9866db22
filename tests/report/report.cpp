// Reports: groups, measures, order, parameters, and that nothing hidden leaks by way of a sum.
#include "report/report.hpp"

#include "../record/shop.hpp"

using namespace shop;

namespace {

const char* kSales = R"yaml(leat: 1
app: sales
version: 1.0.0
language: zh
timezone: Asia/Shanghai
currency: CNY
---
roles: {sales: 销售, boss: 老板, clerk: 文员}
---
entity: deal
fields:
  name: {type: string}
  owner: {type: ref, to: user}
  amount: {type: money}
  cost: {type: money}
  won_on: {type: date}
  profit: {type: money, formula: amount - cost}
access:
  sales: {read: owner = actor, fields: {cost: none, profit: mask}}
  boss: {read: true}
---
report: leaderboard
title: {zh: 排行榜, en: Leaderboard}
from: deal
params: {start: {type: date, required: true}, end: date}
where: won_on >= params.start and (params.end = null or won_on < params.end)
group: {rep: owner}
measures:
  deals: {title: {zh: 单数, en: Deals}, formula: count(rows)}
  amount: {title: 金额, formula: sum(rows.amount), format: money}
  share: {formula: amount_of(rows) / deals_of(rows)}
sort: [-amount, rep]
limit: 2
---
functions:
  amount_of: {params: {rows_: list<deal>}, returns: number, formula: sum(rows_.amount)}
  deals_of: {params: {rows_: list<deal>}, returns: number, formula: count(rows_)}
---
report: totals
from: deal
measures: {amount: {formula: sum(rows.amount)}, cost: {formula: sum(rows.cost)}, profit: {formula: "get or else(sum(rows.profit), 0)"}, deals: {formula: count(rows)}}
---
report: months
from: deal
group: {month: won_on.month, big: amount > 15}
measures: {deals: {formula: count(rows)}}
sort: [month, -big]
)yaml";

void fill(Shop& shop) {
    shop.user("li");
    shop.user("wu");
    shop.user("an");
    struct Deal {
        const char* owner;
        const char* amount;
        const char* date;
    };
    const Deal deals[] = {{"li", "10.10", "2026-01-05"}, {"li", "20", "2026-02-05"}, {"wu", "30.10", "2026-01-06"},
                          {"an", "1", "2026-01-07"},     {"", "99", "2025-12-31"},   {"wu", "2", "2026-03-01"}};
    for (const Deal& deal : deals) {
        Row& row = shop.make("deal");
        if (*deal.owner) shop.set(row, "owner", std::string("\"") + deal.owner + "\"");
        shop.set(row, "amount", deal.amount);
        shop.set(row, "cost", "1");
        shop.set(row, "won_on", std::string("\"") + deal.date + "\"");
    }
    shop.commit();
}

Result<report::Table> run(Shop& shop, const char* name, const char* params, const query::AccessScope& scope,
                          std::string_view language = "zh") {
    return report::run(*shop.records, *shop.program->find_report(name), *parse_json(params), scope, language);
}

std::string csv(Shop& shop, const report::Table& table) {
    std::string out = must(report::to_csv(*shop.records, table));
    out.erase(std::remove(out.begin(), out.end(), '\r'), out.end());
    return out;
}

}  // namespace

TEST_CASE("a report groups, measures, sorts and cuts") {
    Shop shop(kSales);
    fill(shop);
    auto table = must(
        run(shop, "leaderboard", R"({"start":"2026-01-01","end":"2026-03-01"})", query::AccessScope::everything()));
    CHECK(table.title == "排行榜");
    CHECK(table.columns[1].title == "单数");
    CHECK(table.columns[2].format == "money");
    CHECK(table.records == 4);
    // 30.10 twice: the key decides.
    CHECK(csv(shop, table) == "rep,deals,amount,share\nli,2,30.10,15.05\nwu,1,30.10,30.10\n");
    auto json = parse_json(must(report::to_json(*shop.records, table)));
    REQUIRE(json);
    CHECK(json->find("rows")->items[0].find("rep")->text == "li");
    CHECK(json->find("rows")->items[0].find("amount")->text == "30.10");
    CHECK(json->find("columns")->items[1].find("title")->text == "单数");
    auto open = must(run(shop, "leaderboard", R"({"start":"2026-03-01"})", query::AccessScope::everything(), "en"));
    CHECK(open.title == "Leaderboard");
    CHECK(csv(shop, open) == "rep,deals,amount,share\nwu,1,2.00,2.00\n");
}

TEST_CASE("groups of several values, without any record too") {
    Shop shop(kSales);
    fill(shop);
    CHECK(csv(shop, must(run(shop, "months", "{}", query::AccessScope::everything()))) ==
          "month,big,deals\n1,true,1\n1,false,2\n2,true,1\n3,false,1\n12,true,1\n");
    Shop empty(kSales);
    CHECK(csv(empty, must(run(empty, "months", "{}", query::AccessScope::everything()))) == "month,big,deals\n");
    CHECK(csv(empty, must(run(empty, "totals", "null", query::AccessScope::everything()))) ==
          "amount,cost,profit,deals\n,,0,0\n");
}

TEST_CASE("parameters are typed, known and required") {
    Shop shop(kSales);
    const std::pair<const char*, const char*> cases[] = {{"{}", "needs the parameter 'start'"},
                                                         {R"({"start":null})", "needs the parameter 'start'"},
                                                         {R"({"start":"soon"})", "takes a date"},
                                                         {R"({"from":1})", "no parameter 'from'; it takes start, end"},
                                                         {"[]", "JSON object"}};
    for (const auto& [params, part] : cases) {
        auto table = run(shop, "leaderboard", params, query::AccessScope::everything());
        REQUIRE_FALSE(table);
        CHECK(table.error().code == "report.param");
        CHECK_THAT(table.error().message, Catch::Contains(part));
    }
}

TEST_CASE("an actor's report reads his rows, and hidden fields leak through nothing") {
    Shop shop(kSales);
    fill(shop);
    program::RoleId sales, boss, clerk;
    REQUIRE(shop.program->find_role("sales", &sales));
    REQUIRE(shop.program->find_role("boss", &boss));
    REQUIRE(shop.program->find_role("clerk", &clerk));
    auto totals = [&](std::vector<uint32_t> roles) {
        return csv(shop, must(run(shop, "totals", "{}", query::AccessScope::of("li", 1, std::move(roles)))));
    };
    CHECK(totals({boss}) == "amount,cost,profit,deals\n162.20,6.00,156.20,6\n");
    CHECK(totals({sales}) == "amount,cost,profit,deals\n30.10,hidden,hidden,2\n");
    CHECK(totals({sales, boss}) == "amount,cost,profit,deals\n162.20,6.00,156.20,6\n");
    CHECK(totals({clerk}) == "amount,cost,profit,deals\nhidden,hidden,hidden,0\n");
}

TEST_CASE("ten thousand records are grouped in one pass") {
    Shop shop(kSales);
    shop.limits.records_max = 20'000;
    shop.begin();
    fill(shop);
    for (int i = 0; i < 10'000; ++i) {
        Row& row = shop.make("deal");
        shop.records->set(row, shop.field(row, "amount").id, Value::number(Decimal::make(i, -2)));
        shop.records->set(row, shop.field(row, "won_on").id, Value::of(Date{20'500 + i % 3}));
    }
    shop.commit();
    auto table = must(run(shop, "totals", "{}", query::AccessScope::everything()));
    CHECK(table.records == 10'006);
    CHECK(value::to_text(table.rows[0][0]) == "500112.20");  // 499,950.00 + 162.20
}
