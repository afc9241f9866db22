// outbox: effects on the outside, committed with the change that caused them and delivered afterwards: calls to
// connectors and notices to people. planned → claimed → done | failed | unknown; a claim commits with FULL so that
// nothing leaves before it is durable, and a lease that ends without a receipt is `unknown`, never silently sent again.
// The room sends nothing and decides no retry. Every function answers the store's errors; nothing here begins or ends a
// transaction. Start reading at create_tables in outbox.cpp: how items are found without an index on the path of a
// command.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.hpp"

namespace leat::outbox {

enum class Kind : int32_t { call = 0, notice = 1 };                                           // frozen
enum class Status : int32_t { planned = 0, claimed = 1, done = 2, failed = 3, unknown = 4 };  // frozen

struct Item {
    int64_t id = 0;  // also the stable effect key that receivers deduplicate by
    Kind kind = Kind::call;
    std::string topic;    // connector.operation, or the notice's name
    std::string payload;  // JSON
    std::string entity;
    int64_t record = 0;
    Status status = Status::planned;
    int64_t attempts = 0;
    int64_t created_us = 0;
    int64_t next_us = 0;  // earliest next attempt
    int64_t lease_until_us = 0;
    std::string receipt;   // of done; the error of failed
    int64_t sequence = 0;  // of the log row that planned it
};

Result<void> create_tables(store::Connection& connection);
Result<int64_t> add(store::Connection& connection, const Item& item);  // the id; item.id, status … are not looked at
// Takes an item away again, in the transaction that added it.
Result<void> take_back(store::Connection& connection, int64_t id);
// The deliverable items that have waited longest, those first; marks them claimed until now + lease_ms and counts the
// attempt. The caller commits with FULL (store: set_durability). Items added for at once (next_us <= created_us) are
// deliverable whatever the clock says.
Result<std::vector<Item>> claim(store::Connection& connection, int64_t now_us, int64_t lease_ms, int64_t limit);
Result<std::optional<Item>> find(store::Connection& connection, int64_t id);
Result<void> update(store::Connection& connection, const Item& item);  // all of it; error: not_found outbox.unknown
// Claimed items whose lease has ended become unknown; answers how many.
Result<int64_t> expire_leases(store::Connection& connection, int64_t now_us);
// An entity has another name from now on.
Result<void> rename_entity(store::Connection& connection, std::string_view from, std::string_view to);
struct Counts {
    int64_t planned = 0, claimed = 0, done = 0, failed = 0, unknown = 0;
};
Result<Counts> count(store::Connection& connection);
// By id; nullopt: of every status.
// Of one record, the newest first; by a walk back through all items, which no index helps.
Result<std::vector<Item>> of_record(store::Connection& connection, std::string_view entity, int64_t record,
                                    int64_t limit);
Result<std::vector<Item>> list(store::Connection& connection, std::optional<Status> status, int64_t limit);

// What deliveries of a record say goes; what was not delivered yet never is.
Result<void> erase_record(store::Connection& connection, std::string_view entity, int64_t record);

}  // namespace leat::outbox
