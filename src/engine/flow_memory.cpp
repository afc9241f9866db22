#include "engine/flow_memory.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "record/column.hpp"

namespace leat::engine {

using program::Flow;
using program::Program;

namespace {

// Kinds that JSON lacks, by the name they are kept under; the names are in files.
struct Tagged {
    Kind kind;
    program::FieldKind field;
    const char* name;
};
constexpr Tagged kTagged[] = {
    {Kind::date, program::FieldKind::date, "date"},
    {Kind::time, program::FieldKind::time, "time"},
    {Kind::date_time, program::FieldKind::datetime, "datetime"},
    {Kind::days_duration, program::FieldKind::duration, "duration"},
    {Kind::months_duration, program::FieldKind::duration, "duration"},
};

void append_link(const Program& program, const FlowLink& link, std::string& out) {
    JsonWriter(out)
        .begin_array()
        .string(program.entities[link.entity].name)
        .number(link.record)
        .string(program.flows[link.flow].name)
        .end_array();
}

std::optional<FlowLink> read_link(const Program& program, const Json* json) {
    if (!json || json->items.size() != 3) return std::nullopt;
    const auto* entity = program.find_entity(json->items[0].text);
    const auto* flow = program.find_flow(json->items[2].text);
    auto id = Decimal::parse(json->items[1].text);
    if (!entity || !flow || !id) return std::nullopt;
    return FlowLink{entity->id, id->to_int64().value_or(0), flow->id};
}

int64_t number_of(const Json* json) {
    if (!json || json->kind != Json::Kind::number) return 0;
    auto number = Decimal::parse(json->text);
    return number ? number->to_int64().value_or(0) : 0;
}

std::string text_of(const Json* json) {
    return json ? json->text : std::string();
}

void append_values(const Program& program, const std::vector<Value>& values, std::string& out) {
    out += '[';
    for (size_t i = 0; i < values.size(); ++i) {
        if (i) out += ',';
        append_typed(program, values[i], out);
    }
    out += ']';
}

std::vector<Value> read_values(const Program& program, const Json* json, Arena& arena) {
    std::vector<Value> out;
    if (json)
        for (const Json& item : json->items) out.push_back(typed_value(program, item, arena));
    return out;
}

}  // namespace

void append_typed(const Program& program, const Value& value, std::string& out) {
    switch (value.kind) {
        case Kind::boolean:
            out += value.is_true() ? "true" : "false";
            return;
        case Kind::number:
            out += value.as_number().to_string();
            return;
        case Kind::string:
            JsonWriter(out).string(value.as_string());
            return;
        case Kind::list: {
            auto items = value.as_list();
            append_values(program, {items.begin(), items.end()}, out);
            return;
        }
        case Kind::context:
            out += '{';
            for (uint32_t i = 0; value.context && i < value.context->count; ++i) {
                if (i) out += ',';
                // A name that begins like a tag is kept apart from tags by one more sign.
                std::string name(value.context->entries[i].name);
                if (!name.empty() && name[0] == '@') name.insert(0, 1, '@');
                JsonWriter(out).string(name);
                out += ':';
                append_typed(program, value.context->entries[i].value, out);
            }
            out += '}';
            return;
        case Kind::record:
            JsonWriter(out)
                .begin_object()
                .key("@")
                .string("record")
                .key("entity")
                .string(program.entities[value.aux].name)
                .key("id")
                .number(value.record.id)
                .end_object();
            return;
        default:
            break;
    }
    for (const Tagged& tagged : kTagged) {
        if (tagged.kind != value.kind) continue;
        JsonWriter(out)
            .begin_object()
            .key("@")
            .string(tagged.name)
            .key("v")
            .string(record::scalar_text(program, value))
            .end_object();
        return;
    }
    out += "null";
}

Value typed_value(const Program& program, const Json& json, Arena& arena) {
    if (json.kind == Json::Kind::array) {
        auto* items = arena.array<Value>(json.items.size());
        for (size_t i = 0; i < json.items.size(); ++i) items[i] = typed_value(program, json.items[i], arena);
        return Value::list(items, json.items.size());
    }
    if (json.kind != Json::Kind::object) return record::value_of_json(json, arena);
    if (const Json* tag = json.find("@")) {
        if (tag->text == "record") {
            const auto* entity = program.find_entity(text_of(json.find("entity")));
            return entity ? Value::record_of(entity->id, number_of(json.find("id"))) : Value();
        }
        for (const Tagged& tagged : kTagged) {
            if (tag->text != tagged.name) continue;
            auto value = record::scalar_from_text(program, tagged.field, text_of(json.find("v")), arena);
            return value ? *value : Value();
        }
        return Value();
    }
    auto* entries = arena.array<value::ContextEntry>(json.members.size());
    for (size_t i = 0; i < json.members.size(); ++i) {
        std::string_view name = json.members[i].first;
        if (name.size() > 1 && name[0] == '@') name.remove_prefix(1);
        entries[i] = {arena.copy(name), typed_value(program, json.members[i].second, arena)};
    }
    return Value::context_of(arena.make<value::ContextData>(entries, static_cast<uint32_t>(json.members.size())));
}

namespace {

void append_invoked(const Program& program, const Flow& flow, const Invoked& one, std::string& out) {
    JsonWriter json(out);
    json.begin_object().key("id").string(one.id).key("at").string(flow.invokes[one.number].at);
    json.key("entry").number(one.entry);
    if (one.delivery) json.key("delivery").number(one.delivery);
    json.key("active").begin_array();
    for (const Invoked::Child& child : one.active) {
        std::string link;
        append_link(program, child.link, link);
        json.begin_array().number(int64_t{child.index}).raw(link).end_array();
    }
    json.end_array();
    if (one.several) {
        std::string items, results;
        append_values(program, one.items, items);
        append_values(program, one.results, results);
        json.key("completed").number(int64_t{one.completed}).key("next").number(int64_t{one.next});
        json.key("items").raw(items).key("results").raw(results);
    }
    json.end_object();
}

std::optional<Invoked> read_invoked(const Program& program, const Flow& flow, const Json& json, Arena& arena) {
    Invoked out;
    std::string at = text_of(json.find("at"));
    auto found = std::find_if(flow.invokes.begin(), flow.invokes.end(), [&](const auto& one) { return one.at == at; });
    if (found == flow.invokes.end()) return std::nullopt;
    out.number = found->number;
    out.id = text_of(json.find("id"));
    out.entry = number_of(json.find("entry"));
    out.delivery = number_of(json.find("delivery"));
    if (const Json* active = json.find("active")) {
        for (const Json& one : active->items) {
            if (one.items.size() != 2) continue;
            if (auto link = read_link(program, &one.items[1]))
                out.active.push_back({*link, static_cast<uint32_t>(number_of(&one.items[0]))});
        }
    }
    if (const Json* items = json.find("items")) {
        out.several = true;
        out.items = read_values(program, items, arena);
        out.results = read_values(program, json.find("results"), arena);
        out.results.resize(out.items.size());
        out.completed = static_cast<uint32_t>(number_of(json.find("completed")));
        out.next = static_cast<uint32_t>(number_of(json.find("next")));
    }
    return out;
}

void append_undo(const Program& program, const Flow& flow, const FlowMemory& memory, JsonWriter& json) {
    json.key("undo").begin_array();
    for (const Undoable& one : memory.undo) {
        std::string values, link;
        append_values(program, one.locals, values);
        json.begin_object();
        if (one.undo != program::kNone) json.key("at").string(flow.undos[one.undo].at);
        if (!one.locals.empty()) json.key("locals").raw(values);
        if (one.child.entity != program::kNone) {
            append_link(program, one.child, link);
            json.key("child").raw(link);
        }
        json.end_object();
    }
    json.end_array();
}

}  // namespace

std::string flow_memory_json(const Program& program, const Flow& flow, const FlowMemory& memory) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    if (!memory.data.empty()) {
        json.key("data").begin_object();
        for (size_t i = 0; i < memory.data.size(); ++i) {
            std::string value;
            append_typed(program, memory.data[i], value);
            json.key(flow.data[i].name).raw(value);
        }
        json.end_object();
    }
    if (!memory.history.remembered.empty()) {
        json.key("history").begin_object();
        for (const auto& [history, states] : memory.history.remembered) {
            json.key(flow.states[history].name).begin_array();
            for (flow::StateId state : states) json.string(flow.states[state].name);
            json.end_array();
        }
        json.end_object();
    }
    if (!memory.invoked.empty()) {
        json.key("invoked").begin_array();
        for (const Invoked& one : memory.invoked) {
            std::string text;
            append_invoked(program, flow, one, text);
            json.raw(text);
        }
        json.end_array();
    }
    if (!memory.undo.empty()) append_undo(program, flow, memory, json);
    if (!memory.sends.empty()) {
        json.key("sends").begin_array();
        for (const PendingSend& one : memory.sends) {
            std::string link;
            append_link(program, one.target, link);
            json.begin_object().key("id").string(one.id).key("due").number(one.due_us).key("target").raw(link);
            json.key("timer").string(one.timer).end_object();
        }
        json.end_array();
    }
    if (memory.parent) {
        std::string link;
        append_link(program, *memory.parent, link);
        json.key("parent").raw(link).key("as").string(memory.parent_invoke);
        json.key("index").number(int64_t{memory.parent_index});
    }
    if (!memory.bound.empty()) {
        json.key("bound").begin_array();
        for (flow::StateId state : memory.bound) json.string(flow.states[state].name);
        json.end_array();
    }
    if (memory.counter) json.key("counter").number(memory.counter);
    if (memory.ended) json.key("ended").boolean(true);
    json.end_object();
    return out;
}

Result<FlowMemory> read_flow_memory(const Program& program, const Flow& flow, std::string_view text, Arena& arena) {
    FlowMemory out;
    out.data.resize(flow.data.size());
    if (text.empty()) return out;
    LEAT_TRY(Json json, parse_json(text));
    if (const Json* data = json.find("data")) {
        for (size_t i = 0; i < flow.data.size(); ++i)
            if (const Json* value = data->find(flow.data[i].name)) out.data[i] = typed_value(program, *value, arena);
    }
    if (const Json* history = json.find("history")) {
        for (const auto& [name, states] : history->members) {
            flow::StateId id = flow.chart.find(name);
            std::vector<flow::StateId> remembered;
            for (const Json& state : states.items)
                if (flow::StateId found = flow.chart.find(state.text); found != flow::kNone)
                    remembered.push_back(found);
            if (id != flow::kNone && remembered.size() == states.items.size())
                out.history.put(id, std::move(remembered));
        }
    }
    if (const Json* invoked = json.find("invoked"))
        for (const Json& one : invoked->items)
            if (auto read = read_invoked(program, flow, one, arena)) out.invoked.push_back(std::move(*read));
    if (const Json* undo = json.find("undo")) {
        for (const Json& one : undo->items) {
            Undoable read;
            std::string at = text_of(one.find("at"));
            for (uint32_t i = 0; i < flow.undos.size(); ++i)
                if (flow.undos[i].at == at) read.undo = i;
            read.locals = read_values(program, one.find("locals"), arena);
            if (auto link = read_link(program, one.find("child"))) read.child = *link;
            if (read.undo != program::kNone || read.child.entity != program::kNone) out.undo.push_back(std::move(read));
        }
    }
    if (const Json* sends = json.find("sends")) {
        for (const Json& one : sends->items)
            if (auto link = read_link(program, one.find("target")))
                out.sends.push_back(
                    {text_of(one.find("id")), number_of(one.find("due")), *link, text_of(one.find("timer"))});
    }
    out.parent = read_link(program, json.find("parent"));
    out.parent_invoke = text_of(json.find("as"));
    out.parent_index = static_cast<uint32_t>(number_of(json.find("index")));
    if (const Json* bound = json.find("bound"))
        for (const Json& state : bound->items)
            if (flow::StateId found = flow.chart.find(state.text); found != flow::kNone) out.bound.push_back(found);
    out.counter = number_of(json.find("counter"));
    const Json* ended = json.find("ended");
    out.ended = ended && ended->boolean;
    return out;
}

}  // namespace leat::engine
