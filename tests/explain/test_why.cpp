#include "engine/fixture.hpp"
#include "engine/sales.hpp"
#include "explain/why.hpp"

using namespace leat;
using test::Fixture;

namespace {

const Json& first_reason(const Json& why) {
    return why.find("reasons")->items.at(0);
}

}  // namespace

TEST_CASE("why an event cannot happen: criteria, guards, rights, with the values behind them") {
    Fixture s(test::kSales);
    s.user("ann", R"(["sales"])");
    s.user("finn", R"(["finance"])");
    auto ann = s.as("ann");
    auto finn = s.as("finn");
    std::string key = Fixture::done(ann->create("deal", R"({"name":"n","owner":"ann"})")).key;
    auto why = [&](engine::Session& session, const char* event) {
        return Fixture::json(explain::why(session, "deal", key, event));
    };

    Json quote = why(*ann, "quote");
    CHECK_FALSE(quote.find("possible")->boolean);
    CHECK(quote.find("states")->items.at(0).text == "open");
    // Both the exit criterion here and the entry criterion there are told at once.
    REQUIRE(quote.find("reasons")->items.size() == 2);
    CHECK(first_reason(quote).find("code")->text == "criteria.exit");
    CHECK(first_reason(quote).find("message")->text == "No demonstration given yet");
    CHECK(first_reason(quote).find("condition")->find("values")->find("demo_on")->is_null());

    CHECK(first_reason(why(*ann, "sign")).find("code")->text == "event.unexpected");
    Json pay = why(*ann, "pay");
    CHECK(first_reason(pay).find("code")->text == "access.event");
    CHECK(first_reason(pay).find("who")->items.at(0).text == "finance");
    CHECK_FALSE(explain::why(*ann, "deal", key, "pya"));
    CHECK_FALSE(explain::why(*ann, "deal", "nothing", "quote"));

    // What was suggested makes it possible.
    Fixture::done(ann->create("customer", R"({"name":"ACME"})"));
    Fixture::done(ann->patch("deal", key, R"({"demo_on":"2026-01-02","customer":"ACME"})"));
    CHECK(why(*ann, "quote").find("possible")->boolean);
    Fixture::done(ann->send("deal", key, "quote", ""));
    CHECK(s.field("deal", key, "stage") == "quoted");
    // Without an event: each of them.
    Json all = Fixture::json(explain::why(*ann, "deal", key, ""));
    CHECK(all.find("events")->items.size() == 6);
}

TEST_CASE("a pending approval is named with who it waits for") {
    Fixture s(test::kSales);
    s.user("ann", R"(["sales"])");
    s.user("max", R"(["manager"])");
    auto ann = s.as("ann");
    Fixture::done(ann->create("customer", R"({"name":"ACME"})"));
    std::string key =
        Fixture::done(ann->create("deal", R"({"name":"n","owner":"ann","customer":"ACME","demo_on":"2026-01-02",
        "price_ratio":0.9,"lines":[{"product":"p","quantity":1,"price":10}]})"))
            .key;
    Fixture::done(ann->send("deal", key, "quote", ""));
    Fixture::done(ann->send("deal", key, "submit", ""));
    Json sign = Fixture::json(explain::why(*ann, "deal", key, "sign"));
    REQUIRE(sign.find("tasks")->items.size() == 1);
    CHECK(sign.find("tasks")->items[0].find("role")->text == "manager");
}
