#include <algorithm>
#include <map>
#include <random>

#include "catch.hpp"
#include "outbox/outbox.hpp"
#include "store/temporary_folder.hpp"

using namespace leat::outbox;
using leat::outbox::Status;
using leat::store::code_of;
using leat::store::good;
using leat::store::integer;

namespace {

std::unique_ptr<leat::store::Connection> tables() {
    auto connection = leat::store::open_in_memory();
    good(create_tables(*connection));
    good(create_tables(*connection));
    return connection;
}

Item item_of(int64_t created_us, int64_t next_us = 0) {
    Item item;
    item.topic = "erp.create_order";
    item.payload = R"({"客户":"甲"})";
    item.entity = "order";
    item.record = 8;
    item.created_us = created_us;
    item.next_us = next_us;
    item.sequence = 21;
    return item;
}

std::vector<int64_t> ids(const std::vector<Item>& items) {
    std::vector<int64_t> all;
    for (const Item& item : items) all.push_back(item.id);
    return all;
}

using Ids = std::vector<int64_t>;

}  // namespace

TEST_CASE("an item comes back whole") {
    auto connection = tables();
    Item item = item_of(100);
    item.kind = Kind::notice;
    item.id = 77;  // ids are the outbox's to give
    int64_t id = good(add(*connection, item));
    CHECK(id == 1);
    Item found = good(find(*connection, id)).value();
    CHECK(found.id == 1);
    CHECK(found.kind == Kind::notice);
    CHECK(found.topic == "erp.create_order");
    CHECK(found.payload == R"({"客户":"甲"})");
    CHECK(found.entity == "order");
    CHECK(found.record == 8);
    CHECK(found.status == Status::planned);
    CHECK(found.attempts == 0);
    CHECK(found.created_us == 100);
    CHECK(found.sequence == 21);
    CHECK_FALSE(good(find(*connection, 2)).has_value());
    found.id = 2;
    CHECK(code_of(update(*connection, found)) == "outbox.unknown");
}

TEST_CASE("adding writes the table's tail and no index") {
    auto connection = tables();
    good(add(*connection, item_of(100)));
    CHECK(integer(*connection,
                  "SELECT count(*) FROM leat_outbox INDEXED BY leat_outbox_later WHERE status = 0 AND later = 1") == 0);
    CHECK(integer(*connection, "SELECT count(*) FROM leat_outbox INDEXED BY leat_outbox_lease WHERE status = 1") == 0);
    good(claim(*connection, 100, 10, 1));
    CHECK(integer(*connection, "SELECT count(*) FROM leat_outbox INDEXED BY leat_outbox_lease WHERE status = 1") == 1);
}

TEST_CASE("items are claimed once, oldest first, and end done, failed, retried or unknown") {
    auto connection = tables();
    for (int i = 0; i < 4; ++i) good(add(*connection, item_of(100)));
    auto first = good(claim(*connection, 200, 30, 3));
    CHECK(ids(first) == Ids{1, 2, 3});
    CHECK(first[0].status == Status::claimed);
    CHECK(first[0].attempts == 1);
    CHECK(first[0].lease_until_us == 30'200);
    CHECK(good(find(*connection, 1))->lease_until_us == 30'200);
    CHECK(ids(good(claim(*connection, 200, 30, 3))) == Ids{4});
    CHECK(good(claim(*connection, 200, 30, 3)).empty());
    CHECK(good(claim(*connection, 200, 30, 0)).empty());

    Item done = first[0];
    done.status = Status::done;
    done.receipt = "SAP 4711";
    good(update(*connection, done));
    Item failed = first[1];
    failed.status = Status::failed;
    failed.receipt = "no such customer";
    good(update(*connection, failed));
    Item retried = first[2];
    retried.status = Status::planned;
    retried.next_us = 5'000;
    good(update(*connection, retried));
    CHECK(good(claim(*connection, 4'999, 30, 9)).empty());
    auto again = good(claim(*connection, 5'000, 40, 9));
    CHECK(ids(again) == Ids{3});
    CHECK(again[0].attempts == 2);

    CHECK(good(expire_leases(*connection, 30'199)) == 0);
    CHECK(good(expire_leases(*connection, 30'200)) == 1);  // 4: its receipt never came
    CHECK(good(find(*connection, 4))->status == Status::unknown);
    CHECK(good(claim(*connection, 1'000'000, 30, 9)).empty());  // and it is not sent again by itself
    Counts counts = good(count(*connection));
    CHECK(counts.planned == 0);
    CHECK(counts.claimed == 1);
    CHECK(counts.done == 1);
    CHECK(counts.failed == 1);
    CHECK(counts.unknown == 1);
    CHECK(good(find(*connection, 1))->receipt == "SAP 4711");
    CHECK(ids(good(list(*connection, Status::failed, 9))) == Ids{2});
    CHECK(ids(good(list(*connection, std::nullopt, 3))) == Ids{1, 2, 3});

    Item unknown = good(find(*connection, 4)).value();  // a person looked and says: send again, now
    unknown.status = Status::planned;
    unknown.attempts = 0;
    unknown.next_us = unknown.created_us;
    good(update(*connection, unknown));
    CHECK(ids(good(claim(*connection, 200, 30, 9))) == Ids{4});
}

TEST_CASE("what waits for a time holds up nobody and is held up by nobody") {
    auto connection = tables();
    good(add(*connection, item_of(100, 1'000)));  // 1: for later
    good(add(*connection, item_of(100)));         // 2
    good(add(*connection, item_of(100, 500)));    // 3: for later, but sooner
    CHECK(ids(good(claim(*connection, 100, 1, 9))) == Ids{2});
    good(add(*connection, item_of(600)));  // 4
    good(add(*connection, item_of(700)));  // 5
    CHECK(ids(good(claim(*connection, 1'000, 1, 2))) == Ids{3, 4});
    CHECK(ids(good(claim(*connection, 1'000, 1, 2))) == Ids{5, 1});
    CHECK(good(claim(*connection, 9'000, 1, 9)).empty());
}

TEST_CASE("a claim that is rolled back is claimed again") {
    auto connection = tables();
    good(add(*connection, item_of(100)));
    good(add(*connection, item_of(100)));
    good(connection->begin_write());
    CHECK(good(claim(*connection, 200, 30, 9)).size() == 2);
    connection->rollback();
    CHECK(good(claim(*connection, 200, 30, 1)).size() == 1);
    CHECK(good(find(*connection, 2))->status == Status::planned);
    for (uint64_t nth : {1u, 2u}) {
        good(connection->begin_write());
        connection->fail_write(nth);  // the item's row; the mark
        CHECK(code_of(claim(*connection, 200, 30, 9)) == "store.full");
        connection->rollback();
    }
    CHECK(ids(good(claim(*connection, 200, 30, 9))) == Ids{2});
}

// Against a plain list: nothing is lost, nothing is claimed twice, nothing before its time.
TEST_CASE("random lives of items") {
    uint32_t seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    auto pick = [&](int64_t n) { return static_cast<int64_t>(random() % static_cast<uint32_t>(n)); };
    auto connection = tables();
    std::map<int64_t, Item> items;
    int64_t now_us = 1'000;
    for (int step = 0; step < 3'000; ++step) {
        now_us += pick(3);
        int64_t action = pick(10);
        if (action < 5) {
            Item item = item_of(now_us, pick(4) == 0 ? now_us + pick(50) : pick(2) * now_us);
            item.id = good(add(*connection, item));
            REQUIRE(items.emplace(item.id, item).second);
        } else if (action < 7) {
            int64_t limit = 1 + pick(6);
            std::vector<std::pair<int64_t, int64_t>> ready;
            for (auto& [id, item] : items) {
                int64_t since_us = std::max(item.next_us, item.created_us);
                if (item.status == Status::planned && item.next_us <= now_us) ready.emplace_back(since_us, id);
            }
            auto claimed = good(claim(*connection, now_us, 0, limit));
            REQUIRE(static_cast<int64_t>(claimed.size()) ==
                    std::min<int64_t>(limit, static_cast<int64_t>(ready.size())));
            for (const Item& item : claimed) {
                REQUIRE(items[item.id].status == Status::planned);
                REQUIRE(items[item.id].next_us <= now_us);
                items[item.id] = item;
            }
        } else if (!items.empty()) {
            auto at = std::next(items.begin(), pick(static_cast<int64_t>(items.size())));
            Item& item = at->second;
            item.status = static_cast<Status>(pick(5));
            item.next_us = pick(3) * (now_us / 2 + pick(30));
            good(update(*connection, item));
        }
    }
    for (auto& [id, item] : items) CHECK(good(find(*connection, id))->status == item.status);
}
