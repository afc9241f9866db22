// A flow's shape: states, events and transitions by number, and the columns that hold its state.
#include <algorithm>
#include <array>
#include <type_traits>

#include <fmt/format.h>

#include "program/compiler.hpp"

namespace leat::program {

using feel::TypeKind;
using flow::StateId;
using flow::StateType;

namespace {

constexpr std::array<std::string_view, 5> kApprovalEvents = {"approved", "rejected", "returned", "withdrawn",
                                                             "expired"};

bool is_approval_event(std::string_view name) {
    return std::find(kApprovalEvents.begin(), kApprovalEvents.end(), name) != kApprovalEvents.end();
}

flow::EventId approval_event(const StatePart& part, std::string_view name) {
    if (name == "approved") return part.approved;
    if (name == "rejected") return part.rejected;
    if (name == "returned") return part.returned;
    if (name == "withdrawn") return part.withdrawn;
    return part.expired;
}

bool has_event(const std::vector<model::EventTransitions>& on, std::string_view name) {
    return std::any_of(on.begin(), on.end(),
                       [&](const model::EventTransitions& one) { return one.event.text == name; });
}

bool is_within(const flow::Chart& chart, StateId state, StateId ancestor) {
    while (state != flow::kNone && state != ancestor) state = chart.states[state].parent;
    return state == ancestor;
}

}  // namespace

void Compiler::declare_flows() {
    merge_flow_extensions();
    program_.flows.reserve(flow_drafts_.size());
    // Drafts point into their own sections: they may move, never be copied.
    static_assert(std::is_nothrow_move_constructible_v<FlowDraft>);
    std::vector<FlowDraft> kept;
    for (FlowDraft& draft : flow_drafts_) {
        Flow flow;
        flow.id = flow.current = static_cast<uint32_t>(program_.flows.size());
        if (!declare_flow(draft, flow)) continue;
        if (flow.pinned == 0) {
            program_.entities[flow.entity].flows.push_back(flow.id);
        } else {
            program_.flows[flow.current].versions.emplace_back(flow.pinned, flow.id);
        }
        program_.flows.push_back(std::move(flow));
        kept.push_back(std::move(draft));
    }
    flow_drafts_ = std::move(kept);
    for (size_t i = 0; i < flow_drafts_.size(); ++i) {
        size_t errors = diagnostics_->error_count();
        wire_flow(flow_drafts_[i], program_.flows[i]);
        if (program_.flows[i].pinned) continue;  // was verified when it was new
        // Where a target is unknown, more would only seem unreachable.
        verify_flow(flow_drafts_[i], program_.flows[i], diagnostics_->error_count() == errors);
    }
}

bool Compiler::declare_flow(FlowDraft& draft, Flow& flow) {
    const model::Flow& source = draft.source;
    flow.name = source.name.text;
    flow.was = source.was.text;
    flow.digest = source.digest;
    flow.pinned = source.pinned;
    flow.title = titles(source.title);
    if (!is_identifier(flow.name))
        error("program.name", source.name.span, fmt::format("'{}' cannot be a name", flow.name));
    flow.scxml = source.dialect.text == "scxml";
    flow.late = source.binding.text == "late";
    flow.pure = source.of.empty();
    auto entity = entity_named(flow.pure ? source.name : source.of, "'of'");
    if (!entity) return false;
    if (source.states.empty()) {
        error("program.flow.states", source.name.span, fmt::format("flow '{}' has no states", flow.name));
        return false;
    }
    flow.entity = *entity;
    if (flow.pinned) flow.current = static_cast<uint32_t>(program_.find_flow(flow.name) - program_.flows.data());
    add_state(draft, flow, flow.name, flow::kNone, nullptr);
    flow.chart.states[0].type = StateType::compound;
    flow.chart.strict = flow.scxml;
    declare_states(draft, flow, source.states, 0, has_event(source.on, "approved"));
    initial_state(draft, flow, 0, source.initial);
    if (flow.pinned)
        pinned_columns(flow, source);
    else
        state_column(flow, source.field.text.empty() ? "state" : source.field.text,
                     source.field.empty() ? source.name.span : source.field.span, remembers(source));
    for (StateId state = 1; state < draft.states.size(); ++state) {
        const model::State* part = draft.states[state].source;
        if (!part || part->field.empty() || flow.chart.states[state].type != StateType::compound) continue;
        own_columns(flow, state, part->field);
    }
    declare_events(draft, flow);
    declare_start(source, flow);
    declare_data(draft, flow);
    declare_approvals(draft, flow);
    return true;
}

StateId Compiler::add_state(FlowDraft& draft, Flow& flow, std::string name, StateId parent,
                            const model::State* source) {
    auto id = static_cast<StateId>(flow.chart.states.size());
    flow::ChartState state;
    state.name = name;
    state.parent = parent;
    state.depth = parent == flow::kNone ? 0 : flow.chart.states[parent].depth + 1;
    flow.chart.states.push_back(std::move(state));
    if (parent != flow::kNone) flow.chart.states[parent].children.push_back(id);
    if (parent != flow::kNone && parent != 0) flow.flat = false;
    StatePart part;
    part.name = name;
    if (source) {
        part.title = titles(source->title);
        part.outcome = source->outcome.text;
        part.was = source->was.text;
        part.span = source->name.span;
    }
    flow.states.push_back(std::move(part));
    draft.states.push_back({source});
    // SCXML gives its root no name that a state could take.
    if (id != 0 || !flow.scxml) draft.state_by_name.emplace(std::move(name), id);
    return id;
}

void Compiler::declare_states(FlowDraft& draft, Flow& flow, const std::vector<model::State>& states, StateId parent,
                              bool approved_heard) {
    for (const model::State& state : states) {
        auto known = draft.state_by_name.find(state.name.text);
        if (known != draft.state_by_name.end()) {
            Diagnostic& told =
                error("program.state.duplicate", state.name.span,
                      known->second == 0 ? fmt::format("state '{}' has the name of its flow", state.name.text)
                                         : fmt::format("there are two states called '{}'", state.name.text),
                      "state names are unique in a flow");
            told.notes.push_back(
                {known->second == 0 ? draft.source.name.span : flow.states[known->second].span, "first defined here"});
            continue;
        }
        bool named = flow.scxml ? is_nmtoken(state.name.text) : is_identifier(state.name.text);
        if (!named) {
            error("program.name", state.name.span, fmt::format("'{}' cannot be the name of a state", state.name.text),
                  "a name is letters, digits and '_', and no word of FEEL");
        }
        if (!within(flow.states.size(), kStatesMax, state.name.span, "states in one flow")) return;
        declare_state(draft, flow, state, parent, approved_heard);
    }
}

void Compiler::declare_state(FlowDraft& draft, Flow& flow, const model::State& source, StateId parent,
                             bool approved_heard) {
    StateId id = add_state(draft, flow, source.name.text, parent, &source);
    state_type(source, flow.chart.states[id]);
    approved_heard = approved_heard || has_event(source.on, "approved");
    if (flow.chart.states[id].type == StateType::history) {
        flow.chart.has_history = true;
        flow.chart.states[id].deep = source.history.text == "deep";
        return;
    }
    if (!source.states.empty()) {
        declare_states(draft, flow, source.states, id, approved_heard);
        if (flow.chart.states[id].type == StateType::compound) initial_state(draft, flow, id, source.initial);
        if (source.approve && !approved_heard) approval_end(draft, flow, source, id);
    } else if (!source.initial.empty() || source.initial_transition) {
        error("program.key", source.initial_transition ? source.initial_transition->span : source.initial.span,
              fmt::format("state '{}' has no children to begin with", source.name.text));
    }
    if (flow.chart.states[id].type == StateType::parallel && source.states.empty()) {
        error("program.state.parallel", source.name.span,
              fmt::format("parallel state '{}' has no regions", source.name.text));
    }
    if (source.approve && !approved_heard && source.states.empty() && flow.chart.states[id].type == StateType::atomic) {
        // Nothing hears `approved`: approving completes the state, so it gets an end to reach.
        flow.chart.states[id].type = StateType::compound;
        StateId pending = add_state(draft, flow, source.name.text + ".pending", id, nullptr);
        StateId done = add_state(draft, flow, source.name.text + ".approved", id, nullptr);
        flow.chart.states[id].initial = pending;
        flow.chart.states[done].type = StateType::final;
    }
    if (!source.field.empty() && (flow.chart.states[id].type != StateType::compound || source.states.empty())) {
        error("program.key", source.field.span,
              fmt::format("'{}' has no children of which one is active, so it has no 'field'", source.name.text),
              "a column tells which child of a compound state is active");
    }
}

void Compiler::state_type(const model::State& source, flow::ChartState& state) {
    const std::string& type = source.type.text;
    state.type = source.states.empty() ? StateType::atomic : StateType::compound;
    if (type == "parallel") {
        state.type = StateType::parallel;
    } else if (type == "final") {
        state.type = StateType::final;
        bool leaves = !source.on.empty() || !source.always.empty() || !source.after.empty() || source.on_done ||
                      source.on_error || source.approve || !source.invoke.empty();
        if (!source.states.empty() || leaves) {
            error("program.state.final", source.name.span,
                  fmt::format("final state '{}' cannot have {}", source.name.text,
                              leaves ? "transitions or approvals" : "children"));
        }
    } else if (type == "history") {
        state.type = StateType::history;
        bool more = !source.states.empty() || !source.on.empty() || !source.always.empty() || !source.after.empty() ||
                    source.on_done || source.on_error || source.approve || !source.invoke.empty() ||
                    !source.entry.empty() || !source.exit.empty() || !source.data.empty();
        if (more) {
            error("program.state.history", source.name.span,
                  fmt::format("history state '{}' is never active: it has nothing but 'history' and 'initial'",
                              source.name.text));
        }
    } else if (!type.empty()) {
        error("program.state.type", source.type.span, fmt::format("there is no state type '{}'", type),
              "one of parallel, final, history");
    }
    if (!source.history.empty() && state.type != StateType::history) {
        error("program.state.history", source.history.span, "'history' goes with 'type: history'");
    }
    if ((!source.donedata.empty() || !source.donedata_content.empty()) && state.type != StateType::final) {
        error("program.state.donedata", source.name.span,
              fmt::format("'{}' is not final and has no donedata", source.name.text), "write 'type: final'");
    }
    if (!source.outcome.empty() && state.type != StateType::final) {
        error("program.state.outcome", source.outcome.span,
              fmt::format("'{}' is not final and has no outcome", source.name.text), "write 'type: final'");
    }
}

// SCXML: without `initial` the first child.
void Compiler::initial_state(const FlowDraft& draft, Flow& flow, StateId state, const Text& name) {
    flow::ChartState& parent = flow.chart.states[state];
    for (auto child = parent.children.rbegin(); child != parent.children.rend(); ++child)
        if (flow.chart.states[*child].type != StateType::history) parent.initial = *child;
    if (parent.children.empty()) return;
    if (parent.initial == flow::kNone) {
        error("program.state.history", flow.states[parent.children.front()].span,
              fmt::format("'{}' has nothing but history states", parent.name), "they need a state to go back to");
        return;
    }
    if (name.empty()) return;
    std::vector<std::string> children;
    for (StateId child : parent.children) children.push_back(flow.chart.states[child].name);
    auto found = draft.state_by_name.find(name.text);
    bool inside =
        found != draft.state_by_name.end() && found->second != state && is_within(flow.chart, found->second, state);
    if (inside && flow.chart.states[found->second].parent == state &&
        flow.chart.states[found->second].type != StateType::history) {
        parent.initial = found->second;
    } else if (!inside) {
        error("program.state.unknown", name.span,
              fmt::format("'{}' has no state '{}' to begin with", parent.name, name.text),
              did_you_mean(name.text, children));
    }
}

Field* Compiler::column(Flow& flow, const std::string& name, Origin origin, const Span& span) {
    Entity& entity = program_.entities[flow.entity];
    if (const Field* other = entity.find(name)) {
        Diagnostic& told = error("program.duplicate", span,
                                 fmt::format("flow '{}' keeps its state in '{}', but {} has a field of that name",
                                             flow.name, name, entity.name),
                                 "name another column with 'field:'");
        told.notes.push_back({other->span, "first defined here"});
        return nullptr;
    }
    if (!is_identifier(name) || is_root(name)) {
        error("program.name", span, fmt::format("'{}' cannot be the name of a field", name));
    }
    Field& field = append_field(flow.entity, name, origin);
    field.span = span;
    return &field;
}

// The column of the active child of a state, and when that was entered.
void Compiler::child_columns(Flow& flow, StateId state, const std::string& name, const Span& span, FieldId& state_field,
                             FieldId& since_field) {
    bool root = state == 0;
    auto type = std::make_unique<feel::EnumType>();
    type->name = program_.entities[flow.entity].name + "." + name;
    std::vector<Titles> item_titles;
    for (StateId child : flow.chart.states[state].children) {
        if (flow.chart.states[child].type == StateType::history) continue;
        feel::EnumItem item{flow.chart.states[child].name, {}};
        for (const auto& [language, text] : flow.states[child].title.texts) item.titles.push_back(text);
        type->items.push_back(std::move(item));
        item_titles.push_back(flow.states[child].title);
    }
    // Outside of its state a state's own column is empty.
    if (Field* field = column(flow, name, Origin::state, span)) {
        field->kind = FieldKind::enumeration;
        field->enumeration = type.get();
        field->enumeration_titles = std::move(item_titles);
        field->title = root ? flow.title : flow.states[state].title;
        field->type = types_.enumeration(type.get(), !root);
        state_field = field->id;
    }
    program_.enumerations.push_back(std::move(type));
    if (Field* field = column(flow, name + "_since", Origin::since, span)) {
        field->kind = FieldKind::datetime;
        field->type = types_.basic(TypeKind::date_time, !root);
        since_field = field->id;
    }
}

// A former version keeps a state's own column as far as the flow still has it.
void Compiler::own_columns(Flow& flow, StateId state, const Text& name) {
    StatePart& part = flow.states[state];
    if (!flow.pinned) return child_columns(flow, state, name.text, name.span, part.state_field, part.since_field);
    const Entity& entity = program_.entities[flow.entity];
    const Field* column = entity.find(name.text);
    const Field* since = entity.find(name.text + "_since");
    if (!column || !since || column->origin != Origin::state || since->origin != Origin::since) return;
    part.state_field = column->id;
    part.since_field = since->id;
}

void Compiler::state_column(Flow& flow, const std::string& name, const Span& span, bool remembers) {
    child_columns(flow, 0, name, span, flow.state_field, flow.since_field);
    if (Field* field = column(flow, name + "_entries", Origin::entries, span)) {
        field->kind = FieldKind::integer;
        field->type = types_.decimal(0, false);
        flow.entries_field = field->id;
    }
    if (Field* field = column(flow, name + "_version", Origin::flow_version, span)) {
        field->kind = FieldKind::integer;
        field->type = types_.decimal(0);
        flow.version_field = field->id;
    }
    if (remembers) {
        if (Field* field = column(flow, name + "_data", Origin::flow_data, span)) {
            field->kind = FieldKind::string;
            field->type = types_.basic(TypeKind::string);
            flow.data_field = field->id;
        }
    }
    if (flow.flat) return;
    if (Field* field = column(flow, name + "_configuration", Origin::configuration, span)) {
        field->kind = FieldKind::string;
        field->type = types_.basic(TypeKind::string);
        flow.configuration_field = field->id;
    }
}

flow::EventId Compiler::add_event(Flow& flow, std::string name, EventOrigin origin, StateId state) {
    Event event;
    event.name = std::move(name);
    event.origin = origin;
    event.state = state;
    flow.events.push_back(std::move(event));
    return static_cast<flow::EventId>(flow.events.size() - 1);
}

void Compiler::declare_events(FlowDraft& draft, Flow& flow) {
    std::map<std::string, Span, std::less<>> known;
    for (const model::Event& source : draft.source.events) {
        if (!declare(known, source.name, "event")) continue;
        if (is_approval_event(source.name.text)) {
            error("program.event.reserved", source.name.span,
                  fmt::format("'{}' is raised by approvals and cannot be declared", source.name.text),
                  "choose another name");
            continue;
        }
        if (!is_identifier(source.name.text))
            error("program.name", source.name.span, fmt::format("'{}' cannot be a name", source.name.text));
        Event& event = flow.events[add_event(flow, source.name.text, EventOrigin::declared, flow::kNone)];
        event.title = titles(source.title);
        event.anybody_declared = true;
        event.payload = shapes(source.payload, flow.name + "." + source.name.text);
        event.payload_type = context_of(event.payload);
        for (const Text& role : source.allow) {
            if (auto id = role_named(role)) event.allow.push_back(*id);
        }
    }
}

void Compiler::declare_approvals(FlowDraft& draft, Flow& flow) {
    for (StateId state = 0; state < draft.states.size(); ++state) {
        const model::State* source = draft.states[state].source;
        if (!source || !source->approve) continue;
        StatePart& part = flow.states[state];
        part.approved = add_event(flow, "approved", EventOrigin::approval, state);
        part.rejected = add_event(flow, "rejected", EventOrigin::approval, state);
        part.returned = add_event(flow, "returned", EventOrigin::approval, state);
        part.withdrawn = add_event(flow, "withdrawn", EventOrigin::approval, state);
        part.expired = add_event(flow, "expired", EventOrigin::approval, state);
    }
}

void Compiler::wire_flow(FlowDraft& draft, Flow& flow) {
    wire_on(draft, flow, 0, draft.source.on, flow.name);
    wire_initial(draft, flow, 0, draft.source.initial, draft.source.initial_transition);
    for (StateId state = 1; state < draft.states.size(); ++state) wire_state(draft, flow, state);
    wire_errors(draft, flow);
    flow.chart.wide = std::any_of(flow.chart.transitions.begin(), flow.chart.transitions.end(),
                                  [](const auto& one) { return !one.also.empty() || !one.descriptors.empty(); });
}

void Compiler::wire_state(FlowDraft& draft, Flow& flow, StateId state) {
    const model::State* source = draft.states[state].source;
    if (!source) return;
    std::string at = flow.name + "." + flow.states[state].name;
    wire_initial(draft, flow, state, source->initial, source->initial_transition);
    if (flow.chart.states[state].type == StateType::history) return;
    wire_on(draft, flow, state, source->on, at);
    for (size_t i = 0; i < source->always.size(); ++i) {
        wire_transition(draft, flow, state, source->always[i], flow::kNone, false,
                        fmt::format("{}.always[{}]", at, i + 1));
    }
    wire_after(draft, flow, state, *source);
    wire_done(draft, flow, state, *source, at);
    wire_invokes(draft, flow, state, *source, at);
    wire_approved(draft, flow, state, *source, at);
}

void Compiler::wire_on(FlowDraft& draft, Flow& flow, StateId state, const std::vector<model::EventTransitions>& on,
                       const std::string& at) {
    for (const model::EventTransitions& source : on) {
        if (is_approval_event(source.event.text)) {
            wire_approval_event(draft, flow, state, source, at);
            continue;
        }
        if (flow.scxml || source.event.text.find_first_of(" *") != std::string::npos) {
            wire_descriptors(draft, flow, state, source, at);
            continue;
        }
        flow::EventId event = flow.find_event(source.event.text);
        if (event == flow::kNone) {
            std::vector<std::string> known;
            for (const Event& one : flow.events) {
                if (one.origin == EventOrigin::declared) known.push_back(one.name);
            }
            for (std::string_view name : kApprovalEvents) known.emplace_back(name);
            std::string hint = did_you_mean(source.event.text, known);
            error("program.event.unknown", source.event.span,
                  fmt::format("flow '{}' declares no event '{}'", flow.name, source.event.text),
                  hint.empty() ? fmt::format("write 'events: {{{}: [ROLE]}}'", source.event.text) : hint);
            continue;
        }
        for (size_t i = 0; i < source.transitions.size(); ++i) {
            wire_transition(draft, flow, state, source.transitions[i], event, false,
                            fmt::format("{}.on.{}[{}]", at, source.event.text, i + 1));
        }
    }
}

// An approval answers its own state and outwards: the transition is there once for each approval at or below it.
void Compiler::wire_approval_event(FlowDraft& draft, Flow& flow, StateId state, const model::EventTransitions& source,
                                   const std::string& at) {
    bool first = true;
    for (StateId opened = 0; opened < flow.states.size(); ++opened) {
        flow::EventId event = approval_event(flow.states[opened], source.event.text);
        if (event == flow::kNone || !is_within(flow.chart, opened, state)) continue;
        for (size_t i = 0; i < source.transitions.size(); ++i) {
            wire_transition(draft, flow, state, source.transitions[i], event, !first,
                            fmt::format("{}.on.{}[{}]", at, source.event.text, i + 1));
        }
        first = false;
    }
    if (first) {
        error("program.event.never", source.event.span,
              fmt::format("'{}' never comes here: '{}' and the states in it ask for no approval", source.event.text,
                          flow.chart.states[state].name),
              "approvals answer their own state and outwards");
    }
}

void Compiler::wire_after(FlowDraft& draft, Flow& flow, StateId state, const model::State& source) {
    for (const model::EventTransitions& after : source.after) {
        const std::string& delay = after.event.text;
        bool named = std::any_of(draft.source.delays.begin(), draft.source.delays.end(),
                                 [&](const model::Delay& one) { return one.name.text == delay; });
        if (!named && !is_delay_text(delay)) {
            std::vector<std::string> known;
            for (const model::Delay& one : draft.source.delays) known.push_back(one.name.text);
            std::string hint = did_you_mean(delay, known);
            error("program.delay.unknown", after.event.span, fmt::format("there is no delay '{}'", delay),
                  hint.empty() ? "declare it in 'delays:', or write a duration as P30D" : hint);
            continue;
        }
        Timer timer;
        timer.name = flow.states[state].name + "." + delay;
        timer.state = state;
        timer.event = add_event(flow, delay, EventOrigin::timer, state);
        flow.states[state].timers.push_back(static_cast<uint32_t>(flow.timers.size()));
        for (size_t i = 0; i < after.transitions.size(); ++i) {
            wire_transition(draft, flow, state, after.transitions[i], timer.event, false,
                            fmt::format("{}.{}.after.{}[{}]", flow.name, flow.states[state].name, delay, i + 1));
        }
        flow.timers.push_back(std::move(timer));
        draft.timer_delays.push_back(after.event);
    }
}

void Compiler::wire_done(FlowDraft& draft, Flow& flow, StateId state, const model::State& source,
                         const std::string& at) {
    if (!source.on_done) return;
    if (flow.chart.states[state].children.empty()) {
        error("program.state.done", source.on_done->span,
              fmt::format("'{}' has no children that could be done", source.name.text),
              source.approve ? "its 'approved' has a transition already" : "use 'always' or an event");
        return;
    }
    flow::EventId event = add_event(flow, "done", EventOrigin::done, state);
    wire_transition(draft, flow, state, *source.on_done, event, false, at + ".onDone");
}

std::vector<StateId> Compiler::targets(const FlowDraft& draft, const Flow& flow, const model::Transition& source,
                                       bool copy) {
    std::vector<StateId> out;
    auto add = [&](const Text& target) {
        auto found = draft.state_by_name.find(target.text);
        if (found != draft.state_by_name.end() && found->second != 0) {
            out.push_back(found->second);
        } else if (!copy) {
            std::vector<std::string> known;
            for (const auto& [name, id] : draft.state_by_name) {
                if (draft.states[id].source) known.push_back(name);
            }
            error("program.state.unknown", target.span,
                  fmt::format("flow '{}' has no state '{}'", flow.name, target.text), did_you_mean(target.text, known));
        }
    };
    add(source.target.text);
    for (const Text& target : source.more_targets) add(target);
    if (!copy) check_targets(flow, out, source);
    return out;
}

void Compiler::wire_transition(FlowDraft& draft, Flow& flow, StateId state, const model::Transition& source,
                               flow::EventId event, bool copy, std::string at) {
    if (!within(flow.transitions.size(), kTransitionsMax, source.span,
                "transitions in one flow (each counts once for each approval it answers)"))
        return;
    flow::ChartTransition transition;
    auto number = static_cast<uint32_t>(flow.chart.transitions.size());
    transition.source = state;
    transition.event = event;
    transition.number = number;
    if (!source.guard.empty()) transition.guard = number;
    if (!copy)
        transition.reenter = boolean(source.reenter, "reenter").value_or(false);
    else
        transition.reenter = source.reenter.text == "true";
    if (flow.scxml && source.reenter.empty()) transition.reenter = true;  // SCXML's default is external
    if (source.target.is_expression) {
        if (!copy)
            error("program.state.unknown", source.target.text.span,
                  "a target is the name of a state, not an expression");
    } else if (!source.target.empty()) {
        transition.targets = targets(draft, flow, source, copy);
    }
    TransitionPart part;
    part.at = at;
    part.span = source.span;
    part.skip_criteria = source.criteria.text == "skip";
    if (!copy && !source.criteria.empty() && !part.skip_criteria) {
        error("program.key", source.criteria.span,
              fmt::format("'criteria' can only be 'skip', not '{}'", source.criteria.text));
    }
    flow.chart.transitions.push_back(std::move(transition));
    flow.chart.states[state].transitions.push_back(number);
    flow.transitions.push_back(std::move(part));
    draft.transitions.push_back({&source, copy, std::move(at)});
}

}  // namespace leat::program
