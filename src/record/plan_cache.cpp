#include "record/plan_cache.hpp"

#include "query/select.hpp"
#include "query/table.hpp"

namespace leat::record {

namespace {

using program::Entity;
using program::Field;
using program::FieldKind;

std::string select_by(const EntityPlan& plan, std::string_view column) {
    query::Select select;
    select.table = plan.entity.table;
    select.columns = plan.names;
    select.where.op = query::Op::equal;
    select.where.left.column = query::Column{column, {}, {}};
    std::string sql;
    std::vector<query::Parameter> parameters;
    query::print(select, sql, parameters);
    return sql;
}

bool is_parent(const program::Program& program, const Entity& entity, const Field& field) {
    if (field.kind != FieldKind::ref || field.to >= program.entities.size()) return false;
    if (field.id == entity.owner_field) return true;
    for (const auto& dependent : entity.row_dependents) {
        if (dependent.path == program::Dependent::Path::referenced && dependent.by == field.id) return true;
    }
    for (const Field& list : program.entities[field.to].fields) {
        if (list.kind == FieldKind::list && !list.scalar_list && list.to == entity.id && list.by == field.id)
            return true;
    }
    return false;
}

}  // namespace

std::string_view column_name(const Field& field) {
    return field.id == program::kVersion ? "leat_version" : std::string_view(field.name);
}

EntityPlan::EntityPlan(const program::Program& program, const Entity& of) : entity(of) {
    has_key = of.explicit_key || !of.key_parts.empty();
    column_of.assign(of.fields.size(), -1);
    virtual_of.assign(of.fields.size(), -1);
    parent_of.assign(of.fields.size(), 0);
    for (const Field& field : of.fields) {
        if (field.currency_field != program::kNone) currencies.emplace_back(field.currency_field, field.id);
        if (field.stored) {
            if (field.id == program::kKey && !has_key) continue;
            column_of[field.id] = static_cast<int32_t>(columns.size());
            columns.push_back(field.id);
            names.push_back(column_name(field));
            parent_of[field.id] = is_parent(program, of, field);
        } else {
            virtual_of[field.id] = static_cast<int32_t>(virtuals++);
        }
    }
    for (const Entity& other : program.entities) {
        for (const Field& field : other.fields) {
            bool refers = field.kind == FieldKind::ref || (field.scalar_list && field.item_kind == FieldKind::ref);
            if (field.stored && refers && field.to == of.id) references.emplace_back(other.id, field.id);
        }
    }
    select_id = select_by(*this, "id");
    if (has_key) select_key = select_by(*this, "key");
    insert = query::print_insert(of.table, names);
    remove = query::print_delete(of.table);
    max_id = query::print_max_id(of.table);
}

std::string_view EntityPlan::update(const std::vector<uint32_t>& places) const {
    std::string_view key(reinterpret_cast<const char*>(places.data()), places.size() * sizeof(uint32_t));
    std::lock_guard lock(mutex_);
    auto at = updates_.find(key);
    if (at == updates_.end()) {
        std::vector<std::string_view> changed;
        changed.reserve(places.size());
        for (uint32_t place : places) changed.push_back(names[place]);
        at = updates_.emplace(std::string(key), query::print_update(entity.table, changed)).first;
    }
    return at->second;  // unordered_map's values stay where they are
}

PlanCache::PlanCache(const program::Program& program) : program_(program), plans_(program.entities.size()) {}

const EntityPlan& PlanCache::of(program::EntityId entity) {
    std::lock_guard lock(mutex_);
    auto& plan = plans_[entity];
    if (!plan) plan = std::make_unique<EntityPlan>(program_, program_.entities[entity]);
    return *plan;
}

}  // namespace leat::record
