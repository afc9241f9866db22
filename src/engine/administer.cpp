// What an administrator may do out of order, always with a reason that is logged: suspend a record, resume it, put a
// flow into another state.
#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "engine/configuration.hpp"
#include "engine/unit_of_work.hpp"
#include "engine/unknown.hpp"
#include "flow/jump.hpp"
#include "timer/suspension.hpp"

namespace leat::engine {

using program::Flow;
using record::Row;

namespace {

// The role that may do this besides the system, where the definitions declare it.
constexpr std::string_view kAdministrator = "administrator";

void command_json(std::string& out, std::string_view what, std::string_view entity, std::string_view key,
                  std::string_view reason) {
    JsonWriter json(out);
    json.begin_object().key("do").string(what).key("entity").string(entity).key("key").string(key);
    json.key("reason").string(reason);
}

}  // namespace

bool UnitOfWork::is_suspended(const Row& row) const {
    const auto& suspended = engine_.parts_->suspended;
    return !suspended.empty() && suspended.count({program_.entities[row.entity].name, row.id}) > 0;
}

Error UnitOfWork::suspended_refusal(const Row& row) {
    const std::string& reason = engine_.parts_->suspended.at({program_.entities[row.entity].name, row.id});
    return refuse("record.suspended", program_.entities[row.entity].name,
                  language() == "zh" ? fmt::format("“{}”已挂起：{}", row.key(), reason)
                                     : fmt::format("'{}' is suspended: {}", row.key(), reason));
}

Result<Row*> UnitOfWork::administered(std::string_view entity, std::string_view key, std::string_view reason) {
    if (reason.find_first_not_of(" \t\r\n") == std::string_view::npos)
        return make_error(Status::usage, "admin.reason", "what an administrator does needs a reason: it is logged");
    LEAT_TRY(Row * row, target(entity, key));
    program::RoleId role = 0;
    bool may = actor_.system || (program_.find_role(kAdministrator, &role) && actor_.has(role));
    if (!may)
        return refuse("access.admin", std::string(entity),
                      language() == "zh" ? fmt::format("“{}”没有角色“{}”", actor_.key, kAdministrator)
                                         : fmt::format("'{}' does not have the role '{}'", actor_.key, kAdministrator));
    return row;
}

Result<Outcome> Session::suspend(std::string_view entity, std::string_view key, std::string_view reason) {
    Outcome outcome;
    LEAT_CHECK(command(outcome, true, [&](UnitOfWork& work, std::string& log) -> Result<Row*> {
        command_json(log, "suspend", entity, key, reason);
        log += '}';
        LEAT_TRY(Row * row, work.administered(entity, key, reason));
        if (work.is_suspended(*row)) return work.suspended_refusal(*row);
        LEAT_CHECK(timer::suspend(work.connection(), {work.program().entities[row->entity].name, row->id, work.now_us(),
                                                      actor_, std::string(reason)}));
        work.mark_effects();
        engine_->parts_->data_version = -1;  // who is suspended is read again
        return row;
    }));
    return outcome;
}

Result<Outcome> Session::resume(std::string_view entity, std::string_view key, std::string_view reason) {
    Outcome outcome;
    LEAT_CHECK(command(outcome, true, [&](UnitOfWork& work, std::string& log) -> Result<Row*> {
        command_json(log, "resume", entity, key, reason);
        log += '}';
        LEAT_TRY(Row * row, work.administered(entity, key, reason));
        if (!work.is_suspended(*row))
            return work.refuse("record.not_suspended", std::string(entity),
                               work.language() == "zh" ? fmt::format("“{}”未挂起", row->key())
                                                       : fmt::format("'{}' is not suspended", row->key()));
        LEAT_CHECK(timer::resume(work.connection(), work.program().entities[row->entity].name, row->id));
        work.mark_effects();
        engine_->parts_->data_version = -1;
        return row;
    }));
    return outcome;
}

// Everything active is left and the state entered; criteria and guards are not asked, which is what a jump is for.
Result<void> UnitOfWork::jump(Row& row, const Flow& definition, flow::StateId state) {
    flow::Configuration configuration;
    active_states(row, definition, configuration);
    if (configuration.empty())
        return refuse("flow.not_started", definition.name,
                      language() == "zh" ? fmt::format("流程“{}”尚未启动", definition.name)
                                         : fmt::format("flow '{}' has not started yet", definition.name));
    if (definition.data_field != program::kNone) {
        FlowMemory& kept = memory(row, definition);
        kept.ended = false;
        kept.dirty = true;
    }
    use(row, definition);
    const flow::History* history = definition.chart.has_history ? &memory(row, definition).history : nullptr;
    flow::Microstep step = flow::jump(definition.chart, configuration, state, history);
    jumping_ = failing_ = true;  // what is left by force was not completed
    auto applied = apply(row, definition, configuration, step);
    jumping_ = failing_ = false;
    LEAT_CHECK(std::move(applied));
    LEAT_CHECK(macrostep(row, definition));
    return run();
}

Result<Outcome> Session::jump(std::string_view entity, std::string_view key, std::string_view flow_name,
                              std::string_view state, std::string_view reason) {
    Outcome outcome;
    LEAT_CHECK(command(outcome, true, [&](UnitOfWork& work, std::string& log) -> Result<Row*> {
        command_json(log, "jump", entity, key, reason);
        std::string more;
        JsonWriter(more).begin_object().key("flow").string(flow_name).key("state").string(state).end_object();
        log += "," + more.substr(1);
        LEAT_TRY(Row * row, work.administered(entity, key, reason));
        if (work.is_suspended(*row)) return work.suspended_refusal(*row);
        const Flow* definition = work.program().find_flow(flow_name);
        std::vector<std::string> known;
        for (uint32_t number : work.program().entities[row->entity].flows)
            known.push_back(work.program().flows[number].name);
        if (!definition || definition->entity != row->entity)
            return make_error(Status::not_found, "flow.unknown",
                              fmt::format("{} has no flow '{}'{}", entity, flow_name, did_you_mean(flow_name, known)));
        definition = &work.program().flow_of(definition->id, row->fields);
        flow::StateId target = definition->chart.find(state);
        known.clear();
        for (const auto& one : definition->states) known.push_back(one.name);
        if (target == flow::kNone || target == 0)
            return make_error(
                Status::not_found, "state.unknown",
                fmt::format("flow '{}' has no state '{}'{}", flow_name, state, did_you_mean(state, known)));
        LEAT_CHECK(work.jump(*row, *definition, target));
        return row;
    }));
    return outcome;
}

}  // namespace leat::engine
