// Rules on record changes, and eventless transitions that a change elsewhere may have freed.
#include <fmt/format.h>

#include "engine/unit_of_work.hpp"

namespace leat::engine {

using record::Row;

// One rule that fired is enough: the caller lets events and formulas come to rest before the next one is asked. Asking
// goes on behind it, round after round, until everybody was asked and nobody fired.
Result<bool> UnitOfWork::run_rules() {
    const auto& touched = records_->touched();
    // One more than there are records: the one where asking began is asked again from its first rule.
    for (size_t asked = 0; asked <= touched.size(); ++asked) {
        if (rule_row_ >= touched.size()) rule_row_ = rule_next_ = 0;
        if (touched.empty()) return false;
        Row* row = touched[rule_row_];
        const auto& rules = program_.entities[row->entity].rules;
        if (!rules.empty()) {
            auto& memories = rule_memory_[row];
            if (memories.empty()) memories.resize(rules.size());
            while (rule_next_ < rules.size()) {
                size_t r = rule_next_++;
                LEAT_TRY(bool fired, run_rule(program_.rules[rules[r]], *row, memories[r]));
                if (fired) return true;
            }
        }
        ++rule_row_;
        rule_next_ = 0;
    }
    return false;
}

Result<bool> UnitOfWork::run_rule(const program::Rule& definition, Row& row, RuleMemory& memory) {
    if (row.deleted && definition.shape.trigger != rule::Trigger::deleted) return false;
    if (!memory.ready) {
        memory.ready = true;
        memory.fields = row.original;
        if (definition.shape.trigger == rule::Trigger::becomes && row.original) {
            // What the condition was before this command.
            feel::Frame frame = records_->frame(&row, locals_.data(), &definition.condition->reads());
            frame.row = row.original;
            frame.self = Value::record_of(row.entity, row.id, row.original);
            memory.seen.last_condition = definition.condition->evaluate(frame).is_true();
            if (const Error* error = records_->pending_error()) return *error;
        }
    }
    bool fires = false;
    switch (definition.shape.trigger) {
        case rule::Trigger::created:
            fires = row.created && !memory.seen.fired_created;
            memory.seen.fired_created = true;
            break;
        case rule::Trigger::deleted:
            fires = row.deleted && !memory.seen.fired_created;
            if (row.deleted) memory.seen.fired_created = true;
            break;
        case rule::Trigger::changed: {
            if (!memory.fields) {  // a new record's first state is not a change
                if (row.created && !memory.seen.fired_created) {
                    memory.seen.fired_created = true;
                    size_t count = program_.entities[row.entity].fields.size();
                    auto* copy = arena_.array<Value>(count);
                    std::copy(row.fields, row.fields + count, copy);
                    memory.fields = copy;
                }
                break;
            }
            auto differs = [&](program::FieldId field) {
                return !value::identical(row.fields[field], memory.fields[field]);
            };
            if (definition.changed.empty()) {
                for (const auto& field : program_.entities[row.entity].fields)
                    if (field.stored && field.id >= program::kFirstField && differs(field.id)) fires = true;
            } else {
                for (auto field : definition.changed) fires = fires || differs(field);
            }
            break;
        }
        case rule::Trigger::becomes: {
            LEAT_TRY(Value now, evaluate(*definition.condition, &row));
            fires = rule::edge(memory.seen, now.is_true());
            break;
        }
        case rule::Trigger::message:
        case rule::Trigger::every:
            return false;  // no record's change
        case rule::Trigger::entered:
        case rule::Trigger::left:
            for (; memory.changes_read < state_changes_.size() && !fires; ++memory.changes_read) {
                const auto& change = state_changes_[memory.changes_read];
                fires = change.row == &row && change.flow == definition.flow && change.state == definition.state &&
                        change.entered == (definition.shape.trigger == rule::Trigger::entered);
            }
            break;
    }
    if (!fires) return false;
    Value saved_old = locals_[program::kOld];
    const Value* old_fields = memory.fields ? memory.fields : row.original;
    locals_[program::kOld] = old_fields ? Value::record_of(row.entity, row.id, old_fields) : Value::null();
    if (definition.shape.trigger == rule::Trigger::changed) {
        size_t count = program_.entities[row.entity].fields.size();
        auto* copy = arena_.array<Value>(count);
        std::copy(row.fields, row.fields + count, copy);
        memory.fields = copy;
    }
    if (definition.if_) {
        LEAT_TRY(bool applies, condition(*definition.if_, &row, definition.at + ".if"));
        if (!applies) {
            locals_[program::kOld] = saved_old;
            return false;
        }
    }
    note_cause(
        fmt::format("rule {} fired on {} {}", definition.shape.name, program_.entities[row.entity].name, row.key()));
    LEAT_CHECK(steps(definition.steps, &row));
    locals_[program::kOld] = saved_old;
    return true;
}

// `always` is tried again whenever its record changes, or a record that points at it (a list its guard may read).
Result<bool> UnitOfWork::retry_eventless() {
    const auto& touched = records_->touched();
    for (size_t asked = 0; asked < touched.size(); ++asked, ++eventless_row_) {
        if (eventless_row_ >= touched.size()) eventless_row_ = 0;
        Row* row = touched[eventless_row_];
        if (row->deleted) continue;
        std::vector<Row*> candidates{row};
        for (const Waiter& waiter : engine_.parts_->waiters[row->entity]) {
            const Value& target = row->fields[waiter.field];
            if (target.kind != Kind::record) continue;
            LEAT_TRY(Row * other, records_->row_of(target));
            if (other) candidates.push_back(other);
        }
        for (Row* candidate : candidates)
            for (uint32_t number : program_.entities[candidate->entity].flows) {
                const auto& definition = program_.flow_of(number, candidate->fields);
                if (!engine_.parts_->has_eventless[definition.id] || definition.scxml) continue;
                locals_[program::kEvent] = Value::null();
                LEAT_TRY(bool moved, eventless(*candidate, definition));
                if (!moved) continue;
                LEAT_CHECK(macrostep(*candidate, definition));
                return true;
            }
    }
    return false;
}

}  // namespace leat::engine
