// The price approval table, exactly on both sides of each boundary.
#include "fixture.hpp"

using namespace leat;
using namespace leat::decision;
using feel::TypeKind;

namespace {

struct Prices : Fields {
    feel::EnumType roles{"role", {{"director", {"总监"}}, {"manager", {}}}};
    feel::TypeRef role = types().enumeration(&roles);
    Prices() {
        add("price_ratio", types().basic(TypeKind::number));
        add("amount", types().money("CNY", 2));
        add("director_amount", types().money("CNY", 2));
    }
};

std::string expected(const char* ratio, const char* amount) {
    Decimal r = *Decimal::parse(ratio), m = *Decimal::parse(amount);
    if (r >= *Decimal::parse("0.95")) return "null";
    return r < *Decimal::parse("0.8") && m > Decimal(500000) ? "\"director\"" : "\"manager\"";
}

}  // namespace

TEST_CASE("who approves a price") {
    Prices prices;
    const char* constants =
        "price_ratio | amount | -> approver\n"
        ">= 0.95 | - | null\n"
        "< 0.8 | > 500000 | director\n"
        "- | - | manager";
    const char* settings =
        "price_ratio | amount | -> approver\n"
        ">= 0.95 | - | null\n"
        "< 0.8 | > director_amount | director\n"
        "- | - | manager";
    for (const char* text : {constants, settings}) {
        auto table = compiled(table_of(text, Hit::first, {prices.role}), prices);
        Asked a;
        for (const char* ratio :
             {"0.79", "0.799999", "0.8", "0.80", "0.81", "0.949999", "0.95", "0.9500", "1", "1.2"}) {
            for (const char* amount : {"0", "499999.99", "500000", "500000.00", "500000.01", "99999999999.99"}) {
                CAPTURE(text, ratio, amount);
                CHECK(a.text(*table, {number(ratio), number(amount), number("500000")}) == expected(ratio, amount));
            }
        }
        // No ratio: only the row that asks nothing of it.
        CHECK(a.text(*table, {Value(), number("1"), number("500000")}) == "\"manager\"");
        CHECK(table->type()->kind == TypeKind::enumeration);
        CHECK(table->type()->nullable);  // row 1 answers null
        CHECK(table->reads().fields.size() == (text == settings ? 3u : 2u));
    }
}
