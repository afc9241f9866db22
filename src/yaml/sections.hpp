// The readers of sections and of the parts they share, each a table of keys (keys.hpp). One file a family:
// read_entity, read_flow, read_steps, read_decision, read_boxed, read_scorecard, read_rules (rule, sla, message,
// connector, assignment), read_report (report, notice), read_migration, read_shared (app, roles, calendars, settings,
// functions).
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "model/model.hpp"
#include "yaml/keys.hpp"

namespace leat::yaml {

// The name of a section, its title and description: every section's first three keys.
template <class T>
std::vector<Key<T>> section_keys(const std::string& kind, std::vector<Key<T>> keys) {
    std::vector<Key<T>> all{K<T>::required(K<T>::text(kind, &T::name)), K<T>::localized("title", &T::title),
                            K<T>::localized("description", &T::description)};
    for (Key<T>& key : keys) all.push_back(std::move(key));
    return all;
}

// An `extend` section: it adds to an entity, to a flow, or to both that have the name.
struct Extension {
    model::Entity entity;
    model::Flow flow;
    bool of_entity = false, of_flow = false;
};

// Sections.
const Table<model::App>& app_table();
const Table<model::Entity>& entity_table();
const Table<Extension>& extend_table();
std::vector<Key<model::Flow>> added_flow_keys();  // those that an extension may give
const Table<model::Decision>& decision_table();
const Table<model::Scorecard>& scorecard_table();
const Table<model::Service>& service_table();
const Table<model::Flow>& flow_table();
const Table<model::Rule>& rule_table();
const Table<model::Sla>& sla_table();
const Table<model::Message>& message_table();
const Table<model::Connector>& connector_table();
const Table<model::AssignmentSection>& assignment_table();
const Table<model::Report>& report_table();
const Table<model::Notice>& notice_table();
const Table<model::Migration>& migration_table();
// What a flow's section says, whatever its layout; titles, descriptions and former names left out.
std::string flow_digest(const Node& document);
void finish_decision(Reader& reader, const Node& node,
                     model::Decision& decision);  // after the table: what keys demand of each other

// Plural sections: name to one of them.
void read_roles(Reader& reader, const Node& node, std::vector<model::Role>& roles);
void read_calendars(Reader& reader, const Node& node, std::vector<model::Calendar>& calendars);
void read_settings(Reader& reader, const Node& node, std::vector<model::Setting>& settings);
void read_functions(Reader& reader, const Node& node, std::vector<model::Function>& functions);
void read_mixins(Reader& reader, const Node& node, std::vector<model::Mixin>& mixins);
// A document `texts: LANGUAGE` whose other keys are paths.
void read_texts(Reader& reader, const Node& document, std::vector<model::Texts>& texts);

// Parts.
const Table<model::Role>& role_table();
const Table<model::Calendar>& calendar_table();
const Table<model::Setting>& setting_table();
const Table<model::Function>& function_table();
const Table<model::Field>& field_table();
const Table<model::Characteristic>& characteristic_table();
const Table<model::ScoreAttribute>& score_attribute_table();
const Table<model::Criterion>& criterion_table();
const Table<model::AccessRule>& access_table();
const Table<model::DuplicateRule>& duplicate_table();
const Table<model::Mixin>& mixin_table();
const Table<model::Entity>& form_table();
const Table<model::Retention>& retention_table();
const Table<model::FormGroup>& form_group_table();
const Table<model::State>& state_table();
const Table<model::Event>& event_table();
const Table<model::Delay>& delay_table();
const Table<model::Transition>& transition_table();
const Table<model::Transition>& on_table();
const Table<model::Transition>& initial_table();
const Table<model::Approve>& approve_table();
const Table<model::ApproveBy>& approve_by_table();
const Table<model::Approve>& approve_return_table();
const Table<model::Escalation>& escalation_table();
const Table<model::Invoke>& invoke_table();
const Table<model::Rule>& when_table();
const Table<model::Sla>& sla_on_table();
const Table<model::ConnectorOperation>& operation_table();
const Table<model::Pool>& pool_table();
const Table<model::Measure>& measure_table();
// JSON Schema of a step: one alternative a kind.
std::string step_schema();

void read_fields(Reader& reader, const Node& node, std::string_view key, std::vector<model::Field>& fields);
void read_criteria(Reader& reader, const Node& node, std::string_view key, std::vector<model::Criterion>& criteria);
void read_access_fields(Reader& reader, const Node& node, std::string_view key,
                        std::vector<model::AccessField>& fields);
void read_steps(Reader& reader, const Node& node, std::string_view key, model::Steps& steps);
void read_assignments(Reader& reader, const Node& node, std::string_view key, bool feel,
                      std::vector<model::Assignment>& out);
void read_transitions(Reader& reader, const Node& node, std::string_view key,
                      std::vector<model::Transition>& transitions);
// A boxed expression; what it is made of, for the schema.
model::Boxed read_boxed(Reader& reader, const Node& node);
const std::vector<const KeyInfo*>& boxed_keys();
const std::vector<const KeyInfo*>& boxed_relation_keys();
const std::vector<const KeyInfo*>& table_rule_keys();
const std::vector<std::string>& hit_words();
// The value of `table`: a pipe table or a list of rules.
void read_table(Reader& reader, const Node& node, model::Decision& decision);
// A pipe table, with the place of each cell.
void read_pipe_table(Reader& reader, const Text& text, model::Decision& decision);
void read_csv_table(Reader& reader, const Text& path, model::Decision& decision);
// The cells of CSV line `line` of a source with their places, as many as `cells`.
std::vector<Text> place_csv_cells(const Sources& sources, uint32_t source, uint32_t line,
                                  const std::vector<std::string>& cells);

}  // namespace leat::yaml
