// timer: durable timers and SLA clocks. leat_timer is one WITHOUT ROWID tree keyed (due, record, name); leaving a state
// writes nothing there: a stale entry counter voids the timer when it falls due (SEMANTICS 2). leat_sla holds one row a
// record and SLA. The room knows no calendar and fires nothing. Every function answers the store's errors; nothing here
// begins or ends a transaction.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.hpp"

namespace leat::timer {

enum class Kind : int32_t {
    flow = 0,
    approval = 1,
    reminder = 2,
    sla_warning = 3,
    sla_breach = 4,
    send = 5,
    schedule = 6,  // of a rule that runs by itself: entity "", record 0, data its text
    sweep = 7,     // of such a rule over its entity's records: count is the last id that had its turn
};                 // frozen

// The due time of a timer that failed: it waits, never due, until its incident is retried or dismissed.
inline constexpr int64_t kParked = INT64_MAX;

struct Timer {
    int64_t due_us = 0;
    std::string entity;
    int64_t record = 0;
    std::string name;  // "sales_flow.discovery.stalled", "first_response.50" …
    Kind kind = Kind::flow;
    int64_t entry = 0;  // of the flow's entry counter, or of the SLA's start
    int64_t count = 0;  // firings so far (repeat)
    std::string data;   // JSON for `send`; of flows and approvals: how the due time was derived; else empty
    bool held = false;  // it fell due while its record was suspended, and waits with it (suspension.hpp)
};

Result<void> create_tables(store::Connection& connection);
Result<void> add(store::Connection& connection, const Timer& timer);  // the same key again replaces
// False: there is none with that key and entry any more (another process fired it, or it was replaced).
Result<bool> remove(store::Connection& connection, const Timer& timer);
// Due at or before `now_us`, by due time, record, name.
Result<std::vector<Timer>> due(store::Connection& connection, int64_t now_us, int64_t limit);
Result<std::optional<int64_t>> next_due(store::Connection& connection);
// In the order of their keys, from behind `after` on (nullptr: from the first one); parked ones are left out.
Result<std::vector<Timer>> all(store::Connection& connection, const Timer* after, int64_t limit);
// The parked timers of a record with that name.
Result<std::vector<Timer>> parked(store::Connection& connection, std::string_view entity, int64_t record,
                                  std::string_view name);
Result<std::vector<Timer>> schedules(store::Connection& connection);  // by a scan of all

enum class SlaStatus : int32_t { running = 0, paused = 1, kept = 2, breached = 3, cancelled = 4 };  // frozen
struct SlaClock {
    std::string entity;
    int64_t record = 0;
    std::string name;
    SlaStatus status = SlaStatus::running;
    int64_t started_us = 0, due_us = 0, stopped_us = 0;  // 0: none
    int64_t paused_us = 0;  // paused since; of a running clock: when it went on; 0: it never stood
    int64_t worked_us = 0;  // time counted before that
    int64_t entry = 0;      // counts starts
    int64_t breached_us = 0;
};
Result<std::vector<SlaClock>> slas_of(store::Connection& connection, std::string_view entity, int64_t record);
Result<void> write_sla(store::Connection& connection, const SlaClock& clock);
// A finished clock makes room for a new one of the same record; the report still counts it.
Result<void> archive_sla(store::Connection& connection, const SlaClock& clock);
// Every clock, past ones included, by name, entity, record and entry; `visit` answers false to stop.
Result<void> visit_slas(store::Connection& connection, const std::function<bool(const SlaClock&)>& visit);
struct SlaCount {
    std::string name;
    int64_t running = 0, paused = 0, kept = 0, breached = 0, cancelled = 0;
};
Result<std::vector<SlaCount>> count_slas(store::Connection& connection);
// Clocks by their key; timers by a scan of all (their key is the due time). Ids of records are never given twice, so a
// timer left behind is void as well: call this where the row itself must go (erasure).
// An entity or a flow has another name from now on.
Result<void> rename_entity(store::Connection& connection, std::string_view from, std::string_view to);
Result<void> rename_flow(store::Connection& connection, std::string_view from, std::string_view to);
Result<void> delete_of_record(store::Connection& connection, std::string_view entity, int64_t record);

// What waiting events of a record carry goes.
Result<void> erase_record(store::Connection& connection, std::string_view entity, int64_t record);

}  // namespace leat::timer
