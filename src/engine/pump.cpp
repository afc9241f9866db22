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
constexpr int64_t kTimersInOneCommit = 100;  // short enough that other writers hardly wait

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

// An open item for an administrator, and whatever must happen with it (a timer that must not fire again), which answers
// the record that it is about.
Result<void> Engine::raise_incident(std::string_view entity, int64_t record, std::string_view place,
                                    std::string_view problem, bool nested,
                                    const std::function<Result<int64_t>(UnitOfWork&)>& also) {
    UnitOfWork work(*this, parts_->system, parts_->arena, nested);
    LEAT_CHECK(work.begin());
    if (also) {
        LEAT_TRY(record, also(work));
    }
    catalog::Incident incident{
        0, std::string(entity), record, std::string(place), std::string(problem), work.now_us(), "open"};
    LEAT_CHECK(catalog::add_incident(*writer_, incident));
    work.effects_ = true;
    work.set_quiet();
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

// One timer as a command of its own inside the batch's transaction: undone alone when it fails, and then an incident.
Result<void> Engine::fire_one(const timer::Timer& timer, RunDue& done) {
    UnitOfWork work(*this, parts_->system, parts_->arena, true);
    LEAT_CHECK(work.begin());
    auto fire = [&]() -> Result<UnitOfWork::Fired> {
        LEAT_TRY(auto fired, work.fire(timer));
        if (fired == UnitOfWork::Fired::acted) LEAT_CHECK(work.run());
        std::string command;
        JsonWriter json(command);
        json.begin_object().key("do").string("timer").key("entity").string(timer.entity).key("id").number(timer.record);
        json.key("timer").string(timer.name).key("due").string(value::format_instant(timer.due_us));
        json.key("entry").number(timer.entry).key("count").number(timer.count + 1).end_object();
        Outcome outcome;
        LEAT_CHECK(work.conclude(outcome, command, nullptr, false));
        return fired;
    };
    Result<UnitOfWork::Fired> fired = UnitOfWork::Fired::stale;
    try {
        fired = fire();
    } catch (const LimitError& limit) {
        fired = make_error(Status::limit, limit.code(), limit.what());
    }
    if (fired) {
        done.fired += *fired == UnitOfWork::Fired::acted;
        done.stale += *fired == UnitOfWork::Fired::stale;
        return {};
    }
    Error error = std::move(fired.error());
    if (error.status == Status::store || error.status == Status::memory) return error;
    std::string problem = error.status == Status::ok ? reasons(work.refusals()) : error.message;
    auto undone = work.fail(std::move(error));
    (void)undone;  // rolled back: what matters is the incident
    LEAT_CHECK(raise_incident(timer.entity, timer.record, timer.name, problem, true,
                              [&](UnitOfWork& again) { return again.park(timer); }));
    ++done.incidents;
    return {};
}

// A bounded number of due timers in one transaction: read and taken away under the same lock, so that of two processes
// one has each of them, and either all of a batch happened or nothing did. False: none was due.
Result<bool> Engine::fire_batch(int64_t max, RunDue& done) {
    QueueLock lock(parts_->queue);
    LEAT_TRY(auto first, timer::next_due(*writer_));
    if (!first) return false;
    const bool behind = parts_->head.time_us < *first;  // what is pending costs nothing until it is due
    if (behind && clock_us() < *first) return false;
    LEAT_CHECK(writer_->begin_write());
    parts_->data_version = -1;  // the first timer looks whether somebody else wrote
    RunDue now_done = done;
    auto work = [&]() -> Result<int64_t> {
        LEAT_CHECK(refresh(false));
        const int64_t now = std::max(clock_us(), parts_->head.time_us);
        LEAT_TRY(auto due, timer::due(*writer_, now, max));
        for (const auto& timer : due) {
            now_done.lateness_us_max = std::max(now_done.lateness_us_max, now - timer.due_us);
            LEAT_CHECK(fire_one(timer, now_done));
        }
        return static_cast<int64_t>(due.size());
    };
    Result<int64_t> count = int64_t{0};
    try {
        count = work();
    } catch (const LimitError& limit) {  // before a timer had its own command to fail
        count = make_error(Status::limit, limit.code(), limit.what());
    }
    auto committed = count ? writer_->commit() : Result<void>(std::move(count.error()));
    if (!committed) {
        writer_->rollback();
        parts_->data_version = -1;
        return std::move(committed.error());
    }
    done = now_done;
    done.taken += *count;
    return *count > 0;
}

Result<RunDue> Engine::run_due(int64_t max) {
    LEAT_CHECK(parts_->not_in_batch());
    if (callback_of == this)
        return make_error(Status::usage, "engine.in_callback", "a callback of this engine may not fire its timers");
    RunDue done;
    for (bool any = true; any && done.taken < max;) {
        LEAT_TRY(any, fire_batch(std::min(kTimersInOneCommit, max - done.taken), done));
    }
    done.more = done.taken >= max;
    if (!writer_->joined()) {
        LEAT_CHECK(retry_messages(max, done));
        if (writer_->wal_bytes() > kCheckpointBytes) {
            QueueLock lock(parts_->queue);
            LEAT_CHECK(writer_->checkpoint(false));
        }
    }
    return done;
}

// Messages that came before their time are tried again once something has happened since, those that waited longest
// first; and forgotten when their time is over.
Result<void> Engine::retry_messages(int64_t max, RunDue& done) {
    std::vector<inbox::Message> waiting;
    {
        QueueLock lock(parts_->queue);
        LEAT_TRY(bool any, inbox::any_waiting(*writer_));
        if (!any) return {};
    }
    LEAT_CHECK(in_transaction(*writer_, parts_->queue, [&]() -> Result<void> {
        LEAT_CHECK(refresh(false));
        const int64_t now = std::max(clock_us(), parts_->head.time_us);
        LEAT_TRY(done.expired, inbox::expire(*writer_, now));
        LEAT_TRY(waiting, inbox::waiting(*writer_, max, parts_->head.sequence));
        return {};
    }));
    for (const auto& message : waiting) {
        LEAT_TRY(auto outcome, receive(message.name, message.id, message.payload));
        (void)outcome;
    }
    return {};
}

// Due times that derive from calendars or zones, after these changed: in bounded commands, each logged when something
// moved; a crash between two of them begins again.
Result<void> Engine::recompute_timers() {
    LEAT_TRY(std::string why, catalog::get(*writer_, "recompute"));
    if (why.empty()) return {};
    std::optional<timer::Timer> after;
    for (bool more = true; more;) {
        UnitOfWork work(*this, parts_->system, parts_->arena, false);
        LEAT_CHECK(work.begin());
        work.set_quiet();
        LEAT_TRY(auto timers, timer::all(*writer_, after ? &*after : nullptr, kTimersInOneCommit));
        more = static_cast<int64_t>(timers.size()) == kTimersInOneCommit;
        int64_t moved = 0;
        for (const auto& one : timers) {
            auto done = work.recompute(one);
            // What cannot be derived now keeps its due time and tells its trouble when it falls due.
            if (!done && done.error().status == Status::store) return std::move(done.error());
            moved += done && *done;
        }
        if (!timers.empty()) after = timers.back();
        if (!more) LEAT_CHECK(catalog::put(*writer_, "recompute", ""));
        std::string command;
        JsonWriter(command)
            .begin_object()
            .key("do")
            .string("recompute")
            .key("why")
            .string(why)
            .key("moved")
            .number(moved)
            .end_object();
        Outcome outcome;
        LEAT_CHECK(work.conclude(outcome, command, nullptr, false));
    }
    return {};
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

// A state may wait for what was called: its flow hears of it in a command of its own.
Result<void> Engine::answer_call(const outbox::Item& item) {
    const auto* entity = program_->find_entity(item.entity);
    auto waits = [&](uint32_t number) {
        const auto& invokes = program_->flows[number].invokes;
        return std::any_of(invokes.begin(), invokes.end(), [&](const program::Invoke& invoke) {
            return invoke.operation != program::kNone && program_->operations[invoke.operation].name == item.topic;
        });
    };
    if (!entity || std::none_of(entity->flows.begin(), entity->flows.end(), waits)) return {};
    UnitOfWork work(*this, parts_->system, parts_->arena, false);
    auto run = [&]() -> Result<void> {
        LEAT_CHECK(work.begin());
        LEAT_TRY(record::Row * row, work.records().get(entity->id, item.record));
        if (!row) return {};
        LEAT_TRY(bool waited, work.answer(*row, item.id, item.status == outbox::Status::done, item.receipt));
        if (!waited) return {};
        LEAT_CHECK(work.run());
        std::string command;
        JsonWriter(command)
            .begin_object()
            .key("do")
            .string("answer")
            .key("entity")
            .string(item.entity)
            .key("id")
            .number(item.record)
            .key("delivery")
            .number(item.id)
            .key("topic")
            .string(item.topic)
            .end_object();
        Outcome outcome;
        return work.conclude(outcome, command, nullptr, false);
    };
    Result<void> done;
    try {
        done = run();
    } catch (const LimitError& limit) {
        done = make_error(Status::limit, limit.code(), limit.what());
    }
    if (done) return {};
    Error error = std::move(done.error());
    if (error.status == Status::store || error.status == Status::conflict || error.status == Status::usage)
        return error;
    std::string problem = error.status == Status::ok ? reasons(work.refusals()) : error.message;
    auto undone = work.fail(std::move(error));
    (void)undone;  // rolled back: what matters is the incident
    return raise_incident(item.entity, item.record, item.topic, problem, false, nullptr);
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
        if (item.status == outbox::Status::done || item.status == outbox::Status::failed) LEAT_CHECK(answer_call(item));
        if (item.status == outbox::Status::failed)
            LEAT_CHECK(raise_incident(
                item.entity, item.record, item.topic,
                fmt::format("delivery {} failed {} times: {}", item.id, item.attempts, item.receipt), false, nullptr));
    }
    done.more = static_cast<int64_t>(items.size()) == max;
    return done;
}

Result<void> Engine::resolve_delivery(int64_t id, std::string_view decision, std::string_view receipt) {
    LEAT_CHECK(parts_->not_in_batch());
    outbox::Item settled;
    LEAT_CHECK(in_transaction(*writer_, parts_->queue, [&]() -> Result<void> {
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
        LEAT_CHECK(outbox::update(*writer_, *item));
        settled = std::move(*item);
        return {};
    }));
    if (settled.status == outbox::Status::done || settled.status == outbox::Status::failed) return answer_call(settled);
    return {};
}

Result<void> Engine::close_incident(int64_t id, std::string_view status) {
    LEAT_CHECK(parts_->not_in_batch());
    if (status != "retried" && status != "dismissed")
        return make_error(Status::usage, "incident.status", "an incident is closed as 'retried' or 'dismissed'");
    return in_transaction(*writer_, parts_->queue, [&]() -> Result<void> {
        LEAT_TRY(auto incident, catalog::find_incident(*writer_, id));
        LEAT_CHECK(catalog::close_incident(*writer_, id, status));
        // A timer that failed waits for this: it falls due now, or never.
        LEAT_TRY(auto waiting, timer::parked(*writer_, incident.entity, incident.record, incident.place));
        for (auto& one : waiting) {
            LEAT_TRY(bool removed, timer::remove(*writer_, one));
            (void)removed;
            one.due_us = clock_us();
            if (status == "retried") LEAT_CHECK(timer::add(*writer_, one));
        }
        return {};
    });
}

}  // namespace leat::engine
