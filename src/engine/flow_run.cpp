// Running flows: macrosteps after SCXML, with each microstep's effects applied to the pending records before the next
// guard is asked. Events to other records wait in one queue; nothing recurses.
#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "engine/configuration.hpp"
#include "engine/unit_of_work.hpp"
#include "timer/suspension.hpp"

namespace leat::engine {

using flow::StateId;
using program::Flow;
using record::Row;

int64_t UnitOfWork::entry_of(const Row& row, const Flow& definition, StateId state) {
    flow::Configuration configuration;
    std::vector<int64_t> entries;
    active_states(row, definition, configuration, &entries);
    for (size_t i = 0; i < configuration.size(); ++i)
        if (configuration[i] == state) return entries[i];
    return -1;
}

void UnitOfWork::store_configuration(Row& row, const Flow& definition, const flow::Microstep& step, int64_t entry) {
    const auto& chart = definition.chart;
    StateId top = flow::kNone;
    for (StateId id : step.configuration)
        if (id != 0 && chart.states[id].parent == 0) top = id;
    if (top == flow::kNone) return;
    const Value& before = row.fields[definition.state_field];
    bool top_entered = std::find(step.entered.begin(), step.entered.end(), top) != step.entered.end();
    Value name = Value::string(definition.states[top].name);
    if (before.is_null() || before.as_string() != name.as_string()) records_->set(row, definition.state_field, name);
    if (top_entered || before.is_null())
        records_->set(row, definition.since_field, Value::of(DateTime::from_utc_us(now_us_, program_.time_zone)));
    if (!step.entered.empty()) records_->set(row, definition.entries_field, Value::number(Decimal(entry)));
    if (definition.flat) return;
    flow::Configuration old;
    std::vector<int64_t> old_entries;
    active_states(row, definition, old, &old_entries);
    std::string text;
    for (StateId id : step.configuration) {
        if (id == 0) continue;
        int64_t at = entry;
        if (std::find(step.entered.begin(), step.entered.end(), id) == step.entered.end())
            for (size_t i = 0; i < old.size(); ++i)
                if (old[i] == id) at = old_entries[i];
        if (!text.empty()) text += ' ';
        text += fmt::format("{}:{}", definition.states[id].name, at);
    }
    records_->set(row, definition.configuration_field, Value::string(arena_.copy(text)));
    store_own_columns(row, definition, step);
}

// The columns of compound states that have their own: the active child, empty while the state is not active.
void UnitOfWork::store_own_columns(Row& row, const Flow& definition, const flow::Microstep& step) {
    for (StateId state = 1; state < definition.states.size(); ++state) {
        const auto& part = definition.states[state];
        if (part.state_field == program::kNone) continue;
        StateId active = flow::kNone;
        for (StateId id : step.configuration)
            if (definition.chart.states[id].parent == state) active = id;
        const Value& before = row.fields[part.state_field];
        if (active == flow::kNone) {
            if (before.is_null()) continue;
            records_->set(row, part.state_field, Value());
            records_->set(row, part.since_field, Value());
            continue;
        }
        bool entered = std::find(step.entered.begin(), step.entered.end(), active) != step.entered.end();
        if (!entered && !before.is_null()) continue;
        records_->set(row, part.state_field, Value::string(definition.states[active].name));
        records_->set(row, part.since_field, Value::of(DateTime::from_utc_us(now_us_, program_.time_zone)));
    }
}

// SCXML's In() asks at any moment: while states are left or entered one by one, those up to `last` are (Appendix D,
// exitStates and enterStates). `staying` is what is active after all of it, `moving` what is left or entered, in order.
void UnitOfWork::narrow_configuration(Row& row, const Flow& definition, const flow::Configuration& staying,
                                      const std::vector<StateId>& moving, StateId last) {
    if (definition.flat) return;
    flow::Configuration now;
    std::vector<int64_t> entries;
    active_states(row, definition, now, &entries);
    auto entry_at = [&](StateId state) {
        auto it = std::find(now.begin(), now.end(), state);
        return it == now.end() ? row.fields[definition.entries_field].as_number().to_int64().value_or(0)
                               : entries[static_cast<size_t>(it - now.begin())];
    };
    bool entering = std::find(staying.begin(), staying.end(), last) != staying.end();
    auto until = std::find(moving.begin(), moving.end(), last);
    std::vector<StateId> active;
    if (entering) {
        for (StateId state : staying)
            if (std::find(std::next(until), moving.end(), state) == moving.end()) active.push_back(state);
    } else {
        active = staying;
        active.insert(active.end(), std::next(until), moving.end());
        std::sort(active.begin(), active.end());
    }
    std::string text;
    for (StateId state : active)
        if (state != 0)
            text += fmt::format("{}{}:{}", text.empty() ? "" : " ", definition.states[state].name, entry_at(state));
    records_->set(row, definition.configuration_field, Value::string(arena_.copy(text)));
}

Result<void> UnitOfWork::check_criteria(Row& row, const std::vector<program::Criterion>& criteria,
                                        std::string_view code) {
    std::vector<Refusal> failed;
    for (const auto& criterion : criteria) {
        if (criterion.if_) {
            LEAT_TRY(bool applies, condition(*criterion.if_, &row, criterion.at));
            if (!applies) continue;
        }
        std::vector<std::string> fields;
        if (criterion.condition) {
            LEAT_TRY(Value value, evaluate(*criterion.condition, &row));
            if (value.is_true()) continue;
            if (value.kind != Kind::boolean && criterion.message.empty())
                return null_refusal(value, criterion.at, criterion.condition->source().text, &row);
            for (auto field : criterion.fields) fields.push_back(program_.entities[row.entity].fields[field].name);
        } else {
            for (auto field : criterion.required) {
                const Value& value = row.fields[field];
                const auto& definition = program_.entities[row.entity].fields[field];
                bool empty = value.is_null() || (value.kind == Kind::string && value.as_string().empty());
                if (definition.kind == program::FieldKind::list && !definition.scalar_list) {
                    LEAT_TRY(auto lines, records_->list(row, field));
                    empty = lines.empty();
                }
                if (empty) fields.push_back(definition.name);
            }
            if (fields.empty()) continue;
        }
        LEAT_TRY(std::string message, refusal_text(criterion.message, row, ""));
        if (message.empty()) {
            if (!criterion.required.empty()) {
                std::string names;
                for (const auto& name : fields) {
                    const auto* field = program_.entities[row.entity].find(name);
                    std::string_view title = field ? field->title.in(language()) : "";
                    names += (names.empty() ? "" : ", ") + std::string(title.empty() ? std::string_view{name} : title);
                }
                message =
                    language() == "zh" ? fmt::format("请先填写：{}", names) : fmt::format("fill in first: {}", names);
            } else {
                message = language() == "zh" ? fmt::format("条件未满足：{}", criterion.condition->source().text)
                                             : fmt::format("not met: {}", criterion.condition->source().text);
            }
        }
        auto where = pointers(&row, fields);
        failed.push_back({std::string(code), criterion.at, std::move(message), std::move(fields), std::move(where)});
    }
    if (failed.empty()) return {};
    return refuse_all(std::move(failed));
}

Result<bool> UnitOfWork::criteria_hold(Row& row, const std::vector<program::Criterion>& criteria) {
    size_t before = refusals_.size();
    auto checked = check_criteria(row, criteria, "criteria");
    if (checked) return true;
    if (checked.error().status != Status::ok) return std::move(checked.error());
    refusals_.resize(before);
    return false;
}

// On eventless transitions criteria act as guards (SEMANTICS 1.5).
Result<bool> UnitOfWork::transition_holds(Row& row, const Flow& definition, uint32_t number) {
    const auto& shape = definition.chart.transitions[number];
    if (shape.event != flow::kNone || definition.transitions[number].skip_criteria) return true;
    if (shape.source != 0) {
        LEAT_TRY(bool may_leave, criteria_hold(row, definition.states[shape.source].exit_criteria));
        if (!may_leave) return false;
    }
    for (StateId target : shape.targets) {
        LEAT_TRY(bool may_enter, criteria_hold(row, definition.states[target].entry_criteria));
        if (!may_enter) return false;
    }
    return true;
}

Result<flow::Selection> UnitOfWork::choose(Row& row, const Flow& definition, const flow::Configuration& configuration,
                                           const Queued* event) {
    Error problem;
    bool failed = false;
    Value null_value;
    auto fail = [&](Error error) {
        failed = true;
        problem = std::move(error);
        return flow::Truth::no;
    };
    auto ask = [&](uint32_t number) {
        if (failed) return flow::Truth::no;
        const auto& part = definition.transitions[number];
        if (part.guard_fails) {
            scxml_error(row, definition, "error.execution");
            return flow::Truth::no;
        }
        if (part.guard) {
            auto value = evaluate(*part.guard, &row);
            if (!value) return fail(std::move(value.error()));
            if (value->kind != Kind::boolean) {
                if (definition.scxml) {
                    scxml_error(row, definition, "error.execution");
                    return flow::Truth::no;
                }
                null_value = *value;
                return flow::Truth::null;
            }
            if (value->is_false()) return flow::Truth::no;
        }
        if (event) return flow::Truth::yes;
        auto holds = transition_holds(row, definition, number);
        if (!holds) return fail(std::move(holds.error()));
        return *holds ? flow::Truth::yes : flow::Truth::no;
    };
    const flow::History* history = definition.chart.has_history ? &memory(row, definition).history : nullptr;
    flow::Selection selection;
    if (event && !event->name.empty())
        selection = flow::select(definition.chart, configuration, event->name, ask, history);
    else
        selection = flow::select(definition.chart, configuration, event ? event->event : flow::kNone, ask, history);
    if (failed) return problem;
    if (selection.null_guard != flow::kNone) {
        const auto& part = definition.transitions[selection.null_guard];
        return null_refusal(null_value, part.at, part.guard->source().text, &row);
    }
    return selection;
}

Result<bool> UnitOfWork::eventless(Row& row, const Flow& definition) {
    if (!engine_.parts_->has_eventless[definition.id]) return false;
    flow::Configuration configuration;
    active_states(row, definition, configuration);
    if (configuration.empty() || (definition.data_field != program::kNone && memory(row, definition).ended))
        return false;
    use(row, definition);
    LEAT_TRY(flow::Selection selection, choose(row, definition, configuration, nullptr));
    if (selection.transitions.empty()) return false;
    const flow::History* history = definition.chart.has_history ? &memory(row, definition).history : nullptr;
    flow::Microstep step = flow::take(definition.chart, configuration, selection.transitions, history);
    LEAT_CHECK(apply(row, definition, configuration, step));
    return true;
}

// Each false guard says why, in its own words.
Result<void> UnitOfWork::refuse_guards(Row& row, const Flow& definition, const flow::Selection& selection) {
    std::vector<Refusal> refused;
    for (uint32_t number : selection.refused) {
        const auto& part = definition.transitions[number];
        LEAT_TRY(std::string message, refusal_text(part.message, row, ""));
        if (message.empty())
            message = language() == "zh" ? fmt::format("条件未满足：{}", part.guard->source().text)
                                         : fmt::format("not met: {}", part.guard->source().text);
        std::vector<std::string> fields;
        for (const auto& read : part.guard->reads().fields)
            if (!read.through_reference && read.entity == row.entity)
                fields.push_back(program_.entities[row.entity].fields[read.field].name);
        auto where = pointers(&row, fields);
        refused.push_back({"guard.none", part.at, std::move(message), std::move(fields), std::move(where)});
    }
    return refuse_all(std::move(refused));
}

Result<bool> UnitOfWork::take_event(Row& row, const Flow& definition, const Queued& event, bool refuse_unheard) {
    flow::Configuration configuration;
    active_states(row, definition, configuration);
    if (configuration.empty() || (definition.data_field != program::kNone && memory(row, definition).ended))
        return false;
    use(row, definition);
    LEAT_TRY(flow::Selection selection, choose(row, definition, configuration, &event));
    if (selection.transitions.empty()) {
        if (selection.heard && refuse_unheard) LEAT_CHECK(refuse_guards(row, definition, selection));
        return false;
    }
    const flow::History* history = definition.chart.has_history ? &memory(row, definition).history : nullptr;
    flow::Microstep step = flow::take(definition.chart, configuration, selection.transitions, history);
    failing_ = event.failed;
    auto applied = apply(row, definition, configuration, step);
    failing_ = false;
    LEAT_CHECK(std::move(applied));
    return true;
}

Result<void> UnitOfWork::apply(Row& row, const Flow& definition, const flow::Configuration& before,
                               const flow::Microstep& step) {
    const auto& chart = definition.chart;
    std::vector<int64_t> entries;
    if (!before.empty()) {
        flow::Configuration configuration;
        active_states(row, definition, configuration, &entries);
    }
    // Exit criteria bind the transitions declared in the state itself.
    for (uint32_t number : step.transitions) {
        const auto& shape = chart.transitions[number];
        const auto& part = definition.transitions[number];
        bool leaves = std::find(step.exited.begin(), step.exited.end(), shape.source) != step.exited.end();
        if (!part.skip_criteria && shape.source != 0 && leaves)
            LEAT_CHECK(check_criteria(row, definition.states[shape.source].exit_criteria, "criteria.exit"));
    }
    if (!step.remembered.empty()) {
        FlowMemory& kept = memory(row, definition);
        for (const auto& [history, states] : step.remembered) kept.history.put(history, states);
        kept.dirty = true;
    }
    flow::Configuration staying;
    if (definition.scxml)
        std::set_difference(step.configuration.begin(), step.configuration.end(), step.entered.begin(),
                            step.entered.end(), std::back_inserter(staying));
    for (StateId state : step.exited) {
        int64_t entry = 0;
        for (size_t i = 0; i < before.size(); ++i)
            if (before[i] == state && i < entries.size()) entry = entries[i];
        LEAT_CHECK(leave(row, definition, state, entry));
        if (definition.scxml) narrow_configuration(row, definition, staying, step.exited, state);
    }
    bool skip_entry = jumping_;
    for (uint32_t number : step.transitions) {
        skip_entry = skip_entry || definition.transitions[number].skip_criteria;
        LEAT_CHECK(flow_steps(definition.transitions[number].steps, row, definition));
    }
    const Value& counter = row.fields[definition.entries_field];
    int64_t entry = counter.is_null() ? 0 : counter.as_number().to_int64().value_or(0);
    if (!step.entered.empty()) ++entry;
    store_configuration(row, definition, step, entry);
    LEAT_CHECK(records_->settle());
    LEAT_CHECK(enter_all(row, definition, step, skip_entry, entry));
    return records_->settle();
}

// Appendix D, enterStates: a state's own entry, then the content of the initial and history transitions that brought
// it, then what its being final completes.
Result<void> UnitOfWork::enter_all(Row& row, const Flow& definition, const flow::Microstep& step, bool skip_criteria,
                                   int64_t entry) {
    const auto& chart = definition.chart;
    auto run_defaults = [&](StateId state) -> Result<void> {
        for (const auto& [of, transition] : step.defaults)
            if (of == state) LEAT_CHECK(flow_steps(definition.transitions[transition].steps, row, definition));
        return {};
    };
    for (StateId state : step.entered) {
        if (definition.scxml) narrow_configuration(row, definition, step.configuration, step.entered, state);
        if (state != 0) {
            if (!skip_criteria)
                LEAT_CHECK(check_criteria(row, definition.states[state].entry_criteria, "criteria.entry"));
            LEAT_CHECK(enter(row, definition, state, entry));
        }
        LEAT_CHECK(run_defaults(state));
        if (chart.states[state].type != flow::StateType::final) continue;
        LEAT_CHECK(done_events(row, definition, step, state));
    }
    // History may bring content to a parent that is not entered anew.
    for (const auto& [of, transition] : step.defaults)
        if (std::find(step.entered.begin(), step.entered.end(), of) == step.entered.end())
            LEAT_CHECK(flow_steps(definition.transitions[transition].steps, row, definition));
    return {};
}

Result<void> UnitOfWork::done_events(Row& row, const Flow& definition, const flow::Microstep& step,
                                     StateId final_state) {
    LEAT_TRY(Value data, done_data(row, definition, final_state));
    StateId parent = definition.chart.states[final_state].parent;
    if (parent == 0) return end_flow(row, definition, final_state, data);
    for (size_t i = 0; i < step.done.size(); ++i) {
        if (step.done_by[i] != final_state) continue;
        StateId state = step.done[i];
        Value given = state == parent ? data : Value();
        if (definition.scxml)
            internal_.push_back(
                {&row, definition.id, flow::kNone, false, false,
                 scxml_event("done.state." + definition.states[state].name, "platform", "", "", "", given),
                 arena_.copy("done.state." + definition.states[state].name)});
        for (flow::EventId id = 0; id < definition.events.size(); ++id) {
            const auto& event = definition.events[id];
            if (event.name == "done" && event.origin == program::EventOrigin::done && event.state == state)
                internal_.push_back({&row, definition.id, id, false, false, given});
        }
    }
    return {};
}

Result<void> UnitOfWork::leave(Row& row, const Flow& definition, StateId state, int64_t entry) {
    const auto& part = definition.states[state];
    note_state(row, definition, state, false);
    if (part.approval) LEAT_CHECK(cancel_tasks(row, definition, state, entry));
    LEAT_CHECK(flow_steps(part.exit, row, definition));
    if (!part.invokes.empty()) LEAT_CHECK(cancel_invokes(row, definition, state));
    if (part.undo != program::kNone && !failing_) remember_undo(row, definition, part.undo, 0, {});
    return {};
}

Result<void> UnitOfWork::enter(Row& row, const Flow& definition, StateId state, int64_t entry) {
    const auto& part = definition.states[state];
    note_state(row, definition, state, true);
    if (definition.late) LEAT_CHECK(begin_data(row, definition, state));
    for (uint32_t number : part.invokes) to_invoke_.push_back({&row, definition.id, number, entry});
    LEAT_CHECK(flow_steps(part.entry, row, definition));
    for (uint32_t number : part.timers) LEAT_CHECK(arm(row, definition, definition.timers[number], entry));
    if (part.approval) LEAT_CHECK(open_approval(row, definition, state, entry));
    return {};
}

Result<void> UnitOfWork::flow_steps(const program::Steps& block, Row& row, const Flow& definition) {
    if (block.empty()) return {};
    if (!definition.scxml) return steps(block, &row);
    LEAT_TRY(bool whole, scxml_block(block, row, definition));
    (void)whole;  // what went wrong is an event by now
    return {};
}

// Appendix D, the main loop's inner part: eventless transitions, then internal events, then what is to be invoked.
Result<void> UnitOfWork::macrostep(Row& first, const Flow& started) {
    Row* row = &first;
    const Flow* definition = &started;
    uint32_t left = engine_.options_.limits.microsteps_max;
    for (;;) {
        if (left-- == 0)
            return make_error(
                Status::limit, "limit.microsteps",
                fmt::format(
                    "flow '{}' of {} '{}' took {} steps without coming to rest: eventless transitions form a cycle",
                    definition->name, program_.entities[row->entity].name, row->key(),
                    engine_.options_.limits.microsteps_max));
        LEAT_TRY(bool moved, eventless(*row, *definition));
        if (moved) continue;
        if (!internal_.empty()) {
            Queued event = internal_.take();
            row = event.row;
            definition = &program_.flows[event.flow];
            locals_[program::kEvent] = event.payload;
            LEAT_TRY(bool taken, take_event(*row, *definition, event, false));
            (void)taken;  // an internal event that nothing takes is dropped
            continue;
        }
        LEAT_TRY(bool invoked, start_invokes());
        if (!invoked) return {};
    }
}

// An event for a suspended record waits like a timer that is due.
Result<void> UnitOfWork::hold(const Queued& event) {
    timer::Timer timer;
    timer.due_us = now_us_;
    timer.entity = program_.entities[event.row->entity].name;
    timer.record = event.row->id;
    const Flow& definition = program_.flows[event.flow];
    timer.name = fmt::format("send.{}:{}.{}.{}", definition.name, definition.events[event.event].name, sequence(),
                             ++sends_later_);
    timer.kind = timer::Kind::send;
    append_typed(program_, event.payload, timer.data);
    effects_ = true;
    note_cause(fmt::format("{} waits: the record is suspended", timer.name));
    return timer::hold(connection_, timer);
}

// Rules know the states of the flow as it is now; a former version's state of that name is the same to them.
void UnitOfWork::note_state(Row& row, const Flow& definition, StateId state, bool entered) {
    if (definition.pinned) state = program_.flows[definition.current].chart.find(definition.states[state].name);
    if (state != flow::kNone) state_changes_.push_back({&row, definition.current, state, entered});
}

Result<void> UnitOfWork::process(Queued& event) {
    Row& row = *event.row;
    if (row.deleted) return {};
    const Flow& definition = program_.flows[event.flow];
    if (is_suspended(row)) {
        if (event.must_be_heard || event.event == flow::kNone || event.invoke != program::kNone)
            return suspended_refusal(row);
        return hold(event);
    }
    locals_[program::kEvent] = event.payload;
    if (event.start) {
        LEAT_CHECK(begin_flow(row, definition));
        return macrostep(row, definition);
    }
    if (event.event != flow::kNone && event.event == definition.start && row.fields[definition.state_field].is_null()) {
        if (event.must_be_heard) heard_ = true;
        LEAT_CHECK(begin_flow(row, definition));
        return macrostep(row, definition);
    }
    if (definition.data_field != program::kNone) {
        LEAT_TRY(bool wanted, before_event(row, definition, event));
        if (!wanted) return {};
    }
    LEAT_TRY(bool taken, take_event(row, definition, event, event.must_be_heard));
    if (!taken && event.failed && !definition.scxml) LEAT_CHECK(unheard_failure(row, definition, event));
    // What a finalize or a guard raised is worked off in any case.
    if (!taken && internal_.empty()) return {};
    if (taken && event.must_be_heard) heard_ = true;
    return macrostep(row, definition);
}

// SEMANTICS 1.1: events, then formulas, then rules, then eventless transitions that a change may have freed, until
// nothing changes. A round is one rule or one freed transition, so the bound grows with the records that are touched.
Result<void> UnitOfWork::run() {
    const auto& limits = engine_.options_.limits;
    auto restless = [&](std::string_view what, uint64_t after) {
        auto last = causes_.end() - std::min<ptrdiff_t>(5, std::ssize(causes_));
        return make_error(Status::limit, "limit.rounds",
                          fmt::format("{} did not come to rest after {}; the last causes: {}", what, after,
                                      fmt::join(last, causes_.end(), ", ")));
    };
    for (uint64_t round = 0;; ++round) {
        if (round >= limits.rounds_max * (records_->touched().size() + 1)) return restless("rules", round);
        while (!queue_.empty()) {
            if (++events_ > uint64_t{2} * limits.records_max) return restless("events between records", events_ - 1);
            Queued event = queue_.take();
            LEAT_CHECK(process(event));
        }
        LEAT_CHECK(records_->settle());
        if (!quiet_) {
            LEAT_TRY(bool fired, run_rules());
            if (fired || !queue_.empty()) continue;
        }
        LEAT_TRY(bool moved, retry_eventless());
        if (moved || !queue_.empty()) continue;
        LEAT_TRY(bool drew, draw_numbers());
        if (drew) continue;
        if (has_host_error_) return std::move(host_error_);
        flush_memories();
        return {};
    }
}

}  // namespace leat::engine
