// What the host pumps: due timers, deliveries to the outside, messages from it. The library starts no thread.
#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "catalog/catalog.hpp"
#include "engine/unit_of_work.hpp"
#include "inbox/inbox.hpp"

namespace leat::engine {

namespace {

constexpr int64_t kLeaseMs = 60'000;  // long enough for a slow receiver, short enough to notice a crash
constexpr int64_t kAttemptsMax = 10;  // with doubling delays: about seventeen minutes
constexpr int64_t kFirstRetryUs = 1'000'000;
constexpr int64_t kNoHandlerUs = 60'000'000;
constexpr int64_t kCheckpointBytes = 64 << 20;

class QueueLock {
 public:
    explicit QueueLock(WriteQueue& queue) : queue_(queue) { queue_.lock(); }
    ~QueueLock() { queue_.unlock(); }
    QueueLock(const QueueLock&) = delete;

 private:
    WriteQueue& queue_;
};

// Runs `work` in a write transaction without a log row: receipts and claims are no commands.
Result<void> in_transaction(store::Connection& connection, WriteQueue& queue,
                            const std::function<Result<void>()>& work) {
    QueueLock lock(queue);
    LEAT_CHECK(connection.begin_write());
    auto done = work();
    if (!done) {
        connection.rollback();
        return done;
    }
    return connection.commit();
}

}  // namespace

std::string reasons(const std::vector<Refusal>& refusals) {
    std::string text;
    for (const auto& one : refusals) text += (text.empty() ? "" : "; ") + one.message;
    return text;
}

Result<std::optional<int64_t>> Engine::next_due_us() {
    LEAT_CHECK(parts_->not_in_batch());
    QueueLock lock(parts_->queue);
    return timer::next_due(*writer_);
}

// An open item for an administrator, and whatever must happen with it (a timer that must not fire again).
Result<void> Engine::raise_incident(std::string_view entity, int64_t record, std::string_view place,
                                    std::string_view problem, const std::function<Result<void>(UnitOfWork&)>& also) {
    UnitOfWork work(*this, parts_->system, parts_->arena, false);
    LEAT_CHECK(work.begin());
    if (also) LEAT_CHECK(also(work));
    catalog::Incident incident{
        0, std::string(entity), record, std::string(place), std::string(problem), work.now_us(), "open"};
    LEAT_CHECK(catalog::add_incident(*writer_, incident));
    work.effects_ = true;
    std::string command;
    JsonWriter(command)
        .begin_object()
        .key("do")
        .string("incident")
        .key("entity")
        .string(entity)
        .key("id")
        .number(record)
        .key("place")
        .string(place)
        .key("error")
        .string(problem)
        .end_object();
    Outcome outcome;
    return work.conclude(outcome, command, nullptr, false);
}

Result<RunDue> Engine::run_due(int64_t max) {
    LEAT_CHECK(parts_->not_in_batch());
    RunDue done;
    const int64_t now = clock_us();
    std::vector<timer::Timer> due;
    {
        QueueLock lock(parts_->queue);
        LEAT_TRY(due, timer::due(*writer_, now, max));
    }
    for (const auto& timer : due) {
        done.lateness_us_max = std::max(done.lateness_us_max, now - timer.due_us);
        UnitOfWork work(*this, parts_->system, parts_->arena, false);
        auto fire = [&]() -> Result<bool> {
            LEAT_CHECK(work.begin());
            LEAT_TRY(bool alive, work.fire(timer));
            LEAT_CHECK(work.run());
            std::string command;
            JsonWriter(command)
                .begin_object()
                .key("do")
                .string("timer")
                .key("entity")
                .string(timer.entity)
                .key("id")
                .number(timer.record)
                .key("timer")
                .string(timer.name)
                .key("due")
                .string(value::format_instant(timer.due_us))
                .end_object();
            Outcome outcome;
            LEAT_CHECK(work.conclude(outcome, command, nullptr, false));
            return alive;
        };
        Result<bool> fired = false;
        try {
            fired = fire();
        } catch (const LimitError& limit) {
            fired = make_error(Status::limit, limit.code(), limit.what());
        }
        if (fired) {
            ++(*fired ? done.fired : done.stale);
            continue;
        }
        Error error = std::move(fired.error());
        if (error.status == Status::store || error.status == Status::conflict || error.status == Status::usage)
            return error;
        std::string problem = error.status == Status::ok ? reasons(work.refusals()) : error.message;
        auto undone = work.fail(std::move(error));
        (void)undone;  // rolled back: what matters is the incident
        LEAT_CHECK(raise_incident(timer.entity, timer.record, timer.name, problem,
                                  [&](UnitOfWork& again) { return timer::remove(again.connection(), timer); }));
        ++done.incidents;
    }
    done.more = static_cast<int64_t>(due.size()) == max;
    if (!writer_->joined()) {
        // Messages that came before their time are tried again, and forgotten when theirs is over.
        std::vector<inbox::Message> waiting;
        LEAT_CHECK(in_transaction(*writer_, parts_->queue, [&]() -> Result<void> {
            LEAT_TRY(done.expired, inbox::expire(*writer_, now));
            LEAT_TRY(waiting, inbox::waiting(*writer_, max));
            return {};
        }));
        for (const auto& message : waiting) {
            LEAT_TRY(auto outcome, receive(message.name, message.id, message.payload));
            (void)outcome;
        }
        if (writer_->wal_bytes() > kCheckpointBytes) {
            QueueLock lock(parts_->queue);
            LEAT_CHECK(writer_->checkpoint(false));
        }
    }
    return done;
}

Result<std::string> Engine::call_handler(const outbox::Item& item, bool& registered) {
    auto& handlers = parts_->handlers;
    std::string topic = item.topic;
    auto at = handlers.find(topic);
    if (at == handlers.end()) {
        size_t dot = topic.find('.');
        at = handlers.find(topic.substr(0, dot) + ".*");
    }
    registered = at != handlers.end();
    if (!registered) return std::string();
    Delivery delivery{item.id, item.topic, item.payload, item.attempts};
    InCallback guard(this);
    return at->second(delivery);
}

Result<Delivered> Engine::deliver(int64_t max) {
    LEAT_CHECK(parts_->not_in_batch());
    Delivered done;
    const int64_t now = clock_us();
    std::vector<outbox::Item> items;
    auto& connection = *writer_;
    const bool own = !connection.joined() && options_.store.durability == store::Durability::normal;
    {
        QueueLock lock(parts_->queue);
        if (!own && connection.joined()) {
            LEAT_TRY(auto durability, connection.durability());
            if (durability != store::Durability::full)
                return make_error(Status::usage, "store.durability",
                                  "claiming deliveries on a joined connection needs PRAGMA synchronous=FULL, so that "
                                  "nothing leaves before it is durable");
        }
        if (own) LEAT_CHECK(connection.set_durability(store::Durability::full));
        auto claim = [&]() -> Result<void> {
            LEAT_CHECK(connection.begin_write());
            auto claimed = [&]() -> Result<void> {
                LEAT_TRY(done.unknown, outbox::expire_leases(connection, now));
                LEAT_TRY(items, outbox::claim(connection, now, kLeaseMs, max));
                return {};
            }();
            if (!claimed) {
                connection.rollback();
                return claimed;
            }
            return connection.commit();
        };
        auto claimed = claim();
        if (own) LEAT_CHECK(connection.set_durability(store::Durability::normal));
        if (!claimed) return std::move(claimed.error());
    }
    for (auto& item : items) {
        bool registered = false;
        auto answer = call_handler(item, registered);
        item.lease_until_us = 0;
        if (!registered) {
            item.status = outbox::Status::planned;
            item.next_us = now + kNoHandlerUs;
            --item.attempts;
        } else if (answer) {
            item.status = outbox::Status::done;
            item.receipt = std::move(*answer);
            ++done.done;
        } else {
            item.receipt = answer.error().message;
            item.status = item.attempts >= kAttemptsMax ? outbox::Status::failed : outbox::Status::planned;
            item.next_us = now + (kFirstRetryUs << std::min<int64_t>(item.attempts - 1, 12));
            ++done.failed;
        }
        LEAT_CHECK(in_transaction(connection, parts_->queue, [&] { return outbox::update(connection, item); }));
        if (item.status == outbox::Status::failed)
            LEAT_CHECK(raise_incident(
                item.entity, item.record, item.topic,
                fmt::format("delivery {} failed {} times: {}", item.id, item.attempts, item.receipt), nullptr));
    }
    done.more = static_cast<int64_t>(items.size()) == max;
    return done;
}

Result<void> Engine::resolve_delivery(int64_t id, std::string_view decision, std::string_view receipt) {
    LEAT_CHECK(parts_->not_in_batch());
    return in_transaction(*writer_, parts_->queue, [&]() -> Result<void> {
        LEAT_TRY(auto item, outbox::find(*writer_, id));
        if (!item) return make_error(Status::not_found, "outbox.not_found", fmt::format("there is no delivery {}", id));
        if (item->status != outbox::Status::unknown && item->status != outbox::Status::failed)
            return make_error(Status::conflict, "outbox.settled",
                              fmt::format("delivery {} is neither unknown nor failed", id));
        if (decision == "done") {
            item->status = outbox::Status::done;
            item->receipt = receipt;
        } else if (decision == "retry") {
            item->status = outbox::Status::planned;
            item->next_us = clock_us();
        } else if (decision == "failed") {
            item->status = outbox::Status::failed;
            item->receipt = receipt;
        } else {
            return make_error(Status::usage, "outbox.decision",
                              fmt::format("'{}' is no decision: done, retry or failed", decision));
        }
        return outbox::update(*writer_, *item);
    });
}

Result<void> Engine::close_incident(int64_t id, std::string_view status) {
    LEAT_CHECK(parts_->not_in_batch());
    if (status != "retried" && status != "dismissed")
        return make_error(Status::usage, "incident.status", "an incident is closed as 'retried' or 'dismissed'");
    return in_transaction(*writer_, parts_->queue, [&] { return catalog::close_incident(*writer_, id, status); });
}

}  // namespace leat::engine
