#include "diagram/diagram.hpp"

#include <fmt/format.h>

#include "capi/capi.hpp"
#include "engine/configuration.hpp"
#include "engine/reading.hpp"
#include "engine/unknown.hpp"

namespace leat::capi {

namespace {

constexpr uint64_t kDiagramFlags = LEAT_DIAGRAM_LEFT_TO_RIGHT | LEAT_DIAGRAM_NO_GUARDS;

diagram::Options diagram_options(const leat_diagram_options* options) {
    auto given = read_struct(options, "options");
    refuse_unknown(options, sizeof given, "options");
    if ((given.flags & ~kDiagramFlags) != 0)
        throw ArgumentError("usage.flags", "unknown flags in the diagram's options");
    diagram::Options out;
    out.left_to_right = (given.flags & LEAT_DIAGRAM_LEFT_TO_RIGHT) != 0;
    out.guards = (given.flags & LEAT_DIAGRAM_NO_GUARDS) == 0;
    out.language = text(given.language, "language");
    return out;
}

diagram::Format diagram_format(int32_t format) {
    switch (format) {
        case LEAT_DIAGRAM_MERMAID:
            return diagram::Format::mermaid;
        case LEAT_DIAGRAM_DOT:
            return diagram::Format::dot;
        case LEAT_DIAGRAM_SVG:
            return diagram::Format::svg;
        default:
            throw ArgumentError("diagram.format", fmt::format("{} is no LEAT_DIAGRAM", format));
    }
}

// The flow of that name among the record's; "": its only one.
Result<const program::Flow*> flow_of(const program::Program& program, const program::Entity& entity,
                                     std::string_view name) {
    if (name.empty()) {
        if (entity.flows.size() == 1) return &program.flows[entity.flows.front()];
        return make_error(Status::not_found, "flow.unknown",
                          fmt::format("entity '{}' has {} flows: name one", entity.name, entity.flows.size()));
    }
    for (uint32_t number : entity.flows) {
        if (program.flows[number].name == name) return &program.flows[number];
    }
    return make_error(Status::not_found, "flow.unknown",
                      fmt::format("entity '{}' has no flow '{}'", entity.name, name));
}

}  // namespace

Result<const program::Flow*> flow_named(const program::Program& program, std::string_view name) {
    if (const program::Flow* flow = program.find_flow(name)) return flow;
    return make_error(Status::not_found, "flow.unknown",
                      fmt::format("there is no flow '{}'{}", name, engine::did_you_mean(name, program.flows)));
}

}  // namespace leat::capi

using namespace leat::capi;
using leat::Result;

extern "C" {

LEAT_API leat_status leat_program_diagram(leat_text** out, const leat_program* program, leat_str flow, int32_t format,
                                          const leat_diagram_options* options, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        const auto& bound = *required(program, "program").program;
        auto wanted = diagram_options(options);
        LEAT_TRY(const auto* found, flow_named(bound, required_text(flow, "flow")));
        auto made = std::make_unique<leat_text>();
        LEAT_TRY(made->text, leat::diagram::draw(bound, *found, diagram_format(format), wanted));
        place = made.release();
        return {};
    });
}

LEAT_API leat_status leat_session_diagram(leat_text** out, leat_session* session, leat_str entity, leat_str key,
                                          leat_str flow, int32_t format, const leat_diagram_options* options,
                                          leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        auto& running = enter(session);
        auto wanted = diagram_options(options);
        auto kind = diagram_format(format);
        std::string_view entity_name = required_text(entity, "entity"), record = required_text(key, "key");
        std::string_view flow_name = text(flow, "flow");
        std::shared_ptr<const leat::program::Program> bound;
        const leat::program::Flow* found = nullptr;
        LEAT_CHECK(running.read([&](leat::engine::Reading& view) -> Result<void> {
            bound = running.engine().shared_program();
            LEAT_TRY(auto* row, view.target(entity_name, record));
            LEAT_TRY(found, flow_of(*bound, bound->entities[row->entity], flow_name));
            if (wanted.language.empty()) wanted.language = view.language();
            auto right = view.records().field_right(*row, found->state_field, view.actor().scope(), false);
            if (right >= leat::program::FieldRight::read) leat::engine::active_states(*row, *found, wanted.active);
            return {};
        }));
        // Drawn outside the reading: `dot` takes its time, and a reading holds a view of the file.
        auto made = std::make_unique<leat_text>();
        LEAT_TRY(made->text, leat::diagram::draw(*bound, *found, kind, wanted));
        place = made.release();
        return {};
    });
}

}  // extern "C"
