#include "program/program.hpp"

#include <algorithm>

#include "program/names.hpp"

namespace leat::program {

FieldId tree_field(const Entity& entity) {
    if (entity.built_in) {
        const Field* field = entity.find(entity.name == "user" ? "manager" : "parent");
        return field ? field->id : kNone;
    }
    FieldId found = kNone;
    for (const Field& field : entity.fields) {
        if (field.kind != FieldKind::ref || field.to != entity.id || !field.stored) continue;
        if (found != kNone) return kNone;
        found = field.id;
    }
    return found;
}

namespace {

template <class T>
const T* named(const std::vector<T>& items, std::string_view name, uint32_t* index = nullptr) {
    for (size_t i = 0; i < items.size(); ++i) {
        if (items[i].name != name) continue;
        if (index) *index = static_cast<uint32_t>(i);
        return &items[i];
    }
    return nullptr;
}

// Compiling makes new types in the program's pool: one scope at a time.
class SharedNames final : public Names {
 public:
    SharedNames(const Program& program, feel::Types& types, std::recursive_mutex& mutex)
        : Names(program, types, nullptr), lock_(mutex) {}

 private:
    std::unique_lock<std::recursive_mutex> lock_;
};

}  // namespace

Program::Program() = default;
Program::~Program() = default;

const Entity* Program::find_entity(std::string_view name) const {
    return named(entities, name);
}
const Flow* Program::find_flow(std::string_view name) const {
    return named(flows, name);
}
const Role* Program::find_role(std::string_view name, RoleId* id) const {
    return named(roles, name, id);
}
const Setting* Program::find_setting(std::string_view name, uint32_t* index) const {
    return named(settings, name, index);
}
const Report* Program::find_report(std::string_view name) const {
    return named(reports, name);
}
const Message* Program::find_message(std::string_view name) const {
    return named(messages, name);
}

uint32_t Program::find_decision(std::string_view name) const {
    uint32_t index = kNone;
    named(decisions, name, &index);
    return index;
}

const Flow& Program::former_of(const Flow& flow, const Value* fields) const {
    if (fields[flow.state_field].is_null()) return flow;  // it will begin as it is now
    const Value& version = fields[flow.version_field];
    int64_t number = version.is_null() ? 1 : version.as_number().to_int64().value_or(1);
    for (const auto& [former, place] : flow.versions)
        if (former == number) return flows[place];
    return flow;
}

std::unique_ptr<feel::Scope> Program::scope_of(EntityId entity) const {
    auto scope = std::make_unique<SharedNames>(*this, types, scope_mutex_);
    if (entity != kNone) scope->of(entity);
    if (user != kNone) scope->add("actor", kActor, types.record(user));
    return scope;
}

flow::EventId Flow::find_event(std::string_view event_name) const {
    for (size_t i = 0; i < events.size(); ++i) {
        if (events[i].origin == EventOrigin::declared && events[i].name == event_name)
            return static_cast<flow::EventId>(i);
    }
    return flow::kNone;
}

}  // namespace leat::program
