#include "task/task.hpp"
#include "catch.hpp"
#include "store/temporary_folder.hpp"

using namespace leat::task;
using leat::store::code_of;
using leat::store::good;
using leat::store::integer;
using leat::task::Status;

namespace {

std::unique_ptr<leat::store::Connection> tables() {
    auto connection = leat::store::open_in_memory();
    good(create_tables(*connection));
    good(create_tables(*connection));  // again: nothing
    return connection;
}

Task approval(const std::string& user, const std::string& role, int64_t due_us = 0) {
    Task task;
    task.kind = Kind::approval;
    task.entity = "quotation";
    task.record = 5;
    task.flow = "quotation_flow";
    task.state = "approval";
    task.entry = 3;
    task.title = "价格审批";
    task.user = user;
    task.role = role;
    task.digest = "ab";
    task.created_us = 1'000;
    task.due_us = due_us;
    task.sequence = 12;
    return task;
}

std::vector<int64_t> ids(const std::vector<Task>& tasks) {
    std::vector<int64_t> all;
    for (const Task& task : tasks) all.push_back(task.id);
    return all;
}

using Ids = std::vector<int64_t>;

}  // namespace

TEST_CASE("a task comes back whole, before and after it is decided") {
    auto connection = tables();
    int64_t id = good(add(*connection, approval("anna", "manager", 9'000)));
    Task task = good(find(*connection, id)).value();
    CHECK(task.kind == Kind::approval);
    CHECK(task.status == Status::open);
    CHECK(task.entity == "quotation");
    CHECK(task.record == 5);
    CHECK(task.flow == "quotation_flow");
    CHECK(task.state == "approval");
    CHECK(task.entry == 3);
    CHECK(task.title == "价格审批");
    CHECK(task.user == "anna");
    CHECK(task.role == "manager");
    CHECK(task.outcome.empty());
    CHECK(task.digest == "ab");
    CHECK(task.created_us == 1'000);
    CHECK(task.due_us == 9'000);
    CHECK(task.decided_us == 0);
    CHECK(task.sequence == 12);
    task.status = Status::done;
    task.outcome = "reject";
    task.comment = "too cheap";
    task.decided_by = "anna";
    task.decided_us = 2'000;
    good(update(*connection, task));
    Task decided = good(find(*connection, id)).value();
    CHECK(decided.status == Status::done);
    CHECK(decided.outcome == "reject");
    CHECK(decided.comment == "too cheap");
    CHECK(decided.decided_by == "anna");
    CHECK(decided.decided_us == 2'000);
    CHECK_FALSE(good(find(*connection, id + 1)).has_value());
    task.id = id + 1;
    CHECK(code_of(update(*connection, task)) == "task.unknown");
    CHECK(integer(*connection, "SELECT due_us IS NOT NULL AND decided_us IS NOT NULL FROM leat_task") == 1);
}

TEST_CASE("open tasks of a person, of roles and of everybody, by due time") {
    auto connection = tables();
    int64_t late = good(add(*connection, approval("anna", "manager", 900)));
    int64_t never = good(add(*connection, approval("anna", "")));
    int64_t soon = good(add(*connection, approval("", "manager", 100)));
    int64_t bobs = good(add(*connection, approval("bob", "manager", 50)));
    int64_t directors = good(add(*connection, approval("", "director", 900)));
    Task waiting = approval("anna", "");
    waiting.status = Status::waiting;
    good(add(*connection, waiting));
    Task closed = approval("", "manager");
    closed.status = Status::cancelled;
    good(add(*connection, closed));

    CHECK(ids(good(open_for(*connection, "anna", {}, false, 10))) == Ids{late, never});
    CHECK(ids(good(open_for(*connection, "anna", {"manager"}, false, 10))) == Ids{soon, late, never});
    CHECK(ids(good(open_for(*connection, "", {"director", "manager"}, false, 10))) == Ids{soon, directors});
    CHECK(ids(good(open_for(*connection, "", {"\"no'body"}, false, 10))).empty());
    CHECK(ids(good(open_for(*connection, "", {}, false, 10))).empty());
    CHECK(ids(good(open_for(*connection, "", {}, true, 10))) == Ids{bobs, soon, late, directors, never});
    CHECK(ids(good(open_for(*connection, "", {}, true, 2))) == Ids{bobs, soon});
    CHECK(good(open_for(*connection, "", {}, true, -1)).empty());
}

TEST_CASE("queries of open tasks use their indexes") {
    auto connection = tables();
    for (const char* where :
         {"user <> '' AND user = 'anna'", "user = '' AND role IN (SELECT value FROM json_each('[]'))"}) {
        auto plan = good(connection->prepare(
            std::string("EXPLAIN QUERY PLAN SELECT id FROM leat_task WHERE status = 0 AND ") + where));
        REQUIRE(good(plan.step()));
        CAPTURE(where, plan.text(3));
        CHECK(plan.text(3).find("USING INDEX leat_task_") != std::string_view::npos);
    }
}

TEST_CASE("tasks of a record, and approvals of one stay in a state") {
    auto connection = tables();
    int64_t first = good(add(*connection, approval("anna", "")));
    Task voted = approval("bob", "");
    voted.status = Status::done;
    int64_t second = good(add(*connection, voted));
    Task before = approval("anna", "");
    before.entry = 2;
    int64_t earlier = good(add(*connection, before));
    Task todo = approval("anna", "");
    todo.kind = Kind::todo;
    int64_t other_kind = good(add(*connection, todo));
    Task other = approval("anna", "");
    other.record = 6;
    int64_t other_record = good(add(*connection, other));

    CHECK(ids(good(of_record(*connection, "quotation", 5))) == Ids{first, second, earlier, other_kind});
    CHECK(ids(good(of_state(*connection, "quotation", 5, "quotation_flow", "approval", 3))) == Ids{first, second});
    CHECK(good(of_state(*connection, "quotation", 5, "quotation_flow", "draft", 3)).empty());
    CHECK(good(delete_of_record(*connection, "quotation", 6)) == 1);
    CHECK(good(delete_of_record(*connection, "quotation", 6)) == 0);
    CHECK_FALSE(good(find(*connection, other_record)).has_value());
    CHECK(good(add(*connection, other)) == other_record + 1);  // an id never comes back
}

TEST_CASE("a failing store is passed on") {
    auto connection = tables();
    connection->fail_write(1);
    CHECK(code_of(add(*connection, approval("", ""))) == "store.full");
    connection->fail_write(1);
    CHECK(code_of(update(*connection, approval("", ""))) == "store.full");
    connection->fail_write(1);
    CHECK(code_of(delete_of_record(*connection, "quotation", 5)) == "store.full");
    good(connection->execute("DROP TABLE leat_task"));
    CHECK(code_of(find(*connection, 1)) == "store.sql");
}
