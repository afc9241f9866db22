// Undoing what was done, the last first (BPMN's compensation, a saga): states, calls and children that declare how they
// are undone are noted when they are over; `compensate` runs what was noted.
#include <fmt/format.h>

#include <algorithm>

#include "engine/unit_of_work.hpp"

namespace leat::engine {

using program::Flow;
using record::Row;

void UnitOfWork::remember_undo(Row& row, const Flow& definition, uint32_t undo, uint32_t locals_end,
                               const FlowLink& child) {
    FlowMemory& kept = memory(row, definition);
    Undoable one;
    one.undo = undo;
    one.child = child;
    // What a loop or a `let` around it named is needed again.
    auto first = program::kFirstLocal + static_cast<uint32_t>(definition.data.size());
    for (uint32_t slot = first; slot < locals_end; ++slot) one.locals.push_back(locals_[slot]);
    kept.undo.push_back(std::move(one));
    kept.dirty = true;
}

// Each is taken off the list before it runs: what fails half-way rolls the command back, what ran is never run twice.
Result<void> UnitOfWork::compensate(Row& row, const Flow& definition, flow::StateId only) {
    if (definition.data_field == program::kNone) return {};
    std::vector<Value> saved = locals_;
    for (;;) {
        FlowMemory& kept = memory(row, definition);
        auto last = std::find_if(kept.undo.rbegin(), kept.undo.rend(), [&](const Undoable& one) {
            if (only == flow::kNone) return true;
            return one.undo != program::kNone && definition.undos[one.undo].state == only;
        });
        if (last == kept.undo.rend()) break;
        Undoable one = std::move(*last);
        kept.undo.erase(std::next(last).base());
        kept.dirty = true;
        if (one.undo == program::kNone) {
            LEAT_TRY(Row * child, records_->get(one.child.entity, one.child.record));
            if (child) LEAT_CHECK(compensate(*child, program_.flow_of(one.child.flow, child->fields), flow::kNone));
            continue;
        }
        use(row, definition);
        auto first = program::kFirstLocal + definition.data.size();
        std::copy(one.locals.begin(), one.locals.end(), locals_.begin() + static_cast<ptrdiff_t>(first));
        note_cause(fmt::format("{} undoes what was done", definition.undos[one.undo].at));
        LEAT_CHECK(steps(definition.undos[one.undo].steps, &row));
    }
    locals_ = std::move(saved);
    use(row, definition);
    return {};
}

}  // namespace leat::engine
