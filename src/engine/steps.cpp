// Steps of a definition, in order, each seeing the one before; with the definition's rights, the actor logged.
#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "engine/unit_of_work.hpp"

namespace leat::engine {

using program::Step;
using program::StepKind;
using record::Row;

Result<void> UnitOfWork::steps(const program::Steps& block, Row* row) {
    for (const Step& one : block) LEAT_CHECK(step(one, row));
    return {};
}

Result<void> UnitOfWork::step(const Step& one, Row* row) {
    switch (one.kind) {
        case StepKind::set:
            for (const auto& assignment : one.assignments) {
                LEAT_TRY(Value value, evaluate(assignment.value, row));
                if (assignment.datum == program::kNone) {
                    LEAT_CHECK(set_field(*row, assignment.field, value, assignment.name));
                } else {
                    set_datum(*row, program_.flows[one.flow], assignment.datum, value);
                }
            }
            return records_->settle();
        case StepKind::let:
            for (const auto& assignment : one.assignments) {
                LEAT_TRY(Value value, evaluate(assignment.value, row));
                locals_[assignment.local] = value;
            }
            return {};
        case StepKind::create:
            return step_create(one, row);
        case StepKind::append:
            return step_append(one, row);
        case StepKind::update:
            return step_update(one, row);
        case StepKind::delete_:
            return step_delete(one, row);
        case StepKind::foreach:
            return step_foreach(one, row);
        case StepKind::if_: {
            LEAT_TRY(bool holds, condition(*one.target, row, one.at));
            return steps(holds ? one.then : one.else_, row);
        }
        case StepKind::raise: {
            // A locally raised event goes before those of other records, as SCXML's internal queue does.
            for (uint32_t number : program_.entities[row->entity].flows) {
                const auto& definition = program_.flow_of(number, row->fields);
                auto event = definition.find_event(one.name);
                if (event != flow::kNone)
                    internal_.push_back({row, definition.id, event, false, false, locals_[program::kEvent]});
            }
            note_cause(fmt::format("{} raised {}", one.at, one.name));
            return {};
        }
        case StepKind::send:
            return step_send(one, row);
        case StepKind::log: {
            LEAT_TRY(Value text, evaluate(one.text, row));
            note_cause(value::to_text(text));
            return {};
        }
        case StepKind::task:
            return step_task(one, row);
        case StepKind::notify:
            return step_notify(one, row);
        case StepKind::call:
            return step_call(one, row);
        case StepKind::assign:
            return step_assign(one, row);
        case StepKind::draw:
            LEAT_CHECK(draw_number(*row, program_.entities[row->entity].fields[one.list], now_us_));
            return records_->settle();
        case StepKind::assert_: {
            LEAT_TRY(bool holds, condition(*one.target, row, one.at));
            if (holds) return {};
            LEAT_TRY(std::string message,
                     refusal_text(one.message, *row, fmt::format("not met: {}", one.target->source().text)));
            return refuse("assert", one.at, std::move(message));
        }
        case StepKind::cancel_send: {
            LEAT_TRY(Value id, evaluate(one.id, row));
            return cancel_send(value::to_text(id), *row, program_.flows[one.flow]);
        }
        case StepKind::block:
            return steps(one.do_, row);
        case StepKind::compensate:
            return compensate(*row, program_.flows[one.flow], one.state);
    }
    return {};
}

Result<void> UnitOfWork::set_field(Row& row, program::FieldId field, const Value& value, std::string_view at) {
    const auto& definition = program_.entities[row.entity].fields[field];
    auto coerced = records_->coerce(definition, value);
    if (!coerced) {
        coerced.error().message = fmt::format("{}: {}", at, coerced.error().message);
        return std::move(coerced.error());
    }
    records_->set(row, field, *coerced);
    return {};
}

Result<void> UnitOfWork::assign(const std::vector<program::StepAssignment>& assignments, Row* source, Row& target) {
    for (const auto& assignment : assignments) {
        LEAT_TRY(Value value, evaluate(assignment.value, source));
        LEAT_CHECK(set_field(target, assignment.field, value, assignment.name));
    }
    return {};
}

Result<void> UnitOfWork::copy_lines(Row& from, program::FieldId from_list, Row& to, program::FieldId to_list) {
    const auto& source = program_.entities[from.entity].fields[from_list];
    const auto& target = program_.entities[to.entity].fields[to_list];
    const auto& source_lines = program_.entities[source.to];
    const auto& target_lines = program_.entities[target.to];
    LEAT_TRY(auto lines, records_->list(from, from_list));
    for (Row* line : lines) {
        LEAT_TRY(Row * made, create_row(target.to));
        LEAT_CHECK(set_field(*made, target.by, records_->value_of(to), target.name));
        for (const auto& field : target_lines.fields) {
            if (field.origin != program::Origin::declared || !field.stored || field.formula || !field.series.empty())
                continue;
            const auto* twin = source_lines.find(field.name);
            if (!twin || twin->origin != program::Origin::declared) continue;
            LEAT_CHECK(set_field(*made, field.id, line->fields[twin->id], field.name));
        }
        LEAT_CHECK(complete_row(*made));
    }
    return {};
}

Result<void> UnitOfWork::step_create(const Step& one, Row* row) {
    LEAT_TRY(Row * made, create_row(one.entity));
    for (const auto& [from, to] : one.copy) LEAT_CHECK(set_field(*made, to, row->fields[from], one.at));
    LEAT_CHECK(assign(one.assignments, row, *made));
    LEAT_CHECK(complete_row(*made));
    for (const auto& [from, to] : one.copy_lists) LEAT_CHECK(copy_lines(*row, from, *made, to));
    LEAT_CHECK(records_->settle());
    if (one.local != program::kNone) locals_[one.local] = records_->value_of(*made);
    note_cause(fmt::format("{} created {} {}", one.at, program_.entities[one.entity].name, made->key()));
    return {};
}

Result<std::vector<Row*>> UnitOfWork::rows_of(const Value& value, std::string_view at) {
    std::vector<Row*> out;
    if (value.kind == Kind::record) {
        LEAT_TRY(Row * row, records_->row_of(value));
        if (row) out.push_back(row);
        return out;
    }
    if (value.kind == Kind::list) {
        for (const Value& item : value.as_list()) {
            if (item.is_null()) continue;
            if (item.kind != Kind::record) break;
            LEAT_TRY(Row * row, records_->row_of(item));
            if (row) out.push_back(row);
        }
        return out;
    }
    return null_refusal(value, at, "record");
}

Result<void> UnitOfWork::step_append(const Step& one, Row* row) {
    LEAT_TRY(Value owner, evaluate(*one.target, row));
    LEAT_TRY(auto owners, rows_of(owner, one.at));
    for (Row* target : owners) {
        const auto& list = program_.entities[target->entity].fields[one.list];
        LEAT_TRY(Row * made, create_row(list.to));
        LEAT_CHECK(set_field(*made, list.by, records_->value_of(*target), list.name));
        LEAT_CHECK(assign(one.assignments, row, *made));
        LEAT_CHECK(complete_row(*made));
        if (one.local != program::kNone) locals_[one.local] = records_->value_of(*made);
    }
    return records_->settle();
}

Result<void> UnitOfWork::step_update(const Step& one, Row* row) {
    LEAT_TRY(Value target, evaluate(*one.target, row));
    LEAT_TRY(auto targets, rows_of(target, one.at));
    for (Row* other : targets) {
        if (one.local != program::kNone) locals_[one.local] = records_->value_of(*other);
        LEAT_CHECK(assign(one.assignments, row, *other));
        LEAT_CHECK(records_->settle());
    }
    return {};
}

Result<void> UnitOfWork::step_delete(const Step& one, Row* row) {
    LEAT_TRY(Value target, evaluate(*one.target, row));
    LEAT_TRY(auto targets, rows_of(target, one.at));
    for (Row* other : targets) LEAT_CHECK(records_->remove(*other));
    return records_->settle();
}

Result<void> UnitOfWork::step_foreach(const Step& one, Row* row) {
    LEAT_TRY(Value list, evaluate(*one.target, row));
    if (list.is_null()) return null_refusal(list, one.at, one.target->source().text);
    // A copy: the body may change what the list was read from.
    std::vector<Value> items;
    if (list.kind == Kind::list)
        items.assign(list.as_list().begin(), list.as_list().end());
    else
        items.push_back(list);
    for (size_t i = 0; i < items.size(); ++i) {
        if (one.local != program::kNone) locals_[one.local] = items[i];
        if (one.index != program::kNone) locals_[one.index] = Value::number(Decimal(static_cast<int64_t>(i) + 1));
        LEAT_CHECK(steps(one.do_, row));
    }
    return {};
}

// A flow speaks to the one that invoked it, or to what it invoked. Whoever is over, or was cancelled, says and hears
// nothing more.
Result<void> UnitOfWork::send_to_relative(const Step& one, Row& row) {
    FlowMemory& kept = memory(row, program_.flows[one.flow]);
    std::vector<FlowLink> receivers;
    std::string invoke_id;
    if (one.to_parent) {
        if (kept.parent && !kept.cancelled) receivers.push_back(*kept.parent);
        invoke_id = kept.parent_invoke;
    } else {
        for (const Invoked& invoked : kept.invoked) {
            if (invoked.number != one.to_invoke) continue;
            for (const Invoked::Child& child : invoked.active) receivers.push_back(child.link);
        }
    }
    LEAT_TRY(Value payload, with(one.assignments, &row));
    for (const FlowLink& to : receivers) {
        LEAT_TRY(Row * receiver, records_->get(to.entity, to.record));
        if (!receiver) continue;
        const auto& definition = program_.flow_of(to.flow, receiver->fields);
        auto event = definition.find_event(one.name);
        if (event == flow::kNone) continue;
        Queued queued;
        queued.row = receiver;
        queued.flow = definition.id;
        queued.event = event;
        LEAT_TRY(queued.payload, payload_of(definition.events[event], payload));
        if (one.to_parent) queued.invoke_id = arena_.copy(invoke_id);
        queue(queued);
        note_cause(fmt::format("{} sent {} to {} of {} {}", one.at, one.name, definition.name,
                               program_.entities[to.entity].name, receiver->key()));
    }
    if (receivers.empty()) note_cause(fmt::format("{} sent {} to nobody", one.at, one.name));
    return {};
}

Result<void> UnitOfWork::step_send(const Step& one, Row* row) {
    if (one.to_parent || one.to_invoke != program::kNone) return send_to_relative(one, *row);
    std::vector<Row*> targets{row};
    if (one.target) {
        LEAT_TRY(Value target, evaluate(*one.target, row));
        LEAT_TRY(targets, rows_of(target, one.at));
    }
    LEAT_TRY(Value payload, with(one.assignments, row));
    if (one.after.present) return step_send_later(one, row, targets, payload);
    for (Row* target : targets)
        for (uint32_t number : program_.entities[target->entity].flows) {
            const auto& definition = program_.flow_of(number, target->fields);
            auto event = definition.find_event(one.name);
            if (event == flow::kNone || (one.to_flow != program::kNone && one.to_flow != number)) continue;
            LEAT_TRY(Value input, payload_of(definition.events[event], payload));
            queue({target, definition.id, event, false, false, input});
            note_cause(fmt::format("{} sent {} to {} {}", one.at, one.name, program_.entities[target->entity].name,
                                   target->key()));
        }
    return {};
}

// A timer on the receiver's record; with an `id` the sending flow remembers where, so that it can be taken back.
Result<void> UnitOfWork::step_send_later(const Step& one, Row* row, const std::vector<Row*>& targets,
                                         const Value& payload) {
    LEAT_TRY(Value delay, evaluate(one.after, row));
    LEAT_TRY(int64_t due, add_duration(now_us_, delay, one.at));
    std::string id;
    if (one.id.present) {
        LEAT_TRY(Value value, evaluate(one.id, row));
        if (value.is_null()) return null_refusal(value, one.at + ".id", "id");
        id = value::to_text(value);
    }
    for (Row* target : targets) {
        timer::Timer timer;
        timer.due_us = due;
        timer.entity = program_.entities[target->entity].name;
        timer.record = target->id;
        std::string only = one.to_flow == program::kNone ? "" : program_.flows[one.to_flow].name + ":";
        timer.name = fmt::format("send.{}{}.{}.{}", only, one.name, sequence(), ++sends_later_);
        timer.kind = timer::Kind::send;
        append_typed(program_, payload, timer.data);
        LEAT_CHECK(timer::add(connection_, timer));
        effects_ = true;
        note_cause(fmt::format("{} sends {} later", one.at, one.name));
        if (id.empty()) continue;
        FlowMemory& kept = memory(*row, program_.flows[one.flow]);
        std::erase_if(kept.sends, [&](const PendingSend& old) { return old.due_us < now_us_; });  // gone by now
        kept.sends.push_back({id, due, {target->entity, target->id, program_.flows[one.flow].current}, timer.name});
        kept.dirty = true;
    }
    return {};
}

Result<void> UnitOfWork::cancel_send(const std::string& id, Row& row, const program::Flow& definition) {
    FlowMemory& kept = memory(row, definition);
    for (const PendingSend& one : kept.sends) {
        if (one.id != id) continue;
        timer::Timer timer;
        timer.due_us = one.due_us;
        timer.entity = program_.entities[one.target.entity].name;
        timer.record = one.target.record;
        timer.name = one.timer;
        timer.kind = timer::Kind::send;
        LEAT_CHECK(timer::remove(connection_, timer));
        effects_ = true;
    }
    if (std::erase_if(kept.sends, [&](const PendingSend& one) { return one.id == id; })) kept.dirty = true;
    return {};
}

// Who a task or a notice is for: "role:NAME" or the key of a user, or free text (an address).
Result<std::vector<std::string>> UnitOfWork::receivers(const Step& one, Row* row) {
    std::vector<std::string> out;
    if (one.role != program::kNone) {
        out.push_back("role:" + program_.roles[one.role].name);
        return out;
    }
    if (!one.target) return out;
    LEAT_TRY(Value value, evaluate(*one.target, row));
    std::vector<Value> items;
    if (value.kind == Kind::list)
        items.assign(value.as_list().begin(), value.as_list().end());
    else
        items.push_back(value);
    for (const Value& item : items) {
        if (item.is_null()) continue;
        if (item.kind == Kind::record) {
            LEAT_TRY(Row * person, records_->row_of(item));
            if (person) out.emplace_back(person->key());
        } else if (item.kind == Kind::string) {
            const auto* role = program_.find_role(item.as_string());
            out.push_back(role ? "role:" + std::string(item.as_string()) : std::string(item.as_string()));
        }
    }
    return out;
}

Result<void> UnitOfWork::step_task(const Step& one, Row* row) {
    LEAT_TRY(auto people, receivers(one, row));
    LEAT_TRY(std::string title, render(one.title, row));
    if (people.empty()) people.emplace_back();
    for (const auto& receiver : people) {
        task::Task todo;
        todo.kind = task::Kind::todo;
        todo.entity = program_.entities[row->entity].name;
        todo.record = row->id;
        todo.title = title;
        if (receiver.rfind("role:", 0) == 0)
            todo.role = receiver.substr(5);
        else
            todo.user = receiver;
        todo.created_us = now_us_;
        if (one.due.present) {
            LEAT_TRY(Value due, evaluate(one.due, row));
            if (due.kind == Kind::date || due.kind == Kind::date_time) {
                LEAT_TRY(todo.due_us, instant_of(due, one.at));
            } else {
                LEAT_TRY(todo.due_us, add_duration(now_us_, due, one.at));
            }
        }
        todo.sequence = sequence();
        LEAT_TRY(todo.id, task::add(connection_, todo));
        effects_ = true;
        opened_tasks_.push_back(std::move(todo));
    }
    return {};
}

// What a step sends `with`, as one context.
Result<Value> UnitOfWork::with(const std::vector<program::StepAssignment>& assignments, Row* row) {
    auto* entries = arena_.array<value::ContextEntry>(assignments.size());
    for (size_t i = 0; i < assignments.size(); ++i) {
        LEAT_TRY(Value value, evaluate(assignments[i].value, row));
        entries[i] = {assignments[i].name, value};
    }
    return Value::context_of(arena_.make<value::ContextData>(entries, static_cast<uint32_t>(assignments.size())));
}

Result<void> UnitOfWork::step_notify(const Step& one, Row* row) {
    LEAT_TRY(auto people, receivers(one, row));
    LEAT_TRY(Value params, with(one.assignments, row));
    const program::Notice* notice = one.number == program::kNone ? nullptr : &program_.notices[one.number];
    Value saved = locals_[program::kParams];
    locals_[program::kParams] = params;
    std::string subject, text;
    if (notice) {
        LEAT_TRY(subject, render(notice->subject, row));
        LEAT_TRY(text, render(notice->text, row));
    } else {
        LEAT_TRY(text, render(one.title, row));
    }
    locals_[program::kParams] = saved;
    outbox::Item item;
    item.kind = outbox::Kind::notice;
    item.topic = notice ? "notice." + notice->name : "notice";
    JsonWriter json(item.payload);
    json.begin_object().key("to").begin_array();
    for (const auto& receiver : people) json.string(receiver);
    json.end_array();
    json.key("channels").begin_array();
    if (notice)
        for (const auto& channel : notice->channels) json.string(channel);
    json.end_array().key("subject").string(subject).key("text").string(text);
    if (row) json.key("entity").string(program_.entities[row->entity].name).key("key").string(row->key());
    std::string sent;
    append_payload(sent, params);
    json.key("with").raw(sent).end_object();
    return plan(std::move(item), row);
}

Result<void> UnitOfWork::step_call(const Step& one, Row* row) {
    LEAT_TRY(Value input, with(one.assignments, row));
    outbox::Item item;
    item.kind = outbox::Kind::call;
    item.topic = one.name;
    append_payload(item.payload, input);
    LEAT_CHECK(plan(std::move(item), row));
    if (one.local != program::kNone) {  // its number is asked for
        LEAT_CHECK(write_sent());
        locals_[one.local] = Value::number(Decimal(sent_.back().id));
    }
    if (one.undo != program::kNone) remember_undo(*row, program_.flows[one.flow], one.undo, one.locals_end, {});
    return {};
}

// Into the outbox at the end of the command, to leave after the commit.
Result<void> UnitOfWork::plan(outbox::Item item, const Row* row) {
    if (row) {  // a rule on a schedule may be of no record
        item.entity = program_.entities[row->entity].name;
        item.record = row->id;
    }
    item.created_us = item.next_us = now_us_;
    item.sequence = sequence();
    sent_.push_back(std::move(item));
    effects_ = true;
    return {};
}

Result<void> UnitOfWork::write_sent() {
    for (; sent_written_ < sent_.size(); ++sent_written_) {
        outbox::Item& item = sent_[sent_written_];
        LEAT_TRY(item.id, outbox::add(connection_, item));
    }
    return {};
}

// The first pool with somebody in it; among its people the least loaded, then the longest known (lowest id).
Result<void> UnitOfWork::step_assign(const Step& one, Row* row) {
    const auto& assignment = program_.assignments[one.number];
    for (const auto& pool : assignment.pools) {
        if (pool.if_) {
            LEAT_TRY(Value applies, evaluate(*pool.if_, row));
            if (!applies.is_true()) continue;
        }
        LEAT_TRY(auto people, holders(pool.role));
        Row* best = nullptr;
        Decimal best_load;
        for (Row* person : people) {
            Decimal load;
            if (assignment.load) {
                locals_[program::kCandidate] = records_->value_of(*person);
                LEAT_TRY(Value value, evaluate(*assignment.load, row));
                if (value.kind != Kind::number) return null_refusal(value, one.at, assignment.load->source().text);
                load = value.as_number();
            }
            if (best && load >= best_load) continue;
            best = person;
            best_load = load;
        }
        if (!best) continue;
        LEAT_CHECK(set_field(*row, assignment.field, records_->value_of(*best), one.at));
        return records_->settle();
    }
    return refuse("assignment.empty", one.at,
                  language() == "zh" ? fmt::format("分配“{}”的各组中无人可用", assignment.name)
                                     : fmt::format("no pool of assignment '{}' has anybody free", assignment.name));
}

}  // namespace leat::engine
