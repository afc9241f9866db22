#include <span>

#include <fmt/format.h>

#include "capi/capi.hpp"
#include "capi/names.hpp"
#include "capi/value.hpp"

using namespace leat::capi;
using leat::Result;
using leat::Value;

namespace {

void check_entity(const leat::program::Program& program, uint32_t entity) {
    if (entity >= program.entities.size())
        throw ArgumentError("usage.entity", fmt::format("the program has no entity {}", entity));
}

}  // namespace

extern "C" {

LEAT_API leat_status leat_session_id_of(int64_t* out, leat_session* session, leat_str entity, leat_str key,
                                        leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        required(out, "out") = 0;
        LEAT_TRY(*out, enter(session).id_of(required_text(entity, "entity"), required_text(key, "key")));
        return {};
    });
}

LEAT_API leat_status leat_session_send_event(leat_outcome* outcome, leat_session* session, uint32_t entity, int64_t id,
                                             uint64_t event, const leat_value* payload, size_t payload_count,
                                             int64_t version, uint64_t flags, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        leat::engine::Outcome& into = required(outcome, "outcome").outcome;
        auto& running = enter(session);
        const auto& program = running.engine().program();
        check_entity(program, entity);
        uint32_t flow = 0;
        const auto* declared = find_event(program, event, &flow);
        if (declared == nullptr) throw ArgumentError("usage.event", fmt::format("the program has no event {}", event));
        if ((flags & ~static_cast<uint64_t>(LEAT_SEND_JSON)) != 0) throw ArgumentError("usage.flags", "unknown flags");
        if (version < 0)
            throw ArgumentError("usage.version", "'version' is 0 (any) or the version that the record must have");
        if (payload_count != 0 && payload_count != declared->payload.size()) {
            throw ArgumentError("usage.payload", fmt::format("'{}' has {} payload fields, not {}", declared->name,
                                                             declared->payload.size(), payload_count));
        }
        if (payload_count != 0) required(payload, "payload");
        session->arena.reset();
        session->values.assign(declared->payload.size(), Value::null());
        for (size_t i = 0; i < payload_count; ++i) session->values[i] = to_value(payload[i], session->arena);
        return running.send_into(into, entity, id, flow, static_cast<leat::flow::EventId>(event & UINT32_MAX),
                                 session->values, version, (flags & LEAT_SEND_JSON) != 0);
    });
}

LEAT_API leat_status leat_session_read_fields(leat_value* out, int64_t* version, leat_session* session, uint32_t entity,
                                              int64_t id, const uint32_t* fields, size_t count, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& running = enter(session);
        const auto& program = running.engine().program();
        check_entity(program, entity);
        if (count != 0) {
            required(out, "out");
            required(fields, "fields");
        }
        for (size_t i = 0; i < count; ++i) {
            if (fields[i] >= program.entities[entity].fields.size()) {
                throw ArgumentError("usage.field",
                                    fmt::format("'{}' has no field {}", program.entities[entity].name, fields[i]));
            }
        }
        session->arena.reset();
        session->values.assign(count, Value::null());
        int64_t found_version = 0;
        LEAT_CHECK(running.read_fields(entity, id, std::span(fields, count), session->values.data(), &found_version));
        for (size_t i = 0; i < count; ++i) out[i] = from_value(session->values[i], session->arena);
        if (version != nullptr) *version = found_version;
        return {};
    });
}

}  // extern "C"
