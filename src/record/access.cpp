// Rights: rows by the union of the actor's roles, fields by the most generous role that grants the row, narrowed by
// the states the record is in (LANGUAGE 7). Null grants nothing.
#include <algorithm>

#include "record/parts.hpp"

namespace leat::record {

using program::AccessRule;
using program::Field;
using program::FieldRight;

const Value* Records::Parts::access_locals(const query::AccessScope& scope) {
    auto* locals = arena.array<Value>(program.locals_max);
    std::fill_n(locals, program.locals_max, Value());
    if (scope.actor_id() != 0 && program.user != program::kNone)
        locals[program::kActor] = Value::record_of(program.user, scope.actor_id());
    return locals;
}

static bool holds(Records& records, Entry& entry, const program::ExpressionPtr& condition, const Value* locals) {
    if (!condition) return false;
    feel::Frame frame = records.frame(&entry, locals, &condition->reads());
    return condition->evaluate(frame).is_true();
}

std::string_view Records::Parts::holders(const query::AccessScope& scope) {
    if (shares_actor != scope.actor_id() || shares_roles != scope.roles()) {
        shares.clear();
        shares_actor = scope.actor_id();
        shares_roles = scope.roles();
        shares_holders = holders_of(program, scope);
    }
    return shares_holders;
}

// All that is shared of an entity in one statement, before many of its records are asked for.
Result<void> Records::Parts::load_shares(EntityId entity, const query::AccessScope& scope) {
    if (!program.entities[entity].shareable || scope.sees_everything()) return {};
    std::string_view mine = holders(scope);
    Shares& known = shares[entity];
    if (known.all) return {};
    LEAT_TRY(auto found, shares_with(connection, program.entities[entity].name, mine));
    for (const auto& [record, right] : found) known.rights[record] = right;
    known.all = true;
    return {};
}

ShareRight Records::Parts::shared(Entry& entry, const query::AccessScope& scope) {
    if (!entry.plan->entity.shareable || entry.created || scope.sees_everything()) return ShareRight::none;
    std::string_view mine = holders(scope);
    Shares& known = shares[entry.entity];
    auto at = known.rights.find(entry.id);
    if (at != known.rights.end()) return at->second;
    if (known.all) return ShareRight::none;
    auto found = share_of(connection, entry.plan->entity.name, entry.id, mine);
    if (!found) {
        fail(std::move(found.error()));
        return ShareRight::none;
    }
    known.rights[entry.id] = *found;
    return *found;
}

Result<bool> Records::share(Row& row, std::string_view holder, ShareRight right) {
    parts_->shares.clear();
    ++parts_->stamp;  // rights that are remembered may be others now
    return set_share(connection_, of(row).plan->entity.name, row.id, holder, right);
}

bool Records::Parts::may(Entry& entry, const query::AccessScope& scope, program::ExpressionPtr AccessRule::*right) {
    if (scope.sees_everything()) return true;
    const program::Entity& entity = entry.plan->entity;
    if (entity.owner != program::kNone) {
        const Value& owner = entry.fields[entity.owner_field];
        if (owner.is_null()) return false;
        auto row = load(entity.owner, owner.record.id);
        if (!row) {
            fail(std::move(row.error()));
            return false;
        }
        if (!*row) return false;
        // Whoever changes a record may change its lines: adding and deleting them are changes of it, and of its list.
        bool edits = right == &AccessRule::add || right == &AccessRule::delete_ || right == &AccessRule::write;
        if (!may(**row, scope, edits ? &AccessRule::write : right)) return false;
        return field_rights(**row, scope, edits)[entity.owner_list] >= (edits ? FieldRight::write : FieldRight::read);
    }
    if (entry.opened && right == &AccessRule::read) return true;
    if (right == &AccessRule::read && shared(entry, scope) != ShareRight::none) return true;
    if (right == &AccessRule::write && shared(entry, scope) == ShareRight::write) return true;
    const Value* locals = nullptr;
    for (const AccessRule& rule : entity.access) {
        if (!scope.has(rule.role) || !(rule.*right)) continue;
        if (!locals) locals = access_locals(scope);
        if (holds(records, entry, rule.*right, locals)) return true;
    }
    return false;
}

bool Records::may(Row& row, const query::AccessScope& scope, program::ExpressionPtr AccessRule::*right) {
    return parts_->may(of(row), scope, right);
}

void Records::open_for_reading(Row& row, bool opened) {
    of(row).opened = opened;
    ++parts_->stamp;  // rights that are remembered may be others now
}

void Records::Parts::narrow_by_state(Entry& entry, std::vector<FieldRight>& out) {
    const program::Entity& entity = entry.plan->entity;
    auto narrow = [&](const program::Flow& flow, flow::StateId state) {
        for (; state != flow::kNone && state < flow.states.size(); state = flow.chart.states[state].parent) {
            for (const auto& [field, right] : flow.states[state].fields) out[field] = std::min(out[field], right);
        }
    };
    for (uint32_t number : entity.flows) {
        const program::Flow& flow = program.flow_of(number, entry.fields);
        bool narrows = std::any_of(flow.states.begin(), flow.states.end(),
                                   [](const auto& state) { return !state.fields.empty(); });
        if (!narrows) continue;
        std::string_view names;
        if (flow.configuration_field != program::kNone && !entry.fields[flow.configuration_field].is_null()) {
            names = entry.fields[flow.configuration_field].as_string();
        } else if (!entry.fields[flow.state_field].is_null()) {
            names = entry.fields[flow.state_field].as_string();
        }
        while (!names.empty()) {
            size_t space = names.find(' ');
            std::string_view name = names.substr(0, space);  // with the entry it was entered by: "signing:3"
            narrow(flow, flow.chart.find(name.substr(0, name.rfind(':'))));
            names = space == std::string_view::npos ? std::string_view{} : names.substr(space + 1);
        }
    }
}

// Of the fields that a rule does not list.
FieldRight Records::Parts::base_right(Entry& entry, const AccessRule& rule, const Value* locals, bool for_write,
                                      ShareRight share) {
    // Whoever may add a record fills it in, in the command that makes it.
    if (for_write && (share == ShareRight::write || holds(records, entry, rule.write, locals) ||
                      (entry.created && holds(records, entry, rule.add, locals))))
        return FieldRight::write;
    if (entry.opened || share != ShareRight::none || holds(records, entry, rule.read, locals)) return FieldRight::read;
    return FieldRight::none;
}

static FieldRight listed(const AccessRule& rule, FieldId field) {
    for (const auto& [one, given] : rule.fields)
        if (one == field) return given;
    return FieldRight::write;
}

// What the actor's rules give, before the record's states narrow it.
void Records::Parts::granted(Entry& entry, const query::AccessScope& scope, bool for_write,
                             std::vector<FieldRight>& out) {
    const program::Entity& entity = entry.plan->entity;
    const Value* locals = access_locals(scope);
    const ShareRight share = shared(entry, scope);
    bool ruled = false;
    for (const AccessRule& rule : entity.access) {
        if (!scope.has(rule.role)) continue;
        ruled = true;
        FieldRight base = base_right(entry, rule, locals, for_write, share);
        if (base == FieldRight::none) continue;
        for (const Field& field : entity.fields)
            out[field.id] = std::max(out[field.id], std::min(base, listed(rule, field.id)));
    }
    if (ruled) return;
    if (entry.opened) std::fill(out.begin(), out.end(), FieldRight::read);
    if (share == ShareRight::none) return;
    // Shared with somebody none of whose roles is ruled here: he sees what no role is denied.
    FieldRight base = for_write && share == ShareRight::write ? FieldRight::write : FieldRight::read;
    for (const Field& field : entity.fields) {
        FieldRight right = base;
        for (const AccessRule& rule : entity.access) right = std::min(right, listed(rule, field.id));
        out[field.id] = std::max(out[field.id], right);
    }
}

const std::vector<FieldRight>& Records::Parts::field_rights(Entry& entry, const query::AccessScope& scope,
                                                            bool for_write) {
    bool same_actor = rights_row == &entry && rights_everything == scope.sees_everything() &&
                      rights_actor == scope.actor_id() && rights_roles == scope.roles();
    if (same_actor && rights_for_write == for_write && rights_stamp == stamp) return rights;
    const program::Entity& entity = entry.plan->entity;
    std::vector<FieldRight> out(entity.fields.size(), FieldRight::none);
    const FieldRight full = for_write ? FieldRight::write : FieldRight::read;
    if (scope.sees_everything()) {
        std::fill(out.begin(), out.end(), full);
    } else if (entity.owner != program::kNone) {
        // A line is as open as the list that owns it.
        const Value& owner = entry.fields[entity.owner_field];
        auto row = owner.is_null() ? Result<Entry*>(nullptr) : load(entity.owner, owner.record.id);
        if (!row)
            fail(std::move(row.error()));
        else if (*row)
            std::fill(out.begin(), out.end(), field_rights(**row, scope, for_write)[entity.owner_list]);
    } else {
        granted(entry, scope, for_write, out);
        narrow_by_state(entry, out);
    }
    if (for_write) {
        for (const Field& field : entity.fields) {
            bool computed = field.formula || field.origin != program::Origin::declared;
            if (computed && !scope.sees_everything()) out[field.id] = std::min(out[field.id], FieldRight::read);
        }
    }
    rights = std::move(out);
    rights_row = &entry;
    rights_everything = scope.sees_everything();
    rights_actor = scope.actor_id();
    rights_roles = scope.roles();
    rights_for_write = for_write;
    rights_stamp = stamp;
    return rights;
}

FieldRight Records::field_right(Row& row, FieldId field, const query::AccessScope& scope, bool for_write) {
    return parts_->field_rights(of(row), scope, for_write)[field];
}

}  // namespace leat::record
