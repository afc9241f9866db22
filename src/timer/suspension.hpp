// Suspended records: while one is, its timers wait in a table of their own, so that the queue of due ones never meets
// them. Every function answers the store's errors; nothing here begins or ends a transaction.
#pragma once
#include <string>
#include <vector>

#include "timer/timer.hpp"

namespace leat::timer {

struct Suspension {
    std::string entity;
    int64_t record = 0;
    int64_t since_us = 0;
    std::string by;  // who did it
    std::string reason;
};

Result<void> create_suspension_tables(store::Connection& connection);
Result<std::vector<Suspension>> suspensions(store::Connection& connection);
Result<void> suspend(store::Connection& connection, const Suspension& suspension);
// The record's held timers are due as they were: those whose time has passed fire with the next pump.
Result<void> resume(store::Connection& connection, std::string_view entity, int64_t record);
// A timer that fell due meanwhile: it waits until the record is resumed.
Result<void> hold(store::Connection& connection, const Timer& timer);
// Those that nothing makes due by itself: of suspended records, and parked ones.
Result<std::vector<Timer>> set_aside(store::Connection& connection);

}  // namespace leat::timer
