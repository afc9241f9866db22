// What flows remember names entities, flows and states (docs/file_format.md): those that were renamed are renamed
// there.
#include "base/json.hpp"
#include "deploy/run.hpp"

namespace leat::deploy {

using program::Entity;
using program::Flow;

// Links are [entity, id, flow], records {"@": "record", "entity": …, "id": …}.
void Run::rename_in(Json& json) const {
    auto entity = [&](std::string& name) {
        const Entity* was = former_.find_entity(name);
        const EntityId now = was ? match_.entity_after[was->id] : kNone;
        if (now != kNone) name = next_->entities[now].name;
        return was != nullptr;
    };
    const bool link = json.kind == Json::Kind::array && json.items.size() == 3 &&
                      json.items[0].kind == Json::Kind::string && json.items[1].kind == Json::Kind::number &&
                      json.items[2].kind == Json::Kind::string;
    if (link) {
        const Flow* was = former_.find_flow(json.items[2].text);
        if (was && entity(json.items[0].text)) {
            const uint32_t now = match_.flow_after[was->id];
            if (now != kNone) json.items[2].text = next_->flows[now].name;
        }
        return;
    }
    const Json* tag = json.find("@");
    const bool record = tag && tag->text == "record";
    for (auto& [name, value] : json.members) {
        if (record && name == "entity") entity(value.text);
        rename_in(value);
    }
    for (Json& item : json.items) rename_in(item);
}

// Events that are to be sent to one flow alone wait under its name: "send.FLOW:EVENT…".
void Run::rename_sends(Json& sends) const {
    for (Json& send : sends.items)
        for (auto& [name, timer] : send.members) {
            const size_t colon = timer.text.find(':');
            if (name != "timer" || !timer.text.starts_with("send.") || colon == std::string::npos) continue;
            const Flow* was = former_.find_flow(std::string_view(timer.text).substr(5, colon - 5));
            const uint32_t now = was ? match_.flow_after[was->id] : kNone;
            if (now != kNone) timer.text.replace(5, colon - 5, next_->flows[now].name);
        }
}

Result<void> Run::rename_memories(engine::UnitOfWork& work) {
    bool renamed = false;
    for (const Entity& was : former_.entities) {
        const EntityId now = match_.entity_after[was.id];
        renamed = renamed || (now != kNone && next_->entities[now].name != was.name);
    }
    for (const Flow& was : former_.flows) {
        const uint32_t now = was.pinned ? kNone : match_.flow_after[was.id];
        renamed = renamed || (now != kNone && next_->flows[now].name != was.name);
    }
    for (const Flow& now : next_->flows) {
        if (now.pinned || now.data_field == kNone || match_.flow_before[now.id] == kNone) continue;
        const bool moved = moved_versions_.count(now.id) > 0;
        if (!renamed && !moved) continue;
        const auto& states = match_.states[now.id];
        auto rename_state = [&](std::string& name) {
            if (auto at = states.find(name); at != states.end()) name = at->second;
        };
        std::vector<record::Row*> rows;
        LEAT_CHECK(work.records().scan(now.entity, nullptr, work.locals().data(), query::AccessScope::everything(),
                                       [&](record::Row& row) {
                                           if (!row.fields[now.data_field].is_null()) rows.push_back(&row);
                                           return true;
                                       }));
        for (record::Row* row : rows) {
            LEAT_TRY(Json memory, parse_json(row->fields[now.data_field].as_string(), 128));
            if (renamed) rename_in(memory);
            for (auto& [name, value] : memory.members)
                if (renamed && name == "sends") rename_sends(value);
            if (moved && standing_.count({now.id, row->id})) {
                for (auto& [name, value] : memory.members) {
                    if (name == "history")
                        for (auto& [history, remembered] : value.members) {
                            rename_state(history);
                            for (Json& state : remembered.items) rename_state(state.text);
                        }
                    if (name == "bound")
                        for (Json& state : value.items) rename_state(state.text);
                }
            }
            std::string text;
            JsonWriter(text).value(memory);
            work.records().set(*row, now.data_field, Value::string(work.arena().copy(text)));
        }
    }
    return {};
}

}  // namespace leat::deploy
