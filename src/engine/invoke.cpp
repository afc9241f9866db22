// Child flows and calls that run while a state is active: started when a macrostep comes to rest in it, cancelled when
// it is left, answered by an event (SCXML 6.4; several instances as BPMN has them).
#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "catalog/catalog.hpp"
#include "engine/configuration.hpp"
#include "engine/unit_of_work.hpp"
#include "record/column.hpp"

namespace leat::engine {

using flow::StateId;
using program::Flow;
using program::Invoke;
using record::Row;

// False: nothing was waiting to be started.
Result<bool> UnitOfWork::start_invokes() {
    if (to_invoke_.empty()) return false;
    std::vector<ToInvoke> waiting;
    waiting.swap(to_invoke_);
    for (const ToInvoke& one : waiting) {
        const Flow& definition = program_.flows[one.flow];
        const Invoke& invoke = definition.invokes[one.invoke];
        if (entry_of(*one.row, definition, invoke.state) != one.entry) continue;
        LEAT_CHECK(start_invoke(*one.row, definition, invoke, one.entry));
    }
    return true;
}

// False: under SCXML's dialect something in it cannot be computed; the invocation does not take place (6.4).
Result<bool> UnitOfWork::invoke_input(Row& row, const Flow& definition, const Invoke& invoke,
                                      std::vector<std::pair<std::string, Value>>& input) {
    for (const auto& one : invoke.input) {
        if (definition.scxml) {
            LEAT_TRY(auto value, scxml_value(one.value, row, definition));
            if (!value) return false;
            input.emplace_back(one.name, *value);
        } else {
            LEAT_TRY(Value value, evaluate(one.value, &row));
            input.emplace_back(one.name, value);
        }
    }
    return true;
}

Result<void> UnitOfWork::start_invoke(Row& row, const Flow& definition, const Invoke& invoke, int64_t entry) {
    use(row, definition);
    if (invoke.type.present) {
        LEAT_TRY(auto type, scxml_value(invoke.type, row, definition));
        if (!type) return {};
        std::string_view text = type->kind == Kind::string ? type->as_string() : std::string_view{};
        if (text != "scxml" && text != "http://www.w3.org/TR/scxml/" && text != "http://www.w3.org/TR/scxml") {
            scxml_error(row, definition, "error.execution");
            return {};
        }
    }
    Invoked invoked;
    invoked.number = invoke.number;
    invoked.entry = entry;
    invoked.id = invoke.id;
    FlowMemory& kept = memory(row, definition);
    kept.dirty = true;
    if (invoked.id.empty()) invoked.id = fmt::format("{}.{}", definition.states[invoke.state].name, ++kept.counter);
    if (invoke.id_datum != program::kNone)
        set_datum(row, definition, invoke.id_datum, Value::string(arena_.copy(invoked.id)));
    if (invoke.operation != program::kNone) {
        LEAT_CHECK(start_call(row, definition, invoke, invoked));
        memory(row, definition).invoked.push_back(std::move(invoked));
        return {};
    }
    if (!invoke.foreach_) {
        LEAT_TRY(bool started, start_child(row, definition, invoke, invoked, 0));
        if (started) memory(row, definition).invoked.push_back(std::move(invoked));
        return {};
    }
    LEAT_TRY(Value list, evaluate(*invoke.foreach_, &row));
    if (list.is_null()) return null_refusal(list, invoke.at, invoke.foreach_->source().text);
    invoked.several = true;
    if (list.kind == Kind::list)
        invoked.items.assign(list.as_list().begin(), list.as_list().end());
    else
        invoked.items.push_back(list);
    invoked.results.resize(invoked.items.size());
    size_t first = invoke.sequential ? std::min<size_t>(1, invoked.items.size()) : invoked.items.size();
    for (; invoked.next < first; ++invoked.next) {
        LEAT_TRY(bool started, start_child(row, definition, invoke, invoked, invoked.next));
        (void)started;
    }
    if (invoked.items.empty()) {
        answer_invoke(row, definition, invoked, Value(), false);
        return {};
    }
    memory(row, definition).invoked.push_back(std::move(invoked));
    return {};
}

Result<void> UnitOfWork::start_call(Row& row, const Flow& definition, const Invoke& invoke, Invoked& invoked) {
    (void)definition;
    LEAT_TRY(Value input, with(invoke.input, &row));
    outbox::Item item;
    item.kind = outbox::Kind::call;
    item.topic = program_.operations[invoke.operation].name;
    append_payload(item.payload, input);
    item.entity = program_.entities[row.entity].name;
    item.record = row.id;
    item.created_us = item.next_us = now_us_;
    item.sequence = sequence();
    sent_.push_back(std::move(item));
    LEAT_CHECK(write_sent());  // the answer will name the item
    invoked.delivery = sent_.back().id;
    effects_ = true;
    return {};
}

// A child is a flow of this record, or of one that is made for it.
Result<bool> UnitOfWork::start_child(Row& row, const Flow& definition, const Invoke& invoke, Invoked& invoked,
                                     uint32_t index) {
    use(row, definition);
    if (invoke.local != program::kNone) locals_[invoke.local] = invoked.items[index];
    std::vector<std::pair<std::string, Value>> input;
    LEAT_TRY(bool whole, invoke_input(row, definition, invoke, input));
    if (!whole) return false;
    const Flow& child = program_.flows[invoke.flow];
    Row* made = &row;
    bool own = child.entity != row.entity || child.pure;
    if (own) {
        LEAT_TRY(made, create_row(child.entity));
    } else {
        flow::Configuration running;
        const Flow& former = program_.flow_of(child.id, row.fields);
        active_states(row, former, running);
        bool over = running.empty() || memory(row, former).ended ||
                    std::any_of(running.begin(), running.end(), [&](StateId state) {
                        const auto& shape = former.chart.states[state];
                        return shape.parent == 0 && shape.type == flow::StateType::final;
                    });
        if (!over)
            return refuse("invoke.running", invoke.at,
                          language() == "zh" ? fmt::format("流程“{}”已在此记录上运行", child.name)
                                             : fmt::format("flow '{}' runs on this record already", child.name));
        memories_.erase({&row, child.id});
        memories_.try_emplace({&row, child.id}).first->second.data.resize(child.data.size());
    }
    FlowMemory& kept = memory(*made, child);
    kept.parent = FlowLink{row.entity, row.id, definition.current};
    kept.parent_invoke = invoked.id;
    kept.parent_index = index;
    kept.dirty = true;
    for (size_t i = 0; i < input.size(); ++i) {
        if (invoke.input[i].field != program::kNone) {
            LEAT_CHECK(set_field(*made, invoke.input[i].field, input[i].second, invoke.at));
        } else {
            memory(*made, child).params.push_back(std::move(input[i]));
        }
    }
    if (own) LEAT_CHECK(complete_row(*made));
    if (!own || child.invoked) {
        Queued start;
        start.row = made;
        start.flow = child.id;
        start.start = true;
        queue(start);
    }
    invoked.active.push_back({{made->entity, made->id, child.id}, index});
    note_cause(fmt::format("{} started {} on {} {}", invoke.at, child.name, program_.entities[made->entity].name,
                           made->key()));
    return true;
}

// The event that says an invocation is over: to the parent's own queue, behind what the child sent before.
void UnitOfWork::answer_invoke(Row& row, const Flow& definition, const Invoked& invoked, const Value& data,
                               bool failed) {
    const Invoke& invoke = definition.invokes[invoked.number];
    Queued event;
    event.row = &row;
    event.flow = definition.id;
    event.invoke_id = arena_.copy(invoked.id);
    event.invoke = invoked.number;
    event.entry = invoked.entry;
    event.failed = failed;
    event.payload = data;
    if (definition.scxml) {
        event.name = arena_.copy("done.invoke." + invoked.id);
        event.payload = scxml_event(event.name, "external", "", "", invoked.id, data);
    } else {
        event.event = failed ? invoke.error : invoke.done;
    }
    queue(event);
}

Result<void> UnitOfWork::child_done(Row& child, const Flow& child_flow, const Value& data, bool failed) {
    FlowMemory& kept = memory(child, child_flow);
    FlowLink parent = *kept.parent;
    LEAT_TRY(Row * row, records_->get(parent.entity, parent.record));
    if (!row || row->deleted) return {};
    const Flow& definition = program_.flow_of(parent.flow, row->fields);
    FlowMemory& waiting = memory(*row, definition);
    for (Invoked& invoked : waiting.invoked) {
        if (invoked.id != kept.parent_invoke) continue;
        return one_done(*row, definition, invoked, kept.parent_index, {child.entity, child.id, child_flow.current},
                        data, failed);
    }
    return {};  // it was cancelled meanwhile
}

// One instance of possibly several. Enough of them done, or one failed, ends the others.
Result<void> UnitOfWork::one_done(Row& row, const Flow& definition, Invoked& invoked, uint32_t index,
                                  const FlowLink& child, const Value& data, bool failed) {
    const Invoke& invoke = definition.invokes[invoked.number];
    auto here = std::find_if(invoked.active.begin(), invoked.active.end(),
                             [&](const Invoked::Child& one) { return one.link == child; });
    if (here == invoked.active.end()) return {};
    invoked.active.erase(here);
    memory(row, definition).dirty = true;
    std::vector<Value> saved = locals_;
    use(row, definition);
    if (!failed) {
        if (invoke.local != program::kNone) locals_[invoke.local] = invoked.items[index];
        LEAT_TRY(Row * made, records_->get(child.entity, child.record));
        if (invoke.undo != program::kNone)
            remember_undo(row, definition, invoke.undo, invoke.locals_end, {});
        else if (made && !memory(*made, program_.flow_of(child.flow, made->fields)).undo.empty())
            remember_undo(row, definition, program::kNone, 0, child);  // what the child did, it can undo itself
    }
    if (!invoked.several) {
        locals_ = std::move(saved);
        answer_invoke(row, definition, invoked, data, failed);
        return {};
    }
    ++invoked.completed;
    invoked.results[index] = data;
    bool enough = failed || (invoked.active.empty() && invoked.next == invoked.items.size());
    auto results = [&] {
        auto* items = arena_.array<Value>(invoked.results.size());
        std::copy(invoked.results.begin(), invoked.results.end(), items);
        return Value::list(items, invoked.results.size());
    };
    if (!enough && invoke.complete_if) {
        uint32_t slot = invoke.counts_local;
        locals_[slot] = Value::number(Decimal(static_cast<int64_t>(invoked.items.size())));
        locals_[slot + 1] = Value::number(Decimal(int64_t{invoked.completed}));
        locals_[slot + 2] = Value::number(Decimal(static_cast<int64_t>(invoked.active.size())));
        locals_[slot + 3] = results();
        LEAT_TRY(enough, condition(*invoke.complete_if, &row, invoke.at + ".complete_if"));
    }
    if (!enough && invoke.sequential && invoked.next < invoked.items.size()) {
        LEAT_TRY(bool started, start_child(row, definition, invoke, invoked, invoked.next));
        (void)started;
        ++invoked.next;
    }
    locals_ = std::move(saved);
    if (!enough) return {};
    std::vector<Invoked::Child> rest;
    rest.swap(invoked.active);
    invoked.next = static_cast<uint32_t>(invoked.items.size());
    for (const Invoked::Child& one : rest) LEAT_CHECK(cancel_child(one.link));
    auto* entry = arena_.array<value::ContextEntry>(1);
    entry[0] = {"results", results()};
    answer_invoke(row, definition, invoked, Value::context_of(arena_.make<value::ContextData>(entry, 1u)), failed);
    return {};
}

Result<void> UnitOfWork::cancel_invokes(Row& row, const Flow& definition, StateId state) {
    std::erase_if(to_invoke_, [&](const ToInvoke& one) {
        return one.row == &row && one.flow == definition.id && definition.invokes[one.invoke].state == state;
    });
    FlowMemory& kept = memory(row, definition);
    std::vector<FlowLink> children;
    size_t gone = std::erase_if(kept.invoked, [&](const Invoked& one) {
        if (definition.invokes[one.number].state != state) return false;
        for (const Invoked::Child& child : one.active) children.push_back(child.link);
        return true;
    });
    if (gone) kept.dirty = true;
    for (const FlowLink& child : children) LEAT_CHECK(cancel_child(child));
    return {};
}

// Everything in it is left, innermost first; then it hears nothing more.
Result<void> UnitOfWork::cancel_child(const FlowLink& child) {
    LEAT_TRY(Row * row, records_->get(child.entity, child.record));
    if (!row || row->deleted) return {};
    const Flow& definition = program_.flow_of(child.flow, row->fields);
    if (memory(*row, definition).ended) return {};
    std::vector<Value> saved = locals_;
    flow::Configuration configuration;
    std::vector<int64_t> entries;
    active_states(*row, definition, configuration, &entries);
    FlowMemory& kept = memory(*row, definition);
    kept.ended = kept.cancelled = kept.dirty = true;
    use(*row, definition);
    for (size_t i = configuration.size(); i-- > 0;)
        if (configuration[i] != 0) LEAT_CHECK(leave(*row, definition, configuration[i], entries[i]));
    internal_.erase_if([&](const Queued& one) { return one.row == row && one.flow == definition.id; });
    locals_ = std::move(saved);
    note_cause(fmt::format("{} {} was cancelled", definition.name, row->key()));
    return {};
}

// SCXML 6.5, 6.4: what comes from a child passes `finalize` first; `autoforward` gives children what comes. False: the
// event answers an invocation that is no more.
Result<bool> UnitOfWork::before_event(Row& row, const Flow& definition, const Queued& event) {
    FlowMemory& kept = memory(row, definition);
    if (kept.ended) return false;
    bool answers = event.invoke != program::kNone;
    // SCXML hears whatever is in the queue already, also when its state was left meanwhile.
    if (answers && !definition.scxml &&
        entry_of(row, definition, definition.invokes[event.invoke].state) != event.entry)
        return false;
    std::vector<std::pair<uint32_t, std::vector<FlowLink>>> forward;
    for (const Invoked& one : kept.invoked) {
        const Invoke& invoke = definition.invokes[one.number];
        if (!event.invoke_id.empty() && one.id == event.invoke_id && !invoke.finalize.empty()) {
            use(row, definition);
            locals_[program::kEvent] = event.payload;
            LEAT_CHECK(flow_steps(invoke.finalize, row, definition));
        }
        // SCXML 6.4.4: a copy of every external event, the child's own among them. Elsewhere a child is not told what
        // it said itself.
        if (!invoke.autoforward || (event.invoke_id == one.id && (answers || !definition.scxml))) continue;
        auto& [flow, links] = forward.emplace_back();
        flow = invoke.flow;
        for (const Invoked::Child& child : one.active) links.push_back(child.link);
    }
    if (answers)
        if (std::erase_if(kept.invoked, [&](const Invoked& one) { return one.id == event.invoke_id; }))
            kept.dirty = true;
    for (const auto& [flow, links] : forward) {
        for (const FlowLink& link : links) {
            LEAT_TRY(Row * child, records_->get(link.entity, link.record));
            if (!child) continue;
            Queued copy = event;
            copy.row = child;
            copy.must_be_heard = false;
            if (event.must_be_heard) heard_ = true;  // whoever forwards it has heard it
            copy.invoke_id = {};
            copy.invoke = program::kNone;
            const Flow& target = program_.flow_of(flow, child->fields);
            copy.flow = target.id;
            if (!definition.scxml || !target.scxml) {
                if (event.event == flow::kNone || target.scxml) continue;
                copy.event = target.find_event(definition.events[event.event].name);
                if (copy.event == flow::kNone) continue;
            }
            queue(copy);
        }
    }
    return true;
}

// A child or a call that failed while nothing says what then is an open item for people.
Result<void> UnitOfWork::unheard_failure(Row& row, const Flow& definition, const Queued& event) {
    const Invoke& invoke = definition.invokes[event.invoke];
    catalog::Incident incident{
        0,
        program_.entities[row.entity].name,
        row.id,
        invoke.at,
        fmt::format("'{}' failed and no onError hears it: {}", event.invoke_id, value::to_text(event.payload)),
        now_us_,
        "open"};
    effects_ = true;
    LEAT_TRY(int64_t id, catalog::add_incident(connection_, incident));
    note_cause(fmt::format("incident {}: {}", id, incident.error));
    return {};
}

Result<bool> UnitOfWork::answer(Row& row, int64_t delivery, bool done, std::string_view receipt) {
    for (uint32_t number : program_.entities[row.entity].flows) {
        const Flow& definition = program_.flow_of(number, row.fields);
        if (definition.data_field == program::kNone) continue;
        for (const Invoked& one : memory(row, definition).invoked) {
            if (one.delivery != delivery) continue;
            Value data;
            if (auto json = parse_json(receipt); json)
                data = record::value_of_json(*json, arena_);
            else if (!receipt.empty())
                data = Value::string(arena_.copy(receipt));
            const Invoke& invoke = definition.invokes[one.number];
            if (done && invoke.undo != program::kNone) {
                use(row, definition);
                remember_undo(row, definition, invoke.undo, invoke.locals_end, {});
            }
            answer_invoke(row, definition, one, data, !done);
            return true;
        }
    }
    return false;
}

}  // namespace leat::engine
