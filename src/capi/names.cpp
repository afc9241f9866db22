#include "capi/names.hpp"
#include "capi/capi.hpp"

namespace leat::capi {

const program::Event* find_event(const program::Program& program, uint64_t event, uint32_t* flow) {
    uint64_t flow_id = event >> 32, event_id = event & UINT32_MAX;
    if (flow_id >= program.flows.size() || event_id >= program.flows[flow_id].events.size()) return nullptr;
    if (flow != nullptr) *flow = static_cast<uint32_t>(flow_id);
    return &program.flows[flow_id].events[event_id];
}

}  // namespace leat::capi

using leat::capi::find_event;
using leat::program::Program;

namespace {

// "" for what is no text, which is no name either.
std::string_view name_of(leat_str name) {
    return name.data == nullptr ? std::string_view{} : std::string_view(name.data, name.size);
}

uint32_t field_index(const std::vector<leat::program::Field>& fields, std::string_view name) {
    for (const auto& field : fields)
        if (field.name == name) return field.id;
    return LEAT_NONE;
}

}  // namespace

extern "C" {

LEAT_API uint32_t leat_entity_id(const leat_program* program, leat_str name) {
    if (program == nullptr) return LEAT_NONE;
    const auto* entity = program->program->find_entity(name_of(name));
    return entity == nullptr ? LEAT_NONE : entity->id;
}

LEAT_API uint32_t leat_field_id(const leat_program* program, uint32_t entity, leat_str name) {
    if (program == nullptr || entity >= program->program->entities.size()) return LEAT_NONE;
    const auto* field = program->program->entities[entity].find(name_of(name));
    return field == nullptr ? LEAT_NONE : field->id;
}

LEAT_API uint64_t leat_event_id(const leat_program* program, uint32_t entity, leat_str name) {
    if (program == nullptr || entity >= program->program->entities.size()) return LEAT_NO_EVENT;
    std::string_view flow_name, event_name = name_of(name);
    if (size_t dot = event_name.find('.'); dot != std::string_view::npos) {
        flow_name = event_name.substr(0, dot);
        event_name.remove_prefix(dot + 1);
    }
    for (uint32_t number : program->program->entities[entity].flows) {
        const auto& flow = program->program->flows[number];
        if (!flow_name.empty() && flow.name != flow_name) continue;
        leat::flow::EventId event = flow.find_event(event_name);
        if (event != leat::flow::kNone) return static_cast<uint64_t>(number) << 32 | event;
    }
    return LEAT_NO_EVENT;
}

LEAT_API uint32_t leat_event_payload_count(const leat_program* program, uint64_t event) {
    const auto* found = program == nullptr ? nullptr : find_event(*program->program, event, nullptr);
    return found == nullptr ? 0 : static_cast<uint32_t>(found->payload.size());
}

LEAT_API uint32_t leat_event_payload_index(const leat_program* program, uint64_t event, leat_str name) {
    const auto* found = program == nullptr ? nullptr : find_event(*program->program, event, nullptr);
    return found == nullptr ? LEAT_NONE : field_index(found->payload, name_of(name));
}

}  // extern "C"
