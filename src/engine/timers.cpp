// Timers and SLA clocks: armed with the change that causes them, fired as commands of their own. A timer whose state
// was left is known by its entry counter and dropped when it falls due.
#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "catalog/catalog.hpp"
#include "engine/unit_of_work.hpp"

namespace leat::engine {

using record::Row;

Result<void> UnitOfWork::arm(Row& row, const program::Flow& definition, const program::Timer& timer, int64_t entry) {
    std::string at = definition.name + "." + timer.name;
    int64_t due = 0;
    if (timer.at) {
        LEAT_TRY(Value value, evaluate(*timer.at, &row));
        if (value.is_null()) return {};  // no date yet: nothing to wait for
        LEAT_TRY(due, instant_of(value, at));
    } else {
        int64_t from = now_us_;
        if (timer.since) {
            LEAT_TRY(Value value, evaluate(*timer.since, &row));
            if (!value.is_null()) {
                LEAT_TRY(from, instant_of(value, at));
            }
        }
        LEAT_TRY(Value delay, evaluate(timer.for_, &row));
        LEAT_TRY(due, add_duration(from, delay, at));
    }
    timer::Timer pending;
    pending.due_us = due;
    pending.entity = program_.entities[row.entity].name;
    pending.record = row.id;
    pending.name = std::move(at);
    pending.kind = timer::Kind::flow;
    pending.entry = entry;
    effects_ = true;
    return timer::add(connection_, pending);
}

Result<bool> UnitOfWork::fire(const timer::Timer& timer) {
    LEAT_CHECK(timer::remove(connection_, timer));
    effects_ = true;
    const auto* entity = program_.find_entity(timer.entity);
    if (!entity) return false;
    LEAT_TRY(Row * row, records_->get(entity->id, timer.record));
    if (!row) return false;
    switch (timer.kind) {
        case timer::Kind::flow:
            return fire_flow(timer, *row);
        case timer::Kind::sla_warning:
        case timer::Kind::sla_breach:
            return fire_sla(timer, *row);
        case timer::Kind::send: {
            // send.EVENT.…: the payload was kept as JSON.
            std::string event = timer.name.substr(5, timer.name.find('.', 5) - 5);
            for (uint32_t number : entity->flows) {
                const auto& definition = program_.flows[number];
                auto id = definition.find_event(event);
                if (id == flow::kNone) continue;
                LEAT_TRY(Json data, parse_json(timer.data));
                LEAT_TRY(Value input, payload(definition.events[id].payload, data, event));
                queue({row, number, id, false, false, input});
            }
            return true;
        }
        case timer::Kind::approval:
        case timer::Kind::reminder: {
            size_t dot = timer.name.find('.');
            const auto* definition = program_.find_flow(std::string_view(timer.name).substr(0, dot));
            if (!definition) return false;
            auto state = definition->chart.find(std::string_view(timer.name).substr(dot + 1));
            if (state == flow::kNone || !definition->states[state].approval) return false;
            if (entry_of(*row, *definition, state) != timer.entry) return false;
            LEAT_CHECK(approval_timeout(*row, *definition, state, timer));
            return true;
        }
    }
    return false;
}

Result<bool> UnitOfWork::fire_flow(const timer::Timer& timer, Row& row) {
    for (uint32_t number : program_.entities[row.entity].flows) {
        const auto& definition = program_.flows[number];
        for (const auto& pending : definition.timers) {
            if (timer.name != definition.name + "." + pending.name) continue;
            if (entry_of(row, definition, pending.state) != timer.entry) return false;
            if (pending.repeat.present && timer.count + 1 < pending.times) {
                LEAT_TRY(Value again, evaluate(pending.repeat, &row));
                timer::Timer next = timer;
                LEAT_TRY(next.due_us, add_duration(timer.due_us, again, timer.name));
                ++next.count;
                LEAT_CHECK(timer::add(connection_, next));
            }
            queue({&row, number, pending.event, false, false, Value()});
            note_cause(fmt::format("timer {} fired", timer.name));
            return true;
        }
    }
    return false;
}

Result<bool> UnitOfWork::holds(const program::ExpressionPtr& expression, Row& row) {
    if (!expression) return false;
    LEAT_TRY(Value value, evaluate(*expression, &row));
    return value.is_true();
}

// Everything is counted in one measure: microseconds, of working time when `within` carries a calendar.
Result<void> UnitOfWork::start_sla(Row& row, const program::Sla& sla, timer::SlaClock& clock, int64_t worked_us) {
    LEAT_TRY(Value within, evaluate(sla.within, &row));
    if (within.is_null()) return null_refusal(within, sla.at + ".within", "within");
    LEAT_TRY(int64_t full, add_duration(now_us_, within, sla.at + ".within"));
    const calendar::Calendar* hours = within.calendar() ? &program_.calendars[within.calendar() - 1] : nullptr;
    int64_t total = hours ? hours->working_time_between(now_us_, full) : full - now_us_;
    auto after = [&](int64_t amount) -> Result<int64_t> {
        amount = std::max<int64_t>(amount, 0);
        if (hours) return hours->add_working_time(now_us_, amount);
        return now_us_ + amount;
    };
    clock.status = timer::SlaStatus::running;
    clock.worked_us = worked_us;
    clock.paused_us = 0;
    ++clock.entry;
    LEAT_TRY(clock.due_us, worked_us == 0 ? Result<int64_t>(full) : after(total - worked_us));
    timer::Timer pending;
    pending.entity = clock.entity;
    pending.record = clock.record;
    pending.entry = clock.entry;
    for (int32_t percent : sla.warn_percent) {
        int64_t at = total / 100 * percent - worked_us;
        if (at < 0) continue;
        LEAT_TRY(pending.due_us, after(at));
        pending.kind = timer::Kind::sla_warning;
        pending.name = fmt::format("{}.{}", sla.name, percent);
        LEAT_CHECK(timer::add(connection_, pending));
    }
    pending.due_us = clock.due_us;
    pending.kind = timer::Kind::sla_breach;
    pending.name = sla.name + ".breach";
    return timer::add(connection_, pending);
}

Result<void> UnitOfWork::run_sla(Row& row, const program::Sla& sla, timer::SlaClock* clock) {
    using timer::SlaStatus;
    auto worked = [&]() -> Result<int64_t> {
        LEAT_TRY(Value within, evaluate(sla.within, &row));
        int64_t since = clock->paused_us ? clock->paused_us : clock->started_us;
        if (within.calendar())
            return clock->worked_us + program_.calendars[within.calendar() - 1].working_time_between(since, now_us_);
        return clock->worked_us + (now_us_ - since);
    };
    timer::SlaClock fresh;
    if (clock) {
        LEAT_TRY(bool reset, holds(sla.reset, row));
        if (reset && clock->status != SlaStatus::running) clock = nullptr, fresh.entry = 1'000'000;
    }
    if (!clock) {
        LEAT_TRY(bool starts, holds(sla.start, row));
        LEAT_TRY(bool stopped, holds(sla.stop, row));
        if (!starts || stopped) return {};
        fresh.entity = program_.entities[row.entity].name;
        fresh.record = row.id;
        fresh.name = sla.name;
        fresh.started_us = now_us_;
        LEAT_CHECK(start_sla(row, sla, fresh, 0));
        effects_ = true;
        return timer::write_sla(connection_, fresh);
    }
    if (clock->status == SlaStatus::kept || clock->status == SlaStatus::cancelled || clock->stopped_us) return {};
    LEAT_TRY(bool stops, holds(sla.stop, row));
    LEAT_TRY(bool cancels, holds(sla.cancel, row));
    LEAT_TRY(bool pauses, holds(sla.pause, row));
    LEAT_TRY(bool resumes, holds(sla.resume, row));
    if (stops || cancels) {
        if (cancels && !stops)
            clock->status = SlaStatus::cancelled;
        else if (clock->status != SlaStatus::breached)
            clock->status =
                clock->status == SlaStatus::running && now_us_ > clock->due_us ? SlaStatus::breached : SlaStatus::kept;
        clock->stopped_us = now_us_;
        if (clock->status == SlaStatus::breached && !clock->breached_us) clock->breached_us = clock->due_us;
        ++clock->entry;  // its timers are stale from here on
    } else if (clock->status == SlaStatus::running && pauses && !resumes) {
        LEAT_TRY(clock->worked_us, worked());
        clock->status = SlaStatus::paused;
        clock->paused_us = now_us_;
        ++clock->entry;
    } else if (clock->status == SlaStatus::paused && (resumes || (!sla.resume && !pauses))) {
        int64_t so_far = clock->worked_us;
        LEAT_CHECK(start_sla(row, sla, *clock, so_far));
        clock->paused_us = now_us_;  // counting goes on from here
    } else {
        return {};
    }
    effects_ = true;
    return timer::write_sla(connection_, *clock);
}

Result<void> UnitOfWork::run_slas() {
    for (size_t i = 0; i < records_->touched().size(); ++i) {
        Row* row = records_->touched()[i];
        const auto& entity = program_.entities[row->entity];
        if (entity.slas.empty() || row->deleted) continue;
        std::vector<timer::SlaClock> clocks;
        if (!row->created) {
            LEAT_TRY(clocks, timer::slas_of(connection_, entity.name, row->id));
        }
        for (uint32_t number : entity.slas) {
            const auto& sla = program_.slas[number];
            timer::SlaClock* clock = nullptr;
            for (auto& one : clocks)
                if (one.name == sla.name) clock = &one;
            LEAT_CHECK(run_sla(*row, sla, clock));
        }
    }
    return {};
}

Result<bool> UnitOfWork::fire_sla(const timer::Timer& timer, Row& row) {
    LEAT_TRY(auto clocks, timer::slas_of(connection_, timer.entity, timer.record));
    std::string name = timer.name.substr(0, timer.name.rfind('.'));
    for (auto& clock : clocks) {
        if (clock.name != name) continue;
        if (clock.entry != timer.entry || clock.status != timer::SlaStatus::running) return false;
        for (const auto& sla : program_.slas) {
            if (sla.name != name) continue;
            locals_[program::kEvent] = Value();
            note_cause(fmt::format("SLA {} {}", sla.name,
                                   timer.kind == timer::Kind::sla_breach ? "was breached" : "is at risk"));
            if (timer.kind == timer::Kind::sla_warning) {
                LEAT_CHECK(steps(sla.on_warning, &row));
                return true;
            }
            clock.status = timer::SlaStatus::breached;
            clock.breached_us = timer.due_us;
            LEAT_CHECK(timer::write_sla(connection_, clock));
            LEAT_CHECK(steps(sla.on_breach, &row));
            return true;
        }
    }
    return false;
}

}  // namespace leat::engine
