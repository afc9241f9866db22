#include "timer/timer.hpp"
#include "catch.hpp"
#include "store/temporary_folder.hpp"

using namespace leat;
using namespace leat::timer;
using store::code_of;
using store::good;
using store::integer;

namespace {

std::unique_ptr<store::Connection> tables() {
    auto connection = store::open_in_memory();
    good(create_tables(*connection));
    good(create_tables(*connection));
    return connection;
}

Timer timer_of(int64_t due_us, const std::string& entity, int64_t record, const std::string& name) {
    Timer timer;
    timer.due_us = due_us;
    timer.entity = entity;
    timer.record = record;
    timer.name = name;
    timer.entry = 4;
    return timer;
}

std::vector<std::string> names(const std::vector<Timer>& timers) {
    std::vector<std::string> all;
    for (const Timer& timer : timers) all.push_back(timer.name);
    return all;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("timers fall due in order") {
    auto connection = tables();
    CHECK_FALSE(good(next_due(*connection)).has_value());
    good(add(*connection, timer_of(300, "order", 1, "c")));
    good(add(*connection, timer_of(100, "order", 2, "b")));
    good(add(*connection, timer_of(100, "order", 1, "z")));
    good(add(*connection, timer_of(100, "order", 1, "a")));
    good(add(*connection, timer_of(-5, "order", 9, "old")));
    CHECK(good(next_due(*connection)).value() == -5);
    CHECK(names(good(due(*connection, 99, 10))) == Names{"old"});
    CHECK(names(good(due(*connection, 100, 10))) == Names{"old", "a", "z", "b"});
    CHECK(names(good(due(*connection, 1'000, 2))) == Names{"old", "a"});
    CHECK(good(due(*connection, 1'000, 0)).empty());
    good(remove(*connection, timer_of(-5, "order", 9, "old")));
    good(remove(*connection, timer_of(-5, "order", 9, "old")));  // gone: nothing
    CHECK(good(next_due(*connection)).value() == 100);
}

TEST_CASE("a timer keeps all of it, and the same key replaces") {
    auto connection = tables();
    Timer timer = timer_of(100, "订单", 1, "提醒");
    timer.kind = Kind::send;
    timer.count = 2;
    timer.data = R"({"event":"nudge"})";
    good(add(*connection, timer));
    timer.entry = 5;
    good(add(*connection, timer));
    auto all = good(due(*connection, 100, 10));
    REQUIRE(all.size() == 1);
    CHECK(all[0].entity == "订单");
    CHECK(all[0].record == 1);
    CHECK(all[0].name == "提醒");
    CHECK(all[0].kind == Kind::send);
    CHECK(all[0].entry == 5);
    CHECK(all[0].count == 2);
    CHECK(all[0].data == timer.data);
    CHECK(integer(*connection, "SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL") == 0);
}

TEST_CASE("SLA clocks are one row a record and name") {
    auto connection = tables();
    SlaClock clock;
    clock.entity = "lead";
    clock.record = 3;
    clock.name = "first_response";
    clock.started_us = 10;
    clock.due_us = 20;
    clock.entry = 1;
    good(write_sla(*connection, clock));
    clock.status = SlaStatus::breached;
    clock.paused_us = 11;
    clock.worked_us = 12;
    clock.stopped_us = 13;
    clock.breached_us = 20;
    good(write_sla(*connection, clock));
    SlaClock other = clock;
    other.name = "again";
    other.status = SlaStatus::kept;
    good(write_sla(*connection, other));
    other.record = 4;
    good(write_sla(*connection, other));
    auto clocks = good(slas_of(*connection, "lead", 3));
    REQUIRE(clocks.size() == 2);
    CHECK(clocks[0].name == "again");
    CHECK(clocks[1].entity == "lead");
    CHECK(clocks[1].record == 3);
    CHECK(clocks[1].status == SlaStatus::breached);
    CHECK(clocks[1].started_us == 10);
    CHECK(clocks[1].due_us == 20);
    CHECK(clocks[1].paused_us == 11);
    CHECK(clocks[1].worked_us == 12);
    CHECK(clocks[1].stopped_us == 13);
    CHECK(clocks[1].entry == 1);
    CHECK(clocks[1].breached_us == 20);
    auto counts = good(count_slas(*connection));
    REQUIRE(counts.size() == 2);
    CHECK(counts[0].name == "again");
    CHECK(counts[0].kept == 2);
    CHECK(counts[0].breached == 0);
    CHECK(counts[1].breached == 1);
    CHECK(counts[1].running + counts[1].paused + counts[1].kept + counts[1].cancelled == 0);
}

TEST_CASE("a deleted record takes its timers and clocks along") {
    auto connection = tables();
    SlaClock clock;
    clock.entity = "order";
    clock.name = "s";
    for (int64_t record : {1, 2}) {
        good(add(*connection, timer_of(100, "order", record, "a")));
        good(add(*connection, timer_of(200, "order", record, "b")));
        clock.record = record;
        good(write_sla(*connection, clock));
    }
    good(delete_of_record(*connection, "order", 1));
    CHECK(good(due(*connection, 1'000, 10)).size() == 2);
    CHECK(good(slas_of(*connection, "order", 1)).empty());
    CHECK(good(slas_of(*connection, "order", 2)).size() == 1);
}

TEST_CASE("a failing store is passed on") {
    auto connection = tables();
    for (int nth : {1, 2}) {
        connection->fail_write(static_cast<uint64_t>(nth));
        CHECK(code_of(delete_of_record(*connection, "order", 1)) == "store.full");
    }
    connection->fail_write(1);
    CHECK(code_of(add(*connection, timer_of(1, "order", 1, "a"))) == "store.full");
    connection->fail_write(1);
    CHECK(code_of(remove(*connection, timer_of(1, "order", 1, "a"))) == "store.full");
    connection->fail_write(1);
    CHECK(code_of(write_sla(*connection, {})) == "store.full");
}
