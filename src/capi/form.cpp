#include "form/form.hpp"

#include <fmt/format.h>

#include "capi/capi.hpp"
#include "engine/configuration.hpp"
#include "engine/reading.hpp"
#include "engine/unknown.hpp"

namespace leat::capi {

namespace {

struct FormOptions {
    form::Options options;
    std::string_view role, state;
};

FormOptions form_options(const leat_form_options* given_options) {
    auto given = read_struct(given_options, "options");
    refuse_unknown(given_options, sizeof given, "options");
    if ((given.flags & ~uint64_t{LEAT_FORM_NUMBERS}) != 0)
        throw ArgumentError("usage.flags", "unknown flags in the form's options");
    if (given.choices_max < -1) throw ArgumentError("form.choices", "choices_max is -1 (never), 0 (100) or a number");
    FormOptions out;
    out.options.language = text(given.language, "language");
    out.options.event = text(given.event, "event");
    out.options.numbers = (given.flags & LEAT_FORM_NUMBERS) != 0;
    if (given.choices_max != 0) out.options.choices_max = static_cast<size_t>(std::max<int64_t>(given.choices_max, 0));
    out.role = text(given.role, "role");
    out.state = text(given.state, "state");
    return out;
}

// An entity that has forms: lines are in the form of their owner.
Result<const program::Entity*> entity_named(const program::Program& program, std::string_view name) {
    const auto* found = program.find_entity(name);
    if (!found || found->owner != program::kNone) return engine::unknown_entity(program, name);
    return found;
}

// Where the flows of a new record begin.
void begin_flows(form::Subject& subject) {
    for (uint32_t number : subject.entity.flows) {
        const auto& flow = subject.program.flows[number];
        if (flow.invoked || flow.start != flow::kNone || flow.scxml) continue;
        subject.states.emplace_back(&flow, flow::start(flow.chart).configuration);
    }
}

Result<std::string> form_of_role(const program::Program& program, std::string_view entity, const FormOptions& given) {
    LEAT_TRY(const auto* found, entity_named(program, entity));
    auto scope = query::AccessScope::everything();
    if (!given.role.empty()) {
        const auto* role = program.find_role(given.role);
        if (!role)
            return make_error(
                Status::not_found, "role.unknown",
                fmt::format("there is no role '{}'{}", given.role, engine::did_you_mean(given.role, program.roles)));
        scope = query::AccessScope::of("", 0, role->includes);
    }
    form::Subject subject{program, *found, std::move(scope)};
    subject.creating = given.state.empty() && given.options.event.empty();
    if (!given.state.empty()) {
        LEAT_TRY(auto state, form::state_named(program, *found, given.state));
        subject.states.push_back(std::move(state));
    } else {
        begin_flows(subject);
    }
    return form::make(subject, given.options);
}

Result<std::string> form_in(engine::Reading& view, const program::Program& program, std::string_view entity,
                            std::string_view key, FormOptions given) {
    LEAT_TRY(const auto* found, entity_named(program, entity));
    if (given.options.language.empty()) given.options.language = view.language();
    form::Subject subject{program, *found, view.actor().scope()};
    subject.records = &view.records();
    subject.locals = view.locals().data();
    subject.creating = key.empty();
    if (subject.creating) {
        if (!given.options.event.empty())
            return make_error(Status::usage, "form.event", "an event is sent to a record: name its key");
        begin_flows(subject);
        LEAT_TRY(subject.row, view.records().create(found->id));
        LEAT_CHECK(view.records().apply_defaults(*subject.row));
        LEAT_CHECK(view.records().settle());
    } else {
        LEAT_TRY(subject.row, view.target(entity, key));
        for (uint32_t number : found->flows) {
            const auto& flow = program.flow_of(number, subject.row->fields);
            flow::Configuration configuration;
            engine::active_states(*subject.row, flow, configuration);
            if (!configuration.empty()) subject.states.emplace_back(&flow, std::move(configuration));
        }
    }
    LEAT_TRY(auto made, form::make(subject, given.options));
    LEAT_CHECK(view.failure());
    return made;
}

Result<Json> document(leat_str json, const char* name) {
    return parse_json(required_text(json, name));
}

}  // namespace

}  // namespace leat::capi

using namespace leat::capi;
using leat::Result;

extern "C" {

LEAT_API leat_status leat_program_form(leat_text** out, const leat_program* program, leat_str entity,
                                       const leat_form_options* options, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        const auto& bound = *required(program, "program").program;
        auto given = form_options(options);
        auto made = std::make_unique<leat_text>();
        LEAT_TRY(made->text, form_of_role(bound, required_text(entity, "entity"), given));
        place = made.release();
        return {};
    });
}

LEAT_API leat_status leat_session_form(leat_text** out, leat_session* session, leat_str entity, leat_str key,
                                       const leat_form_options* options, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        auto& running = enter(session);
        auto given = form_options(options);
        if (!given.role.empty() || !given.state.empty())
            throw ArgumentError("form.role",
                                "a session is one actor, and its record has its states: leave role and "
                                "state empty, or ask leat_program_form");
        std::string_view entity_name = required_text(entity, "entity"), record = text(key, "key");
        auto made = std::make_unique<leat_text>();
        LEAT_CHECK(running.read([&](leat::engine::Reading& view) -> Result<void> {
            auto bound = running.engine().shared_program();
            LEAT_TRY(made->text, form_in(view, *bound, entity_name, record, std::move(given)));
            return {};
        }));
        place = made.release();
        return {};
    });
}

LEAT_API leat_status leat_form_input(leat_text** out, leat_str form_json, leat_str data_json, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        LEAT_TRY(auto form, document(form_json, "form_json"));
        LEAT_TRY(auto data, document(data_json, "data_json"));
        LEAT_TRY(auto input, leat::form::input_of(form, data));
        auto made = std::make_unique<leat_text>();
        made->text = leat::base::to_text(input);
        place = made.release();
        return {};
    });
}

LEAT_API leat_status leat_form_errors(leat_text** out, leat_str outcome_json, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto& place = cleared(out);
        LEAT_TRY(auto outcome, document(outcome_json, "outcome_json"));
        auto made = std::make_unique<leat_text>();
        LEAT_TRY(made->text, leat::form::errors_of(outcome));
        place = made.release();
        return {};
    });
}

}  // extern "C"
