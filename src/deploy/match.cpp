#include "deploy/match.hpp"

#include <algorithm>

namespace leat::deploy {

namespace {

using program::Entity;
using program::Field;
using program::Flow;
using program::Origin;
using program::Program;

class Matching {
 public:
    Matching(const Program& former, const Program& next, const Renames* back)
        : former_(former), next_(next), renames_(back ? *back : Renames{}), back_(back) {
        auto none = [](size_t size) { return std::vector<uint32_t>(size, kNone); };
        match_.entity_before = none(next.entities.size());
        match_.entity_after = none(former.entities.size());
        match_.flow_before = none(next.flows.size());
        match_.flow_after = none(former.flows.size());
        match_.field_before.resize(next.entities.size());
        match_.field_after.resize(former.entities.size());
        match_.values.resize(next.entities.size());
        match_.states.resize(next.flows.size());
        match_.mapped.resize(next.flows.size());
        match_.timers.assign(next.flows.size(), "keep");
        for (const Entity& entity : next.entities) {
            match_.field_before[entity.id] = none(entity.fields.size());
            match_.values[entity.id].resize(entity.fields.size());
        }
        for (const Entity& entity : former.entities) match_.field_after[entity.id] = none(entity.fields.size());
    }

    Match run(const std::string& from_hash) {
        for (const auto& migration : next_.migrations) {
            bool meant = migration.from.empty() ||
                         std::any_of(migration.from.begin(), migration.from.end(), [&](const std::string& from) {
                             return from == former_.app_version || (from.size() >= 6 && from_hash.starts_with(from));
                         });
            if (!meant || back_) continue;
            match_.migrations.push_back(&migration);
            renames_.insert(renames_.end(), migration.renames.begin(), migration.renames.end());
        }
        for (const Entity& entity : next_.entities)
            if (entity.owner == kNone) pair_entities(entity, former_.find_entity(former_entity(entity)));
        // Lines are called after the list that owns them.
        for (const Entity& entity : next_.entities) {
            if (entity.owner == kNone || match_.entity_before[entity.owner] == kNone) continue;
            FieldId list = match_.field_before[entity.owner][entity.owner_list];
            if (list == kNone) continue;
            const Field& was = former_.entities[match_.entity_before[entity.owner]].fields[list];
            if (was.owned) pair_entities(entity, &former_.entities[was.to]);
        }
        for (const Flow& flow : next_.flows)
            if (!flow.pinned) pair_flows(flow);
        for (const Flow& flow : next_.flows)
            if (flow.pinned) pair_columns_of_former(flow);
        return std::move(match_);
    }

 private:
    // The former name of something that is called `now` inside of `path` (as it was); `same` where nothing tells.
    std::string former(const std::string& path, const std::string& now, const std::string& was) const {
        const std::string prefix = path.empty() ? "" : path + ".";
        for (const auto& [old, name] : renames_)
            if (name == now && old.starts_with(prefix) && old.find('.', prefix.size()) == std::string::npos)
                return old.substr(prefix.size());
        return was.empty() || back_ ? now : was;
    }

    std::string former_entity(const Entity& entity) const {
        std::string was = entity.was;
        if (was.empty())  // records that a flow about nothing made are called after it
            if (const Flow* flow = next_.find_flow(entity.name); flow && flow->pure) was = flow->was;
        std::string name = former("", entity.name, was);
        const Entity* known = former_.find_entity(name);
        return known ? name : was.empty() || !former_.find_entity(was) ? entity.name : was;
    }

    void pair_entities(const Entity& now, const Entity* was) {
        if (!was || match_.entity_after[was->id] != kNone) return;
        match_.entity_before[now.id] = was->id;
        match_.entity_after[was->id] = now.id;
        for (const Field& field : now.fields) {
            if (field.origin == Origin::built_in) pair_fields(now, field, *was, &was->fields[field.id]);
            if (field.origin == Origin::owner && was->owner_field != kNone)
                pair_fields(now, field, *was, &was->fields[was->owner_field]);
            if (field.origin != Origin::declared) continue;
            const Field* before = was->find(former(was->name, field.name, field.was));
            if (!before) before = was->find(field.name);
            if (before && before->origin == Origin::declared) pair_fields(now, field, *was, before);
        }
    }

    void pair_fields(const Entity& now, const Field& field, const Entity& was, const Field* before) {
        if (match_.field_after[was.id][before->id] != kNone) return;
        match_.field_before[now.id][field.id] = before->id;
        match_.field_after[was.id][before->id] = field.id;
        if (!field.enumeration || !before->enumeration || field.origin != Origin::declared) return;
        Renames& values = match_.values[now.id][field.id];
        for (const auto& item : field.enumeration->items) {
            std::string old;
            for (const auto& [value, name] : field.enumeration_was)
                if (name == item.value) old = value;
            old = former(was.name + "." + before->name, item.value, old);
            if (old != item.value && before->enumeration->find(old) >= 0) values.emplace_back(old, item.value);
        }
    }

    void pair_flows(const Flow& now) {
        const Flow* was = former_.find_flow(former("", now.name, now.was));
        if (!was) was = former_.find_flow(now.name);
        if (!was || was->pinned || match_.flow_after[was->id] != kNone ||
            match_.entity_before[now.entity] != was->entity)
            return;
        match_.flow_before[now.id] = was->id;
        match_.flow_after[was->id] = now.id;
        const Entity& entity = next_.entities[now.entity];
        const Entity& former_entity = former_.entities[was->entity];
        auto column = [&](FieldId to, FieldId from) {
            if (to != kNone && from != kNone)
                pair_fields(entity, entity.fields[to], former_entity, &former_entity.fields[from]);
        };
        column(now.state_field, was->state_field);
        column(now.since_field, was->since_field);
        column(now.entries_field, was->entries_field);
        column(now.version_field, was->version_field);
        column(now.data_field, was->data_field);
        column(now.configuration_field, was->configuration_field);
        map_states(now, *was);
        // Compound states with columns of their own.
        for (const auto& part : now.states) {
            if (part.state_field == kNone) continue;
            for (const auto& [old, name] : match_.states[now.id]) {
                const flow::StateId before = was->chart.find(old);
                if (name != part.name || before == flow::kNone) continue;
                column(part.state_field, was->states[before].state_field);
                column(part.since_field, was->states[before].since_field);
            }
        }
    }

    // Columns that only records on a former version have need of.
    void pair_columns_of_former(const Flow& now) {
        const uint32_t before = match_.flow_before[now.current];
        if (before == kNone) return;
        const Flow& was = former_.flows[before];
        auto former_column = [&](FieldId Flow::*member) {
            if (was.*member != kNone) return was.*member;
            for (const auto& [version, place] : was.versions)
                if (former_.flows[place].*member != kNone) return former_.flows[place].*member;
            return kNone;
        };
        for (FieldId Flow::*member : {&Flow::data_field, &Flow::configuration_field}) {
            const FieldId from = former_column(member);
            if (now.*member == kNone || from == kNone) continue;
            const Entity& entity = next_.entities[now.entity];
            if (match_.field_before[entity.id][now.*member] == kNone)
                pair_fields(entity, entity.fields[now.*member], former_.entities[was.entity],
                            &former_.entities[was.entity].fields[from]);
        }
    }

    void map_states(const Flow& now, const Flow& was) {
        auto& states = match_.states[now.id];
        for (const auto* migration : match_.migrations) {
            for (const auto& [flow, pairs] : migration->maps) {
                if (flow != now.name) continue;
                match_.mapped[now.id] = true;
                match_.timers[now.id] = migration->timers;
                for (const auto& [old, name] : pairs) states.emplace(old, name);
            }
        }
        for (const auto& part : now.states) {
            std::string old = former(was.name, part.name, part.was);
            if (old == part.name) continue;
            match_.mapped[now.id] = true;
            states.emplace(old, part.name);
        }
        for (const auto& part : now.states) states.emplace(part.name, part.name);
    }

    const Program& former_;
    const Program& next_;
    Renames renames_;
    const bool back_;
    Match match_;
};

}  // namespace

Match match(const Program& former, const Program& next, const std::string& from_hash, const Renames* back) {
    return Matching(former, next, back).run(from_hash);
}

Renames reversed(const Match& match, const Program& former, const Program& next) {
    Renames out;
    for (const Entity& entity : next.entities) {
        EntityId was = match.entity_before[entity.id];
        if (was == kNone) continue;
        const Entity& before = former.entities[was];
        if (entity.owner == kNone && entity.name != before.name) out.emplace_back(entity.name, before.name);
        for (const Field& field : entity.fields) {
            FieldId old = match.field_before[entity.id][field.id];
            if (old == kNone || field.origin != Origin::declared) continue;
            if (field.name != before.fields[old].name)
                out.emplace_back(entity.name + "." + field.name, before.fields[old].name);
            for (const auto& [value, name] : match.values[entity.id][field.id])
                out.emplace_back(entity.name + "." + field.name + "." + name, value);
        }
    }
    for (const Flow& flow : next.flows)
        if (!flow.pinned && match.flow_before[flow.id] != kNone &&
            former.flows[match.flow_before[flow.id]].name != flow.name)
            out.emplace_back(flow.name, former.flows[match.flow_before[flow.id]].name);
    return out;
}

}  // namespace leat::deploy
