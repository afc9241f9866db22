// SLA clocks. Everything is counted in one measure: microseconds, of working time when `within` carries a calendar.
//
// A clock runs, stands, is kept, breached or cancelled. Its timers carry its entry counter, which every stop, pause and
// new plan moves on, so that older timers are stale. A deadline that passed while nobody pumped counts all the same:
// the next command on the record breaches the clock before it does anything else with it.
#include <fmt/format.h>

#include <algorithm>

#include "engine/unit_of_work.hpp"

namespace leat::engine {

using record::Row;
using timer::SlaStatus;

Result<bool> UnitOfWork::holds(const program::ExpressionPtr& expression, Row& row) {
    if (!expression) return false;
    LEAT_TRY(Value value, evaluate(*expression, &row));
    return value.is_true();
}

// True now, and not before this command.
Result<bool> UnitOfWork::became(const program::ExpressionPtr& expression, Row& row) {
    LEAT_TRY(bool now, holds(expression, row));
    if (!now || !row.original) return now;
    LEAT_TRY(Value before, evaluate_before(*expression, row));
    return !before.is_true();
}

Result<int64_t> UnitOfWork::worked(Row& row, const program::Sla& sla, const timer::SlaClock& clock) {
    LEAT_TRY(Value within, evaluate(sla.within, &row));
    int64_t since = clock.paused_us ? clock.paused_us : clock.started_us;
    if (within.calendar())
        return clock.worked_us + program_.calendars[within.calendar() - 1].working_time_between(since, now_us_);
    return clock.worked_us + (now_us_ - since);
}

// Deadline and warnings of a clock that runs from now on, with worked_us behind it.
Result<void> UnitOfWork::plan_sla(Row& row, const program::Sla& sla, timer::SlaClock& clock) {
    LEAT_TRY(Value within, evaluate(sla.within, &row));
    if (within.is_null()) return null_refusal(within, sla.at + ".within", "within");
    LEAT_TRY(int64_t full, add_duration(clock.started_us, within, sla.at + ".within"));
    const calendar::Calendar* hours = within.calendar() ? &program_.calendars[within.calendar() - 1] : nullptr;
    const int64_t total = hours ? hours->working_time_between(clock.started_us, full) : full - clock.started_us;
    auto after = [&](int64_t amount) -> Result<int64_t> {
        if (hours) return hours->add_working_time(now_us_, amount);
        return now_us_ + amount;
    };
    clock.status = SlaStatus::running;
    ++clock.entry;
    const bool fresh = clock.started_us == now_us_ && clock.worked_us == 0;
    LEAT_TRY(clock.due_us, fresh ? Result<int64_t>(full) : after(total - clock.worked_us));
    timer::Timer pending;
    pending.entity = clock.entity;
    pending.record = clock.record;
    pending.entry = clock.entry;
    for (int32_t percent : sla.warn_percent) {
        int64_t ahead = total / 100 * percent - clock.worked_us;
        if (ahead < 0 || (ahead == 0 && !fresh)) continue;  // warned of before
        LEAT_TRY(pending.due_us, after(ahead));
        pending.kind = timer::Kind::sla_warning;
        pending.name = fmt::format("{}.{}", sla.name, percent);
        LEAT_CHECK(timer::add(connection_, pending));
    }
    pending.due_us = clock.due_us;
    pending.kind = timer::Kind::sla_breach;
    pending.name = sla.name + ".breach";
    effects_ = true;
    return timer::add(connection_, pending);
}

Result<void> UnitOfWork::begin_sla(Row& row, const program::Sla& sla, int64_t entry) {
    timer::SlaClock clock;
    clock.entity = program_.entities[row.entity].name;
    clock.record = row.id;
    clock.name = sla.name;
    clock.started_us = now_us_;
    clock.entry = entry;
    LEAT_CHECK(plan_sla(row, sla, clock));
    return timer::write_sla(connection_, clock);
}

Result<void> UnitOfWork::breach(Row& row, const program::Sla& sla, timer::SlaClock& clock) {
    clock.status = SlaStatus::breached;
    clock.breached_us = clock.due_us;
    LEAT_CHECK(timer::write_sla(connection_, clock));
    effects_ = true;
    locals_[program::kEvent] = Value();
    note_cause(fmt::format("SLA {} was breached", sla.name));
    return steps(sla.on_breach, &row);
}

// A clock that is over, or is reset, makes room for a new one. True: it did.
Result<bool> UnitOfWork::restart_sla(Row& row, const program::Sla& sla, timer::SlaClock& clock) {
    const std::pair<const Row*, uint32_t> key{&row, sla.id};
    if (std::find(sla_restarts_.begin(), sla_restarts_.end(), key) != sla_restarts_.end()) return false;
    LEAT_TRY(bool reset, became(sla.reset, row));
    bool again = reset;
    if (!again && clock.status == SlaStatus::cancelled) {
        LEAT_TRY(again, became(sla.start, row));
    }
    if (!again) return false;
    sla_restarts_.push_back(key);
    const bool open = clock.stopped_us == 0;
    if (open) {
        clock.stopped_us = now_us_;
        if (clock.status != SlaStatus::breached) clock.status = SlaStatus::cancelled;
        ++clock.entry;
    }
    LEAT_TRY(bool starts, holds(sla.start, row));
    LEAT_TRY(bool stopped, holds(sla.stop, row));
    LEAT_TRY(bool cancels, holds(sla.cancel, row));
    effects_ = true;
    if (!starts || stopped || cancels) {
        if (open) LEAT_CHECK(timer::write_sla(connection_, clock));
        return open;
    }
    LEAT_CHECK(timer::archive_sla(connection_, clock));
    LEAT_CHECK(begin_sla(row, sla, clock.entry));
    return true;
}

// True: steps ran, so that the record may have changed.
Result<bool> UnitOfWork::run_sla(Row& row, const program::Sla& sla, timer::SlaClock* clock) {
    if (!clock) {
        if (row.deleted) return false;
        LEAT_TRY(bool starts, holds(sla.start, row));
        LEAT_TRY(bool stopped, holds(sla.stop, row));
        LEAT_TRY(bool cancelled, holds(sla.cancel, row));
        if (starts && !stopped && !cancelled) {
            LEAT_CHECK(begin_sla(row, sla, 0));
            sla_restarts_.emplace_back(&row, sla.id);
        }
        return false;
    }
    auto end = [&](SlaStatus status) {
        clock->status = status;
        clock->stopped_us = now_us_;
        ++clock->entry;
        effects_ = true;
        return timer::write_sla(connection_, *clock);
    };
    if (row.deleted) {
        if (clock->stopped_us == 0) LEAT_CHECK(end(SlaStatus::cancelled));
        return false;
    }
    bool ran = false;
    if (clock->status == SlaStatus::running && now_us_ > clock->due_us) {
        LEAT_CHECK(breach(row, sla, *clock));
        ran = true;
    }
    LEAT_TRY(bool restarted, restart_sla(row, sla, *clock));
    if (restarted || clock->stopped_us) return ran;
    LEAT_TRY(bool stops, holds(sla.stop, row));
    if (stops) {
        LEAT_CHECK(end(clock->status == SlaStatus::breached ? SlaStatus::breached : SlaStatus::kept));
        return ran;
    }
    LEAT_TRY(bool cancels, holds(sla.cancel, row));
    if (cancels) {
        LEAT_CHECK(end(SlaStatus::cancelled));
        return ran;
    }
    LEAT_TRY(bool pauses, holds(sla.pause, row));
    LEAT_TRY(bool resumes, holds(sla.resume, row));
    bool moved = std::any_of(sla.reads.begin(), sla.reads.end(),
                             [&](program::FieldId field) { return records_->changed(row, field); });
    if (clock->status == SlaStatus::running && pauses && !resumes) {
        LEAT_TRY(clock->worked_us, worked(row, sla, *clock));
        clock->status = SlaStatus::paused;
        clock->paused_us = now_us_;
        ++clock->entry;
    } else if (clock->status == SlaStatus::paused && (resumes || (!sla.resume && !pauses))) {
        LEAT_CHECK(plan_sla(row, sla, *clock));
        clock->paused_us = now_us_;  // counting goes on from here
    } else if (clock->status == SlaStatus::running && moved) {
        LEAT_TRY(clock->worked_us, worked(row, sla, *clock));
        clock->paused_us = now_us_;
        LEAT_CHECK(plan_sla(row, sla, *clock));
    } else {
        return ran;
    }
    effects_ = true;
    LEAT_CHECK(timer::write_sla(connection_, *clock));
    return ran;
}

Result<bool> UnitOfWork::run_slas(bool first) {
    bool ran = false;
    for (size_t i = 0; i < records_->touched().size(); ++i) {
        Row* row = records_->touched()[i];
        const auto& entity = program_.entities[row->entity];
        if (entity.slas.empty() || (row->created && row->deleted)) continue;
        std::vector<timer::SlaClock> clocks;
        if (!first || !row->created) {
            LEAT_TRY(clocks, timer::slas_of(connection_, entity.name, row->id));
        }
        for (uint32_t number : entity.slas) {
            const auto& sla = program_.slas[number];
            auto clock = std::find_if(clocks.begin(), clocks.end(),
                                      [&](const timer::SlaClock& one) { return one.name == sla.name; });
            LEAT_TRY(bool acted, run_sla(*row, sla, clock == clocks.end() ? nullptr : &*clock));
            ran = ran || acted;
        }
    }
    return ran;
}

// What a clock's actions change may concern clocks again; each breaches once, so this comes to rest.
Result<void> UnitOfWork::settle_slas() {
    for (bool first = true;; first = false) {
        LEAT_TRY(bool ran, run_slas(first));
        LEAT_CHECK(run());
        if (!ran) return {};
    }
}

Result<UnitOfWork::Fired> UnitOfWork::fire_sla(const timer::Timer& timer, Row& row) {
    LEAT_TRY(auto clocks, timer::slas_of(connection_, timer.entity, timer.record));
    std::string name = timer.name.substr(0, timer.name.rfind('.'));
    for (auto& clock : clocks) {
        if (clock.name != name) continue;
        if (clock.entry != timer.entry || clock.status != SlaStatus::running) return Fired::stale;
        for (const auto& sla : program_.slas) {
            if (sla.name != name) continue;
            if (timer.kind == timer::Kind::sla_breach) {
                LEAT_CHECK(breach(row, sla, clock));
                return Fired::acted;
            }
            locals_[program::kEvent] = Value();
            note_cause(fmt::format("SLA {} is at risk", sla.name));
            LEAT_CHECK(steps(sla.on_warning, &row));
            return Fired::acted;
        }
    }
    return Fired::stale;
}

Result<bool> UnitOfWork::recompute_sla(const timer::Timer& timer, Row& row) {
    LEAT_TRY(auto clocks, timer::slas_of(connection_, timer.entity, timer.record));
    std::string name = timer.name.substr(0, timer.name.rfind('.'));
    for (auto& clock : clocks) {
        if (clock.name != name || clock.entry != timer.entry || clock.status != SlaStatus::running) continue;
        for (const auto& sla : program_.slas) {
            if (sla.name != name || !sla.within.present) continue;
            LEAT_TRY(clock.worked_us, worked(row, sla, clock));
            clock.paused_us = now_us_;
            const int64_t due = clock.due_us;
            LEAT_CHECK(plan_sla(row, sla, clock));
            LEAT_CHECK(timer::write_sla(connection_, clock));
            return clock.due_us != due;
        }
    }
    return false;
}

}  // namespace leat::engine
