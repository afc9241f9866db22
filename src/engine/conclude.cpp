// The end of a command: the end state is checked once, rows are written, the log gets its one row, the commit.
#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "engine/configuration.hpp"
#include "engine/unit_of_work.hpp"

namespace leat::engine {

using record::Row;

Result<void> UnitOfWork::check_end_state() {
    // A field with a default is never left empty: null written to it means the default again.
    for (size_t i = 0; i < records_->touched().size(); ++i)
        if (Row* row = records_->touched()[i]; !row->deleted) LEAT_CHECK(records_->apply_defaults(*row));
    LEAT_CHECK(records_->settle());
    for (size_t i = 0; i < records_->touched().size(); ++i) LEAT_CHECK(check_states_of(*records_->touched()[i]));
    LEAT_CHECK(check_roles());
    LEAT_CHECK(check_files());
    LEAT_TRY(auto violations, records_->check(language(), actor_.scope()));
    if (violations.empty()) return {};
    std::vector<Refusal> refusals;
    for (auto& one : violations) {
        auto where = pointers(one.row, one.fields);
        refusals.push_back(
            {std::move(one.code), std::move(one.at), std::move(one.message), std::move(one.fields), std::move(where)});
    }
    return refuse_all(std::move(refusals));
}

// A role that the definitions do not have would give nobody anything, silently.
Result<void> UnitOfWork::check_roles() {
    const auto* field = program_.entities[program_.user].find("roles");
    for (Row* row : records_->touched()) {
        if (row->entity != program_.user || row->deleted || !field || !records_->changed(*row, field->id)) continue;
        if (row->fields[field->id].kind != Kind::list) continue;
        for (const Value& item : row->fields[field->id].as_list()) {
            if (item.kind != Kind::string || program_.find_role(item.as_string())) continue;
            std::vector<std::string> names;
            for (const auto& role : program_.roles) names.push_back(role.name);
            std::string near = base::nearest(item.as_string(), names);
            std::string message = language() == "zh" ? fmt::format("没有角色“{}”", item.as_string())
                                                     : fmt::format("there is no role '{}'", item.as_string());
            if (!near.empty())
                message += language() == "zh" ? fmt::format("；是否指“{}”？", near)
                                              : fmt::format("; did you mean '{}'?", near);
            return refuse("constraint", "user.roles", std::move(message), {"roles"}, row);
        }
    }
    return {};
}

// A line counts for the record that owns it, whose own columns may be what they were.
Result<void> UnitOfWork::check_states_of(Row& row) {
    LEAT_CHECK(check_states(row));
    const auto& entity = program_.entities[row.entity];
    if (entity.owner == program::kNone || program_.entities[entity.owner].flows.empty() || !records_->differs(row))
        return {};
    const Value& of = row.fields[entity.owner_field];
    if (of.kind != Kind::record) return {};
    LEAT_TRY(Row * owner, records_->get(entity.owner, of.record.id));
    if (owner && !owner->touched) LEAT_CHECK(check_states(*owner));
    return {};
}

// What the record's states ask of it: fields they require, and that nothing a pending approval was shown has changed.
Result<void> UnitOfWork::check_states(Row& row) {
    if (row.deleted) return {};
    const auto& entity = program_.entities[row.entity];
    for (uint32_t number : entity.flows) {
        const auto& definition = program_.flow_of(number, row.fields);
        if (!engine_.parts_->has_demands[definition.id]) continue;
        flow::Configuration now, before;
        std::vector<int64_t> entries, entries_before;
        engine::active_states(row, definition, now, &entries);
        if (row.original) {
            Row old = row;
            old.fields = const_cast<Value*>(row.original);  // only read
            engine::active_states(old, definition, before, &entries_before);
        }
        for (size_t i = 0; i < now.size(); ++i) {
            const auto& state = definition.states[now[i]];
            std::string at = definition.name + "." + state.name;
            std::vector<std::string> empty, locked;
            for (auto field : state.required_fields) {
                LEAT_TRY(bool filled, records_->filled(row, field));
                if (!filled) empty.push_back(entity.fields[field].name);
            }
            if (!empty.empty())
                return refuse("constraint", at + ".fields",
                              language() == "zh" ? fmt::format("此状态必须填写：{}", fmt::join(empty, "、"))
                                                 : fmt::format("this state requires: {}", fmt::join(empty, ", ")),
                              empty, &row);
            auto same = std::find(before.begin(), before.end(), now[i]);
            if (!state.approval || same == before.end() ||
                entries_before[static_cast<size_t>(same - before.begin())] != entries[i])
                continue;
            for (auto field : state.approval->shown)
                if (shown_changed(row, field)) locked.push_back(entity.fields[field].name);
            if (!locked.empty())
                return refuse("approval.pending", at,
                              language() == "zh" ? fmt::format("审批中，不能改变：{}", fmt::join(locked, "、"))
                                                 : fmt::format("an approval is pending; this would change: {}",
                                                               fmt::join(locked, ", ")),
                              locked, &row);
        }
    }
    return {};
}

// What an approval was shown: a column, or a list with its lines.
bool UnitOfWork::shown_changed(const Row& row, program::FieldId id) const {
    const auto& field = program_.entities[row.entity].fields[id];
    if (!field.owned) return records_->changed(row, id);
    auto is_of = [&](const Value* fields) {
        return fields && fields[field.by].kind == Kind::record && fields[field.by].record.id == row.id;
    };
    return std::any_of(records_->touched().begin(), records_->touched().end(), [&](const Row* line) {
        return line->entity == field.to && records_->differs(*line) && (is_of(line->fields) || is_of(line->original));
    });
}

// Nobody is asked any more about a record that is gone.
Result<void> UnitOfWork::cancel_tasks_of_deleted() {
    for (const Row* row : records_->touched()) {
        if (!row->deleted || row->created) continue;
        LEAT_TRY(auto tasks, task::of_record(connection_, program_.entities[row->entity].name, row->id));
        for (auto& one : tasks) {
            if (one.status != task::Status::open && one.status != task::Status::waiting) continue;
            one.status = task::Status::cancelled;
            one.decided_us = now_us_;
            LEAT_CHECK(task::update(connection_, one));
        }
    }
    return {};
}

Result<void> UnitOfWork::write_log(std::string_view command_json) {
    auto& parts = *engine_.parts_;
    const auto& touched = records_->touched();
    // One buffer for all changes; segments view into it once it has stopped growing.
    std::string& changes = parts.changes;
    changes.clear();
    std::vector<size_t> ends;
    for (const Row* row : touched) {
        records_->append_changes(*row, changes, erasing_);
        ends.push_back(changes.size());
    }
    journal::Entry entry;
    size_t begin = 0;
    for (size_t i = 0; i < touched.size(); ++i) {
        const Row* row = touched[i];
        journal::Segment segment;
        segment.entity = program_.entities[row->entity].name;
        segment.id = row->id;
        segment.key = row->key();
        // Not row->version: writing has stamped this command's sequence on it by now.
        if (const Value* before = row->original; before != nullptr && !before[program::kVersion].is_null())
            segment.previous = before[program::kVersion].as_number().to_int64().value_or(0);
        segment.operation = row->created ? "create" : row->deleted ? "delete" : "update";
        segment.changes = std::string_view(changes).substr(begin, ends[i] - begin);
        begin = ends[i];
        if (row->created && row->deleted) continue;
        entry.segments.push_back(segment);
        if (row->entity == program_.user) people_changed_ = true;
    }
    entry.segments.insert(entry.segments.end(), more_segments_.begin(), more_segments_.end());
    std::string cause, drawn;
    if (!causes_.empty()) {
        JsonWriter json(cause);
        json.begin_array();
        for (const auto& one : causes_) json.string(one);
        json.end_array();
    }
    if (!drawn_.empty()) drawn = fmt::format("[{}]", fmt::join(drawn_, ","));
    entry.time_us = now_us_;
    entry.actor = actor_.key;
    entry.roles = actor_.roles_json;
    entry.definition = definition_;
    std::string command;
    if (!actor_.by.empty() && !command_json.empty() && command_json.back() == '}') {
        command = command_json;
        command.pop_back();
        command += command == "{" ? "\"by\":" : ",\"by\":";
        JsonWriter(command).string(actor_.by);
        command += '}';
    }
    entry.command = command.empty() ? command_json : std::string_view{command};
    entry.drawn = drawn.empty() ? std::string_view{"null"} : std::string_view{drawn};
    entry.cause = cause.empty() ? std::string_view{"null"} : std::string_view{cause};
    Random& random = engine_.options_.random ? *engine_.options_.random : base::system_random();
    return parts.journal->append(parts.head, entry, random);
}

Result<void> UnitOfWork::outcome_json(Outcome& outcome, Row* target) {
    outcome.json.clear();
    JsonWriter json(outcome.json);
    auto scope = actor_.scope();
    json.begin_object().key("refused").boolean(false).key("sequence").number(outcome.sequence);
    if (target) {
        json.key("entity").string(outcome.entity).key("key").string(outcome.key).key("id").number(outcome.id);
        json.key("version").number(outcome.version).key("state").begin_object();
        // Whoever reads the record reads what his roles show; who may only send or add learns where it went.
        const bool reader = records_->may(*target, scope, &program::AccessRule::read);
        for (uint32_t number : program_.entities[target->entity].flows) {
            const auto& definition = program_.flows[number];
            const Value& state = target->fields[definition.state_field];
            if (reader &&
                records_->field_right(*target, definition.state_field, scope, false) == program::FieldRight::none)
                continue;
            json.key(definition.name);
            if (state.is_null())
                json.null();
            else
                json.string(state.as_string());
        }
        json.end_object();
    }
    json.key("changed").begin_array();
    for (Row* row : records_->touched()) {
        if ((row->created && row->deleted) || !records_->may(*row, scope, &program::AccessRule::read)) continue;
        const auto& entity = program_.entities[row->entity];
        json.begin_object().key("entity").string(entity.name).key("key").string(row->key());
        json.key("operation").string(row->created ? "create" : row->deleted ? "delete" : "update");
        json.key("changes").begin_object();
        for (const auto& field : entity.fields) {
            if (!field.stored || field.id < program::kFirstField || field.origin == program::Origin::entries ||
                field.origin == program::Origin::flow_data || !records_->changed(*row, field.id))
                continue;
            auto right = records_->field_right(*row, field.id, scope, false);
            if (right == program::FieldRight::none) continue;
            json.key(field.name).begin_array();
            for (const Value* fields : {row->original, static_cast<const Value*>(row->fields)}) {
                std::string text;
                if (right == program::FieldRight::mask)
                    text = "\"***\"";
                else if (fields)
                    append_payload(text, fields[field.id]);
                else
                    text = "null";
                json.raw(text);
            }
            json.end_array();
        }
        json.end_object();
        json.end_object();
    }
    json.end_array().key("tasks").begin_array();
    for (const auto& one : opened_tasks_) {
        json.begin_object().key("task").number(one.id).key("kind").string(one.kind == task::Kind::approval ? "approval"
                                                                                                           : "todo");
        // A to-do's title is written by the definition, which sees everything, for whom it is for.
        bool shown = one.kind == task::Kind::approval;
        if (!shown) {
            LEAT_TRY(shown, may_decide(one));
        }
        json.key("title")
            .string(shown ? one.title : "hidden")
            .key("user")
            .string(one.user)
            .key("role")
            .string(one.role);
        json.key("entity").string(one.entity);
        if (one.due_us) json.key("due").string(value::format_instant(one.due_us));
        json.end_object();
    }
    // What a message says, and what else a command set off, may be more than the actor may read.
    json.end_array().key("raised").begin_array();
    if (scope.sees_everything())
        for (const auto& cause : causes_) json.string(cause);
    for (const char* kind : {"calls", "notices"}) {
        json.end_array().key(kind).begin_array();
        for (const auto& item : sent_) {
            bool notice = item.topic == "notice" || item.topic.starts_with("notice.");
            if (notice != (*kind == 'n')) continue;
            json.begin_object().key("topic").string(item.topic);
            if (scope.sees_everything()) json.key("payload").raw(item.payload);
            json.end_object();
        }
    }
    json.end_array().key("refusals").begin_array().end_array().end_object();
    return {};
}

Result<void> UnitOfWork::conclude(Outcome& outcome, std::string_view command_json, Row* target, bool with_json) {
    auto& parts = *engine_.parts_;
    if (!quiet_) {
        LEAT_CHECK(settle_slas());
        LEAT_CHECK(check_end_state());
        LEAT_CHECK(arm_timers());
        LEAT_CHECK(cancel_tasks_of_deleted());
    }
    outcome.refused = false;
    outcome.refusals.clear();
    if (!records_->touched().empty() || effects_) {
        if (can_take_back()) {
            connection_.forgo_savepoint();
            by_hand_ = true;
        }
        LEAT_CHECK(write_sent());
        LEAT_CHECK(records_->write_all(sequence(), now_us_, actor_.key));
        LEAT_CHECK(write_log(command_json));
        outcome.sequence = logged_ = parts.head.sequence;
    }
    if (target) {
        outcome.entity = program_.entities[target->entity].name;
        outcome.key.assign(target->key());
        outcome.id = target->id;
        outcome.version = target->touched ? parts.head.sequence : target->version;
    }
    if (with_json) LEAT_CHECK(outcome_json(outcome, target));
    if (nested_) {
        if (!by_hand_ && !with_batch_) LEAT_CHECK(connection_.release(kCommandSavepoint));
        open_ = false;
    } else {
        auto committed = connection_.commit();
        if (!committed) return std::move(committed.error());
        open_ = false;
        parts.queue.unlock();
    }
    if (people_changed_) ++parts.people;
    return {};
}

}  // namespace leat::engine
