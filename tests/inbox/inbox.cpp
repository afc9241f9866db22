#include "inbox/inbox.hpp"
#include "catch.hpp"
#include "store/temporary_folder.hpp"

using namespace leat::inbox;
using leat::inbox::Status;
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

Message message_of(const std::string& name, const std::string& id, int64_t received_us, int64_t expires_us = 0) {
    Message message;
    message.name = name;
    message.id = id;
    message.payload = R"({"订单":"SO-1"})";
    message.received_us = received_us;
    message.expires_us = expires_us;
    return message;
}

}  // namespace

TEST_CASE("a message is known by name and id, once") {
    auto connection = tables();
    good(add(*connection, message_of("payment", "17", 100, 500)));
    good(add(*connection, message_of("progress", "17", 100)));
    auto again = add(*connection, message_of("payment", "17", 200));
    CHECK(code_of(again) == "inbox.duplicate");
    CHECK(again.error().message.find("'17'") != std::string::npos);
    Message message = good(find(*connection, "payment", "17")).value();
    CHECK(message.name == "payment");
    CHECK(message.id == "17");
    CHECK(message.payload == R"({"订单":"SO-1"})");
    CHECK(message.status == Status::waiting);
    CHECK(message.received_us == 100);
    CHECK(message.expires_us == 500);
    CHECK(message.consumed_us == 0);
    CHECK(message.sequence == 0);
    message.status = Status::consumed;
    message.consumed_us = 150;
    message.sequence = 9;
    good(update(*connection, message));
    message = good(find(*connection, "payment", "17")).value();
    CHECK(message.status == Status::consumed);
    CHECK(message.consumed_us == 150);
    CHECK(message.sequence == 9);
    CHECK_FALSE(good(find(*connection, "payment", "18")).has_value());
    CHECK(code_of(update(*connection, message_of("payment", "18", 1))) == "inbox.unknown");
}

TEST_CASE("waiting messages come in order of arrival until they expire") {
    auto connection = tables();
    good(add(*connection, message_of("a", "2", 300, 1'000)));
    good(add(*connection, message_of("a", "1", 100)));
    good(add(*connection, message_of("a", "3", 200, 900)));
    Message done = message_of("a", "4", 50, 60);
    done.status = Status::consumed;
    good(add(*connection, done));
    auto all = good(waiting(*connection, 10));
    REQUIRE(all.size() == 3);
    CHECK(all[0].id == "1");
    CHECK(all[1].id == "3");
    CHECK(all[2].id == "2");
    CHECK(good(waiting(*connection, 1)).size() == 1);
    CHECK(good(expire(*connection, 899)) == 0);
    CHECK(good(expire(*connection, 900)) == 1);
    CHECK(good(find(*connection, "a", "3"))->status == Status::expired);
    CHECK(good(find(*connection, "a", "4"))->status == Status::consumed);
    CHECK(good(waiting(*connection, 10)).size() == 2);
}

TEST_CASE("a failing store is passed on") {
    auto connection = tables();
    connection->fail_write(1);
    CHECK(code_of(add(*connection, message_of("a", "1", 1))) == "store.full");
    connection->fail_write(1);
    CHECK(code_of(update(*connection, message_of("a", "1", 1))) == "store.full");
    connection->fail_write(1);
    CHECK(code_of(expire(*connection, 1)) == "store.full");
    CHECK(integer(*connection, "SELECT count(*) FROM leat_inbox") == 0);
}
