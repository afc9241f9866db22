// Rules that run by themselves, by a schedule or on a message.
//
// A schedule is one timer without a record. A rule of an entity then sweeps its records, those that were there before
// its moment: each is a command of its own, so that one that fails becomes an incident and does not stop the others.
// Moments that were missed while nobody pumped are run once.
#include <fmt/format.h>

#include <algorithm>

#include "engine/unit_of_work.hpp"

namespace leat::engine {

using record::Row;

namespace {
constexpr std::string_view kRulePrefix = "rule.";
}

// The rule whose schedule or sweep this is; nullptr when it is gone, or goes by another schedule.
const program::Rule* UnitOfWork::rule_of(const timer::Timer& timer) const {
    std::string_view name = std::string_view(timer.name).substr(kRulePrefix.size());
    for (const auto& rule : program_.rules) {
        if (!rule.every || rule.shape.name != name) continue;
        if (timer.kind == timer::Kind::schedule) return rule.every->text == timer.data ? &rule : nullptr;
        return rule.entity != program::kNone && program_.entities[rule.entity].name == timer.entity ? &rule : nullptr;
    }
    return nullptr;
}

// False: that was the last time.
Result<bool> UnitOfWork::plan_schedule(const timer::Timer& timer, const program::Rule& rule) {
    if (timer.count + 1 >= rule.every->times) return false;
    timer::Timer next = timer;
    ++next.count;
    LEAT_TRY(next.due_us, next_time(rule.every->pace, timer.due_us, true, nullptr, rule.at + ".every"));
    LEAT_CHECK(timer::add(connection_, next));
    return true;
}

Result<void> UnitOfWork::plan_schedules() {
    LEAT_TRY(auto pending, timer::schedules(connection_));
    for (const auto& one : pending) {
        if (rule_of(one)) continue;
        LEAT_TRY(bool removed, timer::remove(connection_, one));
        effects_ = effects_ || removed;
    }
    for (const auto& rule : program_.rules) {
        if (!rule.every) continue;
        timer::Timer first;
        first.name = std::string(kRulePrefix) + rule.shape.name;
        first.kind = timer::Kind::schedule;
        first.data = rule.every->text;
        bool known = std::any_of(pending.begin(), pending.end(), [&](const timer::Timer& one) {
            return one.name == first.name && one.data == first.data;
        });
        if (known) continue;
        if (rule.every->start_us) {
            first.due_us = *rule.every->start_us;
        } else {
            LEAT_TRY(first.due_us, after_pace(now_us_, rule.every->pace, nullptr, rule.at + ".every"));
        }
        LEAT_CHECK(timer::add(connection_, first));
        effects_ = true;
    }
    return {};
}

Result<UnitOfWork::Fired> UnitOfWork::fire_schedule(const timer::Timer& timer) {
    const auto* rule = rule_of(timer);
    if (!rule) return Fired::stale;
    LEAT_TRY(bool again, plan_schedule(timer, *rule));
    (void)again;
    effects_ = true;
    if (rule->entity != program::kNone) {
        timer::Timer sweep = timer;
        sweep.entity = program_.entities[rule->entity].name;
        sweep.kind = timer::Kind::sweep;
        sweep.count = 0;
        sweep.data.clear();
        LEAT_CHECK(timer::add(connection_, sweep));
        note_cause(fmt::format("rule {} begins", rule->shape.name));
        return Fired::acted;
    }
    if (rule->if_) {
        LEAT_TRY(bool applies, condition(*rule->if_, nullptr, rule->at + ".if"));
        if (!applies) return Fired::acted;
    }
    note_cause(fmt::format("rule {} fired", rule->shape.name));
    LEAT_CHECK(steps(rule->steps, nullptr));
    return Fired::acted;
}

Result<Row*> UnitOfWork::next_of_sweep(const timer::Timer& timer, const program::Rule& rule) {
    Row* found = nullptr;
    LEAT_CHECK(records_->scan(
        rule.entity, rule.condition.get(), locals_.data(), query::AccessScope::everything(),
        [&](Row& row) {
            // Records that the rule itself makes have no turn in this sweep.
            const Value& made = row.fields[program::kCreatedAt];
            if (made.kind != Kind::date_time || made.as_date_time().utc_us() < timer.due_us) found = &row;
            return false;
        },
        timer.count));
    return found;
}

Result<UnitOfWork::Fired> UnitOfWork::fire_sweep(const timer::Timer& timer) {
    const auto* rule = rule_of(timer);
    if (!rule) return Fired::stale;
    LEAT_TRY(Row * row, next_of_sweep(timer, *rule));
    if (!row) return Fired::stale;  // everybody had a turn
    timer::Timer next = timer;
    next.count = row->id;
    LEAT_CHECK(timer::add(connection_, next));
    effects_ = true;
    note_cause(
        fmt::format("rule {} fired on {} {}", rule->shape.name, program_.entities[row->entity].name, row->key()));
    LEAT_CHECK(steps(rule->steps, row));
    return Fired::acted;
}

// True: a rule took the message. A rule whose condition is false leaves it.
Result<bool> UnitOfWork::run_message_rules(const program::Message& message, Row* row) {
    bool taken = false;
    for (uint32_t number : message.rules) {
        const auto& rule = program_.rules[number];
        Row* of = rule.entity == program::kNone ? nullptr : row;
        if (rule.entity != program::kNone && (!of || of->deleted)) continue;
        Value saved = locals_[program::kEvent];
        if (rule.if_) {
            LEAT_TRY(bool applies, condition(*rule.if_, of, rule.at + ".if"));
            if (!applies) continue;
        }
        note_cause(fmt::format("rule {} took message {}", rule.shape.name, message.name));
        LEAT_CHECK(steps(rule.steps, of));
        locals_[program::kEvent] = saved;
        taken = true;
    }
    return taken;
}

}  // namespace leat::engine
