// The compiler behind compile(): one pass object, thrown away afterwards. Internal to this room.
//
// Order (compile.cpp, Compiler::run): application → entities and fields are declared → flows declare states, events and
// their columns → functions and decisions are declared → formulas, decisions, functions are compiled → order (ranks,
// dependents, virtual formulas) → everything that uses them. Each method group lives in the file named in its comment.
#pragma once
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/model.hpp"
#include "program/currency.hpp"
#include "program/names.hpp"
#include "program/program.hpp"
#include "program/reads.hpp"

namespace leat::program {

// An entity while it is put together: what the sections say, in the order in which fields stand.
struct EntityDraft {
    const model::Entity* section = nullptr;  // nullptr: a line entity or a built-in one
    std::vector<const model::Entity*> extensions;
    std::vector<const model::Mixin*> mixins;
    std::vector<const model::Field*> fields;  // parallel to the declared fields of the entity, from first_field
    FieldId first_field = kFirstField;
    Span span;
};

// One formula asks for another's type while it is compiled; beyond this depth the declared type must do.
inline constexpr uint32_t kTypeDepth = 32;

// Bounds of one application, so that no definition can make loading slow: looking names up is linear.
inline constexpr size_t kEntitiesMax = 2'000, kFieldsMax = 1'000, kFunctionsMax = 2'000, kStatesMax = 1'000,
                        kTransitionsMax = 5'000;

// How far a formula field has come.
enum class FormulaState : uint8_t { untouched, compiling, compiled };
struct FormulaDraft {
    FormulaState state = FormulaState::untouched;
    const model::Field* source = nullptr;
};

// A decision, scorecard or service while it is put together.
struct DecisionDraft {
    const model::Decision* source = nullptr;
    const model::Scorecard* scorecard = nullptr;
    bool service = false;
    bool broken = false;  // has no entity where it needs one: reported
    Text of;
    std::vector<model::Field> inputs;  // its own, then those that its requirements bring
    std::vector<uint32_t> needs;       // other drafts, directly
    uint32_t decision = kNone;
    uint32_t function = kNone;
    FormulaState state = FormulaState::untouched;  // first of its requirements, then of its compilation
};

// Where a state or transition of a chart was written.
struct StateDraft {
    const model::State* source = nullptr;  // nullptr: the root, or made by the compiler
};
struct TransitionDraft {
    const model::Transition* source = nullptr;  // nullptr: made by the compiler
    bool copy = false;                          // the same text again, for another approval: reports nothing
    std::string at;
};
struct FlowDraft {
    model::Flow source;  // the section with its extensions
    std::vector<StateDraft> states;
    std::vector<TransitionDraft> transitions;
    std::map<std::string, flow::StateId, std::less<>> state_by_name;
    std::vector<Text> timer_delays;                  // parallel to Flow::timers: a delay's name, or a duration
    std::vector<FieldId> guard_reads;                // what the flow's choices depend on
    std::vector<Text> data;                          // parallel to Flow::data: what they begin with
    std::vector<const model::Invoke*> invokes;       // parallel to Flow::invokes
    std::optional<model::Transition> no_transition;  // always empty
};

class Compiler final : public TypeResolver {
 public:
    Compiler(const model::Model& model, Program& program, const LoadOptions& options, Diagnostics& diagnostics);
    void run();

    feel::TypeRef field_type(EntityId entity, FieldId field) override;
    feel::TypeRef function_type(uint32_t function) override;

 private:
    // compile.cpp: reporting, texts, expressions.
    Diagnostic& error(std::string code, const Span& span, std::string message, std::string hint = {});
    Diagnostic& warning(std::string code, const Span& span, std::string message, std::string hint = {});
    void not_built(const Span& span, std::string_view what);
    bool gave_up() const;
    bool within(size_t count, size_t most, const Span& span, std::string_view what);
    void unknown(std::string code, const Text& name, std::string_view what, const std::vector<std::string>& candidates);
    bool declare(std::map<std::string, Span, std::less<>>& names, const Text& name, std::string_view what);
    Names names() const { return {program_, types_, const_cast<Compiler*>(this)}; }
    Names names_of(EntityId entity) const;          // record expressions: formulas, constraints, SLAs
    Names names_with_actor(EntityId entity) const;  // what flows and access see
    ExpressionPtr expression(const Text& text, const Names& names, feel::TypeRef expected = nullptr);
    void check_trees(const feel::ast::Node* node, const Text& source);
    ExpressionPtr noted(ExpressionPtr compiled);
    ExpressionPtr condition(const Text& text, const Names& names);  // boolean; warns where it may be null
    ExpressionPtr filter(const Text& text, const Names& names);     // boolean; null is no match
    std::unique_ptr<feel::Template> text_template(const Text& text, const Names& names);
    LocalizedTemplate templates(const model::Localized& texts, const Names& names);
    Titles titles(const model::Localized& texts) const;
    std::optional<bool> boolean(const Text& text, std::string_view what);
    std::optional<int64_t> integer(const Text& text, std::string_view what, int64_t low, int64_t high);
    std::optional<EntityId> entity_named(const Text& name, std::string_view what);
    std::optional<RoleId> role_named(const Text& name);
    std::optional<FieldId> field_named(EntityId entity, const Text& name);
    void reserve_locals(uint32_t count);

    // migration.cpp
    void migrations();
    void migration_set(const model::Migration& source, Migration& out);
    void migration_maps(const model::Migration& source, Migration& out);
    void check_former_names();

    // application.cpp
    void application();
    void roles();
    void include_roles();
    void calendars();
    void calendar_exceptions(const model::Calendar& source, calendar::Calendar& calendar);
    void settings();
    void setting(const model::Setting& source, Setting& out);

    // literal.cpp
    std::optional<Value> literal(const Text& text, const Field& shape);
    std::optional<Value> number_literal(const Text& text, const Field& shape);
    std::optional<Value> temporal_literal(const Text& text, const Field& shape);
    std::optional<Value> enum_literal(const Text& text, const Field& shape);
    std::optional<Value> duration_literal(const Text& text);
    Operand operand(const model::Operand& source, const Field& shape, const Names& names);
    Operand duration_operand(const model::Operand& source, const Names& names);
    Operand due_operand(const model::Operand& source, const Names& names);
    Operand text_operand(const model::Operand& source, const Names& names);
    void warn_spelled_name(const Text& text, const Names& names);
    Value constant_string(std::string_view text) { return Value::string(program_.arena.copy(text)); }

    // entity.cpp
    void declare_entities();
    void use_mixins(EntityDraft& draft, const model::Entity& section);
    void built_in_sources();
    EntityId add_entity(std::string name, EntityDraft draft);
    void add_lines(EntityId owner);
    void add_built_in_fields(Entity& entity);
    void declare_fields(EntityId entity);
    void declare_field(EntityId entity, const model::Field& source);
    Field& append_field(EntityId entity, std::string name, Origin origin);

    // field.cpp: a field's type and bounds.
    bool shape(const model::Field& source, const std::string& path, const EntityDraft* siblings, Field& out);
    void shape_scalar(const model::Field& source, FieldKind kind, const EntityDraft* siblings, Field& out);
    void shape_money(const model::Field& source, const EntityDraft* siblings, Field& out);
    void shape_enum(const model::Field& source, const std::string& path, Field& out);
    void shape_ref(const model::Field& source, Field& out);
    void shape_list(const model::Field& source, const std::string& path, Field& out);
    void shape_items(const model::Field& source, FieldKind kind, const std::string& path, Field& out);
    void shape_on_delete(const model::Field& source, Field& out);
    void bounds(const model::Field& source, Field& out);
    void digits_of(const model::Field& source, bool allowed, Field& out);
    void text_constraints(const model::Field& source, Field& out);
    void decimal_bound(const Text& text, std::string_view key, std::optional<Decimal>& out, bool allowed);
    void count_bound(const Text& text, std::string_view key, std::optional<uint32_t>& out, bool allowed);
    std::vector<Field> shapes(const std::vector<model::Field>& sources, const std::string& path, bool inputs = false);
    feel::TypeRef context_of(const std::vector<Field>& fields);
    feel::TypeRef named_type(const Text& text,
                             int depth = 0);  // functions: number, an entity's name, list<…>, and field types
    feel::TypeRef role_type();

    // formula.cpp
    void link_reverse_lists();
    void compile_formulas();
    void compile_formula(EntityId entity, FieldId field);
    void compile_field_parts(EntityId entity);
    void default_of(const model::Field& source, Field& field, const Names& names);

    // order.cpp
    void order_formulas();
    FunctionReads function_reads(uint32_t function);
    const feel::Reads* reads_of_function(uint32_t function);
    std::vector<FieldId> own_reads(const feel::Expression& expression, EntityId entity);
    void forbid_computed(const feel::Expression& expression, EntityId entity, const Span& span, std::string_view place);
    void forbid_computed(EntityId entity, FieldId field, const Span& span, std::string_view place);
    friend class FormulaOrder;
    friend class BoxCompiler;

    // rights.cpp: what hangs on an entity.
    void entity_parts();
    void key_of(EntityId entity, const Text& key);
    std::vector<KeyPart> key_parts(EntityId entity, const Text& key, std::string_view what);
    std::optional<KeyPart> key_part(EntityId entity, const Text& key, size_t begin, size_t end, std::string_view what);
    void series_of(EntityId entity, const model::Field& source, Field& field);
    void duplicates_of(EntityId entity, const std::vector<model::DuplicateRule>& rules);
    void groups_of(EntityId entity, const std::vector<model::Index>& groups, std::string_view what,
                   std::vector<std::vector<FieldId>>& out);
    void constraints_of(EntityId entity, const std::vector<model::Criterion>& sources);
    void access_of(EntityId entity, const std::vector<model::AccessRule>& rules);
    void search_of(EntityId entity, const std::vector<Text>& fields);
    void retention_of(EntityId entity, const model::Retention& source);
    void check_retentions();
    void form_of(EntityId entity, const std::vector<model::FormGroup>& groups);
    void access_fields(EntityId entity, const std::vector<model::AccessField>& fields,
                       std::vector<std::pair<FieldId, FieldRight>>& out, std::vector<FieldId>* required);
    std::vector<Criterion> criteria(const std::vector<model::Criterion>& sources, const Names& names,
                                    const std::string& at);

    // decision.cpp: declared.
    void collect_decisions();
    void declare_functions();
    void declare_model_functions();
    void declare_function(const model::Function& source);
    void require(uint32_t draft, std::vector<uint32_t>& path, std::vector<uint32_t>& order);
    void bring_inputs(DecisionDraft& draft, const DecisionDraft& needed, const Text& name);
    std::vector<Field> decision_inputs(const DecisionDraft& draft);
    void declare_decision(DecisionDraft& draft);
    bool plan_requirements(const DecisionDraft& draft, Decision& decision);
    Requirement::Source source_of_input(const DecisionDraft& draft, const Decision& decision, const Decision& needed,
                                        const Field& input);
    feel::TypeRef decision_type(const model::Decision& source, const Decision& decision, bool scorecard);
    bool is_dating(const model::TableColumn& column) const;
    uint32_t decision_locals_end(const Decision& decision) const;
    Names decision_names(const DecisionDraft& draft);
    void compile_function(uint32_t function);

    // decision_table.cpp: tables compiled and checked.
    void compile_decisions();
    void compile_decision(DecisionDraft& draft);
    void compile_decision_table(const DecisionDraft& draft, Decision& decision);
    std::unique_ptr<decision::Table> compiled_table(decision::TableSource table, const Names& names);
    bool decision_columns(const DecisionDraft& draft, const Decision& decision, decision::TableSource& table);
    bool decision_row(const model::Decision& source, const model::TableRow& row, decision::TableSource& table);
    bool dating_cells(const model::Decision& source, const model::TableRow& row, Text& out);
    Text allowed_of(const DecisionDraft& draft, const Decision& decision, const Text& header);
    bool decision_defaults(const model::Decision& source, const Decision& decision, decision::TableSource& table);
    void known_findings(const std::vector<Text>& allow);
    void check_table(const decision::Table& table, const std::vector<Text>& allow, const std::string& what);
    void add_decision_reads(Decision& decision);
    void add_reads(feel::Reads& to, const feel::Reads& from);

    // decision_logic.cpp: boxed expressions.
    uint32_t add_embedded_table(std::unique_ptr<decision::Table> table);
    ExpressionPtr logic(const model::Boxed& source, const Names& names, feel::TypeRef expected,
                        const std::vector<Text>& allow, std::string_view name);
    void compile_decision_logic(const DecisionDraft& draft, Decision& decision);

    // scorecard.cpp
    std::vector<Field> scorecard_outputs(const model::Scorecard& source);
    void compile_scorecard(const DecisionDraft& draft, Decision& decision);
    std::unique_ptr<decision::Table> attribute_table(const model::Characteristic& source, const Text& input,
                                                     const Text& allowed, const Names& names);
    bool characteristic(const model::Characteristic& source, const DecisionDraft& draft, const Names& names,
                        Characteristic& out);
    std::unique_ptr<decision::Table> band_table(const model::Scorecard& source, Names names, uint32_t local,
                                                const Field& band);

    struct Place {  // where a block of steps stands
        Flow* flow = nullptr;
        std::string at;
    };

    // chart.cpp: a flow's shape.
    void declare_flows();
    void merge_flow_extensions();
    void extend_states(std::vector<model::State>& to, const std::vector<model::State>& from);
    void extend_state(model::State& to, const model::State& from);
    bool declare_flow(FlowDraft& draft, Flow& flow);
    void declare_states(FlowDraft& draft, Flow& flow, const std::vector<model::State>& states, flow::StateId parent,
                        bool approved_heard);
    void declare_state(FlowDraft& draft, Flow& flow, const model::State& source, flow::StateId parent,
                       bool approved_heard);
    void state_type(const model::State& source, flow::ChartState& state);
    void initial_state(const FlowDraft& draft, Flow& flow, flow::StateId state, const Text& name);
    void state_column(Flow& flow, const std::string& name, const Span& span, bool remembers);
    void pinned_columns(Flow& flow, const model::Flow& source);
    void own_columns(Flow& flow, flow::StateId state, const Text& name);
    void child_columns(Flow& flow, flow::StateId state, const std::string& name, const Span& span, FieldId& state_field,
                       FieldId& since_field);
    Field* column(Flow& flow, const std::string& name, Origin origin, const Span& span);
    flow::StateId add_state(FlowDraft& draft, Flow& flow, std::string name, flow::StateId parent,
                            const model::State* source);
    void declare_events(FlowDraft& draft, Flow& flow);
    void declare_approvals(FlowDraft& draft, Flow& flow);
    void wire_flow(FlowDraft& draft, Flow& flow);
    void wire_state(FlowDraft& draft, Flow& flow, flow::StateId state);
    void wire_on(FlowDraft& draft, Flow& flow, flow::StateId state, const std::vector<model::EventTransitions>& on,
                 const std::string& at);
    void wire_after(FlowDraft& draft, Flow& flow, flow::StateId state, const model::State& source);
    void wire_transition(FlowDraft& draft, Flow& flow, flow::StateId state, const model::Transition& source,
                         flow::EventId event, bool copy, std::string at);
    void wire_approval_event(FlowDraft& draft, Flow& flow, flow::StateId state, const model::EventTransitions& source,
                             const std::string& at);
    void approval_end(FlowDraft& draft, Flow& flow, const model::State& source, flow::StateId id);
    void wire_approved(FlowDraft& draft, Flow& flow, flow::StateId state, const model::State& source,
                       const std::string& at);
    void wire_done(FlowDraft& draft, Flow& flow, flow::StateId state, const model::State& source,
                   const std::string& at);
    std::vector<flow::StateId> targets(const FlowDraft& draft, const Flow& flow, const model::Transition& source,
                                       bool copy);
    void check_targets(const Flow& flow, const std::vector<flow::StateId>& targets, const model::Transition& source);
    flow::EventId add_event(Flow& flow, std::string name, EventOrigin origin, flow::StateId state);

    // flow_data.cpp: what a flow remembers; where its states begin; events by descriptor.
    bool remembers(const model::Flow& source) const;
    void declare_start(const model::Flow& source, Flow& flow);
    void declare_data(FlowDraft& draft, Flow& flow);
    void declare_datum(Flow& flow, const Text& name, flow::StateId state);
    void compile_data(FlowDraft& draft, Flow& flow);
    Names flow_names(const Flow& flow);
    void wire_initial(FlowDraft& draft, Flow& flow, flow::StateId state, const Text& name,
                      const std::optional<model::Transition>& transition);
    void wire_descriptors(FlowDraft& draft, Flow& flow, flow::StateId state, const model::EventTransitions& source,
                          const std::string& at);
    Operand datum_operand(const model::Operand& source, const Datum& datum, const Names& names);
    void donedata(const model::State& source, const Names& names, const Flow& flow, StatePart& part);

    // verify_flow.cpp
    void verify_flow(const FlowDraft& draft, const Flow& flow, bool whole);
    void verify_events(const FlowDraft& draft, const Flow& flow);
    void verify_done(const FlowDraft& draft, const Flow& flow);
    void verify_choices(const FlowDraft& draft, const Flow& flow);
    void verify_never(const FlowDraft& draft, const Flow& flow, flow::StateId state);
    void verify_alternatives(const FlowDraft& draft, const Flow& flow, flow::StateId state);
    void verify_guards(const FlowDraft& draft, const Flow& flow, flow::StateId state);
    void verify_timers(const FlowDraft& draft, const Flow& flow);

    // invoke.cpp: child flows, undo.
    void wire_invokes(FlowDraft& draft, Flow& flow, flow::StateId state, const model::State& source,
                      const std::string& at);
    void wire_errors(FlowDraft& draft, Flow& flow);
    void compile_invokes(FlowDraft& draft, Flow& flow);
    void compile_invoke(const model::Invoke& source, Flow& flow, Invoke& out);
    void invoke_source(const model::Invoke& source, const Flow& flow, Invoke& out);
    void invoke_input(const model::Invoke& source, const Flow& flow, const Names& names, Invoke& out);
    uint32_t add_undo(const model::Steps& sources, Flow& flow, flow::StateId state, const Names& names,
                      const std::string& at);

    // scxml_step.cpp: the dialect's expressions and steps.
    bool fails(const std::function<void()>& work);
    Operand scxml_operand(const model::Operand& source, const Names& names);
    ExpressionPtr scxml_expression(const Text& text, const Names& names);
    bool scxml_step(const model::Step& source, const Names& names, const Place& place, Step& out);
    void scxml_params(const std::vector<model::Assignment>& sources, const Names& names, Step& out);

    // flow.cpp: what hangs on it.
    void compile_flows();
    void compile_events(FlowDraft& draft, Flow& flow);
    void compile_states(FlowDraft& draft, Flow& flow);
    void compile_transitions(FlowDraft& draft, Flow& flow);
    void compile_transition(FlowDraft& draft, Flow& flow, uint32_t number);

    // delay.cpp: durations, schedules and repeats.
    void timer_payloads(Flow& flow);
    void compile_timers(FlowDraft& draft, Flow& flow);
    void compile_timer(const model::Delay& delay, const Names& names, Timer& timer);
    void timer_every(const model::Operand& source, const Names& names, Timer& timer);
    void timer_times(const model::Delay& delay, const Names& names, Timer& timer);
    void timer_late(const Text& source, Timer& timer);
    void timer_reads(EntityId entity, Timer& timer);
    Pace pace(const model::Operand& source, const Names& names);
    void check_interval(const Pace& pace, const Span& span);
    std::optional<Schedule> schedule(const model::Operand& source, const Names& names);

    // approval.cpp
    std::unique_ptr<Approval> approval(const model::Approve& source, const FlowDraft& draft, const Flow& flow,
                                       const std::string& at);
    void approval_by(const model::ApproveBy& source, std::string_view key, const Span& span, const Names& names,
                     ApprovalBy& out);
    void approval_levels(const model::Approve& source, const Names& names, Approval& out);
    void approval_shown_by(const ApprovalBy& by, EntityId entity, std::vector<FieldId>& fields);
    void approval_ways(const model::Approve& source, const Names& names, Approval& out);
    void approval_not_built(const model::Approve& source);
    void approval_shown(const FlowDraft& draft, const Flow& flow, Approval& out);

    // step.cpp, record_step.cpp, message_step.cpp
    Steps steps(const model::Steps& sources, Names names, const Place& place);
    bool step(const model::Step& source, Names& names, const Place& place, Step& out);
    void step_let(const model::Step& source, Names& names, Step& out);
    void step_set(const model::Step& source, const Names& names, const Place& place, Step& out);
    void step_create(const model::Step& source, Names& names, Step& out);
    void step_copy(const model::Step& source, EntityId from, Step& out);
    void step_append(const model::Step& source, Names& names, Step& out);
    void step_update(const model::Step& source, const Names& names, Step& out);
    void step_delete(const model::Step& source, const Names& names, Step& out);
    void step_foreach(const model::Step& source, const Names& names, const Place& place, Step& out);
    void step_if(const model::Step& source, const Names& names, const Place& place, Step& out);
    void step_raise(const model::Step& source, const Place& place, Step& out);
    void step_send(const model::Step& source, const Names& names, const Place& place, Step& out);
    void send_to_relative(const model::Step& source, const Names& names, const Place& place, Step& out);
    void step_compensate(const model::Step& source, const Place& place, Step& out);
    void step_cancel_send(const model::Step& source, const Names& names, const Place& place, Step& out);
    void step_task(const model::Step& source, const Names& names, Step& out);
    void step_notify(const model::Step& source, const Names& names, Step& out);
    void step_call(const model::Step& source, Names& names, const Place& place, Step& out);
    void step_draw(const model::Step& source, const Names& names, Step& out);
    void step_assign(const model::Step& source, const Names& names, Step& out);
    void step_assert(const model::Step& source, const Names& names, Step& out);
    void step_log(const model::Step& source, const Names& names, Step& out);
    void assignments(const std::vector<model::Assignment>& sources, EntityId target, const Names& names, Step& out);
    void named_values(const std::vector<model::Assignment>& sources, const std::vector<Field>& fields,
                      std::string_view what, const Names& names, Step& out);
    void receiver(const model::Operand& source, const Names& names, std::string_view what, Step& out);
    bool bind_local(const Text& name, feel::TypeRef type, Names& names, uint32_t& slot);
    std::optional<EntityId> target_entity(const feel::Expression* target, const Text& text, std::string_view what);

    // automation.cpp, connector.cpp
    void declare_assignments();
    void compile_assignments();
    void declare_connectors();
    void declare_notices();
    void compile_notices();
    void compile_rules();
    bool compile_rule(const model::Rule& source, Rule& rule);
    bool rule_trigger(const model::Rule& source, Rule& rule);
    bool rule_state(const model::Rule& source, Rule& rule);
    bool rule_message(const model::Rule& source, Rule& rule);
    bool rule_every(const model::Rule& source, Rule& rule);
    bool without_record(const model::Steps& steps);
    void compile_slas();
    void compile_messages();
    void compile_message(const model::Message& source, Message& message);

    // report.cpp
    void compile_reports();
    bool compile_report(const model::Report& source, Report& report);
    void report_columns(const model::Report& source, Report& report);
    void report_sort(const model::Report& source, Report& report);

    void finish();

    const model::Model& model_;
    Program& program_;
    feel::Types& types_;
    const LoadOptions& options_;
    Diagnostics* diagnostics_;  // swapped while the same text is compiled a second time
    std::deque<model::Transition> made_transitions_;
    std::deque<model::Entity> made_entities_;  // of flows that are about nothing
    model::Model built_in_;                    // user and department as sections of their own
    std::vector<EntityDraft> drafts_;
    std::vector<std::vector<FormulaDraft>> formulas_;
    std::vector<FlowDraft> flow_drafts_;
    std::vector<const model::Function*> function_sources_;  // parallel to Program::functions; nullptr: a decision
    std::vector<FormulaState> function_states_;
    std::vector<DecisionDraft> decision_drafts_;
    std::vector<uint32_t> draft_of_decision_;     // parallel to Program::decisions
    std::deque<model::Decision> made_decisions_;  // of scorecards and services
    std::map<std::string, Span, std::less<>> entity_names_, function_names_;
    const feel::EnumType* role_enum_ = nullptr;
    uint32_t depth_ = 0;  // of formulas compiled because another one asks for their type
};

// Part [begin, end) of a text, with its own places.
Text slice(const Text& text, size_t begin, size_t end);
// Whether a text under `after` means to be a duration, a schedule or a repeat and not a delay's name.
bool is_delay_text(std::string_view text);
// "did you mean 'x'?" or "".
std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates);
// A constant as FEEL writes it: "high", 12.5, @"2026-01-01".
std::string feel_text(const Value& value);

}  // namespace leat::program
