// task: what people have to do: approvals and to-dos, in leat_task. SQL of one table; no rights, no votes: who may
// complete a task and what a vote means are the engine's and approval's. Every function answers the store's errors;
// where the room has one of its own, it says so. Nothing here begins or ends a transaction.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.hpp"

namespace leat::task {

enum class Kind : int32_t { todo = 0, approval = 1 };  // reach the disk: frozen
enum class Status : int32_t {
    open = 0,
    done = 1,
    cancelled = 2,
    waiting = 3
};  // waiting: its turn has not come (sequence)

struct Task {
    int64_t id = 0;
    Kind kind = Kind::todo;
    Status status = Status::open;
    std::string entity;
    int64_t record = 0;
    std::string flow, state;  // of an approval; else empty
    int64_t entry = 0;        // the flow's entry counter when it was opened
    std::string title;
    std::string user;  // key of the assignee; empty: any holder of `role`
    std::string role;
    std::string outcome;  // approve, reject, done, …
    std::string comment;
    std::string decided_by;
    std::string digest;                                  // of the fields shown, hex
    int64_t created_us = 0, due_us = 0, decided_us = 0;  // 0: none
    int64_t sequence = 0;                                // of the log row in which it was asked for
};

Result<void> create_tables(store::Connection& connection);
Result<int64_t> add(store::Connection& connection, const Task& task);  // answers the id
Result<std::optional<Task>> find(store::Connection& connection, int64_t id);
Result<void> update(store::Connection& connection, const Task& task);  // all of it; error: not_found task.unknown
Result<std::vector<Task>> of_record(store::Connection& connection, std::string_view entity, int64_t record);
// Approval tasks of one state entry, in order of id.
Result<std::vector<Task>> of_state(store::Connection& connection, std::string_view entity, int64_t record,
                                   std::string_view flow, std::string_view state, int64_t entry);
// Open ones of a user, or of one of the roles where no user is named in the task, by due time (those without one last)
// then id; `everybody`: all open ones.
Result<std::vector<Task>> open_for(store::Connection& connection, std::string_view user,
                                   const std::vector<std::string>& roles, bool everybody, int64_t limit);
// An entity or a flow has another name from now on.
Result<void> rename_entity(store::Connection& connection, std::string_view from, std::string_view to);
Result<void> rename_flow(store::Connection& connection, std::string_view from, std::string_view to);
Result<int64_t> delete_of_record(store::Connection& connection, std::string_view entity, int64_t record);

// What tasks of a record say goes; that they were there stays.
Result<void> erase_record(store::Connection& connection, std::string_view entity, int64_t record);

// The first log row that an open task points to; 0: none.
Result<int64_t> oldest_open(store::Connection& connection);

}  // namespace leat::task
