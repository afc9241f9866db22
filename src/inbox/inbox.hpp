// inbox: messages from outside, recognised by their id, kept until consumed or expired. SQL of one table; to whom a
// message belongs is the engine's question. Every function answers the store's errors; nothing here begins or ends a
// transaction.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.hpp"

namespace leat::inbox {

enum class Status : int32_t { waiting = 0, consumed = 1, expired = 2 };  // frozen

struct Message {
    std::string id;  // the sender's; unique with `name`
    std::string name;
    std::string payload;  // JSON
    Status status = Status::waiting;
    int64_t received_us = 0, expires_us = 0, consumed_us = 0;  // 0: none
    int64_t sequence = 0;  // of the log row that consumed it; while it waits: of the last one when it was tried
};

Result<void> create_tables(store::Connection& connection);
Result<std::optional<Message>> find(store::Connection& connection, std::string_view name, std::string_view id);
Result<void> add(store::Connection& connection, const Message& message);     // error: conflict inbox.duplicate
Result<void> update(store::Connection& connection, const Message& message);  // error: not_found inbox.unknown
// Those that were last tried before the log row `head`, by when that was, then in order of arrival.
Result<std::vector<Message>> waiting(store::Connection& connection, int64_t limit, int64_t head = INT64_MAX);
Result<bool> any_waiting(store::Connection& connection);
// Waiting messages that expire at or before `now_us` become expired; answers how many.
Result<int64_t> expire(store::Connection& connection, int64_t now_us);

// What the messages said that these log rows consumed goes; they are still recognised.
Result<void> erase(store::Connection& connection, const std::vector<int64_t>& sequences);

}  // namespace leat::inbox
