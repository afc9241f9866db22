#include "replay/facts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "feel/ast.hpp"
#include "value/temporal.hpp"

namespace leat::replay {

using feel::ast::Node;
using feel::ast::NodeKind;
using flow::EventId;
using program::Field;
using program::FieldKind;

namespace {

bool fits_a_cell(const Field& field) {
    switch (field.kind) {
        case FieldKind::list:
        case FieldKind::ref:
        case FieldKind::file:
            return false;
        default:
            return true;
    }
}

Error wrong(const program::Flow& flow, std::string_view what, const std::string& name,
            const std::vector<std::string>& known) {
    std::string near = base::nearest(name, known);
    return make_error(Status::usage, "replay.mapping",
                      fmt::format("flow '{}' has no {} '{}' that a column could hold{}", flow.name, what, name,
                                  near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
}

}  // namespace

size_t Facts::column(const std::string& name) {
    auto found = std::find(columns_.begin(), columns_.end(), name);
    if (found == columns_.end()) found = columns_.insert(found, name);
    return static_cast<size_t>(found - columns_.begin());
}

Result<void> Facts::map(const Mapping& mapping) {
    const auto& entity = program_.entities[flow_.entity];
    for (const auto& [name, from] : mapping.fields) {
        const Field* field = entity.find(name);
        std::vector<std::string> known;
        for (const Field& one : entity.fields)
            if (one.origin == program::Origin::declared && fits_a_cell(one)) known.push_back(one.name);
        if (!field || std::find(known.begin(), known.end(), name) == known.end())
            return wrong(flow_, "field", name, known);
        sources_.push_back({column(from), field, flow::kNone});
    }
    for (const auto& [name, from] : mapping.payload) {
        std::vector<std::string> known;
        bool found = false;
        for (EventId event = 0; event < flow_.events.size(); ++event) {
            if (flow_.events[event].origin != program::EventOrigin::declared) continue;
            for (const Field& field : flow_.events[event].payload) {
                if (!fits_a_cell(field)) continue;
                known.push_back(field.name);
                if (field.name != name) continue;
                sources_.push_back({column(from), &field, event});
                found = true;
            }
        }
        if (!found) return wrong(flow_, "event with a payload", name, known);
    }
    row_.resize(entity.fields.size());
    for (uint32_t number = 0; number < flow_.transitions.size(); ++number) needs_.push_back(need_of(number));
    return {};
}

Facts::Need Facts::need_of(uint32_t transition) const {
    Need need;
    const auto& guard = flow_.transitions[transition].guard;
    if (!guard || !guard->tree()) return need;
    const feel::Reads& reads = guard->reads();
    if (reads.clock || !reads.collections.empty() || !reads.objects.empty() || !reads.functions.empty()) return need;
    need.known = known(*guard->tree(), flow_.chart.transitions[transition].event, need);
    return need;
}

// Fields of the record and of the event's payload that columns hold, constants, and what is made of them.
bool Facts::known(const Node& node, EventId event, Need& need) const {
    auto mapped = [&](EventId of, std::string_view name) {
        return std::any_of(sources_.begin(), sources_.end(),
                           [&](const Source& one) { return one.event == of && one.field->name == name; });
    };
    if (node.kind == NodeKind::name) {
        if (node.binding.kind == feel::Binding::Kind::constant) return true;
        if (node.binding.kind != feel::Binding::Kind::field) return false;
        return mapped(flow::kNone, program_.entities[flow_.entity].fields[node.binding.index].name);
    }
    if (node.kind == NodeKind::member && node.children.size() == 1) {
        const Node& owner = *node.children[0];
        bool payload = owner.kind == NodeKind::name && owner.binding.kind == feel::Binding::Kind::local &&
                       owner.binding.index == program::kEvent;
        if (payload) {
            need.event = true;
            return event != flow::kNone && mapped(event, node.text);
        }
    }
    if (node.kind == NodeKind::call && node.text.empty()) return false;
    return std::all_of(node.children.begin(), node.children.end(),
                       [&](const Node* child) { return known(*child, event, need); });
}

Result<Value> Facts::value_of(const Field& field, const std::string& text, const std::string& where) {
    if (text.empty()) return Value();
    std::optional<Value> out;
    switch (field.kind) {
        case FieldKind::integer:
        case FieldKind::decimal:
        case FieldKind::money:
            if (auto number = Decimal::parse(text)) out = Value::number(*number);
            break;
        case FieldKind::boolean:
            if (text == "true" || text == "TRUE" || text == "True" || text == "1") out = Value::boolean(true);
            if (text == "false" || text == "FALSE" || text == "False" || text == "0") out = Value::boolean(false);
            break;
        case FieldKind::date:
            if (auto date = value::Date::parse(text.substr(0, 10))) out = Value::of(*date);
            break;
        case FieldKind::datetime:
            if (auto time = exchange::parse_log_time(text, ""))
                out = Value::of(DateTime::from_utc_us(*time, program_.time_zone));
            break;
        case FieldKind::time:
            if (auto time = value::Time::parse(text)) out = Value::of(*time);
            break;
        case FieldKind::duration:
            if (auto duration = value::parse_duration(text)) {
                if (duration->days) out = Value::of(*duration->days);
                if (duration->months) out = Value::of(*duration->months);
            }
            break;
        case FieldKind::json: {
            auto number = Decimal::parse(text);
            out = number ? Value::number(*number) : Value::string(arena_.copy(text));
            break;
        }
        default:
            out = Value::string(arena_.copy(text));
            for (size_t i = 0; field.enumeration && i < field.enumeration->items.size(); ++i) {
                const auto& titles = field.enumeration->items[i].titles;
                if (std::find(titles.begin(), titles.end(), text) != titles.end())
                    out = Value::string(field.enumeration->items[i].value);
            }
    }
    if (out) return *out;
    return make_error(Status::usage, "replay.value",
                      fmt::format("{}: '{}' is no value of '{}', which is of type {}", where, text, field.name,
                                  feel::describe(field.type)));
}

Result<void> Facts::take(const std::vector<std::string>& cells, const std::vector<EventId>& events,
                         const std::string& where, std::vector<std::string>& last) {
    payloads_.clear();
    arena_.reset();
    last.resize(columns_.size());
    for (size_t i = 0; i < cells.size() && i < last.size(); ++i)
        if (!cells[i].empty()) last[i] = cells[i];
    for (const Source& one : sources_) {
        if (one.event != flow::kNone) continue;
        LEAT_TRY(row_[one.field->id], value_of(*one.field, last[one.column], where));
    }
    for (EventId event : events) {
        std::vector<value::ContextEntry> entries;
        for (const Source& one : sources_) {
            if (one.event != event || one.column >= cells.size()) continue;
            LEAT_TRY(Value value, value_of(*one.field, cells[one.column], where));
            entries.push_back({one.field->name, value});
        }
        if (entries.empty()) continue;
        auto* kept = arena_.array<value::ContextEntry>(entries.size());
        std::copy(entries.begin(), entries.end(), kept);
        payloads_[event] =
            Value::context_of(arena_.make<value::ContextData>(kept, static_cast<uint32_t>(entries.size())));
    }
    return {};
}

std::optional<bool> Facts::holds(uint32_t transition, bool own_event) const {
    if (needs_.empty() || !needs_[transition].known) return std::nullopt;
    if (needs_[transition].event && !own_event) return std::nullopt;
    Arena arena;
    std::vector<Value> locals(std::max<size_t>(program_.locals_max, program::kFirstLocal));
    auto payload = payloads_.find(flow_.chart.transitions[transition].event);
    if (payload != payloads_.end()) locals[program::kEvent] = payload->second;
    feel::Frame frame;
    uint64_t steps = limits_.steps_max;
    frame.row = row_.data();
    frame.locals = locals.data();
    frame.arena = &arena;
    frame.steps_left = &steps;
    Value value = flow_.transitions[transition].guard->evaluate(frame);
    if (value.kind != Kind::boolean) return std::nullopt;  // an empty cell: either way is possible
    return value.is_true();
}

}  // namespace leat::replay
