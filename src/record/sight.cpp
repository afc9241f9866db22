// What a reader may ask with, and how a message about a record reads to him. A condition tells as much as a column: who
// may list records where `margin > 100` knows the margin. So a reader's condition reads only what he may read.
#include <algorithm>

#include "record/parts.hpp"

namespace leat::record {

using program::AccessRule;
using program::Field;
using program::FieldKind;
using program::FieldRight;

namespace {

constexpr NullReason kHidden{"access.hidden", "", "hidden", 0, 0};

bool is_open(Records& records, const program::ExpressionPtr& read) {
    if (!read || !read->is_constant()) return false;
    feel::Frame frame = records.frame(nullptr, nullptr);
    return read->evaluate(frame).is_true();
}

// Whether the scope may read all rows of an entity.
bool open_rows(Records& records, const program::Entity& entity, const query::AccessScope& scope) {
    if (entity.owner != program::kNone) return open_rows(records, records.program().entities[entity.owner], scope);
    if (entity.built_in && entity.access.empty()) return true;
    return std::any_of(entity.access.begin(), entity.access.end(),
                       [&](const AccessRule& rule) { return scope.has(rule.role) && is_open(records, rule.read); });
}

bool holds_entity(const std::vector<uint32_t>& entities, EntityId entity) {
    return std::find(entities.begin(), entities.end(), entity) != entities.end();
}

}  // namespace

// In every record there is, whatever its state; people by their built-in fields, where the definitions say nothing.
bool Records::Parts::always_readable(EntityId number, FieldId field, const query::AccessScope& scope) {
    const program::Entity* entity = &program.entities[number];
    if (entity->owner != program::kNone) {
        field = entity->owner_list;
        entity = &program.entities[entity->owner];
    }
    if (entity->built_in && entity->access.empty()) return true;
    for (const program::Flow& flow : program.flows) {  // former versions, too
        if (flow.entity != entity->id) continue;
        for (const auto& state : flow.states)
            for (const auto& [narrowed, right] : state.fields)
                if (narrowed == field && right < FieldRight::read) return false;
    }
    for (const AccessRule& rule : entity->access) {
        if (!scope.has(rule.role) || !is_open(records, rule.read)) continue;
        bool shown = std::none_of(rule.fields.begin(), rule.fields.end(),
                                  [&](const auto& one) { return one.first == field && one.second < FieldRight::read; });
        if (shown) return true;
    }
    return false;
}

// Whether what is read elsewhere is reached from this record alone, by its own list or references, and may be read
// there.
bool Records::Parts::reached(Entry& entry, const feel::Reads& reads, const feel::Read& far,
                             const query::AccessScope& scope) {
    const program::Entity& own = entry.plan->entity;
    bool found = false;
    if (holds_entity(reads.collections, far.entity) && program.entities[far.entity].owner != own.id) return false;
    for (const feel::Read& read : reads.fields) {
        const Field& field = program.entities[read.entity].fields[read.field];
        bool points = (field.kind == FieldKind::ref || field.kind == FieldKind::list) && field.to == far.entity;
        if (!points) continue;
        if (read.through_reference || read.entity != own.id) return false;  // further away than one step
        found = true;
        if (field.kind == FieldKind::list) {
            if (!field.owned) return false;
            continue;  // lines are as open as their list, which is a field of this record
        }
        const Value& target = entry.fields[field.id];
        if (target.kind != Kind::record) continue;
        auto row = load(far.entity, target.record.id);
        if (!row) {
            fail(std::move(row.error()));
            return false;
        }
        if (*row && field_rights(**row, scope, false)[far.field] < FieldRight::read) return false;
    }
    return found;
}

// under() reads the references that make a tree: of this entity, or of those that the condition reaches.
bool Records::Parts::sees_trees(EntityId own, const feel::Reads& reads, const query::AccessScope& scope) {
    auto seen = [&](EntityId number) {
        const FieldId parent = program::tree_field(program.entities[number]);
        return parent == program::kNone || always_readable(number, parent, scope);
    };
    return seen(own) && std::all_of(reads.fields.begin(), reads.fields.end(), [&](const feel::Read& read) {
               const Field& field = program.entities[read.entity].fields[read.field];
               return field.kind != FieldKind::ref || seen(field.to);
           });
}

bool Records::Parts::sees_elsewhere(Entry& entry, const feel::Reads& reads, const query::AccessScope& scope) {
    auto all_of = [&](EntityId number) {
        const auto& fields = program.entities[number].fields;
        return std::all_of(fields.begin() + program::kFirstField, fields.end(),
                           [&](const Field& field) { return always_readable(number, field.id, scope); });
    };
    const EntityId own = entry.entity;
    for (EntityId number : reads.collections)
        if (program.entities[number].owner != own && !open_rows(records, program.entities[number], scope)) return false;
    for (const feel::Read& read : reads.fields) {
        if (read.entity == own && !read.through_reference) continue;
        if (read.field < program::kFirstField) continue;  // the key and the like
        if (always_readable(read.entity, read.field, scope)) continue;
        if (!reached(entry, reads, read, scope)) return false;
    }
    for (uint32_t number : reads.functions) {
        const program::Function& function = program.functions[number];
        if (function.kind == program::Function::Kind::under && !sees_trees(own, reads, scope)) return false;
        const feel::Reads* called = function.formula ? &function.formula->reads() : nullptr;
        EntityId of = program::kNone;
        if (function.kind == program::Function::Kind::decision) {
            of = program.decisions[function.number].entity;
            if (of != program::kNone && !all_of(of)) return false;
            called = &program.decisions[function.number].reads;
        } else if (function.kind == program::Function::Kind::table) {
            called = &program.embedded_tables[function.number].table->reads();
        }
        if (!called) continue;
        for (const feel::Read& read : called->fields)
            if (read.entity != of && !always_readable(read.entity, read.field, scope)) return false;
        for (EntityId collection : called->collections)
            if (!all_of(collection)) return false;
    }
    return true;
}

// Whether sees() is true of every row that the scope may read, without asking each.
bool Records::Parts::sees_in_every_row(EntityId entity, const feel::Reads& reads, const query::AccessScope& scope) {
    if (scope.sees_everything()) return true;
    if (!reads.functions.empty()) return false;
    for (EntityId number : reads.collections)
        if (program.entities[number].owner != entity && !open_rows(records, program.entities[number], scope))
            return false;
    return std::all_of(reads.fields.begin(), reads.fields.end(), [&](const feel::Read& read) {
        if (read.field < program::kFirstField) return true;
        if (read.entity == entity && !read.through_reference)
            return records.shown_in_every_row(entity, read.field, scope);
        return always_readable(read.entity, read.field, scope);
    });
}

bool Records::sees(Row& row, const feel::Reads& reads, const query::AccessScope& scope) {
    if (scope.sees_everything()) return true;
    Entry& entry = of(row);
    for (const feel::Read& read : reads.fields) {
        if (read.entity != entry.entity || read.through_reference || read.field < program::kFirstField) continue;
        if (parts_->field_rights(entry, scope, false)[read.field] < FieldRight::read) return false;
    }
    return parts_->sees_elsewhere(entry, reads, scope);
}

std::string Records::told(Row& row, const feel::Template& text, const Value* locals, const query::AccessScope& scope,
                          std::string_view otherwise) {
    feel::Frame running = frame(&row, locals, &text.reads());
    if (scope.sees_everything()) return text.render(running);
    Entry& entry = of(row);
    if (!parts_->sees_elsewhere(entry, text.reads(), scope)) return std::string(otherwise);
    const size_t count = entry.plan->entity.fields.size();
    auto* shown = arena_.array<Value>(count);
    std::copy_n(entry.fields, count, shown);
    const auto& rights = parts_->field_rights(entry, scope, false);
    for (size_t field = program::kFirstField; field < count; ++field)
        if (rights[field] < FieldRight::read) shown[field] = Value::null(&kHidden);
    running.row = shown;
    running.self = Value::record_of(entry.entity, entry.id, shown);
    return text.render(running);
}

}  // namespace leat::record
