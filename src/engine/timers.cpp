// Timers of flows: armed with the change that causes them, fired as commands of their own. A timer whose state was left
// is known by its entry counter and dropped when it falls due.
//
// A timer that counts from a field (`since`, `at`, `for`) is not written anew at each change of that field: when it
// falls due and the field has moved on, it moves there. Only where the new moment lies before the pending one, a second
// row is written; the first then finds itself behind the moment that counts, and is dropped. So a call a day on a
// record with a reminder after a week costs no write at all.
#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "engine/derived.hpp"
#include "engine/unit_of_work.hpp"
#include "timer/suspension.hpp"

namespace leat::engine {

using record::Row;

Result<Value> UnitOfWork::evaluate_before(const feel::Expression& expression, Row& row) {
    feel::Frame frame = records_->frame(&row, locals_.data(), &expression.reads());
    frame.row = row.original;
    frame.self = Value::record_of(row.entity, row.id, row.original);
    Value value = expression.evaluate(frame);
    if (has_host_error_) return std::move(host_error_);
    if (const Error* error = records_->pending_error()) return *error;
    return value;
}

Result<int64_t> UnitOfWork::after_pace(int64_t from_us, const program::Pace& pace, Row* row, std::string_view at) {
    if (pace.cron) {
        const calendar::Calendar* days = pace.calendar ? &program_.calendars[pace.calendar - 1] : nullptr;
        return pace.cron->next(from_us, days ? days->zone() : program_.time_zone.offset, days);
    }
    LEAT_TRY(Value duration, evaluate(pace.duration, row));
    return add_duration(from_us, duration, at);
}

// How often in all; without a number for ever where it repeats.
Result<int64_t> UnitOfWork::times_of(const program::Operand& times, bool repeats, Row* row, std::string_view at) {
    if (!times.present) return repeats ? INT64_MAX : int64_t{1};
    LEAT_TRY(Value value, evaluate(times, row));
    if (value.kind != Kind::number) return null_refusal(value, fmt::format("{}.times", at), "times");
    return value.as_number().to_int64().value_or(0);
}

// nullopt: there is no such moment (`at` is null). `before`: by the record as it was before this command.
Result<std::optional<UnitOfWork::Moment>> UnitOfWork::moment_of(Row& row, const program::Flow& definition,
                                                                const program::Timer& timer, int64_t entered_us,
                                                                bool before) {
    const std::string at = definition.name + "." + timer.name;
    use(row, definition);
    auto ask = [&](const feel::Expression& expression) {
        return before ? evaluate_before(expression, row) : evaluate(expression, &row);
    };
    Moment moment{entered_us, entered_us};
    if (timer.at || timer.since) {
        LEAT_TRY(Value value, ask(timer.at ? *timer.at : *timer.since));
        if (value.is_null() && timer.at) return std::optional<Moment>();
        if (!value.is_null()) {
            LEAT_TRY(moment.base_us, instant_of(value, at));
        }
        if (timer.at) {
            moment.due_us = moment.base_us;
            return std::optional(moment);
        }
    }
    if (before && timer.wait.duration.expression) {
        LEAT_TRY(Value duration, ask(*timer.wait.duration.expression));
        if (duration.is_null()) return std::optional<Moment>();
        LEAT_TRY(moment.due_us, add_duration(moment.base_us, duration, at));
    } else {
        LEAT_TRY(moment.due_us, after_pace(moment.base_us, timer.wait, &row, at));
    }
    return std::optional(moment);
}

Result<void> UnitOfWork::arm(Row& row, const program::Flow& definition, const program::Timer& timer, int64_t entry) {
    arming_.push_back({&row, &definition, &timer, entry});
    return {};
}

Result<void> UnitOfWork::arm_timers() {
    for (const Arming& one : arming_) {
        use(*one.row, *one.flow);
        if (one.row->deleted || entry_of(*one.row, *one.flow, one.timer->state) != one.entry) continue;
        timer::Timer pending;
        pending.name = one.flow->name + "." + one.timer->name;
        LEAT_TRY(int64_t times, times_of(one.timer->times, one.timer->repeat.present(), one.row, pending.name));
        if (times < 1) continue;
        LEAT_TRY(auto moment, moment_of(*one.row, *one.flow, *one.timer, now_us_, false));
        if (!moment) continue;
        pending.due_us = moment->due_us;
        pending.entity = program_.entities[one.row->entity].name;
        pending.record = one.row->id;
        pending.kind = timer::Kind::flow;
        pending.entry = one.entry;
        pending.data = Derived{now_us_, moment->base_us, 0, 0}.text(0);
        LEAT_CHECK(timer::add(connection_, pending));
        effects_ = true;
    }
    for (size_t i = 0; i < records_->touched().size(); ++i) {
        Row* row = records_->touched()[i];
        if (!row->created && !row->deleted) LEAT_CHECK(move_timers(*row));
    }
    return {};
}

// Fields changed that a pending timer counts from: where it now comes earlier than it would by itself, it is written.
Result<void> UnitOfWork::move_timers(Row& row) {
    for (uint32_t number : program_.entities[row.entity].flows) {
        const auto& definition = program_.flow_of(number, row.fields);
        for (const auto& timer : definition.timers) {
            bool changed = std::any_of(timer.reads.begin(), timer.reads.end(),
                                       [&](program::FieldId field) { return records_->changed(row, field); });
            if (!changed) continue;
            int64_t entry = entry_of(row, definition, timer.state);
            bool armed_now = std::any_of(arming_.begin(), arming_.end(), [&](const Arming& one) {
                return one.row == &row && one.timer == &timer && one.entry == entry;
            });
            if (entry < 0 || armed_now) continue;
            // When the state was entered, as far as the record itself knows.
            const Value& since = row.fields[definition.since_field];
            int64_t entered = since.kind == Kind::date_time ? since.as_date_time().utc_us() : now_us_;
            LEAT_TRY(auto moment, moment_of(row, definition, timer, entered, false));
            if (!moment) continue;
            LEAT_TRY(auto before, moment_of(row, definition, timer, entered, true));
            if (before && before->base_us == moment->base_us && before->due_us == moment->due_us) continue;
            // A state inside another one does not say since when it is active: there the pending timer moves by itself.
            if (moment->base_us == entered && definition.chart.states[timer.state].parent != 0) continue;
            bool will_move = before && !timer.elsewhere && before->base_us != entered && before->due_us > now_us_ &&
                             moment->due_us >= before->due_us;
            if (will_move) continue;
            timer::Timer pending;
            pending.due_us = moment->due_us;
            pending.entity = program_.entities[row.entity].name;
            pending.record = row.id;
            pending.name = definition.name + "." + timer.name;
            pending.kind = timer::Kind::flow;
            pending.entry = entry;
            pending.data = Derived{entered, moment->base_us, 0, 0}.text(0);
            LEAT_CHECK(timer::add(connection_, pending));
            effects_ = true;
        }
    }
    return {};
}

const program::Timer* UnitOfWork::timer_of(const timer::Timer& timer, const Row& row,
                                           const program::Flow** flow) const {
    for (uint32_t number : program_.entities[row.entity].flows) {
        const auto& definition = program_.flow_of(number, row.fields);
        if (!std::string_view(timer.name).starts_with(definition.name)) continue;
        for (const auto& one : definition.timers) {
            if (timer.name != definition.name + "." + one.name) continue;
            *flow = &definition;
            return &one;
        }
    }
    return nullptr;
}

Result<UnitOfWork::Fired> UnitOfWork::fire(const timer::Timer& timer) {
    LEAT_TRY(bool mine, timer::remove(connection_, timer));
    if (!mine) return Fired::taken;
    if (timer.kind == timer::Kind::schedule) return fire_schedule(timer);
    if (timer.kind == timer::Kind::sweep) return fire_sweep(timer);
    const auto* entity = program_.find_entity(timer.entity);
    if (!entity) return Fired::stale;
    LEAT_TRY(Row * row, records_->get(entity->id, timer.record));
    if (!row) return Fired::stale;
    if (is_suspended(*row)) {
        LEAT_CHECK(timer::hold(connection_, timer));
        return Fired::stale;
    }
    Result<Fired> fired = Fired::stale;
    switch (timer.kind) {
        case timer::Kind::flow:
            fired = fire_flow(timer, *row);
            break;
        case timer::Kind::sla_warning:
        case timer::Kind::sla_breach:
            fired = fire_sla(timer, *row);
            break;
        case timer::Kind::send:
            fired = fire_send(timer, *row);
            break;
        case timer::Kind::approval:
        case timer::Kind::reminder:
            fired = fire_approval(timer, *row);
            break;
        case timer::Kind::schedule:
        case timer::Kind::sweep:
            break;
    }
    // A stale timer leaves no trace but its absence.
    if (fired && *fired == Fired::acted) effects_ = true;
    return fired;
}

// The next time after `from`; with `coalesce` the first one that is still to come.
Result<int64_t> UnitOfWork::next_time(const program::Pace& pace, int64_t from_us, bool coalesce, Row* row,
                                      std::string_view at) {
    if (pace.cron) return after_pace(coalesce ? std::max(from_us, now_us_) : from_us, pace, row, at);
    LEAT_TRY(Value step, evaluate(pace.duration, row));
    LEAT_TRY(int64_t next, add_duration(from_us, step, at));
    if (next <= from_us)
        return make_error(Status::usage, "timer.repeat",
                          fmt::format("'{}' repeats after no time at all; its interval must lead on", at));
    if (!coalesce || next > now_us_) return next;
    if (step.kind == Kind::days_duration && !step.calendar())  // no need to walk
        return next + ((now_us_ - next) / (next - from_us) + 1) * (next - from_us);
    while (next <= now_us_) {
        LEAT_TRY(next, add_duration(next, step, at));
    }
    return next;
}

// False: that was the last time.
Result<bool> UnitOfWork::plan_next(const timer::Timer& timer, const program::Timer& one, Row& row) {
    if (!one.repeat.present()) return false;
    LEAT_TRY(int64_t times, times_of(one.times, true, &row, timer.name));
    if (timer.count + 1 >= times) return false;
    Derived derived = Derived::read(timer);
    timer::Timer next = timer;
    LEAT_TRY(next.due_us, next_time(one.repeat, timer.due_us, one.late == program::OnLate::coalesce, &row, timer.name));
    derived.last_us = timer.due_us;
    next.data = derived.text(++next.count);
    LEAT_CHECK(timer::add(connection_, next));
    return true;
}

// Whether the fields that the timer counts from have moved on. Then it is written for their moment, when that lies
// ahead of it; else somebody wrote it when they moved.
Result<bool> UnitOfWork::moved_on(const timer::Timer& timer, const program::Flow& definition, const program::Timer& one,
                                  Row& row) {
    if (one.reads.empty()) return false;
    Derived derived = Derived::read(timer);
    LEAT_TRY(auto moment, moment_of(row, definition, one, derived.entered_us, false));
    if (!moment) return true;
    bool same = moment->base_us == derived.base_us && (!one.wait_moves || moment->due_us == derived.first_us);
    if (same || (timer.count == 0 && moment->due_us == timer.due_us)) return false;
    if (moment->due_us <= timer.due_us) return true;
    timer::Timer moved = timer;
    moved.due_us = moment->due_us;
    moved.count = 0;
    derived.base_us = moment->base_us;
    moved.data = derived.text(0);
    LEAT_CHECK(timer::add(connection_, moved));
    return true;
}

Result<UnitOfWork::Fired> UnitOfWork::fire_flow(const timer::Timer& timer, Row& row) {
    const program::Flow* definition = nullptr;
    const program::Timer* one = timer_of(timer, row, &definition);
    if (!one || entry_of(row, *definition, one->state) != timer.entry) return Fired::stale;
    use(row, *definition);
    LEAT_TRY(bool moved, moved_on(timer, *definition, *one, row));
    if (moved) return Fired::stale;
    LEAT_TRY(bool again, plan_next(timer, *one, row));
    (void)again;
    if (one->late == program::OnLate::within) {
        LEAT_TRY(int64_t last, add_duration(timer.due_us, one->late_most.constant, timer.name));
        if (now_us_ > last) return Fired::stale;
    }
    auto* entries = arena_.array<value::ContextEntry>(2);
    entries[0] = {"count", Value::number(Decimal(timer.count + 1))};
    entries[1] = {"due", Value::of(DateTime::from_utc_us(timer.due_us, program_.time_zone))};
    queue({&row, definition->id, one->event, false, false,
           Value::context_of(arena_.make<value::ContextData>(entries, 2u))});
    note_cause(fmt::format("timer {} fired", timer.name));
    return Fired::acted;
}

// send.EVENT.…, send.FLOW:EVENT.… for one flow of the record: the payload was kept as JSON.
Result<UnitOfWork::Fired> UnitOfWork::fire_send(const timer::Timer& timer, Row& row) {
    if (timer.name.rfind("scxml.", 0) == 0) {
        LEAT_TRY(bool sent, fire_scxml(timer, row));
        return sent ? Fired::acted : Fired::stale;
    }
    std::string event = timer.name.substr(5, timer.name.find('.', 5) - 5);
    std::string only = event.substr(0, std::min(event.find(':'), event.size()));
    if (only.size() == event.size())
        only.clear();
    else
        event.erase(0, only.size() + 1);
    for (uint32_t number : program_.entities[row.entity].flows) {
        const auto& definition = program_.flow_of(number, row.fields);
        auto id = definition.find_event(event);
        if (id == flow::kNone || (!only.empty() && definition.name != only)) continue;
        LEAT_TRY(Json data, parse_json(timer.data));
        LEAT_TRY(Value input, payload_of(definition.events[id], typed_value(program_, data, arena_)));
        queue({&row, definition.id, id, false, false, input});
    }
    return Fired::acted;
}

Result<int64_t> UnitOfWork::park(const timer::Timer& timer) {
    LEAT_TRY(bool mine, timer::remove(connection_, timer));
    if (!mine) return timer.record;
    timer::Timer waiting = timer;
    waiting.due_us = timer::kParked;
    if (timer.kind == timer::Kind::schedule) {
        const auto* rule = rule_of(timer);
        if (!rule) return timer.record;
        LEAT_TRY(bool planned, plan_schedule(timer, *rule));
        if (!planned) LEAT_CHECK(timer::add(connection_, waiting));
        return timer.record;
    }
    if (timer.kind == timer::Kind::sweep) {
        const auto* rule = rule_of(timer);
        if (!rule) return timer.record;
        LEAT_TRY(Row * failed, next_of_sweep(timer, *rule));
        if (!failed) return timer.record;
        timer::Timer next = timer;
        next.count = failed->id;
        LEAT_CHECK(timer::add(connection_, next));
        return failed->id;
    }
    const auto* entity = program_.find_entity(timer.entity);
    Row* row = nullptr;
    if (entity) {
        LEAT_TRY(row, records_->get(entity->id, timer.record));
    }
    const program::Flow* definition = nullptr;
    const program::Timer* one = row && timer.kind == timer::Kind::flow ? timer_of(timer, *row, &definition) : nullptr;
    if (one && one->repeat.present()) {
        // The failure may lie in the repetition itself: then there is no next time until it is retried.
        size_t before = refusals_.size();
        auto planned = plan_next(timer, *one, *row);
        refusals_.resize(before);
        if (planned && *planned) return timer.record;
        if (!planned && planned.error().status == Status::store) return std::move(planned.error());
    }
    LEAT_CHECK(timer::add(connection_, waiting));
    return timer.record;
}

Result<bool> UnitOfWork::recompute(const timer::Timer& timer) {
    const auto* entity = program_.find_entity(timer.entity);
    if (!entity) return false;
    LEAT_TRY(Row * row, records_->get(entity->id, timer.record));
    if (!row) return false;
    if (timer.kind == timer::Kind::sla_breach) return recompute_sla(timer, *row);
    if (timer.kind == timer::Kind::approval || timer.kind == timer::Kind::reminder)
        return recompute_approval(timer, *row);
    if (timer.kind != timer::Kind::flow) return false;
    const program::Flow* definition = nullptr;
    const program::Timer* one = timer_of(timer, *row, &definition);
    if (!one || entry_of(*row, *definition, one->state) != timer.entry) return false;
    Derived derived = Derived::read(timer);
    timer::Timer again = timer;
    if (timer.count > 0) {
        if (!one->repeat.present()) return false;
        LEAT_TRY(again.due_us, next_time(one->repeat, derived.last_us, false, row, timer.name));
    } else {
        LEAT_TRY(auto moment, moment_of(*row, *definition, *one, derived.entered_us, false));
        if (!moment || moment->base_us != derived.base_us) return false;  // it moves by itself when it falls due
        again.due_us = moment->due_us;
    }
    if (again.due_us == timer.due_us) return false;
    LEAT_TRY(bool mine, timer::remove(connection_, timer));
    if (!mine) return false;
    LEAT_CHECK(timer::add(connection_, again));
    effects_ = true;
    return true;
}

}  // namespace leat::engine
