// SCXML's dialect: executable content whose errors are events (SCXML 3.12.2), events with SCXML's fields (5.10.1), and
// sending between sessions (6.2, C.1). Only flows that say `dialect: scxml` come here.
#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "engine/configuration.hpp"
#include "engine/unit_of_work.hpp"
#include "record/column.hpp"

namespace leat::engine {

using program::Flow;
using program::Step;
using program::StepKind;
using record::Row;

namespace {

constexpr std::string_view kProcessor = "http://www.w3.org/TR/scxml/#SCXMLEventProcessor";
constexpr std::string_view kSession = "#_scxml_";

// SCXML's delays: CSS2 times ("1s", "1.5s", "500ms"); nullopt: neither that nor a duration.
std::optional<int64_t> delay_us(const Value& value) {
    if (value.kind == Kind::days_duration) {
        auto duration = value.as_days_duration();
        return duration.seconds * 1'000'000 + duration.nanoseconds / 1000;
    }
    if (value.kind != Kind::string) return std::nullopt;
    std::string_view text = value.as_string();
    int64_t unit = 0;
    if (text.size() > 2 && text.substr(text.size() - 2) == "ms") {
        unit = 1'000;
        text.remove_suffix(2);
    } else if (text.size() > 1 && text.back() == 's') {
        unit = 1'000'000;
        text.remove_suffix(1);
    }
    auto number = Decimal::parse(text);
    if (!unit || !number) return std::nullopt;
    auto product = Decimal::multiply(*number, Decimal(unit));
    auto whole = product ? product->to_int64() : std::nullopt;
    return whole && *whole >= 0 ? whole : std::nullopt;
}

}  // namespace

Result<Value> UnitOfWork::any_payload(const Json& input) {
    if (input.kind == Json::Kind::object && input.members.empty()) return Value();
    return record::value_of_json(input, arena_);
}

std::string UnitOfWork::scxml_session(const Row& row, const Flow& definition) const {
    return fmt::format("{}.{}", definition.name, row.id);
}

Value UnitOfWork::scxml_event(std::string_view name, std::string_view type, std::string_view send_id,
                              std::string_view origin, std::string_view invoke_id, const Value& data) {
    auto text = [&](std::string_view one) { return one.empty() ? Value() : Value::string(arena_.copy(one)); };
    auto* entries = arena_.array<value::ContextEntry>(7);
    entries[0] = {"name", text(name)};
    entries[1] = {"type", text(type)};
    entries[2] = {"sendid", text(send_id)};
    entries[3] = {"origin", text(origin)};
    entries[4] = {"origintype", type == "external" ? Value::string(kProcessor) : Value()};
    entries[5] = {"invokeid", text(invoke_id)};
    entries[6] = {"data", data};
    return Value::context_of(arena_.make<value::ContextData>(entries, 7u));
}

void UnitOfWork::scxml_raise(Row& row, const Flow& definition, std::string_view name, const Value& data) {
    internal_.push_back({&row, definition.id, flow::kNone, false, false,
                         scxml_event(name, "internal", "", "", "", data), arena_.copy(name)});
}

void UnitOfWork::scxml_error(Row& row, const Flow& definition, std::string_view name, std::string_view send_id) {
    internal_.push_back({&row, definition.id, flow::kNone, false, false,
                         scxml_event(name, "platform", send_id, "", "", Value()), arena_.copy(name)});
}

void UnitOfWork::queue_scxml(Row& row, const Flow& definition, std::string_view name, const Value& data) {
    Queued event;
    event.row = &row;
    event.flow = definition.id;
    event.name = arena_.copy(name);
    event.payload = scxml_event(name, "external", "", "", "", data);
    queue(event);
}

Result<std::optional<Value>> UnitOfWork::scxml_value(const program::Operand& operand, Row& row,
                                                     const Flow& definition) {
    if (!operand.present) return std::optional<Value>(Value());
    if (operand.fails) {
        scxml_error(row, definition, "error.execution");
        return std::optional<Value>();
    }
    LEAT_TRY(Value value, evaluate(operand, &row));
    return std::optional<Value>(value);
}

Result<bool> UnitOfWork::scxml_block(const program::Steps& block, Row& row, const Flow& definition) {
    for (const Step& one : block) {
        LEAT_TRY(bool went_well, scxml_step(one, row, definition));
        if (!went_well && one.kind != StepKind::block) return false;
    }
    return true;
}

Result<bool> UnitOfWork::scxml_step(const Step& one, Row& row, const Flow& definition) {
    switch (one.kind) {
        case StepKind::set:
            for (const auto& assignment : one.assignments) {
                LEAT_TRY(auto value, scxml_value(assignment.value, row, definition));
                if (!value) return false;
                set_datum(row, definition, assignment.datum, *value);
            }
            return true;
        case StepKind::log: {
            LEAT_TRY(auto value, scxml_value(one.text, row, definition));
            if (!value) return false;
            note_cause(value::to_text(*value));
            return true;
        }
        case StepKind::if_: {
            // SCXML 5.9.1: a condition that cannot be decided is false, and an error event; the block goes on.
            Value holds;
            if (one.target) {
                LEAT_TRY(holds, evaluate(*one.target, &row));
            }
            if (holds.kind != Kind::boolean) scxml_error(row, definition, "error.execution");
            return scxml_block(holds.is_true() ? one.then : one.else_, row, definition);
        }
        case StepKind::foreach:
            return scxml_foreach(one, row, definition);
        case StepKind::raise: {
            LEAT_TRY(auto name, scxml_value(one.event_name, row, definition));
            LEAT_TRY(auto data, scxml_params(one, row, definition));
            if (!name || !data || name->kind != Kind::string) return false;
            scxml_raise(row, definition, name->as_string(), *data);
            return true;
        }
        case StepKind::send:
            return scxml_send(one, row, definition);
        case StepKind::cancel_send: {
            LEAT_TRY(auto id, scxml_value(one.id, row, definition));
            if (!id) return false;
            LEAT_CHECK(cancel_send(value::to_text(*id), row, definition));
            return true;
        }
        case StepKind::block:
            return scxml_block(one.do_, row, definition);
        default:
            return make_error(Status::internal, "flow.scxml", fmt::format("{} is no step of the dialect", one.at));
    }
}

// SCXML 4.6, over a shallow copy; its index counts from 0.
Result<bool> UnitOfWork::scxml_foreach(const Step& one, Row& row, const Flow& definition) {
    Value list;
    if (!one.fails) {
        LEAT_TRY(list, evaluate(*one.target, &row));
    }
    if (one.fails || list.kind != Kind::list) {
        scxml_error(row, definition, "error.execution");
        return false;
    }
    std::vector<Value> items(list.as_list().begin(), list.as_list().end());
    for (size_t i = 0; i < items.size(); ++i) {
        set_datum(row, definition, one.as_datum, items[i]);
        if (one.index_datum != program::kNone)
            set_datum(row, definition, one.index_datum, Value::number(Decimal(static_cast<int64_t>(i))));
        LEAT_TRY(bool went_well, scxml_block(one.do_, row, definition));
        if (!went_well) return false;
    }
    return true;
}

Result<std::optional<Value>> UnitOfWork::scxml_params(const Step& one, Row& row, const Flow& definition) {
    if (one.content.present) return scxml_value(one.content, row, definition);
    if (one.assignments.empty()) return std::optional<Value>(Value());
    auto* entries = arena_.array<value::ContextEntry>(one.assignments.size());
    for (size_t i = 0; i < one.assignments.size(); ++i) {
        LEAT_TRY(auto value, scxml_value(one.assignments[i].value, row, definition));
        if (!value) return std::optional<Value>();
        entries[i] = {one.assignments[i].name, *value};
    }
    return std::optional<Value>(
        Value::context_of(arena_.make<value::ContextData>(entries, static_cast<uint32_t>(one.assignments.size()))));
}

Result<bool> UnitOfWork::scxml_send(const Step& one, Row& row, const Flow& definition) {
    std::string id;
    auto wrong = [&] {
        scxml_error(row, definition, "error.execution", id);
        return false;
    };
    if (one.fails) return wrong();
    LEAT_TRY(auto given_id, scxml_value(one.id, row, definition));
    LEAT_TRY(auto name, scxml_value(one.event_name, row, definition));
    LEAT_TRY(auto target, scxml_value(one.to, row, definition));
    LEAT_TRY(auto type, scxml_value(one.type, row, definition));
    LEAT_TRY(auto after, scxml_value(one.after, row, definition));
    LEAT_TRY(auto data, scxml_params(one, row, definition));
    if (!given_id || !name || !target || !type || !after || !data) return false;
    if (!given_id->is_null()) id = value::to_text(*given_id);
    if (one.id_datum != program::kNone) {
        FlowMemory& kept = memory(row, definition);
        id = fmt::format("send.{}", ++kept.counter);
        set_datum(row, definition, one.id_datum, Value::string(arena_.copy(id)));
    }
    auto text = [](const Value& value) { return value.kind == Kind::string ? value.as_string() : std::string_view{}; };
    if (name->kind != Kind::string || (!type->is_null() && text(*type) != kProcessor && text(*type) != "scxml"))
        return wrong();
    if (!target->is_null() && text(*target).substr(0, 2) != "#_") return wrong();
    if (after->is_null()) return scxml_deliver(row, definition, text(*target), text(*name), id, *data);
    auto delay = delay_us(*after);
    if (!delay || text(*target) == "#_internal") return wrong();
    timer::Timer timer;
    timer.due_us = now_us_ + *delay;
    timer.entity = program_.entities[row.entity].name;
    timer.record = row.id;
    // One that is sent later is due later: the number keeps their order.
    timer.name = fmt::format("scxml.{}.{:012}.{:06}", definition.name, sequence(), ++sends_later_);
    timer.kind = timer::Kind::send;
    std::string value;
    append_typed(program_, *data, value);
    JsonWriter(timer.data)
        .begin_object()
        .key("event")
        .string(text(*name))
        .key("target")
        .string(text(*target))
        .key("id")
        .string(id)
        .key("data")
        .raw(value)
        .end_object();
    LEAT_CHECK(timer::add(connection_, timer));
    effects_ = true;
    if (!id.empty()) {
        FlowMemory& kept = memory(row, definition);
        kept.sends.push_back({id, timer.due_us, {row.entity, row.id, definition.current}, timer.name});
        kept.dirty = true;
    }
    return true;
}

// SCXML C.1: where a target leads; false after raising the error that says it leads nowhere.
Result<bool> UnitOfWork::scxml_deliver(Row& row, const Flow& definition, std::string_view target, std::string_view name,
                                       std::string_view send_id, const Value& data) {
    if (target == "#_internal") {
        internal_.push_back({&row, definition.id, flow::kNone, false, false,
                             scxml_event(name, "internal", send_id, "", "", data), arena_.copy(name)});
        return true;
    }
    FlowMemory& kept = memory(row, definition);
    FlowLink to{row.entity, row.id, definition.current};
    std::string invoke_id;
    bool known = true;
    if (target.substr(0, kSession.size()) == kSession) {
        std::string_view session = target.substr(kSession.size());
        size_t dot = session.rfind('.');
        const auto* other = dot == std::string_view::npos ? nullptr : program_.find_flow(session.substr(0, dot));
        auto id = dot == std::string_view::npos ? std::nullopt : Decimal::parse(session.substr(dot + 1));
        known = other && id;
        if (known) to = {other->entity, id->to_int64().value_or(0), other->id};
    } else if (target == "#_parent") {
        known = kept.parent.has_value();
        if (known) {
            to = *kept.parent;
            invoke_id = kept.parent_invoke;
            // SCXML 6.4.3: once it is cancelled, what it says on its way out is not heard.
            if (kept.cancelled) return true;
        }
    } else if (!target.empty()) {
        auto child = std::find_if(kept.invoked.begin(), kept.invoked.end(),
                                  [&](const Invoked& one) { return one.id == target.substr(2); });
        known = child != kept.invoked.end() && child->active.size() == 1;
        if (known) to = child->active[0].link;
    }
    Row* receiver = nullptr;
    if (known) {
        LEAT_TRY(receiver, records_->get(to.entity, to.record));
    }
    const Flow* heard_by = receiver ? &program_.flow_of(to.flow, receiver->fields) : nullptr;
    if (!receiver || !heard_by->scxml || memory(*receiver, *heard_by).ended) {
        // The sender who ends while it says its last word is no error.
        if (receiver != &row) scxml_error(row, definition, "error.communication", send_id);
        return receiver == &row;
    }
    Queued event;
    event.row = receiver;
    event.flow = heard_by->id;
    event.name = arena_.copy(name);
    event.invoke_id = arena_.copy(invoke_id);
    std::string origin = std::string(kSession) + scxml_session(row, definition);
    event.payload = scxml_event(name, "external", send_id, origin, invoke_id, data);
    queue(event);
    return true;
}

// A delayed send: its session may be over, and then it is forgotten (SCXML 6.2.4).
Result<bool> UnitOfWork::fire_scxml(const timer::Timer& timer, Row& row) {
    size_t end = timer.name.find('.', 6);
    const auto* definition = program_.find_flow(std::string_view(timer.name).substr(6, end - 6));
    if (!definition || definition->entity != row.entity) return false;
    definition = &program_.flow_of(definition->id, row.fields);
    if (!definition->scxml) return false;
    FlowMemory& kept = memory(row, *definition);
    if (kept.ended) return false;
    LEAT_TRY(Json data, parse_json(timer.data));
    auto text = [&](std::string_view key) {
        const Json* found = data.find(key);
        return found ? std::string_view(found->text) : std::string_view{};
    };
    if (std::erase_if(kept.sends, [&](const PendingSend& one) { return one.timer == timer.name; })) kept.dirty = true;
    const Json* value = data.find("data");
    LEAT_TRY(bool sent,
             scxml_deliver(row, *definition, arena_.copy(text("target")), arena_.copy(text("event")),
                           arena_.copy(text("id")), value ? typed_value(program_, *value, arena_) : Value()));
    if (!sent) LEAT_CHECK(macrostep(row, *definition));  // nobody there: that is an event here
    note_cause(fmt::format("{} sends {}", definition->name, text("event")));
    return true;
}

}  // namespace leat::engine
