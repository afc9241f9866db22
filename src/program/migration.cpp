// migration, `was`, former versions of flows: what can be known without the older definitions. The deployment holds
// them against those.
#include <algorithm>

#include <fmt/format.h>

#include "program/compiler.hpp"

namespace leat::program {

namespace {

std::vector<std::string> split(const std::string& path) {
    std::vector<std::string> parts(1);
    for (char c : path) {
        if (c == '.')
            parts.emplace_back();
        else
            parts.back() += c;
    }
    return parts;
}

}  // namespace

void Compiler::migrations() {
    check_former_names();
    for (const model::Migration& source : model_.migrations) {
        Migration out;
        out.name = source.name.text;
        out.span = source.span;
        out.timers = source.timers.empty() ? "keep" : source.timers.text;
        for (const Text& from : source.from) out.from.push_back(from.text);
        auto renamed = [&](const std::string& old) {
            for (const auto& [was, now] : source.rename)
                if (was.text == old) return now.text;
            return old.substr(old.rfind('.') + 1);
        };
        for (const auto& [was, now] : source.rename) {
            auto parts = split(was.text);
            std::string first = renamed(parts[0]);
            const Entity* entity = program_.find_entity(first);
            for (const Entity& one : program_.entities)
                if (!entity && one.was == parts[0]) entity = &one;
            const Flow* flow = program_.find_flow(first);
            for (const Flow& one : program_.flows)
                if (!flow && one.was == parts[0]) flow = &one;
            bool known = entity || flow;
            if (parts.size() == 2) {
                known = (entity && entity->find(now.text)) || (flow && flow->chart.find(now.text) != flow::kNone);
            } else if (parts.size() == 3) {
                const Field* field = entity ? entity->find(renamed(parts[0] + "." + parts[1])) : nullptr;
                if (entity)
                    for (const Field& one : entity->fields)
                        if (!field && one.was == parts[1]) field = &one;
                known = field && field->enumeration && field->enumeration->find(now.text) >= 0;
            }
            if (!known || parts.size() > 3)
                error("program.migration.rename", now.span,
                      fmt::format("'{}' cannot become '{}': there is no such thing in these definitions", was.text,
                                  now.text),
                      "write OLD_PATH: NEW_NAME, as in order.note: remark");
            out.renames.emplace_back(was.text, now.text);
        }
        migration_maps(source, out);
        migration_set(source, out);
        program_.migrations.push_back(std::move(out));
    }
}

void Compiler::migration_maps(const model::Migration& source, Migration& out) {
    for (const model::MigrationMap& map : source.map) {
        const Flow* flow = program_.find_flow(map.flow.text);
        if (!flow) {
            std::vector<std::string> known;
            for (const Flow& one : program_.flows) known.push_back(one.name);
            unknown("program.flow.unknown", map.flow, "flow", known);
            continue;
        }
        std::vector<std::pair<std::string, std::string>> states;
        for (const auto& [was, now] : map.states) {
            flow::StateId state = flow->chart.find(now.text);
            bool there = state != flow::kNone && state != 0;
            if (!there || flow->chart.states[state].type == flow::StateType::history) {
                std::vector<std::string> known;
                for (size_t i = 1; i < flow->states.size(); ++i) known.push_back(flow->states[i].name);
                error("program.state.unknown", now.span,
                      fmt::format("flow '{}' has no state '{}' that records could stand in", flow->name, now.text),
                      did_you_mean(now.text, known));
            }
            states.emplace_back(was.text, now.text);
        }
        out.maps.emplace_back(map.flow.text, std::move(states));
    }
}

void Compiler::migration_set(const model::Migration& source, Migration& out) {
    for (const model::MigrationSet& set : source.set) {
        auto entity = entity_named(set.entity, "'set'");
        if (!entity) continue;
        for (const auto& [name, formula] : set.fields) {
            auto id = field_named(*entity, name);
            if (!id) continue;
            const Field& field = program_.entities[*entity].fields[*id];
            if (field.origin != Origin::declared || !field.stored || field.formula)
                error("program.migration.set", name.span,
                      fmt::format("'{}' cannot be set: it is not a field that people fill in", name.text));
            out.sets.push_back({program_.entities[*entity].name, name.text, formula, name.span});
        }
    }
}

// One thing has one former name, and what is still there was not renamed.
void Compiler::check_former_names() {
    auto judge = [&](const std::string& was, const Span& span, bool still_there, std::map<std::string, Span>& seen) {
        if (was.empty()) return;
        if (still_there) {
            error("program.was", span, fmt::format("'was: {}' names something that is still there", was),
                  "rename it, or drop 'was'");
            return;
        }
        auto [first, made] = seen.emplace(was, span);
        if (made) return;
        Diagnostic& told = error("program.was", span, fmt::format("two things cannot both have been '{}'", was));
        told.notes.push_back({first->second, "the first is here"});
    };
    std::map<std::string, Span> entities, flows;
    for (const Entity& entity : program_.entities) {
        judge(entity.was, entity.span, program_.find_entity(entity.was), entities);
        std::map<std::string, Span> fields;
        for (const Field& field : entity.fields) {
            judge(field.was, field.span, entity.find(field.was), fields);
            std::map<std::string, Span> values;
            for (const auto& [was, now] : field.enumeration_was)
                judge(was, field.span, field.enumeration->find(was) >= 0, values);
        }
    }
    for (const Flow& flow : program_.flows) {
        if (flow.pinned) continue;
        judge(flow.was, flow.states[0].span, program_.find_flow(flow.was), flows);
        std::map<std::string, Span> states;
        for (const StatePart& state : flow.states)
            judge(state.was, state.span, flow.chart.find(state.was) != flow::kNone, states);
    }
}

// A former version shares the columns of the flow as it is now. What that one has no need of comes after all others, so
// that numbers of fields stay what they are without former versions.
void Compiler::pinned_columns(Flow& flow, const model::Flow& source) {
    const Flow& current = program_.flows[flow.current];
    const std::string name = program_.entities[flow.entity].fields[current.state_field].name;
    flow.state_field = current.state_field;
    flow.since_field = current.since_field;
    flow.entries_field = current.entries_field;
    flow.version_field = current.version_field;
    auto shared = [&](const std::string& column_name, Origin origin) {
        if (const Field* known = program_.entities[flow.entity].find(column_name)) return known->id;
        Field* field = column(flow, column_name, origin, source.name.span);
        field->kind = FieldKind::string;
        field->type = types_.basic(feel::TypeKind::string);
        return field->id;
    };
    if (remembers(source)) flow.data_field = shared(name + "_data", Origin::flow_data);
    if (!flow.flat) flow.configuration_field = shared(name + "_configuration", Origin::configuration);
}

}  // namespace leat::program
