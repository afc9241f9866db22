// Approvals: opening their tasks, deciding them, and what follows. Votes are counted by the approval kernel.
#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "catalog/catalog.hpp"
#include "engine/configuration.hpp"
#include "engine/unit_of_work.hpp"

namespace leat::engine {

using flow::StateId;
using program::Flow;
using record::Row;

Result<std::vector<Row*>> UnitOfWork::holders(program::RoleId role) {
    std::vector<Row*> out;
    const auto& user = program_.entities[program_.user];
    const auto* active = user.find("active");
    LEAT_CHECK(records_->scan(program_.user, nullptr, locals_.data(), query::AccessScope::everything(), [&](Row& row) {
        if (active && row.fields[active->id].is_false()) return true;
        auto held = roles_of(program_, row);
        if (std::find(held.begin(), held.end(), role) != held.end()) out.push_back(&row);
        return true;
    }));
    return out;
}

// The nearest holder up the department tree, then up the line of managers.
Result<Row*> UnitOfWork::nearest(program::RoleId role, Row& person) {
    const auto& user = program_.entities[program_.user];
    const auto* department = user.find("department");
    const auto* manager = user.find("manager");
    LEAT_TRY(auto people, holders(role));
    auto holds = [&](int64_t id) -> Row* {
        for (Row* one : people)
            if (one->id == id) return one;
        return nullptr;
    };
    if (department && person.fields[department->id].kind == Kind::record) {
        Value at = person.fields[department->id];
        const auto& departments = program_.entities[department->to];
        const auto* head = departments.find("head");
        const auto* parent = departments.find("parent");
        for (int depth = 0; depth < 64 && at.kind == Kind::record; ++depth) {
            LEAT_TRY(Row * place, records_->row_of(at));
            if (!place) break;
            if (head && place->fields[head->id].kind == Kind::record)
                if (Row* found = holds(place->fields[head->id].record.id); found && found != &person) return found;
            for (Row* one : people)
                if (one != &person && one->fields[department->id].kind == Kind::record &&
                    one->fields[department->id].record.id == place->id)
                    return one;
            at = parent ? place->fields[parent->id] : Value();
        }
    }
    if (manager) {
        Value at = person.fields[manager->id];
        for (int depth = 0; depth < 64 && at.kind == Kind::record; ++depth) {
            if (Row* found = holds(at.record.id)) return found;
            LEAT_TRY(Row * above, records_->row_of(at));
            if (!above) break;
            at = above->fields[manager->id];
        }
    }
    return static_cast<Row*>(nullptr);
}

Result<std::string> UnitOfWork::digest_of(Row& row, const program::Approval& approval) {
    std::string shown;
    for (auto id : approval.shown) {
        const auto& field = program_.entities[row.entity].fields[id];
        shown += field.name;
        shown += '=';
        if (field.owned) {
            LEAT_TRY(auto lines, records_->list(row, id));
            for (const Row* line : lines) {
                shown += fmt::format("\n {}", line->id);
                for (const auto& part : program_.entities[line->entity].fields) {
                    if (part.origin != program::Origin::declared || !part.stored) continue;
                    shown += ' ';
                    append_payload(shown, line->fields[part.id]);
                }
            }
        } else {
            append_payload(shown, row.fields[id]);
        }
        shown += '\n';
    }
    return base::to_hex(base::sha256(shown));
}

UnitOfWork::Asker UnitOfWork::asker_of(const Row& row) const {
    return asked_row_ == &row ? asked_ : Asker{actor_.key, sequence()};
}

// Who asked is replaced by his manager among those who decide; without one he is left out.
Result<void> UnitOfWork::hand_to_manager(const std::string& asker, Deciders& members) {
    const auto* manager = program_.entities[program_.user].find("manager");
    for (auto& [user, role] : members) {
        if (user != asker) continue;
        user.clear();
        role.clear();
        LEAT_TRY(Row * me, records_->find(program_.user, asker));
        if (!me || !manager || me->fields[manager->id].kind != Kind::record) continue;
        LEAT_TRY(Row * above, records_->row_of(me->fields[manager->id]));
        if (above) user = above->key();
    }
    std::erase_if(members, [](const auto& one) { return one.first.empty() && one.second.empty(); });
    return {};
}

// Who decides: people by their keys, or (`anybody`) whoever holds a role.
Result<UnitOfWork::Deciders> UnitOfWork::deciders(Row& row, const program::Approval& approval,
                                                  const program::ApprovalBy& by, bool anybody, const std::string& at) {
    Deciders out;
    std::vector<program::RoleId> roles = by.roles;
    if (by.role) {
        LEAT_TRY(Value value, evaluate(*by.role, &row));
        if (value.is_null()) return null_refusal(value, at, by.role->source().text);
        program::RoleId id = 0;
        if (value.kind != Kind::string || !program_.find_role(value.as_string(), &id))
            return make_error(Status::program, "approval.role",
                              fmt::format("{}: '{}' is no role", at, value::to_text(value)));
        roles.push_back(id);
    }
    for (auto role : roles) {
        const std::string& name = program_.roles[role].name;
        if (by.near) {
            LEAT_TRY(Value near, evaluate(*by.near, &row));
            LEAT_TRY(Row * person, records_->row_of(near));
            if (!person) continue;
            LEAT_TRY(Row * found, nearest(role, *person));
            if (found) out.emplace_back(found->key(), name);
            continue;
        }
        LEAT_TRY(auto people, holders(role));
        if (anybody) {
            if (!people.empty()) out.emplace_back("", name);
        } else {
            for (Row* person : people) out.emplace_back(person->key(), name);
        }
    }
    if (by.users) {
        LEAT_TRY(Value users, evaluate(*by.users, &row));
        LEAT_TRY(auto people, rows_of(users, at));
        for (Row* person : people) out.emplace_back(person->key(), "");
    }
    if (by.manager_of) {
        LEAT_TRY(Value of, evaluate(*by.manager_of, &row));
        LEAT_TRY(auto people, rows_of(of, at));
        const auto* manager = program_.entities[program_.user].find("manager");
        for (Row* person : people) {
            if (person->fields[manager->id].kind != Kind::record) continue;
            LEAT_TRY(Row * above, records_->row_of(person->fields[manager->id]));
            if (above) out.emplace_back(above->key(), "");
        }
    }
    // The one who asks does not decide: his manager does, unless the definition says otherwise.
    const std::string asker = asker_of(row).key;
    if (approval.self == program::OnSelf::manager && asker != kSystem) LEAT_CHECK(hand_to_manager(asker, out));
    // Everybody votes once, whatever roles he holds.
    Deciders once;
    for (auto& one : out)
        if (std::none_of(once.begin(), once.end(), [&](const auto& other) {
                return other.first == one.first && (!one.first.empty() || other.second == one.second);
            }))
            once.push_back(std::move(one));
    return once;
}

// `self: skip`: who asks and is among those who decide has decided by asking.
Result<bool> UnitOfWork::decides_by_asking(const std::string& asker, const program::Approval& approval,
                                           const std::string& user, const std::string& role) {
    if (asker == kSystem || approval.self != program::OnSelf::skip) return false;
    if (!user.empty()) return user == asker;
    program::RoleId id = 0;
    LEAT_TRY(Row * me, records_->find(program_.user, asker));
    if (!me || !program_.find_role(role, &id)) return false;
    auto held = roles_of(program_, *me);
    return std::find(held.begin(), held.end(), id) != held.end();
}

Result<task::Task> UnitOfWork::approval_task(Row& row, const Flow& definition, StateId state, int64_t entry) {
    const auto& part = definition.states[state];
    const auto& entity = program_.entities[row.entity];
    task::Task todo;
    todo.kind = task::Kind::approval;
    todo.entity = entity.name;
    todo.record = row.id;
    todo.flow = definition.name;
    todo.state = part.name;
    todo.entry = entry;
    std::string_view title = part.title.in(language());
    std::string_view record_title = entity.title.in(language());
    todo.title = fmt::format("{} {}: {}", record_title.empty() ? std::string_view{entity.name} : record_title,
                             row.key(), title.empty() ? std::string_view{part.name} : title);
    LEAT_TRY(todo.digest, digest_of(row, *part.approval));
    todo.created_us = now_us_;
    todo.sequence = asker_of(row).sequence;
    return todo;
}

Result<void> UnitOfWork::open_approval(Row& row, const Flow& definition, StateId state, int64_t entry) {
    const auto& part = definition.states[state];
    const auto& approval = *part.approval;
    const bool anybody = approval.policy.mode == approval::Mode::any;
    LEAT_TRY(Deciders members, deciders(row, approval, approval, anybody, approval.at + ".by"));
    effects_ = true;
    if (members.empty()) {
        if (approval.empty != program::OnEmpty::incident)
            return finish_approval(row, definition, state, entry,
                                   approval.empty == program::OnEmpty::approve ? part.approved : part.rejected);
        return ask_later(row, approval, entry);
    }
    LEAT_TRY(task::Task todo, approval_task(row, definition, state, entry));
    if (approval.within.present) {
        LEAT_TRY(Value within, evaluate(approval.within, &row));
        LEAT_TRY(todo.due_us, add_duration(now_us_, within, approval.at + ".within"));
    }
    bool turn_taken = false;
    const std::string asker = asker_of(row).key;
    std::vector<approval::Member> votes;
    for (const auto& [user, role] : members) {
        LEAT_TRY(const bool asked, decides_by_asking(asker, approval, user, role));
        const bool waits = approval.policy.mode == approval::Mode::sequence && turn_taken;
        todo.id = 0;
        todo.user = user;
        todo.role = role;
        todo.status = asked ? task::Status::done : waits ? task::Status::waiting : task::Status::open;
        todo.outcome = asked ? "approve" : "";
        todo.decided_by = asked ? asker : "";
        todo.decided_us = asked ? now_us_ : 0;
        LEAT_TRY(todo.id, task::add(connection_, todo));
        if (!asked) opened_tasks_.push_back(todo);
        turn_taken = turn_taken || !asked;
        votes.push_back({asked ? approval::Vote::approved : approval::Vote::open, 1});
    }
    if (approval::tally(approval.policy, votes) == approval::Verdict::approved)
        return finish_approval(row, definition, state, entry, part.approved);
    return arm_approval(row, definition, state, entry, todo.due_us);
}

Result<std::string> UnitOfWork::asked_by(const task::Task& todo) {
    LEAT_TRY(auto rows, journal::read(connection_, todo.sequence, 1));
    return rows.empty() ? std::string() : rows.front().actor;
}

Result<void> UnitOfWork::cancel_tasks(Row& row, const Flow& definition, StateId state, int64_t entry) {
    LEAT_TRY(auto tasks, task::of_state(connection_, program_.entities[row.entity].name, row.id, definition.name,
                                        definition.states[state].name, entry));
    for (auto& one : tasks) {
        if (one.status != task::Status::open && one.status != task::Status::waiting) continue;
        one.status = task::Status::cancelled;
        one.decided_us = now_us_;
        LEAT_CHECK(task::update(connection_, one));
    }
    return {};
}

Result<void> UnitOfWork::finish_approval(Row& row, const Flow& definition, StateId state, int64_t entry,
                                         flow::EventId event) {
    LEAT_CHECK(cancel_tasks(row, definition, state, entry));
    queue({&row, definition.id, event, false, false, Value()});
    return {};
}

Result<bool> UnitOfWork::may_decide(const task::Task& todo) {
    if (actor_.system) return true;
    if (!todo.user.empty()) return todo.user == actor_.key;
    program::RoleId role = 0;
    return program_.find_role(todo.role, &role) && actor_.has(role);
}

Result<void> UnitOfWork::decide(task::Task& todo, std::string_view decision, std::string_view comment) {
    bool chinese = language() == "zh";
    if (todo.status != task::Status::open)
        return refuse(
            "task.closed", fmt::format("task {}", todo.id),
            chinese ? fmt::format("任务 {} 已处理完毕", todo.id) : fmt::format("task {} is no longer open", todo.id));
    const bool approving = decision == "approve";
    if (todo.kind == task::Kind::todo) {
        if (decision != "done")
            return make_error(Status::usage, "task.decision",
                              fmt::format("a to-do is completed with 'done', not '{}'", decision));
    } else if (!approving && decision != "reject") {
        return make_error(Status::usage, "task.decision",
                          fmt::format("an approval is decided with 'approve' or 'reject', not '{}'", decision));
    }
    todo.status = task::Status::done;
    todo.outcome = std::string(decision);
    todo.comment = std::string(comment);
    todo.decided_by = actor_.key;
    todo.decided_us = now_us_;
    effects_ = true;
    if (todo.kind == task::Kind::todo) return task::update(connection_, todo);

    const auto* definition = program_.find_flow(todo.flow);
    Row* row = nullptr;
    if (definition) {
        LEAT_TRY(row, records_->get(definition->entity, todo.record));
    }
    if (row) definition = &program_.flow_of(definition->id, row->fields);
    StateId state = definition ? definition->chart.find(todo.state) : flow::kNone;
    if (!definition || !row || state == flow::kNone || !definition->states[state].approval)
        return make_error(Status::conflict, "task.stale",
                          fmt::format("task {} belongs to '{}.{}', which the definitions no longer have", todo.id,
                                      todo.flow, todo.state));
    const auto& approval = *definition->states[state].approval;
    if (!approving && approval.comment_on_refusal && comment.empty())
        return refuse("approval.comment", approval.at, chinese ? "拒绝时必须填写意见" : "a refusal needs a comment");
    LEAT_TRY(auto opened, task::of_state(connection_, todo.entity, todo.record, todo.flow, todo.state, todo.entry));
    if (approval.forbid && !actor_.system) {
        LEAT_TRY(Value forbidden, evaluate(*approval.forbid, row));
        LEAT_TRY(auto people,
                 rows_of(forbidden.is_null() ? Value::list(nullptr, 0) : forbidden, approval.at + ".forbid"));
        for (Row* person : people)
            if (person->id == actor_.id)
                return refuse(
                    "approval.forbidden", approval.at,
                    chinese ? "按互斥规则，您不能审批此单" : "separation of duties: you may not decide this one");
    }
    LEAT_TRY(std::string asker, asked_by(todo));
    asked_row_ = row;
    asked_ = {asker, todo.sequence};
    if (!actor_.system && (approval.self == program::OnSelf::forbid || approval.self == program::OnSelf::manager)) {
        if (asker == actor_.key)
            return refuse("approval.self", approval.at,
                          chinese ? "送审人不能审批自己的单据" : "who asks for an approval does not decide it");
    }
    LEAT_TRY(std::string digest, digest_of(*row, approval));
    if (digest != todo.digest)
        return refuse("approval.changed", approval.at,
                      chinese ? "送审后数据已变化，请重新送审"
                              : "the record has changed since it was submitted; submit it again");
    LEAT_CHECK(task::update(connection_, todo));
    std::vector<approval::Member> members;
    bool went_up = false;  // then whoever it went up to decides alone
    for (const auto& one : opened) {
        went_up = went_up || one.outcome == kWentUp;
        const std::string& outcome = one.id == todo.id ? todo.outcome : one.outcome;
        members.push_back({outcome == "approve"  ? approval::Vote::approved
                           : outcome == "reject" ? approval::Vote::rejected
                                                 : approval::Vote::open,
                           1});
    }
    approval::Verdict verdict = went_up ? (approving ? approval::Verdict::approved : approval::Verdict::rejected)
                                        : approval::tally(approval.policy, members);
    if (verdict != approval::Verdict::open)
        return finish_approval(*row, *definition, state, todo.entry,
                               verdict == approval::Verdict::approved ? definition->states[state].approved
                                                                      : definition->states[state].rejected);
    if (auto next = approval::next(approval.policy, members); next && opened[*next].status == task::Status::waiting) {
        opened[*next].status = task::Status::open;
        LEAT_CHECK(task::update(connection_, opened[*next]));
    }
    return {};
}

// Fields that a pending approval of this record was shown or read.
Result<std::vector<program::FieldId>> UnitOfWork::locked_fields(Row& row) {
    std::vector<program::FieldId> out;
    for (uint32_t number : program_.entities[row.entity].flows) {
        const auto& definition = program_.flow_of(number, row.fields);
        flow::Configuration configuration;
        active_states(row, definition, configuration);
        for (StateId state : configuration)
            if (definition.states[state].approval)
                out.insert(out.end(), definition.states[state].approval->shown.begin(),
                           definition.states[state].approval->shown.end());
    }
    return out;
}

}  // namespace leat::engine
