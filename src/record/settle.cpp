// Stored formulas and roll-ups: what a change reaches waits in a queue by rank, so that each is computed after all it
// reads and once a round.
#include <cstring>

#include "record/parts.hpp"

namespace leat::record {

using program::Dependent;
using program::Field;
using program::kNone;

void Records::Parts::wait(Entry& entry, FieldId field) {
    if (entry.deleted || bit(entry.queued, field)) return;
    if (!entry.queued) {
        size_t words = (entry.plan->entity.fields.size() + 63) / 64;
        entry.queued = arena.array<uint64_t>(words);
        std::memset(entry.queued, 0, words * sizeof(uint64_t));
    }
    set_bit(entry.queued, field);
    queue.push({entry.plan->entity.fields[field].rank, entry.entity, entry.id, field, &entry});
}

void Records::Parts::wait(const Dependent& dependent, Entry& source, int64_t parent_was) {
    switch (dependent.path) {
        case Dependent::Path::self:
            return wait(source, dependent.field);
        case Dependent::Path::lines: {
            auto lines = pointing_at(dependent.entity, dependent.by, source);
            if (!lines) return fail(std::move(lines.error()));
            for (Entry* line : *lines) wait(*line, dependent.field);
            return;
        }
        case Dependent::Path::referenced: {
            const Value& parent = source.fields[dependent.by];
            for (int64_t id : {parent.is_null() ? 0 : parent.record.id, parent_was}) {
                if (id == 0) continue;
                auto entry = load(dependent.entity, id);
                if (!entry) return fail(std::move(entry.error()));
                if (*entry) wait(**entry, dependent.field);
            }
            return;
        }
    }
}

void Records::Parts::expand(const Change& change) {
    Entry& entry = *change.entry;
    const program::Entity& entity = entry.plan->entity;
    if (change.field == kNone) {
        if (entry.created && !entry.deleted) {
            for (FieldId formula : entity.formulas) wait(entry, formula);
        }
        for (const Dependent& dependent : entity.row_dependents) wait(dependent, entry, 0);
        return;
    }
    if (change.field < entity.dependents.size()) {
        for (const Dependent& dependent : entity.dependents[change.field]) {
            bool moved = dependent.path == Dependent::Path::referenced && dependent.by == change.field;
            wait(dependent, entry, moved ? change.parent_was : 0);
        }
    }
    if (!entry.plan->parent_of[change.field]) return;
    for (const Dependent& dependent : entity.row_dependents) {
        if (dependent.by == change.field || dependent.path != Dependent::Path::referenced)
            wait(dependent, entry, change.parent_was);
    }
    // A line that moves to another owner reads other fields.
    if (change.field == entity.owner_field) {
        for (FieldId formula : entity.formulas) wait(entry, formula);
    }
}

void Records::recompute(Row& row) {
    Entry& entry = of(row);
    for (FieldId formula : entry.plan->entity.formulas) parts_->wait(entry, formula);
}

Result<void> Records::settle() {
    Parts& parts = *parts_;
    while (true) {
        for (size_t i = 0; i < parts.changes.size(); ++i) {
            Change change = parts.changes[i];  // expanding may add more
            parts.expand(change);
        }
        parts.changes.clear();
        if (parts.error) return *parts.error;
        if (parts.queue.empty()) return {};
        Waiting next = parts.queue.top();
        parts.queue.pop();
        clear_bit(next.entry->queued, next.field);
        if (next.entry->deleted) continue;
        if (steps_left == 0)
            throw LimitError("limit.steps", "the formulas of one command take more steps than allowed");
        --steps_left;
        const Field& field = next.entry->plan->entity.fields[next.field];
        Value value = parts.evaluate_formula(*next.entry, field);
        if (parts.error) return *parts.error;
        Value& current = next.entry->fields[next.field];
        if (value.is_null() && current.is_null()) {
            current = value;  // the same null, perhaps for another reason
            continue;
        }
        set(*next.entry, next.field, value);
    }
}

}  // namespace leat::record
